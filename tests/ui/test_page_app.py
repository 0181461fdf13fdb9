"""The program that Streamlit runs, whole: settings to page. What the pages show is tested view by view."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "ui" / "app.py"


def shown(**parameters: str) -> BeautifulSoup:
    page = AppTest.from_file(str(APP), default_timeout=120)
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    return BeautifulSoup("\n".join(element.body for element in page.html), "html.parser")


def texts(soup: BeautifulSoup, selector: str) -> list[str]:
    return [element.get_text() for element in soup.select(selector)]


def test_without_an_index_both_pages_say_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLESEARCH_INDEX", str(tmp_path / "none"))
    for soup in (shown(), shown(q="nurse"), shown(q="nurse", role="nurse.md")):
        assert ["rolesearch ingest" in text for text in texts(soup, ".rs-error")] == [True]
    assert list(tmp_path.iterdir()) == []


def test_settings_that_are_not_valid_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rolesearch.toml").write_text("colour = 'red'\n", encoding="utf-8")
    monkeypatch.setenv("ROLESEARCH_CONFIG", str(tmp_path / "rolesearch.toml"))
    assert "Known settings: index, model" in texts(shown(), ".rs-error")[0]


def test_a_model_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLESEARCH_MODEL", "nobody/no-such-model")
    assert "'nobody/no-such-model' is neither a folder nor" in texts(shown(), ".rs-error")[0]


@pytest.mark.model
def test_the_address_says_which_page_it_is(corpus_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLESEARCH_INDEX", str(corpus_index))
    results = shown(q="Kubernetes mentorship lead")
    assert texts(results, ".rs-hit h2")[0] == "Platform Engineering Lead"
    (link, *_) = (str(link["href"]) for link in results.select(".rs-hit h2 a"))
    role = shown(q="Kubernetes mentorship lead", role="roles/engineering/platform-engineering-lead.md")
    assert link == "?q=Kubernetes+mentorship+lead&role=roles%2Fengineering%2Fplatform-engineering-lead.md"
    assert texts(role, "h1") == ["Platform Engineering Lead"]
    assert "Kubernetes" in texts(role, ".rs-found mark")
