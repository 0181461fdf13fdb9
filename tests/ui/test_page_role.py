"""The page of one role, over an index made with the WordEmbedder from real files."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, PageLink
from streamlit.util import calc_hash

from builders import IndexOf, make_role
from fakes import WordEmbedder
from ingest.pipeline import sync
from search.index import IndexReader
from search.judgements import Votes
from search.searcher import Searcher
from ui.jobs import IngestJobs

PLATFORM = "eng/platform.md"
PLATFORM_FILE = """# Senior Platform Engineer

Forty teams build on our platform. You report to the CTO.

## Your tasks

- Run Kubernetes clusters
  - by day
- Mentor junior engineers

## Requirements

You have at least 5 years of experience with Kubernetes. A degree in computing is not needed.

## We offer

Tea. We pay £60,000 to £70,000 a year.
"""
JOBS_FILE = """id,title,description,team,salary_max
7,Head Cook,"Plans menus and leads a kitchen of nine for the whole house. Speaks French.",Kitchen,30000
8,Porter,"Cleans the kitchen and carries what is heavy for the whole house every day.",Kitchen,20000
"""
HOSTILE = make_role(
    "x <b>.md",
    "<img src=x onerror=alert(1)> **Lead** [x](javascript:alert(1)) :smile:",
    ("# <b>Tasks</b>", "- [click](javascript:alert(1)) **nurse** :red[x] https://example.org\n<script>alert(1)</script>"),
    level="<u>lead</u>",
    **{"<i>key</i>": "</td><h1>x", "note": "**x** & \"y\" 'z'"},
)


def whole_page(searcher: "Searcher", jobs: "IngestJobs", votes: "Votes", files: "list[MediaFileManager]") -> None:
    """Run by AppTest in a module of its own. `files` gets the manager of what can be downloaded from the page."""
    from streamlit.runtime import get_instance

    from ui.app import serve

    files.append(get_instance().media_file_mgr)
    serve(searcher, jobs, votes)


class Site:
    """The pages over one index. Called with parameters of the address, it opens the page of a role."""

    def __init__(self, index: Path) -> None:
        embedder = WordEmbedder()
        self.index = index
        self.searcher = Searcher(IndexReader(index, embedder.fingerprint), embedder)
        self._files: list[MediaFileManager] = []

    def __call__(self, role_id: str | None, **parameters: str | list[str]) -> AppTest:
        kwargs = {"searcher": self.searcher, "jobs": IngestJobs(self.index, WordEmbedder), "votes": Votes(self.index), "files": self._files}
        page = AppTest.from_function(whole_page, kwargs=kwargs, default_timeout=30)
        # What AppTest.switch_page sets for pages that lie in files of their own.
        page._page_hash = calc_hash("role")
        page.query_params.update({"id": role_id} if role_id is not None else {}, **parameters)
        return seen(page.run())

    def download(self) -> bytes:
        """What a click on the only download button of the page that was drawn last sends."""
        manager = self._files[-1]
        storage = manager._storage
        assert isinstance(storage, MemoryMediaFileStorage)
        (file_id,) = manager._deferred_callables
        return storage.get_file(manager.execute_deferred(file_id).rpartition("/")[2]).content


SiteOf = Callable[[Path], Site]


@pytest.fixture
def site_of() -> Iterator[SiteOf]:
    made: list[Site] = []

    def open_site(index: Path) -> Site:
        made.append(Site(index))
        return made[-1]

    yield open_site
    for site in made:
        site.searcher.close()


@pytest.fixture
def roles(tmp_path: Path) -> Path:
    """The folder that the roles are read from."""
    (tmp_path / "roles" / "eng").mkdir(parents=True)
    (tmp_path / "roles" / PLATFORM).write_text(PLATFORM_FILE, encoding="utf-8")
    (tmp_path / "roles" / "jobs.csv").write_text(JOBS_FILE, encoding="utf-8")
    return tmp_path / "roles"


@pytest.fixture
def site(roles: Path, tmp_path: Path, site_of: SiteOf) -> Site:
    sync([roles], tmp_path / "index", WordEmbedder())
    return site_of(tmp_path / "index")


def seen(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def rendered(label: str) -> BeautifulSoup:
    return BeautifulSoup(MarkdownIt("commonmark").render(label), "html.parser")


def visible(text: str) -> str:
    return "".join(character for character in text if character not in "\u2060\u2066\u2067\u2068\u2069").strip()


# Signs of which Streamlit makes emoji, colours, arrows and links after Markdown was read, when they touch.
STREAMLITS = re.compile(r":[\w-]+[:/\[]|->|<-|://|\]\(|www\.|\w@\w|\$\w")


def said(label: str, *, bold: bool = False) -> str:
    """What a reader sees of a label, which is Markdown and, where the page makes it so, bold."""
    soup = rendered(label)
    assert [element.name for element in soup.find_all()] == (["p", "strong"] if bold else ["p"])
    assert not STREAMLITS.search(soup.get_text())
    return visible(soup.get_text())


def soup(part: AppTest | Block) -> BeautifulSoup:
    return BeautifulSoup("\n".join(element.proto.body for element in part.html), "html.parser")


def texts(part: AppTest | Block, selector: str) -> list[str]:
    return [element.get_text() for element in soup(part).select(selector)]


def title(page: AppTest) -> str:
    return said(page.title[0].value)


def messages(page: AppTest) -> list[str]:
    return [said(message.value) for message in (*page.info, *page.error)]


def link_of(link: PageLink) -> tuple[str, str, dict[str, list[str]]]:
    """A link's text, the page that it leads to, and the parameters of its address."""
    return said(link.proto.label, bold=link.proto.label.startswith("**")), link.proto.page, parse_qs(link.proto.query_string)


