"""What a reader hands on: a document as a list of blocks, before anything is known about roles. No format is read here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from search.records import AttributeValue


class BlockKind(StrEnum):
    """The kinds of block that every format can be brought to."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph or list item, as plain text on one line, whitespace folded, markup removed.

    `level` is the heading's level, 1 to 6, or the depth of a list item, from 0. `bold` says that a paragraph is bold from end to end, which many
    adverts use in place of headings.
    """

    kind: BlockKind
    text: str
    level: int = 0
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """What was read: one record of a table, or one whole file.

    `title` and `record_id` are set where the format states them (front matter, a table's column, JobPosting), else None and parsing looks for a title.
    `attributes` are the further named values that came with it. `whole_file` is False for a record of a table or array, which is always
    exactly one role; a whole file may turn out to hold several.
    """

    blocks: Sequence[Block]
    title: str | None = None
    record_id: str | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    whole_file: bool = True


@dataclass(frozen=True, slots=True)
class ReaderRefusal:
    """A part of a file that could not be read, such as one record or one member of an archive: `part` names it, `reason` says why.

    `record_id` is the id of the refused record where it could still be read: what the index holds under it is then kept.
    """

    part: str
    reason: str
    record_id: str | None = None
