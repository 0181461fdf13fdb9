"""Who may reach a face that listens on the network."""

import pytest

from search.errors import UsageError
from search.settings import Settings, read_settings
from ui.access import check_host, is_this_machine, is_token

TOKEN = "0123456789abcdef"  # noqa: S105


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LocalHost"])
def test_names_of_this_machine_need_no_token(host: str) -> None:
    assert is_this_machine(host)
    check_host(host, "")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.4", "example.org", "localhost.example.org", "127.0.0.1.example.org", "", "0"])  # noqa: S104
def test_whatever_else_is_listened_on_needs_one(host: str) -> None:
    assert not is_this_machine(host)
    with pytest.raises(UsageError, match="set ROLESEARCH_TOKEN"):
        check_host(host, "")
    check_host(host, TOKEN)


def test_only_the_token_itself_is_the_token() -> None:
    assert is_token(TOKEN, TOKEN)
    assert not any(is_token(given, TOKEN) for given in ["", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), "é" * 16, "\ud800"])


def test_the_token_comes_from_the_settings_and_is_never_shown() -> None:
    settings = read_settings({"ROLESEARCH_TOKEN": TOKEN})
    assert settings.token == TOKEN
    assert TOKEN not in repr(settings)
    assert Settings().token == ""


@pytest.mark.parametrize("token", ["short", "has a space in it!", "ünïcödé-is-no-header", "0123456789abcdef\n"])
def test_a_token_that_is_too_short_or_fits_no_header_is_refused_without_being_told(token: str) -> None:
    with pytest.raises(UsageError, match="token") as refused:
        read_settings({"ROLESEARCH_TOKEN": token})
    assert token not in str(refused.value)
