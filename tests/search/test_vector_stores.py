"""Where vectors are kept: what is found is the same everywhere, on a real Chroma server, too; and whatever befalls it, answers are those of one generation."""

import json
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from builders import ids_of, make_role, opened_collections, publish
from chroma_server import ServerProcess, chroma_server
from fakes import WordEmbedder
from ingest.chunking import CHUNKER_VERSION
from search.errors import IndexDamaged, IndexMismatch, IndexMissing, ServerUnreachable, UnusableIndex
from search.health import examine
from search.index import Index, IndexReader
from search.manifest import Manifest
from search.records import Mode, Query
from search.role_index import RoleIndex
from search.searcher import Searcher
from search.vector_stores import ID_FILE, EmbeddedStore, VectorStore, vector_store
from search.vectors import ChromaServer

BAKER = make_role("baker.md", "Baker", "Bakes bread at night.", shift="night")
COOK = make_role("cook.md", "Cook", "Cooks soup and bread.", shift="day")
WELDER = make_role("welder.md", "Welder", "Joins steel.", shift="day")
GUARD = make_role("guard.md", "Guard", "Watches doors at night.", shift="night")
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def server(a_chroma_server: ServerProcess) -> ServerProcess:
    return a_chroma_server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def found(folder: Path, store: VectorStore, text: str, **options: object) -> list[tuple[str, float]]:
    """Ids and cosines by meaning alone."""
    with RoleIndex(Searcher(IndexReader(folder, WordEmbedder.fingerprint, store), WordEmbedder())) as roles:
        return [(hit.role_id, round(hit.why["dense"], 4)) for hit in roles.search(text, mode=Mode.DENSE, **options).hits]  # type: ignore[arg-type]


def on_server(server: ServerProcess, folder: Path) -> dict[str, set[str]]:
    """The collections of an index with their ids."""
    prefix = f"rolesearch-{(folder / ID_FILE).read_text(encoding='ascii').strip()}-"
    client = ChromaServer(server.address)
    opened = {name: client.open(name) for name in client.collections(prefix)}
    return {name: ids_of(vectors) for name, vectors in opened.items() if vectors is not None}


def chunk_ids(folder: Path, *generations: str) -> set[str]:
    ids: set[str] = set()
    for generation in generations:
        with closing(Manifest.open(folder / "generations" / generation / "manifest.sqlite3")) as manifest:
            ids |= set(manifest.chunk_ids())
    return ids


@pytest.mark.parametrize("filters", [[], ["shift=day"], ["shift!=night"], ["shift=never"]])
def test_every_store_finds_the_same(tmp_path: Path, server: ServerProcess, filters: list[str]) -> None:
    roles = [BAKER, COOK, WELDER, GUARD]
    embedded, served = tmp_path / "embedded", tmp_path / "served"
    publish(embedded, roles, WordEmbedder())
    publish(served, roles, WordEmbedder(), store=server.store)
    answers = [found(folder, store, "bread at night", filters=filters) for folder, store in _three(embedded, served, server)]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) == (0 if filters == ["shift=never"] else 2 if filters else 4)


def test_every_store_finds_the_same_like_a_role_and_unlike_another(tmp_path: Path, server: ServerProcess) -> None:
    embedded, served = tmp_path / "embedded", tmp_path / "served"
    publish(embedded, [BAKER, COOK, WELDER, GUARD], WordEmbedder())
    publish(served, [BAKER, COOK, WELDER, GUARD], WordEmbedder(), store=server.store)
    answers = []
    for folder, store in _three(embedded, served, server):
        with RoleIndex(Searcher(IndexReader(folder, WordEmbedder.fingerprint, store), WordEmbedder())) as roles:
            hits = roles.similar(["baker.md"], ["welder.md"]).hits
            answers.append([(hit.role_id, pytest.approx(hit.score, abs=1e-4)) for hit in hits])
    assert [role_id for role_id, _ in answers[0]] == ["guard.md", "cook.md"]
    assert answers[0] == answers[1] == answers[2]


def _three(embedded: Path, served: Path, server: ServerProcess) -> list[tuple[Path, VectorStore]]:
    return [(embedded, EmbeddedStore()), (embedded, EmbeddedStore(by_graph=True)), (served, server.store)]


