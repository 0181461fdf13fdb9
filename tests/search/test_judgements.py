import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from builders import IndexOf, make_role
from fakes import WordEmbedder
from ingest.pipeline import sync
from search import judgements
from search.errors import IndexBusy, RoleSearchError, UsageError
from search.judgements import BAD, GOOD, JudgedQuery, Votes, one_line, read_judged_queries


@pytest.mark.parametrize(
    ("query_id", "kind"), [("level-07", "level"), ("level_7", "level"), ("level7", "level"), ("two-words-1", "two-words"), ("level", "level"), ("7", "7")]
)
def test_the_kind_of_a_query_stands_before_its_number(query_id: str, kind: str) -> None:
    assert JudgedQuery(query_id, "text", {}).kind == kind


# Reading -------------------------------------------------------------------------------------------------------------


def files(folder: Path, queries: str, qrels: str) -> tuple[Path, Path]:
    (folder / "queries.tsv").write_bytes(queries.encode())
    (folder / "qrels").write_bytes(qrels.encode())
    return folder / "queries.tsv", folder / "qrels"


def test_queries_are_read_with_their_judgements_in_the_order_of_the_queries(tmp_path: Path) -> None:
    queries = 'q2\tBäcker "früh" -spät\n\nq1\ttwo\ttabs\nq3\tnobody fits\n'
    judged = read_judged_queries(*files(tmp_path, queries, "q1 0 teams/b.md 2\nq2\t0\ta.md\t3\n\nq1 0 c.md -1\nq9 0 a.md 1\n"))
    assert judged == [
        JudgedQuery("q2", 'Bäcker "früh" -spät', {"a.md": 3}),
        JudgedQuery("q1", "two\ttabs", {"teams/b.md": 2, "c.md": -1}),
        JudgedQuery("q3", "nobody fits", {}),
    ]


@pytest.mark.parametrize(
    ("line", "role_id"),
    [
        ("q1 0 platform lead.md 2", "platform lead.md"),
        ("q1\t0\tour roles/a  b.md#2\t2", "our roles/a  b.md#2"),
        ("q1 0 level 3 2", "level 3"),
        ("q1 0 0 2", "0"),
        ("  q1  0   a.md   2  ", "a.md"),
        ("q1 Q0 a.md 2", "a.md"),
        ("q1 4.5 a.md 2", "a.md"),
        ("q1 0 a\u2028b\u00a0c.md 2", "a\u2028b\u00a0c.md"),
    ],
)
def test_a_role_is_all_that_stands_between_the_second_field_and_the_last(tmp_path: Path, line: str, role_id: str) -> None:
    (judged,) = read_judged_queries(*files(tmp_path, "q1\tbread\n", f"{line}\n"))
    assert judged.grades == {role_id: 2}


def test_the_last_of_several_grades_for_a_role_counts(tmp_path: Path) -> None:
    assert read_judged_queries(*files(tmp_path, "q1\tbread\n", "q1 0 a.md 1\nq1 0 a.md 3\n")) == [JudgedQuery("q1", "bread", {"a.md": 3})]


def test_a_byte_order_mark_and_windows_line_ends_make_no_difference(tmp_path: Path) -> None:
    assert read_judged_queries(*files(tmp_path, "\ufeffq1\tbread\r\n", "\ufeffq1 0 a.md 1\r\n")) == [JudgedQuery("q1", "bread", {"a.md": 1})]


@pytest.mark.parametrize(
    "line",
    [
        "q1 0 a.md",
        "q1 0 3",
        "q1 a.md 3",
        "q1 roles/a b.md 3",
        "q1 0 a.md high",
        "q1 0 a.md 1.5",
        "q1 0 a.md 1 more",
        "q1 0 a.md --3",
        "q1 0 a.md ²",
        "q1 0 a.md -",
    ],
)
def test_a_wrong_judgement_is_wrong_usage_that_names_its_line(tmp_path: Path, line: str) -> None:
    queries, qrels = files(tmp_path, "q1\tbread\n", f"q1 0 b.md 1\n\n{line}\n")
    with pytest.raises(UsageError, match="qrels, line 3: expected `query 0 role grade`") as refused:
        read_judged_queries(queries, qrels)
    assert repr(line) in str(refused.value)


