"""The program as scripts run it: a process of its own, of which stdout, stderr and the exit code are kept."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def command(*arguments: str | Path) -> list[str]:
    """The command that runs the program with these arguments."""
    return [sys.executable, "-m", "ui.cli", *map(str, arguments)]


def rolesearch(*arguments: str | Path, cwd: Path, exit_code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run it in a folder, and find that it ends with this exit code."""
    finished = subprocess.run(command(*arguments), capture_output=True, text=True, cwd=cwd, timeout=300, check=False)
    assert finished.returncode == exit_code, finished.stderr
    return finished


def rolesearch_json(*arguments: str | Path, cwd: Path, exit_code: int = 0) -> Any:
    """What it prints as JSON."""
    return json.loads(rolesearch(*arguments, "--json", cwd=cwd, exit_code=exit_code).stdout)