def test_with_a_server_no_vectors_of_chunks_are_in_the_folder(folder: Path, server: ServerProcess) -> None:
    publish(folder, [BAKER, COOK], WordEmbedder(), store=server.store)
    assert {path.name for path in (folder / "generations" / "000001").iterdir()} == {"manifest.sqlite3", "lexical", "roles", "checksums.json"}
    ((name, ids),) = on_server(server, folder).items()
    assert name.endswith("-000001")
    assert ids == chunk_ids(folder, "000001")


def test_two_indexes_on_one_server_do_not_see_each_other(tmp_path: Path, server: ServerProcess) -> None:
    for name, roles in (("one", [BAKER]), ("two", [WELDER]), ("one", [BAKER, COOK])):
        publish(tmp_path / name, roles, WordEmbedder(), store=server.store)
    assert [role_id for role_id, _ in found(tmp_path / "one", server.store, "bread")] == ["baker.md", "cook.md"]
    assert [role_id for role_id, _ in found(tmp_path / "two", server.store, "bread")] == ["welder.md"]


def test_what_the_last_two_generations_name_is_kept_and_all_else_removed(folder: Path, server: ServerProcess) -> None:
    for roles in ([BAKER, COOK], [COOK, WELDER], [WELDER, GUARD]):
        publish(folder, roles, WordEmbedder(), store=server.store)
        assert on_server(server, folder).keys() == {next(iter(on_server(server, folder)))}
    ((_, ids),) = on_server(server, folder).items()
    assert ids == chunk_ids(folder, "000002", "000003")


def test_a_reader_on_the_generation_before_finds_what_that_holds_and_nothing_else(folder: Path, server: ServerProcess) -> None:
    publish(folder, [BAKER, COOK], WordEmbedder(), store=server.store)
    reader = IndexReader(folder, WordEmbedder.fingerprint, server.store)
    query = WordEmbedder().encode_query(["bread steel"])[0]
    with reader.current() as index:
        publish(folder, [WELDER, COOK], WordEmbedder(), store=server.store)
        assert {chunk_id for chunk_id, _ in index.vectors.nearest(query, 10)} == chunk_ids(folder, "000001")
    with reader.current() as index:
        assert {chunk_id for chunk_id, _ in index.vectors.nearest(query, 10)} == chunk_ids(folder, "000002")
    reader.close()


def test_rebuilding_moves_the_vectors_there_and_back_and_embeds_nothing(folder: Path, server: ServerProcess) -> None:
    embedder = WordEmbedder()
    publish(folder, [BAKER, COOK], embedder)
    before, once = found(folder, EmbeddedStore(), "bread"), len(embedder.embedded)
    publish(folder, [BAKER, COOK], embedder, from_scratch=True, store=server.store)
    assert found(folder, server.store, "bread") == before
    publish(folder, [BAKER, COOK], embedder, from_scratch=True, store=server.store)
    # The collection of the generation before stays for its readers.
    assert [name[-6:] for name in on_server(server, folder)] == ["000002", "000003"]
    publish(folder, [BAKER, COOK], embedder, from_scratch=True)
    assert found(folder, EmbeddedStore(), "bread") == before
    assert len(embedder.embedded) == once


class OtherModel(WordEmbedder):
    """The same width and texts, other vectors."""

    fingerprint = "others@1"

    def encode_query(self, texts: list[str]) -> object:  # type: ignore[override]
        return super().encode_query([text[::-1] for text in texts])


def test_another_model_s_vectors_take_the_place_of_none_that_a_reader_asks(folder: Path, server: ServerProcess) -> None:
    publish(folder, [BAKER, COOK], WordEmbedder(), store=server.store)
    reader = IndexReader(folder, None, server.store)
    with reader.current() as index:
        ids = index.manifest.chunk_ids()
        before = index.vectors.vectors(ids).tolist()
        publish(folder, [BAKER, COOK], OtherModel(), from_scratch=True, store=server.store)  # type: ignore[arg-type]
        assert index.vectors.vectors(ids).tolist() == before
    with reader.current() as index:
        assert index.manifest.chunk_ids() == ids
        assert index.vectors.vectors(ids).tolist() != before
    reader.close()


