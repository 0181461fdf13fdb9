"""Where files are read and texts embedded: what an ingest asks of an engine, and the engine that does it in this program."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from ingest.chunking import chunk_role
from ingest.sandbox import SANDBOX
from ingest.worker import RefusedPart
from search.embedding import Embedder, Vectors, in_turn
from search.records import Chunk, Role


@dataclass(frozen=True, slots=True)
class FileToRead:
    """A file, and the name that its roles go by."""

    path: Path
    source: str


@dataclass(frozen=True, slots=True)
class ReadRole:
    """A role out of a file; `chunks` cuts it, or gives what it was cut into already."""

    role: Role
    chunks: Callable[[], Sequence[Chunk]]


class Engine(Protocol):
    """What an ingest needs of the place where its work is done. The one who asks writes the index; an engine sees nothing of it."""

    def read(self, files: Iterable[FileToRead | None]) -> Iterator[Iterator[ReadRole | RefusedPart]]:
        """The content of each file, part by part, in the order of the files; nothing for None. May take files ahead of those that it has answered.

        What is said of one file raises Refused where that cannot be read as a whole, OSError where it cannot be opened; it is asked to its end before the next.
        """

    def embed(self, blocks: Iterable[Sequence[str]]) -> Iterator[Vectors]:
        """Vectors of block after block of texts, in their order, as Embedder.encode_document gives them. May take blocks ahead."""


class LocalEngine:
    """One file after the other, in the sandbox of this program, and its own model."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def read(self, files: Iterable[FileToRead | None]) -> Iterator[Iterator[ReadRole | RefusedPart]]:
        return (self._parts(file) if file is not None else iter(()) for file in files)

    def embed(self, blocks: Iterable[Sequence[str]]) -> Iterator[Vectors]:
        return in_turn(self._embedder)(blocks)

    def _parts(self, file: FileToRead) -> Iterator[ReadRole | RefusedPart]:
        for found in SANDBOX.roles(file.path, file.source):
            yield ReadRole(found, partial(chunk_role, found, self._embedder)) if isinstance(found, Role) else found
