import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import ExactVectors
from search.embedding import Vectors
from search.errors import IndexDamaged
from search.role_vectors import RoleVectors, write_role_vectors

EAST, NORTH = np.eye(2, dtype=np.float32)


class CountedVectors(ExactVectors):
    """Remembers which vectors were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def vectors(self, ids: Sequence[str]) -> Vectors:
        self.asked.extend(ids)
        return super().vectors(ids)


def holding(**vectors: Vectors) -> CountedVectors:
    made = CountedVectors()
    made.put(list(vectors), np.stack(list(vectors.values())))
    return made


def test_a_role_has_the_mean_of_its_chunks_brought_to_unit_length(tmp_path: Path) -> None:
    write_role_vectors(tmp_path, {"a": ["one", "two"], "b": ["three"]}, holding(one=EAST, two=NORTH, three=EAST), 2)
    made = RoleVectors(tmp_path)
    assert made.ids() == {"a", "b"}
    assert made.vectors(["b", "a"]).tolist() == [[1.0, 0.0], pytest.approx([0.5**0.5, 0.5**0.5])]


def test_only_roles_whose_chunks_changed_are_made_anew(tmp_path: Path) -> None:
    write_role_vectors(tmp_path / "1", {"a": ["one"], "b": ["two"], "gone": ["two"]}, holding(one=EAST, two=NORTH), 2)
    vectors = holding(one=EAST, two=NORTH, three=EAST)
    write_role_vectors(tmp_path / "2", {"a": ["one"], "b": ["two", "three"], "new": ["three"]}, vectors, 2, RoleVectors(tmp_path / "1"))
    assert sorted(vectors.asked) == ["three", "three", "two"]
    assert RoleVectors(tmp_path / "2").ids() == {"a", "b", "new"}
    assert RoleVectors(tmp_path / "2").vectors(["a", "b", "new"]).tolist() == [[1.0, 0.0], pytest.approx([0.5**0.5, 0.5**0.5]), [1.0, 0.0]]


@given(st.dictionaries(st.text(min_size=1), st.integers(1, 4), max_size=5), st.dictionaries(st.text(min_size=1), st.integers(1, 4), max_size=5))
def test_taking_over_what_is_known_gives_what_a_new_start_gives(before: dict[str, int], after: dict[str, int]) -> None:
    vectors = ExactVectors()
    names = [f"chunk {number}" for number in range(8)]
    vectors.put(names, np.random.default_rng(1).normal(size=(8, 3)).astype(np.float32))

    def chunks_of(counts: dict[str, int]) -> dict[str, list[str]]:
        return {role_id: names[len(role_id) % 4 :][:count] for role_id, count in counts.items()}

    with tempfile.TemporaryDirectory() as folder:
        write_role_vectors(Path(folder) / "before", chunks_of(before), vectors, 3)
        write_role_vectors(Path(folder) / "changed", chunks_of(after), vectors, 3, RoleVectors(Path(folder) / "before"))
        write_role_vectors(Path(folder) / "anew", chunks_of(after), vectors, 3)
        assert RoleVectors(Path(folder) / "changed").ids() == set(after)
        changed, anew = (RoleVectors(Path(folder) / name).vectors(list(after)) for name in ("changed", "anew"))
        assert np.allclose(changed, anew)


@pytest.mark.parametrize("broken", ["roles.json", "vectors.npy"])
@pytest.mark.parametrize("content", [None, b"", b"not this"])
def test_vectors_that_cannot_be_read_are_named_with_their_cure(tmp_path: Path, broken: str, content: bytes | None) -> None:
    write_role_vectors(tmp_path, {"a": ["one"]}, holding(one=EAST), 2)
    (tmp_path / broken).unlink()
    if content is not None:
        (tmp_path / broken).write_bytes(content)
    with pytest.raises(IndexDamaged, match="rolesearch rebuild"):
        RoleVectors(tmp_path)


def test_vectors_for_other_roles_than_are_named_are_refused(tmp_path: Path) -> None:
    write_role_vectors(tmp_path, {"a": ["one"]}, holding(one=EAST), 2)
    (tmp_path / "roles.json").write_text('{"a": "1", "b": "2"}')
    with pytest.raises(IndexDamaged, match="1 vectors for 2 roles"):
        RoleVectors(tmp_path)
