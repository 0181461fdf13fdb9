"""Which files an ingest looks at, in which order, and what it makes of odd ones."""

import hashlib
import os
from pathlib import Path

import pytest

from ingest.corpus import FoundFile, UnnamableFile, UnreadableFolder, digest_of, walk
from search.errors import Refused, UsageError


def make(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name, encoding="utf-8")
    return root


def names(*paths: Path) -> list[str]:
    return [entry.name for entry in walk(paths)]


def test_files_come_in_the_order_of_their_names_whatever_the_disk_says(tmp_path: Path) -> None:
    make(tmp_path, "z.md", "b/2.md", "a/10.md", "a/1.md", "b/A.md", "C.md", "a/deep/x.md", "é.md")
    assert names(tmp_path) == ["C.md", "z.md", "é.md", "a/1.md", "a/10.md", "a/deep/x.md", "b/2.md", "b/A.md"]


def test_the_given_paths_come_in_the_order_given(tmp_path: Path) -> None:
    make(tmp_path, "a/1.md", "b/2.md")
    assert names(tmp_path / "b", tmp_path / "a" / "1.md") == ["2.md", "1.md"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    make(tmp_path, ".DS_Store", ".git/x.md", "a/.hidden.md", "a/.x/y.md", "a/seen.md")
    assert names(tmp_path) == ["a/seen.md"]


def test_a_hidden_folder_that_is_given_is_meant(tmp_path: Path) -> None:
    make(tmp_path, ".jobs/seen.md")
    assert names(tmp_path / ".jobs") == ["seen.md"]


def test_a_file_below_two_given_paths_comes_once(tmp_path: Path) -> None:
    make(tmp_path, "a/1.md", "a/b/2.md")
    assert names(tmp_path / "a" / "b", tmp_path / "a", tmp_path / "a" / "1.md", tmp_path / "a" / ".." / "a") == ["2.md", "1.md"]


def test_a_link_to_a_folder_is_not_followed_and_one_to_a_file_is_read(tmp_path: Path) -> None:
    make(tmp_path, "real/1.md", "elsewhere/2.md")
    (tmp_path / "real" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "real" / "linked.md").symlink_to(tmp_path / "elsewhere" / "2.md")
    assert names(tmp_path / "real") == ["1.md", "linked.md"]


def test_a_link_that_leads_out_of_the_folder_is_refused_and_one_within_it_is_read(tmp_path: Path) -> None:
    make(tmp_path, "real/1.md", "elsewhere/2.md", "real.md")
    for name, target in (("inside.md", "1.md"), ("outside.md", "../elsewhere/2.md"), ("beside.md", "../real.md"), ("chain.md", "outside.md")):
        (tmp_path / "real" / name).symlink_to(target)
    assert digest_of(tmp_path / "real" / "inside.md", tmp_path / "real") == digest_of(tmp_path / "real" / "1.md")
    for name in ("outside.md", "beside.md", "chain.md"):
        with pytest.raises(Refused, match="a link that leads out of the folder"):
            digest_of(tmp_path / "real" / name, tmp_path / "real")


def test_a_name_that_is_no_text_is_told_from_one_that_is(tmp_path: Path) -> None:
    make(tmp_path, "good.md")
    for name in (b"bad\xff.md", b"folder\xff/inner.md"):
        place = os.fsencode(tmp_path) + b"/" + name
        Path(os.fsdecode(place)).parent.mkdir(exist_ok=True)
        try:
            Path(os.fsdecode(place)).write_text("x", encoding="utf-8")
        except OSError:
            pytest.skip("this file system takes no such names")
    found = list(walk([tmp_path]))
    assert [(type(entry), entry.name) for entry in found] == [
        (UnnamableFile, "bad\ufffd.md"),
        (FoundFile, "good.md"),
        (UnnamableFile, "folder\ufffd/inner.md"),
    ]


def test_a_given_link_to_a_folder_is_the_folder(tmp_path: Path) -> None:
    make(tmp_path, "real/1.md")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert [entry.path for entry in walk([tmp_path / "link"])] == [(tmp_path / "real" / "1.md").resolve()]


def test_a_single_file_is_named_by_its_own_name(tmp_path: Path) -> None:
    make(tmp_path, "team/sre.md")
    [entry] = walk([tmp_path / "team" / "sre.md"])
    assert isinstance(entry, FoundFile)
    assert (entry.name, entry.root) == ("sre.md", (tmp_path / "team").resolve())


def test_a_relative_path_gives_absolute_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "team/sre.md")
    monkeypatch.chdir(tmp_path)
    assert [entry.path for entry in walk([Path("team")])] == [(tmp_path / "team" / "sre.md").resolve()]


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no file or folder .*gone"):
        list(walk([tmp_path / "gone"]))


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_listed_is_reported_and_the_rest_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/1.md", "locked/2.md", "z/3.md")
    listed = os.scandir

    def refuse_one(path: str) -> object:
        # For root, who runs the tests in many containers, no folder is locked.
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", refuse_one)
    found = list(walk([tmp_path]))
    assert [entry.name for entry in found] == ["a/1.md", "z/3.md", "locked/"]
    assert isinstance(found[-1], UnreadableFolder)
    assert "Permission denied" in found[-1].reason


def test_a_digest_is_of_the_content_alone(tmp_path: Path) -> None:
    make(tmp_path, "a.md")
    first = digest_of(tmp_path / "a.md")
    assert first == hashlib.sha256(b"a.md").hexdigest()
    (tmp_path / "b.md").write_bytes(b"a.md")
    assert digest_of(tmp_path / "b.md") == first
    (tmp_path / "a.md").write_bytes(b"a.md ")
    assert digest_of(tmp_path / "a.md") != first


@pytest.mark.parametrize("kind", ["folder", "pipe", "dangling link"])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "odd.md"
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(tmp_path / "gone")
    with pytest.raises(Refused, match=r"not a regular file|cannot be read"):
        digest_of(place)
