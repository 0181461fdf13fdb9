"""A vector for each role as a whole: the mean of its chunks' vectors. Derived from the vector index, kept as a matrix on disk; nothing is embedded for it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from search.arrays import Numbers, mapped
from search.embedding import Vectors
from search.errors import IndexDamaged
from search.vectors import VectorSource

# Chunk vectors that are held in memory at a time while means are taken.
_CHUNKS_AT_ONCE = 20_000

# More roles than this are sampled where only a rough nearness is asked for: it keeps the look at all of them below a millisecond.
_SAMPLE = 5_000


class RoleVectors:
    """Unit vectors by role id, read from a folder that `write_role_vectors` filled."""

    def __init__(self, folder: Path) -> None:
        """Raises IndexDamaged when the folder holds no such vectors or they do not fit together."""
        try:
            self._digests: dict[str, str] = json.loads((folder / "roles.json").read_text(encoding="utf-8"))
            self._matrix: Vectors = mapped(folder / "vectors.npy")
        except (OSError, EOFError, ValueError) as error:
            raise IndexDamaged(f"the vectors of the roles in {folder} cannot be read: {error}; run `rolesearch rebuild`") from error
        if len(self._digests) != len(self._matrix):
            raise IndexDamaged(f"{folder} holds {len(self._matrix)} vectors for {len(self._digests)} roles; run `rolesearch rebuild`")
        self._rows = {role_id: row for row, role_id in enumerate(self._digests)}

    def ids(self) -> set[str]:
        """All role ids."""
        return set(self._rows)

    def ordered_ids(self) -> list[str]:
        """All role ids in the order of their rows, which is that of the ids where the vectors were written so."""
        return list(self._rows)

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """The vectors of these roles, shape (len(ids), width). Raises KeyError for an id that is not there."""
        return np.asarray(self._matrix[[self._rows[role_id] for role_id in ids]], dtype=np.float32)

    def cosines(self, rows: Numbers, vectors: Vectors) -> Vectors:
        """The cosine of each role, by its row, to each of the vectors, at least one, shape (len(rows), len(vectors)). In this thread, as `nearest`."""
        chosen = self._matrix[rows]
        return np.stack([np.vecdot(chosen, vector) for vector in vectors], axis=1)

    def nearest(self, vectors: Vectors) -> Vectors:
        """The cosine of each vector, shape (n, width), to the nearest role, shape (n,); of very many roles an even sample stands for all."""
        if not len(self._matrix):
            return np.full(len(vectors), -1.0, dtype=np.float32)
        # One by one, and in this thread: BLAS would wake up others for so little, which cost more than the product.
        return np.array([np.vecdot(self._sample, vector).max() for vector in vectors], dtype=np.float32)

    @cached_property
    def _sample(self) -> Vectors:
        """Rows that stand for all, side by side in memory."""
        return np.ascontiguousarray(self._matrix[:: max(1, -(-len(self._matrix) // _SAMPLE))])

    def unchanged(self, digests: Mapping[str, str]) -> list[str]:
        """Those of the roles that have a vector which was made from the same chunks."""
        return [role_id for role_id, digest in digests.items() if self._digests.get(role_id) == digest]


def write_role_vectors(
    folder: Path, chunks_of_roles: Mapping[str, Sequence[str]], vectors: VectorSource, width: int, earlier: RoleVectors | None = None
) -> None:
    """Fill `folder` with the vectors of these roles, each the mean of its chunks' vectors brought to unit length; those that `earlier` has are taken over.

    `chunks_of_roles` names each role's chunks, at least one; `width` is the number of components of a vector.
    """
    digests = {role_id: hashlib.sha256("\n".join(chunk_ids).encode()).hexdigest()[:16] for role_id, chunk_ids in chunks_of_roles.items()}
    known = earlier.unchanged(digests) if earlier is not None else []
    fresh = digests.keys() - set(known)
    rows = {role_id: row for row, role_id in enumerate(digests)}
    matrix = np.zeros((len(digests), width), dtype=np.float32)
    if earlier is not None and known:
        matrix[[rows[role_id] for role_id in known]] = earlier.vectors(known)
    for role_ids in _batches([role_id for role_id in digests if role_id in fresh], chunks_of_roles):
        chunk_ids = [chunk_id for role_id in role_ids for chunk_id in chunks_of_roles[role_id]]
        owners = np.repeat([rows[role_id] for role_id in role_ids], [len(chunks_of_roles[role_id]) for role_id in role_ids])
        np.add.at(matrix, owners, vectors.vectors(chunk_ids))
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    matrix /= np.where(lengths > 0, lengths, 1)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "vectors.npy", matrix, allow_pickle=False)
    (folder / "roles.json").write_text(json.dumps(digests, ensure_ascii=False), encoding="utf-8")


def _batches(role_ids: Sequence[str], chunks_of_roles: Mapping[str, Sequence[str]]) -> list[list[str]]:
    batches: list[list[str]] = []
    room = 0
    for role_id in role_ids:
        if room < len(chunks_of_roles[role_id]) or not batches:
            batches.append([])
            room = _CHUNKS_AT_ONCE
        batches[-1].append(role_id)
        room -= len(chunks_of_roles[role_id])
    return batches
