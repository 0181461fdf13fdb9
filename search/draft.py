"""The next generation as it would be, tried out away from the index, which stays as it is. Nothing is embedded."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from search.arrays import as_texts, without
from search.copies import ReaderFolder
from search.durable import storage_failures
from search.embedding import Embedder
from search.embedding_cache import EMBEDDINGS, count_unknown
from search.index import base_generation, check_files, generation_folder, ids_known_to, manifest_upon
from search.vector_stores import EMBEDDED, VectorStore

_BLOCK_CHUNKS = 1_000


class IndexDraft:
    """A copy of the published manifest to be changed as by an IndexWriter, in a folder that goes when the context ends.

    No lock is taken: it can be made while another process writes, and of an index that nobody may write to; it then stands upon what is published.
    """

    def __init__(self, folder: Path, embedder: Embedder, chunker_version: int, store: VectorStore = EMBEDDED) -> None:
        self.folder = folder
        self._store = store
        self.base: str | None = None
        self._embedder = embedder
        self._chunker_version = chunker_version

    def __enter__(self) -> Self:
        """Raises what IndexWriter raises, but for IndexBusy."""
        self._copy = ReaderFolder()
        try:
            with storage_failures(self.folder):
                self.base = base_generation(self.folder)
                if self.base is not None:
                    check_files(self.folder, self.base)
                copy = self._copy.path / "draft" / "manifest.sqlite3"
                self.manifest = manifest_upon(self.folder, self.base, copy, self._embedder, self._chunker_version, store=self._store)
        except BaseException:
            self._copy.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.manifest.close()
        self._copy.close()

    @property
    def changed(self) -> bool:
        """Whether there would be anything to publish."""
        return self.base is None or self.manifest.changes > 0

    def count_to_embed(self) -> int:
        """How many texts the model would be run on: those of new chunks that it never saw in this index."""
        with storage_failures(self.folder):
            return count_unknown(self.folder / EMBEDDINGS, self._embedder.fingerprint, self._texts(self._new_chunks()))

    def _new_chunks(self) -> list[str]:
        if self.base is None:
            return self.manifest.chunk_ids()
        new = without(self.manifest.sorted_chunk_ids(), ids_known_to(generation_folder(self.folder, self.base)))
        return self.manifest.chunk_ids(as_texts(new))

    def _texts(self, chunk_ids: Sequence[str]) -> Iterator[list[str]]:
        for start in range(0, len(chunk_ids), _BLOCK_CHUNKS):
            yield [chunk.embedded_text for chunk in self.manifest.chunks(chunk_ids[start : start + _BLOCK_CHUNKS]).values()]
