"""The service as a process: settings in, a listening server out."""

import logging
import sys

import uvicorn

from search.embedding import open_embedder
from search.role_index import RoleIndex
from search.settings import Settings
from ui.access import check_host
from ui.jobs import IngestJobs
from ui.service.app import create_app
from ui.service.gate import JsonLines
from ui.service.limits import Limits
from ui.wiring import open_searcher, open_store

# How long requests that are under way may go on once the server is told to stop.
_LAST_SECONDS = 10


def serve(settings: Settings, host: str, port: int, limits: Limits, *, read_only: bool = False, log_queries: bool = False, proxy: str = "") -> None:
    """Answer until the process is told to stop. `proxy` is the address of a reverse proxy whose word about its clients' addresses is taken.

    Raises UsageError for a host that needs a token where there is none, and ModelError.
    """
    check_host(host, settings.token)
    roles = RoleIndex(open_searcher(settings))
    jobs = None if read_only else IngestJobs(settings.index, lambda: open_embedder(settings.model), open_store(settings))
    _log_as_json()
    uvicorn.run(
        create_app(roles, jobs, limits, token=settings.token, log_queries=log_queries),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxy),
        forwarded_allow_ips=proxy or None,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )


def _log_as_json() -> None:
    """All that this process logs, on stderr, a line of JSON each."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[lines], force=True)
    for name in ("rolesearch", "uvicorn"):
        logging.getLogger(name).setLevel(logging.INFO)
