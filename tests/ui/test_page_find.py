"""The search page, state by state, over an index made with the WordEmbedder: what is shown, what a click does, and that only a thumb writes."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Button, Element, PageLink

from builders import IndexOf, make_role
from fakes import WordEmbedder
from search.index import IndexReader
from search.judgements import Votes, read_judged_queries
from search.records import Passage, Query, Role
from search.searcher import Searcher
from search.sentences import Span
from ui.jobs import IngestJobs

PLATFORM = make_role(
    "team/platform.md",
    "Platform Lead",
    ("Your tasks", "- Run Kubernetes clusters for forty teams\n- Mentor junior engineers"),
    ("We offer", "Tea and Kubernetes."),
    level="lead",
    family="software engineering",
    place=("Aarhus",),
    remote="yes",
    skills=("Kubernetes", "Go"),
    years=5,
    salary_max=60000,
    currency="GBP",
    date_posted="2026-03-01",
)
PAYROLL = make_role(
    "payroll.md",
    "Payroll Specialist",
    "Pays wages every month and files returns.",
    level="senior",
    family="finance",
    place=("Leeds",),
    remote="no",
    skills=("Excel",),
    years=2,
    date_posted="2025-12-31",
)
COOK = make_role(
    "cook.md",
    "Head Cook",
    "Plans menus and leads a kitchen of nine.",
    level="lead",
    place=("Leeds",),
    remote="no",
    salary_max=30000,
    currency="GBP",
    **{"*bold* key": "x"},
)
ROLES = (PLATFORM, PAYROLL, COOK)


def whole_page(searcher: "Searcher", jobs: "IngestJobs", votes: "Votes", files: "list[MediaFileManager]") -> None:
    """Run by AppTest in a module of its own. `files` gets the manager of what can be downloaded from the page."""
    from streamlit.runtime import get_instance

    from ui.app import serve

    files.append(get_instance().media_file_mgr)
    serve(searcher, jobs, votes)


class Site:
    """The pages over one index. Called with parameters of the address, it opens the search."""

    def __init__(self, index: Path, embedder: WordEmbedder | None = None) -> None:
        made = embedder or WordEmbedder()
        self.index = index
        self.searcher = Searcher(IndexReader(index, made.fingerprint), made)
        self._files: list[MediaFileManager] = []

    def __call__(self, **parameters: str | list[str]) -> AppTest:
        kwargs = {"searcher": self.searcher, "jobs": IngestJobs(self.index, WordEmbedder), "votes": Votes(self.index), "files": self._files}
        page = AppTest.from_function(whole_page, kwargs=kwargs, default_timeout=30)
        page.query_params.update(parameters)
        return seen(page.run())

    def download(self, page: AppTest, key: str) -> bytes:
        """What a click on a download button of the page that was drawn last sends."""
        manager = self._files[-1]
        (file_id,) = [button.proto.deferred_file_id for button in page.download_button if button.key == key]
        storage = manager._storage
        assert isinstance(storage, MemoryMediaFileStorage)
        return storage.get_file(manager.execute_deferred(file_id).rpartition("/")[2]).content


SiteOf = Callable[..., Site]


@pytest.fixture
def site_of(index_of: IndexOf) -> Iterator[SiteOf]:
    """Makes the pages over an index of these roles."""
    made: list[Site] = []

    def open_site(roles: Iterable[Role], embedder: WordEmbedder | None = None) -> Site:
        made.append(Site(index_of(roles), embedder))
        return made[-1]

    yield open_site
    for site in made:
        site.searcher.close()


@pytest.fixture
def site(site_of: SiteOf) -> Site:
    return site_of(ROLES)


@pytest.fixture
def index(site: Site) -> Path:
    return site.index


def seen(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


# Signs of which Streamlit makes emoji, colours, arrows and links after Markdown was read, when they touch.
STREAMLITS = re.compile(r":[\w-]+[:/\[]|->|<-|://|\]\(|www\.|\w@\w|\$\w")


def said(label: str, *, bold: bool = False) -> str:
    """What a reader sees of a label, which is Markdown and, where the page makes it so, bold."""
    soup = BeautifulSoup(MarkdownIt("commonmark").render(label), "html.parser")
    assert [element.name for element in soup.find_all()] == (["p", "strong"] if bold else ["p"] if label else [])
    assert not STREAMLITS.search(soup.get_text())
    return "".join(character for character in soup.get_text() if character not in "\u2060\u2066\u2067\u2068\u2069").strip()


def cards(page: AppTest) -> list[Block]:
    """The roles of the answer, each a block of the page."""
    return [child for child in page.main.children.values() if isinstance(child, Block) and child.checkbox]


def headlines(page: AppTest) -> list[str]:
    return [said(card.page_link[0].proto.label, bold=True) for card in cards(page)]


def titles(page: AppTest) -> list[str]:
    return [headline.partition(". ")[2] for headline in headlines(page)]


def card_of(page: AppTest, title: str) -> Block:
    return cards(page)[titles(page).index(title)]


def link_of(link: PageLink) -> tuple[str, dict[str, list[str]]]:
    """The page that a link leads to, and the parameters of its address."""
    return link.proto.page, parse_qs(link.proto.query_string, strict_parsing=bool(link.proto.query_string))


def soup(part: AppTest | Block) -> BeautifulSoup:
    return BeautifulSoup("\n".join(element.proto.body for element in part.html), "html.parser")


def texts(part: AppTest | Block, selector: str) -> list[str]:
    return [element.get_text() for element in soup(part).select(selector)]


def notices(page: AppTest) -> list[str]:
    return [said(notice.value) for notice in page.info]


def errors(page: AppTest) -> list[str]:
    return [said(error.value) for error in page.error]


def captions(part: AppTest | Block) -> list[str]:
    return [said(caption.value) for caption in part.caption]


def badges(card: Block) -> list[str]:
    """The badges of a card: name of the icon, if it has one, and text; colour aside."""
    values = [markdown.value.partition("[")[2].removesuffix("]") for markdown in card.markdown if "badge[" in markdown.value]
    return [said(re.sub(r"^:material/(\w+):", r"\1", value)) for value in values]


def labels(part: AppTest | Block) -> list[str]:
    return [said(button.label) for button in part.button]


def button(part: AppTest | Block, label: str) -> Button:
    (found,) = [one for one in part.button if said(one.label) == label]
    return found


def pills(page: AppTest, key: str) -> list[str]:
    return [said(option) for option in page.button_group(key=f"filter {key}").options]


def chosen(page: AppTest, key: str) -> Any:
    return page.button_group(key=f"filter {key}").value


# Before a question


def test_before_a_question_there_are_suggestions_from_the_corpus_and_no_results(site: Site) -> None:
    page = site()
    assert labels(page) == ["Search", "lead finance", "Excel and Go", "software engineering in Leeds", '"Kubernetes" -manager']
    assert captions(page) == ["For example", "3 roles in the index · generation 000001"]
    assert (titles(page), notices(page), errors(page)) == ([], [], [])
    assert page.title[0].value == "Role Search"


def test_a_suggestion_is_asked_by_a_click(site: Site) -> None:
    page = site()
    button(page, "software engineering in Leeds").click().run()
    assert page.query_params == {"q": "software engineering in Leeds"}
    assert page.text_input(key="q").value == "software engineering in Leeds"
    assert len(titles(seen(page))) == 3


def test_a_corpus_without_attributes_has_no_suggestions_and_no_filters(site_of: SiteOf) -> None:
    page = site_of([make_role("a.md", "Cook", "Cooks.")])()
    assert labels(page) == ["Search"]
    assert list(page.sidebar.children.values()) == []


def test_questions_of_this_visit_are_offered_again_the_last_one_first(site: Site) -> None:
    page = site(q="wages")
    page.text_input(key="q").input("kitchen").run()
    page.text_input(key="q").input("wages").run()
    page.text_input(key="q").input("").run()
    assert captions(seen(page))[:2] == ["For example", "Recent"]
    assert labels(page)[-2:] == ["wages", "kitchen"]
    button(page, "kitchen").click().run()
    assert (page.query_params, titles(seen(page))[0]) == ({"q": "kitchen"}, "Head Cook")


# The answer


def test_a_typed_question_goes_to_the_address_and_is_answered(site: Site) -> None:
    page = site()
    page.text_input(key="q").input("kitchen").run()
    assert page.query_params == {"q": "kitchen"}
    assert titles(seen(page))[0] == "Head Cook"


def test_another_question_begins_at_the_first_page_without_a_selection_and_keeps_the_rest(site: Site) -> None:
    page = site(q="wages", mode="dense", f="remote=no", sort="title", page="3", select="cook.md", like="team/platform.md")
    page.text_input(key="q").input("kitchen").run()
    assert seen(page).query_params == {"q": "kitchen", "mode": "dense", "f": "remote=no", "sort": "title", "like": "team/platform.md"}


def test_a_hit_says_what_it_is(site: Site) -> None:
    page = site(q="mentoring on Kubernetes -kitchen")
    assert headlines(page) == ["1. Platform Lead", "2. Payroll Specialist"]
    card = cards(page)[0]
    assert link_of(card.page_link[0]) == ("role", {"id": ["team/platform.md"], "q": ["mentoring on Kubernetes -kitchen"]})
    assert texts(card, "bdi") == ["lead", "software engineering", "Aarhus", "remote", "60,000 GBP", "team/platform.md"]
    assert texts(card, "small b") == ["Your tasks", "We offer"]
    assert texts(card, "li") == ["Run Kubernetes clusters for forty teams", "Mentor junior engineers"]
    assert texts(card, "mark") == ["Kubernetes", "Mentor", "Kubernetes"]


def test_what_a_role_lacks_is_not_said(site: Site) -> None:
    assert texts(card_of(site(q="kitchen"), "Head Cook"), "bdi") == ["lead", "Leeds", "on site", "30,000 GBP", "cook.md"]


def test_two_kinds_of_marks_tell_meaning_from_words(site_of: SiteOf) -> None:
    near = "Bakes fresh bread and sweet rolls for forty guests"
    site = site_of([make_role("a.md", "Helper", f"Sweeps floors. {near} today. Ends late."), PAYROLL])
    page = site(q=f"{near} -fish")
    card = card_of(page, "Helper")
    assert "".join(texts(card, "u")) == f"{near} today."
    assert texts(card, "mark") == ["Bakes", "fresh", "bread", "sweet", "rolls", "forty", "guests"]
    assert all(mark.find_parent("u") for mark in soup(card).select("mark"))
    assert [element.get_text() for element in soup(page).select("small") if "a word of the question" in element.get_text()] == [
        "word is a word of the question; a sentence is nearest to it in meaning."
    ]
    lexical = card_of(site(q=near, mode="lexical"), "Helper")
    assert (texts(lexical, "u"), texts(lexical, "mark")[:2]) == ([], ["Bakes", "fresh"])


def test_the_fit_of_a_role_is_a_word_and_a_percentage(site: Site) -> None:
    page = site(q="Pays wages every month and files returns")
    name, _, percent = badges(card_of(page, "Payroll Specialist"))[0].partition(" · ")
    assert name in ("strong", "good", "possible", "far")
    assert 1 <= int(percent) <= 99
    percents = [int(badges(card)[0].partition(" · ")[2]) for card in cards(page)]
    assert percents == sorted(percents, reverse=True)


def test_where_words_alone_are_searched_there_is_no_fit(site: Site) -> None:
    assert badges(card_of(site(q="wages", mode="lexical"), "Payroll Specialist")) == []


@pytest.mark.parametrize(
    ("mode", "said_of_it"),
    [("hybrid", ["Score", "Meaning", "As a whole", "Words"]), ("dense", ["Score", "Meaning", "As a whole", "Words"]), ("lexical", ["Score", "Words"])],
)
def test_why_a_role_is_here_is_a_row_for_each_part_of_its_score(site: Site, mode: str, said_of_it: list[str]) -> None:
    page = site(q="kubernetes mentor", mode=mode)
    rows = {row.th.get_text(strip=True): row.td.get_text() for row in soup(cards(page)[0]).select("table tr") if row.th and row.td}
    assert list(rows)[: len(said_of_it)] == said_of_it
    (hit, *_) = site.searcher.search(page_query(page)).hits
    assert hit.role_id == "team/platform.md"
    assert rows["Score"] == f"{hit.score:.3f}"
    if mode == "lexical":
        assert rows["Words"] == f"{hit.why['lexical']:.2f}: BM25 of its best passage; number 1 by words"
    else:
        assert rows["Meaning"] == f"{hit.why['dense']:.3f}: cosine of its nearest passage to the question (1 is the same); number 1 by meaning"
    assert (rows["Words"] == "not found by words") == (mode == "dense")
    assert [group.value for group in page.button_group if group.key == "mode"] == [mode]


def page_query(page: AppTest) -> Any:
    """What the page asked, as its address has it."""
    from ui.views.address import read_address

    values = {name: value if isinstance(value, list) else [value] for name, value in page.query_params.items()}
    return read_address(values).query


def test_wishes_that_count_are_among_the_reasons(site: Site) -> None:
    rows = texts(cards(site(q="senior Kubernetes engineer"))[0], "table tr")
    assert [row.partition("\u2003")[0] for row in rows if row.startswith("Wish")] == ["Wish: level", "Wish: skills"]
    assert all("met by" in row and "%" in row for row in rows if row.startswith("Wish"))


def test_changing_the_mode_changes_the_address(site: Site) -> None:
    page = site(q="kubernetes", f="level=lead", page="2")
    page.button_group(key="mode").set_value("lexical").run()
    assert page.query_params == {"q": "kubernetes", "mode": "lexical", "f": "level=lead"}
    assert titles(seen(page)) == ["Platform Lead"]


def test_a_browser_that_says_no_mode_is_chosen_changes_nothing(site: Site) -> None:
    page = site(q="kubernetes", mode="lexical")
    page.button_group(key="mode").set_value(None).run()
    assert not page.exception
    assert page.query_params == {"q": "kubernetes", "mode": "lexical"}
    assert page.button_group(key="mode").value == "lexical"


def test_skills_that_are_wished_for_are_there_or_not_named(site: Site) -> None:
    page = site(q="engineer with Kubernetes and Java")
    skills = {title: [badge for badge in badges(card_of(page, title)) if "·" not in badge] for title in titles(page)}
    assert skills == {
        "Platform Lead": ["check Kubernetes", "close Java not named"],
        "Payroll Specialist": ["close Kubernetes not named", "close Java not named"],
        "Head Cook": ["close Kubernetes not named", "close Java not named"],
    }


def test_a_long_passage_shows_the_paragraphs_that_tell(site_of: SiteOf) -> None:
    lines = [f"- Task number{number}" for number in range(6)]
    page = site_of([make_role("a.md", "Cook", "\n".join([*lines, "- Bakes bread"])), PAYROLL])(q="bread")
    card = card_of(page, "Cook")
    assert texts(card, "li") == ["Bakes bread"]
    assert texts(card, "small")[-1] == "…"


def test_a_paragraph_that_tells_by_meaning_alone_is_shown_too(site_of: SiteOf) -> None:
    lines = [f"- Task number{number}" for number in range(6)]
    page = site_of([make_role("a.md", "Cook", "\n".join([*lines, "- Who is there with us all the day"])), PAYROLL])(q="who is there with us all the day")
    card = card_of(page, "Cook")
    assert (texts(card, "li"), texts(card, "mark")[:1]) == (["Who is there with us all the day"], ["day"])
    page = site_of([make_role("a.md", "Cook", "\n".join([*lines, "- Who is there with us"])), PAYROLL])(q="who is there with us")
    card = card_of(page, "Cook")
    assert (texts(card, "li"), texts(card, "u"), texts(card, "mark")) == (["Who is there with us"], ["Who is there with us"], [])


def test_an_address_that_changes_under_the_page_is_followed(site: Site) -> None:
    page = site(q="kubernetes", f="level=lead")
    page.query_params.clear()
    page.query_params["q"] = "wages"
    seen(page.run())
    assert (page.text_input(key="q").value, chosen(page, "level")) == ("wages", [])
    assert titles(page)[0] == "Payroll Specialist"


def test_unknown_values_in_the_address_fall_back(site: Site) -> None:
    page = site(q="lead", mode="magic", sort="magic", page="-1", other="x")
    assert page.button_group(key="mode").value == "hybrid"
    assert page.selectbox(key="order").value == "relevance"
    assert len(titles(page)) == 3


# Nothing found, and what goes wrong


def test_nothing_found_says_what_to_do(site: Site) -> None:
    page = site(q='"never heard of this"')
    assert titles(page) == []
    assert [notice.startswith('No role holds the exact words "never heard of this".') for notice in notices(page)] == [True]
    assert not page.selectbox


def test_only_exclusions_say_what_is_missing(site: Site) -> None:
    page = site(q="-manager")
    assert (titles(page), notices(page)) == ([], ["The query only says what to leave out. Add what to look for, such as: platform lead -manager"])


def test_a_filter_that_cannot_be_is_an_error_with_its_cure_and_can_be_taken_away(site: Site) -> None:
    page = site(q="lead", f=["salary_min>=much", "nonsense"])
    assert notices(page) == ["Left out: the filter 'nonsense' is not of the form key=value (or !=, >=, <=), such as level=senior."]
    assert errors(page) == ["The filter salary_min>=much needs a number or a day such as 2026-01-31 after >="]
    assert pills(page, "remote") == ["on site · 2", "remote · 1"]
    button(page, "salary_min>=much").click().run()
    assert (page.query_params, errors(seen(page)), len(titles(page))) == ({"q": "lead"}, [], 3)


@pytest.mark.parametrize(
    "condition", ["years<=inf", "years<=nan", "years<=1e300", "years<=-3", "salary_max>=1e30", "date_posted>=2099-01-01", "date_posted>=2026-02-31"]
)
def test_a_filter_of_any_number_or_day_can_be_in_the_address(site: Site, condition: str) -> None:
    page = site(q="lead", f=condition)
    button(page, next(label for label in labels(page) if label.endswith(condition.partition("=")[2]))).click().run()
    assert (page.query_params, len(titles(seen(page)))) == ({"q": "lead"}, 3)


def test_without_an_index_the_page_says_how_to_make_one_and_leads_to_the_corpus(tmp_path: Path) -> None:
    page = Site(tmp_path / "none")()
    assert ["rolesearch ingest" in error for error in errors(page)] == [True]
    assert [(said(link.proto.label), link_of(link)) for link in page.page_link] == [("Add roles here", ("corpus", {}))]
    assert not page.text_input
    assert list(tmp_path.iterdir()) == []


def test_an_empty_index_leads_to_the_corpus(site_of: SiteOf) -> None:
    page = site_of([])(q="lead")
    assert [said(warning.value) for warning in page.warning] == ["The index is empty: there is nothing to find yet."]
    assert [(said(link.proto.label), link_of(link)) for link in page.page_link] == [("Add roles", ("corpus", {}))]
    assert (errors(page), titles(page)) == ([], [])


def test_an_index_that_changes_under_the_page_is_shown_at_the_next_look(site_of: SiteOf, index_of: IndexOf) -> None:
    page = site_of(ROLES)(q="lead")
    assert len(titles(page)) == 3
    index_of([COOK])
    assert titles(seen(page.run())) == ["Head Cook"]


def test_an_index_that_changes_while_the_page_is_drawn_is_shown_at_once(site_of: SiteOf, index_of: IndexOf, monkeypatch: pytest.MonkeyPatch) -> None:
    site = site_of(ROLES)
    telling = site.searcher.evidence
    published: list[Path] = []

    def evidence(query: Query, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
        if not published:
            published.append(index_of([COOK]))
        return telling(query, passages)

    monkeypatch.setattr(site.searcher, "evidence", evidence)
    assert titles(site(q="lead")) == ["Head Cook"]


def test_searching_writes_nothing_to_the_index(site: Site, index: Path) -> None:
    site()
    before = contents(index)
    page = site(q="Kubernetes", f="level=lead")
    page.button_group(key="mode").set_value("dense").run()
    page.button_group(key="filter level").set_value([]).run()
    page.selectbox(key="order").set_value("title").run()
    button(cards(page)[0], "More like this").click().run()
    seen(page).checkbox[0].check().run()
    assert titles(seen(page))
    assert contents(index) == before


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()}


# Filters


def test_filters_stand_by_what_is_looked_for_first_with_the_number_of_roles(site: Site) -> None:
    page = site()
    assert [widget.key for widget in page.sidebar.children.values() if widget.type != "subheader" and isinstance(widget, Element)] == [
        f"filter {key}" for key in ("level", "family", "skills", "years", "place", "remote", "salary_max", "date_posted", "source")
    ]
    assert pills(page, "skills") == ["Excel · 1", "Go · 1", "Kubernetes · 1"]
    assert pills(page, "place") == ["Leeds · 2", "Aarhus · 1"]
    assert pills(page, "remote") == ["on site · 2", "remote · 1"]
    assert pills(page, "source") == ["cook.md · 1", "payroll.md · 1", "team · 1"]
    assert page.number_input(key="filter years").label == "Asks for at most so many years"
    assert page.number_input(key="filter salary_max").label == "Pays at least"
    assert page.date_input(key="filter date_posted").label == "Posted since"


def test_levels_stand_from_the_lowest_to_the_highest(site_of: SiteOf) -> None:
    levels = ("lead", "junior", "principal", "senior", "mid", "lead")
    page = site_of([make_role(f"{number}.md", "Engineer", "Writes.", level=level) for number, level in enumerate(levels)])()
    assert pills(page, "level") == ["junior · 1", "mid · 1", "senior · 1", "lead · 2", "principal · 1"]


def test_a_field_of_records_that_sorts_roles_is_a_filter_too_and_other_fields_are_none(site_of: SiteOf) -> None:
    fields = {"team": "abcab", "number": "12345", "same": "xxxxx"}
    roles = [make_role(f"{n}.md", "Cook", "Cooks.", **{key: values[n] for key, values in fields.items()}, **{"<b>x</b>": "yyzzz"[n]}) for n in range(5)]
    page = site_of(roles)()
    assert [group.key for group in page.sidebar.button_group] == ["filter source", "filter team"]
    assert pills(page, "team") == ["a · 2", "b · 2", "c · 1"]


def test_a_chosen_filter_goes_to_the_address_and_holds(site: Site) -> None:
    page = site(q="lead engineers and wages", page="2")
    page.button_group(key="filter place").set_value(["Leeds"]).run()
    assert page.query_params == {"q": "lead engineers and wages", "f": "place=Leeds"}
    assert set(titles(seen(page))) == {"Payroll Specialist", "Head Cook"}
    page.button_group(key="filter place").set_value(["Leeds", "Aarhus"]).run()
    assert page.query_params["f"] == ["place=Leeds", "place=Aarhus"]
    assert len(titles(seen(page))) == 3


def test_counts_are_of_the_roles_that_a_choice_beside_the_other_filters_would_leave(site: Site) -> None:
    page = site(q="lead", f=["place=Leeds"])
    assert pills(page, "level") == ["senior · 1", "lead · 1"]
    assert pills(page, "place") == ["Leeds · 2", "Aarhus · 1"]  # its own filter aside
    assert pills(page, "remote") == ["on site · 2"]  # what nobody has any more is not offered
    page.button_group(key="filter level").set_value(["lead"]).run()
    assert page.query_params["f"] == ["place=Leeds", "level=lead"]
    assert (pills(seen(page), "place"), pills(page, "level")) == (["Leeds · 1", "Aarhus · 1"], ["senior · 1", "lead · 1"])
    assert (chosen(page, "place"), chosen(page, "level"), titles(page)) == (["Leeds"], ["lead"], ["Head Cook"])


def test_counts_follow_what_the_question_demands(site: Site) -> None:
    page = site(q="lead -kitchen")
    assert pills(page, "level") == ["senior · 1", "lead · 1"]


def test_a_value_that_is_chosen_can_be_taken_back_although_it_leaves_nobody(site: Site) -> None:
    page = site(q="lead", f=["remote=yes", "place=Leeds"])
    assert (titles(page), chosen(page, "remote"), chosen(page, "place")) == ([], ["yes"], ["Leeds"])
    assert pills(page, "remote") == ["on site · 2", "remote · 0"]
    page.button_group(key="filter remote").set_value([]).run()
    assert (page.query_params["f"], set(titles(seen(page)))) == ("place=Leeds", {"Payroll Specialist", "Head Cook"})


def test_many_values_are_looked_up_in_a_list(site_of: SiteOf) -> None:
    site = site_of([make_role(f"{number:02}.md", "Cook", f"Cooks for {number}.", place=(f"Town_{number:02}",)) for number in range(13)])
    page = site(q="cook")
    assert page.multiselect(key="filter place").options == [f"Town_{number:02} · 1" for number in range(13)]
    page.multiselect(key="filter place").set_value(["Town_07"]).run()
    assert (page.query_params["f"], titles(seen(page))) == ("place=Town_07", ["Cook"])
    assert page.multiselect(key="filter place").value == ["Town_07"]
    page.multiselect(key="filter place").select("Town_08").run()
    assert (page.query_params["f"], len(titles(seen(page)))) == (["place=Town_07", "place=Town_08"], 2)


def test_a_number_is_a_bound_that_is_kept_in_the_address_and_taken_back(site: Site) -> None:
    page = site(q="lead")
    page.number_input(key="filter years").set_value(3).run()
    assert (page.query_params["f"], titles(seen(page))) == ("years<=3", ["Payroll Specialist"])
    page.number_input(key="filter years").set_value(9).run()
    page.number_input(key="filter salary_max").set_value(50_000).run()
    assert (page.query_params["f"], titles(seen(page))) == (["years<=9", "salary_max>=50000"], ["Platform Lead"])
    page.number_input(key="filter years").set_value(None).run()
    assert (page.query_params["f"], page.number_input(key="filter salary_max").value) == ("salary_max>=50000", 50_000)


def test_a_day_is_a_bound_that_is_kept_in_the_address(site: Site) -> None:
    page = site(q="lead")
    page.date_input(key="filter date_posted").set_value(date(2026, 1, 1)).run()
    assert (page.query_params["f"], titles(seen(page))) == ("date_posted>=2026-01-01", ["Platform Lead"])
    assert site(q="lead", f="date_posted>=2026-01-01").date_input(key="filter date_posted").value == date(2026, 1, 1)


def test_filters_of_the_address_are_chosen_in_their_widgets(site: Site) -> None:
    page = site(q="lead", f=["Level=LEAD", "remote=no", "SALARY_MAX>=20000"])
    assert (chosen(page, "level"), chosen(page, "remote"), page.number_input(key="filter salary_max").value) == (["lead"], ["no"], 20_000)
    assert titles(page) == ["Head Cook"]


def test_each_filter_is_a_chip_that_takes_it_away(site: Site) -> None:
    page = site(q="lead", f=["level=lead", "remote=no", "salary_max>=20000", "years!=7"])
    chips = ["Level: lead", "Remote: on site", "Pays at least: 20000", "years!=7"]
    assert [label for label in labels(page) if label in chips] == chips
    button(page, "Remote: on site").click().run()
    assert page.query_params["f"] == ["level=lead", "salary_max>=20000", "years!=7"]
    assert set(titles(seen(page))) == {"Platform Lead", "Head Cook"}
    assert (chosen(page, "level"), chosen(page, "remote")) == (["lead"], [])


def test_a_filter_without_a_widget_holds_is_said_and_stays(site: Site) -> None:
    page = site(q="lead", f="salary_max<=50000")
    assert titles(page) == ["Head Cook"]
    assert "salary_max<=50000" in labels(page)
    page.button_group(key="filter level").set_value(["lead"]).run()
    assert page.query_params["f"] == ["salary_max<=50000", "level=lead"]


def test_all_filters_are_taken_away_at_once(site: Site) -> None:
    page = site(q="lead", mode="dense", f=["level=lead", "remote=no", "years!=7"])
    button(page, "Clear all filters").click().run()
    assert (page.query_params, len(titles(seen(page))), chosen(page, "level")) == ({"q": "lead", "mode": "dense"}, 3, [])
    assert "Clear all filters" not in labels(page)


def test_filters_alone_list_the_roles_by_title_without_a_fit(site: Site) -> None:
    page = site(f="place=Leeds")
    assert headlines(page) == ["1. Head Cook", "2. Payroll Specialist"]
    assert [badges(card) for card in cards(page)] == [[], []]
    assert [label for card in cards(page) for label in labels(card)] == ["More like this", "Less like this"] * 2
    assert (texts(page, "table"), list(page.feedback)) == ([], [])


# Order


def ordered_roles() -> list[Role]:
    return [
        make_role("a.md", "beta", "Nurse nurse nurse.", level="senior", years=5, salary_max=40_000, date_posted="2026-01-05"),
        make_role("b.md", "Alpha", "Nurse nurse ward.", level="lead", years=1, salary_max=90_000.5, date_posted="2026-01-20T08:00"),
        make_role("c.md", "Delta", "Nurse ward night.", level="intern", years=9, salary_max=60_000, date_posted="2025-12-30"),
        make_role("d.md", "gamma", "Nurse of wards by night today.", level="unheard of", years="many", salary_max="a lot", date_posted="soon"),
        make_role("e.md", "Epsilon", "Nurse of wards by night every day."),
    ]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("relevance", "beta Alpha Delta gamma Epsilon"),
        ("title", "Alpha beta Delta Epsilon gamma"),
        ("level", "Alpha beta Delta gamma Epsilon"),
        ("years", "Alpha beta Delta gamma Epsilon"),
        ("pay", "Alpha Delta beta gamma Epsilon"),
        ("newest", "Alpha beta Delta gamma Epsilon"),
    ],
)
def test_roles_are_sorted_and_those_that_lack_the_attribute_come_last_by_relevance(site_of: SiteOf, order: str, expected: str) -> None:
    site = site_of(ordered_roles())
    page = site(q="nurse", mode="dense")
    assert titles(page) == ["beta", "Alpha", "Delta", "gamma", "Epsilon"]
    page.selectbox(key="order").set_value(order).run()
    assert page.query_params == {"q": "nurse", "mode": "dense"} | ({"sort": order} if order != "relevance" else {})
    assert titles(seen(page)) == expected.split()
    assert titles(site(q="nurse", mode="dense", sort=order)) == expected.split()


def test_equal_roles_stay_in_the_order_of_relevance(site_of: SiteOf) -> None:
    texts_by_nearness = ("Nurse.", "Nurse ward.", "Nurse ward night.", "Nurse ward night day.")
    roles = [make_role(f"{number}.md", f"N{number}", text, level="lead" if number % 2 else "mid") for number, text in enumerate(texts_by_nearness)]
    assert titles(site_of(roles)(q="nurse", mode="dense", sort="level")) == ["N1", "N3", "N0", "N2"]


def test_only_orders_that_the_corpus_can_be_sorted_by_are_offered(site_of: SiteOf, site: Site) -> None:
    every = ["Best match first", "Title, A to Z", "Level, highest first", "Years asked for, fewest first", "Pay, highest first", "Newest first"]
    assert site(q="lead").selectbox(key="order").options == every
    assert site_of([make_role("a.md", "Nurse", "Nurses.", level="lead")])(q="nurse").selectbox(key="order").options == every[:3]


def test_another_order_begins_at_the_first_page(site_of: SiteOf) -> None:
    page = site_of(nurses(12))(q="nurse", page="2")
    page.selectbox(key="order").set_value("title").run()
    assert (page.query_params, len(titles(seen(page)))) == ({"q": "nurse", "sort": "title"}, 10)


# Pages


def nurses(number: int) -> list[Role]:
    return [make_role(f"{one:03}.md", f"Nurse {one:03}", "Looks after patients.", ward=str(one)) for one in range(number)]


def apart(number: int) -> list[Role]:
    """Roles that differ enough to be no copies of each other, and that all answer "nurse"."""
    return [make_role(f"{one:03}.md", f"Nurse {one:03}", f"nurse a{one} b{one} c{one} d{one} e{one} f{one}") for one in range(number)]


def test_no_more_than_ten_roles_are_on_a_page(site_of: SiteOf) -> None:
    page = site_of(apart(12))(q="nurse", sort="title")
    assert headlines(page) == [f"{one + 1}. Nurse {one:03}" for one in range(10)]
    (paging,) = page.pagination
    assert (paging.num_pages, paging.value) == (2, 1)
    paging.select(2).run()
    assert page.query_params == {"q": "nurse", "sort": "title", "page": "2"}
    assert headlines(seen(page)) == ["11. Nurse 010", "12. Nurse 011"]
    assert page.pagination[0].value == 2
    page.pagination[0].select(1).run()
    assert (page.query_params, len(titles(seen(page)))) == ({"q": "nurse", "sort": "title"}, 10)


def test_a_page_of_the_address_is_shown_and_followed(site_of: SiteOf) -> None:
    page = site_of(apart(12))(q="nurse", sort="title", page="2")
    assert titles(page) == ["Nurse 010", "Nurse 011"]
    del page.query_params["page"]
    assert titles(seen(page.run()))[0] == "Nurse 000"
    assert page.pagination[0].value == 1


def test_beyond_the_last_page_there_is_a_way_back(site_of: SiteOf) -> None:
    page = site_of(apart(12))(q="nurse", page="7")
    assert (titles(page), notices(page)) == ([], ["There are no more roles on this page."])
    page.pagination[0].select(1).run()
    assert len(titles(seen(page))) == 10


def test_few_roles_have_no_pages(site: Site) -> None:
    assert not site(q="lead").pagination


def test_no_more_than_a_hundred_roles_answer_a_question(site_of: SiteOf) -> None:
    page = site_of(apart(104))(q="nurse", page="10")
    assert page.pagination[0].num_pages == 10
    assert [headline.partition(".")[0] for headline in headlines(page)] == [str(number) for number in range(91, 101)]


# More and less like this


def menu() -> list[Role]:
    dishes = {"fish": "fish soup", "fish-again": "fish stew", "meat": "meat pie", "steel": "steel pipes"}
    return [make_role(f"{name}.md", name, f"Cook {dish}") for name, dish in dishes.items()]


def test_more_like_a_role_takes_it_out_raises_its_neighbours_and_can_be_taken_back(site_of: SiteOf) -> None:
    page = site_of(menu())(q="cook meat", mode="dense", page="1")
    assert titles(page)[0] == "meat"
    before = titles(page)
    button(card_of(page, "fish"), "More like this").click().run()
    assert page.query_params == {"q": "cook meat", "mode": "dense", "like": "fish.md"}
    assert "fish" not in titles(seen(page))
    assert titles(page).index("fish-again") < titles(page).index("steel")
    button(page, "More like: fish").click().run()
    assert (page.query_params, titles(seen(page))) == ({"q": "cook meat", "mode": "dense"}, before)


def test_less_like_a_role_lowers_its_twin_and_can_be_taken_back(site_of: SiteOf) -> None:
    page = site_of(menu())(q="cook fish", mode="dense")
    assert set(titles(page)[:2]) == {"fish", "fish-again"}
    button(card_of(page, "fish"), "Less like this").click().run()
    assert page.query_params == {"q": "cook fish", "mode": "dense", "unlike": "fish.md"}
    assert "fish" not in titles(seen(page))
    button(page, "Less like: fish").click().run()
    assert (page.query_params, len(titles(seen(page)))) == ({"q": "cook fish", "mode": "dense"}, 4)


@pytest.mark.parametrize(("label", "parameter"), [("More like this", "like"), ("Less like this", "unlike")])
def test_steering_begins_at_the_first_page_and_keeps_the_rest(site_of: SiteOf, label: str, parameter: str) -> None:
    page = site_of(apart(12))(q="nurse", sort="title", page="2", select="001.md", f="source!=x")
    button(cards(page)[0], label).click().run()
    assert seen(page).query_params == {"q": "nurse", "sort": "title", "select": "001.md", "f": "source!=x", parameter: "010.md"}


def test_roles_are_liked_and_not_liked_beside_those_that_were(site_of: SiteOf) -> None:
    page = site_of(menu())(q="cook", like=["steel.md", "meat.md"], unlike="fish.md")
    assert titles(page) == ["fish-again"]
    button(cards(page)[0], "Less like this").click().run()
    assert (page.query_params["like"], page.query_params["unlike"]) == (["steel.md", "meat.md"], ["fish.md", "fish-again.md"])


def test_a_liked_role_alone_is_a_question(site_of: SiteOf) -> None:
    page = site_of(menu())(like="fish.md")
    assert titles(page)[0] == "fish-again"
    assert (list(page.feedback), errors(page), notices(page)) == ([], [], [])


def test_a_liked_role_that_is_gone_is_an_error_and_can_be_taken_back(site: Site) -> None:
    page = site(q="kitchen", like="gone.md")
    assert errors(page) == ["The index has no role 'gone.md'; ids are listed in search results as role_id"]
    button(page, "More like: gone.md").click().run()
    assert (page.query_params, errors(seen(page)), titles(page)[0]) == ({"q": "kitchen"}, [], "Head Cook")


# Near-identical roles


def adverts() -> list[Role]:
    text = "Nurse who looks after forty patients at night and writes down what was done for each of them until the day shift comes"
    copies = [make_role(f"{name}.md", "Night Nurse", f"{text}{tail}", level="senior", company=name) for name, tail in (("a", "."), ("b", "!"), ("c", " in."))]
    return [*copies, make_role("d.md", "Night Nurse", f"{text}.", level="junior", company="d"), COOK]


def test_near_identical_roles_stand_below_the_first_of_them(site_of: SiteOf) -> None:
    page = site_of(adverts())(q="nurse who looks after forty patients at night", mode="dense")
    assert titles(page) == ["Night Nurse", "Night Nurse", "Head Cook"]
    assert next(caption for caption in captions(page) if "roles" in caption).startswith("3 roles, 2 near-identical ones below them")
    with_twins, alone = sorted(cards(page)[:2], key=lambda card: -len(card.page_link))
    ids = [link_of(link)[1]["id"] for link in with_twins.page_link]
    assert ids[0] in (["a.md"], ["b.md"], ["c.md"])
    assert sorted(ids) == [["a.md"], ["b.md"], ["c.md"]]
    assert [said(link.proto.label) for link in with_twins.page_link[1:]] == ["Night Nurse"] * 2
    assert [link_of(link)[1]["q"] for link in with_twins.page_link] == [["nurse who looks after forty patients at night"]] * 3
    assert [one.label for one in with_twins.expander] == ["2 near-identical roles"]
    assert link_of(alone.page_link[0])[1]["id"] == ["d.md"]
    assert not alone.expander


def test_what_differs_in_a_near_identical_role_is_shown_on_demand(site_of: SiteOf) -> None:
    page = site_of(adverts())(q="nurse who looks after forty patients at night", mode="dense", f="level=senior")
    card = cards(page)[0]
    first, *others = [link_of(link)[1]["id"][0] for link in card.page_link]
    sure = [BeautifulSoup(html.proto.body, "html.parser").get_text() for html in card.get("html") if "the same advert" in html.proto.body]
    assert (first, others) == ("a.md", ["b.md", "c.md"])
    assert sure == [f"probably the same advert · senior · {name} · {name}.md" for name in "bc"]
    button(card, "What differs in b.md").click().run()
    shown = [html.proto.body for html in seen(page).get("html") if "<del>" in html.proto.body]
    assert shown == ["<p><b>Company</b>: <del>a</del> <ins>b</ins></p>"]


def test_pages_count_roles_without_their_copies(site_of: SiteOf) -> None:
    copies = [make_role(f"copy-{number}.md", "Nurse copy", "nurse of one and the same advert that was posted again", level="mid") for number in range(4)]
    page = site_of([*apart(9), *copies])(q="nurse")
    assert len(titles(page)) == 10
    assert not page.pagination


# Selection and export


def test_a_selected_role_is_in_the_address_and_taken_out_again(site: Site) -> None:
    page = site(q="lead", page="1")
    card_of(page, "Head Cook").checkbox[0].check().run()
    card_of(seen(page), "Platform Lead").checkbox[0].check().run()
    assert page.query_params == {"q": "lead", "select": ["cook.md", "team/platform.md"]}
    ticked = [title for title, card in zip(titles(page), cards(page), strict=True) if card.checkbox[0].value]
    assert sorted(ticked) == ["Head Cook", "Platform Lead"]
    card_of(page, "Head Cook").checkbox[0].uncheck().run()
    assert page.query_params == {"q": "lead", "select": "team/platform.md"}


def test_a_selection_goes_with_the_address(site: Site) -> None:
    page = site(q="lead", select=["cook.md", "gone.md"])
    assert [card.checkbox[0].value for card in cards(page)] == [title == "Head Cook" for title in titles(page)]
    button(page, "Clear the selection").click().run()
    assert (page.query_params, [box.value for box in seen(page).checkbox]) == ({"q": "lead"}, [False] * 3)


def test_what_is_shown_is_exported_in_its_order(site: Site) -> None:
    page = site(q="lead", sort="title", f="level=lead")
    assert "The 2 shown roles, with question, filters, time and generation." in captions(page)
    rows = list(csv.DictReader(io.StringIO(site.download(page, "export csv").decode("utf-8-sig"), newline="")))
    assert [(row["role_id"], row["title"], row["query"], row["filters"], row["generation"]) for row in rows] == [
        ("cook.md", "Head Cook", "lead", "level=lead", "000001"), ("team/platform.md", "Platform Lead", "lead", "level=lead", "000001"),
    ]  # fmt: skip
    answer = json.loads(site.download(page, "export json"))
    assert [hit["role_id"] for hit in answer["hits"]] == ["cook.md", "team/platform.md"]
    assert (answer["query"], answer["filters"], answer["order"], answer["generation"]) == ("lead", ["level=lead"], "Title, A to Z", "000001")
    assert "Head Cook" in site.download(page, "export md").decode()


def test_of_a_selection_only_this_is_exported_wherever_it_stands(site_of: SiteOf) -> None:
    site = site_of(apart(12))
    page = site(q="nurse", sort="title", select=["011.md", "002.md", "gone.md"])
    assert "The 2 selected roles, with question, filters, time and generation." in captions(page)
    assert [hit["role_id"] for hit in json.loads(site.download(page, "export json"))["hits"]] == ["002.md", "011.md"]


def test_an_export_names_the_copies_of_a_role(site_of: SiteOf) -> None:
    site = site_of(adverts())
    page = site(q="nurse who looks after forty patients at night", mode="dense", f="level=senior")
    (hit,) = json.loads(site.download(page, "export json"))["hits"]
    assert sorted([hit["role_id"], *(twin["role_id"] for twin in hit["twins"])]) == ["a.md", "b.md", "c.md"]


# Thumbs: 1 is up, 0 is down, None is neither.


def thumbs(page: AppTest) -> list[int | None]:
    return [thumb.value for thumb in page.feedback]


def verdicts(page: AppTest) -> list[str]:
    """What is written beside the thumbs."""
    return [text for card in cards(page) for text in captions(card)]


def kept(index: Path) -> tuple[str, str]:
    """The two files of judgements."""
    votes = Votes(index)
    return votes.queries.read_text(encoding="utf-8"), votes.qrels.read_text(encoding="utf-8")


def test_every_hit_has_its_thumbs_below_it_and_none_is_pressed_at_first(site: Site) -> None:
    page = site(q="lead")
    assert thumbs(page) == [None] * len(titles(page)) == [None] * 3
    assert verdicts(page) == ["Does it fit?"] * 3
    assert [len(card.feedback) for card in cards(page)] == [1] * 3


def test_a_thumb_is_kept_as_a_judgement_that_can_be_evaluated(site: Site, index: Path) -> None:
    page = site(q="kitchen -tea", mode="lexical")
    assert titles(page) == ["Head Cook"]
    page.feedback[0].set_value(1).run()
    assert kept(index) == ("vote-1\tkitchen -tea\n", "vote-1 0 cook.md 2\n")
    assert (titles(seen(page)), thumbs(page), errors(page)) == (["Head Cook"], [1], [])
    assert page.query_params == {"q": "kitchen -tea", "mode": "lexical"}
    page = site(q="wages kitchen", mode="lexical")
    (place,) = [number for number, title in enumerate(titles(page)) if title == "Payroll Specialist"]
    page.feedback[place].set_value(0).run()
    assert kept(index) == ("vote-1\tkitchen -tea\nvote-2\twages kitchen\n", "vote-1 0 cook.md 2\nvote-2 0 payroll.md 0\n")
    judged = read_judged_queries(Votes(index).queries, Votes(index).qrels)
    assert [(query.text, query.grades) for query in judged] == [("kitchen -tea", {"cook.md": 2}), ("wages kitchen", {"payroll.md": 0})]


def test_a_vote_is_changed_by_the_other_thumb_and_taken_back_by_the_same(site: Site, index: Path) -> None:
    page = site(q="kitchen", mode="lexical")
    page.feedback[0].set_value(1).run()
    page.feedback[0].set_value(0).run()
    assert (kept(index)[1], thumbs(page)) == ("vote-1 0 cook.md 0\n", [0])
    page.feedback[0].set_value(None).run()
    assert (kept(index)[1], thumbs(seen(page))) == ("", [None])


def test_votes_are_shown_wherever_the_question_is_asked_again_and_nowhere_else(site: Site, index: Path) -> None:
    Votes(index).give("lead", "cook.md", 2)
    Votes(index).give("lead", "team/platform.md", 0)
    for mode in ("hybrid", "dense"):
        page = site(q="  lead ", mode=mode)
        shown = dict(zip(titles(page), zip(thumbs(page), verdicts(page), strict=True), strict=True))
        assert shown == {"Head Cook": (1, "It fits"), "Platform Lead": (0, "It does not fit"), "Payroll Specialist": (None, "Does it fit?")}
    page.text_input(key="q").input("leads").run()
    assert thumbs(seen(page)) == [None] * 3


def test_a_vote_from_another_window_is_shown_at_the_next_look(site: Site, index: Path) -> None:
    page = site(q="kitchen", mode="lexical")
    page.feedback[0].set_value(1).run()
    Votes(index).give("kitchen", "cook.md", None)
    assert thumbs(seen(page.run())) == [None]


def test_a_vote_that_cannot_be_kept_is_said_below_its_hit_once(site: Site, index: Path) -> None:
    page = site(q="kitchen", mode="lexical")
    (index / "judgements").write_text("in the way", encoding="utf-8")
    page.feedback[0].set_value(1).run()
    assert thumbs(seen(page)) == [None]
    assert [error.startswith("The vote was not kept: ") for error in errors(page)] == [True]
    assert [said(error.value) for error in cards(page)[0].error] == errors(page)
    assert errors(page.run()) == []


def test_judgements_that_cannot_be_read_are_said_and_the_hits_are_shown(site: Site, index: Path) -> None:
    (index / "judgements").mkdir()
    (index / "judgements" / "qrels").write_text("nonsense\n", encoding="utf-8")
    page = site(q="kitchen", mode="lexical")
    assert (titles(page), thumbs(page)) == (["Head Cook"], [None])
    assert ["qrels, line 1: expected `query 0 role grade`" in notice for notice in errors(page)] == [True]


# How the question was read


class PieceEmbedder(WordEmbedder):
    """Knows every word but these as one token."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [3 if text == "kitchan" else count for text, count in zip(texts, super().count_tokens(texts), strict=True)]


