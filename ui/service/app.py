"""The application: what there is at which address, and how each question is answered. Everything that a request passes before stands in `ui.service.gate`."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Depends, FastAPI, File, Form, Request, UploadFile
from fastapi import Query as Parameters
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from ingest.single import read_role, role_of_text
from search.errors import IndexBusy, RoleSearchError
from search.records import Results, Role
from search.role_index import RoleIndex
from ui import present
from ui.jobs import IngestJobs, keep_uploads, upload_name
from ui.service import openapi, shapes
from ui.service.gate import Gate, Observed
from ui.service.limits import LONGEST_ID, MOST_FILES, MOST_ROLES, Limits
from ui.service.metrics import CONTENT_TYPE, Metrics
from ui.service.problems import RETRY_SECONDS, Problem, request_id_of, translate_errors

T = TypeVar("T")


@dataclass(slots=True)
class Service:
    """What answers: the index, the ingests of this server (None where it only reads), and a few threads for the work."""

    roles: RoleIndex
    jobs: IngestJobs | None
    limits: Limits
    metrics: Metrics
    pool: ThreadPoolExecutor | None = None
    uploading: asyncio.Lock = field(default_factory=asyncio.Lock)
    loaded: bool = False
    load_error: RoleSearchError | None = None

    async def work(self, call: Callable[[], T]) -> T:
        """Run something that takes time in one of the threads; what is given up before its turn never begins. The threads are there while the app runs."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, call)

    def load(self) -> None:
        """Load the model before the first question."""
        try:
            self.roles.load()
            self.loaded = True
        except RoleSearchError as error:
            self.load_error = error


def create_app(roles: RoleIndex, jobs: IngestJobs | None, limits: Limits, *, token: str = "", log_queries: bool = False) -> FastAPI:
    """The service over one index. Without `jobs` nothing can be ingested; with a `token` every question must send it."""
    service = Service(roles, jobs, limits, Metrics(roles.generation))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.pool = ThreadPoolExecutor(limits.workers, "question")
        loading = asyncio.get_running_loop().run_in_executor(None, service.load)
        yield
        await loading
        service.pool.shutdown(cancel_futures=True)
        roles.close()

    # Its pages of documentation would fetch their scripts from the network.
    app = FastAPI(
        title="Role Search", version=version("rolesearch"), description=openapi.ABOUT, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan
    )
    app.state.service = service
    for route in ROUTES if jobs is not None else [route for route in ROUTES if route.endpoint is not ingest and route.endpoint is not job]:
        app.add_api_route(
            route.path,
            route.endpoint,
            methods=[route.method],
            status_code=route.status,
            response_model=route.answer,
            response_class=Answer if route.answer else Response,
            summary=route.summary,
            operation_id=f"{route.endpoint.__name__}_{route.method.lower()}",
            responses=dict(openapi.PROBLEMS),
        )
    translate_errors(app)
    openapi.describe(app, with_token=bool(token))
    app.add_middleware(Gate, limits=limits, token=token)
    app.add_middleware(Observed, metrics=service.metrics, log_queries=log_queries)
    return app


class Answer(JSONResponse):
    """What is answered, as JSON."""

    def render(self, content: Any) -> bytes:
        return present.compact_json(content)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service)]
Id = Annotated[str, Parameters(min_length=1, max_length=LONGEST_ID, description="id of a role, as answers have it under role_id")]

# Questions ------------------------------------------------------------------------------------------------------------


async def search_by_address(asked: Annotated[shapes.SearchAddress, Parameters()], request: Request, service: TheService) -> Response:
    """Roles that answer a question, best first, each with the passages that earned it its place."""
    return await _search(asked, request, service)


async def search(asked: shapes.SearchQuestion, request: Request, service: TheService) -> Response:
    """As GET /v1/search; the question is in the body, where no proxy logs it and where it may be long."""
    return await _search(asked, request, service)


async def _search(asked: shapes.SearchQuestion, request: Request, service: Service) -> Response:
    _note(request, asked.query)
    service.metrics.search(asked.mode)
    return await service.work(
        lambda: _page(service.roles.search(asked.query, k=MOST_ROLES, mode=asked.mode, filters=asked.filter, collapsed=not asked.every), asked),
    )


async def similar(asked: Annotated[shapes.SimilarQuestion, Parameters()], request: Request, service: TheService) -> Response:
    """Roles that are by meaning like some and unlike others; those are no part of the answer."""
    _note(request, "; ".join([asked.query, *asked.like_text, *asked.unlike_text]))
    service.metrics.search("similar")
    steering = (asked.like, asked.unlike, asked.like_text, asked.unlike_text)
    return await service.work(
        lambda: _page(service.roles.similar(*steering, text=asked.query, k=MOST_ROLES, mode=asked.mode, filters=asked.filter), asked),
    )


def _page(results: Results, asked: shapes.Paged) -> Response:
    """A page of the best roles. All of them are looked for whatever page is asked for: how deep a search goes may change the order of the first."""
    end = asked.offset + asked.k
    page = present.results_json(results, slice(asked.offset, end))
    return Answer(page | {"next_offset": end if end < len(results.hits) else None})


async def match(asked: shapes.MatchQuestion, request: Request, service: TheService) -> Response:
    """Roles that fit a CV or another role: for each what it asks for, and where the text shows it."""
    _note(request, asked.text or asked.role_id or "")

    def answer() -> Response:
        text = role_of_text(asked.text) if asked.text is not None else service.roles.role(asked.role_id or "")
        return _matched(service, text, asked.k, asked.filter)

    return await service.work(answer)


