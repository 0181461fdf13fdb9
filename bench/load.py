"""`make bench-load`: how many searches a second `rolesearch serve` answers on this machine, and how long each takes, for 1, 8 and 32 clients.

An ingest is under way all the time. Over the larger corpus where it is there, else over the shipped one. Server and clients share the machine's processors, as
on a laptop: figures are a lower bound.
"""

import http.client
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.browser import free_port
from bench.page import CORPORA, QUESTIONS
from ingest.pipeline import sync
from search.embedding import SHIPPED_MODEL, open_embedder

ROOT = Path(__file__).resolve().parents[1]
INDEXES = ROOT / ".bench"
CLIENTS = (1, 8, 32)
SECONDS = 15
START_SECONDS = 120
UPLOADED_ROLES = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its status (0 where no answer came), how long it took, and the answer."""

    status: int
    milliseconds: float
    answer: bytes


def main() -> None:
    """Measure and print."""
    corpus = CORPORA / "usajobs"
    corpus = corpus if corpus.exists() else ROOT / "corpus"
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        sync([corpus], index, open_embedder(SHIPPED_MODEL))
        with serving(index, Path(folder)) as address:
            print(f"{corpus.name}, {SECONDS} s each, an ingest under way all the time; milliseconds")
            for clients in CLIENTS:
                with ingesting(address, _new_roles) as ingests:
                    asked = ask_at_once(address, clients, SECONDS, QUESTIONS)
                report(clients, asked, len(ingests))


def report(clients: int, asked: Sequence[Asked], ingests: int) -> None:
    """A row: throughput and the times that half, 95 and 99 of a hundred answers stay below."""
    times = [one.milliseconds for one in asked]
    cuts = statistics.quantiles(times, n=100)
    errors = sum(one.status != 200 for one in asked)
    rate = f"{len(asked) / SECONDS:6.1f}/s   p50 {cuts[49]:7.0f}   p95 {cuts[94]:7.0f}   p99 {cuts[98]:7.0f}"
    print(f"{clients:3} clients  {rate}   {len(asked)} answers, {errors} errors, {ingests} ingests ended")


def ask_at_once(address: str, clients: int, seconds: float, questions: Sequence[str]) -> list[Asked]:
    """Let so many clients ask, each the next question as soon as the last is answered, over one connection each."""
    end = time.monotonic() + seconds
    found: list[list[Asked]] = [[] for _ in range(clients)]

    def client(number: int) -> None:
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=120)
        for question in itertools.islice(itertools.cycle(questions), number, None):
            if time.monotonic() > end:
                break
            found[number].append(_asked(connection, f"/v1/search?{urllib.parse.urlencode({'query': question})}"))
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for each in found for one in each]


def _asked(connection: http.client.HTTPConnection, path: str) -> Asked:
    started = time.perf_counter()
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        status, answer = response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        status, answer = 0, repr(error).encode()
    return Asked(status, (time.perf_counter() - started) * 1000, answer)


@contextmanager
def ingesting(address: str, upload: Callable[[int], bytes]) -> Iterator[list[int]]:
    """Keep one ingest under way: `roles.jsonl`, each time as `upload` makes it. The list has the numbers of the jobs that have ended; afterwards all have."""
    over = threading.Event()
    ended: list[int] = []

    def run() -> None:
        for number in itertools.count(1):
            job = _post(address, upload(number))
            while _get(address, f"/v1/jobs/{job}")["state"] == "running":
                time.sleep(0.05)
            ended.append(job)
            if over.is_set():
                return

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield ended
    finally:
        over.set()
        thread.join()


def _new_roles(number: int) -> bytes:
    """Roles that no ingest has seen, so that the model works all the time."""
    lines = (
        {
            "id": f"new-{place}",
            "title": f"Engineer {place}",
            "text": f"Round {number}: keeps machine {place} of plant {number} running, {place * number} parts a day.",
        }
        for place in range(UPLOADED_ROLES)
    )
    return "\n".join(map(json.dumps, lines)).encode()


def _post(address: str, content: bytes) -> int:
    boundary = "----rolesearch"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="roles.jsonl"\r\n\r\n'
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=120)
    while True:
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        connection.request("POST", "/v1/ingest", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        if response.status == 202:
            return int(answer["job"])
        time.sleep(0.1)


def _get(address: str, path: str) -> dict[str, object]:
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=120)
    connection.request("GET", path)
    answer: dict[str, object] = json.loads(connection.getresponse().read())
    return answer


@contextmanager
def serving(index: Path, folder: Path) -> Iterator[str]:
    """`rolesearch serve` over an index, as a process that counts nobody's requests; its address."""
    port = free_port()
    command = [sys.executable, "-m", "ui.cli", "serve", "--index", str(index), "--port", str(port), "--rate", "0"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})  # noqa: S603
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + START_SECONDS
        while not _is_ready(address):
            if time.monotonic() > end or process.poll() is not None:
                raise SystemExit((folder / "server.log").read_text(encoding="utf-8"))
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _is_ready(address: str) -> bool:
    try:
        return _get(address, "/ready").get("ready") is True
    except OSError:
        return False


if __name__ == "__main__":
    main()
