"""Search is as good as it was: no judged set falls below the lower bound of the figure that was kept for it (`python -m bench.quality --keep`)."""

from pathlib import Path

import pytest

from bench import quality
from search.judgements import read_judged_queries

KEPT = {name: (float(mean), float(low)) for name, mean, low in (line.split("\t") for line in quality.KEPT.read_text(encoding="utf-8").splitlines())}


@pytest.mark.model
@pytest.mark.parametrize("judged_set", quality.SETS, ids=lambda one: one.name)
def test_no_judged_set_falls_below_its_interval(judged_set: quality.JudgedSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not judged_set.corpus.exists():
        pytest.skip(f"{judged_set.corpus} is not on this machine; ROLESEARCH_CORPORA names another folder")
    if judged_set.name == "onet":
        pytest.skip("embedding O*NET takes minutes; `make bench-quality` measures it")
    monkeypatch.setattr(quality, "INDEXES", tmp_path)
    ours = next(system for system in quality.SYSTEMS if system.name == "ours")
    found = quality.evaluated(ours, judged_set, read_judged_queries(judged_set.queries, judged_set.qrels))
    mean, low = KEPT[judged_set.name]
    assert found.means()[quality.MEASURE] >= low, f"nDCG@10 was {mean:.3f} when it was kept"
