"""What is new for a saved query: exactly, once only, whatever dies in between."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from builders import IndexOf, make_role
from fakes import WordEmbedder
from ingest.pipeline import sync
from search import watches as module
from search.attributes.reading import with_attributes
from search.errors import IndexBusy, IndexMissing, RoleSearchError, UsageError
from search.filters import parse_filters
from search.index import IndexReader
from search.records import Mode, Query, Role
from search.searcher import Searcher
from search.watches import News, Watch, Watches, content_digest

BAKER = make_role("baker.md", "Baker", "Bakes bread at night.")
COOK = make_role("cook.md", "Cook", "Cooks soup and bread.")
WELDER = make_role("welder.md", "Welder", "Welds ships in the yard.")
BREAD = Query("bakes bread", 2)


class Kitchen:
    """An index whose roles change, and its watches."""

    def __init__(self, index_of: IndexOf) -> None:
        self._index_of = index_of
        self.folder = index_of([BAKER])
        self.searcher = Searcher(IndexReader(self.folder), WordEmbedder())
        self.watches = Watches(self.folder)

    def holds(self, *roles: Role) -> None:
        self._index_of(roles)

    def report(self, *names: str) -> dict[str, list[tuple[str, bool]]]:
        with self.watches.reporting(self.searcher, names) as news:
            return {one.watch.name: told(one) for one in news}


def told(news: News) -> list[tuple[str, bool]]:
    assert not news.error
    return [(role.hit.role_id, role.changed) for role in news.roles]


@pytest.fixture
def kitchen(index_of: IndexOf) -> Iterator[Kitchen]:
    kitchen = Kitchen(index_of)
    yield kitchen
    kitchen.searcher.close()


def test_what_is_there_when_a_watch_is_added_is_no_news(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", BREAD)
    kitchen.watches.add(kitchen.searcher, "all bread", BREAD, from_start=True)
    assert kitchen.report() == {"bread": [], "all bread": [("baker.md", False)]}
    assert kitchen.report() == {"bread": [], "all bread": []}


def test_new_and_changed_roles_are_reported_once(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", BREAD)
    again = make_role("baker.md", "Baker", "Bakes bread by day.")
    kitchen.holds(again, COOK)
    assert kitchen.report() == {"bread": [("baker.md", True), ("cook.md", False)]}
    kitchen.holds(again, COOK, WELDER)
    assert kitchen.report() == {"bread": []}


def test_what_comes_back_as_it_was_moves_or_is_copied_is_no_news(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", BREAD)
    kitchen.holds(make_role("baker.md", "Baker", "Bakes bread by day."))
    assert kitchen.report() == {"bread": [("baker.md", True)]}
    kitchen.holds(BAKER)
    assert kitchen.report() == {"bread": []}
    kitchen.holds(make_role("moved/baker.md", BAKER.title, BAKER.text), make_role("copy.md", BAKER.title, BAKER.text))
    assert kitchen.report() == {"bread": []}


def test_of_new_exact_copies_one_is_reported(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "soup", Query("soup"))
    kitchen.holds(COOK, make_role("cook-2.md", COOK.title, COOK.text))
    assert len(kitchen.report()["soup"]) == 1
    assert kitchen.report() == {"soup": []}


def test_a_role_that_moves_up_because_others_left_is_reported_then(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", Query("bakes bread", 1))
    kitchen.holds(BAKER, COOK)
    assert kitchen.report() == {"bread": []}
    kitchen.holds(COOK)
    assert kitchen.report() == {"bread": [("cook.md", False)]}


def test_filters_and_mode_are_kept(kitchen: Kitchen) -> None:
    query = Query('bread -"by day"', 7, Mode.LEXICAL, parse_filters(["level=lead", "years>=3"]), ("baker.md",), ("cook.md",), ("dough",), ("soup",))
    kitchen.holds(BAKER, COOK)
    kitchen.watches.add(kitchen.searcher, "leads", query, from_start=True)
    assert Watches(kitchen.folder).all() == (Watch("leads", query),)
    lead = make_role("lead.md", "Bread Lead", "Bakes bread.", level="lead", years=4)
    kitchen.holds(BAKER, COOK, lead, make_role("junior.md", "Junior", "Bakes bread.", level="junior", years=4))
    assert kitchen.report() == {"leads": [("lead.md", False)]}


def test_by_filters_alone_all_that_pass_are_news_not_the_first_by_title(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "leads", Query("", 1, filters=parse_filters(["level=lead"])))
    kitchen.holds(BAKER, *(make_role(f"{title}.md", title, "Leads.", level="lead") for title in ("Ant Lead", "Moth Lead", "Zebra Lead")))
    assert kitchen.report() == {"leads": [("Ant Lead.md", False), ("Moth Lead.md", False), ("Zebra Lead.md", False)]}
    assert kitchen.report() == {"leads": []}


def test_looking_changes_nothing(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", BREAD)
    kitchen.holds(COOK)
    before = kitchen.watches.file.read_bytes()
    for _ in range(2):
        news = kitchen.watches.news(kitchen.searcher, "bread")
        assert told(news) == [("cook.md", False)]
    assert kitchen.watches.file.read_bytes() == before
    assert (news.hits[0].title, news.generation) == ("Cook", kitchen.searcher.generation())
    kitchen.watches.mark_seen([news])
    assert kitchen.report() == {"bread": []}


def test_a_report_that_could_not_be_given_out_comes_again(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", BREAD)
    kitchen.holds(COOK)
    with pytest.raises(BrokenPipeError), kitchen.watches.reporting(kitchen.searcher):
        raise BrokenPipeError
    assert kitchen.report() == {"bread": [("cook.md", False)]}


def test_marking_passes_over_what_was_removed_or_is_another_query_now(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", BREAD)
    kitchen.watches.add(kitchen.searcher, "soup", Query("soup"))
    kitchen.holds(COOK)
    news = [kitchen.watches.news(kitchen.searcher, name) for name in ("bread", "soup")]
    kitchen.watches.remove("bread")
    kitchen.watches.remove("soup")
    kitchen.watches.add(kitchen.searcher, "soup", Query("cooks"), from_start=True)
    kitchen.watches.mark_seen(news)
    assert kitchen.watches.all() == (Watch("soup", Query("cooks")),)


def test_a_query_that_cannot_be_asked_any_more_does_not_stop_the_others(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "like the baker", Query("", like=("baker.md",)))
    kitchen.watches.add(kitchen.searcher, "soup", Query("soup"))
    kitchen.holds(COOK)
    with kitchen.watches.reporting(kitchen.searcher) as news:
        assert [(one.watch.name, "baker.md" in one.error, len(one.roles)) for one in news] == [("like the baker", True, 0), ("soup", False, 1)]


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        ("  ", BREAD, "its name has 0 characters"),
        ("x" * 101, BREAD, "its name has 101 characters"),
        ("bread", BREAD, "there is a watch 'bread' already"),
        (" bread\n", BREAD, "there is a watch 'bread' already"),
        ("new", Query(" "), "its query says nothing to look for"),
        ("new", Query("-night no kitchens", filters=parse_filters(["level=lead"])), "its query says nothing to look for"),
        ("new", Query("", unlike=("baker.md",), like_texts=(" ",)), "its query says nothing to look for"),
        ("new", Query("", like_texts=("[",)), "its query says nothing to look for"),
        ("new", Query("x", filters=parse_filters(["level>=high"])), "needs a number"),
        ("new", Query("x", 0), "0 results were asked for"),
    ],
)
def test_what_cannot_be_a_watch_is_said_and_not_kept(kitchen: Kitchen, name: str, query: Query, said: str) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", BREAD)
    with pytest.raises(UsageError, match=said):
        kitchen.watches.add(kitchen.searcher, name, query)
    assert [watch.name for watch in kitchen.watches.all()] == ["bread"]


def test_a_name_that_no_watch_has_is_said(kitchen: Kitchen) -> None:
    kitchen.watches.add(kitchen.searcher, "bread", BREAD)
    for ask in (lambda: kitchen.watches.remove("meat"), lambda: kitchen.report("bread", "meat"), lambda: kitchen.watches.news(kitchen.searcher, "meat")):
        with pytest.raises(UsageError, match="there is no watch 'meat'; there are: bread"):
            ask()


def test_without_an_index_nothing_is_made(tmp_path: Path) -> None:
    searcher = Searcher(IndexReader(tmp_path / "none"), WordEmbedder())
    assert Watches(tmp_path / "none").all() == ()
    with pytest.raises(IndexMissing):
        Watches(tmp_path / "none").add(searcher, "bread", BREAD)
    with pytest.raises(RoleSearchError, match="cannot be written to"):
        Watches(tmp_path / "none").mark_seen([])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "[]", '{"format": 1}', '{"format": 2, "watches": []}', '{"format": 1, "watches": [{"name": "x"}]}', "\udcff"])
def test_a_file_that_holds_no_watches_is_named(kitchen: Kitchen, content: str) -> None:
    kitchen.watches.folder.mkdir()
    kitchen.watches.file.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(UsageError, match=r"watches\.json"):
        kitchen.watches.all()


def test_only_one_reports_at_a_time(kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.1)
    kitchen.watches.add(kitchen.searcher, "bread", BREAD)
    with FileLock(kitchen.watches.folder / "lock"), pytest.raises(IndexBusy, match="nothing was reported: another process"):
        kitchen.report()


def test_hostile_names_and_texts_are_kept_as_they_are(kitchen: Kitchen) -> None:
    query = Query('"x" \x1b[31m \u2028\ud800', filters=parse_filters(["company=a=b\nc"]))
    kitchen.watches.add(kitchen.searcher, "-\u202e\x1b[31m", query)
    (watch,) = kitchen.watches.all()
    assert (watch.name, watch.query) == ("-\u202e\x1b[31m", query)
    assert json.loads(kitchen.watches.file.read_text(encoding="ascii"))["watches"][0]["text"] == query.text


def test_content_is_what_was_written_not_what_is_read_out_of_it() -> None:
    role = with_attributes(make_role("a.md", "Senior Python Developer", "Five years of Java.", skills=("Perl",), company="Acme"))
    assert {"level", "skills", "years"} <= role.attributes.keys()
    bare = make_role("b.md", "Senior Python Developer", "Five years of Java.", skills=("Perl",), company="Acme")
    assert content_digest(role) == content_digest(bare)
    others = [
        make_role("a.md", "Python Developer", "Five years of Java.", skills=("Perl",), company="Acme"),
        make_role("a.md", "Senior Python Developer", "Six years of Java.", skills=("Perl",), company="Acme"),
        make_role("a.md", "Senior Python Developer", "Five years of Java.", skills=("Perl",), company="Apex"),
        make_role("a.md", "Senior Python Developer", "Five years of Java.", skills=("Perl", "COBOL"), company="Acme"),
    ]
    assert len({content_digest(with_attributes(one)) for one in (role, *others)}) == 5


# Over ingests --------------------------------------------------------------------------------------------------------

IDS = ("a", "b", "c", "d", "e")
WORDS = st.lists(st.sampled_from(["bake", "cook", "drive", "guard", "mend", "paint"]), min_size=1, max_size=5)
QUERIES = {"bake": Query("bake", 2), "paint": Query("paint drive", 3), "guards": Query("cook", 2, filters=parse_filters(["kind=guard"]))}


class FolderAndWatches(RuleBasedStateMachine):
    """`roles` is what lies in the folder; `reported` has, for each watch, the contents that it may not report again."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp())
        (self.place / "roles").mkdir()
        self.index = self.place / "index"
        self.embedder = WordEmbedder()
        self.roles: dict[str, tuple[str, str]] = {"a": ("bake", "guard")}
        self.ingest()
        self.searcher = Searcher(IndexReader(self.index), self.embedder)
        self.reported: dict[str, set[tuple[str, str]]] = {}

    def teardown(self) -> None:
        self.searcher.close()
        shutil.rmtree(self.place)

    @rule(role_id=st.sampled_from(IDS), words=WORDS, kind=st.sampled_from(["guard", "other"]))
    def write(self, role_id: str, words: list[str], kind: str) -> None:
        self.roles[role_id] = (" ".join(words), kind)

    @rule(role_id=st.sampled_from(IDS))
    def delete(self, role_id: str) -> None:
        self.roles.pop(role_id, None)

    @rule(old=st.sampled_from(IDS), new=st.sampled_from(IDS))
    def move(self, old: str, new: str) -> None:
        if old in self.roles and new not in self.roles:
            self.roles[new] = self.roles.pop(old)

    @rule()
    def ingest(self) -> None:
        lines = [json.dumps({"id": role_id, "title": "Job", "text": f"{text}.", "kind": kind}) for role_id, (text, kind) in self.roles.items()]
        (self.place / "roles" / "all.jsonl").write_text("\n".join(lines), encoding="utf-8")
        sync([self.place / "roles"], self.index, self.embedder, allow_mass_removal=True)

    @rule(name=st.sampled_from(sorted(QUERIES)), from_start=st.booleans())
    def add(self, name: str, from_start: bool) -> None:
        if name not in self.reported:
            Watches(self.index).add(self.searcher, name, QUERIES[name], from_start=from_start)
            self.reported[name] = set() if from_start else self.top(name)

    @rule(name=st.sampled_from(sorted(QUERIES)))
    def remove(self, name: str) -> None:
        if self.reported.pop(name, None) is not None:
            Watches(self.index).remove(name)

    @rule(dies=st.booleans())
    def report(self, dies: bool) -> None:
        """The report has exactly the contents that are there now and were not reported, each once; one that died does not count."""
        with pytest.MonkeyPatch.context() as patch:
            if dies:
                patch.setattr(Watches, "_mark", _die)
            try:
                with Watches(self.index).reporting(self.searcher) as news:
                    self.check(news)
            except KeyboardInterrupt:
                return
        for name in self.reported:
            self.reported[name] |= self.top(name)

    @invariant()
    def what_is_new_is_what_is_there_and_was_not_reported(self) -> None:
        self.check([Watches(self.index).news(self.searcher, name) for name in self.reported])

    def check(self, news: list[News]) -> None:
        assert {one.watch.name for one in news} == self.reported.keys()
        for one in news:
            contents = [self.content(role.hit.role_id) for role in one.roles]
            assert len(contents) == len(set(contents))
            assert set(contents) == self.top(one.watch.name) - self.reported[one.watch.name]

    def top(self, name: str) -> set[tuple[str, str]]:
        return {self.content(hit.role_id) for hit in self.searcher.search(QUERIES[name]).hits}

    def content(self, role_id: str) -> tuple[str, str]:
        role = self.searcher.role(role_id)
        return role.text, str(role.attributes["kind"])


def _die(watches: Watches, news: list[News]) -> None:
    raise KeyboardInterrupt


TestFolderAndWatches = FolderAndWatches.TestCase
TestFolderAndWatches.settings = settings(max_examples=20, stateful_step_count=16, deadline=None)
