"""Documents to roles: finds the title, lays out the text and marks its sections. Knows nothing of file formats; attributes are read elsewhere."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from ingest.documents import Block, BlockKind, Document
from ingest.headings import OTHER, excludes, section_name, section_of_opening
from search.attributes.reading import with_attributes
from search.errors import Refused
from search.records import Role, Section
from search.sentences import sentence_spans

# Raised whenever the same file would give other roles than before: files are then read again at the next ingest.
PARSER_VERSION = 2

LONGEST_HEADING = 80
LONGEST_TITLE = 160
# The title is looked for in this many blocks.
OPENING_BLOCKS = 6
# A file is taken for several roles when each of its level-1 headings has at least this many words below it.
WORDS_OF_A_ROLE = 40

_TITLE_LABEL = re.compile(
    r"^(?:job title|job|position|role|title|(?:internal and external )?vacancy|subject|wanted|(?:we(?:['’]re| are) |now )?hiring)\s*:\s*", re.IGNORECASE
)
# A line that states the title outright, as adverts in the form of a mail do.
_TITLE_LINE = re.compile(r"^(?:job )?title\s*:\s*\S", re.IGNORECASE)
# "About the Data Engineer role" is titled Data Engineer.
_ABOUT_THE_ROLE = re.compile(r"^about (?:the|our|this) (\S.*) (?:role|position|job)$", re.IGNORECASE)
# What stands above a title on a form, not a title.
_NO_TITLE = re.compile(
    r"\b(?:vacanc(?:y|ies)|job (?:advert(?:isement)?|description|posting|opening|specification)|role profile|position description)\b", re.IGNORECASE
)
_SMALL_WORDS = frozenset({"a", "an", "and", "at", "for", "in", "of", "on", "or", "the", "to", "with"})


def roles_of(document: Document, role_id: str, source: str) -> list[Role]:
    """The roles that a document describes, in order; a document that is one record gives one.

    `role_id` names the first; further ones get "#2", "#3", … Raises Refused when there is no text besides a title.
    """
    roles = [_role(part, role_id if number == 1 else f"{role_id}#{number}", source) for number, part in enumerate(_parts(document), start=1)]
    return [replace(role, id=document.record_id) if document.record_id and number == 0 else role for number, role in enumerate(roles)]


def _parts(document: Document) -> list[Document]:
    """A whole file with several level-1 headings, each a role of its own, is taken apart; any other document stays as it is."""
    starts = [number for number, block in enumerate(document.blocks) if block.kind is BlockKind.HEADING and block.level == 1]
    if not document.whole_file or len(starts) < 2 or starts[0] != 0:
        return [document]
    parts = [document.blocks[start:end] for start, end in zip(starts, [*starts[1:], len(document.blocks)], strict=True)]
    if any(section_name(part[0].text) != OTHER or _words(part[1:]) < WORDS_OF_A_ROLE for part in parts):
        return [document]
    return [replace(document, blocks=part, title=None) for part in parts]


def _words(blocks: Sequence[Block]) -> int:
    return sum(len(block.text.split()) for block in blocks)


def _role(document: Document, role_id: str, source: str) -> Role:
    title, blocks = _titled(document, fallback=_title_from_path(role_id))
    text, sections = _laid_out(blocks)
    if not any(section.start < section.end for section in sections):
        raise Refused(f"no text besides the title {title!r}" if document.title or document.blocks else "no text")
    return with_attributes(Role(role_id, title, text, source, sections, document.attributes))


def _titled(document: Document, fallback: str) -> tuple[str, Sequence[Block]]:
    """The title, and the blocks without the one that only repeats or states it, unless the title was cut."""
    blocks = document.blocks
    stated = _clean_title(document.title or "")
    number = next((number for number, block in enumerate(blocks[:OPENING_BLOCKS]) if _TITLE_LINE.match(block.text)), None)
    form_head = len(blocks) > 1 and blocks[0].kind is blocks[1].kind is BlockKind.HEADING and _NO_TITLE.search(blocks[0].text)
    if number is None and blocks and _may_be_title(blocks[1 if form_head else 0]):
        number = 1 if form_head else 0
    if number is None:
        number = next((number for number, block in enumerate(blocks[:OPENING_BLOCKS]) if _is_title_heading(block)), None)
    candidate = _clean_title(blocks[number].text) if number is not None else ""
    if number is not None and candidate and (not stated or candidate.casefold() == stated.casefold()):
        is_cut = len(blocks[number].text) > LONGEST_TITLE
        return candidate, blocks if is_cut else [*blocks[:number], *blocks[number + 1 :]]
    return stated or fallback, blocks


def _is_title_heading(block: Block) -> bool:
    return block.kind is BlockKind.HEADING and block.level == 1 and _may_be_title(block)


def _may_be_title(block: Block) -> bool:
    if _NO_TITLE.search(_clean_title(block.text)):
        return False
    if block.kind is BlockKind.HEADING:
        return block.level == 1 or section_name(block.text) == OTHER
    if block.kind is not BlockKind.PARAGRAPH or block.text.endswith((".", ":")):
        return False
    return len(block.text) <= LONGEST_TITLE if _TITLE_LABEL.match(block.text) else block.bold and len(block.text) <= LONGEST_HEADING


def _clean_title(title: str) -> str:
    while (shorter := _TITLE_LABEL.sub("", title.strip())) != title:
        title = shorter
    title = _ABOUT_THE_ROLE.sub(r"\1", _cut(title.rstrip(":").strip()))
    return _in_title_case(title) if title.isupper() and len(title.split()) > 1 else title


def _cut(title: str) -> str:
    """A title cut after its last word that fits."""
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE + 1].rpartition(" ")[0].rstrip() or title[:LONGEST_TITLE]


def _in_title_case(title: str) -> str:
    """A title in capitals as people write titles; words of up to three letters stay, since most are abbreviations (QA, SRE, IT).

    >>> _in_title_case("SENIOR QA ENGINEER FOR THE WEB TEAM")
    'Senior QA Engineer for the WEB Team'
    """
    words = title.split()
    return " ".join(
        word.lower() if number and word.lower() in _SMALL_WORDS else word if len(word.strip("(),")) <= 3 else word.title() for number, word in enumerate(words)
    )


def _title_from_path(role_id: str) -> str:
    stem = PurePosixPath(role_id.split("#")[0]).name.split(".")[0]
    return re.sub(r"[-_\s]+", " ", stem).strip().capitalize() or role_id


@dataclass(slots=True)
class _OpenSection:
    name: str
    heading: str
    level: int
    start: int
    above: tuple[str, ...] = ()


def _laid_out(blocks: Sequence[Block]) -> tuple[str, tuple[Section, ...]]:
    """Blocks as one text, and the sections with their spans in it."""
    lines: list[str] = []
    length = 0
    sections: list[Section] = []
    has_headings = any(_is_heading(block, following) for block, following in _with_following(blocks))
    current = _OpenSection("about" if has_headings else OTHER, "", 0, 0)
    previous: Block | None = None
    nesting: list[_OpenSection] = []

    def close(end: int) -> None:
        if current.start < end:
            sections.append(Section(current.name, current.heading, current.start, end, current.above))

    for block, following in _with_following(blocks):
        gap = "" if previous is None else "\n" if previous.kind is block.kind is BlockKind.ITEM else "\n\n"
        line = "  " * block.level + f"- {block.text}" if block.kind is BlockKind.ITEM else block.text
        line_start = length + len(gap)
        if _is_heading(block, following):
            close(length)
            level = block.level or 7
            while nesting and nesting[-1].level >= level:
                nesting.pop()
            name = section_name(block.text)
            if name == OTHER and nesting and not excludes(block.text):
                name = nesting[-1].name
            current = _OpenSection(name, block.text, level, line_start + len(line), tuple(outer.heading for outer in nesting))
            nesting.append(current)
        elif not has_headings and block.kind is BlockKind.PARAGRAPH and (name_by_wording := _name_by_wording(block.text)) not in (None, current.name):
            close(length)
            current = _OpenSection(str(name_by_wording), "", 0, line_start)
        lines.append(gap + line)
        length = line_start + len(line)
        previous = block
    close(length)
    text = "".join(lines)
    return text, tuple(tight for section in sections if (tight := _tightened(text, section)) is not None)


def _with_following(blocks: Sequence[Block]) -> Iterator[tuple[Block, Block | None]]:
    return zip(blocks, [*blocks[1:], None][: len(blocks)], strict=True)


def _is_heading(block: Block, following: Block | None) -> bool:
    """A heading of the format, a bold line, or a short line with a colon, or in the known wording, that introduces something."""
    if block.kind is BlockKind.HEADING:
        return True
    if block.kind is not BlockKind.PARAGRAPH or len(block.text) > LONGEST_HEADING or following is None or following.kind is BlockKind.HEADING:
        return False
    if block.bold:
        return True
    if len(block.text.split()) > 8 or block.text.endswith((".", "!", ",", ";")):
        return False
    return (block.text.endswith(":") and following.kind is BlockKind.ITEM) or (
        ":" not in block.text and section_name(block.text) != OTHER and len(block.text.split()) <= 5
    )


def _name_by_wording(paragraph: str) -> str | None:
    start, end = next(sentence_spans(paragraph, 0, len(paragraph)), (0, 0))
    return section_of_opening(paragraph[start:end])


def _tightened(text: str, section: Section) -> Section | None:
    """The section without the whitespace at its edges; None when nothing is left."""
    body = text[section.start : section.end]
    start = section.start + len(body) - len(body.lstrip())
    end = section.start + len(body.rstrip())
    return replace(section, start=start, end=end) if start < end else None
