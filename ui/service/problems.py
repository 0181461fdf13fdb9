"""Every error of the service as a problem (RFC 9457, application/problem+json): what is said of each, and how errors of the library become one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from search.errors import IndexBusy, IndexMissing, ModelError, NoSuchRole, Refused, RoleSearchError, ServerUnreachable, UnusableIndex, UsageError

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: `name` ends its type, "urn:rolesearch:problem:…"; where the status says it all, `name` is empty and the type "about:blank"."""

    status: int
    detail: str
    name: str = ""
    title: str = ""
    headers: Mapping[str, str] | None = None
    errors: Sequence[Mapping[str, str]] = ()

    def response(self, request_id: str) -> JSONResponse:
        """The answer to a request that ended so."""
        content: dict[str, Any] = {
            "type": f"urn:rolesearch:problem:{self.name}" if self.name else "about:blank",
            "title": self.title or HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
        }
        if self.errors:
            content["errors"] = [dict(error) for error in self.errors]
        return JSONResponse(content, self.status, self.headers, MEDIA_TYPE)


# The first that fits holds.
_KINDS: Sequence[tuple[type[RoleSearchError], int, str, str]] = (
    (NoSuchRole, 404, "no-such-role", "No such role"),
    (UsageError, 422, "usage", "This cannot be asked"),
    (Refused, 422, "refused", "The text cannot be read"),
    (IndexBusy, 409, "busy", "An ingest is under way"),
    (IndexMissing, 503, "no-index", "There is no index yet"),
    (UnusableIndex, 503, "unusable-index", "The index cannot be used"),
    (ServerUnreachable, 503, "vectors", "The vectors cannot be reached"),
    (ModelError, 503, "model", "The model cannot be used"),
    (RoleSearchError, 500, "failed", "It did not work"),
)


def problem_of(error: RoleSearchError) -> Problem:
    """An error of the library as its problem."""
    status, name, title = next((status, name, title) for kind, status, name, title in _KINDS if isinstance(error, kind))
    return Problem(status, str(error), name, title, {"Retry-After": str(RETRY_SECONDS)} if status in (409, 503) else None)


def unexpected() -> Problem:
    """An error that nobody foresaw; what it was stands in the log only."""
    return Problem(500, "Something went wrong that should not; the server's log tells more under this request_id.")


def request_id_of(request: Request) -> str:
    """The name of a request in answers and in the log."""
    return str(request.scope.get("rolesearch.request_id", ""))


def translate_errors(app: FastAPI) -> None:
    """Let every error that a request can end in leave the application as a problem."""

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
        headers = dict(error.headers or {})
        detail = str(error.detail)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods(app, request))
            detail = f"{request.method} is not possible here; {headers['Allow']} is."
        elif error.status_code == HTTPStatus.NOT_FOUND:
            detail = "There is nothing at this address; /openapi.json lists what there is."
        return Problem(error.status_code, detail, headers=headers).response(request_id_of(request))

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
        errors = [_field_error(one) for one in error.errors()]
        detail = "; ".join(f"{one.get('parameter') or one.get('pointer')}: {one['detail']}" for one in errors[:5])
        return Problem(422, detail, "invalid", "The request is not of the form asked for", errors=errors).response(request_id_of(request))

    async def ours(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RoleSearchError)  # noqa: S101 - what it is registered for
        return problem_of(error).response(request_id_of(request))

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(RoleSearchError, ours)


def _methods(app: FastAPI, request: Request) -> list[str]:
    """All methods of an address: the router itself names those of the first route only."""
    return sorted({method for route in app.routes if route.matches(request.scope)[0] is not Match.NONE for method in getattr(route, "methods", None) or ()})


def _field_error(error: Mapping[str, Any]) -> dict[str, str]:
    """Where the mistake is and what it is. Never what was sent: it may be somebody's text."""
    if error["type"] == "json_invalid":
        return {"detail": f"{error['msg']} at character {error['loc'][-1]}", "pointer": "#"}
    place, *names = [str(part) for part in error["loc"]] or ["body"]
    where = {"pointer": "#" + "".join(f"/{name}" for name in names)} if place == "body" else {"parameter": ".".join(names) or place}
    return {"detail": str(error["msg"]), **where}
