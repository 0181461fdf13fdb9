"""`make bench-attributes`: precision and recall of the attributes that are read from roles, on roles labelled by hand (bench/labels).

A label is a role's id, a key, a value and the place that states it, as offsets; the texts themselves lie outside of the project. The roles are halved by
their ids: mistakes may be looked at (`--mistakes`) in one half, and rules mended; the figures of the other half say what to expect elsewhere.
"""

import argparse
import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.corpus import FoundFile, walk
from ingest.documents import ReaderRefusal
from ingest.parsing import roles_of
from ingest.readers import FileKind, kind_of, read
from search.attributes import skills
from search.errors import Refused
from search.records import Reading, Role

ROOT = Path(__file__).resolve().parents[1]
LABELS = ROOT / "bench" / "labels"
CORPORA = Path(os.environ.get("ROLESEARCH_CORPORA", ROOT.parent / "shared" / "corpora"))
FILES = {"ladders": "ladders", "onet": "onet/occupations.jsonl.gz", "usajobs": "usajobs/postings.jsonl.gz"}
# Keys whose values are free text: a reading that covers the place of a label says the same in other words.
BY_PLACE = ("skills", "place", "certificates")


@dataclass(frozen=True, slots=True)
class Label:
    """What a person read: `value` of `key`, stated at [start, end) of the text, or of the title."""

    key: str
    value: str
    in_title: bool
    start: int
    end: int


@dataclass(slots=True)
class Tally:
    """Counts over roles: labels, labels that were found, readings, readings that are right."""

    labels: int = 0
    found: int = 0
    readings: int = 0
    right: int = 0

    def row(self, name: str) -> str:
        """As a line of the table."""
        precision, recall = _share(self.right, self.readings), _share(self.found, self.labels)
        return f"| {name} | {self.labels} | {self.readings} | {precision} | {recall} |"


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--mistakes", metavar="KEY", help="show what went wrong for one attribute, in the half that may be looked at")
    arguments.add_argument("--corpus", choices=list(FILES), help="only this corpus")
    options = arguments.parse_args()
    tallies: dict[tuple[str, str, str], Tally] = defaultdict(Tally)
    for corpus in [options.corpus] if options.corpus else list(FILES):
        if not (CORPORA / FILES[corpus]).exists():
            print(f"{CORPORA / FILES[corpus]} is not there; {corpus} is left out. ROLESEARCH_CORPORA names another folder.")
            continue
        labels = read_labels(LABELS / f"{corpus}.tsv")
        for role in labelled_roles(CORPORA / FILES[corpus], set(labels)):
            half = "seen" if _is_seen(role.id) else "unseen"
            for key, tally in compared(role, labels[role.id]).items():
                for group in (corpus, "all"):
                    _add(tallies[group, half, key], tally)
            if options.mistakes and half == "seen":
                print_mistakes(role, labels[role.id], options.mistakes)
    for group, half in dict.fromkeys((group, half) for group, half, _ in tallies):
        print(f"\n{group}, {half} half\n\n| attribute | labels | read | precision | recall |\n|---|---:|---:|---:|---:|")
        for key in sorted(key for other, other_half, key in tallies if (other, other_half) == (group, half)):
            print(tallies[group, half, key].row(key))


def read_labels(path: Path) -> dict[str, list[Label]]:
    """Labels by role id; a role that was labelled with nothing has none."""
    labels: dict[str, list[Label]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        role_id, key, value, in_title, start, end = line.split("\t")
        labels[role_id].extend([] if key == "none" else [Label(key, value, in_title == "1", int(start), int(end))])
    return dict(labels)


def labelled_roles(path: Path, ids: set[str]) -> Iterator[Role]:
    """The roles with these ids, read from a file or folder as an ingest reads them."""
    for entry in walk([path]):
        if not isinstance(entry, FoundFile) or kind_of(entry.path) is not FileKind.READABLE:
            continue
        for number, part in enumerate(read(entry.path), start=1):
            if isinstance(part.content, ReaderRefusal) or (part.content.record_id and part.content.record_id not in ids):
                continue
            try:
                yield from (role for role in roles_of(part.content, entry.name if number == 1 else f"{entry.name}#{number}", entry.name) if role.id in ids)
            except Refused:
                continue


def compared(role: Role, labels: Sequence[Label]) -> dict[str, Tally]:
    """One role's readings against its labels, by key."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    readings = _distinct(role.readings)
    for label in labels:
        tallies[label.key].labels += 1
        tallies[label.key].found += any(_agree(reading, label) for reading in readings)
    for reading in readings:
        tallies[reading.key].readings += 1
        tallies[reading.key].right += any(_agree(reading, label) for label in labels)
    return tallies


def print_mistakes(role: Role, labels: Sequence[Label], key: str) -> None:
    """What was read wrongly and what was not read, each with the words around it."""
    readings = [reading for reading in _distinct(role.readings) if reading.key == key]
    wrong = [reading for reading in readings if not any(_agree(reading, label) for label in labels)]
    missed = [label for label in labels if label.key == key and not any(_agree(reading, label) for reading in readings)]
    for sign, places in (("+", wrong), ("-", missed)):
        for place in places:
            text = role.title if place.in_title else role.text
            around = text[max(0, place.start - 50) : place.start] + "[" + text[place.start : place.end] + "]" + text[place.end : place.end + 50]
            print(f"{sign} {role.id} | {place.value} | {' '.join(around.split())}")


def _agree(reading: Reading, label: Label) -> bool:
    if reading.key != label.key:
        return False
    if str(reading.value).casefold() == _canonical(label).casefold():
        return True
    same_place = reading.in_title == label.in_title and reading.start < label.end and label.start < reading.end
    return label.key in BY_PLACE and same_place


def _canonical(label: Label) -> str:
    return (skills.canonical(label.value) or label.value) if label.key == "skills" else label.value


def _distinct(readings: Sequence[Reading]) -> list[Reading]:
    """One reading for each value: the same said twice is read once."""
    return list({(reading.key, reading.value): reading for reading in reversed(readings)}.values())[::-1]


def _add(total: Tally, tally: Tally) -> None:
    total.labels += tally.labels
    total.found += tally.found
    total.readings += tally.readings
    total.right += tally.right


def _is_seen(role_id: str) -> bool:
    return hashlib.sha256(role_id.encode()).digest()[0] % 2 == 0


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "–"


if __name__ == "__main__":
    main()
