"""A query in, ranked roles out. `Searcher.search` reads from top to bottom as the data flows."""

import math
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np

from search import understanding
from search.adapter import adapter_for, mixed, trust
from search.arrays import Mask, Numbers, Scores, is_first
from search.attributes.levels import LEVELS
from search.embedding import Embedder, Vectors
from search.errors import NoSuchRole, UsageError
from search.evidence import telling_sentences
from search.feedback import direction, steered
from search.fusion import best_of_each, fuse, ranked
from search.index import Index, IndexReader, current_generation
from search.manifest import Source
from search.processors import processors, threads
from search.query_language import take_operators
from search.ranking import OURS, WISHED, Ranking, bonus, fulfilment, titled
from search.records import WORDS, Condition, Demand, Filters, Hit, Mode, Passage, Query, Results, Role, Twin, Understood, Wish
from search.rows import Kept
from search.sentences import Span
from search.spelling import misspelt, respelt
from search.understanding import LONGEST_INSTRUCTION, job_named, place_wishes, places_by_word, understand
from search.words import exact_words

# Chunks that each half proposes at least; with more than 10 roles wanted, more.
DENSE_CANDIDATES = 200
LEXICAL_CANDIDATES = 100
CANDIDATES_A_HIT = 20
PASSAGES_A_HIT = 3
# A pasted page is about 5,000 characters; of anything longer than this the rest is left out, and said.
LONGEST_QUERY = 20_000
# The question that leaves out no role.
EVERYTHING = Query("")
# When the best role is not even this near, the answer is said to be a guess. Measured: docs/decisions.md, "Nothing fits".
FAR_AWAY = 0.33
# Where these hold fewer roles than are wanted, since many chunks are of one role or its copies, so many times twice as many are asked for.
MOST_DOUBLINGS = 6
# A role that meets such a wish is no guess, however far a question of one word lies from every text.
_TELLING = ("skills", "languages", "place", "contract")
# Attributes that all roles are sorted by.
_SORTING = ("family", "level")
_WHY = ("dense", "dense_rank", "role", "lexical", "lexical_rank", "title", *(f"wish_{key}" for key in WISHED))


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What is in the index and what built it."""

    generation: str
    roles: int
    chunks: int
    build: Mapping[str, str]
    refused: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Contents:
    """All roles of one generation: `titles` and the rows of `vectors`, float32 of shape (roles, width), go by the order of `ids`.

    `attributes` has the values of family and level by role id and key; `sources` are all files that were read.
    """

    generation: str
    ids: tuple[str, ...]
    titles: tuple[str, ...]
    attributes: Mapping[str, Mapping[str, Sequence[str]]]
    sources: tuple[Source, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Chunks by their rows, ascending, with their cosines to the query's parts, shape (chunks, parts), and BM25 scores, 0 where the words did not find them.

    `near` marks the chunks that the vectors proposed, `worded` those that the words did. `vectors` are the query's parts, shape (parts, width); none where
    only words are searched. `are_all` says that to ask for more would find no more.
    """

    vectors: Vectors
    rows: Numbers
    cosines: Scores
    bm25: Scores
    near: Mask
    worded: Mask
    are_all: bool


def asks_for_something(text: str, query: Query) -> bool:
    """Whether there are words in `text`, which is left of the query's, or a role or phrase that is liked; a phrase without words is none."""
    return bool(exact_words(text) or query.like or any(map(exact_words, query.like_texts)))


