import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import chunks_of, fill, make_role
from fakes import PlainLexical, WordEmbedder, no_chunks
from search.arrays import as_texts
from search.errors import IndexDamaged, UsageError
from search.filters import parse_filters
from search.manifest import SCHEMA_VERSION, Manifest, Refusal, Source, place_of
from search.records import AttributeValue, Chunk, Filters, Role, Section
from search.rows import RoleRows

SENIOR = make_role("senior.md", "Senior Baker", "Bread.", level="senior", salary_min=60_000, remote=True, city="Zürich", skills=("Python", "Go"))
JUNIOR = make_role("junior.md", "Junior Baker", "Rolls.", level="Junior", salary_min=30_000.5, remote=False, city="Bern", skills=("Go",))
PLAIN = make_role("plain.md", "Baker", "Cakes.")
NORWAY = make_role("norway.md", "Fisher", "Cod.", level="senior", country="NO", remote="yes", salary_min="45,000", city="Zurich")


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    made = Manifest.create(tmp_path / "manifest.sqlite3")
    yield made
    made.close()


@pytest.fixture
def bakery(manifest: Manifest) -> Manifest:
    fill(manifest, [SENIOR, JUNIOR, PLAIN, NORWAY], WordEmbedder())
    return manifest


def matching_ids(manifest: Manifest, filters: Filters) -> list[str]:
    rows = RoleRows(manifest, PlainLexical(), manifest.role_ids(), no_chunks)
    return rows.ids(rows.meeting(filters))


def matching(manifest: Manifest, *filters: str) -> set[str]:
    return {role_id.removesuffix(".md") for role_id in matching_ids(manifest, parse_filters(filters))}


def test_a_new_manifest_is_empty_and_has_this_programs_schema(manifest: Manifest) -> None:
    assert (manifest.schema_version, manifest.count_roles(), manifest.count_chunks(), manifest.role_ids(), manifest.sources()) == (SCHEMA_VERSION, 0, 0, [], [])
    assert matching_ids(manifest, Filters()) == []
    assert manifest.facets() == {}


def test_a_role_comes_back_as_it_was_put(manifest: Manifest) -> None:
    role = Role(
        "teams/ä b.md#2",
        "Chef·fe de projet 🥐",
        "Über uns\nWir backen.\n\n日本語のテキスト",
        "teams/ä b.md",
        (Section("about", "Über uns", 9, 20, ("Handbuch", "Teil 2")), Section("other", "", 22, 30)),
        {"level": "senior", "salary": 60_000, "share": 0.5, "remote": True, "sites": ("Zürich", "Kraków"), "Größe": "", "big": 2**62},
    )
    fill(manifest, [role], WordEmbedder())
    (read,) = manifest.roles([role.id]).values()
    assert read == role
    assert {key: type(value) for key, value in read.attributes.items()} == {key: type(value) for key, value in role.attributes.items()}


def test_what_was_put_is_there_when_the_file_is_opened_again(bakery: Manifest) -> None:
    bakery.set_build({"model": "words@1"})
    bakery.set_refusals("/roles/plain.md", [Refusal("plain.md: record 2", "no text")])
    bakery.commit()
    again = Manifest.open(bakery.path)
    assert again.roles(again.role_ids()) == {role.id: role for role in (JUNIOR, NORWAY, PLAIN, SENIOR)}
    assert (again.build(), again.refusals()) == ({"model": "words@1"}, [Refusal("plain.md: record 2", "no text")])
    assert again.sources() == bakery.sources()
    again.close()


