"""One role, every format: the same title, headings, paragraphs and items come out, in the same order."""

from collections.abc import Callable

import pytest

from ingest.documents import BlockKind, Document
from ingest.readers import READERS
from search.errors import Refused

Only = Callable[[str, bytes | str], Document]
Role = tuple[str, list[tuple[str, str]]]

NAMES = [f"role{suffix}" for suffix in READERS] + ["role.md.gz", "role.zip"]
RECORDS = {"role.csv", "role.json", "role.jsonl", "role.ndjson", "role.jsonld"}


@pytest.mark.parametrize("name", NAMES)
def test_same_title_and_blocks(name: str, only: Only, same_role: dict[str, bytes], expected_role: Role) -> None:
    document = only(name, same_role[name])
    title, expected = expected_role
    headings = [block.text for block in document.blocks if block.kind is BlockKind.HEADING and block.level == 1]
    below = [block for block in document.blocks if not (block.kind is BlockKind.HEADING and block.level == 1)]
    assert (document.title or headings[0], headings) == (title, [] if name in RECORDS else [title])
    assert [(block.kind.value, block.text) for block in below] == expected
    assert {block.level for block in below if block.kind is BlockKind.HEADING} == {2}
    assert {(block.level, block.bold) for block in below if block.kind is not BlockKind.HEADING} == {(0, False)}


@pytest.mark.parametrize("name", NAMES)
def test_a_record_is_one_role_and_a_file_may_hold_several(name: str, only: Only, same_role: dict[str, bytes]) -> None:
    document = only(name, same_role[name])
    assert document.whole_file is (name not in RECORDS)
    assert document.record_id == ("17" if name in RECORDS - {"role.jsonld"} else None)
    assert dict(document.attributes) == {}


@pytest.mark.parametrize("name", [f"role{suffix}" for suffix in READERS])
@pytest.mark.parametrize(("data", "reason"), [(b"", "empty: 0 bytes"), (b" \n\t\r\n ", "no text|no records|not a")])
def test_nothing_to_read_is_refused(name: str, data: bytes, reason: str, only: Only) -> None:
    with pytest.raises(Refused, match=reason):
        only(name, data)
