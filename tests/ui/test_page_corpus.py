"""The corpus page, state by state, over indexes made with the WordEmbedder; what a browser does with its pictures is tested in test_browser.py."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from streamlit.testing.v1 import AppTest

from builders import IndexOf, make_role
from fakes import WaitingEmbedder, WordEmbedder
from ingest.pipeline import sync
from search.errors import UsageError
from search.index import IndexReader
from search.records import Role
from search.searcher import Contents, Searcher
from ui.jobs import IngestJobs
from ui.views.adding import other_folder
from ui.views.charts import MOST_BARS, in_order
from ui.views.corpus import age
from ui.views.markup import plain
from ui.views.role_map import MOST_KINDS, OTHERS, clicked_role, kinds_of

NURSE = b"# Ward Nurse\n\nLooks after patients on a ward, day and night.\n"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)> **bold** [x](javascript:alert(1)) :smile:"


def corpus_page(searcher: "Searcher", jobs: "IngestJobs", opened: list[str]) -> None:
    """Run by AppTest in a module of its own."""
    from ui.views import corpus

    corpus.render(searcher, jobs, opened.append)


class Page:
    """The page over one index, with the jobs that it starts."""

    def __init__(self, index: Path, embedder: WordEmbedder) -> None:
        self.index = index
        self.searcher = Searcher(IndexReader(index, WordEmbedder.fingerprint), WordEmbedder())
        self.jobs = IngestJobs(index, lambda: embedder)
        self.opened: list[str] = []
        arguments = {"searcher": self.searcher, "jobs": self.jobs, "opened": self.opened}
        self.app = AppTest.from_function(corpus_page, kwargs=arguments, default_timeout=60)

    def run(self, **parameters: str) -> AppTest:
        for name, value in parameters.items():
            self.app.query_params[name] = value
        return seen(self.app.run())

    def ended(self) -> AppTest:
        """The page after its job has ended."""
        job = self.jobs.wait(30)
        assert job is not None
        assert not job.running
        return seen(self.app.run())


PageOver: TypeAlias = Callable[..., Page]


@pytest.fixture
def page_over() -> Iterator[PageOver]:
    pages: list[Page] = []

    def make(index: Path, embedder: WordEmbedder | None = None) -> Page:
        pages.append(Page(index, embedder or WordEmbedder()))
        return pages[-1]

    yield make
    for page in pages:
        page.jobs.wait(30)
        page.searcher.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two roles and a file that is none."""
    place = tmp_path / "roles"
    (place / "care").mkdir(parents=True)
    (place / "care" / "nurse.md").write_bytes(NURSE)
    (place / "cook.md").write_text("# Senior Cook\n\nPlans menus and leads a kitchen of nine.\n", encoding="utf-8")
    (place / "broken.pdf").write_bytes(b"%PDF-1.7 this is none")
    return place


@pytest.fixture
def index(tmp_path: Path, folder: Path) -> Path:
    sync([folder], tmp_path / "index", WordEmbedder())
    return tmp_path / "index"


def seen(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def headings(app: AppTest) -> list[str]:
    return [element.value for element in (*app.title, *app.header, *app.subheader)]


def texts(app: AppTest) -> str:
    return "\n".join(element.value for kind in (app.caption, app.info, app.error, app.success, app.warning) for element in kind)


def tables(app: AppTest) -> list[list[dict[str, Any]]]:
    return [element.value.to_dict("records") for element in app.dataframe]


def charts(app: AppTest) -> list[Any]:
    return list(app.get("vega_lite_chart"))


def button(app: AppTest, label: str) -> Any:
    (found,) = [one for one in app.button if one.label == label]
    return found


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files])
    app.run()
    return seen(button(app, "Add these files").click().run())


# What there is


def test_without_an_index_the_page_offers_to_make_one(page_over: PageOver, tmp_path: Path) -> None:
    page = page_over(tmp_path / "none")
    app = page.run()
    assert headings(app) == ["Corpus", "Add roles"]
    assert "There is no index yet. Upload role descriptions or sync a folder" in texts(app)
    assert (len(app.file_uploader), [box.label for box in app.text_input]) == (1, ["Another folder"])
    assert not (tmp_path / "none").exists()


def test_it_says_how_much_there_is_when_it_was_made_and_with_what(page_over: PageOver, index: Path) -> None:
    app = page_over(index).run()
    assert {metric.label: metric.value for metric in app.metric} == {"Roles": "2", "Chunks": "2", "Files": "3", "Generation": "1"}
    assert app.caption[0].value.startswith("Built just now")
    assert plain("with the model words@1") in app.caption[0].value
    assert "Map" in headings(app)


