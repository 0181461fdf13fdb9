"""CSV: delimiters, columns, typed values, and rows that cannot be read."""

import csv
import io
from collections.abc import Callable

import pytest

from ingest.documents import Document, ReaderRefusal
from ingest.readers import tables
from search.errors import Refused

Only = Callable[[str, bytes | str], Document]
Contents = Callable[[str, bytes | str], list[Document | ReaderRefusal]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("header", [["id", "title", "text", "team"], ["Job ID", "jobTitle", "Job-Description", "TEAM"], ["ref", "Position", "body", "Team"]])
def test_delimiters_and_column_names(delimiter: str, header: list[str], only: Only) -> None:
    data = delimiter.join(header) + "\n" + delimiter.join(["007", "Lead", '"You lead, and rest; |\tdaily.\n\n- Plan"', "SRE"]) + "\n"
    document = only("roles.csv", data)
    assert (document.record_id, document.title, document.attributes, document.whole_file) == ("007", "Lead", {"team": "SRE"}, False)
    assert [block.text for block in document.blocks] == ["You lead, and rest; | daily.", "Plan"]


def test_excel_names_its_delimiter(only: Only) -> None:
    assert only("roles.csv", "sep=;\r\ntitle;text\r\nLead;You lead, daily, a team\r\n").title == "Lead"


def test_values_are_typed(only: Only) -> None:
    document = only("roles.csv", "text,Salary Min,rate,remote,code,big,empty,when\nYou lead.,50000,1.5,TRUE,007,12345678901234567890,,2026-05-04\n")
    assert document.attributes == {"salary_min": 50000, "rate": 1.5, "remote": True, "code": "007", "big": "12345678901234567890", "when": "2026-05-04"}


def test_long_columns_with_known_names_are_text(only: Only) -> None:
    duties = "You run the clusters, mentor four engineers, and take part in an on-call rota."
    document = only("roles.csv", f'title,responsibilities,skills\nLead,"{duties}",Go\n')
    assert [block.text for block in document.blocks] == ["Responsibilities", duties]
    assert document.attributes == {"skills": "Go"}


def test_rows_that_cannot_be_read_cost_no_other(contents: Contents) -> None:
    found = contents("roles.csv", 'id,title,text\n1,One,"You\nlead."\n2,Two,\n\n3,Three,You,lead,all\n4,Four,You rest.\n')
    assert [content.title if isinstance(content, Document) else (content.part, content.record_id) for content in found] == [
        "One", ("row 3", "2"), ("row 5", None), "Four",
    ]  # fmt: skip
    assert isinstance(found[2], ReaderRefusal) and found[2].reason.startswith("5 values for 3 columns")


def test_no_text_column_is_refused_with_the_columns_found(contents: Contents) -> None:
    with pytest.raises(Refused, match="no text column: found Name, Team; name the column with the description 'text'"):
        contents("roles.csv", "Name,Team\nLead,SRE\n")
    with pytest.raises(Refused, match="nothing below the header row"):
        contents("roles.csv", "title,text\n")


def test_an_open_quotation_mark_swallows_nothing_in_silence(contents: Contents) -> None:
    found = contents("roles.csv", 'title,text\nOne,You lead.\nTwo,"You rest.\nThree,You plan.\n')
    assert isinstance(found[0], Document)
    assert found[1:] == [ReaderRefusal("row 3", "a quotation mark is opened and never closed: this row and all below it were not read")]


def test_a_field_beyond_all_bounds_is_refused(contents: Contents) -> None:
    before = csv.field_size_limit(1000)
    try:
        found = contents("roles.csv", "title,text\nOne,You lead.\nTwo," + "word " * 1000 + "\n")
    finally:
        csv.field_size_limit(before)
    assert isinstance(found[0], Document) and isinstance(found[1], ReaderRefusal) and found[1].reason.startswith("field larger than field limit")


def test_nuls_within_a_table_are_dropped() -> None:
    data = b"title,text\n" + b"Lead,You lead.\n" * 6000 + b"Last,You\0 rest.\n"
    assert len(data) > 64 * 1024
    *_, last = tables.read(io.BytesIO(data), "roles.csv")
    assert isinstance(last, Document) and [block.text for block in last.blocks] == ["You rest."]


def test_rows_are_read_one_at_a_time() -> None:
    class Watched(io.BytesIO):
        taken = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            self.taken += 1
            return super().readline(size)

    stream = Watched(b"title,text\n" + b"Lead,You lead.\n" * 10_000)
    documents = tables.read(stream, "roles.csv")
    next(documents)
    before = stream.taken
    next(documents)
    assert stream.taken - before <= 1


def test_doubled_columns_are_both_kept(only: Only) -> None:
    assert only("roles.csv", "text,team,Team\nYou lead.,a,b\n").attributes == {"team": "a", "team_3": "b"}
