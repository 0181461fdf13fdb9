"""Job families: of titles over all trades, of texts under titles that say nothing, and of queries."""

import pytest
from hypothesis import given

from role_parts import roles
from search.attributes.families import FAMILIES, Mention, family_of, in_query, mention, read
from search.records import Role


@pytest.mark.parametrize(
    ("title", "family"),
    [
        ("Senior Backend Engineer, Payments", "software engineering"),
        ("Engineering Manager", "software engineering"),
        ("Electrical Engineering Manager", "engineering"),
        ("Data Scientist", "data and machine learning"),
        ("Senior Data Analyst, Marketing Analytics", "data and machine learning"),
        ("Staff Site Reliability Engineer", "infrastructure and reliability"),
        ("SRE", "infrastructure and reliability"),
        ("Junior SOC Analyst", "security"),
        ("Penetration Testers", "security"),
        ("Security Guards", "public safety"),
        ("Software Development Engineer in Test", "quality assurance"),
        ("Embedded Firmware Engineer", "hardware and embedded"),
        ("Principal Enterprise Architect", "architecture"),
        ("Landscape Architects", "engineering"),
        ("IT Service Desk Technician", "IT support"),
        ("Associate Product Manager", "product management"),
        ("Product Marketing Manager, Payments", "marketing"),
        ("Senior Technical Program Manager", "project management"),
        ("Lead Service Designer", "design"),
        ("UX Researcher", "user research"),
        ("Content Designer", "content and communications"),
        ("SEO Specialist", "marketing"),
        ("Account Executive, Mid-Market", "sales"),
        ("Customer Success Manager (m/f/d)", "customer support"),
        ("Accounts Payable Clerk", "finance"),
        ("Technical Recruiter", "people"),
        ("Junior Paralegal, Property Disputes", "legal"),
        ("Buyer, Kitchen and Tabletop", "operations and logistics"),
        ("Executive Assistant to the Head of Marketing", "administration"),
        ("Chief Executives", "general management"),
        ("Registered Nurses", "healthcare"),
        ("Physics Teachers, Postsecondary", "education"),
        ("Molecular and Cellular Biologists", "science and research"),
        ("Civil Engineers", "engineering"),
        ("Helpers--Carpenters", "construction and maintenance"),
        ("Tool and Die Makers", "manufacturing"),
        ("Heavy and Tractor-Trailer Truck Drivers", "transport"),
        ("Firefighter (Paramedic)", "public safety"),
        ("Baristas", "food and hospitality"),
        ("Child, Family, and School Social Workers", "social services"),
        ("Art Directors", "arts and media"),
        ("Farmworkers, Farm, Ranch, and Aquacultural Animals", "agriculture"),
        ("Barbers", "personal services"),
        ("Purchasing Agents, Except Wholesale, Retail, and Farm Products", "operations and logistics"),
        ("Innovation Specialist", None),
        ("Head of profession", None),
        ("", None),
    ],
)
def test_the_family_that_a_title_names(title: str, family: str | None) -> None:
    assert family_of(title) == family


def test_every_family_is_named_by_some_title() -> None:
    assert len(FAMILIES) == 35
    assert len(set(FAMILIES)) == 35


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("You run Kubernetes with Terraform, keep our service level objectives and join the on-call rotation.", "infrastructure and reliability"),
        ("Patient care on the ward: treatment plans, medication and vital signs.", "healthcare"),
        ("You write SQL and talk to guests.", None),
        ("Patient care and vital signs, and Terraform on Kubernetes.", None),
        ("You are curious and kind.", None),
    ],
)
def test_a_text_names_the_family_only_where_it_leaves_no_doubt(text: str, found: str | None) -> None:
    readings = list(read(Role("a", "Colleague", text, "a")))
    assert [(reading.value, reading.in_title) for reading in readings] == ([(found, False)] if found else [])


def test_the_title_comes_before_the_text() -> None:
    [reading] = read(Role("a", "Night Nurse", "Terraform, Kubernetes, infrastructure as code, on-call rotation.", "a"))
    assert (reading.value, reading.in_title, "Night Nurse"[reading.start : reading.end]) == ("healthcare", True, "Nurse")


@pytest.mark.parametrize(
    ("query", "family"),
    [
        ("sre remote", "infrastructure and reliability"),
        ("nurse in Leeds", "healthcare"),
        ("developer who works with sales teams", "software engineering"),
        ("truck driver, no nights", "transport"),
        ("someone who gets on with people", None),
        ("sales", "sales"),
        ("python and kubernetes", None),
        ("", None),
    ],
)
def test_the_family_that_a_query_names(query: str, family: str | None) -> None:
    assert in_query(query) == family


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("senior .NET engineer", Mention("software engineering", 7, 20)),
        ("a makeup artist", Mention("personal services", 2, 8)),
        ("a make-up artist", Mention("personal services", 2, 9)),
        ("behavioral counselor", Mention("social services", 0, 20)),
        ("behavioural counsellor", Mention("social services", 0, 22)),
        ("ML/AI engineer", Mention("data and machine learning", 0, 14)),
        ("frontend", Mention("software engineering", 0, 8)),
        ("vice president", None),
        ("deputy-nurse", None),
    ],
)
def test_a_family_is_named_however_its_words_are_written(query: str, found: Mention | None) -> None:
    assert mention(query) == found


@given(roles())
def test_any_role_is_read(role: Role) -> None:
    for reading in read(role):
        assert reading.key == "family"
        assert reading.value in FAMILIES
        assert 0 <= reading.start < reading.end <= len(role.title if reading.in_title else role.text)
    assert in_query(role.title) in (None, *FAMILIES)
