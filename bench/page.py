"""`make bench-page`: how long it takes in a browser from Enter to the drawn answer, over 5,000 postings (over the shipped corpus where those are not there).

Beside it, in turn with it, the same questions asked in this process: what of the time is the search, and what the page around it. No question is asked twice.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.browser import ARGUMENTS, find_browser, serving, wait_until_drawn
from ingest.pipeline import sync
from search.embedding import SHIPPED_MODEL, open_embedder
from search.index import IndexReader
from search.records import Query
from search.searcher import Searcher
from ui.views.address import MOST_HITS

ROOT = Path(__file__).resolve().parents[1]
CORPORA = Path(os.environ.get("ROLESEARCH_CORPORA", ROOT.parent / "shared" / "corpora"))
INDEXES = ROOT / ".bench"
WARM_UP = 3
PATIENCE_MS = 120_000
QUESTIONS = (
    "registered nurse intensive care", "network security specialist", "truck driver hazardous goods", "budget analyst", "wildlife biologist field work",
    "contract negotiation for the navy", "teaches children with special needs", "senior data scientist", "aircraft sheet metal mechanic", "tax law attorney",
    "runs a hospital kitchen", "electrician high voltage", "speech therapist", "human resources manager", "fire fighter", "statistician survey sampling",
    "cyber threat hunting", "civil engineer bridges", "pharmacist inpatient", "air traffic control", "grant writing", "forest ranger", "dental assistant",
    "supply chain logistics manager", "museum curator", "police dispatcher", "geologist mapping", "veterinary inspection of meat", "writes press releases",
    "welding and boiler making", "mental health counsellor veterans", "database administrator Oracle", "language interpreter Spanish",
)  # fmt: skip
# Run in the page, at every frame: the time from the key to the last change of what is listed (the ten titles, the line that counts, the number of texts on
# the last card), and to the frame after which the server had nothing to add: by then the sentences that answer by meaning are marked.
CLOCK = """() => {
    window.enterToAnswer = new Promise(resolve => {
        const app = document.querySelector('[data-testid=stApp]');
        const main = document.querySelector('[data-testid=stMain]');
        const texts = selector => [...main.querySelectorAll(selector)].map(one => one.innerText);
        const titles = () => [...main.querySelectorAll('[data-testid=stPageLink]')].filter(one => /^[0-9]/.test(one.innerText)).slice(0, 10);
        const card = title => title.closest('[data-testid=stVerticalBlock]').querySelectorAll('[data-testid=stHtml]').length;
        const counted = () => texts('[data-testid=stCaptionContainer]').find(text => /roles?.* ms$/.test(text));
        const list = () => [...titles().map(one => one.innerText), counted(), ...titles().slice(-1).map(card)].join('|');
        document.addEventListener('keydown', event => {
            const pressed = performance.now();
            let begun = false, changed = 0, before = list();
            const look = () => {
                const running = app.getAttribute('data-test-script-state') === 'running';
                begun = begun || running;
                const now = list();
                if (now !== before) { before = now; changed = performance.now() - pressed; }
                if (begun && !running) requestAnimationFrame(() => resolve([changed, performance.now() - pressed]));
                else requestAnimationFrame(look);
            };
            look();
        }, {once: true, capture: true});
    });
}"""


def main() -> None:
    """Measure and print."""
    corpus = CORPORA / "usajobs"
    corpus = corpus if corpus.exists() else ROOT / "corpus"
    index = INDEXES / f"page-{corpus.name}"
    embedder = open_embedder(SHIPPED_MODEL)
    sync([corpus], index, embedder)
    searcher = Searcher(IndexReader(index, embedder.fingerprint), embedder)
    with tempfile.TemporaryDirectory() as scratch, serving(index, Path(scratch)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address)
        listed, marked, alone = [], [], []
        for text in QUESTIONS:
            to_list, to_end = enter_to_answer(page, text)
            listed.append(to_list)
            marked.append(to_end)
            alone.append(search_only(searcher, text))
        browser.close()
    print(f"{searcher.status().roles:,} roles of {corpus.name}, {len(QUESTIONS) - WARM_UP} questions after {WARM_UP} to warm up; milliseconds")
    report("from Enter to the drawn list of roles, in the browser", listed[WARM_UP:])
    report("and until sentences are marked by meaning, too", marked[WARM_UP:])
    report(f"the search alone ({MOST_HITS} roles), in this process", alone[WARM_UP:])
    print(f"the page costs {statistics.median(listed[WARM_UP:]) / statistics.median(alone[WARM_UP:]):.1f} × the search")


def enter_to_answer(page: Page, text: str) -> tuple[float, float]:
    """Milliseconds from Enter to the frame with the roles, and to that with all marks."""
    wait_until_drawn(page)
    box = page.get_by_label("What are you looking for?")
    box.fill(text)
    page.evaluate(CLOCK)
    box.press("Enter")
    to_list, to_end = page.evaluate("() => window.enterToAnswer")
    return to_list, to_end


def search_only(searcher: Searcher, text: str) -> float:
    """Milliseconds that the page's search takes by itself."""
    started = time.perf_counter()
    searcher.search(Query(text, MOST_HITS))
    return (time.perf_counter() - started) * 1000


def report(name: str, times: Sequence[float]) -> None:
    """A row: median, and the value that nine in ten stay below."""
    print(f"{name:<56} p50 {statistics.median(times):7.0f}   p90 {statistics.quantiles(times, n=10)[-1]:7.0f}   max {max(times):7.0f}")


if __name__ == "__main__":
    main()
