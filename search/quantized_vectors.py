"""The rows of a matrix that are worth comparing exactly, by their quantized vectors. The only module that imports faiss.

Of each four components the nearest of 16 points is kept, half a byte: an eighth of a byte a component where the matrix has four. All of them are looked at, in
the order of the matrix, with the processor's own tables: product quantization is H. Jégou, M. Douze, C. Schmid, "Product quantization for nearest neighbor
search", IEEE TPAMI 33, 2011; its tables in registers F. André, A.-M. Kermarrec, N. Le Scouarnec, "Cache locality is not enough", VLDB 2015.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from search.arrays import Mask, Numbers, mapped
from search.embedding import Vectors

_COMPONENTS_A_CODE, _BITS_A_CODE = 4, 4
# Rows that the points are chosen by, and how often they are moved: more of either finds hardly more. Measured: docs/performance.md, "Search".
_TRAINED_BY, _ROUNDS = 4_096, 5
_READ_AT_ONCE = 10_000


class QuantizedVectors:
    """All rows of a matrix, quantized. Safe to be asked from several threads."""

    def __init__(self, index: Any) -> None:
        """`index` is faiss's."""
        self._index = index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @classmethod
    def read(cls, path: Path) -> "QuantizedVectors":
        """What `write` wrote. Raises ValueError when the file holds something else, OSError when it cannot be read."""
        import faiss

        try:
            return cls(faiss.deserialize_index(np.frombuffer(path.read_bytes(), dtype=np.uint8)))
        except RuntimeError as error:
            raise ValueError("it is no index of faiss's") from error

    @classmethod
    def of(cls, path: Path) -> "QuantizedVectors":
        """The rows of the matrix in a .npy file, float32, at least one; few of them are in memory at a time."""
        import faiss

        length, width = shape = mapped(path).shape
        step = max(1, length // _TRAINED_BY)
        # Copies: a view would keep its whole block in memory.
        sample = np.concatenate([block[::step].copy() for block in _blocks(path, shape)])
        codes = width // _COMPONENTS_A_CODE if width % _COMPONENTS_A_CODE == 0 else width
        # One list of all rows: unlike an index without lists, it can pass over rows.
        whole = faiss.IndexFlatIP(width)
        whole.add(np.zeros((1, width), dtype=np.float32))
        index = faiss.IndexIVFPQFastScan(whole, width, 1, codes, _BITS_A_CODE, faiss.METRIC_INNER_PRODUCT)
        index.by_residual = False
        index.pq.cp.niter, index.pq.cp.min_points_per_centroid = _ROUNDS, 1
        # Of fewer rows than points some stand for several.
        index.train(np.resize(sample, (max(len(sample), 2**_BITS_A_CODE), width)))
        for block in _blocks(path, shape):
            index.add(block)
        return cls(index)

    def write(self, path: Path) -> None:
        """Write all of it into a file."""
        import faiss

        path.write_bytes(faiss.serialize_index(self._index).data)

    def nearest(self, vector: Vectors, count: int, among: Mask | None = None) -> Numbers:
        """About the `count` rows whose inner product with `vector`, shape (width,), is largest, ascending; only rows that `among` marks, when given."""
        import faiss

        asked = None if among is None else faiss.SearchParametersIVF(sel=faiss.IDSelectorBitmap(np.packbits(among, bitorder="little")))
        rows = self._index.search(vector[np.newaxis, :], count, params=asked)[1][0]
        return np.sort(rows[rows >= 0])


def _blocks(path: Path, shape: tuple[int, int]) -> Iterator[Vectors]:
    """The rows of the matrix of this shape, some at a time. Read, not mapped: pages of a file that is mapped count as memory of the process."""
    length, width = shape
    with path.open("rb") as file:
        file.seek(-length * width * np.dtype(np.float32).itemsize, os.SEEK_END)
        while len(components := np.fromfile(file, dtype=np.float32, count=_READ_AT_ONCE * width)):
            yield components.reshape(-1, width)
