import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from search.adapter import INPUT_SCALE, LARGEST_SHARE, SHIPPED_ADAPTER, SMALLEST_SHARE, QueryAdapter, adapter_for, mixed, read_adapter, write_digest
from search.embedding import SHIPPED_MODEL, open_embedder
from search.errors import ModelError

EAST, NORTH = np.eye(384, dtype=np.float32)[:2]


def adapter(**given: np.ndarray) -> QueryAdapter:
    """An adapter that changes nothing, but for what is given."""
    nothing = {"linear": np.eye(384), "hidden": np.zeros((1024, 384)), "hidden_bias": np.zeros(1024), "out": np.zeros((384, 1024)), "out_bias": np.zeros(384)}
    return QueryAdapter({name: np.asarray(matrix, dtype=np.float32) for name, matrix in (nothing | given).items()})


def one_at(row: int, column: int, shape: tuple[int, int]) -> np.ndarray:
    matrix = np.zeros(shape)
    matrix[row, column] = 1
    return matrix


def test_without_weights_nothing_is_moved() -> None:
    assert adapter().moved(np.stack([EAST, NORTH])).tolist() == np.stack([EAST, NORTH]).tolist()


def test_vectors_are_moved_by_the_linear_map_and_the_hidden_layer_and_brought_to_unit_length() -> None:
    assert adapter(linear=np.eye(384)[::-1]).moved(EAST[np.newaxis]).tolist() == [EAST[::-1].tolist()]
    # gelu(large) is the value itself: the hidden layer adds 8 · 100 to the second component.
    lifted = adapter(hidden=100 * one_at(0, 0, (1024, 384)), out=one_at(1, 0, (384, 1024))).moved(EAST[np.newaxis])
    assert lifted == pytest.approx(((EAST + 800 * NORTH) / np.hypot(1, 800))[np.newaxis])


def test_weights_of_eight_bits_move_vectors_where_float32_does() -> None:
    matrices, random = read_adapter(SHIPPED_ADAPTER)[0], np.random.default_rng(7)
    vectors = random.standard_normal((50, 384), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    hidden = INPUT_SCALE * vectors @ matrices["hidden"].T + matrices["hidden_bias"]
    bent = hidden / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (hidden + 0.044715 * hidden**3)))
    exact = vectors @ matrices["linear"].T + bent @ matrices["out"].T + matrices["out_bias"]
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    moved = QueryAdapter(matrices).moved(vectors)
    assert np.vecdot(moved, exact).min() > 0.9999
    # One by one as all together: what others ask changes no answer.
    assert np.concatenate([QueryAdapter(matrices).moved(vector[np.newaxis]) for vector in vectors[:5]]).tolist() == moved[:5].tolist()


def test_the_mixture_follows_the_vector_that_finds_something_nearer() -> None:
    plain, moved = np.stack([EAST] * 3), np.stack([NORTH] * 3)
    nearest, nearest_moved = np.array([0.9, 0.5, 0.2], dtype=np.float32), np.array([0.2, 0.4, 0.9], dtype=np.float32)
    shares = mixed(plain, moved, nearest, nearest_moved)[:, 1] / mixed(plain, moved, nearest, nearest_moved).sum(axis=1)
    assert shares == pytest.approx([SMALLEST_SHARE, 0.6, LARGEST_SHARE], abs=1e-6)


# Components of vectors of about unit length; those far below the least float32 have no length to speak of.
COMPONENTS = st.integers(-1_000, 1_000).map(lambda thousandths: thousandths / 1_000)


@given(st.lists(st.tuples(COMPONENTS, COMPONENTS), min_size=1, max_size=5), st.floats(-1, 1), st.floats(-1, 1))
def test_a_mixture_has_unit_length_or_none(rows: list[tuple[float, float]], nearest: float, nearest_moved: float) -> None:
    vectors = np.asarray(rows, dtype=np.float32)
    joined = mixed(vectors, vectors[:, ::-1].copy(), np.full(len(rows), nearest, dtype=np.float32), np.full(len(rows), nearest_moved, dtype=np.float32))
    lengths = np.linalg.norm(joined, axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-4) | (lengths == 0))


def test_the_shipped_adapter_is_for_the_shipped_model_and_no_other() -> None:
    matrices, trained_for = read_adapter(SHIPPED_ADAPTER)
    assert trained_for == open_embedder(SHIPPED_MODEL).fingerprint
    assert matrices["linear"].shape == (384, 384)
    assert all(np.isfinite(matrix).all() for matrix in matrices.values())
    assert adapter_for(trained_for) is not None
    assert adapter_for("words@1") is None


@pytest.mark.parametrize("content", [None, b"", b"no tensors"])
def test_an_adapter_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "adapter.safetensors"
    if content is not None:
        path.write_bytes(content)
        write_digest(path)
    with pytest.raises(ModelError, match=r"adapter\.safetensors cannot be read"):
        read_adapter(path)


def test_an_adapter_that_does_not_say_for_which_model_is_refused(tmp_path: Path) -> None:
    save_file({"linear": np.eye(2, dtype=np.float32)}, tmp_path / "adapter.safetensors")
    write_digest(tmp_path / "adapter.safetensors")
    with pytest.raises(ModelError, match="cannot be read"):
        read_adapter(tmp_path / "adapter.safetensors")


def test_an_adapter_of_which_a_bit_was_flipped_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "adapter.safetensors"
    save_file({"linear": np.eye(2, dtype=np.float32)}, path, metadata={"model": "words@1"})
    write_digest(path)
    assert read_adapter(path)[1] == "words@1"
    content = bytearray(path.read_bytes())
    content[-3] ^= 0x10
    path.write_bytes(content)
    with pytest.raises(ModelError, match="does not hold what was trained: its SHA-256 is another; install the program again"):
        read_adapter(path)
