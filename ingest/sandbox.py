"""Files from strangers, read in a process of their own that is bounded in time and memory and can be stopped. Nothing is parsed here.

What passes between the two is an open file one way and JSON the other, each answer behind its length. Answers are checked against the types that they should
have; nothing that the worker says is unpickled or run, so that a file that took the worker over could tell lies about roles and no more.
"""

import json
import logging
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from pydantic import ValidationError

from ingest.worker import ANSWERS, HEADER, MB, REQUEST_BYTES, Answer, Ended, Limits, RefusedPart, Request
from search.errors import Refused, RoleSearchError
from search.records import Role

log = logging.getLogger(__name__)

_START_SECONDS = 120.0
# The worker imports what this process imports; it takes over none of its environment, where tokens and passwords stand. Nothing that it makes at the start
# is ever garbage, so that looking for some would be a seventh of it.
_PROGRAM = "import gc, json, sys; gc.disable(); sys.path[:] = json.loads(sys.argv.pop()); from ingest.worker import main; main()"
_ENVIRONMENT = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT")


class _Lost(Exception):
    """The worker did not answer in time, ended, or said what it never should; the message is the reason for the report."""


class _Worker:
    """One process that reads files, one at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        ours, theirs = socket.socketpair()
        with theirs:
            paths = json.dumps([path for path in sys.path if path])
            command = [sys.executable, "-I", "-c", _PROGRAM, str(theirs.fileno()), json.dumps(asdict(limits)), paths]
            environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
            self._process = subprocess.Popen(  # noqa: S603 - this program's own interpreter and arguments
                command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=[theirs.fileno()], cwd="/"
            )
        self._channel = ours
        try:
            self._receive(_START_SECONDS)
        except _Lost as lost:
            self.stop()
            raise RoleSearchError(f"the process that reads files does not start: {lost}; is the program installed whole?") from lost

    def answers(self, file: int, request: Request) -> Iterator[Answer]:
        """What the worker says about an open file, the end included. Raises _Lost."""
        message = json.dumps([request.file, request.source]).encode()
        if len(message) > REQUEST_BYTES:
            raise _Lost("its name is too long")
        try:
            socket.send_fds(self._channel, [message], [file])
        except OSError as error:
            raise _Lost("the reader had ended") from error
        left = self._limits.file_seconds
        while True:
            started = time.monotonic()
            answer = self._receive(min(left, self._limits.answer_seconds))
            left -= time.monotonic() - started
            yield answer
            if answer.ended is not None:
                return

    def resident_mb(self) -> int:
        """How much memory the process takes now; 0 where the system does not say. Its peak would be no measure: Linux lets a child inherit its parent's."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE") // MB

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def _receive(self, seconds: float) -> Answer:
        deadline = time.monotonic() + seconds
        (length,) = HEADER.unpack(self._bytes(HEADER.size, deadline, seconds))
        if length > self._limits.answer_mb * MB:
            raise _Lost(f"it holds more than {self._limits.answer_mb} MB in one role; split it")
        try:
            answer = ANSWERS.validate_json(self._bytes(length, deadline, seconds), strict=True)
        except ValidationError as error:
            raise _Lost(f"the reader answered what it never should ({error.error_count()} mistakes)") from error
        return answer

    def _bytes(self, size: int, deadline: float, seconds: float) -> bytes:
        received = bytearray()
        while len(received) < size:
            self._channel.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                data = self._channel.recv(min(size - len(received), MB))
            except TimeoutError as error:
                raise _Lost(f"reading it takes longer than {seconds:.0f} s; split it") from error
            except OSError:
                data = b""
            if not data:
                raise _Lost(self._how_it_ended())
            received += data
        return bytes(received)

    def _how_it_ended(self) -> str:
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            return "the reader fell silent"
        if code == -signal.SIGXCPU:
            return f"reading it takes longer than {self._limits.file_seconds:.0f} s of processor time; split it"
        ending = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"it brings the reader down ({ending}); open it and save it anew"


class Sandbox:
    """Reads files in worker processes, which are started when needed and serve one file after another. Safe to use from several threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()

    def roles(self, path: Path, source: str) -> Iterator[Role | RefusedPart]:
        """The roles of a file and what of it was refused, part by part; `source` is the name that the roles go by.

        Raises Refused where the file as a whole cannot be read, and OSError where it cannot be opened.
        """
        # Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise Refused("not a regular file")
            yield from self.roles_in(file, Request(path.name, source))
        finally:
            os.close(file)

    def roles_in_bytes(self, content: bytes, request: Request) -> Iterator[Role | RefusedPart]:
        """The same for a file in memory, which stays there where the system has files in memory."""
        with os.fdopen(os.memfd_create("content"), "w+b") if hasattr(os, "memfd_create") else tempfile.TemporaryFile() as file:
            file.write(content)
            file.seek(0)
            yield from self.roles_in(file.fileno(), request)

    def roles_in(self, file: int, request: Request) -> Iterator[Role | RefusedPart]:
        """The same for a file that is open already, by its number; read from where it stands."""
        worker = self._worker()
        reusable = False
        try:
            for answer in worker.answers(file, request):
                if answer.ended is not None:
                    # A worker that stays large may not have the room for a file that a fresh one could read.
                    reusable = not answer.ended.out_of_memory and worker.resident_mb() < self.limits.memory_mb // 4
                    self._conclude(answer.ended, request)
                elif answer.role is not None:
                    yield answer.role
                elif answer.refused is not None:
                    yield answer.refused
        except _Lost as lost:
            raise Refused(str(lost)) from lost
        finally:
            self._give_back(worker) if reusable else worker.stop()

    def close(self) -> None:
        """Stop the workers that wait for work; the next file starts a new one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.stop()

    def forget(self) -> None:
        """Leave the workers to the process that this one was forked from."""
        self._idle, self._lock = [], threading.Lock()

    def _conclude(self, ended: Ended, request: Request) -> None:
        if ended.trace:
            log.error("reading %r: %s", request.source, ended.trace)
        if ended.out_of_memory:
            raise Refused(f"reading it takes more than {self.limits.memory_mb} MB of memory; split it")
        if ended.failed:
            raise OSError(ended.failed)
        if ended.refused:
            raise Refused(ended.refused)

    def _worker(self) -> _Worker:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Worker(self.limits)

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            self._idle.append(worker)


SANDBOX = Sandbox()
"""The one that a program uses: its workers outlast a file and an ingest."""

os.register_at_fork(after_in_child=SANDBOX.forget)
