"""A query in, ranked roles out. `Searcher.search` reads from top to bottom as the data flows."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from search.adapter import adapter_for, mixed, trust
from search.attributes.negation import negated
from search.chunk_vectors import Mask
from search.embedding import Embedder, Vectors
from search.errors import NoSuchRole, UsageError
from search.evidence import telling_sentences
from search.feedback import direction, steered
from search.fusion import best_by_part, best_of_each, fuse, ranked
from search.index import Index, IndexReader, current_generation
from search.manifest import SOURCE, Source
from search.query_language import take_operators
from search.ranking import OURS, WISHED, Ranking, bonus, fulfilment, titled
from search.records import WORDS, Chunk, Condition, Demand, Filters, Hit, Mode, Passage, Query, Results, Role, Twin, Understood
from search.rows import Kept
from search.sentences import Span
from search.spelling import misspelt, respelt
from search.understanding import LONGEST_INSTRUCTION, job_named, place_wishes, places_by_word, understand
from search.words import exact_words, phrase_spans

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
# Where more roles than this hold a refused word, it is common and its context is not looked at: reading their texts would take longer than the search.
MOST_TEXTS_READ = 500
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


@dataclass(slots=True)
class _Candidates:
    """Scores by chunk id: cosines (one for each part of the query), BM25; `dense_found` are the chunks that the vector index itself proposed.

    `vectors` are the query's parts, shape (parts, width); none where only words are searched.
    """

    vectors: Vectors
    cosines: dict[str, tuple[float, ...]] = field(default_factory=dict)
    bm25: dict[str, float] = field(default_factory=dict)
    dense_found: frozenset[str] = frozenset()

    def chunk_ids(self) -> set[str]:
        """All chunks that either half proposed."""
        return self.cosines.keys() | self.bm25.keys()


class Searcher:
    """Asks the index, in whichever generation is current. Safe to use from several threads."""

    def __init__(self, reader: IndexReader, embedder: Embedder, ranking: Ranking = OURS) -> None:
        self._reader = reader
        self._embedder = embedder
        self._ranking = ranking
        self._known_places: tuple[str, Mapping[str, Sequence[str]]] = ("", {})

    def search(self, query: Query) -> Results:
        """The roles that answer the query, best first, at most `query.k`, each with its best passages; the notes say what a user should know.

        Raises UsageError for k below 1, a filter that compares with no number, and a liked or unliked role that is not there; and what Index.open raises.
        """
        started = time.perf_counter()
        if query.k < 1:
            raise UsageError(f"{query.k} results were asked for; ask for at least 1")
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
            candidates = self._candidates(index, query, understood.asked.text, only, notes)
            hits = self._grouped(index, query, understood, candidates, dict.fromkeys(candidates.chunk_ids(), role_id))
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
                mask = _allowed_roles(index, Filters(tuple(conditions)), understood, [])
                allowed = None if mask is None else index.roles.ids(mask)
                return index.manifest.facets(allowed) | ({SOURCE: places} if (places := index.manifest.places(allowed)) else {})

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
            if query.mode is Mode.LEXICAL or not (exact_words(text) or query.likes):
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
        if not query.text.strip() and query.filters and not query.likes:
            return _browsed(index, query, notes)
        if not exact_words(understood.asked.text) and not query.likes:
            notes.append(_nothing_to_look_for(understood))
            return []
        allowed = _allowed_roles(index, query.filters, understood, notes)
        if allowed is not None and not allowed.any():
            return []
        if query.like or query.unlike:
            others = ~index.roles.mask((*query.like, *query.unlike))
            allowed = others if allowed is None else allowed & others
        candidates = self._candidates(index, query, understood.asked.text, allowed, notes)
        hits = self._grouped(index, query, understood, candidates, index.manifest.roles_of_chunks(candidates.chunk_ids()))
        notes.extend(_verdict(hits))
        return hits

    def _candidates(self, index: Index, query: Query, text: str, allowed: Mask | None, notes: list[str]) -> _Candidates:
        if query.mode is Mode.LEXICAL:
            found = _Candidates(np.empty((0, 0), dtype=np.float32))
        else:
            found = _Candidates(self._query_vectors(text, query, index, notes))
            among = None if allowed is None else allowed[index.vectors.owners]
            wanted = max(DENSE_CANDIDATES, CANDIDATES_A_HIT * query.k) // len(found.vectors)
            nearest = [dict(index.vectors.nearest(vector, wanted, among)) for vector in found.vectors]
            found.dense_found = frozenset().union(*nearest)
            if len(nearest) == 1:
                found.cosines = {chunk_id: (cosine,) for chunk_id, cosine in nearest[0].items()}
        if query.mode is not Mode.DENSE:
            kept = None if allowed is None else Kept(index.roles, allowed)
            found.bm25 = dict(index.lexical.best(text, max(LEXICAL_CANDIDATES, CANDIDATES_A_HIT * query.k), kept))
        if query.mode is not Mode.LEXICAL:
            missing = sorted((found.dense_found | found.bm25.keys()) - found.cosines.keys())
            cosines = index.vectors.vectors(missing) @ found.vectors.T if missing else ()
            found.cosines.update((chunk_id, tuple(map(float, row))) for chunk_id, row in zip(missing, cosines, strict=True))
        return found

    def _query_vectors(self, text: str, query: Query, index: Index, notes: list[str]) -> Vectors:
        """The query's vector, moved towards the roles and phrases that are liked and away from those that are not; of a text longer than the model reads, a
        vector for each of the parts that it is cut into.
        """
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
        vectors = self._embedder.encode_query(parts)
        adapter = adapter_for(self._embedder.fingerprint) if self._ranking.adapter and len(text.split()) <= LONGEST_INSTRUCTION else None
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

    def _grouped(self, index: Index, query: Query, understood: Understood, candidates: _Candidates, owner: Mapping[str, str]) -> list[Hit]:
        """Chunks to roles: a role counts as much as its best chunk in each half, and as a whole."""
        cosines = best_by_part(candidates.cosines, owner)
        bm25 = best_of_each(candidates.bm25.items(), owner)
        why: dict[str, dict[str, float]] = {"dense": cosines, "lexical": bm25}
        if query.mode is Mode.LEXICAL:
            scores = bm25
        else:
            scores = fuse(cosines, bm25, self._ranking.words * (1 + self._ranking.whole_role))
            if self._ranking.whole_role:
                why["role"] = _whole_role_cosines(index, candidates.vectors, list(scores))
                scores = {role_id: score + self._ranking.whole_role * why["role"][role_id] for role_id, score in scores.items()}
        if query.mode is Mode.HYBRID and understood.wishes:
            held = index.manifest.attributes_of(list(scores), {wish.key for wish in understood.wishes})
            fulfilled = {role_id: fulfilment(understood.wishes, held.get(role_id, {})) for role_id in scores}
            scores = {role_id: score + bonus(self._ranking, fulfilled[role_id]) for role_id, score in scores.items()}
            for key in dict.fromkeys(wish.key for wish in understood.wishes):
                why[f"wish_{key}"] = {role_id: by_key[key] for role_id, by_key in fulfilled.items()}
        if query.mode is Mode.HYBRID and self._ranking.title and (job := job_named(understood)):
            why["title"] = {role_id: 1.0 for role_id, title in index.manifest.titles(list(scores)).items() if titled(title, job)}
            scores = {role_id: score + self._ranking.title * why["title"].get(role_id, 0.0) for role_id, score in scores.items()}
        best = _firsts(index, query, ranked(scores))
        dense_found = {chunk_id: candidates.cosines[chunk_id] for chunk_id in candidates.dense_found}
        why |= {"dense_rank": _ranks(best_by_part(dense_found, owner)), "lexical_rank": _ranks(bm25)}
        passages = _passages(index, candidates, owner, best)
        roles, twins = index.manifest.roles(best), index.manifest.twins(best)
        return [
            Hit(
                role_id,
                roles[role_id].title,
                roles[role_id].source,
                scores[role_id],
                {name: why[name][role_id] for name in _WHY if name in why and role_id in why[name]},
                roles[role_id].attributes,
                passages[role_id],
                twins.get(role_id, ()),
            )
            for role_id in best
        ]


def _browsed(index: Index, query: Query, notes: list[str]) -> list[Hit]:
    """The roles that pass the filters of a query that asks nothing else, by title, each with the chunks that it begins with; they have no score."""
    allowed = _allowed_roles(index, query.filters, Understood(), notes)
    titles = {} if allowed is None else index.manifest.titles(index.roles.ids(allowed & ~index.roles.mask(query.unlike)))
    best = _firsts(index, query, sorted(titles, key=lambda role_id: (titles[role_id].casefold(), role_id)))
    if len(titles) > len(best):
        notes.append(f"{len(titles):,} roles pass the filters; the first {len(best)} by title are shown. Ask for something to see those that fit best.")
    roles, twins, chunks = index.manifest.roles(best), index.manifest.twins(best), index.manifest.chunks(index.manifest.chunk_ids_of_roles(best))
    beginnings: dict[str, list[Passage]] = {role_id: [] for role_id in best}
    for chunk in sorted(chunks.values(), key=lambda chunk: chunk.start):
        beginnings[chunk.role_id].append(_passage(chunk, 0.0))
    return [
        Hit(role.id, role.title, role.source, 0.0, {}, role.attributes, tuple(beginnings[role.id][:PASSAGES_A_HIT]), twins.get(role.id, ()))
        for role in (roles[role_id] for role_id in best)
    ]


def _firsts(index: Index, query: Query, role_ids: Sequence[str]) -> list[str]:
    """The first k of these roles; of near-identical ones only the first, where the query collapses them."""
    if not query.collapsed:
        return list(role_ids[: query.k])
    groups, firsts = index.manifest.groups(role_ids), dict[str, str]()
    for role_id in role_ids:
        firsts.setdefault(groups.get(role_id, role_id), role_id)
    return list(firsts.values())[: query.k]


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
        with_phrase = index.roles.mask(index.lexical.roles_with(phrase))
        if not with_phrase.any():
            notes.append(f'No role holds the exact words "{phrase}". Search without the quotation marks to find what means the same.')
        allowed &= with_phrase
    for word in asked.excluded_words:
        # The plural goes with the word: who excludes "manager" means "managers" too.
        for form in (word, f"{' '.join(exact_words(word))}s"):
            allowed &= ~index.roles.mask(index.lexical.roles_with(form))
    for phrase in asked.excluded_phrases:
        allowed &= ~index.roles.mask(index.lexical.roles_with(phrase))
    for demand in understood.demands:
        allowed &= _roles_meeting(index, demand)
    if not allowed.any() and not notes:
        notes.append("No role is left by the filters, demands, exact words and exclusions together. Take one of them away.")
    return allowed


def _roles_meeting(index: Index, demand: Demand) -> Mask:
    allowed = index.roles.meeting(Filters(tuple(condition for condition in demand.conditions if condition.key != WORDS)))
    for condition in demand.conditions:
        if condition.key == WORDS:
            allowed &= ~index.roles.mask(_roles_that_speak_of(index, condition.value))
    return allowed


def _roles_that_speak_of(index: Index, phrase: str) -> set[str]:
    """Ids of the roles that hold the phrase and do not only deny it: "no desk" leaves in a role that says "no desk" itself."""
    holding = index.lexical.roles_with(phrase)
    if len(holding) > MOST_TEXTS_READ:
        return holding
    return {role.id for role in index.manifest.roles(holding).values() if _affirms(f"{role.title}\n{role.text}", phrase)}


def _affirms(text: str, phrase: str) -> bool:
    return any(not negated(text, start, end) for start, end in phrase_spans(text, phrase))


def _nothing_passes(index: Index, filters: Filters) -> str:
    facets = {key.casefold(): values for key, values in index.manifest.facets().items()} | {SOURCE: index.manifest.places()}
    for condition in filters.conditions:
        if condition.key.casefold() not in facets:
            known = ", ".join(sorted(facets)) or "none"
            return f"No role has an attribute {condition.key!r}. Attributes that can be filtered: {known}."
    shown = " and ".join(f"{condition.key}{condition.operator}{condition.value}" for condition in filters.conditions)
    return f"No role passes the filter {shown}. Values there are: " + "; ".join(
        f"{key}: {', '.join(list(facets[key])[:8])}" for key in dict.fromkeys(condition.key.casefold() for condition in filters.conditions)
    )


def _whole_role_cosines(index: Index, vectors: Vectors, role_ids: Sequence[str]) -> dict[str, float]:
    """How near each role as a whole is to the query; to a query of several parts, on the average."""
    if not role_ids:
        return {}
    cosines = (index.role_vectors.vectors(role_ids) @ vectors.T).mean(axis=1)
    return dict(zip(role_ids, cosines.tolist(), strict=True))


def _ranks(scores: Mapping[str, float]) -> dict[str, float]:
    return {role_id: float(rank) for rank, role_id in enumerate(ranked(scores), start=1)}


def _passages(index: Index, candidates: _Candidates, owner: Mapping[str, str], role_ids: Sequence[str]) -> dict[str, tuple[Passage, ...]]:
    """The best chunks of each role as passages, best first."""
    # A passage speaks for a role by the part of the query that it answers best.
    scores = fuse({chunk_id: max(cosines) for chunk_id, cosines in candidates.cosines.items()}, candidates.bm25)
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
    if all(hit.why.get("dense", 1.0) < FAR_AWAY for hit in hits) and not any(hits[0].why.get(f"wish_{key}") for key in _TELLING):
        return ["No role is close in meaning to the query; the nearest are shown."]
    return []
