"""`make bench-twins`: near-identical roles of real corpora by grade, and how many of a sample that a reader labelled are what the grade says.

A label (bench/labels/twins.tsv) is two role ids and what they are: "same", one advert posted again or copied; "variant", one role advertised with changes, for
another place or unit, or later; "different", two roles. Certain is right for "same", probable for "same" and "variant". The texts themselves lie outside of the
project. `--sample` shows the pairs to label.
"""

import argparse
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from scipy.stats import binomtest

from bench.attributes import CORPORA, FILES, LABELS, ROOT
from ingest.corpus import FoundFile, walk
from ingest.documents import ReaderRefusal
from ingest.parsing import roles_of
from ingest.readers import FileKind, kind_of, read
from search.difference import difference_of
from search.duplicates import bring_in_step
from search.errors import Refused
from search.manifest import Manifest, Source
from search.records import Grade, Role

SAMPLE_A_GRADE, SEED = 60, 6
RIGHT = {Grade.CERTAIN: {"same"}, Grade.PROBABLE: {"same", "variant"}}
# Words on either side of a difference, in `--sample`.
_AROUND, _LONGEST = 40, 160

Pairs = Mapping[tuple[str, str], Grade]


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--list", action="store_true", help="print every pair with its grade")
    arguments.add_argument("--sample", action="store_true", help="print the pairs of the sample, with what differs in them")
    options = arguments.parse_args()
    for name, path in {**{name: CORPORA / file for name, file in FILES.items()}, "corpus": ROOT / "corpus" / "roles"}.items():
        if not path.exists():
            print(f"{path} is not there; {name} is left out. ROLESEARCH_CORPORA names another folder.")
            continue
        roles = {f"{name}/{role.id}": role for role in roles_in(path)}
        pairs, seconds = compared(roles)
        counts = Counter(pairs.values())
        print(f"{name}: {len(roles)} roles; {', '.join(f'{counts[grade]} {grade.value} pairs' for grade in Grade)}; {seconds:.1f} s")
        for (one, other), grade in pairs.items() if options.list else ():
            print(f"{grade.value}\t{one}\t{other}\t{roles[one].title}")
        for one, other in sampled(pairs) if options.sample else ():
            show(pairs[one, other], one, other, roles)
        print_precision(pairs)


def roles_in(path: Path) -> Iterator[Role]:
    """All roles of a file or folder, as an ingest reads them."""
    for entry in walk([path]):
        if isinstance(entry, FoundFile) and kind_of(entry.path) is FileKind.READABLE:
            for number, part in enumerate(read(entry.path), start=1):
                try:
                    yield from [] if isinstance(part.content, ReaderRefusal) else roles_of(part.content, f"{entry.name}#{number}", entry.name)
                except Refused:
                    continue


def compared(roles: Mapping[str, Role]) -> tuple[Pairs, float]:
    """The pairs that an ingest of these roles finds, sorted, and the seconds that this took."""
    with tempfile.TemporaryDirectory() as folder:
        manifest = Manifest.create(Path(folder) / "manifest.sqlite3")
        for role in roles.values():
            manifest.put_source(Source(role.source, role.source, "", ""))
            manifest.put_role(role, role.source, 0, [])
        started = time.perf_counter()
        bring_in_step(manifest)
        seconds = time.perf_counter() - started
        keys = {role.id: key for key, role in roles.items()}
        twins = manifest.twins(list(keys)).items()
        manifest.close()
    pairs = {(keys[role_id], keys[twin.role_id]): twin.grade for role_id, others in twins for twin in others if role_id < twin.role_id}
    return dict(sorted(pairs.items())), seconds


def sampled(pairs: Pairs) -> list[tuple[str, str]]:
    """The same pairs whenever the same are found: up to 60 of each grade."""
    chance = random.Random(SEED)
    by_grade = {grade: [pair for pair, found in pairs.items() if found is grade] for grade in Grade}
    return [pair for found in by_grade.values() for pair in sorted(chance.sample(found, min(len(found), SAMPLE_A_GRADE)))]


def show(grade: Grade, one: str, other: str, roles: Mapping[str, Role]) -> None:
    """A pair with what differs in it, as short as it can be judged by."""
    difference = difference_of(roles[one], roles[other])
    print(f"\n{grade.value}\t{one}\t{other}\t{difference.share:.2f}\t{roles[one].title} | {roles[other].title}")
    for key, values in difference.facts.items():
        print(f"    {key}: {' / '.join(', '.join(some) for some in values)}"[:_LONGEST])
    for place in difference.places():
        removed, added = (" ".join(text.split()) for text in (place.removed, place.added))
        said = [f"[-{_short(removed)}-]" if removed else "", f"{{+{_short(added)}+}}" if added else ""]
        print(f"    {' '.join(place.before[-_AROUND:].split())} {' '.join(filter(None, said))}")


def print_precision(pairs: Pairs) -> None:
    """Of the labelled pairs that are found now, how many are what their grade says; and what became of those labelled that are not found any more."""
    labels = read_labels()
    right: dict[Grade, list[bool]] = defaultdict(list)
    for pair, grade in pairs.items():
        if pair in labels:
            right[grade].append(labels[pair] in RIGHT[grade])
    for grade, judged in right.items():
        low, high = binomtest(sum(judged), len(judged)).proportion_ci(method="wilson")
        print(f"    {grade.value}: {sum(judged)} of {len(judged)} labelled pairs right, {sum(judged) / len(judged):.3f} [{low:.3f}, {high:.3f}]")


def read_labels() -> dict[tuple[str, str], str]:
    """Labels by the ids of the two roles, the lower first."""
    lines = (LABELS / "twins.tsv").read_text(encoding="utf-8").splitlines()
    return {(one, other): label for one, other, label in (line.split("\t") for line in lines)}


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"


if __name__ == "__main__":
    main()
