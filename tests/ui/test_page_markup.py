"""Text from strangers shows as it is: whatever it holds, the HTML says the same text and holds no element but the marks."""

import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import ui.views
from ui.views.markup import Kind, Mark, apart, escaped, html_of, marked, moved, plain

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
        self._open: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(str(self.get_starttag_text()))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"</{tag}>")
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        is_open = {Kind.MEANING: "u" in self._open, Kind.WORDS: "mark" in self._open, Kind.DIFFERENT: self._open.count("b") > self._open.count("mark")}
        for kind, inside in is_open.items():
            if inside:
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
    assert set(reading.tags) <= {"<u>", "</u>", "<mark>", "</mark>", "<b>", "</b>"}
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


def test_words_are_marked_inside_what_is_marked_by_meaning() -> None:
    html = html_of("a lead & mentor", [Mark(0, 8, Kind.MEANING), Mark(2, 6, Kind.WORDS), Mark(9, 15, Kind.WORDS)])
    assert html == "<u>a </u><u><mark><b>lead</b></mark></u><u> &amp;</u> <mark><b>mentor</b></mark>"


def test_overlapping_marks_of_one_kind_are_one_mark_deep() -> None:
    assert html_of("abcd", [Mark(0, 3, Kind.WORDS), Mark(1, 4, Kind.WORDS)]) == ("<mark><b>a</b></mark><mark><b>bc</b></mark><mark><b>d</b></mark>")


def test_the_first_of_several_kinds_is_the_outermost() -> None:
    assert marked("x", Kind.MEANING, Kind.WORDS) == "<u><mark><b>x</b></mark></u>"
    assert marked("<i>x</i>") == "<i>x</i>"


def test_no_text_is_no_html() -> None:
    assert html_of("", [Mark(0, 5, Kind.WORDS)]) == ""


def test_what_cannot_be_sent_or_shown_is_one_replacement_character_each() -> None:
    assert html_of("a\x00b\x1bc\ud800d\r\n", [Mark(1, 2, Kind.WORDS)]) == "a<mark><b>\ufffd</b></mark>b\ufffdc\ufffdd\ufffd\n"


def test_texts_on_one_line_cannot_turn_each_other_round() -> None:
    assert apart("Lead", "", "\u202eEvil <b>") == "<bdi>Lead</bdi> · <bdi>\u202eEvil &lt;b&gt;</bdi>"
    assert apart("a", "b", separator=" < ") == "<bdi>a</bdi> &lt; <bdi>b</bdi>"


def test_moved_counts_from_the_new_beginning() -> None:
    marks = [Mark(0, 5, Kind.WORDS), Mark(8, 14, Kind.MEANING), Mark(20, 25, Kind.WORDS)]
    assert moved(marks, 10, 20) == [Mark(-2, 4, Kind.MEANING)]


# Labels, which are Markdown

LABELS = (
    *HOSTILE,
    "[link](https://example.org) [ref] [x]: https://example.org ![i](x.png) [![i](x.png)](y) [^1] [ ] [x]",
    "https://example.org http://example.org/a_b_c?d=e&f=g www.example.org example.org a@example.org mailto:a@example.org <a@example.org>",
    ":smile: :+1: :material/home: :streamlit: :red[red] :blue-background[x] :gray-badge[x] :small[x] :rainbow[x] :sparkles:",
    "-> <- <-> -- --- ... >= <= != ~= (c) (tm) +-",
    "$x^2$ $$x$$ \\(x\\) `code` ``a`b`` ~~gone~~ ~x~ ^x^ ==x== ++x++",
    "# heading", "text\n===", "text\n---", "---", "***", "1. one", "2) two", "- list", "+ list", "* list", "- [ ] task", "> quote", "    code",
    "```\nfence\n```", "~~~",
    "| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n:-|-:", "term\n: definition", "*[HTML]: x", "<!-- x -->", "a  \nb\\\nc\\", "\\*x\\* \\[x\\]",
    "C++, C# and F# (.NET); R&D - 24/7 - e-mail, follow-up--again 'quoted' \"quoted\"",
    "\u202eevil", "\u2066a\u2069", "שלום לך", "نص (عربي)",
)  # fmt: skip
label_texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.sampled_from([*LABELS, *"<>&\"'/=`[]()*_~:-+#!|.$^{}@1a \n\\", "\u2060", "\u2067", "\u2069", "\u202e", "é", "→"]), max_size=12).map("".join),
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
TURNING = ("R", "AL")
ISOLATES = "\u2066\u2067\u2068\u2069"


