"""Byte streams with bounds: how much a reader may take in, and damaged archives turned into refusals."""

import io
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO

from search.errors import Refused

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MB = 1024 * 1024
# Bounds against files that are no role descriptions and against archives made to swell. The largest real file seen was 8 MB.
MAX_FILE_BYTES = 200 * MB
MAX_MEMBER_BYTES = 100 * MB
MAX_ZIP_MEMBERS = 10_000
MAX_ZIP_BYTES = 500 * MB
MAX_GZIP_BYTES = 1024 * MB

# What gzip and zipfile raise in the middle of a damaged, cut, encrypted or strangely packed file.
_DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError)


class BoundedStream(io.RawIOBase):
    """A readable, seekable view of `stream` that raises Refused beyond `limit` bytes and where the data is damaged."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        super().__init__()
        self._stream = stream
        self._limit = limit
        self._position = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always: gzip and zip streams begin anew where they must."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill `buffer` from the stream."""
        view = memoryview(buffer)
        try:
            data = self._stream.read(len(view))
        except _DAMAGE as error:
            raise Refused(f"damaged: {error or type(error).__name__}; make or fetch the file again") from error
        self._position += len(data)
        if self._position > self._limit:
            raise Refused(f"too large: more than {self._limit // MB} MB once unpacked; split it")
        view[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move within the stream."""
        try:
            self._position = self._stream.seek(offset, whence)
        except _DAMAGE as error:
            raise Refused(f"damaged: {error or type(error).__name__}; make or fetch the file again") from error
        return self._position

    def tell(self) -> int:
        """The place of the next byte."""
        return self._position


def bounded(stream: BinaryIO, limit: int) -> BinaryIO:
    """`stream`, buffered, with a bound."""
    return io.BufferedReader(BoundedStream(stream, limit), 256 * 1024)


def read_all(stream: BinaryIO) -> bytes:
    """Everything in the stream; Refused where that is nothing, or more than a file that is read as a whole may have."""
    data = stream.read(MAX_MEMBER_BYTES + 1)
    if len(data) > MAX_MEMBER_BYTES:
        raise Refused(f"too large: more than {MAX_MEMBER_BYTES // MB} MB; split it")
    if not data:
        raise Refused("empty: 0 bytes")
    return data
