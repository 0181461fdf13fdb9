"""Text from strangers shows as it is: whatever it holds, the HTML says the same text and holds no element but the marks."""

import re
from html.parser import HTMLParser

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from ui.views.markup import Kind, Mark, apart, escaped, html_of, moved

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!-- hidden --> <style>body{display:none}</style>",
    "&lt;b&gt; &#60;script&#62; &amp;amp; &nosuch; &copy",
    "![image](https://example.org/x.png) [link](javascript:alert(1)) <https://example.org>",
    "# no heading\n- no list\n> no quote\n| a | b |\n|---|---|",
    "**bold** _it_ ~~gone~~ `code` $x^2$ :smile: :material/home: :red[red] https://example.org www.example.org a@example.org",
    "' onmouseover='alert(1)' x='",
    "</span></mark></p></article>",
    "]]> <![CDATA[ x ]]> <?php ?>",
)

# What can be written down in a role; control characters and half surrogate pairs are tested by themselves.
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t")),
    st.lists(st.sampled_from([*HOSTILE, "<", ">", "&", '"', "'", "/", "=", "`", "\n", " ", "a", "script", "#", ";", "é"])).map("".join),
)
marks = st.lists(st.builds(Mark, st.integers(-3, 60), st.integers(-3, 60), st.sampled_from(Kind)), max_size=5)


class Reading(HTMLParser):
    """The text and the tags of a piece of HTML."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[str] = []
        self.marked = {kind: set[int]() for kind in Kind}
        self._open: list[Kind] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(str(self.get_starttag_text()))
        self._open.append(next(kind for kind in Kind if kind.value[0] == self.get_starttag_text()))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"</{tag}>")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for kind in self._open:
            self.marked[kind] |= set(range(len(self.text), len(self.text) + len(data)))
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.tags.append("declaration")

    def unknown_decl(self, data: str) -> None:
        self.tags.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.tags.append("instruction")


@given(texts, marks)
def test_html_says_the_text_with_exactly_the_marks(text: str, marks: list[Mark]) -> None:
    reading = Reading(html_of(text, marks))
    assert reading.text == text
    assert set(reading.tags) <= {tag for kind in Kind for tag in kind.value}
    for kind in Kind:
        assert reading.marked[kind] == {place for mark in marks if mark.kind is kind for place in range(mark.start, mark.end) if 0 <= place < len(text)}


@given(texts)
def test_a_browser_like_parser_reads_one_text_too(text: str) -> None:
    soup = BeautifulSoup(f"<div>text: {html_of(text)}</div>", "lxml")
    assert [element.name for element in soup.find_all()] == ["html", "body", "div"]
    assert soup.div is not None
    assert soup.div.get_text() == f"text: {text}"


@given(texts)
def test_text_stays_inside_a_quoted_attribute(text: str) -> None:
    (link,) = BeautifulSoup(f'<a href="{escaped(text)}">x</a>', "html.parser").find_all()
    assert link.attrs == {"href": text}


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_hostile_text_is_an_element(text: str) -> None:
    assert BeautifulSoup(html_of(text), "html.parser").find_all() == []


def test_marks_nest_words_inside_passages() -> None:
    marked = html_of("a lead & mentor", [Mark(0, 8, Kind.PASSAGE), Mark(2, 6, Kind.WORD), Mark(9, 15, Kind.WORD)])
    assert marked == ('<span class="rs-found">a </span><span class="rs-found"><mark>lead</mark></span><span class="rs-found"> &amp;</span> <mark>mentor</mark>')


def test_no_text_is_no_html() -> None:
    assert html_of("", [Mark(0, 5, Kind.WORD)]) == ""


def test_what_cannot_be_sent_or_shown_is_one_replacement_character_each() -> None:
    assert html_of("a\x00b\x1bc\ud800d\r\n", [Mark(1, 2, Kind.WORD)]) == "a<mark>\ufffd</mark>b\ufffdc\ufffdd\ufffd\n"


def test_texts_on_one_line_cannot_turn_each_other_round() -> None:
    assert apart("Lead", "", "\u202eEvil <b>") == "<bdi>Lead</bdi> · <bdi>\u202eEvil &lt;b&gt;</bdi>"


def test_moved_counts_from_the_new_beginning() -> None:
    marks = [Mark(0, 5, Kind.WORD), Mark(8, 14, Kind.PASSAGE), Mark(20, 25, Kind.WORD)]
    assert moved(marks, 10, 20) == [Mark(-2, 4, Kind.PASSAGE)]


def test_the_pages_pass_no_html_by_another_way() -> None:
    """`st.html` is the one door, and never with scripts."""
    from pathlib import Path

    import ui.views

    sources = "\n".join(path.read_text(encoding="utf-8") for path in Path(ui.views.__path__[0]).rglob("*.py"))
    assert not re.search(r"unsafe_allow|st\.(markdown|write|table|info|error|warning|success|caption|title|header|subheader)\b", sources)
