"""`rolesearch serve` as a process: what it listens on, what it refuses to listen on, its log, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from bench.browser import free_port

ROOT = Path(__file__).resolve().parents[3]
ADVERT = "# Ward Nurse\n\nLooks after patients at night.\n"
TOKEN = "0123456789abcdef"  # noqa: S105


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nurse.md").write_text(ADVERT, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ui.cli", "ingest", "nurse.md"], cwd=tmp_path, env=environment(), check=True, capture_output=True)
    return tmp_path


def environment(**more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)} | more


def test_it_does_not_listen_to_others_without_a_token(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ui.cli", "serve", "--host", "0.0.0.0"]  # noqa: S104
    finished = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=120, check=False)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.startswith("rolesearch: listening on '0.0.0.0' would answer every machine that reaches this one; set ROLESEARCH_TOKEN")


@pytest.mark.model
def test_it_answers_logs_without_the_query_and_ends_when_told(folder: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "ui.cli", "serve", "--host", "0.0.0.0", "--port", str(port), "--read-only"]  # noqa: S104
    with subprocess.Popen(command, cwd=folder, env=environment(ROLESEARCH_TOKEN=TOKEN), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            while not is_ready(client):
                assert server.poll() is None
                time.sleep(0.1)
            assert client.get("/v1/search?query=secret").status_code == 401
            answer = client.get("/v1/search?query=secret+patients", headers={"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "203.0.113.7"})
            assert [hit["role_id"] for hit in answer.json()["hits"]] == ["nurse.md"]
            assert "server" not in answer.headers
        server.send_signal(signal.SIGTERM)
        printed, logged = server.communicate(timeout=60)
    assert server.returncode in (0, -signal.SIGTERM)
    assert printed == ""
    lines = [json.loads(line) for line in logged.splitlines()]
    searches = [line for line in lines if line.get("path") == "/v1/search"]
    assert [(line["status"], line["client"]) for line in searches] == [(401, "127.0.0.1"), (200, "127.0.0.1")]
    assert "secret" not in logged
    assert TOKEN not in logged
    assert any(line["logger"].startswith("uvicorn") and f":{port}" in line["event"] for line in lines)


def is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/ready").status_code == 200
    except httpx.TransportError:
        return False