def tab(page: AppTest, label: str) -> Block:
    (found,) = [one for one in page.tabs if one.label == label]
    return found


def answers(page: AppTest) -> list[tuple[str, str, str]]:
    """What answers the question: the words of each link, the name of the place that it leads to, and the quote beside it."""
    found = [rendered(markdown.value) for markdown in page.markdown if "](#" in markdown.value]
    links = [one.find_all("a") for one in found]
    assert [len(one) for one in links] == [1] * len(found)
    return [
        (visible(link.get_text()), str(link["href"]).removeprefix("#"), visible(one.get_text()).partition(" · ")[2])
        for one, (link,) in zip(found, links, strict=True)
    ]


def rows(page: AppTest) -> dict[str, tuple[str, list[str]]]:
    """The attributes by name, each with its value and with what it was read from."""
    found: dict[str, tuple[str, list[str]]] = {}
    for row in soup(tab(page, "Attributes")).select("tbody tr"):
        name, value, where = row.find_all(["th", "td"])
        found[name.get_text()] = (value.get_text(), [part.get_text() for part in where.find_all("bdi")] or [where.get_text()])
    return found


# The text


def test_the_whole_text_is_laid_out_by_its_sections(site: Site) -> None:
    page = site(PLATFORM)
    assert title(page) == "Senior Platform Engineer"
    assert texts(tab(page, "Text"), "h3") == ["Your tasks", "Requirements", "We offer"]
    assert texts(tab(page, "Text"), "li") == ["Run Kubernetes clusters", "by day", "Mentor junior engineers"]
    assert texts(tab(page, "Text"), "ul ul li") == ["by day"]
    assert texts(tab(page, "Text"), "p") == [
        "Forty teams build on our platform. You report to the CTO.",
        "You have at least 5 years of experience with Kubernetes. A degree in computing is not needed.",
        "Tea. We pay £60,000 to £70,000 a year.",
    ]
    assert texts(tab(page, "Text"), "mark, u, small, [id]") == []
    assert answers(page) == []
    assert messages(page) == []


def test_what_the_role_is_stands_above_its_text(site: Site) -> None:
    page = site(PLATFORM)
    assert [bdi.get_text() for bdi in soup(page).select("small")[0].select("bdi")] == [
        "senior",
        "infrastructure and reliability",
        "60,000 – 70,000 GBP a year",
        "eng/platform.md",
    ]


def test_the_words_of_the_question_are_marked_and_those_that_it_leaves_out_are_not(site: Site) -> None:
    page = site(PLATFORM, q="mentoring on kubernetes -computers")
    assert texts(tab(page, "Text"), "article mark") == ["Kubernetes", "Mentor", "Kubernetes"]
    assert texts(tab(page, "Text"), "small") == ["word is a word of the question; a sentence is nearest to it in meaning."]