def test_what_was_refused_is_listed_with_its_reason(page_over: PageOver, index: Path) -> None:
    app = page_over(index).run()
    ((refusal,),) = tables(app)
    assert refusal["File"] == "broken.pdf"
    assert "not a PDF" in refusal["Why it was refused"]


def test_where_nothing_was_refused_that_is_said(page_over: PageOver, index_of: IndexOf) -> None:
    app = page_over(index_of([make_role("cook.md", "Cook", "Cooks.")])).run()
    assert (tables(app), "Nothing was refused" in texts(app)) == ([], True)


def test_an_index_without_roles_has_no_pictures(page_over: PageOver, index_of: IndexOf) -> None:
    app = page_over(index_of([])).run()
    assert headings(app) == ["Corpus", "Refused", "Add roles"]
    assert not charts(app)


def test_an_index_of_another_model_is_said_with_its_cure(page_over: PageOver, index: Path) -> None:
    page = page_over(index)
    page.searcher._reader._fingerprint = "other@1"
    assert "rebuild" in page.run().error[0].value


def test_an_index_that_moves_on_is_drawn_anew(page_over: PageOver, index_of: IndexOf) -> None:
    cook, nurse = make_role("cook.md", "Cook", "Cooks.", family="kitchen"), make_role("nurse.md", "Nurse", "Nurses.", family="care")
    page = page_over(index_of([cook]))
    assert tables(page.run(tables="true"))[0] == [{"Family": "kitchen", "Roles": 1}]
    index_of([cook, nurse])
    assert tables(page.run())[0] == [{"Family": "care", "Roles": 1}, {"Family": "kitchen", "Roles": 1}]


def test_two_indexes_of_one_server_are_not_taken_for_each_other(page_over: PageOver, tmp_path: Path, folder: Path) -> None:
    sync([folder], tmp_path / "one", WordEmbedder())
    sync([folder / "cook.md"], tmp_path / "two", WordEmbedder())
    assert [page_over(tmp_path / name).run().metric[2].value for name in ("one", "two")] == ["3", "1"]


# Pictures and tables


def many_roles(number: int) -> list[Role]:
    levels = ("senior", "junior", "wizard")
    return [
        make_role(f"{n:02}.md", f"Role {n}", f"Does thing{n}.", family=f"family {n % 9}", level=levels[n % 3], skills=(f"skill {n}", "reading"))
        for n in range(number)
    ]


def test_each_kind_of_attribute_that_there_is_has_a_chart(page_over: PageOver, index_of: IndexOf) -> None:
    app = page_over(index_of(many_roles(24))).run()
    assert headings(app)[-4:] == ["Family", "Skill", "Level", "Folder or file"]
    assert len(charts(app)) == 5
    assert f"The {MOST_BARS} most frequent of 25" in texts(app)
    assert all("24 roles" in chart.proto.alt or "Roles by" in chart.proto.alt for chart in charts(app))


def test_an_attribute_that_no_role_has_has_none(page_over: PageOver, index_of: IndexOf) -> None:
    app = page_over(index_of([make_role("a.md", "A", "Text."), make_role("b.md", "B", "Other.")])).run()
    assert headings(app) == ["Corpus", "Kinds of roles", "Map", "Refused", "Add roles", "Folder or file"]
    assert not app.button_group


def test_the_same_is_there_as_tables_which_the_address_keeps(page_over: PageOver, index_of: IndexOf) -> None:
    page = page_over(index_of(many_roles(24)))
    page.run()
    app = seen(page.app.toggle(key="tables").set_value(True).run())
    families, skills, levels, places, roles = tables(app)
    assert (len(families), len(skills), skills[0]) == (9, 25, {"Skill": "reading", "Roles": 24})
    assert [row["Level"] for row in levels] == ["junior", "senior", "wizard"]
    assert (len(places), len(roles), roles[0]) == (24, 24, {"Role": "Role 0", "Family": "family 0", "Level": "senior"})
    assert not charts(app)
    assert len(tables(page_over(page.index).run(tables="true"))) == 5


def test_the_map_is_coloured_by_what_the_address_says(page_over: PageOver, index_of: IndexOf) -> None:
    index = index_of(many_roles(24))
    assert page_over(index).run().button_group[0].value == "family"
    app = page_over(index).run(map_by="Level")
    assert app.button_group[0].value == "level"
    assert "junior 8, senior 8, wizard 8" in charts(app)[-1].proto.alt
    assert page_over(index).run(map_by="nonsense").button_group[0].value == "family"


