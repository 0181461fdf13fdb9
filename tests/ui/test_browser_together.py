"""The pages that hold texts against roles and roles against each other, in a real browser over the corpus that ships."""

import csv
import io
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from bench.browser import wait_until_drawn
from browsing import NARROW, WIDE, Open, fits, harmless, serious_violations

pytestmark = [pytest.mark.browser, pytest.mark.model]

CV = Path(__file__).resolve().parents[1] / "data" / "cv-infrastructure-engineer.pdf"
RIGHT = {"Site Reliability Engineer", "Senior Site Reliability Engineer", "Platform Engineer"}
SENIOR, JUNIOR = "roles/engineering/senior-site-reliability-engineer.pdf", "roles/engineering/junior-site-reliability-engineer.md"
TWO = f"compare?id={JUNIOR}&id={SENIOR}"


def links(page: Page, numbered: str) -> list[str]:
    """The titles of the roles on the page, whose links begin with a number or a letter."""
    found = page.get_by_test_id("stMain").get_by_test_id("stPageLink").filter(has_text=re.compile(numbered))
    expect(found.first).to_be_visible()
    before: list[str] = []
    # Each is drawn by itself, and the server may only be about to begin.
    while (texts := found.all_inner_texts()) != before:
        before = texts
        page.wait_for_timeout(300)
        wait_until_drawn(page)
    return [re.sub(r"^\w+\.\s*", "", text.replace("\u2060", "")) for text in texts]


def tab_to(page: Page, name: str) -> None:
    """Press Tab until a link, a button, a box or a fold of this name has the focus."""
    wait_until_drawn(page)
    for _ in range(80):
        page.keyboard.press("Tab")
        said: str = page.evaluate(
            "(here => here.matches('a, button, input, summary') ? [here.innerText, here.ariaLabel].join(' ') : '')(document.activeElement)"
        )
        if name in said.replace("\u2060", ""):
            return
    raise AssertionError(f"no Tab leads to {name!r}")


def upload(page: Page) -> None:
    page.locator("input[type=file]").set_input_files(CV)
    expect(page.get_by_text("that fit best")).to_be_visible()
    wait_until_drawn(page)


