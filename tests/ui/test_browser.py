"""The real page in a real browser: the program as `rolesearch ui` starts it, the model and the corpus that ship, no network but this machine's."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from browsers import ARGUMENTS, find_browser
from builders import make_role, publish
from search.embedding import SentenceTransformerEmbedder

pytestmark = [pytest.mark.browser, pytest.mark.model]

START_SECONDS = 60
# The first question waits for the model.
PATIENCE_MS = 60_000
QUERY = "Kubernetes mentorship lead"
BEST = "Platform Engineering Lead"

HOSTILE_LINES = (
    "<script>window.broken = 1</script>",
    "<img src=x onerror='window.broken = 1'> ![pixel](https://example.org/p.png)",
    "[click me](javascript:window.broken=1) <a href='javascript:window.broken=1'>or me</a>",
    "**bold** _it_ ~~gone~~ `code` $x^2$ :smile: :material/home: :red[red] -> <- -- https://example.org www.example.org a@example.org",
    "</p></article></div><style>body { display: none }</style>",
    "&lt;b&gt; &#60; &amp;amp; &nosuch;",
    "# no heading",
    "| a | b |",
)
HOSTILE = make_role(
    "hostile.md",
    "<b onclick=alert(1)>Night Nurse</b> [x](javascript:alert(1)) :smile:",
    ("<u>Tasks</u>", "Looks after patients at night.\n" + "\n".join(HOSTILE_LINES)),
    level="<i>lead</i>",
    **{"**key**": "<svg onload='window.broken = 1'>"},
)
PLAIN = make_role("plain.md", "Day Nurse", "Looks after patients by day.", level="<i>lead</i>")

Open: TypeAlias = Callable[[], Page]


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


@pytest.fixture(scope="session")
def hostile_site(shipped_model: SentenceTransformerEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("hostile")
    publish(folder / "index", [HOSTILE, PLAIN], shipped_model)
    with serving(folder / "index", folder) as address:
        yield address


@contextmanager
def serving(index: Path, folder: Path) -> Iterator[str]:
    """The page over an index, started in an empty working folder as an installed program would be."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "ui", "--index", str(index), "--port", str(port)]
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        wait_for(f"http://localhost:{port}/_stcore/health", process, log)
        yield f"http://localhost:{port}/"
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the page did not come up in {START_SECONDS} s (exit code {process.poll()}):\n{log.read_text(encoding='utf-8', errors='replace')}")


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
        if message.type == "error":
            complaints.append(message.text)

    def open_one() -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
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


def hits(page: Page) -> list[str]:
    """The titles of the results, once they are there."""
    # Each hit is drawn by itself; this line follows the last.
    expect(page.get_by_text(re.compile(r"^\d+ roles? in [\d,]+ ms"))).to_be_visible(timeout=PATIENCE_MS)
    return page.locator(".rs-hit h2").all_inner_texts()


def test_from_a_question_to_the_role_and_back(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(site)
    page.get_by_role("textbox", name="What are you looking for?").fill(QUERY)
    page.get_by_role("button", name="Search", exact=True).click()
    found = hits(page)
    assert found[0] == BEST

    best = page.locator(".rs-hit").first
    expect(best.locator(".rs-passage").first).to_be_visible()
    expect(best.locator("mark", has_text="Kubernetes").first).to_be_visible()
    background = best.locator("mark").first.evaluate("mark => getComputedStyle(mark).backgroundColor")
    assert not re.fullmatch(r"transparent|rgba\(.*, 0\)", background), "a mark cannot be seen"
    best.get_by_text("Why it is here").click()
    expect(best.get_by_text("number 1 by meaning")).to_be_visible()
    best.get_by_text("more passages").click()
    expect(best.locator(".rs-passage")).to_have_count(3)
    expect(best.locator(".rs-passage").nth(2)).to_be_visible()

    best.locator("h2 a").click()
    expect(page.get_by_role("heading", name=BEST)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".rs-role .rs-found mark", has_text="Kubernetes").first).to_be_visible()
    expect(page).to_have_title(f"{BEST} · Role Search")

    page.get_by_role("link", name="Back to the results").click()
    assert hits(page) == found
    page.go_back()
    expect(page.locator(".rs-role")).to_be_visible(timeout=PATIENCE_MS)
    page.go_back()
    assert hits(page) == found
    expect(page.get_by_role("textbox", name="What are you looking for?")).to_have_value(QUERY)