def contents_of(families: Sequence[Sequence[str]]) -> Contents:
    ids = tuple(str(number) for number in range(len(families)))
    attributes = {role_id: {"family": values} for role_id, values in zip(ids, families, strict=True) if values}
    return Contents("1", ids, ids, attributes, (), WordEmbedder().encode_document(ids))


def test_the_most_frequent_kinds_have_a_colour_and_the_rest_share_one() -> None:
    families = [[f"f{number}"] for number in range(MOST_KINDS + 2) for _ in range(20 - number)]
    kinds = kinds_of(contents_of([*families, [], ["f0", "f1"]]), "family")
    assert set(kinds) == {*(f"f{number}" for number in range(MOST_KINDS)), OTHERS}
    assert kinds[-2:] == [OTHERS, "f0"]


def test_levels_stand_in_order_of_seniority() -> None:
    assert in_order("level", ["wizard", "senior", "intern", "executive"]) == ["intern", "senior", "executive", "wizard"]
    assert in_order("family", ["b", "a"]) == ["b", "a"]


@pytest.mark.parametrize(
    ("event", "role_id"),
    [
        ({"selection": {"clicked": [{"id": "a.md"}]}}, "a.md"),
        ({"selection": {"clicked": []}}, None),
        ({"selection": {"clicked": [{"other": 1}]}}, None),
        ({"selection": {}}, None),
        (None, None),
    ],
)
def test_a_click_says_which_role(event: Any, role_id: str | None) -> None:
    assert clicked_role(event) == role_id


