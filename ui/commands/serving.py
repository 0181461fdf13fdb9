"""Faces that stay open: `ui`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.commands.options import IndexOption, settings_for


def ui(index: IndexOption = None, port: Annotated[int, typer.Option(help="Port on localhost.", min=1, max=65535)] = 8501) -> None:
    """Open the search page on this machine."""
    import os

    settings = settings_for(index)
    environment = os.environ | {"ROLESEARCH_INDEX": str(settings.index.absolute())}
    command = [sys.executable, "-m", "streamlit", "run", str(Path(__file__).parents[1] / "app.py"), f"--server.port={port}"]
    os.execve(sys.executable, command, environment)  # noqa: S606 - this program's own interpreter and arguments
