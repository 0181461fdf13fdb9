"""The form of questions and answers, to check the former and describe the latter. Answers are made by `ui.present`, as for the command line."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator

from search.records import Mode
from ui.jobs import JobState
from ui.service.limits import LONGEST_CV, LONGEST_FILTER, LONGEST_ID, LONGEST_QUERY, LONGEST_QUERY_IN_ADDRESS, MOST_FILTERS, MOST_LIKED, MOST_ROLES

RoleId = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID)]
FILTER = "key=value, or with != >= <= in its middle; those with = on one key are alternatives, all else must hold together"
# The pattern describes what search.filters reads; what is wrong with a filter, and how it is written right, says the library.
FilterText = Annotated[
    str,
    StringConstraints(min_length=3, max_length=LONGEST_FILTER),
    WithJsonSchema({"type": "string", "minLength": 3, "maxLength": LONGEST_FILTER, "pattern": r"^\s*[^\s=<>!][^=<>!]*(!=|>=|<=|=)\s*\S"}),
]
FilterTexts = Annotated[list[FilterText], Field(max_length=MOST_FILTERS, description=FILTER, examples=[["level=senior", "remote=true"]])]
RoleIds = Annotated[list[RoleId], Field(max_length=MOST_LIKED, description="ids of roles")]
Phrases = Annotated[list[Annotated[str, StringConstraints(max_length=LONGEST_QUERY_IN_ADDRESS)]], Field(max_length=MOST_LIKED, description="phrases")]


class Question(BaseModel):
    """What the questions of this service have in common: a name that is not known is an error, not passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paged(Question):
    """A page of the best roles, of which there are at most 100 in all."""

    k: int = Field(10, ge=1, le=MOST_ROLES, description="roles on a page")
    offset: int = Field(0, ge=0, lt=MOST_ROLES, description="roles before this page; `next_offset` of an answer is that of the next page")
    filter: FilterTexts = []

    @model_validator(mode="after")
    def _within_the_best(self) -> Self:
        if self.offset + self.k > MOST_ROLES:
            raise ValueError(f"offset and k together go beyond the {MOST_ROLES} best roles; narrow the question instead, with filters or more words")
        return self


class SearchQuestion(Paged):
    """A search: `"exact phrase"` must occur, `-word` and `-"phrase"` leave roles out."""

    query: str = Field(max_length=LONGEST_QUERY, description="what to look for", examples=["Kubernetes mentorship lead"])
    mode: Mode = Field(Mode.HYBRID, description="by meaning (dense), by words (lexical), or both")
    every: bool = Field(False, description="list near-identical roles, too, not only the best of them with the others as its twins")


class SearchAddress(SearchQuestion):
    """A search as an address holds it; a longer query is sent as a body, which also keeps it out of the logs of proxies."""

    query: str = Field(max_length=LONGEST_QUERY_IN_ADDRESS, description="what to look for", examples=["Kubernetes mentorship lead"])


class SimilarQuestion(Paged):
    """Roles like some and unlike others, which are named by id or described; at least one that is liked. `query` may say what they should be besides."""

    like: RoleIds = Field([], examples=[["roles/engineering/senior-site-reliability-engineer.pdf"]])
    unlike: RoleIds = []
    like_text: Phrases = []
    unlike_text: Phrases = Field([], examples=[["shift work"]])
    mode: Mode = Field(Mode.HYBRID, description="both, or by meaning alone (dense); words alone cannot be steered")
    query: str = Field("", max_length=LONGEST_QUERY_IN_ADDRESS)

    @model_validator(mode="after")
    def _something_liked(self) -> Self:
        if not self.like and not any(map(str.strip, self.like_text)):
            raise ValueError("give at least one of like and like_text")
        return self


class MatchQuestion(Question):
    """A text, such as a CV, or a role of the index, to find the roles that fit it."""

    text: str | None = Field(None, min_length=1, max_length=LONGEST_CV, examples=["Eight years of running Kubernetes clusters; mentor of four engineers."])
    role_id: RoleId | None = None
    k: int = Field(5, ge=1, le=20, description="how many roles at most")
    filter: FilterTexts = []

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.role_id is None):
            raise ValueError("give either text or role_id")
        return self


class FacetsQuestion(Question):
    """Counts over the roles that the filters leave, and what the query demands."""

    query: str = Field("", max_length=LONGEST_QUERY_IN_ADDRESS)
    filter: FilterTexts = []


