"""Skills: which names are found in prose and in queries, and the ordinary words that look like them."""

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.attributes import skills
from search.attributes.skills import canonical, in_query, kind_of, mentions, read, spellings
from search.records import Reading, Role, Section


def named(text: str) -> list[str]:
    return [mention.value for mention in mentions(text) if not mention.negated]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("We run k8s on GCP.", ["Kubernetes", "Google Cloud"]),
        ("NodeJS, node js and Node.js", ["Node.js", "Node.js", "Node.js"]),
        ("Knowledge of C/C++, C# and .NET", ["C", "C++", "C#", ".NET"]),
        ("Postgres, MS SQL Server and Redis", ["PostgreSQL", "Microsoft SQL Server", "Redis"]),
        ("Microsoft Office (Word, Excel, Access)", ["Microsoft Office", "Microsoft Word", "Microsoft Excel", "Microsoft Access"]),
        ("Our tram maps are drawn in AutoCAD.", ["AutoCAD"]),
        ("You will use Tableau to show delays.", ["Tableau"]),
        ("LLMs and REST APIs", ["large language models", "REST APIs"]),
    ],
)
def test_names_are_found_under_their_canonical_name(text: str, values: list[str]) -> None:
    assert named(text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("We use Go, Rust and Python.", ["Go", "Rust", "Python"]),
        ("Our services moved to Swift and Go last year.", ["Swift", "Go"]),
        ("Go developer", ["Go"]),
        ("R, SAS, or Stata", ["R", "SAS", "Stata"]),
        ("- Python\n- R\n- SQL", ["Python", "R", "SQL"]),
        ("You know React or Angular.", ["React", "Angular"]),
        ("We answer riders in Slack and plan in Excel.", ["Slack", "Microsoft Excel"]),
        ("drawings in CAD for CAD 74,000 a year", ["CAD"]),
    ],
)
def test_an_ambiguous_name_counts_beside_technologies_or_by_its_capitals(text: str, values: list[str]) -> None:
    assert named(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "Go the extra mile.",
        "Swift response to breakdowns.",
        "You excel at listening, and have access to the depot.",
        "R&D, Vitamin C, grade B",
        "By word of mouth; teams of six.",
        "Design Teams and Product Teams",
        "You react quickly, express yourself and make tea.",
        "TS/SCI clearance",
        "The airflow in the tunnel",
        "The depot is in Leeds.",
        "A hybrid role with word processing and a toolbox",
        "See www.example.com/python/docs and https://example.org/java?x=sql.",
        "Monday to Friday, flask in hand, in a box.",
        "",
    ],
)
def test_ordinary_words_are_no_technologies(text: str) -> None:
    assert [value for value in named(text) if kind_of(value) == "technology" or value == "LEED"] == []


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("senior sre k8s go aws", ["site reliability engineering", "Kubernetes", "Go", "AWS"]),
        ("go developer", ["Go"]),
        ("excel vba", ["Microsoft Excel", "VBA"]),
        ("r statistics", ["R", "statistics"]),
        ("senior rust", ["Rust"]),
        ("go", ["Go"]),
        ("python and r", ["Python", "R"]),
    ],
)
def test_a_query_names_technologies_in_lower_case(query: str, values: list[str]) -> None:
    assert [mention.value for mention in in_query(query)] == values


@pytest.mark.parametrize("query", ["go to market", "swift response team", "someone who can excel at teams", "access to trams", "word of mouth"])
def test_ordinary_words_of_a_query_are_no_technologies(query: str) -> None:
    assert [mention.value for mention in in_query(query) if kind_of(mention.value) == "technology"] == []


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("NodeJS", "Node.js", "technology"),
        ("node js", "Node.js", "technology"),
        ("K8S", "Kubernetes", "technology"),
        ("amazon web services", "AWS", "technology"),
        ("golang", "Go", "technology"),
        ("C++", "C++", "technology"),
        ("c", "C", "technology"),
        ("mentors", "mentoring", "skill"),
        ("scrum", "Scrum", "method"),
        ("tram polishing", None, None),
        ("", None, None),
    ],
)
def test_canonical_names_and_kinds(name: str, value: str | None, kind: str | None) -> None:
    assert (canonical(name), kind_of(name)) == (value, kind)


