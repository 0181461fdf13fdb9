"""Some of the trials of `make chaos`: ingests that are killed, run out of room or meet a failing disk leave the old index or the new one, whole."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHAOS = Path(__file__).with_name("chaos.py")


@pytest.mark.skipif(shutil.which("cc") is None or sys.platform != "linux", reason="needs Linux and a C compiler to count what compiled libraries do")
@pytest.mark.parametrize(
    ("scenario", "every", "faults"), [("first ingest", 150, "killed,torn"), ("change", 150, "killed,torn,full,failed"), ("rebuild", 200, "killed")]
)
def test_whatever_befalls_an_ingest_the_index_is_the_old_one_or_the_new_one_and_the_next_ingest_succeeds(scenario: str, every: int, faults: str) -> None:
    command = [sys.executable, str(CHAOS), "--every", str(every), "--faults", faults, "--timed", "1", "--scenarios", scenario]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=550, check=False)
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-4000:]
    trials = re.search(r"^(\d+) trials: lost or mixed 0, otherwise wrong 0$", finished.stdout, re.MULTILINE)
    assert trials, finished.stdout
    assert int(trials[1]) >= 8
    # The moment of publishing is always among them: before it the old index is found, after it the new one.
    rows = {name: [int(count) for count in counts.split()] for name, counts in re.findall(r"^(\S+: [\w ]+?) {2,}([\d ]+)$", finished.stdout, re.MULTILINE)}
    assert rows["CURRENT: rename"][0] == 1
    assert rows["CURRENT: write"][0] == 1