def test_sentences_that_answer_by_meaning_are_marked_by_a_line(site: Site) -> None:
    question = "at least 5 years of experience with kubernetes"
    page = site(PLATFORM, q=question)
    assert "".join(texts(tab(page, "Text"), "article u")) == "You have at least 5 years of experience with Kubernetes."
    assert texts(tab(page, "Text"), "article u mark")
    assert texts(tab(site(PLATFORM, q=question, mode="lexical"), "Text"), "article u") == []


# What answers the question


def test_each_passage_that_answers_has_a_link_to_its_place_in_the_text(site: Site) -> None:
    page = site(PLATFORM, q="at least 5 years of experience with kubernetes", mode="dense")
    assert "What answers “at least 5 years of experience with kubernetes”" in [visible(rendered(one.value).get_text()) for one in page.markdown]
    listed = answers(page)
    assert [words for words, _, _ in listed] == ["1. Requirements", "2. Responsibilities", "3. Benefits"]
    assert listed[0][2] == "You have at least 5 years of experience with Kubernetes."
    assert listed[1][2].startswith("Run Kubernetes clusters")
    places = {element["id"]: element.get_text() for element in soup(tab(page, "Text")).find_all(id=True)}
    assert [places[name] for _, name, _ in listed] == [
        "You have at least 5 years of experience with Kubernetes. A degree in computing is not needed.",
        "Run Kubernetes clusters",
        "Tea. We pay £60,000 to £70,000 a year.",
    ]


def test_every_link_leads_somewhere_although_passages_share_a_paragraph(index_of: IndexOf, site_of: SiteOf) -> None:
    sentences = [f"Bread number{number} is baked by hand in the old oven before the sun comes up." for number in range(9)]
    page = site_of(index_of([make_role("long.md", "Baker", " ".join(sentences))]))("long.md", q="bread")
    listed = answers(page)
    assert len(listed) == 3
    assert {name for _, name, _ in listed} <= {str(element["id"]) for element in soup(tab(page, "Text")).find_all(id=True)}
    assert len({name for _, name, _ in listed}) == 3


@pytest.mark.parametrize("question", ["kubernetes -tea", '"tea kubernetes"', "-tea", "?!"])
def test_nothing_answers_a_question_that_leaves_the_role_out(site: Site, question: str) -> None:
    page = site(PLATFORM, q=question)
    assert answers(page) == []
    assert texts(tab(page, "Text"), "u, small, [id]") == []
    assert title(page) == "Senior Platform Engineer"


def test_a_role_that_the_filters_leave_out_is_shown_without_an_answer(site: Site) -> None:
    page = site(PLATFORM, q="kubernetes", f="level=intern")
    assert (title(page), answers(page)) == ("Senior Platform Engineer", [])


def test_a_long_quote_is_cut_at_a_word(index_of: IndexOf, site_of: SiteOf) -> None:
    role = make_role("long.md", "Baker", "bread " + "throughout the night " * 20)
    (_, _, quote) = answers(site_of(index_of([role]))("long.md", q="bread"))[0]
    assert quote.endswith(" …")
    assert len(quote) <= 245
    assert len(quote) > 200
    assert role.text.startswith(f"{quote.removesuffix(' …')} ")


# Attributes


def test_each_attribute_stands_with_the_sentence_that_it_was_read_from(site: Site) -> None:
    found = rows(site(PLATFORM))
    years = "You have at least 5 years of experience with Kubernetes."
    pay = "We pay £60,000 to £70,000 a year."
    assert found == {
        "Level": ("senior", ["Senior Platform Engineer"]),
        "Family": ("infrastructure and reliability", ["Senior Platform Engineer"]),
        "Skills": ("Kubernetes, mentoring", ["Run Kubernetes clusters", "Mentor junior engineers"]),
        "Years": ("5", [years]),
        "Salary min": ("60000", [pay]),
        "Salary max": ("70000", [pay]),
        "Currency": ("GBP", [pay]),
        "Salary period": ("year", [pay]),
    }


def test_the_words_that_a_value_was_read_from_are_bold(site: Site) -> None:
    table = soup(tab(site(PLATFORM), "Attributes"))
    bold = {row.th.get_text(): [word.get_text() for word in row.select("td b")] for row in table.select("tbody tr") if row.th}
    assert (bold["Level"], bold["Years"], bold["Skills"], bold["Currency"]) == (["Senior"], ["5 years"], ["Kubernetes", "Mentor junior"], ["£"])
    assert [row.find_all("td")[1].get_text()[:10] for row in table.select("tbody tr")[:2]] == ["the title:"] * 2


