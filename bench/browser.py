"""The page in a real browser, for tests, pictures and timings: the program as a user starts it, and the machine's Chromium or Chrome, which is installed if
there is none.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox: tests run as root in containers. The rest keeps the browser itself off the network.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
INSTALL_SECONDS = 900
START_SECONDS = 60


class NoBrowser(RuntimeError):
    """There is no browser and none could be installed."""


def find_browser() -> Path:
    """The program of a Chromium or Chrome. Raises NoBrowser, saying what was tried and what to install."""
    tried: list[str] = []
    for look in (_named, _on_the_path, _installed_by_apt, _of_playwright):
        found = look(tried)
        if found is not None:
            return found
    raise NoBrowser(
        "no browser was found; install one with `apt-get install chromium` or `playwright install chromium`, or name one in "
        f"CHROMIUM_PATH. Tried: {'; '.join(tried)}"
    )


def _named(tried: list[str]) -> Path | None:
    name = os.environ.get("CHROMIUM_PATH")
    if not name:
        return None
    path = Path(name)
    if not path.is_file():
        raise NoBrowser(f"CHROMIUM_PATH names {path}, which is no file")
    return path


def _on_the_path(tried: list[str]) -> Path | None:
    tried.append(f"the names {', '.join(NAMES)}")
    return next((Path(found) for name in NAMES if (found := shutil.which(name))), None)


def _installed_by_apt(tried: list[str]) -> Path | None:
    prefix = _as_root()
    if shutil.which("apt-get") is None or prefix is None:
        tried.append("no apt-get that may install")
        return None
    done = _run([*prefix, "apt-get", "update"], tried) and _run([*prefix, "apt-get", "install", "-y", "--no-install-recommends", "chromium"], tried)
    return _on_the_path([]) if done else None


def _as_root() -> list[str] | None:
    """What to put before a command that only root may run; None when that is not allowed."""
    if os.geteuid() == 0:
        return []
    allowed = shutil.which("sudo") is not None and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0  # noqa: S607
    return ["sudo", "-n"] if allowed else None


def _of_playwright(tried: list[str]) -> Path | None:
    if not _run([sys.executable, "-m", "playwright", "install", "chromium"], tried):
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.is_file() else None


def _run(command: list[str], tried: list[str]) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        finished = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=INSTALL_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        tried.append(f"`{' '.join(command)}`: {error}")
        return False
    if finished.returncode != 0:
        tried.append(f"`{' '.join(command)}`: {(finished.stderr.strip().splitlines() or ['failed'])[-1]}")
    return finished.returncode == 0


class NoPage(RuntimeError):
    """The page did not come up."""


@contextmanager
def serving(index: Path, folder: Path) -> Iterator[str]:
    """The address of the page over an index, started in `folder` as an installed program would be. Raises NoPage, with the server's log."""
    port = free_port()
    command = [sys.executable, "-m", "ui.cli", "ui", "--index", str(index), "--port", str(port)]
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder, env=os.environ | {"PYTHONUNBUFFERED": "1"})  # noqa: S603
    try:
        _wait_for(f"http://localhost:{port}/_stcore/health", process, log)
        yield f"http://localhost:{port}/"
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_drawn(page: Page, seconds: float = START_SECONDS) -> None:
    """Until the server has nothing more to send for what was last asked."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]", timeout=1000 * seconds)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise NoPage(f"not up in {START_SECONDS} s (exit code {process.poll()}):\n{log.read_text(encoding='utf-8', errors='replace')}")
