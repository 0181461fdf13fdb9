"""All attributes of a role, put together: the record's own fields first, under their usual names, then what title and text say."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from math import isfinite

from search.attributes import certificates, contracts, dates, degrees, families, languages, levels, pay, places, remote, skills, years
from search.attributes.regex import regex
from search.records import Attributes, AttributeValue, Reading, Role

Reader = Callable[[Role], Iterable[Reading]]

READERS: tuple[Reader, ...] = (
    levels.read, families.read, skills.read, years.read, degrees.read, certificates.read, languages.read, places.read, remote.read, pay.read,
    contracts.read, dates.read,
)  # fmt: skip
# Attributes of which a role may have several values; of all others the first reading counts.
MANY = frozenset({"skills", "certificates", "languages", "place", "contract"})
_AMOUNTS = ("salary_min", "salary_max")
_PAY = (*_AMOUNTS, "currency", "salary_period")
_LISTED = regex(r"[,;/|\n]| and | or ")
_PART_END = regex(r"[,()/]| or | and ")
_CURRENCY_CODE = regex(r"[A-Za-z]{3}")

Said = dict[str, AttributeValue]


def with_attributes(role: Role) -> Role:
    """The role with its readings, and with its attributes: its own fields and, where they leave something open, what was read."""
    attributes = own_attributes(role.attributes)
    readings = tuple(_undecided([reading for read in READERS for reading in read(role)], attributes))
    for key in dict.fromkeys(reading.key for reading in readings):
        values = [reading.value for reading in readings if reading.key == key]
        attributes[key] = _united(key, _entries(attributes.get(key, ())), map(str, values)) if key in MANY else values[0]
    # A place that is a part of another is not among them.
    left = {key: {value.casefold() for value in _entries(attributes.get(key, ()))} for key in MANY}
    return replace(role, attributes=attributes, readings=tuple(one for one in readings if one.key not in MANY or str(one.value).casefold() in left[one.key]))


def own_attributes(fields: Attributes) -> dict[str, AttributeValue]:
    """A record's own fields, with what they say under the keys and in the values of docs/attributes.md beside them.

    >>> own_attributes({"location": "Leeds", "employment_type": "FULL_TIME", "seniority": "Senior"})["level"]
    'senior'
    """
    found: dict[str, AttributeValue] = dict(fields)
    for names, read in _OWN:
        for name in names:
            said = read(fields[name]) if name in fields else {}
            # Of pay, one field may say several things; where one of them is not what another field says, none is taken.
            if len(said) > 1 and any(found.get(key, value) != value for key, value in said.items()):
                continue
            for key, value in said.items():
                if key == name:
                    # A field of the canonical name itself is brought to the canonical value; another one only fills a gap.
                    found[key] = _united(key, (), value) if isinstance(value, tuple) else value
                elif key not in fields:
                    found[key] = _united(key, _entries(found.get(key, ())), value) if isinstance(value, tuple) else found.get(key, value)
    return found


def _undecided(readings: Sequence[Reading], own: Attributes) -> Iterator[Reading]:
    """The readings that the record's own fields leave room for: one a key, or many where a role may have many; pay only as a whole."""
    known: set[tuple[str, object]] = set()
    pay_read = {reading.key: reading.value for reading in readings if reading.key in _PAY}
    # An amount of the record's own settles the pay; another currency or period of its own shows that what was read is not its pay.
    leaves_pay_open = not any(key in own for key in _AMOUNTS) and all(own.get(key, value) == value for key, value in pay_read.items())
    for reading in readings:
        identity = (reading.key, reading.value if reading.key in MANY else None)
        is_settled = reading.key in own and reading.key not in MANY
        if identity not in known and not is_settled and (reading.key not in _PAY or leaves_pay_open):
            known.add(identity)
            yield reading


