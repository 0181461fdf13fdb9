"""What the model that ships finds in the corpus that ships."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.embedding import Embedder
from search.evaluation import evaluate
from search.filters import parse_filters
from search.index import IndexReader, check_in_step, stored_vectors
from search.judgements import read_judged_queries
from search.records import Mode, Query
from search.searcher import Searcher

pytestmark = pytest.mark.model

JUDGEMENTS = Path(__file__).resolve().parents[2] / "corpus" / "judgements"


@pytest.fixture
def searcher(corpus_index: Path, shipped_model: Embedder) -> Iterator[Searcher]:
    made = Searcher(IndexReader(corpus_index, shipped_model.fingerprint), shipped_model)
    yield made
    made.close()


def test_the_parts_of_the_index_hold_the_same_chunks(corpus_index: Path, shipped_model: Embedder) -> None:
    reader = IndexReader(corpus_index, shipped_model.fingerprint)
    with reader.current() as index:
        assert index.manifest.count_roles() > 100
        with stored_vectors(corpus_index, index.generation) as stored:
            check_in_step(index.manifest, stored, index.lexical, index.vectors, index.role_vectors)
    reader.close()


def test_a_wish_in_other_words_than_the_role_uses_finds_it(searcher: Searcher) -> None:
    results = searcher.search(Query("someone who keeps servers running at night and learns from outages", k=5))
    assert any("reliability" in hit.title.lower() for hit in results.hits)
    assert results.notes == ()


def test_every_chunk_is_short_enough_for_the_model_to_read_to_its_end(corpus_index: Path, shipped_model: Embedder) -> None:
    reader = IndexReader(corpus_index, shipped_model.fingerprint)
    with reader.current() as index:
        chunks = index.manifest.chunks(index.manifest.chunk_ids()).values()
    reader.close()
    assert max(shipped_model.count_tokens([chunk.embedded_text for chunk in chunks])) <= shipped_model.max_tokens


@pytest.mark.parametrize("mode", list(Mode))
def test_passages_are_the_stated_stretches_of_the_roles_of_the_corpus(searcher: Searcher, mode: Mode) -> None:
    results = searcher.search(Query("mentoring engineers who run Kubernetes in production", mode=mode, k=20))
    assert len(results.hits) == 20
    for hit in results.hits:
        text = searcher.role(hit.role_id).text
        assert [passage.text for passage in hit.passages] == [text[passage.start : passage.end] for passage in hit.passages]


def test_a_filter_by_level_holds_and_still_ranks_by_meaning(searcher: Searcher) -> None:
    results = searcher.search(Query("protect our systems from attackers", filters=parse_filters(["level=principal"]), k=3))
    assert {hit.attributes["level"] for hit in results.hits} == {"principal"}
    assert "security" in results.hits[0].title.lower()


def test_what_is_far_from_every_role_is_said_to_be(searcher: Searcher) -> None:
    results = searcher.search(Query("zebra zookeeper volcano"))
    assert [note.startswith("No role is close") for note in results.notes] == [True]


def test_every_part_of_a_long_text_is_answered(searcher: Searcher) -> None:
    role = next(hit for hit in searcher.search(Query("staff site reliability engineer", k=1)).hits)
    text = searcher.role(role.role_id).text * 3
    results = searcher.search(Query(text, k=3, mode=Mode.DENSE))
    assert role.role_id in [hit.role_id for hit in results.hits]
    assert any("it was cut into" in note for note in results.notes)


def test_on_the_judged_queries_both_halves_together_are_better_than_each_alone(searcher: Searcher) -> None:
    judged = read_judged_queries(JUDGEMENTS / "queries.tsv", JUDGEMENTS / "qrels")

    def mean(mode: Mode) -> float:
        return evaluate(judged, lambda text, k: searcher.search(Query(text, k=k, mode=mode))).means()["nDCG@10"]

    hybrid = mean(Mode.HYBRID)
    assert hybrid > 0.65
    assert hybrid > mean(Mode.DENSE)
    assert hybrid > mean(Mode.LEXICAL) + 0.1