def test_a_skill_that_is_not_needed_is_marked() -> None:
    text = "No Java needed, Python is a must"
    assert [(mention.value, text[mention.start : mention.end], mention.negated) for mention in mentions(text)] == [
        ("Java", "Java", True),
        ("Python", "Python", False),
    ]


def test_a_role_is_read_once_a_skill_at_its_first_affirmed_mention() -> None:
    role = Role("a", "Python Developer", "No Java needed.\n\nPython, SQL. We love SQL, and our Java is old.", "a")
    found = [reading for reading in read(role) if kind_of(str(reading.value)) == "technology"]
    assert found == [
        Reading("skills", "Python", 0, 6, in_title=True),
        Reading("skills", "SQL", 25, 28),
        Reading("skills", "Java", 51, 55),
    ]


def test_what_stands_under_a_denying_heading_is_not_read() -> None:
    text = "Python.\n\nNot needed\nKubernetes and Python"
    at = text.index("Kubernetes")
    role = Role("a", "Tram Fitter", text, "a", (Section("other", "", 0, 8), Section("other", "Not needed", at, len(text))))
    assert [reading.value for reading in read(role)] == ["Python"]


def test_the_table_has_a_skill_for_every_spelling_that_it_lists() -> None:
    assert [spelling for _, spelling in spellings() if canonical(spelling) is None] == []


@pytest.mark.parametrize("name", ["X-ray", "C++", "c#", ".NET", "asp.net", "R", "K8s", "on call", "oncall", "3D printing", "A/B testing"])
def test_a_name_is_found_by_whatever_its_first_word_begins_with(name: str) -> None:
    assert [mention.value for mention in in_query(f"developer {name} programming")] == [canonical(name)]


def test_importing_reads_no_table() -> None:
    program = (
        "import search.attributes.skills as s; assert s._by_beginning.cache_info().currsize == 0; "
        "s.mentions('x'); assert s._by_beginning.cache_info().currsize == 1"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


NAMES = st.sampled_from(["Go", "go", "R", "Python", "Node.js", "C++", "C#", ".NET", "Microsoft Excel", "excel", "k8s", "mentors", "no", "not", "needed"])
MARKS = st.sampled_from([" ", ", ", "\n- ", ". ", "/", "-", " and ", "&", "'", "(", "ß", "İ", "\u00a0"])


@given(st.one_of(st.text(), st.lists(st.tuples(NAMES, MARKS)).map(lambda pairs: "".join(name + mark for name, mark in pairs))))
def test_mentions_lie_apart_in_order_and_name_their_skill(text: str) -> None:
    for found in (mentions(text), in_query(text)):
        assert all(one.end <= other.start for one, other in pairwise(found))
        assert all(0 <= mention.start < mention.end <= len(text) for mention in found)
        assert [canonical(text[mention.start : mention.end]) for mention in found] == [mention.value for mention in found]


def test_the_tables_are_well_formed() -> None:
    rows = [line.split("\t") for table in skills._TABLES.glob("*.tsv") for line in table.read_text(encoding="utf-8").splitlines()]
    assert {len(row) for row in rows} == {5}
    assert {row[4] for row in rows} <= {"", "name", "technical", "rule"}
    assert len({row[0] for row in rows}) > 2500


@pytest.mark.parametrize(
    ("text", "named"), [("Wrote an operator in Go", ["Go"]), ("A parser in Rust.", ["Rust"]), ("Put in go-karts", []), ("Found in go bags", [])]
)
def test_a_language_behind_in(text: str, named: list[str]) -> None:
    assert [mention.value for mention in mentions(text)] == named
