"""Arrays read where they lie, by several threads at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from search.arrays import mapped


def test_many_threads_read_the_same_array(tmp_path: Path) -> None:
    np.save(tmp_path / "numbers.npy", np.arange(5))
    with ThreadPoolExecutor(8) as threads:
        assert {tuple(read.tolist()) for read in threads.map(mapped, [tmp_path / "numbers.npy"] * 500)} == {(0, 1, 2, 3, 4)}


def test_what_is_no_array_is_refused(tmp_path: Path) -> None:
    (tmp_path / "numbers.npy").write_bytes(b"no array")
    with pytest.raises(ValueError, match="allow_pickle"):
        mapped(tmp_path / "numbers.npy")
