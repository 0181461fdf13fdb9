"""Each question over HTTP is answered as the library answers it, in the form that the command line prints."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from builders import make_role, publish
from fakes import WordEmbedder
from ingest.single import role_of_text
from search.index import IndexReader
from search.records import Mode
from search.role_index import RoleIndex
from search.searcher import Searcher
from served import BAKER, HERE, PASTRY, ROLES, WELDER, service_over
from ui import present
from ui.service import shapes
from ui.service.limits import MOST_ROLES

CV = "I bake bread early every day and glaze cakes."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    publish(tmp_path / "index", ROLES, WordEmbedder())
    return tmp_path / "index"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(service_over(folder), base_url=HERE) as made:
        yield made


@pytest.fixture
def roles(folder: Path) -> RoleIndex:
    return RoleIndex(Searcher(IndexReader(folder), WordEmbedder()))


def json_of(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def untimed(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["took_ms"] > 0
    return {name: value for name, value in answer.items() if name != "took_ms"}


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["role_id"] for hit in answer["hits"]]


def test_a_search_is_answered_as_on_the_command_line(client: TestClient, roles: RoleIndex) -> None:
    answer = json_of(client.get("/v1/search", params={"query": "bake cakes -steel", "k": 2, "mode": "dense", "filter": ["shift=day", "shift=night"]}))
    expected = present.results_json(roles.search("bake cakes -steel", k=2, mode=Mode.DENSE, filters=["shift=day", "shift=night"]))
    assert untimed(answer) == untimed(expected) | {"next_offset": None}
    assert ids(answer) == ["kitchen/pastry.md", "kitchen/baker.md"]
    shapes.SearchAnswer.model_validate(answer)


def test_a_question_in_the_body_is_answered_as_one_in_the_address(client: TestClient) -> None:
    asked: dict[str, Any] = {"query": "bake", "k": 1, "offset": 1, "mode": "lexical", "filter": ["shift!=x"]}
    assert untimed(json_of(client.post("/v1/search", json=asked))) == untimed(json_of(client.get("/v1/search", params=asked)))


def test_numbers_that_json_or_other_languages_do_not_have_are_answered(folder: Path) -> None:
    publish(folder, [make_role("baker.md", "Baker", "Bake bread.", ovens=float("nan"), crumbs=10**40)], WordEmbedder())
    with TestClient(service_over(folder), base_url=HERE) as client:
        (hit,) = json_of(client.get("/v1/search", params={"query": "bake"}))["hits"]
    assert hit["attributes"] == {"ovens": None, "crumbs": 10**40}


def test_pages_of_one_answer_fit_together(folder: Path) -> None:
    publish(folder, [make_role(f"{number:03}.md", "Baker", f"Bake {number} " + "bread " * (number % 7)) for number in range(MOST_ROLES + 5)], WordEmbedder())
    with TestClient(service_over(folder), base_url=HERE) as client:
        whole = json_of(client.get("/v1/search", params={"query": "bake bread", "k": MOST_ROLES}))
        assert (len(ids(whole)), whole["next_offset"]) == (MOST_ROLES, None)
        pages, offset = [], 0
        while offset is not None:
            page = json_of(client.get("/v1/search", params={"query": "bake bread", "k": 40 if offset < 80 else 20, "offset": offset}))
            pages.append(ids(page))
            offset = page["next_offset"]
        assert [len(page) for page in pages] == [40, 40, 20]
        assert [role_id for page in pages for role_id in page] == ids(whole)
        assert ids(json_of(client.get("/v1/search", params={"query": "-bread -bake", "offset": 50}))) == []


def test_similar_roles(client: TestClient, roles: RoleIndex) -> None:
    answer = json_of(client.get("/v1/similar", params={"like": "kitchen/pastry.md", "unlike": ["welder.md"]}))
    assert untimed(answer) == untimed(present.results_json(roles.similar(["kitchen/pastry.md"], ["welder.md"]))) | {"next_offset": None}
    assert ids(answer) == ["kitchen/baker.md"]
    steered = json_of(client.get("/v1/similar", params={"like": "kitchen/pastry.md", "query": "steel", "filter": "shift=day"}))
    assert (ids(steered), steered["mode"]) == (["welder.md"], "hybrid")
    phrases: dict[str, Any] = {"like_text": ["steel", "joints"], "unlike_text": "bread", "mode": "dense", "k": 2}
    expected = present.results_json(roles.similar(like_texts=["steel", "joints"], unlike_texts=["bread"], mode="dense"), slice(2))
    assert untimed(json_of(client.get("/v1/similar", params=phrases))) == untimed(expected) | {"next_offset": 2}


def test_near_identical_roles_are_one_hit_unless_every_role_is_asked_for(folder: Path) -> None:
    text = "Bake bread early and late, cakes on Sundays, and keep the ovens clean for the next shift of bakers."
    publish(folder, [make_role("one.md", "Baker", text), make_role("two.md", "Baker", text)], WordEmbedder())
    with TestClient(service_over(folder), base_url=HERE) as client:
        (hit,) = json_of(client.get("/v1/search", params={"query": "bake"}))["hits"]
        assert {hit["role_id"], *(twin["role_id"] for twin in hit["twins"])} == {"one.md", "two.md"}
        assert sorted(ids(json_of(client.get("/v1/search", params={"query": "bake", "every": True})))) == ["one.md", "two.md"]


@pytest.mark.parametrize("by_file", [False, True])
def test_a_cv_is_matched_as_text_or_file(client: TestClient, roles: RoleIndex, by_file: bool) -> None:
    if by_file:
        files = {"file": ("cv.txt", CV.encode())}
        answer = json_of(client.post("/v1/match/file", files=files, data={"k": "1", "filter": ["shift=night", "shift!=x"]}))
        text = role_of_text(CV, "cv.txt")
    else:
        answer = json_of(client.post("/v1/match", json={"text": CV, "k": 1, "filter": ["shift=night"]}))
        text = role_of_text(CV)
    expected = present.matches_json(text, roles.match(text, k=1, filters=["shift=night"]))
    assert answer["matches"] == expected["matches"]
    assert [match["role_id"] for match in answer["matches"]] == ["kitchen/baker.md"]
    shapes.MatchAnswer.model_validate(answer)


def test_a_role_of_the_index_is_matched_with_the_others(client: TestClient, roles: RoleIndex) -> None:
    answer = json_of(client.post("/v1/match", json={"role_id": "welder.md"}))
    assert answer == present.matches_json(WELDER, roles.match(WELDER))
    assert "welder.md" not in [match["role_id"] for match in answer["matches"]]


def test_roles_are_compared(client: TestClient, roles: RoleIndex) -> None:
    answer = json_of(client.get("/v1/compare", params={"role": ["kitchen/baker.md", "kitchen/pastry.md"]}))
    assert answer == json.loads(json.dumps(present.roles_compared_json(roles.compare(BAKER, PASTRY))))
    shapes.CompareAnswer.model_validate(answer)


def test_a_role_is_told_whole(client: TestClient) -> None:
    answer = json_of(client.get("/v1/role", params={"id": "kitchen/baker.md"}))
    assert (answer["role_id"], answer["title"], answer["text"], answer["source"]) == (BAKER.id, BAKER.title, BAKER.text, BAKER.source)
    assert answer["attributes"] == {"shift": "night", "level": "senior", "family": "manufacturing"}
    (section,) = answer["sections"]
    assert answer["text"][section["start"] : section["end"]] == "- Bake bread early\n- Bake cakes"
    level = next(reading for reading in answer["readings"] if reading["key"] == "level")
    assert answer["title"][level["start"] : level["end"]] == "Senior"
    shapes.RoleAnswer.model_validate(answer)


def test_facets_count_what_filters_and_demands_leave(client: TestClient) -> None:
    answer = json_of(client.get("/v1/facets", params={"query": "cakes -glaze", "filter": "shift=day"}))
    assert answer["facets"]["shift"] == {"night": 1, "day": 1}


def test_an_upload_becomes_roles_that_are_found(client: TestClient, folder: Path) -> None:
    files = [("files", ("nurse.md", b"# Ward Nurse\n\nLooks after patients.\n")), ("files", ("scan.pdf", b"%PDF-1.7 and then nothing"))]
    started = client.post("/v1/ingest", files=files)
    job = json_of(started, 202)
    assert started.headers["location"] == "/v1/jobs/1"
    while job["state"] == "running":
        time.sleep(0.02)
        job = json_of(client.get(started.headers["location"]))
    assert (job["job"], job["state"], job["error"], job["report"]["added"]) == (1, "done", None, 1)
    assert [refusal["file"] for refusal in job["report"]["refused"]] == ["scan.pdf"]
    answer = json_of(client.get("/v1/search", params={"query": "looks after patients", "k": 1}))
    assert (ids(answer), answer["generation"]) == (["nurse.md"], "000002")
    assert json_of(client.get("/ready")) == {"ready": True, "generation": "000002", "roles": 4, "read_only": False}
    assert json_of(client.post("/v1/ingest", files=files[:1]), 202)["job"] == 2
    assert json_of(client.get("/v1/jobs/1"))["report"]["added"] == 1


def test_without_an_index_the_first_upload_makes_one(tmp_path: Path) -> None:
    with TestClient(service_over(tmp_path / "new"), base_url=HERE) as client:
        assert client.get("/ready").json()["type"] == "urn:rolesearch:problem:no-index"
        assert client.get("/v1/search", params={"query": "x"}).status_code == 503
        assert json_of(client.get("/health")) == {"status": "ok"}
        client.post("/v1/ingest", files=[("files", ("nurse.md", b"# Ward Nurse\n\nLooks after patients.\n"))])
        while client.get("/ready").status_code != 200:
            time.sleep(0.02)
        assert ids(json_of(client.get("/v1/search", params={"query": "nurse"}))) == ["nurse.md"]


def test_read_only_has_no_ingest_at_all(folder: Path) -> None:
    with TestClient(service_over(folder, read_only=True), base_url=HERE) as client:
        assert json_of(client.get("/ready"))["read_only"] is True
        assert client.post("/v1/ingest", files=[("files", ("nurse.md", b"# Nurse\n\nx"))]).status_code == 404
        assert client.get("/v1/jobs/1").status_code == 404
        assert not {"/v1/ingest", "/v1/jobs/{number}"} & set(json_of(client.get("/openapi.json"))["paths"])
        assert ids(json_of(client.get("/v1/search", params={"query": "steel", "k": 1}))) == ["welder.md"]
    assert not (folder / "uploads").exists()


def test_metrics_count_requests_searches_and_the_generation_without_what_was_typed(client: TestClient, folder: Path) -> None:
    for query in ("secret steel", "secret bread"):
        client.get("/v1/search", params={"query": query, "mode": "dense"})
    client.get("/secret-address")
    publish(folder, ROLES, WordEmbedder())
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    lines = response.text.splitlines()
    assert 'rolesearch_requests_total{method="GET",path="/v1/search",status="200"} 2.0' in lines
    assert 'rolesearch_requests_total{method="GET",path="elsewhere",status="404"} 1.0' in lines
    assert 'rolesearch_request_seconds_count{path="/v1/search"} 2.0' in lines
    assert 'rolesearch_searches_total{mode="dense"} 2.0' in lines
    assert "rolesearch_requests_in_flight 1.0" in lines
    assert "rolesearch_index_generation 2.0" in lines
    assert "secret" not in response.text
