"""HTML pages: main content, titles, and every way to write a line."""

from collections.abc import Callable

import pytest

from ingest.documents import Block, BlockKind, Document
from ingest.readers.markup import blocks_from_html
from search.errors import Refused

Only = Callable[[str, bytes | str], Document]

LONG = "You run the platform that thirty product teams build on, and you make it dull to operate. " * 5


def lines(html: str) -> list[str]:
    """Blocks as short lines: "## heading", "- item", "  - inner item", "**bold**", "text"."""
    return [_line(block) for block in blocks_from_html(html)]


def _line(block: Block) -> str:
    if block.kind is BlockKind.HEADING:
        return f"{'#' * block.level} {block.text}"
    if block.kind is BlockKind.ITEM:
        return f"{'  ' * block.level}- {block.text}"
    return f"**{block.text}**" if block.bold else block.text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<h3>A <em>b</em></h3>text<p>more", ["### A b", "text", "more"], id="basics"),
        pytest.param("<div role=heading aria-level=4>A</div>", ["#### A"], id="aria heading"),
        pytest.param("<ul><li>a<ul><li>b</li></ul>tail</li><li>c</li></ul>", ["- a", "  - b", "tail", "- c"], id="nested list"),
        pytest.param("<ol><li><p>a</p><p>b</p></li></ol>", ["- a", "b"], id="paragraphs in an item"),
        pytest.param("<li>a<br>b</li>", ["- a b"], id="break in an item"),
        pytest.param("<p>a<br><b>b</b><br/>c</p>", ["a", "**b**", "c"], id="breaks"),
        pytest.param("<p>• a<br>• b</p>", ["- a", "- b"], id="typed bullets"),
        pytest.param("<p><strong>Scope</strong>\n<em>of the job</em></p>", ["**Scope**", "of the job"], id="label and gloss"),
        pytest.param("<p><b>Grade:</b> 7</p>", ["Grade: 7"], id="bold start"),
        pytest.param("<p><span style='font-weight: 700'>A</span></p>", ["**A**"], id="bold by style"),
        pytest.param("<div class='text-bold'>A</div>", ["**A**"], id="bold by class"),
        pytest.param("<dl><dt>Grade:</dt><dd>G7</dd><dt>Duties</dt><dd><ul><li>a</li></ul></dd></dl>", ["Grade: G7", "**Duties**", "- a"], id="definitions"),
        pytest.param("<table><tr><th>Pay</th><td>60</td></tr><tr><td>a</td><td>b</td><td>c</td></tr></table>", ["Pay: 60", "a; b; c"], id="table"),
        pytest.param("<table><tr><td>Duties</td><td><ul><li>a</li><li>b</li></ul></td></tr></table>", ["Duties", "- a", "- b"], id="layout table"),
        pytest.param("<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>", ["a: b"], id="table in a table"),
        pytest.param("<pre>DUTIES\n- a\n- b</pre>", ["## DUTIES", "- a", "- b"], id="preformatted text"),
        pytest.param("<p hidden>a</p><p style='display:none'>b</p><script>c</script><style>d</style><i aria-hidden=true>e</i><!-- f -->g", ["g"], id="hidden"),
        pytest.param("<h2>Pay <a href='#pay'>¶</a></h2><a href='#main'>Skip to content</a>", ["## Pay"], id="page furniture"),
        pytest.param("<img alt='logo'><p>a</p>", ["a"], id="image"),
        pytest.param("x<sup>2</sup> <span>a</span><span>b</span>", ["x2 ab"], id="inline elements do not part words"),
        pytest.param("<div>a<div>b</div>c</div>", ["a", "b", "c"], id="text around blocks"),
        pytest.param("<details><summary>Pay</summary>60</details>", ["Pay", "60"], id="details"),
    ],
)  # fmt: skip
def test_elements(html: str, expected: list[str]) -> None:
    assert lines(html) == expected


