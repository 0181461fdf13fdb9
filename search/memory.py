"""How this process takes memory from the system."""

import ctypes
from contextlib import suppress

# Of glibc's malloc.h. Blocks from the threshold on are mapped one by one, and so go back to the system as soon as they are freed.
_M_MMAP_THRESHOLD = -3
_THRESHOLD_BYTES = 128 * 1024


def give_freed_blocks_back() -> None:
    """Keep the C library from raising its threshold, as it does whenever a larger block is freed: what many blocks of different sizes left behind then
    stays with the process. Nothing happens where the C library knows no such setting. Measured: docs/performance.md, "Ingest".
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _THRESHOLD_BYTES)


def give_small_blocks_back() -> None:
    """Give back what is free between blocks that are held: much is, after an ingest, whose threads each had a part of the memory for themselves."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
