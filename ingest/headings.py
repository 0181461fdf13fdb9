"""What the headings of role descriptions mean: words to section names. Tables only; where headings are found is parsing's business."""

import re

OTHER = "other"

_EXCLUDING = (
    r"(?<!why )not|\w+n['’]t|cannot|leave (?:out|to others)|elsewhere|somebody else|"
    r"(?:outside|out of|beyond) (?:the|this|your)? ?(?:role|job|post|position|scope)|boundar(?:y|ies)|put you off"
)

# Tried in order; the first pattern that occurs in the heading names the section. A kind has two rows where its plain words come before those of other
# kinds ("Essential duties and responsibilities") and its loose ones behind them ("In this role you will" but "What you will bring").
_HEADINGS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for name, words in (
        (
            "desirable",
            r"desirable|nice[- ]to[- ]haves?|bonus (?:points?|skills?|if)|a bonus|^bonus(?:es)?$|preferred|a plus|pluses|advantageous|helpful|"
            r"(?:would|we['’]d) be (?:great|nice|delighted)|good to have|lovely to have|not (?:required|essential|mandatory)|optional|extra credit|extras|"
            r"handy|(?:also|ideally)(?: you)? (?:also )?have|^(?:an )?assets?$",
        ),
        (OTHER, _EXCLUDING),
        (
            "apply",
            r"how to apply|to apply|apply now|applying|application process|(?:may|can) apply|^apply|^applications?$|interview(?:s|ing)?|hiring process|"
            r"how we hire|recruitment process|next steps|(?:happens|comes) next|selection(?! criteria)|the process|timetable|closing date|^interested$|"
            r"^contacts?$|^sift",
        ),
        (
            "benefits",
            r"benefits?|perks|we (?:can )?offer|on offer|^offered|what \w+ offers|what (?:we|you) (?:offer|get|will get)|"
            r"you(?:['’]ll| will) (?:get|learn(?! to)|grow)|what you get|you can learn|we(?:['’]ll| will) teach|(?:career|professional) development|"
            r"training and development|in return|salary|compensation|pay|money|earn|bonus(?:es)?|package|rewards?|remuneration|why (?:us|join|work)|time off|"
            r"what['’]s in it for you|the deal|our side|and from us|^(?:our )?(?:terms|conditions)$|terms (?:of employment|and conditions)",
        ),
        (
            "responsibilities",
            r"responsib(?:le|ility|ilities)|dut(?:y|ies)|accountab(?:le|ility|ilities)|answer(?:s|able)? for|(?:take|takes|taking) (?:charge|on)|"
            r"(?:essential|key|main|job|core|primary) functions",
        ),
        (
            "skills",
            r"(?<!bonus )skills?|competenc(?:y|ies)|technologies|tech(?:nology)? stack|our stack|stack|tools|tool ?(?:box|kit)|tooling|expertise|knowledge|"
            r"craft|what you know|^you know|should know",
        ),
        (
            "requirements",
            r"requirements?|prerequisites?|qualifications?|must[- ]haves?|essentials?|"
            r"(?<!user )(?<!customer )(?<!developer )(?<!employee )(?<!candidate )experience|(?<!customer )education|who you are|about you(?! will)|"
            r"^you (?:are|might|should|must|could)|^you['’]re|you(?:(?:['’]ll| will| would)? (?:probably |also |should |must )?(?:have|bring|need)|['’]ve)|"
            r"you recogni[sz]e|your (?:profile|background|record)|^(?:the |candidate )?profile|^(?:the )?candidates?$|"
            r"we (?:need|ask|seek|expect|look for|hope to see|want to see)|we['’]d (?:expect|like to hear)|looking for|hoping for|convinces us|criteria|"
            r"certificat(?:e|es|ions?)|what makes you|ideal candidate|person specification|minimum|(?:please|to) have|bring (?:along|with you)|would suit|"
            r"could do it|can only hire|you(?:['’]ll| will)?(?: \w+){0,3} (?:here )?if you",
        ),
        (
            "about",
            r"why .+ (?:exists?|vacancy|hiring|looking)|work(?:ing)? with|you(?:['’]d| will|['’]ll| would) be joining|report(?:s|ing)? (?:to|lines)|"
            r"(?:your|meet the|our) team|where you(?:['’]d)? (?:fit|sit)|about (?:us|our|the (?:team|company|product|business))|"
            r"our (?:company|story|mission|values|purpose|culture|vision)",
        ),
        (
            "responsibilities",
            r"tasks?|you(?:['’]ll| will| would|['’]d)(?: be)?(?: do(?:ing)?| study| work)?|you (?:actually )?do|"
            r"your (?:(?:first |field of )?(?:role|job|work|week|month|day|days|mission|impact|remit|part|delivery|project)|\w+ list)|"
            r"the (?:role|job|work|position|post|opportunity|remit|mandate|assignment|mission)|mandate|remit|day[- ]to[- ]day|"
            r"a (?:typical |normal )?(?:day|week)|(?:typical|normal) \w+|on your (?:list|desk|plate)|lands (?:on|in)|fills|(?:the|your) (?:week|month)|"
            r"^(?:in |after )?(?:your |the )?(?:first|\w+) (?:\d+ |half )?(?:days|weeks|months|years?)|your first \w+|days \d+|"
            r"^every (?:day|week|month|quarter)|once a (?:week|month|quarter)|what you own|ownership|scope|deliverables|objectives|main activities|"
            r"key results?|hold you to|purpose|involves|in practice|what['’]s yours",
        ),
        (
            "about",
            r"about|who we are|what we (?:do|make|sell|run|look after)|the (?:team|company|product|project|place|practice|situation|scene|short version)|"
            r"team (?:runs|owns)|in one line|overview|introduction|summary|background|^context|company|our",
        ),
    )
)