def test_an_index_whose_vectors_are_elsewhere_than_the_settings_say_is_refused_with_the_cure(tmp_path: Path, server: ServerProcess) -> None:
    embedded, served = tmp_path / "embedded", tmp_path / "served"
    publish(embedded, [BAKER], WordEmbedder())
    publish(served, [BAKER], WordEmbedder(), store=server.store)
    for folder, store, cure in (
        (embedded, server.store, '"matrix"'),
        (served, EmbeddedStore(), "address of that server"),
        (served, EmbeddedStore(by_graph=True), "address"),
    ):
        with pytest.raises(IndexMismatch, match=rf"{cure}.*rolesearch rebuild"):
            Index.open(folder, store=store)
        with pytest.raises(IndexMismatch, match=rf"{cure}.*rolesearch rebuild"):
            publish(folder, [COOK], WordEmbedder(), store=store)
    assert found(embedded, EmbeddedStore(), "bread") == [("baker.md", found(served, server.store, "bread")[0][1])]


def test_a_server_that_has_not_the_collection_is_named(tmp_path: Path, folder: Path, server: ServerProcess) -> None:
    publish(folder, [BAKER], WordEmbedder(), store=server.store)
    for name in on_server(server, folder):
        ChromaServer(server.address).drop(name)
    with pytest.raises(IndexMismatch, match=rf"{server.address} has no collection rolesearch-\w+-000001.*rolesearch rebuild"):
        found(folder, server.store, "bread")
    with pytest.raises(IndexMismatch, match="has no collection"):
        publish(folder, [COOK], WordEmbedder(), store=server.store)
    publish(folder, [BAKER], WordEmbedder(), from_scratch=True, store=server.store)
    assert [role_id for role_id, _ in found(folder, server.store, "bread")] == ["baker.md"]


def test_a_vector_that_the_server_lost_is_said_with_the_cure(folder: Path, server: ServerProcess) -> None:
    publish(folder, [BAKER, COOK], WordEmbedder(), store=server.store)
    ((name, ids),) = on_server(server, folder).items()
    lost = sorted(ids)[0]
    collection = ChromaServer(server.address).open(name)
    assert collection is not None
    collection.remove([lost])
    with closing(Index.open(folder, store=server.store)) as index, pytest.raises(IndexDamaged, match=rf"{lost}.*rolesearch rebuild"):
        index.vectors.vectors(sorted(ids))
    findings = {finding.check: finding for finding in examine(folder, WordEmbedder(), CHUNKER_VERSION, server.store)}
    assert "rolesearch rebuild" in findings["ids"].cure
    publish(folder, [BAKER, COOK], WordEmbedder(), from_scratch=True, store=server.store)
    assert not [finding for finding in examine(folder, WordEmbedder(), CHUNKER_VERSION, server.store) if finding.problem]


def test_without_the_server_everything_says_so_and_the_index_stays_as_it_was(tmp_path: Path, folder: Path) -> None:
    with chroma_server(tmp_path / "data") as own:
        publish(folder, [BAKER, COOK], WordEmbedder(), store=own.store)
        asked = Searcher(IndexReader(folder, WordEmbedder.fingerprint, own.store), WordEmbedder())
        asked.search(Query("bread", 5, Mode.DENSE))
        before = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
        own.kill()
        for attempt in (
            lambda: asked.search(Query("bread", 5, Mode.DENSE)),
            lambda: found(folder, own.store, "bread"),
            lambda: publish(folder, [WELDER], WordEmbedder(), store=own.store),
            lambda: publish(folder, [WELDER], WordEmbedder(), from_scratch=True, store=own.store),
        ):
            with pytest.raises(ServerUnreachable, match=rf"{own.address}.*; start it, or set `vectors`"):
                attempt()
        assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) == before
        # Words need no server.
        assert [hit.role_id for hit in asked.search(Query("bread", 5, Mode.LEXICAL)).hits] == ["baker.md", "cook.md"]
        findings = {finding.check: finding for finding in examine(folder, WordEmbedder(), CHUNKER_VERSION, own.store)}
        assert own.address in findings["vectors"].problem
        assert "start it" in findings["vectors"].cure
        own.start()
        assert [hit.role_id for hit in asked.search(Query("bread", 5, Mode.DENSE)).hits] == ["baker.md", "cook.md"]
        publish(folder, [WELDER], WordEmbedder(), store=own.store)
        assert [hit.role_id for hit in asked.search(Query("steel", 5, Mode.DENSE)).hits] == ["welder.md"]
        asked.close()


