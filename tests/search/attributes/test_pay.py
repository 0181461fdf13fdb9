"""Base pay: what a role offers, and the many other amounts of money, and of pounds, of which texts speak."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.attributes.pay import mentions, period_of, read, stated
from search.records import Role

Offer = tuple[float | None, float | None, str | None, str | None]


def pay_of(text: str, **attributes: str) -> Offer | None:
    readings = list(read(Role("a", "Tram Fitter", text, "a", attributes=attributes)))
    found = {reading.key: reading.value for reading in readings}
    assert len(found) == len(readings)
    return (found.get("salary_min"), found.get("salary_max"), found.get("currency"), found.get("salary_period")) if found else None  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("Salary: £41,000 to £46,500, plus up to 15% bonus", (41000, 46500, "GBP", "year")),
        ("Trams. The salary lies between €55,000 and €66,000.", (55000, 66000, "EUR", "year")),
        ("Leeds · hybrid · £38k–£45k", (38000, 45000, "GBP", "year")),
        ("Leeds, hybrid\n\n- €45–50k, thirty days off", (45000, 50000, "EUR", "year")),
        ("Between 58,000 and 68,000 euros gross per year", (58000, 68000, "EUR", "year")),
        ("Pay: 50.000 Euros", (50000, 50000, "EUR", "year")),
        ("SEK 62,000 to 70,000 a month", (62000, 70000, "SEK", "month")),
        ("Pay: 1,120 EUR gross a month, 14 times a year", (1120, 1120, "EUR", "month")),
        ("$31.20 to $38.60 an hour", (31.2, 38.6, "USD", "hour")),
        ("Pay: $15", (15, 15, "USD", "hour")),
        ("£450 per day", (450, 450, "GBP", "day")),
        ("Package: R640,000 to R720,000 in all", (640000, 720000, "ZAR", "year")),
        ("Permanent, AU$145,000 to $160,000 plus super", (145000, 160000, "AUD", "year")),
        ("- From €54,000 gross a year", (54000, None, "EUR", "year")),
        ("Salary: £54,000+", (54000, None, "GBP", "year")),
        ("Salary: up to £45k", (None, 45000, "GBP", "year")),
        ("The salary will be set no higher than $109,975.00", (None, 109975, "USD", "year")),
        ("Salary: GS-14 - $87,263", (87263, 87263, "USD", "year")),
        ("- £24,500 basic, plus £50 for every demo", (24500, 24500, "GBP", "year")),
        ("Full-time · $82,000 base / $165,000 OTE", (82000, 82000, "USD", "year")),
        ("OTE £65,000, base £40,000", (40000, 40000, "GBP", "year")),
        ("Salary £50,000, on-call £200 a week", (50000, 50000, "GBP", "year")),
        ("Salary: £27,900 plus £1,600 standby allowance", (27900, 27900, "GBP", "year")),
        ("Pay: $50,000 and 25 days of leave", (50000, 50000, "USD", "year")),
        ("£45,000, 12-month contract", (45000, 45000, "GBP", "year")),
        ("£45,000 + bonus", (45000, 45000, "GBP", "year")),
        ("A salary of 30,000 pounds", (30000, 30000, "GBP", "year")),
        ("Write to jobs@trams.example.org. Salary £50,000", (50000, 50000, "GBP", "year")),
        ("Trams for Toronto. Salary: $90,000", (90000, 90000, None, "year")),
        # Weights.
        ("You lift up to 26,000 pounds.", None),
        ("Vehicles with a gross vehicle weight of more than 26,000 pounds", None),
        ("- 18,000 pounds of sand a week", None),
        # Pay of others, or made up.
        ("EXAMPLE:\nTRAMS LTD: $55,000 per year; 40 hours", None),
        ("EXAMPLE:\n\nTRAMS LTD: $55,000 per year", None),
        ("Fitter GS-11, January 2009 - Present 40 Hours/Week $63,000/Year", None),
        ("The salary may be limited to a GS-13 Step 10 (currently $156,755).", None),
        ("Customers pay €20,000 a year.", None),
        # What is paid on top, or for something else.
        ("On-call pay: £300 a week", None),
        ("On call, you receive £300 a week", None),
        ("On-call\n\n- £300 a day", None),
        ("One week in six on standby, at €400 per week", None),
        ("A sign-on bonus of $20,000", None),
        ("Target earnings of €240,000", None),
        ("£900 a year for training", None),
        ("We pay $40,000 into your pension", None),
        # Contracts, prices and budgets.
        ("Contract value: £50,000 to £80,000", None),
        ("You manage contracts from £50,000 to £90,000", None),
        ("Prices from £20,000 to £40,000 a year", None),
        ("We sell trams at €50,000 to €80,000 each", None),
        ("A budget of £50,000", None),
        ("Turnover is £9.2m", None),
        ("", None),
    ],
)
def test_the_pay_that_a_text_offers(text: str, offer: Offer | None) -> None:
    assert pay_of(text) == offer


def test_a_bare_dollar_is_another_dollar_where_the_location_says_so() -> None:
    assert pay_of("Salary: $90,000") == (90000, 90000, "USD", "year")
    assert pay_of("Salary: $90,000", location="Sydney") == (90000, 90000, None, "year")


def test_a_labelled_amount_comes_before_a_range_and_a_range_before_a_lone_amount() -> None:
    assert pay_of("Trams\n\n£31,000\n\n£40,000 to £44,000\n\nSalary: £52,000") == (52000, 52000, "GBP", "year")
    assert pay_of("Trams\n\n£31,000\n\n£40,000 to £44,000") == (40000, 44000, "GBP", "year")


def test_each_reading_stands_where_it_was_read() -> None:
    text = "Trams. Salary: CA$52k to CA$58k gross per year, and a pass."
    spans = {reading.key: text[reading.start : reading.end] for reading in read(Role("a", "Fitter", text, "a"))}
    assert spans == {"salary_min": "CA$52k", "salary_max": "CA$58k", "currency": "CA$", "salary_period": "per year"}


@pytest.mark.parametrize(
    ("field", "offer"),
    [
        ("£27,500 – £31,000", (27500, 31000, "GBP", "year")),
        ("£24,500 basic, £32,500 on-target", (24500, 24500, "GBP", "year")),
        ("OTE £65,000, base £40,000", (40000, 40000, "GBP", "year")),
        ("$34 per hour", (34, 34, "USD", "hour")),
        ("€1,050 per month plus meal card", (1050, 1050, "EUR", "month")),
        ("22 000 - 27 000 PLN net + VAT or 18 500 - 22 500 PLN gross", (22000, 27000, "PLN", "month")),
        ("CAD 108,000 - 124,000", (108000, 124000, "CAD", "year")),
        ("£300 a week", (300, 300, "GBP", "week")),
        ("up to £45k", (None, 45000, "GBP", "year")),
        ("from £45k", (45000, None, "GBP", "year")),
        ("45k-50k", (45000, 50000, None, "year")),
        ("45000", (45000, 45000, None, "year")),
        ("OTE £65,000", (None, None, None, None)),
        ("reviewed in 2026", (None, None, None, None)),
        ("$5 billion", (None, None, None, None)),
        ("competitive", (None, None, None, None)),
        ("", (None, None, None, None)),
    ],
)
def test_the_pay_that_a_field_states(field: str, offer: Offer) -> None:
    found = stated(field)
    assert (found.get("salary_min"), found.get("salary_max"), found.get("currency"), found.get("salary_period")) == offer


@pytest.mark.parametrize(
    ("field", "period"), [("YEAR", "year"), ("Hour", "hour"), ("per annum", "year"), ("monthly", "month"), ("a day", "day"), ("soon", None), ("", None)]
)
def test_the_period_that_a_field_names(field: str, period: str | None) -> None:
    assert period_of(field) == period


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("fitter, at least 60k", [(">=", 60000, "at least 60k")]),
        ("tram project manager not below £60k", [(">=", 60000, "not below £60k")]),
        ("sales manager over 50.000 euros", [(">=", 50000, "over 50.000 euros")]),
        ("60k+ remote", [(">=", 60000, "60k+")]),
        ("up to £40k", [("<=", 40000, "up to £40k")]),
        ("salary up to 50-60k", [("<=", 60000, "up to 50-60k")]),
        ("80-100k", [("", 80000, "80-100k")]),
        ("paying 45000", [("", 45000, "45000")]),
        ("$30 an hour", [("", 30, "$30")]),
        ("at least 40,000 pounds", [(">=", 40000, "at least 40,000 pounds")]),
        ("under 40k or over 60k", [("<=", 40000, "under 40k"), (">=", 60000, "over 60k")]),
        ("lift 50 pounds", []),
        ("vehicles up to 26,000 pounds", []),
        ("401k, remote", []),
        ("4k, video", []),
        ("over 10k users", []),
        ("budget of £50k", []),
        ("$5 million", []),
        ("salary 2026", []),
        ("50000 trams", []),
        ("", []),
    ],
)
def test_the_pay_that_a_query_names(query: str, found: list[tuple[str, int, str]]) -> None:
    assert [(mention.operator, mention.value, query[mention.start : mention.end]) for mention in mentions(query)] == found


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "hostile", ["£1 " * 30_000, "salary " * 20_000 + "£", "£50,000 to " * 12_000, "1,000" * 30_000 + "€", "plus $ " * 20_000, "example:\n$5\n" * 12_000]
)
def test_hostile_text_is_read_in_time(hostile: str) -> None:
    pay_of(hostile)
    stated(hostile[:20_000])
    mentions(hostile[:2_000])


_PARTS = (
    *(
        "£",
        "$",
        "€",
        "R",
        "USD",
        "40",
        "55,000",
        "45k",
        "000,000",
        "'000",
        ".",
        "9" * 30,
        "٣٤",
        "²",
        "to",
        "–",
        "and",
        "between",
        "up to",
        "+",
        "%",
        "pounds",
        "a year",
    ),
    *("per hour", "salary", "bonus", "Example:", "\n", "\n- ", " ", "GS-14", "2019 - Present", "Toronto"),
)


@given(st.one_of(st.text(), st.lists(st.sampled_from(_PARTS), max_size=20).map(" ".join), st.lists(st.sampled_from(_PARTS), max_size=20).map("".join)))
def test_any_text_is_read(text: str) -> None:
    found = {}
    for reading in read(Role("a", text, text, "a")):
        assert 0 <= reading.start < reading.end <= len(text)
        assert not reading.in_title
        found[reading.key] = reading.value
    if "salary_min" in found and "salary_max" in found:
        assert float(found["salary_min"]) <= float(found["salary_max"])
    assert set(stated(text)) <= {"salary_min", "salary_max", "currency", "salary_period"}
    for mention in mentions(text):
        assert 0 <= mention.start < mention.end <= len(text)
    period_of(text)
