import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import IndexOf, about, make_role, publish
from fakes import WordEmbedder
from ingest.chunking import CHUNKER_VERSION
from search.embedding import Vectors
from search.errors import IndexMissing, ModelError, UsageError
from search.filters import parse_filters
from search.index import IndexReader, IndexWriter
from search.lexical import TantivyLexical
from search.manifest import SOURCE, Refusal, Source
from search.processors import processors
from search.ranking import OURS, PLAIN
from search.records import Grade, Hit, Mode, Query, Results
from search.searcher import DENSE_CANDIDATES, LONGEST_QUERY, PASSAGES_A_HIT, Searcher

BAKER = make_role("baker.md", "Baker", "Bake bread early.", level="senior", city="Zürich", pay=50_000)
COOK = make_role("cook.md", "Cook", "Bake fish and bread for the managers.", level="junior", city="Bern", pay=40_000)
PLATFORM = make_role(
    "teams/platform lead.md",
    "Platform Lead",
    ("Responsibilities", "Mentor the engineers of the team.\n- Run Kubernetes clusters.\n- Own site reliability 🥐 in Zürich."),
    ("Requirements", "Years of Kubernetes and of Linux."),
    level="lead",
    city="Zürich",
    remote=True,
)
MANAGER = make_role("manager.md", "Engineering Manager", "Manage the engineers; reliability of the site matters.", level="manager", remote=False)
WELDER = make_role("welder.md", "Welder", "Join steel.")
ROLES = [BAKER, COOK, PLATFORM, MANAGER, WELDER]
MODES = list(Mode)
ASKED = ["bread", "Kubernetes", "the", "Zürich", "🥐", "-fish", '"site reliability"', "lead", "steel", "nobody"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("searcher") / "index"
    publish(made, ROLES, WordEmbedder())
    return made


@pytest.fixture(scope="module")
def searcher(folder: Path) -> Iterator[Searcher]:
    """Plain: scores are cosines and BM25 and nothing else. What the full ranking adds is tested further below."""
    made = Searcher(IndexReader(folder, WordEmbedder.fingerprint), WordEmbedder(), PLAIN)
    yield made
    made.close()


def cosine(query: str, embedded_text: str) -> float:
    vectors = WordEmbedder().encode_query([query, embedded_text])
    return float(vectors[0] @ vectors[1])


def names(results: Results) -> list[str]:
    return [hit.role_id.removesuffix(".md").removeprefix("teams/") for hit in results.hits]


def only_hit(results: Results) -> Hit:
    (hit,) = results.hits
    return hit


# The three modes -----------------------------------------------------------------------------------------------------


def test_by_meaning_every_role_has_the_cosine_of_its_best_chunk(searcher: Searcher) -> None:
    results = searcher.search(Query("bread early", mode=Mode.DENSE))
    assert [(hit.role_id, hit.score) for hit in results.hits[:2]] == about(
        [
            ("baker.md", cosine("bread early", "Baker: Bake bread early.")),
            ("cook.md", cosine("bread early", "Cook: Bake fish and bread for the managers.")),
        ]
    )
    assert sorted(names(results)) == ["baker", "cook", "manager", "platform lead", "welder"]
    for rank, hit in enumerate(results.hits, start=1):
        assert hit.why == {"dense": hit.score, "dense_rank": rank}


def test_by_words_only_roles_that_hold_one_are_found(searcher: Searcher) -> None:
    results = searcher.search(Query("breads earliest early", mode=Mode.LEXICAL))
    assert names(results) == ["baker", "cook"]
    assert results.hits[0].score > results.hits[1].score > 0
    assert [hit.why for hit in results.hits] == [{"lexical": hit.score, "lexical_rank": rank} for rank, hit in enumerate(results.hits, start=1)]


def test_both_halves_together_add_the_share_of_the_best_word_match_to_the_cosine(searcher: Searcher) -> None:
    words = {hit.role_id: hit.score for hit in searcher.search(Query("bread early", mode=Mode.LEXICAL)).hits}
    meaning = {hit.role_id: hit.score for hit in searcher.search(Query("bread early", mode=Mode.DENSE)).hits}
    results = searcher.search(Query("bread early"))
    expected = {role_id: score + PLAIN.words * words.get(role_id, 0.0) / words["baker.md"] for role_id, score in meaning.items()}
    assert {hit.role_id: hit.score for hit in results.hits} == pytest.approx(expected)
    assert [hit.role_id for hit in results.hits] == sorted(expected, key=lambda role_id: (-expected[role_id], role_id))
    assert results.hits[0].why == {"dense": meaning["baker.md"], "dense_rank": 1, "lexical": words["baker.md"], "lexical_rank": 1}
    assert "lexical" not in results.hits[-1].why


def test_a_role_that_only_its_words_brought_up_has_its_cosine_and_no_rank_by_meaning(index_of: IndexOf) -> None:
    texts = ["bread " + " ".join(f"word{number * step}" for step in range(1, 9)) for number in range(1, 400)]
    # Ten words that share one with the query's two; where words fell on one component by chance, it is another cosine.
    texts = [text for text in texts if cosine("bread zymurgy", f"Baker: {text}") == pytest.approx(1 / (2 * 10) ** 0.5)]
    crowd = [make_role(f"crowd-{number:03}.md", "Baker", text) for number, text in enumerate(texts)]
    rare = make_role("rare.md", "Cook", "zymurgy one two three four five six seven eight nine ten eleven")
    searcher = Searcher(IndexReader(index_of([*crowd, rare])), WordEmbedder(), PLAIN)
    hit = only_hit(searcher.search(Query("bread zymurgy", k=1)))
    near = cosine("bread zymurgy", f"Cook: {rare.text}")
    assert sum(cosine("bread zymurgy", f"Baker: {text}") > near for text in texts) > DENSE_CANDIDATES
    assert [(hit.role_id, hit.score)] == about([("rare.md", near + PLAIN.words)])
    assert dict(hit.why) == {"dense": pytest.approx(near, abs=1e-4), "lexical": hit.why["lexical"], "lexical_rank": 1}
    searcher.close()


def test_equal_roles_come_by_id(index_of: IndexOf) -> None:
    searcher = Searcher(IndexReader(index_of([make_role(f"{name}.md", "Baker", "Bread.") for name in ("c", "a", "d", "b")])), WordEmbedder())
    for mode in MODES:
        assert names(searcher.search(Query("baker bread", mode=mode))) == ["a", "b", "c", "d"]
    searcher.close()


def test_searching_by_words_does_without_the_model(folder: Path) -> None:
    class NoModel(WordEmbedder):
        def encode_query(self, texts: Sequence[str]) -> Vectors:
            raise AssertionError("the model was asked")

        def count_tokens(self, texts: Sequence[str]) -> list[int]:
            raise AssertionError("the model was asked")

    searcher = Searcher(IndexReader(folder), NoModel())
    assert names(searcher.search(Query("bread -fish", mode=Mode.LEXICAL, filters=parse_filters(["level=senior"])))) == ["baker"]
    searcher.close()


def test_searching_embeds_the_query_as_a_query_and_no_document(folder: Path) -> None:
    embedder = WordEmbedder()
    searcher = Searcher(IndexReader(folder), embedder)
    assert names(searcher.search(Query("steel", k=1))) == ["welder"]
    assert embedder.embedded == []
    searcher.close()


def test_one_more_is_searched_for_at_once_than_there_are_processors_and_all_are_answered(folder: Path) -> None:
    inside, most, lock = 0, 0, threading.Lock()

    class Counting(WordEmbedder):
        def encode_query(self, texts: Sequence[str]) -> Vectors:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.005)
            with lock:
                inside -= 1
            return super().encode_query(texts)

    searcher = Searcher(IndexReader(folder), Counting(), PLAIN)
    alone = {text: names(searcher.search(Query(text))) for text in ASKED}
    with ThreadPoolExecutor(12) as threads:
        asked = ASKED * 6
        assert list(threads.map(lambda text: names(searcher.search(Query(text))), asked)) == [alone[text] for text in asked]
        with pytest.raises(UsageError, match="needs a number"):
            threads.submit(searcher.search, Query("bread", filters=parse_filters(["pay>=much"]))).result()
    assert most == processors() + 1
    searcher.close()


