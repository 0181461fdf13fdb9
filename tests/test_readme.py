"""What the README tells a newcomer to type works as it stands there."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
COMMANDS = [line.split("  #")[0].strip() for block in BLOCKS for line in block.splitlines()]
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
PROGRAM_COMMANDS = [command for command in COMMANDS if command.startswith("rolesearch ") and not command.endswith("&")]
CURLS = [line.split(" #")[0] for block in BLOCKS for line in block.splitlines() if line.startswith("curl ")]


def test_the_readme_has_the_two_commands_and_lines_that_run() -> None:
    assert COMMANDS[:2] == ["make run", "make test"]
    assert len(PROGRAM_COMMANDS) >= 8


@pytest.mark.parametrize("target", ["run", "test", "check", "bench", "table", "lock"])
def test_the_makefile_has_the_targets_that_the_readme_names(target: str) -> None:
    assert f"make {target}" in README
    subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


@pytest.fixture(scope="module")
def readme_index(corpus_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(corpus_index, tmp_path_factory.mktemp("readme") / "index")


@pytest.mark.model
@pytest.mark.parametrize("command", PROGRAM_COMMANDS)
def test_a_command_of_the_readme_runs_and_answers(command: str, readme_index: Path) -> None:
    environment = os.environ | {"ROLESEARCH_INDEX": str(readme_index), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    finished = subprocess.run(["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert finished.returncode == 0, finished.stderr
    assert len(finished.stdout.strip()) > 20


@pytest.fixture(scope="module")
def service(readme_index: Path) -> Iterator[str]:
    """`rolesearch serve`, as the README starts it, on a port that is free; its address."""
    assert "rolesearch serve &" in COMMANDS
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"ROLESEARCH_INDEX": str(readme_index)}
    server = subprocess.Popen([sys.executable, "-m", "ui.cli", "serve", "--port", str(port)], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    yield f"http://localhost:{port}"
    server.terminate()
    assert server.wait(60) in (0, -signal.SIGTERM)


@pytest.mark.model
def test_the_questions_with_curl_are_answered(service: str) -> None:
    """In their order: the last follows the job that the one before it began."""
    assert len(CURLS) >= 7
    for line in CURLS:
        command = line.replace("curl ", "curl --silent --show-error --fail --max-time 240 ").replace("http://localhost:8000", service)
        assert service in command
        finished = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
        assert finished.returncode == 0, line + finished.stdout + finished.stderr
        answer = json.loads(finished.stdout)
        assert any(answer.get(name) for name in ("ready", "hits", "matches", "job")), line


@pytest.mark.model
@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_the_python_of_a_page_runs_from_top_to_bottom(page: str, readme_index: Path, tmp_path: Path) -> None:
    (tmp_path / ".rolesearch").symlink_to(readme_index)
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    program = "".join(PYTHON.findall((ROOT / page).read_text(encoding="utf-8")))
    finished = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert finished.returncode == 0, finished.stderr
    assert len(finished.stdout.strip()) > 20


def test_the_table_of_the_readme_was_made_by_its_command() -> None:
    table = README.split("<!-- table: begin -->\n")[1].split("<!-- table: end -->")[0].splitlines()
    assert table[0] == "| mode | nDCG@10 | MRR@10 | R@10 |"
    assert [row.split("|")[1].strip() for row in table[2:]] == ["hybrid", "dense", "lexical"]


def test_every_file_that_the_readme_links_to_is_there() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if not link.startswith("http")]
    assert links
    for link in links:
        assert (ROOT / link).exists(), link
