"""A query in, ranked roles out. `Searcher.search` reads from top to bottom as the data flows."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from search.embedding import Embedder, Vectors
from search.errors import UsageError
from search.fusion import best_of_each, fuse, ranked
from search.index import Index, IndexReader
from search.query_language import Asked, understand
from search.records import Chunk, Filters, Hit, Mode, Passage, Query, Results, Role
from search.words import exact_words

# Chunks that each half proposes at least; with more than 10 roles wanted, more.
DENSE_CANDIDATES = 200
LEXICAL_CANDIDATES = 100
CANDIDATES_A_HIT = 20
PASSAGES_A_HIT = 3
# A pasted page is about 5,000 characters; of anything longer than this the rest is left out, and said.
LONGEST_QUERY = 20_000
# When the best role is not even this near, the answer is said to be a guess. Measured: docs/decisions.md, "Nothing fits".
FAR_AWAY = 0.35


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What is in the index and what built it."""

    generation: str
    roles: int
    chunks: int
    build: Mapping[str, str]
    refused: Sequence[tuple[str, str]]


@dataclass(slots=True)
class _Candidates:
    """Scores by chunk id: cosines, BM25; `dense_found` are the chunks that the vector index itself proposed."""

    cosines: dict[str, float] = field(default_factory=dict)
    bm25: dict[str, float] = field(default_factory=dict)
    dense_found: frozenset[str] = frozenset()


