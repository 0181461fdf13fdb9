"""The day of posting and the last day to apply, and the many other days of which texts speak."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.attributes.dates import read, stated
from search.records import AttributeValue, Role


def dates_of(text: str) -> dict[str, str]:
    readings = list(read(Role("a", "Tram Fitter", text, "a")))
    found = {reading.key: str(reading.value) for reading in readings}
    assert len(found) == len(readings)
    return found


POSTED, CLOSES = {"date_posted": "2026-05-04"}, {"valid_through": "2026-05-17"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Posted: 4 May 2026", POSTED),
        ("- Posted on May 4th, 2026", POSTED),
        ("Date posted: 2026-05-04", POSTED),
        ("This job was posted on 4 May 2026.", POSTED),
        ("Leeds | Published 04.05.2026", POSTED),
        ("Closing date: 17 May 2026, 23:55", CLOSES),
        ("Closing date: noon on Sunday 17 May 2026", CLOSES),
        ("This vacancy closes on the 17th of May 2026.", CLOSES),
        ("Applications through trams.example.org close on 17 May 2026", CLOSES),
        ("Leeds · closes 17/05/2026", CLOSES),
        ("Closes: 05/17/2026", CLOSES),
        ("Apply by 17 May 2026 at trams.example.org.", CLOSES),
        ("Deadline: 2026-05-17", CLOSES),
        ("The application deadline is Sunday, May 17, 2026", CLOSES),
        ("Final date: 17 May 2026", CLOSES),
        ("The position is open until 17 May 2026.", CLOSES),
        ("This posting expires 05/17/2026", CLOSES),
        ("Expressions of interest to jobs@trams.example.org by 17 May 2026.", CLOSES),
        ("TO APPLY\n\nCV and letter by noon on Sunday 17 May 2026.", CLOSES),
        ("Applications must be received by 17 May 2026", CLOSES),
        ("Posted: 4 May 2026; closing date: 17 May 2026", POSTED | CLOSES),
        ("Closing date: 17 May 2026. Applications close on 30 June 2026.", CLOSES),
        # Days of other things.
        ("Agreement effective 2/13/19; expires 12/31/2025.", {}),
        ("This agreement expires 12/31/2025", {}),
        ("A certificate that is valid until 31 December 2026", {}),
        ("The shop opens on 17 May 2026.", {}),
        ("The merger closes on 17 May 2026.", {}),
        ("Project deadline: 17 May 2026", {}),
        ("Our report was published on 4 May 2026.", {}),
        ("You migrate all applications by 17 May 2026.", {}),
        ("You apply the new rules by 17 May 2026.", {}),
        ("The role starts on 17 May 2026.", {}),
        # Days that are not stated in full, or are none.
        ("Closing date: 03/04/2026", {}),
        ("Closing date: 17 May", {}),
        ("Closing date: 31 February 2026", {}),
        ("", {}),
    ],
)
def test_the_days_that_a_text_states(text: str, found: dict[str, str]) -> None:
    assert dates_of(text) == found


def test_the_span_is_that_of_the_date() -> None:
    text = "Trams. This vacancy closes on Sunday 17 May 2026, at noon."
    [reading] = read(Role("a", "Fitter", text, "a"))
    assert text[reading.start : reading.end] == "17 May 2026"


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-05-04", "2026-05-04"),
        ("2026-05-04T09:00:00Z", "2026-05-04"),
        ("4 May 2026", "2026-05-04"),
        ("May 4, 2026", "2026-05-04"),
        ("4. May 2026", "2026-05-04"),
        ("04.05.2026", "2026-05-04"),
        ("05/05/2026", "2026-05-05"),
        ("03/04/2026", None),
        ("2026-13-04", None),
        ("May 2026", None),
        (20260504, None),
        (True, None),
        ("", None),
    ],
)
def test_the_day_that_a_field_states(value: AttributeValue, day: str | None) -> None:
    assert stated(value) == day


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "hostile",
    [
        "closing date " * 10_000,
        "closes 4 May 2026, " * 5_000,
        "apply by " * 10_000 + "4 May 2026",
        "4 May 2026 " * 10_000,
        "job " * 20_000 + "closes 4 May 2026",
    ],
)
def test_hostile_text_is_read_in_time(hostile: str) -> None:
    dates_of(hostile)


_PARTS = (
    "4",
    "31",
    "ſept",
    "May",
    "february",
    "2026",
    "2026-02-30",
    "٣/٤/2026",
    "13/13/2026",
    "closing date:",
    "posted",
    "apply by",
    "on",
    "\n",
    ",",
    "deadline",
    "1.1.2026",
)


@given(st.one_of(st.text(), st.lists(st.sampled_from(_PARTS), max_size=15).map(" ".join)))
def test_any_text_is_read(text: str) -> None:
    for reading in read(Role("a", text, text, "a")):
        assert 0 <= reading.start < reading.end <= len(text)
        assert reading.key in ("date_posted", "valid_through")
        assert datetime.date.fromisoformat(str(reading.value))
    stated(text)
