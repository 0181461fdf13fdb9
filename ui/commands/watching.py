"""Saved queries and what is new for them: `watch`, with `watch add`, `watch list`, `watch remove` and `watch report`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from search.records import Mode
from ui.commands.options import FilterOption, IndexOption, JsonOption, print_json, settings_for

if TYPE_CHECKING:
    from search.records import Query
    from search.searcher import Searcher
    from search.watches import Watches

EXIT_FAILED = 1
EXIT_NOTHING_NEW = 5
_COMMANDS = ("report", "add", "list", "remove")


class _ReportByDefault(TyperGroup):
    """`watch` and `watch QUERY…` report: what begins with none of the group's commands belongs to `report`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        known = {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if args and args[0] in known else ["report", *args])


app = typer.Typer(
    cls=_ReportByDefault,
    help=(
        "Say what is new since last time for saved queries, each role once; `watch QUERY…` saves those that are not yet saved. "
        f"Exit: 0 there is news, {EXIT_NOTHING_NEW} there is none."
    ),
    epilog="`watch` and `watch QUERY…` are short for `watch report`; its options: `watch report --help`.",
    context_settings={"help_option_names": ["-h", "--help"]},
)

_NameArgument = Annotated[str, typer.Argument(help="What the query is called.", show_default=False)]
_KOption = Annotated[int | None, typer.Option("-k", min=1, help="How many of the best roles are looked at; 20 by default.", show_default=False)]
_ModeOption = Annotated[Mode | None, typer.Option(help="By meaning (dense), by words (lexical), or both, as by default.", show_default=False)]
_FromStartOption = Annotated[bool, typer.Option("--from-start", help="Take what is there when a query is saved for news, too.")]


@app.command()
def report(
    queries: Annotated[
        list[str] | None,
        typer.Argument(help="Names of saved queries, or new queries, which are saved first. Default: all.", metavar="QUERY…", show_default=False),
    ] = None,
    k: _KOption = None,
    mode: _ModeOption = None,
    filters: FilterOption = None,
    from_start: _FromStartOption = False,
    output: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Write the news to this file instead, safely on the disk before they count as reported; without any, it stays."),
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which roles are new or changed for saved queries, each once. Exit: 0 there is news, 5 there is none, 1 one could not be asked and there is none."""
    from search.errors import UsageError
    from search.watches import Watches
    from ui import watching
    from ui.wiring import open_searcher

    if output is not None and output.exists() and not output.is_file():
        raise UsageError(f"{output} is no regular file; leave out --output to print the news")
    settings = settings_for(index)
    watches, searcher = Watches(settings.index), open_searcher(settings)
    named = [_saved(watches, searcher, text, k, mode, filters, from_start) for text in queries or ()]
    with watches.reporting(searcher, named) as news:
        text = watching.news_text(news, as_json=as_json)
        any_new = any(one.roles for one in news)
        if output is None:
            sys.stdout.write(text)
            # What cannot be written is to be known before the news count as reported.
            sys.stdout.flush()
        elif any_new:
            watching.write_durably(output, text)
    watching.print_outcome(news, output)
    if not any_new:
        raise typer.Exit(EXIT_FAILED if any(one.error for one in news) else EXIT_NOTHING_NEW)


@app.command()
def add(
    name: _NameArgument,
    query: Annotated[str, typer.Argument(help='What to look for, as in `search`; may be "" beside filters.', show_default=False)],
    k: _KOption = None,
    mode: _ModeOption = None,
    filters: FilterOption = None,
    from_start: _FromStartOption = False,
    index: IndexOption = None,
) -> None:
    """Save a query under a name. What it finds now is known; what comes later is news."""
    from search.watches import Watches
    from ui.wiring import open_searcher

    settings = settings_for(index)
    _save(Watches(settings.index), open_searcher(settings), name, _query(query, k, mode, filters), from_start)


@app.command("list")
def list_all(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """List the saved queries."""
    from search.watches import Watches
    from ui import watching

    watches = Watches(settings_for(index).index).all()
    if as_json:
        print_json([watching.watch_json(watch) for watch in watches])
    else:
        watching.print_watches(watches)


@app.command()
def remove(
    names: Annotated[list[str], typer.Argument(help="Names of saved queries.", metavar="NAME…", show_default=False)],
    index: IndexOption = None,
) -> None:
    """Forget saved queries, and what was reported for them."""
    from search.watches import Watches

    watches = Watches(settings_for(index).index)
    # Looked up first: a slip in one name removes none.
    for watch in watches.named(names):
        watches.remove(watch.name)


def _saved(watches: "Watches", searcher: "Searcher", text: str, k: int | None, mode: Mode | None, filters: list[str] | None, from_start: bool) -> str:
    """The name of the saved query that is meant; one that is not there is saved. Raises UsageError when it is there and asks otherwise."""
    from search.errors import UsageError
    from search.judgements import one_line

    asked = _query(text, k, mode, filters)
    name = one_line(text)
    saved = {watch.name: watch.query for watch in watches.all()}
    if name not in saved and name in _COMMANDS:
        raise UsageError(f"options stand behind the command: rolesearch watch {name} …; to save the query {name!r}, use `rolesearch watch add`")
    if name not in saved:
        _save(watches, searcher, name, asked, from_start)
    elif (k, mode, filters) != (None, None, None) and saved[name] != asked:
        raise UsageError(f"{name!r} is saved with other options; leave them out, or save another with `rolesearch watch add NAME QUERY`")
    return name


def _save(watches: "Watches", searcher: "Searcher", name: str, query: "Query", from_start: bool) -> None:
    from ui import watching

    watch = watches.add(searcher, name, query, from_start=from_start)
    watching.print_saved(watch, searcher.search(query).notes)


def _query(text: str, k: int | None, mode: Mode | None, filters: list[str] | None) -> "Query":
    from search.filters import parse_filters
    from search.records import Query
    from search.watches import DEFAULT_K

    return Query(text, k or DEFAULT_K, mode or Mode.HYBRID, parse_filters(filters or []))
