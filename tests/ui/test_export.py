"""Exports: each form says what the answer says, and whatever a role or a query holds, it is text there and nothing else."""

import csv
import importlib.util
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from search.filters import parse_filters
from search.records import Attributes, AttributeValue, Grade, Hit, Mode, Passage, Query, Results, Twin, Understood, Wish
from ui.export import Export, csv_of, file_name, json_of, markdown_of
from ui.present import results_json

AT = datetime(2025, 1, 31, 15, 45, tzinfo=timezone(timedelta(hours=1)))
BEFORE = ["rank", "role_id", "title", "level", "family", "place", "score", "source", "passage_1", "passage_2", "skills", "near_identical"]
AFTER = ["query", "mode", "filters", "generation", "exported_at"]
SIGNS = "=+-@＝＋－＠"

HOSTILE = (
    "=1+1",
    '=HYPERLINK("https://example.org/?"&A1,"click")',
    "=cmd|' /C calc'!A0",
    "+1 555 0100",
    "-2+3",
    "@SUM(A1:A9)",
    " \t=1",
    "\t=1",
    "\n=1",
    "＝1+1",
    "'=1",
    '"=1"',
    "a;=1;\t-2\n\n- bullet\n  + plus",
    "<script>alert(1)</script> <img src=x onerror=alert(1)> <!-- hidden --> <?php ?> <![CDATA[x]]> </p>",
    "&lt;b&gt; &#60; &amp;amp; &copy &nosuch;",
    "![image](https://example.org/x.png) [link](javascript:alert(1)) <https://example.org> [ref] [x]: /url [^1] [ ] [!NOTE]",
    "[ref]: https://example.org",
    "https://example.org www.example.org example.org //example.org ftp://example.org a@example.org mailto:a@example.org a\\@example.org",
    "# heading\n## heading ##\ntext\n===\ntext\n---\n***\n___",
    "- list\n+ list\n* list\n1. list\n2) list\n- [ ] task\n> quote\n    code\n\tcode",
    "text\n===",
    "text\n---",
    "1) list",
    "1. list",
    "a | b\n:-|-:",
    "```\nfence\n```\n~~~\nfence\n~~~",
    "| a | b |\n|---|---|\n| 1 | 2 |\na\n:-\nb\n-:|\n",
    "**bold** __bold__ *it* _it_ ~~gone~~ ~gone~ `code` ``a`b`` ` `` ``` ^up^ $x^2$ $$x$$ :smile: :+1: @someone #12 {.class} C# F# #",
    "a  \nb\\\nc\\",
    "`@` `a@b` @` ``@",
    "<div>\n\n=====\n",
)

# What can stand in a text after it was cleaned; line ends of other kinds, control characters and what turns the writing round are tested by themselves.
written = st.characters(
    exclude_categories=["Cc", "Cs", "Zl", "Zp"],
    include_characters="\n\t",
    exclude_characters="".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))),
)
pieces = [*HOSTILE, *"=+-@;'\"\t\n `*_[]()<>&#!|~$:.\\1", "＝", "\ufeff", "\u200b", "a", "www.", "http://", "é"]
texts = st.one_of(st.text(written, max_size=40), st.lists(st.sampled_from(pieces), max_size=12).map("".join))
values: st.SearchStrategy[AttributeValue] = st.one_of(texts, st.integers(-(10**9), 10**9), st.floats(), st.booleans(), st.lists(texts, max_size=3).map(tuple))
keys = st.one_of(texts, st.sampled_from(["level", "place", "skills", "salary_min", "rank", "query", "Query", "query (2)"]))


def passage(text: str, score: float = 1.0, section: str = "tasks") -> Passage:
    return Passage(text, section, 0, len(text), score)


def make_hit(role_id: str, title: str = "Lead", *passages: Passage, score: float = 0.5, source: str = "", **attributes: AttributeValue) -> Hit:
    return Hit(role_id, title, source or role_id, score, {"dense": 0.6}, attributes, passages)


