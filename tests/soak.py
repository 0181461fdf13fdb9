"""One writer publishes edition after edition while threads of several processes ask: every answer must be of one edition, and nothing may grow.

`make soak` does so for ten minutes. Readers are of two kinds: those that keep their index open and move on, and those that open it anew for each question, as
the command line does. In the middle a second writer comes, the real command, and must be told that the index is busy.
"""

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import SpawnContext
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any, TypeAlias

from builders import fill, make_role, publish
from command_line import command
from fakes import WordEmbedder
from ingest.chunking import CHUNKER_VERSION
from search.index import IndexReader, IndexWriter, current_generation
from search.records import Mode, Query, Results, Role
from search.searcher import Searcher

# Editions come round again: the embeddings that are kept are then no reason to grow.
EDITIONS = 6
ROLES_AN_EDITION = 30
MODES = (Mode.HYBRID, Mode.DENSE, Mode.LEXICAL)
# Generations that are there at most while one is published: the last two, and the one that has just come or is in the making.
MOST_GENERATIONS = 3
SAMPLES_A_SECOND = 2
# The first part of the first half is no measure: copies and caches are still being made.
WARMING_UP = 0.2
# What may grow from the first half to the second: a share, and beside it something that does not count.
GROWTH = 1.25
NO_GROWTH = {"memory, MB": 40.0, "disk, MB": 5.0, "copies": 8.0, "open files": 40.0}
# Seconds after which a process that was told to stop has stopped, even on a busy machine.
_ENDS_WITHIN = 120


@dataclass(frozen=True, slots=True)
class Signals:
    """What the processes tell each other."""

    ready: Barrier
    stop_writing: Event
    stop_reading: Event
    hold: Event
    holding: Event
    let_go: Event


@dataclass(slots=True)
class Told:
    """What a reading thread found: `wrong` holds the first things that should not have been, `last` the generation of its last answer."""

    answers: int = 0
    generations: set[int] = field(default_factory=set)
    last: int = 0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)


Sample: TypeAlias = dict[str, float]
"""How much of each quantity of NO_GROWTH there was at a moment, and how many generations."""


def edition_of(generation: int) -> list[Role]:
    """The roles that a generation holds; all say which edition they are of, and from one edition to the next some go and others come."""
    edition = generation % EDITIONS
    places = range(edition, edition + ROLES_AN_EDITION)
    return [make_role(f"role-{place}.md", f"Edition{edition} baker", f"Bake bread {place} for edition{edition}.", edition=edition) for place in places]


def write(index: Path, signals: Signals, told: Any) -> None:
    """Publish edition after edition until told to stop; once, when asked to, keep the lock until told to let it go."""
    published = int(current_generation(index) or 0)
    while not signals.stop_writing.is_set():
        with IndexWriter(index, WordEmbedder(), CHUNKER_VERSION) as writer:
            fill(writer.manifest, edition_of(published + 1), WordEmbedder())
            writer.derive()
            if signals.hold.is_set():
                signals.holding.set()
                signals.let_go.wait()
            published = int(writer.publish())
    told.put(published)


def read(index: Path, threads: int, temporary: Path, signals: Signals, told: Any) -> None:
    """Ask from several threads until told to stop, and then once more; the last thread opens the index anew for each question."""
    temporary.mkdir()
    tempfile.tempdir = str(temporary)
    searcher = Searcher(IndexReader(index, WordEmbedder.fingerprint), WordEmbedder())
    searcher.search(Query("bread baker"))
    signals.ready.wait(_ENDS_WITHIN)
    with ThreadPoolExecutor(threads) as pool:
        found = [pool.submit(_ask, index, searcher if number < threads - 1 else None, signals.stop_reading, number) for number in range(threads)]
    searcher.close()
    told.put([one.result() for one in found])