def test_where_a_question_cannot_be_embedded_its_words_are_done_with_before_the_index_is_let_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(WordEmbedder):
        def encode_query(self, texts: Sequence[str]) -> Vectors:
            raise ModelError("no such model")

    done, real = threading.Event(), TantivyLexical.best

    def slow(self: TantivyLexical, *asked: Any) -> Any:
        time.sleep(0.05)
        found = real(self, *asked)
        done.set()
        return found

    monkeypatch.setattr(TantivyLexical, "best", slow)
    searcher = Searcher(IndexReader(folder), Broken(), PLAIN)
    with pytest.raises(ModelError):
        searcher.search(Query("bread"))
    assert done.is_set()
    searcher.close()


# Hits and passages ---------------------------------------------------------------------------------------------------


def test_a_hit_carries_its_role_and_the_results_the_query_and_the_generation(searcher: Searcher) -> None:
    query = Query("platform lead kubernetes", k=1)
    results = searcher.search(query)
    hit = only_hit(results)
    assert (hit.role_id, hit.title, hit.source, hit.attributes) == (PLATFORM.id, PLATFORM.title, PLATFORM.source, PLATFORM.attributes)
    assert (results.query, results.generation, results.notes) == (query, "000001", ())
    assert results.took_ms > 0


@pytest.mark.parametrize("mode", MODES)
def test_a_role_comes_once_with_its_matching_chunks_as_passages_best_first(searcher: Searcher, mode: Mode) -> None:
    results = searcher.search(Query("Kubernetes Linux years", mode=mode))
    assert names(results).count("platform lead") == 1
    assert results.hits[0].role_id == PLATFORM.id
    first, second = results.hits[0].passages
    assert (first.section, first.text) == ("requirements", "Years of Kubernetes and of Linux.")
    assert (second.section, second.text) == ("responsibilities", PLATFORM.text[PLATFORM.sections[0].start : PLATFORM.sections[0].end])
    assert first.score > second.score


def test_no_more_than_the_best_passages_are_given(index_of: IndexOf) -> None:
    role = make_role("long.md", "Baker", *((f"Part {number}", f"Bread {'and bread ' * number}and word{number}.") for number in range(8)))
    searcher = Searcher(IndexReader(index_of([role, WELDER])), WordEmbedder())
    hit = searcher.search(Query("bread", k=1)).hits[0]
    scores = [passage.score for passage in hit.passages]
    assert (hit.role_id, len(scores)) == ("long.md", PASSAGES_A_HIT)
    assert scores == sorted(scores, reverse=True)
    assert hit.passages[0].text.endswith("word7.")
    searcher.close()


@settings(max_examples=60)
@given(st.lists(st.sampled_from(ASKED), max_size=6), st.sampled_from(MODES))
def test_every_passage_is_the_stated_stretch_of_its_role_and_ranks_are_those_of_the_list(searcher: Searcher, words: list[str], mode: Mode) -> None:
    results = searcher.search(Query(" ".join(words), mode=mode))
    texts = {role.id: role.text for role in ROLES}
    assert len({hit.role_id for hit in results.hits}) == len(results.hits)
    assert [(-hit.score, hit.role_id) for hit in results.hits] == sorted((-hit.score, hit.role_id) for hit in results.hits)
    for hit in results.hits:
        assert 1 <= len(hit.passages) <= PASSAGES_A_HIT
        assert hit.why.keys() & {"dense", "lexical"}
        for passage in hit.passages:
            assert passage.text == texts[hit.role_id][passage.start : passage.end]
            assert passage.text.strip() == passage.text != ""
    assert bool(results.hits) or bool(results.notes)


@pytest.mark.parametrize("mode", MODES)
def test_k_bounds_the_list_without_changing_its_order(searcher: Searcher, mode: Mode) -> None:
    everything = searcher.search(Query("the engineers bake bread of steel", k=1_000, mode=mode)).hits
    assert len(everything) >= 4
    for k in (1, 2, 3):
        assert searcher.search(Query("the engineers bake bread of steel", k=k, mode=mode)).hits == everything[:k]


@pytest.mark.parametrize("k", [0, -1])
def test_a_k_below_one_is_wrong_usage(searcher: Searcher, k: int) -> None:
    with pytest.raises(UsageError, match=f"{k} results were asked for; ask for at least 1"):
        searcher.search(Query("bread", k=k))


