"""The lexical index: chunks and roles by the words that occur in them, ranked by BM25. With `search.words` the only module that imports tantivy."""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import tantivy

from search.errors import IndexDamaged
from search.records import Chunk
from search.words import exact_analyzer, exact_words, stem_analyzer, stems

# Weights of the fields in the sum of BM25 scores. Measured: docs/decisions.md, "Lexical fields".
FIELD_WEIGHTS = {"title": 1.0, "heading": 0.1, "body": 1.0}
# A pasted page has hundreds of words; its rarest ones decide, and a query of more terms only costs time.
MOST_TERMS = 64

# A hit more of a longer list costs so much less than one more role to ask for by name: 2 and 3 µs. Measured: docs/performance.md, "Search".
HITS_A_ROLE = 1.5
# Documents whose ids are remembered, some 250 bytes each: to read them costs more than to find them.
DOCUMENTS_REMEMBERED = 200_000
# Words of questions, whether any chunk holds them.
WORDS_REMEMBERED = 20_000
# How many hits are looked through, against those that would hold enough if roles that are kept and others were found alike; more where that was too few.
SPARES = (1.5, 6.0)

_OS_ERROR = re.compile(r"os error (\d+)|\bcode: (\d+), kind")

_WRITER_BYTES = 64_000_000


class LexicalIndex(Protocol):
    """Words by chunk, and the chunks and roles that hold given words."""

    def put(self, chunks: Sequence[Chunk]) -> None:
        """Add chunks, or replace those that have these ids."""

    def remove(self, ids: Sequence[str]) -> None:
        """Remove chunks; ids that are unknown are passed over."""

    def commit(self) -> None:
        """Make what was put and removed visible and durable."""

    def ids(self) -> set[str]:
        """All chunk ids."""

    def best(self, text: str, k: int, among: Collection[str] | None = None) -> list[tuple[str, float]]:
        """Up to `k` pairs (chunk id, BM25 score), best first, ties by id, for the words of `text`; only chunks of the roles in `among` when given."""

    def holds(self, word: str) -> bool:
        """Whether any chunk holds the word, in any inflection."""

    def roles_with(self, phrase: str) -> set[str]:
        """Ids of the roles in which the words of `phrase` stand next to each other, not stemmed, case and accents aside: in title, heading or text."""

    def with_word_like(self, word: str, errors: int, k: int) -> list[str]:
        """Ids of up to `k` chunks that hold a word which differs from `word` in up to `errors` (1 or 2) letters left out, added, replaced or swapped."""

    def close(self) -> None:
        """Let go of the files."""


@contextmanager
def tantivy_failures() -> Iterator[None]:
    """What Tantivy reports of the disk, as ValueError with the system's number in its text, is raised as OSError."""
    try:
        yield
    except ValueError as error:
        number = _OS_ERROR.search(str(error))
        if number is None:
            raise
        raise OSError(int(number[1] or number[2]), f"Tantivy: {error}") from error


