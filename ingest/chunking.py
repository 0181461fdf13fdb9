"""Role to chunks: stretches of whole sentences inside one section, each short enough for the model to read to its end."""

import hashlib
import math
import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from search.records import Chunk, Role, Section
from search.sentences import Span, sentence_spans

CHUNKER_VERSION = 1

# Tokens of a chunk with its title and heading. Measured: docs/decisions.md, "Chunk size".
TARGET_TOKENS = 128

_WORD = re.compile(r"\S+\s*")


class TokenCounter(Protocol):
    """The part of an Embedder that chunking needs."""

    @property
    def max_tokens(self) -> int: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...


def chunk_role(role: Role, counter: TokenCounter) -> list[Chunk]:
    """Cut a role into chunks; together they cover every sentence of its sections, and none is longer than the model reads.

    A role that has no section text gives one chunk of its whole text, so that every role can be found.
    """
    limit = min(TARGET_TOKENS, counter.max_tokens)
    chunks = [chunk for section in role.sections for chunk in _chunk_section(role, section, limit, counter)]
    return chunks or list(_chunk_section(role, Section("other", "", 0, len(role.text)), limit, counter))


def _chunk_section(role: Role, section: Section, limit: int, counter: TokenCounter) -> Iterator[Chunk]:
    title, heading = _fitting_context(role.title, section.trail, limit, counter)
    context = make_chunk(role, section, section.start, section.start, title, heading).embedded_text
    room = max(1, limit - counter.count_tokens([context])[0])
    for start, end in _packed(role.text, _measured(role.text, section, room, counter), room):
        yield make_chunk(role, section, start, end, title, heading)


def _fitting_context(title: str, heading: str, limit: int, counter: TokenCounter) -> tuple[str, str]:
    """Title and heading, cut word by word until each takes at most a quarter of the limit."""
    return _cut(title, limit // 4, counter), _cut(heading, limit // 4, counter)


def _cut(text: str, room: int, counter: TokenCounter) -> str:
    if counter.count_tokens([text])[0] <= room:
        return text
    words = text.split()
    counts = counter.count_tokens(words)
    kept = 0
    while kept < len(words) and sum(counts[: kept + 1]) <= room:
        kept += 1
    return " ".join(words[:kept])


def make_chunk(role: Role, section: Section, start: int, end: int, title: str, heading: str) -> Chunk:
    """A chunk whose id is made from its content: the same stretch of the same role always has the same id."""
    text = role.text[start:end]
    parts = (role.id, str(start), str(end), title, section.name, heading, text)
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return Chunk(digest[:32], role.id, start, end, text, title, section.name, heading)


def _measured(text: str, section: Section, room: int, counter: TokenCounter) -> list[tuple[Span, int]]:
    """Sentences of a section with their token counts; a sentence longer than `room` is cut between words, a longer word between characters."""
    spans = list(sentence_spans(text, section.start, section.end))
    counts = counter.count_tokens([text[start:end] for start, end in spans])
    measured: list[tuple[Span, int]] = []
    for span, count in zip(spans, counts, strict=True):
        measured.extend([(span, count)] if count <= room else _split_long(text, span, room, counter))
    return measured


def _split_long(text: str, span: Span, room: int, counter: TokenCounter) -> Iterator[tuple[Span, int]]:
    words = [match.span() for match in _WORD.finditer(text, *span)]
    counts = counter.count_tokens([text[start:end] for start, end in words])
    start, total = span[0], 0
    for (word_start, word_end), count in zip(words, counts, strict=True):
        if start < word_start and total + count > room:
            yield (start, _rstrip(text, start, word_start)), total
            start, total = word_start, 0
        if count > room:
            yield from _split_word(text, word_start, _rstrip(text, word_start, word_end), room, counter)
            start, total = word_end, 0
        else:
            total += count
    if start < span[1]:
        yield (start, _rstrip(text, start, span[1])), total


def _split_word(text: str, start: int, end: int, room: int, counter: TokenCounter) -> Iterator[tuple[Span, int]]:
    """A word that alone exceeds the room, such as a base64 blob: halved until each piece fits. One character may be several tokens, as Hangul is."""
    count = counter.count_tokens([text[start:end]])[0]
    if count <= room or end - start < 2:
        yield (start, end), count
        return
    middle = (start + end) // 2
    yield from _split_word(text, start, middle, room, counter)
    yield from _split_word(text, middle, end, room, counter)


def _rstrip(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())


def _packed(text: str, measured: Sequence[tuple[Span, int]], room: int) -> Iterator[Span]:
    """Neighbouring sentences joined into as few chunks as fit, of about equal length rather than full ones and a short rest."""
    if not measured:
        return
    total = sum(count for _, count in measured)
    fair_share = total / max(1, math.ceil(total / room))
    start, end, held = measured[0][0][0], measured[0][0][0], 0
    for (sentence_start, sentence_end), count in measured:
        if held and (held + count > room or held + count / 2 > fair_share):
            yield start, end
            start, held = sentence_start, 0
        end, held = sentence_end, held + count
    yield start, end
