"""The command line: `rolesearch ingest | search | match | compare | evaluate | rebuild | doctor | ui`.

Results on stdout, all else on stderr; others script against it.

Heavy libraries are imported inside the commands that need them, so that `--help` answers at once.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from search.errors import RoleSearchError, UsageError
from search.records import Mode

if TYPE_CHECKING:
    from ingest.pipeline import SyncReport
    from search.evaluation import Evaluation
    from search.settings import Settings

app = typer.Typer(
    help="Find the right role among thousands of role descriptions by what it means, on this machine, and see why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

EXIT_REFUSED = 3
MODES = ", ".join(mode.value for mode in Mode)

IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder of the index. Default: ROLESEARCH_INDEX, then .rolesearch/", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Folders and files with role descriptions.", metavar="PATH…", show_default=False)],
    index: IndexOption = None,
    as_json: JsonOption = False,
    prune: Annotated[bool, typer.Option(help="Remove the roles of files that are gone.")] = True,
    allow_mass_removal: Annotated[bool, typer.Option("--allow-mass-removal", help="Let it remove more than half of the roles.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 when something was refused.")] = False,
) -> None:
    """Bring the index in step with folders of role descriptions: what is new, changed or gone."""
    from ingest.pipeline import sync
    from search.embedding import open_embedder
    from ui import terminal

    settings = _settings(index)
    with terminal.progress() as progress:
        report = sync(paths, settings.index, open_embedder(settings.model), prune=prune, allow_mass_removal=allow_mass_removal, progress=progress)
    _print_report(report, settings, as_json)
    if strict and report.refused:
        raise typer.Exit(EXIT_REFUSED)


@app.command()
def rebuild(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Cut and embed all roles of the index anew, after a change of model or program; no file is read again."""
    from ingest.pipeline import rebuild as rebuild_index
    from search.embedding import open_embedder
    from ui import terminal

    settings = _settings(index)
    with terminal.progress() as progress:
        report = rebuild_index(settings.index, open_embedder(settings.model), progress=progress)
    _print_report(report, settings, as_json)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help='What to look for. "exact phrase" must occur; -word and -"phrase" leave roles out.', show_default=False)],
    k: Annotated[int, typer.Option("-k", min=1, help="How many roles at most.")] = 10,
    mode: Annotated[Mode, typer.Option(help="By meaning (dense), by words (lexical), or both.")] = Mode.HYBRID,
    filters: Annotated[list[str] | None, typer.Option("--filter", help="key=value, also !=, >=, <=; may be repeated.", show_default=False)] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find roles, best first, each with the passages that earned it its place."""
    from search.filters import parse_filters
    from search.records import Query
    from ui import present, terminal
    from ui.wiring import open_searcher

    results = open_searcher(_settings(index)).search(Query(text, k, mode, parse_filters(filters or [])))
    if as_json:
        _print_json(present.results_json(results))
    else:
        terminal.print_results(results)


@app.command()
def match(
    file: Annotated[Path, typer.Argument(help="A CV, or a role description, in any format that ingest reads; - reads text from stdin.", show_default=False)],
    k: Annotated[int, typer.Option("-k", min=1, help="How many roles at most.")] = 5,
    filters: Annotated[list[str] | None, typer.Option("--filter", help="key=value, also !=, >=, <=; may be repeated.", show_default=False)] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the roles that fit a CV, and show for each what it asks for and where the CV shows it: met, partly, missing."""
    from ingest.single import read_role, role_of_text
    from search.embedding import open_embedder
    from search.filters import parse_filters
    from search.match_ranking import best_matches
    from ui import present, side_by_side
    from ui.wiring import open_searcher

    settings = _settings(index)
    embedder = open_embedder(settings.model)
    text = role_of_text(sys.stdin.read(), "stdin") if str(file) == "-" else read_role(file)
    matches = best_matches(text, open_searcher(settings, embedder), embedder, k, parse_filters(filters or []))
    if as_json:
        _print_json(present.matches_json(text, matches))
    else:
        side_by_side.print_matches(text, matches)


@app.command()
def compare(
    names: Annotated[list[str], typer.Argument(help="Two to four: ids of roles in the index, or files.", metavar="ROLE…", show_default=False)],
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put two to four roles side by side: what they share, what each has alone, and what changes from the first to each other, sentence by sentence."""
    from ingest.single import read_role
    from search.compare import compare_roles
    from search.embedding import open_embedder
    from ui import present, side_by_side
    from ui.wiring import open_searcher

    settings = _settings(index)
    embedder = open_embedder(settings.model)
    searcher = open_searcher(settings, embedder)
    comparison = compare_roles([read_role(Path(name)) if Path(name).is_file() else searcher.role(name) for name in names], embedder)
    if as_json:
        _print_json(present.roles_compared_json(comparison))
    else:
        side_by_side.print_comparison(comparison)


@app.command()
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
    searcher = open_searcher(_settings(index))

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
        _print_json(tables if all_modes else tables[one_mode.value])
    else:
        terminal.print_evaluations(tables, by_kind=by_kind)


@app.command()
def doctor(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Say what is in the index, what built it and what was refused, and check that its parts agree."""
    from search.embedding import open_embedder
    from search.index import Index, check_in_step
    from ui import present, terminal

    settings = _settings(index)
    opened = Index.open(settings.index, open_embedder(settings.model).fingerprint)
    try:
        check_in_step(opened.manifest, opened.vectors, opened.lexical, opened.role_vectors)
        status = present.status_json(opened.manifest)
    finally:
        opened.close()
    if as_json:
        _print_json(status)
    else:
        terminal.print_status(status)


@app.command()
def ui(index: IndexOption = None, port: Annotated[int, typer.Option(help="Port on localhost.", min=1, max=65535)] = 8501) -> None:
    """Open the search page on this machine."""
    import os

    settings = _settings(index)
    environment = os.environ | {"ROLESEARCH_INDEX": str(settings.index.absolute())}
    command = [sys.executable, "-m", "streamlit", "run", str(Path(__file__).with_name("app.py")), f"--server.port={port}"]
    os.execve(sys.executable, command, environment)  # noqa: S606 - this program's own interpreter and arguments


def main() -> None:
    """Run the command line. Errors that a user can cure are one line on stderr and an exit code; anything else keeps its traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s", stream=sys.stderr)
    with _translated_errors():
        app()


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except RoleSearchError as error:
        sys.stderr.write(f"rolesearch: {error}\n")
        sys.exit(error.exit_code)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        sys.stderr.write(f"rolesearch: {error.strerror or error}{place}\n")
        sys.exit(1)


def _mode(name: str | None) -> Mode | None:
    """What `--mode` and `--against` name; None when it is no mode."""
    return next((mode for mode in Mode if mode.value == name), None)


def _settings(index: Path | None) -> "Settings":
    from search.settings import read_settings

    settings = read_settings()
    return settings.model_copy(update={"index": index}) if index is not None else settings


def _print_report(report: "SyncReport", settings: "Settings", as_json: bool) -> None:
    from ui import present, terminal

    if as_json:
        _print_json(present.report_json(report))
    else:
        terminal.print_report(present.report_json(report), settings.index)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
