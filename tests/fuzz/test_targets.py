"""Every target of the fuzzer on what Hypothesis thinks of, and on all that ever brought one down."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.targets import TARGETS, run, seeds

SIGNS = """--- +++ { } [ ] "text": , # ## * - | <p> </p> <ul> <li> <table> <tr> <td> &lt; &#0; ``` title id = != >= <= no without at least not -word "a phrase" 5 years
60k $1 remote senior { "per_query": } "watches" index= 0 1e999 NaN null true \\ud800 é 東 %PDF-1.4""".split()  # noqa: SIM905
TEXTS = st.lists(st.sampled_from([*SIGNS, "\n", "\t", "\0", "\ufeff", "\u202e", "PK\x03\x04"]) | st.text(max_size=6), max_size=30).map(" ".join)
ANYTHING = st.binary(max_size=300) | TEXTS.map(lambda text: text.encode("utf-8", "replace"))


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(data=ANYTHING)
def test_any_bytes_end_in_an_answer_or_an_error_for_people(name: str, data: bytes) -> None:
    run(name, data)


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_kept_no_longer_fails(name: str) -> None:
    for data in seeds(name):
        run(name, data)


@pytest.mark.parametrize("name", sorted(name for name in TARGETS if name.startswith("reader.")))
def test_a_seed_is_whole_and_one_that_is_cut_ends_in_an_answer(name: str) -> None:
    for data in seeds(name):
        TARGETS[name](data)
        for cut in range(1, len(data), max(1, len(data) // 20)):
            run(name, data[:cut])