def _ask(index: Path, kept: Searcher | None, stop: Event, number: int) -> Told:
    told = Told()
    while len(told.wrong) < 5:
        last = stop.is_set()
        mode = MODES[(told.answers + number) % len(MODES)]
        published, begun = int(current_generation(index) or 0), time.perf_counter()
        try:
            results = _answer(index, kept, Query("bread baker", k=2 * ROLES_AN_EDITION, mode=mode))
        except Exception as error:
            told.wrong.append(f"{mode.value}: {type(error).__name__}: {error}")
        else:
            told.slowest = max(told.slowest, time.perf_counter() - begun)
            told.wrong += _wrong_with(results, published)
            told.last = int(results.generation)
            told.generations.add(told.last)
        told.answers += 1
        if last:
            break
    return told


def _answer(index: Path, kept: Searcher | None, query: Query) -> Results:
    if kept is not None:
        return kept.search(query)
    fresh = Searcher(IndexReader(index, WordEmbedder.fingerprint), WordEmbedder())
    try:
        return fresh.search(query)
    finally:
        fresh.close()


def _wrong_with(results: Results, published: int) -> Iterator[str]:
    """Whether an answer is all of its generation, and of one that was published when it was asked for, or later."""
    generation = int(results.generation)
    wanted = {role.id: role for role in edition_of(generation)}
    mode = results.query.mode.value
    if {hit.role_id for hit in results.hits} != wanted.keys():
        yield f"{mode}: of generation {generation} {len(results.hits)} roles were found, not its {len(wanted)}"
        return
    yield from (f"{mode}: {note}" for note in results.notes)
    if generation < published:
        yield f"{mode}: generation {generation} answered, {published} was published before"
    for hit in results.hits:
        role = wanted[hit.role_id]
        if hit.title != role.title or hit.attributes["edition"] != role.attributes["edition"] or {one.text for one in hit.passages} != {role.text}:
            yield f"{mode}: {hit.role_id} of generation {generation} says {hit.title!r}, {[one.text for one in hit.passages]}"


class Soak:
    """A writer and readers, in processes of their own, over an index in `folder`."""

    def __init__(self, folder: Path, processes: int, threads: int) -> None:
        self._index = folder / "index"
        self._folder = folder
        self._threads = threads
        publish(self._index, edition_of(1), WordEmbedder())
        context: SpawnContext = multiprocessing.get_context("spawn")
        self._signals = Signals(context.Barrier(processes + 1), *(context.Event() for _ in range(5)))
        self._published, self._told = context.Queue(), context.Queue()
        self._copies = [folder / f"copies-{number}" for number in range(processes)]
        self._writer = context.Process(target=write, args=(self._index, self._signals, self._published), daemon=True)
        reading = [(self._index, threads, copies, self._signals, self._told) for copies in self._copies]
        self._readers = [context.Process(target=read, args=arguments, daemon=True) for arguments in reading]

    def run(self, seconds: float) -> list[str]:
        """Let them work for so many seconds; prints what was measured and returns what was wrong."""
        processes = (self._writer, *self._readers)
        for process in processes:
            process.start()
        self._signals.ready.wait(_ENDS_WITHIN)
        first = list(self._samples(seconds / 2))
        wrong = self._second_writer()
        second = list(self._samples(seconds / 2))
        self._signals.stop_writing.set()
        published = self._published.get(timeout=_ENDS_WITHIN)
        self._signals.stop_reading.set()
        told = [one for _ in self._readers for one in self._told.get(timeout=_ENDS_WITHIN)]
        for process in processes:
            process.join(_ENDS_WITHIN)
        wrong += [f"a process ended with {process.exitcode}" for process in processes if process.exitcode]
        _print_answers(published, told)
        return [*wrong, *self._wrong_answers(told, published), *_wrong_levels(first[int(WARMING_UP * len(first)) :], second), *self._left_over(published)]

    def _samples(self, seconds: float) -> Iterator[Sample]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            yield {
                "memory, MB": sum(_memory(one.pid) for one in self._readers if one.pid) / len(self._readers),
                "open files": sum(_open_files(one.pid) for one in self._readers if one.pid) / len(self._readers),
                "disk, MB": _size(self._index),
                "copies": sum(len(_names(copies)) for copies in self._copies if copies.is_dir()),
                "generations": len(_names(self._index / "generations")),
            }
            time.sleep(1 / SAMPLES_A_SECOND)

    def _second_writer(self) -> list[str]:
        """What is wrong with how a second writer, the command itself, is refused while the first holds the lock."""
        self._signals.hold.set()
        self._signals.holding.wait(_ENDS_WITHIN)
        role = self._folder / "role.md"
        role.write_text("# Welder\n\nJoins steel.\n", encoding="utf-8")
        second = subprocess.run(command("ingest", role, "--index", self._index), capture_output=True, text=True, check=False)
        self._signals.hold.clear()
        self._signals.let_go.set()
        if second.returncode == 4 and f"another process is writing to {self._index} (process {self._writer.pid})" in second.stderr:
            return []
        return [f"a second writer ended with {second.returncode}: {second.stderr}"]

    def _wrong_answers(self, told: Sequence[Told], published: int) -> Iterator[str]:
        if len(told) != len(self._readers) * self._threads:
            yield f"{len(told)} threads told what they found"
        for one in told:
            yield from one.wrong
            if one.last != published:
                yield f"a reader's last answer is of generation {one.last}, the last that was published is {published}"
            if len(one.generations) < min(EDITIONS, published) / 2:
                yield f"a reader saw {len(one.generations)} of {published} generations"

    def _left_over(self, published: int) -> Iterator[str]:
        if (kept := _names(self._index / "generations")) != [f"{published - 1:06d}", f"{published:06d}"]:
            yield f"these generations are left: {kept}"
        if copies := [path for folder in self._copies for path in folder.rglob("*")]:
            yield f"copies of readers are left: {', '.join(str(path.relative_to(self._folder)) for path in copies[:20])}"