def test_the_journey_of_somebody_with_a_cv(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(f"{site}match")
    upload(page)
    assert set(links(page, r"^\d+\.")[:3]) == RIGHT
    expect(page.get_by_role("rowheader", name=re.compile("^● Met|^Met")).first).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Kubernetes.*13 years|Kubernetes.*thirteen years")).first).to_be_visible()
    page.wait_for_timeout(500)
    assert serious_violations(page) == []
    harmless(page)

    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert {row["title"] for row in rows if row["rank"] in ("1", "2", "3")} == RIGHT
    assert all(row["in_text"] for row in rows if row["verdict"] == "met" and row["kind"] == "skill")
    page.keyboard.press("Escape")

    page.get_by_text(re.compile(r"^junior · \d+$")).click()
    page.wait_for_url(re.compile(r"f=level%3Djunior"))
    expect(page.get_by_role("button", name="Level: junior", exact=True)).to_be_visible()
    wait_until_drawn(page)
    assert not RIGHT.intersection(links(page, r"^\d+\."))
    # The text stays for the visit, and no longer than that.
    page.get_by_role("link", name="Corpus").click()
    expect(page.get_by_role("heading", name="Corpus", level=1)).to_be_visible()
    page.get_by_role("link", name="Match").click()
    expect(page.get_by_text("that fit best")).to_be_visible()
    page.get_by_role("button", name="Forget the text").click()
    expect(page.get_by_text("that fit best")).to_have_count(0)


def test_the_journey_of_somebody_who_compares(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(f"{site}?q=site+reliability+engineer")
    expect(page.get_by_text(re.compile(r" · [\d,]+ ms$"))).to_be_visible()
    for number in (0, 1):
        page.get_by_text("Select", exact=True).nth(number).click()
        page.wait_for_url(re.compile("&".join(["select=[^&]*"] * (number + 1))))
        wait_until_drawn(page)
    chosen = links(page, r"^\d+\.")[:2]
    page.get_by_role("link", name="Compare 2").click()
    expect(page.get_by_role("heading", name="What changes from A to B")).to_be_visible()
    assert links(page, r"^[A-D]\.") == chosen
    page.get_by_role("button", name="Put first").click()
    expect(page.get_by_role("link", name=f"A. {chosen[1]}")).to_be_visible()
    expect(page.get_by_role("heading", name="What changes from A to B")).to_be_visible()

    page.get_by_role("button", name="Add a role").click()
    page.get_by_label("Search for a role").fill("payroll specialist")
    page.get_by_label("Search for a role").press("Enter")
    page.get_by_role("button", name=re.compile("Payroll")).first.click()
    page.wait_for_url(re.compile("(id=[^&]+&){3}"))
    expect(page.get_by_role("tab", name="What changes from A to C")).to_be_visible()
    three = links(page, r"^[A-D]\.")
    assert three[:2] == chosen[::-1]
    elsewhere = open_browser()
    elsewhere.goto(page.url)
    expect(elsewhere.get_by_role("tab", name="What changes from A to C")).to_be_visible()
    assert links(elsewhere, r"^[A-D]\.") == three
    page.get_by_role("link", name="Back to the results").click()
    expect(page.get_by_role("checkbox", name="Select").nth(1)).to_be_checked()


def test_what_all_roles_ask_for_under_a_filter(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(f"{site}skills")
    expect(page.get_by_text(re.compile(r"^Counted over \d+ roles that name a skill, of 122\."))).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    page.get_by_text(re.compile(r"^senior · \d+$")).click()
    page.wait_for_url(re.compile(r"f=level%3Dsenior"))
    expect(page.get_by_text(re.compile(r"^Counted over \d+ roles that name a level, of (?!122)\d+\."))).to_be_visible()
    page.get_by_text("Table instead of the picture").click()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [TWO, "skills"])
def test_each_page_fits_a_telephone_and_axe_finds_nothing_serious(site: str, open_browser: Open, path: str, scheme: Literal["light", "dark"]) -> None:
    page = open_browser(WIDE, scheme)
    page.goto(site + path)
    expect(page.get_by_role("heading", level=2).nth(1)).to_be_visible()
    wait_until_drawn(page)
    page.wait_for_timeout(500)
    assert serious_violations(page) == []
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.wait_for_timeout(500)
    assert fits(page, NARROW[0])


def test_a_text_is_pasted_and_read_by_keyboard_alone(site: str, open_browser: Open) -> None:
    page = open_browser(NARROW)
    page.goto(f"{site}match")
    page.get_by_role("tab", name="Upload a file").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    # The box is loaded when its tab is first opened: until it is there, Tab leads past it.
    expect(page.get_by_label("The text of a CV or a role description")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_label("The text of a CV or a role description")).to_be_focused()
    page.keyboard.type("Ran Kubernetes clusters for nine years. No experience with <b>Java</b> at all.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Find roles")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("that fit best")).to_be_visible()
    assert len(links(page, r"^\d+\.")) == 10
    harmless(page)

    tab_to(page, "Forget the text")
    tab_to(page, "1. ")
    tab_to(page, "What it asks for, and what the text shows")
    expect(page.get_by_role("table").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("table").first).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_answer_to_a_text_fits_a_telephone_and_axe_finds_nothing_serious(site: str, open_browser: Open, scheme: Literal["light", "dark"]) -> None:
    page = open_browser(WIDE, scheme)
    page.goto(f"{site}match")
    upload(page)
    links(page, r"^\d+\.")
    page.wait_for_timeout(500)
    assert serious_violations(page) == []
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.wait_for_timeout(500)
    assert fits(page, NARROW[0])
    assert serious_violations(page) == []


def test_roles_are_compared_by_keyboard_alone(site: str, open_browser: Open) -> None:
    page = open_browser()
    page.goto(site + TWO)
    first, second = links(page, r"^[A-D]\.")
    tab_to(page, "Put first")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=f"A. {second}")).to_be_visible()
    assert links(page, r"^[A-D]\.") == [second, first]
    tab_to(page, "Add a role")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Search for a role")).to_be_visible()
    tab_to(page, "Search for a role")
    page.keyboard.type("payroll specialist")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("Payroll")).first).to_be_visible()
    wait_until_drawn(page)
    tab_to(page, "Payroll")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("(id=[^&]+&?){3}"))
    expect(page.get_by_role("tab", name="What changes from A to C")).to_be_visible()
