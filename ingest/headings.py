"""What the headings of role descriptions mean: words to section names. Tables only; where headings are found is parsing's business."""

import re

OTHER = "other"

# Tried in order; the first pattern that occurs in the heading names the section.
_HEADINGS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for name, words in (
        ("apply", r"how to apply|to apply|apply now|applying|application process|interview(?:s|ing)?|hiring process|next steps|selection process|the process"),
        (
            "benefits",
            r"benefits?|perks|we offer|on offer|what (?:we|you) (?:offer|get|will get)|you(?:['’]ll| will) get|what you get|in return|salary|compensation|pay|package|rewards?"
            r"|remuneration|why (?:us|join|work)|time off|what['’]s in it for you",
        ),
        (
            "desirable",
            r"desirable|nice[- ]to[- ]haves?|bonus(?: points)?|preferred|a plus|pluses|advantageous|helpful|would be (?:great|nice)|good to have|not required|optional|extra credit",
        ),
        (
            "skills",
            r"skills?|competenc(?:y|ies)|technologies|tech(?:nology)? stack|our stack|stack|tools|toolbox|tooling|expertise|knowledge|craft|what you know",
        ),
        (
            "requirements",
            r"requirements?|qualifications?|must[- ]haves?|essential|experience|education|who you are|about you|you(?:['’]ll| will)? (?:have|bring|need)|you(?:['’]ve| are)|"
            r"your (?:profile|background)|what (?:you(?:['’]ll| will)? (?:need|bring)|we need|we(?:['’]re| are) looking for|we ask|we expect)|looking for|criteria|certificat(?:e|es|ions?)|"
            r"what makes you|ideal candidate|person specification|minimum",
        ),
        (
            "responsibilities",
            r"responsibilit(?:y|ies)|dut(?:y|ies)|tasks?|accountab(?:le|ility|ilities)|you(?:['’]ll| will)(?: be)?(?: do(?:ing)?)?|what you(?:['’]ll| will)? do|your (?:role|job|work|week|day|days|mission|impact)|"
            r"the (?:role|job|work|position)|day[- ]to[- ]day|a (?:typical )?(?:day|week)|what you own|ownership|scope|deliverables|objectives|in this role|main activities|key results?|"
            r"purpose|mission",
        ),
        (
            "about",
            r"about|who we are|our (?:team|company|story|mission|values)|the (?:team|company|product|project|place|practice)|overview|introduction|summary|background|company|context|our",
        ),
    )
)

# Wording that opens a paragraph of this kind where a text has no headings at all.
_OPENINGS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(words, re.IGNORECASE))
    for name, words in (
        ("benefits", r"\b(?:we offer|you(?:['’]ll| will) (?:get|receive)|benefits|the salary|salary is|in return)\b"),
        ("apply", r"\b(?:to apply|apply by|send (?:us )?(?:your|a) (?:cv|application|resume)|applications? (?:close|are))\b"),
        ("desirable", r"\b(?:would be (?:a )?(?:plus|bonus|welcome|nice)|nice to have|is a plus|desirable)\b"),
        ("skills", r"\b(?:skills?|proficien(?:cy|t)|technical side|command of|tool ?set)\b"),
        (
            "requirements",
            r"\b(?:requirements?|(?:bachelor|master)(?:['’]s)?|degree|years(?:['’])? (?:of )?experience|we(?:['’]re| are) looking for|we expect|you (?:have|bring|need|should have)|certifications?)\b",
        ),
        ("responsibilities", r"\b(?:responsib(?:le|ility|ilities)|duties|tasks|day[- ]to[- ]day|you(?:['’]ll| will)|in this role|accountable)\b"),
    )
)


def section_name(heading: str) -> str:
    """The kind of section that a heading announces, "other" where it is none of the known kinds.

    >>> section_name("What you'll bring"), section_name("Benefits & perks"), section_name("Payments platform")
    ('requirements', 'benefits', 'other')
    """
    return next((name for name, pattern in _HEADINGS if pattern.search(heading)), OTHER)


def section_of_opening(sentence: str) -> str | None:
    """The kind of section that a paragraph's first sentence sounds like, or None."""
    return next((name for name, pattern in _OPENINGS if pattern.search(sentence)), None)
