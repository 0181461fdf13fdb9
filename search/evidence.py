"""Which sentences of a passage answer a query by meaning."""

import math
from collections.abc import Sequence

from search.embedding import Embedder, Vectors
from search.records import Passage
from search.sentences import Span, sentence_spans

MOST_A_PASSAGE = 2
# What a sentence of 25 words and more must reach; a shorter one must reach more, since short texts lie near each other by their form alone. 200 sentences of
# the shipped corpus were read, those nearest to the judged queries: of 103 marked by this rule 65 % were right, with 0.45 72 % of 69, with 0.40 60 % of 139;
# with the same bar for every length, 0.45, 65 % of 100. In roles that fit (grade 2 and 3) about 8 of 10 are right, in those that do not hardly any: the page
# shows none where a role's score says that it is far.
NEAR, WORDS_OF_A_FULL_SENTENCE, RISE = 0.42, 25, 0.1
# Where none reaches that, the nearest sentence of the passage is marked from here on, whatever its length: a reader sees what the passage was found by.
# Of 156 marks by a bar of 0.40 alone 56 % were right.
NEAREST = 0.33
# The second sentence of a passage is marked when it lies no farther than this behind the first.
BESIDE_THE_BEST = 0.05
# A passage with a lower score is not read at all: no sentence of it is likely to be near, and embedding takes time.
PASSAGE_NEAR = 0.33
# A passage has rarely more than ten sentences. Each costs a millisecond or two, and a reader waits: what lies beyond is left unread, so the passages that
# matter most are to come first.
MOST_SENTENCES_A_PASSAGE, MOST_SENTENCES = 12, 48
# About 60 tokens: the beginning of a longer one says what it is about, and a batch takes as long as its longest text.
LONGEST_SENTENCE = 300


def telling_sentences(passages: Sequence[Passage], vectors: Vectors, embedder: Embedder) -> list[tuple[Span, ...]]:
    """For each passage the sentences that answer the query by meaning, at most two, as spans of the role's text and in its order; none where none is near.

    `vectors` are the query's vectors, shape (parts, width), each of unit length; a sentence counts by the part that it is nearest to. The sentences of all
    passages whose score is high enough are embedded in one batch, without title and heading: with these in front, empty sentences ("The team comes first.")
    come as near as telling ones.
    """
    candidates = [_candidates(passage) if passage.score >= PASSAGE_NEAR else [] for passage in passages]
    texts = list(dict.fromkeys(text for _, text in (pair for pairs in candidates for pair in pairs)))[:MOST_SENTENCES]
    if not texts or not len(vectors):
        return [()] * len(passages)
    cosines = dict(zip(texts, (embedder.encode_document(texts) @ vectors.T).max(axis=1).tolist(), strict=True))
    return [_chosen([(span, text, cosines[text]) for span, text in pairs if text in cosines]) for pairs in candidates]


def least_cosine(sentence: str) -> float:
    """The cosine from which a sentence is marked, by its number of words.

    >>> [round(least_cosine("word " * words), 2) for words in (3, 10, 25, 60)]
    [0.63, 0.51, 0.42, 0.42]
    """
    return NEAR + RISE * math.log(WORDS_OF_A_FULL_SENTENCE / min(WORDS_OF_A_FULL_SENTENCE, max(1, len(sentence.split()))))


def _candidates(passage: Passage) -> list[tuple[Span, str]]:
    """Sentences with their spans in the role's text; lines that only announce what follows, such as "You will:", are none."""
    spans = list(sentence_spans(passage.text, 0, len(passage.text)))[:MOST_SENTENCES_A_PASSAGE]
    return [
        ((passage.start + start, passage.start + end), passage.text[start:end][:LONGEST_SENTENCE])
        for start, end in spans
        if not passage.text[start:end].endswith(":")
    ]


def _chosen(sentences: Sequence[tuple[Span, str, float]]) -> tuple[Span, ...]:
    """Those that are near enough, or else the nearest if it is not far."""
    near = [(span, cosine) for span, text, cosine in sentences if cosine >= least_cosine(text)]
    if not near:
        near = [(span, cosine) for span, _, cosine in sorted(sentences, key=lambda one: -one[2])[:1] if cosine >= NEAREST]
    best = max((cosine for _, cosine in near), default=0.0)
    beside = sorted((pair for pair in near if pair[1] >= best - BESIDE_THE_BEST), key=lambda pair: -pair[1])
    return tuple(sorted(span for span, _ in beside[:MOST_A_PASSAGE]))
