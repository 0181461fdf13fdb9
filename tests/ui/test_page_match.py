"""The page that finds roles for a text, state by state, over an index made with the WordEmbedder; and what can be taken along from it."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from builders import IndexOf, make_role
from fakes import WordEmbedder
from ingest.single import role_of_text
from search.attributes.reading import with_attributes
from search.index import IndexReader
from search.judgements import Votes
from search.match_ranking import best_matches
from search.records import Condition, Filters
from search.searcher import Searcher
from ui.jobs import IngestJobs
from ui.match_export import COLUMNS, MatchExport, csv_of, json_of, markdown_of
from ui.views.match import LONGEST_TEXT

DATA = Path(__file__).resolve().parents[1] / "data"
ADVERT = with_attributes(
    make_role(
        "advert.md",
        "Site Reliability Engineer",
        ("Responsibilities", "- Run the payment clusters at night\n- Count the spoons of the canteen"),
        ("Requirements", "- 6 years of experience with Kubernetes\n- Java\n- Prometheus, Grafana and Loki"),
        ("Desirable", "- CISSP"),
        town="York",
    )
)
BAKER = with_attributes(make_role("baker.md", "Baker", ("Responsibilities", "- Bake bread for the night shift"), town="Hull"))
HOSTILE = with_attributes(
    make_role(
        "x <b>.md", "<img src=x> **Nurse** [x](y)", ("Requirements", "- Java **x** <script>alert(1)</script>\n- =1+1 the <i>spoons</i> of it"), town="Hull"
    )
)
CV = (
    "I have four years of experience with Kubernetes. I have no experience with Java.\n\nI keep Prometheus and Grafana alive.\n\n"
    "Run the payment clusters at night."
)


def whole_page(searcher: "Searcher", jobs: "IngestJobs", votes: "Votes") -> None:
    """Run by AppTest in a module of its own."""
    from ui.app import serve

    serve(searcher, jobs, votes)


def match_page(index: Path, searcher: Searcher, **parameters: str) -> AppTest:
    page = AppTest.from_function(whole_page, kwargs={"searcher": searcher, "jobs": IngestJobs(index, WordEmbedder), "votes": Votes(index)}, default_timeout=60)
    # What AppTest.switch_page sets for pages that lie in files of their own.
    page._page_hash = calc_hash("match")
    page.query_params.update(parameters)
    return seen(page.run())


@pytest.fixture
def searcher(index_of: IndexOf) -> Iterator[Searcher]:
    made = Searcher(IndexReader(index_of([ADVERT, BAKER, HOSTILE]), WordEmbedder.fingerprint), WordEmbedder())
    yield made
    made.close()


OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(searcher: Searcher) -> OpenPage:
    return lambda **parameters: match_page(searcher.folder, searcher, **parameters)


def seen(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def paste(page: AppTest, text: str) -> AppTest:
    page.text_area[0].set_value(text)
    return seen(page.button(key="FormSubmitter:paste a text-Find roles").click().run())


def upload(page: AppTest, name: str, content: bytes) -> AppTest:
    page.file_uploader[0].set_value((name, content, "application/octet-stream"))
    return seen(page.run())


def said(label: str) -> str:
    soup = BeautifulSoup(MarkdownIt("commonmark").render(label), "html.parser")
    assert {element.name for element in soup.find_all()} <= {"p", "strong"}
    return soup.get_text().replace("\u2060", "").strip()


def titles(page: AppTest) -> list[str]:
    return [said(link.proto.label) for link in page.page_link if link.proto.page == "role"]


def soup(page: AppTest) -> BeautifulSoup:
    return BeautifulSoup("\n".join(element.proto.body for element in page.html), "html.parser")


def rows_of(page: AppTest, number: int) -> dict[str, list[tuple[str, ...]]]:
    """The rows of the first table of one role's, by the verdict that they stand below."""
    cards = [element.proto.body for element in page.html if "<table" in element.proto.body]
    found: dict[str, list[tuple[str, ...]]] = {}
    for row in BeautifulSoup(cards[number], "html.parser").select("tbody tr"):
        cells = tuple(cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"]))
        if len(cells) == 1:
            found[cells[0]] = rows = []
        else:
            rows.append(cells)
    return found


def messages(page: AppTest) -> list[str]:
    return [said(message.value) for message in (*page.info, *page.error)]


def test_nothing_is_shown_before_a_text_is_given(open_page: OpenPage) -> None:
    page = open_page()
    assert ([tab.label for tab in page.tabs], titles(page), messages(page)) == (["Upload a file", "Paste text"], [], [])


def test_roles_for_a_pasted_text_with_the_sentences_of_both_sides(open_page: OpenPage) -> None:
    page = paste(open_page(), CV)
    assert titles(page)[0] == "1. Site Reliability Engineer"
    assert {title.partition(" ")[2] for title in titles(page)} == {ADVERT.title, BAKER.title, HOSTILE.title}
    assert rows_of(page, 0) == {
        "● Met (4)": [
            ("Kubernetes “ 6 years of experience with Kubernetes ”", "“ I have four years of experience with Kubernetes. ”"),
            ("Prometheus , Grafana “ Prometheus, Grafana and Loki ”", "“ I keep Prometheus and Grafana alive. ”"),
            ("duty “ Run the payment clusters at night ”", "“ Run the payment clusters at night. ”"),
        ],
        "◐ Partly (1)": [("6 years “ 6 years of experience with Kubernetes ”", "4 years : “ I have four years of experience with Kubernetes. ”")],
        "○ Missing (4)": [
            ("site reliability engineering “ Site Reliability Engineer ”", "nothing in the text"),
            ("Java “ Java ”", "denied: “ I have no experience with Java. ”"),
            ("Loki “ Prometheus, Grafana and Loki ”", "nothing in the text"),
            ("duty “ Count the spoons of the canteen ”", "nothing in the text"),
        ],
    }
    assert rows_of(page, 1) == {"○ Missing (1)": [("certificate: CISSP “ CISSP ”", "nothing in the text")]}
    assert "4 years of experience" in said(page.caption[1].value)
    assert [span.get("aria-hidden") for span in soup(page).select("th span")][:3] == ["true"] * 3


def test_filters_in_the_address_hold(open_page: OpenPage) -> None:
    page = paste(open_page(f="town=Hull"), CV)
    assert {title.partition(" ")[2] for title in titles(page)} == {BAKER.title, HOSTILE.title}
    page = paste(open_page(f="town=Nowhere"), CV)
    assert (titles(page), messages(page)) == ([], ["No role is left by these filters."])
    page = paste(open_page(f="town>=x"), CV)
    assert ["needs a number" in message for message in messages(page)] == [True]


@pytest.mark.parametrize("suffix", ["pdf", "docx"])
def test_a_file_of_any_format_is_read_and_nothing_is_kept_of_it(open_page: OpenPage, searcher: Searcher, tmp_path: Path, suffix: str) -> None:
    page = open_page()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    upload(page, f"cv.{suffix}", (DATA / f"cv-infrastructure-engineer.{suffix}").read_bytes())
    assert "Ilse Varga-Nwosu" in said(page.subheader[0].value)
    assert len(titles(page)) == 3
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    seen(page.button(key="forget").click().run())
    assert titles(page) == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("cv.pdf", b"%PDF-1.7 and then nothing", "This cannot be matched: cv.pdf: not a PDF"),
        ("cv.doc", b"text", "save it as .docx"),
        ("cv.txt", b"", "empty: 0 bytes"),
        ("two.csv", b"id,title,text\n1,Cook,Cooks soup all day long.\n2,Baker,Bakes bread all night long.\n", "holds 2 roles"),
        ("long.txt", b"Cooks soup. " * 10_000, f"at most {LONGEST_TEXT:,}"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(open_page: OpenPage, name: str, content: bytes, reason: str) -> None:
    page = upload(open_page(), name, content)
    assert [reason in message for message in messages(page)] == [True]
    assert titles(page) == []
    # The next text is read as if nothing had been.
    assert titles(paste(page, CV))


def test_an_empty_text_is_refused(open_page: OpenPage) -> None:
    page = paste(open_page(), "  \n ")
    assert (len(messages(page)), titles(page)) == (1, [])


def test_hostile_text_is_shown_as_text(open_page: OpenPage) -> None:
    page = paste(open_page(), "# <b>Me</b> **x** [y](z)\n\nJava, <script>alert(1)</script> and the <i>spoons</i> of it, :smile:")
    assert any(title.endswith("<img src=x> **Nurse** [x](y)") for title in titles(page))
    allowed = {"table", "thead", "tbody", "tr", "th", "td", "b", "br", "bdi", "small", "span"}
    assert {element.name for element in soup(page).find_all()} <= allowed
    assert "Java **x** <script>alert(1)</script>" in soup(page).get_text()
    for caption in page.caption:
        said(caption.value)


def test_without_an_index_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    page = match_page(tmp_path, Searcher(IndexReader(tmp_path / "none", WordEmbedder.fingerprint), WordEmbedder()))
    assert ["rolesearch ingest" in message for message in messages(page)] == [True]
    assert len(page.text_area) == 0


# What can be taken along


@pytest.fixture
def exported(searcher: Searcher) -> MatchExport:
    text = role_of_text(f"=HYPERLINK(1)\n\n{CV}", "cv")
    filters = Filters((Condition("town", "!=", "Leeds"),))
    return MatchExport(text, best_matches(text, searcher, WordEmbedder(), 3, filters), filters, "000001", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


def test_a_table_for_a_spreadsheet_without_formulas(exported: MatchExport) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(exported).decode("utf-8-sig"))))
    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == sum(len(match.lines) for _, match in exported.matches)
    java = next(row for row in rows if row["role_id"] == "advert.md" and row["asked"] == "Java")
    assert (java["verdict"], java["needed"], java["in_role"], java["in_text"]) == ("missing", "needed", "Java", "I have no experience with Java.")
    assert (java["filters"], java["generation"], java["exported_at"]) == ("town!=Leeds", "000001", "2026-01-02T03:04:05+00:00")
    assert [row["in_role"] for row in rows if "1+1" in row["in_role"]] == ["'=1+1 the <i>spoons</i> of it"]
    assert not any(cell.startswith("=") for row in rows for cell in row.values())


def test_json_is_that_of_the_command_and_more(exported: MatchExport) -> None:
    found = json.loads(json_of(exported))
    assert [match["role_id"] for match in found["matches"]] == [match.role_id for _, match in exported.matches]
    assert (found["filters"], found["generation"]) == (["town!=Leeds"], "000001")


def test_markdown_reads_as_its_text(exported: MatchExport) -> None:
    page = BeautifulSoup(MarkdownIt("commonmark").render(markdown_of(exported).decode()), "html.parser")
    assert {element.name for element in page.find_all()} <= {"h1", "h2", "p", "ul", "li", "strong", "code"}
    assert [heading.get_text().partition(" ")[2] for heading in page.select("h2")] == [match.title for _, match in exported.matches]
    assert "the text: “I have no experience with Java.”" in page.get_text()


def test_a_file_name_tells_nothing_of_the_text(exported: MatchExport) -> None:
    assert exported.file_name("csv") == "match-20260102-030405.csv"
    with pytest.raises(ValueError, match="time zone"):
        MatchExport(exported.text, exported.matches, exported.filters, "1", datetime(2026, 1, 2))
