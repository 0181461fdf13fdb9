"""What is fuzzed: each target takes any bytes, and must end in an answer or in an error that is meant for people."""

import gzip
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError

from hostile_files import zipped
from ingest.readers import READERS
from ingest.worker import ANSWERS, Request, roles_in
from search.errors import RoleSearchError
from search.filters import parse_filters
from search.judgements import read_judged_queries
from search.query_language import take_operators
from search.settings import read_settings
from search.understanding import understand
from search.watches import Watches
from ui.jobs import upload_name
from ui.present import read_run

Target: TypeAlias = Callable[[bytes], None]


def _reader(name: str) -> Target:
    def read(data: bytes) -> None:
        with tempfile.TemporaryFile() as file:
            file.write(data)
            file.seek(0)
            list(roles_in(file, Request(name, name)))

    return read


def _file(read: Callable[[Path], object], name: str = "file") -> Target:
    def check(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            read(path)

    return check


def _text(read: Callable[[str], object]) -> Target:
    return lambda data: void(read(data.decode("utf-8", "replace")))


def void(value: object) -> None:
    """Nothing, whatever it is given."""


def _question(text: str) -> None:
    assert understand(text).asked.text == understand(text).asked.text
    assert "  " not in take_operators(text).text


def _answer(data: bytes) -> None:
    try:
        ANSWERS.validate_json(data, strict=True)
    except ValidationError:
        return


# Several suffixes may have one reader.
FIRST_SUFFIXES = sorted({reader: suffix for suffix, reader in reversed(list(READERS.items()))}.values())

TARGETS: Mapping[str, Target] = {
    **{f"reader{suffix}": _reader(f"role{suffix}") for suffix in FIRST_SUFFIXES},
    "reader.zip": _reader("roles.zip"),
    "reader.gz": _reader("role.jsonl.gz"),
    "reader-in-zip": lambda data: _reader("roles.zip")(zipped({"a.md": data, "b.html": data, "c.docx": data})),
    "word-xml": lambda data: _reader("role.docx")(zipped({"[Content_Types].xml": data, "word/document.xml": data})),
    "question": _text(_question),
    "filter": _text(lambda text: parse_filters([text])),
    "upload-name": _text(upload_name),
    "settings": _file(lambda path: read_settings({"ROLESEARCH_CONFIG": str(path)})),
    "watches": _file(lambda path: Watches(path.parent).all(), "watches.json"),
    "queries": _file(lambda path: read_judged_queries(path, path)),
    "earlier-run": _file(lambda path: read_run(path, [])),
    "answer-of-a-worker": _answer,
}
"""By name; a name is also that of the folder below `corpus` that holds what it once failed on, and a few seeds."""

CORPUS = Path(__file__).with_name("corpus")
SHIPPED = Path(__file__).resolve().parents[2] / "corpus" / "roles"
SMALLEST = 2


def run(name: str, data: bytes) -> None:
    """Run a target on these bytes; errors that are meant for people are answers."""
    try:
        TARGETS[name](data)
    except (RoleSearchError, OSError) as error:
        # Disk errors are answers, too; running out of files or reaching for the network is none.
        if isinstance(error, OSError) and error.errno in (24, 101, 111):
            raise
        str(error).encode()


def seeds(name: str) -> list[bytes]:
    """The kept inputs of a target, and for a reader the smallest shipped roles of its kind: what is nearly whole goes deeper than what is not."""
    kept = [path.read_bytes() for path in sorted((CORPUS / name).glob("*")) if path.is_file()]
    return kept + _seeds_that_ship().get(name, [])


@cache
def _seeds_that_ship() -> Mapping[str, list[bytes]]:
    by_size = sorted((path for path in SHIPPED.rglob("*") if path.is_file()), key=lambda path: (path.stat().st_size, path))
    smallest = {suffix: [path.read_bytes() for path in by_size if path.suffix == suffix][:SMALLEST] for suffix in FIRST_SUFFIXES}
    return {f"reader{suffix}": texts for suffix, texts in smallest.items()} | {
        "reader.zip": [zipped({f"role{suffix}": texts[0] for suffix, texts in smallest.items() if texts})],
        "reader.gz": [gzip.compress(text) for text in smallest[".jsonl"]],
        "reader-in-zip": smallest[".md"] + smallest[".docx"],
        "word-xml": [zipfile.ZipFile(BytesIO(text)).read("word/document.xml") for text in smallest[".docx"]],
        "question": [b'senior SRE -kafka "on call", no people management, over 90k EUR', b"five years experience, Rotterdam, part time"],
        "filter": [b"level=senior", b"salary_min>=50000", b"posted>=2026-01-31"],
    }
