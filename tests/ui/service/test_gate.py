"""What the service refuses and how: every error is a problem (RFC 9457). And what of a request stands in the log."""

import json
import logging
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from builders import publish
from fakes import WordEmbedder
from search.embedding import Vectors
from search.errors import ModelError
from search.records import Results
from search.role_index import RoleIndex
from served import HERE, ROLES, listening, service_over
from ui.service.app import ROUTES
from ui.service.gate import JsonLines
from ui.service.limits import LONGEST_QUERY, LONGEST_QUERY_IN_ADDRESS, Limits, Rate
from ui.service.shapes import ProblemAnswer

TOKEN = "0123456789abcdef"  # noqa: S105
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("gate") / "index"
    publish(made, ROLES, WordEmbedder())
    return made


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(service_over(folder), base_url=HERE) as made:
        yield made


def problem(response: Any, status: int, name: str = "") -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert (told["status"], told["type"]) == (status, f"urn:rolesearch:problem:{name}" if name else "about:blank")
    assert told["title"]
    assert told["detail"]
    assert told["request_id"] == response.headers["x-request-id"]
    ProblemAnswer.model_validate(told)
    return told


# The form of a request ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "where"),
    [
        ({}, "query"),
        ({"query": "x", "k": 0}, "k"),
        ({"query": "x", "k": 101}, "k"),
        ({"query": "x", "k": "many"}, "k"),
        ({"query": "x", "offset": -1}, "offset"),
        ({"query": "x", "offset": 95}, "query"),
        ({"query": "x", "mode": "magic"}, "mode"),
        ({"query": "x", "limit": 3}, "limit"),
        ({"query": "x" * (LONGEST_QUERY_IN_ADDRESS + 1)}, "query"),
        ({"query": "x", "filter": ["a=b"] * 21}, "filter"),
        ({"query": "x", "filter": "a=" + "b" * 300}, "filter.0"),
    ],
)
def test_a_wrong_parameter_is_named(client: TestClient, parameters: dict[str, Any], where: str) -> None:
    (error,) = problem(client.get("/v1/search", params=parameters), 422, "invalid")["errors"]
    assert (error["parameter"], bool(error["detail"])) == (where, True)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"{", "#"),
        (b"[]", "#"),
        (b'{"query": 3}', "#/query"),
        (b'{"query": "\\ud800"}', "#/query"),
        (b'{"query": "x", "filter": [1]}', "#/filter/0"),
        (json.dumps({"query": "x" * (LONGEST_QUERY + 1)}).encode(), "#/query"),
    ],
)
def test_a_wrong_body_is_pointed_into(client: TestClient, body: bytes, pointer: str) -> None:
    (error,) = problem(client.post("/v1/search", content=body, headers=JSON), 422, "invalid")["errors"]
    assert error["pointer"] == pointer


def test_what_was_sent_is_not_sent_back(client: TestClient) -> None:
    assert "secret" not in client.post("/v1/search", json={"query": ["secret"], "k": "secret"}).text


def test_errors_of_the_library_say_their_cure(client: TestClient) -> None:
    assert "role_id" in problem(client.get("/v1/role", params={"id": "x"}), 404, "no-such-role")["detail"]
    problem(client.get("/v1/compare", params={"role": ["x", "welder.md"]}), 404, "no-such-role")
    problem(client.get("/v1/similar", params={"like": "x"}), 404, "no-such-role")
    problem(client.post("/v1/match", json={"role_id": "x"}), 404, "no-such-role")
    assert "key=value" in problem(client.get("/v1/search", params={"query": "x", "filter": "shift"}), 422, "usage")["detail"]
    assert "is in a format that is not read" in problem(client.post("/v1/match/file", files={"file": ("cv.doc", b"x")}), 422, "usage")["detail"]
    problem(client.post("/v1/match/file", files={"file": ("../cv.md", b"x")}), 422, "usage")
    problem(client.post("/v1/match/file", files={"file": ("cv.pdf", b"%PDF-1.7 no")}), 422, "refused")
    problem(client.post("/v1/match", json={"text": " "}), 422, "refused")
    problem(client.post("/v1/match", json={"text": "x", "role_id": "welder.md"}), 422, "invalid")
    problem(client.get("/v1/jobs/9"), 404, "no-such-job")


def test_an_address_that_is_not_there_and_a_method_that_is_not_possible(client: TestClient) -> None:
    problem(client.get("/v1/nothing"), 404)
    problem(client.get("/health/"), 404)
    refused = client.put("/v1/search")
    assert "PUT is not possible here; GET, POST is." in problem(refused, 405)["detail"]
    assert refused.headers["allow"] == "GET, POST"
    problem(client.post("/v1/match/file", content=b"nothing", headers={"content-type": "multipart/form-data"}), 400)


