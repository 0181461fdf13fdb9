"""Base pay: the amounts that a role offers, their currency and period; never revenue, budgets, bonuses or allowances. And pay in queries."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.attributes.regex import regex
from search.records import Reading, Role

# Roughly how many units of a currency a US dollar buys: to tell by its size whether an amount is paid by the hour, by the month or by the year.
_UNITS: dict[str, float] = {
    **dict.fromkeys(("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "SGD"), 1.0),
    **{"PLN": 4.0, "SEK": 9.5, "NOK": 10.0, "DKK": 7.0, "CZK": 22.0, "HUF": 350.0, "RON": 4.5, "BGN": 1.8, "TRY": 30.0, "ILS": 3.6, "AED": 3.7, "SAR": 3.75},
    **{"INR": 80.0, "JPY": 140.0, "CNY": 7.0, "HKD": 7.8, "KRW": 1300.0, "THB": 35.0, "MYR": 4.5, "PHP": 56.0, "ZAR": 18.0, "BRL": 5.0, "MXN": 18.0},
}
_SYMBOLS: dict[str, str] = {
    **{"£": "GBP", "€": "EUR", "$": "USD", "US$": "USD", "CA$": "CAD", "C$": "CAD", "AU$": "AUD", "A$": "AUD", "NZ$": "NZD", "S$": "SGD", "HK$": "HKD"},
    **{"R$": "BRL", "₹": "INR", "¥": "JPY", "zł": "PLN", "R": "ZAR", "euros": "EUR", "euro": "EUR", "pounds": "GBP", "dollars": "USD"},
}
_CODES = "|".join(_UNITS)
# "R580,000" is in rand; a lone R before anything else is a letter.
_BEFORE_AMOUNT = rf"(?:US|CA|AU|NZ|HK|C|A|S|R)?\$|[£€₹¥]|(?<![A-Za-z])R(?=\d{{2,3}}[ ,]?\d{{3}})|\b(?:{_CODES}) ?\$?"
# In "40 hours/week 40 $63,000" the dollar sign belongs to what follows.
_AFTER_AMOUNT = rf" ?(?:[€£$](?! ?\d)|zł\b|(?:{_CODES})\b(?! ?\d{{2,3}}[ ,.]?\d{{3}})|[Ee]uros?\b|pounds\b|dollars\b)"
# Thousands are kept apart by one and the same mark: "£45,000 100 places" is not 45,000,100.
_GROUPED = "|".join(rf"\d{{1,3}}(?:{mark}\d{{3}}){{1,3}}" for mark in (",", r"\.", " ", "['’]", "[\u00a0\u202f]"))
_NUMBER = rf"(?:{_GROUPED})(?:[.,]\d{{1,2}})?(?![.,]?\d)|\d{{1,7}}(?:[.,]\d{{1,2}})?(?![.,]?\d)"
_THOUSANDS = r" ?[kK](?![A-Za-z])"
# The 14 of "GS-14 - $87,263" is no amount.
_AMOUNT = regex(
    rf"(?:(?P<currency1>{_BEFORE_AMOUNT}) ?)?(?<![\d.,])(?<![A-Za-z]-)(?P<low>{_NUMBER})(?P<k1>{_THOUSANDS})?(?P<currency2>{_AFTER_AMOUNT})?"
    rf"(?: ?(?P<joint>[-–—]|to|and|und|bis|until|through) ?"
    rf"(?:(?P<currency3>{_BEFORE_AMOUNT}) ?)?(?P<high>{_NUMBER})(?P<k2>{_THOUSANDS})?(?P<currency4>{_AFTER_AMOUNT})?)?"
)
_HAS_CURRENCY = regex(rf"[$£€₹¥]|zł|\b(?:{_CODES}|R)(?= ?\d)|(?<=[\dkK] )(?:{_CODES}|[Ee]uros?|pounds|dollars)\b|(?<=[\dkK])(?:{_CODES})\b")
# Behind a number without a currency of its own, what makes it something else: another unit, a larger number.
_OTHER_UNIT = regex(r" ?(?:%|per ?cent\b|m\b|mn\b|mio\b|M\b|bn\b|B\b|million|billion|trillion|crore|lakh)", re.IGNORECASE)

_PERIODS: tuple[tuple[str, str], ...] = (
    ("hour", r"per hour|an hour|/ ?h(?:ou)?r?\b|hourly|p\.?/?h\b|per hr|each hour"),
    ("day", r"per day|a day|/ ?day\b|daily|per diem|day rate"),
    ("week", r"per week|a week|/ ?w(?:ee)?k\b|weekly"),
    ("month", r"per month|a month|/ ?mo(?:nth)?\b|monthly|p\.?c\.?m\b|each month|pro monat|per calendar month"),
    ("year", r"per year|a year|/ ?y(?:ea)?r\b|yearly|annual(?:ly)?|per annum|p\.?a\b|each year|pro jahr|brutto/jahr|a\.? year"),
)
_PERIOD = regex("|".join(rf"(?P<{name}>(?<![A-Za-z])(?:{words}))" for name, words in _PERIODS), re.IGNORECASE)
# Right behind the amount, past "gross", "EUR" and the like.
_BETWEEN_AMOUNT_AND_PERIOD = regex(
    r",? ?\(?(?:(?:gross|net|brutto|netto|basic|base|actual|before tax|pre-tax|pro rata|in|and|of|salary|pay|total|up|plus|\+)[ ,]*){0,3}$", re.IGNORECASE
)
# The least and the most that is paid for a period, in units of about a dollar; an amount outside of them is no pay, or of another period.
_RANGES: dict[str, tuple[float, float]] = {"hour": (3, 500), "day": (40, 4000), "week": (120, 12000), "month": (300, 60000), "year": (4000, 3000000)}
# Where the text names no period: up to 200 by the hour, from 1,200 to 9,000 by the month, from 15,000 by the year. Between them there is doubt.
_BY_SIZE: tuple[tuple[float, float, str], ...] = ((5, 200, "hour"), (1200, 9000, "month"), (15000, 1500000, "year"))

_LABEL = regex(
    r"\b(?:salar(?:y|ies)|pay(?:s|ing)?\b(?! (?:us|me|their|back|for|attention|bill))|wages?|compensation|remuneration|rate of pay|"
    r"(?:hourly|daily|day|annual|pay) rate|rate\b(?=[:.]? ?\S{0,3}$)|base\b|basic\b|stipend|package|earn(?:s|ings)?\b|gross\b|gehalt|vergütung|"
    r"band\b|grade\b|GS-\d+|OTE excluded|starting (?:at|from)|paid\b(?= (?:at )?(?:between )?$))",
    re.IGNORECASE,
)
# What the money is, where it is not base pay.
_NOT_PAY = (
    # Pay, but not that of the job: "on-call pay", "bonus compensation", "customers pay".
    r"(?:on[- ]call|stand-?by|pager|overtime|shift|night|weekend|holiday|sick|maternity|severance|bonus|commission|variable|incentive|referral)"
    r"(?: \w+)? (?:pays?|rates?|compensation|earnings)|(?:target|on-target|total)(?: annual)? (?:earnings|compensation|package)|"
    r"(?:customers|clients|users|members|patients|guests|companies|people|tenants|subscribers|they|who)(?: \w+)? (?:pay(?:s|ing)?|earn)|"
    r"budgets?|revenues?|turnover|funding|raised|raise\b|sales(?: (?:of|from|between|up to|over|targets?|volume))|sales$|quotas?|targets?|targeted|"
    r"bonus(?:es)?|allowances?|worth|fines?|grants?|portfolio|"
    r"spend(?:s|ing)?|savings?|assets?|invest\w*|profits?|margins?|contracts? (?:of|worth|over|up|from|values?|sums?|prices?)|contracts:?$|deals?|customers?|"
    r"clients?|households|limits?|limited|insurance|insured|coverage|costs?|priced?|prices?|pricing|quotes?|fees?|tickets?|orders?|invoices?|claims?|loans?|"
    r"debt|projects? (?:of|worth|from|over|up to|between)|licen[cs]es?|subscriptions?|equity|stock|shares?|RSUs?|options|commission|on-target|"
    r"on target|OTE|sign-on|sign on|signing|relocation|"
    r"housing|stipend for|learning|training|conference\w*|equipment|reimburse\w*|repayment|donat\w*|standby|stand-by|on[- ]call|call-outs?|pager|carried|"
    r"supplements?|premium|differential|shift|overtime|extra|additional|voucher|meal|wellness|wellbeing|gym|pension|match\w*|complaints|damages|valued?|"
    r"values?|exceed\w*|refund\w*|expenses?|procurement|purchas\w*|capital|turn over|accounts?|spent|saved|cut|below|bring it|compensated|per diem|"
    r"transactions?|payments? of|payouts?|benefits?|awards?|machines?|vehicles?|weigh\w*|lift\w*|load\w*|GVW"
)
_NOT_PAY_BEFORE = regex(rf"\b(?:{_NOT_PAY})(?!\w)", re.IGNORECASE)
_NOT_PAY_AFTER = regex(
    r"(?: ?(?:a|per|each) (?:year|month|week|season|day|hour|night|shift)| yearly| monthly| weekly| annual(?:ly)?| gross| per annum|/year)*"
    r"(?: (?:for (?:every|each|any|being|nights?)|(?:per|each|every) (?!year|annum|month|week|day|hour|hr|calendar|diem)\w+|an? (?:seat|licen[cs]e|"
    r"piece|unit|head|shift|night)\b)|"
    r" ?(?:(?:worth|in|into|of|for|when|while|towards?|as|on)\b ?)?(?:an? |the |your |our )?(?:(?!plus\b|and\b|or\b|with\b|incl\w*|base\b|basic\b|"
    r"salary\b)\w+[ -]){0,2}?"
    r"(?:budget|revenue|turnover|funding|sales|quota|target\b|bonus|allowance|grant|stipend for|sign-on|signing|relocation|housing|learning|training|"
    r"conferences?|equipment|voucher|OTE|on-target|on target|commission|differential|supplement|premium|carried|on[- ]call|call-outs?|standby|pager|fund\b|"
    r"in assets|books|plus time off|wellness|off\b|customers?|clients?|contracts\b|contract (?:values?|volume)|deals?|goes|stake|prize|discount|credit|"
    r"insurance|portfolio|spend|pension|childcare|childrens?|travel|leaders|new business|project|facility|weight|vehicle|GVW|of (?:freight|cargo|material)))",
    re.IGNORECASE,
)
# An amount that comes on top of one before it: "£24,500 basic, plus £150 if a deal follows".
_ON_TOP = regex(r"(?:\bplus|\+|\band|\bwith)(?: up to| about| an?| another| further)* ?$")
# Pounds are money where pay is spoken of, else more often a weight.
_IN_POUNDS = regex(r"\d[kK]? ?pounds\b")
# Pay stands in lines of its own, or as a part between separators.
_STANDS_ALONE = regex(r"(?:^|[\n·|•/(] ?|[.;] |- |\n- |: |, | [-–—] )$")
# Where an unlabelled range stands in a sentence.
_RANGE_BEFORE = regex(r"(?:^|[\n:,(] ?|[.;] |- )(?:(?:the |our )?range (?:is |of |: ?)?)?(?:between |from )?$|\brange\b[^.;\n]{0,20}$", re.IGNORECASE)
_BASE_AFTER = regex(
    r" ?(?:base\b|basic\b|gross\b|actual\b|pro rata|before tax|per annum|p\.?a\b|FTE|in year one|salary|a year gross|\+ super|plus super|"
    r"plus (?:equity|commission|bonus|benefits|car)|\+ (?:equity|bonus|benefits))",
    re.IGNORECASE,
)
_FROM = regex(
    r"\b(?:from|at least|minimum(?: of)?|min\.?|starting (?:at|from)|starts (?:at|from)|ab|upwards of|over|more than|above)(?: about| around)? ?$",
    re.IGNORECASE,
)
_UP_TO = regex(
    r"\b(?:up to|maximum(?: of)?|max\.?|at most|no (?:more|higher) than|not (?:to )?exceed(?:ing)?|capped at|under|below|bis zu|to)(?: about| around)? ?$",
    re.IGNORECASE,
)
_BETWEEN = regex(r"\b(?:between|zwischen)(?: about| around)? ?$", re.IGNORECASE)
_PLUS = regex(r"\+(?!\w)| ?(?:\+(?! ?\w)|and (?:up|above|more)\b|or (?:more|above)\b|upwards\b)", re.IGNORECASE)
# Pay of another job, one held before or made up, or the top of another grade. An address such as jobs@firm.example.org is no example.
_OTHER_PAY = regex(
    r"\b(?:currently|limited to|step 10|previous|last salary)\b|(?<![.@])\bexamples?\b(?!\.\w)|\be\.g\.|"
    r"\b(?:19|20)\d\d ?(?:-|–|to) ?(?:present\b|(?:\w+ )?(?:19|20)\d\d)",
    re.IGNORECASE,
)
# A line that heads what is not base pay of this job: nothing in the line below it counts.
_OTHER_HEADING = regex(
    r"(?:\bexamples?(?: \d)? ?:|(?:^|\n)[^\n:.]{0,30}\b(?:on[- ]call|stand-?by|allowances?|bonus(?:es)?|budgets?|pricing|prices)\b[^\n.]{0,20})\s*\n[^\n]*$",
    re.IGNORECASE,
)
# Where a bare dollar sign may mean another dollar.
_OTHER_DOLLARS = regex(
    r"Canad|Ontario|Toronto|Qu[eé]bec|Montr[eé]al|Vancouver|Calgary|Ottawa|Austral|Sydney|Melbourne|Brisbane|New Zealand|Auckland|Singapore|Hong Kong|Taiwan"
)
_LABELLED = 3
# The least number that is taken for pay without a currency: in a field of pay, and in a query; up to there it may be a year. 401k is a pension plan.
_LEAST_BARE, _LEAST_BARE_IN_QUERY, _RETIREMENT_PLAN = 2100, 10000, 401000
_BEFORE = 70
_AFTER = 60
# An unlabelled range wider than this is no pay band ("contracts of $30,000 to $120,000"); numbers further apart than the other are no range at all.
_WIDEST, _WIDEST_RANGE = 2.0, 10.0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text: text[start:end]."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pay:
    """An offer of pay with the places of its parts; a bound that is not stated is None, and so is a currency or a period in doubt."""

    low: float | None
    high: float | None
    currency: str | None
    period: str | None
    low_at: Span
    high_at: Span
    currency_at: Span
    period_at: Span


@dataclass(frozen=True, slots=True)
class Mention:
    """An amount of pay in a query, and where: text[start:end]; the operator is ">=" ("at least 60k"), "<=" ("up to 40k") or "" (a bare amount)."""

    value: int
    start: int
    end: int
    operator: str


def read(role: Role) -> Iterator[Reading]:
    """The role's base pay: a labelled amount before a range, a range before an amount that stands alone; of equals, the first."""
    text = role.text
    if not _HAS_CURRENCY.search(text):
        return
    best: tuple[int, Pay] | None = None
    for match in _amounts(text):
        strength = _strength(text, match) if _currency_group(match) else 0
        if strength > (best[0] if best else 0) and not _is_denied(text, match) and (pay := _pay_of(text, match, may_guess_hour=strength == _LABELLED)):
            best = strength, pay
    if best:
        pay = best[1]
        is_dollar = text[pay.currency_at.start : pay.currency_at.end].strip() == "$"
        in_doubt = is_dollar and _OTHER_DOLLARS.search(text + str(role.attributes.get("location", "")))
        yield from _readings(pay, with_currency=not in_doubt)


