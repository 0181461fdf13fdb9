"""`make picture`: ingests the shipped corpus, opens the page in a headless browser, asks the first query and saves docs/page.png.

Needs Chromium or Chrome on the machine, as `make test` does.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from playwright.sync_api import sync_playwright

from ingest.pipeline import sync
from search.embedding import SHIPPED_MODEL, open_embedder

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "page.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
START_SECONDS = 60


def main() -> None:
    """Make the picture."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit(f"no browser found; install one of {', '.join(BROWSERS)}")
    with tempfile.TemporaryDirectory() as scratch:
        index = Path(scratch) / "index"
        sync([ROOT / "corpus"], index, open_embedder(SHIPPED_MODEL))
        port = free_port()
        command = [sys.executable, "-m", "ui.cli", "ui", "--index", str(index), "--port", str(port)]
        page = subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own program
        try:
            wait_for(f"http://localhost:{port}/_stcore/health")
            take_picture(browser, f"http://localhost:{port}/?q=Kubernetes+mentorship+lead")
        finally:
            page.terminate()
            page.wait()


def take_picture(browser: str, address: str) -> None:
    """Open the address, wait for the results, save what is seen."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=BROWSER_FLAGS)
        tab = chromium.new_page(viewport={"width": 1100, "height": 820})
        tab.goto(address)
        tab.get_by_text("Platform Engineering Lead").first.wait_for(timeout=1000 * START_SECONDS)
        tab.get_by_text("generation").last.wait_for(timeout=1000 * START_SECONDS)
        tab.wait_for_timeout(500)
        tab.screenshot(path=PICTURE)
        chromium.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(address: str) -> None:
    """Until the page answers."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=1)  # noqa: S310 - our own page on localhost
            return
        except (URLError, OSError):
            if time.monotonic() > until:
                sys.exit(f"the page did not start within {START_SECONDS} s")
            time.sleep(0.3)


if __name__ == "__main__":
    main()
