"""One text or file into one role, without an index: a CV or role description to match or compare."""

from collections.abc import Iterator
from pathlib import Path

from ingest.sandbox import SANDBOX
from ingest.worker import RefusedPart, Request
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
    return _named(SANDBOX.roles(path, path.name), path.name)


def role_of_bytes(content: bytes, name: str) -> Role:
    """As `read_role`, for a file in memory, such as one that was uploaded; its name says what it holds, and nothing is written to a disk."""
    return _named(SANDBOX.roles_in_bytes(content, Request(name, name)), name)


def role_of_text(text: str, name: str = "text") -> Role:
    """The role, or CV, that a pasted text is, with `name` for an id; its lines are taken as those of a .txt file.

    Raises Refused where there is no text.
    """
    return _only(SANDBOX.roles_in_bytes(text.encode(errors="replace"), Request("text.txt", name)), name)


def _named(found: Iterator[Role | RefusedPart], name: str) -> Role:
    """The only role, or a refusal that names the file."""
    try:
        return _only(found, name)
    except Refused as refusal:
        raise Refused(f"{name}: {refusal}") from refusal


def _only(found: Iterator[Role | RefusedPart], name: str) -> Role:
    roles = [_role(one) for one in found]
    if not roles:
        raise Refused("no role in it")
    if len(roles) > 1:
        titles = "; ".join(role.title for role in roles[:TITLES_SHOWN]) + ("; …" if len(roles) > TITLES_SHOWN else "")
        raise UsageError(f"{name} holds {len(roles)} roles ({titles}); ingest it and name one by its id, or save one as a file of its own")
    return roles[0]


def _role(found: Role | RefusedPart) -> Role:
    if isinstance(found, RefusedPart):
        raise Refused(f"{found.part}: {found.reason}" if found.part else found.reason)
    return found
