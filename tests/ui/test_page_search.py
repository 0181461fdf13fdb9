"""The search page, state by state, over an index made with the WordEmbedder: what is shown, and that only a thumb writes."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from streamlit.testing.v1 import AppTest

from builders import IndexOf, make_role
from fakes import WordEmbedder
from search.index import IndexReader
from search.judgements import Votes, read_judged_queries
from search.records import Role
from search.searcher import Searcher
from ui.views.search import EXAMPLES

PLATFORM = make_role(
    "team/platform.md",
    "Platform Lead",
    ("Your tasks", "- Run Kubernetes clusters for forty teams\n- Mentor junior engineers"),
    ("We offer", "Tea and Kubernetes."),
    level="lead",
    location="Aarhus",
    remote=True,
    salary_min=60000,
)
PAYROLL = make_role("payroll.md", "Payroll Specialist", "Pays wages every month and files returns.", level="senior", location="Leeds", remote=False)
COOK = make_role("cook.md", "Head Cook", "Plans menus and leads a kitchen of nine.", level="lead", location="Leeds", remote=False, **{"*bold* key": "x"})
ROLES = (PLATFORM, PAYROLL, COOK)

Visit: TypeAlias = Callable[..., AppTest]


def search_page(searcher: "Searcher", votes: "Votes") -> None:
    """Run by AppTest in a module of its own."""
    from ui.views import search
    from ui.views.address import current_address

    search.render(searcher, votes, current_address())


def searcher_over(folder: Path) -> Searcher:
    embedder = WordEmbedder()
    return Searcher(IndexReader(folder, embedder.fingerprint), embedder)


def page_over(searcher: Searcher, index: Path) -> AppTest:
    return AppTest.from_function(search_page, kwargs={"searcher": searcher, "votes": Votes(index)}, default_timeout=30)


@pytest.fixture
def index(index_of: IndexOf) -> Path:
    return index_of(ROLES)


@pytest.fixture
def visit(index: Path) -> Iterator[Visit]:
    searcher = searcher_over(index)

    def open_page(**parameters: str | list[str]) -> AppTest:
        page = page_over(searcher, index)
        for name, value in parameters.items():
            page.query_params[name] = value
        return seen(page.run())

    yield open_page
    searcher.close()


def seen(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def soup(page: AppTest) -> BeautifulSoup:
    return BeautifulSoup("\n".join(element.body for element in page.html), "html.parser")


def titles(page: AppTest) -> list[str]:
    return [title.get_text() for title in soup(page).select(".rs-hit h2")]


def notices(page: AppTest) -> list[str]:
    return [notice.get_text() for notice in soup(page).select(".rs-notice")]


def marked(page: AppTest) -> list[str]:
    return [mark.get_text() for mark in soup(page).select("mark")]


def test_before_a_question_there_are_examples_and_no_results(visit: Visit) -> None:
    page = visit()
    assert [button.label for button in page.button] == ["Search", *EXAMPLES]
    assert (titles(page), notices(page)) == ([], [])
    assert page.text_input(key="q").placeholder == "Kubernetes mentorship lead"
    assert "3 roles in the index" in soup(page).get_text()


def test_an_example_is_asked_by_a_click(visit: Visit) -> None:
    page = visit()
    page.button[1].click().run()
    assert page.query_params == {"q": "Kubernetes mentorship lead"}
    assert page.text_input(key="q").value == "Kubernetes mentorship lead"
    assert titles(seen(page))[0] == "Platform Lead"


def test_a_typed_question_goes_to_the_address_and_is_answered(visit: Visit) -> None:
    page = visit()
    page.text_input(key="q").input("kitchen").run()
    assert page.query_params == {"q": "kitchen"}
    assert titles(seen(page))[0] == "Head Cook"


def test_a_hit_says_what_it_is_and_why(visit: Visit) -> None:
    page = visit(q="mentoring on Kubernetes -kitchen")
    hit = soup(page).select_one(".rs-hit")
    assert hit is not None
    link = hit.select_one("h2 a")
    assert link is not None
    assert (link.get_text(), link["href"]) == ("Platform Lead", "?q=mentoring+on+Kubernetes+-kitchen&role=team%2Fplatform.md")
    words = hit.get_text(" ")
    for fact in ("1", "lead", "Aarhus", "Remote: yes", "Salary min: 60000", "team/platform.md", "Your tasks"):
        assert fact in words
    assert [mark.get_text() for mark in hit.select("mark")] == ["Kubernetes", "Mentor", "Kubernetes"]
    assert [item.get_text() for item in hit.select(".rs-passage li")] == ["Run Kubernetes clusters for forty teams", "Mentor junior engineers"]
    why = hit.select_one(".rs-why")
    assert why is not None
    assert "number 1 by meaning" in why.get_text()
    assert "number 1 by words" in why.get_text()


@pytest.mark.parametrize(("mode", "said", "not_said"), [("dense", "Meaning:", "Words: its"), ("lexical", "Words: its", "Meaning:")])
def test_mode_of_the_address_is_followed(visit: Visit, mode: str, said: str, not_said: str) -> None:
    page = visit(q="kubernetes", mode=mode)
    why = soup(page).select_one(".rs-why")
    assert why is not None
    assert said in why.get_text()
    assert not_said not in why.get_text()
    assert page.button_group[0].value == mode


def test_changing_the_mode_changes_the_address(visit: Visit) -> None:
    page = visit(q="kubernetes", f="level=lead")
    page.button_group[0].set_value("lexical").run()
    assert page.query_params == {"q": "kubernetes", "mode": "lexical", "f": "level=lead"}
    assert titles(seen(page)) == ["Platform Lead"]


def test_filters_offer_what_sorts_roles_with_counts(visit: Visit) -> None:
    page = visit()
    offered = {select.label: select.options for select in page.multiselect}
    assert offered == {"Level": ["lead (2)", "senior (1)"], "Location": ["Leeds (2)", "Aarhus (1)"], "Remote": ["no (2)", "yes (1)"]}


def test_a_chosen_filter_goes_to_the_address_and_holds(visit: Visit) -> None:
    page = visit(q="lead engineers and wages")
    assert set(titles(page)) == {"Platform Lead", "Payroll Specialist", "Head Cook"}
    page.multiselect(key="filter location").set_value(["Leeds"]).run()
    assert page.query_params == {"q": "lead engineers and wages", "f": "location=Leeds"}
    assert set(titles(seen(page))) == {"Payroll Specialist", "Head Cook"}
    assert page.expander[0].label == "Filters (1 active)"


def test_filters_of_the_address_are_chosen_in_their_widgets(visit: Visit) -> None:
    page = visit(q="lead", f=["Level=LEAD", "remote=false"])
    assert page.multiselect(key="filter level").value == ["lead"]
    assert page.multiselect(key="filter remote").value == ["false"]
    assert titles(page) == ["Head Cook"]


def test_a_filter_without_a_widget_holds_is_said_and_stays(visit: Visit) -> None:
    page = visit(q="lead", f="salary_min>=50000")
    assert titles(page) == ["Platform Lead"]
    assert "Also filtered by salary_min>=50000" in soup(page).get_text()
    page.multiselect(key="filter level").set_value(["lead"]).run()
    assert page.query_params["f"] == ["level=lead", "salary_min>=50000"]


def test_an_address_that_changes_under_the_page_is_followed(visit: Visit) -> None:
    page = visit(q="kubernetes", f="level=lead")
    page.query_params.clear()
    page.query_params["q"] = "wages"
    seen(page.run())
    assert (page.text_input(key="q").value, page.multiselect(key="filter level").value) == ("wages", [])
    assert titles(page)[0] == "Payroll Specialist"


def test_nothing_found_says_what_to_do(visit: Visit) -> None:
    page = visit(q='"never heard of this"')
    assert titles(page) == []
    assert "No role holds the exact words" in notices(page)[0]


def test_only_exclusions_say_what_is_missing(visit: Visit) -> None:
    page = visit(q="-manager")
    assert (titles(page), notices(page)) == ([], ["The query only says what to leave out. Add what to look for, such as: platform lead -manager"])


def test_a_filter_that_cannot_be_is_an_error_with_its_cure(visit: Visit) -> None:
    page = visit(q="lead", f=["salary_min>=much", "nonsense"])
    assert notices(page) == [
        "Left out: the filter 'nonsense' is not of the form key=value (or !=, >=, <=), such as level=senior.",
        "The filter salary_min>=much needs a number after >=",
    ]


def test_unknown_values_in_the_address_fall_back(visit: Visit) -> None:
    page = visit(q="lead", mode="magic", k="-1", other="x")
    assert page.button_group[0].value == "hybrid"
    assert len(titles(page)) == 3


def test_more_results_are_a_link_away_while_there_are_more(index_of: IndexOf) -> None:
    index = index_of([make_role(f"{number:02}.md", f"Nurse {number}", "Looks after patients.") for number in range(12)])
    searcher = searcher_over(index)
    page = page_over(searcher, index)
    page.query_params["q"] = "nurse"
    assert len(titles(seen(page.run()))) == 10
    (more,) = [link["href"] for link in soup(page).select("a") if link.get_text() == "Show more"]
    assert more == "?q=nurse&k=20"
    page.query_params["k"] = "20"
    assert len(titles(seen(page.run()))) == 12
    assert "Show more" not in soup(page).get_text()
    searcher.close()


def test_without_an_index_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    page = page_over(searcher_over(tmp_path / "none"), tmp_path / "none").run()
    assert len(notices(seen(page))) == 1
    assert "rolesearch ingest" in notices(page)[0]
    assert not page.text_input


def test_searching_writes_nothing_to_the_index(visit: Visit, index: Path) -> None:
    visit()
    before = contents(index)
    page = visit(q="Kubernetes", f="level=lead")
    page.button_group[0].set_value("dense").run()
    page.multiselect(key="filter level").set_value([]).run()
    assert titles(seen(page))
    assert contents(index) == before


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()}


# Thumbs: 1 is up, 0 is down, None is neither.


def thumbs(page: AppTest) -> list[int | None]:
    return [thumb.value for thumb in page.feedback]


def verdicts(page: AppTest) -> list[str]:
    """What is written beside the thumbs."""
    return [text for text in (element.get_text() for element in soup(page).select("span.rs-soft")) if "fit" in text and "roles" not in text]


def kept(index: Path) -> tuple[str, str]:
    """The two files of judgements."""
    votes = Votes(index)
    return votes.queries.read_text(encoding="utf-8"), votes.qrels.read_text(encoding="utf-8")


def test_every_hit_has_its_thumbs_below_it_and_none_is_pressed_at_first(visit: Visit) -> None:
    page = visit(q="lead")
    assert thumbs(page) == [None] * len(titles(page)) == [None] * 3
    assert verdicts(page) == ["Does it fit?"] * 3
    drawn = [
        element.type if element.type == "feedback" else "hit" for element in page.main if element.type == "feedback" or "rs-hit" in getattr(element, "body", "")
    ]
    assert drawn == ["hit", "feedback"] * 3


def test_a_thumb_is_kept_as_a_judgement_that_can_be_evaluated(visit: Visit, index: Path) -> None:
    page = visit(q="kitchen -tea", mode="lexical")
    assert titles(page) == ["Head Cook"]
    page.feedback[0].set_value(1).run()
    assert kept(index) == ("vote-1\tkitchen -tea\n", "vote-1 0 cook.md 2\n")
    assert (titles(seen(page)), thumbs(page), notices(page)) == (["Head Cook"], [1], [])
    assert page.query_params == {"q": "kitchen -tea", "mode": "lexical"}
    page = visit(q="wages kitchen", mode="lexical")
    (place,) = [number for number, title in enumerate(titles(page)) if title == "Payroll Specialist"]
    page.feedback[place].set_value(0).run()
    assert kept(index) == ("vote-1\tkitchen -tea\nvote-2\twages kitchen\n", "vote-1 0 cook.md 2\nvote-2 0 payroll.md 0\n")
    judged = read_judged_queries(Votes(index).queries, Votes(index).qrels)
    assert [(query.text, query.grades) for query in judged] == [("kitchen -tea", {"cook.md": 2}), ("wages kitchen", {"payroll.md": 0})]


def test_a_vote_is_changed_by_the_other_thumb_and_taken_back_by_the_same(visit: Visit, index: Path) -> None:
    page = visit(q="kitchen", mode="lexical")
    page.feedback[0].set_value(1).run()
    page.feedback[0].set_value(0).run()
    assert (kept(index)[1], thumbs(page)) == ("vote-1 0 cook.md 0\n", [0])
    page.feedback[0].set_value(None).run()
    assert (kept(index)[1], thumbs(seen(page))) == ("", [None])


def test_votes_are_shown_wherever_the_question_is_asked_again_and_nowhere_else(visit: Visit, index: Path) -> None:
    Votes(index).give("lead", "cook.md", 2)
    Votes(index).give("lead", "team/platform.md", 0)
    for mode in ("hybrid", "dense"):
        page = visit(q="  lead ", mode=mode)
        shown = dict(zip(titles(page), zip(thumbs(page), verdicts(page), strict=True), strict=True))
        assert shown == {"Head Cook": (1, "It fits"), "Platform Lead": (0, "It does not fit"), "Payroll Specialist": (None, "Does it fit?")}
    page.text_input(key="q").input("leads").run()
    assert thumbs(seen(page)) == [None] * 3


def test_a_vote_from_another_window_is_shown_at_the_next_look(visit: Visit, index: Path) -> None:
    page = visit(q="kitchen", mode="lexical")
    page.feedback[0].set_value(1).run()
    Votes(index).give("kitchen", "cook.md", None)
    assert thumbs(seen(page.run())) == [None]


def test_a_vote_that_cannot_be_kept_is_said_below_its_hit_once(visit: Visit, index: Path) -> None:
    page = visit(q="kitchen", mode="lexical")
    (index / "judgements").write_text("in the way", encoding="utf-8")
    page.feedback[0].set_value(1).run()
    assert thumbs(seen(page)) == [None]
    assert [notice.startswith("The vote was not kept: ") for notice in notices(page)] == [True]
    assert notices(page.run()) == []


def test_judgements_that_cannot_be_read_are_said_and_the_hits_are_shown(visit: Visit, index: Path) -> None:
    (index / "judgements").mkdir()
    (index / "judgements" / "qrels").write_text("nonsense\n", encoding="utf-8")
    page = visit(q="kitchen", mode="lexical")
    assert (titles(page), thumbs(page)) == (["Head Cook"], [None])
    assert ["qrels, line 1: expected `query 0 role grade`" in notice for notice in notices(page)] == [True]


# How the question was read


class PieceEmbedder(WordEmbedder):
    """Knows every word but these as one token."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [3 if text == "kitchan" else count for text, count in zip(texts, super().count_tokens(texts), strict=True)]


