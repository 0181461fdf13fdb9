"""The real page in a real browser: the program as `rolesearch ui` starts it, the model and the corpus that ship, no network but this machine's."""

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import FilePayload, Locator, Page, WebSocketRoute, expect

from bench.browser import serving, wait_until_drawn
from browsing import NARROW, WIDE, Open, fits, harmless, serious_violations
from builders import make_role, publish
from search.embedding import Embedder
from ui.app import LOOK_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.model]

QUERY = "Kubernetes mentorship lead"
BEST = "Platform Engineering Lead"
BEST_ID = "roles/engineering/platform-engineering-lead.md"

HOSTILE_LINES = (
    "<script>window.broken = 1</script>",
    "<img src=x onerror='window.broken = 1'> ![pixel](https://example.org/p.png)",
    "[click me](javascript:window.broken=1) <a href='javascript:window.broken=1'>or me</a>",
    "**bold** _it_ ~~gone~~ `code` $x^2$ :smile: :material/home: :red[red] -> <- -- https://example.org www.example.org a@example.org",
    "</p></article></div><style>body { display: none }</style>",
    "&lt;b&gt; &#60; &amp;amp; &nosuch;",
    "# no heading",
    "| a | b |",
    "\u05d0\u05d7\u05d5\u05ea \u05dc\u05d9\u05dc\u05d4 \u202e turned \U0001f469\u200d\u2695\ufe0f \U0001f600",
    "night " * 170_000,
)
HOSTILE = make_role(
    "hostile.md",
    "<b onclick=alert(1)>Night Nurse</b> [x](javascript:alert(1)) :smile:",
    ("<u>Tasks</u>", "Looks after patients at night.\n" + "\n".join(HOSTILE_LINES)),
    level="<i>lead</i>",
    skills=("<img src=x onerror='window.broken = 1'>", "nursing"),
    **{"**key**": "<svg onload='window.broken = 1'>"},
)
PLAIN = make_role("plain.md", "Day Nurse", "Looks after patients by day.", level="<i>lead</i>", skills=("nursing",))


@pytest.fixture(scope="session")
def hostile_site(shipped_model: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("hostile")
    publish(folder / "index", [HOSTILE, PLAIN], shipped_model)
    with serving(folder / "index", folder) as address:
        yield address


def cards(page: Page) -> Locator:
    """The links of the results, once they are all there."""
    # While the page goes from one answer to the next, both may say how many there are.
    expect(page.get_by_text(re.compile(r"^[\d,]+ roles?.* · [\d,]+ ms$"))).to_have_count(1)
    links = page.get_by_test_id("stMain").get_by_test_id("stPageLink").filter(has_text=re.compile(r"^\d+\."))
    expect(links.first).to_be_visible()
    before: list[str] = []
    # Each is drawn by itself, and the server may only be about to begin.
    while (shown := links.all_inner_texts()) != before:
        before = shown
        page.wait_for_timeout(300)
        wait_until_drawn(page)
    return links


def titles(page: Page) -> list[str]:
    """The titles of the results, without their numbers and the joiners that keep their signs apart."""
    return [re.sub(r"^\d+\.\s*", "", text.replace("\u2060", "")) for text in cards(page).all_inner_texts()]


def question(page: Page) -> Locator:
    return page.get_by_label("What are you looking for?")


def ask(page: Page, text: str) -> None:
    question(page).fill(text)
    question(page).press("Enter")


def downloaded(page: Page, name: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    return Path(download.value.path()).read_text(encoding="utf-8-sig")


def test_the_journey_of_a_recruiter(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(site)
    ask(page, QUERY)
    assert titles(page)[0] == BEST
    assert len(titles(page)) == 10

    page.get_by_text(re.compile(r"^lead · \d+$")).click()
    page.wait_for_url(re.compile(r"f=level%3Dlead"))
    expect(page.get_by_role("button", name="Level: lead", exact=True)).to_be_visible()
    found = titles(page)
    assert found[0] == BEST
    assert len(found) == int(re.sub(r"\D", "", page.get_by_text(re.compile(r"^lead · \d+$")).inner_text()))

    best = page.get_by_test_id("stVerticalBlock").filter(has=page.get_by_text(BEST)).last
    expect(page.locator("mark", has_text="Kubernetes").first).to_be_visible()
    expect(page.locator("u").nth(1)).to_be_visible()
    expect(best).to_be_visible()
    page.get_by_role("button", name="Why").first.click()
    expect(page.get_by_text("number 1 by meaning")).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Export").click()
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "CSV"))))
    assert [row["title"] for row in rows] == found
    assert {(row["query"], row["filters"], row["generation"]) for row in rows} == {(QUERY, "level=lead", "000001")}
    page.keyboard.press("Escape")
    page.get_by_text("Select", exact=True).nth(1).click()
    page.wait_for_url(re.compile("select="))
    wait_until_drawn(page)
    page.get_by_role("button", name="Export").click()
    kept = json.loads(downloaded(page, "JSON"))
    assert [hit["title"] for hit in kept["hits"]] == [found[1]]
    assert f"## 1. {found[1]}"[:12] in downloaded(page, "Markdown").replace("\\", "")
    page.keyboard.press("Escape")

    cards(page).first.get_by_role("link").click()
    expect(page.get_by_role("heading", name=BEST, level=1)).to_be_visible()
    expect(page).to_have_title(f"{BEST} · Role Search")
    wait_until_drawn(page)
    page.get_by_role("link", name=re.compile("^2")).first.click()
    expect(page.locator("#passage-2")).to_be_in_viewport()
    expect(page.locator("article u").first).to_be_visible()
    page.get_by_role("tab", name="Attributes").click()
    expect(page.get_by_role("row", name=re.compile("^Years"))).to_contain_text("Eight or more")
    page.get_by_role("tab", name="Similar roles").click()
    expect(page.get_by_text("Site Reliability Engineer", exact=True).first).to_be_visible()
    shared = page.url

    page.get_by_role("link", name="Back to the results").click()
    assert titles(page) == found
    elsewhere = open_browser()
    elsewhere.goto(page.url)
    assert titles(elsewhere) == found
    expect(question(elsewhere)).to_have_value(QUERY)
    expect(elsewhere.get_by_role("button", name="Level: lead", exact=True)).to_be_visible()
    expect(elsewhere.get_by_role("checkbox", name="Select").nth(1)).to_be_checked()
    elsewhere.goto(shared)
    expect(elsewhere.get_by_role("heading", name=BEST, level=1)).to_be_visible()


