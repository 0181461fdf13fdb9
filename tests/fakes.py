"""Stand-ins for the fast tests, whose answers a reader can predict: a model, a vector index and a lexical index."""

import hashlib
import math
import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from rapidfuzz.distance import OSA

from search.arrays import Ids, Mask, Numbers, Scores, as_ids
from search.embedding import Vectors
from search.lexical import FIELD_WEIGHTS, Among
from search.records import Chunk
from search.words import exact_words, stems

WIDTH = 256


class WordEmbedder:
    """A bag of words: each word adds 1 to the component that its hash names, then the vector is brought to unit length.

    Texts that share no word have cosine 0 (hash collisions aside), equal texts 1. One word is one token. Counts what it was asked to embed.
    """

    fingerprint = "words@1"
    width = WIDTH
    max_tokens = 40

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        return np.stack([_vector(text) for text in texts]) if texts else np.empty((0, WIDTH), dtype=np.float32)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        return self.encode_query(texts)


class WaitingEmbedder(WordEmbedder):
    """Encodes when it is told to, and says when it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may = threading.Event(), threading.Event()

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        self.asked.set()
        assert self.may.wait(30)
        return super().encode_document(texts)


class MortalEmbedder(WordEmbedder):
    """Kills its process, as a failing machine would, at the first embedding while FILE.embedding is there, and while FILE.reading is, at the last straw."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        self._die_once("embedding")
        return super().encode_document(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if any("the last straw" in text for text in texts):
            self._die_once("reading")
        return super().count_tokens(texts)

    def _die_once(self, when: str) -> None:
        with suppress(FileNotFoundError):
            self._file.with_suffix(f".{when}").unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def open_mortal(model: str) -> MortalEmbedder:
    """The MortalEmbedder of a file, as a model that is opened by a name."""
    return MortalEmbedder(Path(model))


class ExactVectors:
    """Vectors in a dictionary; every question is answered by looking at all of them. Judges the index that ships."""

    def __init__(self) -> None:
        self._by_id: dict[str, Vectors] = {}

    def put(self, ids: Sequence[str], vectors: Vectors) -> None:
        self._by_id.update(zip(ids, vectors, strict=True))

    def remove(self, ids: Sequence[str]) -> None:
        for chunk_id in ids:
            self._by_id.pop(chunk_id, None)

    def ids(self) -> Ids:
        return as_ids(sorted(self._by_id))

    def vectors(self, ids: Sequence[str]) -> Vectors:
        return np.stack([self._by_id[chunk_id] for chunk_id in ids]) if ids else np.empty((0, 0), dtype=np.float32)

    def nearest(self, vector: Vectors, k: int, among: Collection[str] | None = None) -> list[tuple[str, float]]:
        pairs = [(chunk_id, float(one @ vector)) for chunk_id, one in self._by_id.items() if among is None or chunk_id in among]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[: max(0, k)]

    def close(self) -> None:
        pass


class PlainLexical:
    """Chunks in a dictionary, looked through one by one; a score is the sum over words and fields of weight × occurrences × rarity."""

    def __init__(self) -> None:
        self._pending: dict[str, Chunk] = {}
        self._chunks: dict[str, Chunk] = {}
        self._stems: dict[str, dict[str, Counter[str]]] = {}

    def put(self, chunks: Sequence[Chunk]) -> None:
        self._pending.update({chunk.id: chunk for chunk in chunks})

    def remove(self, ids: Sequence[str]) -> None:
        for chunk_id in ids:
            self._pending.pop(chunk_id, None)

    def commit(self) -> None:
        self._chunks = dict(self._pending)
        self._stems = {chunk.id: {name: Counter(stems(text)) for name, text in _fields(chunk).items()} for chunk in self._chunks.values()}

    def ids(self) -> Ids:
        return as_ids(sorted(self._chunks))

    def is_numbered(self) -> bool:
        return True

    def best(self, text: str, k: int, among: Among | None = None) -> tuple[Numbers, Scores]:
        rarity = {term: self._rarity(term) for term in set(stems(text))}
        kept = set(among.role_ids()) if among is not None else None
        scored = [(number, self._score(self._chunks[key], rarity)) for number, key in enumerate(sorted(self._chunks)) if self._is_kept(key, kept)]
        best = sorted(((number, score) for number, score in scored if score), key=lambda pair: (-pair[1], pair[0]))[: max(0, k)]
        return np.array([number for number, _ in best], dtype=np.intp), np.array([score for _, score in best], dtype=np.float64)

    def holds(self, word: str) -> bool:
        return len(self.best(word, 1)[0]) > 0

    def chunks_with(self, phrase: str) -> Numbers:
        words = exact_words(phrase)
        texts = [_fields(self._chunks[chunk_id]).values() for chunk_id in sorted(self._chunks)]
        return np.flatnonzero([bool(words) and any(_follow(exact_words(text), words) for text in fields) for fields in texts])

    def spelt_like(self, word: str, errors: int) -> dict[str, int]:
        held = Counter(other for chunk in self._chunks.values() for other in set(exact_words(" ".join(_fields(chunk).values()))))
        return {other: count for other, count in held.items() if other.isalpha() and OSA.distance(word, other) <= errors}

    def close(self) -> None:
        self.commit()

    def _is_kept(self, chunk_id: str, roles: Collection[str] | None) -> bool:
        return roles is None or self._chunks[chunk_id].role_id in roles

    def _score(self, chunk: Chunk, rarity: Mapping[str, float]) -> float:
        return sum(FIELD_WEIGHTS[name] * counts[term] * weight for name, counts in self._stems[chunk.id].items() for term, weight in rarity.items())

    def _rarity(self, term: str) -> float:
        holding = sum(any(term in counts for counts in fields.values()) for fields in self._stems.values())
        return math.log(1 + len(self._chunks) / (1 + holding))


def no_chunks() -> Numbers:
    """The rows of the roles of no chunks at all."""
    return np.empty(0, dtype=np.intp)


class OfRoles:
    """The chunks of some roles among all, whose roles are given by id."""

    def __init__(self, role_of: Mapping[str, str], kept: Collection[str]) -> None:
        self._roles = [role_of[chunk_id] for chunk_id in sorted(role_of)]
        self._kept = sorted(set(kept))
        self.share = len(self._kept) / max(1, len(set(self._roles)))

    def __len__(self) -> int:
        return len(self._kept)

    def role_ids(self) -> list[str]:
        return self._kept

    def marks(self, numbers: Numbers) -> Mask:
        return np.array([self._roles[number] in self._kept for number in numbers.tolist()], dtype=np.bool_)


def _fields(chunk: Chunk) -> dict[str, str]:
    return {"title": chunk.title, "heading": chunk.heading, "body": chunk.text}


def _follow(words: Sequence[str], phrase: Sequence[str]) -> bool:
    return any(list(words[start : start + len(phrase)]) == list(phrase) for start in range(len(words)))


def _vector(text: str) -> Vectors:
    vector = np.zeros(WIDTH, dtype=np.float32)
    for word in re.findall(r"\w+", text.lower()):
        vector[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4]) % WIDTH] += 1
    if not vector.any():
        vector[0] = 1
    return vector / np.float32(np.linalg.norm(vector))
