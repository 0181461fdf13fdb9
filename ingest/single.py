"""One text or file into one role, without an index: a CV or role description to match or compare."""

import io
from collections.abc import Iterator
from pathlib import Path

from ingest.documents import Document, ReaderRefusal
from ingest.parsing import roles_of
from ingest.readers import plain_text
from ingest.readers.files import Part, read, read_stream
from search.errors import Refused, UsageError
from search.records import Role

TITLES_SHOWN = 4


def read_role(path: Path) -> Role:
    """The one role, or CV, in a file of any format that an ingest reads; its id and source are the file's name.

    Raises UsageError for a folder and for a file with several roles, Refused where the file cannot be read or holds no text, and OSError where it cannot be
    opened.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name one file in it")
    return _role_in(read(path), path.name)


def role_of_bytes(content: bytes, name: str) -> Role:
    """As `read_role`, for a file in memory, such as one that was uploaded; its name says what it holds, and nothing is written anywhere."""
    return _role_in(read_stream(io.BytesIO(content), name, len(content)), name)


def role_of_text(text: str, name: str = "text") -> Role:
    """The role, or CV, that a pasted text is, with `name` for an id; its lines are taken as those of a .txt file.

    Raises Refused where there is no text.
    """
    stream = io.BytesIO(text.encode(errors="replace"))
    return _only([role for document in plain_text.read(stream, name) for role in _roles(document, name)], name)


def _role_in(parts: Iterator[Part], name: str) -> Role:
    try:
        roles = [role for part in parts for role in _roles(part.content, part.member or name)]
    except Refused as refusal:
        raise Refused(f"{name}: {refusal}") from refusal
    return _only(roles, name)


def _roles(content: Document | ReaderRefusal, name: str) -> list[Role]:
    if isinstance(content, ReaderRefusal):
        raise Refused(f"{content.part}: {content.reason}" if content.part else content.reason)
    return roles_of(content, name, name)


def _only(roles: list[Role], name: str) -> Role:
    if not roles:
        raise Refused(f"{name}: no role in it")
    if len(roles) > 1:
        titles = "; ".join(role.title for role in roles[:TITLES_SHOWN]) + ("; …" if len(roles) > TITLES_SHOWN else "")
        raise UsageError(f"{name} holds {len(roles)} roles ({titles}); ingest it and name one by its id, or save one as a file of its own")
    return roles[0]