def with_twins(hit: Hit, *role_ids: str) -> Hit:
    return replace(hit, twins=tuple(Twin(role_id, hit.title, role_id, {}, Grade.PROBABLE) for role_id in role_ids))


def make_export(*hits: Hit, text: str = "lead", **changes: Any) -> Export:
    query = Query(text, 10, Mode.DENSE, parse_filters(["level=lead", "remote!=true"]))
    results = Results(query, Understood(wishes=(Wish("level", "lead", "lead"),)), hits, ("Note this.",), 1.5, "g7")
    return replace(Export(results, hits, AT), **changes)


def rows_of(export: Export) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_of(export).decode("utf-8-sig"), newline=""), strict=True))


def records_of(export: Export) -> list[dict[str, str]]:
    names, *rows = rows_of(export)
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_the_time_must_have_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        make_export(at=datetime(2025, 1, 31))


# CSV


def test_a_row_has_the_role_and_what_was_asked() -> None:
    best = (passage("Third.", 0.1), passage("First.", 0.9), passage("Second.", 0.5))
    hit = make_hit(
        "a.md", "Cook", *best, score=0.1234567, place=("Leeds, UK", "York"), skills=("menus",), level="lead", salary_min=60000, remote=True, zeal="x"
    )
    (row,) = records_of(make_export(with_twins(hit, "b.md", "c.md")))
    assert row == {
        "rank": "1",
        "role_id": "a.md",
        "title": "Cook",
        "level": "lead",
        "family": "",
        "place": "Leeds, UK | York",
        "score": "0.123457",
        "source": "a.md",
        "passage_1": "First.",
        "passage_2": "Second.",
        "skills": "menus",
        "near_identical": "b.md | c.md",
        "remote": "yes",
        "salary_min": "60000",
        "zeal": "x",
        "query": "lead",
        "mode": "dense",
        "filters": "level=lead | remote!=true",
        "generation": "g7",
        "exported_at": "2025-01-31T15:45:00+01:00",
    }
    assert list(row) == [*BEFORE, "remote", "salary_min", "zeal", *AFTER]


def test_rows_have_the_order_shown_and_the_rank_of_the_answer() -> None:
    hits = [make_hit("a"), make_hit("b"), make_hit("c")]
    export = make_export(*hits, hits=(hits[2], hits[0], make_hit("elsewhere")), order="title")
    assert [(row["rank"], row["role_id"]) for row in records_of(export)] == [("3", "c"), ("1", "a"), ("", "elsewhere")]


def test_without_hits_the_row_of_names_is_all() -> None:
    assert rows_of(make_export()) == [[*BEFORE, *AFTER]]


def test_bytes_are_those_that_spreadsheets_read() -> None:
    data = csv_of(make_export(make_hit("a", 'The "boss", é', passage("two\nlines"), pay=-5, share=0.25)))
    assert data.startswith(b"\xef\xbb\xbf")
    lines = data.decode("utf-8-sig").split("\r\n")
    assert len(lines) == 3
    assert lines[1].startswith('1,"a","The ""boss"", é","","","",0.5,"a","two\nlines","","",""')
    assert ",-5,0.25," in lines[1]


def test_a_bullet_and_a_query_that_leaves_out_are_text() -> None:
    (row,) = records_of(make_export(make_hit("a", "Lead", passage("- Run\n- Mend")), text="-junior"))
    assert (row["passage_1"], row["query"]) == ("'- Run\n'- Mend", "'-junior")


def test_numbers_that_are_none_are_text() -> None:
    (row,) = records_of(make_export(make_hit("a", minus=float("-inf"), none=float("nan"), said="-5")))
    assert (row["minus"], row["none"], row["said"]) == ("'-inf", "nan", "'-5")


def test_control_characters_are_gone_and_lines_end_one_way() -> None:
    (row,) = records_of(make_export(make_hit("a", "\x00\x1b[31mA\ud800\u202e", passage("\x00=1\r\nb\rc\x85d\u2028=2"))))
    assert (row["title"], row["passage_1"]) == ("[31mA\ufffd", "'=1\nb\nc\nd\n'=2")


