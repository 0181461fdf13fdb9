"""Files are read in a process that can be stopped: what takes too long, too much or breaks it is refused, and the next file is read as if nothing had been."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import ingest
from ingest import sandbox as module
from ingest.sandbox import Sandbox
from ingest.worker import Limits, RefusedPart, Request, roles_in
from search.errors import Refused, RoleSearchError
from search.records import Role

ROOT = Path(ingest.__file__).resolve().parents[1]
GOOD = "# Night Cook\n\n## What you do\n\n- Cook soup for the night shift\n"
# Sixteen seconds of looking for attributes on the machine this was written on.
SLOW = "at least 5 years to 6 years " * 33_000

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the worker's number is looked up in /proc")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    opened = Sandbox(Limits(answer_seconds=60))
    yield opened
    opened.close()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write(tmp_path, "cook.md", GOOD)


def write(folder: Path, name: str, content: str | bytes) -> Path:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / name


def read(sandbox: Sandbox, path: Path) -> list[Role | RefusedPart]:
    return list(sandbox.roles(path, f"team/{path.name}"))


def workers() -> set[int]:
    """The numbers of the processes that this one started and that still run."""
    return {int(number) for path in Path("/proc/self/task").glob("*/children") for number in path.read_text(encoding="ascii").split()}


def test_a_file_gives_what_it_gives_in_this_process(sandbox: Sandbox, tmp_path: Path) -> None:
    lines = [
        '{"id": "a", "title": "Cook", "text": "You cook for 5 years.", "pay": 1.5, "n": 3, "night": true, "tags": ["x", "y"]}',
        "{broken",
        '{"text": "é 😀"}',
    ]
    path = write(tmp_path, "jobs.jsonl", "\n".join(lines))
    with path.open("rb") as stream:
        here = list(roles_in(stream, Request("jobs.jsonl", "team/jobs.jsonl")))
    assert read(sandbox, path) == here
    assert [type(found) for found in here] == [Role, RefusedPart, Role]


@needs_proc
def test_one_worker_reads_one_file_after_another(sandbox: Sandbox, good: Path) -> None:
    before = workers()
    for _ in range(20):
        assert [found.id for found in read(sandbox, good) if isinstance(found, Role)] == ["team/cook.md"]
    assert len(workers() - before) == 1
    sandbox.close()
    assert workers() - before == set()


@needs_proc
def test_a_parent_that_has_grown_keeps_its_worker(good: Path) -> None:
    sandbox = Sandbox(Limits(memory_mb=800))
    grown = b"x" * (250 * 2**20)
    before = workers()
    read(sandbox, good)
    (worker,) = workers() - before
    for _ in range(3):
        read(sandbox, good)
    assert workers() - before == {worker} and grown
    sandbox.close()


def test_what_takes_too_long_is_stopped_and_the_next_file_is_read(tmp_path: Path, good: Path) -> None:
    sandbox = Sandbox(Limits(answer_seconds=1))
    with pytest.raises(Refused, match="takes longer than 1 s; split it"):
        read(sandbox, write(tmp_path, "slow.txt", SLOW))
    sandbox = Sandbox(Limits(answer_seconds=60, file_seconds=1))
    with pytest.raises(Refused, match="takes longer than 1 s; split it"):
        read(sandbox, write(tmp_path, "slow.txt", SLOW))
    assert isinstance(read(Sandbox(), good)[0], Role)


def test_what_takes_too_much_memory_is_refused_and_the_next_file_is_read(tmp_path: Path, good: Path) -> None:
    sandbox = Sandbox(Limits(memory_mb=400))
    with pytest.raises(Refused, match="takes more than 400 MB of memory; split it"):
        read(sandbox, write(tmp_path, "big.json", "[" + "[]," * 6_000_000 + "[]]"))
    assert isinstance(read(sandbox, good)[0], Role)
    sandbox.close()


@needs_proc
@pytest.mark.parametrize("ending", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_reader_that_breaks_down_costs_one_file(ending: signal.Signals, sandbox: Sandbox, tmp_path: Path, good: Path) -> None:
    before = workers()
    many = write(tmp_path, "many.jsonl", '{"text": "You cook soup for the night shift."}\n' * 20_000)
    roles = sandbox.roles(many, "many.jsonl")
    assert isinstance(next(roles), Role)
    (worker,) = workers() - before
    os.kill(worker, ending)
    with pytest.raises(Refused, match=rf"brings the reader down \({ending.name}\); open it and save it anew"):
        list(roles)
    assert isinstance(read(sandbox, good)[0], Role)


@needs_proc
def test_a_reading_that_is_given_up_leaves_no_process_and_no_stale_answers(sandbox: Sandbox, tmp_path: Path, good: Path) -> None:
    before = workers()
    roles = sandbox.roles(write(tmp_path, "many.jsonl", '{"text": "You cook soup."}\n' * 20_000), "many.jsonl")
    next(roles)
    roles.close()  # type: ignore[attr-defined]
    assert workers() - before == set()
    assert [found.id for found in read(sandbox, good) if isinstance(found, Role)] == ["team/cook.md"]


def test_threads_read_at_the_same_time(sandbox: Sandbox, tmp_path: Path) -> None:
    found: dict[int, list[Role | RefusedPart]] = {}
    paths = [write(tmp_path, f"{number}.md", f"# Cook {number}\n\nYou cook {number} soups.\n") for number in range(6)]
    threads = [threading.Thread(target=lambda number=number: found.update({number: read(sandbox, paths[number])})) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    titles = {number: [one.title for one in roles if isinstance(one, Role)] for number, roles in found.items()}
    assert titles == {number: [f"Cook {number}"] for number in range(6)}


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_regular_file_is_neither_read_nor_waited_for(kind: str, sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "odd.md"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(Refused, match="not a regular file"):
        read(sandbox, path)


def test_a_file_that_is_gone_is_an_error_of_the_disk(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(sandbox, tmp_path / "gone.md")


# What a worker that a file has taken over could say. A pickle that acts is among it: nobody unpickles it.
BOOBY_TRAP = pickle.dumps(pytest.exit, 0)
SAYINGS = {
    "no JSON": b"hello",
    "a pickle": BOOBY_TRAP,
    "the wrong type": b'{"role": {"id": 1, "title": "x", "text": "x", "source": "x"}}',
    "half a role": b'{"role": {"id": "x"}}',
    "deep nesting": b'{"role":' * 5_000,
    "a huge number": b'{"ended": {"refused": ' + b"9" * 10_000 + b"}}",
    "no text": b'{"role": {"id": "x", "title": "\\ud800", "text": "x", "source": "x"}}',
}


@pytest.mark.parametrize("saying", SAYINGS.values(), ids=SAYINGS)
def test_what_a_worker_should_never_say_is_not_believed(saying: bytes, monkeypatch: pytest.MonkeyPatch, good: Path) -> None:
    talk(monkeypatch, f"(len({saying!r})).to_bytes(4) + {saying!r}")
    with pytest.raises(Refused, match="the reader answered what it never should"):
        read(Sandbox(), good)


def test_an_answer_without_end_is_not_gathered(monkeypatch: pytest.MonkeyPatch, good: Path) -> None:
    talk(monkeypatch, "b'\\xff\\xff\\xff\\xff' + b'x' * 100")
    with pytest.raises(Refused, match="it holds more than 64 MB in one role"):
        read(Sandbox(), good)


def talk(monkeypatch: pytest.MonkeyPatch, expression: str) -> None:
    """Put in place of the worker a program that greets as it should and then says the bytes that an expression gives, without end."""
    greeting = '{"ended": {}}'
    program = f"import socket, sys; s = socket.socket(fileno=int(sys.argv[1])); s.sendall((13).to_bytes(4) + b'{greeting}'); s.recv(9); s.sendall({expression}); s.recv(9)"
    monkeypatch.setattr(module, "_PROGRAM", program)


def test_a_worker_that_does_not_start_is_an_error_of_the_program(monkeypatch: pytest.MonkeyPatch, good: Path) -> None:
    monkeypatch.setattr(module, "_PROGRAM", "raise SystemExit(7)")
    with pytest.raises(RoleSearchError, match=r"does not start: .*\(exit code 7\)") as raised:
        read(Sandbox(), good)
    assert not isinstance(raised.value, Refused)


@needs_proc
def test_the_worker_is_given_no_secrets(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, good: Path) -> None:
    monkeypatch.setenv("ROLESEARCH_TOKEN", "a secret of the parent")
    before = workers()
    read(sandbox, good)
    (worker,) = workers() - before
    assert b"secret" not in Path(f"/proc/{worker}/environ").read_bytes()


@needs_proc
def test_a_worker_ends_with_the_program_that_started_it(good: Path) -> None:
    program = f"""
