"""Kills ingests at each of their steps, fills the disk under them and lets it fail; then looks whether the index is the old one or the new one, whole.

`make chaos` takes every step. A step is one call with which the process changes a file below the index: create, write, copy, sync, rename, truncate, delete. They
are counted by faults.c, which is preloaded, so that those of SQLite, Chroma and Tantivy count, too. What it does not see is met by kills at random times.
"""

import argparse
import contextlib
import ctypes
import importlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from builders import best_by_words
from fakes import WordEmbedder
from ingest.pipeline import rebuild, sync
from search.checksums import damage
from search.errors import IndexMissing, RoleSearchError
from search.index import Index, check_in_step, generation_folder, stored_vectors
from search.records import Chunk

FAULTS = Path(__file__).with_name("faults.c")
# Waiting for a disk takes most of the time and shows nothing: what a killed process wrote stays written.
IN_MEMORY = Path("/dev/shm")  # noqa: S108
# What a process imports before it forks, so that not every child does; none of it starts a thread.
IMPORTED_ONCE = ("chromadb", "chromadb.api.rust")
# Steps that are never left out: those at which the new generation becomes the published one.
PUBLISHING = ("CURRENT",)
# Exit codes of a child that ran an ingest.
DONE, REFUSED, CRASHED = 0, 10, 11


class Fault(IntEnum):
    """What befalls a process at a step; the numbers are those of faults.c."""

    NOTHING = 0
    KILLED = 1
    TORN = 2
    FULL = 3
    FAILED = 4


FATAL = (Fault.KILLED, Fault.TORN)


@dataclass(frozen=True, slots=True)
class Step:
    """One call that changes a file: its kind, and the part of the index that the file belongs to."""

    kind: str
    part: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done to an index: `prepare` makes the folders of roles and the index as it is before, `act` is what is disturbed."""

    name: str
    before: Callable[[Path], object] | None
    act: Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial ended: how the disturbed process ended, which index was found afterwards, and what was wrong, if anything."""

    ended: str
    found: str
    wrong: str = ""


def write_roles(folder: Path, edition: int) -> Path:
    """A folder of role descriptions in one of two editions: some roles stay, some change, one goes, one comes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number in range(8):
        changing = number >= 4
        name = f"{number}-{edition}.md" if number == 7 else f"{number}.md"
        text = f"# Baker {number}\n\nBakes bread of kind {number}" + (f" for edition{edition}.\n" if changing else ".\n")
        (folder / name).write_text(text + f"\n## Requirements\n\n- Knows oven {number}\n", encoding="utf-8")
    return folder


def _first(place: Path) -> object:
    return sync([write_roles(place / "roles", 1)], place / "index", WordEmbedder())


def _second(place: Path) -> object:
    return sync([write_roles(place / "roles", 2)], place / "index", WordEmbedder())


def _twice(place: Path) -> object:
    _second(place)
    return _first(place)


def _rebuilt(place: Path) -> object:
    return rebuild(place / "index", WordEmbedder())


# Before a change there are two generations, so that publishing the third deletes one.
SCENARIOS = (Scenario("first ingest", None, _second), Scenario("change", _twice, _second), Scenario("rebuild", _twice, _rebuilt))


def build_faults(folder: Path) -> Path | None:
    """The library that disturbs, compiled into `folder`; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "faults.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, FAULTS, "-ldl"], check=True)
    return library