def chips(page: AppTest) -> dict[str, str]:
    """The text of each chip with the question that its link asks."""
    links = soup(page).select(".rs-chips a.rs-chip")
    return {" ".join(link.get_text(" ").split()): parse_qs(urlsplit(str(link["href"])).query).get("q", [""])[0] for link in links}


def one_page(index: Path, embedder: WordEmbedder, question: str) -> AppTest:
    """The page for one question, over a searcher of its own."""
    searcher = Searcher(IndexReader(index, embedder.fingerprint), embedder)
    page = page_over(searcher, index)
    page.query_params["q"] = question
    seen(page.run())
    searcher.close()
    return page


def test_each_wish_and_demand_is_a_chip_that_takes_its_words_out_of_the_question(visit: Visit) -> None:
    page = visit(q="senior engineer, no travel")
    assert chips(page) == {"level: senior ×": "engineer, no travel", "no travel ×": "senior engineer"}
    line = soup(page).select_one(".rs-chips")
    assert line is not None
    assert line.get_text().startswith("Understood: ")
    assert [link["title"] for link in line.select("a")] == ["Take “senior” out of the question", "Take “no travel” out of the question"]


def test_a_chip_keeps_mode_filters_and_number_of_results(visit: Visit) -> None:
    page = visit(q="senior wages", mode="lexical", f="location=Leeds", k="20")
    assert [link["href"] for link in soup(page).select("a.rs-chip")] == ["?q=wages&mode=lexical&f=location%3DLeeds&k=20"]


