"""What one request, one client and all of them together may cost the service."""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

# How many roles one answer may hold, on all its pages together.
MOST_ROLES = 100
# Of a question in an address; servers and proxies cut longer ones off. What is longer is sent as a body.
LONGEST_QUERY, LONGEST_QUERY_IN_ADDRESS = 20_000, 2_000
LONGEST_CV = 100_000
MOST_FILTERS, LONGEST_FILTER, LONGEST_ID = 20, 300, 500
MOST_LIKED = 20
MOST_FILES = 100
# Clients whose requests are counted; of more than these the one that asked longest ago is forgotten.
_MOST_CLIENTS = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """`workers` questions are worked on at once and `waiting` more may wait; what takes longer than `seconds` is given up.

    `rate` is how many requests a second one client may send on the average, and twice as many at once; 0 counts nobody.
    """

    body_bytes: int = 1_000_000
    upload_bytes: int = 32_000_000
    workers: int = max(2, os.cpu_count() or 2)
    waiting: int = 64
    seconds: float = 30
    rate: float = 50

    @property
    def at_once(self) -> int:
        """Requests that may be under way."""
        return self.workers + self.waiting


class Rate:
    """Counts the requests of each client, as a bucket of `2 * rate` that fills again by `rate` a second."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Seconds that this client has to wait; 0 when the request may come in, which is then counted."""
        if not self._rate:
            return 0.0
        with self._lock:
            now = self._clock()
            left, since = self._left.pop(client, (2 * self._rate, now))
            left = min(2 * self._rate, left + (now - since) * self._rate)
            allowed = left >= 1
            self._left[client] = (left - allowed, now)
            if len(self._left) > _MOST_CLIENTS:
                self._left.popitem(last=False)
            return 0.0 if allowed else (1 - left) / self._rate
