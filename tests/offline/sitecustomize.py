"""No Python code of the tests, nor of a Python that they start, gets off this machine: Python imports this by itself when the folder is on its path.

An audit hook, since it sees every way to a socket and cannot be taken off again. Sockets in the file system and on the loopback interface are left alone.
"""

import sys
from typing import Any

_TO_AN_ADDRESS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_LOOKED_UP = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}


class NetworkReached(AssertionError):
    """The network was reached for; the message says where to."""


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event in _TO_AN_ADDRESS and isinstance(args[1], tuple) and not _is_here(args[1][0]):
        raise NetworkReached(f"a connection to {args[1]} was tried")
    if event in _LOOKED_UP and not _is_here(args[0]):
        raise NetworkReached(f"the address of {args[0]!r} was looked up")


def _is_here(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return name in (None, "", "localhost", "::1", "0.0.0.0") or str(name).startswith("127.")  # noqa: S104 - nothing is bound


sys.addaudithook(_refuse)