def understood(page: AppTest) -> dict[str, str]:
    """The text of each chip of the understood question, with the words of the question that it stands for."""
    return {said(one.label): said(one.help) for one in page.button if (one.key or "").startswith("understood")}


def test_each_wish_and_demand_is_a_chip_that_takes_its_words_out_of_the_question(site: Site) -> None:
    page = site(q="senior engineer, no travel", page="1")
    assert understood(page) == {"level: senior": "Take “senior” out of the question", "no travel": "Take “no travel” out of the question"}
    assert "Understood:" in captions(page)
    button(page, "level: senior").click().run()
    assert (page.query_params, page.text_input(key="q").value) == ({"q": "engineer, no travel"}, "engineer, no travel")
    assert list(understood(seen(page))) == ["no travel"]


def test_a_chip_keeps_mode_filters_order_and_selection(site: Site) -> None:
    page = site(q="senior wages", mode="lexical", f="place=Leeds", sort="title", select="cook.md", page="2")
    button(page, "level: senior").click().run()
    assert seen(page).query_params == {"q": "wages", "mode": "lexical", "f": "place=Leeds", "sort": "title", "select": "cook.md"}


def test_a_chip_of_the_only_words_leads_to_no_question(site: Site) -> None:
    page = site(q="Kubernetes")
    button(page, "skills: Kubernetes").click().run()
    assert (page.query_params, titles(seen(page))) == ({}, [])