# Operators and filters -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_an_excluded_word_leaves_out_every_role_that_holds_it_or_its_plural(searcher: Searcher, mode: Mode) -> None:
    assert set(names(searcher.search(Query("bread engineers", mode=mode)))) >= {"baker", "cook", "manager", "platform lead"}
    without = names(searcher.search(Query("bread engineers -manager", mode=mode)))
    assert without[0] in ("baker", "platform lead")
    assert not {"manager", "cook"} & set(without)
    assert {"baker", "platform lead"} <= set(without)


def test_the_plural_is_excluded_too_when_a_comma_follows_the_word(searcher: Searcher) -> None:
    assert set(names(searcher.search(Query("bread -manager, -steel", mode=Mode.DENSE)))) == {"baker", "platform lead"}


def test_words_that_only_begin_alike_are_not_excluded(searcher: Searcher) -> None:
    assert set(names(searcher.search(Query("bread -weld -engine -manage", mode=Mode.DENSE)))) == {"baker", "cook", "platform lead", "welder"}


@pytest.mark.parametrize("mode", MODES)
def test_an_exact_phrase_must_occur_as_it_stands(searcher: Searcher, mode: Mode) -> None:
    assert names(searcher.search(Query('"site reliability"', mode=mode))) == ["platform lead"]
    assert names(searcher.search(Query('"ENGINEERING manager"', mode=mode))) == ["manager"]


@pytest.mark.parametrize("mode", MODES)
def test_an_excluded_phrase_leaves_out_only_roles_that_hold_it_as_it_stands(searcher: Searcher, mode: Mode) -> None:
    found = names(searcher.search(Query('site reliability -"site reliability"', mode=mode)))
    assert found[0] == "manager"
    assert "platform lead" not in found


@pytest.mark.parametrize("mode", MODES)
def test_several_operators_hold_together(searcher: Searcher, mode: Mode) -> None:
    assert names(searcher.search(Query('"bread" -fish', mode=mode))) == ["baker"]
    assert names(searcher.search(Query('"the engineers" -kubernetes', mode=mode))) == ["manager"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("filters", "allowed"),
    [
        (["city=zürich"], {"baker", "platform lead"}),
        (["level=senior", "level=junior"], {"baker", "cook"}),
        (["level=senior", "level=junior", "city!=Bern"], {"baker"}),
        (["pay>=45000"], {"baker"}),
        (["pay<=45000"], {"cook"}),
        (["remote=yes"], {"platform lead"}),
        (["remote!=true", "level!=junior"], {"baker", "manager", "welder"}),
    ],
)
def test_filters_hold_in_every_mode(searcher: Searcher, mode: Mode, filters: list[str], allowed: set[str]) -> None:
    found = names(searcher.search(Query("bread kubernetes engineers steel", mode=mode, filters=parse_filters(filters))))
    assert set(found) == allowed


def test_a_filter_leaves_the_scores_by_meaning_as_they_were(searcher: Searcher) -> None:
    everything = {hit.role_id: hit.score for hit in searcher.search(Query("bread", mode=Mode.DENSE)).hits}
    filtered = searcher.search(Query("bread", mode=Mode.DENSE, filters=parse_filters(["city=Zürich"]))).hits
    assert [(hit.role_id, hit.score) for hit in filtered] == about((role_id, everything[role_id]) for role_id in ("baker.md", PLATFORM.id))


def test_a_filter_that_compares_with_no_number_is_wrong_usage(searcher: Searcher) -> None:
    with pytest.raises(UsageError, match="needs a number or a day"):
        searcher.search(Query("bread", filters=parse_filters(["level>=senior"])))


def test_the_few_that_a_filter_leaves_are_found_although_hundreds_are_nearer(index_of: IndexOf) -> None:
    crowd = [make_role(f"crowd-{number:03}.md", "Baker", f"bread {number}", kind="crowd") for number in range(300)]
    few = make_role("few.md", "Welder", "Joins steel and once ate bread.", kind="few")
    searcher = Searcher(IndexReader(index_of([*crowd, few])), WordEmbedder())
    for mode in MODES:
        assert names(searcher.search(Query("baker bread", mode=mode, filters=parse_filters(["kind=few"])))) == ["few"]
    searcher.close()


# Filters alone -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", ["", "  \n"])
def test_filters_without_a_question_give_all_roles_that_pass_by_title_without_a_score(searcher: Searcher, text: str, mode: Mode) -> None:
    results = searcher.search(Query(text, mode=mode, filters=parse_filters(["level!=manager"])))
    assert [(hit.role_id, hit.score, dict(hit.why)) for hit in results.hits] == [(role.id, 0.0, {}) for role in (BAKER, COOK, PLATFORM, WELDER)]
    assert results.notes == ()
    assert [(passage.section, passage.text) for passage in results.hits[2].passages] == [
        (section.name, PLATFORM.text[section.start : section.end]) for section in PLATFORM.sections
    ]


def test_titles_come_in_one_order_whatever_their_case_and_equal_ones_by_id(index_of: IndexOf) -> None:
    roles = [make_role(f"{name}.md", title, "Text.", kind="x") for name, title in (("c", "baker"), ("a", "Welder"), ("d", "Baker"), ("b", "cook"))]
    searcher = Searcher(IndexReader(index_of(roles)), WordEmbedder())
    assert names(searcher.search(Query("", filters=parse_filters(["kind=x"])))) == ["c", "d", "b", "a"]
    searcher.close()


def test_of_more_roles_than_asked_for_the_first_are_given_and_the_note_counts_all(searcher: Searcher) -> None:
    results = searcher.search(Query("", k=2, filters=parse_filters(["level!=manager"])))
    assert names(results) == ["baker", "cook"]
    assert [note.startswith("4 roles pass the filters; the first 2 by title are shown.") for note in results.notes] == [True]


def test_filters_alone_that_nobody_passes_are_said_to(searcher: Searcher) -> None:
    results = searcher.search(Query("", filters=parse_filters(["level=chief"])))
    assert results.hits == ()
    assert [note.startswith("No role passes the filter level=chief.") for note in results.notes] == [True]


