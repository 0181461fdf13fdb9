"""The query adapter: a small network that moves a query's vector to where the roles lie that people mean by it. Documents keep the untouched model's vectors.

It was trained on job titles and duties of the O*NET taxonomy (`make train`, bench/train.py) for the shipped model and no other. ONNX Runtime computes it, by
operations that bench/graph.py writes, with weights of eight bits: a fourth of what must come from memory, and none of the threads that NumPy's products wake.
How far a query's vector is moved depends on the corpus: as far as the moved vector finds something as near as the untouched one does. Interpolating with the
untouched model keeps a tuned one robust: M. Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022, there with weights, here with vectors.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from search.embedding import Vectors, of_unit_length
from search.errors import ModelError
from search.onnx_embedding import session_of
from search.onnx_weights import in_blocks

SHIPPED_ADAPTER = Path(__file__).with_name("adapter.safetensors")
ADAPTER_GRAPH = Path(__file__).with_name("adapter.onnx")
# Beside it the SHA-256 of its bytes in hexadecimal digits, written with it.
DIGEST_SUFFIX = ".sha256"
# The network's first layer sees vectors scaled by this: components of unit vectors are too small for its bend to matter.
INPUT_SCALE = 8.0
# Share of the moved vector: at equal nearness, by how much more for each unit of nearness gained, and its bounds. Rows "strength" in docs/ranking.md.
SHARE_AT_EQUAL, SHARE_A_GAIN, SMALLEST_SHARE, LARGEST_SHARE = 0.9, 3.0, 0.1, 0.9
# Titles have few words; the longer a query, the more it speaks for itself. Up to so many words the share is whole, from so many on it is the least.
WORDS_OF_A_TITLE, WORDS_OF_A_SENTENCE, SENTENCE_TRUST = 5, 10, 0.25

_CURE = "install the program again with `make install`"

_Matrices = Mapping[str, npt.NDArray[np.float32]]


class QueryAdapter:
    """A linear map and one hidden layer beside it: x ↦ unit(L x + B gelu(8 A x + a) + b), float32; GELU in its tanh form (D. Hendrycks, K. Gimpel,
    "Gaussian Error Linear Units", 2016). L, A and B have eight bits: cosines to what float32 gives are 0.9999 and more.
    """

    def __init__(self, matrices: _Matrices) -> None:
        """`matrices`: linear (384, 384), hidden (1024, 384), hidden_bias (1024,), out (384, 1024), out_bias (384,), float32."""
        # What the vectors are multiplied by is one matrix.
        products = {"inner": np.concatenate([np.float32(INPUT_SCALE) * matrices["hidden"], matrices["linear"]]), "outer": matrices["out"]}
        # ONNX Runtime reads them where they are, as long as the session lives.
        self._weights = {"inner.bias": np.concatenate([matrices["hidden_bias"], matrices["out_bias"]])}
        for name, matrix in products.items():
            self._weights[f"{name}.numbers"], self._weights[f"{name}.worth"] = in_blocks(matrix)
        self._session = session_of(ADAPTER_GRAPH.read_bytes(), self._weights)

    def moved(self, vectors: Vectors) -> Vectors:
        """The vectors as the network moves them, shape (n, width) to the same, of unit length."""
        return np.asarray(self._session.run(None, {"vectors": vectors})[0])


def trust(words: int) -> float:
    """How far the adapter is followed for a query of so many words, as a share of 1.

    >>> trust(2), trust(7), trust(30)
    (1.0, 0.7, 0.25)
    """
    beyond = min(max(words, WORDS_OF_A_TITLE), WORDS_OF_A_SENTENCE) - WORDS_OF_A_TITLE
    return 1.0 - beyond * (1.0 - SENTENCE_TRUST) / (WORDS_OF_A_SENTENCE - WORDS_OF_A_TITLE)


def mixed(vectors: Vectors, moved: Vectors, nearest: Vectors, nearest_moved: Vectors, trusted: float = 1.0) -> Vectors:
    """Untouched and moved vectors of queries joined, of unit length; `nearest` and `nearest_moved` are their cosines to the nearest role, shape (n,).

    `trusted`: see `trust`.
    """
    share = trusted * np.minimum(np.maximum(SHARE_AT_EQUAL + SHARE_A_GAIN * (nearest_moved - nearest), SMALLEST_SHARE), LARGEST_SHARE)[:, np.newaxis]
    return of_unit_length(share * moved + (1 - share) * vectors)


@cache
def adapter_for(fingerprint: str) -> QueryAdapter | None:
    """The shipped adapter where it was trained for the model of this fingerprint, else None. Raises ModelError when its file cannot be read."""
    matrices, trained_for = read_adapter(SHIPPED_ADAPTER)
    return QueryAdapter(matrices) if trained_for == fingerprint else None


def read_adapter(path: Path) -> tuple[_Matrices, str]:
    """An adapter's matrices and the fingerprint of the model that it was trained for. Raises ModelError when it cannot be read or is not what was written."""
    from safetensors import SafetensorError, safe_open

    try:
        if path.with_suffix(DIGEST_SUFFIX).read_text(encoding="ascii").strip() != _sha256(path):
            raise ModelError(f"the query adapter {path} does not hold what was trained: its SHA-256 is another; {_CURE}")
        with safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}, file.metadata()["model"]  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the query adapter {path} cannot be read: {error}; {_CURE}") from error


def write_digest(path: Path) -> None:
    """Put down what an adapter's file holds, after it was written."""
    path.with_suffix(DIGEST_SUFFIX).write_text(f"{_sha256(path)}\n", encoding="ascii")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
