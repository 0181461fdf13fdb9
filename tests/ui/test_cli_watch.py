"""`rolesearch watch` as scripts see it: what is new, once only, on stdout or in a file, and never lost when it could not be given out."""

import fcntl
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import make_role, publish
from command_line import command, rolesearch, rolesearch_json
from search.embedding import Embedder
from search.index import IndexReader
from search.records import Query, Role
from search.searcher import Searcher
from search.watches import Watches

pytestmark = pytest.mark.model

BAKER = make_role("baker.md", "Baker", "Bakes bread at night.", level="senior")
COOK = make_role("cook.md", "Cook \x1b[31m", "Cooks soup and bread.", level="lead", place=("Leeds",))
WELDER = make_role("welder.md", "Welder", "Welds ships in the yard.", level="senior")
BY_DAY = make_role("baker.md", "Baker", "Bakes bread by day.", level="senior")
# Words alone: the model is not loaded by any of these processes.
WORDS = ("--mode", "lexical")
NOTHING_NEW = 5

Holds = Callable[..., None]


@pytest.fixture
def desk(tmp_path: Path, holds: Holds) -> Path:
    """A working folder whose index holds the baker."""
    holds(BAKER)
    return tmp_path


@pytest.fixture
def holds(tmp_path: Path, shipped_model: Embedder) -> Holds:
    """Publishes the next generation, which holds exactly these roles."""

    def publish_all(*roles: Role) -> None:
        publish(tmp_path / ".rolesearch", roles, shipped_model)

    return publish_all


def news(answer: Any) -> dict[str, list[tuple[str, str]]]:
    return {watch["name"]: [(role["role_id"], role["change"]) for role in watch["roles"]] for watch in answer["watches"]}


def test_queries_are_saved_at_first_and_their_news_told_once(desk: Path, holds: Holds) -> None:
    first = rolesearch("watch", "bread", "ships steel", *WORDS, cwd=desk, exit_code=NOTHING_NEW)
    assert first.stdout == ""
    assert first.stderr.splitlines() == [
        "Saved “bread”: 1 of its roles are known, what comes is news.",
        "Saved “ships steel”: 0 of its roles are known, what comes is news.",
        "No role was found. Try other words, or the mode that searches by meaning.",
        "Nothing is new for 2 saved queries.",
    ]
    holds(BY_DAY, COOK, WELDER)
    assert rolesearch("watch", "bread", cwd=desk).stdout.splitlines() == [
        "bread: 1 new, 1 changed",
        "  changed: Baker · senior  baker.md",
        "     Bakes bread by day.",
        "  new: Cook [31m · lead · Leeds  cook.md",
        "     Cooks soup and bread.",
    ]
    assert news(rolesearch_json("watch", cwd=desk)) == {"bread": [], "ships steel": [("welder.md", "new")]}
    assert news(rolesearch_json("watch", cwd=desk, exit_code=NOTHING_NEW)) == {"bread": [], "ships steel": []}


def test_json_holds_the_query_and_the_roles_as_a_search_has_them(desk: Path, holds: Holds) -> None:
    holds(BAKER, COOK)
    rolesearch("watch", "add", "Leeds leads", "bread", *WORDS, "-k", "7", "--filter", "level=lead", "--from-start", cwd=desk)
    answer = rolesearch_json("watch", cwd=desk)
    assert answer["new"] == 1
    (watch,) = answer["watches"]
    (role,) = watch.pop("roles")
    no_steering: dict[str, list[str]] = {"roles": [], "phrases": []}
    assert watch == {
        "name": "Leeds leads",
        "query": "bread",
        "mode": "lexical",
        "k": 7,
        "filters": ["level=lead"],
        "reported": 0,
        "like": no_steering,
        "unlike": no_steering,
        "generation": "000002",
        "error": None,
    }
    hits = rolesearch_json("search", "bread", *WORDS, "--filter", "level=lead", cwd=desk)["hits"]
    assert [role] == [{"change": "new", "fit": None} | hit for hit in hits]