def stated(text: str) -> dict[str, str | int | float]:
    """What a field says that holds nothing but pay: the attributes that it states, of base pay first named.

    A limit on one side states that side only. The currency may be missing, the period follows from the size.

    >>> stated("$34 per hour")
    {'salary_min': 34, 'salary_max': 34, 'currency': 'USD', 'salary_period': 'hour'}
    >>> stated("up to £45k")
    {'salary_max': 45000, 'currency': 'GBP', 'salary_period': 'year'}
    """
    for match in _amounts(text):
        is_amount = _currency_group(match) or match.group("k1") or match.group("k2") or _scaled(match)[0] >= _LEAST_BARE
        if is_amount and not _is_denied(text, match) and (pay := _pay_of(text, match)):
            return {reading.key: reading.value for reading in _readings(pay, with_currency=True)}
    return {}


def period_of(text: str) -> str | None:
    """The period that a field names, such as "YEAR", "per hour" or "annual"; None where it names none.

    >>> period_of("YEAR"), period_of("per hour"), period_of("paid weekly"), period_of("soon")
    ('year', 'hour', 'week', None)
    """
    said = text.strip().casefold()
    found = _PERIOD.search(said)
    return said if said in _RANGES else found.lastgroup if found else None


def mentions(text: str) -> list[Mention]:
    """The amounts of pay that a query names, in order: with a currency, in thousands ("60k"), or beside a word of pay.

    >>> [(mention.operator, mention.value) for mention in mentions("analyst, at least 60k, not over 10,000 users")]
    [('>=', 60000)]
    """
    found = []
    for match in _amounts(text):
        end, before = _end(match), text[max(0, match.start() - 30) : match.start()]
        if _is_pay_in_query(text, match, before) and not (_OTHER_UNIT.match(text, end) or _NOT_PAY_IN_QUERY.match(text, end)):
            low, high = _bounds(match)
            at_least, plus = _AT_LEAST.search(before), _PLUS.match(text, end)
            bound = at_least or _AT_MOST.search(before)
            operator = ">=" if plus or at_least else "<=" if bound else ""
            value = high if operator == "<=" and high is not None else low
            start = match.start() - (len(before) - bound.start() if bound else 0)
            found.append(Mention(int(value), start, plus.end() if plus else end, operator))
    return found