def test_a_cell_is_not_longer_than_a_spreadsheet_takes() -> None:
    (row,) = records_of(make_export(make_hit("a", ";=\U0001f600" * 20_000)))
    assert len(row["title"].encode("utf-16-le")) // 2 < 32_767
    assert row["title"].endswith(" …")


def test_names_of_columns_are_text_and_differ() -> None:
    attributes: Attributes = {"=1+1": "x", "query": "y", "Query (2)": "z", "a\n=b": 1, "": 2, "-": 3, "Title": 4}
    names = rows_of(make_export(replace(make_hit("a"), attributes=attributes)))[0]
    further = names[len(BEFORE) : -len(AFTER)]
    assert further == ["attribute", "'-", "'=1+1", "Query (2)", "Title (2)", "a =b", "query (3)"]


BESIDE = "'\"\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
ALL_SIGNS = re.escape("=+-@＝＋－＠﹢﹣﹦﹫\u2212")


def without_apostrophes(cell: str) -> str:
    """The text that a cell was made of."""
    return re.sub(rf"\A'(?=(?:(?![\t\n])[\s{BESIDE}])*[\t\n]|[\s{BESIDE}]*[{ALL_SIGNS}])|(?<=[;\t\n])'(?=(?:(?![\t\n])[\s{BESIDE}])*[{ALL_SIGNS}])", "", cell)


def begins_a_formula(text: str) -> bool:
    return text.lstrip(" \u00a0\u3000\ufeff\u200b")[:1] in [*SIGNS, "\t", "\r", "\n"]


@given(texts, texts, st.dictionaries(keys, values, max_size=4), texts)
@example("'\tx", "=1", {"=": "='"}, "'=1")
@example("\u3000\nx", "", {}, " \n")
def test_no_cell_is_a_formula_and_each_text_can_be_had_back(title: str, said: str, attributes: Attributes, query: str) -> None:
    hit = with_twins(replace(make_hit(title, title, passage(said)), attributes=attributes), said)
    names, *rows = rows_of(make_export(hit, hit, text=query))
    assert [len(row) for row in rows] == [len(names)] * 2
    assert len(set(names)) == len(names)
    numbers = {str(value) for value in attributes.values() if isinstance(value, int | float)}
    cells = [cell for row in (names, *rows) for cell in row if cell not in numbers]
    assert not [cell for cell in cells if begins_a_formula(cell)]
    row = dict(zip(names, rows[0], strict=True))
    taken = {name: without_apostrophes(row[name]) for name in ("role_id", "title", "passage_1", "near_identical", "query")}
    assert taken == {"role_id": title, "title": title, "passage_1": said, "near_identical": said, "query": query}


@given(texts)
def test_where_semicolons_part_cells_there_is_no_formula_either(said: str) -> None:
    """Excel with a decimal comma: quotes count at the beginning of a cell only, and no cell but the first of a row begins after a comma."""
    for line in csv_of(make_export(make_hit("a", said, passage(said)), text=said)).decode("utf-8-sig").splitlines():
        cells = re.split("[;\t]", line)
        assert not [cell for cell in cells if cell.lstrip(' "')[:1] in list(SIGNS)]


# JSON


def test_json_is_the_answer_of_the_command_line_with_more() -> None:
    hits = (with_twins(make_hit("a", "Cook", passage("x"), place=("Leeds",)), "c"), make_hit("b"))
    export = make_export(*hits, hits=(hits[1], hits[0]), order="title")
    read, answer = json.loads(json_of(export)), results_json(export.results)
    assert list(read) == ["query", "mode", "filters", "order", "generation", "exported_at", "understood", "notes", "hits"]
    assert {name: read[name] for name in ("query", "mode", "generation", "understood", "notes")} == {
        name: answer[name] for name in ("query", "mode", "generation", "understood", "notes")
    }
    assert (read["filters"], read["order"], read["exported_at"]) == (["level=lead", "remote!=true"], "title", "2025-01-31T15:45:00+01:00")
    assert read["hits"] == [{"rank": 2, **answer["hits"][1]}, {"rank": 1, **answer["hits"][0]}]
    assert [hit["twins"] for hit in read["hits"]] == [[], [{"role_id": "c", "title": "Cook", "source": "c", "grade": "probable"}]]


