"""`make pictures`: ingests the shipped corpus, opens the page in a headless browser, and saves the pictures that stand in README.md to docs/."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from bench.browser import ARGUMENTS, find_browser, serving, wait_until_drawn
from ingest.pipeline import sync
from search.embedding import SHIPPED_MODEL, open_embedder

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_MS = 120_000


@dataclass(frozen=True, slots=True)
class Picture:
    """What is opened and how; `until` is text that stands on the page once all is there."""

    name: str
    address: str
    until: str
    width: int = 1180
    height: int = 860
    scheme: Literal["light", "dark"] = "light"


PICTURES = (
    Picture("page.png", "?q=Kubernetes+mentorship+lead", "Platform Engineering Lead", height=980),
    Picture("role.png", "role?id=roles%2Fengineering%2Fplatform-engineering-lead.md&q=Kubernetes+mentorship+lead", "What answers", width=900, scheme="dark"),
    Picture("corpus.png", "corpus", "generation", height=980),
)


def main() -> None:
    """Take the pictures."""
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        index = Path(scratch) / "index"
        sync([ROOT / "corpus"], index, open_embedder(SHIPPED_MODEL))
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(ARGUMENTS))
        with serving(index, Path(scratch)) as address:
            # The first question loads the model, and the time that it took would stand in the picture; answers are kept, so it is another one.
            take(browser, address, Picture(PICTURES[0].name, "?q=payroll", "is a word of the question", height=980))
            for picture in PICTURES:
                take(browser, address, picture)
        browser.close()


def take(browser: Browser, address: str, picture: Picture) -> None:
    """Open an address, wait for what it shows, save what is seen."""
    page = browser.new_page(viewport={"width": picture.width, "height": picture.height}, color_scheme=picture.scheme)
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address + picture.address)
    page.get_by_text(picture.until).first.wait_for()
    wait_until_drawn(page)
    page.wait_for_timeout(1000)
    page.screenshot(path=ROOT / "docs" / picture.name)
    page.close()


if __name__ == "__main__":
    main()
