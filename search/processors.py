"""How many processors there are to work with, and the threads that share them."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache


def processors() -> int:
    """Processors that this process may use. OMP_NUM_THREADS says so where several share a machine, as the workers of a cluster do."""
    granted = os.environ.get("OMP_NUM_THREADS", "")
    if granted.isdecimal() and int(granted):
        return int(granted)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def threads(work: str) -> ThreadPoolExecutor:
    """Threads, one a processor, that all who do the same work in a program share, so that many at once do not crowd each other out.

    What runs in them must not wait for anything else that does.
    """
    return ThreadPoolExecutor(processors(), work)


# Threads stay behind in the process that this one was forked from.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=threads.cache_clear)
