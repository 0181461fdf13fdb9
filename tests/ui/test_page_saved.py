"""The menu of saved searches, state by state, over an index made with the WordEmbedder: what is saved, what is new, and that looking writes nothing."""

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from builders import IndexOf, make_role
from fakes import WordEmbedder
from search.filters import parse_filters
from search.index import IndexReader
from search.judgements import Votes
from search.records import Mode, Query
from search.searcher import Searcher
from search.watches import DEFAULT_K, Watches
from ui.jobs import IngestJobs

BAKER = make_role("baker.md", "Baker", "Bakes bread at night.", level="senior")
COOK = make_role("cook.md", "Cook", "Cooks soup and bread.", level="lead")
BY_DAY = make_role("baker.md", "Baker", "Bakes bread by day.", level="senior")
HOSTILE = "**b** [x](y) :smile: <i>"


def whole_page(searcher: "Searcher", jobs: "IngestJobs", votes: "Votes") -> None:
    """Run by AppTest in a module of its own."""
    from ui.app import serve

    serve(searcher, jobs, votes)


class Kitchen:
    """The page over an index whose roles change, and its saved searches."""

    def __init__(self, index_of: IndexOf) -> None:
        self.holds = index_of
        self.index = index_of([BAKER])
        self.embedder = WordEmbedder()
        self.searcher = Searcher(IndexReader(self.index, self.embedder.fingerprint), self.embedder)
        self.watches = Watches(self.index)

    def __call__(self, **parameters: str | list[str]) -> AppTest:
        kwargs = {"searcher": self.searcher, "jobs": IngestJobs(self.index, WordEmbedder), "votes": Votes(self.index)}
        page = AppTest.from_function(whole_page, kwargs=kwargs, default_timeout=30)
        page.query_params.update(parameters)
        return drawn(page)


@pytest.fixture
def kitchen(index_of: IndexOf) -> Iterator[Kitchen]:
    kitchen = Kitchen(index_of)
    yield kitchen
    kitchen.searcher.close()


