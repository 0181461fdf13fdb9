"""Documents to roles: titles, sections, and files that hold several roles."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given

from ingest.documents import Block, Document
from ingest.parsing import roles_of
from role_parts import documents, heading, item, paragraph
from search.errors import Refused
from search.records import AttributeValue, Role

PROSE = paragraph("You repair the trams of a town by the sea, most of them older than yourself.")


def role_of(*blocks: Block, title: str | None = None, role_id: str = "team/tram-fitter.md", **attributes: AttributeValue) -> Role:
    [role] = roles_of(Document(blocks, title, attributes=attributes), role_id, "team/tram-fitter.md")
    return role


def sections_of(role: Role) -> list[tuple[str, str, str]]:
    return [(section.name, section.trail, role.text[section.start : section.end]) for section in role.sections]


# Titles --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "title"),
    [
        (heading("Tram Fitter", 1), "Tram Fitter"),
        (heading("Tram Fitter", 3), "Tram Fitter"),
        (heading("Benefits Manager", 1), "Benefits Manager"),
        (heading("Requirements", 1), "Requirements"),
        (heading("Tram Fitter:", 1), "Tram Fitter"),
        (heading("Job title: Tram Fitter", 1), "Tram Fitter"),
        (heading("SENIOR TRAM FITTER (QA) FOR THE NIGHT", 1), "Senior Tram Fitter (QA) for the Night"),
        (heading("SRE", 1), "SRE"),
        (heading("About the Tram Fitter role", 1), "Tram Fitter"),
        (paragraph("Tram Fitter", bold=True), "Tram Fitter"),
        (paragraph("Job title: Tram Fitter"), "Tram Fitter"),
        (paragraph("Position : Tram Fitter, Depot 4"), "Tram Fitter, Depot 4"),
        (paragraph("Vacancy: Role: Tram Fitter"), "Tram Fitter"),
        (paragraph("We're hiring: Tram Fitter"), "Tram Fitter"),
    ],
)
def test_the_first_block_is_the_title_and_no_part_of_the_text(first: Block, title: str) -> None:
    role = role_of(first, PROSE)
    assert (role.title, role.text) == (title, PROSE.text)


@pytest.mark.parametrize(
    "first",
    [
        heading("Responsibilities", 2),
        heading("Job description", 2),
        paragraph("Trams are older than they look.", bold=True),
        paragraph("Tram fitters and other people of the depot"),
        paragraph("Please note:", bold=True),
        item("Tram Fitter"),
    ],
)
def test_what_is_no_title_stays_and_the_file_name_is_the_title(first: Block) -> None:
    role = role_of(first, PROSE)
    assert role.title == "Tram fitter"
    assert first.text in role.text


@pytest.mark.parametrize(
    ("role_id", "title"),
    [
        ("team/tram-fitter.md", "Tram fitter"),
        ("Senior_Tram  Fitter.v2.docx", "Senior tram fitter"),
        ("jobs.jsonl#3", "Jobs"),
        ("x/SRE.txt", "Sre"),
        ("...", "..."),
    ],
)
def test_a_title_from_the_file_name(role_id: str, title: str) -> None:
    assert role_of(PROSE, role_id=role_id).title == title


def test_a_stated_title_wins_and_a_heading_that_repeats_it_goes() -> None:
    role = role_of(heading("TRAM FITTER", 1), PROSE, title="Tram fitter")
    assert (role.title, role.text) == ("Tram Fitter", PROSE.text)


def test_a_stated_title_wins_and_another_heading_stays() -> None:
    role = role_of(heading("Depot 4", 1), PROSE, title="Tram Fitter")
    assert (role.title, role.text) == ("Tram Fitter", f"Depot 4\n\n{PROSE.text}")


def test_the_title_stands_below_the_head_of_a_form() -> None:
    role = role_of(heading("INTERNAL VACANCY 26/017", 2), heading("Tram Fitter", 2), PROSE)
    assert role.title == "Tram Fitter"
    assert "INTERNAL VACANCY 26/017" in role.text


def test_the_title_stands_in_a_line_of_its_own_in_a_mail() -> None:
    role = role_of(paragraph("From: Depot 4"), paragraph("To: everybody"), paragraph("Job title: Tram Fitter"), PROSE)
    assert (role.title, role.text) == ("Tram Fitter", f"From: Depot 4\n\nTo: everybody\n\n{PROSE.text}")


def test_the_title_is_a_level_1_heading_below_a_line_or_two() -> None:
    role = role_of(paragraph("Port Trams Ltd, since 1904."), heading("Tram Fitter", 1), PROSE)
    assert (role.title, role.text) == ("Tram Fitter", f"Port Trams Ltd, since 1904.\n\n{PROSE.text}")


def test_a_title_that_is_too_long_is_cut_and_stays_whole_in_the_text() -> None:
    words = " ".join(f"fitter{number}" for number in range(25))
    role = role_of(heading(words, 1), PROSE)
    assert role.title == words.partition(" fitter19")[0]  # 160 characters, to the letter
    assert words in role.text


def test_the_level_becomes_an_attribute_unless_the_document_names_one() -> None:
    assert role_of(heading("Senior Fitter", 1), PROSE, team="4").attributes == {"team": "4", "level": "senior"}
    assert role_of(heading("Senior Fitter", 1), PROSE, level="junior").attributes == {"level": "junior"}
    assert role_of(heading("Tram Fitter", 1), PROSE).attributes == {}


# Text and sections ---------------------------------------------------------------------------------------------------


def test_paragraphs_headings_and_items_are_laid_out_as_text() -> None:
    role = role_of(heading("Fitter", 1), PROSE, heading("Tasks"), item("doors"), item("hinges", 1), item("brakes"), paragraph("That is all."))
    assert role.text == f"{PROSE.text}\n\nTasks\n\n- doors\n  - hinges\n- brakes\n\nThat is all."


@pytest.mark.parametrize(
    "announced",
    [
        pytest.param(lambda words: heading(words), id="a heading of the format"),
        pytest.param(lambda words: paragraph(words, bold=True), id="a bold line"),
        pytest.param(lambda words: paragraph(words), id="a short line in known wording"),
    ],
)
def test_sections_by_their_headings(announced: Callable[[str], Block]) -> None:
    role = role_of(
        heading("Fitter", 1), PROSE, announced("What you'll do"), item("mend doors"), item("test brakes"), announced("Requirements"), paragraph("Patience, mostly.")
    )  # fmt: skip
    assert sections_of(role) == [
        ("about", "", PROSE.text),
        ("responsibilities", "What you'll do", "- mend doors\n- test brakes"),
        ("requirements", "Requirements", "Patience, mostly."),
    ]


def test_a_line_with_a_colon_above_a_list_is_a_heading_in_any_wording() -> None:
    role = role_of(heading("Fitter", 1), PROSE, paragraph("On Tuesdays, mostly:"), item("mend doors"))
    assert sections_of(role) == [("about", "", PROSE.text), ("other", "On Tuesdays, mostly:", "- mend doors")]


@pytest.mark.parametrize(
    "line",
    ["Salary: £38,000", "Skills matter here.", "We use tools, and skills,", "You will need to know a good deal about trams", "On Tuesdays, mostly:"],
)
def test_a_line_that_states_something_is_no_heading(line: str) -> None:
    role = role_of(heading("Fitter", 1), PROSE, paragraph(line), PROSE)
    assert {section.heading for section in role.sections} == {""}


def test_a_bold_line_at_the_end_or_above_a_heading_is_none() -> None:
    role = role_of(heading("Fitter", 1), PROSE, paragraph("Depot 4", bold=True), heading("Tasks"), item("doors"), paragraph("Come soon", bold=True))
    assert sections_of(role) == [("about", "", f"{PROSE.text}\n\nDepot 4"), ("responsibilities", "Tasks", "- doors\n\nCome soon")]


def test_nested_headings_inherit_the_kind_and_know_what_is_above_them() -> None:
    role = role_of(
        heading("Fitter", 1), heading("Skills", 2), heading("Electrics", 3), item("fuses"), heading("Level 2", 4), item("relays"), heading("Pay", 3), item("fair"),
        heading("Manners", 3), item("calm"), heading("The depot", 2), item("by the sea"),
    )  # fmt: skip
    assert sections_of(role) == [
        ("skills", "Skills › Electrics", "- fuses"),
        ("skills", "Skills › Electrics › Level 2", "- relays"),
        ("benefits", "Skills › Pay", "- fair"),
        ("skills", "Skills › Manners", "- calm"),  # not "benefits": what stands beside it lends no kind, only what is above
        ("other", "The depot", "- by the sea"),
    ]


def test_a_bold_line_below_a_heading_is_nested_in_it() -> None:
    role = role_of(heading("Fitter", 1), heading("Tasks"), paragraph("Mondays", bold=True), item("doors"), paragraph("Fridays", bold=True), item("brakes"))
    assert sections_of(role) == [("responsibilities", "Tasks › Mondays", "- doors"), ("responsibilities", "Tasks › Fridays", "- brakes")]


def test_what_is_no_part_of_the_role_is_of_no_kind_wherever_it_stands() -> None:
    role = role_of(heading("Fitter", 1), heading("What you'll do"), item("doors"), heading("What you won't do", 3), item("drive"))
    assert sections_of(role) == [("responsibilities", "What you'll do", "- doors"), ("other", "What you'll do › What you won't do", "- drive")]


def test_text_without_headings_gets_its_sections_by_wording() -> None:
    intro = "The depot opened in 1904."
    tasks = "You will mend doors. Brakes too."
    more = "Doors come first."
    needs = "A degree is welcome."
    place = "The office is by the sea."
    role = role_of(heading("Fitter", 1), *map(paragraph, (intro, tasks, more, needs, place)))
    assert sections_of(role) == [("other", "", intro), ("responsibilities", "", f"{tasks}\n\n{more}"), ("requirements", "", needs), ("other", "", place)]


def test_where_there_are_headings_wording_is_not_asked() -> None:
    role = role_of(heading("Fitter", 1), heading("The depot"), paragraph("You will mend doors."))
    assert [section.name for section in role.sections] == ["other"]


def test_a_heading_with_nothing_below_it_is_text_but_no_section() -> None:
    role = role_of(heading("Fitter", 1), PROSE, heading("Tasks"), heading("Pay"), item("fair"))
    assert "Tasks" in role.text
    assert [section.heading for section in role.sections] == ["", "Pay"]


# Several roles, and none ---------------------------------------------------------------------------------------------

LONG = paragraph("one word after another, " * 9 + "forty words and no heading")


def test_a_file_of_several_level_1_headings_is_several_roles() -> None:
    blocks = [heading("Tram Fitter", 1), LONG, heading("Benefits Manager", 1), heading("Tasks"), LONG, heading("Senior Driver", 1), LONG]
    found = roles_of(Document(blocks, title="All our roles", attributes={"depot": "4"}), "roles.md", "roles.md")
    assert [(role.id, role.title, role.source, role.attributes) for role in found] == [
        ("roles.md", "Tram Fitter", "roles.md", {"depot": "4"}),
        ("roles.md#2", "Benefits Manager", "roles.md", {"depot": "4", "level": "manager", "family": "people"}),
        ("roles.md#3", "Senior Driver", "roles.md", {"depot": "4", "level": "senior", "family": "transport"}),
    ]
    assert sections_of(found[1]) == [("responsibilities", "Tasks", LONG.text)]


@pytest.mark.parametrize(
    ("blocks", "whole_file"),
    [
        pytest.param([heading("Tram Fitter", 1), LONG, heading("Requirements", 1), LONG], True, id="one heading names a section"),
        pytest.param([heading("Tram Fitter", 1), LONG, heading("Driver", 1), PROSE], True, id="one has few words"),
        pytest.param([LONG, heading("Tram Fitter", 1), LONG, heading("Driver", 1), LONG], True, id="text above the first"),
        pytest.param([heading("Tram Fitter", 1), LONG, heading("Driver", 2), LONG], True, id="other levels"),
        pytest.param([heading("Tram Fitter", 1), LONG, heading("Driver", 1), LONG], False, id="a record of a table"),
    ],
)
def test_a_file_stays_one_role(blocks: Sequence[Block], whole_file: bool) -> None:
    assert len(roles_of(Document(blocks, whole_file=whole_file), "roles.md", "roles.md")) == 1


def test_the_documents_own_id_is_the_first_roles() -> None:
    blocks = [heading("Tram Fitter", 1), LONG, heading("Driver", 1), LONG]
    assert [role.id for role in roles_of(Document(blocks, record_id="R-7"), "roles.md", "roles.md")] == ["R-7", "roles.md#2"]


@pytest.mark.parametrize("blocks", [[], [heading("Tram Fitter", 1)], [heading("Tram Fitter", 1), heading("Tasks")], [paragraph("Job title: Tram Fitter")]])
def test_a_title_alone_is_refused(blocks: Sequence[Block]) -> None:
    with pytest.raises(Refused, match="no text"):
        roles_of(Document(blocks), "a.md", "a.md")


# Every document ------------------------------------------------------------------------------------------------------


@given(documents())
def test_sections_are_in_order_disjoint_and_inside_the_text(document: Document) -> None:
    for role in parsed(document):
        assert role.sections
        place = 0
        for section in role.sections:
            assert place <= section.start < section.end <= len(role.text)
            assert role.text[section.start : section.end] == role.text[section.start : section.end].strip()
            assert section.heading in role.text[place : section.start]
            place = section.end


@given(documents())
def test_no_word_of_a_document_is_lost_and_none_is_added(document: Document) -> None:
    found = parsed(document)
    if not found:
        return
    stated = sum((_words(block.text) for block in document.blocks), Counter[str]())
    text = sum((_words(role.text) for role in found), Counter[str]())
    assert text <= stated
    assert stated <= text + sum((_words(role.title) for role in found), Counter[str]())


@given(documents())
def test_what_is_in_no_section_is_a_heading_or_the_space_between(document: Document) -> None:
    headings = {block.text for block in document.blocks}
    for role in parsed(document):
        place = 0
        for start, end in [*((section.start, section.end) for section in role.sections), (len(role.text), len(role.text))]:
            assert all(line in headings for line in role.text[place:start].split("\n\n") if line.strip())
            place = end


def parsed(document: Document) -> list[Role]:
    try:
        return roles_of(document, "a.md", "a.md")
    except Refused:
        return []


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))