def test_a_manifest_opened_for_reading_cannot_be_changed(bakery: Manifest) -> None:
    bakery.commit()
    reader = Manifest.open(bakery.path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.remove_role("plain.md")
    reader.close()


def test_an_outline_is_the_role_without_sections_and_readings(bakery: Manifest) -> None:
    assert SENIOR.sections
    assert bakery.outlines(["senior.md", "plain.md", "stranger.md"]) == {role.id: replace(role, sections=(), readings=()) for role in (SENIOR, PLAIN)}


def test_unknown_ids_are_left_out(bakery: Manifest) -> None:
    assert bakery.roles(["plain.md", "stranger.md"]) == {"plain.md": PLAIN}
    assert bakery.roles([]) == {}
    assert bakery.chunks(["stranger"]) == {}
    assert bakery.roles_of_chunks(["stranger"]) == {}
    assert bakery.chunk_ids_of_roles(["stranger.md"]) == []


def test_chunks_come_back_with_the_text_of_their_role(manifest: Manifest) -> None:
    role = make_role("a.md", "Boulanger·ère", ("Tâches", "Pétrir la pâte 🥐. " * 30), ("Profil", "Sait façonner. " * 30))
    fill(manifest, [role, PLAIN], WordEmbedder())
    chunks = chunks_of([role], WordEmbedder())
    assert len(chunks) > 4
    assert manifest.chunks([chunk.id for chunk in chunks]) == {chunk.id: chunk for chunk in chunks}
    assert manifest.chunk_ids_of_roles(["a.md"]) == [chunk.id for chunk in sorted(chunks, key=lambda chunk: chunk.start)]
    assert manifest.roles_of_chunks([chunks[0].id]) == {chunks[0].id: "a.md"}
    places = manifest.places_of_chunks([*(chunk.id for chunk in chunks), "stranger"])
    assert places == {chunk.id: (chunk.section, chunk.start, chunk.end) for chunk in chunks}
    assert manifest.count_chunks() == len(chunks) + 1 == len(manifest.chunk_ids())


def test_all_chunks_are_listed_by_role_and_place_or_by_id(manifest: Manifest) -> None:
    roles = [make_role(role_id, "Baker", ("Tasks", "Kneads dough. " * 60), ("Profile", "Knows rye. " * 60)) for role_id in ("b.md", "a.md", "Ä.md")]
    fill(manifest, roles, WordEmbedder())
    by_role = {role.id: [chunk.id for chunk in chunks_of([role], WordEmbedder())] for role in sorted(roles, key=lambda role: role.id)}
    listed = [chunk_id for chunk_ids in by_role.values() for chunk_id in chunk_ids]
    assert len(listed) > 8
    assert list(manifest.chunks_of_roles().items()) == list(by_role.items())
    assert manifest.chunk_ids() == listed
    assert manifest.chunk_ids([*sorted(listed[1::2]), "stranger"]) == listed[1::2]
    assert manifest.chunk_ids([]) == []
    assert as_texts(manifest.sorted_chunk_ids()) == sorted(listed)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example replaces the role of the one before
@given(st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1), st.data())  # the readers drop NUL, at which SQLite would stop
def test_every_span_of_every_text_is_cut_exactly(manifest: Manifest, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    chunk = Chunk("chunk", "role", start, end, text[start:end], "", "other", "")
    manifest.put_source(Source("/roles/role", "role", "/roles", "1"))
    manifest.put_role(Role("role", "", text, "role"), "/roles/role", 0, [chunk])
    assert manifest.chunks(["chunk"]) == {"chunk": chunk}
    assert manifest.roles(["role"])["role"].text == text


def test_a_role_put_again_takes_the_place_of_the_earlier_with_chunks_and_attributes(bakery: Manifest) -> None:
    before = bakery.chunk_ids_of_roles(["senior.md"])
    changed = make_role("senior.md", "Head Baker", "Bread and more.", level="head")
    fill(bakery, [changed, JUNIOR, PLAIN, NORWAY], WordEmbedder())
    assert bakery.roles(["senior.md"]) == {"senior.md": changed}
    assert bakery.count_roles() == 4
    assert bakery.chunks(before) == {}
    assert matching(bakery, "level=senior") == {"norway"}
    assert bakery.facets()["level"] == {"Junior": 1, "head": 1, "senior": 1}


def test_a_removed_role_leaves_no_chunk_and_no_attribute(bakery: Manifest) -> None:
    chunk_ids = bakery.chunk_ids_of_roles(["norway.md"])
    bakery.remove_role("norway.md")
    assert bakery.role_ids() == ["junior.md", "plain.md", "senior.md"]
    assert bakery.chunks(chunk_ids) == {}
    assert "country" not in bakery.facets()


def test_roles_of_a_source_come_in_their_order_there(manifest: Manifest) -> None:
    manifest.put_source(Source("/roles/batch.csv", "batch.csv", "/roles", "1"))
    for position, role_id in enumerate(("z", "a", "m")):
        manifest.put_role(make_role(role_id, role_id, "text"), "/roles/batch.csv", position, [])
    assert [role.id for role in manifest.roles_of_source("/roles/batch.csv")] == ["z", "a", "m"]
    assert manifest.positions_of_roles() == {"z": ("/roles/batch.csv", 0), "a": ("/roles/batch.csv", 1), "m": ("/roles/batch.csv", 2)}


def test_a_source_can_be_changed_and_forgotten_with_its_refusals(manifest: Manifest) -> None:
    manifest.put_source(Source("/r/b.md", "b.md", "/r", "1"))
    manifest.put_source(Source("/r/a.md", "a.md", "/r", "1"))
    manifest.put_source(Source("/r/b.md", "b.md", "/r", "2"))
    manifest.set_refusals("/r/b.md", [Refusal("b.md", "empty")])
    assert [(source.path, source.digest) for source in manifest.sources()] == [("/r/a.md", "1"), ("/r/b.md", "2")]
    manifest.remove_source("/r/b.md")
    assert [source.path for source in manifest.sources()] == ["/r/a.md"]
    assert manifest.refusals() == []


def test_refusals_of_a_source_are_replaced_and_listed_by_name(manifest: Manifest) -> None:
    manifest.set_refusals("/r/z.zip", [Refusal("z.zip/b.pdf", "scanned"), Refusal("z.zip/a.pdf", "encrypted")])
    manifest.set_refusals("/r/a.md", [Refusal("a.md", "no text")])
    assert manifest.refusals() == [Refusal("a.md", "no text"), Refusal("z.zip/a.pdf", "encrypted"), Refusal("z.zip/b.pdf", "scanned")]
    manifest.set_refusals("/r/z.zip", [Refusal("z.zip/c.pdf", "broken")])
    assert manifest.refusals("/r/z.zip") == [Refusal("z.zip/c.pdf", "broken")]
    manifest.set_refusals("/r/z.zip", [])
    assert manifest.refusals() == [Refusal("a.md", "no text")]


@pytest.mark.parametrize(
    ("filters", "roles"),
    [
        ((), {"senior", "junior", "plain", "norway"}),
        (("level=senior",), {"senior", "norway"}),
        (("Level=SENIOR",), {"senior", "norway"}),
        (("level!=senior",), {"junior", "plain"}),
        (("level=senior", "level=junior"), {"senior", "junior", "norway"}),
        (("level=senior", "LEVEL=junior", "city=bern"), {"junior"}),
        (("level!=senior", "level!=junior"), {"plain"}),
        (("level=senior", "level!=senior"), set()),
        (("salary_min>=45000",), {"senior", "norway"}),
        (("salary_min>=45,000", "salary_min<=45000"), {"norway"}),
        (("salary_min<=30000.5",), {"junior"}),
        (("salary_min>=30000.6",), {"senior", "norway"}),
        (("salary_min=60000",), {"senior"}),
        (("salary_min=60000.0",), {"senior"}),
        (("salary_min!=60000",), {"junior", "plain", "norway"}),
        (("remote=true",), {"senior", "norway"}),
        (("remote=YES",), {"senior", "norway"}),
        (("remote=no",), {"junior"}),
        (("remote!=true",), {"junior", "plain"}),
        (("remote=1",), set()),
        (("country=no",), {"norway"}),
        (("country!=NO",), {"senior", "junior", "plain"}),
        (("skills=python",), {"senior"}),
        (("skills=go",), {"senior", "junior"}),
        (("skills!=python",), {"junior", "plain", "norway"}),
        (("city=zürich",), {"senior"}),  # case aside, accents count
        (("city=ZÜRICH",), {"senior"}),
        (("city=Zurich",), {"norway"}),
        (("level>=1",), set()),
        (("shoe_size=44",), set()),
        (("shoe_size!=44",), {"senior", "junior", "plain", "norway"}),
    ],
)
def test_filters_leave_the_roles_that_meet_them(bakery: Manifest, filters: tuple[str, ...], roles: set[str]) -> None:
    assert matching(bakery, *filters) == roles


@pytest.mark.parametrize("condition", ["level>=senior", "salary_min<=much", "posted>=2026-1-31", "posted<=31.01.2026"])
def test_comparing_with_what_is_neither_a_number_nor_a_day_is_wrong_usage(bakery: Manifest, condition: str) -> None:
    with pytest.raises(UsageError, match=f"{condition} needs a number or a day"):
        matching(bakery, condition)


@pytest.mark.parametrize(
    ("filters", "roles"),
    [
        (("posted>=2026-01-31",), {"last", "moment", "later"}),
        (("posted<=2026-01-31",), {"early", "last", "moment"}),
        (("Posted>=2026-01-30", "posted<=2026-01-31"), {"last", "moment"}),
        (("posted>=2026-02-02",), set()),
        (("posted=2026-01-31",), {"last"}),
        (("posted!=2026-01-31",), {"early", "moment", "later", "words", "number", "none"}),
        (("posted>=2000",), {"number"}),  # a number is compared with numbers only, a day with days only
    ],
)
def test_days_are_compared_as_days(manifest: Manifest, filters: tuple[str, ...], roles: set[str]) -> None:
    days: dict[str, AttributeValue] = {
        "early": "2025-12-31",
        "last": "2026-01-31",
        "moment": "2026-01-31T23:59:59Z",
        "later": "2026-02-01",
        "words": "yesterday",
        "number": 20260201,
    }
    fill(manifest, [*(make_role(f"{name}.md", name, "text", posted=day) for name, day in days.items()), make_role("none.md", "none", "text")], WordEmbedder())
    assert matching(manifest, *filters) == roles


# Where roles come from


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("roles/engineering/sre.md", "roles/engineering"),
        ("postings.jsonl", "postings.jsonl"),
        ("postings.jsonl#3", "postings.jsonl"),
        ("roles/postings.csv#3", "roles"),
        ("archive.zip/a.md", "archive.zip"),
        ("a b/ü #1.md", "a b"),
        ("", ""),
    ],
)
def test_the_place_of_a_role_is_the_folder_of_its_file(source: str, place: str) -> None:
    assert place_of(source) == place