class Searcher:
    """Asks the index, in whichever generation is current. Safe to use from several threads."""

    def __init__(self, reader: IndexReader, embedder: Embedder) -> None:
        self._reader = reader
        self._embedder = embedder

    def search(self, query: Query) -> Results:
        """The roles that answer the query, best first, at most `query.k`, each with its best passages; the notes say what a user should know.

        Raises UsageError for k below 1 or a filter that compares with no number, and what Index.open raises.
        """
        started = time.perf_counter()
        if query.k < 1:
            raise UsageError(f"{query.k} results were asked for; ask for at least 1")
        notes: list[str] = []
        asked = understand(_shortened(query.text, notes))
        with self._reader.current() as index:
            hits = self._hits(index, query, asked, notes)
            generation = index.generation
        return Results(query, tuple(hits), tuple(notes), (time.perf_counter() - started) * 1000, generation)

    def hit(self, query: Query, role_id: str) -> Hit | None:
        """How one role answers the query: its hit, whatever its rank would be, or None when the query asks for nothing or leaves the role out.

        The ranks in `why` are among this role alone and therefore left out.
        """
        notes: list[str] = []
        asked = understand(_shortened(query.text, notes))
        if not exact_words(asked.text):
            return None
        with self._reader.current() as index:
            allowed = _allowed_roles(index, query.filters, asked, notes)
            if allowed is not None and role_id not in allowed:
                return None
            candidates = self._candidates(index, query, asked.text, {role_id}, notes)
            hits = _grouped(index, query, candidates, dict.fromkeys(candidates.cosines.keys() | candidates.bm25.keys(), role_id))
        return next((replace(hit, why={name: value for name, value in hit.why.items() if not name.endswith("_rank")}) for hit in hits), None)

    def role(self, role_id: str) -> Role:
        """A role, whole. Raises UsageError when the index has no role of this id."""
        with self._reader.current() as index:
            role = index.manifest.roles([role_id]).get(role_id)
        if role is None:
            raise UsageError(f"the index has no role {role_id!r}; ids are listed in search results as role_id")
        return role

    def facets(self) -> dict[str, dict[str, int]]:
        """Attribute key to its values, each with the number of roles that have it."""
        with self._reader.current() as index:
            return index.manifest.facets()

    def status(self) -> IndexStatus:
        """What is in the index and what built it."""
        with self._reader.current() as index:
            manifest = index.manifest
            refused = [(refusal.name, refusal.reason) for refusal in manifest.refusals()]
            return IndexStatus(index.generation, manifest.count_roles(), manifest.count_chunks(), manifest.build(), refused)

    def close(self) -> None:
        """Let go of the index."""
        self._reader.close()

    def _hits(self, index: Index, query: Query, asked: Asked, notes: list[str]) -> list[Hit]:
        if not exact_words(asked.text):
            notes.append(_nothing_to_look_for(asked))
            return []
        allowed = _allowed_roles(index, query.filters, asked, notes)
        if allowed is not None and not allowed:
            return []
        candidates = self._candidates(index, query, asked.text, allowed, notes)
        owner = index.manifest.roles_of_chunks(candidates.cosines.keys() | candidates.bm25.keys())
        hits = _grouped(index, query, candidates, owner)
        notes.extend(_verdict(hits))
        return hits

    def _candidates(self, index: Index, query: Query, text: str, allowed: Collection[str] | None, notes: list[str]) -> _Candidates:
        found = _Candidates()
        if query.mode is not Mode.DENSE:
            found.bm25 = dict(index.lexical.best(text, max(LEXICAL_CANDIDATES, CANDIDATES_A_HIT * query.k), allowed))
        if query.mode is not Mode.LEXICAL:
            vector = self._query_vector(text, notes)
            among = None if allowed is None else index.manifest.chunk_ids_of_roles(allowed)
            found.cosines = dict(index.vectors.nearest(vector, max(DENSE_CANDIDATES, CANDIDATES_A_HIT * query.k), among))
            found.dense_found = frozenset(found.cosines)
            only_words = [chunk_id for chunk_id in found.bm25 if chunk_id not in found.cosines]
            found.cosines.update(zip(only_words, (index.vectors.vectors(only_words) @ vector).tolist() if only_words else [], strict=True))
        return found

    def _query_vector(self, text: str, notes: list[str]) -> Vectors:
        """The query's vector; a text longer than the model reads is cut into parts whose vectors are averaged."""
        parts = self._parts(text)
        if len(parts) > 1:
            notes.append(f"The query is longer than the model reads at once: it was cut into {len(parts)} parts and their meanings were averaged.")
        mean = self._embedder.encode_query(parts).mean(axis=0)
        return np.asarray(mean / (np.linalg.norm(mean) or 1.0), dtype=np.float32)

    def _parts(self, text: str) -> list[str]:
        limit = self._embedder.max_tokens
        if self._embedder.count_tokens([text])[0] <= limit:
            return [text]
        words = [word[start : start + limit] for word in text.split() for start in range(0, len(word), limit)]
        parts: list[list[str]] = [[]]
        room = limit
        for word, count in zip(words, self._embedder.count_tokens(words), strict=True):
            if count > room and parts[-1]:
                parts.append([])
                room = limit
            parts[-1].append(word)
            room -= count
        return [" ".join(part) for part in parts]


def _shortened(text: str, notes: list[str]) -> str:
    if len(text) <= LONGEST_QUERY:
        return text
    notes.append(f"The query has {len(text):,} characters; only the first {LONGEST_QUERY:,} were used.")
    return text[:LONGEST_QUERY]


def _nothing_to_look_for(asked: Asked) -> str:
    if asked.has_operators:
        return "The query only says what to leave out. Add what to look for, such as: platform lead -manager"
    return "The query is empty. Type a title, a skill or a sentence, such as: Kubernetes mentorship lead"


def _allowed_roles(index: Index, filters: Filters, asked: Asked, notes: list[str]) -> set[str] | None:
    """Ids of the roles that the filters and operators leave; None when they leave all."""
    if not filters and not asked.has_operators:
        return None
    allowed = index.manifest.role_ids_matching(filters)
    if not allowed:
        notes.append(_nothing_passes(index, filters))
        return allowed
    for phrase in asked.phrases:
        with_phrase = index.lexical.roles_with(phrase)
        if not with_phrase:
            notes.append(f'No role holds the exact words "{phrase}". Search without the quotation marks to find what means the same.')
        allowed &= with_phrase
    for word in asked.excluded_words:
        # The plural goes with the word: who excludes "manager" means "managers" too.
        allowed -= index.lexical.roles_with(word) | index.lexical.roles_with(f"{' '.join(exact_words(word))}s")
    for phrase in asked.excluded_phrases:
        allowed -= index.lexical.roles_with(phrase)
    if not allowed and not notes:
        notes.append("No role is left by the filters, exact words and exclusions together. Take one of them away.")
    return allowed