def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_its_length(folder: Path) -> None:
    with TestClient(service_over(folder, Limits(body_bytes=100, upload_bytes=2_000, rate=0)), base_url=HERE) as client:
        problem(client.post("/v1/search", content=b" " * 101, headers=JSON), 413)
        assert "at most 100 bytes" in problem(client.post("/v1/search", content=iter([b" " * 60] * 2), headers=JSON), 413)["detail"]
        files = {"file": ("cv.txt", b"I bake bread. " * 100)}
        assert client.post("/v1/match/file", files=files).status_code == 200
        problem(client.post("/v1/match/file", files={"file": ("cv.txt", b"x" * 2_001)}), 413)
        problem(client.post("/v1/ingest", content=iter([b" " * 1_500] * 2), headers={"content-type": "multipart/form-data; boundary=x"}), 413)


# Who asks -------------------------------------------------------------------------------------------------------------


def test_with_a_token_nothing_is_told_without_it(folder: Path) -> None:
    with TestClient(service_over(folder, token=TOKEN), base_url="http://roles.example.org") as client:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}, {"authorization": TOKEN}, {"authorization": "Bearer "}):
            refused = client.get("/v1/search", params={"query": "steel"}, headers=headers)
            problem(refused, 401)
            assert refused.headers["www-authenticate"] == "Bearer"
        for path in ("/metrics", "/openapi.json", "/v1/nothing"):
            problem(client.get(path), 401)
        for scheme in ("Bearer", "bearer"):
            headers = {"authorization": f"{scheme} {TOKEN}", "origin": "https://elsewhere.example"}
            assert client.get("/v1/search", params={"query": "steel"}, headers=headers).status_code == 200
        assert [client.get(path).status_code for path in ("/health", "/ready")] == [200, 200]
        described = client.get("/openapi.json", headers={"authorization": f"Bearer {TOKEN}"}).json()
        assert described["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
        assert described["paths"]["/v1/search"]["get"]["security"] == [{"token": []}]
        assert described["paths"]["/health"]["get"]["security"] == []


def test_without_a_token_only_this_machine_is_answered(client: TestClient) -> None:
    for headers in (
        {"host": "roles.example.org"},
        {"host": "127.0.0.1.example.org:8000"},
        {"host": ""},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://[::1"},
    ):
        problem(client.get("/v1/facets", headers=headers), 403)
    for headers in ({"host": "localhost:8000"}, {"host": "[::1]:8000"}, {"host": "127.0.0.1", "origin": "http://localhost:8501"}):
        assert client.get("/v1/facets", headers=headers).status_code == 200


# How much and how long ------------------------------------------------------------------------------------------------


def test_a_client_that_asks_too_often_is_told_when_to_come_again(folder: Path) -> None:
    with TestClient(service_over(folder, Limits(rate=0.001)), base_url=HERE) as client:
        refused = [client.get("/v1/role", params={"id": "welder.md"}) for _ in range(3)][-1]
        assert "0.001 requests a second" in problem(refused, 429)["detail"]
        assert 1 <= int(refused.headers["retry-after"]) <= 1_000
        assert [client.get("/health").status_code for _ in range(5)] == [200] * 5


def test_the_rate_is_per_client_and_fills_again() -> None:
    now = [0.0]
    rate = Rate(2, lambda: now[0])
    assert [rate.wait("a") for _ in range(4)] == [0] * 4
    assert rate.wait("a") == pytest.approx(0.5)
    assert rate.wait("b") == 0
    now[0] = 0.5
    assert rate.wait("a") == 0
    assert rate.wait("a") == pytest.approx(0.5)
    now[0] = 1_000
    assert [bool(rate.wait("a")) for _ in range(5)] == [False] * 4 + [True]
    assert [Rate(0).wait("a") for _ in range(1_000)] == [0] * 1_000


class Holding:
    """Stands in front of a search: it goes on when it may."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began, self.may = threading.Semaphore(0), threading.Event()
        search = RoleIndex.search

        def held(roles: RoleIndex, *arguments: Any, **named: Any) -> Results:
            self.began.release()
            assert self.may.wait(30)
            return search(roles, *arguments, **named)

        monkeypatch.setattr(RoleIndex, "search", held)


def test_more_at_once_than_may_wait_are_turned_away_and_the_rest_is_answered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holding = Holding(monkeypatch)
    with listening(service_over(folder, Limits(workers=1, waiting=1, rate=0))) as address, ThreadPoolExecutor(3) as clients:
        asked = [clients.submit(httpx.get, f"{address}/v1/search?query=steel", timeout=60) for _ in range(3)]
        # One is at work, one waits, and none of the two can end yet: what ends first was turned away, whichever it is.
        refused = next(as_completed(asked, timeout=30)).result()
        assert "2 requests are under way" in problem(refused, 503, "overloaded")["detail"]
        assert refused.headers["retry-after"] == "5"
        assert httpx.get(f"{address}/health", timeout=60).status_code == 200
        holding.may.set()
        assert sorted(one.result().status_code for one in asked) == [200, 200, 503]
        assert httpx.get(f"{address}/v1/facets", timeout=60).status_code == 200


def test_what_takes_too_long_is_given_up_and_what_waits_behind_it_never_begins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holding = Holding(monkeypatch)
    with listening(service_over(folder, Limits(workers=1, seconds=0.5, rate=0))) as address, ThreadPoolExecutor(2) as clients:
        asked = [clients.submit(httpx.get, f"{address}/v1/search?query=steel", timeout=60) for _ in range(2)]
        for one in asked:
            problem(one.result(), 503, "too-slow")
        holding.may.set()
        assert holding.began.acquire(timeout=30)
        assert not holding.began.acquire(timeout=0.2)


def test_a_second_upload_while_one_is_read_is_refused_and_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may, encode = threading.Event(), WordEmbedder.encode_document

    def held(embedder: WordEmbedder, texts: Any) -> Vectors:
        assert may.wait(30)
        return encode(embedder, texts)

    with TestClient(service_over(tmp_path / "index"), base_url=HERE) as client:
        monkeypatch.setattr(WordEmbedder, "encode_document", held)
        assert client.post("/v1/ingest", files=[("files", ("a.md", b"# A\n\nx"))]).status_code == 202
        refused = client.post("/v1/ingest", files=[("files", ("b.md", b"# B\n\nx"))])
        assert "by job 1" in problem(refused, 409, "busy")["detail"]
        may.set()
        while client.get("/v1/jobs/1").json()["state"] == "running":
            pass
    assert [path.name for path in (tmp_path / "index" / "uploads").iterdir()] == ["a.md"]


def test_until_the_model_is_loaded_it_is_not_ready_and_if_it_cannot_be_it_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may = threading.Event()

    def gone(roles: RoleIndex) -> None:
        assert may.wait(30)
        raise ModelError("the model is gone; put it back")

    monkeypatch.setattr(RoleIndex, "load", gone)
    with TestClient(service_over(folder), base_url=HERE) as client:
        problem(client.get("/ready"), 503, "loading")
        assert client.get("/health").status_code == 200
        may.set()
        while (told := client.get("/ready")).json()["type"].endswith("loading"):
            pass
        assert problem(told, 503, "model")["detail"] == "the model is gone; put it back"


# The log --------------------------------------------------------------------------------------------------------------


def lines_of(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "rolesearch.http"]


@pytest.mark.parametrize("log_queries", [False, True])
def test_the_log_has_a_line_a_request_with_the_query_only_when_asked(folder: Path, caplog: pytest.LogCaptureFixture, log_queries: bool) -> None:
    caplog.set_level(logging.INFO)
    with TestClient(service_over(folder, log_queries=log_queries), base_url=HERE) as client:
        client.get("/v1/search", params={"query": "secret steel"}, headers={"x-request-id": "mine-1"})
        client.post("/v1/search", json={"query": "secret bread"}, headers={"x-request-id": 'not "mine"'})
        client.get("/v1/facets", params={"query": "secret", "filter": "secret"})
    first, second, third = lines_of(caplog)
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", first["time"])
    assert (first["level"], first["event"], first["id"], first["client"]) == ("info", "request", "mine-1", "testclient")
    assert (first["method"], first["path"], first["status"], first["ms"] > 0) == ("GET", "/v1/search", 200, True)
    assert re.fullmatch(r"[0-9a-f]{12}", second["id"])
    assert third["status"] == 422
    assert [line.get("query") for line in (first, second, third)] == (["secret steel", "secret bread", "secret"] if log_queries else [None] * 3)
    assert ("secret" in json.dumps([first, second, third])) is log_queries


@pytest.mark.parametrize("log_queries", [False, True])
def test_an_error_that_nobody_foresaw_is_a_problem_and_the_log_has_its_place(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, log_queries: bool
) -> None:
    def broken(roles: RoleIndex, text: str, **named: Any) -> Results:
        raise ZeroDivisionError(text)

    caplog.set_level(logging.INFO)

    monkeypatch.setattr(RoleIndex, "search", broken)
    with TestClient(service_over(folder, log_queries=log_queries), base_url=HERE) as client:
        told = problem(client.get("/v1/search", params={"query": "secret steel"}), 500)
    assert "secret" not in json.dumps(told)
    error, request = lines_of(caplog)
    assert (error["event"], error["level"], error["error"], error["id"]) == ("unexpected", "error", "ZeroDivisionError", told["request_id"])
    assert "in broken" in error["trace"]
    assert ("secret" in error["trace"]) is log_queries
    assert request["status"] == 500


def test_every_answer_carries_the_headers_that_keep_it_what_it_is(client: TestClient) -> None:
    for route in ROUTES:
        headers = client.request(route.method, route.path.replace("{number}", "1")).headers
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store"), route.path