def test_by_meaning_each_role_says_how_well_it_fits(desk: Path, holds: Holds) -> None:
    rolesearch("watch", "add", "bread", "bakes bread at night", "--mode", "dense", cwd=desk)
    holds(BAKER, make_role("night.md", "Night baker", "Bakes bread and rolls at night."), WELDER)
    fits = {role["role_id"]: role["fit"] for role in rolesearch_json("watch", cwd=desk)["watches"][0]["roles"]}
    assert list(fits) == ["night.md", "welder.md"]
    assert fits["night.md"] > 60 > fits["welder.md"]


def test_news_go_to_a_file_which_stays_while_nothing_is_new(desk: Path, holds: Holds) -> None:
    rolesearch("watch", "add", "bread", "bread", *WORDS, cwd=desk)
    holds(BAKER, make_role("odd.md", "Odd \u2028 bread", "Bread."))
    finished = rolesearch("watch", "--json", "--output", "news.json", cwd=desk)
    assert (finished.stdout, finished.stderr) == ("", "1 new for 1 saved query, written to news.json\n")
    written = (desk / "news.json").read_bytes()
    assert news(json.loads(written)) == {"bread": [("odd.md", "new")]}
    rolesearch("watch", "--json", "--output", "news.json", cwd=desk, exit_code=NOTHING_NEW)
    assert (desk / "news.json").read_bytes() == written
    assert not (desk / "news.json.new").exists()


@pytest.mark.parametrize(
    ("output", "exit_code", "said"), [("nowhere/news.txt", 1, "No such file or directory"), (".", 2, "directory"), ("/dev/null", 2, "no regular file")]
)
def test_what_could_not_be_written_to_a_file_comes_again(output: str, exit_code: int, said: str, desk: Path, holds: Holds) -> None:
    rolesearch("watch", "add", "bread", "bread", *WORDS, cwd=desk)
    holds(BAKER, COOK)
    assert said in rolesearch("watch", "--output", output, cwd=desk, exit_code=exit_code).stderr
    assert news(rolesearch_json("watch", cwd=desk)) == {"bread": [("cook.md", "new")]}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_what_could_not_be_printed_comes_again(desk: Path, holds: Holds) -> None:
    rolesearch("watch", "add", "bread", "bread", *WORDS, cwd=desk)
    holds(BAKER, COOK)
    with Path("/dev/full").open("w") as full:
        failed = subprocess.run(command("watch"), stdout=full, stderr=subprocess.PIPE, text=True, cwd=desk, timeout=300, check=False)
    assert (failed.returncode, failed.stderr) == (1, "rolesearch: No space left on device\n")
    assert news(rolesearch_json("watch", cwd=desk)) == {"bread": [("cook.md", "new")]}


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="pipes cannot be made small")
def test_news_come_again_when_the_process_is_killed_while_it_gives_them_out(desk: Path, holds: Holds) -> None:
    rolesearch("watch", "add", "bread", "bread", *WORDS, cwd=desk)
    holds(BAKER, *(make_role(f"{number}.md", f"Baker {number}", "Bakes bread. " * 30) for number in range(15)))
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    with subprocess.Popen(command("watch", "--json"), stdout=writing, cwd=desk) as process:
        os.close(writing)
        # The first byte came, the rest does not fit into the pipe: it stands in the middle of giving out.
        assert os.read(reading, 1) == b"{"
        process.kill()
    os.close(reading)
    assert process.returncode < 0
    assert len(news(rolesearch_json("watch", cwd=desk))["bread"]) == 15
    rolesearch("watch", cwd=desk, exit_code=NOTHING_NEW)


