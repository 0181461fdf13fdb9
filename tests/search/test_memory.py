"""Memory that is freed goes back to the system."""

import platform
import subprocess
import sys

import pytest

BOTH = """
import ctypes
from search.memory import give_freed_blocks_back, give_small_blocks_back

def resident():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon"))

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
"""

LARGE = """
give_freed_blocks_back()
libc.free(ctypes.c_void_p(libc.malloc(16_000_000)))
before = resident()
blocks = []
for _ in range(200):
    block = libc.malloc(500_000)
    ctypes.memset(block, 1, 500_000)
    blocks += [block, libc.malloc(5_000)]
held = resident()
for block in blocks[::2]:
    libc.free(block)
print(held - before, resident() - before)
"""


def printed(program: str) -> tuple[int, int]:
    """KiB that the process held more than before, and holds more in the end."""
    finished = subprocess.run([sys.executable, "-c", BOTH + program], capture_output=True, text=True, check=True)
    held, left = map(int, finished.stdout.split())
    return held, left


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_large_blocks_go_back_though_small_ones_between_them_stay() -> None:
    held, left = printed(LARGE)
    assert held > 90_000
    assert left < 5_000


SMALL = """
before = resident()
blocks = []
for _ in range(100_000):
    block = libc.malloc(1_000)
    ctypes.memset(block, 1, 1_000)
    blocks.append(block)
for place, block in enumerate(blocks):
    if place % 500:
        libc.free(block)
held = resident()
give_small_blocks_back()
print(held - before, resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a function of glibc")
def test_small_blocks_go_back_though_some_between_them_stay() -> None:
    held, left = printed(SMALL)
    assert held > 90_000
    assert left < 20_000