def test_a_chip_of_the_only_words_leads_to_no_question(visit: Visit) -> None:
    page = visit(q="Kubernetes")
    assert [link["href"] for link in soup(page).select("a.rs-chip")] == ["?"]


def test_what_a_question_without_wishes_asks_has_no_chips(visit: Visit) -> None:
    assert soup(visit(q="bread")).select(".rs-chips, .rs-chip") == []


def test_a_wish_said_twice_is_one_chip(visit: Visit) -> None:
    assert [chip.get_text() for chip in soup(visit(q="senior person for a senior team")).select("a.rs-chip")] == ["level: senior ×"]


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("engineer with at least 5 years", "years: at least 5 ×"),
        ("engineer, at least $100k", "at least $100k ×"),
        ("remote engineer", "from home: yes ×"),
        ("engineer, no degree", "no degree ×"),
        ("engineer, no Java", "not skills: Java ×"),
        ("engineer, no Java or Python", "no Java or Python ×"),
    ],
)
def test_a_chip_says_in_plain_words_what_was_understood(visit: Visit, question: str, shown: str) -> None:
    assert shown in chips(visit(q=question))


def test_wishes_that_count_are_among_the_reasons(visit: Visit) -> None:
    why = soup(visit(q="senior Kubernetes engineer")).select_one(".rs-why")
    assert why is not None
    assert "As a whole: the role's text has a cosine of" in why.get_text()
    assert "Wish for level: met by" in why.get_text()
    assert "Wish for skills: met by" in why.get_text()