def test_back_and_forth_through_the_history(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(f"{site}?q=Kubernetes+mentorship+lead")
    first = titles(page)
    page.get_by_text("Words", exact=True).click()
    page.wait_for_url(re.compile(r"mode=lexical"))
    by_words = titles(page)
    assert by_words != first
    page.get_by_role("button", name="More like this").nth(2).click()
    page.wait_for_url(re.compile(r"like="))
    expect(page.get_by_role("button", name=re.compile("^More like: "))).to_be_visible()
    wait_until_drawn(page)
    page.go_back()
    page.wait_for_url(lambda address: "like=" not in address)
    expect(page.get_by_role("button", name=re.compile("^More like: "))).to_have_count(0)
    assert titles(page) == by_words
    page.go_back()
    page.wait_for_url(lambda address: "mode=" not in address)
    expect(cards(page).nth(1)).to_contain_text(first[1][:12])
    assert titles(page) == first


def test_a_change_stays_in_the_address_when_the_look_for_a_new_generation_crosses_it(site: str, open_browser: Open) -> None:
    page, sockets, asked, held = open_browser(), list[WebSocketRoute](), list[str | bytes](), list[str | bytes]()
    holds = False

    def carry(browser: WebSocketRoute) -> None:
        def to_server(message: str | bytes) -> None:
            asked.append(message)
            server.send(message)

        server = browser.connect_to_server()
        sockets.append(browser)
        browser.on_message(to_server)
        server.on_message(lambda message: held.append(message) if holds else browser.send(message))

    page.route_web_socket(re.compile("_stcore/stream"), carry)
    page.goto(f"{site}?q=Kubernetes+mentorship+lead")
    first, before = titles(page), len(asked)
    # What the server answers to the click arrives after the page has looked for a new generation, with the address from before the click.
    holds = True
    page.get_by_text("Words", exact=True).click()
    page.wait_for_timeout(3000 * LOOK_SECONDS)
    assert len(asked) >= before + 2
    holds = False
    for message in held:
        sockets[-1].send(message)
    assert titles(page) != first
    page.wait_for_timeout(1000 * LOOK_SECONDS)
    assert "mode=lexical" in page.url
    assert titles(page) != first


def test_a_suggestion_is_one_click_and_brings_roles(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(site)
    wait_until_drawn(page)
    suggestion = page.get_by_test_id("stMain").get_by_role("button").filter(has_text=re.compile(r"\w and \w")).first
    text = suggestion.inner_text().replace("\u2060", "")
    suggestion.click()
    assert titles(page)
    expect(question(page)).to_have_value(text)


def test_paging_and_sorting(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(f"{site}?q=engineer&sort=title")
    first = titles(page)
    assert first == sorted(first, key=str.casefold)
    page.get_by_role("button", name=re.compile("next", re.IGNORECASE)).first.click()
    page.wait_for_url(re.compile(r"page=2"))
    expect(cards(page).first).to_contain_text(re.compile("^11"))
    second = titles(page)
    assert first[-1].casefold() <= second[0].casefold()


def test_by_keyboard_alone(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(site)
    wait_until_drawn(page)
    press_until(page, "Tab", lambda focused: focused["label"] == "What are you looking for?")
    page.keyboard.type(QUERY)
    page.keyboard.press("Enter")
    assert titles(page)[0] == BEST
    press_until(page, "Tab", lambda focused: focused["text"].startswith("intern · "))
    press_until(page, "ArrowRight", lambda focused: focused["text"].startswith("lead · "))
    page.keyboard.press("Space")
    page.wait_for_url(re.compile(r"f=level%3Dlead"))
    expect(page.get_by_role("button", name="Level: lead", exact=True)).to_be_visible()
    assert titles(page)[0] == BEST
    press_until(page, "Tab", lambda focused: focused["text"].endswith(BEST))
    page.wait_for_timeout(500)
    look = "one => { const style = getComputedStyle(one); return [style.outline, style.boxShadow, style.backgroundColor].join() }"
    focused, unfocused = page.locator("a:focus").evaluate(look), page.get_by_test_id("stPageLink").get_by_role("link").last.evaluate(look)
    assert focused != unfocused, "what has the focus cannot be seen"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=BEST, level=1)).to_be_visible()


def press_until(page: Page, key: str, wanted: Callable[[dict[str, str]], bool]) -> None:
    """Press a key until the wanted element has the focus."""
    for _ in range(150):
        page.keyboard.press(key)
        focused = page.evaluate(
            "(() => { const one = document.activeElement; return {label: one.getAttribute('aria-label') || '', text: (one.innerText || '').trim()} })()"
        )
        if wanted(focused):
            return
    pytest.fail(f"it cannot be reached with {key}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["?q=Kubernetes+mentorship+lead", f"role?id={BEST_ID}&q=Kubernetes+mentorship+lead", "corpus"])
def test_each_view_fits_a_telephone(site: str, open_browser: Open, path: str, scheme: Literal["light", "dark"]) -> None:
    page = open_browser(NARROW, scheme)
    page.goto(site + path)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    wait_until_drawn(page)
    assert fits(page, NARROW[0])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_can_be_read_with_and_without_colour(site: str, open_browser: Open, scheme: Literal["light", "dark"]) -> None:
    page = open_browser(WIDE, scheme)
    page.goto(f"{site}?q=Kubernetes+mentorship+lead")
    assert titles(page)
    by_words = page.locator("mark").nth(1)
    colours = by_words.evaluate("mark => [getComputedStyle(mark).color, getComputedStyle(mark).backgroundColor]")
    assert contrast(*colours) >= 4.5
    assert int(by_words.locator("b").evaluate("one => getComputedStyle(one).fontWeight")) >= 600
    assert page.locator("u").nth(1).evaluate("one => getComputedStyle(one).textDecorationLine") == "underline"


def contrast(*colours: str) -> float:
    """The contrast of two CSS colours by WCAG 2."""

    def luminance(colour: str) -> float:
        channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted(map(luminance, colours))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "?q=senior+Kubernetes+and+Terraform&f=remote%3Dyes", f"role?id={BEST_ID}&q=Kubernetes+mentorship+lead", "corpus"])
def test_axe_finds_nothing_serious(site: str, open_browser: Open, path: str, scheme: Literal["light", "dark"]) -> None:
    page = open_browser(WIDE, scheme)
    page.goto(site + path)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    wait_until_drawn(page)
    page.wait_for_timeout(500)
    assert serious_violations(page) == []


def test_one_uploads_while_the_other_searches(corpus_index: Path, tmp_path: Path, open_browser: Open) -> None:
    index = tmp_path / "index"
    shutil.copytree(corpus_index, index)
    with serving(index, tmp_path) as address:
        searching, uploading = open_browser(), open_browser()
        searching.goto(f"{address}?q=keeper+of+lighthouses")
        before = titles(searching)
        assert "Lighthouse Keeper" not in before
        uploading.goto(f"{address}corpus")
        files: list[FilePayload] = [
            {"name": "lighthouse.md", "mimeType": "text/markdown", "buffer": b"# Lighthouse Keeper\n\nKeeps the light of a lighthouse burning all night.\n"},
            {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 and then nothing"},
        ]
        uploading.locator("input[type=file]").set_input_files(files)
        uploading.get_by_role("button", name="Add these files").click()
        # The other asks on, and each of its answers is whole.
        for number in range(4):
            ask(searching, f"lighthouse number {number}")
            searching.wait_for_url(re.compile(f"number\\+{number}"))
            assert len(titles(searching)) == 10
            expect(searching.get_by_test_id("stException")).to_have_count(0)
        expect(uploading.get_by_text(re.compile("1 added"))).to_be_visible()
        expect(uploading.get_by_text(re.compile("1 refused"))).to_be_visible()
        # It turns to the new generation by itself.
        expect(searching.get_by_text("Lighthouse Keeper").first).to_be_visible()
        assert titles(searching)[0] == "Lighthouse Keeper"
        uploading.goto(f"{address}?q=lighthouse")
        assert titles(uploading)[0] == "Lighthouse Keeper"
        # Before the server goes, which they would complain of.
        searching.close()
        uploading.close()


def test_nothing_found_says_so(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(f"{site}?q=%22never+heard+of+this%22")
    expect(page.get_by_text("No role holds the exact words")).to_be_visible()


def test_hostile_text_is_shown_as_text(hostile_site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(f"{hostile_site}?q=looks+after+patients+at+night+nursing")
    assert set(titles(page)) == {HOSTILE.title, PLAIN.title}
    harmless(page)
    page.get_by_test_id("stPageLink").filter(has_text="Night Nurse").get_by_role("link").click()
    expect(page.locator("article")).to_be_visible()
    wait_until_drawn(page)
    assert page.get_by_role("heading", level=1).inner_text().replace("\u2060", "") == HOSTILE.title
    shown = page.locator("article").evaluate("article => article.textContent")
    for line in HOSTILE_LINES:
        assert line.rstrip() in shown
    assert "<u>Tasks</u>" in shown
    page.get_by_role("tab", name="Attributes").click()
    expect(page.get_by_role("row", name=re.compile("key"))).to_contain_text("<svg onload='window.broken = 1'>")
    harmless(page)
    page.goto(f"{hostile_site}compare?id=hostile.md&id=plain.md")
    expect(page.get_by_role("heading", name="What changes from A to B")).to_be_visible()
    wait_until_drawn(page)
    expect(page.get_by_role("rowheader", name="Only A").locator("..")).to_contain_text("<img src=x onerror='window.broken = 1'>")
    harmless(page)
    page.goto(f"{hostile_site}corpus")
    expect(page.get_by_role("heading", name="Map")).to_be_visible()
    wait_until_drawn(page)
    harmless(page)


def test_hostile_filter_values_are_shown_as_text(hostile_site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(f"{hostile_site}?q=nurse&f=level%3D%3Ci%3Elead%3C%2Fi%3E&f=other%3D**x**")
    expect(page.get_by_role("button", name=re.compile("Other: "))).to_be_visible()
    assert any("Other: **x**" in text.replace("\u2060", "") for text in page.get_by_role("button").all_inner_texts())
    assert page.evaluate("window.broken") is None


# Saved searches -------------------------------------------------------------------------------------------------------


def test_a_saved_search_says_what_is_new_and_is_opened_and_marked_from_the_keyboard(shipped_model: Embedder, tmp_path: Path, open_browser: Open) -> None:
    baker = make_role("baker.md", "Baker", "Bakes bread and rolls at night.", level="senior")
    night_baker = make_role("night.md", "Night baker", "Bakes bread and cakes at night.", level="senior")
    publish(tmp_path / "index", [baker], shipped_model)
    with serving(tmp_path / "index", tmp_path) as address:
        page = open_browser()
        page.goto(f"{address}?q=bakes+bread&mode=dense")
        assert titles(page) == ["Baker"]
        menu = page.get_by_role("button", name="Saved searches")
        menu.press("Enter")
        page.get_by_role("button", name="Save this search").press("Enter")
        expect(page.get_by_text("This search is saved as “bakes bread”.")).to_be_visible()
        page.keyboard.press("Escape")

        publish(tmp_path / "index", [baker, night_baker], shipped_model)
        # The open page follows the index by itself.
        expect(page.get_by_text("1 new", exact=True).filter(visible=True).first).to_be_visible()
        later = open_browser()
        later.goto(address)
        expect(later.get_by_text("1 new", exact=True).filter(visible=True).first).to_be_visible()
        later.get_by_role("button", name="Saved searches").press("Enter")
        expect(later.get_by_role("link", name="Night baker")).to_be_visible()
        wait_until_drawn(later)
        assert serious_violations(later) == []
        later.get_by_role("button", name="Mark as seen").press("Enter")
        expect(later.get_by_text("1 new", exact=True)).to_have_count(0)
        later.get_by_role("button", name="bakes bread", exact=True).press("Enter")
        later.wait_for_url(re.compile("q=bakes"))
        assert sorted(titles(later)) == ["Baker", "Night baker"]
        expect(question(later)).to_have_value("bakes bread")
        # Before their server goes, which they would look for in vain.
        page.close()
        later.close()
