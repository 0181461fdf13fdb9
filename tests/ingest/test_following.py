"""An index that follows its folders: each change becomes one ingest, and what goes wrong for a while is waited for."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from filelock import FileLock

from fakes import WordEmbedder
from ingest.following import follow
from ingest.pipeline import SyncReport, sync
from ingest.places import Place, as_place, listed_places
from search.errors import RoleSearchError, ServerUnreachable, StorageFailed, UsageError
from search.index import Index, current_generation

PATIENCE_SECONDS = 60


class Enough(Exception):
    """Ends a test's follower."""


class Follower:
    """Follows places in a thread of its own, and keeps what was done and said."""

    def __init__(self, places: Sequence[Place], index: Path) -> None:
        self.index = index
        self.embedder = WordEmbedder()
        self.reports: list[SyncReport] = []
        self.said: list[str] = []
        self.ended = False
        self._thread = threading.Thread(target=self._run, args=(places,), daemon=True)
        self._thread.start()

    def stop(self, touched: Path) -> None:
        self.ended = True
        touched.touch()
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()

    def titles(self) -> dict[str, str]:
        if current_generation(self.index) is None:
            return {}
        opened = Index.open(self.index)
        try:
            return opened.manifest.titles(opened.manifest.role_ids())
        finally:
            opened.close()

    def _run(self, places: Sequence[Place]) -> None:
        with suppress(Enough):
            follow(places, self.index, self._ingest, self.said.append)

    def _ingest(self, places: Sequence[Place]) -> None:
        if self.ended:
            raise Enough
        self.reports.append(sync(places, self.index, self.embedder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "roles" / "team").mkdir(parents=True)
    for name in ("baker", "cook", "team/guard"):
        write(tmp_path / "roles" / f"{name}.md")
    return tmp_path / "roles"


def write(path: Path, text: str = "") -> None:
    path.write_text(f"# {path.stem.title()}\n\n{text or f'The work of a {path.stem}'}.\n", encoding="utf-8")


@contextmanager
def following(*given: Path | Place, index: Path) -> Iterator[Follower]:
    places = [as_place(one) for one in given]
    follower = Follower(places, index)
    try:
        yield follower
    finally:
        kept = next(place.path for place in places if place.path.exists())
        follower.stop(kept / "touched" if kept.is_dir() else kept)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it holds; what never does ends the test."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_is_added_edited_moved_and_deleted_is_followed_and_only_what_is_new_embedded(folder: Path, tmp_path: Path) -> None:
    with following(folder, index=tmp_path / "index") as follower:
        eventually(lambda: len(follower.titles()) == 3)
        write(folder / "team" / "porter.md")
        eventually(lambda: len(follower.titles()) == 4)
        (folder / "team").rename(folder / "crew")
        eventually(lambda: sorted(follower.titles()) == ["baker.md", "cook.md", "crew/guard.md", "crew/porter.md"])
        (folder / "new" / "deeper").mkdir(parents=True)
        write(folder / "new" / "deeper" / "nurse.md")
        (folder / "cook.md").unlink()
        eventually(lambda: sorted(follower.titles()) == ["baker.md", "crew/guard.md", "crew/porter.md", "new/deeper/nurse.md"])
        assert sorted(follower.embedder.embedded) == [f"{name.title()}: The work of a {name}." for name in ("baker", "cook", "guard", "nurse", "porter")]
        assert follower.said == []


def test_a_copy_of_many_files_is_one_ingest_or_two(folder: Path, tmp_path: Path) -> None:
    with following(folder, index=tmp_path / "index") as follower:
        eventually(lambda: len(follower.reports) == 1)
        for number in range(50):
            write(folder / f"number{number}.md")
        eventually(lambda: len(follower.titles()) == 53)
        assert len([report for report in follower.reports if report.changed]) <= 3


def test_a_listed_file_that_is_replaced_again_and_again_is_followed(folder: Path, tmp_path: Path) -> None:
    """Editors write a new file and rename it over the old one, of which the system tells nothing any more."""
    with following(*listed_places(b"cook.md\n", "stdin", folder), index=tmp_path / "index") as follower:
        eventually(lambda: follower.titles() == {"cook.md": "Cook"})
        for title in ("Chef", "Sous Chef", "Head Chef"):
            (folder / ".cook.new").write_text(f"# {title}\n\nThe work of a cook.\n", encoding="utf-8")
            (folder / ".cook.new").replace(folder / "cook.md")
            eventually(lambda wanted=title: follower.titles() == {"cook.md": wanted})  # type: ignore[misc]


def test_a_folder_that_is_away_for_a_while_keeps_its_roles_and_is_followed_again(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    with following(other, folder, index=tmp_path / "index") as follower:
        eventually(lambda: len(follower.titles()) == 6)
        folder.rename(tmp_path / "away")
        eventually(lambda: bool(follower.reports[-1].refused))
        assert [refusal.name for refusal in follower.reports[-1].refused] == [str(folder)]
        assert "what was read there earlier is kept" in follower.reports[-1].refused[0].reason
        assert (follower.reports[-1].removed, len(follower.titles())) == (0, 6)
        (tmp_path / "away").rename(folder)
        eventually(lambda: not follower.reports[-1].refused)
        (folder / "baker.md").unlink()
        eventually(lambda: len(follower.titles()) == 5)
        assert follower.said == []


def test_a_folder_that_is_emptied_is_said_and_followed_on(folder: Path, tmp_path: Path) -> None:
    with following(folder, index=tmp_path / "index") as follower:
        eventually(lambda: len(follower.titles()) == 3)
        shutil.rmtree(folder)
        folder.mkdir()
        eventually(lambda: len(follower.said) > 0)
        assert follower.said[0].startswith("3 of 3 roles would be removed")
        assert follower.said[0].endswith(". Waiting for the next change")
        for name in ("baker", "cook", "nurse"):
            write(folder / f"{name}.md")
        eventually(lambda: sorted(follower.titles()) == ["baker.md", "cook.md", "nurse.md"])


def test_a_busy_index_is_waited_for(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.mkdir()
    with FileLock(index / "lock") as lock, following(folder, index=index) as follower:
        eventually(lambda: len(follower.said) > 0)
        assert "another process is writing to" in follower.said[0]
        assert follower.said[0].endswith(". The next try is in 2 s")
        lock.release()
        eventually(lambda: len(follower.titles()) == 3)


@pytest.mark.parametrize("failure", [ServerUnreachable("no answer"), StorageFailed("the disk is full")])
def test_what_passes_by_itself_is_tried_again_without_a_change(folder: Path, tmp_path: Path, failure: RoleSearchError) -> None:
    failures, said = [failure], list[str]()

    def ingest(places: Sequence[Place]) -> None:
        if failures:
            raise failures.pop()
        raise Enough

    with pytest.raises(Enough):
        follow([as_place(folder)], tmp_path / "index", ingest, said.append)
    assert said == [f"{failure}. The next try is in 2 s"]


def test_an_index_below_the_folder_and_hidden_files_are_not_followed(folder: Path) -> None:
    with following(folder, index=folder / "index") as follower:
        eventually(lambda: len(follower.reports) == 1)
        (folder / ".hidden").mkdir()
        write(folder / ".hidden" / "nurse.md")
        (folder / "index" / "note.txt").write_text("x", encoding="utf-8")
        write(folder / "nurse.md")
        eventually(lambda: "nurse.md" in follower.titles())
        assert len(follower.reports) == 2


def test_a_folder_that_was_never_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file or folder"):
        follow([as_place(tmp_path / "gone")], tmp_path / "index", lambda places: void(sync(places, tmp_path / "index", WordEmbedder())), print)
    assert not os.path.lexists(tmp_path / "index")


def void(_: object) -> None:
    pass