@given(texts, st.dictionaries(keys, values, max_size=3))
def test_json_says_any_text_exactly(text: str, attributes: Attributes) -> None:
    data = json_of(make_export(replace(make_hit(text, text, passage(text)), attributes=attributes), text=text))
    read = json.loads(data, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    (hit,) = read["hits"]
    assert {read["query"], hit["role_id"], hit["title"], hit["passages"][0]["text"]} == {text}
    assert set(hit["attributes"]) == set(attributes)


def test_half_a_character_is_no_obstacle() -> None:
    assert json.loads(json_of(make_export(make_hit("a", "x\ud800\x00"))))["hits"][0]["title"] == "x?\x00"


# Markdown


def renderers() -> list[MarkdownIt]:
    """As CommonMark has it with HTML let through, as GitHub does, and as a cautious site does; with links made of addresses where the library is there."""
    plain = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    linking = [MarkdownIt("gfm-like")] if importlib.util.find_spec("linkify_it") else []
    return [MarkdownIt("commonmark"), plain, MarkdownIt("gfm-like", {"linkify": False}), MarkdownIt("js-default"), *linking]


RENDERERS = renderers()


def folded(text: str) -> str:
    return " ".join(text.split())


def lines(text: str) -> list[str]:
    return [folded(line) for line in text.split("\n") if line.strip()]


def soup_of(rendered: str) -> BeautifulSoup:
    return BeautifulSoup(rendered, "html.parser")


def test_markdown_as_it_is_written() -> None:
    hit = make_hit("a.md", "Head Cook", passage("- Plans *menus*\n- Leads nine\n\nTea."), passage("Pays.", 0.5, "other"), level="lead", salary_min=60000, x="")
    assert markdown_of(make_export(with_twins(hit, "c.md"), make_hit("b.md", ""), text="cook #1")).decode() == (
        "# cook `#1`\n\n"
        "dense search · filtered by level=lead, remote!=true · exported 2025-01-31 15:45 UTC+0100 · generation g7 · 2 roles by relevance\n\n"
        "## 1. Head Cook\n\n"
        "lead · salary min: 60000 · score 0\\.500 · a\\.md\n\n"
        "Near-identical: c\\.md (probable)\n\n"
        "> \\- Plans \\*menus\\*\\\n> \\- Leads nine\n>\n> Tea.\n\n"
        "— tasks · a\\.md\n\n"
        "> Pays.\n\n"
        "— a\\.md\n\n"
        "## 2. Untitled\n\n"
        "score 0\\.500 · b\\.md\n"
    )


def test_markdown_without_hits_or_query() -> None:
    assert markdown_of(make_export(text=" ")).decode().startswith("# Roles\n\ndense search · ")
    assert "0 roles by relevance" in markdown_of(make_export()).decode()


def assert_is_said(text: str) -> None:
    """Put everywhere, the text is read everywhere, in the elements that the export makes and in no others."""
    key = f"sort of {text}"
    hits = [replace(make_hit(text, text, passage(text), passage(text, section=text)), attributes={"level": text, key: text, "skills": (text,)})] * 2
    export = make_export(*(with_twins(hit, text, text) for hit in hits), text=text)
    source = markdown_of(export).decode()
    for markdown in RENDERERS:
        soup = soup_of(markdown.render(source))
        assert {element.name for element in soup.find_all()} <= {"h1", "h2", "p", "blockquote", "br", "code"}
        assert not [element for element in soup.find_all() if element.attrs]
        assert [heading.get_text() for heading in soup.select("h1")] == [folded(text) or "Roles"]
        assert [heading.get_text() for heading in soup.select("h2")] == [f"{number}. {folded(text) or 'Untitled'}" for number in (1, 2)]
        assert [lines(quote.get_text()) for quote in soup.select("blockquote")] == ([lines(text)] * 4 if lines(text) else [])
        named = [f"skills: {text}", f"{key.replace('_', ' ')}: {text}"] if text.strip() else []
        facts = " · ".join(part for part in map(folded, (text, *named, "score 0.500", text)) if part)
        assert [paragraph.get_text() for paragraph in soup.find_all("p")].count(facts) == 2
        assert_nothing_is_looked_for(soup)


def assert_nothing_is_looked_for(soup: BeautifulSoup) -> None:
    """What GitHub searches rendered text for is in code, where it does not look."""
    for code in soup.select("code"):
        code.replace_with("code")
    assert re.search(r"@|://|www\.|\$|#\d|:[\w+-]+:", soup.get_text(), re.IGNORECASE) is None


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_hostile_text_comes_alive(text: str) -> None:
    assert_is_said(text)


@given(texts)
def test_markdown_says_any_text_and_does_nothing_else(text: str) -> None:
    assert_is_said(text)


@given(texts)
def test_no_stretch_of_text_looks_like_a_host(text: str) -> None:
    """Before escapes are joined with the text around them, which is when links are made of addresses."""
    markdown = MarkdownIt("commonmark").disable("text_join")
    tokens = markdown.parse(markdown_of(make_export(make_hit(text, text, passage(text)), text=text)).decode())
    said = [child.content for token in tokens for child in token.children or () if child.type == "text"]
    assert not [content for content in said if re.search(r"\S\.\S|//|@", content)]


@pytest.mark.parametrize("line", [":-", "-", "+ a", "===", ": a", "1. a", "12) a"])
def test_signs_at_the_beginning_of_a_line_are_escaped(line: str) -> None:
    """Also those of which only other renderers than these make something: tables of one column, lists of definitions."""
    source = markdown_of(make_export(make_hit("a", "Lead", passage(f"text\n{line}")))).decode()
    assert re.search(r"\n> \d*\\[-+=:.)]", source)


def test_what_turns_the_writing_round_is_gone() -> None:
    source = markdown_of(make_export(make_hit("a", "\u202eA\u2066\x00\x1b\ud800", passage("one\x85two\u2028three")))).decode()
    assert "## 1. A\ufffd\n" in source
    assert "> one\\\n> two\\\n> three\n" in source


# The name of the file


@pytest.mark.parametrize(
    ("query", "stem"),
    [
        ("Kubernetes mentorship lead", "roles-kubernetes-mentorship-lead-20250131-154500"),
        ("../../etc/passwd\x00 CON <a>: *?", "roles-etc-passwd-con-a-20250131-154500"),
        ("Köchin in der Straße", "roles-kochin-in-der-strasse-20250131-154500"),
        ("料理長", "roles-20250131-154500"),
        ("", "roles-20250131-154500"),
        ("one two three four five six seven", "roles-one-two-three-four-five-six-20250131-154500"),
    ],
)
def test_file_is_named_after_the_question_and_the_time(query: str, stem: str) -> None:
    assert file_name(make_export(text=query), "csv") == f"{stem}.csv"


@given(st.text(), st.text())
def test_name_of_a_file_is_safe_and_short(query: str, suffix: str) -> None:
    assert re.fullmatch(r"roles-(?:[a-z0-9]+-)*20250131-154500\.[a-z0-9]{1,8}", name := file_name(make_export(text=query), suffix))
    assert len(name) <= 80


def test_an_export_depends_on_nothing_but_what_it_is_given() -> None:
    export = make_export(make_hit("a", "Lead", passage("x"), b=1, a=2), at=datetime(2025, 1, 1, tzinfo=UTC))
    other = make_export(make_hit("a", "Lead", passage("x"), a=2, b=1), at=datetime(2025, 1, 1, tzinfo=UTC))
    assert (csv_of(export), markdown_of(export)) == (csv_of(other), markdown_of(other))
