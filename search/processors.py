"""How many processors there are to work with, and threads for parts of one's work."""

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
def helpers() -> ThreadPoolExecutor:
    """Threads, one a processor, that all of a program's searches share, so that many at once do not crowd each other out.

    What runs in them must not wait for anything else that does.
    """
    return ThreadPoolExecutor(processors(), "helper")


# Threads stay behind in the process that this one was forked from.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=helpers.cache_clear)
