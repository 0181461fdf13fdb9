"""`make bench-docs`: writes what the last `make bench` found into docs/performance.md, and draws its charts beside it.

The charts are described by Altair and drawn by vl-convert, which lives in an environment below .bench.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import altair

from bench.compare import ROOT, comparison_lines, environment
from bench.growth import Growth, exponent
from bench.targets import Figures, described, stored_figures, target_lines

PAGE = ROOT / "docs" / "performance.md"
PICTURES = ROOT / "docs"
BEGIN, END = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"
DRAW = "import sys, vl_convert; print(vl_convert.vegalite_to_svg(sys.stdin.read()))"

# Around a chart, in pixels: names are wider in some fonts than in the one that they were measured in.
ROOM = {"left": 40, "right": 60, "top": 5, "bottom": 5}

Line = tuple[str, Sequence[float], Sequence[float]]
"""A name, sizes, and what each size costs."""


def main() -> None:
    """Write."""
    figures = stored_figures()
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    written = [described(figures), "", *target_lines(figures), "", *comparison_lines(figures.comparison), "", "![Systems](bench-systems.svg)", ""]
    draw("bench-systems", systems_chart(figures))
    seconds, memory = lines_of_time(figures.growth), lines_of_memory(figures.growth)
    if seconds:
        draw("bench-time", growth_chart(seconds, "seconds"))
        draw("bench-memory", growth_chart(memory, "MiB"))
        written += [
            "![Time as it grows](bench-time.svg) ![Memory as it grows](bench-memory.svg)",
            "",
            *exponent_lines([*seconds, *memory]),
            "",
        ]
    PAGE.write_text(before + BEGIN + "\n".join(written) + END + rest.split(END)[1], encoding="utf-8")


def lines_of_time(growth: Growth) -> list[Line]:
    """Seconds of an ingest without the model, of publishing one changed file, of a search and of one with a filter."""
    chunks, asked = [one.taken.chunks for one in growth.ingests], [one.chunks for one in growth.searches]
    lines: list[Line] = [
        ("ingest without the model", chunks, [one.taken.first for one in growth.ingests]),
        ("one changed file, to published", chunks, [one.taken.published for one in growth.ingests]),
        ("search", asked, [one.taken.p50["none"] / 1000 for one in growth.searches]),
        ("search, a tenth of the roles", asked, [one.taken.p50["tenth"] / 1000 for one in growth.searches]),
    ]
    return [line for line in lines if line[1]]


def lines_of_memory(growth: Growth) -> list[Line]:
    """Most memory of a process that ingests, and of one that only searches (its answers compared with an exact scan)."""
    lines: list[Line] = [
        ("ingest and publish, at most", [one.taken.chunks for one in growth.ingests], [one.peak for one in growth.ingests]),
        ("search with and without filters, at most", [one.chunks for one in growth.searches], [one.peak for one in growth.searches]),
    ]
    return [line for line in lines if line[1]]


def exponent_lines(lines: Sequence[Line]) -> list[str]:
    """A table: how each cost grows, as the exponent of the chunks, over the sizes that were run."""
    head = ["| cost | chunks | exponent |", "|---|---:|---:|"]
    return head + [f"| {name} | {min(sizes):,} to {max(sizes):,} | {exponent(sizes, costs):.2f} |" for name, sizes, costs in lines]


def systems_chart(figures: Figures) -> dict[str, Any]:
    """Chunks a second and milliseconds a question of every system, as bars."""
    rows = [{"system": row.system, "chunks/s": row.chunks_a_second, "ms": row.p50} for row in figures.comparison.rows]
    base = altair.Chart(altair.InlineData(values=rows)).mark_bar()
    names = altair.Y("system:N", sort=None, title=None, axis=altair.Axis(labelLimit=300))
    ingest = base.encode(x=altair.X("chunks/s:Q", title="ingest, chunks a second"), y=names).properties(width=260)
    asked = base.encode(x=altair.X("ms:Q", title="a question, ms (median)"), y=names.copy(deep=True)).properties(width=260)
    spec: dict[str, Any] = altair.hconcat(ingest, asked).properties(padding=ROOM).to_dict()
    return spec


def growth_chart(lines: Sequence[Line], unit: str) -> dict[str, Any]:
    """Costs against chunks, both on logarithmic axes."""
    points: list[Mapping[str, object]] = [
        {"what": name, "chunks": size, "cost": cost} for name, sizes, costs in lines for size, cost in zip(sizes, costs, strict=True)
    ]
    log, legend = altair.Scale(type="log"), altair.Legend(labelLimit=300)
    chart = altair.Chart(altair.InlineData(values=points)).mark_line(point=True)
    drawn = chart.encode(
        x=altair.X("chunks:Q", scale=log),
        y=altair.Y("cost:Q", scale=log, title=unit),
        color=altair.Color("what:N", title=None, legend=legend),
    )
    spec: dict[str, Any] = drawn.properties(width=320, height=260, padding=ROOM).to_dict()
    return spec


def draw(name: str, spec: Mapping[str, Any]) -> None:
    """Write a chart as SVG."""
    python = environment("charts.txt")
    finished = subprocess.run([str(python), "-c", DRAW], input=json.dumps(spec), capture_output=True, text=True, check=True)  # noqa: S603
    (PICTURES / f"{name}.svg").write_text(finished.stdout, encoding="utf-8")


if __name__ == "__main__":
    main()
