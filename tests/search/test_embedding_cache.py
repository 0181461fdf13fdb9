import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from fakes import WIDTH, WaitingEmbedder, WordEmbedder
from search.embedding import Vectors
from search.embedding_cache import EmbeddingAhead, EmbeddingCache
from search.errors import ModelError


class OtherModel(WordEmbedder):
    """Another model: its vectors are those of the WordEmbedder turned round."""

    fingerprint = "turned@1"

    def encode_document(self, texts):  # type: ignore[no-untyped-def]
        return -super().encode_document(texts)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[EmbeddingCache]:
    made = EmbeddingCache(tmp_path / "embeddings.sqlite3")
    yield made
    made.close()


def test_vectors_come_in_the_order_of_the_texts_as_the_model_made_them(cache: EmbeddingCache) -> None:
    cache.encode(["bread", "fish"], WordEmbedder())
    vectors = cache.encode(["fish", "cake", "bread", ""], WordEmbedder())
    assert vectors.dtype == np.float32
    assert vectors.shape == (4, WIDTH)
    assert vectors.tolist() == WordEmbedder().encode_document(["fish", "cake", "bread", ""]).tolist()


def test_no_text_is_embedded_twice(cache: EmbeddingCache) -> None:
    embedder, told = WordEmbedder(), list[int]()
    cache.encode(["bread", "fish", "bread"], embedder, told.append)
    cache.encode(["fish", "cake"], embedder, told.append)
    cache.encode(["bread", "cake"], embedder, told.append)
    assert embedder.embedded == ["bread", "fish", "cake"]
    assert told == [2, 1]


def test_texts_that_differ_in_one_character_are_two_texts(cache: EmbeddingCache) -> None:
    embedder = WordEmbedder()
    cache.encode(["Bread", "bread", "bread "], embedder)
    assert embedder.embedded == ["Bread", "bread", "bread "]


def test_each_model_has_its_own_vectors(cache: EmbeddingCache) -> None:
    words, other = WordEmbedder(), OtherModel()
    first, second = cache.encode(["bread"], words), cache.encode(["bread"], other)
    assert (words.embedded, other.embedded) == (["bread"], ["bread"])
    assert second.tolist() == (-first).tolist()
    assert cache.encode(["bread"], words).tolist() == first.tolist()
    assert cache.encode(["bread"], other).tolist() == second.tolist()


def test_what_is_known_survives_reopening(tmp_path: Path) -> None:
    first = EmbeddingCache(tmp_path / "embeddings.sqlite3")
    vectors = first.encode(["bread", "fish"], WordEmbedder())
    first.close()
    embedder = WordEmbedder()
    second = EmbeddingCache(tmp_path / "embeddings.sqlite3")
    assert second.encode(["bread", "fish"], embedder).tolist() == vectors.tolist()
    assert embedder.embedded == []
    second.close()


def test_a_block_is_kept_at_once_although_the_cache_was_never_closed(cache: EmbeddingCache, tmp_path: Path) -> None:
    cache.encode(["bread"], WordEmbedder())
    embedder = WordEmbedder()
    other = EmbeddingCache(tmp_path / "embeddings.sqlite3")
    other.encode(["bread", "fish"], embedder)
    other.close()
    assert embedder.embedded == ["fish"]


def test_more_texts_than_one_statement_takes_are_no_trouble(cache: EmbeddingCache) -> None:
    embedder = WordEmbedder()
    texts = [f"word{number}" for number in range(2_500)]
    cache.encode(texts[:1_700], embedder)
    assert cache.encode(texts, embedder).tolist() == WordEmbedder().encode_document(texts).tolist()
    assert embedder.embedded == texts


def test_no_texts_give_no_vectors_of_the_models_width(cache: EmbeddingCache) -> None:
    assert cache.encode([], WordEmbedder()).shape == (0, WIDTH)


class BrokenEmbedder(WordEmbedder):
    """A model that cannot be loaded."""

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        raise ModelError("no such model")


def words(count: int) -> list[str]:
    return [f"word{number}" for number in range(count)]


def test_what_was_embedded_ahead_is_known_afterwards(tmp_path: Path) -> None:
    embedder, texts = WordEmbedder(), words(1_000)
    ahead = EmbeddingAhead(tmp_path / "embeddings.sqlite3", embedder)
    for text in texts:
        ahead.offer([text])
    while not embedder.embedded:
        time.sleep(0.01)
    count = ahead.close()
    assert 0 < count == len(embedder.embedded) < 1_000
    with closing(EmbeddingCache(tmp_path / "embeddings.sqlite3")) as cache:
        assert cache.encode(texts, embedder).tolist() == WordEmbedder().encode_document(texts).tolist()
    assert sorted(embedder.embedded) == sorted(texts)


def test_offering_never_waits_and_closing_waits_for_one_block_only(tmp_path: Path) -> None:
    embedder = WaitingEmbedder()
    ahead = EmbeddingAhead(tmp_path / "embeddings.sqlite3", embedder)
    ahead.offer(words(10_000))
    assert embedder.asked.wait(30)
    ahead.offer(words(10_000))
    assert embedder.embedded == []
    threading.Timer(0.1, embedder.may.set).start()
    assert ahead.close() == len(embedder.embedded) == 128


def test_few_texts_are_not_begun_with(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    ahead = EmbeddingAhead(tmp_path / "embeddings.sqlite3", embedder)
    ahead.offer(words(127))
    assert (ahead.close(), embedder.embedded, list(tmp_path.iterdir())) == (0, [], [])


def test_what_goes_wrong_ahead_is_left_to_who_embeds_the_rest(tmp_path: Path) -> None:
    ahead = EmbeddingAhead(tmp_path / "embeddings.sqlite3", BrokenEmbedder())
    ahead.offer(words(1_000))
    assert ahead.close() == 0
