"""The lexical index: chunks by the words that occur in them, ranked by BM25. With `search.words` the only module that imports tantivy.

A chunk's number is its place among all chunks of the index by id. Tantivy's documents lie in another order, and to read an id out of one costs more than to
find it: so the number of each document is written beside the words whenever they are committed.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property, lru_cache
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Protocol
from zipfile import BadZipFile

import numpy as np
import tantivy
from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.arrays import Ids, Mask, Numbers, Scores, as_ids, mapped, unpacked
from search.errors import IndexDamaged
from search.records import Chunk
from search.words import exact_analyzer, exact_words, stem_analyzer, stems

# Weights of the fields in the sum of BM25 scores. Measured: docs/decisions.md, "Lexical fields".
FIELD_WEIGHTS = {"title": 1.0, "heading": 0.1, "body": 1.0}
# A pasted page has hundreds of words; its rarest ones decide, and a query of more terms only costs time.
MOST_TERMS = 64

# A hit more of a longer list costs so much less than one more role to ask for by name: 2 and 3 µs. Measured: docs/performance.md, "Search".
HITS_A_ROLE = 1.5
# Words of questions, whether any chunk holds them.
WORDS_REMEMBERED = 20_000
# How many hits are looked through, against those that would hold enough if roles that are kept and others were found alike.
SPARE = 1.5
# And where that was too few, in a list so many times as long, and again: hits of roles that are alike lie together, so a share among the first says little.
TIMES_LONGER = 4

_OS_ERROR = re.compile(r"os error (\d+)|\bcode: (\d+), kind")

_WRITER_BYTES = 64_000_000
# Chunks after which what was put is written: Tantivy's writer holds about 1.8 kB of memory for each until it is done with, whatever it may use.
_WRITTEN_AT_ONCE = 32_768
# Beside Tantivy's files: where each segment's documents begin, and the number of each document's chunk.
_STARTS, _NUMBERS = "starts.npy", "numbers.npy"
# And what the next commit need not read again: the names of the segments, where their documents begin, and each document's id.
_NOTED = "noted.npz"


class Among(Protocol):
    """The roles that a filter leaves."""

    @property
    def share(self) -> float:
        """How many of all roles they are, from 0 to 1."""

    def __len__(self) -> int:
        """How many they are."""

    def role_ids(self) -> list[str]:
        """Their ids."""

    def marks(self, numbers: Numbers) -> Mask:
        """Which of the chunks with these numbers are theirs."""


class LexicalIndex(Protocol):
    """Words by chunk, and the chunks that hold given words."""

    def put(self, chunks: Sequence[Chunk]) -> None:
        """Add chunks, or replace those that have these ids."""

    def remove(self, ids: Sequence[str]) -> None:
        """Remove chunks; ids that are unknown are passed over."""

    def commit(self) -> None:
        """Make what was put and removed visible and durable."""

    def ids(self) -> Ids:
        """All chunk ids, ascending."""

    def is_numbered(self) -> bool:
        """Whether `best` answers in the right numbers: all documents are looked at."""

    def best(self, text: str, k: int, among: Among | None = None) -> tuple[Numbers, Scores]:
        """The numbers of up to `k` chunks and their BM25 scores, best first, ties by number, for the words of `text`; only chunks of the roles in `among`
        when given.
        """

    def holds(self, word: str) -> bool:
        """Whether any chunk holds the word, in any inflection."""

    def chunks_with(self, phrase: str) -> Numbers:
        """The numbers of all chunks in which the words of `phrase` stand next to each other, not stemmed, case and accents aside: in title, heading or text."""

    def spelt_like(self, word: str, errors: int) -> dict[str, int]:
        """The words of letters that chunks hold and that differ from `word` in up to `errors` letters left out, added, replaced or swapped with the next, each
        with the number of chunks that hold it; all of them, and `word`, in lower case and without accents.
        """

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
        self._folder = folder
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
        self._unwritten = 0
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
        self._unwritten += len(chunks)
        if self._unwritten >= _WRITTEN_AT_ONCE:
            self._write()

    def remove(self, ids: Sequence[str]) -> None:
        writer = self._writing()
        for chunk_id in ids:
            writer.delete_documents_by_term("chunk_id", chunk_id)

    def commit(self) -> None:
        self._write()
        self._index.reload()
        self._search_anew()
        self._documents = self._read_documents(self._noted())
        self._note()

    def ids(self) -> Ids:
        return np.sort(self._documents[2])

    def is_numbered(self) -> bool:
        starts, numbers = self._found_numbers
        return self._numbered[0] == starts and np.array_equal(self._numbered[1], numbers)

    def best(self, text: str, k: int, among: Among | None = None) -> tuple[Numbers, Scores]:
        query = self._asked(text)
        if k < 1 or query is None or (among is not None and not len(among)):
            return np.empty(0, dtype=np.intp), np.empty(0)
        numbers, scores = self._first(query, k) if among is None else self._first_among(query, k, among)
        order = np.lexsort((numbers, -scores))
        return numbers[order], scores[order]

    def chunks_with(self, phrase: str) -> Numbers:
        words = exact_words(phrase)
        if not words or not self._searcher.num_docs:
            return np.empty(0, dtype=np.intp)
        query = tantivy.Query.phrase_query(self._schema, "exact", list(words)) if len(words) > 1 else tantivy.Query.term_query(self._schema, "exact", words[0])
        # Without scores to compare it takes half the time. An aggregation by role takes four times as long, and fails where more than 65,000 are found.
        return self._first(tantivy.Query.const_score_query(query, 0.0), self._searcher.num_docs)[0]

    def spelt_like(self, word: str, errors: int) -> dict[str, int]:
        about_as_long = [other for letters in range(len(word) - errors, len(word) + errors + 1) for other in self._words_by_length.get(letters, ())]
        near = process.extract(word, about_as_long, scorer=OSA.distance, score_cutoff=errors, limit=None)
        return {other: count for other, _, _ in near if (count := self._count(other))}

    def close(self) -> None:
        if self._writer is not None:
            self.commit()

    def _search_anew(self) -> None:
        self._searcher = self._index.searcher()
        self.holds = lru_cache(WORDS_REMEMBERED)(self._holds)
        for name in ("_documents", "_found_numbers", "_numbered", "_words_by_length"):
            self.__dict__.pop(name, None)

    @cached_property
    def _documents(self) -> tuple[Numbers, Numbers, Ids]:
        """Of all documents the segment, the place in it, and the chunk's id."""
        return self._read_documents({})

    def _read_documents(self, noted: Mapping[int, Ids]) -> tuple[Numbers, Numbers, Ids]:
        """`_documents`; of the segments that are noted, by their numbers, no id is read again, since Tantivy changes none that it has written."""
        hits = self._searcher.search(tantivy.Query.all_query(), max(1, self._searcher.num_docs), count=False).hits
        addresses = list(map(itemgetter(1), hits))
        segments, places = (np.fromiter(map(attrgetter(name), addresses), dtype=np.int32, count=len(hits)) for name in ("segment_ord", "doc"))
        # Before the ids are read: a hit takes twice the memory of an id.
        del hits, addresses
        parts = [as_ids([])]
        # Tantivy tells the documents segment by segment.
        for number in np.unique(segments).tolist():
            own = places[segments == number]
            parts.append(noted[number][own] if number in noted else as_ids(self._chunk_id(tantivy.DocAddress(number, place)) for place in own.tolist()))
        return segments, places, np.concatenate(parts)

    def _noted(self) -> dict[int, Ids]:
        """By the numbers that segments have now, for those that were there at the commit before, the ids of their documents by place."""
        with suppress(OSError, ValueError, EOFError, KeyError, BadZipFile):
            names, starts, ids = unpacked(self._folder / _NOTED)
            # A segment at the end has no start where all its documents were gone.
            ids_of = dict(zip(names.tolist(), np.split(ids, starts[1:]), strict=False))
            return {number: ids_of[name] for number, name in enumerate(self._segment_names()) if name in ids_of}
        return {}

    def _segment_names(self) -> list[str]:
        """The names of the segments, by their numbers, as they were last committed."""
        return [segment["segment_id"] for segment in json.loads((self._folder / "meta.json").read_bytes())["segments"]]

    @cached_property
    def _numbered(self) -> tuple[list[int], Numbers]:
        """Where each segment's documents begin, and the number of each document; found out for an index of before, which has it not beside its words."""
        try:
            return mapped(self._folder / _STARTS).tolist(), mapped(self._folder / _NUMBERS)
        except FileNotFoundError:
            return self._found_numbers
        except (OSError, EOFError, ValueError) as error:
            raise IndexDamaged(f"the numbers of the chunks in {self._folder} cannot be read: {error}; run `rolesearch rebuild`") from error

    @cached_property
    def _words_by_length(self) -> dict[int, list[str]]:
        """All words of letters, also of chunks that are gone: 40 ms for the 30,000 words of 5,000 postings, the first time."""
        by_length: dict[int, list[str]] = {}
        for word, _ in self._searcher.terms_with_prefix("exact", ""):
            if word.isalpha():
                by_length.setdefault(len(word), []).append(word)
        return by_length

    def _count(self, word: str) -> int:
        """The number of chunks that hold the word as it stands."""
        found = self._searcher.search(tantivy.Query.term_query(self._schema, "exact", word), 1)
        return int(found.count)  # type: ignore[attr-defined]  # it is there; the types lack it

    @cached_property
    def _found_numbers(self) -> tuple[list[int], Numbers]:
        """`_numbered` as the documents have it."""
        starts, rows, length = self._rows()
        numbers = np.zeros(length, dtype=np.int32)
        numbers[rows[np.argsort(self._documents[2])]] = np.arange(len(rows))
        return starts.tolist(), numbers

    def _rows(self) -> tuple[Numbers, Numbers, int]:
        """Where each segment's documents begin when all stand in one row after the other, the row of each document, and how many rows there are."""
        segments, places, _ = self._documents
        lengths = np.zeros(segments.max(initial=-1) + 1, dtype=np.int64)
        np.maximum.at(lengths, segments, places + 1)
        starts = np.cumsum(lengths) - lengths
        return starts, starts[segments] + places, int(lengths.sum())

    def _note(self) -> None:
        """Write what stands beside Tantivy's files; the id of a document that is gone is empty."""
        starts, rows, length = self._rows()
        ids = np.zeros(length, dtype=self._documents[2].dtype)
        ids[rows] = self._documents[2]
        for name, array in ((_STARTS, starts), (_NUMBERS, self._found_numbers[1])):
            np.save(self._folder / name, array, allow_pickle=False)
        np.savez(self._folder / _NOTED, np.array(self._segment_names(), dtype=np.str_), starts, ids)

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(_WRITER_BYTES, 1)
        return self._writer

    def _write(self) -> None:
        if self._writer is not None:
            self._writer.commit()
            self._writer.wait_merging_threads()
            self._writer = None
            self._unwritten = 0

    def _rarest(self, terms: Iterable[str]) -> list[str]:
        """The terms that occur, at most MOST_TERMS of them: those that occur least."""
        counted = [(sum(self._searcher.doc_freq(field, term) for field in FIELD_WEIGHTS), term) for term in terms]
        return [term for _, term in sorted((count, term) for count, term in counted if count)[:MOST_TERMS]]

    def _in_field(self, term: str, field: str, weight: float) -> tantivy.Query:
        return tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, field, term), weight)

    def _asked(self, text: str) -> tantivy.Query | None:
        """What the words of a text ask for; None when the index holds none of them."""
        terms = self._rarest(dict.fromkeys(stems(text)))
        # Not nested by term: only of single terms side by side does Tantivy pass over whole blocks that cannot be among the best.
        return _any_of([self._in_field(term, field, weight) for term in terms for field, weight in FIELD_WEIGHTS.items()]) if terms else None

    def _first(self, query: tantivy.Query, k: int) -> tuple[Numbers, Scores]:
        hits = self._searcher.search(query, k, count=False).hits
        starts, numbers = self._numbered
        documents = np.array([starts[address.segment_ord] + address.doc for _, address in hits], dtype=np.intp)
        return numbers[documents], np.array([score for score, _ in hits], dtype=np.float64)

    def _holds(self, word: str) -> bool:
        # Searched for: the frequencies of words count chunks that are gone, too.
        query = self._asked(word)
        return query is not None and bool(self._searcher.search(query, 1, count=False).hits)

    def _chunk_id(self, address: tantivy.DocAddress) -> str:
        return str(self._searcher.doc(address)["chunk_id"][0])

    def _first_among(self, query: tantivy.Query, k: int, among: Among) -> tuple[Numbers, Scores]:
        """The first `k` of the roles in `among`: of many roles by passing over the others in a longer list, of few by asking for these roles only."""
        wanted = math.ceil(SPARE * k / among.share)
        while wanted <= len(among) * HITS_A_ROLE:
            numbers, scores = self._first(query, wanted)
            kept = np.flatnonzero(among.marks(numbers))
            if len(kept) >= k or len(numbers) < wanted:
                return numbers[kept[:k]], scores[kept[:k]]
            wanted *= TIMES_LONGER
        kept_only = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, "role_id", among.role_ids()), 0.0)
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
