"""Many clients at once while one ingest follows the other: no error, and each answer is from one generation, whole. `make bench-load` measures the real thing."""

import json
from pathlib import Path

import pytest

from bench.load import ask_at_once, ingesting
from builders import make_role, publish
from fakes import WordEmbedder
from served import listening, service_over

ROLES = 12
SECONDS = 3


def edition(number: int) -> bytes:
    """All roles of one upload speak of the same edition, so that an answer tells which generation each of its hits is from."""
    return "\n".join(
        json.dumps({"id": f"r{one}", "title": "Baker", "text": f"Bakes bread of edition e{number} on day {one}."}) for one in range(ROLES)
    ).encode()


@pytest.mark.parametrize("clients", [1, 8, 32])
def test_no_error_and_one_generation_an_answer_while_an_ingest_is_under_way(tmp_path: Path, clients: int) -> None:
    folder = tmp_path / "index"
    publish(folder, [make_role("first.md", "Baker", "Bakes bread of edition e0.")], WordEmbedder())
    with listening(service_over(folder)) as address:
        with ingesting(address, edition) as ingests:
            asked = ask_at_once(address, clients, SECONDS, ["bread", "bakes bread on day 3", "edition"])
        assert len(ingests) >= 1
    assert len(asked) >= clients
    assert {one.status for one in asked} == {200}, next(one for one in asked if one.status != 200)
    answers = [json.loads(one.answer) for one in asked]
    for answer in answers:
        uploaded = [hit for hit in answer["hits"] if hit["role_id"] != "first.md"]
        editions = {word for hit in uploaded for word in hit["passages"][0]["text"].split() if word[0] == "e" and word[1:].isdecimal()}
        assert editions == ({f"e{int(answer['generation']) - 1}"} if uploaded else set())
