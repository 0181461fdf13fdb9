"""Where the work is, and the many other places of which texts speak."""

import pytest
from hypothesis import given

from role_parts import roles
from search.attributes.places import read
from search.records import Role


def places_of(text: str, title: str = "Fitter") -> list[str]:
    return [str(reading.value) for reading in read(Role("a", title, text, "a"))]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Location: Leeds", ["Leeds"]),
        ("Location: Leeds, UK", ["Leeds, UK"]),
        ("Based in: Berlin", ["Berlin"]),
        ("Duty station: Tampa, FL", ["Tampa, FL"]),
        ("Place: Hamburg or Amsterdam; remote within either country", ["Hamburg", "Amsterdam"]),
        ("Location: Toronto, or remote in Ontario and Quebec", ["Toronto", "Ontario", "Quebec"]),
        ("Base: Norwich, with a contact centre in Gateshead", ["Norwich"]),
        ("Location: remote; two trips to Basel", []),
        ("Location: Flexible", []),
        ("Location: Naas, Co. Kildare", ["Naas, Co. Kildare"]),
        ("Place: our workshop in Marvila, Lisbon, four days a week", ["Lisbon"]),
        ("Where: Cork city centre | Pay: €68,000", ["Cork"]),
        ("Remote in the UK", ["UK"]),
        ("Remote (EU)", ["EU"]),
        ("Location: New York, NY or San Francisco, CA (hybrid)", ["New York, NY", "San Francisco, CA"]),
        ("This is a contract based in Manchester.", ["Manchester"]),
        ("The role is remote within Germany, Spain or France.", ["Germany", "Spain", "France"]),
        ("This role is based in Warsaw, near the river.", ["Warsaw"]),
        ("Some words first.\n\nThe position is permanent and full-time, based in Odense.", ["Odense"]),
        ("You will work from our Leeds office two days a week.", ["Leeds"]),
        ("You must live in Scotland.", ["Scotland"]),
        ("Work from wherever you like in the United States.", ["United States"]),
        ("Brakes & Co · Fulda Works · Munich or Zurich · hybrid", ["Munich", "Zurich"]),
        ("Kestrel Dairies, Waterford, Ireland. Permanent.", ["Waterford, Ireland"]),
        ("Tram Works, Groveport, Ohio. Nights.", ["Groveport, Ohio"]),
        ("Which of these do you want?\n\nA. Rockville, MD\n\nB. Location negotiable\n\nC. McAllen, TX", ["Rockville, MD", "McAllen, TX"]),
        # Places of customers, companies, journeys and other people.
        ("Our customers are based in Berlin and Paris.", []),
        ("Acme was founded in Leeds and sells in Germany.", []),
        ("Tram Works of London makes trams.", []),
        ("You travel once a month to our Berlin office.", []),
        ("You support colleagues who are based in Singapore.", []),
        ("Interviews are held in person in Leeds.", []),
        ("Air Forces, Europe", []),
        ("Written by Jane Smith, MD", []),
        ("You read and write. Reading, writing and arithmetic. In Nice weather.", []),
        ("This is not a role based in London.", []),
        ("", []),
    ],
)
def test_the_places_of_a_text(text: str, places: list[str]) -> None:
    assert places_of(text) == places


@pytest.mark.parametrize(
    ("title", "places"),
    [
        ("Fitter, Leeds", ["Leeds"]),
        ("Fitter (Tampa, FL)", ["Tampa, FL"]),
        ("Store Manager, Kettle Food Hall Norwich", ["Norwich"]),
        ("Fitter – Remote, UK", ["UK"]),
        ("Payroll Specialist (Poland and Germany)", []),
        ("Sales Manager, Germany", []),
        ("Professor, University of Oxford", []),
        ("Leeds Fitter", []),
    ],
)
def test_the_places_of_a_title(title: str, places: list[str]) -> None:
    assert places_of("Trams.", title) == places


def test_a_city_is_not_repeated_without_its_country() -> None:
    assert places_of("Location: Leeds, UK\n\nYou work from our Leeds office.") == ["Leeds, UK"]


def test_the_span_is_that_of_the_place_alone() -> None:
    text = "Duty station: Tampa, FL, on site"
    [reading] = read(Role("a", "Fitter", text, "a"))
    assert text[reading.start : reading.end] == "Tampa, FL"


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "hostile",
    [
        "Leeds, " * 20_000,
        "Aaa " * 30_000,
        "Location: " * 10_000,
        "based in the " * 10_000,
        "A. Aaa\n" * 20_000,
        "our Leeds " * 10_000,
        "Where: our the " * 9_000,
    ],
)
def test_hostile_text_is_read_in_time(hostile: str) -> None:
    places_of(hostile, hostile[:2000])


@given(roles())
def test_any_role_is_read(role: Role) -> None:
    for reading in read(role):
        text = role.title if reading.in_title else role.text
        assert reading.key == "place"
        assert text[reading.start : reading.end] == reading.value
        assert reading.value
