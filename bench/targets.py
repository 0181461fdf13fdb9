"""`make bench`: Role Search beside other systems and as it grows, and every target beside what was measured, met or not.

What it finds is kept in .bench/figures.json; `make bench-docs` writes it into docs/performance.md. The default sizes take about half an hour on two
cores; a target whose size was not run says so.
"""

import argparse
import json
import math
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from bench.compare import LIMIT, OURS, ROOT, Comparison, Row, compare, comparison_lines
from bench.growth import Growth, grown, growth_from
from bench.ingest import print_cold_starts
from bench.measuring import PROCESSORS
from ingest.pipeline import sync
from search.embedding import SHIPPED_MODEL, open_embedder

FIGURES = ROOT / ".bench" / "figures.json"
REAL_INDEX = ROOT / ".bench" / "corpus-index"
# Chunks of a posting of USAJOBS, measured over 1,000 of them.
CHUNKS_A_POSTING = 12.35


@dataclass(frozen=True, slots=True)
class Figures:
    """All that one run found: `alone` are ours and the limit over more postings, `cold` is seconds by command, `load` the machine's load average at the end.

    `instructions` are the processor's widest, as NumPy names them: with AVX512_ICL the model's products of eight bits take about half the time.
    """

    taken: str
    instructions: str
    load: float
    comparison: Comparison
    alone: Comparison
    growth: Growth
    cold: dict[str, float]


@dataclass(frozen=True, slots=True)
class Target:
    """A line: what is wished for, what was measured; `met` is None where this run does not say."""

    name: str
    wished: str
    measured: str
    met: bool | None