def test_a_misspelt_word_is_said_with_what_was_searched_for(index_of: IndexOf) -> None:
    index = index_of([COOK, make_role("porter.md", "Porter", "Cleans the kitchen and the kitchen door.")])
    page = one_page(index, PieceEmbedder(), "kitchan")
    assert notices(page)[0] == "No role holds “kitchan”: searched for “kitchen” instead."
    assert set(titles(page)) == {"Head Cook", "Porter"}
    assert notices(one_page(index, WordEmbedder(), "kitchen")) == []


MARKUP_IN_QUESTIONS = (
    "senior engineer, no <script>alert(1)</script>",
    '<script>alert(1)</script> senior engineer, no <img src=x onerror="alert(1)">',
    "senior engineer, no \"><svg onload=alert(1)> and no '><b>x</b>",
    "kitchan</p><script>alert(1)</script> manager",
)


@pytest.mark.parametrize("question", MARKUP_IN_QUESTIONS)
def test_markup_in_a_question_stays_text_in_its_chips(index_of: IndexOf, question: str) -> None:
    page = one_page(index_of(ROLES), PieceEmbedder(), question)
    assert chips(page)
    nothing_but_chips(page)


def test_markup_of_a_role_stays_text_in_a_chip(index_of: IndexOf) -> None:
    place = "<script>Leeds</script>, <img src=x onerror=alert(1)>"
    index = index_of([make_role("x.md", "Cook", "Plans menus.", place=(place,), level="<b>senior</b>"), PAYROLL])
    page = one_page(index, WordEmbedder(), "cook in script leeds script, senior")
    assert f"place: {place} ×" in chips(page)
    nothing_but_chips(page)


