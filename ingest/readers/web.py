"""HTML pages to documents: the JobPosting that a page carries, or the main content without what is around it."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from bs4 import BeautifulSoup
from bs4.dammit import EncodingDetector
from bs4.element import Tag

from ingest.documents import Block, BlockKind, Document, ReaderRefusal
from ingest.readers import job_posting
from ingest.readers.blocks import clean, has_words, same_words
from ingest.readers.encodings import decode
from ingest.readers.markup import blocks_from_element, is_hidden, parse
from ingest.readers.streams import read_all
from search.errors import Refused

_AROUND = ("nav", "header", "footer", "aside", "form")
_AROUND_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alertdialog", "menu", "menubar"})
_CONSENT = re.compile(r"cookie|consent|gdpr", re.IGNORECASE)
_AROUND_LABELS = re.compile(
    r"(?:^|\s)(?:(?:site|page|global|main|top)[-_]?)?(?:footer|header|nav|navbar|navigation|menu|breadcrumbs?|sidebar|social|share)(?:\s|$)", re.IGNORECASE
)
# What goes by its label only holds less than this share of the words: labels are what somebody once called a box.
_LABELLED_SHARE = 0.3
_CONTAINERS = ("div", "ul", "ol", "section", "table", "td", "dl", "p", "menu")
# A container with this many links whose words are mostly links is a menu, a table of contents or a list of other jobs.
_LINKS, _LINK_SHARE = 5, 0.6
# Above the title less will do: there stand the logo and the menu.
_LINKS_ABOVE_TITLE, _LINK_SHARE_ABOVE_TITLE = 2, 0.4
# <main> or <article> is the content where it holds this share of the words; else it is one teaser of several, or left half empty.
_MAIN_SHARE = 0.5
_TITLE_SEPARATOR = re.compile(r"\s+[|–—·•»:-]\s+|\s*\|\s*")
# Browsers read these labels as windows-1252.
_LATIN1 = frozenset({"iso-8859-1", "iso8859-1", "latin-1", "latin1", "ascii", "us-ascii"})


def read(stream: BinaryIO, name: str) -> Iterator[Document | ReaderRefusal]:
    """The roles of a page: one for each JobPosting, or the whole page."""
    data = read_all(stream)
    soup = parse(decode(data, _declared_encoding(data)))
    postings = _postings(soup)
    stated = _stated_title(soup)
    site = _meta(soup, "og:site_name")
    heading, content = _main_content(soup, site)
    blocks = blocks_from_element(content)
    if postings:
        yield from _documents(postings, blocks)
        return
    if not blocks:
        raise Refused("no text: the page shows no words; was it saved before it had loaded?")
    yield Document(blocks, _title_heading(blocks) or heading or stated)


def _documents(postings: Sequence[Mapping[str, Any]], page: Sequence[Block]) -> Iterator[Document | ReaderRefusal]:
    for number, posting in enumerate(postings, start=1):
        try:
            # The page is about the one posting, or about none of several.
            yield job_posting.document_of(posting, page if len(postings) == 1 else ())
        except Refused as refusal:
            yield ReaderRefusal(f"posting {number}", str(refusal), job_posting.id_in(posting))


def _declared_encoding(data: bytes) -> str | None:
    declared = EncodingDetector.find_declared_encoding(data, is_html=True)
    return "cp1252" if declared and declared.lower() in _LATIN1 else declared


def _postings(soup: BeautifulSoup) -> list[Mapping[str, Any]]:
    """The JobPostings of the page's JSON-LD, each once; broken JSON-LD counts as none."""
    found: list[Mapping[str, Any]] = []
    for script in soup.find_all("script", type=re.compile(r"ld\+json", re.IGNORECASE)):
        text = re.sub(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$", "", script.get_text())
        try:
            value = json.loads(text.strip().rstrip(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        found.extend(posting for posting in job_posting.postings_in(value) if posting not in found)
    return found


def _stated_title(soup: BeautifulSoup) -> str | None:
    """What the page calls itself outside its text: og:title, else <title>; the site's name is cut off."""
    site = _meta(soup, "og:site_name")
    tag = soup.find("title")
    for text in (_meta(soup, "og:title"), clean(tag.get_text()) if isinstance(tag, Tag) else ""):
        if has_words(text):
            return _without_site(text, site)
    return None


def _without_site(title: str, site: str) -> str:
    pieces = [piece for piece in _TITLE_SEPARATOR.split(title) if has_words(piece)]
    kept = [piece for piece in pieces if not same_words(piece, site)]
    if kept and len(kept) < len(pieces):
        return " – ".join(kept)
    # "Senior SRE | Acme": a bar parts the title from the site; a dash may belong to the title ("Engineer - Platform").
    first, _, _ = title.partition("|")
    return clean(first) if has_words(first) else title


def _meta(soup: BeautifulSoup, name: str) -> str:
    tag = soup.find("meta", attrs={"property": name}) or soup.find("meta", attrs={"name": name})
    content = tag.get("content") if isinstance(tag, Tag) else None
    return clean(content) if isinstance(content, str) else ""


def _main_content(soup: BeautifulSoup, site: str) -> tuple[str | None, Tag]:
    """The first h1 and the part of the page that holds its text; what is around them is taken out of the tree."""
    body = soup.body or soup
    for tag in body.find_all(is_hidden):
        tag.extract()
    every = body.get_text(" ")
    _remove_surroundings(body, site)
    _remove_link_lists(body)
    if not has_words(body.get_text()):
        # All of it lay in a form or was links: better too much than nothing.
        return None, parse("".join(f"<div>{html.escape(line)}</div>" for line in every.splitlines()))
    candidates = body.find_all(["main", "article"]) + body.find_all(role="main")
    whole = _length(body)
    largest = max(candidates, key=_length, default=body)
    heading = body.find("h1")
    title = clean(heading.get_text(" ")) or None if isinstance(heading, Tag) else None
    return title, largest if _length(largest) >= _MAIN_SHARE * whole else body


def _length(tag: Tag) -> int:
    return len(tag.get_text(" ").split())


def _remove_surroundings(body: Tag, site: str) -> None:
    whole = _length(body)
    for tag in body.find_all(_is_surrounding):
        if _is_detached(tag, body):
            continue
        share = _length(tag) / max(whole, 1)
        # Some servers wrap the whole page in one form, and some designs put the advert itself in an <aside>.
        if share > _MAIN_SHARE and tag.name in ("form", "aside"):
            continue
        if tag.name in ("div", "section", "ul") and (share > _LABELLED_SHARE or tag.find("h1")):
            continue
        heading = tag.find("h1")
        if tag.name == "header" and isinstance(heading, Tag) and _is_role_heading(heading, body, site):
            tag.replace_with(heading.extract())
        else:
            tag.extract()


def _is_surrounding(tag: Tag) -> bool:
    if tag.name in _AROUND or tag.get("role") in _AROUND_ROLES:
        return True
    if tag.name not in ("div", "section", "ul"):
        return False
    label = f"{tag.get('id') or ''} {' '.join(map(str, tag.get_attribute_list('class')))}"
    return bool(_CONSENT.search(label) or _AROUND_LABELS.search(label))


def _is_role_heading(heading: Tag, body: Tag, site: str) -> bool:
    """Whether the h1 of a page's header is the role's title and not the site's name."""
    text = heading.get_text(" ")
    if heading.find_parent(["main", "article"]) is not None:
        return True
    return len(body.find_all("h1", limit=2)) == 1 and not same_words(text, site)


def _remove_link_lists(body: Tag) -> None:
    """Take out the largest containers that are mostly links; by their density, whatever they are called."""
    title = body.find("h1")
    above = isinstance(title, Tag)
    for tag in body.find_all([*_CONTAINERS, "h1"]):
        if tag is title:
            above = False
        if tag.name == "h1" or _is_detached(tag, body):
            continue
        links = tag.find_all("a")
        around_title = isinstance(title, Tag) and any(parent is tag for parent in title.parents)
        fewest, share = (_LINKS_ABOVE_TITLE, _LINK_SHARE_ABOVE_TITLE) if above and not around_title else (_LINKS, _LINK_SHARE)
        if len(links) >= fewest and sum(map(_length, links)) > share * _length(tag):
            tag.extract()


def _is_detached(tag: Tag, body: Tag) -> bool:
    return not any(parent is body for parent in tag.parents)


def _title_heading(blocks: Sequence[Block]) -> str | None:
    return next((block.text for block in blocks if block.kind is BlockKind.HEADING and block.level == 1), None)
