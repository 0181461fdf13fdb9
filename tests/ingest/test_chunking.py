"""Roles to chunks: nothing is lost, nothing is longer than the model reads, and the same role always gives the same chunks."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from builders import make_role
from fakes import WordEmbedder
from ingest.chunking import TokenCounter, chunk_role
from role_parts import roles
from search.embedding import Embedder
from search.records import Chunk, Role, Section

COUNTER = WordEmbedder()  # one word is one token, at most 40


def assert_faithful(role: Role, chunks: list[Chunk], counter: TokenCounter) -> None:
    """What holds for the chunks of every role."""
    sections = role.sections or (Section("other", "", 0, len(role.text)),)
    covered = [False] * len(role.text)
    for chunk in chunks:
        assert chunk.role_id == role.id
        assert chunk.text == role.text[chunk.start : chunk.end] != ""
        assert any(section.start <= chunk.start < chunk.end <= section.end and section.name == chunk.section for section in sections)
        assert not any(covered[chunk.start : chunk.end])
        covered[chunk.start : chunk.end] = [True] * (chunk.end - chunk.start)
    for section in sections:
        assert not [role.text[place] for place in range(section.start, section.end) if not covered[place] and not role.text[place].isspace()]
    assert [chunk.start for chunk in chunks] == sorted(chunk.start for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == len(chunks) > 0
    assert max(counter.count_tokens([chunk.embedded_text for chunk in chunks])) <= counter.max_tokens


@given(roles())
def test_chunks_cover_every_section_once_and_fit_the_model(role: Role) -> None:
    assert_faithful(role, chunk_role(role, COUNTER), COUNTER)


@given(roles())
def test_the_same_role_gives_the_same_chunks(role: Role) -> None:
    assert chunk_role(role, COUNTER) == chunk_role(replace(role), COUNTER)


@given(roles())
def test_two_roles_of_one_text_share_no_chunk_id(role: Role) -> None:
    assert {chunk.id for chunk in chunk_role(role, COUNTER)}.isdisjoint(chunk.id for chunk in chunk_role(replace(role, id="other.md"), COUNTER))


@pytest.mark.model
@settings(max_examples=60)
@given(role=roles())
def test_with_the_shipped_tokenizer_chunks_cover_every_section_and_fit(shipped_model: Embedder, role: Role) -> None:
    assert_faithful(role, chunk_role(role, shipped_model), shipped_model)


@pytest.mark.model
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 5000, id="one word"),
        pytest.param("aGVsbG8/d29y+" * 400, id="base64"),
        pytest.param("https://example.com/a/very/long?path=" * 100, id="address"),
        pytest.param("求人情報エンジニア募集中" * 200, id="Chinese and Japanese without spaces"),
        pytest.param("한국어-" * 300, id="Korean, three tokens a character"),
        pytest.param("👩🏽‍💻🏳️‍🌈" * 300, id="emoji"),
        pytest.param("§" * 1000 + " " + "\u0301" * 50, id="signs, and accents that count nothing"),
        pytest.param("word " * 3000, id="no sentence ends"),
        pytest.param("Short. " * 1500, id="many short sentences"),
        pytest.param("\u0301 \u0301", id="nothing that the tokenizer sees"),
    ],
)
@pytest.mark.parametrize("title", ["Fitter", "Überlanger Titel " * 60, "題" * 500, "x-" * 400], ids=["short", "long", "long without spaces", "one word"])
def test_with_the_shipped_tokenizer_strange_texts_fit(shipped_model: Embedder, text: str, title: str) -> None:
    role = Role("r", title, text, "r", (Section("other", title, 0, len(text), (title,)),))
    assert_faithful(role, chunk_role(role, shipped_model), shipped_model)


def test_a_chunk_is_whole_sentences_of_one_section_in_about_equal_parts() -> None:
    sentences = [f"Sentence {number} has exactly seven words here." for number in range(1, 7)]
    role = make_role("r", "Fitter", ("Duties", " ".join(sentences)), ("Pay", "It is fair."))
    chunks = chunk_role(role, COUNTER)
    # 40 tokens, 3 of them the context "Fitter — Duties:": five sentences of seven words fit; six make 3 + 3, not 5 + 1.
    assert [(chunk.section, chunk.text) for chunk in chunks] == [
        ("duties", " ".join(sentences[:3])),
        ("duties", " ".join(sentences[3:])),
        ("pay", "It is fair."),
    ]


def test_the_context_is_embedded_but_is_no_part_of_the_text() -> None:
    text = "Sort post."
    role = Role("r", "Clerk", text, "r", (Section("responsibilities", "Level 2", 0, len(text), ("Craft",)),))
    [chunk] = chunk_role(role, COUNTER)
    assert (chunk.title, chunk.section, chunk.heading, chunk.text) == ("Clerk", "responsibilities", "Craft › Level 2", text)
    assert chunk.embedded_text == "Clerk — Craft › Level 2: Sort post."


def test_a_long_title_leaves_room_for_the_text() -> None:
    role = make_role("r", " ".join(f"word{number}" for number in range(100)), "Sort post. " * 30)
    chunks = chunk_role(role, COUNTER)
    assert {chunk.title for chunk in chunks} == {" ".join(f"word{number}" for number in range(10))}
    assert [len(chunk.text.split()) for chunk in chunks] == [30, 30]


def test_a_sentence_longer_than_the_model_reads_is_cut_between_words() -> None:
    words = [f"word{number}" for number in range(100)]
    chunks = chunk_role(make_role("r", "Clerk", " ".join(words)), COUNTER)
    assert [word for chunk in chunks for word in chunk.text.split()] == words
    assert max(len(chunk.text.split()) for chunk in chunks) <= 39


def test_a_role_without_sections_is_one_section() -> None:
    [chunk] = chunk_role(Role("r", "Clerk", "Sort post.\n\nStamp it.", "r"), COUNTER)
    assert (chunk.section, chunk.heading, chunk.text) == ("other", "", "Sort post.\n\nStamp it.")


@pytest.mark.parametrize(
    "changed",
    [
        Role("s", "Clerk", "Sort post.", "r", (Section("about", "Who", 0, 10),)),
        Role("r", "Porter", "Sort post.", "r", (Section("about", "Who", 0, 10),)),
        Role("r", "Clerk", "Sort mail.", "r", (Section("about", "Who", 0, 10),)),
        Role("r", "Clerk", "Sort post.", "r", (Section("other", "Who", 0, 10),)),
        Role("r", "Clerk", "Sort post.", "r", (Section("about", "What", 0, 10),)),
        Role("r", "Clerk", " Sort post.", "r", (Section("about", "Who", 1, 11),)),
    ],
    ids=["id", "title", "text", "section", "heading", "place"],
)
def test_whatever_changes_in_a_chunk_changes_its_id(changed: Role) -> None:
    [before] = chunk_role(Role("r", "Clerk", "Sort post.", "r", (Section("about", "Who", 0, 10),)), COUNTER)
    [after] = chunk_role(changed, COUNTER)
    assert after.id != before.id


def test_attributes_and_source_are_no_part_of_a_chunk() -> None:
    role = make_role("r", "Clerk", "Sort post.")
    assert chunk_role(replace(role, source="moved.md", attributes={"level": "senior"}), COUNTER) == chunk_role(role, COUNTER)