def _is_pay_in_query(text: str, match: re.Match[str], before: str) -> bool:
    """Whether an amount has a currency, is in thousands with a word of pay or nothing behind it, or stands beside a word of pay."""
    after = text[_end(match) :].lstrip()
    low, _ = _bounds(match)
    is_small = low < _LEAST_BARE and not _PERIOD.match(after)
    if _NOT_PAY_BEFORE_IN_QUERY.search(before) or (is_small and _IN_POUNDS.search(match.group())):
        return False
    if _currency_group(match):
        return True
    if match.group("k1") or (match.group("k2") and _is_range(match)):
        return low >= _LEAST_BARE_IN_QUERY and _AFTER_PAY_IN_QUERY.match(text, _end(match)) is not None and low != _RETIREMENT_PLAN
    return low >= _LEAST_BARE_IN_QUERY and bool(_LABEL.search(before) or _LABEL.match(after) or _PERIOD.match(after))


_AT_LEAST = regex(
    r"(?:\b(?:at least|minimum(?: of)?|min\.?|not under|not below|no less than|not less than|over|more than|above|from|starting (?:at|from)|"
    r"upwards of)|>=?|≥) ?$",
    re.IGNORECASE,
)
_AT_MOST = regex(r"(?:\b(?:up to|at most|maximum(?: of)?|max\.?|under|below|less than|no more than|not more than|not over|not above)|<=?|≤) ?$", re.IGNORECASE)
_AFTER_PAY_IN_QUERY = regex(
    r" ?(?:$|[,.;)+]|\+|(?:a |per )?(?:year|annum|yr|month|annual\w*)\b|(?:p\.?a|salary|pay|base|gross|net|basic|wage|minimum|min|and|or|but|plus|"
    r"please|remote|hybrid|in|job|jobs|role|roles|OTE)\b)",
    re.IGNORECASE,
)
_NOT_PAY_BEFORE_IN_QUERY = regex(
    r"\b(?:budgets?|revenues?|turnover|funding|quotas?|targets?|deals?|contracts|portfolios?|savings?|bonus(?:es)?|worth|costs?|weigh\w*|lift\w*|"
    r"load\w*|carry\w*|"
    r"vehicles?|trucks?|GVW)(?: (?:of|up|to|over|from|at|least|more|than|under|about|between|not|no|less))* ?$",
    re.IGNORECASE,
)
_NOT_PAY_IN_QUERY = regex(
    r" ?(?:of (?:freight|cargo|weight)|GVW|gross vehicle|bonus|in (?:revenue|sales|funding|assets|budget)|budgets?|users|customers|revenue|employees|"
    r"people|requests|devices|sites|lines|rps|qps)\b",
    re.IGNORECASE,
)