def test_what_a_question_without_wishes_asks_has_no_chips(site: Site) -> None:
    page = site(q="bread")
    assert (understood(page), "Understood:" in captions(page)) == ({}, False)


def test_a_wish_said_twice_is_one_chip(site: Site) -> None:
    assert list(understood(site(q="senior person for a senior team"))) == ["level: senior"]


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("engineer with at least 5 years", "years: at least 5"),
        ("engineer, at least $100k", "at least $100k"),
        ("remote engineer", "from home: yes"),
        ("engineer, no degree", "no degree"),
        ("engineer, no Java", "not skills: Java"),
        ("engineer, no Java or Python", "no Java or Python"),
    ],
)
def test_a_chip_says_in_plain_words_what_was_understood(site: Site, question: str, shown: str) -> None:
    assert shown in understood(site(q=question))


def test_a_misspelt_word_is_said_with_what_was_searched_for(site_of: SiteOf) -> None:
    roles = [COOK, make_role("porter.md", "Porter", "Cleans the kitchen and the kitchen door.")]
    page = site_of(roles, PieceEmbedder())(q="kitchan")
    assert notices(page)[0] == "No role holds “kitchan”: searched for “kitchen” instead."
    assert set(titles(page)) == {"Head Cook", "Porter"}
    assert notices(site_of(roles)(q="kitchen")) == []


