"""schema.org JobPosting to documents, wherever it comes from: a page's JSON-LD, a .json or .jsonl file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingest.documents import Block, Document
from ingest.readers import fields
from ingest.readers.blocks import clean, unescaped, without_title
from search.errors import Refused
from search.records import AttributeValue

# Properties that become headed sections after the description, where the description does not hold their words already.
_SECTIONS: Mapping[str, str] = {
    "responsibilities": "Responsibilities",
    "qualifications": "Qualifications",
    "skills": "Skills",
    "educationRequirements": "Education requirements",
    "experienceRequirements": "Experience requirements",
    "jobBenefits": "Benefits",
    "incentiveCompensation": "Incentives",
}
_ADDRESS = ("streetAddress", "addressLocality", "addressRegion", "addressCountry")
# How deeply postings are looked for: pages nest them in @graph, mainEntity and itemListElement.
_DEEPEST = 8
# Some sites put only a summary of the visible text into the JobPosting.
_LONGER = 1.5


def postings_in(value: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Every JobPosting within a JSON value."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        if _is_posting(value):
            yield value
            return
        inner: Sequence[object] = list(value.values())
    else:
        inner = value if isinstance(value, list) else []
    for entry in inner:
        yield from postings_in(entry, depth + 1)


def document_of(posting: Mapping[str, Any], page: Sequence[Block] = ()) -> Document:
    """The role that a JobPosting describes; Refused where it has no text. What stands on its `page` is taken where that is clearly more."""
    title = clean(unescaped(_text(posting.get("title")) or _text(posting.get("name")))) or None
    blocks = fields.blocks_from_field(_text(posting.get("description")), title)
    held = " ".join(block.text for block in blocks).casefold()
    for key, name in _SECTIONS.items():
        section = _section(name, posting.get(key))
        if section and any(block.text.casefold() not in held for block in section[1:] or section):
            blocks.extend(section)
    if _words(page) > _LONGER * _words(blocks):
        blocks = without_title(page, title)
    if not blocks:
        raise Refused("no text: the JobPosting has no description")
    return Document(blocks, title, id_in(posting), attributes_of(posting), whole_file=False)


def id_in(posting: Mapping[str, Any]) -> str | None:
    """The id of a JobPosting: a text, a number, or a property's value."""
    value = posting.get("identifier")
    return fields.record_id_of(value.get("value") if isinstance(value, Mapping) else value)


def attributes_of(posting: Mapping[str, Any]) -> dict[str, AttributeValue]:
    """What a JobPosting says about its role in named values."""
    candidates: dict[str, AttributeValue | None] = {
        "company": _text(posting.get("hiringOrganization")),
        "location": _location(posting.get("jobLocation")),
        "employment_type": _joined(posting.get("employmentType")),
        "date_posted": _text(posting.get("datePosted")),
        "valid_through": _text(posting.get("validThrough")),
        "industry": _text(posting.get("industry")),
        "remote": True if "TELECOMMUTE" in _joined(posting.get("jobLocationType")).upper() else None,
        **_salary(posting.get("baseSalary")),
    }
    tidied = {key: fields.attribute_of(value) for key, value in candidates.items() if value is not None}
    return {key: value for key, value in tidied.items() if value is not None}


def _is_posting(value: Mapping[str, Any]) -> bool:
    kinds = value.get("@type")
    return any(isinstance(kind, str) and kind.rsplit("/", 1)[-1].rsplit(":", 1)[-1] == "JobPosting" for kind in _each(kinds))


def _each(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: object) -> str:
    """A property as text: itself, or the name or description of the thing it names."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        return "\n".join(filter(None, map(_text, value)))
    if isinstance(value, Mapping):
        inner = (value.get(key) for key in ("name", "description", "value", "credentialCategory", "@value"))
        return next((text for text in map(_text, inner) if text), "")
    return ""


def _joined(value: object) -> str:
    return ", ".join(filter(None, map(_text, _each(value))))


def _section(name: str, value: object) -> list[Block]:
    entries = tuple(filter(None, map(_text, _each(value))))
    return fields.section(name, entries[0] if len(entries) == 1 else entries) if entries else []


def _words(blocks: Sequence[Block]) -> int:
    return sum(len(block.text.split()) for block in blocks)


def _location(value: object) -> str:
    places = [text for place in _each(value) if (text := _place(place))]
    return "; ".join(dict.fromkeys(places))


def _place(place: object) -> str:
    address = place.get("address", place) if isinstance(place, Mapping) else place
    if not isinstance(address, Mapping):
        return clean(_text(address))
    parts = [clean(_text(address.get(key))) for key in _ADDRESS]
    return ", ".join(dict.fromkeys(filter(None, parts))) or clean(_text(place))


def _salary(value: object) -> dict[str, AttributeValue | None]:
    entry = next(iter(_each(value)), None)
    if not isinstance(entry, Mapping):
        amount = _number(entry)
        return {"salary_min": amount, "salary_max": amount}
    inner = entry.get("value", entry)
    holder = inner if isinstance(inner, Mapping) else entry
    alone = _number(holder.get("value", inner))
    return {
        "salary_min": _first(_number(holder.get("minValue")), alone),
        "salary_max": _first(_number(holder.get("maxValue")), alone),
        "currency": _text(entry.get("currency")) or _text(holder.get("currency")),
        "salary_period": _text(holder.get("unitText")) or _text(entry.get("unitText")),
    }


def _first(value: int | float | None, otherwise: int | float | None) -> int | float | None:
    return otherwise if value is None else value


def _number(value: object) -> int | float | None:
    if isinstance(value, str):
        try:
            value = float(value.replace(",", "").strip())
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # NaN and infinity are dropped with the other attributes that hold no value.
    return int(value) if isinstance(value, float) and value.is_integer() else value
