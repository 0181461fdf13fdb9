"""The engine that reads, cuts and embeds on a Ray cluster: one of its own on this machine, or one that is there. The only importer of ray.

Work goes out as tasks, which Ray repeats elsewhere when the process or machine that does them is lost, and comes back in the order that it was asked for. The
workers read files themselves, in the sandbox of ingest/sandbox.py: the program must be installed on each of their machines, and the files must lie under the
same path there.
"""

import logging
import os
import secrets
import socket
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np

from ingest.chunking import CHUNKER_VERSION, chunk_role
from ingest.engine import FileToRead, ReadRole
from ingest.parsing import PARSER_VERSION
from ingest.sandbox import SANDBOX
from ingest.worker import RefusedPart
from search.embedding import Embedder, Vectors, open_embedder
from search.errors import ModelError, Refused, RoleSearchError, UsageError
from search.records import Chunk, Role

# Files that one task reads, and texts that one task embeds: a second or two of work, beside which the millisecond that a task costs is nothing.
FILES_A_TASK = 8
TEXTS_A_TASK = 64
# Tasks that wait for each processor of the cluster, so that none of them is idle.
_TASKS_A_PROCESSOR = 2
# What a task says at a time, in characters of text, and how often it may do so before the answers are taken: the memory that a large file needs.
_CHARACTERS_AT_ONCE = 100_000
_ANSWERS_AHEAD = 4
# How often a task is begun anew after its worker was lost. What kills its worker each time shall not go on for ever.
_RETRIES = 8
_SECONDS_TO_ANSWER = 5
_OBJECT_STORE_BYTES = 256 * 1024 * 1024
# No statistics of use are sent, and errors are not printed beside being raised.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_IGNORE_UNHANDLED_ERRORS": "1"}

OpenModel: TypeAlias = Callable[[str], Embedder]


@dataclass(frozen=True, slots=True)
class _Program:
    """What a worker must be in agreement about with the one who asks it."""

    open_model: OpenModel
    model: str
    fingerprint: str
    parser: int = PARSER_VERSION
    chunker: int = CHUNKER_VERSION


@dataclass(frozen=True, slots=True)
class _SentFile:
    """A file as the one who asks sees it: its size is in bytes, -1 where it is gone."""

    path: Path
    source: str
    size: int


@dataclass(frozen=True, slots=True)
class _Cut:
    """A role with its chunks."""

    role: Role
    chunks: Sequence[Chunk]

    def cut(self) -> Sequence[Chunk]:
        return self.chunks


@dataclass(frozen=True, slots=True)
class _End:
    """The last that is said of a file: why it was refused as a whole, why it could not be opened, or on which machine it is not what was sent; or nothing."""

    refused: str = ""
    failed: str = ""
    unseen_on: str = ""


_Said: TypeAlias = _Cut | RefusedPart | _End


class RayEngine:
    """An Engine whose work is done by the workers of the Ray cluster that this process is connected to."""

    def __init__(self, ray: ModuleType, program: _Program) -> None:
        """Made by `connected`."""
        self._ray = ray
        self._program = ray.put(program)
        self._tasks_at_once = _TASKS_A_PROCESSOR * max(1, int(ray.cluster_resources().get("CPU", 1)))
        retried = ray.remote(max_retries=_RETRIES)
        self._read = retried(_read).options(num_returns="streaming", _generator_backpressure_num_objects=_ANSWERS_AHEAD)
        self._embed = retried(_embed)

    def read(self, files: Iterable[FileToRead | None]) -> Iterator[Iterator[ReadRole | RefusedPart]]:
        rest = iter(files)
        asked: deque[tuple[list[_SentFile | None], Iterator[_Said]]] = deque()
        while batch := [_sent(file) if file is not None else None for file in islice(rest, FILES_A_TASK)]:
            wanted = [file for file in batch if file is not None]
            asked.append((batch, self._said(self._read.remote(self._program, wanted)) if wanted else iter(())))
            if len(asked) >= self._tasks_at_once:
                yield from _apart(*asked.popleft())
        for answered in asked:
            yield from _apart(*answered)

    def embed(self, blocks: Iterable[Sequence[str]]) -> Iterator[Vectors]:
        asked: deque[list[Any]] = deque()
        for texts in blocks:
            parts = [texts[start : start + TEXTS_A_TASK] for start in range(0, len(texts), TEXTS_A_TASK)]
            asked.append([self._embed.remote(self._program, part) for part in parts])
            while sum(map(len, asked)) >= self._tasks_at_once:
                yield self._joined(asked.popleft())
        while asked:
            yield self._joined(asked.popleft())

    def _said(self, answers: Iterable[Any]) -> Iterator[_Said]:
        with _translated(self._ray):
            for answer in answers:
                yield from self._ray.get(answer)

    def _joined(self, answers: Sequence[Any]) -> Vectors:
        with _translated(self._ray):
            return np.concatenate(self._ray.get(list(answers))) if answers else np.empty((0, 0), dtype=np.float32)


@contextmanager
def connected(address: str | None, model: str, fingerprint: str, open_model: OpenModel = open_embedder) -> Iterator[RayEngine]:
    """A RayEngine on the cluster at `address`, `host:port` or `auto`, or, where that is None, on one that is started on this machine and stopped at the end.

    Its workers open `model` by `open_model`; what they get must have that `fingerprint`. Raises UsageError when ray is not installed, RoleSearchError when
    there is no cluster at the address.
    """
    if address is not None:
        _check_listening(address)
    folder = Path(model).expanduser()
    program = _Program(open_model, str(folder.resolve()) if folder.is_dir() else model, fingerprint)
    with _environment(_QUIET if address is not None else _QUIET | _alone()):
        ray = _imported()
        with _own_cluster(ray) if address is None else _cluster_at(ray, address):
            yield RayEngine(ray, program)