@pytest.fixture
def places(manifest: Manifest) -> Manifest:
    fill(manifest, [make_role(name, "Baker", "Bread.") for name in ("bread/a.md", "bread/b.md", "Bread/c.md", "roll.md", "cakes/wedding/d.md")], WordEmbedder())
    return manifest


def test_places_are_counted_most_frequent_first_then_by_name(places: Manifest) -> None:
    assert list(places.places().items()) == [("bread", 2), ("Bread", 1), ("cakes/wedding", 1), ("roll.md", 1)]
    assert places.places({"bread/b.md", "roll.md", "stranger.md"}) == {"bread": 1, "roll.md": 1}
    assert places.places(set()) == {}


@pytest.mark.parametrize(
    ("filters", "roles"),
    [
        (("source=cakes/wedding",), {"cakes/wedding/d"}),
        (("Source=BREAD",), {"bread/a", "bread/b", "Bread/c"}),
        (("source=bread", "source=roll.md"), {"bread/a", "bread/b", "Bread/c", "roll"}),
        (("source!=bread",), {"cakes/wedding/d", "roll"}),
        (("source=cakes",), set()),
        (("source=*",), {"bread/a", "bread/b", "Bread/c", "roll", "cakes/wedding/d"}),
    ],
)
def test_roles_are_filtered_by_the_place_they_come_from(places: Manifest, filters: tuple[str, ...], roles: set[str]) -> None:
    assert matching(places, *filters) == roles


