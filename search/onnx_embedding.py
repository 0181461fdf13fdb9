"""The model that ships, run by ONNX Runtime: an Embedder that needs no torch, straight from the model's safetensors file.

The operations are in files beside this module (written by bench/graph.py), which hold no weights: documents are multiplied by the float32 weights, queries,
rounded to eight bits, by weights of eight bits. Chosen by measurement: docs/performance.md, "Ingest" and "Search".
"""

import json
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from search.embedding import Vectors, verified
from search.errors import ModelError
from search.onnx_weights import Arrays, eight_bit_weights, float_weights, tensors_in
from search.processors import threads

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

DOCUMENT_GRAPH, SIGNED_QUERY_GRAPH, UNSIGNED_QUERY_GRAPH = (
    Path(__file__).with_name(f"all-MiniLM-L6-v2.{name}.onnx") for name in ("documents", "queries.int8", "queries.uint8")
)
# What eight_bit_weights takes.
RANGES = Path(__file__).with_name("all-MiniLM-L6-v2.ranges.safetensors")

# Tokens of a batch, padding included: what of a layer fits into a core's own cache. Measured: docs/performance.md, "Ingest".
BATCH_TOKENS = 512
# The instructions of Intel's Ice Lake, as NumPy names them, among them those for products of eight bits.
_VNNI = "AVX512_ICL"
# What stands before and after every text.
_SPECIAL_TOKENS = 2
# Stretches of text without a space whose tokens are kept: most are words, and few words make up most of all texts. Longer ones hardly ever come again.
_STRETCHES_KEPT, _LONGEST_KEPT = 100_000, 40

log = logging.getLogger(__name__)


class OnnxEmbedder:
    """A model of the shape of all-MiniLM-L6-v2 from a sentence-transformers folder. The vectors of documents are those of sentence-transformers but for
    rounding; those of queries have cosines of at least 0.997 to them.

    Safe to use from several threads. Each batch is computed by one thread, and as many batches at once as there are processors: nothing is shared between two
    of them, so there is nothing to wait for. Queries are rounded as a whole, and therefore never share a batch.
    """

    def __init__(self, folder: Path, name: str, weights_sha256: str) -> None:
        """`weights_sha256`: what model.safetensors must hash to."""
        self._folder = folder
        self._name = name
        self._expected_sha256 = weights_sha256
        self._lock = threading.Lock()
        self._sessions: dict[Path, InferenceSession] = {}
        self._arranged: list[Arrays] = []
        self._known: dict[str, list[int]] = {}

    @property
    def fingerprint(self) -> str:
        """Name and pinned hash of the weights, which is verified before they are used. The runtime is no part of it: vectors differ by rounding only."""
        return f"{self._name}@{self._expected_sha256[:16]}"

    @cached_property
    def width(self) -> int:
        width: int = self._setting("config.json", "hidden_size")
        return width

    @cached_property
    def max_tokens(self) -> int:
        limit: int = self._setting("sentence_bert_config.json", "max_seq_length")
        return limit - _SPECIAL_TOKENS

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(self._tokens(text)) for text in texts]

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, query_graph())

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, DOCUMENT_GRAPH)

    def _encode(self, texts: Sequence[str], graph: Path) -> Vectors:
        vectors = np.empty((len(texts), self.width), dtype=np.float32)
        if not texts:
            return vectors
        first, last = self._around
        tokens = [[first, *self._tokens(text)[: self.max_tokens], last] for text in texts]
        session = self._session(graph)

        def run(rows: Sequence[int]) -> None:
            ids, mask = _padded([tokens[row] for row in rows])
            vectors[rows] = session.run(None, {"ids": ids, "mask": mask})[0]

        batches = list(_batches([len(ids) for ids in tokens])) if graph == DOCUMENT_GRAPH else [[row] for row in range(len(texts))]
        if len(batches) == 1:
            run(batches[0])
        else:
            # They wait for their turn: those of the next texts begin while the last ones of these are computed.
            list(threads("model").map(run, batches))
        return vectors

    def _tokens(self, text: str) -> list[int]:
        """The tokens of a text, which are those of its stretches between spaces: no token goes beyond one. Measured: docs/performance.md, "Ingest"."""
        tokens: list[int] = []
        known = self._known
        for stretch in text.replace("\n", " ").split(" "):
            found = known.get(stretch)
            if found is None:
                found = self._tokenizer.encode(stretch, add_special_tokens=False).ids
                if len(stretch) <= _LONGEST_KEPT:
                    if len(known) >= _STRETCHES_KEPT:
                        known.clear()
                    known[stretch] = found
            tokens += found
        return tokens

    @cached_property
    def _around(self) -> list[int]:
        """The tokens that stand before and after every text."""
        return list(self._tokenizer.encode("").ids)

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_str(self._read("tokenizer.json"))
        except Exception as error:  # tokenizers raises bare exceptions
            raise ModelError(f"the tokenizer in {self._folder} cannot be read: {error}; reinstall with `make install`") from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def _setting(self, file: str, key: str) -> Any:
        return json.loads(self._read(file))[key]

    def _read(self, file: str) -> str:
        try:
            return (self._folder / file).read_text(encoding="utf-8")
        except OSError as error:
            raise ModelError(f"the model cannot be read: {error}; reinstall with `make install`") from error

    def _session(self, graph: Path) -> "InferenceSession":
        """The model with these operations, loaded once."""
        with self._lock:
            if graph not in self._sessions:
                self._sessions[graph] = self._load(graph)
            return self._sessions[graph]

    def _load(self, graph: Path) -> "InferenceSession":
        from safetensors.numpy import load_file

        if graph == DOCUMENT_GRAPH:
            weights = float_weights(self._stored)
        else:
            weights = eight_bit_weights(self._stored, load_file(RANGES), signed=graph == SIGNED_QUERY_GRAPH)
        # ONNX Runtime reads them where they are, as long as the session lives.
        self._arranged.append(weights)
        return session_of(graph.read_bytes(), weights)

    @cached_property
    def _stored(self) -> Mapping[str, Vectors]:
        log.info("loading the model %s", self._name)
        return tensors_in(verified(self._folder / "model.safetensors", self._expected_sha256))


def session_of(graph: bytes, weights: Arrays) -> "InferenceSession":
    """These operations with these weights, which must be kept as long as it lives, in one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # Patterns are remembered for each shape, and nearly every batch has one of its own.
    options.enable_mem_pattern = False
    # The operations are the quickest already. More than the basic would make sums and norms one again, which is slower: bench/graph.py.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.add_external_initializers(list(weights), [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in weights.values()])
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


@cache
def query_graph() -> Path:
    """The quickest of the graphs for queries, which give the same vectors, that is right on this processor: where it has no instructions for products of whole
    numbers of eight bits (AVX-512 VNNI), ONNX Runtime lets sums of signed ones overflow.
    """
    extensions = np.show_config(mode="dicts").get("SIMD Extensions", {})
    return SIGNED_QUERY_GRAPH if _VNNI in extensions.get("found", ()) else UNSIGNED_QUERY_GRAPH


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Row numbers of all texts, the longest first, each batch of about equal lengths so that next to nothing is padding."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    yield batch


def _padded(texts: Sequence[Sequence[int]]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Tokens of texts, the longest of them first, as one array padded on the right, and the mask that says what is no padding."""
    ids = np.zeros((len(texts), len(texts[0])), dtype=np.int32)
    mask = np.zeros_like(ids)
    for row, tokens in enumerate(texts):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return ids, mask