def test_an_unliked_role_is_left_out_when_filters_alone_are_given(searcher: Searcher) -> None:
    query = Query("", filters=parse_filters(["city=Zürich"]))
    assert names(searcher.search(query)) == ["baker", "platform lead"]
    assert names(searcher.search(replace(query, unlike=(BAKER.id,)))) == ["platform lead"]


# Roles that are liked and roles that are not -------------------------------------------------------------------------

FISH = make_role("fish.md", "Cook", "fish soup")
FISH_AGAIN = make_role("fish-again.md", "Cook", "fish stew")
MEAT = make_role("meat.md", "Cook", "meat pie")
STEEL = make_role("steel.md", "Welder", "steel pipes")
STEEL_AGAIN = make_role("steel-again.md", "Welder", "steel beams")
MENU = [FISH, FISH_AGAIN, MEAT, STEEL, STEEL_AGAIN]


@pytest.fixture(scope="module")
def menu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("menu") / "index"
    publish(folder, MENU, WordEmbedder())
    made = Searcher(IndexReader(folder, WordEmbedder.fingerprint), WordEmbedder(), PLAIN)
    yield made
    made.close()


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.DENSE])
def test_without_a_question_a_liked_role_is_the_question_and_no_part_of_the_answer(menu: Searcher, mode: Mode) -> None:
    results = menu.search(Query("", mode=mode, like=(FISH.id,)))
    assert [(hit.role_id, hit.score) for hit in results.hits[:2]] == about(
        [("fish-again.md", cosine("Cook: fish soup", "Cook: fish stew")), ("meat.md", cosine("Cook: fish soup", "Cook: meat pie"))]
    )
    assert sorted(hit.role_id for hit in results.hits) == ["fish-again.md", "meat.md", "steel-again.md", "steel.md"]
    assert results.notes == ()


def test_of_several_liked_roles_the_mean_is_the_question(menu: Searcher) -> None:
    vectors = WordEmbedder().encode_document(["Cook: fish soup", "Welder: steel pipes", "Cook: fish stew"])
    mean = (vectors[0] + vectors[1]) / np.linalg.norm(vectors[0] + vectors[1])
    scores = {hit.role_id: hit.score for hit in menu.search(Query("", mode=Mode.DENSE, like=(FISH.id, STEEL.id))).hits}
    assert scores.keys() == {"fish-again.md", "meat.md", "steel-again.md"}
    assert scores["fish-again.md"] == pytest.approx(float(vectors[2] @ mean), abs=1e-4)


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.DENSE])
def test_a_liked_role_raises_its_neighbours(menu: Searcher, mode: Mode) -> None:
    before = [hit.role_id for hit in menu.search(Query("cook", mode=mode)).hits]
    assert before[:3] == ["fish-again.md", "fish.md", "meat.md"]
    after = menu.search(Query("cook", mode=mode, like=(STEEL.id,))).hits
    assert STEEL.id not in {hit.role_id for hit in after}
    gains = {hit.role_id: hit.score for hit in after}
    assert gains["steel-again.md"] > {hit.role_id: hit.score for hit in menu.search(Query("cook", mode=mode)).hits}["steel-again.md"]
    assert [hit.role_id for hit in menu.search(Query("cook pie", mode=mode, like=(FISH.id,))).hits][:2] == ["meat.md", "fish-again.md"]


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.DENSE])
def test_the_twin_of_an_unliked_role_falls(menu: Searcher, mode: Mode) -> None:
    assert [hit.role_id for hit in menu.search(Query("cook", mode=mode)).hits][:3] == ["fish-again.md", "fish.md", "meat.md"]
    after = menu.search(Query("cook", mode=mode, unlike=(FISH.id,))).hits
    assert [hit.role_id for hit in after][:2] == ["meat.md", "fish-again.md"]
    assert FISH.id not in {hit.role_id for hit in after}