def test_the_source_of_a_role_is_the_file_it_was_read_from(manifest: Manifest) -> None:
    batch = Source("/roles/batch.csv", "batch.csv", "/roles", "1")
    manifest.put_source(batch)
    manifest.put_role(make_role("batch.csv#2", "Baker", "Bread."), "/roles/batch.csv", 2, [])
    assert manifest.source_of_role("batch.csv#2") == batch
    assert manifest.source_of_role("batch.csv#3") is None


def test_titles_are_given_by_id_and_unknown_ids_left_out(bakery: Manifest) -> None:
    assert bakery.titles(["senior.md", "stranger.md", "plain.md"]) == {"senior.md": "Senior Baker", "plain.md": "Baker"}
    assert bakery.titles([]) == {}


def test_facets_count_roles_by_value_most_frequent_first(bakery: Manifest) -> None:
    facets = bakery.facets()
    assert list(facets["skills"].items()) == [("Go", 2), ("Python", 1)]
    assert list(facets["level"].items()) == [("senior", 2), ("Junior", 1)]
    assert facets["remote"] == {"true": 1, "false": 1, "yes": 1}
    assert facets["salary_min"] == {"30000.5": 1, "45,000": 1, "60000": 1}
    assert sorted(facets) == ["city", "country", "level", "remote", "salary_min", "skills"]