class Chaos:
    """Runs trials of one scenario in a folder of its own. Lives in a process that has faults.so preloaded and never opens an index itself: it forks."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self._scenario = scenario
        self._folder = folder
        self._template = folder / "template"
        self._template.mkdir(parents=True)
        if scenario.before is not None:
            assert _in_child(lambda: scenario.before and scenario.before(self._template)) == DONE
        self._old = _content(self._template / "index")
        done = self._fresh_place()
        assert _in_child(lambda: scenario.act(done)) == DONE
        self._new = _content(done / "index")
        assert self._old != self._new
        self._seconds = 1.0

    def steps(self) -> tuple[list[Step], Outcome]:
        """The steps of an undisturbed run, in order; and whether all that the new generation needs was on the disk before CURRENT named it."""
        place = self._fresh_place()
        log = place / "steps"
        begun = time.perf_counter()
        assert self._act(place, Fault.NOTHING, 0, log) == DONE
        self._seconds = time.perf_counter() - begun
        logged = _logged(log)
        late = unsynced(logged)
        return [Step(kind, _part(path)) for kind, path in logged], Outcome("done", "new", f"named before they were synced: {', '.join(late)}" if late else "")

    def trial(self, fault: Fault, at: int) -> Outcome:
        """Disturb one run at a step, look at the index, let the next ingest run, and look again."""
        place = self._fresh_place()
        return self._judged(place, fault, self._act(place, fault, at, place / "steps"))

    def timed_trial(self, share: float) -> Outcome:
        """Kill one run after this share of the time that the undisturbed one took."""
        place, seconds = self._fresh_place(), share * self._seconds
        return self._judged(place, Fault.KILLED, _in_child(lambda: self._scenario.act(place), killed_after=seconds))

    def _act(self, place: Path, fault: Fault, at: int, log: Path) -> int:
        def disturbed() -> None:
            descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            ctypes.CDLL(None).faults_arm(os.fsencode(place / "index"), descriptor, ctypes.c_long(at), int(fault))
            self._scenario.act(place)

        return _in_child(disturbed)

    def _judged(self, place: Path, fault: Fault, code: int) -> Outcome:
        ended = {-signal.SIGKILL: "killed", DONE: "done", REFUSED: "said why"}.get(code, f"crashed ({code})")
        wrong = ["it neither ended well nor said in one sentence what is wrong"] if ended.startswith("crashed") else []
        found = self._found(place)
        if found not in ("old", "new"):
            wrong.append(f"the index is neither the old one nor the new one: {found}")
        if fault not in FATAL and found == "old" and ended == "done":
            wrong.append("it said that it is done, and is not")
        if _in_child(lambda: self._scenario.act(place)) != DONE:
            wrong.append("the next ingest failed")
        elif (after := _content(place / "index").partition("\t")[2]) != self._new.partition("\t")[2]:
            wrong.append(f"after the next ingest the index is not the new one: {after}")
        wrong += _left_over(place / "index")
        shutil.rmtree(place)
        return Outcome(ended, found if found in ("old", "new") else "lost or mixed", "; ".join(wrong))

    def _found(self, place: Path) -> str:
        content = _content(place / "index")
        return "old" if content == self._old else "new" if content == self._new else content

    def _fresh_place(self) -> Path:
        place = self._folder / "trial"
        shutil.rmtree(place, ignore_errors=True)
        return shutil.copytree(self._template, place)


def _in_child(act: Callable[[], object], killed_after: float | None = None) -> int:
    """Run this in a fork, so that it shares no open file and no thread with others; its exit code, below zero the signal that killed it."""
    child = os.fork()
    if not child:
        code = CRASHED
        try:
            act()
            code = DONE
        except RoleSearchError as error:
            code = REFUSED if "; " in str(error) else CRASHED
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    if killed_after is not None:
        time.sleep(killed_after)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _content(index: Path) -> str:
    """What a process that opens the index finds: every role with its text, after all of it was checked; or what is wrong."""
    reading, writing = os.pipe()

    def look() -> None:
        os.write(writing, _description(index).encode()[:60_000])

    _in_child(look)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        return pipe.read().decode()


def _description(index: Path) -> str:
    try:
        opened = Index.open(index, WordEmbedder.fingerprint)
    except IndexMissing:
        return "no index"
    except RoleSearchError as error:
        return f"cannot be opened: {error}"
    wrong = [opened.warning] if opened.warning else [str(one) for one in damage(generation_folder(index, opened.generation), hash_at_most=None)]
    wrong = wrong or [text for chunk in opened.manifest.chunks(opened.manifest.chunk_ids()).values() for text in _wrong_with(opened, chunk)]
    with stored_vectors(index, opened.generation) as stored:
        check_in_step(opened.manifest, stored, opened.lexical, opened.vectors, opened.role_vectors)
    roles = opened.manifest.roles(opened.manifest.role_ids())
    told = "; ".join(wrong) or " ".join(f"{role_id}: {role.title}: {role.text!r}" for role_id, role in sorted(roles.items()))
    return f"{opened.generation}\t{told}"


def _wrong_with(opened: Index, chunk: Chunk) -> Iterator[str]:
    if abs(float(opened.vectors.vectors([chunk.id])[0] @ WordEmbedder().encode_document([chunk.embedded_text])[0]) - 1) > 1e-5:
        yield f"the vector of {chunk.id} is that of another text"
    if chunk.id not in dict(best_by_words(opened.lexical, chunk.text, opened.manifest.count_chunks())):
        yield f"{chunk.id} is not found by its own words"


def _left_over(index: Path) -> list[str]:
    names = sorted(path.name for path in (index / "generations").iterdir())
    wrong = [f"after the next ingest {len(names)} generations are there: {names}"] if len(names) > 2 or not all(map(str.isdigit, names)) else []
    # SQLite clears its own log away at the next opening, which an ingest that embeds nothing does without.
    known = {"CURRENT", "lock", "generations", "embeddings.sqlite3", "embeddings.sqlite3-wal", "embeddings.sqlite3-shm"}
    return wrong + [f"{path.name} was left over" for path in index.iterdir() if path.name not in known]


def _logged(log: Path) -> list[tuple[str, str]]:
    """Kind and path of each step."""
    lines = [line.split("\t") for line in log.read_text(encoding="utf-8").splitlines()]
    return [(kind, path) for _, kind, path in lines]


def unsynced(logged: Iterable[tuple[str, str]]) -> list[str]:
    """The files and folders that changed after they were last synced, when CURRENT is renamed: what a power cut after that could take.

    >>> unsynced([("write", "/generations/1/a"), ("sync", "/generations/1/a"), ("write", "/generations/1/b"), ("rename", "/CURRENT")])
    ['/generations/1/b']
    """
    changed: set[str] = set()
    for kind, path in logged:
        if (kind, path) == ("rename", "/CURRENT"):
            return sorted(changed)
        if kind in ("sync", "delete"):
            changed.discard(path)
        elif path.startswith(("/generations/", "/CURRENT")):
            changed.add(path)
    return ["CURRENT was never renamed"]


def _part(path: str) -> str:
    """`/generations/000002/chroma/x.bin` belongs to chroma; SQLite's journals to their database."""
    parts = path.strip("/").split("/")
    name = parts[2] if parts[0] == "generations" and len(parts) > 2 else parts[0] or "index"
    return name.removesuffix("-journal").removesuffix("-wal").removesuffix("-shm").removesuffix(".new")


