"""JSON and JSON Lines: shapes, broken records, attributes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ingest.documents import Document, ReaderRefusal
from search.errors import Refused

Only = Callable[[str, bytes | str], Document]
Contents = Callable[[str, bytes | str], list[Document | ReaderRefusal]]

RECORD: dict[str, Any] = {"id": 17, "jobTitle": "Lead", "description": "<p>You lead.</p>", "team": "SRE"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("roles.json", [RECORD]),
        ("roles.json", RECORD),
        ("roles.json", {"jobs": [RECORD]}),
        ("roles.json", {"meta": {"page": 1}, "data": {"jobs": [RECORD], "tags": ["a", "b"]}}),
        ("roles.json", {"description": "Our jobs", "jobs": [RECORD]}),
        ("roles.jsonl", RECORD),
        ("roles.jsonl", [RECORD]),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_shapes(name: str, value: Any, indent: int | None, encoding: str, only: Only) -> None:
    document = only(name, json.dumps(value, indent=indent).encode(encoding))
    assert (document.record_id, document.title, dict(document.attributes), document.whole_file) == ("17", "Lead", {"team": "SRE"}, False)
    assert [block.text for block in document.blocks] == ["You lead."]


def test_attributes(only: Only) -> None:
    document = only(
        "role.json",
        json.dumps(
            {
                "text": "You lead.",
                "location": {"name": "Zürich", "geo": {"lat": 47.4, "deep": {"er": 1}}},
                "tags": ["go", 7],
                "teams": [{"name": "SRE"}, {"name": "Data"}],
                "remote": False,
                "none": None,
                "empty": "",
                "objects": [{"x": 1}],
                "huge": 2**70,
                "salaryMax": 1.5,
            }
        ),
    )
    assert document.attributes == {
        "location_name": "Zürich",
        "location_geo_lat": 47.4,
        "tags": ("go", "7"),
        "teams": ("SRE", "Data"),
        "remote": False,
        "huge": str(2**70),
        "salary_max": 1.5,
    }


def test_a_broken_line_costs_no_other(contents: Contents) -> None:
    good = json.dumps({"id": "a", "title": "One", "text": "You lead."})
    bad = ['{"id": "b", ', '{"id": "c", "title": "No text"}', '["x"]', '{"text": "x", "text": "y"}', '{"text": "x", "pay": NaN}', "[" * 100_000, "null"]
    found = contents("roles.jsonl", "\n".join([good, "", *bad, good]))
    assert [content.part if isinstance(content, ReaderRefusal) else content.title for content in found] == ["One", *(f"line {n}" for n in range(3, 10)), "One"]
    reasons = [content.reason for content in found if isinstance(content, ReaderRefusal)]
    for reason, start in zip(
        reasons, ["not JSON", "no text", "not an object but an array", "a key stands twice", "NaN", "nested", "not an object but null"], strict=True
    ):
        assert reason.startswith(start)
    assert [content.record_id for content in found if isinstance(content, ReaderRefusal)][1] == "c"


def test_json_lines_under_the_name_of_json(contents: Contents) -> None:
    lines = "\n".join(json.dumps({"title": f"Role {n}", "text": "You lead."}) for n in range(3)) + "\nbroken\n"
    found = contents("roles.json", lines)
    assert [content.title if isinstance(content, Document) else content.part for content in found] == ["Role 0", "Role 1", "Role 2", "line 4"]


def test_records_of_an_array_are_refused_by_themselves(contents: Contents) -> None:
    found = contents("roles.json", '[{"text": "You lead."}, {"id": 2}, "x", {"text": "x", "a": {"b": 1, "b": 2}}]')
    assert [type(content).__name__ for content in found] == ["Document", "ReaderRefusal", "ReaderRefusal", "ReaderRefusal"]
    assert [content.record_id for content in found if isinstance(content, ReaderRefusal)] == ["2", None, None]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("{", "not JSON: .* at line 1 column 2"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "no records"),
        ('"text"', "no records"),
        ("[" + "1" * 5000 + "]", "not JSON that can be read"),
        ("   ", "only spaces"),
    ],
)
def test_files_that_are_refused(data: str, reason: str, contents: Contents) -> None:
    with pytest.raises(Refused, match=reason):
        contents("roles.json", data)


def test_text_in_a_list_of_paragraphs_and_with_raw_line_ends(only: Only) -> None:
    assert [block.text for block in only("role.json", '{"text": ["You lead.", "You rest."]}').blocks] == ["You lead.", "You rest."]
    assert [block.text for block in only("role.json", '{"text": "You lead.\n\nYou rest."}').blocks] == ["You lead.", "You rest."]


def test_a_lone_surrogate_does_not_reach_the_text(only: Only) -> None:
    assert only("role.json", '{"title": "Lead\\ud800", "text": "You \\udfff lead."}').title == "Lead"
