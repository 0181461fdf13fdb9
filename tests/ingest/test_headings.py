"""Which kind of section a heading announces, judged by eye: wording of adverts and profiles, and of the corpus that ships."""

import pytest

from ingest.headings import excludes, section_name, section_of_opening

HEADINGS = {
    "about": (
        "About us / About the team / About the company / About our product / Who we are / Our story / Our mission / Our values / Our culture / Meet the team / "
        "Company overview / Job summary / Position summary / Introduction / BACKGROUND / Context / The team / Your team / Who you will work with / "
        "Who you will report to / Reporting lines / Where you fit / What we do / What we make / Why this role exists / Why there's a vacancy"
    ),
    "responsibilities": (
        "Responsibilities / Key responsibilities / Your responsibilities / KEY ACCOUNTABILITIES / Duties / Main duties / Job duties / Tasks: / Your tasks / "
        "Essential duties and responsibilities / Essential functions / What you'll do / What you’ll be doing / What you will do / What you would take on / "
        "What you are accountable for / What you answer for / The role / About the role / About the job / Your role / Job purpose / Purpose of the position / "
        "Day-to-day / Day to day / A day in the life / A typical fortnight / What you'll own / What lands on your desk / Your impact / Your mission / The mandate / "
        "Scope / In this role you will / On shift you will / You will: / Your first 90 days / After six months / What that involves"
    ),
    "requirements": (
        "Requirements / Minimum requirements / Technical requirements / Basic qualifications / Qualifications / Must-haves / Essential / Essential criteria / "
        "ESSENTIAL CRITERIA (assessed at sift) / Selection criteria / ## Selection criteria / Person specification / Education and experience / Experience required / "
        "Who you are / About you / You are / You have / You bring / What you'll bring / What you’ll need / You should have / You need / Your profile / Profile / "
        "Candidate profile / The ideal candidate / What we're looking for / We are looking for / What we ask for / We need / We'd expect to see / "
        "Who we are hoping for / Whom we seek / You might be a fit if you / You'll fit in if you / You'll manage well here if you / Prerequisites / "
        "What makes you a great fit / What you have behind you"
    ),
    "desirable": (
        "Desirable / Desirable skills / Desirable criteria: / Nice to have / Nice-to-haves / Bonus points / Bonus points if you have / Preferred / "
        "Preferred qualifications / A plus / It's a plus if you / Good to have / Useful extras / Extra credit / Optional / Advantageous / Ideally you also have / "
        "Helpful, not essential / A bonus, never a filter / Lovely to have / You may also have"
    ),
    "skills": (
        "Skills / Technical skills / Key skills / Skills you need / Skills and experience / Knowledge, skills and abilities / Competencies / Core competencies / "
        "Tech stack / Our tech stack / Technologies we use / Tools / Your toolkit / Technical expertise / What you know"
    ),
    "benefits": (
        "Benefits / BENEFITS / Our benefits / Perks / Perks and benefits / Compensation and benefits / Total rewards / Salary / Salary range / Salary and bonus / Pay / "
        "The package / Bonus scheme / What we offer / We offer / What we can offer you / What's on offer / What you'll get / What you get from us / "
        "What's in it for you / In return / Why join us? / Why work with us / Terms / Terms and conditions / Terms of employment / The deal / "
        "Career development / Training and development / What you can learn here"
    ),
    "apply": (
        "How to apply / HOW TO APPLY / To apply / Apply / Applying / Application process / Interview process / First stage interview / Hiring process / Recruitment process / "
        "Selection process / Selection / Next steps / What happens next / Who may apply: / Closing date / Ready to apply? / Interested? / Contact"
    ),
    "other": (
        "Payments platform / Communication / Collaboration / Delivery / Level 3 / Hours / Location / FAQ / Managing people / Good to know / The small print / "
        # Competencies and teams whose name holds a word of some kind.
        "User experience / Customer experience / Developer experience / "
        # Titles.
        "Senior Engineer / Benefits Manager / Head of Customer Education / Compensation Analyst / Interview Coordinators / Technical Skills Trainer / "
        # What is no part of the role is no task and no requirement.
        "Not in scope / Out of scope / What this isn't / What this role is not / What the post does not cover / What you won't do / What you won’t be asked to do / "
        "What you don't need / What we are not looking for / You need not have / What you can leave to others / What somebody else does / What sits elsewhere / "
        "Boundaries of the role / What is outside the role"
    ),
}


@pytest.mark.parametrize(("heading", "name"), [(heading, name) for name, headings in HEADINGS.items() for heading in headings.split(" / ")])
def test_a_heading_names_its_kind_of_section(heading: str, name: str) -> None:
    assert section_name(heading) == name


@pytest.mark.parametrize("heading", ["Responsibilities", "what you'll bring", "Perks & benefits", "Next steps"])
@pytest.mark.parametrize("dressed", ["{}", "{}:", "## {}", "🎯 {}", "« {} »", "{} …"])
def test_case_and_decoration_do_not_matter(heading: str, dressed: str) -> None:
    assert section_name(dressed.format(heading.upper())) == section_name(heading) != "other"


@pytest.mark.parametrize("heading", ["What this isn't", "Not in scope", "What you can leave to others", "You won’t be asked to"])
def test_what_is_no_part_of_the_role_is_recognised(heading: str) -> None:
    assert excludes(heading)


@pytest.mark.parametrize("heading", ["Helpful, not essential", "Why not join us?", "Notes", "Payments", "What you'll do"])
def test_a_heading_of_a_kind_excludes_nothing(heading: str) -> None:
    assert not excludes(heading)


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("You will plan the rota for two shops and train new colleagues.", "responsibilities"),
        ("The curator is responsible for the loans.", "responsibilities"),
        ("A bachelor's degree or equal practice is expected.", "requirements"),
        ("We're looking for somebody who has closed a month's books alone.", "requirements"),
        ("To do this well, you will probably have worked five years in planning.", "requirements"),
        ("The person we imagine has run a kitchen.", "requirements"),
        ("On the technical side, proficiency in Go is a must.", "skills"),
        ("Knowledge of Welsh would be a plus.", "desirable"),
        ("We offer thirty days of leave.", "benefits"),
        ("Compensation starts at €58,000.", "benefits"),
        ("To apply, write two paragraphs.", "apply"),
        ("The office is a short walk from the harbour.", "other"),
        ("The bakery opened in 1904.", None),
    ],
)
def test_the_first_sentence_of_a_paragraph_names_its_kind(sentence: str, name: str | None) -> None:
    assert section_of_opening(sentence) == name
