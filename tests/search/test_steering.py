"""Roles and phrases that are liked and not liked steer a question: what holds whatever is asked, and what it does with the model that ships."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import about, make_role, publish
from fakes import WordEmbedder
from search.embedding import Embedder
from search.index import IndexReader
from search.ranking import PLAIN
from search.records import Hit, Mode, Query
from search.searcher import Searcher

MENU = [
    make_role("fish.md", "Cook", "fish soup"),
    make_role("stew.md", "Cook", "fish stew"),
    make_role("meat.md", "Cook", "meat pie"),
    make_role("pipes.md", "Welder", "steel pipes"),
    make_role("beams.md", "Welder", "steel beams"),
]
IDS = [role.id for role in MENU]
TEXTS = st.sampled_from(["cook", "cook pie", "steel", "welder fish", "soup -stew"])
PHRASES = st.lists(st.sampled_from(["fish soup", "steel beams", "a meat pie", "cook", "  ", "?!", "word " * 90]), max_size=4).map(tuple)
SOME_IDS = st.lists(st.sampled_from(IDS), max_size=3).map(tuple)
MODES = st.sampled_from([Mode.HYBRID, Mode.DENSE])
QUERIES = st.builds(Query, TEXTS, mode=MODES, like=SOME_IDS, unlike=SOME_IDS, like_texts=PHRASES, unlike_texts=PHRASES)


@pytest.fixture(scope="module")
def menu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("menu") / "index"
    publish(folder, MENU, WordEmbedder())
    made = Searcher(IndexReader(folder, WordEmbedder.fingerprint), WordEmbedder(), PLAIN)
    yield made
    made.close()


def scored(hits: Sequence[Hit]) -> list[tuple[str, float]]:
    return [(hit.role_id, hit.score) for hit in hits]


def score_of(searcher: Searcher, query: Query, role_id: str) -> float:
    return dict(scored(searcher.search(query).hits))[role_id]


def test_a_phrase_that_is_liked_alone_is_the_question(menu: Searcher) -> None:
    steered = menu.search(Query("", mode=Mode.DENSE, like_texts=("fish soup",)))
    assert scored(steered.hits) == about(scored(menu.search(Query("fish soup", mode=Mode.DENSE)).hits))
    assert (steered.hits[0].role_id, steered.notes) == ("fish.md", ())


def test_a_liked_phrase_raises_what_is_near_to_it_and_an_unliked_one_lowers_it(menu: Searcher) -> None:
    assert [hit.role_id for hit in menu.search(Query("cook", mode=Mode.DENSE)).hits][:3] == ["fish.md", "meat.md", "stew.md"]
    assert [hit.role_id for hit in menu.search(Query("cook", mode=Mode.DENSE, like_texts=("meat",))).hits][:3] == ["meat.md", "fish.md", "stew.md"]
    assert [hit.role_id for hit in menu.search(Query("cook", mode=Mode.DENSE, unlike_texts=("fish",))).hits][:3] == ["meat.md", "fish.md", "stew.md"]


def test_a_role_and_a_phrase_count_alike(menu: Searcher) -> None:
    both = menu.search(Query("", mode=Mode.DENSE, like=("fish.md",), like_texts=("welder steel beams",))).hits
    assert [hit.role_id for hit in both] == ["beams.md", "pipes.md", "stew.md", "meat.md"]
    phrases = menu.search(Query("", mode=Mode.DENSE, like_texts=("cook fish soup", "welder steel beams"))).hits
    assert scored(both) == about([(role_id, score) for role_id, score in scored(phrases) if role_id != "fish.md"])


def test_words_alone_cannot_be_steered_by_phrases_and_say_so(menu: Searcher) -> None:
    results = menu.search(Query("cook", mode=Mode.LEXICAL, unlike_texts=("fish",)))
    assert scored(results.hits) == scored(menu.search(Query("cook", mode=Mode.LEXICAL)).hits)
    assert [note.startswith("Words alone cannot be steered") for note in results.notes] == [True]


def test_an_unliked_phrase_alone_asks_for_nothing(menu: Searcher) -> None:
    results = menu.search(Query("", unlike_texts=("fish",)))
    assert (results.hits, [note.startswith("The query is empty.") for note in results.notes]) == ((), [True])


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.DENSE])
@pytest.mark.parametrize("phrase", ["[", "?!", "  "])
def test_a_liked_phrase_without_words_asks_for_nothing(menu: Searcher, mode: Mode, phrase: str) -> None:
    answer = menu.search(Query("", mode=mode, like_texts=(phrase,)))
    assert (answer.hits, answer.notes[0].split(".")[0]) == ((), "The query is empty")


def test_a_liked_phrase_has_evidence_without_a_question(menu: Searcher) -> None:
    query = Query("", 1, like_texts=("fish soup",))
    (hit,) = menu.search(query).hits
    ((span, *_),) = menu.evidence(query, hit.passages)
    assert menu.role("fish.md").text[slice(*span)] == "fish soup"


@settings(max_examples=25)
@given(query=QUERIES)
def test_phrases_without_words_change_nothing(menu: Searcher, query: Query) -> None:
    plain = replace(query, like=(), unlike=(), like_texts=(), unlike_texts=())
    blank = replace(plain, like_texts=("", " ", "?!"), unlike_texts=("\n", "..."))
    assert scored(menu.search(blank).hits) == scored(menu.search(plain).hits)


@settings(max_examples=25)
@given(query=QUERIES, data=st.data())
def test_neither_the_order_of_what_is_liked_counts_nor_how_often_it_is_named(menu: Searcher, query: Query, data: st.DataObject) -> None:
    def shuffled(named: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(data.draw(st.permutations([*named, *named[:1]])))

    other = replace(
        query,
        like=shuffled(query.like),
        unlike=shuffled(query.unlike),
        like_texts=shuffled(query.like_texts),
        unlike_texts=shuffled(query.unlike_texts),
    )
    assert scored(menu.search(other).hits) == scored(menu.search(query).hits)


@settings(max_examples=25)
@given(query=QUERIES)
def test_a_role_that_is_named_never_comes_back_and_no_other_is_lost(menu: Searcher, query: Query) -> None:
    found = {hit.role_id for hit in menu.search(query).hits}
    asked = replace(query, like=(), unlike=(), like_texts=(), unlike_texts=())
    assert found == {hit.role_id for hit in menu.search(asked).hits} - {*query.like, *query.unlike}


@settings(max_examples=25)
@given(text=TEXTS, role_id=st.sampled_from(IDS))
def test_what_a_liked_phrase_says_word_for_word_comes_no_farther_and_an_unliked_one_no_nearer(menu: Searcher, text: str, role_id: str) -> None:
    query, role = Query(text, mode=Mode.DENSE), menu.role(role_id)
    before = dict(scored(menu.search(query).hits))
    if role_id in before:
        said = f"{role.title}: {role.text}"
        assert score_of(menu, replace(query, like_texts=(said,)), role_id) >= before[role_id] - 1e-5
        assert score_of(menu, replace(query, unlike_texts=(said,)), role_id) <= before[role_id] + 1e-5


# With the model -------------------------------------------------------------------------------------------------------

QUESTIONS = ["engineer", "analyst", "lead of a team", "works with customers"]
# A phrase, and the attribute by which a role is known to be what it says.
MEANT = [
    ("manages people, hires and reviews performance", "level", "manager"),
    ("looks after money, accounts and audits", "family", "finance"),
    ("running Kubernetes clusters", "skills", "Kubernetes"),
]


@pytest.fixture
def corpus(corpus_index: Path, shipped_model: Embedder) -> Iterator[Searcher]:
    made = Searcher(IndexReader(corpus_index, shipped_model.fingerprint), shipped_model)
    yield made
    made.close()


@pytest.mark.model
@pytest.mark.parametrize(("phrase", "key", "value"), MEANT)
def test_a_phrase_brings_what_it_means_nearer_or_takes_it_farther(corpus: Searcher, phrase: str, key: str, value: str) -> None:
    def lead(query: Query) -> float:
        """By how much the roles that are what the phrase means are nearer than the others, in the mean."""
        hits = corpus.search(query).hits
        meant = {hit.role_id: hit.why["dense"] for hit in hits if _holds(hit, key, value)}
        others = [hit.why["dense"] for hit in hits if hit.role_id not in meant]
        assert meant and others
        return sum(meant.values()) / len(meant) - sum(others) / len(others)

    for text in QUESTIONS:
        query = Query(text, 1000, Mode.DENSE)
        assert lead(replace(query, like_texts=(phrase,))) > lead(query) > lead(replace(query, unlike_texts=(phrase,)))


@pytest.mark.model
@pytest.mark.parametrize("text", QUESTIONS)
def test_the_neighbours_of_what_is_liked_come_nearer_and_of_what_is_not_go_farther(corpus: Searcher, text: str) -> None:
    reliable, paid = "roles/engineering/senior-site-reliability-engineer.pdf", "roles/finance/junior-accountant.md"

    def lead(*, like: tuple[str, ...] = (), unlike: tuple[str, ...] = ()) -> float:
        """By how much a neighbour of the one is nearer than a neighbour of the other."""
        query = Query(text, 1000, Mode.DENSE, like=like, unlike=unlike)
        scores = dict(scored(corpus.search(query).hits))
        return scores["roles/engineering/staff-site-reliability-engineer.html"] - scores["roles/finance/accounts-payable-clerk.txt"]

    assert lead(like=(reliable,), unlike=(paid,)) > lead() > lead(like=(paid,), unlike=(reliable,))


def _holds(hit: Hit, key: str, value: str) -> bool:
    held = hit.attributes.get(key, ())
    return value in (held if isinstance(held, tuple) else (held,))
