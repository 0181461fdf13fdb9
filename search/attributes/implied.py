"""Skills that a text shows without naming them: by a job that is called after the discipline, or by a tool that is a way to practise it.

For matching only: a role's attributes stay what it names itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from search.attributes import skills
from search.attributes.negation import negated
from search.attributes.regex import regex
from search.records import Role

# Who practises what: a "platform engineer" shows platform engineering. Only disciplines that the gazetteer names are looked for.
_DOERS = {
    "engineering": "engineer", "administration": "administrator", "management": "manager", "research": "researcher", "writing": "writer",
    "analysis": "analyst", "design": "designer", "science": "scientist", "development": "developer", "testing": "tester", "architecture": "architect",
    "accounting": "accountant", "planning": "planner", "teaching": "teacher", "nursing": "nurse",
}  # fmt: skip
# Who works with one of these practises that, whatever the rest of the work is. A tool with which one may also do something else is left out.
_PRACTISED_WITH = {
    "infrastructure as code": ("Terraform", "OpenTofu", "Pulumi", "AWS CloudFormation", "AWS CDK", "Crossplane"),
    "containerization": ("Docker", "Podman", "Kubernetes"),
    "CI/CD": ("GitHub Actions", "GitLab CI", "Jenkins", "CircleCI", "Travis CI", "TeamCity"),
    "version control": ("Git", "Mercurial", "Subversion"),
    "GitOps": ("Argo CD", "Flux"),
    "cloud computing": ("AWS", "Microsoft Azure", "Google Cloud"),
}
# A line's job: what stands before the employer, the place or the dates.
_JOB = regex(r"^[ \t]*(?:[-–•*▪·][ \t]*)*([^\n,;:|(@–—\d]*[^\s,;:|(@–—\d-])", re.MULTILINE)
_AT = regex(r"\s+(?:at|for|with|-)\s.*")
# Every word of a job at a line's beginning has a capital, but for the last two ("Senior platform engineer"): "I reported to the platform engineer" is none.
_TITLED = regex(r"(?:[^a-z\s]\S*\s+)*(?:\S+\s+)?\S+$")
_IN_PROSE = regex(rf"\b(?:as|am|was|been) an? ((?:[\w-]+ ){{0,4}}?(?:{'|'.join(_DOERS.values())}))\b", re.IGNORECASE)
_WORD = regex(r"[\w&/-]+")
_GRADE = regex(r"(?:I{1,3}|IV|V|[A-Z]{1,2}\d)$")
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Job:
    """A job that the text's author holds or held, by whose name a skill is shown: at [start, end) of the text, or of the title."""

    skill: str
    start: int
    end: int
    in_title: bool = False


def jobs(role: Role) -> Iterator[Job]:
    """The jobs in a text's title, at the beginnings of its lines ("Platform Engineer, Acme, 2015 - 2019") and in "worked as a platform engineer"."""
    for match in _JOB.finditer(role.title):
        yield from _jobs_in(_AT.sub("", match[1]), match.start(1), in_title=True)
    for match in _JOB.finditer(role.text):
        job = _AT.sub("", match[1])
        if _TITLED.match(job):
            yield from _jobs_in(job, match.start(1))
    for match in _IN_PROSE.finditer(role.text):
        if not negated(role.text, match.start(1), match.end(1)):
            yield from _jobs_in(match[1], match.start(1))


def shown_by(skill: str, names: Iterable[str]) -> str | None:
    """The first of the names of skills that cannot be had without `skill`, None where none is such.

    >>> shown_by("infrastructure as code", ["Python", "Terraform"])
    'Terraform'
    """
    tools = _PRACTISED_WITH.get(skill, ())
    return next((name for name in names if name in tools), None)


def _jobs_in(said: str, start: int, *, in_title: bool = False) -> Iterator[Job]:
    """The discipline that the last words of a job's name are called after."""
    words = list(_WORD.finditer(said))
    while words and _GRADE.match(words[-1].group()):
        words.pop()
    if len(words) > _MOST_WORDS:
        return
    for first in range(len(words)):
        skill = _disciplines().get(" ".join(word.group() for word in words[first:]).lower())
        if skill:
            yield Job(skill, start + words[first].start(), start + words[-1].end(), in_title)
            return


@cache
def _disciplines() -> Mapping[str, str]:
    """The name of who practises it, in lower case, to the discipline."""
    found: dict[str, str] = {}
    for name, spelling in skills.spellings():
        before, _, last = spelling.lower().rpartition(" ")
        doer = _DOERS.get(last)
        if doer and skills.kind_of(name) != "technology":
            found.setdefault(f"{before} {doer}".strip(), name)
    return found
