"""What an ingest looks after when it is given folders, files, patterns and lists of them, and what it never touches."""

import glob
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes import WordEmbedder
from ingest.corpus import FoundFile, MissingPlace, walk
from ingest.pipeline import SyncReport, sync
from ingest.places import Place, as_place, listed_places, read_list
from search.errors import UsageError
from search.index import Index

FILES = ("a.md", "b.txt", "deep/c.md", "deep/er/d.md", "deep/er/e.txt", ".hidden/f.md")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / "roles" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "roles" / name).write_text(f"# Job {name}\n\nOf the file {name}.\n", encoding="utf-8")
    return tmp_path / "roles"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def names(*places: Path | Place) -> list[str]:
    return [entry.name for entry in walk(places)]


def role_ids(index: Path) -> list[str]:
    opened = Index.open(index)
    try:
        return opened.manifest.role_ids()
    finally:
        opened.close()


def counts(report: SyncReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.removed, report.unchanged


@pytest.mark.parametrize(
    ("named", "path", "covered"),
    [
        ("/a", "/a/b.md", True),
        ("/a", "/a/b/c.md", True),
        ("/a/b.md", "/a/b.md", True),
        ("/a", "/ab/c.md", False),
        ("/a/b.md", "/a/c.md", False),
        ("/a/b", "/a", False),
        ("/a/*.md", "/a/b.md", True),
        ("/a/*.md", "/a/b.txt", False),
        ("/a/*.md", "/a/b/c.md", False),
        ("/a/*.md", "/a", False),
        ("/a/*/c.md", "/a/b/c.md", True),
        ("/a/*", "/a/b/c.md", True),
        ("/a/2026-*", "/a/2026-11/c.md", True),
        ("/a/**/*.md", "/a/b.md", True),
        ("/a/**/*.md", "/a/b/c/d.md", True),
        ("/a/**/*.md", "/a/b/c/d.txt", False),
        ("/a/**/x/**/*.md", "/a/b/x/c/d.md", True),
        ("/a/**/x/**/*.md", "/a/b/c/d.md", False),
        ("/a/**", "/a/b/c.md", True),
        ("/a/[bc].md", "/a/c.md", True),
        ("/a/[!bc].md", "/a/c.md", False),
        ("/a/?.md", "/a/bc.md", False),
    ],
)
def test_an_ingest_looks_after_what_lies_below_a_place_or_matches_it(named: str, path: str, covered: bool) -> None:
    assert as_place(Path(named)).covers(Path(path)) is covered


PARTS = st.sampled_from(["a", "b", "ab", "a.md"])
STEPS = st.sampled_from(["a", "*", "**", "?", "a*", "[ab]", "[!a]", "*.md"])


@given(files=st.lists(st.lists(PARTS, min_size=1, max_size=4), min_size=1, max_size=6), pattern=st.lists(STEPS, min_size=1, max_size=4))
@settings(max_examples=200)
def test_a_pattern_covers_what_python_finds_by_it_and_what_lies_below(files: list[list[str]], pattern: list[str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve()
        for parts in files:
            path = root.joinpath(*parts)
            if not path.exists() and all(parent.is_dir() or not parent.exists() for parent in path.parents):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        written = [path for path in root.rglob("*") if path.is_file()]
        # By "a/**" Python also finds a file a.
        asked = [*pattern, "*"] if pattern[-1] == "**" else pattern
        found = {Path(match) for match in glob.glob(str(root.joinpath(*asked)), recursive=True)}  # noqa: PTH207 - the reference
        expected = {path for path in written if found & {path, *path.parents}}
        assert {path for path in written if as_place(root.joinpath(*pattern)).covers(path)} == expected


def test_a_pattern_of_many_steps_is_matched_at_once() -> None:
    assert not as_place(Path("/a/" + "**/" * 40 + "x.md")).covers(Path("/a/" + "b/" * 40 + "y.md"))


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.md", ["a.md"]),
        ("**/*.md", ["a.md", "deep/c.md", "deep/er/d.md"]),
        ("*/*.md", ["deep/c.md"]),
        ("deep/**", ["c.md", "er/d.md", "er/e.txt"]),
        ("d*", ["deep/c.md", "deep/er/d.md", "deep/er/e.txt"]),
    ],
)
def test_a_pattern_finds_files_in_any_depth_named_from_its_first_wildcard_on(folder: Path, pattern: str, found: list[str]) -> None:
    assert names(folder / pattern) == found


def test_a_file_whose_name_holds_wildcards_is_that_file(folder: Path) -> None:
    (folder / "[a].md").write_text("# Job\n\nText.\n", encoding="utf-8")
    assert names(folder / "[a].md") == ["[a].md"]


@pytest.mark.parametrize("pattern", ["*.pdf", "none/*.md", ".h*/*.md", "*.md/**"])
def test_a_pattern_without_a_match_is_wrong_usage(folder: Path, pattern: str) -> None:
    with pytest.raises(UsageError, match=r"no file (or folder|matches) .*roles"):
        names(folder / pattern)


def test_a_pattern_removes_what_it_matched_and_nothing_else(folder: Path, index: Path) -> None:
    assert counts(sync([folder], index, WordEmbedder())) == (5, 0, 0, 0)
    for name in ("a.md", "b.txt"):
        (folder / name).unlink()
    assert counts(sync([folder / "**" / "*.md"], index, WordEmbedder())) == (0, 0, 1, 2)
    assert role_ids(index) == ["b.txt", "deep/c.md", "deep/er/d.md", "deep/er/e.txt"]


def test_a_pattern_gives_the_ids_that_its_folder_gives(folder: Path, index: Path) -> None:
    sync([folder / "**" / "*.md"], index, WordEmbedder())
    assert counts(sync([folder], index, WordEmbedder())) == (2, 0, 0, 3)
    assert role_ids(index) == ["a.md", "b.txt", "deep/c.md", "deep/er/d.md", "deep/er/e.txt"]


def test_a_list_names_folders_files_and_patterns_relative_to_itself(folder: Path) -> None:
    (folder / "adverts.txt").write_bytes(b"\xef\xbb\xbf# what we hire for\r\n\r\n  a.md\r\ndeep/er\r\n**/c.*\r\n")
    assert [(entry.name, entry.path) for entry in walk(read_list(folder / "adverts.txt"))] == [
        ("a.md", folder / "a.md"),
        ("d.md", folder / "deep" / "er" / "d.md"),
        ("e.txt", folder / "deep" / "er" / "e.txt"),
        ("deep/c.md", folder / "deep" / "c.md"),
    ]


def test_a_listed_file_is_named_by_its_path_below_the_list(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("# Job\n\nText.\n", encoding="utf-8")
    content = f"deep/er/d.md\n{folder}/deep/c.md\n{outside}\n../outside.md\n".encode()
    assert names(*listed_places(content, "stdin", folder)) == ["deep/er/d.md", "deep/c.md", "outside.md"]


def test_paths_between_nul_characters_stand_as_they_are(folder: Path) -> None:
    odd = ("#1.md", " *.md", "two\nlines.md")
    for name in odd:
        (folder / name).write_text("# Job\n\nText.\n", encoding="utf-8")
    assert names(*listed_places(b"\0".join(os.fsencode(name) for name in odd) + b"\0", "stdin", folder, nul_separated=True)) == list(odd)


def test_nul_characters_in_lines_say_what_to_add(folder: Path) -> None:
    with pytest.raises(UsageError, match="stdin holds NUL characters; where they separate paths, add --null"):
        listed_places(b"a.md\0b.txt\0", "stdin", folder)


def test_what_a_list_names_and_is_not_there_is_refused_with_its_line_and_the_rest_goes_on(folder: Path, index: Path) -> None:
    report = sync(listed_places(b"gone.md\na.md\n*.pdf\nbad\xff.md\n", "jobs.txt", folder), index, WordEmbedder())
    assert counts(report) == (1, 0, 0, 0)
    reasons = {refusal.name: refusal.reason for refusal in report.refused}
    assert reasons["gone.md"] == "there is no file or folder gone.md (line 1 of jobs.txt); what was read there earlier is kept"
    assert reasons["*.pdf"].startswith("no file matches *.pdf; ")
    assert "(line 3 of jobs.txt)" in reasons["*.pdf"]
    assert reasons["bad\ufffd.md"].startswith("the path ")
    assert len(reasons) == 3


def test_a_list_removes_nothing_that_it_does_not_cover_nor_what_is_not_there(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    for name in ("a.md", "deep/c.md", "deep/er/e.txt"):
        (folder / name).unlink()
    report = sync(listed_places(b"a.md\nb.txt\n", "stdin", folder), index, WordEmbedder())
    assert (counts(report), report.changed) == ((0, 0, 0, 1), False)
    (folder / "deep").rename(folder / "elsewhere")
    assert counts(sync(listed_places(b"b.txt\ndeep\n", "stdin", folder), index, WordEmbedder())) == (0, 0, 0, 1)
    (folder / "elsewhere").rename(folder / "deep")
    assert counts(sync(listed_places(b"b.txt\ndeep\n", "stdin", folder), index, WordEmbedder(), allow_mass_removal=True)) == (0, 0, 2, 2)
    assert role_ids(index) == ["a.md", "b.txt", "deep/er/d.md"]


def test_an_empty_list_changes_nothing(folder: Path, index: Path) -> None:
    sync([folder], index, WordEmbedder())
    assert counts(sync(listed_places(b"\n# nothing today\n", "stdin", folder), index, WordEmbedder())) == (0, 0, 0, 0)
    assert len(role_ids(index)) == 5


def test_a_list_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"the list .*none\.txt cannot be read: No such file"):
        read_list(tmp_path / "none.txt")


def test_a_place_that_is_listed_and_lies_in_a_folder_that_is_read_comes_once(folder: Path) -> None:
    found = list(walk([folder / "deep", *listed_places(b"deep/c.md\n", "stdin", folder)]))
    assert [type(entry) for entry in found] == [FoundFile] * 3
    assert not any(isinstance(entry, MissingPlace) for entry in found)


def test_an_index_below_the_folder_is_not_read_but_its_uploads_are_when_they_are_named(folder: Path) -> None:
    index = folder / "index"
    assert sync([folder], index, WordEmbedder()).generation == "000001"
    again = sync([folder], index, WordEmbedder())
    assert (counts(again), again.refused, again.skipped, again.changed) == ((0, 0, 0, 5), [], [], False)
    (index / "uploads").mkdir()
    (index / "uploads" / "nurse.md").write_text("# Nurse\n\nNurses.\n", encoding="utf-8")
    assert counts(sync([index / "uploads"], index, WordEmbedder())) == (1, 0, 0, 0)
