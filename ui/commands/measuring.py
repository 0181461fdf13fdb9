"""How well the index answers: `evaluate`."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from search.errors import UsageError
from search.records import Mode
from ui.commands.options import MODES, IndexOption, JsonOption, print_json, settings_for

if TYPE_CHECKING:
    from search.evaluation import Evaluation


def evaluate(
    queries: Annotated[Path, typer.Option(help="Queries, a line each: id<TAB>text.", show_default=False)],
    qrels: Annotated[Path, typer.Option(help="TREC judgements, a line each: query 0 role grade.", show_default=False)],
    mode: Annotated[str, typer.Option(metavar="MODE", help=f"The mode to measure: {MODES}.")] = Mode.HYBRID.value,
    against: Annotated[
        str | None, typer.Option(metavar="FILE_OR_MODE", help="Compare with another mode, or with what --json --per-query printed earlier.", show_default=False)
    ] = None,
    all_modes: Annotated[bool, typer.Option("--all-modes", help="Measure every mode.")] = False,
    by_kind: Annotated[bool, typer.Option("--by-kind", help="Print a row for each kind of query, too: level-07 is of the kind level.")] = False,
    per_query: Annotated[bool, typer.Option("--per-query", help="Print a row for each query.")] = False,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how well judged queries find what they should, with 95 % intervals; tables are Markdown in a pipe."""
    from search.evaluation import compare as compare_evaluations
    from search.evaluation import evaluate as evaluate_queries
    from search.judgements import read_judged_queries
    from search.records import Query
    from ui import present, terminal
    from ui.wiring import open_searcher

    one_mode, other_mode = _mode(mode), _mode(against)
    if one_mode is None:
        raise UsageError(f"there is no mode {mode!r} to measure; there are {MODES}")
    judged = read_judged_queries(queries, qrels)
    run = present.read_run(Path(against), judged) if against is not None and other_mode is None else {}
    searcher = open_searcher(settings_for(index))

    @cache
    def measured(asked: Mode) -> "Evaluation":
        # Asked once before the clock runs: the first query loads the model.
        searcher.search(Query(judged[0].text, 1, asked))
        return evaluate_queries(judged, lambda text, k: searcher.search(Query(text, k, asked)))

    def found(asked: Mode) -> dict[str, Any]:
        values = present.evaluation_json(measured(asked))
        if per_query:
            values["per_query"] = present.evaluation_rows(measured(asked))
        if against is not None:
            before = {score.query.id: score.measures for score in measured(other_mode).scores} if other_mode is not None else run
            values["against"] = present.comparison_json(against, compare_evaluations(before, measured(asked)))
        return values

    tables = {asked.value: found(asked) for asked in (Mode if all_modes else [one_mode])}
    if as_json:
        print_json(tables if all_modes else tables[one_mode.value])
    else:
        terminal.print_evaluations(tables, by_kind=by_kind)


def _mode(name: str | None) -> Mode | None:
    """What `--mode` and `--against` name; None when it is no mode."""
    return next((mode for mode in Mode if mode.value == name), None)
