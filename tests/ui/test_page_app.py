"""The program that Streamlit runs, whole: settings to page. What the pages show is tested view by view."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from builders import make_role, publish
from fakes import WordEmbedder

APP = Path(__file__).resolve().parents[2] / "ui" / "app.py"


def shown(page_name: str = "find", **parameters: str) -> AppTest:
    page = AppTest.from_file(str(APP), default_timeout=120)
    # What AppTest.switch_page sets for pages that lie in files of their own.
    page._page_hash = calc_hash(page_name)
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    return page


def said(label: str) -> str:
    """What a reader sees of a label, which is Markdown."""
    return BeautifulSoup(MarkdownIt("commonmark").render(label), "html.parser").get_text().replace("\u2060", "").strip()


def messages(page: AppTest) -> list[str]:
    return [said(message.value) for message in (*page.error, *page.info)]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the machine or of the folder that the tests run in, and no index."""
    for name in ("ROLESEARCH_CONFIG", "ROLESEARCH_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ROLESEARCH_INDEX", str(tmp_path / "none"))


def test_without_an_index_each_page_says_how_to_make_one(tmp_path: Path) -> None:
    for page in (shown(), shown(q="nurse"), shown("role", id="nurse.md", q="nurse")):
        assert ["rolesearch ingest" in message for message in messages(page)] == [True]
    assert [message.startswith("There is no index yet.") for message in messages(shown("corpus"))] == [True]
    assert list(tmp_path.iterdir()) == []


def test_settings_that_are_not_valid_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rolesearch.toml").write_text("colour = 'red'\n", encoding="utf-8")
    monkeypatch.setenv("ROLESEARCH_CONFIG", str(tmp_path / "rolesearch.toml"))
    assert ["Known settings: index, model" in message for message in messages(shown())] == [True]


def test_a_model_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLESEARCH_MODEL", "nobody/no-such-model")
    assert ["'nobody/no-such-model' is neither a folder nor" in message for message in messages(shown())] == [True]


def test_an_index_that_another_model_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path / "index", [make_role("a.md", "Cook", "Cooks.")], WordEmbedder())
    monkeypatch.setenv("ROLESEARCH_INDEX", str(tmp_path / "index"))
    assert ["words@1" in message for message in messages(shown(q="cook"))] == [True]


@pytest.mark.model
def test_the_address_says_which_page_it_is(corpus_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLESEARCH_INDEX", str(corpus_index))
    results = shown(q="Kubernetes mentorship lead")
    link = next(link.proto for link in results.page_link if link.proto.page == "role")
    assert said(link.label) == "1. Platform Engineering Lead"
    assert link.query_string == "id=roles%2Fengineering%2Fplatform-engineering-lead.md&q=Kubernetes+mentorship+lead"
    role = shown("role", id="roles/engineering/platform-engineering-lead.md", q="Kubernetes mentorship lead")
    assert said(role.title[0].value) == "Platform Engineering Lead"
    assert any("<mark><b>Kubernetes</b></mark>" in element.proto.body for element in role.html)
    assert shown("corpus").title[0].value == "Corpus"
