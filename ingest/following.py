"""Follows places while they change, and says when an ingest is due. What an ingest does stands in `ingest.pipeline`."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from watchfiles import Change, watch

from ingest.places import Place
from search.errors import IndexBusy, MassRemoval, ServerUnreachable, StorageFailed

# An ingest begins when nothing has changed for so long, at the latest so long after the first change: a copy of many files is one ingest.
_QUIET_MS = 500
_LONGEST_MS = 10_000
# How often it is looked whether the places are still the same folders, and whether it is time to try again.
_LOOK_MS = 1_000
# What failed is tried again after so long, then after twice that, up to the last.
_FIRST_WAIT_SECONDS = 2.0
_LONGEST_WAIT_SECONDS = 60.0


def follow(places: Sequence[Place], index: Path, ingest: Callable[[Sequence[Place]], None], say: Callable[[str], None]) -> None:
    """Call `ingest` now and after each change below the places, until it is interrupted.

    A place that is missing the first time is an error of `ingest`; later it is handed over as one of a list, which keeps what was read there. A busy index, a
    server that does not answer or a disk that refuses is tried again by and by, a mass removal when something changes next; `say` is told. Raises whatever
    else `ingest` raises.
    """
    wait, again_at = _FIRST_WAIT_SECONDS, float("inf")
    for changed in _changes(places, index):
        if not changed and time.monotonic() < again_at:
            continue
        try:
            ingest(places)
            places = [place if place.line else replace(place, line="it was there when this program began") for place in places]
            wait, again_at = _FIRST_WAIT_SECONDS, float("inf")
        except MassRemoval as error:
            say(f"{error}. Waiting for the next change")
            wait, again_at = _FIRST_WAIT_SECONDS, float("inf")
        except (IndexBusy, ServerUnreachable, StorageFailed) as error:
            say(f"{error}. The next try is in {wait:.0f} s")
            again_at = time.monotonic() + wait
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)


def _changes(places: Sequence[Place], index: Path) -> Iterator[bool]:
    """Whether something may have changed, about once a second, without end; the first time, and whenever a place was replaced, it may."""
    matters = _filter({place.path for place in places}, index.resolve())
    while True:
        watched = _identities(places)
        may_have_changed = True
        try:
            for batch in watch(
                *_outermost([path for path, identity in watched.items() if identity is not None]),
                watch_filter=matters,
                debounce=_LONGEST_MS,
                step=_QUIET_MS,
                rust_timeout=_LOOK_MS,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            ):
                # Only now is it certain that nothing that happens from here on is missed.
                yield may_have_changed or bool(batch)
                may_have_changed = False
                # A folder that was removed and made anew, or mounted, is another folder: the system tells nothing of it any more. It may have got the number of
                # the one before.
                if _identities(places) != watched or any(change is Change.deleted and Path(path) in watched for change, path in batch):
                    break
        except FileNotFoundError:
            continue


def _identities(places: Sequence[Place]) -> dict[Path, tuple[int, int] | None]:
    """For each place the device and the number of its file or folder; None where it is not there."""
    return {place.path: _identity(place.path) for place in places}


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _outermost(paths: Sequence[Path]) -> list[Path]:
    """Without those that lie below another."""
    there = set(paths)
    return [path for path in there if there.isdisjoint(path.parents)]


def _filter(roots: set[Path], index: Path) -> Callable[[Change, str], bool]:
    """Passes what an ingest would look at. An index that lies in a followed folder does not, as each ingest writes to it."""
    own = index if not any(index == root or index in root.parents for root in roots) else None

    def matters(change: Change, path: str) -> bool:
        around = Path(path), *Path(path).parents
        if own in around:
            return False
        return any(folder in roots and not any(inner.name.startswith(".") for inner in around[:depth]) for depth, folder in enumerate(around))

    return matters