def _readings(pay: Pay, *, with_currency: bool) -> Iterator[Reading]:
    parts: tuple[tuple[str, str | float | None, Span], ...] = (
        ("salary_min", pay.low, pay.low_at),
        ("salary_max", pay.high, pay.high_at),
        ("currency", pay.currency if with_currency else None, pay.currency_at),
        ("salary_period", pay.period, pay.period_at),
    )
    for key, value, place in parts:
        if value is not None:
            yield Reading(key, tidy(value) if isinstance(value, float) else value, place.start, place.end)


def tidy(amount: float) -> int | float:
    """An amount as a whole number where it is one."""
    return int(amount) if amount.is_integer() else amount


def _amounts(text: str) -> Iterator[re.Match[str]]:
    """All amounts in order; a second number that does not belong to the first is an amount of its own."""
    place = 0
    while match := _AMOUNT.search(text, place):
        yield match
        place = max(_end(match), place + 1)


def _strength(text: str, match: re.Match[str]) -> int:
    """How surely an amount is base pay, where nothing denies it: 3 labelled, 2 a range, 1 an amount that stands alone, 0 no pay."""
    start, end = match.start(), _end(match)
    before, after = _clause(_line_before(text, start)), text[end : end + _AFTER].split("\n")[0]
    period = _period_of(text, match)
    is_base = _BASE_AFTER.match(after) is not None
    if _LABEL.search(before) or (is_base and re.match(r" ?(?:base|basic|salary)\b", after)):
        return _LABELLED
    if _IN_POUNDS.search(text, start, end) and not period:
        return 0
    low, high = _bounds(match)
    alone = start == 0 or _STANDS_ALONE.search(text[max(0, start - 4) : start]) is not None
    if high is not None:
        apart = alone or (period and period[1].start >= end) or _RANGE_BEFORE.search(text[max(0, start - _BEFORE) : start])
        return 2 if apart and low < high <= _WIDEST * low and (low >= 1000 or period) else 0
    is_paid_by = period is not None and period[0] in ("hour", "month", "day") and period[1].start >= end
    return 1 if is_base or (alone and (low >= 12000 or is_paid_by)) else 0