def test_a_field_of_the_record_is_said_to_be_one(site: Site) -> None:
    found = rows(site("7"))
    assert found["Team"] == ("Kitchen", ["a field of the record"])
    assert found["Salary max"] == ("30000", ["a field of the record"])
    assert found["Languages"] == ("French", ["Speaks French."])


def test_a_role_without_attributes_says_so(index_of: IndexOf, site_of: SiteOf) -> None:
    page = site_of(index_of([make_role("a.md", "Cook", "Cooks.")]))("a.md")
    assert messages(page)[0] == "Nothing was read from this role but its text."
    assert texts(page, "table") == []


# The file


def test_the_file_that_a_role_was_read_from_can_be_downloaded(site: Site, roles: Path) -> None:
    page = site(PLATFORM)
    assert [said(button.label) for button in page.download_button] == ["Download eng/platform.md"]
    assert site.download() == (roles / PLATFORM).read_bytes() == PLATFORM_FILE.encode()
    page = site("7")
    assert [said(button.label) for button in page.download_button] == ["Download jobs.csv"]
    assert site.download() == JOBS_FILE.encode()


def test_a_file_that_is_gone_is_said_to_be(site: Site, roles: Path) -> None:
    (roles / PLATFORM).unlink()
    page = site(PLATFORM)
    assert messages(page) == ["The file eng/platform.md is no longer where it was read from."]
    assert (list(page.download_button), title(page)) == ([], "Senior Platform Engineer")


def test_looking_at_a_role_changes_no_file(site: Site, roles: Path, tmp_path: Path) -> None:
    def contents() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    site(PLATFORM, q="kubernetes")
    before = contents()
    site(PLATFORM, q="tea", mode="dense")
    site.download()
    site("7")
    assert contents() == before


# Other roles, and the way back


def test_similar_roles_are_nearest_first_and_keep_the_question(site: Site) -> None:
    links = [link_of(link) for link in tab(site("7", q="kitchen", mode="dense"), "Similar roles").page_link]
    assert links == [
        ("Porter", "role", {"id": ["8"], "q": ["kitchen"], "mode": ["dense"]}),
        ("Compare", "compare", {"id": ["7", "8"], "q": ["kitchen"], "mode": ["dense"]}),
        ("Senior Platform Engineer", "role", {"id": [PLATFORM], "q": ["kitchen"], "mode": ["dense"]}),
        ("Compare", "compare", {"id": ["7", PLATFORM], "q": ["kitchen"], "mode": ["dense"]}),
        ("All roles like this one", "", {"like": ["7"]}),
    ]


def test_near_identical_roles_have_a_tab_of_their_own_and_are_not_among_the_similar(index_of: IndexOf, site_of: SiteOf) -> None:
    text = "Bakes bread at night for forty shops of the town, cleans the ovens in the morning and teaches two apprentices how it is done."
    page = site_of(index_of([make_role("a.md", "Baker", text), make_role("b.md", "Baker", text), make_role("c.md", "Cook", "Cooks soup.")]))("a.md", q="bread")
    copies = tab(page, "Near-identical (1)")
    assert [link_of(link) for link in copies.page_link] == [("Baker", "role", {"id": ["b.md"], "q": ["bread"]})]
    assert "certainly the same advert" in texts(copies, "small")[0]
    assert "b.md" not in str([link_of(link) for link in tab(page, "Similar roles").page_link])
    assert [one.label for one in site_of(index_of([make_role("a.md", "Baker", text)]))("a.md").tabs] == ["Text", "Attributes", "Similar roles"]


def test_the_only_role_has_no_similar_ones(index_of: IndexOf, site_of: SiteOf) -> None:
    page = site_of(index_of([make_role("a.md", "Cook", "Cooks.")]))("a.md")
    assert list(tab(page, "Similar roles").page_link) == []


def test_no_more_than_six_similar_roles_are_shown(index_of: IndexOf, site_of: SiteOf) -> None:
    page = site_of(index_of([make_role(f"{number}.md", f"Cook {number}", "Cooks.") for number in range(9)]))("0.md")
    assert [link_of(link)[1] for link in tab(page, "Similar roles").page_link] == ["role", "compare"] * 6 + [""]