def _wrong_levels(first: Sequence[Sample], second: Sequence[Sample]) -> Iterator[str]:
    """Prints what there was of each quantity in the first half and in the second, and says what grew."""
    for name, not_growth in NO_GROWTH.items():
        before, after = (statistics.mean(sample[name] for sample in half) for half in (first, second))
        sys.stdout.write(f"{name:<12} {before:8.1f} {after:8.1f}\n")
        if after > GROWTH * before + not_growth:
            yield f"{name}: {before:.1f} in the first half, {after:.1f} in the second"
    most = max(sample["generations"] for sample in [*first, *second])
    sys.stdout.write(f"generations at most {most:.0f}\n")
    if most > MOST_GENERATIONS:
        yield f"{most:.0f} generations were there at once"


def _print_answers(published: int, told: Sequence[Told]) -> None:
    answers, slowest = sum(one.answers for one in told), max(one.slowest for one in told)
    seen = [len(one.generations) for one in told]
    sys.stdout.write(f"{published} generations, {answers} answers of {len(told)} threads, which saw {min(seen)} to {max(seen)} generations each\n")
    sys.stdout.write(f"slowest answer {slowest:.1f} s, last one of generation {min(one.last for one in told)} or later\n")


def _memory(process: int) -> float:
    """Resident memory in MB."""
    return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _open_files(process: int) -> int:
    return len(_names(Path(f"/proc/{process}/fd")))


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _size(folder: Path) -> float:
    """What the files below a folder take, in MB; some go while they are looked at."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                size += Path(place, name).stat().st_size
    return size / 1e6


def main() -> None:
    """Let a writer and readers work beside each other, and print what was found; exits with 1 when something was wrong."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--processes", type=int, default=3, help="that read")
    parser.add_argument("--threads", type=int, default=3, help="of each of them; one opens the index anew for each question")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rolesearch-soak-") as folder:
        wrong = Soak(Path(folder), arguments.processes, arguments.threads).run(arguments.seconds)
    sys.stdout.write("".join(f"{one}\n" for one in wrong[:20]) + f"wrong: {len(wrong)}\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
