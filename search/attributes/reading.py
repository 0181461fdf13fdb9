"""All attributes of a role, put together: the record's own fields first, under their usual names, then what title and text say."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from search.attributes import certificates, contracts, dates, degrees, families, languages, levels, pay, places, remote, skills, years
from search.records import Attributes, AttributeValue, Reading, Role

Reader = Callable[[Role], Iterable[Reading]]

READERS: tuple[Reader, ...] = (
    levels.read, families.read, skills.read, years.read, degrees.read, certificates.read, languages.read, places.read, remote.read, pay.read,
    contracts.read, dates.read,
)  # fmt: skip
# Attributes of which a role may have several values; of all others the first reading counts.
MANY = frozenset({"skills", "certificates", "languages", "place", "contract"})
_PAY = ("salary_min", "salary_max", "currency", "salary_period")
_LISTED = re.compile(r"[,;/|\n]| and | or ")


def with_attributes(role: Role) -> Role:
    """The role with its readings, and with its attributes: its own fields and, where they leave something open, what was read."""
    own = own_attributes(role.attributes)
    readings = tuple(_undecided([reading for read in READERS for reading in read(role)], own))
    attributes: dict[str, AttributeValue] = dict(own)
    for reading in readings:
        if reading.key in MANY:
            attributes[reading.key] = _united(attributes.get(reading.key), (str(reading.value),))
        else:
            attributes[reading.key] = reading.value
    return replace(role, attributes=attributes, readings=readings)


def own_attributes(fields: Attributes) -> dict[str, AttributeValue]:
    """A record's own fields, with what they say under the keys and in the values of docs/attributes.md beside them.

    >>> own_attributes({"location": "Leeds", "employment_type": "FULL_TIME", "seniority": "Senior"})["level"]
    'senior'
    """
    found: dict[str, AttributeValue] = dict(fields)
    for names, read in _OWN:
        for name in names:
            if name in fields:
                said = read(fields[name])
                for key, value in said.items():
                    # A field of the canonical name itself is brought to the canonical value; another one only fills a gap.
                    if key == name or key not in fields:
                        found[key] = _united(found.get(key) if key != name else None, value) if isinstance(value, tuple) and key in MANY else value
    return found


def _undecided(readings: Iterable[Reading], own: Mapping[str, AttributeValue]) -> Iterable[Reading]:
    """The readings that the record's own fields leave room for: one a key, or many where a role may have many; pay only as a whole."""
    known: set[tuple[str, object]] = set()
    has_pay = any(key in own for key in _PAY)
    for reading in readings:
        identity = (reading.key, reading.value if reading.key in MANY else None)
        if identity in known or (reading.key in own and reading.key not in MANY) or (has_pay and reading.key in _PAY):
            continue
        known.add(identity)
        yield reading


def _united(known: AttributeValue | None, more: Iterable[str]) -> tuple[str, ...]:
    before = known if isinstance(known, tuple) else () if known is None else (str(known),)
    by_folded = {value.casefold(): value for value in reversed((*before, *more))}
    return tuple(reversed(by_folded.values()))


# A record's own fields ------------------------------------------------------------------------------------------------


def _as_role(value: AttributeValue) -> Role:
    return Role("", "", _text(value), "")


def _text(value: AttributeValue) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _entries(value: AttributeValue) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else tuple(entry.strip() for entry in _LISTED.split(str(value)) if entry.strip())


def _level(value: AttributeValue) -> dict[str, AttributeValue]:
    said = _text(value)
    level = said.casefold() if said.casefold() in levels.LEVELS else levels.level_in_title(said)
    return {"level": level} if level else {}


def _place(value: AttributeValue) -> dict[str, AttributeValue]:
    return {"place": tuple(entry.strip() for entry in (value if isinstance(value, tuple) else _text(value).split(";")) if entry.strip())}


def _contract(value: AttributeValue) -> dict[str, AttributeValue]:
    said = _text(value).replace("_", "-").casefold()
    found = tuple(dict.fromkeys(str(reading.value) for reading in contracts.read(_as_role(said))))
    return {"contract": found} if found else {}


def _remote(value: AttributeValue) -> dict[str, AttributeValue]:
    if isinstance(value, bool):
        return {"remote": "yes" if value else "no"}
    said = _text(value).strip().casefold()
    plain = {"yes": "yes", "true": "yes", "1": "yes", "no": "no", "false": "no", "0": "no", "hybrid": "hybrid"}.get(re.split(r"\W", said, maxsplit=1)[0])
    read = next((str(reading.value) for reading in remote.read(_as_role(_text(value)))), None)
    decided = "hybrid" if "hybrid" in said else plain or read
    return {"remote": decided} if decided else {}


def _pay(value: AttributeValue) -> dict[str, AttributeValue]:
    said = pay.stated(_text(value))
    if said is None:
        return {}
    low, high, currency, period = said
    return {"salary_min": low, "salary_max": high, "currency": currency, "salary_period": period}


def _posted(value: AttributeValue) -> dict[str, AttributeValue]:
    said = dates.stated(_text(value))
    return {"date_posted": said} if said else {}


def _closing(value: AttributeValue) -> dict[str, AttributeValue]:
    said = dates.stated(_text(value))
    return {"valid_through": said} if said else {}


def _skills(value: AttributeValue) -> dict[str, AttributeValue]:
    return {"skills": tuple(skills.canonical(entry) or entry for entry in _entries(value))}


def _languages(value: AttributeValue) -> dict[str, AttributeValue]:
    found = tuple(dict.fromkeys(mention.language for mention in languages.mentions(_text(value))))
    return {"languages": found or _entries(value)}


def _years(value: AttributeValue) -> dict[str, AttributeValue]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"years": int(value)}
    said = years.mentions(_text(value)) or years.mentions(f"{_text(value)} years")
    return {"years": said[0].value} if said else {}


def _degree(value: AttributeValue) -> dict[str, AttributeValue]:
    said = degrees.mentions(_text(value))
    return {"degree": said[0].degree} if said else {}


_OWN: tuple[tuple[tuple[str, ...], Callable[[AttributeValue], dict[str, AttributeValue]]], ...] = (
    (("level", "seniority", "seniority_level", "career_level"), _level),
    (("place", "location", "locations", "city"), _place),
    (("contract", "employment_type", "contract_type", "job_type", "work_type"), _contract),
    (("remote", "workplace", "workplace_type", "work_mode"), _remote),
    (("salary", "pay", "salary_range", "compensation"), _pay),
    (("date_posted", "posted", "posted_on", "published", "date"), _posted),
    (("valid_through", "closing_date", "closes", "apply_by", "deadline"), _closing),
    (("skills", "technologies", "tech_stack", "stack"), _skills),
    (("languages", "language"), _languages),
    (("years", "years_experience", "years_of_experience", "experience"), _years),
    (("degree", "education"), _degree),
)
