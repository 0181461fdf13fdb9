"""What every request passes before it reaches the application, and after: who asks, how much, how long; then the log and the metrics.

Written as plain ASGI: a request's body is counted as it comes in, and nothing is held back of the answer.
"""

import asyncio
import json
import logging
import re
import time
import traceback
import uuid
from datetime import UTC, datetime
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.access import is_this_machine, is_token
from ui.service.limits import Limits, Rate
from ui.service.metrics import Metrics
from ui.service.problems import RETRY_SECONDS, Problem, unexpected

# Asked by machines that watch over the service: they send no token, and must be answered when it is busiest.
OPEN_PATHS = ("/health", "/ready")
UPLOAD_PATHS = ("/v1/ingest", "/v1/match/file")
_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)

log = logging.getLogger("rolesearch.http")


class Observed:
    """Gives each request an id, turns errors that nobody foresaw into a problem, and writes one line of the log and the metrics when it has ended.

    The log holds the path but neither the query string nor a body; with `log_queries` also what was searched for.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, log_queries: bool = False) -> None:
        self._app = app
        self._metrics = metrics
        self._log_queries = log_queries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = scope["rolesearch.request_id"] = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex[:12]
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Cache-Control"] = "no-store"
            await send(message)

        with self._metrics.in_flight():
            try:
                await self._app(scope, receive, answer)
            except Exception as error:  # Whatever it is, the client gets a problem and the log the place.
                log.error("unexpected", extra={"fields": {"id": request_id, "error": type(error).__name__, "trace": self._trace(error)}})
                if not status:
                    await unexpected().response(request_id)(scope, receive, answer)
        seconds = time.perf_counter() - started
        self._metrics.request(scope, status, seconds)
        log.info("request", extra={"fields": self._line(scope, request_id, status, seconds)})

    def _line(self, scope: Scope, request_id: str, status: int, seconds: float) -> dict[str, object]:
        line = {"id": request_id, "client": _client(scope), "method": scope["method"], "path": scope["path"], "status": status, "ms": round(seconds * 1000, 1)}
        if self._log_queries and "rolesearch.query" in scope:
            line["query"] = scope["rolesearch.query"]
        return line

    def _trace(self, error: Exception) -> str:
        """The places in the program, without the error's message unless queries may be logged: it may quote one."""
        if self._log_queries:
            return "".join(traceback.format_exception(error))
        return "".join(traceback.format_tb(error.__traceback__))


class Gate:
    """Lets a request in, or answers it with a problem: 403, 429, 401, 503 and 413, in this order."""

    def __init__(self, app: ASGIApp, limits: Limits, token: str) -> None:
        self._app = app
        self._limits = limits
        self._token = token
        self._rate = Rate(limits.rate)
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        problem = self._refusal(scope)
        if problem is not None:
            await problem.response(scope["rolesearch.request_id"])(scope, receive, send)
            return
        self._inside += 1
        try:
            await self._within_time(scope, receive, send)
        finally:
            self._inside -= 1

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        if not self._token and not _from_this_machine(headers):
            return Problem(403, "Without a token, this service answers only programs and pages of its own machine; set ROLESEARCH_TOKEN to answer others.")
        wait = self._rate.wait(_client(scope))
        if wait:
            detail = f"More than {self._limits.rate:g} requests a second came from your address; try again in {wait:.2f} s."
            return Problem(429, detail, headers={"Retry-After": str(int(wait) + 1)})
        if self._token and not is_token(_sent_token(headers), self._token):
            return Problem(401, "Send the token of this service, as the header Authorization: Bearer TOKEN.", headers={"WWW-Authenticate": "Bearer"})
        if self._inside >= self._limits.at_once:
            detail = f"{self._inside} requests are under way, which is all that may be; try again."
            return Problem(503, detail, "overloaded", "Too much at once", {"Retry-After": str(RETRY_SECONDS)})
        length = headers.get("content-length", "")
        return _too_large(self._most_bytes(scope)) if length.isdecimal() and int(length) > self._most_bytes(scope) else None

    def _most_bytes(self, scope: Scope) -> int:
        return self._limits.upload_bytes if scope["path"] in UPLOAD_PATHS else self._limits.body_bytes

    async def _within_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False
        came, most = 0, self._most_bytes(scope)

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                problem = _too_large(most)
                raise HTTPException(problem.status, problem.detail)
            return message

        async def noticed(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._app(scope, counted, noticed)
        except TimeoutError:
            if answered:
                raise
            detail = f"It took longer than {self._limits.seconds:g} s and was given up; ask for less, or try again."
            problem = Problem(503, detail, "too-slow", "It took too long", {"Retry-After": str(RETRY_SECONDS)})
            await problem.response(scope["rolesearch.request_id"])(scope, receive, send)


def _too_large(most: int) -> Problem:
    return Problem(413, f"A body here may have at most {most:,} bytes; send less.")


def _client(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def _sent_token(headers: Headers) -> str:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _from_this_machine(headers: Headers) -> bool:
    """Whether a request names this machine, and comes from no page of another.

    Any page that a browser on this machine shows can send requests to it, also under a name of its own that it lets point here (DNS rebinding).
    """
    origin = headers.get("origin")
    names = [f"//{headers.get('host', '')}", *([origin] if origin is not None else [])]
    try:
        return all(is_this_machine(urlsplit(name).hostname or "") for name in names)
    except ValueError:
        return False


class JsonLines(logging.Formatter):
    """Each entry of the log as one line of JSON: time (UTC), level, logger, what happened, and the entry's fields."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": moment, "level": record.levelname.lower(), "logger": record.name, "event": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