# Text from strangers

MARKUP_IN_QUESTIONS = (
    "senior engineer, no <script>alert(1)</script>",
    '<script>alert(1)</script> senior engineer, no <img src=x onerror="alert(1)">',
    "senior engineer, no \"><svg onload=alert(1)> and no '><b>x</b>",
    "kitchan</p><script>alert(1)</script> manager",
    "[senior](javascript:alert(1)) ![x](https://example.org/x.png) :smile: :red[lead] $x$ **Kubernetes**",
)


@pytest.mark.parametrize("question", MARKUP_IN_QUESTIONS)
def test_markup_in_a_question_stays_text_wherever_it_is_said(site_of: SiteOf, question: str) -> None:
    page = site_of(ROLES, PieceEmbedder())(q=question)
    assert understood(page)
    assert question in labels(page)  # among the recent ones
    nothing_but_text(page)


def test_markup_of_a_role_stays_text_in_a_chip(site_of: SiteOf) -> None:
    place = "<script>Leeds</script>, <img src=x onerror=alert(1)>"
    page = site_of([make_role("x.md", "Cook", "Plans menus.", place=(place,), level="<b>senior</b>"), PAYROLL])(q="cook in script leeds script, senior")
    assert f"place: {place}" in understood(page)
    nothing_but_text(page)


