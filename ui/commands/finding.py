"""Commands that ask the index: `search`, `similar`, `match`, `compare` and `diff`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from search.records import Mode
from ui.commands.options import FilterOption, IndexOption, JsonOption, print_json, settings_for


def search(
    text: Annotated[str, typer.Argument(help='What to look for. "exact phrase" must occur; -word and -"phrase" leave roles out.', show_default=False)],
    k: Annotated[int, typer.Option("-k", min=1, help="How many roles at most.")] = 10,
    mode: Annotated[Mode, typer.Option(help="By meaning (dense), by words (lexical), or both.")] = Mode.HYBRID,
    filters: FilterOption = None,
    every: Annotated[bool, typer.Option("--all", help="List near-identical roles, too, not only the best of them with the names of the others.")] = False,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find roles, best first, each with the passages that earned it its place."""
    from search.embedding import load_ahead, open_embedder

    settings = settings_for(index)
    embedder = open_embedder(settings.model)
    if mode is not Mode.LEXICAL:
        # Beside the imports that follow, which take as long: docs/performance.md, "Cold start".
        load_ahead(embedder)

    from search.filters import parse_filters
    from search.records import Query
    from ui import present, terminal
    from ui.wiring import open_searcher

    results = open_searcher(settings, embedder).search(Query(text, k, mode, parse_filters(filters or []), collapsed=not every))
    if as_json:
        print_json(present.results_json(results))
    else:
        terminal.print_results(results)


def similar(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of roles that are liked, and at most one TEXT to look for besides.", metavar="ID… TEXT", show_default=False),
    ] = None,
    like: Annotated[list[str] | None, typer.Option("--like", help="A phrase, or an id, that is liked; may be repeated.", show_default=False)] = None,
    unlike: Annotated[list[str] | None, typer.Option("--not", help="An id, or a phrase, that is not liked; may be repeated.", show_default=False)] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many roles at most.")] = 10,
    mode: Annotated[Mode, typer.Option(help="By meaning (dense), or both by meaning and words; words alone cannot be steered.")] = Mode.HYBRID,
    filters: FilterOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find roles that are more like these and less like those: any number of roles and phrases steer the search."""
    from search.filters import parse_filters
    from ui import present, steering, terminal
    from ui.wiring import open_searcher

    searcher = open_searcher(settings_for(index))
    query = steering.steered_query(searcher, names or (), like or (), unlike or (), k, mode, parse_filters(filters or []))
    results = searcher.search(query)
    if as_json:
        print_json(present.results_json(results) | steering.steering_json(query))
    else:
        steering.print_steering(query)
        terminal.print_results(results)


def match(
    file: Annotated[Path, typer.Argument(help="A CV, or a role description, in any format that ingest reads; - reads text from stdin.", show_default=False)],
    k: Annotated[int, typer.Option("-k", min=1, help="How many roles at most.")] = 5,
    filters: FilterOption = None,
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

    settings = settings_for(index)
    embedder = open_embedder(settings.model)
    text = role_of_text(sys.stdin.read(), "stdin") if str(file) == "-" else read_role(file)
    matches = best_matches(text, open_searcher(settings, embedder), embedder, k, parse_filters(filters or []))
    if as_json:
        print_json(present.matches_json(text, matches))
    else:
        side_by_side.print_matches(text, matches)


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

    settings = settings_for(index)
    embedder = open_embedder(settings.model)
    searcher = open_searcher(settings, embedder)
    comparison = compare_roles([read_role(Path(name)) if Path(name).is_file() else searcher.role(name) for name in names], embedder)
    if as_json:
        print_json(present.roles_compared_json(comparison))
    else:
        side_by_side.print_comparison(comparison)


def diff(
    first: Annotated[str, typer.Argument(help="A role's id, or a file.", metavar="ROLE", show_default=False)],
    other: Annotated[str, typer.Argument(help="Another.", metavar="ROLE", show_default=False)],
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show word by word what changes from one role to another that is nearly the same, such as a repost."""
    from ingest.single import read_role
    from search.difference import difference_of
    from ui import present, side_by_side
    from ui.wiring import open_searcher

    searcher = open_searcher(settings_for(index))
    one, two = (read_role(Path(name)) if Path(name).is_file() else searcher.role(name) for name in (first, other))
    difference = difference_of(one, two)
    if as_json:
        print_json(present.difference_json(difference))
    else:
        side_by_side.print_difference(difference)
