"""A service over a few roles, with the WordEmbedder: in this process, or listening on a port of this machine."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from builders import make_role
from fakes import WordEmbedder
from search.attributes.reading import with_attributes
from search.index import IndexReader
from search.role_index import RoleIndex
from search.searcher import Searcher
from ui.jobs import IngestJobs
from ui.service.app import create_app
from ui.service.limits import Limits

HERE = "http://127.0.0.1"
BAKER = with_attributes(make_role("kitchen/baker.md", "Senior Baker", ("Requirements", "- Bake bread early\n- Bake cakes"), shift="night"))
PASTRY = with_attributes(make_role("kitchen/pastry.md", "Junior Baker", ("Requirements", "- Bake cakes\n- Glaze cakes"), shift="day"))
WELDER = with_attributes(make_role("welder.md", "Welder", ("Requirements", "- Join steel"), shift="day"))
ROLES = [BAKER, PASTRY, WELDER]
UNLIMITED = Limits(rate=0)


def service_over(folder: Path, limits: Limits = UNLIMITED, *, token: str = "", read_only: bool = False, log_queries: bool = False) -> FastAPI:
    """The application over the index in `folder`."""
    embedder = WordEmbedder()
    roles = RoleIndex(Searcher(IndexReader(folder, embedder.fingerprint), embedder))
    return create_app(roles, None if read_only else IngestJobs(folder, WordEmbedder), limits, token=token, log_queries=log_queries)


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """The service on a free port of this machine, in a thread; its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"{HERE}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)
