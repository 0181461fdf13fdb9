"""Whether the files of a generation still hold what was published: their sizes, times and SHA-256 in a file beside them. Nothing about what they mean."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from search.processors import threads

CHECKSUMS = "checksums.json"

# What is hashed each time that a generation is opened, the smallest files first: a seventh of a second. Of what is beyond it, only files whose time of
# change is not the one that was published; `rolesearch doctor` hashes all. Measured: docs/decisions.md, "Damage".
HASHED_AT_OPEN = 128 * 1024 * 1024


# What a person calls the parts of a generation.
PARTS = {
    "manifest.sqlite3": "the manifest",
    "chroma": "the vectors",
    "lexical": "the words",
    "chunks": "the matrix of the vectors",
    "roles": "the vectors of whole roles",
}


@dataclass(frozen=True, slots=True)
class _Published:
    """A file as it was published; `changed` is its time of change in nanoseconds."""

    bytes: int
    changed: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Damage:
    """A file of a generation, by its name below the generation's folder, and what is wrong with it."""

    file: str
    what: str

    def __str__(self) -> str:
        part = PARTS.get(self.file.partition("/")[0])
        return f"{part} ({self.file}) {self.what}" if part else f"{self.file} {self.what}"


def write_checksums(place: Path, base: Path | None = None) -> None:
    """Put down what every file of the generation in `place` holds now. Files that were copied from `base` with their times are not hashed again."""
    try:
        known = (_read(base) if base is not None else None) or {}
    except ValueError:
        known = {}
    names = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file() and path.name != CHECKSUMS)
    published = threads("checksums").map(lambda name: asdict(_published(place / name, known.get(name))), names)
    described = dict(zip(names, published, strict=True))
    (place / CHECKSUMS).write_text(json.dumps({"files": described, "sha256": _digest_of(described)}, indent=1), encoding="utf-8")


def damage(place: Path, *, below: str = "", hash_at_most: int | None = HASHED_AT_OPEN) -> list[Damage]:
    """What is wrong with the files of the generation in `place`; only those whose name begins with `below`.

    `hash_at_most` bounds the bytes that are hashed although nothing points to a change; None hashes everything. A generation without checksums, as
    earlier versions of the program made them, has nothing wrong with it.
    """
    try:
        files = _read(place)
    except ValueError as error:
        return [Damage(CHECKSUMS, str(error))]
    chosen = {name: published for name, published in (files or {}).items() if name.startswith(below)}
    return list(_damage(place, chosen, hash_at_most))


def has_checksums(place: Path) -> bool:
    """Whether there is anything to compare the files of a generation with."""
    return (place / CHECKSUMS).exists()


def _damage(place: Path, files: dict[str, _Published], hash_at_most: int | None) -> Iterator[Damage]:
    left = hash_at_most
    for name, published in sorted(files.items(), key=lambda file: (file[1].bytes, file[0])):
        try:
            found = (place / name).stat()
            left = None if left is None else left - published.bytes
            if found.st_size != published.bytes:
                yield Damage(name, f"has {found.st_size:,} bytes, {published.bytes:,} were written")
            elif (left is None or left >= 0 or found.st_mtime_ns != published.changed) and _sha256(place / name) != published.sha256:
                yield Damage(name, "does not hold what was written: its SHA-256 is another")
        except FileNotFoundError:
            yield Damage(name, "is missing")


def _published(path: Path, known: _Published | None) -> _Published:
    found = path.stat()
    if known is not None and (known.bytes, known.changed) == (found.st_size, found.st_mtime_ns):
        return known
    return _Published(found.st_size, found.st_mtime_ns, _sha256(path))


def _read(place: Path) -> dict[str, _Published] | None:
    """The files by name; None when there are no checksums. Raises ValueError when they are themselves damaged."""
    try:
        content = json.loads((place / CHECKSUMS).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict) or content.get("sha256") != _digest_of(content["files"]):
        raise ValueError("does not hold what was written")
    return {name: _Published(**published) for name, published in content["files"].items()}


def _digest_of(described: dict[str, dict[str, object]]) -> str:
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
