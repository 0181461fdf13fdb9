"""`make train`: trains the query adapter of search/adapter.py on O*NET and writes search/adapter.safetensors.

Queries are the taxonomy's alternate titles, and sentence-like ones made of each occupation's tasks: whole, a clause of one, or a stretch of its words. Every
query is set against all occupations at once (softmax over cosines to the mean of an occupation's chunks), so that hard negatives need no search; the chunk that
a task was taken from is left out of its occupation. Documents keep the untouched model's vectors: only a small network behind the query encoder learns, which
takes minutes. `--votes INDEX` adds the thumbs-up given on the page over that index. Seeds are fixed; the figures on held-out titles are printed at the end.
"""

import argparse
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch.nn import functional

from bench.graph import HIDDEN
from bench.quality import INDEXES
from ingest.pipeline import sync
from search.adapter import INPUT_SCALE, SHIPPED_ADAPTER, QueryAdapter, mixed, read_adapter, write_digest
from search.embedding import SHIPPED_MODEL, Embedder, Vectors, open_embedder
from search.evaluation import compare, evaluate
from search.index import Index
from search.judgements import JudgedQuery, read_judged_queries
from search.records import Hit, Query, Results, Understood

ROOT = Path(__file__).resolve().parents[1]
ONET = Path(os.environ.get("ROLESEARCH_CORPORA", ROOT.parent / "shared" / "corpora")) / "onet"
SEED = 1
EPOCHS = 12
BATCH = 384
SENTENCES = 0.4
LEARNING_RATE = 1e-3
TEMPERATURE = 0.05
DROPOUT = 0.2
# Noise that is added to a query's vector in training, as a share of its length: against learning single titles by heart.
NOISE = 0.3
HELD_OUT = 1_500
# A role counts by its best chunk and by its mean: search.ranking.
WHOLE_ROLE = 0.5


@dataclass(frozen=True, slots=True)
class Roles:
    """Roles as they are trained against: ids, sums of their chunks' vectors, all chunk vectors and the row of the role that owns each."""

    ids: list[str]
    sums: torch.Tensor
    chunks: torch.Tensor
    owners: torch.Tensor


@dataclass(frozen=True, slots=True)
class Examples:
    """Queries with the rows of their roles; `chunk` is the row of the chunk that a query was taken from, or -1."""

    texts: list[str]
    roles: list[list[int]]
    chunk: list[int]


class Network(torch.nn.Module):
    """What search.adapter.QueryAdapter computes, in training; starts as the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = torch.nn.Parameter(torch.eye(width))
        self.hidden = torch.nn.Linear(width, HIDDEN)
        self.out = torch.nn.Linear(HIDDEN, width)
        torch.nn.init.zeros_(self.out.weight)
        torch.nn.init.zeros_(self.out.bias)

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """Unit vectors (n, width) to unit vectors of the same shape."""
        if self.training:
            vectors = functional.normalize(vectors + NOISE * functional.normalize(torch.randn_like(vectors), dim=1), dim=1)
        hidden = functional.dropout(functional.gelu(self.hidden(INPUT_SCALE * vectors), approximate="tanh"), DROPOUT, self.training)
        return functional.normalize(vectors @ self.linear.T + self.out(hidden), dim=1)

    def matrices(self) -> dict[str, torch.Tensor]:
        """The parameters under the names of the file, in half precision."""
        named = {
            "linear": self.linear, "hidden": self.hidden.weight, "hidden_bias": self.hidden.bias, "out": self.out.weight, "out_bias": self.out.bias,
        }  # fmt: skip
        return {name: tensor.detach().half().contiguous() for name, tensor in named.items()}


def main() -> None:
    """Train, write and measure."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--votes", type=Path, action="append", default=[], metavar="INDEX", help="an index whose thumbs-up are learnt from as well")
    arguments.add_argument("--output", type=Path, default=SHIPPED_ADAPTER, help="the file to write")
    options = arguments.parse_args()
    if not ONET.is_dir():
        raise SystemExit(f"{ONET} is not there; ROLESEARCH_CORPORA names the folder that holds onet/")
    started = time.perf_counter()
    random.seed(SEED)
    torch.manual_seed(SEED)
    embedder = open_embedder(SHIPPED_MODEL)
    roles, sentences = onet_roles(embedder)
    titles = read_judged_queries(ONET / "alternate_titles_train.queries.tsv", ONET / "alternate_titles_train.qrels")
    random.shuffle(titles)
    held_out, learnt = titles[:HELD_OUT], titles[HELD_OUT:]
    rows = {role_id: row for row, role_id in enumerate(roles.ids)}
    examples = [Examples([one.text for one in learnt], [[rows[role_id] for role_id in one.grades] for one in learnt], [-1] * len(learnt)), sentences]
    for index in options.votes:
        roles, voted = with_votes(roles, index)
        examples.append(voted)
    vectors = [torch.from_numpy(in_order_of_length(embedder.encode_query, one.texts)) for one in examples]
    print(f"{' + '.join(str(len(one.texts)) for one in examples)} queries for {len(roles.ids)} roles, embedded after {time.perf_counter() - started:.0f} s")
    network = trained(roles, examples, vectors)
    save_file(network.matrices(), options.output, metadata={"model": embedder.fingerprint, "seed": str(SEED)})
    write_digest(options.output)
    print(f"{options.output} written after {time.perf_counter() - started:.0f} s, {options.output.stat().st_size / 1e6:.1f} MB")
    dev = read_judged_queries(ONET / "reported_titles_dev.queries.tsv", ONET / "reported_titles_dev.qrels")
    adapter = QueryAdapter(read_adapter(options.output)[0])
    for name, judged in (("held-out training titles", held_out), ("reported titles (dev)", dev)):
        print_figures(name, judged, roles, adapter, embedder)


