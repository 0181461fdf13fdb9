"""Weights as the model's file has them, arranged for both graphs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from search.onnx_weights import BLOCK, eight_bit_weights, float_weights

PARTS = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "intermediate.dense", "output.dense")
NORMS = ("attention.output.LayerNorm", "output.LayerNorm")


def stored(matrix: np.ndarray) -> dict[str, np.ndarray]:
    """A model of one layer, all of whose products take this matrix."""
    ones = np.ones(len(matrix), dtype=np.float32)
    weights = {f"encoder.layer.0.{name}.{kind}": matrix if kind == "weight" else ones for name in PARTS for kind in ("weight", "bias")}
    weights |= {f"encoder.layer.0.{name}.{kind}": ones for name in NORMS for kind in ("weight", "bias")}
    weights |= {f"embeddings.LayerNorm.{kind}": ones for kind in ("weight", "bias")}
    weights |= {f"embeddings.{name}_embeddings.weight": np.full((2, BLOCK), worth, dtype=np.float32) for name, worth in (("word", 1), ("position", 2))}
    return weights | {"embeddings.token_type_embeddings.weight": np.full((1, BLOCK), 3, dtype=np.float32)}


@given(arrays(np.float32, (3, 2 * BLOCK), elements=st.floats(-4, 4, width=32)))
def test_a_weight_of_eight_bits_is_off_by_half_a_step_at_most(matrix: np.ndarray) -> None:
    arranged = eight_bit_weights(stored(matrix))
    for name in ("attention.query", "attention.key", "attention.value", "mixed", "wide", "narrow"):
        numbers, scales = arranged[f"layer.0.{name}.blocks"], arranged[f"layer.0.{name}.scales"]
        assert (str(numbers.dtype), numbers.shape, scales.shape) == ("uint8", (3, 2, BLOCK), (3, 2))
        worth = (numbers.astype(np.float64) - 128) * scales[:, :, np.newaxis]
        assert (abs(worth - matrix.reshape(3, 2, BLOCK)) <= scales[:, :, np.newaxis] * 0.501).all()


def test_documents_are_multiplied_by_the_weights_themselves() -> None:
    matrix = np.random.default_rng(1).standard_normal((3, 2 * BLOCK), dtype=np.float32)
    arranged = float_weights(stored(matrix))
    assert (arranged["layer.0.attention.weight"] == np.concatenate([matrix.T] * 3, axis=1)).all()
    assert all((arranged[f"layer.0.{name}.weight"] == matrix.T).all() for name in ("mixed", "wide", "narrow"))
    assert arranged["layer.0.attention.bias"].tolist() == [1.0] * 9


def test_the_one_token_type_is_added_to_the_positions() -> None:
    for arranged in (float_weights(stored(np.zeros((3, BLOCK), dtype=np.float32))), eight_bit_weights(stored(np.zeros((3, BLOCK), dtype=np.float32)))):
        assert (arranged["embeddings.positions"] == 5).all()
        assert (arranged["embeddings.words"] == 1).all()
