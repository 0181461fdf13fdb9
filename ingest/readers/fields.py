"""Records with named fields to documents: which field is the title, which the text, and what becomes an attribute. For tables and JSON."""

import html
import math
import re
from collections.abc import Iterable, Mapping

from ingest.documents import Block, Document
from ingest.readers.blocks import BlockList, clean, has_words, same_words, unescaped, without_title
from ingest.readers.markup import blocks_from_element, parse
from ingest.readers.plain_text import blocks_from_text, first_line_dropped
from search.errors import Refused
from search.records import AttributeValue

# In order of preference; names are compared in snake_case.
ID_NAMES = (
    "id",
    "role_id",
    "job_id",
    "jobid",
    "posting_id",
    "requisition_id",
    "req_id",
    "reference",
    "ref",
    "identifier",
    "uuid",
)
TITLE_NAMES = (
    "title", "job_title", "jobtitle", "role_title", "position_title", "position", "role", "role_name", "job_name", "job", "name",
)  # fmt: skip
TEXT_NAMES = (
    "text", "description", "job_description", "jobdescription", "role_description", "full_description", "description_html", "body",
    "content", "full_text", "details", "job_details", "posting", "advert", "html", "summary",
)  # fmt: skip
# Fields that hold a part of the description. A few words in them are a value to filter by; more are text to be searched.
SECTION_NAMES: Mapping[str, str] = {
    "about": "About",
    "about_the_role": "About the role",
    "responsibilities": "Responsibilities",
    "duties": "Duties",
    "tasks": "Tasks",
    "requirements": "Requirements",
    "qualifications": "Qualifications",
    "minimum_qualifications": "Minimum qualifications",
    "preferred_qualifications": "Preferred qualifications",
    "skills": "Skills",
    "experience": "Experience",
    "education": "Education",
    "education_requirements": "Education requirements",
    "experience_requirements": "Experience requirements",
    "benefits": "Benefits",
    "job_benefits": "Benefits",
    "about_the_company": "About the company",
    "company_description": "About the company",
}
_SECTION_WORDS = 12
MAX_FIELDS = 2_000
# What an attribute can hold: SQLite's integers.
_LARGEST_INTEGER = 2**63 - 1

_BLOCK_TAG = re.compile(r"</?(?:p|br|div|ul|ol|li|h[1-6]|table|tr|td|section|article|dl|dt|dd|pre|hr|blockquote)\b[^<>]*>", re.IGNORECASE)
_INLINE_TAG = re.compile(r"</?(?:b|strong|i|em|u|a|span|font|small|sup|sub)(?:\s[^<>]*)?>", re.IGNORECASE)
_ESCAPED_TAG = re.compile(r"&lt;/?(?:p|br|div|ul|ol|li|h[1-6]|strong|b|em|i|span|table|section)\b", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def key_of(name: str) -> str:
    """A field's name in snake_case: "Job Title", "jobTitle" and "job-title" are all job_title."""
    return "_".join(re.findall(r"\w+", _CAMEL.sub(" ", clean(name)).replace("_", " "))).lower()


def has_text_field(keys: Iterable[str]) -> bool:
    """Whether a record with these keys can hold a role's text."""
    return not {*TEXT_NAMES, *SECTION_NAMES}.isdisjoint(keys)


def document_of(record: Mapping[str, AttributeValue]) -> Document:
    """The one role that a record describes; Refused where it has no text, or more fields than a table may have columns."""
    if len(record) > MAX_FIELDS:
        raise Refused(f"too many fields: {len(record):,}, at most {MAX_FIELDS:,}; leave out those that nobody filters by")
    id_key, title_key, text_key = (_first_filled(record, names) for names in (ID_NAMES, TITLE_NAMES, TEXT_NAMES))
    title = clean(unescaped(_as_text(record[title_key]))) if title_key else None
    blocks = blocks_from_field(_as_text(record[text_key]), title) if text_key else []
    sections = [key for key in SECTION_NAMES if key in record and _is_section(record[key])]
    for key in sections:
        blocks.extend(section(SECTION_NAMES[key], record[key]))
    if not blocks:
        raise Refused("no text: " + (f"nothing to read in {text_key!r}" if text_key else f"none of the fields {', '.join(TEXT_NAMES[:4])}, … is filled"))
    used = {id_key, title_key, text_key, *sections}
    attributes = {key: tidy for key, value in record.items() if key not in used and (tidy := attribute_of(value)) is not None}
    return Document(blocks, title, id_in(record), attributes, whole_file=False)


def id_in(record: Mapping[str, AttributeValue]) -> str | None:
    """The id of a record, also of one that gives no document."""
    key = _first_filled(record, ID_NAMES)
    return record_id_of(record[key]) if key else None


def blocks_from_field(text: str, title: str | None = None) -> list[Block]:
    """The blocks of a text that stands in a field, be it HTML or plain; a first line that repeats the title is dropped."""
    if _ESCAPED_TAG.search(text) and not _BLOCK_TAG.search(text):
        text = html.unescape(text)
    if _BLOCK_TAG.search(text):
        return without_title(blocks_from_element(parse(text)), title)
    plain = unescaped(_INLINE_TAG.sub("", text))
    return without_title(blocks_from_text(first_line_dropped(plain, title or "")), title)


def section(name: str, value: AttributeValue) -> list[Block]:
    """A heading and what stands below it: the items of a list, or the blocks of a text."""
    found = BlockList()
    if isinstance(value, tuple):
        for entry in value:
            found.item(unescaped(entry))
    else:
        found.extend(blocks_from_field(_as_text(value)))
    if not found.blocks:
        return []
    headed = BlockList()
    if not same_words(found.blocks[0].text, name):
        headed.heading(name, 2)
    headed.extend(found.blocks)
    return headed.blocks


def attribute_of(value: AttributeValue) -> AttributeValue | None:
    """A value as an attribute: text cleaned, nothing for what is empty or no number."""
    if isinstance(value, tuple):
        entries = tuple(filter(None, (clean(unescaped(entry)) for entry in value)))
        return entries or None
    if isinstance(value, str):
        return clean(unescaped(value)) or None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        return str(value)
    return value


def record_id_of(value: object) -> str | None:
    """An id as text; whole numbers become their digits, anything else that is no text is no id."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean(str(value)) or None if isinstance(value, str | int) else None


def _first_filled(record: Mapping[str, AttributeValue], names: Iterable[str]) -> str | None:
    return next((name for name in names if name in record and has_words(_as_text(record[name]))), None)


def _as_text(value: AttributeValue) -> str:
    return "\n\n".join(value) if isinstance(value, tuple) else str(value)


def _is_section(value: AttributeValue) -> bool:
    return isinstance(value, str | tuple) and len(_as_text(value).split()) > _SECTION_WORDS
