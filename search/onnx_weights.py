"""The weights of a model of the shape of all-MiniLM-L6-v2, as its safetensors file has them, arranged for the graphs that bench/graph.py writes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from search.embedding import Vectors

Arrays = dict[str, npt.NDArray[Any]]

# So many weights of a row share a scale. Measured: docs/performance.md, "Search".
BLOCK = 32

_ATTENTION = ("query", "key", "value")


def float_weights(stored: Mapping[str, Vectors]) -> Arrays:
    """For documents: matrices transposed, since ONNX Runtime reads them row by row, the three of attention side by side."""
    weights = _shared(stored)
    for graph, place in _layers(stored):
        attention = [stored[f"{place}.attention.self.{part}.weight"].T for part in _ATTENTION]
        weights[f"{graph}.attention.weight"] = np.ascontiguousarray(np.concatenate(attention, axis=1))
        for ours, theirs in _products(graph, place).items():
            weights[f"{ours}.weight"] = np.ascontiguousarray(stored[f"{theirs}.weight"].T)
    return weights


def eight_bit_weights(stored: Mapping[str, Vectors]) -> Arrays:
    """For queries: each BLOCK weights as whole numbers from 1 to 255, 128 for zero, and what 1 is worth."""
    weights = _shared(stored)
    for graph, place in _layers(stored):
        attention = {f"{graph}.attention.{part}": f"{place}.attention.self.{part}" for part in _ATTENTION}
        for ours, theirs in (attention | _products(graph, place)).items():
            weights[f"{ours}.blocks"], weights[f"{ours}.scales"] = _eight_bits(stored[f"{theirs}.weight"])
    return weights


def _eight_bits(matrix: Vectors) -> tuple[npt.NDArray[np.uint8], Vectors]:
    """Blocks of shape (rows, columns / BLOCK, BLOCK) and their scales, shape (rows, columns / BLOCK)."""
    blocks = matrix.reshape(len(matrix), -1, BLOCK)
    scales = np.maximum(blocks.max(axis=2), -blocks.min(axis=2)) / np.float32(127)
    scales[scales == 0] = 1
    numbers = blocks / scales[:, :, np.newaxis]
    np.rint(numbers, out=numbers)
    numbers += 128
    return numbers.astype(np.uint8), scales


def _shared(stored: Mapping[str, Vectors]) -> Arrays:
    """What both graphs take as it is, under the names that they have for it; the one token type is added to the positions."""
    weights: Arrays = {
        "embeddings.words": stored["embeddings.word_embeddings.weight"],
        "embeddings.positions": stored["embeddings.position_embeddings.weight"] + stored["embeddings.token_type_embeddings.weight"][0],
    }
    norms = {"embeddings.norm": "embeddings.LayerNorm"}
    for graph, place in _layers(stored):
        weights[f"{graph}.attention.bias"] = np.concatenate([stored[f"{place}.attention.self.{part}.bias"] for part in _ATTENTION])
        norms |= {f"{graph}.mixed.norm": f"{place}.attention.output.LayerNorm", f"{graph}.narrow.norm": f"{place}.output.LayerNorm"}
        weights |= {f"{ours}.bias": stored[f"{theirs}.bias"] for ours, theirs in _products(graph, place).items()}
    for ours, theirs in norms.items():
        weights[f"{ours}.weight"], weights[f"{ours}.bias"] = stored[f"{theirs}.weight"], stored[f"{theirs}.bias"]
    return weights


def _layers(stored: Mapping[str, Vectors]) -> list[tuple[str, str]]:
    """For each layer where the graphs and the file have it."""
    count = sum(name.endswith(".intermediate.dense.weight") for name in stored)
    return [(f"layer.{number}", f"encoder.layer.{number}") for number in range(count)]


def _products(graph: str, place: str) -> dict[str, str]:
    return {
        f"{graph}.mixed": f"{place}.attention.output.dense",
        f"{graph}.wide": f"{place}.intermediate.dense",
        f"{graph}.narrow": f"{place}.output.dense",
    }
