"""Role Search beside what a user would pick instead: same texts, weights, number of threads and questions, a process for each system.

Other systems live in environments of their own below .bench/peers, which see the project's packages (torch, sentence-transformers, Chroma) behind their own:
all run the same versions of these. What they need beyond is pinned in bench/peers; their drivers are there, too. All systems run once in every round, in turn,
so that what else the machine does falls on all of them.
"""

import gzip
import itertools
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.ingest import CheapEmbedder
from bench.measuring import PROCESSORS, quantile
from bench.peers.driver import HITS, Measured, Task
from bench.scale import judged_questions
from ingest.pipeline import sync
from search.embedding import SHIPPED_MODEL, SHIPPED_PACKAGE, open_embedder
from search.index import Index

ROOT = Path(__file__).resolve().parents[1]
CORPORA = Path(os.environ.get("ROLESEARCH_CORPORA", ROOT.parent / "shared" / "corpora"))
POSTINGS = CORPORA / "usajobs" / "postings.jsonl.gz"
ENVIRONMENTS = ROOT / ".bench" / "peers"
LONGEST_RUN_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class System:
    """A row of the table: `driver` is its module in bench/peers, `requirements` the file with its pins (empty: it runs in the project's environment)."""

    name: str
    driver: str
    requirements: str = ""
    arguments: tuple[str, ...] = ()
    lacks: str = ""


_NO_WORDS = "searches by meaning alone; no words, filters or reasons"
_PIECES = f"texts, not roles; {_NO_WORDS}; reads no files"
SYSTEMS = (
    System("Role Search", "ours", lacks="nothing: reads files; roles with passages, words and meaning, filters, reasons"),
    System("Role Search, by meaning alone", "ours", arguments=("--meaning-alone",), lacks=f"{_NO_WORDS}; the index is the whole one"),
    System("txtai", "txtai_embeddings", "txtai_embeddings.txt", lacks=f"{_PIECES}; filters by SQL are there, not used"),
    System("LangChain + Chroma", "langchain_chroma", "langchain_chroma.txt", lacks=_PIECES),
    System("LlamaIndex + Chroma", "llamaindex_chroma", "llamaindex_chroma.txt", lacks=_PIECES),
    System("Haystack, in memory", "haystack_memory", "haystack_memory.txt", lacks=f"{_PIECES}; counts words for BM25, not used"),
    System("sentence-transformers + NumPy", "numpy_scan", lacks=_PIECES),
    System("limit: forward pass, PyTorch", "torch_limit", lacks="stores and finds nothing: tokens to vectors, question to vector"),
    System("limit: forward pass, ours, and exact scan", "onnx_limit", lacks="stores nothing: texts to vectors, question to rows of a matrix"),
)
OURS, LIMIT = SYSTEMS[0], SYSTEMS[-1]


@dataclass(frozen=True, slots=True)
class Row:
    """Medians over the rounds: chunks a second and processor seconds a chunk, milliseconds a question, MiB, MB; of the exact ten, the share that is found."""

    system: str
    lacks: str
    seconds: float
    processor: float
    chunks_a_second: float
    p50: float
    p95: float
    question_processor: float
    peak: float
    disk: float
    exact_share: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A whole run: `load` is the machine's load average at the start of each round, `missing` says which systems could not run and why."""

    corpus: str
    roles: int
    chunks: int
    questions: int
    threads: int
    load: list[float]
    rows: list[Row]
    missing: dict[str, str]

    def row(self, system: System) -> Row:
        """What this system took."""
        return next(row for row in self.rows if row.system == system.name)


def compare(postings: int, questions: int, rounds: int, systems: Sequence[System] = SYSTEMS) -> Comparison:
    """Run these systems, the limit among them, `rounds` times over so many postings (the shipped corpus where they are not there)."""
    with tempfile.TemporaryDirectory(prefix="rolesearch-bench-") as scratch:
        corpus, paths = corpus_paths(Path(scratch), postings)
        task, roles_of_chunks = make_task(paths, Path(scratch) / "prepared", judged_questions(questions))
        taken, load, missing = _run_rounds(systems, task, Path(scratch), rounds)
    exact = taken[LIMIT.name][0].found
    rows = [_row(system, taken[system.name], exact, roles_of_chunks, len(task.texts)) for system in systems if system.name in taken]
    return Comparison(corpus, len(set(roles_of_chunks.values())), len(task.texts), len(task.questions), PROCESSORS, load, rows, missing)


def corpus_paths(scratch: Path, postings: int) -> tuple[str, list[Path]]:
    """Name of the corpus, and its files: the first postings of USAJOBS, else the shipped corpus."""
    if not POSTINGS.exists():
        print(f"{POSTINGS} is not there, so the shipped corpus is measured; ROLESEARCH_CORPORA names another folder")
        return "corpus", [ROOT / "corpus"]
    sample = scratch / "postings.jsonl"
    with gzip.open(POSTINGS, "rt", encoding="utf-8") as lines:
        sample.write_text("".join(itertools.islice(lines, postings)), encoding="utf-8")
    return "usajobs", [sample]


def make_task(paths: Sequence[Path], index: Path, questions: Sequence[str]) -> tuple[Task, Mapping[str, str]]:
    """The texts that we would embed, by an ingest whose embedder costs nothing, and the role of each."""
    model = open_embedder(SHIPPED_MODEL)
    sync(paths, index, CheapEmbedder(model))
    opened = Index.open(index)
    chunks = opened.manifest.chunks(opened.manifest.chunk_ids())
    opened.close()
    weights = Path(sysconfig.get_path("purelib")) / SHIPPED_PACKAGE / "model"
    texts = [chunk.embedded_text for chunk in chunks.values()]
    task = Task(str(weights), list(chunks), texts, list(questions), [str(path) for path in paths])
    return task, {chunk.id: chunk.role_id for chunk in chunks.values()}


