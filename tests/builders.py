"""Small roles, chunks and indexes for the tests, made the way an ingest makes them."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from ingest.chunking import CHUNKER_VERSION, chunk_role
from search.arrays import as_texts
from search.embedding import Embedder
from search.index import IndexWriter
from search.lexical import Among, LexicalIndex
from search.manifest import Manifest, Source
from search.records import AttributeValue, Chunk, Role, Section
from search.vector_stores import EMBEDDED, DerivedVectors, VectorStore
from search.vectors import ChromaVectors, VectorIndex

IndexOf: TypeAlias = Callable[[Iterable[Role]], Path]
"""Publishes an index that holds exactly these roles and returns its folder; called again, it publishes the next generation there."""


def make_role(role_id: str, title: str, *parts: str | tuple[str, str], **attributes: AttributeValue) -> Role:
    """A role of several sections: a text by itself, or a heading with the text below it; the section's name is the heading in lower case."""
    text, sections = "", []
    for part in parts:
        heading, body = ("", part) if isinstance(part, str) else part
        text += ("\n\n" if text else "") + (f"{heading}\n" if heading else "")
        sections.append(Section(heading.lower() or "other", heading, len(text), len(text) + len(body)))
        text += body
    return Role(role_id, title, text, role_id, tuple(sections), attributes)


def make_chunk(chunk_id: str, text: str, role_id: str = "role.md", title: str = "", heading: str = "") -> Chunk:
    """A chunk that stands at the beginning of its role."""
    return Chunk(chunk_id, role_id, 0, len(text), text, title, "other", heading)


def fill(manifest: Manifest, roles: Iterable[Role], embedder: Embedder) -> None:
    """Make these roles, one a file, the whole content of a manifest."""
    wanted = {role.id: role for role in roles}
    for role_id in manifest.role_ids():
        if role_id not in wanted:
            manifest.remove_role(role_id)
            manifest.remove_source(f"/roles/{role_id}")
    for role in wanted.values():
        manifest.put_source(Source(f"/roles/{role.id}", role.source, "/roles", "1"))
        manifest.put_role(role, f"/roles/{role.id}", 0, chunk_role(role, embedder))


def publish(folder: Path, roles: Iterable[Role], embedder: Embedder, *, from_scratch: bool = False, store: VectorStore = EMBEDDED) -> str:
    """Publish a generation that holds exactly these roles; its name."""
    with IndexWriter(folder, embedder, CHUNKER_VERSION, from_scratch=from_scratch, store=store) as writer:
        fill(writer.manifest, roles, embedder)
        writer.derive()
        return writer.publish()


def chunks_of(roles: Sequence[Role], embedder: Embedder) -> list[Chunk]:
    """The chunks that an ingest makes of these roles."""
    return [chunk for role in roles for chunk in chunk_role(role, embedder)]


def ids_of(part: DerivedVectors | VectorIndex | LexicalIndex) -> set[str]:
    """The ids that a part of an index holds; they ascend, and none comes twice."""
    ids = as_texts(part.ids())
    assert ids == sorted(set(ids))
    return set(ids)


def best_by_words(index: LexicalIndex, text: str, k: int = 10, among: Among | None = None) -> list[tuple[str, float]]:
    """The best chunks by id, with their scores."""
    numbers, scores = index.best(text, k, among)
    ids = as_texts(index.ids())
    return [(ids[number], score) for number, score in zip(numbers.tolist(), scores.tolist(), strict=True)]


def opened_collections(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The numbers of all collections of Chroma's that are asked for or changed from now on; grows as they are."""
    opened, real = set[int](), ChromaVectors._collection

    def noting(self: ChromaVectors, number: int) -> object:
        opened.add(number)
        return real(self, number)

    monkeypatch.setattr(ChromaVectors, "_collection", noting)
    return opened


def about(pairs: Iterable[tuple[str, float]], tolerance: float = 1e-4) -> Any:
    """Pairs of id and score to compare a list with: the ids and their order exactly, the scores to within a tolerance."""
    return [(key, pytest.approx(score, abs=tolerance)) for key, score in pairs]