def said(text: str) -> str:
    """What a reader sees of a text that is folded onto one line: without what has no width."""
    return "".join(character for character in text if character not in f"\u2060{ISOLATES}")


def shown_of(markdown: str) -> BeautifulSoup:
    return BeautifulSoup(MARKDOWN.render(markdown), "html.parser")


@given(label_texts)
def test_a_label_says_the_text_and_nothing_of_it_is_markdown(text: str) -> None:
    soup = shown_of(plain(text))
    line = " ".join(re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]", "\ufffd", text).split())
    assert said(soup.get_text()).strip() == said(line).strip()
    assert [element.name for element in soup.find_all()] == (["p"] if soup.get_text().strip() else [])


@pytest.mark.parametrize("text", LABELS)
def test_a_label_stays_text_between_marks_of_its_own(text: str) -> None:
    soup = shown_of(f"**1\\. {plain(text)}** · “{plain(text)}”")
    assert [element.name for element in soup.find_all()] == ["p", "strong"]
    assert said(soup.get_text()).count(said(" ".join(text.replace("\u202e", "\ufffd").split()))) == 2


@pytest.mark.parametrize("text", LABELS)
def test_no_two_signs_of_a_label_touch_after_they_were_unescaped(text: str) -> None:
    """What Streamlit makes of text after Markdown was read (arrows, links, emoji, colours) begins with signs that touch each other or a word."""
    shown = shown_of(plain(text)).get_text()
    assert not re.search(r"->|<-|--|>=|<=|!=|~=|://|www\.|\w@\w|:\w+:|:material/|\]\(|\w\.\w|\$\w|:\w+\[", shown)


@given(st.lists(st.sampled_from(["a", " ", "(", "ש", "ن", "\u200f", "\u202b", "\u202e", "\u202c", "\u2066", "\u2067", "\u2068", "\u2069"])).map("".join))
def test_a_label_turns_nothing_around_it(text: str) -> None:
    """What sets the direction of writing lies within one pair of isolates, which are the first and the last character of the label."""
    label = plain(text)
    assert not re.search("[\u202a-\u202e]|.[\u2066-\u2068]", label)
    if any(unicodedata.bidirectional(character) in TURNING for character in text):
        assert partner_of_the_first(label) == len(label) - 1
    else:
        assert not set(label) & set(ISOLATES)


def partner_of_the_first(text: str) -> int | None:
    """Where the isolate that the text begins with ends (Unicode Standard Annex 9, BD9)."""
    depth = 0
    for place, character in enumerate(text):
        depth += {"\u2069": -1}.get(character, int(character in "\u2066\u2067\u2068"))
        if depth == 0:
            return place
    return None


def test_a_plain_word_is_its_own_label() -> None:
    assert plain("Head Cook, night-shift") == "Head Cook, night-shift"
    assert plain("  two\n lines\t") == "two lines"
    assert plain("") == ""


def test_a_sign_is_escaped_and_stands_apart_by_characters_without_width() -> None:
    assert plain("C#") == "C\u2060\\#\u2060"


def test_half_a_surrogate_pair_in_a_label_is_a_replacement_character() -> None:
    assert plain("a\ud800b\x00") == "a\ufffdb\ufffd"


def test_the_pages_pass_no_html_through_markdown() -> None:
    """`st.html` is the one door for HTML, and never with scripts."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in Path(ui.views.__path__[0]).rglob("*.py"))
    assert "st.html(" in sources
    assert not re.search(r"unsafe_allow|components\.v1|st\.iframe", sources)