def _united(key: str, known: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    """Both lists in order, each value once, whatever its case; of places the fullest only."""
    by_folded: dict[str, str] = {}
    for value in (*known, *more):
        by_folded.setdefault(value.casefold(), value)
    values = tuple(by_folded.values())
    return _fullest(values) if key == "place" else values


def _fullest(places: tuple[str, ...]) -> tuple[str, ...]:
    """The places that no other names, and more besides: without "Leeds" beside "Leeds, UK" or "Leeds or York". There may be hundreds of them.

    >>> _fullest(("Leeds", "York", "Leeds, UK", "New York, NY"))
    ('York', 'Leeds, UK', 'New York, NY')
    """
    split = [tuple(part.strip() for part in _PART_END.split(place.casefold()) if part.strip()) for place in places]
    named = {parts[start : start + length] for parts in split for length in range(len(parts)) for start in range(len(parts))}
    return tuple(place for place, parts in zip(places, split, strict=True) if parts not in named)


# A record's own fields ------------------------------------------------------------------------------------------------


def _text(value: AttributeValue) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _entries(value: AttributeValue) -> tuple[str, ...]:
    listed = value if isinstance(value, tuple) else _LISTED.split(str(value))
    return tuple(entry.strip() for entry in listed if entry.strip())


def _each(value: AttributeValue, read: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """The canonical values in a field: of a list those of each entry or the entry itself, of a text those that it holds."""
    entries = value if isinstance(value, tuple) else (str(value),)
    return tuple(dict.fromkeys(said for entry in entries for said in (read(entry) or ((entry.strip(),) if isinstance(value, tuple) else ())) if said))


def _level(value: AttributeValue) -> Said:
    said = _text(value).strip()
    level = said.casefold() if said.casefold() in levels.LEVELS else levels.level_in_title(said)
    return {"level": level} if level else {}


def _place(value: AttributeValue) -> Said:
    found = tuple(entry.strip() for entry in (value if isinstance(value, tuple) else _text(value).split(";")) if entry.strip())
    return {"place": found} if found else {}


def _contract(value: AttributeValue) -> Said:
    def read(said: str) -> list[str]:
        return [str(reading.value) for reading in contracts.read(Role("", "", said.replace("_", "-").casefold(), ""))]

    found = _each(value, read)
    return {"contract": found} if found else {}


def _remote(value: AttributeValue) -> Said:
    said = remote.stated(value)
    return {"remote": said} if said else {}


def _pay(value: AttributeValue) -> Said:
    return dict(pay.stated(_text(value)))


def _currency(value: AttributeValue) -> Said:
    said = _text(value).strip()
    return {"currency": said.upper()} if _CURRENCY_CODE.fullmatch(said) else {}


def _period(value: AttributeValue) -> Said:
    said = pay.period_of(_text(value))
    return {"salary_period": said} if said else {}


def _posted(value: AttributeValue) -> Said:
    said = dates.stated(_text(value))
    return {"date_posted": said} if said else {}


def _closing(value: AttributeValue) -> Said:
    said = dates.stated(_text(value))
    return {"valid_through": said} if said else {}


def _skills(value: AttributeValue) -> Said:
    found = tuple(skills.canonical(entry) or entry for entry in _entries(value))
    return {"skills": found} if found else {}


def _languages(value: AttributeValue) -> Said:
    found = _each(value, lambda said: [mention.language for mention in languages.mentions(said)]) or _entries(value)
    return {"languages": found} if found else {}


def _certificates(value: AttributeValue) -> Said:
    found = _each(value, lambda said: [mention.certificate for mention in certificates.mentions(said)]) or _entries(value)
    return {"certificates": found} if found else {}


def _years(value: AttributeValue) -> Said:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"years": int(value)} if isfinite(value) else {}
    said = years.mentions(_text(value)) or years.mentions(f"{_text(value)} years")
    return {"years": said[0].value} if said else {}


def _degree(value: AttributeValue) -> Said:
    said = degrees.mentions(_text(value))
    return {"degree": said[0].degree} if said else {}


# The names under which records hold an attribute, the canonical one first, and what its values mean.
_OWN: tuple[tuple[tuple[str, ...], Callable[[AttributeValue], Said]], ...] = (
    (("level", "seniority", "seniority_level", "career_level"), _level),
    (("place", "location", "locations", "city"), _place),
    (("contract", "employment_type", "contract_type", "job_type", "work_type"), _contract),
    (("remote", "workplace", "workplace_type", "work_mode"), _remote),
    (("currency", "salary_currency"), _currency),
    (("salary_period", "pay_period"), _period),
    (("salary", "pay", "salary_range", "compensation"), _pay),
    (("date_posted", "posted", "posted_on", "published", "date"), _posted),
    (("valid_through", "closing_date", "closes", "apply_by", "deadline"), _closing),
    (("skills", "technologies", "tech_stack", "stack"), _skills),
    (("languages", "language"), _languages),
    (("certificates", "certifications", "licences", "licenses"), _certificates),
    (("years", "years_experience", "years_of_experience", "experience"), _years),
    (("degree", "education"), _degree),
)
