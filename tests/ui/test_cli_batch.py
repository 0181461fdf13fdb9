"""`rolesearch ingest` as scripts and schedulers use it: lists, patterns, plans. Each command runs as a process of its own."""

import json
import signal
import subprocess
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from command_line import command, rolesearch, rolesearch_json

ADVERTS = {
    "roles/platform.md": "# Platform Lead\n\nRuns Kubernetes clusters for forty teams.\n",
    "roles/people/payroll.md": "# Payroll Specialist\n\nPays wages every month.\n",
    "roles/people/notes.txt": "Recruiter\n\nFinds people who weld.\n",
}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A working folder with three adverts."""
    for name, text in ADVERTS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in [folder, *folder.rglob("*")]}


def fed(text: bytes, *arguments: str, cwd: Path) -> Any:
    finished = subprocess.run(command("ingest", *arguments, "--json"), input=text, capture_output=True, cwd=cwd, timeout=300, check=False)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


@pytest.mark.model
def test_a_plan_is_what_the_ingest_then_does_and_writes_nothing(desk: Path) -> None:
    before = files_of(desk)
    planned = rolesearch_json("ingest", "roles", "--dry-run", cwd=desk)
    assert files_of(desk) == before
    assert (planned["dry_run"], planned["mass_removal"], planned["generation"]) == (True, False, "")
    assert planned["roles"] == {"added": ["platform.md", "people/notes.txt", "people/payroll.md"], "updated": [], "removed": []}
    done = rolesearch_json("ingest", "roles", cwd=desk)
    told = ("added", "updated", "removed", "unchanged", "refused", "skipped", "chunks", "embedded", "changed")
    assert {name: planned[name] for name in told} == {name: done[name] for name in told}
    assert (done["added"], done["embedded"], done["generation"], done["changed"]) == (3, 3, "000001", True)
    for name in ("platform.md", "people/payroll.md"):
        (desk / "roles" / name).unlink()
    before = files_of(desk)
    refused = rolesearch("ingest", "roles", "--dry-run", cwd=desk, exit_code=1)
    assert files_of(desk) == before
    assert refused.stdout.splitlines() == [
        "removed people/payroll.md",
        "removed platform.md",
        "would be: 0 added, 0 updated, 2 removed, 1 unchanged, 0 refused; 1 chunks in .rolesearch, 0 to embed. Nothing was written",
    ]
    assert refused.stderr.startswith("rolesearch: 2 of 3 roles would be removed")
    assert rolesearch("ingest", "roles", cwd=desk, exit_code=1).stderr == refused.stderr


@pytest.mark.model
def test_lists_on_stdin_in_a_file_and_patterns(desk: Path) -> None:
    report = fed(b"roles/people/payroll.md\nroles/gone.md\n", "-", cwd=desk)
    assert (report["added"], [refusal["file"] for refusal in report["refused"]]) == (1, ["roles/gone.md"])
    report = fed(b"roles/people/notes.txt\0", "--from", "-", "-0", cwd=desk)
    assert (report["added"], report["unchanged"], report["removed"], report["refused"]) == (1, 0, 0, [])
    (desk / "roles" / "adverts.list").write_text("# all of them\n**/*.md\npeople/notes.txt\n", encoding="utf-8")
    report = rolesearch_json("ingest", "--from", "roles/adverts.list", cwd=desk)
    assert (report["added"], report["unchanged"], report["refused"]) == (1, 2, [])
    report = rolesearch_json("ingest", "roles/**/*.md", cwd=desk)
    assert (report["unchanged"], report["changed"], report["generation"]) == (2, False, "000003")
    found = rolesearch_json("search", "wages", "--all", cwd=desk)
    assert {hit["role_id"] for hit in found["hits"]} == {"roles/people/payroll.md", "roles/people/notes.txt", "platform.md"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a folder, a file or a pattern, or a list of them with --from FILE"),
        (("roles/**/*.pdf",), "no file matches roles/**/*.pdf"),
        (("--from", "none.txt"), "the list none.txt cannot be read"),
        (("roles", "--null"), "--null is about a list"),
        (("-", "--from", "-"), "stdin can be read once"),
        (("roles", "--watch", "--dry-run"), "--watch goes on for ever, --dry-run is about one ingest"),
        (("roles", "--watch", "--strict"), "--watch goes on for ever, --strict is about one ingest"),
        (("gone", "--watch"), "there is no file or folder gone"),
    ],
)
def test_what_is_wrong_with_what_was_named_is_said(desk: Path, arguments: tuple[str, ...], said: str) -> None:
    finished = rolesearch("ingest", *arguments, cwd=desk, exit_code=2)
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (desk / ".rolesearch").exists()


@pytest.mark.model
def test_watch_gives_a_line_an_ingest_that_changed_something_and_ends_with_0_when_told(desk: Path) -> None:
    with subprocess.Popen(command("ingest", "roles", "--watch", "--json"), stdout=PIPE, stderr=PIPE, text=True, cwd=desk) as watching:
        assert watching.stdout is not None
        first = json.loads(watching.stdout.readline())
        assert (first["added"], first["embedded"], first["generation"]) == (3, 3, "000001")
        (desk / "roles" / "platform.md").touch()
        (desk / "roles" / "nurse.md").write_text("# Ward Nurse\n\nLooks after patients at night.\n", encoding="utf-8")
        second = json.loads(watching.stdout.readline())
        assert (second["added"], second["unchanged"], second["embedded"], second["generation"]) == (1, 3, 1, "000002")
        (desk / "roles" / "people").rename(desk / "roles" / "hr")
        third = json.loads(watching.stdout.readline())
        assert (third["added"], third["removed"], third["embedded"], third["generation"]) == (2, 2, 0, "000003")
        watching.send_signal(signal.SIGTERM)
        rest, said = watching.communicate(timeout=60)
    assert (watching.returncode, rest) == (0, "")
    assert said.splitlines() == ["rolesearch: following 1 place; Ctrl+C or SIGTERM ends it", "rolesearch: stopped; the index is whole"]
    with subprocess.Popen(command("ingest", "roles", "--watch"), stdout=PIPE, stderr=PIPE, text=True, cwd=desk) as watching:
        assert watching.stderr is not None
        watching.stderr.readline()
        watching.send_signal(signal.SIGINT)
        rest, said = watching.communicate(timeout=60)
    assert (watching.returncode, rest, said) == (0, "", "rolesearch: stopped; the index is whole\n")
    assert rolesearch_json("doctor", cwd=desk)["roles"] == 4