# "Benefits Manager" and "Head of Customer Education" are titles; "About your manager" is none.
_JOB_TITLE = re.compile(
    r"^(?:(?:head|director|vice president|vp) of|chief .+ officer)\b|"
    r"^(?!.*\b(?:the|an?|your|our|we|you|ideal|about)\b).+ (?:administrator|adviser|advisor|analyst|architect|assistant|coordinator|consultant|designer|"
    r"developer|director|engineer|executive|intern|manager|officer|partner|representative|researcher|scientist|specialist|technician|trainer|writer)s?$",
    re.IGNORECASE,
)
_EDGES = re.compile(r"^\W+|\W+$")

# Wording that opens a paragraph of this kind where a text has no headings at all.
_OPENINGS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(words, re.IGNORECASE))
    for name, words in (
        (
            "benefits",
            r"\b(?:we offer|you(?:['’]ll| will) (?:get|receive)|benefits|the salary|salary is|in return|compensation|we pay|pays? (?:is|runs|[€$£])|^salary)\b",
        ),
        ("apply", r"\b(?:to apply|apply by|send (?:us )?(?:your|a) (?:cv|application|resume)|applications? (?:close|are)|first interview)\b"),
        # Where and when one works ends what went before; it is no kind of its own.
        (
            OTHER,
            r"^(?:the|our) (?:\w+ )?office (?:is|at|in)\b|"
            r"^(?:the|this) (?:role|job|post|position|work) (?:is|can be) (?:\w+ (?:and|but) )?(?:held|based|permanent|full-time)\b",
        ),
        ("desirable", r"\b(?:would be (?:a )?(?:plus|bonus|welcome|nice)|nice to have|is a plus|desirable)\b"),
        (
            "requirements",
            r"\b(?:(?:suitable )?(?:applicants|candidates) (?:will )?(?:hold|have)|the person we (?:imagine|seek|want)|we imagine|what would convince us|"
            r"you will need to|you(?:['’]ll| will)? (?:probably )?(?:need|want|have (?:worked|spent|led|run|managed)))\b",
        ),
        ("skills", r"\b(?:skills?|proficien(?:cy|t)|technical side|command of|tool ?set)\b"),
        (
            "requirements",
            r"\b(?:requirements?|(?:bachelor|master)(?:['’]s)?|degree|years(?:['’])? (?:of )?experience|we(?:['’]re| are) looking for|we expect(?! you in)|"
            r"you (?:have|bring|need|should have)|certifications?)\b",
        ),
        ("responsibilities", r"\b(?:responsib(?:le|ility|ilities)|duties|tasks|day[- ]to[- ]day|you(?:['’]ll| will)|in this role|accountable)\b"),
    )
)


def section_name(heading: str) -> str:
    """The kind of section that a heading announces, "other" where it is none of the known kinds.

    >>> section_name("What you'll bring"), section_name("Benefits & perks"), section_name("Payments platform")
    ('requirements', 'benefits', 'other')
    """
    words = _EDGES.sub("", heading)
    return OTHER if _JOB_TITLE.search(words) else next((name for name, pattern in _HEADINGS if pattern.search(words)), OTHER)


def excludes(heading: str) -> bool:
    """Whether a heading announces what is no part of the role ("What this isn't", "Not in scope").

    Such a section is of no kind, also within one that is: read as a task it would mislead.
    """
    return re.search(rf"\b(?:{_EXCLUDING})\b", heading, re.IGNORECASE) is not None and section_name(heading) == OTHER


def section_of_opening(sentence: str) -> str | None:
    """The kind of section that a paragraph's first sentence sounds like, "other" where it ends the section before it, or None."""
    return next((name for name, pattern in _OPENINGS if pattern.search(sentence)), None)