def test_an_index_that_begins_without_a_server_is_not_begun(folder: Path) -> None:
    with pytest.raises(ServerUnreachable):
        publish(folder, [BAKER], WordEmbedder(), store=vector_store(NOWHERE))
    with pytest.raises(IndexMissing):
        Index.open(folder, store=vector_store(NOWHERE))


def test_an_ingest_killed_at_any_request_leaves_the_old_generation_or_the_new_one_and_the_next_clears_up(tmp_path: Path, server: ServerProcess) -> None:
    command = [sys.executable, str(Path(__file__).parents[1] / "server_chaos.py"), server.address, str(tmp_path)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert finished.returncode == 0, finished.stderr[-4000:]
    trials = [json.loads(line) for line in finished.stdout.splitlines()]
    assert {(trial["at"], trial["before"], trial["sent"]) for trial in trials} == {
        (at, before, sent) for at, before in (("POST collections", 0), ("POST upsert", 2), ("POST delete", 2)) for sent in (False, True)
    }
    for trial in trials:
        before = trial["before"]
        published = before + (trial["at"] == "POST delete")
        assert trial["killed"], trial
        assert trial["found"] == ({"edition": published, "whole": True} if published else {"edition": 0}), trial
        assert (trial["again"], trial["after"], trial["left"]) == (0, {"edition": before + 1, "whole": True}, []), trial


def test_whoever_asks_while_generations_come_and_go_is_answered_from_one_of_them(folder: Path, server: ServerProcess) -> None:
    editions = [[BAKER, COOK], [BAKER, GUARD], [WELDER, GUARD], [WELDER, COOK]]
    expected = {publish(folder, editions[0], WordEmbedder(), store=server.store): {role.id for role in editions[0]}}
    answers: list[tuple[str, frozenset[str]]] = []
    failures: list[Exception] = []
    ended = threading.Event()

    def ask() -> None:
        searcher = Searcher(IndexReader(folder, WordEmbedder.fingerprint, server.store), WordEmbedder())
        while not ended.is_set():
            try:
                results = searcher.search(Query("bread steel soup doors", 10, Mode.DENSE))
            except UnusableIndex as error:
                # Answered too slowly; but not with half of it.
                assert "ask again" in str(error)
                continue
            except Exception as error:
                failures.append(error)
                break
            answers.append((results.generation, frozenset(hit.role_id for hit in results.hits)))
        searcher.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for edition in editions[1:]:
        generation = publish(folder, edition, WordEmbedder(), store=server.store)
        expected[generation] = {role.id for role in edition}
        seen = len(answers) + 4
        # On to the next as soon as somebody was answered from this one.
        while not failures and not (len(answers) > seen and answers[-1][0] == generation):
            time.sleep(0.01)
    ended.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert {generation for generation, _ in answers} == set(expected)
    assert [(generation, ids) for generation, ids in answers if ids != expected[generation]] == []


def test_a_question_that_two_ingests_overtook_is_not_answered_by_half(folder: Path, server: ServerProcess) -> None:
    publish(folder, [BAKER, COOK], WordEmbedder(), store=server.store)
    reader = IndexReader(folder, WordEmbedder.fingerprint, server.store)
    with reader.current() as index:
        for edition in ([COOK, WELDER], [WELDER, GUARD]):
            publish(folder, edition, WordEmbedder(), store=server.store)
        with pytest.raises(UnusableIndex, match="ask again"):
            index.vectors.nearest(WordEmbedder().encode_query(["bread"])[0], 10)
        with pytest.raises(UnusableIndex, match="ask again"):
            index.vectors.vectors(index.manifest.chunk_ids())
    reader.close()


def test_an_ingest_brings_only_those_graphs_into_memory_that_it_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.vectors.LARGEST", 2)
    roles = [make_role(f"{number}.md", "Baker", f"Bakes bread number {number}.") for number in range(9)]
    publish(folder, roles, WordEmbedder())
    opened = opened_collections(monkeypatch)
    publish(folder, [*roles[:3], make_role("3.md", "Baker", "Bakes cake."), *roles[4:]], WordEmbedder())
    assert opened == {1, 4}
    assert not [finding for finding in examine(folder, WordEmbedder(), CHUNKER_VERSION) if finding.problem]
    assert found(folder, EmbeddedStore(), "cake")[0][0] == "3.md"
