"""How many do something at once, in the order in which they came."""

import threading
from collections import deque
from types import TracebackType


class Turns:
    """A context manager that so many threads at once may be in; the others wait, first come, first served. Where threads outnumber the processors, each takes
    the interpreter and what lies in the processors' caches from the others, and all together do less. Measured: docs/performance.md, "Search".

    A semaphore lets in whoever asks at the right moment, and one thread may wait without end.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        turn = threading.Lock()
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn.acquire()
            self._waiting.append(turn)
        try:
            turn.acquire()
        except BaseException:  # Ctrl-C, while waiting
            self._leave(turn)
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._lock:
            self._pass_on()

    def _leave(self, turn: threading.Lock) -> None:
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
            else:
                self._pass_on()

    def _pass_on(self) -> None:
        if self._waiting:
            self._waiting.popleft().release()
        else:
            self._free += 1