def _tally(outcomes: Sequence[tuple[Step, Fault, Outcome]]) -> Iterator[str]:
    """Lines of a table: a row a kind of step, with the number of trials and how they ended."""
    yield f"{'step':<34}{'killed':>8}{'torn':>8}{'full':>8}{'failed':>8}   old   new  lost or mixed  wrong"
    rows = sorted({(step.part, step.kind) for step, _, _ in outcomes})
    for row in [*rows, None]:
        mine = [(fault, outcome) for step, fault, outcome in outcomes if row is None or (step.part, step.kind) == row]
        faults, found = Counter(fault for fault, _ in mine), Counter(outcome.found for _, outcome in mine)
        name = f"{row[0]}: {row[1]}" if row else "all"
        counts = "".join(f"{faults[fault]:>8}" for fault in (Fault.KILLED, Fault.TORN, Fault.FULL, Fault.FAILED))
        wrong = sum(bool(outcome.wrong) for _, outcome in mine)
        yield f"{name:<34}{counts}{found['old']:>6}{found['new']:>6}{found['lost or mixed']:>15}{wrong:>7}"


def run(scenario: Scenario, faults: Sequence[Fault], every: int, timed: int, folder: Path) -> list[tuple[Step, Fault, Outcome]]:
    """Trials at every so many-th step for each of these faults, and so many kills at random times. Only in a process that has faults.so preloaded."""
    chaos = Chaos(scenario, folder / scenario.name.replace(" ", "-"))
    steps, order = chaos.steps()
    outcomes = [(Step("order of syncs", "anything"), Fault.NOTHING, order)]
    outcomes += [
        (step, fault, chaos.trial(fault, number))
        for fault in faults
        for number, step in enumerate(steps, start=1)
        if (number % every == int(fault) % every or step.part in PUBLISHING) and not (fault is Fault.TORN and step.kind != "write")
    ]
    moments = random.Random(0)  # noqa: S311
    for _ in range(timed):
        outcomes.append((Step("at a random time", "anything"), Fault.KILLED, chaos.timed_trial(moments.uniform(0, 1.1))))
    return outcomes


def _preloaded(folder: Path) -> None:
    """Start this program again with faults.so in front of the C library."""
    library = build_faults(folder)
    if library is None:
        sys.exit("chaos needs a C compiler, `cc`; install gcc or clang")
    environment = os.environ | {"LD_PRELOAD": str(library), "TMPDIR": str(folder)}
    sys.exit(subprocess.run([sys.executable, *sys.argv], env=environment, check=False).returncode)


def main() -> None:
    """Run trials and print how they ended; exits with 1 when something was lost, mixed or wrong."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--every", type=int, default=1, help="take every so many-th step (default: all)")
    parser.add_argument("--timed", type=int, default=40, help="kills at random times for each scenario")
    parser.add_argument("--faults", default="killed,torn,full,failed", help="which faults, separated by commas")
    parser.add_argument("--scenarios", default=",".join(scenario.name for scenario in SCENARIOS))
    arguments = parser.parse_args()
    if "faults.so" not in os.environ.get("LD_PRELOAD", ""):
        with tempfile.TemporaryDirectory(prefix="rolesearch-chaos-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
            _preloaded(Path(folder))
    for module in IMPORTED_ONCE:
        importlib.import_module(module)
    faults = [Fault[name.upper()] for name in arguments.faults.split(",")]
    outcomes = []
    for scenario in SCENARIOS:
        if scenario.name in arguments.scenarios.split(","):
            begun = time.perf_counter()
            mine = run(scenario, faults, arguments.every, arguments.timed, Path(tempfile.gettempdir()))
            outcomes += mine
            sys.stdout.write(f"{scenario.name}: {len(mine)} trials in {time.perf_counter() - begun:.0f} s\n")
            sys.stdout.flush()
    sys.stdout.write("\n".join(_tally(outcomes)) + "\n")
    wrong = [(step, fault, outcome) for step, fault, outcome in outcomes if outcome.wrong]
    for step, fault, outcome in wrong:
        sys.stdout.write(f"{fault.name.lower()} at {step.part}: {step.kind}: ended: {outcome.ended}: {outcome.wrong}\n")
    lost = sum(outcome.found == "lost or mixed" for _, _, outcome in outcomes)
    sys.stdout.write(f"{len(outcomes)} trials: lost or mixed {lost}, otherwise wrong {len(wrong) - lost if len(wrong) > lost else 0}\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