def drawn(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception
    return page


def said(label: str) -> str:
    """A label without the signs that keep it from being Markdown."""
    return label.replace("\u2060", "").replace("\\", "")


def badges(page: AppTest) -> list[str]:
    """What is new for each saved search, and at the end for all."""
    return [markdown.value.removeprefix(":green-badge[").removesuffix("]") for markdown in page.main.markdown if markdown.value.startswith(":green-badge[")]


def popovers(page: AppTest) -> list[str]:
    return [block.proto.popover.label for block in page.main.get("popover")]


def links(page: AppTest) -> dict[str, dict[str, list[str]]]:
    """Where the links of the menu lead: page and parameters of the address."""
    return {
        said(link.proto.label): {"page": [link.proto.page]} | parse_qs(link.proto.query_string)
        for link in page.main.get("page_link")
        if not said(link.proto.label)[:3].startswith("**1")
    }


def click(page: AppTest, label: str, which: int = 0) -> AppTest:
    [button for button in page.button if button.label == label][which].click()
    return drawn(page)


def test_without_a_question_or_saved_searches_there_is_no_menu(kitchen: Kitchen) -> None:
    assert "Saved searches" not in popovers(kitchen())
    assert "Saved searches" in popovers(kitchen(q="bread"))
    assert not kitchen.watches.folder.exists()
    kitchen.watches.add(kitchen.searcher, "bread", Query("bread"))
    page = kitchen()
    assert "Saved searches" in popovers(page)
    assert not [button for button in page.button if button.label == "Save this search"]


def test_the_search_on_the_page_is_saved_with_filters_mode_and_what_is_liked(kitchen: Kitchen) -> None:
    kitchen.holds([BAKER, COOK])
    page = kitchen(q="bread", mode="dense", f="level=senior", like="cook.md")
    assert [field.value for field in page.text_input if field.label == "Name"] == ["bread"]
    click(page, "Save this search")
    query = Query("bread", DEFAULT_K, Mode.DENSE, parse_filters(["level=senior"]), ("cook.md",))
    (watch,) = kitchen.watches.all()
    assert (watch.name, watch.query, list(watch.seen.values())) == ("bread", query, ["baker.md"])
    assert any(caption.value == "This search is saved as “bread”." for caption in page.caption)
    assert badges(page) == []
    page = click(kitchen(), "**bread**")
    assert page.query_params == {"q": "bread", "mode": "dense", "f": "level=senior", "like": "cook.md"}


def test_a_name_can_be_given_and_one_that_is_taken_is_said(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "mine", Query("soup"))
    page = kitchen(q="bread")
    (field,) = [field for field in page.text_input if field.label == "Name"]
    field.set_value("mine")
    click(page, "Save this search")
    assert ["there is a watch" in said(error.value).lower() for error in page.error] == [True]
    (field,) = [field for field in page.text_input if field.label == "Name"]
    field.set_value("other")
    click(page, "Save this search")
    assert [error.value for error in page.error] == []
    assert [watch.name for watch in kitchen.watches.all()] == ["mine", "other"]


def test_filters_alone_are_saved_under_a_name_made_of_them(kitchen: Kitchen) -> None:
    click(kitchen(f=["level=senior", "level=lead"]), "Save this search")
    kitchen.holds([BAKER, COOK])
    assert [watch.name for watch in kitchen.watches.all()] == ["level senior, level lead"]
    assert badges(kitchen()) == ["1 new", "1 new"]


def test_what_is_new_is_named_counted_and_marked_as_seen(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", Query("bread"))
    kitchen.watches.add(kitchen.searcher, "soup", Query("soup", mode=Mode.LEXICAL))
    page = kitchen()
    assert badges(page) == []
    kitchen.holds([BY_DAY, COOK])
    page = drawn(page)
    assert badges(page) == ["1 new, 1 changed", "1 new", "2 new, 1 changed"]
    assert {"Baker (changed)", "Cook"} <= links(page).keys()
    assert links(page)["Cook"]["id"] == ["cook.md"]
    click(page, "Mark as seen", 1)
    assert badges(page) == ["1 new, 1 changed", "1 new, 1 changed"]
    click(page, "Mark as seen")
    assert badges(page) == []
    with kitchen.watches.reporting(kitchen.searcher) as news:
        assert [one.roles for one in news] == [(), ()]


def test_what_came_after_the_page_was_drawn_stays_new_when_it_is_marked(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", Query("bread"))
    kitchen.holds([BAKER, COOK])
    page = kitchen()
    kitchen.holds([BY_DAY, COOK])
    click(page, "Mark as seen")
    assert badges(page) == ["1 changed", "1 changed"]


def test_of_many_new_roles_the_first_are_named(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", Query("bread"))
    kitchen.holds([BAKER, *(make_role(f"{number}.md", f"Baker {number}", "Bread.") for number in range(8))])
    page = kitchen()
    assert (badges(page)[0], len([name for name in links(page) if name.startswith("Baker ")])) == ("8 new", 5)
    assert any(caption.value == "and 3 more" for caption in page.caption)


def test_a_search_is_removed(kitchen: Kitchen) -> None:
    for name in ("bread", "soup"):
        kitchen.watches.add(kitchen.searcher, name, Query(name))
    page = click(kitchen(), "Remove")
    assert [watch.name for watch in kitchen.watches.all()] == ["soup"]
    click(page, "Remove")
    assert kitchen.watches.all() == ()


def test_what_was_removed_meanwhile_is_said(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", Query("bread"))
    page = kitchen()
    kitchen.watches.remove("bread")
    click(page, "Remove")
    assert ["There is no watch" in said(error.value) for error in page.error] == [True]


def test_each_search_is_asked_once_a_generation(kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", Query("bread"))
    asked: list[Query] = []
    search = Searcher.search

    def counted(searcher: Searcher, query: Query) -> object:
        asked.append(query)
        return search(searcher, query)

    monkeypatch.setattr(Searcher, "search", counted)
    page = kitchen()
    drawn(page)
    kitchen()
    assert asked == [Query("bread")]
    kitchen.holds([BAKER, COOK])
    drawn(page)
    assert asked == [Query("bread")] * 2


def test_looking_writes_nothing(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", Query("bread"))
    kitchen.holds([BAKER, COOK])
    before = kitchen.watches.file.read_bytes()
    assert badges(kitchen(q="soup")) == ["1 new", "1 new"]
    assert kitchen.watches.file.read_bytes() == before


def test_a_search_that_cannot_be_asked_any_more_and_a_broken_file_are_said(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "like it", Query("", like=("baker.md",)))
    kitchen.holds([COOK])
    assert any("It cannot be asked any more" in caption.value for caption in kitchen().caption)
    kitchen.watches.file.write_text("{", encoding="utf-8")
    page = kitchen(q="soup")
    assert ["holds no watches that can be read" in said(error.value) for error in page.error] == [True]
    assert page.checkbox


def test_hostile_names_and_titles_are_shown_as_text(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, HOSTILE, Query(HOSTILE + " bread"))
    kitchen.holds([BAKER, make_role("odd.md", HOSTILE, "Bread.")])
    page = kitchen()
    assert HOSTILE in links(page)
    assert f"**{HOSTILE}**" in [said(button.label) for button in page.button]
    assert all("\\[" in link.proto.label for link in page.main.get("page_link") if "smile" in link.proto.label)
