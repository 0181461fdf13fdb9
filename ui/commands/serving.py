"""Faces that stay open: `ui`, `serve` and `mcp`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.commands.options import IndexOption, settings_for


def ui(
    index: IndexOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on. Others than this machine's own need a token, ROLESEARCH_TOKEN.")] = "localhost",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
) -> None:
    """Open the search page on this machine, or with --host and a token for others."""
    import os

    from ui.access import check_host, is_this_machine

    settings = settings_for(index)
    check_host(host, settings.token)
    environment = os.environ | {"ROLESEARCH_INDEX": str(settings.index.absolute())}
    command = [sys.executable, "-m", "streamlit", "run", str(Path(__file__).parents[1] / "app.py"), f"--server.address={host}", f"--server.port={port}"]
    if not is_this_machine(host):
        # Under which name others reach this machine is not known here; the token keeps out whoever does not know it, whatever the name.
        environment["STREAMLIT_SERVER_ALLOWED_HOSTS"] = "*"
    os.execve(sys.executable, command, environment)  # noqa: S606 - this program's own interpreter and arguments


def serve(
    index: IndexOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on. Others than this machine's own need a token, ROLESEARCH_TOKEN.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    read_only: Annotated[bool, typer.Option("--read-only", help="Answer questions only; nothing can be ingested.")] = False,
    log_queries: Annotated[bool, typer.Option("--log-queries", help="Let the log hold what was searched for.")] = False,
    workers: Annotated[int | None, typer.Option(help="Questions worked on at once. Default: one a processor, at least 2.", min=1, show_default=False)] = None,
    seconds: Annotated[float, typer.Option(help="After so many seconds a request is given up.", min=0.1)] = 30,
    rate: Annotated[float, typer.Option(help="Requests a second from one address, on the average; 0: as many as come.", min=0)] = 50,
    upload_mb: Annotated[int, typer.Option(help="Largest upload, in MB.", min=1, max=1000)] = 32,
    trusted_proxy: Annotated[str, typer.Option(help="Address of a reverse proxy: whom it says it asks for counts as the client.", show_default=False)] = "",
) -> None:
    """Answer programs over HTTP: search, similar, match, compare, role, facets, ingest. /openapi.json describes it."""
    from ui.service.limits import Limits
    from ui.service.server import serve as serve_index

    limits = Limits(upload_bytes=upload_mb * 1_000_000, workers=workers or Limits().workers, seconds=seconds, rate=rate)
    serve_index(settings_for(index), host, port, limits, read_only=read_only, log_queries=log_queries, proxy=trusted_proxy)


def mcp(index: IndexOption = None) -> None:
    """Be tools for an assistant that starts this program (Model Context Protocol, stdio): search, role, match, compare."""
    from search.role_index import RoleIndex
    from ui.assistant import make_server
    from ui.wiring import open_searcher

    make_server(RoleIndex(open_searcher(settings_for(index)))).run("stdio")