def _run_rounds(systems: Sequence[System], task: Task, scratch: Path, rounds: int) -> tuple[dict[str, list[Measured]], list[float], dict[str, str]]:
    (scratch / "task.json").write_text(json.dumps(asdict(task)), encoding="utf-8")
    taken: dict[str, list[Measured]] = {}
    load, missing = [], {}
    for number in range(rounds):
        load.append(round(os.getloadavg()[0], 1))
        for system in systems:
            if system.name in missing:
                continue
            try:
                measured = _run(system, scratch / "task.json", scratch)
            except subprocess.CalledProcessError as error:
                missing[system.name] = (error.stderr or str(error)).strip().splitlines()[-1]
                print(f"{system.name} is left out: {missing[system.name]}", flush=True)
                continue
            taken.setdefault(system.name, []).append(measured)
            asked = f"a question {statistics.median(measured.questions):.1f} ms"
            print(f"round {number + 1}: {system.name:42} {measured.ingest:7.1f} s, {asked}", flush=True)
    return {name: all_taken for name, all_taken in taken.items() if name not in missing}, load, missing


def _run(system: System, task: Path, scratch: Path) -> Measured:
    """One system, in a process of its own. Raises CalledProcessError."""
    python = environment(system.requirements) if system.requirements else sys.executable
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(PROCESSORS))
    quiet = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true", "ANONYMIZED_TELEMETRY": "False", "HAYSTACK_TELEMETRY_ENABLED": "False"}
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        answer = Path(folder) / "answer.json"
        place = Path(folder) / "stored"
        place.mkdir()
        command = [str(python), "-m", f"bench.peers.{system.driver}", str(task), str(place), str(answer), *system.arguments]
        subprocess.run(command, cwd=ROOT, env=os.environ | threads | quiet, check=True, capture_output=True, text=True, timeout=LONGEST_RUN_SECONDS)  # noqa: S603
        return Measured(**json.loads(answer.read_text(encoding="utf-8")))


def environment(requirements: str) -> Path:
    """The Python of an environment with what the file of this name pins, made where it is not there or the file has changed. Raises CalledProcessError."""
    pins = Path(__file__).parent / "peers" / requirements
    folder = ENVIRONMENTS / pins.stem
    python, made_from = folder / "bin" / "python", folder / "made-from.txt"
    if not made_from.exists() or made_from.read_text(encoding="utf-8") != pins.read_text(encoding="utf-8"):
        print(f"preparing {folder.relative_to(ROOT)}", flush=True)
        _called("-m", "venv", "--clear", "--without-pip", str(folder))
        site = next((folder / "lib").glob("python*")) / "site-packages"
        (site / "packages-of-the-project.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        _called("-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check", "--requirement", str(pins))
        made_from.write_text(pins.read_text(encoding="utf-8"), encoding="utf-8")
    return python


def _called(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)  # noqa: S603


def _row(system: System, taken: Sequence[Measured], exact: Sequence[Sequence[str]], roles_of_chunks: Mapping[str, str], chunks: int) -> Row:
    seconds = statistics.median(one.ingest for one in taken)
    return Row(
        system.name,
        system.lacks,
        seconds,
        statistics.median(one.ingest_processor for one in taken),
        chunks / seconds,
        statistics.median(statistics.median(one.questions) for one in taken),
        statistics.median(quantile(one.questions, 0.95) for one in taken),
        statistics.median(statistics.median(one.questions_processor) for one in taken),
        statistics.median(one.peak for one in taken),
        statistics.median(one.disk for one in taken),
        statistics.mean(_exact_share(found, nearest, roles_of_chunks) for found, nearest in zip(taken[0].found, exact, strict=True)),
    )


def _exact_share(found: Sequence[str], nearest: Sequence[str], roles_of_chunks: Mapping[str, str]) -> float:
    """How many of the ten nearest texts are found, as a share; where roles are found, of the ten roles of the nearest texts."""
    if found and found[0] not in roles_of_chunks:
        nearest = list(dict.fromkeys(roles_of_chunks[one] for one in nearest))
    wanted = set(nearest[:HITS])
    return len(wanted.intersection(found[:HITS])) / len(wanted)


def comparison_lines(comparison: Comparison) -> list[str]:
    """The table, as Markdown."""
    ours, limit = comparison.row(OURS), comparison.row(LIMIT)
    head = (
        "system | chunks/s | × ours | × limit | processor s | p50 ms | p95 ms | × ours | × limit | MiB | MB on disk | of the exact ten | what its answer lacks"
    )
    lines = [f"| {head} |", "|---|" + "---:|" * 11 + "---|"]
    for row in comparison.rows:
        speed = f"{row.chunks_a_second:.1f} | {row.chunks_a_second / ours.chunks_a_second:.2f} | {row.chunks_a_second / limit.chunks_a_second:.2f}"
        asked = f"{row.p50:.1f} | {row.p95:.1f} | {row.p50 / ours.p50:.2f} | {row.p50 / limit.p50:.2f}"
        rest = f"{row.peak:.0f} | {row.disk:.1f} | {f'{row.exact_share:.2f}' if row.exact_share else '–'} | {row.lacks}"
        lines.append(f"| {row.system} | {speed} | {row.processor:.1f} | {asked} | {rest} |")
    return lines + [f"| {name} | could not run: {reason} |" for name, reason in comparison.missing.items()]
