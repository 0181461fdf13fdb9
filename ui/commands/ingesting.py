"""Commands that write to the index: `ingest` and `rebuild`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.options import IndexOption, JsonOption, print_json, settings_for

if TYPE_CHECKING:
    from ingest.pipeline import SyncReport
    from search.settings import Settings

EXIT_REFUSED = 3


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
    from ui import terminal, watching

    settings = settings_for(index)
    embedder = open_embedder(settings.model)
    with terminal.progress() as progress:
        report = sync(paths, settings.index, embedder, prune=prune, allow_mass_removal=allow_mass_removal, progress=progress)
    _print_report(report, settings, as_json)
    if report.added or report.updated:
        watching.print_hint(settings, embedder)
    if strict and report.refused:
        raise typer.Exit(EXIT_REFUSED)


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
