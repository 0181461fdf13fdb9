"""Turns: no more at once than are allowed, in the order of their coming, and none is lost."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from search.turns import Turns


def test_no_more_are_in_at_once_than_are_allowed_and_all_get_in() -> None:
    turns, inside, most, lock = Turns(3), 0, 0, threading.Lock()

    def work(number: int) -> int:
        nonlocal inside, most
        with turns:
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.002)
            with lock:
                inside -= 1
        return number

    with ThreadPoolExecutor(12) as threads:
        assert list(threads.map(work, range(60))) == list(range(60))
    assert most == 3


def test_who_waits_longest_is_next() -> None:
    turns, order = Turns(1), list[int]()

    def work(number: int) -> None:
        with turns:
            order.append(number)

    with turns:
        threads = []
        for number in range(8):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            while len(turns._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join(10)
    assert order == list(range(8))


def test_an_error_inside_gives_the_turn_back() -> None:
    turns = Turns(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="inside"), turns:
            raise ValueError("inside")
    with turns:
        pass


def test_who_is_interrupted_while_waiting_takes_no_turn_along(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, real = Turns(1), threading.Lock

    class Interrupted:
        def __init__(self) -> None:
            self._asked = 0

        def acquire(self) -> None:
            self._asked += 1
            if self._asked > 1:
                raise KeyboardInterrupt

        def release(self) -> None:
            pass

    with turns:
        monkeypatch.setattr("search.turns.threading.Lock", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            turns.__enter__()
        monkeypatch.setattr("search.turns.threading.Lock", real)
    with turns:
        pass
    entered = threading.Event()

    def enter() -> None:
        with turns:
            entered.set()

    threading.Thread(target=enter).start()
    assert entered.wait(10)
