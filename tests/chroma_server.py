"""A Chroma server as a process of its own: started on a free port of this machine, killed, started again, and stopped at the end."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from search.vector_stores import VectorStore, vector_store

STARTS_WITHIN = 120


class ServerProcess:
    """`chroma run` over a folder."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def store(self) -> VectorStore:
        """Vectors kept on this server, over a connection of its own."""
        return vector_store(self.address)

    def start(self) -> None:
        """Begin to answer; what the folder holds is there again."""
        command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(self._folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        last = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self._process.poll() is None, "chroma run ended at once"
                assert time.monotonic() < last, "chroma run does not listen"
                time.sleep(0.05)

    def kill(self) -> None:
        """End at once, without a chance to write anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def chroma_server(folder: Path) -> Iterator[ServerProcess]:
    """A running server that keeps its data in `folder`."""
    server = ServerProcess(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
