"""What a search costs as the index grows: `python -m bench.scale INDEX CHUNKS…`, for example `python -m bench.scale .rolesearch 50000 1000000`.

INDEX is a published index of real roles. Indexes of the sizes asked for are made of it in a temporary folder: each role is a real one's chunks, their words
partly changed for those of other chunks and their vectors for others near them, so that nothing needs to be embedded. They have no graph: no search asks it.
Printed are, for each size, times from a question's text to its answer as JSON, with the embedding of the question and without, under filters that leave a
half to a thousandth of the roles; the recall of the dense half against looking at all vectors; and questions a second with 1, 2 and 8 threads.
"""

import itertools
import statistics
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bench.measuring import both_times, disk_mb, quantile, timed
from search.chunk_vectors import ChunkVectors, quantize, write_chunk_vectors
from search.embedding import SHIPPED_MODEL, Embedder, Vectors, open_embedder
from search.filters import parse_filters
from search.index import DERIVED_PARTS, Index, IndexReader, generation_folder, write_values
from search.judgements import read_judged_queries
from search.lexical import TantivyLexical
from search.manifest import Manifest, Source
from search.records import Chunk, Filters, Query, Role
from search.role_vectors import write_role_vectors
from search.searcher import Searcher
from ui.present import compact_json, results_json

JUDGEMENTS = Path(__file__).resolve().parents[1] / "corpus" / "judgements"
# Of so many roles one is left by the filter of this name.
SHARES = {"half": 2, "tenth": 10, "hundredth": 100, "thousandth": 1_000}
# The filter of this name leaves none.
NOBODY = "nobody"
QUESTIONS, RECALL_AT, CHUNKS_AT_ONCE = 60, 50, 20_000
ROUNDS_OF_THREADS = 4
# So much of a vector is another chunk's at most, and so long is the noise: the nearest other chunk then lies about as far as among real chunks.
OTHERS_SHARE, NOISE = 0.5, 0.35
SEED = 7


@dataclass(frozen=True, slots=True)
class SearchCost:
    """Of one index, by filter: milliseconds from text to JSON, those of the processor, recall; questions a second by number of threads; and, as a yardstick of
    the machine in that minute, milliseconds that the model by itself takes to embed one of the questions.
    """

    p50: dict[str, float]
    p95: dict[str, float]
    processor: dict[str, float]
    recall: dict[str, float]
    rates: dict[str, float]
    model: float


class Remembering:
    """A model that has embedded all questions already."""

    def __init__(self, embedder: Embedder, texts: Sequence[str]) -> None:
        self._embedder = embedder
        self._known = dict(zip(texts, embedder.encode_query(texts), strict=True))
        self.fingerprint, self.width, self.max_tokens = embedder.fingerprint, embedder.width, embedder.max_tokens
        self.count_tokens, self.encode_document = embedder.count_tokens, embedder.encode_document

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Vectors, remembered where they are known."""
        for text in texts:
            if text not in self._known:
                self._known[text] = self._embedder.encode_query([text])[0]
        return np.stack([self._known[text] for text in texts])


class Grown:
    """Real roles, multiplied; the vectors of their chunks are made when they are asked for."""

    def __init__(self, index: Index) -> None:
        manifest = index.manifest
        self._roles = [manifest.roles([role_id])[role_id] for role_id in manifest.role_ids()]
        chunks = manifest.chunks(manifest.chunk_ids())
        by_role = manifest.chunks_of_roles()
        self._chunks = [[chunks[chunk_id] for chunk_id in by_role[role.id]] for role in self._roles]
        self._texts = [chunk.text.split() for chunk in chunks.values()]
        self._matrix = index.vectors.vectors([chunk.id for group in self._chunks for chunk in group])
        self._places = {chunk.id: place for place, chunk in enumerate(chunk for group in self._chunks for chunk in group)}
        self._near = np.argsort(-(self._matrix @ self._matrix[:: max(1, len(self._matrix) // 1_000)].T), axis=1)[:, 1:20]
        self._step = max(1, len(self._matrix) // 1_000)
        self._random = np.random.default_rng(SEED)

    def role(self, number: int) -> tuple[Role, list[Chunk]]:
        """The role of this number and its chunks; their ids begin with the place of the real chunk that they are made of."""
        real, parts = self._roles[number % len(self._roles)], self._chunks[number % len(self._roles)]
        role_id = f"grown/{number:07d}.md"
        text = ""
        chunks: list[Chunk] = []
        for part in parts:
            words, others = part.text.split(), self._texts[self._random.integers(len(self._texts))]
            for place in self._random.integers(len(words), size=len(words) // 4).tolist():
                words[place] = others[place % len(others)]
            start = len(text)
            text += " ".join(words) + "\n\n"
            chunk_id = f"{self._places[part.id]:08x}{number:016x}{len(chunks):08x}"
            chunks.append(Chunk(chunk_id, role_id, start, len(text) - 2, text[start:-2], real.title, part.section, part.heading))
        keeps = tuple(name for name, one_of in SHARES.items() if number % one_of == 0)
        return Role(role_id, real.title, text, role_id, (), {**real.attributes, "keeps": keeps}), chunks

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """A real chunk's vector mixed with that of a near one, and noise."""
        places = np.array([int(chunk_id[:8], 16) for chunk_id in ids])
        share = self._random.uniform(0, OTHERS_SHARE, (len(ids), 1)).astype(np.float32)
        near = self._near[places, self._random.integers(self._near.shape[1], size=len(ids))] * self._step
        noise = self._random.standard_normal((len(ids), self._matrix.shape[1]), dtype=np.float32)
        mixed = (1 - share) * self._matrix[places] + share * self._matrix[near] + NOISE / np.sqrt(self._matrix.shape[1]) * noise
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), dtype=np.float32)


