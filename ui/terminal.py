"""Results and reports for a person at a terminal: rich where stdout is one, plain lines in a pipe."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from search.records import Hit, Results, Understood
from ui.present import DIGITS, attribute_text, demand_text, printable, wish_text

if TYPE_CHECKING:
    from ingest.pipeline import Progress as ProgressCallback

PASSAGE_CHARACTERS = 320
WORSE_SHOWN = 20
TWINS_SHOWN = 5
PLANNED_SHOWN = 20
SMALLEST_P = 0.001
_STAGES = {"reading": "Reading files", "embedding": "Embedding chunks"}


@contextmanager
def progress() -> Iterator["ProgressCallback"]:
    """A progress bar with rate and time left on stderr while it is a terminal; nothing otherwise."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage, done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(_STAGES[stage], total=total, rate="")
            task = bars.tasks[tasks[stage]]
            speed = task.finished_speed or task.speed
            bars.update(tasks[stage], completed=done, total=total, rate=f"{speed:.0f}/s" if speed else "")

        yield show


def print_report(report: Mapping[str, Any], index: Path) -> None:
    """What an ingest did, and each refusal with its reason."""
    _print_refused(report)
    _console().print(Text(f"{_counts(report)}; {report['chunks']} chunks in {index}, {report['embedded']} embedded, {report['seconds']:.1f} s"))


def print_plan(plan: Mapping[str, Any], index: Path) -> None:
    """What an ingest would do: the roles, each refusal with its reason, and the counts."""
    console = _console()
    for change, ids in plan["roles"].items():
        for role_id in ids[:PLANNED_SHOWN]:
            console.print(Text(f"{change} {printable(role_id)}"))
        if len(ids) > PLANNED_SHOWN:
            console.print(Text(f"{change} {len(ids) - PLANNED_SHOWN} more, which --json lists", style="dim"))
    _print_refused(plan)
    console.print(Text(f"would be: {_counts(plan)}; {plan['chunks']} chunks in {index}, {plan['embedded']} to embed. Nothing was written"))


def _counts(report: Mapping[str, Any]) -> str:
    return ", ".join(f"{report[name]} {name}" for name in ("added", "updated", "removed", "unchanged")) + f", {len(report['refused'])} refused"


def _print_refused(report: Mapping[str, Any]) -> None:
    """Each refusal with its reason, and what was passed over."""
    console = _console()
    for refusal in report["refused"]:
        console.print(Text.assemble(("refused ", "bold red"), printable(refusal["file"]), ": ", printable(refusal["reason"])))
    if report["skipped"]:
        shown = ", ".join(printable(name) for name in report["skipped"][:5])
        more = f" and {len(report['skipped']) - 5} more" if len(report["skipped"]) > 5 else ""
        console.print(Text(f"skipped {len(report['skipped'])} files that are no format of role descriptions: {shown}{more}", style="dim"))


def print_results(results: Results) -> None:
    """Hits, best first, with their passages; the notes on stderr."""
    console = _console()
    if said := _understood(results.understood):
        Console(stderr=True, highlight=False, soft_wrap=True).print(Text(f"Understood: {printable(said)}", style="dim"))
    for note in results.notes:
        Console(stderr=True, highlight=False, soft_wrap=True).print(Text(printable(note), style="yellow"))
    for number, hit in enumerate(results.hits, start=1):
        console.print(_headline(number, hit))
        for passage in hit.passages[:1] if not console.is_terminal else hit.passages:
            _print_indented(console, Text(f"{passage.section}: {shortened(printable(passage.text))}"))
        _print_indented(console, Text(_why(hit), style="dim"))
        if hit.twins:
            shown = ", ".join(f"{printable(twin.role_id)} ({twin.grade.value})" for twin in hit.twins[:TWINS_SHOWN])
            more = f" and {len(hit.twins) - TWINS_SHOWN} more" if len(hit.twins) > TWINS_SHOWN else ""
            _print_indented(console, Text(f"near-identical: {shown}{more}"))


def _understood(understood: Understood) -> str:
    """The wishes, demands and corrections on one line; "" where the query was taken as it stands."""
    parts = [*map(wish_text, understood.wishes), *map(demand_text, understood.demands)]
    parts += [f"{correction.read} for {correction.said}, which no role holds" for correction in understood.corrections]
    return "; ".join(dict.fromkeys(parts))


def print_evaluations(evaluations: Mapping[str, Mapping[str, Any]], *, by_kind: bool) -> None:
    """Evaluations by name: their rows a query where they have them, a table otherwise; then how each differs from what it was compared with."""
    if any("per_query" in evaluation for evaluation in evaluations.values()):
        named = len(evaluations) > 1
        _print_rows([({"mode": name} if named else {}) | row for name, evaluation in evaluations.items() for row in evaluation["per_query"]])
    else:
        print_table({row: values for name, evaluation in evaluations.items() for row, values in _table_rows(name, evaluation, by_kind).items()}, "mode")
    for name, evaluation in evaluations.items():
        if "against" in evaluation:
            _print_comparison(name, evaluation["against"])


