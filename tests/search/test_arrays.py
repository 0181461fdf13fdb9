"""Arrays read where they lie, by several threads at once; which values of one are new, and which ids of one are in another."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.arrays import as_ids, as_texts, is_first, mapped, places_among, without

IDS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=4)


def test_several_threads_read_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "numbers.npy", np.arange(5))
    load: Callable[..., object] = np.load
    alone, together = threading.Lock(), 0

    def slow_load(path: Path, mmap_mode: str, *, allow_pickle: bool) -> object:
        nonlocal together
        together += not alone.acquire(blocking=False)
        time.sleep(0.002)
        alone.release()
        return load(path, mmap_mode=mmap_mode, allow_pickle=allow_pickle)

    monkeypatch.setattr(np, "load", slow_load)
    with ThreadPoolExecutor(8) as threads:
        assert {tuple(read.tolist()) for read in threads.map(mapped, [tmp_path / "numbers.npy"] * 32)} == {(0, 1, 2, 3, 4)}
    assert together == 0


def test_what_is_no_array_is_refused(tmp_path: Path) -> None:
    (tmp_path / "numbers.npy").write_bytes(b"no array")
    with pytest.raises(ValueError, match="allow_pickle"):
        mapped(tmp_path / "numbers.npy")


@given(st.lists(st.integers(-5, 5)).map(sorted))
def test_each_value_is_first_once(values: list[int]) -> None:
    array = np.array(values, dtype=np.int64)
    first = np.flatnonzero(is_first(array))
    assert array[first].tolist() == sorted(set(values))
    assert first.tolist() == [values.index(value) for value in sorted(set(values))]


@given(st.lists(IDS))
def test_ids_stay_what_they_are_and_ascend_as_their_texts_do(texts: list[str]) -> None:
    assert as_texts(as_ids(texts)) == texts
    assert as_texts(np.sort(as_ids(texts))) == sorted(texts)


@given(st.lists(IDS), st.sets(IDS))
def test_ids_are_found_among_others_in_any_order(texts: list[str], others: set[str]) -> None:
    ascending = sorted(others)
    places, found = places_among(as_ids(texts), as_ids(ascending))
    assert found.tolist() == [text in others for text in texts]
    assert [ascending[place] for place, is_found in zip(places.tolist(), found.tolist(), strict=True) if is_found] == [text for text in texts if text in others]


@given(st.sets(IDS), st.sets(IDS))
def test_what_is_left_of_ids_without_others(texts: set[str], others: set[str]) -> None:
    assert as_texts(without(as_ids(sorted(texts)), as_ids(sorted(others)))) == sorted(texts - others)