class Searcher:
    """Asks the index, in whichever generation is current. Safe to use from several threads: one search more than there are processors runs at once, the
    others wait in the order of their coming.
    """

    def __init__(self, reader: IndexReader, embedder: Embedder, ranking: Ranking = OURS) -> None:
        self._reader = reader
        self._embedder = embedder
        self._ranking = ranking
        self._known_places: tuple[str, Mapping[str, Sequence[str]]] = ("", {})
        # More at once would take the interpreter and the processors' caches from each other, and all together do less. Measured: docs/performance.md, "Search".
        self._workers = ThreadPoolExecutor(processors(), "search")
        self._asking = threading.Lock()

    def load(self) -> None:
        """Load now what the first questions would wait for: the model, which takes seconds, and what questions are read by."""
        self._embedder.encode_query(["load"])
        understanding.load()

    def search(self, query: Query) -> Results:
        """The roles that answer the query, best first, at most `query.k`, each with its best passages; the notes say what a user should know.

        Raises UsageError for k below 1, a filter that compares with no number, and a liked or unliked role that is not there; and what Index.open raises.
        """
        if query.k < 1:
            raise UsageError(f"{query.k} results were asked for; ask for at least 1")
        started = time.perf_counter()
        # In this thread, where nobody else's question is in theirs: whoever asks alone need not wait for another thread to wake up.
        if self._asking.acquire(blocking=False):
            try:
                return self._search(query, started)
            finally:
                self._asking.release()
        return self._workers.submit(self._search, query, started).result()

    def _search(self, query: Query, started: float) -> Results:
        notes: list[str] = []
        text = _shortened(query.text, notes)
        with self._reader.current() as index:
            notes.extend([index.warning] if index.warning else [])
            understood = self._understood(text, index)
            hits = self._hits(index, query, understood, notes)
            generation = index.generation
        return Results(query, understood, tuple(hits), tuple(notes), (time.perf_counter() - started) * 1000, generation)

    def hit(self, query: Query, role_id: str) -> Hit | None:
        """How one role answers the query: its hit, whatever its rank would be, or None when the query asks for nothing or leaves the role out.

        The ranks in `why` are among this role alone and therefore left out.
        """
        notes: list[str] = []
        text = _shortened(query.text, notes)
        with self._reader.current() as index:
            understood = self._understood(text, index)
            if not exact_words(understood.asked.text):
                return None
            allowed = _allowed_roles(index, query.filters, understood, notes)
            only = index.roles.mask([role_id])
            if not only.any() or (allowed is not None and not (allowed & only).any()):
                return None
            text = understood.asked.text
            vectors = cache(partial(self._query_vectors, text, query, index, notes))
            hits = self._grouped(index, query, understood, self._candidates(index, query, text, vectors, only))
        return next((replace(hit, why={name: value for name, value in hit.why.items() if not name.endswith("_rank")}) for hit in hits), None)

    def role(self, role_id: str) -> Role:
        """A role, whole. Raises NoSuchRole when the index has no role of this id."""
        with self._reader.current() as index:
            role = index.manifest.roles([role_id]).get(role_id)
        if role is None:
            raise _no_role(role_id)
        return role

    def titles(self, role_ids: Sequence[str]) -> dict[str, str]:
        """The titles of those of these roles that the index has, by id."""
        with self._reader.current() as index:
            return index.manifest.titles(role_ids)

    def source(self, role_id: str) -> Source:
        """The file that a role was read from, as it was found then. Raises NoSuchRole when the index has no role of this id."""
        with self._reader.current() as index:
            source = index.manifest.source_of_role(role_id)
        if source is None:
            raise _no_role(role_id)
        return source

    def attributes(self, keys: Collection[str], filters: Filters) -> dict[str, dict[str, list[str]]]:
        """Role id to the values that it has of these attributes, by key, for all roles that meet the filters; {} for one that has none of them.

        Raises UsageError for a filter that compares with no number, and what Index.open raises.
        """
        with self._reader.current() as index:
            ids = index.roles.ids(index.roles.meeting(filters))
            held = index.manifest.attributes_of(ids, keys)
        return {role_id: held.get(role_id, {}) for role_id in ids}

    def facets(self, query: Query = EVERYTHING) -> dict[str, dict[str, int]]:
        """Attribute key to its values, each with the number of roles that choosing it would leave: those that pass the query's operators, demands and
        filters, the filters on the same attribute aside. Under SOURCE are the folders and files that roles come from.

        Raises what `search` raises.
        """
        with self._reader.current() as index:
            understood = self._understood(query.text[:LONGEST_QUERY], index)

            def left_by(conditions: Iterable[Condition]) -> dict[str, dict[str, int]]:
                return index.roles.facets(_allowed_roles(index, Filters(tuple(conditions)), understood, []))

            conditions = query.filters.conditions
            counts = left_by(conditions)
            for key in {condition.key.casefold() for condition in conditions}:
                counts[key] = left_by(condition for condition in conditions if condition.key.casefold() != key).get(key, {})
            return counts

    def twins(self, role_id: str) -> tuple[Twin, ...]:
        """All roles that are near-identical to one, the certain ones first. Raises UsageError when the index has no role of this id."""
        with self._reader.current() as index:
            _check_roles(index, [role_id])
            return index.manifest.twins([role_id]).get(role_id, ())

    def evidence(self, query: Query, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
        """For each passage the sentences in it that answer the query by meaning, as spans of the role's text; none where words alone are searched."""
        with self._reader.current() as index:
            text = self._understood(query.text[:LONGEST_QUERY], index).asked.text
            if query.mode is Mode.LEXICAL or not asks_for_something(text, query):
                return [()] * len(passages)
            return telling_sentences(passages, self._query_vectors(text, query, index, []), self._embedder)

    @property
    def folder(self) -> Path:
        """Where the index lies."""
        return self._reader.folder

    @property
    def embedder(self) -> Embedder:
        """The model that questions are embedded with, for what compares texts with each other."""
        return self._embedder

    def generation(self) -> str:
        """Name of the generation that would be asked now; "" when there is none."""
        return current_generation(self._reader.folder) or ""

    def status(self) -> IndexStatus:
        """What is in the index and what built it."""
        with self._reader.current() as index:
            manifest = index.manifest
            refused = [(refusal.name, refusal.reason) for refusal in manifest.refusals()]
            return IndexStatus(index.generation, manifest.count_roles(), manifest.count_chunks(), manifest.build(), refused)

    def contents(self) -> Contents:
        """All roles of the current generation side by side, and the files that it was made from."""
        with self._reader.current() as index:
            manifest, ids = index.manifest, index.manifest.role_ids()
            titles = manifest.titles(ids)
            return Contents(
                index.generation,
                tuple(ids),
                tuple(titles[role_id] for role_id in ids),
                manifest.attributes_of(ids, _SORTING),
                tuple(manifest.sources()),
                index.role_vectors.vectors(ids),
            )

    def close(self) -> None:
        """Let go of the index."""
        self._reader.close()

    def _understood(self, text: str, index: Index) -> Understood:
        if not self._ranking.understanding:
            return Understood(take_operators(text))
        understood = understand(text)
        if len(text.split()) > LONGEST_INSTRUCTION:
            return understood
        corrections = misspelt(understood, index, self._embedder.count_tokens)
        if corrections:
            understood = replace(understand(respelt(text, corrections)), corrections=corrections)
        return replace(understood, wishes=understood.wishes + place_wishes(understood.asked.text, self._places(index)))

    def _places(self, index: Index) -> Mapping[str, Sequence[str]]:
        """The places that roles of this generation have; what threads find at once is the same."""
        if self._known_places[0] != index.generation:
            self._known_places = index.generation, places_by_word(index.manifest.values_of("place"))
        return self._known_places[1]

    def _hits(self, index: Index, query: Query, understood: Understood, notes: list[str]) -> list[Hit]:
        _check_roles(index, (*query.like, *query.unlike))
        if query.mode is Mode.LEXICAL and query.is_steered:
            notes.append("Words alone cannot be steered by what is liked or not; roles named so were only left out. Search by meaning, or both, for that.")
        if not asks_for_something(understood.asked.text, query):
            if query.filters and not query.text.strip():
                return _browsed(index, query, notes)
            notes.append(_nothing_to_look_for(understood))
            return []
        allowed = _allowed_roles(index, query.filters, understood, notes)
        if allowed is not None and not allowed.any():
            return []
        if query.like or query.unlike:
            others = ~index.roles.mask((*query.like, *query.unlike))
            allowed = others if allowed is None else allowed & others
        text = understood.asked.text
        # Asked for by the half that needs them, beside which the other may begin.
        vectors = cache(partial(self._query_vectors, text, query, index, notes))
        hits: list[Hit] = []
        for doubled in range(MOST_DOUBLINGS + 1):
            candidates = self._candidates(index, query, text, vectors, allowed, 2**doubled)
            hits = self._grouped(index, query, understood, candidates)
            if len(hits) >= query.k or candidates.are_all:
                break
        notes.extend(_verdict(hits))
        return hits

    def _candidates(self, index: Index, query: Query, text: str, vectors_of: Callable[[], Vectors], allowed: Mask | None, times: int = 1) -> _Candidates:
        """What each half proposes, `times` as much as usual; `vectors_of` embeds the query."""
        nothing: Numbers = np.empty(0, dtype=np.intp)

        def by_meaning() -> tuple[Numbers, bool]:
            vectors = vectors_of()
            if query.mode is Mode.LEXICAL:
                return nothing, True
            among = None if allowed is None else allowed[index.vectors.owners]
            wanted = times * max(DENSE_CANDIDATES, CANDIDATES_A_HIT * query.k) // len(vectors)
            nearest = [index.vectors.nearest_rows(vector, wanted, among)[0] for vector in vectors]
            return np.concatenate(nearest), len(nearest[0]) < wanted

        def by_words() -> tuple[Numbers, Scores, bool]:
            if query.mode is Mode.DENSE:
                return nothing, np.empty(0), True
            kept = None if allowed is None else Kept(index.roles, allowed)
            wanted = times * max(LEXICAL_CANDIDATES, CANDIDATES_A_HIT * query.k)
            numbers, scores = index.lexical.best(text, wanted, kept)
            return index.vectors.by_id[numbers], scores, len(numbers) < wanted

        coming = threads("parts of a search").submit(by_words)
        try:
            near, no_nearer = by_meaning()
        finally:
            # Whatever happens here: the index stays open for as long as it is asked.
            wait([coming])
        worded, lexical, no_more_worded = coming.result()
        are_all = no_more_worded if query.mode is Mode.LEXICAL else no_nearer
        proposed = np.sort(np.concatenate([near, worded]))
        rows = proposed[is_first(proposed)]
        is_near, is_worded, bm25 = np.zeros(len(rows), dtype=np.bool_), np.zeros(len(rows), dtype=np.bool_), np.zeros(len(rows))
        is_near[np.searchsorted(rows, near)] = True
        is_worded[np.searchsorted(rows, worded)] = True
        bm25[np.searchsorted(rows, worded)] = lexical
        vectors = vectors_of()
        cosines = index.vectors.cosines(rows, vectors).astype(np.float64)
        return _Candidates(vectors, rows, cosines, bm25, is_near, is_worded, are_all)

    def _query_vectors(self, text: str, query: Query, index: Index, notes: list[str]) -> Vectors:
        """The query's vector, moved towards the roles and phrases that are liked and away from those that are not; of a text longer than the model reads, a
        vector for each of the parts that it is cut into. None where only words are searched.
        """
        if query.mode is Mode.LEXICAL:
            return np.empty((0, self._embedder.width), dtype=np.float32)
        _check_roles(index, (*query.like, *query.unlike))
        if not query.is_steered:
            return self._text_vectors(text, index, notes)
        liked, unliked = (
            # Sorted, so that in whichever order they are named, and how often, the answer is the same to the last digit.
            np.concatenate([index.role_vectors.vectors(sorted(set(role_ids))), self._phrase_vectors(sorted(set(phrases)), index)])
            for role_ids, phrases in ((query.like, query.like_texts), (query.unlike, query.unlike_texts))
        )
        return steered(self._text_vectors(text, index, notes), liked, unliked)

    def _phrase_vectors(self, phrases: Sequence[str], index: Index) -> Vectors:
        """A vector for each phrase that has words, made like a question's; of one that is cut into parts, the direction of them all."""
        parts = (self._text_vectors(phrase[:LONGEST_QUERY], index, []) for phrase in phrases)
        return np.concatenate([np.empty((0, self._embedder.width), dtype=np.float32), *(direction(vectors) for vectors in parts if len(vectors))])

    def _text_vectors(self, text: str, index: Index, notes: list[str]) -> Vectors:
        """What is typed is moved by the query adapter, which learnt from titles and sentences; what is pasted is a description already, like the roles."""
        if not exact_words(text):
            return np.empty((0, self._embedder.width), dtype=np.float32)
        parts = self._parts(text)
        if len(parts) > 1:
            notes.append(
                f"The query is longer than the model reads at once: it was cut into {len(parts)} parts, and a role counts by how well it answers each."
            )
        # Before the model is waited for, which may still be loading.
        adapter = adapter_for(self._embedder.fingerprint) if self._ranking.adapter and len(text.split()) <= LONGEST_INSTRUCTION else None
        vectors = self._embedder.encode_query(parts)
        if adapter is None:
            return vectors
        moved = adapter.moved(vectors)
        return mixed(vectors, moved, index.role_vectors.nearest(vectors), index.role_vectors.nearest(moved), trust(len(text.split())))

    def _parts(self, text: str) -> list[str]:
        limit = self._embedder.max_tokens
        # No token is shorter than a byte.
        if len(text.encode()) < limit or self._embedder.count_tokens([text])[0] <= limit:
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

    def _grouped(self, index: Index, query: Query, understood: Understood, candidates: _Candidates) -> list[Hit]:
        """Chunks to roles: a role counts as much as its best chunk in each half, and as a whole."""
        if not len(candidates.rows):
            return []
        owners = index.vectors.owners[candidates.rows]
        starts = np.flatnonzero(is_first(owners))
        roles = owners[starts]
        why = _halves(candidates, starts)
        scores = why["lexical"] if query.mode is Mode.LEXICAL else why["dense"]
        if query.mode is not Mode.LEXICAL:
            scores = fuse(scores, np.nan_to_num(why["lexical"]), self._ranking.words * (1 + self._ranking.whole_role))
            if self._ranking.whole_role:
                # To a query of several parts, on the average.
                why["role"] = index.role_vectors.cosines(roles, candidates.vectors).mean(axis=1).astype(np.float64)
                scores = scores + self._ranking.whole_role * why["role"]
        if query.mode is Mode.HYBRID and understood.wishes:
            met, added = _fulfilled(index, self._ranking, understood.wishes, roles)
            scores = scores + added
            why |= {f"wish_{key}": values for key, values in met.items()}
        if query.mode is Mode.HYBRID and self._ranking.title and (job := job_named(understood)):
            named = np.array(titled(index.roles.titles(roles), job), dtype=np.bool_)
            why["title"] = np.where(named, 1.0, np.nan)
            scores = scores + self._ranking.title * named
        order = ranked(scores)
        best = order[_firsts(index, query, roles[order])]
        ids = index.roles.ids_at(roles[best])
        outlines, twins = index.manifest.outlines(ids), index.manifest.twins(ids)
        shown = [outlines[role_id] for role_id in ids]
        told = {name: why[name][best].tolist() for name in _WHY if name in why}
        return [
            Hit(
                role.id,
                role.title,
                role.source,
                score,
                {name: values[number] for name, values in told.items() if not math.isnan(values[number])},
                role.attributes,
                passages,
                twins.get(role.id, ()),
            )
            for number, (role, score, passages) in enumerate(
                zip(shown, scores[best].tolist(), _passages(index, candidates, owners, roles[best], shown), strict=True)
            )
        ]


def _halves(candidates: _Candidates, starts: Numbers) -> dict[str, Scores]:
    """For each half the scores of the roles whose chunks begin at `starts`, and their ranks among those that it proposed; NaN where it knows none.

    Of a query of several parts the role's best chunk for each part counts, on the average over the parts.
    """
    lexical = np.where(np.logical_or.reduceat(candidates.worded, starts), best_of_each(candidates.bm25, starts), np.nan)
    found = {"lexical": lexical, "lexical_rank": _ranks(lexical)}
    if len(candidates.vectors):
        near = best_of_each(np.where(candidates.near[:, np.newaxis], candidates.cosines, -np.inf), starts).mean(axis=1)
        found["dense"] = best_of_each(candidates.cosines, starts).mean(axis=1)
        found["dense_rank"] = _ranks(np.where(np.isfinite(near), near, np.nan))
    return found


def _ranks(scores: Scores) -> Scores:
    """1 for the best; NaN where there is no score."""
    there = np.flatnonzero(~np.isnan(scores))
    ranks = np.full(len(scores), np.nan)
    ranks[there[ranked(scores[there])]] = np.arange(1, len(there) + 1)
    return ranks


def _fulfilled(index: Index, ranking: Ranking, wishes: Sequence[Wish], roles: Numbers) -> tuple[dict[str, Scores], Scores]:
    """For each key that is wished for how far these roles meet the wishes, and what that adds to their scores: worked out once for roles that hold the same."""
    wanted = {key: tuple(dict.fromkeys(wish.value for wish in wishes if wish.key == key)) for key in dict.fromkeys(wish.key for wish in wishes)}
    # Of a level the others count, too, by their distance; of a place any way of writing it.
    told = [
        (key, values)
        for key, listed in wanted.items()
        for values in ([(level,) for level in LEVELS] if key == "level" else [listed] if key == "place" else [(value,) for value in listed])
    ]
    holding = np.stack([index.roles.having(key, values)[roles] for key, values in told], axis=1)
    # A byte each, so that a role's row is a key; far quicker than to sort the rows.
    marks, width = holding.tobytes(), len(told)
    kinds: dict[bytes, int] = {}
    kind = [kinds.setdefault(marks[start : start + width], len(kinds)) for start in range(0, len(marks), width)]
    met = []
    for held_of_kind in kinds:
        held: dict[str, list[str]] = {}
        for (key, values), is_held in zip(told, held_of_kind, strict=True):
            if is_held:
                held.setdefault(key, []).append(values[0])
        met.append(fulfilment(wishes, held))
    return {key: np.array([one[key] for one in met])[kind] for key in wanted}, np.array([bonus(ranking, one) for one in met])[kind]


def _browsed(index: Index, query: Query, notes: list[str]) -> list[Hit]:
    """The roles that pass the filters of a query that asks nothing else, by title, each with the chunks that it begins with; they have no score."""
    allowed = _allowed_roles(index, query.filters, Understood(), notes)
    rows = np.flatnonzero(allowed & ~index.roles.mask(query.unlike)) if allowed is not None else np.empty(0, dtype=np.intp)
    titles = [title.casefold() for title in index.roles.titles(rows)]
    # Of equal titles by id, as the rows are.
    rows = rows[sorted(range(len(rows)), key=titles.__getitem__)]
    best = index.roles.ids_at(rows[_firsts(index, query, rows)])
    if len(rows) > len(best):
        notes.append(f"{len(rows):,} roles pass the filters; the first {len(best)} by title are shown. Ask for something to see those that fit best.")
    roles, twins, chunks = index.manifest.outlines(best), index.manifest.twins(best), index.manifest.chunks(index.manifest.chunk_ids_of_roles(best))
    beginnings: dict[str, list[Passage]] = {role_id: [] for role_id in best}
    for chunk in sorted(chunks.values(), key=lambda chunk: chunk.start):
        beginnings[chunk.role_id].append(Passage(chunk.text, chunk.section, chunk.start, chunk.end, 0.0))
    return [
        Hit(role.id, role.title, role.source, 0.0, {}, role.attributes, tuple(beginnings[role.id][:PASSAGES_A_HIT]), twins.get(role.id, ()))
        for role in (roles[role_id] for role_id in best)
    ]


def _firsts(index: Index, query: Query, roles: Numbers) -> Numbers:
    """The places of the first k of these roles; of near-identical ones only of the first, where the query collapses them."""
    if not query.collapsed:
        return np.arange(min(query.k, len(roles)))
    firsts: dict[str, int] = {}
    # Asked for a few at a time: rarely many copies stand before the last that is wanted.
    for start in range(0, len(roles), some := 2 * query.k):
        listed = index.roles.ids_at(roles[start : start + some])
        groups = index.manifest.groups(listed)
        for place, role_id in enumerate(listed, start):
            firsts.setdefault(groups.get(role_id, role_id), place)
        if len(firsts) >= query.k:
            break
    return np.array(list(firsts.values())[: query.k], dtype=np.intp)


def _no_role(role_id: str) -> NoSuchRole:
    return NoSuchRole(f"the index has no role {role_id!r}; ids are listed in search results as role_id")


def _check_roles(index: Index, role_ids: Sequence[str]) -> None:
    """Raises UsageError for a role that a query names and that is not there."""
    for role_id in sorted(set(role_ids) - index.manifest.titles(role_ids).keys()):
        raise _no_role(role_id)


def _shortened(text: str, notes: list[str]) -> str:
    if len(text) <= LONGEST_QUERY:
        return text
    notes.append(f"The query has {len(text):,} characters; only the first {LONGEST_QUERY:,} were used.")
    return text[:LONGEST_QUERY]


def _nothing_to_look_for(understood: Understood) -> str:
    if understood.asked.has_operators or understood.demands:
        return "The query only says what to leave out. Add what to look for, such as: platform lead -manager"
    return "The query is empty. Type a title, a skill or a sentence, such as: Kubernetes mentorship lead"


def _allowed_roles(index: Index, filters: Filters, understood: Understood, notes: list[str]) -> Mask | None:
    """The roles that the filters, demands and operators leave; None when they leave all."""
    asked = understood.asked
    if not filters and not asked.has_operators and not understood.demands:
        return None
    allowed = index.roles.meeting(filters)
    if not allowed.any():
        notes.append(_nothing_passes(index, filters))
        return allowed
    for phrase in asked.phrases:
        with_phrase = index.roles.saying(phrase)
        if not with_phrase.any():
            notes.append(f'No role holds the exact words "{phrase}". Search without the quotation marks to find what means the same.')
        allowed &= with_phrase
    for word in asked.excluded_words:
        # The plural goes with the word: who excludes "manager" means "managers" too.
        for form in (word, f"{' '.join(exact_words(word))}s"):
            allowed &= ~index.roles.saying(form)
    for phrase in asked.excluded_phrases:
        allowed &= ~index.roles.saying(phrase)
    for demand in understood.demands:
        allowed &= _roles_meeting(index, demand)
    if not allowed.any() and not notes:
        notes.append("No role is left by the filters, demands, exact words and exclusions together. Take one of them away.")
    return allowed


def _roles_meeting(index: Index, demand: Demand) -> Mask:
    allowed = index.roles.meeting(Filters(tuple(condition for condition in demand.conditions if condition.key != WORDS)))
    for condition in demand.conditions:
        if condition.key == WORDS:
            allowed &= ~index.roles.affirming(condition.value)
    return allowed


def _nothing_passes(index: Index, filters: Filters) -> str:
    facets = index.roles.facets()
    for condition in filters.conditions:
        if condition.key.casefold() not in facets:
            known = ", ".join(sorted(facets)) or "none"
            return f"No role has an attribute {condition.key!r}. Attributes that can be filtered: {known}."
    shown = " and ".join(f"{condition.key}{condition.operator}{condition.value}" for condition in filters.conditions)
    return f"No role passes the filter {shown}. Values there are: " + "; ".join(
        f"{key}: {', '.join(list(facets[key])[:8])}" for key in dict.fromkeys(condition.key.casefold() for condition in filters.conditions)
    )


def _passages(index: Index, candidates: _Candidates, owners: Numbers, rows: Numbers, roles: Sequence[Role]) -> list[tuple[Passage, ...]]:
    """For each of these roles, which are in these rows, its best chunks as passages, best first; `owners` are the candidates' roles, ascending."""
    # A passage speaks for a role by the part of the query that it answers best.
    scores = fuse(candidates.cosines.max(axis=1) if len(candidates.vectors) else np.zeros(len(owners)), candidates.bm25)
    best: list[list[tuple[float, str]]] = []
    for start, end in zip(np.searchsorted(owners, rows).tolist(), np.searchsorted(owners, rows, "right").tolist(), strict=True):
        listed = zip((-scores[start:end]).tolist(), index.vectors.ids_at(candidates.rows[start:end]), strict=True)
        best.append(sorted(listed)[:PASSAGES_A_HIT])
    places = index.manifest.places_of_chunks([chunk_id for pairs in best for _, chunk_id in pairs])
    return [tuple(_passage(role, -below, *places[chunk_id]) for below, chunk_id in pairs) for role, pairs in zip(roles, best, strict=True)]


def _passage(role: Role, score: float, section: str, start: int, end: int) -> Passage:
    return Passage(role.text[start:end], section, start, end, score)


def _verdict(hits: Sequence[Hit]) -> list[str]:
    if not hits:
        return ["No role was found. Try other words, or the mode that searches by meaning."]
    if all(hit.why.get("dense", 1.0) < FAR_AWAY for hit in hits) and not any(hits[0].why.get(f"wish_{key}") for key in _TELLING):
        return ["No role is close in meaning to the query; the nearest are shown."]
    return []
