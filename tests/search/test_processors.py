"""The threads that searches and the model share."""

import os

import pytest

from search.processors import threads


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked the POSIX way")
def test_a_process_that_was_forked_has_threads_of_its_own() -> None:
    assert threads("sums").submit(sum, [1, 2]).result() == 3
    child = os.fork()
    if not child:
        try:
            os._exit(threads("sums").submit(sum, [3, 4]).result(10))
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