HOSTILE = (
    "<script>alert(1)</script> **Lead** [x](javascript:alert(1))",
    "![pixel](https://example.org/p.png) <img src=x onerror=alert(1)> nurse",
    ":smile: :material/home: :red[red] $x$ https://example.org www.example.org a@example.org -> --",
)


def hostile_roles() -> list[Role]:
    return [
        make_role(
            f'"><script>alert({number})</script>/x.md',
            HOSTILE[number],
            ("<b>Tasks</b>", "\n".join(f"- {line} nurse number{number}" for line in HOSTILE)),
            level=HOSTILE[1],
            skills=(HOSTILE[0], f"{HOSTILE[2]} {number}"),
            place=(HOSTILE[number],),
            salary_max=1,
            currency=HOSTILE[0],
            **{"<i>key</i>": "</div><h1>x", "**key**": "x", "key [x](y)": ("x", "y", "x")[number]},
        )
        for number in range(3)
    ]


@pytest.mark.parametrize("parameters", [{"q": "nurse <script>alert(2)</script>"}, {"f": "place!=x"}, {"q": "nurse", "mode": "lexical", "sort": "title"}])
def test_hostile_text_is_shown_as_text(site_of: SiteOf, parameters: dict[str, str]) -> None:
    page = site_of(hostile_roles())(**parameters)
    assert sorted(titles(page)) == sorted(HOSTILE)
    assert set(pills(page, "place")) == {f"{text} · 1" for text in HOSTILE}
    assert "![pixel](https://example.org/p.png) <img src=x onerror=alert(1)> nurse nurse number1" in soup(page).get_text()
    nothing_but_text(page)


