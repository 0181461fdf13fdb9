"""All attributes together: a record's own fields come first, and what is read stands where it was read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from role_parts import roles
from search.attributes.reading import MANY, own_attributes, with_attributes
from search.records import Attributes, AttributeValue, Role

TEXT = (
    "Leeds, UK. Hybrid, three days in the office. Permanent, full-time.\n\nSalary: £41,000 to £46,500\n\n"
    "- 5+ years of experience with Python\n- Fluent German\n\nClosing date: 17 May 2026"
)
ROLE = Role("a", "Senior Data Engineer", TEXT, "a")


def attributes_of(fields: Attributes, role: Role = ROLE) -> Attributes:
    return with_attributes(Role(role.id, role.title, role.text, role.source, attributes=fields)).attributes


def test_a_role_without_fields_has_what_its_title_and_text_state() -> None:
    assert dict(attributes_of({})) == {
        "level": "senior",
        "family": "data and machine learning",
        "skills": ("Python",),
        "years": 5,
        "languages": ("German",),
        "place": ("Leeds, UK",),
        "remote": "hybrid",
        "salary_min": 41000,
        "salary_max": 46500,
        "currency": "GBP",
        "salary_period": "year",
        "contract": ("permanent", "full-time"),
        "valid_through": "2026-05-17",
    }


def test_each_reading_stands_where_the_title_or_text_states_it() -> None:
    said = {reading.key: (ROLE.title if reading.in_title else TEXT)[reading.start : reading.end] for reading in with_attributes(ROLE).readings}
    assert {key: said[key] for key in ("level", "skills", "languages", "place", "salary_min", "salary_max", "currency", "valid_through")} == {
        "level": "Senior",
        "skills": "Python",
        "languages": "German",
        "place": "Leeds, UK",
        "salary_min": "£41,000",
        "salary_max": "£46,500",
        "currency": "£",
        "valid_through": "17 May 2026",
    }


@pytest.mark.parametrize(
    ("fields", "stated"),
    [
        # A field of another name says it in the usual one.
        ({"seniority": "Junior"}, {"level": "junior"}),
        ({"location": "York, UK; Hull"}, {"place": ("York, UK", "Hull")}),
        ({"location": ("York", "York, UK")}, {"place": ("York, UK",)}),
        ({"employment_type": "FULL_TIME"}, {"contract": ("full-time",)}),
        ({"employment_type": "Full-time, maternity cover 13 months"}, {"contract": ("full-time", "fixed-term")}),
        ({"job_type": ("PART_TIME", "Apprenticeship")}, {"contract": ("part-time", "apprenticeship")}),
        ({"workplace": "TELECOMMUTE"}, {"remote": "yes"}),
        ({"workplace": ("Hybrid", "Leeds")}, {"remote": "hybrid"}),
        ({"salary": "£24,500 basic, £32,500 on-target"}, {"salary_min": 24500, "salary_max": 24500, "currency": "GBP", "salary_period": "year"}),
        ({"pay": "up to £45k"}, {"salary_max": 45000, "currency": "GBP", "salary_period": "year"}),
        ({"posted": "4 May 2026"}, {"date_posted": "2026-05-04"}),
        ({"closing_date": "2026-05-17T23:59"}, {"valid_through": "2026-05-17"}),
        ({"stack": "python, kubernetes"}, {"skills": ("Python", "Kubernetes")}),
        ({"language": "German and English"}, {"languages": ("German", "English")}),
        ({"certifications": ("cissp", "Tram Pass")}, {"certificates": ("CISSP", "Tram Pass")}),
        ({"experience": 3.0}, {"years": 3}),
        ({"experience": "at least 3 years"}, {"years": 3}),
        ({"education": "Master's degree"}, {"degree": "master"}),
        # What cannot be understood says nothing.
        ({"seniority": "blue"}, {}),
        ({"workplace": "Leeds"}, {}),
        ({"salary": "competitive"}, {}),
        ({"posted": "03/04/2026"}, {}),
        ({"experience": float("nan")}, {}),
        ({"location": " "}, {}),
        # A field of the usual name decides over one of another name.
        ({"level": "lead", "seniority": "Junior"}, {"level": "lead"}),
        ({"salary_max": 50000, "salary": "£30 per hour"}, {}),
        ({"salary_min": 41000, "salary_max": 46500, "salary": "£41,000 to £46,500"}, {"currency": "GBP", "salary_period": "year"}),
    ],
)
def test_what_a_records_own_fields_say(fields: Attributes, stated: Attributes) -> None:
    assert own_attributes(fields) == {**fields, **stated}


@pytest.mark.parametrize(
    ("key", "value", "canonical"),
    [
        ("level", "Senior", "senior"),
        ("level", "blue", "blue"),
        ("remote", True, "yes"),
        ("remote", "two days from home", "hybrid"),
        ("remote", "TELECOMMUTE", "yes"),
        ("currency", "gbp", "GBP"),
        ("salary_period", "YEAR", "year"),
        ("valid_through", "2026-05-17T23:59", "2026-05-17"),
        ("years", "5+ years", 5),
        ("degree", "BSc", "bachelor"),
        ("languages", ("english", "Klingon"), ("English", "Klingon")),
        ("contract", "FULL_TIME", ("full-time",)),
        ("skills", ("python", "PYTHON", "tram sanding"), ("Python", "tram sanding")),
    ],
)
def test_a_field_of_the_usual_name_is_brought_to_the_usual_value(key: str, value: AttributeValue, canonical: AttributeValue) -> None:
    assert own_attributes({key: value}) == {key: canonical}


@pytest.mark.parametrize(
    ("fields", "settled"),
    [
        ({"level": "junior"}, {"level": "junior"}),
        ({"seniority": "Junior"}, {"level": "junior"}),
        ({"remote": False}, {"remote": "no"}),
        ({"years": 2}, {"years": 2}),
        ({"family": "design"}, {"family": "design"}),
        ({"deadline": "2026-06-01"}, {"valid_through": "2026-06-01"}),
        ({"salary": "€30,000"}, {"salary_min": 30000, "salary_max": 30000, "currency": "EUR", "salary_period": "year"}),
    ],
)
def test_a_field_settles_what_has_one_value(fields: Attributes, settled: Attributes) -> None:
    role = with_attributes(Role("a", ROLE.title, TEXT, "a", attributes=fields))
    assert {key: role.attributes[key] for key in settled} == settled
    assert not {reading.key for reading in role.readings} & set(settled)


@pytest.mark.parametrize(
    ("fields", "pay"),
    [
        ({"salary": "up to £45k"}, (None, 45000, "GBP")),
        ({"salary_min": 30000}, (30000, None, None)),
        ({"currency": "GBP"}, (41000, 46500, "GBP")),
        ({"currency": "EUR"}, (None, None, "EUR")),
        ({"salary": "competitive"}, (41000, 46500, "GBP")),
    ],
)
def test_pay_is_taken_from_one_place_as_a_whole(fields: Attributes, pay: tuple[int | None, int | None, str | None]) -> None:
    found = attributes_of(fields)
    assert (found.get("salary_min"), found.get("salary_max"), found.get("currency")) == pay


@pytest.mark.parametrize(
    ("fields", "key", "united"),
    [
        ({"skills": "Kafka; sand"}, "skills", ("Apache Kafka", "sand", "Python")),
        ({"skills": ("python",)}, "skills", ("Python",)),
        ({"language": "English"}, "languages", ("English", "German")),
        ({"employment_type": "full-time"}, "contract", ("full-time", "permanent")),
        ({"location": "Hull"}, "place", ("Hull", "Leeds, UK")),
        ({"location": "Leeds"}, "place", ("Leeds, UK",)),
        ({"location": "Leeds, UK"}, "place", ("Leeds, UK",)),
        ({"location": "Leeds, UK (or remote)"}, "place", ("Leeds, UK (or remote)",)),
    ],
)
def test_fields_and_text_are_united_where_there_may_be_many(fields: Attributes, key: str, united: tuple[str, ...]) -> None:
    assert attributes_of(fields)[key] == united


def test_a_place_that_is_a_part_of_the_records_own_is_no_reading() -> None:
    role = with_attributes(Role("a", "Fitter", "Location: Leeds\n\nTrams.", "a", attributes={"location": "Leeds, UK"}))
    assert (role.attributes["place"], [reading for reading in role.readings if reading.key == "place"]) == (("Leeds, UK",), [])


def test_other_columns_stay_as_they_are() -> None:
    fields: Attributes = {"company": "Trams Ltd", "team": ("A", "B"), "rating": 4.5, "open": True, "location": "Leeds", "salary": "£45k", "seniority": "Junior"}
    found = attributes_of(fields)
    assert {key: found[key] for key in fields} == fields


def test_nothing_but_attributes_and_readings_changes() -> None:
    found = with_attributes(ROLE)
    assert (found.id, found.title, found.text, found.source, found.sections) == (ROLE.id, ROLE.title, ROLE.text, ROLE.source, ROLE.sections)


_KEYS = (
    *(
        "level",
        "seniority",
        "family",
        "place",
        "location",
        "city",
        "contract",
        "employment_type",
        "remote",
        "workplace",
        "salary",
        "pay",
        "salary_min",
        "salary_max",
    ),
    *("currency", "salary_period", "date_posted", "date", "valid_through", "deadline", "skills", "stack", "languages", "certificates", "years", "experience"),
    *("degree", "education", "company"),
)
_VALUES = st.sampled_from(
    (
        *(
            "",
            " ",
            "Senior",
            "IC4",
            "FULL_TIME",
            "internship, permanent",
            "hybrid",
            "yes",
            "up to £45k",
            "£30 per hour",
            "45000",
            "YEAR",
            "EUR",
            "4 May 2026",
            "2026-05-04",
        ),
        *(
            "Leeds, UK",
            "Leeds; York",
            "CI/CD, python and Go",
            "german or French",
            "CISSP",
            "5+ years",
            "BSc or MSc",
            "B2B",
            "three days in the office",
            "English law",
        ),
    )
)
values = st.one_of(st.text(), _VALUES, st.integers(), st.floats(), st.booleans(), st.lists(st.one_of(_VALUES, st.text()), max_size=3).map(tuple))
attributes = st.dictionaries(st.one_of(st.sampled_from(_KEYS), st.text()), values, max_size=6)


@given(roles(), attributes)
def test_any_role_with_any_fields_is_read(role: Role, fields: dict[str, AttributeValue]) -> None:
    found = with_attributes(Role(role.id, role.title, role.text, role.source, role.sections, fields))
    assert set(fields) <= set(found.attributes)
    for reading in found.readings:
        assert 0 <= reading.start < reading.end <= len(role.title if reading.in_title else role.text)
        value = found.attributes[reading.key]
        assert str(reading.value).casefold() in [entry.casefold() for entry in value] if isinstance(value, tuple) else reading.value == value
    single = [reading.key for reading in found.readings if reading.key not in MANY]
    assert len(single) == len(set(single))


@given(roles(), attributes)
def test_what_was_read_is_not_changed_by_reading_again(role: Role, fields: dict[str, AttributeValue]) -> None:
    once = with_attributes(Role(role.id, role.title, role.text, role.source, role.sections, fields))
    twice = with_attributes(once)
    # As text, since a number that is none does not equal itself.
    assert repr(dict(twice.attributes)) == repr(dict(once.attributes))


@given(attributes)
def test_fields_that_were_brought_to_their_usual_values_stay(fields: dict[str, AttributeValue]) -> None:
    once = own_attributes(fields)
    assert repr(own_attributes(once)) == repr(once)
