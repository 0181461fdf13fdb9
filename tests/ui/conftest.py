"""A browser and the served page, for the tests in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from bench.browser import ARGUMENTS, find_browser, serving
from browsing import PATIENCE_MS, WIDE, Open

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=find_browser(), args=list(ARGUMENTS))
        yield found
        found.close()


@pytest.fixture(scope="session")
def site(corpus_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(corpus_index, tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[Open]:
    """Opens a fresh browser, without history or cookies, and at the end of the test finds that all of them kept to this machine and reported no error."""
    contexts = []
    abroad: list[str] = []
    complaints: list[str] = []

    def note_request(request: Request) -> None:
        if urlsplit(request.url).hostname != "localhost" and urlsplit(request.url).scheme not in ("data", "blob"):
            abroad.append(request.url)

    def note_message(message: ConsoleMessage) -> None:
        # Streamlit looks for its server below the page's own address first.
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            complaints.append(message.text)

    def open_one(size: tuple[int, int] = WIDE, scheme: Literal["light", "dark"] = "light") -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("request", note_request)
        page.on("console", note_message)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert abroad == []
    assert complaints == []