def test_hostile_text_in_chips_and_errors_is_shown_as_text(site_of: SiteOf) -> None:
    site = site_of(hostile_roles())
    liked = hostile_roles()[0].id
    page = site(q="nurse", like=liked, unlike=hostile_roles()[1].id, f=[f"place!={HOSTILE[2]}x", f"<b>{HOSTILE[2]}", "**x**>=1"])
    assert f"More like: {HOSTILE[0]}" in labels(page)
    assert f"Less like: {HOSTILE[1]}" in labels(page)
    assert f"place!={HOSTILE[2]}x" in labels(page)
    nothing_but_text(page)
    nothing_but_text(site(q="nurse", like="<b>:smile:</b> [x](y)"))


def nothing_but_text(page: AppTest) -> None:
    """Every label says text and every piece of HTML has no element but our own."""
    for one in (*page.button, *page.checkbox, *page.button_group, *page.number_input, *page.selectbox):
        said(one.proto.label)
    for link in page.page_link:
        said(link.proto.label, bold=link.proto.label.startswith("**"))
    for options in (group.options for group in page.button_group):
        assert all(said(option) for option in options)
    for text in (*page.caption, *page.info, *page.error, *page.warning, *page.title):
        said(text.value)
    for one in page.button:
        said(one.help)
    assert {element.name for element in soup(page).find_all()} <= {"small", "bdi", "b", "u", "mark", "p", "h3", "ul", "li", "br", "table", "tr", "th", "td"}
    assert {name for element in soup(page).find_all() for name in element.attrs} <= {"scope", "align"}
