"""Which parts of a role ask for nothing: sections of the given kinds, and those whose heading denies ("Not needed", "What this job isn't")."""

import re

from search.attributes.regex import regex
from search.records import Role

_DENYING_HEADING = regex(r"\b(?:not|never|no need)\b|n['’]t\b", re.IGNORECASE)
_KIND_OF_DENYING = "other"


def is_left_out(role: Role, place: int, kinds: frozenset[str]) -> bool:
    """Whether the place in the role's text lies in a section of one of these kinds, or below a heading that denies.

    A heading denies only where its section is of no known kind: "Not required" alone announces what is desirable.
    """
    section = next((section for section in role.sections if section.start <= place < section.end), None)
    if section is None:
        return False
    return section.name in kinds or (section.name == _KIND_OF_DENYING and _DENYING_HEADING.search(section.heading) is not None)
