"""The page of what all roles ask for, and the command beside it, over an index made with the WordEmbedder."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from builders import IndexOf, make_role
from fakes import WordEmbedder
from search.gaps import Asked, gaps_of
from search.index import IndexReader
from search.judgements import Votes
from search.searcher import Searcher
from ui.jobs import IngestJobs
from ui.survey import gaps_json, print_gaps

HOSTILE = "<b>x</b> | **y**"
COOKS = [make_role(f"{number}.md", "Cook", "Cooks.", level="senior", skills=("soup", "bread"), years=number, town="York") for number in range(4)]
CLERKS = [make_role(f"clerk {number}", "Clerk", "Counts.", level="junior", skills=("accounts", HOSTILE), town="Hull", degree="bachelor") for number in range(5)]
OTHERS = [make_role("other.md", "Porter", "Carries.")]


def whole_page(searcher: "Searcher", jobs: "IngestJobs", votes: "Votes") -> None:
    """Run by AppTest in a module of its own."""
    from ui.app import serve

    serve(searcher, jobs, votes)


OpenPage = Callable[..., AppTest]


def skills_page(index: Path, searcher: Searcher, **parameters: str) -> AppTest:
    page = AppTest.from_function(whole_page, kwargs={"searcher": searcher, "jobs": IngestJobs(index, WordEmbedder), "votes": Votes(index)}, default_timeout=60)
    # What AppTest.switch_page sets for pages that lie in files of their own.
    page._page_hash = calc_hash("skills")
    page.query_params.update(parameters)
    return seen(page.run())


@pytest.fixture
def open_page(index_of: IndexOf) -> Iterator[OpenPage]:
    searcher = Searcher(IndexReader(index_of([*COOKS, *CLERKS, *OTHERS]), WordEmbedder.fingerprint), WordEmbedder())
    yield lambda **parameters: skills_page(searcher.folder, searcher, **parameters)
    searcher.close()


def seen(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def test_pairs_and_levels_with_their_counts(open_page: OpenPage) -> None:
    page = open_page()
    pairs, levels = (frame.value.to_dict("records") for frame in page.dataframe)
    assert [(row["Skill"], row["With"], row["Both"], row["First"], row["Second"], row["× chance"]) for row in pairs] == [
        (HOSTILE, "accounts", 5, 5, 5, 1.8),
        ("bread", "soup", 4, 4, 4, 2.25),
    ]
    assert levels == [
        {"Level": "junior", "Roles": 5, "Years, median": "", "Degree": "bachelor 5", "More than elsewhere": f"{HOSTILE} 100%, accounts 100%"},
        {"Level": "senior", "Roles": 4, "Years, median": "1.5 (4 roles)", "Degree": "", "More than elsewhere": "bread 100%, soup 100%"},
    ]
    assert page.caption[1].value.startswith("Counted over 9 roles that name a skill, of 10.")
    seen(page.toggle(key="levels as a table").set_value(True).run())
    shares = page.dataframe[2].value.to_dict("records")
    assert {row["Skill"]: (row["junior"], row["senior"]) for row in shares}["soup"] == (0, 100)


def test_filters_in_the_address_narrow_what_is_counted(open_page: OpenPage) -> None:
    page = open_page(f="town=York")
    assert page.caption[1].value.startswith("Counted over 4 roles that name a skill, of 4. No two skills")
    assert [row["Level"] for row in page.dataframe[0].value.to_dict("records")] == ["senior"]
    assert [message.value for message in open_page(f="town=Bath").info] == ["No role is left by these filters\u2060\\.\u2060"]


def test_roles_without_levels_and_skills(index_of: IndexOf) -> None:
    searcher = Searcher(IndexReader(index_of(OTHERS), WordEmbedder.fingerprint), WordEmbedder())
    page = skills_page(searcher.folder, searcher)
    assert (list(page.dataframe), page.caption[-1].value) == ([], "None of these roles names a level.")
    searcher.close()


def test_without_an_index_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    page = skills_page(tmp_path, Searcher(IndexReader(tmp_path / "none", WordEmbedder.fingerprint), WordEmbedder()))
    assert ["rolesearch ingest" in message.value.replace("\u2060", "").replace("\\", "") for message in page.error] == [True]


# The command's output


FOUND = gaps_of([*[Asked("senior", frozenset({"soup", "bread"}), 5)] * 3, *[Asked("junior", frozenset({HOSTILE}))] * 4])


def test_json_has_every_count() -> None:
    assert json.loads(json.dumps(gaps_json(FOUND))) == {
        "roles": 7,
        "with_skills": 7,
        "with_level": 7,
        "pairs": [],
        "levels": [
            {
                "level": "junior",
                "roles": 4,
                "years": {"stated": 0, "median": None},
                "degrees": {},
                "skills": [{"skill": HOSTILE, "roles": 4, "share": 1.0, "elsewhere": 0.0, "log_likelihood": 9.5607}],
                "marks": [HOSTILE],
            },
            {
                "level": "senior",
                "roles": 3,
                "years": {"stated": 3, "median": 5},
                "degrees": {},
                "skills": [
                    {"skill": "bread", "roles": 3, "share": 1.0, "elsewhere": 0.0, "log_likelihood": 9.5607},
                    {"skill": "soup", "roles": 3, "share": 1.0, "elsewhere": 0.0, "log_likelihood": 9.5607},
                ],
                "marks": ["bread", "soup"],
            },
        ],
    }


def test_tables_are_markdown_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    found = gaps_of([*[Asked("senior", frozenset({"soup", "bread"}), 5)] * 4, *[Asked("junior", frozenset({HOSTILE, "x"}))] * 4])
    print_gaps(found, "soup", 5)
    assert capsys.readouterr().out.splitlines() == [
        "Skills that go together with soup: 1 pair in 8 roles that name a skill, of 8.",
        "| skills | both | the first | the second | times chance | log-likelihood |",
        "| --- | --- | --- | --- | --- | --- |",
        "| bread + soup | 4 | 4 | 4 | 2.0 | 11.1 |",
        "",
        "What each level asks for: 8 roles that name a level, of 8.",
        "| level | roles | years, median | degree | asked most | more than elsewhere |",
        "| --- | --- | --- | --- | --- | --- |",
        r"| junior | 4 |  |  | <b>x</b> \| **y** 100%, x 100% | <b>x</b> \| **y** 100% (elsewhere 0%), x 100% (elsewhere 0%) |",
        "| senior | 4 | 5 (4 roles) |  | bread 100%, soup 100% | bread 100% (elsewhere 0%), soup 100% (elsewhere 0%) |",
    ]
