"""Which files are role descriptions: the readers by suffix, the formats we know but do not read, and all the rest."""

import os
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path, PurePath
from typing import BinaryIO, TypeAlias

from ingest.documents import Document, ReaderRefusal
from ingest.readers import json_records, markdown, pdf, plain_text, tables, web, word

Reader: TypeAlias = Callable[[BinaryIO, str], Iterator[Document | ReaderRefusal]]

READERS: Mapping[str, Reader] = {
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".txt": plain_text.read,
    ".text": plain_text.read,
    ".html": web.read,
    ".htm": web.read,
    ".pdf": pdf.read,
    ".docx": word.read,
    ".csv": tables.read,
    ".json": json_records.read,
    ".jsonld": json_records.read,
    ".jsonl": json_records.read_lines,
    ".ndjson": json_records.read_lines,
}

# Formats that people keep role descriptions in and that are not read, with the cure.
UNREAD_DOCUMENTS: Mapping[str, str] = {
    ".doc": "save it as .docx",
    ".dot": "save it as .docx",
    ".odt": "save it as .docx",
    ".rtf": "save it as .docx",
    ".pages": "export it as .docx",
    ".wpd": "save it as .docx",
    ".xls": "export it as .csv",
    ".xlsx": "export it as .csv",
    ".ods": "export it as .csv",
    ".numbers": "export it as .csv",
    ".ppt": "export it as .pdf",
    ".pptx": "export it as .pdf",
    ".key": "export it as .pdf",
    ".eml": "save the message as .txt, or its attachment by itself",
    ".msg": "save the message as .txt, or its attachment by itself",
    ".mht": "save the page as .html",
    ".mhtml": "save the page as .html",
    ".epub": "convert it to .html or .txt",
    ".parquet": "export it as .jsonl",
}

ZIP, GZIP = ".zip", ".gz"


class FileKind(StrEnum):
    """What a file's name says about it."""

    READABLE = "readable"
    UNREAD_DOCUMENT = "unread document"
    OTHER = "other"


def kind_of(path: str | PurePath) -> FileKind:
    """Whether `read` takes a file, refuses it with a cure, or has nothing to do with it."""
    name = str(path).rpartition(os.sep)[2]
    suffix = inner_suffix(name)
    if suffix in READERS or _split(name)[1].lower() == ZIP:
        return FileKind.READABLE
    return FileKind.UNREAD_DOCUMENT if suffix in UNREAD_DOCUMENTS else FileKind.OTHER


def is_readable(path: Path | PurePath) -> bool:
    """Whether `read` takes a file with this name."""
    return kind_of(path) is FileKind.READABLE


def inner_suffix(name: str) -> str:
    """The suffix in lower case that says what a file holds: ".jsonl" for "jobs.jsonl.gz"."""
    # By its text: this is asked of every file, and making a path takes longer than all else that is done with one that has not changed.
    stem, suffix = _split(name.rpartition("/")[2])
    return (_split(stem)[1] if suffix.lower() == GZIP else suffix).lower()


def _split(name: str) -> tuple[str, str]:
    """A name and its suffix, as PurePath has them."""
    place = name.rfind(".")
    return (name[:place], name[place:]) if 0 < place < len(name) - 1 else (name, "")
