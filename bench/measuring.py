"""Clock, processor time, memory and disk. The standard library only: the drivers of other systems run this in environments of their own."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def timed(action: Callable[[], object]) -> float:
    """Seconds that `action` takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def both_times(action: Callable[[], object]) -> tuple[float, float]:
    """Seconds that `action` takes, and seconds of processor time in all threads of this process and in those that it waited for."""
    started, worked = time.perf_counter(), processor_seconds()
    action()
    return time.perf_counter() - started, processor_seconds() - worked


def processor_seconds() -> float:
    """Processor time of this process and of those that it waited for."""
    taken = os.times()
    return time.process_time() + taken.children_user + taken.children_system


def peak_mib() -> float:
    """Most memory that this process has held so far, in MiB. Not `ru_maxrss`, which begins with what the process that started this one held."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def disk_mb(folder: Path) -> float:
    """What the files below `folder` hold, in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of `values` stays at or below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
