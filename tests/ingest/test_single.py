"""One file or text into one role: as an ingest reads it, with an error that says what to do where it is not one."""

import json
from pathlib import Path

import pytest

from curriculum_vitae import CV, NAME, write_pdf, write_word
from ingest.single import read_role, role_of_text
from search.errors import Refused, UsageError

DATA = Path(__file__).resolve().parents[1] / "data"
ADVERT = "# Night Cook\n\n## What you do\n\n- Cook soup for the night shift\n"


def test_a_file_is_read_as_an_ingest_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "cook.md"
    path.write_text(ADVERT, encoding="utf-8")
    role = read_role(path)
    assert (role.id, role.source, role.title) == ("cook.md", "cook.md", "Night Cook")
    assert [(section.name, section.heading) for section in role.sections] == [("responsibilities", "What you do")]


@pytest.mark.parametrize("suffix", ["pdf", "docx"])
def test_the_cv_of_the_tests_is_read_whole(suffix: str) -> None:
    role = read_role(DATA / f"cv-infrastructure-engineer.{suffix}")
    assert role.title == NAME
    lines = [line for _, parts in CV for part in parts for line in ([part] if isinstance(part, str) else part)]
    assert [line for line in lines if line not in role.text] == []
    assert (role.attributes["level"], role.attributes["years"], role.attributes["degree"]) == ("senior", 13, "bachelor")
    assert role.attributes["certificates"] == ("CKA", "Terraform Associate")


def test_the_cv_in_the_repository_is_what_the_script_writes(tmp_path: Path) -> None:
    write_pdf(tmp_path / "cv-infrastructure-engineer.pdf")
    write_word(tmp_path / "cv-infrastructure-engineer.docx")
    for path in tmp_path.iterdir():
        assert read_role(path) == read_role(DATA / path.name)


def test_text_is_read_as_a_text_file() -> None:
    role = role_of_text("Night Cook\n\nTasks\n- Cook soup for the night shift\n- Wash up", "pasted")
    assert (role.id, role.title) == ("pasted", "Night Cook")
    assert "- Wash up" in role.text


@pytest.mark.parametrize("text", ["", " \n\t", "—"])
def test_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"empty|no text"):
        role_of_text(text)


def test_lone_surrogates_do_no_harm() -> None:
    assert "Cook" in role_of_text("Cook \udcff soup every night of the week, please.").text


def test_a_file_with_several_roles_is_refused_with_their_titles(tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_text("\n".join(json.dumps({"id": str(number), "title": f"Cook {number}", "text": "Cook soup."}) for number in range(6)), encoding="utf-8")
    with pytest.raises(UsageError, match=r"jobs\.jsonl holds 6 roles \(Cook 0; Cook 1; Cook 2; Cook 3; …\); ingest it"):
        read_role(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("cv.pdf", b"%PDF-1.7 and then nothing", "cv.pdf: not a PDF that can be read"),
        ("cv.doc", b"words", "cv.doc: .doc files are not read: save it as .docx"),
        ("cv.png", b"words", "cv.png: .png: not a format"),
        ("cv.md", b"", "cv.md: "),
        ("cv.md", b"# Only a title\n", "cv.md: no text besides the title"),
        ("cv.csv", b"id,title,text\n", "cv.csv: "),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_name(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused) as refused:
        read_role(tmp_path / name)
    assert str(refused.value).startswith(message)


def test_a_folder_is_no_file_and_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder; name one file in it"):
        read_role(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_role(tmp_path / "none.md")
