"""The vectors of all chunks as a matrix beside Chroma, and the chunks nearest to a vector, whatever a filter leaves. Derived: nothing is embedded for it.

A small matrix is looked at whole. Of a large one those rows are compared exactly that are nearest by their quantized vectors, which take a 32nd of the memory.
"""

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from search.arrays import Ids, Mask, Numbers, as_ids, as_texts, mapped, places_among
from search.embedding import Vectors
from search.errors import IndexDamaged
from search.processors import threads
from search.quantized_vectors import QuantizedVectors
from search.vectors import VectorSource

# Up to so many rows are compared exactly, all of them. Measured: docs/performance.md, "Search".
EXACT_AT_MOST = 8_000
# By their quantized vectors so many rows are chosen to be compared exactly, for each that is wanted at least, and times the root of the rows that there are.
CHOSEN_A_RESULT, CHOSEN_A_ROOT = 10, 10
# Rows that are gathered and compared in one go.
_ROWS_AT_ONCE = 2_048
# From so many blocks on they are shared among threads: fewer are done sooner than a thread is woken.
_BLOCKS_SHARED = 3
# Rows that are held in memory at a time while the matrix is written.
_WRITTEN_AT_ONCE = 4_000
_QUANTIZED = "quantized.faiss"


class EarlierVectors(Protocol):
    """Vectors of which some may be taken over."""

    def rows_of(self, ids: Ids, by_id: Numbers) -> Numbers:
        """For each of these chunks the row that it has; -1 where it is not there. `by_id` are the places of these chunks in the order of their ids."""

    def at(self, rows: Numbers) -> Vectors:
        """The vectors in these rows, shape (len(rows), width)."""


class ChunkVectors:
    """Unit vectors by chunk id, read from a folder that `write_chunk_vectors` filled. A chunk's row is its place by role id and place in the role."""

    def __init__(self, folder: Path) -> None:
        """Raises IndexDamaged when the folder holds no such vectors or they do not fit together."""
        try:
            loaded = (mapped(folder / f"{name}.npy") for name in ("vectors", "ids", "by_id", "owners"))
            self._matrix, self._ids, self._by_id, self._owners = loaded
        except (OSError, EOFError, ValueError) as error:
            raise IndexDamaged(f"the vectors of the chunks in {folder} cannot be read: {error}; run `rolesearch rebuild`") from error
        self._folder = folder
        self._read: QuantizedVectors | None = None
        self._reading = threading.Lock()
        lengths = {len(self._matrix), len(self._ids), len(self._by_id), len(self._owners)}
        if len(lengths) > 1:
            raise IndexDamaged(f"the vectors of the chunks in {folder} do not fit together; run `rolesearch rebuild`")

    def __len__(self) -> int:
        return len(self._matrix)

    @property
    def owners(self) -> Numbers:
        """For each chunk's row the row of its role, by the order of the roles' ids; ascending."""
        return self._owners

    @property
    def by_id(self) -> Numbers:
        """The rows of all chunks in the order of their ids."""
        return self._by_id

    def ids(self) -> Ids:
        """All chunk ids, ascending."""
        return np.asarray(self._ids[self._by_id])

    def ids_at(self, rows: Numbers | slice) -> list[str]:
        """The ids of the chunks in these rows."""
        return as_texts(self._ids[rows])

    def rows(self, ids: Sequence[str]) -> Numbers:
        """The rows of these chunks. Raises KeyError for an id that is not there."""
        rows, known = places_among(as_ids(ids), self._ids, self._by_id)
        if not known.all():
            raise KeyError(ids[int(np.argmin(known))])
        return rows

    def rows_of(self, ids: Ids, by_id: Numbers) -> Numbers:
        """For each of these chunks the row that it has; -1 where it is not there. `by_id` are the places of these chunks in the order of their ids."""
        rows = np.full(len(ids), -1, dtype=np.intp)
        # One after the other by id: found in any order they take ten times as long.
        found, known = places_among(ids[by_id], self._ids, self._by_id)
        rows[by_id[known]] = found[known]
        return rows

    def at(self, rows: Numbers) -> Vectors:
        """The vectors in these rows, shape (len(rows), width)."""
        return self._matrix[rows]

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """The vectors of these chunks in their order, shape (len(ids), width). Raises KeyError for an unknown id."""
        return self._matrix[self.rows(ids)]

    def cosines(self, rows: Numbers, vectors: Vectors) -> Vectors:
        """The cosine of each chunk, by its row, to each of the vectors, shape (len(rows), len(vectors))."""
        cosines = np.empty((len(rows), len(vectors)), dtype=np.float32)

        def compare(block: slice) -> None:
            # Quicker than by brackets. Measured: docs/performance.md, "Search".
            chosen = self._matrix.take(rows[block], axis=0, mode="clip")
            for place, vector in enumerate(vectors):
                cosines[block, place] = _cosines(chosen, vector)

        _in_blocks(compare, len(rows), _ROWS_AT_ONCE)
        return cosines

    def nearest(self, vector: Vectors, k: int, among: Mask | None = None) -> list[tuple[str, float]]:
        """Up to `k` pairs (id, cosine), most similar first, ties by id; only chunks whose row `among` marks, when given. `vector` has shape (width,)."""
        rows, cosines = self.nearest_rows(vector, k, among)
        return list(zip(self.ids_at(rows), cosines.tolist(), strict=True))

    def nearest_rows(self, vector: Vectors, k: int, among: Mask | None = None) -> tuple[Numbers, Vectors]:
        """The rows of the chunks that `nearest` names, in its order, and their cosines. Raises IndexDamaged when the quantized vectors cannot be read."""
        rows: Numbers
        left = len(self) if among is None else int(np.count_nonzero(among))
        if k < 1 or not left:
            return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float32)
        if len(self) <= EXACT_AT_MOST:
            rows, cosines = np.arange(len(self)), _cosines(self._matrix, vector)
            if among is not None:
                rows, cosines = rows[among], cosines[among]
        else:
            rows = self._candidates(vector, max(CHOSEN_A_RESULT * k, round(CHOSEN_A_ROOT * math.sqrt(len(self)))), among, left)
            cosines = self.cosines(rows, vector[np.newaxis, :])[:, 0]
        if k < len(rows):
            best = np.flatnonzero(cosines >= np.partition(cosines, -k)[-k])
            rows, cosines = rows[best], cosines[best]
        order = np.lexsort((self._ids[rows], -cosines))[:k]
        return rows[order], cosines[order]

    def prepare(self) -> None:
        """Begin to read what a search of a large matrix needs, beside what the caller does; what fails there fails again for whoever searches."""
        if len(self) > EXACT_AT_MOST:
            threads("quantized vectors").submit(self._quantized)

    def close(self) -> None:
        """Nothing: files that are mapped go with the object."""

    def _candidates(self, vector: Vectors, count: int, among: Mask | None, left: int) -> Numbers:
        """The rows, about `count` of the `left` that there are, that are nearest by their quantized vectors."""
        if left <= count:
            return np.arange(len(self)) if among is None else np.flatnonzero(among)
        return self._quantized().nearest(vector, count, among)

    def _quantized(self) -> QuantizedVectors:
        """Read when they are first needed, once."""
        with self._reading:
            if self._read is None:
                self._read = self._read_quantized()
            return self._read

    def _read_quantized(self) -> QuantizedVectors:
        """Those beside the matrix; an index of before has none, and they are made."""
        path = self._folder / _QUANTIZED
        try:
            quantized = QuantizedVectors.read(path) if path.exists() else QuantizedVectors.of(self._folder / "vectors.npy")
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"the quantized vectors in {path} cannot be read: {error}; run `rolesearch rebuild`") from error
        if len(quantized) != len(self):
            raise IndexDamaged(f"the vectors of the chunks in {self._folder} do not fit together; run `rolesearch rebuild`")
        return quantized


