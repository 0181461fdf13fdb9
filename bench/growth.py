"""What ingest, publishing, search and filters cost as an index grows: a process for each size, so that each has a peak of memory of its own.

`python -m bench.growth ANSWER ingest FILES` makes so many files; `… make CHUNKS INDEX FOLDER` and `… search CHUNKS FOLDER` multiply the roles of a real index.
"""

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.ingest import ROOT, CheapEmbedder, LittleNew, print_little_new
from bench.measuring import disk_mb, peak_mib
from bench.scale import QUESTIONS, Remembering, SearchCost, grow, judged_questions, measure
from search.embedding import SHIPPED_MODEL, open_embedder
from search.index import Index


@dataclass(frozen=True, slots=True)
class IngestCost:
    """Ingests of one size, and the most memory (MiB) that their process held, the model included."""

    taken: LittleNew
    peak: float


@dataclass(frozen=True, slots=True)
class AskedCost:
    """Searches at one size; MiB at most in a process that only searches, MB on disk (without a graph)."""

    chunks: int
    taken: SearchCost
    peak: float
    disk: float


@dataclass(frozen=True, slots=True)
class Growth:
    """All sizes, smallest first."""

    ingests: list[IngestCost]
    searches: list[AskedCost]


def grown(files: Sequence[int], chunks: Sequence[int], real: Path) -> Growth:
    """Measure every size."""
    ingests = [_in_a_process("ingest", str(size)) for size in sorted(files)]
    searches = []
    for size in sorted(chunks):
        with tempfile.TemporaryDirectory(prefix="rolesearch-growth-") as folder:
            _in_a_process("make", str(size), str(real), folder)
            searches.append(_in_a_process("search", str(size), folder))
    return growth_from({"ingests": ingests, "searches": searches})


def growth_from(stored: dict[str, list[dict[str, object]]]) -> Growth:
    """What was stored as JSON."""
    ingests = [IngestCost(LittleNew(**one["taken"]), one["peak"]) for one in stored["ingests"]]  # type: ignore[arg-type]
    searches = [AskedCost(one["chunks"], SearchCost(**one["taken"]), one["peak"], one["disk"]) for one in stored["searches"]]  # type: ignore[arg-type]
    return Growth(ingests, searches)


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of a straight line through the logarithms: 1 is proportional, 0 independent of the size. NaN for fewer than two sizes.

    >>> round(exponent([1, 10, 100], [3, 30, 300]), 6)
    1.0
    """
    if len(sizes) < 2:
        return math.nan
    x, y = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / sum((a - middle_x) ** 2 for a in x)


def _in_a_process(*arguments: str) -> dict[str, object]:
    """What `measured` returns for these arguments, in a process of its own; what that prints is printed."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        subprocess.run([sys.executable, "-m", "bench.growth", str(answer), *arguments], cwd=ROOT, check=True)  # noqa: S603
        found: dict[str, object] = json.loads(answer.read_text(encoding="utf-8"))
        return found


def measured(kind: str, size: int, folders: Sequence[Path]) -> dict[str, object]:
    """One size: its ingests; or an index of it, made in the second folder of the roles in the first; or searches in the first folder."""
    embedder = open_embedder(SHIPPED_MODEL)
    embedder.encode_document(["a text that brings the model into memory"])
    if kind == "ingest":
        with tempfile.TemporaryDirectory() as scratch:
            taken = print_little_new(Path(scratch), size, CheapEmbedder(embedder))
        return asdict(IngestCost(taken, peak_mib()))
    if kind == "make":
        real = Index.open(folders[0], embedder.fingerprint)
        grow(real, folders[1], size)
        real.close()
        return {}
    print(f"\n{size:,} chunks")
    questions = judged_questions(QUESTIONS)
    asked = measure(folders[0], questions, embedder, Remembering(embedder, questions))
    return asdict(AskedCost(size, asked, peak_mib(), disk_mb(folders[0])))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(measured(sys.argv[2], int(sys.argv[3]), [Path(folder) for folder in sys.argv[4:]])), encoding="utf-8")
