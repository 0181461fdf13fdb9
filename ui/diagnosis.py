"""What `doctor` found, as JSON and for a person at a terminal."""

import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from search.errors import RoleSearchError
from search.health import Finding
from search.index import current_generation, generation_folder
from search.manifest import Manifest
from ui.present import printable, status_json


def diagnosis_json(folder: Path, findings: Sequence[Finding], repaired: Sequence[str]) -> dict[str, Any]:
    """What built the index and what was refused, where its manifest can say so; every finding; what was repaired; and whether all is well."""
    checks = [asdict(finding) for finding in findings]
    return _status(folder) | {"ok": not any(finding.problem for finding in findings), "checks": checks, "repaired": list(repaired)}


def _status(folder: Path) -> dict[str, Any]:
    try:
        generation = current_generation(folder) or ""
        with closing(Manifest.open(generation_folder(folder, generation) / "manifest.sqlite3")) as manifest:
            return status_json(manifest)
    except (RoleSearchError, sqlite3.Error):
        return {"refused": []}


def print_diagnosis(diagnosis: Mapping[str, Any]) -> None:
    """What was repaired, what built the index, a row a check, then what was refused. A row is a line in a pipe."""
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty(), markup=False, emoji=False)
    for step in diagnosis["repaired"]:
        console.print(Text.assemble(("repaired ", "bold green"), printable(step)))
    for name in ("model", "built"):
        if name in diagnosis:
            console.print(Text(f"{name}: {printable(diagnosis[name])}"))
    table = Table("", "check", "found")
    for check in diagnosis["checks"]:
        mark = Text("wrong", "bold red") if check["problem"] else Text("ok", "green")
        said = [part for part in (check["found"], check["problem"], check["cure"]) if part]
        table.add_row(mark, check["check"], Text(printable("; ".join(said))))
        if not console.is_terminal:
            console.print(Text(f"{mark.plain:<6} {check['check']}: {printable('; '.join(said))}"))
    if console.is_terminal:
        console.print(table)
    for refusal in diagnosis["refused"]:
        console.print(Text.assemble(("refused ", "bold red"), printable(refusal["file"]), ": ", printable(refusal["reason"])))
