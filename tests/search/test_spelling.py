from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from builders import make_role, publish
from fakes import WordEmbedder
from search.index import Index
from search.records import Correction
from search.spelling import misspelt, respelt
from search.understanding import understand

ROLES = [
    make_role("sre.md", "Site Reliability Engineer", "Keeps clusters of Kubernetes healthy; mentors colleagues."),
    make_role("accountant.md", "Accountant", "Closes the books each month and answers the auditors."),
    make_role("buyer.md", "Buyer", "Haggles with suppliers; the account is yours."),
    make_role("lead.md", "Engineer, lead", "Kubernetes, and the books of an accountant; an account of the hermit."),
]
ORDINARY = {"airline", "pilot", "book"}


def pieces(words: Sequence[str]) -> list[int]:
    """A model that knows a few ordinary words whole."""
    return [1 if word in ORDINARY else 2 for word in words]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder: Path = tmp_path_factory.mktemp("spelling") / "index"
    publish(folder, ROLES, WordEmbedder())
    opened = Index.open(folder)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("text", "read", "corrections"),
    [
        ("kuberntes engneer", "kubernetes engineer", [("kuberntes", "kubernetes"), ("engneer", "engineer")]),
        ("Acountant wanted", "accountant wanted", [("Acountant", "accountant")]),
        ("acocunt", "account", [("acocunt", "account")]),
        ("kubernetes engineers", "kubernetes engineers", []),
        ("mentoring", "mentoring", []),
        ("airline pilot", "airline pilot", []),
        ("k8s go", "k8s go", []),
        ("zzzzzzzz", "zzzzzzzz", []),
        ("HIRMIT KUBERNTES", "HIRMIT KUBERNTES", []),
        ("hirmit", "hirmit", []),
        ("pilots", "pilots", []),
        ("bokos", "books", [("bokos", "books")]),
        ("", "", []),
    ],
)
def test_only_words_that_no_role_holds_and_nobody_knows_are_corrected(index: Index, text: str, read: str, corrections: list[tuple[str, str]]) -> None:
    found = misspelt(understand(text), index, pieces)
    assert found == tuple(Correction(*pair) for pair in corrections)
    assert respelt(text, found) == read


def test_what_stands_between_quotation_marks_is_meant_as_it_stands(index: Index) -> None:
    assert misspelt(understand('"engneer" kuberntes'), index, pieces) == (Correction("kuberntes", "kubernetes"),)