def _is_denied(text: str, match: re.Match[str]) -> bool:
    """Whether the words around an amount make it something else than base pay of this job."""
    start, end = match.start(), _end(match)
    if _OTHER_UNIT.match(text, end) or _NOT_PAY_AFTER.match(text[end : end + _AFTER].split("\n")[0]):
        return True
    line = _line_before(text, start)
    on_top = _ON_TOP.search(line)
    if _OTHER_PAY.search(line) or (on_top and _HAS_CURRENCY.search(line, 0, on_top.start())):
        return True
    if _OTHER_HEADING.search(text, max(0, start - 2 * _BEFORE), start):
        return True
    clause = _clause(line)
    denial = _last_end(_NOT_PAY_BEFORE, clause)
    return denial >= 0 and denial >= _last_end(_LABEL, clause)


def _line_before(text: str, start: int) -> str:
    begin = max(0, start - _BEFORE)
    return text[max(begin, text.rfind("\n", begin, start) + 1) : start]


def _clause(before: str) -> str:
    """The words of the same clause before an amount: what stands behind the last sentence end, semicolon or separator."""
    return re.split(r"[;·|]|[.!?](?=\s)", before)[-1]


def _last_end(pattern: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=-1)


def _pay_of(text: str, match: re.Match[str], *, may_guess_hour: bool = True) -> Pay | None:
    """The parts of an offer, or None where its size is no pay for its period.

    Small amounts are taken to be by the hour only where a label says that they are pay.
    """
    low, high = _bounds(match)
    group = _currency_group(match)
    currency = _code(match.group(group)) if group else None
    size = low / _UNITS.get(currency or "", 1.0)
    period, period_at = _period_of(text, match) or (None, None)
    if period is None:
        period = next((name for least, most, name in _BY_SIZE if least <= size <= most), None)
    if period is None or (period == "hour" and period_at is None and not may_guess_hour):
        return None
    least, most = _RANGES[period]
    if not least <= size <= most or (high is not None and high < low):
        return None
    low_at, high_at = _place(match, "low"), _place(match, "high" if high is not None else "low")
    currency_at = Span(*match.span(group)) if group else low_at
    before, after = text[max(0, match.start() - 40) : match.start()], text[_end(match) : _end(match) + 20]
    is_open = high is None and (_FROM.search(before) is not None or _PLUS.match(after) is not None)
    is_capped = high is None and _UP_TO.search(before) is not None
    return Pay(
        None if is_capped else low,
        None if is_open else high if high is not None else low,
        currency,
        period,
        low_at,
        high_at,
        _stripped(text, currency_at),
        period_at or Span(low_at.start, high_at.end),
    )


