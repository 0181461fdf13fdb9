"""A role's text as headings, paragraphs and lists: nothing is lost, and each block knows its place."""

import re
from itertools import pairwise

from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from builders import make_role
from search.records import Section
from ui.views.layout import Block, Shape, blocks_of, html_of_blocks
from ui.views.markup import Kind, Mark

TEXT = "An opening line\nthat goes on.\n\nYour tasks\n\n- Run clusters\n  at night\n  - and by day\n- Mentor\nNot a task.\n\nMentor"

lines = st.sampled_from(["", "- item", "  - deeper", "          - deepest", "plain", "  indented", "-", "- ", " ", "Heading"])


def shapes(text: str, sections: tuple[Section, ...] = ()) -> list[tuple[Shape, str, int]]:
    return [(block.shape, text[block.start : block.end], block.depth) for block in blocks_of(text, sections)]


def test_text_by_itself() -> None:
    assert shapes(TEXT) == [
        (Shape.PARAGRAPH, "An opening line\nthat goes on.", 0),
        (Shape.PARAGRAPH, "Your tasks", 0),
        (Shape.ITEM, "Run clusters\n  at night", 0),
        (Shape.ITEM, "and by day", 1),
        (Shape.ITEM, "Mentor", 0),
        (Shape.PARAGRAPH, "Not a task.", 0),
        (Shape.PARAGRAPH, "Mentor", 0),
    ]


def test_headings_are_the_lines_that_name_a_section() -> None:
    role = make_role("a.md", "A", "Opening", ("Your tasks", "- Run clusters\n\nYour tasks"), ("Benefits", "Tea"))
    assert shapes(role.text, role.sections) == [
        (Shape.PARAGRAPH, "Opening", 0),
        (Shape.HEADING, "Your tasks", 0),
        (Shape.ITEM, "Run clusters", 0),
        (Shape.PARAGRAPH, "Your tasks", 0),
        (Shape.HEADING, "Benefits", 0),
        (Shape.PARAGRAPH, "Tea", 0),
    ]


def test_headings_are_as_deep_as_they_are_nested() -> None:
    text = "Skills\n\nCommunication\n\nLevel 2\n\nListens"
    sections = (Section("requirements", "Level 2", text.index("Listens"), len(text), ("Skills", "Communication")),)
    assert shapes(text, sections) == [
        (Shape.HEADING, "Skills", 0),
        (Shape.HEADING, "Communication", 1),
        (Shape.HEADING, "Level 2", 2),
        (Shape.PARAGRAPH, "Listens", 0),
    ]


def test_a_line_between_sections_that_names_none_is_text() -> None:
    assert shapes("Stray\nBody", (Section("other", "Else", 6, 10),)) == [(Shape.PARAGRAPH, "Stray\nBody", 0)]


@given(st.lists(lines).map("\n".join))
def test_no_word_is_lost_or_shown_twice(text: str) -> None:
    blocks = blocks_of(text)
    assert blocks == sorted(blocks, key=lambda block: block.start)
    assert all(before.end <= after.start for before, after in pairwise(blocks))
    assert " ".join(text[block.start : block.end] for block in blocks).split() == re.sub(r"(?m)^ *- +(?=\S)", "", text).split()


@given(st.text(st.sampled_from("a<&\n -é"), max_size=60))
def test_the_html_says_the_words_of_the_text(text: str) -> None:
    soup = BeautifulSoup(html_of_blocks(text, blocks_of(text)), "html.parser")
    assert soup.get_text(" ").split() == re.sub(r"(?m)^ *- +(?=\S)", "", text).split()
    assert {element.name for element in soup.find_all()} <= {"p", "ul", "li", "br"}


@given(st.lists(lines).map("\n".join))
def test_lists_are_nested_as_deep_as_their_items_and_all_are_closed(text: str) -> None:
    blocks = blocks_of(text)
    soup = BeautifulSoup(html_of_blocks(text, blocks), "html.parser")
    assert str(soup) == html_of_blocks(text, blocks).replace("<br>", "<br/>")
    assert [len(item.find_parents("ul")) - 1 for item in soup.select("li")] == [block.depth for block in blocks if block.shape is Shape.ITEM]


def test_html_has_one_list_for_items_in_a_row_and_marks_inside_blocks() -> None:
    text = "Tasks\n- Run it\n- Mend it"
    blocks = [Block(Shape.HEADING, 0, 5, 9), Block(Shape.ITEM, 8, 14), Block(Shape.ITEM, 17, 24, 1)]
    assert html_of_blocks(text, blocks, [Mark(8, 21, Kind.MEANING), Mark(17, 21, Kind.WORDS)]) == (
        "<h6>Tasks</h6><ul><li><u>Run it</u></li><ul><li><u><mark><b>Mend</b></mark></u> it</li></ul></ul>"
    )


def test_lists_within_lists_go_down_and_up_and_a_paragraph_ends_them_all() -> None:
    text = "- a\n  - b\n    - c\n- d\nend\n    - e"
    assert html_of_blocks(text, blocks_of(text)) == (
        "<ul><li>a</li><ul><li>b</li><ul><li>c</li></ul></ul><li>d</li></ul><p>end</p><ul><ul><ul><li>e</li></ul></ul></ul>"
    )


def test_a_line_break_within_a_block_is_kept_and_a_mark_goes_across_it() -> None:
    text = "one\ntwo\n\nthree"
    assert html_of_blocks(text, blocks_of(text), [Mark(2, 5, Kind.MEANING)]) == "<p>on<u>e<br>t</u>wo</p><p>three</p>"


def test_headings_are_elements_by_their_depth() -> None:
    text = "abcde"
    blocks = [Block(Shape.HEADING, place, place + 1, place) for place in range(5)]
    assert html_of_blocks(text, blocks) == "<h3>a</h3><h4>b</h4><h5>c</h5><h6>d</h6><h6>e</h6>"


def test_an_anchor_is_the_id_of_the_block_around_its_place() -> None:
    text = "Tasks\n\n- Run it\n- Mend it\n\nThe end"
    anchors = {0: "first", text.index("Mend") + 2: 'se"cond', text.index("The end"): "third", 99: "nowhere"}
    soup = BeautifulSoup(html_of_blocks(text, blocks_of(text), (), anchors), "html.parser")
    assert [(element["id"], element.get_text()) for element in soup.find_all(id=True)] == [("first", "Tasks"), ('se"cond', "Mend it"), ("third", "The end")]


def test_two_anchors_in_one_block_are_both_there() -> None:
    text = "One sentence. Another sentence."
    soup = BeautifulSoup(html_of_blocks(text, blocks_of(text), (), {0: "first", 14: "second"}), "html.parser")
    assert [element["id"] for element in soup.find_all(id=True)] == ["first", "second"]
    assert soup.get_text() == text
