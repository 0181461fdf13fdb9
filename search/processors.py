"""How many processors there are to work with."""

import os


def processors() -> int:
    """Processors that this process may use. OMP_NUM_THREADS says so where several share a machine, as the workers of a cluster do."""
    granted = os.environ.get("OMP_NUM_THREADS", "")
    if granted.isdecimal() and int(granted):
        return int(granted)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