def write_chunk_vectors(
    folder: Path, chunks_of_roles: Mapping[str, Sequence[str]], vectors: VectorSource, width: int, earlier: EarlierVectors | None = None
) -> None:
    """Fill `folder` with the vectors of all chunks; those that `earlier` has, which must lie in another folder, are taken from there.

    `chunks_of_roles` names each role's chunks in their order, roles in the order of their ids; `width` is the number of components of a vector. What is left
    is to `quantize` them.
    """
    ids = [chunk_id for chunk_ids in chunks_of_roles.values() for chunk_id in chunk_ids]
    encoded = as_ids(ids)
    by_id = np.argsort(encoded, kind="stable")
    rows = earlier.rows_of(encoded, by_id) if earlier is not None else np.full(len(ids), -1, dtype=np.intp)
    folder.mkdir(parents=True, exist_ok=True)
    # Written, not mapped: pages of a file that is mapped count as memory of the process until all is done.
    with (folder / "vectors.npy").open("wb") as file:
        header = {"descr": np.lib.format.dtype_to_descr(np.dtype(np.float32)), "fortran_order": False, "shape": (len(ids), width)}
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, len(ids), _WRITTEN_AT_ONCE):
            block = slice(start, start + _WRITTEN_AT_ONCE)
            file.write(_taken_over(ids[block], rows[block], vectors, width, earlier).data)
    owners = np.repeat(np.arange(len(chunks_of_roles), dtype=np.int32), [len(chunk_ids) for chunk_ids in chunks_of_roles.values()])
    for name, array in (("ids", encoded), ("by_id", by_id), ("owners", owners)):
        np.save(folder / f"{name}.npy", array, allow_pickle=False)


def quantize(folder: Path) -> None:
    """Write the quantized vectors of the matrix in `folder` beside it, where it is large."""
    path = folder / "vectors.npy"
    if len(mapped(path)) > EXACT_AT_MOST:
        QuantizedVectors.of(path).write(folder / _QUANTIZED)


def _taken_over(ids: Sequence[str], rows: Numbers, vectors: VectorSource, width: int, earlier: EarlierVectors | None) -> Vectors:
    """The vectors of these chunks: from `earlier`, where they are in these rows; where the row is -1, from `vectors`."""
    known = rows >= 0
    if earlier is not None and known.all():
        return earlier.at(rows)
    found = np.empty((len(ids), width), dtype=np.float32)
    # An index that was empty knows no width.
    if earlier is not None and known.any():
        found[known] = earlier.at(rows[known])
    found[~known] = vectors.vectors([chunk_id for chunk_id, is_known in zip(ids, known.tolist(), strict=True) if not is_known])
    return found


def _cosines(matrix: Vectors, vector: Vectors) -> Vectors:
    """Row by row, so that equal vectors have equal cosines wherever they stand; and in this thread, where BLAS would wake up others for so little."""
    return np.asarray(np.vecdot(matrix, vector))


def _in_blocks(work: Callable[[slice], None], length: int, size: int) -> None:
    """Do the work for blocks of so many places; where there are many, in several threads, which NumPy lets work side by side."""
    blocks = [slice(start, min(start + size, length)) for start in range(0, length, size)]
    if len(blocks) < _BLOCKS_SHARED:
        for block in blocks:
            work(block)
    else:
        list(threads("parts of a search").map(work, blocks))