def main() -> None:
    """Measure, print and keep."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--postings", type=int, default=24, help="postings of USAJOBS for the comparison, about twelve chunks each")
    arguments.add_argument("--long", type=int, default=200, help="postings for an ingest against the bare forward pass alone, where starting counts for less")
    arguments.add_argument("--questions", type=int, default=30, help="questions for the comparison")
    arguments.add_argument("--rounds", type=int, default=3, help="times that every system runs")
    arguments.add_argument("--files", type=int, nargs="*", default=[500, 2_500, 10_000], help="sizes of ingests, in files of about eleven chunks")
    arguments.add_argument("--chunks", type=int, nargs="*", default=[1_000, 5_000, 50_000], help="sizes of indexes that are searched")
    options = arguments.parse_args()
    sync([ROOT / "corpus"], REAL_INDEX, open_embedder(SHIPPED_MODEL))
    cold = print_cold_starts(REAL_INDEX)
    comparison = compare(options.postings, options.questions, options.rounds)
    # Now, not only at the end: what follows may take an hour.
    print("\n".join(["", *comparison_lines(comparison), ""]), flush=True)
    alone = compare(options.long, options.questions, options.rounds, (OURS, LIMIT))
    growth = grown(options.files, options.chunks, REAL_INDEX)
    figures = Figures(time.strftime("%Y-%m-%d %H:%M"), widest_instructions(), os.getloadavg()[0], comparison, alone, growth, cold)
    FIGURES.write_text(json.dumps(asdict(figures), indent=1), encoding="utf-8")
    print("\n".join(["", described(figures), "", *target_lines(figures)]))


def widest_instructions() -> str:
    """The last of the sets of instructions that NumPy found, which lists them from narrow to wide."""
    extensions = np.show_config(mode="dicts")["SIMD Extensions"]
    return str([*extensions["baseline"], *extensions.get("found", [])][-1])


def stored_figures() -> Figures:
    """What the last run kept. Raises OSError where none did."""
    stored = json.loads(FIGURES.read_text(encoding="utf-8"))
    comparison, alone = (Comparison(**one | {"rows": [Row(**row) for row in one["rows"]]}) for one in (stored["comparison"], stored["alone"]))
    return Figures(stored["taken"], stored["instructions"], stored["load"], comparison, alone, growth_from(stored["growth"]), stored["cold"])


def described(figures: Figures) -> str:
    """What was measured, and what else the machine did meanwhile."""
    one = figures.comparison
    loads = ", ".join(f"{load:.1f}" for load in [*one.load, figures.load])
    asked = f"{one.questions} questions, medians of {len(one.load)} rounds, {one.threads} threads"
    ran = f"a processor with {figures.instructions}; load average"
    return f"{figures.taken}: {one.roles:,} roles of {one.corpus}, {one.chunks:,} chunks, {asked}; {ran} at each round and at the end: {loads}."


def targets(figures: Figures) -> list[Target]:
    """Every target of speed and memory."""
    one, cold = figures.comparison, figures.cold
    ratio, long_ratio = (run.row(OURS).seconds / run.row(LIMIT).seconds for run in (one, figures.alone))
    fastest = max((row for row in one.rows if "limit" not in row.system and "Role Search" not in row.system), key=lambda row: row.chunks_a_second)
    found = [
        Target(
            "ingest against the bare forward pass", "≤ 1.10 ×", f"{long_ratio:.2f} × at {figures.alone.chunks:,} chunks, {ratio:.2f} × at {one.chunks:,}",
            long_ratio <= 1.1,
        ),
        Target(
            "ingest ahead of every other system", "> 1 ×", f"{one.row(OURS).chunks_a_second / fastest.chunks_a_second:.2f} × {fastest.system}",
            one.row(OURS).chunks_a_second > fastest.chunks_a_second,
        ),
    ]  # fmt: skip
    found += _ingest_targets(figures.growth) + _search_targets(figures.growth)
    found.append(Target("search, cold process to printed result", "≤ 1.2 s", f"{cold['search']:.2f} s", cold["search"] <= 1.2))
    found.append(Target("--help, cold process", "≤ 0.3 s", f"{cold['--help']:.2f} s", cold["--help"] <= 0.3))
    found.append(Target("reranking, where on", "≤ 150 ms", "there is no reranking", None))
    return found


def _ingest_targets(growth: Growth) -> list[Target]:
    if not growth.ingests:
        return []
    largest = growth.ingests[-1].taken
    # The smallest of the sizes that are large enough.
    unchanged = next((one.taken for one in growth.ingests if one.taken.files >= 10_000), largest)
    taken = next((one.taken for one in growth.ingests if one.taken.chunks >= 100_000), largest)
    is_met = unchanged.nothing < 3 if unchanged.files >= 10_000 else None
    nothing = Target("nothing new in 10,000 files", "< 3 s", f"{unchanged.nothing:.1f} s for {unchanged.files:,}", is_met)
    changed = (
        f"{taken.published:.1f} s in {taken.chunks:,}, {taken.nothing:.1f} s of it for looking at {taken.files:,} files; "
        f"{taken.one_file:.1f} s with what is deleted then"
    )
    one_file = Target("one changed file in 100,000 chunks, to published", "< 5 s", changed, taken.published < 5 if taken.chunks >= 100_000 else None)
    return [nothing, one_file, _memory_target(growth)]


def _memory_target(growth: Growth) -> Target:
    """Peak memory at 100,000 postings, by a straight line through the two largest sizes."""
    name, wished = "memory of an ingest of 100,000 postings", "≤ 2,048 MiB"
    if len(growth.ingests) < 2:
        return Target(name, wished, "needs two sizes", None)
    small, large = growth.ingests[-2:]
    slope = (large.peak - small.peak) / (large.taken.chunks - small.taken.chunks)
    mib = large.peak + slope * (100_000 * CHUNKS_A_POSTING - large.taken.chunks)
    return Target(name, wished, f"{mib:,.0f} MiB, extrapolated from {large.peak:,.0f} MiB at {large.taken.chunks:,} chunks", mib <= 2_048)


def _search_targets(growth: Growth) -> list[Target]:
    found = []
    by_size = {one.chunks: one.taken for one in growth.searches}
    for size, p50, p95 in ((5_000, 5, None), (50_000, 10, 20), (1_000_000, 25, None)):
        for name, most in (("p50", p50), ("p95", p95)):
            if most is not None:
                taken = by_size.get(size)
                value = getattr(taken, name)["none"] if taken else math.nan
                shown = f"{value:.1f} ms; the model by itself {taken.model:.1f}" if taken else "not run"
                found.append(Target(f"search at {size:,} chunks, {name}", f"≤ {most} ms", shown, value <= most if taken else None))
    if by_size:
        worst = max((_slowest_filter(one.p50), f"{name:,} chunks") for name, one in by_size.items())
        found.append(Target("slowest filter against no filter, p50", "≤ 2 ×", f"{worst[0]:.2f} × at {worst[1]}", worst[0] <= 2))
        least = min(min(one.recall.values()) for one in by_size.values())
        found.append(Target("recall@50 of the dense half, least of all sizes and filters", "≥ 0.99", f"{least:.4f}", least >= 0.99))
        rates = growth.searches[-1].taken.rates
        gain = rates["8"] / rates.get(str(PROCESSORS), PROCESSORS * rates["1"])
        found.append(Target("8 threads against one on each core", "≥ 1 ×", f"{gain:.2f} × ({rates['8']:.0f} questions a second)", gain >= 1))
    return found


def _slowest_filter(p50: Mapping[str, float]) -> float:
    return max(value for name, value in p50.items() if name != "none") / p50["none"]


def target_lines(figures: Figures) -> list[str]:
    """The targets, as Markdown."""
    words = {True: "met", False: "**not met**", None: "not shown"}
    rows = [f"| {one.name} | {one.wished} | {one.measured} | {words[one.met]} |" for one in targets(figures)]
    return ["| target | wished for | measured | |", "|---|---:|---:|---|", *rows]


if __name__ == "__main__":
    main()