class TantivyLexical:
    """A Tantivy index in a folder of its own, one document a chunk."""

    def __init__(self, folder: Path) -> None:
        """Open the index in `folder`, or begin one there. Raises IndexDamaged when there is one that cannot be read."""
        folder.mkdir(parents=True, exist_ok=True)
        self._schema = _schema()
        try:
            self._index = tantivy.Index(self._schema, path=str(folder))
        except ValueError as error:
            raise IndexDamaged(f"the lexical index in {folder} cannot be opened: {error}; run `rolesearch rebuild`") from error
        # Not by itself, twice a second: it would look at a folder that is being deleted, and leave a lock there.
        self._index.config_reader(reload_policy="manual")
        self._index.register_tokenizer("stem", stem_analyzer())
        self._index.register_tokenizer("exact", exact_analyzer())
        self._writer: tantivy.IndexWriter | None = None
        self._search_anew()

    def put(self, chunks: Sequence[Chunk]) -> None:
        writer = self._writing()
        for chunk in chunks:
            writer.delete_documents_by_term("chunk_id", chunk.id)
            writer.add_document(
                tantivy.Document(
                    chunk_id=chunk.id,
                    role_id=chunk.role_id,
                    title=chunk.title,
                    heading=chunk.heading,
                    body=chunk.text,
                    exact=[chunk.title, chunk.heading, chunk.text],
                )
            )

    def remove(self, ids: Sequence[str]) -> None:
        writer = self._writing()
        for chunk_id in ids:
            writer.delete_documents_by_term("chunk_id", chunk_id)

    def commit(self) -> None:
        if self._writer is not None:
            self._writer.commit()
            self._writer.wait_merging_threads()
            self._writer = None
        self._index.reload()
        self._search_anew()

    def ids(self) -> set[str]:
        everything = self._searcher.search(tantivy.Query.all_query(), max(1, self._searcher.num_docs), count=False)
        return {self._searcher.doc(address)["chunk_id"][0] for _, address in everything.hits}

    def best(self, text: str, k: int, among: Collection[str] | None = None) -> list[tuple[str, float]]:
        terms = self._rarest(dict.fromkeys(stems(text)))
        if k < 1 or not terms or (among is not None and not among):
            return []
        # Not nested by term: only of single terms side by side does Tantivy pass over whole blocks that cannot be among the best.
        query = _any_of([self._in_field(term, field, weight) for term in terms for field, weight in FIELD_WEIGHTS.items()])
        found = self._first(query, k) if among is None else self._first_among(query, k, among)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def roles_with(self, phrase: str) -> set[str]:
        words = exact_words(phrase)
        if not words or not self._searcher.num_docs:
            return set()
        query = tantivy.Query.phrase_query(self._schema, "exact", list(words)) if len(words) > 1 else tantivy.Query.term_query(self._schema, "exact", words[0])
        found = self._searcher.aggregate(query, {"roles": {"terms": {"field": "role_id", "size": self._searcher.num_docs}}})
        return {bucket["key"] for bucket in found["roles"]["buckets"]}

    def with_word_like(self, word: str, errors: int, k: int) -> list[str]:
        words = exact_words(word)
        if k < 1 or not words:
            return []
        found = self._searcher.search(tantivy.Query.fuzzy_term_query(self._schema, "exact", words[0], distance=errors), k, count=False)
        return sorted(self._names(address.segment_ord, address.doc)[0] for _, address in found.hits)

    def close(self) -> None:
        if self._writer is not None:
            self.commit()

    def _search_anew(self) -> None:
        self._searcher = self._index.searcher()
        self._about_roles = 0.0
        self.holds = lru_cache(WORDS_REMEMBERED)(self._holds)
        self._names = lru_cache(DOCUMENTS_REMEMBERED)(self._read_names)

    def _roles(self) -> float:
        """About how many roles there are; counted once, by a sketch, which takes 0.1 ms for 1,000 chunks."""
        if not self._about_roles:
            self._about_roles = max(1.0, self._searcher.cardinality(tantivy.Query.all_query(), "role_id"))
        return self._about_roles

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(_WRITER_BYTES, 1)
        return self._writer

    def _rarest(self, terms: Iterable[str]) -> list[str]:
        """The terms that occur, at most MOST_TERMS of them: those that occur least."""
        counted = [(sum(self._searcher.doc_freq(field, term) for field in FIELD_WEIGHTS), term) for term in terms]
        return [term for _, term in sorted((count, term) for count, term in counted if count)[:MOST_TERMS]]

    def _in_field(self, term: str, field: str, weight: float) -> tantivy.Query:
        return tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, field, term), weight)

    def _first(self, query: tantivy.Query, k: int) -> list[tuple[str, float]]:
        found = self._searcher.search(query, k, count=False)
        return [(self._names(address.segment_ord, address.doc)[0], float(score)) for score, address in found.hits]

    def _holds(self, word: str) -> bool:
        # Searched for: the frequencies of words count chunks that are gone, too.
        return bool(self.best(word, 1))

    def _read_names(self, segment: int, document: int) -> tuple[str, str]:
        """The ids of a document's chunk and role."""
        stored = self._searcher.doc(tantivy.DocAddress(segment, document))
        return str(stored["chunk_id"][0]), str(stored["role_id"][0])

    def _first_among(self, query: tantivy.Query, k: int, among: Collection[str]) -> list[tuple[str, float]]:
        """The first `k` of the roles in `among`: of many roles by passing over the others in a longer list, of few by asking for these roles only."""
        for spare in SPARES:
            if spare * k > len(among) * HITS_A_ROLE or (wanted := math.ceil(spare * k * self._roles() / len(among))) > len(among) * HITS_A_ROLE:
                break
            hits = self._searcher.search(query, wanted, count=False).hits
            kept = [(names[0], float(score)) for score, address in hits if (names := self._names(address.segment_ord, address.doc))[1] in among]
            if len(kept) >= k or len(hits) < wanted:
                return kept[:k]
        kept_only = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, "role_id", list(among)), 0.0)
        return self._first(tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, kept_only)]), k)


def _any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("chunk_id", "role_id"):
        builder.add_text_field(name, stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    for name in FIELD_WEIGHTS:
        builder.add_text_field(name, tokenizer_name="stem", index_option="freq")
    builder.add_text_field("exact", tokenizer_name="exact", index_option="position")
    return builder.build()