def _nothing_passes(index: Index, filters: Filters) -> str:
    facets = {key.casefold(): values for key, values in index.manifest.facets().items()}
    for condition in filters.conditions:
        if condition.key.casefold() not in facets:
            known = ", ".join(sorted(facets)) or "none"
            return f"No role has an attribute {condition.key!r}. Attributes that can be filtered: {known}."
    shown = " and ".join(f"{condition.key}{condition.operator}{condition.value}" for condition in filters.conditions)
    return f"No role passes the filter {shown}. Values there are: " + "; ".join(
        f"{key}: {', '.join(list(facets[key])[:8])}" for key in dict.fromkeys(condition.key.casefold() for condition in filters.conditions)
    )


def _grouped(index: Index, query: Query, candidates: _Candidates, owner: Mapping[str, str]) -> list[Hit]:
    """Chunks to roles: a role counts as much as its best chunk in each half."""
    cosines = best_of_each(candidates.cosines.items(), owner)
    bm25 = best_of_each(candidates.bm25.items(), owner)
    scores = {Mode.DENSE: cosines, Mode.LEXICAL: bm25}.get(query.mode) or fuse(cosines, bm25)
    best = ranked(scores)[: query.k]
    dense_ranks = _ranks(best_of_each(((chunk_id, candidates.cosines[chunk_id]) for chunk_id in candidates.dense_found), owner))
    lexical_ranks = _ranks(bm25)
    passages = _passages(index, candidates, owner, best)
    roles = index.manifest.roles(best)
    return [
        Hit(
            role_id,
            roles[role_id].title,
            roles[role_id].source,
            scores[role_id],
            _why(role_id, cosines, dense_ranks, bm25, lexical_ranks),
            roles[role_id].attributes,
            passages[role_id],
        )
        for role_id in best
    ]


def _ranks(scores: Mapping[str, float]) -> dict[str, int]:
    return {role_id: rank for rank, role_id in enumerate(ranked(scores), start=1)}


def _why(
    role_id: str, cosines: Mapping[str, float], dense_ranks: Mapping[str, int], bm25: Mapping[str, float], lexical_ranks: Mapping[str, int]
) -> dict[str, float]:
    parts = (("dense", cosines), ("dense_rank", dense_ranks), ("lexical", bm25), ("lexical_rank", lexical_ranks))
    return {name: values[role_id] for name, values in parts if role_id in values}


def _passages(index: Index, candidates: _Candidates, owner: Mapping[str, str], role_ids: Sequence[str]) -> dict[str, tuple[Passage, ...]]:
    """The best chunks of each role as passages, best first."""
    scores = fuse(candidates.cosines, candidates.bm25)
    best: dict[str, list[str]] = {role_id: [] for role_id in role_ids}
    for chunk_id in ranked(scores):
        if len(best.get(owner[chunk_id], [None] * PASSAGES_A_HIT)) < PASSAGES_A_HIT:
            best[owner[chunk_id]].append(chunk_id)
    chunks = index.manifest.chunks([chunk_id for chunk_ids in best.values() for chunk_id in chunk_ids])
    return {role_id: tuple(_passage(chunks[chunk_id], scores[chunk_id]) for chunk_id in chunk_ids) for role_id, chunk_ids in best.items()}


def _passage(chunk: Chunk, score: float) -> Passage:
    return Passage(chunk.text, chunk.section, chunk.start, chunk.end, score)


def _verdict(hits: Sequence[Hit]) -> list[str]:
    if not hits:
        return ["No role was found. Try other words, or the mode that searches by meaning."]
    if all(hit.why.get("dense", 1.0) < FAR_AWAY for hit in hits):
        return ["No role is close in meaning to the query; the nearest are shown."]
    return []
