"""Damage to published files: found when they are opened, named, and never answered from."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import make_role, publish
from fakes import WordEmbedder
from search.checksums import Damage, damage, write_checksums
from search.embedding_cache import EmbeddingCache
from search.errors import IndexDamaged
from search.index import Index, IndexReader, current_generation
from search.records import Query
from search.searcher import Searcher

BAKER = make_role("baker.md", "Baker", "Bake bread.")
FISHER = make_role("fisher.md", "Fisher", "Catch cod.")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("template") / "index"
    publish(made, [BAKER], WordEmbedder())
    publish(made, [BAKER, FISHER], WordEmbedder())
    return made


@pytest.fixture
def folder(tmp_path: Path, template: Path) -> Path:
    """An index with two generations: the baker, and then the fisher, too."""
    return shutil.copytree(template, tmp_path / "index")


def file_of(folder: Path, pattern: str, generation: str = "000002") -> Path:
    """The largest file of a generation that fits a pattern."""
    return max((folder / "generations" / generation).glob(pattern), key=lambda path: path.stat().st_size)


def flip(path: Path, place: float = 0.5) -> None:
    """Change one bit, and keep size and time as they were, as a failing disk does."""
    times, content = path.stat(), bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 0x10
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


BREAKING: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "a truncated manifest": ("manifest.sqlite3", truncate, r"the manifest \(manifest.sqlite3\) has [\d,]+ bytes, [\d,]+ were written"),
    "a flipped bit of the manifest": ("manifest.sqlite3", flip, r"the manifest \(manifest.sqlite3\) does not hold what was written"),
    "a truncated database of the vectors": ("chroma/chroma.sqlite3", truncate, r"the vectors \(chroma/chroma.sqlite3\) has"),
    "a missing segment of the vectors": ("chroma/*/data_level0.bin", Path.unlink, r"the vectors \(chroma/.*/data_level0.bin\) is missing"),
    "a flipped bit of the vectors": ("chroma/*/data_level0.bin", flip, r"the vectors \(chroma/.*/data_level0.bin\) does not hold"),
    "a flipped bit of the words": ("lexical/*.term", flip, r"the words \(lexical/.*\) does not hold"),
    "the words' list of files gone": ("lexical/meta.json", Path.unlink, r"the words \(lexical/meta.json\) is missing"),
    "a flipped bit of the vectors of whole roles": ("roles/vectors.npy", flip, r"the vectors of whole roles \(roles/vectors.npy\) does not hold"),
    "damaged checksums": ("checksums.json", flip, r"checksums.json does not hold what was written"),
}


@pytest.mark.parametrize("broken", BREAKING)
def test_damage_is_found_at_opening_and_the_generation_before_answers_and_says_so(folder: Path, broken: str) -> None:
    pattern, breaks, said = BREAKING[broken]
    breaks(file_of(folder, pattern))
    searcher = Searcher(IndexReader(folder, WordEmbedder.fingerprint), WordEmbedder())
    results = searcher.search(Query("bake bread"))
    assert (results.generation, [hit.role_id for hit in results.hits]) == ("000001", ["baker.md"])
    assert results.notes[0].startswith("The last generation cannot be used; the one before it answers, of 20")
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(results.notes[0])
    assert f"rolesearch doctor --repair --index {folder}" in results.notes[0]
    searcher.close()


def test_without_an_earlier_generation_damage_is_an_error(folder: Path) -> None:
    shutil.rmtree(folder / "generations" / "000001")
    flip(file_of(folder, "lexical/*.term"))
    with pytest.raises(IndexDamaged, match=r"generation 000002 of .* is damaged: the words \(lexical/.*rolesearch doctor --repair --index"):
        Index.open(folder)


def test_two_damaged_generations_are_an_error_that_is_about_the_last(folder: Path) -> None:
    flip(file_of(folder, "manifest.sqlite3", "000001"))
    flip(file_of(folder, "lexical/*.term"))
    with pytest.raises(IndexDamaged, match="generation 000002"):
        Index.open(folder)


def test_a_writer_does_not_build_upon_what_is_damaged(folder: Path) -> None:
    flip(file_of(folder, "chroma/chroma.sqlite3"))
    with pytest.raises(IndexDamaged, match=r"the vectors \(chroma/chroma.sqlite3\)"):
        publish(folder, [BAKER], WordEmbedder())
    assert current_generation(folder) == "000002"


def test_a_reader_of_an_earlier_generation_stays_with_it_and_moves_on_to_the_next_whole_one(folder: Path) -> None:
    flip(file_of(folder, "lexical/*.term"))
    reader = IndexReader(folder, WordEmbedder.fingerprint)
    with reader.current() as first, reader.current() as second:
        assert first is second
        assert first.generation == "000001"
    publish(folder, [FISHER], WordEmbedder(), from_scratch=True)
    with reader.current() as index:
        assert (index.generation, index.warning, index.manifest.role_ids()) == ("000003", "", ["fisher.md"])
    reader.close()


@pytest.mark.parametrize("content", [b"", b"\n", b"000002 and more", b"\xff\xfe", b"../elsewhere"])
def test_a_damaged_name_of_the_generation_is_no_missing_index(folder: Path, content: bytes) -> None:
    (folder / "CURRENT").write_bytes(content)
    for attempt in (lambda: Index.open(folder), lambda: publish(folder, [BAKER], WordEmbedder())):
        with pytest.raises(IndexDamaged, match=rf"CURRENT names no generation; run `rolesearch doctor --repair --index {folder}`"):
            attempt()


def test_where_the_name_of_the_generation_is_lost_a_writer_deletes_nothing(folder: Path) -> None:
    (folder / "CURRENT").unlink()
    with pytest.raises(IndexDamaged, match="CURRENT is missing; run `rolesearch doctor --repair"):
        publish(folder, [BAKER], WordEmbedder())
    assert sorted(path.name for path in (folder / "generations").iterdir()) == ["000001", "000002"]


# The checksums themselves ---------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a file of 10 bytes and one of 100, with checksums."""
    made = tmp_path / "generation"
    (made / "part").mkdir(parents=True)
    (made / "small").write_bytes(b"s" * 10)
    (made / "part" / "large").write_bytes(b"l" * 100)
    write_checksums(made)
    return made