def test_a_clicked_point_opens_its_role_once_and_an_unknown_one_none(page_over: PageOver, index_of: IndexOf, monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_over(index_of(many_roles(12)))
    clicked = iter(["07.md", None, "no such role"])
    monkeypatch.setattr("ui.views.role_map.clicked_role", lambda event: next(clicked))
    for _ in range(3):
        page.run()
    assert page.opened == ["07.md"]


def test_text_from_roles_and_files_reaches_no_markdown(page_over: PageOver, tmp_path: Path) -> None:
    place = tmp_path / "**bold** [x](http:" / "<b>roles"
    place.mkdir(parents=True)
    role = f"---\ntitle: '{HOSTILE}'\nfamily: '{HOSTILE}'\nlevel: '{HOSTILE}'\nskills: '{HOSTILE}'\n---\nLooks after patients.\n"
    (place / "<img src=x> **b** [x](y).md").write_text(role, encoding="utf-8")
    (place / "**b** [x](y).pdf").write_bytes(b"none")
    sync([place], tmp_path / "index", WordEmbedder())
    page = page_over(tmp_path / "index")
    app = page.run()
    labels = [one.label for kind in (app.button, app.toggle, app.text_input, app.metric, app.button_group) for one in kind]
    for text in [*labels, *texts(app).splitlines(), *headings(app)]:
        assert not any(sign in text for sign in ("**b", "](", "<img", "<b>", ":smile:")), text
    button(app, f"Sync {plain(str(place))}").click().run()
    assert not any(sign in texts(page.ended()) for sign in ("**b", "](", "<img", "<b>"))


# Adding


def test_uploaded_files_are_indexed_and_a_broken_one_is_refused(page_over: PageOver, tmp_path: Path) -> None:
    page = page_over(tmp_path / "index")
    page.run()
    upload(page.app, ("nurse.md", NURSE), ("broken.pdf", b"%PDF-1.7 none"))
    app = page.ended()
    assert "Uploaded files: 1 added, 1 refused" in app.success[0].value
    assert [row[0]["File"] for row in tables(app)] == ["broken.pdf", "broken.pdf"]
    assert app.metric[0].value == "1"
    assert [one.label for one in app.button if one.label.startswith("Sync /")] == []


def test_nothing_can_be_added_before_a_file_is_chosen(page_over: PageOver, index: Path) -> None:
    app = page_over(index).run()
    assert button(app, "Add these files").disabled


def test_an_upload_that_cannot_be_kept_is_said(page_over: PageOver, index: Path) -> None:
    page = page_over(index)
    page.run()
    upload(page.app, ("Nurse.md", NURSE))
    page.ended()
    app = upload(page.app, ("nurse.md", NURSE))
    assert "give it another name" in app.error[0].value
    assert page.app.file_uploader[0].value


def test_while_a_job_runs_its_progress_is_shown_and_no_other_can_be_started(page_over: PageOver, index: Path, folder: Path) -> None:
    embedder = WaitingEmbedder()
    page = page_over(index, embedder)
    page.run()
    (folder / "porter.md").write_text("# Porter\n\nCarries luggage.\n", encoding="utf-8")
    button(page.app, f"Sync {plain(str(folder))}").click().run()
    assert embedder.asked.wait(30)
    app = page.run()
    (progress,) = app.get("progress")
    assert (progress.proto.value, progress.proto.text) == (100, "Reading: 4 of 4 files")
    assert f"{plain(str(folder))} · " in texts(app)
    assert all(one.disabled for one in app.button)
    assert app.metric[0].value == "2"
    embedder.may.set()
    app = page.ended()
    assert "1 added, 2 unchanged, 1 refused" in app.success[0].value
    assert (app.metric[0].value, len(app.get("progress"))) == ("3", 0)


def test_a_job_that_failed_says_why(page_over: PageOver, index: Path, tmp_path: Path, folder: Path) -> None:
    page = page_over(index)
    app = page.run()
    folder.rename(tmp_path / "moved")
    button(app, f"Sync {plain(str(folder))}").click().run()
    app = page.ended()
    assert "here is no file or folder" in app.error[0].value
    assert app.metric[0].value == "2"


def test_a_mass_removal_is_asked_and_done_with_permission(page_over: PageOver, index: Path, folder: Path) -> None:
    page = page_over(index)
    app = page.run()
    for path in folder.rglob("*.md"):
        path.unlink()
    button(app, f"Sync {plain(str(folder))}").click().run()
    app = page.ended()
    assert "2 of 2 roles would be removed" in app.warning[0].value
    assert not app.error
    button(app, "Remove these roles").click().run()
    app = page.ended()
    assert "2 removed" in app.success[0].value
    assert (app.metric[0].value, [one.label for one in app.button if one.label == "Remove these roles"]) == ("0", [])


def test_another_folder_can_be_typed(page_over: PageOver, tmp_path: Path, folder: Path) -> None:
    page = page_over(tmp_path / "index")
    page.run()
    page.app.text_input[0].input(f" {folder} ")
    button(page.app, "Sync this folder").click().run()
    app = page.ended()
    assert "2 added, 1 refused" in app.success[0].value
    assert [one.label for one in app.button if one.label.startswith("Sync ")] == [f"Sync {plain(str(folder))}", "Sync this folder"]


def test_a_folder_that_is_none_is_said_and_starts_nothing(page_over: PageOver, index: Path) -> None:
    page = page_over(index)
    page.run()
    page.app.text_input[0].input("/no/such/folder")
    app = seen(button(page.app, "Sync this folder").click().run())
    assert "here is no folder" in app.error[0].value
    assert page.jobs.latest is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "type the path"),
        ("  ", "type the path"),
        ("a\0b", "type the path"),
        ("roles", "begin with / or ~"),
        ("../roles", "begin with / or ~"),
        ("{index}", "holds the index itself"),
        ("{index}/generations", "lies in it"),
        ("{index}/..", "holds the index itself"),
        ("{index}/CURRENT", "there is no folder"),
        ("~nobody-of-this-name/x", "begin with / or ~"),
        ("/" + "x" * 5_000, "there is no folder"),
    ],
)
def test_what_is_no_folder_of_roles_is_refused_with_the_cure(index: Path, typed: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        other_folder(typed.format(index=index), index)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "just now"),
        (0, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3_599, "59 minutes ago"),
        (7_200, "2 hours ago"),
        (86_400, "1 day ago"),
        (86_400 * 1_500, "1,500 days ago"),
    ],
)
def test_an_age_is_said_in_words(seconds: int, said: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), NOW) == said


def test_the_contents_of_an_index_go_by_one_order(page_over: PageOver, index_of: IndexOf) -> None:
    roles = [
        make_role("b.md", "Baker", "Bakes bread.", family="kitchen", level="lead", team="x"),
        make_role("a.md", "Nurse", "Nurses.", family=("care", "health")),
    ]
    contents = page_over(index_of(roles)).searcher.contents()
    assert (contents.generation, contents.ids, contents.titles) == ("000001", ("a.md", "b.md"), ("Nurse", "Baker"))
    assert contents.attributes == {"a.md": {"family": ["care", "health"]}, "b.md": {"family": ["kitchen"], "level": ["lead"]}}
    assert [source.name for source in contents.sources] == ["a.md", "b.md"]
    assert contents.vectors.shape == (2, WordEmbedder.width)
    assert contents.vectors[1] == pytest.approx(WordEmbedder().encode_query(["Baker Bakes bread."])[0], abs=1e-5)
