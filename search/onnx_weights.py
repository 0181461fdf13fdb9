"""The weights of a model of the shape of all-MiniLM-L6-v2, as its safetensors file has them, arranged for the graphs that bench/graph.py writes."""

import json
import math
from collections.abc import Iterator, Mapping
from mmap import mmap
from typing import Any

import numpy as np
import numpy.typing as npt

from search.embedding import Vectors

Arrays = dict[str, npt.NDArray[Any]]

# How much of a column's range, in what is multiplied, the weights take over: from 0 for nothing to 1 for all. Measured: docs/performance.md, "Search".
TAKEN_OVER = 0.6
# What weights of eight bits reach to; on both sides of zero, and zero is in the middle.
_REACH = 127
# Numbers of a row that are rounded together where each has eight bits by itself.
BLOCK = 32

# What says how long a safetensors file's header is.
_LENGTH_BYTES = 8
_ATTENTION = ("query", "key", "value")


def tensors_in(content: bytes | mmap) -> dict[str, Vectors]:
    """The float32 tensors of a safetensors file, by name: where they lie in its content, for the library's own reader copies every one of them.

    A header of JSON stands before them, and before that its length in eight bytes; places count from its end.
    """
    begin = int.from_bytes(content[:_LENGTH_BYTES], "little") + _LENGTH_BYTES
    described = json.loads(content[_LENGTH_BYTES:begin])
    numbered = ((name, one["shape"], begin + one["data_offsets"][0]) for name, one in described.items() if one.get("dtype") == "F32")
    return {name: np.frombuffer(content, "<f4", math.prod(shape), place).reshape(shape) for name, shape, place in numbered}


def float_weights(stored: Mapping[str, Vectors]) -> Arrays:
    """For documents: the matrices as they are."""
    weights = _shared(stored)
    for name, matrix in _matrices(stored):
        weights[f"{name}.weight"] = np.ascontiguousarray(matrix)
    return weights


def eight_bit_weights(stored: Mapping[str, Vectors], ranges: Mapping[str, Vectors], *, signed: bool) -> Arrays:
    """For queries: the weights of each output as whole numbers, and what 1 is worth there. `ranges` has the largest amounts that the columns of some products'
    left sides come to, by the product's name: the columns are evened out, and the weights take over what that takes away (Xiao et al. 2023, SmoothQuant).

    The numbers are int8, or uint8 with 128 for zero; what is multiplied by them comes out the same.
    """
    weights = _shared(stored)
    matrices = dict(_matrices(stored))
    # One place for all: the first search waits for this, and memory that is new takes longer than the work.
    room = np.empty(max(map(np.size, matrices.values()), default=0), dtype=np.float32)
    for name, matrix in matrices.items():
        rounded = room[: matrix.size].reshape(matrix.shape, order="F")
        if name in ranges:
            weights[f"{name}.evening"] = evening = _evening(ranges[name], matrix)
            matrix = np.divide(matrix, evening[:, np.newaxis], out=rounded)
        worth = _worth(_amounts(matrix, 0))
        np.rint(np.divide(matrix, worth, out=rounded), out=rounded)
        numbers = rounded.astype(np.int8, order="C")
        zeros = np.zeros(len(worth), dtype=np.int8)
        # The other half of the circle of 256 numbers: 128 more.
        weights[f"{name}.numbers"], weights[f"{name}.zeros"] = (array if signed else array.view(np.uint8) ^ 0x80 for array in (numbers, zeros))
        weights[f"{name}.worth"] = worth
    return weights


def in_blocks(matrix: Vectors) -> tuple[npt.NDArray[np.uint8], Vectors]:
    """For the query adapter: a matrix of shape (outer, inner) as whole numbers from 1 to 255 with 128 for zero, shape (outer, blocks, BLOCK), and what 1 is
    worth in each block, shape (outer, blocks). `inner` is a multiple of BLOCK.
    """
    blocks = matrix.reshape(-1, BLOCK)
    worth = _worth(_amounts(blocks, 1))
    numbers = blocks / worth[:, np.newaxis]
    # In place: a search waits for this when it is the first.
    np.rint(numbers, out=numbers)
    numbers += _REACH + 1
    return numbers.astype(np.uint8).reshape(len(matrix), -1, BLOCK), worth.reshape(len(matrix), -1)


def _amounts(matrix: Vectors, axis: int) -> Vectors:
    """The largest amounts, whatever their sign, along an axis."""
    return np.asarray(np.maximum(matrix.max(axis=axis), -matrix.min(axis=axis)))


def _worth(amounts: Vectors) -> Vectors:
    """What 1 is worth where these are the largest amounts that eight bits must reach to."""
    worth = amounts / np.float32(_REACH)
    worth[worth == 0] = 1
    return worth


def _evening(ranges: Vectors, matrix: Vectors) -> Vectors:
    """What each column of the left side is multiplied by, so that all come to about the same."""
    theirs = _amounts(matrix, 1)
    known = (ranges > 0) & (theirs > 0)
    return np.where(known, np.where(known, theirs, 1) ** (1 - TAKEN_OVER) / np.where(known, ranges, 1) ** TAKEN_OVER, 1).astype(np.float32)


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


def _matrices(stored: Mapping[str, Vectors]) -> Iterator[tuple[str, Vectors]]:
    """Under their names in the graphs, one layer after the other: transposed, since ONNX Runtime reads them row by row, the three of attention side by side."""
    for graph, place in _layers(stored):
        attention = [stored[f"{place}.attention.self.{part}.weight"].T for part in _ATTENTION]
        yield f"{graph}.attention", np.concatenate(attention, axis=1)
        for ours, theirs in _products(graph, place).items():
            yield ours, stored[f"{theirs}.weight"].T


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
