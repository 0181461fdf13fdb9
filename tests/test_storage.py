"""What the command line says where the system refuses: no right, a read-only or full disk, too large a file. The published index stays as it was."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from fakes import WordEmbedder
from ingest.pipeline import sync

Command: TypeAlias = Callable[[list[str]], list[str]]
"""Makes of a command one that runs under other circumstances."""

# The command line itself, but for the model.
PROGRAM = """
import search.embedding
from fakes import WordEmbedder
search.embedding.open_embedder = lambda *arguments, **named: WordEmbedder()
from ui.cli import main
main()
"""
ON_THE_PATH = os.pathsep.join(str(folder) for folder in (Path(__file__).parent, Path(__file__).parents[1]))
BAKER, COOK = "# Baker\n\nBakes bread at four in the morning.\n", "# Cook\n\nPrepares meals for ninety guests.\n"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="rights, mounts and limits are set the Linux way")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with `roles`, of which the first is in `index`, and a `home` to run in."""
    with tempfile.TemporaryDirectory(prefix="rolesearch-storage-") as name:
        place = Path(name)
        for folder in ("roles", "home"):
            (place / folder).mkdir()
        (place / "roles" / "baker.md").write_text(BAKER, encoding="utf-8")
        sync([place / "roles"], place / "index", WordEmbedder())
        (place / "roles" / "cook.md").write_text(COOK, encoding="utf-8")
        yield place


def run(place: Path, *arguments: str, within: Command = list, **how: Any) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": ON_THE_PATH, "TMPDIR": str(place / "home")}
    command = within([sys.executable, "-c", PROGRAM, *arguments, "--index", str(place / "index")])
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=place / "home", timeout=300, check=False, **how)


def published(place: Path) -> dict[str, bytes]:
    index = place / "index"
    return {str(path.relative_to(index)): path.read_bytes() for path in [index / "CURRENT", *(index / "generations").rglob("*")] if path.is_file()}


def assert_refused(finished: subprocess.CompletedProcess[str], reason: str, cure: str) -> None:
    assert finished.returncode == 1, finished.stderr
    assert finished.stdout == ""
    (said,) = finished.stderr.splitlines()
    for part in ("rolesearch: the index in ", reason, cure, "What was published before is as it was"):
        assert part in said


def in_namespace(setup: str) -> Command:
    """Puts a command into a place of its own, where `setup` has mounted what the machine does not see."""
    before = ["unshare", "--map-root-user", "--mount", "sh", "-ec", f'{setup}\nexec "$@"', "sh"]
    probe = subprocess.run([*before[:5], "mount -t tmpfs none /mnt"], capture_output=True, text=True, check=False) if shutil.which("unshare") else None
    if probe is None or probe.returncode:
        pytest.skip("this machine lets nobody mount in a namespace of their own")
    return lambda command: [*before, *command]


def without_rights() -> Command:
    """Puts a command into a process that rights on files hold for, as they do for everybody but root."""
    if os.geteuid() != 0:
        return list
    if shutil.which("setpriv") is None:
        pytest.skip("rights on files do not hold for root, and there is no setpriv to let go of that")
    dropped = "-dac_override,-dac_read_search"
    return lambda command: ["setpriv", f"--bounding-set={dropped}", f"--inh-caps={dropped}", *command]


def test_who_may_only_read_the_index_searches_it_and_is_told_that_an_ingest_needs_the_right(place: Path) -> None:
    before = published(place)
    for path in [place / "index", *(place / "index").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    assert "Baker" in run(place, "search", "bread", within=without_rights()).stdout
    refused = run(place, "ingest", str(place / "roles"), within=without_rights())
    assert_refused(refused, "Permission denied", "give this user the right to it, or name another folder with --index")
    assert published(place) == before


def test_who_may_not_read_the_index_is_told_so(place: Path) -> None:
    (place / "index").chmod(0)
    assert_refused(run(place, "search", "bread", within=without_rights()), "Permission denied", "give this user the right to it")
    (place / "index").chmod(0o700)
    assert "Baker" in run(place, "search", "bread", within=without_rights()).stdout


def test_a_read_only_disk_is_searched_and_an_ingest_says_what_is_wrong(place: Path) -> None:
    index, before = place / "index", published(place)
    within = in_namespace(f"mount --bind {index} {index}\nmount -o remount,bind,ro {index}")
    assert_refused(run(place, "ingest", str(place / "roles"), within=within), "Read-only file system", "make it writable, or name another folder with --index")
    assert "Baker" in run(place, "search", "bread", within=within).stdout
    assert published(place) == before


def test_a_full_disk_is_named_with_its_room_and_an_ingest_succeeds_once_there_is_some(place: Path) -> None:
    index, saved = place / "index", place / "saved"
    shutil.copytree(index, saved)
    small = f"mount -t tmpfs -o size=8m none {index}\ncp -a {saved}/. {index}"
    full = f"{small}\nhead -c 100m /dev/zero > {index}/filler 2>{place}/filled || :"
    # Afterwards the same process looks what is there, makes room and tries again.
    script = f'"$@" >{place}/out 2>{place}/err || echo "ended with $?" >>{place}/err\ndiff -r {saved}/generations {index}/generations\ndiff {saved}/CURRENT {index}/CURRENT\n'
    within = in_namespace(full + "\n" + script + f"rm {index}/filler")
    finished = run(place, "ingest", str(place / "roles"), within=within)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.startswith("1 added, 0 updated, 0 removed, 1 unchanged")
    said, code = (place / "err").read_text(encoding="utf-8").splitlines()
    assert code == "ended with 1"
    for part in ("No space left on device", ", 0 MB free); free some room there, then try again"):
        assert part in said


def test_a_limit_on_the_size_of_files_is_named(place: Path) -> None:
    before = published(place)
    limited = run(place, "ingest", str(place / "roles"), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)))
    assert_refused(limited, "File too large", "let this process write larger files")
    assert published(place) == before
    assert run(place, "ingest", str(place / "roles")).returncode == 0
