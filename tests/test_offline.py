"""Ingest and search reach for no network: run with every socket refused, and where the machine allows it in a network namespace that has none.

All other tests run with every socket refused that leads off this machine: tests/offline.
"""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT_SOCKETS = """
import socket, sys

def refuse(*args, **kwargs):
    raise AssertionError(f"the network was reached for: {args}")

socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.getaddrinfo = socket.create_connection = socket.gethostbyname = refuse
from ui.cli import main
main()
"""


def offline(*arguments: str, cwd: Path) -> str:
    command = [*without_network(), sys.executable, "-c", WITHOUT_SOCKETS, *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=300, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def without_network() -> list[str]:
    """`unshare` where it works: its network namespace holds no interface, so that compiled code cannot get out either."""
    prefix = ["unshare", "--map-root-user", "--net"]
    usable = shutil.which("unshare") is not None and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    return prefix if usable else []


def test_the_refusal_of_sockets_works(tmp_path: Path) -> None:
    probe = WITHOUT_SOCKETS.replace("from ui.cli import main\nmain()", "socket.create_connection(('localhost', 9))")
    finished = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert "the network was reached for" in finished.stderr


REACHES = {
    "a connection": "socket.create_connection(('192.0.2.1', 9), timeout=1)",
    "a connection by name": "socket.create_connection(('example.org', 443), timeout=1)",
    "a request": "__import__('urllib.request').request.urlopen('http://example.org', timeout=1)",
    "a datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))",
    "a datagram by IPv6": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('2001:db8::1', 9))",
    "a look-up": "socket.gethostbyname('example.org')",
}


@pytest.mark.parametrize("reach", REACHES.values(), ids=REACHES)
def test_no_test_gets_off_this_machine_nor_does_a_python_that_it_starts(reach: str) -> None:
    with pytest.raises(AssertionError, match=r"was tried|was looked up"):
        eval(reach, {"socket": socket})  # noqa: S307 - one of the lines above
    finished = subprocess.run([sys.executable, "-c", f"import socket; {reach}"], capture_output=True, text=True, check=False)
    assert "NetworkReached" in finished.stderr


def test_this_machine_itself_can_be_reached() -> None:
    with socket.create_server(("localhost", 0)) as server, socket.create_connection(server.getsockname()) as client:
        client.sendall(b"x")
        assert server.accept()[0].recv(1) == b"x"


@pytest.mark.model
def test_ingest_and_search_work_without_a_network(tmp_path: Path) -> None:
    (tmp_path / "roles").mkdir()
    (tmp_path / "roles" / "nurse.md").write_text("# Ward Nurse\n\nLooks after patients at night.\n", encoding="utf-8")
    (tmp_path / "roles" / "cook.md").write_text("# Head Cook\n\nPlans menus and buys vegetables.\n", encoding="utf-8")
    assert json.loads(offline("ingest", "roles", "--json", cwd=tmp_path))["embedded"] == 2
    answer = json.loads(offline("search", "someone to care for the sick", "--json", cwd=tmp_path))
    assert [hit["role_id"] for hit in answer["hits"]] == ["nurse.md", "cook.md"]
