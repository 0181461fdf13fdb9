"""Which encoding bytes are in, and what is no text."""

import codecs
import io

import pytest

from ingest.readers.encodings import decode, decoded_lines, guess
from search.errors import Refused

SHORT = [
    ("utf-8", "Café résumé Zürich – naïve"),
    ("utf-8-sig", "Café résumé Zürich – naïve"),
    ("utf-16", "Café résumé Zürich – naïve"),
    ("utf-32", "Café résumé Zürich – naïve"),
    ("utf-16-le", "Café résumé Zürich – naïve"),
    ("utf-16-be", "Старший инженер, Москва"),
    ("utf-32-be", "Café"),
    ("cp1252", "Café résumé Zürich – naïve"),
    ("latin-1", "Ingénieur logiciel à Genève"),
    ("latin-1", "Café"),
    ("cp1252", "Größe: Straßenbau, Müller"),
    ("cp1252", "Engenheiro de computação em São Paulo, não júnior"),
    ("cp1252", "Ingeniør på Ærø"),
    ("cp1252", "We’ll pay £40k – “really”"),
    ("cp1250", "Starszy inżynier oprogramowania, Łódź i Kraków – prowadzenie zespołu"),
    ("cp1250", "Vedoucí vývoje, příležitost v Plzni, řízení týmu, šéf"),
    ("cp1251", "Старший инженер-программист, Москва"),
    ("koi8_r", "Старший инженер-программист, Москва"),
    ("cp1253", "Ανώτερος μηχανικός λογισμικού στην Αθήνα"),
    ("shift_jis", "ソフトウェアエンジニア（東京）"),
    ("shift_jis", "開発チームのリーダーとして、設計とレビューを担当します。"),
    ("euc_jp", "開発チームのリーダーとして、設計とレビューを担当します。"),
    ("gb18030", "高级软件工程师，负责系统设计和代码审查。"),
    ("big5", "資深軟體工程師，負責系統設計與程式碼審查。"),
    ("euc_kr", "시니어 소프트웨어 엔지니어, 시스템 설계를 담당합니다."),
]


@pytest.mark.parametrize(("encoding", "text"), SHORT)
def test_short_texts(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text
    assert "".join(decoded_lines(io.BytesIO(text.encode(encoding)))) == text


def test_western_is_the_guess_where_there_is_little_to_go_by() -> None:
    assert (guess(b""), guess("é".encode("cp1252")), guess("– ’".encode("cp1252"))) == ("cp1252", "cp1252", "cp1252")


def test_a_declared_encoding_is_believed_where_it_fits() -> None:
    data = "Žižkov".encode("cp1250")
    assert decode(data, "cp1250") == "Žižkov"
    assert decode("Zürich".encode(), "cp1250") == "Zürich"
    assert decode("Zürich".encode("cp1252"), "no-such-encoding") == "Zürich"


def test_one_line_in_another_encoding_spoils_no_other() -> None:
    data = "Zürich 東京\n".encode() + "Genève\n".encode("cp1252") + "Kraków\n".encode()
    assert list(decoded_lines(io.BytesIO(data))) == ["Zürich 東京\n", "Genève\n", "Kraków\n"]
    assert decode(data) == "Zürich 東京\nGenève\nKraków\n"


def test_a_character_cut_in_half_does_not_make_the_rest_latin() -> None:
    assert decode("Zürich, Genève, Kraków, Café".encode()[:-1]) == "Zürich, Genève, Kraków, Caf\ufffd"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_three_ways(end: str) -> None:
    assert [line.rstrip("\r\n") for line in decoded_lines(io.BytesIO(f"a{end}b{end}c".encode()))] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty: 0 bytes"),
        (b"%PDF-1.7\n" + b"a" * 50, "begins like a PDF"),
        (b"\x89PNG\r\n\x1a\n" + b"IHDR" * 50, "begins like a PNG image"),
        (b"PK\x03\x04" + b"abc" * 50, "begins like a ZIP archive"),
        (b"\x1f\x8b\x08" + b"abc" * 50, "begins like a gzip file"),
        (b"\x7fELF" + b"abc" * 50, "begins like a program"),
        (b"\xff\xd8\xff\xe0" + b"abc" * 50, "begins like a JPEG image"),
        (b"{\\rtf1\\ansi hello}", "begins like an RTF document"),
        (b"Hello\0world, this is a record", "looks binary: 1 control characters"),
        (bytes(range(1, 32)) * 4, "looks binary"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        decode(data)
    with pytest.raises(Refused, match=reason):
        list(decoded_lines(io.BytesIO(data)))


def test_marks_are_not_part_of_the_text() -> None:
    for mark, encoding in [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_LE, "utf-32-le")]:
        assert decode(mark + "Zürich".encode(encoding)) == "Zürich"
