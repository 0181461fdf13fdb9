"""Files and archives to their parts: opens a file, unpacks what is packed, and hands each stream to the reader of its format."""

import gzip
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from ingest.documents import Document, ReaderRefusal
from ingest.readers.formats import GZIP, READERS, UNREAD_DOCUMENTS, ZIP, FileKind, inner_suffix, kind_of
from ingest.readers.streams import (
    MAX_FILE_BYTES,
    MAX_GZIP_BYTES,
    MAX_MEMBER_BYTES,
    MAX_ZIP_BYTES,
    MAX_ZIP_MEMBERS,
    MB,
    bounded,
)
from search.errors import Refused

_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Part:
    """One document or refusal of a file. `member` is the path inside the archive, "" for a file that is none."""

    member: str
    content: Document | ReaderRefusal


def read(path: Path) -> Iterator[Part]:
    """What a file holds, part by part. Raises Refused where the file as a whole cannot be read, and OSError where it cannot be opened."""
    with path.open("rb") as stream:
        yield from read_stream(stream, path.name)


def read_stream(stream: BinaryIO, name: str) -> Iterator[Part]:
    """What an open file of this name holds, part by part. Raises Refused where the file as a whole cannot be read."""
    size = os.fstat(stream.fileno()).st_size
    if size > MAX_FILE_BYTES:
        raise Refused(f"too large: {size // MB} MB, at most {MAX_FILE_BYTES // MB} MB; split it")
    if PurePosixPath(name).suffix.lower() == ZIP:
        yield from _members(stream)
    else:
        for content in _contents(stream, name, MAX_FILE_BYTES):
            yield Part("", content)


def _contents(stream: BinaryIO, name: str, limit: int) -> Iterator[Document | ReaderRefusal]:
    """What a stream holds by its name; `limit` bounds what it may give."""
    suffix = inner_suffix(name)
    if suffix in UNREAD_DOCUMENTS:
        raise Refused(f"{suffix} files are not read: {UNREAD_DOCUMENTS[suffix]} and ingest that")
    reader = READERS.get(suffix)
    if reader is None:
        raise Refused(f"{suffix or 'no suffix'}: not a format of role descriptions; those are {' '.join(READERS)}")
    if PurePosixPath(name).suffix.lower() == GZIP:
        stream, limit = cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="rb")), MAX_GZIP_BYTES
    yield from reader(bounded(stream, limit), PurePosixPath(name).name)


def _members(stream: BinaryIO) -> Iterator[Part]:
    """The parts of an archive in the order of their names. What cannot be read is refused for itself; files of other kinds are passed over."""
    if not stream.read(1):
        raise Refused("empty: 0 bytes")
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise Refused(f"not a ZIP archive that can be read: {error}; make or fetch the file again") from error
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        size = sum(member.file_size for member in members)
        if len(members) > MAX_ZIP_MEMBERS or size > MAX_ZIP_BYTES:
            limits = f"at most {MAX_ZIP_MEMBERS:,} and {MAX_ZIP_BYTES // MB} MB"
            raise Refused(f"too large: {len(members):,} files, {size // MB} MB once unpacked, {limits}; split it")
        seen: set[str] = set()
        for member in sorted(members, key=lambda member: member.filename):
            path = PurePosixPath(member.filename.replace("\\", "/"))
            if not _is_passed_over(path):
                yield from _member(archive, member, path, seen)


def _is_passed_over(path: PurePosixPath) -> bool:
    hidden = any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in path.parts)
    return hidden or (kind_of(path) is FileKind.OTHER)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: PurePosixPath, seen: set[str]) -> Iterator[Part]:
    name = str(path)
    try:
        _check(member, path, seen)
        with archive.open(member) as stream:
            for content in _contents(cast(BinaryIO, stream), name, MAX_MEMBER_BYTES):
                yield Part(name, content)
    except Refused as refusal:
        yield Part(name, ReaderRefusal("", str(refusal)))
    # Opening a member reads its own header, which may be damaged, or packed in a way that Python cannot unpack.
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        yield Part(name, ReaderRefusal("", f"damaged: {error}; make or fetch the archive again"))


def _check(member: zipfile.ZipInfo, path: PurePosixPath, seen: set[str]) -> None:
    if path.is_absolute() or ".." in path.parts or path.parts[0].endswith(":"):
        raise Refused("its path leads out of the archive")
    if str(path) in seen:
        raise Refused("a second member with this name: rename one of the two")
    seen.add(str(path))
    if path.suffix.lower() == ZIP:
        raise Refused("an archive within an archive: unpack it and ingest the folder")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Refused("a symbolic link: put the file itself into the archive")
    if member.flag_bits & _ENCRYPTED:
        raise Refused("encrypted: unpack the archive with its password and ingest the folder")
    if member.file_size > MAX_MEMBER_BYTES:
        raise Refused(f"too large: {member.file_size // MB} MB once unpacked, at most {MAX_MEMBER_BYTES // MB} MB")
