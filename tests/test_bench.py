"""What `make bench` says of its figures: which targets are met, which were not run, and how costs grow."""

from dataclasses import replace

import pytest

from bench.compare import LIMIT, SYSTEMS, Comparison, Row, comparison_lines
from bench.growth import AskedCost, Growth, IngestCost, exponent
from bench.ingest import LittleNew
from bench.report import BEGIN, END, PAGE
from bench.scale import SearchCost
from bench.targets import Figures, targets

FILTERS = ("none", "half")


def row(name: str, seconds: float) -> Row:
    return Row(name, "what it lacks", seconds, seconds, 100 / seconds, 10.0, 20.0, 10.0, 300.0, 1.0, 1.0)


def asked(chunks: int, p50: float, filtered: float, recall: float) -> AskedCost:
    by_filter = dict(zip(FILTERS, (p50, filtered), strict=True))
    return AskedCost(chunks, SearchCost(by_filter, by_filter, by_filter, dict.fromkeys(FILTERS, recall), {"1": 10.0, "2": 20.0, "8": 19.0}, 1.5), 400.0, 5.0)


@pytest.fixture
def figures() -> Figures:
    rows = [row(system.name, 10.0 if system is LIMIT else 10.9 if system is SYSTEMS[0] else 15.0) for system in SYSTEMS]
    ingests = [IngestCost(LittleNew(500, 1_000, 1.0, 0.1, 0.2, 0.3), 300.0), IngestCost(LittleNew(10_000, 20_000, 20.0, 3.5, 0.8, 0.9), 490.0)]
    growth = Growth(ingests, [asked(5_000, 4.0, 9.0, 0.991)])
    short = Comparison("corpus", 10, 100, 5, 2, [0.1], [replace(one, seconds=1.3) if one.system == SYSTEMS[0].name else one for one in rows], {})
    return Figures(
        "2026-01-01 12:00", "AVX512_ICL", 0.1, short, Comparison("corpus", 100, 1_000, 5, 2, [0.1], rows, {}), growth, {"search": 1.0, "--help": 0.4}
    )


def test_each_target_is_met_or_not_or_was_not_run(figures: Figures) -> None:
    met = {one.name: one.met for one in targets(figures)}
    assert {one.name: one.measured for one in targets(figures)}["search at 5,000 chunks, p50"] == "4.0 ms; the model by itself 1.5"
    assert met["ingest against the bare forward pass"] is True
    assert met["ingest ahead of every other system"] is True
    assert met["nothing new in 10,000 files"] is False
    assert met["one changed file in 100,000 chunks, to published"] is None
    assert met["search at 5,000 chunks, p50"] is True
    assert met["search at 1,000,000 chunks, p50"] is None
    assert met["slowest filter against no filter, p50"] is False
    assert met["recall@50 of the dense half, least of all sizes and filters"] is True
    assert met["--help, cold process"] is False
    assert met["reranking, where on"] is None


def test_memory_of_100_000_postings_lies_on_the_line_through_the_two_largest_sizes(figures: Figures) -> None:
    memory = next(one for one in targets(figures) if one.name.startswith("memory"))
    assert memory.measured.startswith("12,640 MiB, extrapolated")
    assert memory.met is False
    few = replace(figures, growth=replace(figures.growth, ingests=figures.growth.ingests[1:]))
    assert next(one for one in targets(few) if one.name.startswith("memory")).met is None


def test_one_changed_file_is_judged_at_the_smallest_size_that_is_large_enough(figures: Figures) -> None:
    larger = [
        IngestCost(LittleNew(files, chunks, 20.0, 1.0, seconds, seconds + 1.0), 500.0)
        for files, chunks, seconds in ((10_000, 110_000, 4.5), (20_000, 220_000, 9.0))
    ]
    grown = replace(figures, growth=replace(figures.growth, ingests=[*figures.growth.ingests, *larger]))
    one_file = next(one for one in targets(grown) if one.name.startswith("one changed file"))
    assert (one_file.met, one_file.measured.split(",")[0]) == (True, "4.5 s in 110")


def test_the_table_has_every_system_with_what_its_answer_lacks_and_says_which_could_not_run(figures: Figures) -> None:
    comparison = replace(figures.comparison, missing={"txtai": "no network"})
    lines = comparison_lines(comparison)
    assert [line.split(" | ")[0][2:] for line in lines[2:]] == [*(system.name for system in SYSTEMS), "txtai"]
    assert all("what it lacks" in line for line in lines[2:-1])
    assert "no network" in lines[-1]


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_the_exponent_is_the_power_by_which_a_cost_grows(power: float) -> None:
    sizes = [1_000, 5_000, 50_000]
    assert exponent(sizes, [3 * size**power for size in sizes]) == pytest.approx(power)


def test_the_page_has_a_place_for_the_figures() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert text.index(BEGIN) < text.index(END)
