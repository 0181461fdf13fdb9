"""Drafts gazetteer rows from the technology names of O*NET: `python bench/gazetteer.py technology_skills.tsv postings.jsonl.gz > rows.tsv`.

O*NET's names are uneven: kinds of software stand among products ("Email software"), makers before most. Names that are known already are left out, and so
are those that consist of ordinary words, which are the words that the given prose writes in lower case.
"""

import csv
import gzip
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from search.attributes.skills import canonical

# Words that end a kind of thing rather than a product's name, and marks of an entry that names several things.
_GENERIC = re.compile(r"\b(?:software|applications?|systems?|programs?|tools?|packages?|databases?|suites?)$", re.IGNORECASE)
_UNFIT = re.compile(r"[()/:;!\"]|,|\b(?:and|or|for|of the)\b")
_INNER_CAPITAL = re.compile(r"[a-z][A-Z]|[A-Z]{2,}[a-z]|[A-Za-z]\d|\d[A-Z]")
_MAKER = re.compile(r"\b(?:Inc|LLC|Ltd|Corporation|Corp|Limited|Company|Co|GmbH|Solutions|Technologies|Software|Systems|Group|International|Associates)\b\.?")
# Where people have accounts rather than skills.
_NETWORKS = frozenset({"linkedin", "youtube", "whatsapp", "facebook", "twitter"})
_SHORTEST_ALIAS, _MOST_WORDS = 6, 6


def ordinary_words(prose: Path) -> frozenset[str]:
    """The words that stand in lower case in a gzipped text."""
    with gzip.open(prose, "rt", encoding="utf-8") as lines:
        return frozenset(word for line in lines for word in re.findall(r"\b[a-z]{2,}\b", line))


def rows(path: Path, ordinary: frozenset[str]) -> Iterator[tuple[str, str, str, str, str]]:
    """The rows that a list of technology names gives."""
    seen: set[str] = set()
    with path.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines, delimiter="\t"):
            name = _product(line["skill"])
            if name and name.casefold() not in seen and canonical(name) is None and not _is_ordinary(name, ordinary):
                seen.add(name.casefold())
                alias = _without_maker(name, ordinary)
                yield name, "technology", _category(line["category"]), "", "" if _INNER_CAPITAL.search(name) and " " in name else "name"
                if alias:
                    # On its own the word must be written with its capitals: "ToolBox" is not any toolbox.
                    yield name, "technology", _category(line["category"]), alias, "name"


def _product(listed: str) -> str | None:
    """The product's name without the kind and without its abbreviation, or None where it names no product."""
    name = re.sub(r" (?:software|system)$", "", listed.strip())
    name = re.sub(r"(?<=[a-z]) [A-Z]{2,6}$", "", name) if len(name.split()) > 3 else name
    words = name.split()
    capitalised = [word for word in words[1:] if word[:1].isupper() or word[:1].isdigit()]
    if not words or _UNFIT.search(name) or len(words) > _MOST_WORDS or _GENERIC.search(name):
        return None
    if len(words) == 1:
        return name if _INNER_CAPITAL.search(name) and len(name) >= _SHORTEST_ALIAS else None
    return name if len(capitalised) == len(words) - 1 else None


def _is_ordinary(name: str, ordinary: frozenset[str]) -> bool:
    return name.lower() in _NETWORKS or all(word.lower() in ordinary for word in re.findall(r"[^\W\d_]{2,}", name))


def _without_maker(name: str, ordinary: frozenset[str]) -> str:
    """A product's own last word where that is no dictionary word by its inner capitals or digits: "TransCAD" of "Caliper TransCAD"."""
    last = name.split()[-1]
    makes_sense = " " in name and len(last) >= _SHORTEST_ALIAS and re.search(r"[a-z][A-Z]", last) and not _MAKER.fullmatch(last)
    return last if makes_sense and last.lower() not in ordinary and canonical(last) is None else ""


def _category(listed: str) -> str:
    return re.sub(r" software$", "", listed).lower()


def main() -> None:
    """Prints the rows of the list and with the prose named on the command line."""
    writer = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
    writer.writerows(rows(Path(sys.argv[1]), ordinary_words(Path(sys.argv[2]))))


if __name__ == "__main__":
    main()