def test_mode_and_filter_go_to_an_address_that_shows_the_same_elsewhere(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(f"{site}?q=Kubernetes+mentorship+lead")
    assert hits(page)[0] == BEST
    meanings = page.locator(".rs-score").first.inner_text()

    page.get_by_role("radio", name="Words").or_(page.get_by_role("button", name="Words", exact=True)).first.click()
    page.wait_for_url(re.compile(r"mode=lexical"))
    expect(page.locator(".rs-score").first).not_to_have_text(meanings)

    page.get_by_text("Filters", exact=True).click()
    # A list that is opened while the filters still unfold is closed again by Streamlit.
    page.wait_for_function("document.getAnimations().every(one => one.playState !== 'running')")
    page.get_by_role("combobox", name="Level").click()
    page.get_by_role("option", name=re.compile(r"^lead \(\d+\)$")).click()
    page.wait_for_url(re.compile(r"f=level%3Dlead"))
    expect(page.get_by_text("Filters (1 active)")).to_be_visible()
    expect(page.locator(".rs-hit > div:nth-of-type(1)").first).to_contain_text("lead")
    expect(page.locator(".rs-hit > div:nth-of-type(1)").filter(has_not_text=re.compile(r"^lead"))).to_have_count(0)
    found = hits(page)

    elsewhere = open_browser()
    elsewhere.goto(page.url)
    assert hits(elsewhere) == found
    expect(elsewhere.get_by_role("textbox", name="What are you looking for?")).to_have_value(QUERY)
    expect(elsewhere.get_by_text("Filters (1 active)")).to_be_visible()

    page.go_back()
    page.wait_for_url(lambda address: "f=" not in address and "mode=lexical" in address)
    expect(page.get_by_text("Filters", exact=True)).to_be_visible()
    # Only when the roles without the filter are there again: Streamlit passes over a step back that comes while it still draws the last.
    expect(page.locator(".rs-hit > div:nth-of-type(1)").filter(has_not_text=re.compile(r"^lead"))).not_to_have_count(0, timeout=30_000)
    page.go_back()
    page.wait_for_url(lambda address: "mode=" not in address)
    expect(page.locator(".rs-score").first).to_have_text(meanings, timeout=30_000)


def test_an_example_is_one_click(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(site)
    page.get_by_role("button", name=QUERY).click()
    assert hits(page)[0] == BEST
    expect(page.get_by_role("textbox", name="What are you looking for?")).to_have_value(QUERY)


def test_nothing_found_says_so(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(f"{site}?q=%22never+heard+of+this%22")
    expect(page.get_by_role("status").get_by_text("No role holds the exact words")).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_telephone_and_marks_can_be_read(site: str, browser: Browser, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 420, "height": 900}, color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto(f"{site}?q=Kubernetes+mentorship+lead")
    hits(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert page.locator(".rs-hit").first.evaluate("hit => hit.scrollWidth <= hit.clientWidth + 1")
    dark_text = page.locator("mark").first.evaluate("mark => getComputedStyle(mark).color.match(/\\d+/)[0] < 128")
    assert dark_text is (scheme == "light")
    context.close()


def test_hostile_text_is_shown_as_text(hostile_site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(f"{hostile_site}?q=looks+after+patients+at+night")
    assert set(hits(page)) == {HOSTILE.title, PLAIN.title}
    page.get_by_role("link", name=HOSTILE.title).click()
    expect(page.locator(".rs-role")).to_be_visible(timeout=PATIENCE_MS)

    expect(page.locator("h1", has_text="Night Nurse")).to_have_text(HOSTILE.title)
    shown = page.locator(".rs-role").evaluate("article => article.textContent")
    for line in HOSTILE_LINES:
        assert line in shown
    assert "<u>Tasks</u>" in shown
    expect(page.locator(".rs-facts")).to_contain_text("<svg onload='window.broken = 1'>")
    inside = page.locator(".stHtml").evaluate_all("parts => [...new Set(parts.flatMap(part => [...part.querySelectorAll('*')]).map(one => one.localName))]")
    assert set(inside) <= {"style", "a", "h1", "h3", "bdi", "table", "tbody", "tr", "th", "td", "p", "article", "span", "mark", "ul", "li", "div"}
    links = page.locator(".stHtml a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert all(link.startswith("?") for link in links)
    assert page.evaluate("window.broken") is None


def test_hostile_filter_values_are_shown_as_text(hostile_site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(f"{hostile_site}?q=nurse&f=level%3D%3Ci%3Elead%3C%2Fi%3E&f=other%3D**x**")
    expect(page.get_by_text("Also filtered by", exact=False)).to_contain_text("other=**x**")
    assert page.evaluate("window.broken") is None
