"""The process that reads files from strangers: takes one open file after another, answers with roles and refusals, and can do nothing else.

Started and watched over by ingest/sandbox.py; see there for what passes between the two.
"""

import encodings
import gc
import importlib
import json
import os
import pkgutil
import resource
import socket
import struct
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from pydantic import TypeAdapter

from ingest.documents import Document, ReaderRefusal
from ingest.parsing import roles_of
from ingest.readers.files import read_stream
from search.errors import Refused
from search.records import Role

MB = 1024 * 1024
# The text of one role. A book of 500 pages has as much; the longest role description seen had 60,000.
MAX_ROLE_CHARACTERS = 1_000_000
MAX_ID_CHARACTERS = 1_000
# A reason is read by a person; what a hostile file puts into one is cut.
_LONGEST_REASON = 1_000
_CHANNEL = 3
# What the standard library itself imports late; `warm_up` finds the rest.
_LATE_MODULES = ("heapq",)
_SAMPLE = b"---\nsince: 2026-01-01\n---\n# Night Cook\n\nYou lead a team of five from <b>Leeds</b>, remote, with Kubernetes.\n"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may take. `answer_seconds` is the longest wait for one answer, `file_seconds` all waiting for one file; memory is address space."""

    answer_seconds: float = 120.0
    file_seconds: float = 600.0
    memory_mb: int = 2_048
    answer_mb: int = 64


@dataclass(frozen=True, slots=True)
class Request:
    """A file to be read: its own name, which says the format, and the name below the ingested folder that roles are named by. The open file goes with it."""

    file: str
    source: str


@dataclass(frozen=True, slots=True)
class RefusedPart:
    """A part of a file that holds no role that can be read. `name` is the file's, or the archive member's; the id says which role it would have been."""

    name: str
    part: str
    reason: str
    record_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The last answer about a file: why it was refused as a whole, why the disk could not be read, or where our own code broke off; else nothing is set."""

    refused: str = ""
    failed: str = ""
    trace: str = ""
    out_of_memory: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that the worker says: exactly one of the three is set."""

    role: Role | None = None
    refused: RefusedPart | None = None
    ended: Ended | None = None


ANSWERS: TypeAdapter[Answer] = TypeAdapter(Answer)
HEADER = struct.Struct(">I")
REQUEST_BYTES = 64 * 1024


def roles_in(stream: BinaryIO, request: Request) -> Iterator[Role | RefusedPart]:
    """The roles of one file, part by part, and what of it was refused. Raises Refused where nothing of it can be read, and OSError."""
    counts: dict[str, int] = {}
    for part in read_stream(stream, request.file):
        name = f"{request.source}/{part.member}" if part.member else request.source
        counts[name] = counts.get(name, 0) + 1
        yield from _roles_of_part(part.content, name, counts[name])


def _roles_of_part(content: Document | ReaderRefusal, name: str, number: int) -> Iterator[Role | RefusedPart]:
    if isinstance(content, ReaderRefusal):
        yield RefusedPart(name, content.part, content.reason, content.record_id)
        return
    try:
        length = sum(len(block.text) for block in content.blocks)
        if length > MAX_ROLE_CHARACTERS:
            raise Refused(f"too long for a role: {length:,} characters, at most {MAX_ROLE_CHARACTERS:,}; split it")
        if content.record_id is not None and len(content.record_id) > MAX_ID_CHARACTERS:
            raise Refused(f"its id has {len(content.record_id):,} characters, at most {MAX_ID_CHARACTERS:,}; give it a shorter one")
        yield from roles_of(content, name if number == 1 else f"{name}#{number}", name)
    except Refused as refusal:
        yield RefusedPart(name, "" if content.whole_file else f"record {number}", str(refusal), content.record_id)


def main() -> None:
    """Serve the socket whose number is the first argument, within the limits that are the second, until the other end closes it."""
    limits = Limits(**json.loads(sys.argv[2]))
    channel = _lowest(int(sys.argv[1]))
    warm_up()
    # What is there now stays, and need not be looked at again.
    gc.freeze()
    gc.enable()
    confine(limits)
    _send(channel, Answer(ended=Ended()))
    while (received := _next_request(channel)) is not None:
        request, file = received
        _grant_seconds(limits.file_seconds)
        with os.fdopen(file, "rb") as stream:
            _answer(stream, request, lambda answer: _send(channel, answer))


def _lowest(file: int) -> socket.socket:
    """The socket under the number right behind stdin, stdout and stderr: no number below it is free, and none above it is taken."""
    if file != _CHANNEL:
        os.dup2(file, _CHANNEL)
        os.close(file)
    return socket.socket(fileno=_CHANNEL)


def _answer(stream: BinaryIO, request: Request, send: Callable[[Answer], None]) -> None:
    ended = Ended()
    try:
        for found in roles_in(stream, request):
            send(Answer(role=found) if isinstance(found, Role) else Answer(refused=_tidied(found)))
    except Refused as refusal:
        ended = Ended(refused=_plain(str(refusal)))
    except MemoryError:
        ended = Ended(out_of_memory=True)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        ended = Ended(failed=_plain(error.strerror or str(error)), trace=traceback.format_exc())
    except Exception as error:  # One file that brings a reader down must not cost the batch; it is reported as refused, and logged whole.
        ended = Ended(refused=_plain(f"cannot be read: {type(error).__name__}: {error}"), trace=_plain(traceback.format_exc(-8)))
    send(Answer(ended=ended))


def warm_up() -> None:
    """Load what readers load only when they need it: once confined, nothing can be loaded any more."""
    for name in (*_LATE_MODULES, *(f"encodings.{module.name}" for module in pkgutil.iter_modules(encodings.__path__))):
        # Some encodings are those of other systems.
        with suppress(ImportError):
            importlib.import_module(name)
    with tempfile.TemporaryFile() as file:
        file.write(_SAMPLE)
        file.seek(0)
        list(roles_in(file, Request("sample.md", "sample.md")))


def confine(limits: Limits) -> None:
    """Give up, for good, what reading a file does not need.

    Numbers of open files are bounded so that only the file to be read fits in: while it is open, nothing can open another, nor a socket, be it Python or a
    library in C.
    """
    for limit, most in (
        (resource.RLIMIT_NOFILE, _CHANNEL + 2),
        (resource.RLIMIT_AS, limits.memory_mb * MB),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS does not know all of them.
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))


def _grant_seconds(seconds: float) -> None:
    """Processor time for one file: ends a reader that nobody watches over any more."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    granted = int(usage.ru_utime + usage.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (granted, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _next_request(channel: socket.socket) -> tuple[Request, int] | None:
    data, files, _, _ = socket.recv_fds(channel, REQUEST_BYTES, 1)
    if not data or not files:
        return None
    file, source = json.loads(data)
    return Request(PurePath(file).name, source), files[0]


def _send(channel: socket.socket, answer: Answer) -> None:
    data = ANSWERS.dump_json(answer, exclude_defaults=True)
    channel.sendall(HEADER.pack(len(data)) + data)


def _tidied(refused: RefusedPart) -> RefusedPart:
    return RefusedPart(refused.name, _plain(refused.part), _plain(refused.reason), refused.record_id)


def _plain(text: str) -> str:
    """A reason without halves of surrogate pairs, which cannot be written, and not longer than a person reads."""
    whole = text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON // 2] + " … " + text[-_LONGEST_REASON // 2 :]
    return whole.encode("utf-8", "replace").decode()
