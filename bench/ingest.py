"""`make bench-ingest`: what an ingest costs beside the model, what one costs that finds little or nothing new, and a cold start of the command line.

Folders or files as arguments are ingested with the model; without them the shipped corpus. The ingests that find nothing or one file new are of made
files, by an embedder that costs nothing, since the model has no part in them. Times are on the clock, with the processor time of this process beside
them: on a machine that others use too, only the latter says something.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from bench.measuring import both_times, peak_mib, timed
from ingest.pipeline import sync
from search.embedding import SHIPPED_MODEL, Embedder, Vectors, open_embedder
from search.index import Index

Result = TypeVar("Result")

ROOT = Path(__file__).resolve().parents[1]
MADE_FILES = 10_000
STARTS = 5
# A made file has about as many chunks as a posting of USAJOBS: twelve.
PARAGRAPHS = 12
SEED = 7


@dataclass(frozen=True, slots=True)
class LittleNew:
    """Seconds, without the model, of a first ingest of so many files and chunks, of one that finds nothing new and of one that finds one file changed.

    `published` is when readers have the changed file; by the end of `one_file` the generation before the last is deleted, too.
    """

    files: int
    chunks: int
    first: float
    nothing: float
    published: float
    one_file: float


class CheapEmbedder:
    """The shipped model's tokens, and vectors at random around a common direction, as real ones are."""

    fingerprint = "random@1"

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self._random = np.random.default_rng(SEED)
        self._middle = self._random.standard_normal(self.width)

    @property
    def width(self) -> int:
        """Components of a vector."""
        return self._model.width

    @property
    def max_tokens(self) -> int:
        """As the model has it."""
        return self._model.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Length of each text in the model's tokens."""
        return self._model.count_tokens(texts)

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Vectors at random."""
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """Vectors at random."""
        vectors = self._random.standard_normal((len(texts), self.width)) + 3 * self._middle
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("paths", nargs="*", type=Path, default=[ROOT / "corpus"], help="folders and files; the shipped corpus without them")
    arguments.add_argument("--files", type=int, default=MADE_FILES, help="files that are made for the ingests that find little new")
    options = arguments.parse_args()
    model = open_embedder(SHIPPED_MODEL)
    model.encode_document(["a text that brings the model into memory"])
    with tempfile.TemporaryDirectory() as scratch:
        print(f"{'':34} {'s':>8} {'processor s':>12}")
        print_against_forward_pass(options.paths, Path(scratch) / "index", model)
        print_cold_starts(Path(scratch) / "index")
        print_little_new(Path(scratch), options.files, CheapEmbedder(model))
    print(f"peak memory {peak_mib():.0f} MiB")


def print_against_forward_pass(paths: Sequence[Path], index: Path, model: Embedder) -> None:
    """A whole ingest, and the forward pass over the same texts by itself."""
    report, whole = printed("ingest", lambda: sync(paths, index, model))
    with_texts = Index.open(index)
    texts = [chunk.embedded_text for chunk in with_texts.manifest.chunks(with_texts.manifest.chunk_ids()).values()]
    with_texts.close()
    _, forward = printed("bare forward pass", lambda: model.encode_document(texts))
    print(f"{report.chunks} chunks, {report.chunks / whole:.0f}/s; {whole / forward:.2f} × the bare forward pass")


def print_cold_starts(index: Path) -> dict[str, float]:
    """Seconds from the start of a process to its end, the best of several, by the name of the command."""
    best = {}
    for name, arguments in (("--help", ["--help"]), ("search", ["search", "Kubernetes mentorship lead", "--index", str(index)])):
        command = [sys.executable, "-m", "ui.cli", *arguments]
        best[name] = min(timed(partial(subprocess.run, command, check=True, capture_output=True, cwd=ROOT)) for _ in range(STARTS))
        print(f"{f'cold process, {name}':34} {best[name]:8.2f}")
    return best


def print_little_new(scratch: Path, files: int, embedder: Embedder) -> LittleNew:
    """First ingest of made files, one that finds nothing new, and one that finds one file changed."""
    corpus, index = scratch / "made", scratch / "made-index"
    make_files(corpus, files)
    report, first = printed(f"{files} made files", lambda: sync([corpus], index, embedder))
    print(f"{report.chunks} chunks")
    _, nothing = printed("nothing new", lambda: sync([corpus], index, embedder))
    changed = next(path for path in sorted(corpus.rglob("*.md")))
    changed.write_text(changed.read_text(encoding="utf-8") + "\nAnd one line more.\n", encoding="utf-8")
    begun = time.time()
    _, one = printed("one file changed", lambda: sync([corpus], index, embedder))
    # When its name last changed: the file is put in place of the one before.
    published = (index / "CURRENT").stat().st_ctime - begun
    print(f"{'published after':34} {published:8.2f}")
    return LittleNew(files, report.chunks, first, nothing, published, one)


def make_files(folder: Path, count: int) -> None:
    """Role descriptions put together from paragraphs of the shipped corpus."""
    draw = random.Random(SEED)
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "corpus").rglob("*.md"))]
    paragraphs = [part for text in texts for part in text.split("\n\n") if len(part) > 200]
    for number in range(count):
        place = folder / f"{number // 500:03d}"
        place.mkdir(parents=True, exist_ok=True)
        text = "\n\n".join([f"# Role {number}", *draw.sample(paragraphs, PARAGRAPHS)])
        (place / f"{number:06d}.md").write_text(text + "\n", encoding="utf-8")


def printed(name: str, action: Callable[[], Result]) -> tuple[Result, float]:
    """Do it, print how long it took, and return what it gave and the seconds."""
    results: list[Result] = []
    wall, processor = both_times(lambda: results.append(action()))
    print(f"{name:34} {wall:8.2f} {processor:12.2f}", flush=True)
    return results[0], wall


if __name__ == "__main__":
    main()