def _table_rows(name: str, evaluation: Mapping[str, Any], by_kind: bool) -> dict[str, dict[str, str]]:
    kinds = {f"{name}, {printable(kind)}": values for kind, values in evaluation["by_kind"].items()} if by_kind else {}
    return {row: _table_row(values) for row, values in {name: evaluation, **kinds}.items()}


def _table_row(values: Mapping[str, Any]) -> dict[str, str]:
    """Each mean with its interval; what is not known of a single kind stays empty."""
    means = {measure: f"{values[measure]:.3f} [{low:.3f}, {high:.3f}]" for measure, (low, high) in values["intervals"].items()}
    times = {name: f"{values[name]:.1f}" if name in values else "" for name in ("p50_ms", "p95_ms")}
    return means | {"queries": str(values["queries"]), "unjudged": str(values.get("unjudged", ""))} | times


def _print_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with the same keys as tab-separated lines under their names."""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)] if rows else []
    for line in lines:
        sys.stdout.write("\t".join(printable(str(round(value, DIGITS) if isinstance(value, float) else value)) for value in line) + "\n")


def print_table(rows: Mapping[str, Mapping[str, str]], name: str) -> None:
    """One row a name, below a heading for the names, as a Markdown table in a pipe and a drawn one on a terminal."""
    console = _console()
    columns = list(next(iter(rows.values())))
    if console.is_terminal:
        table = Table(name, *columns)
        for first, row in rows.items():
            table.add_row(first, *row.values())
        console.print(table)
        return
    for line in [[name, *columns], ["---"] * (len(columns) + 1), *([first, *row.values()] for first, row in rows.items())]:
        sys.stdout.write("| " + " | ".join(line) + " |\n")


def _print_comparison(name: str, comparison: Mapping[str, Any]) -> None:
    """A line a measure, then the queries that got worse, the greatest loss first."""
    worse = comparison["worse"]
    lines = [
        "",
        f"{name} against {printable(comparison['name'])}, {_counted(comparison['queries'])}:",
        *(f"{measure} {_difference(values)}" for measure, values in comparison["differences"].items()),
        f"{_counted(len(worse))} got worse{':' if worse else '.'}",
        *(f"{_signed(query['difference'])}  {printable(query['id'])}  {printable(query['text'])}" for query in worse[:WORSE_SHOWN]),
        *([f"and {len(worse) - WORSE_SHOWN} more, which --json lists"] if len(worse) > WORSE_SHOWN else []),
    ]
    for line in lines:
        _console().print(Text(line))


def _difference(values: Mapping[str, float]) -> str:
    p = f"p = {values['p']:.3f}" if values["p"] >= SMALLEST_P else f"p < {SMALLEST_P}"
    return f"{_signed(values['mean'])} [{_signed(values['low'])}, {_signed(values['high'])}], {p}"


def _signed(value: float) -> str:
    # Adding 0 takes the sign from a zero.
    return f"{round(value, 3) + 0.0:+.3f}"


def _counted(queries: int) -> str:
    return f"{queries} {'query' if queries == 1 else 'queries'}"


def _console() -> Console:
    """Colours and wrapping on a terminal only: a line of output is a line in a pipe."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty(), markup=False, emoji=False)


def _print_indented(console: Console, text: Text) -> None:
    """Indented as a block on a terminal; in a pipe one line."""
    console.print(Padding(text, (0, 0, 0, 3)) if console.is_terminal else Text.assemble("   ", text))


def _headline(number: int, hit: Hit) -> Text:
    attributes = [attribute_text(hit.attributes[key]) for key in ("level", "location") if key in hit.attributes]
    return Text.assemble(
        f"{number}. ", (printable(hit.title), "bold"), *((f" · {printable(text)}", "cyan") for text in attributes), (f"  {printable(hit.role_id)}", "dim")
    )


def _why(hit: Hit) -> str:
    parts = []
    if "dense" in hit.why:
        parts.append(f"meaning {hit.why['dense']:.2f}" + (f" (rank {hit.why['dense_rank']:.0f})" if "dense_rank" in hit.why else ""))
    if "lexical" in hit.why:
        parts.append(f"words {hit.why['lexical']:.1f} (rank {hit.why['lexical_rank']:.0f})")
    if "role" in hit.why:
        parts.append(f"whole role {hit.why['role']:.2f}")
    if "title" in hit.why:
        parts.append("named in the title")
    parts += [f"{key.removeprefix('wish_')} wish {value:.0%}" for key, value in hit.why.items() if key.startswith("wish_")]
    return f"score {hit.score:.3f}: " + ", ".join(parts)


def shortened(text: str) -> str:
    """A passage's text, cut between words where it is long."""
    return text if len(text) <= PASSAGE_CHARACTERS else text[: text.rfind(" ", 0, PASSAGE_CHARACTERS)] + " …"
