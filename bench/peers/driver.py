"""What the driver of every system does: ingest, then ask, and write down what both took. Runs in that system's own environment: standard library only.

Called as `python -m bench.peers.NAME TASK FOLDER ANSWER`: TASK is a JSON file with the model's folder, ids and texts, questions, and the folders or files that
the texts were read from; FOLDER is empty and takes what the system stores; ANSWER is the JSON file that is written.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.measuring import both_times, disk_mb, peak_mib

WARM_UP = 5
HITS = 10
# Texts that a model embeds at once.
BATCH = 32

Ask = Callable[[str], Sequence[dict[str, object]]]
"""From a question to its hits, best first; each has an `id` and can be written as JSON."""


@dataclass(frozen=True, slots=True)
class Task:
    """What every system is given: `texts` have `ids`, and were read from `paths`."""

    model: str
    ids: list[str]
    texts: list[str]
    questions: list[str]
    paths: list[str]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a system took: seconds on the clock and of the processor, milliseconds a question, MiB at most, MB on disk, and the ids found by each question."""

    ingest: float
    ingest_processor: float
    questions: list[float]
    questions_processor: list[float]
    peak: float
    disk: float
    found: list[list[str]]


def drive(start: Callable[[Task, Path], Callable[[], Ask]]) -> None:
    """Let `start` bring the system's model into memory, run the ingest that it returns, and ask what that returns."""
    task = Task(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    folder = Path(sys.argv[2])
    ingest = start(task, folder)
    asks: list[Ask] = []
    taken = both_times(lambda: asks.append(ingest()))
    measured = ask_all(task, asks[0], taken, disk_mb(folder))
    Path(sys.argv[3]).write_text(json.dumps(asdict(measured)), encoding="utf-8")


def ask_all(task: Task, ask: Ask, taken: tuple[float, float], disk: float) -> Measured:
    """Every question, from its text to its answer as JSON; the first few twice, the first time unmeasured."""
    answers: list[str] = []
    for question in task.questions[:WARM_UP]:
        ask(question)
    times = [both_times(lambda question=question: answers.append(json.dumps(ask(question)))) for question in task.questions]  # type: ignore[misc]
    clock, processor = ([1000 * both[place] for both in times] for place in (0, 1))
    found = [[hit["id"] for hit in json.loads(answer)] for answer in answers]
    return Measured(taken[0], taken[1], clock, processor, peak_mib(), disk, found)
