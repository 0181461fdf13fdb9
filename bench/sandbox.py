"""What it costs to read files in a process of their own: the same files read here and there, by processor time, which a busy machine does not change.

`python -m bench.sandbox PATH…`; without a path the shipped corpus.
"""

import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ingest.corpus import FoundFile, walk
from ingest.readers import is_readable
from ingest.sandbox import Sandbox
from ingest.worker import RefusedPart, Request, roles_in
from search.records import Role

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure and print."""
    paths = [Path(given) for given in sys.argv[1:]] or [ROOT / "corpus"]
    files = [entry for entry in walk(paths) if isinstance(entry, FoundFile) and is_readable(entry.path)]
    _seconds("here, warm-up", _here(files[:1]))
    here = _seconds("here", _here(files))
    sandbox = Sandbox()
    start = _seconds("sandbox, start and first file", _there(sandbox, files[:1]))
    there = _seconds("sandbox, all files", _there(sandbox, files))
    sandbox.close()
    _seconds("sandbox closed", iter(()))
    print(f"the sandbox costs {start:.2f} s once and {there - here:+.2f} s for {len(files)} files ({there / here - 1:+.0%} of reading them here)")


def _here(files: list[FoundFile]) -> Iterator[Role | RefusedPart]:
    for entry in files:
        with entry.path.open("rb") as stream:
            yield from roles_in(stream, Request(entry.path.name, entry.name))


def _there(sandbox: Sandbox, files: list[FoundFile]) -> Iterator[Role | RefusedPart]:
    for entry in files:
        yield from sandbox.roles(entry.path, entry.name)


def _seconds(name: str, found: Iterator[Role | RefusedPart]) -> float:
    """Wait for all roles, print what it took, and return the seconds of processor time of this process and of those below it."""
    before, started = _spent(), time.perf_counter()
    roles = sum(isinstance(one, Role) for one in found)
    spent = _spent() - before
    print(f"{name}: {roles:,} roles, {spent:.2f} s of processor time, {time.perf_counter() - started:.2f} s by the clock")
    return spent


def _spent() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime + sum(map(_of_process, _below(os.getpid())))


def _below(process: int) -> list[int]:
    """The processes that this one started and that still run; Linux only."""
    children = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in children.read_text(encoding="ascii").split()] if children.exists() else []


def _of_process(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
