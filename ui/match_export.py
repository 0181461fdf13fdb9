"""Roles matched with a text as a file to take along, as CSV, JSON or Markdown; the text itself is only quoted where it shows what a role asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from search.match import Line, Match, Verdict
from search.quotes import Quote
from search.records import Filters, Hit, Role
from ui.export import Cell, as_markdown, csv_bytes, json_bytes, markdown_line
from ui.present import DIGITS, matches_json

COLUMNS: Final = ("rank", "role_id", "title", "share", "verdict", "needed", "kind", "asked", "value", "in_role", "in_text", "text", "filters", "generation",
                  "exported_at")  # fmt: skip


@dataclass(frozen=True, slots=True)
class MatchExport:
    """What is exported: the roles that were matched with `text`, best first, from one generation of the index, at the time `at`, which knows its time zone."""

    text: Role
    matches: Sequence[tuple[Hit, Match]]
    filters: Filters
    generation: str
    at: datetime

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise ValueError("the time of an export must have a time zone")

    @property
    def conditions(self) -> list[str]:
        """The filters as a user writes them."""
        return [f"{condition.key}{condition.operator}{condition.value}" for condition in self.filters.conditions]

    @property
    def time(self) -> str:
        """When it was exported, to the second (ISO 8601)."""
        return self.at.isoformat(timespec="seconds")

    def file_name(self, suffix: str) -> str:
        """A name for the file, such as "match-20250131-154500.csv": it tells nothing of whose text it is."""
        return f"match-{self.at:%Y%m%d-%H%M%S}.{suffix}"


def csv_of(export: MatchExport) -> bytes:
    """A row for each thing that a role asks for, below a row of names; no text can become a formula."""
    rows = [_cells(export, rank, match, line) for rank, (_, match) in enumerate(export.matches, start=1) for line in match.lines]
    return csv_bytes([list(COLUMNS), *rows])


def json_of(export: MatchExport) -> bytes:
    """What `rolesearch match --json` prints, with what only an export knows."""
    own = {"filters": export.conditions, "generation": export.generation, "exported_at": export.time}
    return json_bytes(own | matches_json(export.text, export.matches))


def markdown_of(export: MatchExport) -> bytes:
    """To be read: a heading a role, and below it what it asks for with both sides' sentences. All text of roles and of the text is plain."""
    count = len(export.matches)
    how = markdown_line(
        f"{count} {'role' if count == 1 else 'roles'}",
        f"filtered by {', '.join(export.conditions)}" if export.conditions else "no filters",
        f"exported {export.at:%Y-%m-%d %H:%M} UTC{export.at:%z}",
        f"generation {export.generation}",
    )
    roles = [_role(rank, match) for rank, (_, match) in enumerate(export.matches, start=1)]
    return ("\n\n".join([f"# Roles for {as_markdown(export.text.title) or 'a text'}", how, *roles]) + "\n").encode()


def _cells(export: MatchExport, rank: int, match: Match, line: Line) -> list[Cell]:
    said = [line.verdict.value, "wished" if line.ask.wished else "needed", line.ask.kind.value, line.ask.said, line.value]
    quotes = [_words(line.ask.quote), _words(line.shown)]
    asked = [export.text.title, " | ".join(export.conditions), export.generation, export.time]
    return [rank, match.role_id, match.title, round(match.share, DIGITS), *said, *quotes, *asked]


def _words(quote: Quote | None) -> str:
    return quote.text if quote else ""


def _role(rank: int, match: Match) -> str:
    counts = markdown_line(*(f"{match.count(verdict)} {verdict.value}" for verdict in Verdict), match.role_id)
    lines = "\n".join(_line(line) for verdict in Verdict for line in match.lines if line.verdict is verdict)
    return "\n\n".join(part for part in (f"## {rank}. {as_markdown(match.title) or 'Untitled'}", counts, lines) if part)


def _line(line: Line) -> str:
    """A list item with the two quotes below it."""
    kind = f"{line.ask.kind.value}, wished" if line.ask.wished else line.ask.kind.value
    parts = [f"- **{line.verdict.value}** ({kind}): {as_markdown(line.ask.said)}"]
    parts += [f"  - the role: “{as_markdown(line.ask.quote.text)}”"] if line.ask.quote and line.ask.quote.text != line.ask.said else []
    parts += [f"  - the text: “{as_markdown(line.shown.text)}”"] if line.shown else []
    return "\n".join(parts)
