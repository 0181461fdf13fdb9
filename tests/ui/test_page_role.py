"""The page of one role, over an index made with the WordEmbedder."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest
from bs4 import BeautifulSoup
from streamlit.testing.v1 import AppTest

from builders import IndexOf, make_role
from fakes import WordEmbedder
from search.index import IndexReader
from search.searcher import Searcher

PLATFORM = make_role(
    "team/platform.md",
    "Platform Lead",
    "Forty teams build on it.",
    ("Your tasks", "- Run Kubernetes clusters\n  - by day\n- Mentor junior engineers"),
    ("We offer", "Tea."),
    level="lead",
    languages=("English", "Danish"),
)
HOSTILE = make_role(
    "x.md", "<img src=x onerror=alert(1)>", ("# <b>Tasks</b>", "- [click](javascript:alert(1)) **nurse**\n<script>alert(1)</script>"), note="<u>x</u>"
)

Visit: TypeAlias = Callable[..., BeautifulSoup]


def role_page(searcher: "Searcher") -> None:
    """Run by AppTest in a module of its own."""
    from ui.views import role
    from ui.views.address import current_address

    role.render(searcher, current_address())


@pytest.fixture
def visit(index_of: IndexOf) -> Iterator[Visit]:
    embedder = WordEmbedder()
    searcher = Searcher(IndexReader(index_of([PLATFORM, HOSTILE]), embedder.fingerprint), embedder)

    def open_page(**parameters: str) -> BeautifulSoup:
        page = AppTest.from_function(role_page, kwargs={"searcher": searcher}, default_timeout=30)
        for name, value in parameters.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception, page.exception
        return BeautifulSoup("\n".join(element.body for element in page.html), "html.parser")

    yield open_page
    searcher.close()


def texts(soup: BeautifulSoup, selector: str) -> list[str]:
    return [element.get_text() for element in soup.select(selector)]


def test_the_whole_text_is_laid_out(visit: Visit) -> None:
    soup = visit(role="team/platform.md")
    assert texts(soup, "h1") == ["Platform Lead"]
    assert texts(soup, ".rs-role h3") == ["Your tasks", "We offer"]
    assert texts(soup, ".rs-role li") == ["Run Kubernetes clusters", "by day", "Mentor junior engineers"]
    assert texts(soup, ".rs-role p") == ["Forty teams build on it.", "Tea."]
    assert texts(soup, ".rs-facts tr") == ["Levellead", "LanguagesEnglish, Danish", "Sourceteam/platform.md"]
    assert texts(soup, "mark, .rs-found, .rs-legend") == []


def test_what_answers_the_question_is_marked(visit: Visit) -> None:
    soup = visit(role="team/platform.md", q="mentoring on kubernetes -cook")
    assert texts(soup, "mark") == ["Kubernetes", "Mentor"]
    assert "Mentor junior engineers" in "".join(texts(soup, ".rs-found"))
    assert texts(soup, ".rs-legend") == ["Marked: what answers “mentoring on kubernetes -cook”"]


def test_no_passage_answers_a_question_that_leaves_the_role_out(visit: Visit) -> None:
    assert texts(visit(role="team/platform.md", q="kubernetes -tea"), ".rs-found, .rs-legend") == []


def test_the_way_back_keeps_the_question(visit: Visit) -> None:
    soup = visit(role="team/platform.md", q="kubernetes", mode="lexical", f="level=lead")
    assert [(link.get_text(), link["href"]) for link in soup.select("a")] == [("← Back to the results", "?q=kubernetes&mode=lexical&f=level%3Dlead")]


def test_without_a_question_the_way_leads_to_the_search(visit: Visit) -> None:
    assert texts(visit(role="team/platform.md"), "a") == ["← Search"]


def test_a_role_that_is_not_there_is_an_error_with_a_way_back(visit: Visit) -> None:
    soup = visit(role="<b>gone.md</b>", q="kubernetes")
    assert texts(soup, ".rs-error") == ["The index has no role '<b>gone.md</b>'; ids are listed in search results as role_id"]
    assert texts(soup, "a") == ["← Back to the results"]


def test_hostile_text_is_shown_as_text(visit: Visit) -> None:
    soup = visit(role="x.md", q="nurse")
    assert texts(soup, "h1") == ["<img src=x onerror=alert(1)>"]
    assert texts(soup, ".rs-role h3") == ["# <b>Tasks</b>"]
    assert texts(soup, ".rs-role li") == ["[click](javascript:alert(1)) **nurse**"]
    assert texts(soup, ".rs-role p") == ["<script>alert(1)</script>"]
    assert texts(soup, "td")[0] == "<u>x</u>"
    assert {element.name for element in soup.find_all()} <= {"a", "h1", "h3", "bdi", "table", "tr", "th", "td", "p", "article", "ul", "li", "span", "mark"}
