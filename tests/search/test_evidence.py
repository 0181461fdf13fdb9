"""Which sentences are marked as answering a query by meaning."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import WordEmbedder
from search.embedding import Embedder
from search.evidence import MOST_SENTENCES, MOST_SENTENCES_A_PASSAGE, least_cosine, telling_sentences
from search.records import Passage
from search.sentences import sentence_spans


def passage(text: str, start: int = 0, score: float = 0.5) -> Passage:
    return Passage(text, "other", start, start + len(text), score)


def marked(text: str, *queries: str) -> list[str]:
    (spans,) = telling_sentences([passage(text)], WordEmbedder().encode_query(queries), WordEmbedder())
    return [text[start:end] for start, end in spans]


def test_the_sentence_nearest_to_the_query_is_marked() -> None:
    assert marked("You repair trams. You teach younger colleagues welding.", "teach welding colleagues") == ["You teach younger colleagues welding."]


def test_spans_are_offsets_of_the_role_and_answers_stand_in_the_order_of_the_passages() -> None:
    role = "About us\n\nWe weld steel bridges.\n\nPay\n\nWe pay weekly."
    passages = [passage(role[start:end], start) for start, end in ((39, len(role)), (10, 32))]
    found = telling_sentences(passages, WordEmbedder().encode_query(["weld steel bridges"]), WordEmbedder())
    assert [[role[start:end] for start, end in spans] for spans in found] == [[], ["We weld steel bridges."]]


def test_two_sentences_at_most_that_are_about_as_near() -> None:
    assert marked("We weld steel. Steel we weld. Weld steel we.", "we weld steel") == ["We weld steel.", "Steel we weld."]
    assert marked("We weld steel. We weld steel parts for ships.", "we weld steel") == ["We weld steel."]


def test_a_passage_that_is_far_from_the_query_gets_no_mark() -> None:
    assert marked("You repair trams. You drive them.", "accountant in Leeds") == []


def test_a_short_sentence_must_be_nearer_than_a_long_one() -> None:
    assert least_cosine("Weld.") > least_cosine("Weld steel.") > least_cosine("weld " * 25) == least_cosine("weld " * 60)


def test_a_line_that_announces_others_is_not_marked() -> None:
    assert marked("You will weld steel:\n- weld steel daily", "you will weld steel daily") == ["- weld steel daily"]


def test_of_a_query_in_parts_the_nearest_part_counts() -> None:
    assert marked("We weld steel.", "night shifts in Leeds", "weld steel") == ["We weld steel."]


def test_one_batch_in_which_no_text_comes_twice() -> None:
    embedder = WordEmbedder()
    telling_sentences([passage("One tram. Two trams."), passage("One tram.", 90)], embedder.encode_query(["tram"]), embedder)
    assert embedder.embedded == ["One tram.", "Two trams."]


def test_a_passage_with_a_low_score_is_not_even_read() -> None:
    embedder = WordEmbedder()
    assert telling_sentences([passage("We weld steel.", score=0.2)], embedder.encode_query(["we weld steel"]), embedder) == [()]
    assert embedder.embedded == []


def test_the_work_is_limited() -> None:
    embedder = WordEmbedder()
    passages = [passage("\n".join(f"tram {number} {line}" for line in range(100)), number * 2000) for number in range(50)]
    assert len(telling_sentences(passages, embedder.encode_query(["tram"]), embedder)) == len(passages)
    assert len(embedder.embedded) <= MOST_SENTENCES
    telling_sentences(passages[:1], embedder.encode_query(["tram"]), embedder)
    assert len(embedder.embedded) <= MOST_SENTENCES + MOST_SENTENCES_A_PASSAGE


def test_without_passages_or_query_nothing_is_marked() -> None:
    assert telling_sentences([], WordEmbedder().encode_query(["tram"]), WordEmbedder()) == []
    assert telling_sentences([passage("One tram.")], np.empty((0, 0), dtype=np.float32), WordEmbedder()) == [()]
    assert telling_sentences([passage(" \n ")], WordEmbedder().encode_query(["tram"]), WordEmbedder()) == [()]


words = st.sampled_from(["tram", "tram.", "Weld", "weld", "We", "steel.", "steel:", "e.g.", "\n", "\n\n- ", "?"])
passages_of_a_role = st.lists(st.tuples(st.lists(words, max_size=30).map(" ".join) | st.text(max_size=60), st.integers(0, 5000)), max_size=5)


@given(passages_of_a_role, st.lists(st.lists(words, max_size=4).map(" ".join), max_size=3))
def test_every_mark_is_a_whole_sentence_of_its_passage_and_there_are_at_most_two(texts: list[tuple[str, int]], queries: list[str]) -> None:
    passages = [passage(text, start) for text, start in texts]
    found = telling_sentences(passages, WordEmbedder().encode_query(queries), WordEmbedder())
    assert len(found) == len(passages)
    for one, spans in zip(passages, found, strict=True):
        sentences = {(one.start + start, one.start + end) for start, end in sentence_spans(one.text, 0, len(one.text))}
        assert len(spans) <= 2
        assert list(spans) == sorted(set(spans))
        assert set(spans) <= sentences


@pytest.mark.model
def test_the_model_marks_what_means_the_same_in_other_words_and_leaves_the_rest(shipped_model: Embedder) -> None:
    text = (
        "We are a team of nine in Leeds. You will be woken at night when a server goes down, find out why and see to it that it does not happen again. "
        "There is fruit on Tuesdays."
    )
    near, far = ("someone on call at night who repairs broken servers", "pastry chef for a hotel")
    (spans,), (none,) = (telling_sentences([passage(text, 50)], shipped_model.encode_query([query]), shipped_model) for query in (near, far))
    assert [text[start - 50 : end - 50] for start, end in spans] == [text.split(". ")[1] + "."]
    assert none == ()
