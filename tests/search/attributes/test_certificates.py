"""Certificates: names and aliases over all trades, asked for and not offered."""

import pytest
from hypothesis import given

from role_parts import roles
from search.attributes.certificates import CERTIFICATES, denied, mentions, read
from search.records import Role, Section


def certificates_in(text: str, section: str = "other") -> list[str]:
    return [str(reading.value) for reading in read(Role("a", "Fitter", text, "a", (Section(section, "", 0, len(text)),) if text else ()))]


@pytest.mark.parametrize(
    ("text", "certificates"),
    [
        ("CISSP or CISM is expected", ["CISSP", "CISM"]),
        ("PMP, PRINCE2 Practitioner", ["PMP", "PRINCE2"]),
        ("a Certified Public Accountant (CPA)", ["CPA"]),
        ("ACA, ACCA or CIMA", ["ACA qualification", "ACCA", "CIMA"]),
        ("SHRM-CP preferred; CIPD Level 5", ["SHRM-CP", "CIPD"]),
        ("Current Minnesota RN license", ["RN licence"]),
        ("registration as a registered nurse is checked: RN licensure", ["RN licence"]),
        ("valid CDL Class A CDL", ["CDL"]),
        ("a full driving licence, or a driver’s license", ["driving licence"]),
        ("active TS/SCI clearance", ["security clearance"]),
        ("CCNA, Security+ and CompTIA Network+", ["CCNA", "CompTIA Security+", "CompTIA Network+"]),
        ("AWS Certified Solutions Architect", ["AWS Certified Solutions Architect"]),
        ("AWS and Kubernetes", []),
        ("AWS certification or CKA/CKAD", ["AWS certification", "CKA", "CKAD"]),
        ("ITIL 4 Foundation", ["ITIL"]),
        ("Certified Scrum Master", ["Scrum Master certification"]),
        ("Scrum and retrospectives", []),
        ("First aid and CPR certification", ["first aid certificate", "CPR certification"]),
        ("administer first aid to guests", []),
        ("Basic Life Support (BLS) card", ["BLS certification"]),
        ("a state teaching license", ["teaching licence"]),
        ("Series 7 and Series 63", ["Series 7", "Series 63"]),
        ("HGV Class 1, forklift licence", ["HGV licence", "forklift licence"]),
        ("drive the forklift", []),
        ("an enhanced DBS check", ["DBS check"]),
        ("we pay for your CISSP", []),
        ("CISSP paid for by us", []),
        ("cost per click and CPA per acquisition", []),
        ("the Canadian Psychological Association (CPA)", []),
        ("commercial driver's license information system CDLIS", []),
        ("cissp", []),
        ("", []),
    ],
)
def test_the_certificates_that_a_text_asks_for(text: str, certificates: list[str]) -> None:
    assert certificates_in(text) == certificates


def test_what_stands_among_benefits_or_tasks_is_not_read_unless_it_is_demanded() -> None:
    assert certificates_in("CIPD Level 3 with study leave", "benefits") == []
    assert certificates_in("Check the driving licence of each guest", "responsibilities") == []
    assert certificates_in("Must hold a driving licence", "responsibilities") == ["driving licence"]


def test_the_title_is_read_too() -> None:
    title = "CDL Truck Driver"
    [reading] = read(Role("a", title, "You need a CDL.", "a"))
    assert (reading.value, reading.in_title, title[reading.start : reading.end]) == ("CDL", True, "CDL")


def test_the_span_is_that_of_the_name() -> None:
    text = "You need a driver's license."
    [mention] = mentions(text)
    assert text[mention.start : mention.end] == "driver's license"


def test_in_a_query_abbreviations_need_no_capitals() -> None:
    assert [mention.certificate for mention in mentions("soc analyst, cissp or oscp")] == ["CISSP", "OSCP"]


def test_the_gazetteer_is_large_and_each_name_finds_its_certificate() -> None:
    assert len(CERTIFICATES) >= 250
    unambiguous = ("CISSP", "PMP", "CPA", "TOGAF", "NEBOSH", "ServSafe", "LEED", "TWIC", "PGCE", "OSHA 30", "SIA licence", "QTS")
    assert [certificates_in(f"You hold {name}.") for name in unambiguous] == [[name] for name in unambiguous]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("hostile", ["CPR " * 50_000, "AWS, " * 50_000, "Certified " * 30_000, "driver's " * 40_000, "a" * 300_000])
def test_hostile_text_is_read_in_time(hostile: str) -> None:
    certificates_in(hostile)


@given(roles())
def test_any_role_is_read(role: Role) -> None:
    for reading in read(role):
        assert reading.key == "certificates"
        assert reading.value in CERTIFICATES
        assert 0 <= reading.start < reading.end <= len(role.title if reading.in_title else role.text)


def test_certificates_that_are_denied() -> None:
    assert [mention.certificate for mention in denied("I hold the CISSP, but no CISM certificate.")] == ["CISM"]
