"""What the tests in a real browser share: sizes, and what must hold of every page."""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Open: TypeAlias = Callable[..., Page]
"""Opens a fresh browser: of a size, with a colour scheme."""

WIDE, NARROW = (1280, 900), (420, 900)
# The first question waits for the model.
PATIENCE_MS = 90_000


def serious_violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds that people who do not see well, or use no mouse, could not get past: the rule and the element."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [(one["id"], node["html"][:200]) for one in found if one["impact"] in ("serious", "critical") for node in one["nodes"]]


def fits(page: Page, width: int) -> bool:
    """Whether nothing reaches beyond the window, nor beyond the page inside it."""
    inside: int = page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth")
    whole: int = page.evaluate("document.documentElement.scrollWidth")
    return whole <= width and inside <= 1


def harmless(page: Page) -> None:
    """Nothing of what strangers wrote became an element, a link or a script."""
    inside = page.locator(".stHtml").evaluate_all("parts => [...new Set(parts.flatMap(part => [...part.querySelectorAll('*')]).map(one => one.localName))]")
    assert set(inside) <= {"small", "b", "u", "mark", "bdi", "span", "h3", "p", "ul", "li", "br", "article", "table", "thead", "tbody", "tr", "th", "td"}
    links = page.locator("[data-testid=stMarkdownContainer] a, .stHtml a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert all(re.fullmatch(r"#passage-\d", link) for link in links)
    assert page.locator("[data-testid=stMarkdownContainer] img, .stHtml img").count() == 0
    assert page.evaluate("window.broken") is None