@pytest.mark.parametrize("line", ["no tab", "\tno id", "q3\t", "q3\t  ", " \tbread"])
def test_a_wrong_query_is_wrong_usage_that_names_its_line(tmp_path: Path, line: str) -> None:
    queries, qrels = files(tmp_path, f"q1\tbread\n\n{line}\nq2\tfish\n", "q1 0 a.md 1\n")
    with pytest.raises(UsageError, match=r"queries\.tsv, line 3: expected `id<TAB>text`"):
        read_judged_queries(queries, qrels)


def test_an_id_given_twice_is_wrong_usage_that_names_the_second_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"queries\.tsv, line 2: the id 'q1'"):
        read_judged_queries(*files(tmp_path, "q1\tbread\nq1\tfish\n", "q1 0 a.md 1\n"))


def test_a_file_without_queries_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no queries"):
        read_judged_queries(*files(tmp_path, "\n \n", "q1 0 a.md 1\n"))


@pytest.mark.parametrize("missing", ["queries.tsv", "qrels"])
def test_a_missing_or_unreadable_file_is_wrong_usage_that_names_it(tmp_path: Path, missing: str) -> None:
    paths = files(tmp_path, "q1\tbread\n", "q1 0 a.md 1\n")
    (tmp_path / missing).write_bytes(b"q1\t\xff\xfe")
    with pytest.raises(UsageError, match=f"{missing} cannot be read"):
        read_judged_queries(*paths)
    (tmp_path / missing).unlink()
    with pytest.raises(UsageError, match=f"{missing} cannot be read"):
        read_judged_queries(*paths)


# Votes ---------------------------------------------------------------------------------------------------------------


def kept(votes: Votes) -> tuple[str, str]:
    return votes.queries.read_text(encoding="utf-8"), votes.qrels.read_text(encoding="utf-8")


