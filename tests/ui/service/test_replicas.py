"""Several `rolesearch serve --read-only` over one index: they move to a new generation together, and never write."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event

import httpx
import pytest

from bench.browser import free_port
from ingest.pipeline import sync
from search.durable import replace_files
from search.embedding import Embedder

ROOT = Path(__file__).resolve().parents[3]
NURSE, PORTER = "# Ward Nurse\n\nLooks after patients at night.\n", "# Night Porter\n\nCarries patients and their bags at night.\n"
BEFORE, AFTER = ("000001", frozenset({"nurse.md"})), ("000002", frozenset({"nurse.md", "porter.md"}))


@pytest.fixture
def adverts(tmp_path: Path) -> Path:
    (tmp_path / "adverts").mkdir()
    (tmp_path / "adverts" / "nurse.md").write_text(NURSE, encoding="utf-8")
    return tmp_path / "adverts"


def over_read_only_mount(index: Path, place: Path) -> list[str]:
    """What to put before a command, so that it alone sees the index below `place`, on a mount that is read-only even for root; [] where that is not allowed.

    The index is then at `place` / "index".
    """
    (place / "index").mkdir(parents=True)
    mount = f'mount --bind "{index}" "{place}/index" && mount -o remount,ro,bind "{place}/index" && exec "$@"'
    prefix = ["unshare", "--mount", "bash", "-c", mount, "bash"]
    try:
        tried = subprocess.run([*prefix, "touch", str(place / "index" / "touched")], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return []
    return prefix if "Read-only file system" in tried.stderr else []


@contextmanager
def replicas(*started: tuple[Path, Sequence[str]]) -> Iterator[list[httpx.Client]]:
    """Servers, each over an index and with what stands before its command, ready; a client of each."""
    with ExitStack() as stack:
        clients = []
        for index, prefix in started:
            port = free_port()
            command = [*prefix, sys.executable, "-m", "ui.cli", "serve", "--read-only", "--rate", "0", "--port", str(port), "--index", str(index)]
            server = stack.enter_context(subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL))
            stack.callback(server.terminate)
            clients.append((stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)), server))
        for client, server in clients:
            wait_until_ready(client, server)
        yield [client for client, _ in clients]


def wait_until_ready(client: httpx.Client, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and server.poll() is None:
        try:
            if client.get("/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail("a server does not get ready")


def answer(client: httpx.Client) -> tuple[str, frozenset[str]]:
    """The generation that answers, and the roles of its answer."""
    response = client.get("/v1/search", params={"query": "patients at night"})
    assert response.status_code == 200, response.text
    found = response.json()
    return found["generation"], frozenset(hit["role_id"] for hit in found["hits"])


def content(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in [folder, *folder.rglob("*")]}


def protect(folder: Path, *, writable: bool) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod((0o755 if path.is_dir() else 0o644) if writable else (0o555 if path.is_dir() else 0o444))


def ask_until(done: Event, client: httpx.Client) -> list[tuple[str, frozenset[str]]]:
    answers = [answer(client)]
    while not done.is_set():
        answers.append(answer(client))
    return answers


def in_order(answers: Sequence[tuple[str, frozenset[str]]]) -> bool:
    return [*answers] == [BEFORE] * answers.count(BEFORE) + [AFTER] * answers.count(AFTER)


@pytest.mark.model
def test_three_replicas_one_over_a_read_only_mount_answer_while_an_ingest_runs_and_move_on_together(
    adverts: Path, tmp_path: Path, shipped_model: Embedder
) -> None:
    index = tmp_path / "index"
    sync([adverts], index, shipped_model)
    before = content(index)
    prefix = over_read_only_mount(index, tmp_path / "mounted")
    view = (tmp_path / "mounted" / "index", prefix) if prefix else (index, [])
    with replicas((index, []), (index, []), view) as clients:
        assert [answer(client) for client in clients] == [BEFORE] * 3
        assert content(index) == before
        (adverts / "porter.md").write_text(PORTER, encoding="utf-8")
        done = Event()
        with ThreadPoolExecutor(3) as pool:
            asking = [pool.submit(ask_until, done, client) for client in clients]
            try:
                assert sync([adverts], index, shipped_model).generation == "000002"
                published = content(index)
                assert [answer(client) for client in clients] == [AFTER] * 3
            finally:
                done.set()
        assert all(in_order(asked.result()) for asked in asking)
    assert content(index) == published


@pytest.mark.model
def test_a_replica_over_a_copy_that_nobody_may_write_to_follows_what_is_copied(adverts: Path, tmp_path: Path, shipped_model: Embedder) -> None:
    """A generation is copied first, the file that names it last, as docs/batch.md has it."""
    index, copy = tmp_path / "index", tmp_path / "copy"
    sync([adverts], index, shipped_model)
    shutil.copytree(index, copy, ignore=shutil.ignore_patterns("embeddings.sqlite3*", "lock"))
    protect(copy, writable=False)
    with replicas((copy, [])) as [client]:
        assert answer(client) == BEFORE
        (adverts / "porter.md").write_text(PORTER, encoding="utf-8")
        sync([adverts], index, shipped_model)
        protect(copy, writable=True)
        shutil.copytree(index / "generations" / "000002", copy / "generations" / "000002")
        assert answer(client) == BEFORE
        replace_files({copy / "CURRENT": ["000002"]})
        protect(copy, writable=False)
        before = content(copy)
        assert answer(client) == AFTER
        assert content(copy) == before
    protect(copy, writable=True)