def test_facets_among_some_roles_count_only_these(bakery: Manifest) -> None:
    assert bakery.facets({"senior.md", "plain.md", "stranger.md"}) == {
        "city": {"Zürich": 1}, "level": {"senior": 1}, "remote": {"true": 1}, "salary_min": {"60000": 1}, "skills": {"Go": 1, "Python": 1},
    }  # fmt: skip
    assert bakery.facets(set()) == {}


def test_more_ids_than_one_statement_takes_are_no_trouble(bakery: Manifest) -> None:
    many = [f"stranger-{number}" for number in range(70_000)]
    assert bakery.roles([*many, "plain.md"]) == {"plain.md": PLAIN}
    assert bakery.chunk_ids_of_roles(["plain.md", *many]) == bakery.chunk_ids_of_roles(["plain.md"])


def test_changes_count_what_is_written_and_not_what_is_read(manifest: Manifest) -> None:
    before = manifest.changes
    matching_ids(manifest, parse_filters(["a=b"]))
    manifest.facets()
    assert manifest.changes == before
    manifest.put_source(Source("/r/a.md", "a.md", "/r", "1"))
    assert manifest.changes > before


def test_several_threads_read_at_once_and_each_gets_its_own_answer(bakery: Manifest) -> None:
    bakery.commit()
    reader = Manifest.open(bakery.path)
    roles = [SENIOR, JUNIOR, PLAIN, NORWAY]

    def ask(number: int) -> bool:
        role = roles[number % 4]
        return (
            reader.roles([role.id]) == {role.id: role}
            and matching(reader, "level=senior") == {"senior", "norway"}
            and set(reader.roles_of_chunks(reader.chunk_ids_of_roles([role.id])).values()) == {role.id}
            and reader.facets()["skills"] == {"Go": 2, "Python": 1}
        )

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(400)))
    reader.close()


def test_a_thread_that_comes_late_reads_a_manifest_that_was_deleted_meanwhile_and_none_that_is_closed(bakery: Manifest) -> None:
    bakery.commit()
    reader = Manifest.open(bakery.path)
    everything = reader.role_ids()
    bakery.path.unlink()
    for _ in range(2):
        with ThreadPoolExecutor(2) as threads:
            assert list(threads.map(lambda _: reader.role_ids(), range(8))) == [everything] * 8
    assert reader.role_ids() == everything
    reader.close()
    with ThreadPoolExecutor(1) as threads, pytest.raises(sqlite3.ProgrammingError):
        threads.submit(reader.role_ids).result()


def test_a_missing_file_is_a_damaged_index(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match=r"missing\.sqlite3 cannot be opened.*rolesearch doctor"):
        Manifest.open(tmp_path / "missing.sqlite3")
    assert not (tmp_path / "missing.sqlite3").exists()


def test_a_file_that_is_no_database_is_a_damaged_index(tmp_path: Path) -> None:
    path = tmp_path / "manifest.sqlite3"
    path.write_text("this is no database at all, only a text that is long enough to be read as a header of one hundred bytes and some more")
    with pytest.raises(IndexDamaged, match="cannot be opened"):
        Manifest.open(path)


@pytest.mark.parametrize("name", ["with space", "per%20cent", "question?mark", "hash#tag", "ümläut"])
def test_the_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    made = Manifest.create(tmp_path / name / "manifest.sqlite3")
    made.set_build({"model": "words@1"})
    made.close()
    again = Manifest.open(tmp_path / name / "manifest.sqlite3")
    assert again.build() == {"model": "words@1"}
    again.close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