def _bounds(match: re.Match[str]) -> tuple[float, float | None]:
    low, high = _scaled(match)
    return (low, high) if _is_range(match) else (_value(match.group("low")) * (1000 if match.group("k1") else 1), None)


def _scaled(match: re.Match[str]) -> tuple[float, float | None]:
    """Both numbers, in units: "45–50k" and "45k–50" mean thousands twice."""
    low = _value(match.group("low"))
    if match.group("high") is None:
        return (low * 1000 if match.group("k1") else low), None
    high = _value(match.group("high")) * (1000 if match.group("k2") else 1)
    low = low * 1000 if match.group("k1") or (match.group("k2") and low < 1000) else low
    return low, high * 1000 if match.group("k1") and not match.group("k2") and high < 1000 else high


def _is_range(match: re.Match[str]) -> bool:
    """Whether the second number belongs to the first: not in "$50,000 and 25 days", "2026 - €90,000" nor in "80 to 100 %"."""
    low, high = _scaled(match)
    if high is None or _OTHER_UNIT.match(match.string, match.end()) or not low <= high <= _WIDEST_RANGE * low:
        return False
    return match.group("joint") not in ("and", "und") or _BETWEEN.search(match.string, max(0, match.start() - 30), match.start()) is not None


def _value(written: str) -> float:
    """The number that digits with English or European separators stand for: a last group of one or two digits is a fraction.

    >>> _value("3.200"), _value("1,234.50"), _value("18 500"), _value("24.5")
    (3200.0, 1234.5, 18500.0, 24.5)
    """
    fraction = re.search(r"[.,](\d{1,2})$", written)
    whole = re.sub(r"\D", "", written[: fraction.start()] if fraction else written)
    return float(f"{whole}.{fraction.group(1)}" if fraction else whole)