async def match_file(
    service: TheService,
    file: Annotated[UploadFile, File(description="a CV or a role description, in any format that ingest reads")],
    k: Annotated[int, Form(ge=1, le=20, description="how many roles at most")] = 5,
    filter: Annotated[list[shapes.FilterText], Form(max_length=20, description=shapes.FILTER)] = [],  # noqa: A002, B006 - what clients call it; never changed
) -> Response:
    """As POST /v1/match, for a file."""
    name, content = upload_name(file.filename or ""), await file.read()

    def answer() -> Response:
        with tempfile.TemporaryDirectory(prefix="rolesearch-") as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            return _matched(service, read_role(path), k, filter)

    return await service.work(answer)


def _matched(service: Service, text: Role, k: int, filters: list[str]) -> Response:
    return Answer(present.matches_json(text, service.roles.match(text, k=k, filters=filters)))


async def compare(
    service: TheService, role: Annotated[list[shapes.RoleId], Parameters(min_length=2, max_length=4, description="ids of two to four roles")]
) -> Response:
    """Two to four roles side by side: what they share, what each has alone, and their sentences paired by meaning."""
    return await service.work(lambda: Answer(present.roles_compared_json(service.roles.compare(*role))))


async def role(service: TheService, id: Id) -> Response:  # noqa: A002 - what clients call it
    """One role, whole. Its id is a parameter, since ids hold slashes, which proxies do not leave alone in a path."""
    return await service.work(lambda: Answer(present.role_json(service.roles.role(id))))


async def facets(asked: Annotated[shapes.FacetsQuestion, Parameters()], request: Request, service: TheService) -> Response:
    """Attributes and their values, each with the number of roles that choosing it would leave."""
    _note(request, asked.query)
    return await service.work(lambda: Answer({"facets": service.roles.facets(asked.query, filters=asked.filter)}))


def _note(request: Request, text: str) -> None:
    """For the log, should it be asked to hold what was searched for."""
    request.scope["rolesearch.query"] = text


# Ingests --------------------------------------------------------------------------------------------------------------


async def ingest(
    service: TheService, files: Annotated[list[UploadFile], File(min_length=1, max_length=MOST_FILES, description="files in the formats that are read")]
) -> Response:
    """Add the roles of files to the index, or bring those of an earlier upload of the same names up to date. Answers at once, with a job to follow."""
    assert service.jobs is not None  # noqa: S101 - without, this is no route
    jobs, named = service.jobs, [(file.filename or "", await file.read()) for file in files]
    async with service.uploading:
        if jobs.latest is not None and jobs.latest.running:
            raise IndexBusy(f"roles are being added already, by job {jobs.latest.number}; wait until that has ended, then send these files again")
        started = await asyncio.to_thread(lambda: jobs.start([keep_uploads(jobs.index, named)], prune=False))
    service.metrics.ingest()
    return Answer(present.job_json(started), 202, {"Location": f"/v1/jobs/{started.number}"})


async def job(number: int, request: Request, service: TheService) -> Response:
    """How far an ingest has come; what it added, updated and refused when it is done."""
    assert service.jobs is not None  # noqa: S101 - without, this is no route
    found = service.jobs.job(number)
    if found is None:
        return Problem(404, f"There is no job {number}, or it is long past.", "no-such-job", "No such job").response(request_id_of(request))
    return Answer(present.job_json(found))


# For those who watch over it ------------------------------------------------------------------------------------------


async def health() -> Response:
    """That the process lives. Needs no token."""
    return Answer({"status": "ok"})


async def ready(request: Request, service: TheService) -> Response:
    """That questions will be answered: the model is loaded and the index can be read. Needs no token."""
    if service.load_error is not None:
        raise service.load_error
    if not service.loaded:
        return Problem(503, "The model is being loaded.", "loading", "Not ready yet", {"Retry-After": str(RETRY_SECONDS)}).response(request_id_of(request))
    status = await asyncio.to_thread(service.roles.status)
    return Answer({"ready": True, "generation": status.generation, "roles": status.roles, "read_only": service.jobs is None})


async def metrics(service: TheService) -> Response:
    """For Prometheus."""
    return Response(service.metrics.exposed(), media_type=CONTENT_TYPE)


@dataclass(frozen=True, slots=True)
class Route:
    """An address, what answers there, and the form of the answer: None where it is no JSON."""

    method: str
    path: str
    endpoint: Callable[..., Any]
    answer: type[BaseModel] | None
    summary: str
    status: int = 200


ROUTES = (
    Route("GET", "/v1/search", search_by_address, shapes.SearchAnswer, "Search"),
    Route("POST", "/v1/search", search, shapes.SearchAnswer, "Search, the question in the body"),
    Route("GET", "/v1/similar", similar, shapes.SearchAnswer, "More like this"),
    Route("POST", "/v1/match", match, shapes.MatchAnswer, "Match a text or a role"),
    Route("POST", "/v1/match/file", match_file, shapes.MatchAnswer, "Match a file"),
    Route("GET", "/v1/compare", compare, shapes.CompareAnswer, "Compare roles"),
    Route("GET", "/v1/role", role, shapes.RoleAnswer, "One role"),
    Route("GET", "/v1/facets", facets, shapes.FacetsAnswer, "Count by attribute"),
    Route("POST", "/v1/ingest", ingest, shapes.JobAnswer, "Add roles", 202),
    Route("GET", "/v1/jobs/{number}", job, shapes.JobAnswer, "Follow an ingest"),
    Route("GET", "/health", health, shapes.HealthAnswer, "Does it live"),
    Route("GET", "/ready", ready, shapes.ReadyAnswer, "Will it answer"),
    Route("GET", "/metrics", metrics, None, "Metrics"),
)
