"""Kills ingests at their requests to a Chroma server; then looks whether the index is the old one or the new one, whole, and what is left on the server.

`python tests/server_chaos.py ADDRESS FOLDER` prints a line of JSON a trial. It never asks the server itself: it forks a process for whatever does.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

import search.index
from builders import ids_of, make_role, publish
from fakes import WordEmbedder
from search.errors import IndexMissing
from search.index import Index
from search.records import Role
from search.vector_stores import vector_store
from search.vectors import ChromaServer

DONE, CRASHED = 0, 11


def edition(number: int) -> list[Role]:
    """Some roles stay from edition to edition, the others change."""
    return [make_role(f"{name}.md", f"Baker {name}", f"Bakes bread of kind {name}.", *([f"Edition {number}."] if name > 1 else [])) for name in range(4)]


def in_child(act: Callable[[], object]) -> tuple[int, Any]:
    """Run this in a fork; its exit code, below zero the signal that killed it, and what it returned."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        code = CRASHED
        try:
            os.write(writing, json.dumps(act()).encode())
            code = DONE
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), json.loads(said) if said else None


def ingest(address: str, folder: Path, number: int, kill_at: int = -1, sent: bool = False) -> list[str]:
    """Publish an edition; the requests that it took. The process is killed before the one numbered `kill_at`, or, where `sent`, after its answer."""
    requests: list[str] = []
    send = httpx.Client.send

    def disturbed(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        dying = len(requests) == kill_at
        requests.append(f"{request.method} {request.url.path.rpartition('/')[2]}")
        if dying and not sent:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = send(client, request, **options)
        if dying:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    httpx.Client.send = disturbed  # type: ignore[method-assign, assignment]
    # So that an ingest adds in several requests.
    search.index.BLOCK_CHUNKS = 2
    publish(folder, edition(number), WordEmbedder(), store=vector_store(address))
    return requests


def look(address: str, folder: Path) -> dict[str, Any]:
    """What a reader finds: its generation, which edition that is, whether every chunk has its own vector, and whether only its own chunks are found."""
    try:
        index = Index.open(folder, WordEmbedder.fingerprint, vector_store(address))
    except IndexMissing:
        return {"edition": 0}
    with closing(index):
        texts = {role.text for role in index.manifest.roles(index.manifest.role_ids()).values()}
        chunks = index.manifest.chunks(index.manifest.chunk_ids())
        vectors = WordEmbedder().encode_document([chunk.embedded_text for chunk in chunks.values()])
        whole = ids_of(index.vectors) == set(chunks) and bool(abs(index.vectors.vectors(list(chunks)) - vectors).max() < 1e-5)
        found = {chunk_id for chunk_id, _ in index.vectors.nearest(vectors[0], 100)}
        editions = [number for number in range(1, 9) if texts == {role.text for role in edition(number)}]
        return {"edition": editions[0] if editions else -1, "whole": whole and found == set(chunks)}


def left_over(address: str, folder: Path) -> list[str]:
    """Collections of this index that no generation of it names, and ids of chunks that none of them knows."""
    server = ChromaServer(address)
    known: dict[str, set[str]] = {}
    for place in (folder / "generations").iterdir():
        with closing(Index.open_generation(folder, place.name, store=vector_store(address))) as index:
            known.setdefault(index.manifest.build()["collection"], set()).update(index.manifest.chunk_ids())
    prefix = f"rolesearch-{(folder / 'id').read_text(encoding='ascii').strip()}-"
    wrong = []
    for name in server.collections(prefix):
        collection = server.open(name)
        wrong += [name] if name not in known or collection is None else sorted(ids_of(collection) - known[name])
    return wrong


def trial(address: str, folder: Path, before: int, kill_at: int, sent: bool) -> dict[str, Any]:
    """Begin with so many editions published, kill the ingest of the next, look, let it run again, and look again."""
    for number in range(1, before + 1):
        in_child(lambda number=number: ingest(address, folder, number))  # type: ignore[misc]
    code, _ = in_child(lambda: ingest(address, folder, before + 1, kill_at, sent))
    _, found = in_child(lambda: look(address, folder))
    again, _ = in_child(lambda: ingest(address, folder, before + 1))
    _, after = in_child(lambda: look(address, folder))
    _, left = in_child(lambda: left_over(address, folder))
    return {"before": before, "sent": sent, "killed": code == -signal.SIGKILL, "found": found, "again": again, "after": after, "left": left}


def main() -> None:
    """Trials before a request is sent and after it was answered: of a first ingest at the one that makes the collection, of a third at all that add and remove."""
    address, folder = sys.argv[1], Path(sys.argv[2])
    for before in (0, 2):
        for number in range(1, before + 1):
            in_child(lambda number=number, place=folder / f"undisturbed-{before}": ingest(address, place, number))  # type: ignore[misc]
        _, requests = in_child(lambda: ingest(address, folder / f"undisturbed-{before}", before + 1))  # noqa: B023 - called at once
        for number, request in enumerate(requests):
            for sent in (False, True):
                if request in (("POST upsert", "POST delete") if before else ("POST collections",)):
                    told = trial(address, folder / f"{before}-{number}-{sent}", before, number, sent)
                    print(json.dumps({"at": request} | told), flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main()
