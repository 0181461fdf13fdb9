"""Commands that write to the index: `ingest` and `rebuild`."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from search.errors import UsageError
from ui.commands.options import IndexOption, JsonOption, print_json, print_json_line, settings_for

if TYPE_CHECKING:
    from ingest.engine import Engine
    from ingest.pipeline import SyncReport
    from ingest.places import Place
    from search.embedding import Embedder
    from search.manifest import Refusal
    from search.settings import Settings

EXIT_REFUSED = 3


class EngineName(StrEnum):
    """Where an ingest does its work: in this program, or on a Ray cluster."""

    LOCAL = "local"
    RAY = "ray"


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
    follow: Annotated[bool, typer.Option("--watch", help="Go on, and ingest again whenever something changed.")] = False,
    engine: Annotated[EngineName, typer.Option(help="Read and embed in this program, or on a Ray cluster.")] = EngineName.LOCAL,
    address: Annotated[str | None, typer.Option(help="Ray cluster, host:port or auto. Default: one on this machine, for this run.", show_default=False)] = None,
) -> None:
    """Bring the index in step with folders of role descriptions: what is new, changed or gone."""
    from search.embedding import open_embedder

    if follow and (dry_run or strict):
        raise UsageError(f"--watch goes on for ever, {'--dry-run' if dry_run else '--strict'} is about one ingest; leave one of them out")
    if engine is EngineName.RAY and dry_run:
        raise UsageError("--dry-run embeds nothing; leave --engine ray out")
    if engine is EngineName.LOCAL and address is not None:
        raise UsageError(f"--address {address} is that of a Ray cluster; add --engine ray")
    settings = settings_for(index)
    places = _places(paths or [], from_list, null)
    embedder = open_embedder(settings.model)
    with _opened(engine, address, settings, embedder) as opened:
        run = _Run(settings, embedder, prune, allow_mass_removal, as_json, opened)
        if follow:
            _follow(run, places)
            return
        report = run.plan(places) if dry_run else run.ingest(places)
    if strict and report.refused:
        raise typer.Exit(EXIT_REFUSED)


@contextmanager
def _opened(name: EngineName, address: str | None, settings: "Settings", embedder: "Embedder") -> Iterator["Engine | None"]:
    """The engine of this name; None for the program's own."""
    if name is EngineName.LOCAL:
        yield None
        return
    from ingest.ray_engine import connected

    with connected(address, settings.model, embedder.fingerprint) as engine:
        yield engine


@dataclass(slots=True)
class _Run:
    """An ingest as it was asked for; the model is opened once, however often it runs."""

    settings: "Settings"
    embedder: "Embedder"
    prune: bool
    allow_mass_removal: bool
    as_json: bool
    engine: "Engine | None" = None
    told: "list[Refusal]" = field(default_factory=list)

    def ingest(self, places: "Sequence[Place]") -> "SyncReport":
        """One ingest, with its report."""
        report = self._sync(places)
        _print_report(report, self.settings, self.as_json)
        self._hint(report)
        return report

    def ingest_again(self, places: "Sequence[Place]") -> None:
        """One of many ingests; its report is one line of JSON, and is given only when something is another than at the last."""
        from ui import present, terminal

        report = self._sync(places)
        if report.changed or report.refused != self.told:
            if self.as_json:
                print_json_line(present.report_json(report))
            else:
                terminal.print_report(present.report_json(report), self.settings.index)
                sys.stdout.flush()
            self._hint(report)
        self.told = report.refused

    def plan(self, places: "Sequence[Place]") -> "SyncReport":
        """What the ingest would do. Raises MassRemoval, as the ingest would, when that has been said."""
        from ingest.pipeline import plan
        from ui import present, terminal
        from ui.wiring import open_store

        with terminal.progress() as progress:
            planned = plan(
                places,
                self.settings.index,
                self.embedder,
                prune=self.prune,
                allow_mass_removal=self.allow_mass_removal,
                progress=progress,
                store=open_store(self.settings),
            )
        if self.as_json:
            print_json(present.plan_json(planned))
        else:
            terminal.print_plan(present.plan_json(planned), self.settings.index)
        if planned.mass_removal is not None:
            raise planned.mass_removal
        return planned.report

    def _sync(self, places: "Sequence[Place]") -> "SyncReport":
        from ingest.pipeline import sync
        from ui import terminal
        from ui.wiring import open_store

        with terminal.progress() as progress:
            return sync(
                places,
                self.settings.index,
                self.embedder,
                prune=self.prune,
                allow_mass_removal=self.allow_mass_removal,
                progress=progress,
                store=open_store(self.settings),
                engine=self.engine,
            )

    def _hint(self, report: "SyncReport") -> None:
        from ui import watching

        if report.added or report.updated:
            watching.print_hint(self.settings, self.embedder)


def _follow(run: _Run, places: "Sequence[Place]") -> None:
    """Ingest after each change until a signal ends it; an ingest that it breaks off leaves the index as it was."""
    from ingest.following import follow

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        _say(f"following {len(places)} {'place' if len(places) == 1 else 'places'}; Ctrl+C or SIGTERM ends it")
        follow(places, run.settings.index, run.ingest_again, _say)
    except KeyboardInterrupt:
        _say("stopped; the index is whole")


def _say(text: str) -> None:
    sys.stderr.write(f"rolesearch: {text}\n")
    sys.stderr.flush()


def _places(paths: Sequence[Path], from_list: Path | None, nul_separated: bool) -> "list[Place]":
    """All that is named, arguments first. Raises UsageError when that is nothing, and for a list that cannot be read."""
    from ingest.places import STDIN, as_place, listed_places, read_list

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
    from ui.wiring import open_store

    settings = settings_for(index)
    with terminal.progress() as progress:
        report = rebuild_index(settings.index, open_embedder(settings.model), progress=progress, store=open_store(settings))
    _print_report(report, settings, as_json)


def _print_report(report: "SyncReport", settings: "Settings", as_json: bool) -> None:
    from ui import present, terminal

    if as_json:
        print_json(present.report_json(report))
    else:
        terminal.print_report(present.report_json(report), settings.index)