def test_filters_and_exclusions_hold_beside_what_is_liked(menu: Searcher) -> None:
    assert [hit.role_id for hit in menu.search(Query("-stew -steel", like=(FISH.id,))).hits] == ["meat.md"]
    assert [hit.role_id for hit in menu.search(Query("", like=(FISH.id,), filters=parse_filters(["source=meat.md"]))).hits] == ["meat.md"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("query", [Query("cook", like=("stranger.md",)), Query("cook", unlike=("stranger.md",)), Query("", like=("stranger.md",))])
def test_a_liked_or_unliked_role_that_is_not_there_is_wrong_usage_that_names_it(menu: Searcher, query: Query, mode: Mode) -> None:
    with pytest.raises(UsageError, match=r"the index has no role 'stranger\.md'"):
        menu.search(replace(query, mode=mode))


def test_an_unliked_role_that_is_not_there_is_wrong_usage_beside_filters_alone(menu: Searcher) -> None:
    with pytest.raises(UsageError, match=r"the index has no role 'stranger\.md'"):
        menu.search(Query("", filters=parse_filters(["source=meat.md"]), unlike=("stranger.md",)))


def test_what_is_unliked_alone_asks_for_nothing(menu: Searcher) -> None:
    results = menu.search(Query("", unlike=(FISH.id,)))
    assert (results.hits, [note.startswith("The query is empty.") for note in results.notes]) == ((), [True])


# What answers by meaning ---------------------------------------------------------------------------------------------


def test_evidence_is_the_sentences_that_are_near_as_spans_of_the_roles_text(searcher: Searcher) -> None:
    query = Query("own site reliability", mode=Mode.DENSE)
    passages = next(hit.passages for hit in searcher.search(query).hits if hit.role_id == PLATFORM.id)
    told = searcher.evidence(query, passages)
    assert [[PLATFORM.text[start:end] for start, end in spans] for spans in told] == [["- Own site reliability 🥐 in Zürich."], []]


def test_where_words_alone_are_searched_there_is_no_evidence_by_meaning(searcher: Searcher) -> None:
    query = Query("reliability", mode=Mode.LEXICAL)
    passages = [passage for hit in searcher.search(query).hits for passage in hit.passages]
    assert len(passages) == 2
    assert searcher.evidence(query, passages) == [(), ()]


@pytest.mark.parametrize("text", ["", "-bread", "?!"])
def test_a_question_without_words_has_no_evidence(searcher: Searcher, text: str) -> None:
    passages = searcher.search(Query("bread", k=1)).hits[0].passages
    assert searcher.evidence(Query(text), passages) == [()]


def test_a_liked_role_has_evidence_without_a_question(index_of: IndexOf) -> None:
    liked = make_role("liked.md", "", "Bakes fresh bread and sweet rolls for forty guests every single morning.")
    other = make_role("other.md", "", "Joins steel pipes. Bakes fresh bread and sweet rolls for sixty guests every single morning.")
    searcher = Searcher(IndexReader(index_of([liked, other])), WordEmbedder())
    query = Query("", like=(liked.id,))
    (passage,) = only_hit(searcher.search(query)).passages
    (spans,) = searcher.evidence(query, [passage])
    assert [other.text[start:end] for start, end in spans] == ["Bakes fresh bread and sweet rolls for sixty guests every single morning."]
    searcher.close()


# Notes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "filters"), [("", []), ("  \n", []), ("?! …", []), *((text, ["level=senior"]) for text in ("?! …", '""', "- -"))])
def test_an_empty_query_finds_nothing_and_says_what_to_type(searcher: Searcher, text: str, filters: list[str]) -> None:
    results = searcher.search(Query(text, filters=parse_filters(filters)))
    assert results.hits == ()
    assert [note.startswith("The query is empty. Type a title") for note in results.notes] == [True]


@pytest.mark.parametrize("text", ["-manager", '-"people manager" -cook'])
def test_a_query_of_exclusions_only_finds_nothing_and_says_why(searcher: Searcher, text: str) -> None:
    results = searcher.search(Query(text))
    assert results.hits == ()
    assert [note.startswith("The query only says what to leave out.") for note in results.notes] == [True]


@pytest.mark.parametrize("mode", MODES)
def test_a_phrase_that_nobody_has_is_named(searcher: Searcher, mode: Mode) -> None:
    results = searcher.search(Query('bread "reliability site"', mode=mode))
    assert results.hits == ()
    assert [note.startswith('No role holds the exact words "reliability site".') for note in results.notes] == [True]


def test_an_attribute_that_nobody_has_is_named_with_those_there_are(searcher: Searcher) -> None:
    results = searcher.search(Query("bread", filters=parse_filters(["salary>=5"])))
    assert results.hits == ()
    assert results.notes == ("No role has an attribute 'salary'. Attributes that can be filtered: city, level, pay, remote, source.",)


def test_a_value_that_nobody_has_is_named_with_those_there_are(searcher: Searcher) -> None:
    results = searcher.search(Query("bread", filters=parse_filters(["Level=chief", "city=Bern"])))
    assert results.hits == ()
    (note,) = results.notes
    assert "Level=chief and city=Bern" in note
    for value in ("senior", "junior", "lead", "manager", "Bern", "Zürich"):
        assert value in note


def test_a_place_that_no_role_comes_from_is_named_with_those_there_are(searcher: Searcher) -> None:
    results = searcher.search(Query("bread", filters=parse_filters(["source=nowhere"])))
    assert results.hits == ()
    (note,) = results.notes
    assert "source=nowhere" in note
    assert "teams" in note


def test_filters_in_an_index_without_attributes_are_answered_with_a_note(index_of: IndexOf) -> None:
    searcher = Searcher(IndexReader(index_of([WELDER])), WordEmbedder())
    assert searcher.search(Query("steel", filters=parse_filters(["level=lead"]))).notes == (
        "No role has an attribute 'level'. Attributes that can be filtered: source.",
    )
    searcher.close()


def test_conditions_that_together_leave_nobody_are_said_to(searcher: Searcher) -> None:
    results = searcher.search(Query("bread -early", filters=parse_filters(["level=senior"])))
    assert results.hits == ()
    assert [note.startswith("No role is left by the filters, demands, exact words and exclusions together.") for note in results.notes] == [True]


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.DENSE])
def test_when_nothing_is_near_the_nearest_are_shown_and_said_to_be_far(searcher: Searcher, mode: Mode) -> None:
    results = searcher.search(Query("zymurgy xylophone", mode=mode))
    assert len(results.hits) == len(ROLES)
    assert [note.startswith("No role is close") for note in results.notes] == [True]


def test_when_no_word_occurs_searching_by_words_finds_nothing_and_says_so(searcher: Searcher) -> None:
    results = searcher.search(Query("zymurgy xylophone", mode=Mode.LEXICAL))
    assert results.hits == ()
    assert [note.startswith("No role was found.") for note in results.notes] == [True]


@pytest.mark.parametrize("mode", MODES)
def test_a_good_answer_has_no_notes(searcher: Searcher, mode: Mode) -> None:
    assert searcher.search(Query("platform lead kubernetes", mode=mode)).notes == ()


def test_an_empty_index_answers_that_nothing_was_found(index_of: IndexOf) -> None:
    searcher = Searcher(IndexReader(index_of([])), WordEmbedder())
    for mode in MODES:
        results = searcher.search(Query("bread", mode=mode))
        assert (results.hits, [note.startswith("No role was found.") for note in results.notes]) == ((), [True])
    assert searcher.facets() == {}
    searcher.close()


# Long queries --------------------------------------------------------------------------------------------------------


def test_of_a_query_longer_than_the_model_reads_every_part_counts_and_a_role_by_its_best_chunk_for_each(searcher: Searcher) -> None:
    words = ["steel"] * WordEmbedder.max_tokens + ["bread"] * WordEmbedder.max_tokens
    results = searcher.search(Query(" ".join(words), mode=Mode.DENSE))
    scores = {hit.role_id: hit.score for hit in results.hits}
    assert scores["welder.md"] == pytest.approx(cosine("steel", "Welder: Join steel.") / 2, abs=1e-4)
    assert scores["baker.md"] == pytest.approx(cosine("bread", "Baker: Bake bread early.") / 2, abs=1e-4)
    assert "cut into 2 parts" in results.notes[0]


@pytest.mark.parametrize("mode", MODES)
def test_a_query_of_10_000_characters_is_answered_whole(searcher: Searcher, mode: Mode) -> None:
    text = "welder steel " * 780 + "bread"
    assert len(text) > 10_000
    results = searcher.search(Query(text, mode=mode))
    assert results.hits[0].role_id == "welder.md"
    assert "baker" in names(results)
    assert not any("characters" in note for note in results.notes)


