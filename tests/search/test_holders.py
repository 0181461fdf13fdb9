"""Which roles hold a value that queries wish for: the file beside the manifest says what the manifest says."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import fill, make_role
from fakes import PlainLexical, WordEmbedder, no_chunks
from search.errors import IndexDamaged
from search.holders import read_holders, write_holders
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
        write_holders(Path(folder), manifest.statements(KEYS), manifest.role_ids())
        holders = read_holders(Path(folder))
        assert holders is not None
        quick, slow = (RoleRows(manifest, PlainLexical(), manifest.role_ids(), no_chunks, source) for source in (holders, None))
        for key in KEYS:
            for values in (*((value,) for value in VALUES), VALUES[:2], ("unheard of",)):
                meant = sorted(f"{number}.md" for number, attributes in enumerate(held) if set(values) & set(attributes.get(key, ())))
                assert [rows.ids(rows.having(key, values)) for rows in (quick, slow)] == [meant, meant]
        assert not quick.having("other", VALUES).any()
        manifest.close()


def test_rows_are_those_of_all_roles_in_the_order_of_their_ids(tmp_path: Path) -> None:
    write_holders(tmp_path, [("b", "level", "senior"), ("c", "level", "junior"), ("d", "level", "senior")], ["a", "b", "c", "d"])
    holders = read_holders(tmp_path)
    assert holders is not None
    assert holders.rows("level", "senior").tolist() == [1, 3]
    assert holders.rows("level", "junior").tolist() == [2]
    assert [holders.rows(*asked).tolist() for asked in (("level", "head"), ("family", "senior"))] == [[], []]


def test_an_index_of_before_has_none(tmp_path: Path) -> None:
    assert read_holders(tmp_path) is None


@pytest.mark.parametrize(("name", "content"), [("holders.npy", b"no array"), ("holders.npy", b""), ("holders.json", b"{"), ("holders.json", b"\xff")])
def test_a_file_that_is_damaged_is_named_with_the_cure(tmp_path: Path, name: str, content: bytes) -> None:
    write_holders(tmp_path, [("a", "level", "senior")], ["a"])
    (tmp_path / name).write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"values that roles hold.*rolesearch rebuild"):
        read_holders(tmp_path)