import os, signal, pathlib
from ingest.sandbox import SANDBOX
list(SANDBOX.roles(pathlib.Path({str(good)!r}), "x"))
print(*[number for path in pathlib.Path("/proc/self/task").glob("*/children") for number in path.read_text().split()], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    (worker,) = finished.stdout.split()
    waited = threading.Event()
    for _ in range(100):
        state = Path(f"/proc/{worker}/stat")
        if not state.exists() or ") Z" in state.read_text(encoding="ascii", errors="replace"):
            return
        waited.wait(0.1)
    pytest.fail("the worker still runs")


CONFINED = """
import os, socket, sys
from ingest.worker import Limits, confine
limits = Limits(memory_mb=600)
def tried(action):
    try:
        action()
    except (OSError, MemoryError) as error:
        return f"{type(error).__name__} {getattr(error, 'errno', '')}".strip()
    return "done"
ours, theirs = socket.socketpair()
os.dup2(theirs.fileno(), 3)
os.closerange(4, 64)
ready = open(sys.argv[1], "r+b") if sys.argv[2] == "written to" else None
confine(limits)
file = ready or open(sys.argv[1], "rb")
outcome = {
    "another file": lambda: open("/etc/hostname"),
    "a socket": lambda: socket.socket(),
    "a pipe": lambda: os.pipe(),
    "written to": lambda: (file.write(b"x"), file.flush()),
    "memory": lambda: bytearray(700 * 2**20),
}[sys.argv[2]]
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
print(tried(outcome))
"""


@pytest.mark.parametrize(
    ("wish", "outcome"),
    [("another file", "OSError 24"), ("a socket", "OSError 24"), ("a pipe", "OSError 24"), ("written to", "OSError 27"), ("memory", "MemoryError")],
)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not know all of the limits")
def test_a_confined_process_can_do_nothing_but_read_its_file(wish: str, outcome: str, good: Path) -> None:
    finished = subprocess.run([sys.executable, "-c", CONFINED, str(good), wish], capture_output=True, text=True, cwd=ROOT, check=False)
    assert finished.stdout.strip() == outcome, finished.stderr


def test_nothing_is_loaded_once_the_worker_is_warm(same_files: list[Path]) -> None:
    program = """
import pathlib, sys
from ingest import worker
worker.warm_up()
loaded, opened = set(sys.modules), []
files = [(path, path.open("rb")) for path in map(pathlib.Path, sys.argv[1:])]
sys.addaudithook(lambda event, args: opened.append(args[0]) if event in ("open", "os.listdir", "os.scandir") else None)
for path, file in files:
    try:
        print(len(list(worker.roles_in(file, worker.Request(path.name, path.name)))), path.name)
    except worker.Refused as refusal:
        print(refusal)
print("loaded", sorted(set(sys.modules) - loaded), "opened", opened)
"""
    finished = subprocess.run([sys.executable, "-c", program, *map(str, same_files)], capture_output=True, text=True, cwd=ROOT, check=False)
    assert finished.stdout.splitlines()[-1] == "loaded [] opened []", finished.stdout + finished.stderr


@pytest.fixture
def same_files(tmp_path: Path) -> list[Path]:
    """A file of every kind that the corpus that ships has, the CVs, and texts in old encodings."""
    corpus = sorted({path.suffix: path for path in (ROOT / "corpus").rglob("*") if path.is_file()}.values())
    texts = {
        "cyrillic.txt": "Требуется инженер платформы для работы с облаком и базами данных".encode("koi8-r"),
        "japanese.txt": "求人 エンジニア 東京 プラットフォーム 募集しています".encode("shift_jis"),
        "korean.html": b"<meta charset=iso-2022-kr><p>You lead.</p>",
        "nonsense.html": b"<meta charset=no-such><p>You l\xe9ad.</p>",
        "toml.md": b"+++\ntitle = 'Cook'\nsince = 2026-01-01\n+++\nYou cook.\n",
        "broken.docx": b"PK\x03\x04",
        "broken.pdf": b"%PDF-1.7",
    }
    data = sorted((ROOT / "tests" / "data").glob("cv-*"))
    return [*corpus, *data, *(write(tmp_path, name, content) for name, content in texts.items())]
