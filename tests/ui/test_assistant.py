"""The tools of `rolesearch mcp`, asked by the SDK's own client: in this process with the WordEmbedder, and over stdio with the real program."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.server.mcpserver import MCPServer
from mcp.types import CallToolResult

from builders import IndexOf, make_role
from fakes import WordEmbedder
from search.attributes.reading import with_attributes
from search.index import IndexReader
from search.records import Role
from search.role_index import RoleIndex
from search.searcher import Searcher
from served import BAKER, PASTRY, ROLES, WELDER
from ui.assistant import MOST_CHARACTERS, MOST_ROLES, make_server

ROOT = Path(__file__).resolve().parents[2]
Ask = Callable[..., Any]


@pytest.fixture
def ask(index_of: IndexOf) -> Ask:
    """Calls one tool of a server over these roles and gives back what it answered: an object, or the text of an error."""

    made: dict[int, MCPServer[Any]] = {}

    def call(tool: str, arguments: dict[str, Any], roles: list[Role] = ROLES) -> Any:
        if id(roles) not in made:
            made[id(roles)] = make_server(RoleIndex(Searcher(IndexReader(index_of(roles)), WordEmbedder())))

        async def asked() -> CallToolResult:
            async with Client(made[id(roles)]) as client:
                return await client.call_tool(tool, arguments)

        return answer_of(anyio.run(asked))

    return call


def answer_of(result: CallToolResult) -> Any:
    (content,) = result.content
    assert content.type == "text"
    if result.is_error:
        return content.text
    assert json.loads(content.text) == result.structured_content
    return result.structured_content


def ids(answer: Any) -> list[str]:
    return [role["role_id"] for role in answer["roles"]]


def test_a_search_gives_roles_with_passages(ask: Ask) -> None:
    answer = ask("search", {"query": "senior, bake bread, no welding", "k": 2, "filters": ["shift!=x"]})
    assert ids(answer) == ["kitchen/baker.md", "kitchen/pastry.md"]
    assert answer["roles"][0]["passages"] == ["- Bake bread early\n- Bake cakes"]
    assert answer["roles"][0]["attributes"] == {"shift": "night", "level": "senior", "family": "manufacturing"}
    assert answer["understood"] == ["level: senior", "not skills: welding"]
    assert (answer["left_out"], answer["roles"][0]["twins"]) == (0, [])
    assert ids(ask("search", {"query": "steel", "mode": "lexical"})) == ["welder.md"]


def test_a_role_is_read_in_parts(ask: Ask) -> None:
    long = make_role("long.md", "Writer", " ".join(f"word{number}" for number in range(2_000)))
    text, start = "", 0
    while start is not None:
        part = ask("role", {"role_id": "long.md", "start": start}, [long])
        assert (part["role_id"], part["title"], part["start"], part["characters"]) == ("long.md", "Writer", start, len(long.text))
        text, start = text + part["text"], part["next_start"]
    assert text == long.text
    assert ask("role", {"role_id": "long.md", "start": 10**6}, [long])["text"] == ""


def test_a_text_or_a_role_is_matched_line_by_line(ask: Ask) -> None:
    answer = ask("match", {"text": "I bake bread early. I weld.", "k": 1, "filters": ["shift=night"]})
    (role,) = answer["roles"]
    assert (role["role_id"], role["title"], role["more_lines"]) == ("kitchen/baker.md", "Senior Baker", 0)
    assert 0 <= role["share"] <= 1
    assert {line.partition(":")[0] for verdict in ("met", "partly", "missing") for line in role[verdict]} == {"Bake bread early"}
    assert "welder.md" not in ids(ask("match", {"role_id": "welder.md"}))


def test_roles_are_compared_with_the_first(ask: Ask) -> None:
    first, second, third = ask("compare", {"role_ids": [BAKER.id, PASTRY.id, WELDER.id]})["roles"]
    assert (first["changed"], first["only_first"], first["only_here"]) == ([], [], [])
    assert (first["attributes"]["level"], second["attributes"]["level"], third["attributes"]["level"]) == ("senior", "junior", "not said")
    assert "Bake bread early" in third["only_first"]
    assert third["only_here"] == ["Join steel"]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("role", {"role_id": "x"}, "no role 'x'"),
        ("compare", {"role_ids": ["x", "welder.md"]}, "no role 'x'"),
        ("compare", {"role_ids": ["welder.md"]}, "role_ids"),
        ("search", {"query": "x", "filters": ["shift"]}, "key=value"),
        ("search", {"query": "x", "k": MOST_ROLES + 1}, "less than or equal to 20"),
        ("search", {"query": "x" * 2_001}, "at most 2000 characters"),
        ("match", {}, "either text or role_id"),
        ("match", {"text": "a", "role_id": "b"}, "either text or role_id"),
    ],
)
def test_errors_are_told_with_their_cure(ask: Ask, tool: str, arguments: dict[str, Any], said: str) -> None:
    answer = ask(tool, arguments)
    assert isinstance(answer, str)
    assert said in answer


def test_no_answer_is_longer_than_may_be_and_says_what_it_left_out(ask: Ask) -> None:
    wordy = [
        with_attributes(
            make_role(
                f"{number}.md",
                "Baker " + "of bread " * 100,
                ("Requirements", "\n".join(f"- Bake bread number {line} of {number} {'with care ' * 30}" for line in range(30))),
                note="very " * 500,
                **{f"field{key}": "long " * 100 for key in range(60)},
            )
        )
        for number in range(8)
    ]
    found = ask("search", {"query": "bake bread", "k": MOST_ROLES}, wordy)
    assert len(found["roles"]) >= 1
    assert found["left_out"] > 0
    matched = ask("match", {"text": "I bake bread with care.", "k": 10}, wordy)
    assert matched["roles"][0]["more_lines"] > 0
    compared = ask("compare", {"role_ids": ["1.md", "2.md", "3.md", "4.md"]}, wordy)
    role = ask("role", {"role_id": "1.md"}, wordy)
    for answer in (found, matched, compared, role):
        assert len(json.dumps(answer, ensure_ascii=False)) <= 1.1 * MOST_CHARACTERS


def test_every_tool_describes_itself_and_what_it_takes_and_gives(index_of: IndexOf) -> None:
    server = make_server(RoleIndex(Searcher(IndexReader(index_of(ROLES)), WordEmbedder())))

    async def listed() -> Any:
        async with Client(server) as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in anyio.run(listed)}
    assert list(tools) == ["search", "role", "match", "compare"]
    for tool in tools.values():
        assert len(tool.description) > 40
        assert tool.annotations.read_only_hint is True
        assert tool.output_schema["type"] == "object"
        assert all("description" in one for one in tool.input_schema["properties"].values())
    assert tools["search"].input_schema["properties"]["k"]["maximum"] == MOST_ROLES


# The real program over stdio ------------------------------------------------------------------------------------------


@asynccontextmanager
async def program(index: Path) -> AsyncIterator[Client]:
    command = StdioServerParameters(command=sys.executable, args=["-m", "ui.cli", "mcp", "--index", str(index)], cwd=ROOT, env=dict(os.environ))
    async with Client(stdio_client(command)) as client:
        yield client


def with_program(index: Path, use: Callable[[Client], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with program(index) as client:
            return await use(client)

    return anyio.run(run)


@pytest.mark.model
def test_the_program_answers_the_sdks_client_over_stdio(corpus_index: Path) -> None:
    async def use(client: Client) -> Any:
        found = answer_of(await client.call_tool("search", {"query": "Kubernetes mentorship lead", "k": 3}))
        two = [role["role_id"] for role in found["roles"][:2]]
        return (
            found,
            answer_of(await client.call_tool("role", {"role_id": two[0]})),
            answer_of(await client.call_tool("compare", {"role_ids": two})),
            answer_of(await client.call_tool("match", {"text": "Nine years of running Kubernetes; I mentor four engineers.", "k": 2})),
        )

    found, role, compared, matched = with_program(corpus_index, use)
    assert len(found["roles"]) == 3
    assert found["roles"][0]["passages"][0].removesuffix(" …") in role["text"]
    assert ids(compared) == [role["role_id"] for role in found["roles"][:2]]
    assert any("Kubernetes" in line for role in matched["roles"] for line in role["met"])


def test_nothing_but_the_protocol_is_on_stdout_whatever_a_library_prints(tmp_path: Path) -> None:
    code = (
        "import os, sys, search.role_index as r\n"
        "def load(self):\n    print('printed'); sys.stdout.flush(); os.write(1, b'written\\n')\n"
        "r.RoleIndex.load = load\n"
        "sys.argv = ['rolesearch', 'mcp', '--index', sys.argv[1]]\n"
        "import ui.cli; ui.cli.main()"
    )
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "search", "arguments": {"query": "bread"}}},
    ]
    sent = "".join(json.dumps(message) + "\n" for message in messages)
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(sent)
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(2)]
        rest, logged = process.communicate(timeout=60)
    assert [answer["id"] for answer in answers] == [1, 2]
    assert "there is no index in" in answers[1]["result"]["content"][0]["text"]
    assert rest == ""
    assert "written" in logged