def test_queries_are_listed_and_removed(desk: Path) -> None:
    assert rolesearch("watch", "list", cwd=desk).stderr == "No query is saved; save one: rolesearch watch add NAME QUERY\n"
    assert rolesearch("watch", cwd=desk, exit_code=NOTHING_NEW).stderr == "No query is saved; save one: rolesearch watch add NAME QUERY\n"
    rolesearch("watch", "add", "seniors", "", "--filter", "level=senior", cwd=desk)
    rolesearch("watch", "add", "-x", "bread -night", *WORDS, "-k", "3", cwd=desk, exit_code=2)
    rolesearch("watch", "add", *WORDS, "-k", "3", "--", "-x", "bread -night", cwd=desk)
    assert rolesearch("watch", "list", cwd=desk).stdout.splitlines() == [
        "seniors\tlevel=senior, hybrid, first 20\t1 reported",
        "-x\t“bread -night”, lexical, first 3\t0 reported",
    ]
    assert [watch["name"] for watch in rolesearch_json("watch", "list", cwd=desk)] == ["seniors", "-x"]
    assert "there is no watch 'nurses'; there are: seniors, -x" in rolesearch("watch", "remove", "seniors", "nurses", cwd=desk, exit_code=2).stderr
    rolesearch("watch", "remove", "seniors", "--", "-x", cwd=desk)
    assert rolesearch_json("watch", "list", cwd=desk) == []


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("bread", "--mode", "dense"), 2, "'bread' is saved with other options"),
        (("--json", "list"), 2, "rolesearch watch list"),
        (("add", "bread", "rolls"), 2, "there is a watch 'bread' already"),
        (("add", "none", "--", "-night"), 2, "says nothing to look for"),
        (("add", "odd", "x", "--filter", "level"), 2, "not of the form key=value"),
        (("--index", "elsewhere"), 1, "elsewhere"),
        (("rolls", "--index", "elsewhere"), 1, "elsewhere"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments: tuple[str, ...], exit_code: int, said: str, desk: Path) -> None:
    rolesearch("watch", "add", "bread", "bread", *WORDS, cwd=desk)
    finished = rolesearch("watch", *arguments, cwd=desk, exit_code=exit_code)
    assert said in finished.stderr
    assert finished.stdout == ""
    assert "Traceback" not in finished.stderr
    assert not (desk / "elsewhere").exists()


def test_a_query_that_cannot_be_asked_any_more_is_named_and_fails_only_when_nothing_else_is_new(desk: Path, holds: Holds, shipped_model: Embedder) -> None:
    searcher = Searcher(IndexReader(desk / ".rolesearch", shipped_model.fingerprint), shipped_model)
    Watches(desk / ".rolesearch").add(searcher, "like the baker", Query("", like=("baker.md",)))
    searcher.close()
    rolesearch("watch", "add", "ships", "ships", *WORDS, cwd=desk)
    holds(COOK)
    failed = rolesearch("watch", cwd=desk, exit_code=1)
    assert failed.stderr.startswith("like the baker: the index has no role 'baker.md'")
    holds(COOK, WELDER)
    answer = rolesearch_json("watch", cwd=desk)
    assert [(watch["name"], bool(watch["error"]), len(watch["roles"])) for watch in answer["watches"]] == [("like the baker", True, 0), ("ships", False, 1)]


def test_an_ingest_says_that_there_is_news(tmp_path: Path) -> None:
    (tmp_path / "roles").mkdir()
    (tmp_path / "roles" / "baker.md").write_text("# Baker\n\nBakes bread at night.\n", encoding="utf-8")
    assert rolesearch("ingest", "roles", cwd=tmp_path).stderr == ""
    rolesearch("watch", "bread", "ships", *WORDS, cwd=tmp_path, exit_code=NOTHING_NEW)
    (tmp_path / "roles" / "cook.md").write_text("# Cook\n\nCooks soup and bread.\n", encoding="utf-8")
    assert rolesearch("ingest", "roles", cwd=tmp_path).stderr == "There is news for 1 saved query: rolesearch watch\n"
    assert rolesearch("ingest", "roles", cwd=tmp_path).stderr == ""
    assert news(rolesearch_json("watch", cwd=tmp_path)) == {"bread": [("cook.md", "new")], "ships": []}