def onet_roles(embedder: Embedder) -> tuple[Roles, Examples]:
    """The occupations from an index of their own, and the sentence-like queries made of their tasks."""
    folder = INDEXES / f"onet-{SHIPPED_MODEL}"
    sync([ONET / "occupations.jsonl.gz"], folder, embedder)
    index = Index.open(folder, embedder.fingerprint)
    by_role = index.manifest.chunks_of_roles()
    chunk_ids = [chunk_id for ids in by_role.values() for chunk_id in ids]
    roles = _roles(by_role, index)
    texts, owners, taken_from = [], [], []
    for position, chunk in enumerate(index.manifest.chunks(chunk_ids)[chunk_id] for chunk_id in chunk_ids):
        if chunk.section != "responsibilities" or len(by_role[chunk.role_id]) < 2:
            continue
        for line in chunk.text.splitlines():
            if line.startswith("- ") and len(line.split()) > 4:
                texts.append(as_people_say(line.removeprefix("- ")))
                owners.append([int(roles.owners[position])])
                taken_from.append(position)
    index.close()
    return roles, Examples(texts, owners, taken_from)


def as_people_say(task: str) -> str:
    """A task as a query: whole, one of its clauses, or a stretch of its words, beginning in lower case."""
    task, chance = task.rstrip("."), random.random()
    words = task.split()
    clauses = [clause for clause in task.replace(", or ", ", ").replace(", and ", ", ").split(", ") if len(clause.split()) >= 3]
    if chance < 0.4 and len(clauses) > 1:
        task = random.choice(clauses)
    elif chance < 0.7:
        length = min(len(words), max(4, int(len(words) * random.uniform(0.5, 0.9))))
        start = random.randint(0, len(words) - length)
        task = " ".join(words[start : start + length])
    return task[:1].lower() + task[1:]


def with_votes(roles: Roles, folder: Path) -> tuple[Roles, Examples]:
    """The roles with those of an index that somebody liked, and the questions that they were liked for."""
    votes = read_judged_queries(folder / "judgements" / "queries.tsv", folder / "judgements" / "qrels")
    index = Index.open(folder)
    by_role = index.manifest.chunks_of_roles()
    liked = {role_id: by_role[role_id] for vote in votes for role_id, grade in vote.grades.items() if grade > 0 and role_id in by_role}
    more = _roles(liked, index) if liked else None
    index.close()
    if more is None:
        return roles, Examples([], [], [])
    rows = {role_id: len(roles.ids) + row for row, role_id in enumerate(more.ids)}
    pairs = [(vote.text, [rows[role_id] for role_id, grade in vote.grades.items() if grade > 0 and role_id in rows]) for vote in votes]
    pairs = [(text, wanted) for text, wanted in pairs if wanted]
    united = Roles(
        roles.ids + more.ids,
        torch.cat([roles.sums, more.sums]),
        torch.cat([roles.chunks, more.chunks]),
        torch.cat([roles.owners, more.owners + len(roles.ids)]),
    )
    return united, Examples([text for text, _ in pairs], [wanted for _, wanted in pairs], [-1] * len(pairs))


def _roles(by_role: dict[str, list[str]], index: Index) -> Roles:
    chunks = torch.from_numpy(index.vectors.vectors([chunk_id for ids in by_role.values() for chunk_id in ids]))
    owners = torch.repeat_interleave(torch.arange(len(by_role)), torch.tensor([len(ids) for ids in by_role.values()]))
    return Roles(list(by_role), torch.zeros(len(by_role), chunks.shape[1]).index_add_(0, owners, chunks), chunks, owners)