def test_votes_are_kept_changed_and_taken_back(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    votes.give("payroll in Poland", "teams/payroll lead.md", GOOD)
    votes.give("payroll in Poland", "cook.md", BAD)
    votes.give('"design system" -react', "cook.md", GOOD)
    queries = 'vote-1\tpayroll in Poland\nvote-2\t"design system" -react\n'
    assert kept(votes) == (queries, "vote-1 0 teams/payroll lead.md 2\nvote-1 0 cook.md 0\nvote-2 0 cook.md 2\n")
    assert votes.of("payroll in Poland") == {"teams/payroll lead.md": 2, "cook.md": 0}
    votes.give("payroll in Poland", "teams/payroll lead.md", BAD)
    votes.give('"design system" -react', "cook.md", None)
    assert kept(votes) == (queries, "vote-1 0 cook.md 0\nvote-1 0 teams/payroll lead.md 0\n")
    assert (votes.of("payroll in Poland"), votes.of('"design system" -react')) == ({"cook.md": 0, "teams/payroll lead.md": 0}, {})
    assert read_judged_queries(votes.queries, votes.qrels) == [
        JudgedQuery("vote-1", "payroll in Poland", {"cook.md": 0, "teams/payroll lead.md": 0}),
        JudgedQuery("vote-2", '"design system" -react', {}),
    ]


def test_reading_and_taking_back_what_was_never_given_write_nothing(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    votes.give("bread", "a.md", None)
    assert votes.of("bread") == {}
    assert list(tmp_path.iterdir()) == []


def test_the_same_vote_again_changes_nothing(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    votes.give("bread", "a.md", GOOD)
    before = [path.stat().st_mtime_ns for path in (votes.queries, votes.qrels)]
    votes.give("bread", "a.md", GOOD)
    assert [path.stat().st_mtime_ns for path in (votes.queries, votes.qrels)] == before
    assert sorted(path.name for path in votes.folder.iterdir()) == ["lock", "qrels", "queries.tsv"]


@pytest.mark.parametrize("text", ["  Caf\u00e9\tchef\n", "Cafe\u0301 chef", "Caf\u00e9\u00a0\u2028 chef"])
def test_a_text_has_one_id_however_it_is_spaced_and_accented(tmp_path: Path, text: str) -> None:
    votes = Votes(tmp_path)
    votes.give("Caf\u00e9 chef", "a.md", GOOD)
    votes.give(text, "b.md", BAD)
    assert votes.of(text) == {"a.md": 2, "b.md": 0}
    assert kept(votes)[0] == "vote-1\tCaf\u00e9 chef\n"


def test_operators_and_capitals_make_another_query(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    for text in ("bread", "-bread", '"bread"', "Bread"):
        votes.give(text, "a.md", GOOD)
    assert kept(votes)[0] == 'vote-1\tbread\nvote-2\t-bread\nvote-3\t"bread"\nvote-4\tBread\n'


def test_an_id_never_comes_to_mean_another_query(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    votes.give("bread", "a.md", GOOD)
    votes.give("bread", "a.md", None)
    votes.give("fish", "a.md", GOOD)
    assert kept(votes) == ("vote-1\tbread\nvote-2\tfish\n", "vote-2 0 a.md 2\n")
    votes.queries.write_text("vote-1\tbread\n", encoding="utf-8")
    votes.give("meat", "a.md", GOOD)
    assert kept(votes) == ("vote-1\tbread\nvote-3\tmeat\n", "vote-2 0 a.md 2\nvote-3 0 a.md 2\n")


def test_queries_and_judgements_from_elsewhere_keep_their_ids_and_grades(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    votes.folder.mkdir()
    files(votes.folder, "level-01\tbread\nlevel-02\tfish\n", "level-01 0 a.md 3\nlevel-02 0 a.md 1\n")
    votes.give("bread", "b.md", BAD)
    votes.give("meat", "b.md", GOOD)
    assert kept(votes) == ("level-01\tbread\nlevel-02\tfish\nvote-1\tmeat\n", "level-01 0 a.md 3\nlevel-02 0 a.md 1\nlevel-01 0 b.md 0\nvote-1 0 b.md 2\n")


@given(st.text(), st.text(min_size=1))
def test_whatever_is_voted_on_is_read_as_it_was_given_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str, role_id: str) -> None:
    votes = Votes(tmp_path_factory.mktemp("votes"))
    votes.give("bread", "a.md", GOOD)
    try:
        votes.give(text, role_id, BAD)
    except UsageError:
        assert not one_line(text) or role_id != role_id.strip() or "\n" in role_id or "\r" in role_id
        assert votes.of(text) == {}
    else:
        assert votes.of(text)[role_id] == BAD
    assert votes.of("bread")["a.md"] == (BAD if (one_line(text), role_id) == ("bread", "a.md") else GOOD)
    assert len(read_judged_queries(votes.queries, votes.qrels)) in (1, 2)


@pytest.mark.parametrize(
    ("text", "role_id", "said"), [(" \n", "a.md", "the query is empty"), ("bread", "a\nb.md", r"the role id 'a\\nb.md'"), ("bread", " a.md", "' a.md'")]
)
def test_what_no_line_can_hold_is_refused(tmp_path: Path, text: str, role_id: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Votes(tmp_path).give(text, role_id, GOOD)
    assert Votes(tmp_path).of(text) == {}


def test_files_that_were_broken_by_hand_are_said_and_left_as_they_are(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    votes.give("bread", "a.md", GOOD)
    votes.qrels.write_text("vote-1 0 a.md good\n", encoding="utf-8")
    for action in (lambda: votes.of("bread"), lambda: votes.give("bread", "a.md", BAD)):
        with pytest.raises(UsageError, match="qrels, line 1"):
            action()
    assert votes.qrels.read_text(encoding="utf-8") == "vote-1 0 a.md good\n"


# Several at once, and disks that refuse --------------------------------------------------------------------------------


ROUNDS = 8
VOTE_OFTEN = f"""
import sys
from pathlib import Path
index, name, sys.path[:] = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
from search.judgements import Votes
for number in range({ROUNDS}):
    Votes(index).give(f"query {{number}}", f"{{name}}.md", 2)
"""


def vote_often(index: Path, name: str) -> None:
    for number in range(ROUNDS):
        Votes(index).give(f"query {number}", f"{name}.md", GOOD)


def test_no_vote_of_several_threads_and_processes_is_lost(tmp_path: Path) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", VOTE_OFTEN, str(tmp_path), f"process {number}", *sys.path]) for number in range(2)]
    threads = [threading.Thread(target=vote_often, args=(tmp_path, f"thread {number}")) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(60) for process in processes] == [0, 0]
    everyone = {f"{kind} {number}.md" for kind, count in (("thread", 3), ("process", 2)) for number in range(count)}
    judged = read_judged_queries(Votes(tmp_path).queries, Votes(tmp_path).qrels)
    assert {query.text: set(query.grades) for query in judged} == {f"query {number}": everyone for number in range(ROUNDS)}


def test_a_writer_that_does_not_stop_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgements, "LOCK_SECONDS", 0.1)
    votes = Votes(tmp_path)
    votes.give("bread", "a.md", GOOD)
    with FileLock(votes.folder / "lock"), pytest.raises(IndexBusy, match="another process is writing"):
        votes.give("bread", "a.md", BAD)
    assert votes.of("bread") == {"a.md": GOOD}


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """The system refuses to write more than `size` bytes to a file, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_leaves_the_votes_as_they_were(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    votes.give("bread", "a.md", GOOD)
    before = kept(votes)
    # Room for the queries, not for the judgements with a long id.
    with files_up_to(200), pytest.raises(RoleSearchError, match=r"the vote was not kept: .*judgements cannot be written to"):
        votes.give("fish", f"{'long ' * 50}.md", BAD)
    assert kept(votes) == before
    assert sorted(path.name for path in votes.folder.iterdir()) == ["lock", "qrels", "queries.tsv"]
    votes.give("fish", f"{'long ' * 50}.md", BAD)
    assert votes.of("fish") == {f"{'long ' * 50}.md": BAD}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only_leaves_the_votes_as_they_were(tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    votes.give("bread", "a.md", GOOD)
    votes.folder.chmod(0o500)
    try:
        with pytest.raises(RoleSearchError, match=r"cannot be written to \(Permission denied\)"):
            votes.give("bread", "a.md", BAD)
    finally:
        votes.folder.chmod(0o700)
    assert votes.of("bread") == {"a.md": GOOD}


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "judgements").write_text("in the way", encoding="utf-8")
    with pytest.raises(RoleSearchError, match=r"judgements cannot be written to \(File exists\)"):
        Votes(tmp_path).give("bread", "a.md", GOOD)


def test_votes_go_with_their_index_and_do_not_bring_it_back(tmp_path: Path) -> None:
    with pytest.raises(RoleSearchError, match="cannot be written to"):
        Votes(tmp_path / "gone").give("bread", "a.md", GOOD)
    assert list(tmp_path.iterdir()) == []


def test_no_ingest_touches_votes(index_of: IndexOf, tmp_path: Path) -> None:
    index = index_of([make_role("a.md", "Baker", "Bakes bread.")])
    votes = Votes(index)
    votes.give("bread", "a.md", GOOD)
    before = kept(votes)
    for number in range(3):
        index_of([make_role("a.md", "Baker", f"Bakes bread, version {number}.")])
    assert kept(votes) == before
    (tmp_path / "roles").mkdir()
    for name in ("a.md", "b.md"):
        (tmp_path / "roles" / name).write_text(f"# Baker\n\nBakes bread as {name} says.\n", encoding="utf-8")
    sync([tmp_path / "roles"], index, WordEmbedder(), allow_mass_removal=True)
    sync([tmp_path / "roles"], index, WordEmbedder())
    assert kept(votes) == before
    assert votes.of("bread") == {"a.md": GOOD}