def nothing_but_chips(page: AppTest) -> None:
    (line,) = soup(page).select(".rs-chips")
    assert {element.name for element in line.find_all()} == {"a", "bdi", "span"}
    assert {name for element in line.find_all() for name in element.attrs} == {"class", "href", "target", "title", "aria-hidden"}
    assert all(str(link["href"]).startswith("?") for link in line.select("a"))
    assert soup(page).select("script, img, svg, b") == []


def hostile_role() -> Role:
    return make_role(
        '"><script>alert(1)</script>.md',
        "<script>alert(1)</script> **Lead** [x](javascript:alert(1))",
        ("<b>Tasks</b>", "- ![pixel](https://example.org/p.png) <img src=x onerror=alert(1)> nurse\n- :smile: $x$ https://example.org"),
        level='"><svg onload=alert(1)>',
        **{"<i>key</i>": "</div><h1>x"},
    )


def test_hostile_text_is_shown_as_text(index_of: IndexOf) -> None:
    role = hostile_role()
    index = index_of([role])
    searcher = searcher_over(index)
    page = page_over(searcher, index)
    page.query_params["q"] = "nurse <script>alert(2)</script>"
    seen(page.run())
    assert titles(page) == [role.title]
    allowed = {"div", "h1", "h2", "span", "article", "a", "bdi", "blockquote", "ul", "li", "p", "mark", "details", "summary"}
    assert {element.name for element in soup(page).find_all()} <= allowed
    assert all(str(link["href"]).startswith("?") for link in soup(page).select("a"))
    assert not [name for element in soup(page).find_all() for name in element.attrs if name.startswith("on") or name == "src"]
    assert "![pixel](https://example.org/p.png) <img src=x onerror=alert(1)> nurse" in soup(page).get_text()
    searcher.close()