def test_what_is_as_it_was_is_not_damaged(place: Path) -> None:
    assert damage(place) == damage(place, hash_at_most=0) == damage(place, hash_at_most=None) == []


def test_a_changed_byte_is_found_within_the_bytes_that_are_hashed_or_when_the_time_of_change_is_another(place: Path) -> None:
    flip(place / "part" / "large")
    found = [Damage("part/large", "does not hold what was written: its SHA-256 is another")]
    assert damage(place) == damage(place, hash_at_most=110) == damage(place, hash_at_most=None) == found
    assert damage(place, hash_at_most=109) == []
    (place / "part" / "large").touch()
    assert damage(place, hash_at_most=0) == found


def test_a_touched_file_that_holds_what_was_written_is_not_damaged(place: Path) -> None:
    (place / "small").touch()
    assert damage(place, hash_at_most=0) == []


def test_each_damaged_file_is_named_and_others_below_another_name_are_not_asked_for(place: Path) -> None:
    truncate(place / "small")
    (place / "part" / "large").unlink()
    assert damage(place) == [Damage("small", "has 5 bytes, 10 were written"), Damage("part/large", "is missing")]
    assert damage(place, below="part/") == [Damage("part/large", "is missing")]


def test_files_that_were_copied_with_their_times_are_not_read_again_and_changed_ones_are(place: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(place, tmp_path / "next")
    flip(copied / "part" / "large")
    time.sleep(0.01)
    (copied / "small").write_bytes(b"t" * 10)
    write_checksums(copied, place)
    assert damage(copied, hash_at_most=None) == [Damage("part/large", "does not hold what was written: its SHA-256 is another")]


def test_a_generation_of_a_program_that_kept_no_checksums_opens(folder: Path) -> None:
    file_of(folder, "checksums.json").unlink()
    Index.open(folder).close()


# Embeddings that are kept ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("breaks", [truncate, lambda path: path.write_bytes(b"no database at all" * 1000)])
def test_damaged_embeddings_are_named_and_what_is_published_stays(folder: Path, breaks: Callable[[Path], None]) -> None:
    breaks(folder / "embeddings.sqlite3")
    with pytest.raises(IndexDamaged, match=r"the embeddings that are kept in .*embeddings.sqlite3 are damaged: .*rolesearch doctor --repair --index"):
        publish(folder, [make_role("new.md", "New", "Text.")], WordEmbedder())
    assert current_generation(folder) == "000002"
    Index.open(folder).close()


def test_a_kept_embedding_that_is_no_unit_vector_any_more_is_made_anew(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "embeddings.sqlite3"
    cache = EmbeddingCache(path)
    vectors = cache.encode(["bread", "fish", "cake"], WordEmbedder())
    cache.close()
    with sqlite3.connect(path) as connection:
        keys = [row[0] for row in connection.execute("SELECT text_sha256 FROM vectors")]
        connection.execute("UPDATE vectors SET vector = ? WHERE text_sha256 = ?", ((vectors[0] * 2).tobytes(), keys[0]))
        connection.execute("UPDATE vectors SET vector = ? WHERE text_sha256 = ?", (b"odd", keys[1]))
    connection.close()
    embedder = WordEmbedder()
    cache = EmbeddingCache(path)
    assert cache.encode(["bread", "fish", "cake"], embedder).tolist() == vectors.tolist()
    assert len(embedder.embedded) == 2
    assert cache.encode(["bread", "fish", "cake"], embedder).tolist() == vectors.tolist()
    assert len(embedder.embedded) == 2
    cache.close()
