"""Weights as the model's file has them, arranged for both graphs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import load, save

from search.onnx_weights import BLOCK, eight_bit_weights, float_weights, in_blocks, tensors_in

WIDTH = 64
PARTS = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "intermediate.dense", "output.dense")
NORMS = ("attention.output.LayerNorm", "output.LayerNorm")


def stored(matrix: np.ndarray) -> dict[str, np.ndarray]:
    """A model of one layer, all of whose products take this matrix."""
    ones = np.ones(len(matrix), dtype=np.float32)
    weights = {f"encoder.layer.0.{name}.{kind}": matrix if kind == "weight" else ones for name in PARTS for kind in ("weight", "bias")}
    weights |= {f"encoder.layer.0.{name}.{kind}": ones for name in NORMS for kind in ("weight", "bias")}
    weights |= {f"embeddings.LayerNorm.{kind}": ones for kind in ("weight", "bias")}
    weights |= {f"embeddings.{name}_embeddings.weight": np.full((2, WIDTH), worth, dtype=np.float32) for name, worth in (("word", 1), ("position", 2))}
    return weights | {"embeddings.token_type_embeddings.weight": np.full((1, WIDTH), 3, dtype=np.float32)}


MATRICES = arrays(np.float32, (3, WIDTH), elements=st.floats(-4, 4, width=32))
RANGES = arrays(np.float32, WIDTH, elements=st.floats(0, 50, width=32))


@given(MATRICES, RANGES, st.booleans())
def test_a_weight_of_eight_bits_is_off_by_half_a_step_at_most(matrix: np.ndarray, reach: np.ndarray, signed: bool) -> None:
    arranged = eight_bit_weights(stored(matrix), {"layer.0.attention": reach, "layer.0.wide": reach}, signed=signed)
    for name, columns in (("attention", 9), ("mixed", 3), ("wide", 3), ("narrow", 3)):
        numbers, worth, zeros = (arranged[f"layer.0.{name}.{kind}"] for kind in ("numbers", "worth", "zeros"))
        assert (str(numbers.dtype), numbers.shape, worth.shape) == ("int8" if signed else "uint8", (WIDTH, columns), (columns,))
        evening = arranged.get(f"layer.0.{name}.evening", np.ones(WIDTH, dtype=np.float32))
        assert (evening > 0).all()
        meant = np.concatenate([matrix.T] * (columns // 3), axis=1) / evening[:, np.newaxis]
        assert (abs((numbers.astype(np.float64) - zeros) * worth - meant) <= worth * 0.501).all()


@given(MATRICES)
def test_a_weight_in_a_block_is_off_by_half_a_step_at_most(matrix: np.ndarray) -> None:
    numbers, worth = in_blocks(matrix)
    assert (str(numbers.dtype), numbers.shape, worth.shape) == ("uint8", (3, WIDTH // BLOCK, BLOCK), (3, WIDTH // BLOCK))
    meant = matrix.reshape(3, -1, BLOCK)
    assert (abs((numbers.astype(np.float64) - 128) * worth[:, :, np.newaxis] - meant) <= worth[:, :, np.newaxis] * 0.501).all()


def test_a_column_that_reaches_far_is_made_to_reach_less_and_its_weights_take_over() -> None:
    matrix, reach = np.ones((3, WIDTH), dtype=np.float32), np.ones(WIDTH, dtype=np.float32)
    reach[7] = 32
    arranged = eight_bit_weights(stored(matrix), {"layer.0.wide": reach}, signed=True)
    assert arranged["layer.0.wide.evening"].tolist() == pytest.approx([1.0] * 7 + [1 / 8] + [1.0] * (WIDTH - 8))
    assert arranged["layer.0.wide.worth"].tolist() == pytest.approx([8 / 127] * 3)
    assert "layer.0.attention.evening" not in arranged


def test_tensors_are_read_as_the_library_reads_them() -> None:
    random = np.random.default_rng(2)
    kept = {"b": random.standard_normal((3, 5), dtype=np.float32), "a": random.standard_normal(7, dtype=np.float32), "none": np.empty((0, 2), dtype=np.float32)}
    for metadata in (None, {"model": "words@1"}):
        content = save(kept | {"0": np.arange(3)}, metadata)
        found, expected = tensors_in(content), load(content)
        assert expected.pop("0").tolist() == [0, 1, 2]
        assert {name: tensor.tolist() for name, tensor in found.items()} == {name: tensor.tolist() for name, tensor in expected.items()}
        assert {name: tensor.shape for name, tensor in found.items()} == {name: tensor.shape for name, tensor in kept.items()}


def test_documents_are_multiplied_by_the_weights_themselves() -> None:
    matrix = np.random.default_rng(1).standard_normal((3, WIDTH), dtype=np.float32)
    arranged = float_weights(stored(matrix))
    assert (arranged["layer.0.attention.weight"] == np.concatenate([matrix.T] * 3, axis=1)).all()
    assert all((arranged[f"layer.0.{name}.weight"] == matrix.T).all() for name in ("mixed", "wide", "narrow"))
    assert arranged["layer.0.attention.bias"].tolist() == [1.0] * 9


def test_the_one_token_type_is_added_to_the_positions() -> None:
    model = stored(np.zeros((3, WIDTH), dtype=np.float32))
    for arranged in (float_weights(model), eight_bit_weights(model, {}, signed=True)):
        assert (arranged["embeddings.positions"] == 5).all()
        assert (arranged["embeddings.words"] == 1).all()
