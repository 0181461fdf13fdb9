"""A page with a token shows nothing to a visitor who does not know it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from builders import make_role, publish
from fakes import WordEmbedder
from search.errors import UsageError
from ui import cli
from ui.views import door

APP = Path(__file__).resolve().parents[2] / "ui" / "app.py"
TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    publish(tmp_path / "index", [make_role("nurse.md", "Night Nurse", "Looks after patients.")], WordEmbedder())
    monkeypatch.delenv("ROLESEARCH_CONFIG", raising=False)
    monkeypatch.setenv("ROLESEARCH_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("ROLESEARCH_TOKEN", TOKEN)
    monkeypatch.setattr(door, "WRONG_SECONDS", 0)


def visit(**parameters: str) -> AppTest:
    page = AppTest.from_file(str(APP), default_timeout=120)
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def is_shut(page: AppTest) -> bool:
    """Whether nothing is drawn but the form that asks for the token."""
    return [field.label for field in page.text_input] == ["Token"] and len(page.button) == 1 and not page.multiselect and not page.selectbox


def test_nothing_is_drawn_before_the_token_is_given() -> None:
    page = visit(q="nurse")
    assert is_shut(page) and not page.error


def test_the_token_opens_the_page_for_the_visit() -> None:
    page = visit(q="nurse")
    page.text_input[0].input(TOKEN)
    page.button[0].click().run()
    assert not is_shut(page)
    page.run()
    assert not is_shut(page)


@pytest.mark.parametrize("typed", [TOKEN[:-1], TOKEN.upper() + "X", "' or 1=1", "\u00e9" * 32])
def test_nothing_else_does(typed: str) -> None:
    page = visit()
    page.text_input[0].input(typed)
    page.button[0].click().run()
    assert is_shut(page) and len(page.error) == 1
    assert typed not in page.error[0].value and TOKEN not in page.error[0].value


def test_a_token_in_the_address_opens_it_and_leaves_the_address() -> None:
    page = visit(q="nurse", token=TOKEN)
    assert not is_shut(page)
    assert "token" not in page.query_params
    wrong = visit(token="x" * 32)
    assert is_shut(wrong) and "token" not in wrong.query_params


def test_without_a_token_the_page_is_for_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROLESEARCH_TOKEN")
    assert not is_shut(visit())
    for host in ("0.0.0.0", "192.168.0.4", "example.org"):  # noqa: S104
        result = CliRunner().invoke(cli.app, ["ui", "--host", host])
        assert isinstance(result.exception, UsageError) and "set ROLESEARCH_TOKEN" in str(result.exception)
