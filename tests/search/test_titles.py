"""Titles by row: the file beside the manifest says what the manifest says."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import fill, make_role
from fakes import PlainLexical, WordEmbedder, no_chunks
from search.errors import IndexDamaged
from search.manifest import Manifest
from search.rows import RoleRows
from search.titles import read_titles, write_titles

TITLES = st.lists(st.text(st.characters(codec="utf-8"), min_size=1), max_size=6)


@given(TITLES, st.data())
def test_titles_are_those_of_the_manifest(titles: list[str], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        manifest = Manifest.create(Path(folder) / "manifest.sqlite3")
        fill(manifest, [make_role(f"{number}.md", title, "Bread.") for number, title in enumerate(titles)], WordEmbedder())
        write_titles(Path(folder), manifest.all_titles())
        stored = read_titles(Path(folder))
        assert stored is not None
        rows = np.array(data.draw(st.lists(st.integers(0, len(titles) - 1), max_size=8)) if titles else [], dtype=np.intp)
        quick, slow = (RoleRows(manifest, PlainLexical(), manifest.role_ids(), no_chunks, titles=source) for source in (stored, None))
        assert quick.titles(rows) == slow.titles(rows) == [titles[row] for row in rows]
        manifest.close()


def test_an_index_of_before_has_none(tmp_path: Path) -> None:
    assert read_titles(tmp_path) is None


@pytest.mark.parametrize(("name", "content"), [("titles.npy", b"no array"), ("titles.npy", b""), ("titles.txt", b"Bak"), ("titles.txt", b"")])
def test_a_file_that_is_damaged_is_named_with_the_cure(tmp_path: Path, name: str, content: bytes) -> None:
    write_titles(tmp_path, ["Baker"])
    (tmp_path / name).write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"titles of the roles.*rolesearch rebuild"):
        read_titles(tmp_path)
