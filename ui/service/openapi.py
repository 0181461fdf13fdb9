"""The description of the service: what OpenAPI says beyond the form of questions and answers."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ui.service.gate import OPEN_PATHS
from ui.service.problems import MEDIA_TYPE
from ui.service.shapes import ProblemAnswer

ABOUT = (
    "Finds the right role among thousands of role descriptions by what it means, and shows the sentences that prove it. Answers have the form that the command "
    "line prints with `--json`. Every error is a problem (RFC 9457)."
)


def _problem(description: str, *examples: Mapping[str, Any]) -> dict[str, Any]:
    content = {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}, "examples": {example["title"]: {"value": example} for example in examples}}
    return {"description": description, "content": {MEDIA_TYPE: content}}


PROBLEMS: Mapping[int | str, dict[str, Any]] = {
    "4XX": _problem(
        "The request cannot be answered as it is: 400 and 422 its form, 401 and 403 who sends it, 404 no such role or job, 409 an ingest is under way, "
        "413 its size, 429 too many from one address.",
        {
            "type": "urn:rolesearch:problem:invalid",
            "title": "The request is not of the form asked for",
            "status": 422,
            "detail": "k: Input should be less than or equal to 100",
            "request_id": "5f1c0a9be2d4",
            "errors": [{"detail": "Input should be less than or equal to 100", "parameter": "k"}],
        },
        {
            "type": "urn:rolesearch:problem:no-such-role",
            "title": "No such role",
            "status": 404,
            "detail": "the index has no role 'sre.md'; ids are listed in search results as role_id",
            "request_id": "5f1c0a9be2d4",
        },
    ),
    "5XX": _problem(
        "The service cannot answer now: 503 no index yet, still loading, too much at once or too slow; try again after Retry-After. 500 is a mistake of ours.",
        {
            "type": "urn:rolesearch:problem:overloaded",
            "title": "Too much at once",
            "status": 503,
            "detail": "66 requests are under way, which is all that may be; try again.",
            "request_id": "5f1c0a9be2d4",
        },
    ),
}


def describe(app: FastAPI, *, with_token: bool) -> None:
    """Let the application describe itself: made at the first request for it, then kept."""

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            schema["components"]["schemas"]["ProblemAnswer"] = ProblemAnswer.model_json_schema()
            if with_token:
                schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
                for path, operations in schema["paths"].items():
                    for operation in operations.values():
                        operation["security"] = [] if path in OPEN_PATHS else [{"token": []}]
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = made  # type: ignore[method-assign]  # the way that FastAPI documents for it
