"""Where the work is done, and the many remote, hybrid and on-site things that are no place of work."""

import pytest
from hypothesis import given

from role_parts import roles
from search.attributes.remote import mentions, read, stated
from search.records import AttributeValue, Role


def remote_of(text: str, title: str = "Fitter") -> str | None:
    readings = list(read(Role("a", title, text, "a")))
    assert len(readings) <= 1
    return str(readings[0].value) if readings else None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Fully remote in the United States", "yes"),
        ("Location: remote; two trips to Basel", "yes"),
        ("Work from anywhere.", "yes"),
        ("Trams Ltd · Columbus, OH or remote within US Eastern", "yes"),
        ("This role can be done remotely.", "yes"),
        ("£56,000; home-based in the UK", "yes"),
        ("Hybrid or remote, as you like.", "yes"),
        ("Remote possible.", "yes"),
        ("Three days in the office.", "hybrid"),
        ("Leeds, hybrid · £50,000", "hybrid"),
        ("Hybrid working, with Mondays together.", "hybrid"),
        ("Telework eligible", "hybrid"),
        ("Two days a week at home are usual.", "hybrid"),
        ("Naas. Permanent, on site three days a week.", "hybrid"),
        ("Up to half the shifts from home", "hybrid"),
        ("London, UK (Hybrid - 3 days)", "hybrid"),
        ("Work Location: Hybrid remote in London", "hybrid"),
        ("We're a fully remote team.", "yes"),
        ("Location: Leeds / Remote", "yes"),
        ("Work Location: In person", "no"),
        ("Office based role", "no"),
        ("On-site", "no"),
        ("Where: Hull, head office, on site", "no"),
        ("This is not a remote job.", "no"),
        ("Remote not possible.", "no"),
        ("I understand that this position is not remote.", "no"),
        ("No remote work.", "no"),
        ("The work cannot be done from home.", "no"),
        ("Five days a week in the office.", "no"),
        ("Not fully remote: two days in the office.", "hybrid"),
        # Other remote, hybrid and on-site things.
        ("Experience with remote sensing and remote control of trams", None),
        ("You lead remote teams abroad and manage remote offices.", None),
        ("You run our hybrid cloud and repair hybrid vehicles.", None),
        ("Hybrid search that merges two indexes", None),
        ("Where: remote monitoring of trams", None),
        ("An on-site gym and free parking on site for all.", None),
        ("Biodiesel, hybrid, or gas vehicles", None),
        ("Arrange for on-site job coaching.", None),
        ("Rights anywhere in the world", None),
        ("You support customers who work from home.", None),
        ("A wearer who sits at home", None),
        ("Interviews are held in person in Leeds.", None),
        ("Two talks: the first (remote), the second (on-site).", None),
        ("This role is fully remote. This role is strictly on-site.", None),
        ("", None),
    ],
)
def test_where_a_text_says_the_work_is_done(text: str, value: str | None) -> None:
    assert remote_of(text) == value


@pytest.mark.parametrize(
    ("title", "value"),
    [("Fitter (Remote)", "yes"), ("Fitter, hybrid", "hybrid"), ("Fitter - Remote", "yes"), ("Remote Sensing Scientist", None), ("Hybrid Vehicle Fitter", None)],
)
def test_where_a_title_says_the_work_is_done(title: str, value: str | None) -> None:
    assert remote_of("Trams.", title) == value


def test_the_title_comes_before_the_text() -> None:
    assert remote_of("Three days in the office.", "Fitter (Remote)") == "yes"


def test_the_span_is_that_of_the_words_without_label_or_separator() -> None:
    text = "Trams. Location: fully remote, or Leeds"
    [reading] = read(Role("a", "Fitter", text, "a"))
    assert text[reading.start : reading.end] == "fully remote"


@pytest.mark.parametrize(
    ("value", "remote"),
    [
        (True, "yes"),
        (False, "no"),
        ("hybrid, three days in the office", "hybrid"),
        ("remote within Poland", "yes"),
        ("true", "yes"),
        ("false", "no"),
        ("TELECOMMUTE", "yes"),
        ("On-site", "no"),
        ("partly", "hybrid"),
        (("Hybrid", "Leeds"), "hybrid"),
        ("Leeds", None),
        ("", None),
    ],
)
def test_what_a_field_states(value: AttributeValue, remote: str | None) -> None:
    assert stated(value) == remote


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("remote data engineer", [("yes", "remote")]),
        ("hybrid role in Leeds", [("hybrid", "hybrid role")]),
        ("nurse on site", [("no", "on site")]),
        ("something to work from home", [("yes", "work from home")]),
        ("nights at home", [("yes", "nights at home")]),
        ("two days from home", [("hybrid", "two days from home")]),
        ("remote or hybrid", [("yes", "remote"), ("hybrid", "hybrid")]),
        ("remote sensing scientist", []),
        ("hybrid cloud engineer", []),
        ("home care nurse", []),
        ("", []),
    ],
)
def test_where_a_query_wants_to_work(query: str, found: list[tuple[str, str]]) -> None:
    assert [(mention.value, query[mention.start : mention.end]) for mention in mentions(query)] == found


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "hostile", ["office " * 20_000, "remote, " * 10_000, "hybrid\n" * 10_000, "two days " * 15_000, "this role home " * 8_000, "monday, " * 15_000 + "home"]
)
def test_hostile_text_is_read_in_time(hostile: str) -> None:
    remote_of(hostile, hostile[:2000])


@given(roles())
def test_any_role_is_read(role: Role) -> None:
    for reading in read(role):
        text = role.title if reading.in_title else role.text
        assert (reading.key, reading.value in ("yes", "hybrid", "no")) == ("remote", True)
        assert 0 <= reading.start < reading.end <= len(text)
    mentions(role.title)