def test_the_way_back_keeps_everything_that_was_asked(site: Site) -> None:
    asked: dict[str, str | list[str]] = {
        "q": "kubernetes",
        "mode": "lexical",
        "f": ["level=senior", "years>=3"],
        "sort": "title",
        "page": "2",
        "like": "7",
        "unlike": "8",
        "select": [PLATFORM, "7"],
    }
    parameters = {name: value if isinstance(value, list) else [value] for name, value in asked.items()}
    assert link_of(site(PLATFORM, **asked).page_link[0]) == ("Back to the results", "", parameters)


def test_without_a_question_the_way_leads_to_the_search(site: Site) -> None:
    assert link_of(site(PLATFORM).page_link[0]) == ("Search", "", {})


def test_the_question_alone_may_be_a_filter_or_a_liked_role(site: Site) -> None:
    assert link_of(site(PLATFORM, f="level=senior").page_link[0]) == ("Back to the results", "", {"f": ["level=senior"]})
    assert link_of(site(PLATFORM, like="7").page_link[0]) == ("Back to the results", "", {"like": ["7"]})


# What goes wrong


def test_a_role_that_is_not_there_is_an_error_with_a_way_back(site: Site) -> None:
    page = site("<b>gone.md</b> [x](y)", q="kubernetes")
    assert messages(page) == ["The index has no role '<b>gone.md</b> [x](y)'; ids are listed in search results as role_id"]
    assert [link_of(link) for link in page.page_link] == [("Back to the results", "", {"q": ["kubernetes"]})]


@pytest.mark.parametrize("role_id", [None, ""])
def test_without_an_id_the_page_says_where_roles_are_opened(site: Site, role_id: str | None) -> None:
    page = site(role_id)
    assert messages(page) == ["No role is named in the address. Open one from the results of a search."]
    assert [link_of(link) for link in page.page_link] == [("Search", "", {})]


def test_a_role_is_shown_although_one_that_the_search_likes_is_gone(site: Site) -> None:
    page = site(PLATFORM, q="kubernetes", like="gone.md")
    assert title(page) == "Senior Platform Engineer"
    assert texts(tab(page, "Text"), "h3") == ["Your tasks", "Requirements", "We offer"]


def test_without_an_index_the_page_says_how_to_make_one(tmp_path: Path, site_of: SiteOf) -> None:
    page = site_of(tmp_path / "none")("a.md")
    assert ["rolesearch ingest" in message for message in messages(page)] == [True]


def test_hostile_text_is_shown_as_text(index_of: IndexOf, site_of: SiteOf) -> None:
    page = site_of(index_of([HOSTILE, make_role("y.md", HOSTILE.title, "nurse")]))(HOSTILE.id, q="nurse **x** <b>y</b> [z](javascript:alert(1))")
    assert title(page) == HOSTILE.title
    assert texts(tab(page, "Text"), "h3") == ["# <b>Tasks</b>"]
    assert texts(tab(page, "Text"), "li") == ["[click](javascript:alert(1)) **nurse** :red[x] https://example.org"]
    assert texts(tab(page, "Text"), "p") == ["<script>alert(1)</script>"]
    assert rows(page) == {
        "Level": ("<u>lead</u>", ["a field of the record"]),
        "<i>key</i>": ("</td><h1>x", ["a field of the record"]),
        "Note": ("**x** & \"y\" 'z'", ["a field of the record"]),
    }
    assert [link_of(link)[0] for link in page.page_link] == ["Back to the results", HOSTILE.title, "Compare", "All roles like this one"]
    assert [(words, quote) for words, _, quote in answers(page)] == [
        ("1. # <b>tasks</b>", "[click](javascript:alert(1)) **nurse** :red[x] https://example.org"),
    ]
    assert [element.name for markdown in page.markdown for element in rendered(markdown.value).find_all()] == ["p", "strong", "p", "a"]
    assert not any(STREAMLITS.search(rendered(markdown.value).get_text()) for markdown in page.markdown)
    elements = {"small", "bdi", "b", "u", "mark", "article", "p", "h3", "ul", "li", "br", "table", "thead", "tbody", "tr", "th", "td"}
    assert {element.name for element in soup(page).find_all()} <= elements
    assert {name for element in soup(page).find_all() for name in element.attrs} <= {"scope", "align", "valign", "cellpadding", "id"}
    assert messages(page) == ["The file x <b>.md is no longer where it was read from."]