@pytest.mark.parametrize("mode", MODES)
def test_of_a_query_of_100_000_characters_the_beginning_is_used_and_the_note_says_so(searcher: Searcher, mode: Mode) -> None:
    text = ("steel " * LONGEST_QUERY)[:LONGEST_QUERY] + " kubernetes -steel" + " bread" * 20_000
    assert len(text) > 100_000
    results = searcher.search(Query(text, mode=mode))
    assert results.hits[0].role_id == "welder.md"
    assert "lexical" not in {hit.role_id: hit.why for hit in results.hits}.get("baker.md", {})
    assert f"The query has {len(text):,} characters; only the first {LONGEST_QUERY:,} were used." in results.notes


def test_a_word_longer_than_the_model_reads_is_no_trouble(searcher: Searcher) -> None:
    assert len(searcher.search(Query("x" * 5_000 + " steel", mode=Mode.HYBRID)).hits) == len(ROLES)


@pytest.mark.parametrize("text", ["steel \udcff", "steel \x00 \u202e", "steel 🥐 日本語", "steel' OR 1=1 --", "steel^2 +title:steel~ [steel TO steel] *:* \\"])
def test_strange_characters_are_no_trouble(searcher: Searcher, text: str) -> None:
    for mode in MODES:
        assert searcher.search(Query(text, mode=mode)).hits[0].role_id == "welder.md"


# One role ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_the_hit_of_one_role_is_that_of_the_search_without_ranks_however_far_down_it_stands(searcher: Searcher, mode: Mode) -> None:
    query = Query("kubernetes reliability engineers bread", mode=mode, k=1)
    for searched in searcher.search(Query(query.text, mode=mode)).hits:
        hit = searcher.hit(query, searched.role_id)
        assert hit is not None
        assert (hit.role_id, hit.title, hit.source, hit.attributes) == (searched.role_id, searched.title, searched.source, searched.attributes)
        assert dict(hit.why) == pytest.approx({name: value for name, value in searched.why.items() if not name.endswith("_rank")})
        assert [(passage.start, passage.end, passage.text) for passage in hit.passages] == [
            (passage.start, passage.end, passage.text) for passage in searched.passages
        ]


@pytest.mark.parametrize(
    ("text", "filters", "mode"),
    [
        ("", [], Mode.HYBRID),
        ("-bread", [], Mode.HYBRID),
        ("bread -early", [], Mode.HYBRID),
        ('"early bread"', [], Mode.DENSE),
        ("bread", ["level=junior"], Mode.HYBRID),
        ("steel", [], Mode.LEXICAL),
    ],
)
def test_a_role_that_the_query_leaves_out_has_no_hit(searcher: Searcher, text: str, filters: list[str], mode: Mode) -> None:
    assert searcher.hit(Query(text, mode=mode, filters=parse_filters(filters)), "baker.md") is None


def test_an_unknown_role_has_no_hit(searcher: Searcher) -> None:
    assert searcher.hit(Query("bread"), "stranger.md") is None


# The rest of the index -----------------------------------------------------------------------------------------------


def test_a_role_is_given_whole(searcher: Searcher) -> None:
    assert searcher.role(PLATFORM.id) == PLATFORM


def test_an_unknown_role_is_wrong_usage_that_names_it(searcher: Searcher) -> None:
    with pytest.raises(UsageError, match=r"the index has no role 'stranger\.md'"):
        searcher.role("stranger.md")


def test_facets_are_those_of_the_roles(searcher: Searcher) -> None:
    assert searcher.facets() == {
        "city": {"Zürich": 2, "Bern": 1},
        "level": {"junior": 1, "lead": 1, "manager": 1, "senior": 1},
        "pay": {"40000": 1, "50000": 1},
        "remote": {"false": 1, "true": 1},
        SOURCE: {"baker.md": 1, "cook.md": 1, "manager.md": 1, "teams": 1, "welder.md": 1},
    }


def test_facets_of_a_question_count_what_each_value_would_leave(searcher: Searcher) -> None:
    counts = searcher.facets(Query("", filters=parse_filters(["city=Zürich"])))
    assert counts == {
        "city": {"Zürich": 2, "Bern": 1},  # its own filter aside: Bern would be chosen instead
        "level": {"lead": 1, "senior": 1},
        "pay": {"50000": 1},
        "remote": {"true": 1},
        SOURCE: {"baker.md": 1, "teams": 1},
    }


def test_each_filter_counts_for_all_attributes_but_its_own(searcher: Searcher) -> None:
    counts = searcher.facets(Query("", filters=parse_filters(["CITY=zürich", "level=lead", "level=junior"])))
    assert counts["level"] == {"lead": 1, "senior": 1}
    assert counts["city"] == {"Bern": 1, "Zürich": 1}
    assert counts["remote"] == {"true": 1}
    assert "pay" not in counts


def test_a_filter_on_where_roles_come_from_counts_for_the_others(searcher: Searcher) -> None:
    counts = searcher.facets(Query("", filters=parse_filters([f"{SOURCE}=Teams"])))
    assert counts[SOURCE] == {"baker.md": 1, "cook.md": 1, "manager.md": 1, "teams": 1, "welder.md": 1}
    assert (counts["level"], counts["city"]) == ({"lead": 1}, {"Zürich": 1})


def test_facets_count_only_roles_that_pass_operators_and_demands(searcher: Searcher, full: Searcher) -> None:
    assert searcher.facets(Query("bread -fish"))["city"] == {"Zürich": 2}
    assert searcher.facets(Query('"bread"'))["level"] == {"junior": 1, "senior": 1}
    assert full.facets(Query("code, at least 5 years"))["degree"] == {"bachelor": 1}
    assert "degree" not in full.facets(Query("code, no degree"))


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["level=senior", "level=lead", "city=Zürich", "city!=Bern", "remote=true", "pay>=45000", "source=teams"]), max_size=3))
def test_a_count_is_the_number_of_roles_that_choosing_the_value_would_leave(searcher: Searcher, texts: list[str]) -> None:
    counts = searcher.facets(Query("", filters=parse_filters(texts)))
    for key in ("level", "city", SOURCE):
        others = [text for text in texts if not text.startswith(key)]
        for value, count in counts.get(key, {}).items():
            assert len(searcher.search(Query("", filters=parse_filters([*others, f"{key}={value}"]))).hits) == count > 0


