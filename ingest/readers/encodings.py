"""Bytes to text: which encoding a file is in, and whether it is text at all. Used by every format that is text."""

import codecs
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO

from charset_normalizer import from_bytes

from search.errors import Refused

# What a file that is not text begins with, whatever its name says.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x7fELF", "a program (ELF)"),
    (b"MZ\x90\x00", "a program (Windows)"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"(\xb5/\xfd", "a Zstandard file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
)
# UTF-32 before UTF-16: its little-endian mark begins with that of UTF-16.
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 64 * 1024
# Text holds tabs, line ends and perhaps a form feed or an escape; above this share of other control characters it is something else.
_MOST_CONTROLS = 0.05
_CONTROL_BYTES = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
# A line longer than this is no record of a table, but something without line ends.
MAX_LINE_BYTES = 20 * 1024 * 1024

# Words that hold bytes above 127. In Western text these are a minority of a word's bytes; in Cyrillic, Greek or CJK they are most of them.
_FOREIGN_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_FOREIGN_SHARE = 0.55
_MULTIBYTE = ("cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp949")
_SINGLE_BYTE = ("cp1251", "koi8_r", "iso8859_5", "cp1253", "cp1255", "cp1256")
# cp1250 and cp1252 share ä ö ü ß é á í and more. Bytes that are letters in cp1250 and signs (¹ ³ ¿ ¼ ¾ £ ¥ º) in cp1252 …
_CENTRAL_LETTER = re.compile(rb"[A-Za-z\xc0-\xff][\xa3\xa5\xaa\xb3\xb9\xba\xbc\xbe\xbf\x9d\x8f][a-z\xc0-\xff]|[A-Za-z\xc0-\xff][\xb3\xb9]")
# … and š, ž (rare in the West) next to what would be ø è ì ù ï ò ð in cp1252 and is ř č ě ů ď ň đ in cp1250,
_CENTRAL_CARON = re.compile(rb"[\x8a\x8e\x9a\x9e]")
_CENTRAL_COMPANION = re.compile(rb"[\xc8\xcc\xcf\xd0\xd2\xd8\xd9\xe8\xec\xef\xf0\xf2\xf8\xf9]")
# as long as none of à ã å ê ñ õ stands there: none of the languages with carons has them.
_WESTERN_LETTER = re.compile(rb"[\xc3\xc5\xca\xd1\xe0\xe3\xe5\xea\xf1]")


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of a whole file; `declared` is an encoding that the file itself names, believed only where it fits."""
    if not data:
        raise Refused("empty: 0 bytes")
    head = data[:_SAMPLE_BYTES]
    if wide := _marked_or_wide(head):
        return data.decode(wide, "replace").removeprefix("\ufeff")
    _refuse_binary(head)
    for encoding in ("utf-8", declared):
        if encoding and (text := _strictly(data, encoding)) is not None:
            return text
    lines = data.splitlines(keepends=True)
    fallback = guess(b"".join(line for line in lines if _strictly(line, "utf-8") is None)[:_SAMPLE_BYTES])
    return "".join(_decode_line(line, fallback) for line in lines)


def decoded_lines(stream: BinaryIO) -> Iterator[str]:
    """The lines of a file with their line ends, one at a time; the stream must be able to seek to its start.

    Each line is decoded for itself, so that one line in another encoding spoils no other.
    """
    head = stream.read(_SAMPLE_BYTES)
    if not head:
        raise Refused("empty: 0 bytes")
    stream.seek(0)
    if wide := _marked_or_wide(head):
        if wide != "utf-8-sig":
            # 200 MB at most, and rare: exports of spreadsheets.
            yield from stream.read().decode(wide, "replace").removeprefix("\ufeff").splitlines(keepends=True)
            return
        stream.read(len(codecs.BOM_UTF8))
        start = len(codecs.BOM_UTF8)
    else:
        _refuse_binary(head)
        start = 0
    fallback = _fallback_for(stream)
    stream.seek(start)
    for line in _byte_lines(stream):
        yield _decode_line(line, fallback)


def guess(sample: bytes) -> str:
    """The legacy encoding that `sample`, which is not UTF-8, is most likely in; "cp1252" where there is little to go by."""
    words = [word for word in _FOREIGN_WORD.findall(sample) if len(word) > 1]
    high = sum(byte > 127 for word in words for byte in word)
    if high < 4 or high < _FOREIGN_SHARE * sum(map(len, words)):
        return _western(sample)
    return _foreign(sample)


def _western(sample: bytes) -> str:
    # charset-normalizer takes "Café résumé Zürich" in cp1252 for cp1250, hence these rules.
    central = _CENTRAL_LETTER.search(sample) or (_CENTRAL_CARON.search(sample) and _CENTRAL_COMPANION.search(sample))
    return "cp1250" if central and not _WESTERN_LETTER.search(sample) else "cp1252"


def _foreign(sample: bytes) -> str:
    best = from_bytes(sample, cp_isolation=[*_MULTIBYTE, *_SINGLE_BYTE]).best()
    if best is None:
        return _western(sample)
    if best.encoding in _MULTIBYTE:
        return best.encoding
    # Among alphabets of one byte a letter: the wrong one shows as capitals within words. `best` wins where they are level.
    ranked = sorted({best.encoding, *_SINGLE_BYTE}, key=lambda name: (_case_breaks(sample, name), name != best.encoding))
    return ranked[0]


def _case_breaks(sample: bytes, encoding: str) -> int:
    text = sample.decode(encoding, "replace")
    breaks = sum(left.islower() and right.isupper() for left, right in pairwise(text))
    strangers = sum(character > "\x7f" and not character.isalpha() for character in text)
    return breaks + 2 * strangers


def _marked_or_wide(head: bytes) -> str | None:
    marked = next((encoding for mark, encoding in _BOMS if head.startswith(mark)), None)
    return marked or _wide_without_mark(head)


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte order mark: NULs stand at regular places, and what comes out is printable."""
    if b"\0" not in head:
        return None
    nuls = [head[place::4].count(0) for place in range(4)]
    patterns = {
        "utf-32-le": nuls[0] == 0 < min(nuls[2], nuls[3]),
        "utf-32-be": nuls[3] == 0 < min(nuls[0], nuls[1]),
        "utf-16-le": nuls[0] + nuls[2] == 0,
        "utf-16-be": nuls[1] + nuls[3] == 0,
    }
    return next((name for name, fits in patterns.items() if fits and _is_printable(head, name)), None)


