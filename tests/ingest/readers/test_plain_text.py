"""Plain text: paragraphs, wrapped lines, lists and headings."""

from collections.abc import Callable, Sequence

import pytest

from ingest.documents import Block, Document
from ingest.readers.fields import blocks_from_field
from ingest.readers.plain_text import blocks_from_text

Only = Callable[[str, bytes | str], Document]


def shape(blocks: Sequence[Block]) -> list[str]:
    """Blocks as short lines: "## heading", "text", "- item", "  - inner item", "**bold**"."""
    marks = {"heading": "#", "item": "- ", "paragraph": ""}
    lines = []
    for block in blocks:
        mark = marks[block.kind.value]
        if block.kind == "heading":
            lines.append(f"{mark * block.level} {block.text}")
        else:
            lines.append(("  " * block.level + mark + block.text) if not block.bold else f"**{block.text}**")
    return lines


PROSE = "You run the platform that thirty product teams build on and you make it dull to operate."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"{PROSE}\n\n{PROSE}", [PROSE, PROSE], id="paragraphs by blank lines"),
        pytest.param("The team works from Leeds and from Kraków, two days a week\nin the office and three wherever.", None, id="wrapped"),
        pytest.param("You will:\n- build\n- run\n  and mend\n", ["## You will", "- build", "- run and mend"], id="colon and list"),
        pytest.param("Tasks\n* plan\n* build", ["## Tasks", "- plan", "- build"], id="short line above a list"),
        pytest.param("WHAT YOU DO\nYou build.", ["## WHAT YOU DO", "You build."], id="capitals"),
        pytest.param(f"About us\n\n{PROSE}", ["## About us", PROSE], id="lone line above prose"),
        pytest.param(f"Context\n{PROSE}", ["## Context", PROSE], id="short line right above prose"),
        pytest.param("Acme Ltd, Group IT, Leeds\n" + PROSE, ["Acme Ltd, Group IT, Leeds", PROSE], id="an address is no heading"),
        pytest.param("Team\n====\nSix.\n\nPay\n---\nFair.", ["# Team", "Six.", "## Pay", "Fair."], id="underlined"),
        pytest.param("### Pay ###\nFair.", ["### Pay", "Fair."], id="hashes"),
        pytest.param("#hiring now", ["#hiring now"], id="a tag is no heading"),
        pytest.param("1. plan\n2. build\n   and run\n3. rest", ["- plan", "- build and run", "- rest"], id="numbers"),
        pytest.param("DUTIES\n1. plan\n2. build", ["## DUTIES", "- plan", "- build"], id="numbers right below a heading"),
        pytest.param("a) plan\nb) build", ["- plan", "- build"], id="letters"),
        pytest.param("You need\n\no Linux\no Go", ["## You need", "- Linux", "- Go"], id="the letter o"),
        pytest.param("– plan\n– build", ["- plan", "- build"], id="dashes"),
        pytest.param("• plan\n    ◦ design\n• build", ["- plan", "  - design", "- build"], id="nested"),
        pytest.param("- plan\n\n- build", ["- plan", "- build"], id="blank lines within a list"),
        pytest.param("Location: Leeds\nPay: fair", ["Location: Leeds", "Pay: fair"], id="labels are lines of their own"),
        pytest.param("**Your week:**\nYou **build** things.", ["**Your week**", "You build things."], id="Markdown's bold"),
        pytest.param("We ship on Mondays.\fWe rest.", ["We ship on Mondays.", "We rest."], id="form feed"),
    ],
)
def test_text(text: str, expected: list[str] | None) -> None:
    assert shape(blocks_from_text(text)) == (expected or [text.replace("\n", " ")])


def test_unwrapped_lines_are_paragraphs_of_their_own() -> None:
    text = "\n".join([PROSE * 2] * 3)
    assert shape(blocks_from_text(text)) == [PROSE * 2] * 3


def test_a_wrapped_line_may_begin_with_what_looks_like_a_sign() -> None:
    text = (
        "We pay 1,120 EUR gross a month, fourteen times a year, language bonus 150 EUR\n"
        "+ night supplement and whatever else the law of the land\n1. of May adds."
    )
    (block,) = blocks_from_text(text)
    assert block.text.startswith("We pay") and "+ night supplement" in block.text and block.text.endswith("of May adds.")


def test_words_parted_by_a_hyphen_at_the_end_of_a_line() -> None:
    text = "The person appointed leads several loosely coupled and very cross-\nfunctional teams whose products are used by nearly every colleague."
    assert "cross-functional" in blocks_from_text(text)[0].text


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (f"Senior Engineer\n\n{PROSE}", "# Senior Engineer"),
        (f"About the Senior Engineer - MS role\n{PROSE * 3}\n{PROSE * 3}", "# About the Senior Engineer - MS role"),
        (f"HEAD OF MARKETING\nAcme, Leeds\n\n{PROSE}", "# HEAD OF MARKETING"),
        (f"Senior Engineer\n===============\n{PROSE}", "# Senior Engineer"),
        (f"# Senior Engineer\n{PROSE}", "# Senior Engineer"),
        (f"Senior Engineer\nDUTIES\n{PROSE}", "# Senior Engineer"),
        (f"{PROSE}\n\n{PROSE}", PROSE),
        ("Location: Leeds\nPay: fair\nTeam: six", "Location: Leeds"),
        (f"Your week:\n- plan\n\n{PROSE}", "## Your week"),
    ],
)
def test_first_line_as_title(text: str, first: str, only: Only) -> None:
    assert shape(only("role.txt", text).blocks)[0] == first


def test_a_field_is_read_as_what_it_holds() -> None:
    plain = "Lead SRE\n\nYou run it.\n\nNeeds:\n- Linux &amp; Go"
    assert shape(blocks_from_field(plain, "Lead SRE")) == ["You run it.", "## Needs", "- Linux & Go"]
    html = "<h1>Lead SRE</h1><p>You run it.</p><h2>Needs</h2><ul><li>Linux &amp; Go</li></ul>"
    assert shape(blocks_from_field(html, "Lead SRE")) == ["You run it.", "## Needs", "- Linux & Go"]
    escaped = "&lt;p&gt;You run it.&lt;/p&gt;&lt;ul&gt;&lt;li&gt;Linux &amp;amp; Go&lt;/li&gt;&lt;/ul&gt;"
    assert shape(blocks_from_field(escaped)) == ["You run it.", "- Linux & Go"]
    inline = "You <b>run</b> it.\n\nNeeds:\n- Linux"
    assert shape(blocks_from_field(inline)) == ["You run it.", "## Needs", "- Linux"]
    assert shape(blocks_from_field("Fewer than < 5 people, more than > 2")) == ["Fewer than < 5 people, more than > 2"]
    assert shape(blocks_from_field("Lead SRE\nLead SRE team\n\nText.", "Lead SRE"))[0] == "Lead SRE team"