def main() -> None:
    """Measure and print."""
    embedder = open_embedder(SHIPPED_MODEL)
    questions = judged_questions(QUESTIONS)
    remembering = Remembering(embedder, questions)
    real = Index.open(Path(sys.argv[1]), embedder.fingerprint)
    for size in map(int, sys.argv[2:]):
        with tempfile.TemporaryDirectory(prefix="rolesearch-scale-") as scratch:
            seconds = timed(partial(grow, real, Path(scratch), size))
            print(f"\n{size:,} chunks, made in {seconds:.0f} s, {disk_mb(Path(scratch)):,.0f} MB")
            measure(Path(scratch), questions, embedder, remembering)
    real.close()


def judged_questions(count: int) -> list[str]:
    """About so many of the shipped corpus's judged questions, evenly drawn."""
    texts = [query.text for query in read_judged_queries(JUDGEMENTS / "queries.tsv", JUDGEMENTS / "qrels")]
    return texts[:: max(1, len(texts) // count)]


def grow(real: Index, folder: Path, size: int) -> None:
    """Publish an index of at least `size` chunks in `folder`."""
    grown, place = Grown(real), generation_folder(folder, "000001")
    for part in DERIVED_PARTS:
        (place / part).mkdir(parents=True)
    manifest, lexical = Manifest.create(place / "manifest.sqlite3"), TantivyLexical(place / "lexical")
    manifest.put_source(Source("/grown", "grown", "/", "1"))
    chunks_of_roles: dict[str, list[str]] = {}
    pending: list[Chunk] = []
    made = 0
    while made < size:
        role, chunks = grown.role(len(chunks_of_roles))
        manifest.put_role(role, "/grown", len(chunks_of_roles), chunks)
        chunks_of_roles[role.id] = [chunk.id for chunk in chunks]
        pending += chunks
        made += len(chunks)
        if len(pending) >= CHUNKS_AT_ONCE or made >= size:
            lexical.put(pending)
            pending = []
    lexical.commit()
    build = dict(real.manifest.build()) | {"roles": str(len(chunks_of_roles)), "chunks": str(made)}
    manifest.set_build(build)
    write_chunk_vectors(place / "chunks", chunks_of_roles, grown, int(build["width"]))
    quantize(place / "chunks")
    write_role_vectors(place / "roles", chunks_of_roles, ChunkVectors(place / "chunks"), int(build["width"]))
    write_values(place / "roles", manifest)
    manifest.close()
    (folder / "CURRENT").write_text("000001\n", encoding="ascii")


def measure(folder: Path, questions: Sequence[str], embedder: Embedder, remembering: Embedder) -> SearchCost:
    """Times, recall and throughput of one index; times on the clock, and of the processor, which a busy machine blurs less."""
    p50, p95, processors, found, rates = {}, {}, {}, {}, {}
    whole, without = (Searcher(IndexReader(folder, model.fingerprint), model) for model in (embedder, remembering))
    whole.load()
    filters = {"none": Filters()} | {name: parse_filters([f"keeps={name}"]) for name in (*SHARES, NOBODY)}
    print(f"{'filter':12}{'with embedding: p50':>20}{'p95':>8}{'CPU':>8}{'without: p50':>14}{'p95':>8}{'CPU':>8}{'first':>8}   recall@{RECALL_AT}, least")
    for name, one in filters.items():
        first = 1000 * timed(partial(answer, without, questions[0], one))
        # What a process pays once, such as opening the index, is in the first question, which has a column of its own.
        for searcher, text in itertools.product((without, whole), questions[:10]):
            answer(searcher, text, one)
        shown = " " * 9
        for searcher in (whole, without):
            taken = [both_times(partial(answer, searcher, text, one)) for text in questions]
            clock, processor = ([1000 * times[place] for times in taken] for place in (0, 1))
            shown += f"{statistics.median(clock):14.1f}{statistics.quantiles(clock, n=20)[-1]:8.1f}{statistics.median(processor):8.1f}"
            if searcher is whole:
                p50[name], p95[name], processors[name] = statistics.median(clock), quantile(clock, 0.95), statistics.median(processor)
        recalls = recall(folder, remembering.encode_query(questions), one)
        print(f"{name:9}{shown[6:]}{first:8.1f}   {statistics.mean(recalls):.4f}, {min(recalls):.2f}", flush=True)
        found[name] = statistics.mean(recalls)
    model = statistics.median(1000 * timed(partial(embedder.encode_query, [text])) for text in questions)
    print(f"the model by itself: {model:.1f}")
    # In turn, several times: the machine's moods last longer than one of them takes.
    seconds = dict.fromkeys((1, 2, 8), 0.0)
    for threads in list(seconds) * ROUNDS_OF_THREADS:
        with ThreadPoolExecutor(threads) as pool:
            seconds[threads] += timed(partial(all_answers, pool, whole, questions, filters["half"]))
    for threads, taken_in_all in seconds.items():
        rates[str(threads)] = ROUNDS_OF_THREADS * len(questions) / taken_in_all
        print(f"{threads} threads: {rates[str(threads)]:.0f} questions a second", flush=True)
    whole.close()
    without.close()
    return SearchCost(p50, p95, processors, found, rates, model)


def all_answers(pool: ThreadPoolExecutor, searcher: Searcher, texts: Sequence[str], filters: Filters) -> list[bytes]:
    """Many questions, as many at once as the pool has threads."""
    return list(pool.map(partial(answer, searcher, filters=filters), texts))


def answer(searcher: Searcher, text: str, filters: Filters) -> bytes:
    """One question, from its text to the answer as JSON, which the service sends so."""
    return compact_json(results_json(searcher.search(Query(text, filters=filters))))


def recall(folder: Path, vectors: Vectors, filters: Filters) -> list[float]:
    """For each question the share of the nearest chunks that are found, against looking at all; 1 where a filter leaves none."""
    index = Index.open(folder)
    mask = index.roles.meeting(filters)[index.vectors.owners]
    rows = np.flatnonzero(mask)
    if not len(rows):
        index.close()
        return [1.0] * len(vectors)
    ids = np.array(index.vectors.ids_at(rows))
    cosines = np.concatenate([index.vectors.vectors(ids[start : start + CHUNKS_AT_ONCE].tolist()) @ vectors.T for start in range(0, len(ids), CHUNKS_AT_ONCE)])
    found = []
    for vector, column in zip(vectors, cosines.T, strict=True):
        k = min(RECALL_AT, len(ids))
        best = set(ids[np.argpartition(-column, k - 1)[:k]].tolist())
        nearest = index.vectors.nearest(vector, 200, mask if filters else None)[:k]
        found.append(len(best.intersection(chunk_id for chunk_id, _ in nearest)) / k)
    index.close()
    return found


if __name__ == "__main__":
    main()