def _is_printable(head: bytes, encoding: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(encoding)("strict").decode(head)
    except UnicodeDecodeError:
        return False
    readable = sum(character.isprintable() or character.isspace() for character in text)
    return readable >= 0.98 * len(text) > 0 and any(character.isalpha() for character in text)


def _refuse_binary(head: bytes) -> None:
    what = next((name for magic, name in _MAGIC if head.startswith(magic)), None)
    if what:
        raise Refused(f"looks binary: it begins like {what}; rename it to what it is, or save it as text")
    controls = len(head) - len(head.translate(None, _CONTROL_BYTES))
    if b"\0" in head or controls > _MOST_CONTROLS * len(head):
        raise Refused(f"looks binary: {controls} control characters in its first {len(head)} bytes; save it as UTF-8 text")


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _decode_line(line: bytes, fallback: str) -> str:
    if (text := _strictly(line, "utf-8")) is not None:
        return text
    # A cut or broken character in a line that is UTF-8 otherwise: in other encodings valid sequences hardly ever arise by chance.
    mended = line.decode("utf-8", "replace")
    broken = mended.count("\ufffd")
    if sum(character > "\x7f" for character in mended) > 3 * broken:
        return mended
    return line.decode(fallback, "replace")


def _fallback_for(stream: BinaryIO) -> str:
    """The encoding of the lines that are not UTF-8; reads to the end."""
    sample = b""
    for line in _byte_lines(stream):
        if len(sample) < _SAMPLE_BYTES and _strictly(line, "utf-8") is None:
            sample += line[:_SAMPLE_BYTES]
    return guess(sample)


def _byte_lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES:
            raise Refused(f"a line is longer than {MAX_LINE_BYTES // 2**20} MB: this is no table with a record a line")
        # A lone carriage return ends a line too, as old Macintosh programs wrote it.
        yield from line.splitlines(keepends=True) if b"\r" in line[:-2] else (line,)
