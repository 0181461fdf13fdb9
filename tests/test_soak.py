"""A minute of `make soak`: a writer beside readers in threads of several processes; every answer is of one edition, and nothing grows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).with_name("soak.py")


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="memory and open files of other processes are read from /proc")
def test_beside_a_writer_every_answer_is_of_one_generation_and_nothing_grows() -> None:
    command = [sys.executable, str(SOAK), "--seconds", "60", "--processes", "2", "--threads", "3"]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-4000:]
    told = re.search(r"^(\d+) generations, (\d+) answers of 6 threads", finished.stdout, re.MULTILINE)
    assert told, finished.stdout
    assert int(told[1]) >= 4
    assert int(told[2]) > int(told[1])
    assert finished.stdout.endswith("wrong: 0\n")
