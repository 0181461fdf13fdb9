"""Which files are read, and what is packed."""

import gzip
import io
import stat
import zipfile
from pathlib import Path

import pytest

from ingest.documents import Document, ReaderRefusal
from ingest.readers import READERS, UNREAD_DOCUMENTS, FileKind, Part, files, is_readable, kind_of, read
from ingest.readers.streams import bounded
from search.errors import Refused


def archive(*members: tuple[str | zipfile.ZipInfo, bytes | str], name: str = "roles.zip", folder: Path) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for member, data in members:
            opened.writestr(member, data)
    return path


def told(parts: list[Part]) -> list[tuple[str, str]]:
    """Each part as its member and its first block, or the reason of its refusal."""
    return [(part.member, part.content.reason if isinstance(part.content, ReaderRefusal) else part.content.blocks[0].text) for part in parts]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.md", FileKind.READABLE),
        ("A.MD", FileKind.READABLE),
        ("a.jsonl.gz", FileKind.READABLE),
        ("a.zip", FileKind.READABLE),
        ("a.doc", FileKind.UNREAD_DOCUMENT),
        ("a.xlsx.gz", FileKind.UNREAD_DOCUMENT),
        ("a.png", FileKind.OTHER),
        ("a.tar.gz", FileKind.OTHER),
        ("a.gz", FileKind.OTHER),
        ("README", FileKind.OTHER),
        (".md", FileKind.OTHER),
    ],
)
def test_kinds(name: str, kind: FileKind) -> None:
    assert kind_of(Path(name)) is kind
    assert is_readable(Path(name)) is (kind is FileKind.READABLE)


@pytest.mark.parametrize("suffix", UNREAD_DOCUMENTS)
def test_known_formats_are_refused_with_their_cure(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"role{suffix}"
    path.write_bytes(b"anything")
    with pytest.raises(Refused, match=f"{suffix} files are not read: {UNREAD_DOCUMENTS[suffix][:10]}"):
        list(read(path))
    assert suffix not in READERS


def test_other_formats_and_missing_files(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(Refused, match=r"\.png: not a format of role descriptions; those are \.md"):
        list(read(tmp_path / "a.png"))
    with pytest.raises(FileNotFoundError):
        list(read(tmp_path / "missing.md"))


def test_a_plain_file_has_no_member(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("You lead.")
    assert told(list(read(tmp_path / "a.md"))) == [("", "You lead.")]


def test_too_large_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 3)
    (tmp_path / "a.md").write_text("You lead.")
    with pytest.raises(Refused, match="too large: 0 MB, at most 0 MB; split it"):
        list(read(tmp_path / "a.md"))


def test_gzip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(b"title,text\n" + b"Lead,You lead.\n" * 1000)
    (tmp_path / "a.csv.gz").write_bytes(packed)
    assert len(list(read(tmp_path / "a.csv.gz"))) == 1000
    (tmp_path / "cut.csv.gz").write_bytes(packed[:-20])
    with pytest.raises(Refused, match=r"damaged: .*make or fetch the file again"):
        list(read(tmp_path / "cut.csv.gz"))
    (tmp_path / "no.md.gz").write_bytes(b"not gzip at all")
    with pytest.raises(Refused, match="damaged: Not a gzipped file"):
        list(read(tmp_path / "no.md.gz"))
    monkeypatch.setattr(files, "MAX_GZIP_BYTES", 1000)
    with pytest.raises(Refused, match="too large: more than 0 MB once unpacked"):
        list(read(tmp_path / "a.csv.gz"))


def test_a_zip_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    path = archive(
        ("b/two.md", "Two"),
        ("a.jsonl", '{"text": "One"}\nbroken\n{"text": "Three"}'),
        ("b/", ""),
        ("__MACOSX/b/._two.md", "x"),
        (".hidden/x.md", "x"),
        ("b/.DS_Store", "x"),
        ("logo.png", "x"),
        ("z.md.gz", gzip.compress(b"Packed")),
        folder=tmp_path,
    )
    parts = list(read(path))
    assert [(part.member, isinstance(part.content, Document)) for part in parts] == [
        ("a.jsonl", True), ("a.jsonl", False), ("a.jsonl", True), ("b/two.md", True), ("z.md.gz", True),
    ]  # fmt: skip
    assert isinstance(parts[1].content, ReaderRefusal) and parts[1].content.part == "line 2"


def test_members_that_cannot_be_read_cost_no_other(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive(
            ("/etc/a.md", "x"),
            ("../b.md", "x"),
            ("C:\\c.md", "x"),
            ("d.zip", "x"),
            ("e.docx", "x"),
            ("f.doc", "x"),
            ("g.md", ""),
            ("ok.md", "You lead."),
            ("ok.md", "again"),
            (link, "ok.md"),
            folder=tmp_path,
        )
    found: dict[str, str] = {}
    for member, text in told(list(read(path))):
        found.setdefault(member, text)
    starts = {
        "/etc/a.md": "its path leads out",
        "../b.md": "its path leads out",
        "C:/c.md": "its path leads out",
        "d.zip": "an archive within an archive",
        "e.docx": "not a Word document",
        "f.doc": ".doc files are not read: save it as .docx",
        "g.md": "empty: 0 bytes",
        "ok.md": "You lead.",
        "link.md": "a symbolic link",
    }
    assert {member: text[: len(starts[member])] for member, text in found.items()} == starts
    assert ("ok.md", "a second member with this name: rename one of the two") in told(list(read(path)))
    assert all(part.content.part == "" for part in read(path) if isinstance(part.content, ReaderRefusal))


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = archive(("a.md", "You lead."), ("b.md", "You rest."), folder=tmp_path)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    assert told(list(read(path))) == [("a.md", "encrypted: unpack the archive with its password and ingest the folder"), ("b.md", "You rest.")]


def test_a_damaged_member(tmp_path: Path) -> None:
    path = tmp_path / "roles.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("a.md", "You lead.")
        opened.writestr("b.md", "You rest.")
    path.write_bytes(path.read_bytes().replace(b"You lead.", b"You LEAD."))
    (first, reason), second = told(list(read(path)))
    assert (first, second) == ("a.md", ("b.md", "You rest.")) and reason.startswith("damaged: Bad CRC-32")


@pytest.mark.parametrize(("name", "value"), [("MAX_ZIP_MEMBERS", 1), ("MAX_ZIP_BYTES", 5)])
def test_a_zip_beyond_all_bounds(name: str, value: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(("a.md", "You lead."), ("b.md", "You rest."), folder=tmp_path)
    monkeypatch.setattr(files, name, value)
    with pytest.raises(Refused, match="too large: 2 files"):
        list(read(path))


def test_a_member_beyond_all_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(("a.md", "You lead. " * 100), ("b.md", "You rest."), folder=tmp_path)
    monkeypatch.setattr(files, "MAX_MEMBER_BYTES", 100)
    assert told(list(read(path))) == [("a.md", "too large: 0 MB once unpacked, at most 0 MB"), ("b.md", "You rest.")]


@pytest.mark.parametrize(("data", "reason"), [(b"", "empty: 0 bytes"), (b"hello", "not a ZIP archive"), (b"PK\x03\x04cut", "not a ZIP archive")])
def test_what_is_no_zip(data: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(Refused, match=reason):
        list(read(tmp_path / "a.zip"))


def test_a_bounded_stream_can_begin_anew() -> None:
    stream = bounded(io.BytesIO(b"abc" * 100), 300)
    assert stream.read() == b"abc" * 100
    stream.seek(0)
    assert stream.read() == b"abc" * 100