def _currency_group(match: re.Match[str]) -> str | None:
    groups = ("currency1", "currency2", "currency3", "currency4") if _is_range(match) else ("currency1", "currency2")
    return next((group for group in groups if match.group(group)), None)


def _code(written: str) -> str:
    name = written.strip()
    return _SYMBOLS.get(name) or _SYMBOLS.get(name.casefold()) or name.rstrip("$ ")


def _period_of(text: str, match: re.Match[str]) -> tuple[str, Span] | None:
    """The period that stands right behind the amount, or before it in the same clause ("annual salary of …", "monthly gross: …")."""
    end = _end(match)
    after = text[end : end + 40]
    found = _PERIOD.search(after)
    if found and found.lastgroup and _BETWEEN_AMOUNT_AND_PERIOD.match(after[: found.start()]):
        return found.lastgroup, Span(end + found.start(), end + found.end())
    begin = max(0, match.start() - 40, text.rfind("\n", 0, match.start()) + 1)
    before = text[begin : match.start()]
    stop = max(before.rfind(". "), before.rfind(";"), before.rfind("·"), before.rfind("|")) + 1
    for earlier in _PERIOD.finditer(before, stop):
        if earlier.lastgroup and (not _HAS_CURRENCY.search(before, earlier.end())):
            return earlier.lastgroup, Span(begin + earlier.start(), begin + earlier.end())
    return None


def _place(match: re.Match[str], group: str) -> Span:
    """An amount with the currency before it and the k behind it."""
    first = group == "low"
    currency, thousands = ("currency1", "k1") if first else ("currency3", "k2")
    start = match.start(currency) if match.group(currency) else match.start(group)
    return Span(start, match.end(thousands) if match.group(thousands) else match.end(group))


def _stripped(text: str, place: Span) -> Span:
    written = text[place.start : place.end]
    return Span(place.start + len(written) - len(written.lstrip()), place.end - len(written) + len(written.rstrip()))


def _end(match: re.Match[str]) -> int:
    """Where an offer ends; a second number that does not belong to it is left out."""
    if _is_range(match) or match.group("high") is None:
        return match.end()
    return next(match.end(group) for group in ("currency2", "k1", "low") if match.group(group))
