"""Markdown: front matter, CommonMark, and the HTML within it."""

from collections.abc import Callable, Sequence

import pytest

from ingest.documents import Block, BlockKind, Document
from search.errors import Refused

Only = Callable[[str, bytes | str], Document]


def texts(blocks: Sequence[Block]) -> list[str]:
    return [block.text for block in blocks]


def test_front_matter(only: Only) -> None:
    document = only(
        "role.md",
        "---\ntitle: '🚀 Lead'\nid: 42\nSalary Min: 50000\nremote: yes\nposted: 2026-05-04\ntags: [go, linux]\nmanager:\n---\n\nYou lead.\n",
    )
    assert (document.title, document.record_id) == ("🚀 Lead", "42")
    assert document.attributes == {"salary_min": 50000, "remote": True, "posted": "2026-05-04", "tags": ("go", "linux")}
    assert texts(document.blocks) == ["You lead."]


def test_toml_front_matter(only: Only) -> None:
    document = only("role.md", '+++\ntitle = "Lead"\nposted = 2026-05-04\ngrade = 7\n+++\nYou lead.\n')
    assert (document.title, dict(document.attributes), texts(document.blocks)) == ("Lead", {"posted": "2026-05-04", "grade": 7}, ["You lead."])


def test_broken_front_matter_loses_neither_values_nor_text(only: Only) -> None:
    document = only("role.md", "---\ntitle: Lead: Platform\nteam: [unclosed\ngrade: 7\nno colon here\n---\nYou lead.\n")
    assert document.title == "Lead: Platform"
    assert document.attributes == {"team": "[unclosed", "grade": 7}
    assert texts(document.blocks) == ["no colon here", "You lead."]


def test_a_rule_at_the_top_is_no_front_matter(only: Only) -> None:
    assert texts(only("role.md", "---\n\nYou lead a team.\n\n---\n\nYou rest.\n").blocks) == ["You lead a team.", "You rest."]
    assert texts(only("role.md", "---\ntitle: never closed\n\nYou lead.\n").blocks)[-1] == "You lead."


def test_nested_front_matter_becomes_text(only: Only) -> None:
    document = only(
        "role.md",
        """---
title: Framework
levels: 2
topics:
  - name: "problem solving"
    title: "🧠 Problem solving"
    content:
      - level: 1
        criteria: ["Asks", "Learns"]
      - level: 2
        criteria: ["Plans"]
        examples: ["A plan"]
duties:
\t- "Leads a team of six people through difficult times"
about:
  purpose: "Keep the lights on for everyone who pays us"
  size: 6
---
""",
    )
    heading, item = BlockKind.HEADING, BlockKind.ITEM
    assert document.blocks == [
        Block(heading, "🧠 Problem solving", 2),
        Block(heading, "Level 1", 3),
        Block(item, "Asks"),
        Block(item, "Learns"),
        Block(heading, "Level 2", 3),
        Block(heading, "Criteria", 4),
        Block(item, "Plans"),
        Block(heading, "Examples", 4),
        Block(item, "A plan"),
        Block(heading, "Duties", 2),
        Block(item, "Leads a team of six people through difficult times"),
        Block(heading, "About", 2),
        Block(BlockKind.PARAGRAPH, "Keep the lights on for everyone who pays us"),
        Block(BlockKind.PARAGRAPH, "Size: 6"),
    ]
    assert document.attributes == {"levels": 2}


def test_front_matter_alone_keeps_its_sentences(only: Only) -> None:
    document = only("role.md", "---\ntitle: Lead\nsummary: You lead six engineers in three countries.\n---\n")
    assert texts(document.blocks) == ["You lead six engineers in three countries."]
    with pytest.raises(Refused, match="front matter and nothing below it"):
        only("role.md", "---\ntitle: Lead\n---\n")


def test_aliases_that_multiply_are_cut_short(only: Only) -> None:
    lines = ["a0: &a0 [x, y, z, x, y, z, x, y, z]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    document = only("role.md", "---\n" + "\n".join(lines) + "\n---\nYou lead.\n")
    assert len(document.blocks) < 25_000


def test_commonmark(only: Only) -> None:
    document = only(
        "role.md",
        "#Tag\n\n###Tight heading\n**Bold line**\n\nA *short* [link](http://x.example) and `code`.\nGoes on.\n\n"
        "**Grade:** 7  \n**Team:** six\n\n* one\n  * two\n\n    more\n\n![Chart](x.png) ![a chart of how the six teams depend on us](y.png)\n\n"
        "| Level | Senior | Pay |\n| - | - | - |\n| 4 | Yes | 60 |\n\n| Key | Value |\n| - | - |\n| Grade | 7 |\n\n"
        "```\n##not a heading\n```\n\n{% include x.html %}\n",
    )
    assert [(block.kind.value, block.level, block.text, block.bold) for block in document.blocks] == [
        ("paragraph", 0, "#Tag", False),
        ("heading", 3, "Tight heading", False),
        ("paragraph", 0, "Bold line", True),
        ("paragraph", 0, "A short link and code. Goes on.", False),
        ("paragraph", 0, "Grade: 7", False),
        ("paragraph", 0, "Team: six", False),
        ("item", 0, "one", False),
        ("item", 1, "two", False),
        ("paragraph", 0, "more", False),
        ("paragraph", 0, "a chart of how the six teams depend on us", False),
        ("paragraph", 0, "Level; Senior; Pay", False),
        ("paragraph", 0, "4; Yes; 60", False),
        ("paragraph", 0, "Key: Value", False),
        ("paragraph", 0, "Grade: 7", False),
        ("paragraph", 0, "##not a heading", False),
    ]


def test_a_paragraph_above_a_rule_is_no_heading(only: Only) -> None:
    sentence = "You lead " + "and mentor " * 20 + "six engineers."
    (block,) = only("role.md", f"{sentence}\n---\n").blocks
    assert (block.kind, block.text) == (BlockKind.PARAGRAPH, sentence)


def test_embedded_html(only: Only) -> None:
    document = only(
        "role.md",
        """# Developer

<dl class="summary">
  <div><dt>Grade</dt><dd>
  G7</dd></div>
  <div data-ignore="true"><dt>Download</dt><dd><a href="word">Word document</a></dd></div>
</dl>

<!-- not for readers -->
You <b>build</b>.
""",
    )
    assert texts(document.blocks) == ["Developer", "Grade: G7", "You build."]


def test_lines_that_authors_meant_to_be_lines(only: Only) -> None:
    document = only(
        "role.md",
        "##\u00a0Facts\nPlace: Leeds\nTeam: six\nand a half\n\n**Pay:** fair\n**Hours:** few\n\n<dl>\n<dt>Grade</dt><dd>7</dd>\n</dl>\n## Duties\n- Plan\n",
    )
    assert texts(document.blocks) == ["Facts", "Place: Leeds", "Team: six and a half", "Pay: fair", "Hours: few", "Grade: 7", "Duties", "Plan"]
