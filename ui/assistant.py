"""The index as tools for an assistant (Model Context Protocol, stdio): `rolesearch mcp`. Answers are bounded: an assistant reads all that it is given.

Standard output belongs to the protocol; the SDK turns whatever else is printed there to standard error.
"""

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib.metadata import version
from typing import Annotated, Any, Literal, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field

from ingest.single import role_of_text
from search.compare import Pairing
from search.errors import RoleSearchError
from search.match import Line, Match, Verdict
from search.records import Attributes, Hit, Mode, Understood
from search.role_index import RoleIndex
from ui.present import attribute_text, demand_text, printable, wish_text

# Of one answer, as JSON; about 3,000 tokens.
MOST_CHARACTERS = 12_000
MOST_ROLES = 20
_PASSAGES, _PASSAGE, _SENTENCE, _VALUE = 2, 400, 200, 160
_ROLE_TEXT = 8_000
_LINES, _PAIRS = 12, 8
_INSTRUCTIONS = (
    "Role descriptions and job adverts, found by what they mean. Begin with search; it gives the ids that role, compare and match take. Quote passages as "
    "they are. When an answer says that it left something out, ask for less or more narrowly."
)

T = TypeVar("T", bound=BaseModel)

Filters = Annotated[
    list[str],
    Field(
        max_length=20,
        description='Conditions on attributes, such as "level=senior", "remote=true", "place=Berlin", "years<=5", "salary_min>=60000", "remote!=true"',
    ),
]
RoleId = Annotated[str, Field(min_length=1, max_length=500, description="The id of a role, as search gives it")]


class FoundRole(BaseModel):
    """A role that a search found."""

    role_id: str
    title: str
    score: float = Field(description="Compares the roles of one answer; it has no scale")
    attributes: dict[str, str]
    passages: list[str] = Field(description="Words of the role that answer the question")
    twins: list[str] = Field(description="Ids of near-identical roles, such as the same advert posted again")


class Found(BaseModel):
    """Roles that answer a question, best first."""

    roles: list[FoundRole]
    understood: list[str] = Field(description="What of the question was read as a wish or a demand")
    notes: list[str] = Field(description="What to know about the answer, such as that nothing fits well")
    left_out: int = Field(description="Roles that were found but would have made the answer too long")


class WholeRole(BaseModel):
    """One role, or a part of a long one."""

    role_id: str
    title: str
    source: str
    attributes: dict[str, str]
    text: str
    start: int
    characters: int = Field(description="Length of the whole text")
    next_start: int | None = Field(description="Where to go on reading; null at the end")


class MatchedRole(BaseModel):
    """How far a text shows what a role asks for."""

    role_id: str
    title: str
    share: float = Field(description="How much of what the role needs the text shows, from 0 to 1")
    met: list[str]
    partly: list[str]
    missing: list[str]
    more_lines: int = Field(description="Lines that are not listed")


class Matched(BaseModel):
    """Roles that fit a text, best first."""

    roles: list[MatchedRole]
    left_out: int = Field(description="Roles that fit but would have made the answer too long")


class ComparedRole(BaseModel):
    """One of the roles that are compared, against the first of them."""

    role_id: str
    title: str
    attributes: dict[str, str]
    own_skills: list[str] = Field(description="Skills that only this role names")
    changed: list[str] = Field(description="Sentences of the first role and what became of them in this one")
    only_first: list[str] = Field(description="Sentences of the first role that have nothing like them in this one")
    only_here: list[str] = Field(description="Sentences of this role that have nothing like them in the first")
    more_sentences: int = Field(description="Sentences that are not listed")


class Compared(BaseModel):
    """Two to four roles side by side."""

    shared_skills: list[str]
    roles: list[ComparedRole]


