"""Tables in plain HTML, for text with marks in it: what stands in their cells is HTML already, made by `markup`."""

from collections.abc import Iterable, Sequence

from search.quotes import Quote
from ui.views.markup import Mark, escaped, html_of

LONGEST_QUOTE = 300


def table(heads: Sequence[str], rows: Iterable[str], *, named: bool = True) -> str:
    """Rows below the names of their columns, which are plain text, "" for none. The columns share the width; `named` says whether the first only names rows."""
    share = 88 // max(1, len(heads) - named)
    cells = [_head(head, "" if named and not number else f" width='{share}%'") for number, head in enumerate(heads)]
    head = f"<thead><tr>{''.join(cells)}</tr></thead>" if any(heads) else ""
    return f"<table cellpadding='6' width='100%'>{head}<tbody>{''.join(rows)}</tbody></table>"


def named_row(name: str, cells: Iterable[str]) -> str:
    """A row that begins with its name."""
    return f"<tr><th scope='row' align='left' valign='top'>{name}</th>{_cells(cells)}</tr>"


def heading_row(heading: str, columns: int) -> str:
    """A row that names those below it, as wide as the table."""
    return f"<tr><th scope='rowgroup' align='left' valign='top' colspan='{columns}'>{heading}</th></tr>"


def plain_row(cells: Iterable[str]) -> str:
    """A row without a name."""
    return f"<tr>{_cells(cells)}</tr>"


def isolated(text: str, marks: Iterable[Mark] = ()) -> str:
    """Text in its own direction of writing."""
    return f"<bdi>{html_of(text, marks)}</bdi>" if text else ""


def quoted(quote: Quote | None, marks: Iterable[Mark] = ()) -> str:
    """A sentence between quotation marks, "" where there is none; a very long one is cut."""
    if quote is None:
        return ""
    cut = len(quote.text) > LONGEST_QUOTE
    return f"“{isolated(quote.text[:LONGEST_QUOTE] + (' …' if cut else ''), marks)}”"


def _head(name: str, width: str) -> str:
    return f"<th scope='col' align='left' valign='top'{width}><bdi>{escaped(name)}</bdi></th>" if name else "<td></td>"


def _cells(cells: Iterable[str]) -> str:
    return "".join(f"<td valign='top'>{cell}</td>" for cell in cells)
