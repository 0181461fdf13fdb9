"""Commands that write to the index: `ingest` and `rebuild`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.options import IndexOption, JsonOption, print_json, settings_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.pipeline import Plan, SyncReport
    from ingest.places import Place
    from search.settings import Settings

EXIT_REFUSED = 3


def ingest(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders and files with role descriptions, or patterns in quotes ('roles/**/*.md'); - reads a list of them from stdin.",
            metavar="PATH…",
            show_default=False,
        ),
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
    prune: Annotated[bool, typer.Option(help="Remove the roles of files that are gone.")] = True,
    allow_mass_removal: Annotated[bool, typer.Option("--allow-mass-removal", help="Let it remove more than half of the roles.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 when something was refused.")] = False,
    from_list: Annotated[
        Path | None,
        typer.Option("--from", help="File that lists paths and patterns, one a line, relative to it; - for stdin.", metavar="FILE", show_default=False),
    ] = None,
    null: Annotated[bool, typer.Option("--null", "-0", help="NUL characters separate the paths of the list, as `find -print0` writes them.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")] = False,
) -> None:
    """Bring the index in step with folders of role descriptions: what is new, changed or gone."""
    from ingest.pipeline import plan, sync
    from search.embedding import open_embedder
    from ui import terminal, watching

    settings = settings_for(index)
    places = _places(paths or [], from_list, null)
    embedder = open_embedder(settings.model)
    with terminal.progress() as progress:
        if dry_run:
            planned = plan(places, settings.index, embedder, prune=prune, allow_mass_removal=allow_mass_removal, progress=progress)
        else:
            report = sync(places, settings.index, embedder, prune=prune, allow_mass_removal=allow_mass_removal, progress=progress)
    if dry_run:
        _print_plan(planned, settings, as_json)
        if planned.mass_removal is not None:
            raise planned.mass_removal
        report = planned.report
    else:
        _print_report(report, settings, as_json)
        if report.added or report.updated:
            watching.print_hint(settings, embedder)
    if strict and report.refused:
        raise typer.Exit(EXIT_REFUSED)


def _places(paths: "Sequence[Path]", from_list: Path | None, nul_separated: bool) -> "list[Place]":
    """All that is named, arguments first. Raises UsageError when that is nothing, and for a list that cannot be read."""
    from ingest.places import STDIN, as_place, listed_places, read_list
    from search.errors import UsageError

    lists = [path for path in (*paths, from_list) if path is not None and (str(path) == STDIN or path is from_list)]
    named = [as_place(path) for path in paths if str(path) != STDIN]
    if not lists and not named:
        raise UsageError("name a folder, a file or a pattern, or a list of them with --from FILE")
    if nul_separated and not lists:
        raise UsageError("--null is about a list: add --from FILE, or - for stdin")
    if sum(str(path) == STDIN for path in lists) > 1:
        raise UsageError("stdin can be read once; leave one - out")
    for path in lists:
        if str(path) == STDIN:
            named += listed_places(sys.stdin.buffer.read(), "stdin", Path(), nul_separated=nul_separated)
        else:
            named += read_list(path, nul_separated=nul_separated)
    return named


def rebuild(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Cut and embed all roles of the index anew, after a change of model or program; no file is read again."""
    from ingest.pipeline import rebuild as rebuild_index
    from search.embedding import open_embedder
    from ui import terminal

    settings = settings_for(index)
    with terminal.progress() as progress:
        report = rebuild_index(settings.index, open_embedder(settings.model), progress=progress)
    _print_report(report, settings, as_json)


def _print_report(report: "SyncReport", settings: "Settings", as_json: bool) -> None:
    from ui import present, terminal

    if as_json:
        print_json(present.report_json(report))
    else:
        terminal.print_report(present.report_json(report), settings.index)


def _print_plan(planned: "Plan", settings: "Settings", as_json: bool) -> None:
    from ui import present, terminal

    if as_json:
        print_json(present.plan_json(planned))
    else:
        terminal.print_plan(present.plan_json(planned), settings.index)