class Tools:
    """What an assistant can ask. The docstrings are what it reads."""

    def __init__(self, roles: RoleIndex) -> None:
        self._roles = roles

    def search(
        self,
        query: Annotated[
            str, Field(max_length=2_000, description='What to look for, in words or as a sentence. "exact phrase" must occur; -word leaves roles out')
        ],
        k: Annotated[int, Field(ge=1, le=MOST_ROLES, description="How many roles at most")] = 5,
        mode: Annotated[Literal["hybrid", "dense", "lexical"], Field(description="Both, by meaning alone, or by words alone")] = "hybrid",
        filters: Filters = [],  # noqa: B006 - never changed; the schema shows it
    ) -> Found:
        """Find roles by what they mean, best first, each with the passages that answer the question.

        A level, a skill or a place in the query raises roles that have it; "no …", "without …" and "at least 5 years" leave roles out.
        """
        with _errors_told():
            results = self._roles.search(query, k=k, mode=Mode(mode), filters=filters)
        answer = Found(roles=[_found(hit) for hit in results.hits], understood=_understood(results.understood), notes=list(results.notes)[:10], left_out=0)
        return _fitting(answer)

    def role(
        self,
        role_id: RoleId,
        start: Annotated[int, Field(ge=0, description="Where in the text to begin; next_start of an answer goes on")] = 0,
    ) -> WholeRole:
        """Read one role: its attributes and its text, in parts where it is long."""
        with _errors_told():
            role = self._roles.role(role_id)
        part = role.text[start : start + _ROLE_TEXT]
        end = start + len(part)
        return WholeRole(
            role_id=role.id,
            title=_clipped(role.title, _SENTENCE),
            source=role.source,
            attributes=_attributes(role.attributes),
            text=part,
            start=start,
            characters=len(role.text),
            next_start=end if end < len(role.text) else None,
        )

    def match(
        self,
        text: Annotated[str, Field(max_length=50_000, description="A CV or a role description, as plain text; leave it empty where role_id is given")] = "",
        role_id: Annotated[str, Field(max_length=500, description="Instead of a text: a role of the index, to find those that fit it")] = "",
        k: Annotated[int, Field(ge=1, le=10, description="How many roles at most")] = 3,
        filters: Filters = [],  # noqa: B006 - never changed; the schema shows it
    ) -> Matched:
        """Find the roles that fit a CV or another role, and show for each what it asks for and whether the text shows it: met, partly, missing.

        A line is what the role asks for, then what the text says of it. Names, years and degrees are compared as values, sentences by meaning: a pointer to
        what to read, no verdict on a person.
        """
        if bool(text.strip()) == bool(role_id):
            raise ToolError("give either text or role_id")
        with _errors_told():
            asked = self._roles.role(role_id) if role_id else role_of_text(text)
            matches = self._roles.match(asked, k=k, filters=filters)
        return _fitting(Matched(roles=[_matched(match) for _, match in matches], left_out=0))

    def compare(
        self, role_ids: Annotated[list[RoleId], Field(min_length=2, max_length=4, description="Two to four ids; all are compared with the first")]
    ) -> Compared:
        """Put two to four roles side by side: what their attributes say, the skills that they share, and what changes from the first to each other."""
        with _errors_told():
            comparison = self._roles.compare(*role_ids)
        pairings: dict[int, Pairing] = {pairing.other: pairing for pairing in comparison.pairings}
        compared = []
        for number, role in enumerate(comparison.roles):
            paired = pairings[number].paired if number else None
            changed = [f"{_line(pair.first.quote.text)} → {_line(pair.other.quote.text)}" for pair in paired.pairs if not pair.same] if paired else []
            only_first = [_line(sentence.quote.text) for sentence in paired.only_first] if paired else []
            only_here = [_line(sentence.quote.text) for sentence in paired.only_other] if paired else []
            most = _PAIRS // max(1, len(pairings))
            compared.append(
                ComparedRole(
                    role_id=role.id,
                    title=_clipped(role.title, _SENTENCE),
                    attributes={fact.key: _clipped(", ".join(fact.values[number]) or "not said", _VALUE) for fact in comparison.facts},
                    own_skills=list(comparison.own_skills(number))[:_LINES],
                    changed=changed[:most],
                    only_first=only_first[:most],
                    only_here=only_here[:most],
                    more_sentences=sum(max(0, len(lines) - most) for lines in (changed, only_first, only_here)),
                )
            )
        return Compared(shared_skills=list(comparison.shared_skills())[:_LINES], roles=compared)