def _alone() -> dict[str, str]:
    """What keeps a cluster of our own to ourselves, and lets its workers import what this process imports."""
    return {
        # Without it Ray would listen on all interfaces; it is read when ray is imported.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        # Who does not know it is not answered; else Ray would keep one in the home folder.
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """What this process and those that it starts find in their environment until the block ends."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _imported() -> ModuleType:
    try:
        import ray
    except ImportError as error:
        raise UsageError("the engine `ray` needs the package ray; install it with `pip install -e '.[scale]'`, or leave `--engine` out") from error
    module: ModuleType = ray
    return module


@contextmanager
def _own_cluster(ray: ModuleType) -> Iterator[None]:
    """One with as many workers as this machine has processors, and no dashboard."""
    # Ray would leave its logs behind.
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        bounds = {"include_dashboard": False, "object_store_memory": _OBJECT_STORE_BYTES, "_node_ip_address": "127.0.0.1", "_temp_dir": folder}
        with _cluster_at(ray, "local", **bounds):
            yield


def _check_listening(address: str) -> None:
    """Ray itself would try for minutes. Raises RoleSearchError when nothing listens at `host:port`; "auto" names no port."""
    host, separator, port = address.removeprefix("ray://").rpartition(":")
    if not separator or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS_TO_ANSWER).close()
    except (OSError, OverflowError) as error:
        raise _no_cluster(address, str(error)) from error


def _no_cluster(address: str, reason: str) -> RoleSearchError:
    return RoleSearchError(f"no Ray cluster at {address!r}: {reason}; `ray start` starts one, without `--address` its own is")


@contextmanager
def _cluster_at(ray: ModuleType, address: str, **arguments: Any) -> Iterator[None]:
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **arguments)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise _no_cluster(address, _first_line(error)) from error
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _translated(ray: ModuleType) -> Iterator[None]:
    """Errors of the workers as what they were there, those of the cluster with their cure."""
    try:
        yield
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, RoleSearchError):
            raise error.cause from None
        raise RoleSearchError(f"a Ray worker failed: {_first_line(error.cause)}; is this version of the program installed on all machines?") from error
    except ray.exceptions.RayError as error:
        raise RoleSearchError(f"the Ray cluster gave up: {_first_line(error)}; nothing was changed, try again") from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _sent(file: FileToRead) -> _SentFile:
    return _SentFile(file.path, file.source, _size(file.path))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _apart(batch: Iterable[_SentFile | None], said: Iterator[_Said]) -> Iterator[Iterator[ReadRole | RefusedPart]]:
    """What was said of several files one after the other, file by file."""
    return (_parts(file, said) if file is not None else iter(()) for file in batch)


def _parts(file: _SentFile, said: Iterator[_Said]) -> Iterator[ReadRole | RefusedPart]:
    for one in said:
        if isinstance(one, _End):
            _conclude(file, one)
            return
        yield one if isinstance(one, RefusedPart) else ReadRole(one.role, one.cut)


def _conclude(file: _SentFile, end: _End) -> None:
    if end.refused:
        raise Refused(end.refused)
    if end.failed:
        raise OSError(end.failed)
    if not end.unseen_on:
        return
    if _size(file.path) != file.size:
        raise OSError("it was changed while it was read")
    raise UsageError(
        f"the Ray worker on {end.unseen_on} does not see {file.path} as this machine does; all machines of the cluster must see the files under the same path"
    )


# What follows runs on the workers.


def _read(program: _Program, files: Sequence[_SentFile]) -> Iterator[list[_Said]]:
    """What is in the files, one after the other, each with its end, a number of characters at a time."""
    embedder = _embedder(program)
    at_once: list[_Said] = []
    characters = 0
    for file in files:
        for said in _said_of(file, embedder):
            at_once.append(said)
            characters += len(said.role.text) if isinstance(said, _Cut) else 0
            if characters >= _CHARACTERS_AT_ONCE:
                yield at_once
                at_once, characters = [], 0
    yield at_once


def _said_of(file: _SentFile, embedder: Embedder) -> Iterator[_Said]:
    if _size(file.path) != file.size:
        yield _End(unseen_on=socket.gethostname())
        return
    try:
        for found in SANDBOX.roles(file.path, file.source):
            yield _Cut(found, chunk_role(found, embedder)) if isinstance(found, Role) else found
    except Refused as refusal:
        yield _End(refused=str(refusal))
    except OSError as error:
        yield _End(failed=error.strerror or str(error))
    else:
        yield _End()


def _embed(program: _Program, texts: Sequence[str]) -> Vectors:
    return _embedder(program).encode_document(texts)


def _embedder(program: _Program) -> Embedder:
    """The model of this process, which outlasts a task. Raises RoleSearchError where it, or the program, is another than that of the one who asks."""
    if (program.parser, program.chunker) != (PARSER_VERSION, CHUNKER_VERSION):
        raise RoleSearchError(f"the Ray worker on {socket.gethostname()} has another version of the program; install the same on all machines")
    embedder = _opened(program.open_model, program.model)
    if embedder.fingerprint != program.fingerprint:
        raise ModelError(f"the Ray worker on {socket.gethostname()} has the model {embedder.fingerprint}, not {program.fingerprint}; install the same")
    return embedder


@cache
def _opened(open_model: OpenModel, model: str) -> Embedder:
    return open_model(model)