def test_only_the_main_content_is_read_once(only: Only) -> None:
    document = only(
        "role.html",
        f"""<body><div id="cookie-banner">We use cookies</div><header><h1>Acme</h1></header><nav><a href=/>Home</a></nav>
        <main><header><h1>Lead</h1></header><p>{LONG}</p><form>Your e-mail</form><aside>Other jobs</aside></main>
        <div class="site-footer">Imprint</div><footer>© Acme</footer></body>""",
    )
    assert [block.text for block in document.blocks] == ["Lead", LONG.strip()]
    assert document.title == "Lead"


def test_a_table_of_contents_goes_by_its_links(only: Only) -> None:
    group = "<div class=group><h1>Team</h1><div><a href=x>Engineer of the team</a></div><div><a href=y>Manager of the team</a></div></div>"
    toc = group * 30
    links = "<ul><li><a href=k>Kubernetes</a></li><li><a href=r>React</a></li></ul>"
    document = only("role.html", f"<body><div id=x>{toc}</div><div><h1>Lead</h1><p>{LONG}</p>{links}</div></body>")
    assert [block.text for block in document.blocks] == ["Lead", LONG.strip(), "Kubernetes", "React"]


def test_a_menu_above_the_title_goes(only: Only) -> None:
    menu = "<div id=t><ul><li><a href=a>Yards</a></li><li><a href=b>Fleet</a></li></ul></div>"
    assert [block.text for block in only("role.html", f"<body>{menu}<h1>Lead</h1><p>{LONG}</p></body>").blocks] == ["Lead", LONG.strip()]


def test_a_page_within_one_form_is_read(only: Only) -> None:
    assert only("role.html", f"<body><form action=x><h1>Lead</h1><p>{LONG}</p></form></body>").title == "Lead"


def test_a_small_article_is_not_the_content(only: Only) -> None:
    document = only("role.html", f"<body><article>Teaser of another job</article><h1>Lead</h1><p>{LONG}</p></body>")
    assert LONG.strip() in [block.text for block in document.blocks]


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Senior SRE | Acme</title>", "Senior SRE"),
        ("<meta property=og:site_name content=Acme><title>Senior SRE - Platform - Acme</title>", "Senior SRE – Platform"),
        ("<title>Engineer - Platform</title>", "Engineer - Platform"),
        ("<title>x</title><meta property=og:title content='Senior SRE'>", "Senior SRE"),
        ("", None),
    ],
)
def test_title_without_a_heading(head: str, title: str | None, only: Only) -> None:
    assert only("role.html", f"<html><head>{head}</head><body><p>{LONG}</p></body></html>").title == title


def test_the_header_of_the_page_may_hold_the_title(only: Only) -> None:
    assert only("role.html", f"<body><header><nav>Home</nav><h1>Lead</h1></header><p>{LONG}</p></body>").title == "Lead"


def test_a_heading_outside_of_the_main_content_is_still_the_title(only: Only) -> None:
    page = f"<head><title>x</title></head><body><div><h1>Lead</h1></div><main><h2>Duties</h2><p>{LONG}</p></main></body>"
    document = only("role.html", page)
    assert (document.title, [block.text for block in document.blocks]) == ("Lead", ["Duties", LONG.strip()])


def test_a_declared_encoding(only: Only) -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body><h1>Žižkov šéf ľud</h1><p>x y z</p></body></html>'
    assert only("role.html", page.encode("iso-8859-2")).title == "Žižkov šéf ľud"


def test_a_page_without_words_is_refused(only: Only) -> None:
    with pytest.raises(Refused, match="no text: the page shows no words"):
        only("role.html", "<html><body><div id=app></div><script>start()</script></body></html>")


def test_a_page_of_nothing_but_links_is_read_all_the_same(only: Only) -> None:
    document = only("role.html", "<body><ul>" + "".join(f"<li><a href=x>Job number {n}</a></li>" for n in range(9)) + "</ul></body>")
    assert [block.kind for block in document.blocks] == [BlockKind.PARAGRAPH] and "Job number 8" in document.blocks[0].text


def test_elements_nested_without_end_are_refused(only: Only) -> None:
    assert only("role.html", "<div>" * 120 + "text").blocks[0].text == "text"
    for name in ("role.html", "role.md"):
        with pytest.raises(Refused, match="nested too deeply: more than 150"):
            only(name, "<div>" * 50_000 + "text")
