import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from search import copies
from search.copies import ReaderFolder

# Says where its folder is, and waits to be killed.
READER = (
    "import tempfile, sys; tempfile.tempdir = sys.argv[1]; from search.copies import ReaderFolder; one = ReaderFolder(); print(one.path, flush=True); input()"
)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder in which nobody has looked for leftovers yet."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    copies._sweep_once.cache_clear()


def grown_old(folder: Path) -> None:
    an_hour_ago = time.time() - 3_600
    os.utime(folder, (an_hour_ago, an_hour_ago))


def reader(temporary: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that has a folder, and the folder, an hour old."""
    process = subprocess.Popen([sys.executable, "-c", READER, str(temporary)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    (folder / "part").mkdir()
    grown_old(folder)
    return process, folder


def test_a_folder_is_the_readers_own_and_goes_with_it(temporary: Path) -> None:
    one, other = ReaderFolder(), ReaderFolder()
    (one.path / "part").mkdir()
    one.close()
    assert [path.name for path in temporary.iterdir()] == [other.path.name]
    one.close()
    other.close()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_reader_left_goes_and_what_a_living_one_has_stays(temporary: Path) -> None:
    (killed, left), (living, had) = reader(temporary), reader(temporary)
    killed.kill()
    killed.wait()
    stranger = temporary / "rolesearch-reader-notes"
    stranger.mkdir()
    grown_old(stranger)
    ReaderFolder().close()
    try:
        assert (left.exists(), had.exists(), stranger.exists()) == (False, True, True)
        assert (had / "part").is_dir()
    finally:
        living.communicate("\n")


def test_a_folder_that_was_just_made_is_left_alone(temporary: Path) -> None:
    process, left = reader(temporary)
    process.kill()
    process.wait()
    os.utime(left)
    ReaderFolder().close()
    assert left.exists()


def test_a_link_of_that_name_is_not_followed(temporary: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "in-use").touch()
    (elsewhere / "letter.txt").write_text("Dear", encoding="utf-8")
    grown_old(elsewhere)
    link = temporary / "rolesearch-reader-link"
    link.symlink_to(elsewhere)
    os.utime(link, (0, 0), follow_symlinks=False)
    ReaderFolder().close()
    assert (elsewhere / "letter.txt").read_text(encoding="utf-8") == "Dear"
