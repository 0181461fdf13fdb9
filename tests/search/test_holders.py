"""Which roles hold a value: the files beside the manifest say what the manifest says."""

import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import fill, make_role
from fakes import PlainLexical, WordEmbedder, no_chunks
from search.errors import IndexDamaged
from search.holders import ALL, WISHES, read_holders, write_holders
from search.index import write_values
from search.manifest import Manifest
from search.rows import RoleRows

KEYS = ("level", "place")
VALUES = ("senior", "Senior", "Zürich", "Zu\0rich", "", "true")
ROLES = st.lists(st.dictionaries(st.sampled_from((*KEYS, "other")), st.lists(st.sampled_from(VALUES), max_size=3).map(tuple)), max_size=6)


@given(ROLES)
def test_a_wish_finds_the_roles_that_the_manifest_names(held: list[dict[str, tuple[str, ...]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        manifest = Manifest.create(Path(folder) / "manifest.sqlite3")
        fill(manifest, [make_role(f"{number}.md", "Baker", "Bread.", **attributes) for number, attributes in enumerate(held)], WordEmbedder())
        write_holders(Path(folder), manifest.holders(), KEYS)
        holders = read_holders(Path(folder), WISHES)
        assert holders is not None
        quick, slow = (RoleRows(manifest, PlainLexical(), manifest.role_ids(), no_chunks, source) for source in (holders, None))
        for key in KEYS:
            for values in (*((value,) for value in VALUES), VALUES[:2], ("unheard of",)):
                meant = sorted(f"{number}.md" for number, attributes in enumerate(held) if set(values) & set(attributes.get(key, ())))
                assert [rows.ids(rows.having(key, values)) for rows in (quick, slow)] == [meant, meant]
        assert not quick.having("other", VALUES).any()
        manifest.close()


@given(ROLES, st.data())
def test_values_are_counted_as_the_manifest_counts_them(held: list[dict[str, tuple[str, ...]]], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        manifest = Manifest.create(Path(folder) / "manifest.sqlite3")
        roles = [make_role(f"{data.draw(st.sampled_from(['a/', '']))}{number}.md", "Baker", "Bread.", **one) for number, one in enumerate(held)]
        fill(manifest, roles, WordEmbedder())
        write_values(Path(folder), manifest)
        quick, slow = (
            RoleRows(manifest, PlainLexical(), manifest.role_ids(), no_chunks, values=values)
            for values in (partial(read_holders, Path(folder), ALL), lambda: None)
        )
        among = np.array(data.draw(st.lists(st.booleans(), min_size=len(held), max_size=len(held))), dtype=np.bool_)
        for mask in (None, among):
            counts = quick.facets(mask)
            assert counts == slow.facets(mask)
            assert {key: list(values) for key, values in counts.items()} == {key: list(values) for key, values in slow.facets(mask).items()}
        manifest.close()


def test_rows_are_those_of_all_roles_in_the_order_of_their_ids(tmp_path: Path) -> None:
    write_holders(tmp_path, [("level", "senior", np.array([1, 3])), ("level", "junior", np.array([2]))], KEYS)
    holders = read_holders(tmp_path, WISHES)
    assert holders is not None
    assert holders.rows("level", "senior").tolist() == [1, 3]
    assert holders.rows("level", "junior").tolist() == [2]
    assert [holders.rows(*asked).tolist() for asked in (("level", "head"), ("family", "senior"))] == [[], []]


def test_an_index_of_before_has_none(tmp_path: Path) -> None:
    assert read_holders(tmp_path, WISHES) is None


@pytest.mark.parametrize(("name", "content"), [("holders.npy", b"no array"), ("holders.npy", b""), ("holders.json", b"{"), ("holders.json", b"\xff")])
def test_a_file_that_is_damaged_is_named_with_the_cure(tmp_path: Path, name: str, content: bytes) -> None:
    write_holders(tmp_path, [("level", "senior", np.array([0]))], KEYS)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"values that roles hold.*rolesearch rebuild"):
        read_holders(tmp_path, WISHES)