class Answer(BaseModel):
    """What an answer holds at least: later versions may add to it."""

    model_config = ConfigDict(extra="allow")


class Passage(Answer):
    """A stretch of the role's text: its characters [start, end)."""

    text: str
    section: str
    start: int
    end: int
    score: float


class Hit(Answer):
    """A role that answers the question, why it does, and the passages that show it."""

    role_id: str
    title: str
    source: str
    score: float
    why: dict[str, float]
    attributes: dict[str, Any]
    passages: list[Passage]
    twins: list[dict[str, str]]


class SearchAnswer(Answer):
    """As `rolesearch search --json` prints it, and where the next page begins: null on the last."""

    query: str
    mode: Mode
    took_ms: float
    generation: str
    understood: dict[str, Any]
    notes: list[str]
    hits: list[Hit]
    next_offset: int | None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "query": "team lead bakery",
                    "mode": "hybrid",
                    "took_ms": 12.4,
                    "generation": "000003",
                    "understood": {
                        "text": "team lead bakery",
                        "wishes": [{"key": "level", "value": "lead", "said": "lead"}],
                        "demands": [],
                        "phrases": [],
                        "excluded": [],
                        "corrections": [],
                    },
                    "notes": [],
                    "hits": [
                        {
                            "role_id": "kitchen/baker.md",
                            "title": "Lead Baker",
                            "source": "kitchen/baker.md",
                            "score": 1.18,
                            "why": {"dense": 0.71, "dense_rank": 1.0, "role": 0.66, "lexical": 4.2, "lexical_rank": 1.0, "wish_level": 1.0},
                            "attributes": {"level": "lead", "family": "manufacturing"},
                            "passages": [{"text": "- Lead a team of four at the ovens", "section": "responsibilities", "start": 13, "end": 47, "score": 0.78}],
                            "twins": [],
                        }
                    ],
                    "next_offset": 10,
                }
            ]
        }
    )


class Quote(Answer):
    """Words of a text and where they stand in it, or in its title."""

    text: str
    start: int
    end: int
    in_title: bool


class MatchLine(Answer):
    """One thing that a role asks for, and where the text shows it."""

    kind: str
    asked: str
    wished: bool
    verdict: Literal["met", "partly", "missing"]
    value: str
    in_role: Quote | None
    in_text: Quote | None
    nearness: float | None


class MatchedRole(Answer):
    """A role that fits, with how much of what it needs the text shows, from 0 to 1."""

    role_id: str
    title: str
    source: str
    score: float
    share: float
    met: int
    partly: int
    missing: int
    lines: list[MatchLine]


class MatchAnswer(Answer):
    """As `rolesearch match --json` prints it."""

    text: dict[str, Any]
    matches: list[MatchedRole]


class CompareAnswer(Answer):
    """As `rolesearch compare --json` prints it: two to four roles, each after the first against the first."""

    roles: list[dict[str, str]]
    attributes: list[dict[str, Any]]
    skills: list[dict[str, Any]]
    shared_skills: list[str]
    own_skills: list[list[str]]
    against_first: list[dict[str, Any]]


class RoleSection(Answer):
    """A part of a role's text: its characters [start, end), below a heading."""

    name: str
    heading: str
    start: int
    end: int


class RoleAnswer(Answer):
    """One role, whole. `readings` say where in the text, or in the title, attributes were read."""

    role_id: str
    title: str
    text: str
    source: str
    sections: list[RoleSection]
    attributes: dict[str, Any]
    readings: list[dict[str, Any]]


class FacetsAnswer(Answer):
    """Attribute to its values, each with the number of roles that choosing it would leave."""

    facets: dict[str, dict[str, int]]


class JobAnswer(Answer):
    """An ingest: `done` of `total` files (stage "reading") or chunks ("embedding"); its report when it is done, or the problem when it failed."""

    job: int
    state: JobState
    started: str
    stage: str
    done: int
    total: int
    report: dict[str, Any] | None
    error: str | None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "job": 1,
                    "state": "running",
                    "started": "2026-11-26T03:00:00+00:00",
                    "stage": "embedding",
                    "done": 128,
                    "total": 640,
                    "report": None,
                    "error": None,
                }
            ]
        }
    )


class ReadyAnswer(Answer):
    """That questions will be answered, and from what."""

    ready: Literal[True]
    generation: str
    roles: int
    read_only: bool


class HealthAnswer(Answer):
    """That the process lives."""

    status: Literal["ok"]


class ProblemAnswer(Answer):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[dict[str, str]] = []
