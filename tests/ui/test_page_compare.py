"""The page that puts roles side by side, over an index made with the WordEmbedder."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from builders import IndexOf, make_role
from fakes import WordEmbedder
from search.attributes.reading import with_attributes
from search.index import IndexReader
from search.judgements import Votes
from search.searcher import Searcher
from ui.jobs import IngestJobs

COOK = with_attributes(
    make_role(
        "cook.md",
        "Senior Cook",
        ("Responsibilities", "- Cook the soup of the day for two hundred guests\n- Order the fish from the market\n- Teach one apprentice"),
        ("Requirements", "- 5 years of experience in kitchens\n- Python"),
    )
)
HEAD = with_attributes(
    make_role(
        "head.md",
        "Head of Kitchen",
        ("Responsibilities", "- Order the fish from the market\n- Cook the soup of the day for two thousand guests\n- Write the budget"),
        ("Requirements", "- 10 years of experience in kitchens\n- Python\n- SQL"),
    )
)
HOSTILE = make_role(
    "x <b>.md",
    "<img src=x onerror=alert(1)> **Lead** [x](javascript:alert(1)) :smile:",
    ("<b>Tasks</b>", "- [click](javascript:alert(1)) **fish** <script>alert(1)</script>\n- Cook the soup of the day for <i>nobody</i>"),
    level="<u>lead</u>",
    skills=("<svg onload=alert(1)>",),
)


def whole_page(searcher: "Searcher", jobs: "IngestJobs", votes: "Votes") -> None:
    """Run by AppTest in a module of its own."""
    from ui.app import serve

    serve(searcher, jobs, votes)


OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(index_of: IndexOf) -> Iterator[OpenPage]:
    """Opens the page for these role ids, over an index of three roles."""
    index = index_of([COOK, HEAD, HOSTILE])
    searcher = Searcher(IndexReader(index, WordEmbedder.fingerprint), WordEmbedder())

    def opened(*role_ids: str, **parameters: str) -> AppTest:
        page = AppTest.from_function(
            whole_page, kwargs={"searcher": searcher, "jobs": IngestJobs(index, WordEmbedder), "votes": Votes(index)}, default_timeout=60
        )
        # What AppTest.switch_page sets for pages that lie in files of their own.
        page._page_hash = calc_hash("compare")
        page.query_params.update({"id": list(role_ids)} if role_ids else {}, **parameters)
        return seen(page.run())

    yield opened
    searcher.close()


def seen(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def said(label: str) -> str:
    soup = BeautifulSoup(MarkdownIt("commonmark").render(label), "html.parser")
    assert {element.name for element in soup.find_all()} <= {"p", "strong"}
    return soup.get_text().replace("\u2060", "").strip()


def soup(page: AppTest) -> BeautifulSoup:
    return BeautifulSoup("\n".join(element.proto.body for element in page.html), "html.parser")


def rows(page: AppTest) -> list[list[str]]:
    """The cells of all tables, row by row."""
    return [[cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])] for row in soup(page).select("tbody tr")]


def ids(page: AppTest) -> list[str]:
    held = page.query_params["id"]
    return held if isinstance(held, list) else [held]


def test_what_they_are_what_they_share_and_what_changes(open_page: OpenPage) -> None:
    page = open_page("cook.md", "head.md", q="soup")
    links = [(said(link.proto.label), link.proto.page, parse_qs(link.proto.query_string)) for link in page.page_link]
    assert links == [
        ("Back to the results", "", {"q": ["soup"]}),
        ("A. Senior Cook", "role", {"id": ["cook.md"], "q": ["soup"]}),
        ("B. Head of Kitchen", "role", {"id": ["head.md"], "q": ["soup"]}),
    ]
    found = rows(page)
    assert ["Level", "senior “ Senior Cook ”", "head “ Head of Kitchen ”"] in found
    assert ["Years", "5 “ 5 years of experience in kitchens ”", "10 “ 10 years of experience in kitchens ”"] in found
    assert ["Both", "Python"] in found
    assert ["Only B", "SQL"] in found
    assert ["Cook the soup of the day for two hundred guests", "Cook the soup of the day for two thousand guests"] in found
    assert ["Teach one apprentice", "nothing near it"] in found
    assert ["nothing near it", "Write the budget"] in found
    assert {bold.get_text() for bold in soup(page).select("td b")} >= {"hundred", "thousand"}
    assert [item.get_text() for item in soup(page).select("li")] == ["Order the fish from the market", "Python"]
    assert [said(one.value) for one in page.header] == ["At a glance", "Skills", "What changes from A to B"]
    assert "2 changed · 1 only in A · 2 only in B · 2 the same" in page.caption[-1].value


def test_roles_are_taken_away_added_and_put_first_in_the_address(open_page: OpenPage) -> None:
    page = open_page("cook.md", "head.md", q="soup")
    seen(page.button(key="first 1").click().run())
    assert (ids(page), page.query_params["q"]) == (["head.md", "cook.md"], "soup")
    assert [said(link.proto.label) for link in page.page_link][1:] == ["A. Head of Kitchen", "B. Senior Cook"]
    seen(page.button(key="remove 0").click().run())
    assert ids(page) == ["cook.md"]
    assert [said(message.value)[:20] for message in page.info] == ["Choose 2 to 4 roles "]
    seen(page.text_input[0].set_value("write the budget").run())
    seen(page.button(key="add head.md").click().run())
    assert ids(page) == ["cook.md", "head.md"]
    assert len(page.header) == 3


def test_three_roles_have_a_tab_for_each_that_is_held_against_the_first(open_page: OpenPage) -> None:
    page = open_page("cook.md", "head.md", HOSTILE.id)
    assert [tab.label for tab in page.tabs] == ["What changes from A to B", "What changes from A to C"]
    assert ["All of them", "none"] in rows(page)
    assert ["A and B", "Python"] in rows(page)


def test_without_a_role_there_is_a_search_for_one(open_page: OpenPage) -> None:
    page = open_page()
    assert ([box.label for box in page.text_input], list(page.html)) == (["Search for a role"], [])
    seen(page.text_input[0].set_value("fish").run())
    assert {button.key for button in page.button} == {"add cook.md", "add head.md", f"add {HOSTILE.id}"}


def test_more_than_four_and_twice_the_same(open_page: OpenPage) -> None:
    page = open_page("cook.md", "cook.md")
    assert len(page.header) == 0
    page = open_page("cook.md", "head.md", HOSTILE.id, "gone.md", "gone2.md")
    assert "names 5 roles" in page.info[0].value


def test_a_role_that_is_gone_is_said_and_can_be_left_out(open_page: OpenPage) -> None:
    page = open_page("cook.md", "gone.md", "head.md")
    assert "The index has no role 'gone.md'" in said(page.error[0].value)
    seen(page.button(key="without the unknown").click().run())
    assert ids(page) == ["cook.md", "head.md"]
    assert len(page.header) == 3


def test_hostile_text_is_shown_as_text(open_page: OpenPage) -> None:
    page = open_page(HOSTILE.id, "cook.md")
    assert said(page.page_link[0].proto.label) == f"A. {HOSTILE.title}"
    found = rows(page)
    assert ["Level", "<u>lead</u>", "senior “ Senior Cook ”"] in found
    assert ["Only A", "<svg onload=alert(1)>"] in found
    assert ["[click](javascript:alert(1)) **fish** <script>alert(1)</script>", "nothing near it"] in found
    assert said(page.subheader[0].value) == "<b>Tasks</b>"
    allowed = {"table", "thead", "tbody", "tr", "th", "td", "b", "br", "bdi", "small", "ul", "li"}
    assert {element.name for element in soup(page).find_all()} <= allowed


def test_without_an_index_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    searcher = Searcher(IndexReader(tmp_path / "none", WordEmbedder.fingerprint), WordEmbedder())
    page = AppTest.from_function(
        whole_page, kwargs={"searcher": searcher, "jobs": IngestJobs(tmp_path, WordEmbedder), "votes": Votes(tmp_path)}, default_timeout=60
    )
    page._page_hash = calc_hash("compare")
    page.query_params.update({"id": ["a", "b"]})
    assert ["rolesearch ingest" in said(message.value) for message in seen(page.run()).error] == [True]