def in_order_of_length(encode: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> Vectors:
    """Vectors of texts, encoded with others of their length, which wastes no time on padding."""
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    vectors = np.empty((len(texts), encode(["width"]).shape[1]), dtype=np.float32)
    for start in range(0, len(order), 512):
        vectors[order[start : start + 512]] = encode([texts[number] for number in order[start : start + 512]])
    return vectors


def trained(roles: Roles, examples: Sequence[Examples], vectors: Sequence[torch.Tensor]) -> Network:
    """The network after all epochs; an epoch is one pass over the titles."""
    network = Network(roles.sums.shape[1])
    sizes = [int(BATCH * (1 - SENTENCES)), BATCH - int(BATCH * (1 - SENTENCES)), *(min(BATCH // 8, len(one.texts)) for one in examples[2:])]
    steps = EPOCHS * len(examples[0].texts) // sizes[0]
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 20) * (1 - step / steps))
    streams = [_Shuffled(len(one.texts)) for one in examples]
    means = functional.normalize(roles.sums, dim=1)
    network.train()
    for step in range(steps):
        picks = [stream.next(size) for stream, size in zip(streams, sizes, strict=True)]
        losses = [_loss(network, one, known[pick], pick, roles, means) for one, known, pick in zip(examples, vectors, picks, strict=True) if pick]
        loss = torch.stack(losses).sum() / BATCH
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.3f}")
    return network.eval()


def _loss(network: Network, examples: Examples, vectors: torch.Tensor, pick: Sequence[int], roles: Roles, means: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the softmax over all roles, summed over the picked queries; several right roles share the target."""
    moved = network(vectors)
    cosines = moved @ means.T
    target = torch.zeros_like(cosines)
    for row, number in enumerate(pick):
        target[row, examples.roles[number]] = 1 / len(examples.roles[number])
    taken = [(row, examples.roles[number][0], examples.chunk[number]) for row, number in enumerate(pick) if examples.chunk[number] >= 0]
    if taken:
        rows, owners, chunks = (torch.tensor(column) for column in zip(*taken, strict=True))
        others = functional.normalize(roles.sums[owners] - roles.chunks[chunks], dim=1)
        cosines = cosines.index_put((rows, owners), (moved[rows] * others).sum(dim=1))
    return -(target * functional.log_softmax(cosines / TEMPERATURE, dim=1)).sum()


class _Shuffled:
    """Numbers below `count` in random order, begun anew in another order when they run out."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._left: list[int] = []

    def next(self, size: int) -> list[int]:
        if len(self._left) < size:
            self._left = random.sample(range(self._count), self._count)
        taken, self._left = self._left[:size], self._left[size:]
        return taken


def print_figures(name: str, judged: Sequence[JudgedQuery], roles: Roles, adapter: QueryAdapter, embedder: Embedder) -> None:
    """nDCG@10 of the untouched vectors, of those fully moved and of the mixture that searches use, by exact search over best chunk and mean."""
    plain = in_order_of_length(embedder.encode_query, [one.text for one in judged])
    moved = adapter.moved(plain)
    means = functional.normalize(roles.sums, dim=1).numpy()
    joined = mixed(plain, moved, (plain @ means.T).max(axis=1), (moved @ means.T).max(axis=1))
    baseline = None
    for label, queries in (("untouched", plain), ("moved", moved), ("mixed", joined)):
        best = torch.full((len(queries), len(roles.ids)), -1.0).scatter_reduce(
            1, roles.owners.expand(len(queries), -1), torch.from_numpy(queries) @ roles.chunks.T, "amax", include_self=False
        )
        order = np.argsort(-(best.numpy() + WHOLE_ROLE * queries @ means.T), axis=1, kind="stable")[:, :10]
        rankings = {one.text: [roles.ids[row] for row in ranking] for one, ranking in zip(judged, order, strict=True)}
        evaluation = evaluate(judged, lambda text, k, rankings=rankings: _results(rankings[text][:k]))  # type: ignore[misc]
        baseline = baseline or {score.query.id: score.measures for score in evaluation.scores}
        found, against = evaluation.intervals()["nDCG@10"], compare(baseline, evaluation)
        print(f"{name}, {label}: nDCG@10 {found.mean:.4f} [{found.low:.4f}, {found.high:.4f}], {against.intervals()['nDCG@10'].mean:+.4f}")


def _results(ranking: Sequence[str]) -> Results:
    hits = tuple(Hit(role_id, "", "", 0.0, {}, {}, ()) for role_id in ranking)
    return Results(Query(""), Understood(), hits, (), 0.0, "")


if __name__ == "__main__":
    main()