def test_a_facet_of_a_filter_that_compares_with_no_number_is_wrong_usage(searcher: Searcher) -> None:
    with pytest.raises(UsageError, match="needs a number or a day"):
        searcher.facets(Query("", filters=parse_filters(["level>=senior"])))


def test_a_search_can_be_narrowed_to_where_roles_come_from(searcher: Searcher) -> None:
    assert names(searcher.search(Query("bread", filters=parse_filters([f"{SOURCE}=teams"])))) == ["platform lead"]
    assert set(names(searcher.search(Query("bread", filters=parse_filters([f"{SOURCE}!=teams"]))))) == {"baker", "cook", "manager", "welder"}


def test_the_file_of_a_role_is_given(searcher: Searcher) -> None:
    assert searcher.source(PLATFORM.id) == Source(f"/roles/{PLATFORM.id}", PLATFORM.source, "/roles", "1")
    with pytest.raises(UsageError, match=r"the index has no role 'stranger\.md'"):
        searcher.source("stranger.md")


NIGHTS = "Looks after forty patients at night and writes down what was done for each of them until the day shift comes"


def test_near_identical_roles_are_named_with_their_grade(index_of: IndexOf) -> None:
    places = {"advert": "Bern", "again": "Bern", "elsewhere": "Basel"}
    nurses = [make_role(f"{name}.md", "Nurse", f"{NIGHTS}.", level="senior", place=place) for name, place in places.items()]
    searcher = Searcher(IndexReader(index_of([*nurses, WELDER])), WordEmbedder())
    assert [(twin.role_id, twin.grade) for twin in searcher.twins("again.md")] == [("advert.md", Grade.CERTAIN), ("elsewhere.md", Grade.PROBABLE)]
    assert searcher.twins("welder.md") == ()
    with pytest.raises(UsageError, match=r"the index has no role 'stranger\.md'"):
        searcher.twins("stranger.md")
    searcher.close()


@pytest.mark.parametrize("mode", list(Mode))
def test_of_near_identical_roles_only_the_best_is_a_hit_where_they_are_collapsed(index_of: IndexOf, mode: Mode) -> None:
    nurses = [make_role(f"{name}.md", "Nurse", NIGHTS, level="senior", place=place) for name, place in (("a", "Bern"), ("b", "Basel"))]
    searcher = Searcher(IndexReader(index_of([*nurses, make_role("c.md", "Nurse", NIGHTS, level="junior"), WELDER])), WordEmbedder())
    every, collapsed = (searcher.search(Query("nurse patients night", mode=mode, collapsed=collapsed)).hits for collapsed in (False, True))
    assert [hit.role_id for hit in every][:3] == ["a.md", "b.md", "c.md"]
    assert [hit for hit in every if hit.role_id != "b.md"] == list(collapsed)
    assert [[twin.role_id for twin in hit.twins] for hit in every[:3]] == [["b.md"], ["a.md"], []]
    narrowed = searcher.search(Query("nurse patients night", mode=mode, filters=parse_filters(["place=Basel"]), collapsed=True)).hits
    assert [(hit.role_id, [twin.role_id for twin in hit.twins]) for hit in narrowed] == [("b.md", ["a.md"])]
    searcher.close()


@pytest.mark.parametrize("mode", list(Mode))
def test_more_is_looked_at_where_copies_crowd_out_what_comes_after_them(index_of: IndexOf, mode: Mode) -> None:
    nurses = [make_role(f"{number:03}.md", "Nurse", NIGHTS, level="senior") for number in range(250)]
    porter = make_role("porter.md", "Porter", "Walks patients to the ward at noon.")
    searcher = Searcher(IndexReader(index_of([*nurses, porter])), WordEmbedder())
    # The second time all that there is was looked at, and there are not more.
    for k in (2, 5):
        hits = searcher.search(Query("nurse patients night", k, mode, collapsed=True)).hits
        assert [(hit.role_id, len(hit.twins)) for hit in hits] == [("000.md", 249), ("porter.md", 0)]
    searcher.close()


def test_roles_that_filters_alone_bring_are_collapsed_before_they_are_counted(index_of: IndexOf) -> None:
    nurses = [make_role(f"{name}.md", "Nurse", NIGHTS, level="senior") for name in "abcd"]
    cook = make_role("cook.md", "Zealous Cook", "Cooks soup", level="senior")
    searcher = Searcher(IndexReader(index_of([*nurses, cook])), WordEmbedder())
    hits = searcher.search(Query("", 2, filters=parse_filters(["level=senior"]), collapsed=True)).hits
    assert [(hit.role_id, len(hit.twins)) for hit in hits] == [("a.md", 3), ("cook.md", 0)]
    searcher.close()


def test_the_generation_that_would_be_asked_is_known_without_asking(index_of: IndexOf, tmp_path: Path) -> None:
    folder = index_of([WELDER])
    searcher = Searcher(IndexReader(folder), WordEmbedder())
    assert (searcher.folder, searcher.generation()) == (folder, "000001")
    index_of([WELDER, COOK])
    assert searcher.generation() == "000002"
    searcher.close()
    assert Searcher(IndexReader(tmp_path / "none"), WordEmbedder()).generation() == ""


def test_status_says_what_is_in_the_index(searcher: Searcher) -> None:
    status = searcher.status()
    assert (status.generation, status.roles, status.chunks, status.refused) == ("000001", 5, 6, [])
    assert status.build["model"] == WordEmbedder.fingerprint


def test_status_lists_what_was_refused(tmp_path: Path) -> None:
    with IndexWriter(tmp_path, WordEmbedder(), CHUNKER_VERSION) as writer:
        writer.manifest.set_refusals("/roles/scan.pdf", [Refusal("scan.pdf", "no text in it")])
        writer.derive()
        writer.publish()
    searcher = Searcher(IndexReader(tmp_path), WordEmbedder())
    assert searcher.status().refused == [("scan.pdf", "no text in it")]
    searcher.close()


def test_where_there_is_no_index_the_error_says_so(tmp_path: Path) -> None:
    searcher = Searcher(IndexReader(tmp_path / "none"), WordEmbedder())
    with pytest.raises(IndexMissing, match="rolesearch ingest"):
        searcher.search(Query("bread"))