def make_server(roles: RoleIndex) -> MCPServer[Any]:
    """The server over one index; `run()` serves it on standard input and output until the former ends. The model is loaded while both sides say hello."""

    @asynccontextmanager
    async def lifespan(server: MCPServer[Any]) -> AsyncIterator[None]:
        # Not before: from here on, what a library prints while it is loaded no longer reaches the protocol.
        threading.Thread(target=_load, args=(roles,), daemon=True).start()
        yield

    server: MCPServer[Any] = MCPServer(
        "rolesearch", title="Role Search", version=version("rolesearch"), instructions=_INSTRUCTIONS, log_level="WARNING", lifespan=lifespan
    )
    tools = Tools(roles)
    methods: Sequence[Callable[..., BaseModel]] = (tools.search, tools.role, tools.match, tools.compare)
    for method in methods:
        server.add_tool(method, annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False))
    return server


def _load(roles: RoleIndex) -> None:
    # What is wrong is told by the first question that needs the model.
    with suppress(RoleSearchError):
        roles.load()


@contextmanager
def _errors_told() -> Iterator[None]:
    """Errors that the assistant, or who it works for, can cure are told to it with the cure."""
    try:
        yield
    except RoleSearchError as error:
        raise ToolError(str(error)) from error


def _found(hit: Hit) -> FoundRole:
    return FoundRole(
        role_id=hit.role_id,
        title=_clipped(hit.title, _SENTENCE),
        score=round(hit.score, 3),
        attributes=_attributes(hit.attributes),
        passages=[_clipped(passage.text, _PASSAGE) for passage in hit.passages[:_PASSAGES]],
        twins=[twin.role_id for twin in hit.twins[:_PASSAGES]],
    )


def _matched(match: Match) -> MatchedRole:
    lines = {verdict: [_match_line(line) for line in match.lines if line.verdict is verdict] for verdict in Verdict}
    return MatchedRole(
        role_id=match.role_id,
        title=_clipped(match.title, _SENTENCE),
        share=round(match.share, 3),
        more_lines=sum(max(0, len(one) - _LINES) for one in lines.values()),
        **{verdict.value: lines[verdict][:_LINES] for verdict in Verdict},
    )


def _match_line(line: Line) -> str:
    asked = _line(line.ask.said) + (" (wished)" if line.ask.wished else "")
    shown = line.value or (_line(line.shown.text) if line.shown else "")
    return f"{asked}: {shown}" if shown else asked


def _understood(understood: Understood) -> list[str]:
    return [_line(text) for text in [*map(wish_text, understood.wishes), *map(demand_text, understood.demands)]][:_LINES]


def _attributes(attributes: Attributes) -> dict[str, str]:
    return {key: _clipped(attribute_text(value), _VALUE) for key, value in list(attributes.items())[: 2 * _LINES]}


def _line(text: str) -> str:
    return _clipped(printable(text), _SENTENCE)


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 2] + " …"


def _fitting(answer: T) -> T:
    """The answer without the last of its roles, as many as must go for it to be short enough; how many stands in it."""
    roles = list(getattr(answer, "roles", ()))
    for kept in range(len(roles), 0, -1):
        shorter = answer.model_copy(update={"roles": roles[:kept], "left_out": len(roles) - kept})
        if len(shorter.model_dump_json()) <= MOST_CHARACTERS:
            return shorter
    return answer.model_copy(update={"roles": roles[:1], "left_out": len(roles) - 1}) if roles else answer
