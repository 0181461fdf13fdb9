"""schema.org JobPosting, in pages and in JSON."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ingest.documents import Document, ReaderRefusal
from ingest.readers import job_posting
from search.errors import Refused

Only = Callable[[str, bytes | str], Document]
Contents = Callable[[str, bytes | str], list[Document | ReaderRefusal]]

POSTING: dict[str, Any] = {
    "@context": "https://schema.org/",
    "@type": "JobPosting",
    "title": "Senior SRE &amp; Lead",
    "description": "&lt;p&gt;You run it.&lt;/p&gt;&lt;ul&gt;&lt;li&gt;On call&lt;/li&gt;&lt;/ul&gt;",
    "identifier": {"@type": "PropertyValue", "name": "Acme", "value": 17},
    "hiringOrganization": {"@type": "Organization", "name": "Acme"},
    "jobLocation": [
        {"@type": "Place", "address": {"addressLocality": "Zürich", "addressCountry": {"name": "CH"}}},
        {"@type": "Place", "address": {"addressLocality": "Zürich", "addressCountry": {"name": "CH"}}},
        {"@type": "Place", "address": "Remote"},
    ],
    "employmentType": ["FULL_TIME", "CONTRACTOR"],
    "datePosted": "2026-05-04",
    "validThrough": "2026-06-04T00:00",
    "jobLocationType": "TELECOMMUTE",
    "baseSalary": {"@type": "MonetaryAmount", "currency": "CHF", "value": {"minValue": "100,000", "maxValue": 120000.5, "unitText": "YEAR"}},
    "qualifications": "Five years of Linux",
    "skills": ["Go", "Linux"],
    "educationRequirements": {"@type": "EducationalOccupationalCredential", "credentialCategory": "bachelor degree"},
    "jobBenefits": "<ul><li>On call</li></ul>",
}


def page(*postings: Any, body: str = "") -> str:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(posting)}</script>' for posting in postings)
    return f"<html><head><title>Jobs | Acme</title>{scripts}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("role.html", page(POSTING)),
        ("role.html", page({"@graph": [{"@type": "WebSite"}, POSTING]}, POSTING)),
        ("role.html", page([{"@type": ["Thing", "http://schema.org/JobPosting"], **{k: v for k, v in POSTING.items() if k != "@type"}}])),
        ("role.json", json.dumps({"data": [POSTING]})),
        ("role.jsonld", json.dumps(POSTING)),
        ("role.jsonl", json.dumps(POSTING)),
    ],
)
def test_the_same_role_from_every_place(name: str, data: str, only: Only) -> None:
    document = only(name, data)
    assert (document.title, document.record_id, document.whole_file) == ("Senior SRE & Lead", "17", False)
    assert [(block.kind.value, block.text) for block in document.blocks] == [
        ("paragraph", "You run it."),
        ("item", "On call"),
        ("heading", "Qualifications"),
        ("paragraph", "Five years of Linux"),
        ("heading", "Skills"),
        ("item", "Go"),
        ("item", "Linux"),
        ("heading", "Education requirements"),
        ("paragraph", "bachelor degree"),
    ]
    assert document.attributes == {
        "company": "Acme",
        "location": "Zürich, CH; Remote",
        "employment_type": "FULL_TIME, CONTRACTOR",
        "date_posted": "2026-05-04",
        "valid_through": "2026-06-04T00:00",
        "remote": True,
        "salary_min": 100000,
        "salary_max": 120000.5,
        "currency": "CHF",
        "salary_period": "YEAR",
    }


def test_several_postings_are_several_roles(contents: Contents) -> None:
    found = contents("roles.html", page([POSTING, {**POSTING, "title": "Two"}, {"@type": "JobPosting", "title": "Empty"}]))
    assert [content.title if isinstance(content, Document) else content for content in found] == [
        "Senior SRE & Lead",
        "Two",
        ReaderRefusal("posting 3", "no text: the JobPosting has no description"),
    ]


def test_the_page_is_read_where_it_says_clearly_more(only: Only) -> None:
    body = "<h1>Senior SRE &amp; Lead</h1><p>" + "You run the clusters. " * 40 + "</p>"
    document = only("role.html", page(POSTING, body=body))
    assert [block.text for block in document.blocks] == [("You run the clusters. " * 40).strip()]
    assert (document.title, document.record_id, document.attributes["company"]) == ("Senior SRE & Lead", "17", "Acme")


def test_the_page_is_read_where_the_posting_has_no_description(only: Only) -> None:
    document = only("role.html", page({"@type": "JobPosting", "title": "Lead", "identifier": "x"}, body="<p>You lead.</p>"))
    assert (document.title, [block.text for block in document.blocks]) == ("Lead", ["You lead."])


def test_broken_json_ld_counts_as_none(only: Only) -> None:
    document = only("role.html", '<script type="application/ld+json">{"@type": "JobPosting", </script><h1>Lead</h1><p>You lead.</p>')
    assert (document.title, document.whole_file) == ("Lead", True)


@pytest.mark.parametrize(
    ("salary", "expected"), [(50, (50, 50)), ({"value": 60}, (60, 60)), ({"value": {"value": "70.5"}}, (70.5, 70.5)), ("by agreement", ())]
)
def test_salaries(salary: Any, expected: tuple[float, ...]) -> None:
    attributes = job_posting.attributes_of({"baseSalary": salary})
    assert tuple(attributes[key] for key in ("salary_min", "salary_max") if key in attributes) == expected


def test_a_posting_without_text_is_refused() -> None:
    with pytest.raises(Refused, match="no description"):
        job_posting.document_of({"@type": "JobPosting", "title": "Lead"})