def test_a_searcher_answers_from_the_generation_that_was_published_last(index_of: IndexOf) -> None:
    searcher = Searcher(IndexReader(index_of(ROLES)), WordEmbedder())
    assert names(searcher.search(Query("bread", mode=Mode.LEXICAL))) == ["baker", "cook"]
    index_of([COOK, WELDER])
    results = searcher.search(Query("bread", mode=Mode.LEXICAL))
    assert (names(results), results.generation) == (["cook"], "000002")
    searcher.close()


# The full ranking -----------------------------------------------------------------------------------------------------

RANKED = [
    make_role("junior.md", "Junior Engineer", "Writes code in Python.", level="junior", skills=("Python",)),
    make_role("senior.md", "Senior Engineer", "Writes code in Java.", level="senior", skills=("Java",)),
    make_role("manager.md", "Engineering Manager", "Writes code.", level="manager", skills=("people management",)),
    make_role("years.md", "Veteran Engineer", "Writes code for a decade, no desk.", years=10, degree="bachelor"),
    make_role("desk.md", "Desk Engineer", "Writes code at a desk.", years=3, remote="no"),
]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("full") / "index"
    publish(folder, RANKED, WordEmbedder())
    made = Searcher(IndexReader(folder, WordEmbedder.fingerprint), WordEmbedder())
    yield made
    made.close()


def test_a_role_counts_as_a_whole_beside_its_best_chunk(index_of: IndexOf) -> None:
    split = make_role("split.md", "", ("Tasks", "bread " * 30), ("Tools", "steel " * 30))
    searcher = Searcher(IndexReader(index_of([split])), WordEmbedder())
    hit = only_hit(searcher.search(Query("bread", mode=Mode.DENSE)))
    chunks = [cosine("bread", f"Tasks: {'bread ' * 30}"), cosine("bread", f"Tools: {'steel ' * 30}")]
    whole = sum(chunks) / np.linalg.norm(WordEmbedder().encode_document([f"Tasks: {'bread ' * 30}", f"Tools: {'steel ' * 30}"]).sum(axis=0))
    assert hit.why == {"dense": pytest.approx(max(chunks), abs=1e-4), "dense_rank": 1, "role": pytest.approx(float(whole), abs=1e-4)}
    assert hit.score == pytest.approx(max(chunks) + OURS.whole_role * float(whole), abs=1e-4)
    searcher.close()


def test_a_wish_for_a_level_raises_the_level_and_drops_nobody(full: Searcher) -> None:
    results = full.search(Query("junior engineer writes code"))
    assert results.hits[0].role_id == "junior.md"
    assert {hit.role_id: hit.why["wish_level"] for hit in results.hits} == {
        "junior.md": 1.0, "senior.md": 0.0, "manager.md": 0.0, "years.md": 0.4, "desk.md": 0.4,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("writes code, no people management", {"junior.md", "senior.md", "years.md", "desk.md"}),
        ("writes code, no java", {"junior.md", "manager.md", "years.md", "desk.md"}),
        ("writes code, no degree", {"junior.md", "senior.md", "manager.md", "desk.md"}),
        ("writes code, at least 5 years", {"years.md"}),
        ("writes code, no desk", {"junior.md", "senior.md", "manager.md", "years.md"}),
        ("writes code, not on site", {"junior.md", "senior.md", "manager.md", "years.md"}),
        ("writes code, not a junior", {"senior.md", "manager.md", "years.md", "desk.md"}),
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_a_demand_leaves_out_what_does_not_meet_it_in_every_mode(full: Searcher, text: str, left: set[str], mode: Mode) -> None:
    assert {hit.role_id for hit in full.search(Query(text, mode=mode)).hits} == left


def test_a_query_of_demands_only_finds_nothing_and_says_why(full: Searcher) -> None:
    results = full.search(Query("no travel"))
    assert (results.hits, len(results.notes)) == ((), 1)
    assert results.notes[0].startswith("The query only says what to leave out.")


class Speller(WordEmbedder):
    """Knows no word whole."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [2 for _ in texts]


def test_a_misspelt_word_is_read_as_the_word_that_roles_hold(index_of: IndexOf) -> None:
    searcher = Searcher(IndexReader(index_of(RANKED)), Speller())
    results = searcher.search(Query("enginere", mode=Mode.LEXICAL))
    searcher.close()
    assert [(correction.said, correction.read) for correction in results.understood.corrections] == [("enginere", "engineer")]
    assert "senior.md" in {hit.role_id for hit in results.hits}


def test_plain_ranking_takes_a_query_as_it_stands(tmp_path: Path) -> None:
    publish(tmp_path / "index", RANKED, WordEmbedder())
    searcher = Searcher(IndexReader(tmp_path / "index"), WordEmbedder(), PLAIN)
    results = searcher.search(Query("junior enginere, no java"))
    assert (results.understood.wishes, results.understood.demands, results.understood.corrections) == ((), (), ())
    assert "senior.md" in {hit.role_id for hit in results.hits}
    searcher.close()


def test_a_title_that_names_the_job_raises_its_role_by_a_fixed_weight_in_hybrid_mode(index_of: IndexOf) -> None:
    named = make_role("named.md", "Data Engineer, Streaming", "Runs topics and brokers, and the platform that they need by night.")
    nearer = make_role("nearer.md", "Data Analyst", "Helps a data engineer.")
    folder = index_of([named, nearer])

    def found(title: float, mode: Mode = Mode.HYBRID) -> list[tuple[str, float, float | None]]:
        searcher = Searcher(IndexReader(folder), WordEmbedder(), replace(PLAIN, title=title))
        try:
            return [(hit.role_id, hit.score, hit.why.get("title")) for hit in searcher.search(Query("data engineer", mode=mode)).hits]
        finally:
            searcher.close()

    (first, first_score, _), (second, second_score, _) = found(0.0)
    assert (first, second) == ("nearer.md", "named.md")
    raised = found(0.6)
    assert [(role_id, title) for role_id, _, title in raised] == [("named.md", 1.0), ("nearer.md", None)]
    assert [score for _, score, _ in raised] == pytest.approx([second_score + 0.6, first_score])
    assert found(0.6, Mode.DENSE) == found(0.0, Mode.DENSE)
