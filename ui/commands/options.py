"""What several commands take and do alike: options, settings, JSON on stdout."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from search.records import Mode

if TYPE_CHECKING:
    from search.settings import Settings

MODES = ", ".join(mode.value for mode in Mode)

# Whether it may be read is found out when it is: the message then has the cure, as for a folder that is named elsewhere.
IndexOption: TypeAlias = Annotated[
    Path | None, typer.Option("--index", readable=False, help="Folder of the index. Default: ROLESEARCH_INDEX, then .rolesearch/", show_default=False)
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FilterOption: TypeAlias = Annotated[list[str] | None, typer.Option("--filter", help="key=value, also !=, >=, <=; may be repeated.", show_default=False)]


def settings_for(index: Path | None) -> "Settings":
    """The settings in force, with the index that `--index` names."""
    from search.settings import read_settings

    settings = read_settings()
    return settings.model_copy(update={"index": index}) if index is not None else settings


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_json_line(value: Any) -> None:
    """One JSON document on one line of stdout, at once."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()
