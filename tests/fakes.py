"""A model whose vectors a reader can predict, for the fast tests."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from search.embedding import Vectors

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


def _vector(text: str) -> Vectors:
    vector = np.zeros(WIDTH, dtype=np.float32)
    for word in re.findall(r"\w+", text.lower()):
        vector[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4]) % WIDTH] += 1
    if not vector.any():
        vector[0] = 1
    return vector / np.float32(np.linalg.norm(vector))
