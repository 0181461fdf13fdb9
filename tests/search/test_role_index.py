"""The index as programs use it: the same answers as the parts behind it give, errors at once, and nothing imported before it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

import search
from builders import IndexOf, make_role, publish
from fakes import WordEmbedder
from search.attributes.reading import with_attributes
from search.compare import compare_roles
from search.errors import IndexMismatch, IndexMissing, NoSuchRole, UsageError
from search.filters import parse_filters
from search.index import IndexReader
from search.match_ranking import best_matches
from search.records import Mode, Query, Results
from search.role_index import RoleIndex
from search.searcher import Searcher

ROOT = Path(__file__).resolve().parents[2]
BAKER = with_attributes(make_role("baker.md", "Senior Baker", ("Requirements", "- Bake bread early\n- Bake cakes"), shift="night"))
PASTRY = with_attributes(make_role("pastry.md", "Junior Baker", ("Requirements", "- Bake cakes\n- Glaze cakes"), shift="day"))
WELDER = with_attributes(make_role("welder.md", "Welder", ("Requirements", "- Join steel"), shift="day"))
ROLES = [BAKER, PASTRY, WELDER]


@pytest.fixture
def folder(index_of: IndexOf) -> Path:
    return index_of(ROLES)


def opened(folder: Path) -> RoleIndex:
    return RoleIndex.open(folder, WordEmbedder())


def ids(results: Results) -> list[str]:
    return [hit.role_id for hit in results.hits]


def test_a_search_is_that_of_the_searcher_with_every_argument(folder: Path) -> None:
    searcher = Searcher(IndexReader(folder), WordEmbedder())
    with opened(folder) as roles:
        plain = roles.search("bake cakes")
        assert plain.hits == searcher.search(Query("bake cakes", collapsed=True)).hits
        assert ids(plain) == ["pastry.md", "baker.md", "welder.md"]
        narrow = roles.search("bake cakes", k=1, mode="lexical", filters=["shift=night", "shift=day", "shift!=day"])
        assert narrow.hits == searcher.search(Query("bake cakes", 1, Mode.LEXICAL, parse_filters(["shift=night", "shift!=day"]), collapsed=True)).hits
        assert ids(narrow) == ["baker.md"]

        assert ids(roles.search("bake", collapsed=False)) == ids(roles.search("bake"))


def test_similar_roles_leave_out_those_that_are_named(folder: Path) -> None:
    searcher = Searcher(IndexReader(folder), WordEmbedder())
    with opened(folder) as roles:
        assert ids(roles.similar(["pastry.md"])) == ["baker.md", "welder.md"]
        assert ids(roles.similar(["pastry.md"], ["welder.md"])) == ["baker.md"]
        assert ids(roles.similar(["pastry.md"], filters=["shift=day"])) == ["welder.md"]
        steered = roles.similar(["pastry.md"], (), ["steel"], ["bread"], text="join", k=1)
        query = Query("join", 1, like=("pastry.md",), like_texts=("steel",), unlike_texts=("bread",))
        assert steered.hits == searcher.search(query).hits
        assert ids(steered) == ["welder.md"]


def test_near_identical_roles_are_one_hit_unless_all_are_asked_for(index_of: IndexOf) -> None:
    text = "Bake bread early and late, cakes on Sundays, and keep the ovens clean for the next shift of bakers."
    with opened(index_of([make_role("one.md", "Baker", text), make_role("two.md", "Baker", text)])) as roles:
        (hit,) = roles.search("bake bread").hits
        assert [twin.role_id for twin in hit.twins] == [({"one.md", "two.md"} - {hit.role_id}).pop()]
        assert sorted(ids(roles.search("bake bread", collapsed=False))) == ["one.md", "two.md"]


def test_a_match_and_a_comparison_are_those_of_their_modules(folder: Path) -> None:
    text = with_attributes(make_role("cv", "Baker", "I bake bread early every day."))
    with opened(folder) as roles:
        found = roles.match(text, k=2, filters=["shift!=day"])
        assert found == best_matches(text, Searcher(IndexReader(folder), WordEmbedder()), WordEmbedder(), 2, parse_filters(["shift!=day"]))
        assert [hit.role_id for hit, _ in found] == ["baker.md"]
        assert roles.compare("baker.md", PASTRY) == compare_roles([BAKER, PASTRY], WordEmbedder())


def test_roles_facets_and_status(folder: Path) -> None:
    with opened(folder) as roles:
        assert roles.role("welder.md") == WELDER
        assert roles.facets()["shift"] == {"day": 2, "night": 1}
        assert roles.facets('"bake"', filters=["shift=day"])["shift"] == {"day": 1, "night": 1}
        assert (roles.status().roles, roles.generation()) == (3, "000001")


def test_it_moves_on_to_the_next_generation(folder: Path) -> None:
    with opened(folder) as roles:
        assert ids(roles.search("steel", k=1)) == ["welder.md"]
        publish(folder, [BAKER], WordEmbedder())
        answer = roles.search("steel", k=1)
        assert (ids(answer), answer.generation, roles.generation()) == (["baker.md"], "000002", "000002")


def test_errors_name_their_cure(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="rolesearch ingest"):
        search.open_index(tmp_path / "nowhere")
    with pytest.raises(IndexMismatch, match=r"words@1.*rolesearch rebuild"):
        search.open_index(str(folder))
    with opened(folder) as roles:
        for ask in (lambda: roles.role("x"), lambda: roles.similar(["x"]), lambda: roles.compare("x", "welder.md")):
            with pytest.raises(NoSuchRole, match="no role 'x'"):
                ask()
        with pytest.raises(UsageError, match="no mode 'magic'; there are hybrid, dense, lexical"):
            roles.search("bread", mode="magic")
        with pytest.raises(UsageError, match="not of the form key=value"):
            roles.facets(filters=["shift"])
        with pytest.raises(UsageError, match="compare 2 to 4"):
            roles.compare("welder.md")


def test_importing_the_package_imports_nothing_of_it() -> None:
    code = "import sys, search; print(search.open_index.__name__, [name for name in sys.modules if name.split('.')[0] in ('search', 'numpy', 'torch', 'chromadb')])"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert finished.stdout.strip() == "open_index ['search']"


@pytest.mark.model
def test_the_corpus_answers_in_three_lines(corpus_index: Path) -> None:
    with search.open_index(corpus_index) as roles:
        assert roles.search("Kubernetes mentorship lead").hits
