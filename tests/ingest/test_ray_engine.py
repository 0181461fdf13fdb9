"""On a Ray cluster an ingest makes what it makes without one: started here, on this machine, and stopped at the end."""

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from command_line import rolesearch_json
from fakes import WordEmbedder, open_mortal
from ingest.engine import FileToRead, ReadRole
from ingest.pipeline import SyncReport, sync
from ingest.ray_engine import RayEngine, connected
from search.embedding import Embedder
from search.errors import RoleSearchError, UsageError
from search.index import Index

ROOT = Path(__file__).resolve().parents[2]
# More than a block of chunks, and more than a task says at a time.
MANY = 300


@pytest.fixture(scope="module")
def fuse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the model of the workers is named by: FILE.reading or FILE.embedding beside it kills one of them."""
    return tmp_path_factory.mktemp("fuse") / "fuse"


@pytest.fixture(scope="module")
def engine(fuse: Path) -> Iterator[RayEngine]:
    with connected(None, str(fuse), WordEmbedder.fingerprint, open_mortal) as engine:
        yield engine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of several formats: roles, refused parts and files, one id twice, the same text twice, a large file."""
    folder = tmp_path / "roles"
    (folder / "engineering").mkdir(parents=True)
    for path in sorted((ROOT / "corpus" / "roles" / "engineering").iterdir())[:6]:
        shutil.copyfile(path, folder / "engineering" / path.name)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    (folder / "empty.md").write_text("", encoding="utf-8")
    (folder / "notes.xyz").write_text("not a role", encoding="utf-8")
    write_records(folder / "a.jsonl", [("cook", "Cooks soup."), ("baker", "Bakes bread.")])
    write_records(folder / "b.jsonl", [("baker", "Bakes cakes."), ("", "has no title"), ("guard", "Watches the gate.")])
    write_records(
        folder / "many.jsonl", [(f"clerk-{number}", f"Files form {number % 250}. " + "Keeps the register of letters. " * 9) for number in range(MANY)]
    )
    write_records(folder / "z.jsonl", [("porter", "Carries the last straw."), ("groom", "Feeds horses.")])
    return folder


def write_records(path: Path, records: list[tuple[str, str]]) -> None:
    path.write_text("".join(json.dumps({"id": name, "title": name.title(), "text": text}) + "\n" for name, text in records), encoding="utf-8")


def what_was_done(report: SyncReport) -> tuple[object, ...]:
    return report.added, report.updated, report.removed, report.unchanged, report.refused, report.skipped, report.chunks, report.embedded, report.generation


def manifest_bytes(index: Path, generation: str, scratch: Path) -> bytes:
    """The published manifest, byte for byte but for the time at which it was published."""
    copy = scratch / "copy.sqlite3"
    shutil.copyfile(index / "generations" / generation / "manifest.sqlite3", copy)
    connection = sqlite3.connect(copy)
    with connection:
        connection.execute("UPDATE build SET value = '' WHERE key = 'built'")
    connection.close()
    return copy.read_bytes()


def assert_same(one: Path, other: Path, scratch: Path) -> None:
    generation = (one / "CURRENT").read_text(encoding="utf-8").strip()
    assert manifest_bytes(one, generation, scratch) == manifest_bytes(other, generation, scratch)
    opened = Index.open(one), Index.open(other)
    ids = opened[0].manifest.chunk_ids()
    assert len(ids) > MANY
    np.testing.assert_array_equal(opened[0].vectors.vectors(ids), opened[1].vectors.vectors(ids))
    for index in opened:
        index.close()


def test_the_index_is_the_same_byte_for_byte_over_generations(engine: RayEngine, folder: Path, tmp_path: Path) -> None:
    def both() -> tuple[SyncReport, SyncReport]:
        reports = sync([folder], tmp_path / "here", WordEmbedder()), sync([folder], tmp_path / "there", WordEmbedder(), engine=engine)
        assert what_was_done(reports[0]) == what_was_done(reports[1])
        assert_same(tmp_path / "here", tmp_path / "there", tmp_path)
        return reports

    first, _ = both()
    assert (first.added > MANY, len(first.refused) >= 3, first.skipped) == (True, True, ["notes.xyz"])
    # A role moves to a file before that of its owner, which is unchanged: that one is read again, though Ray was not told to.
    write_records(folder / "a.jsonl", [("cook", "Cooks soup."), ("groom", "Feeds ponies.")])
    (folder / "broken.pdf").unlink()
    moved, _ = both()
    assert moved.updated > 0
    unchanged, _ = both()
    assert unchanged.embedded == 0


def test_lost_workers_cost_time_not_roles(engine: RayEngine, fuse: Path, folder: Path, tmp_path: Path) -> None:
    lit = [fuse.with_suffix(f".{when}") for when in ("reading", "embedding")]
    for file in lit:
        file.touch()
    there = sync([folder], tmp_path / "there", WordEmbedder(), engine=engine)
    assert not any(file.exists() for file in lit)
    assert what_was_done(there) == what_was_done(sync([folder], tmp_path / "here", WordEmbedder()))
    assert_same(tmp_path / "here", tmp_path / "there", tmp_path)


def test_a_file_that_a_worker_does_not_see_is_said(engine: RayEngine, folder: Path) -> None:
    with (folder / "a.jsonl").open("rb") as opened:
        # A place that is another in every process, as a disk is that is not shared.
        path = Path(f"/proc/self/fd/{opened.fileno()}")
        with pytest.raises(UsageError, match=rf"does not see {path} as this machine does; all machines .* same path"):
            list(next(engine.read([FileToRead(path, "a.jsonl")])))


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_time(engine: RayEngine, folder: Path) -> None:
    def files() -> Iterator[FileToRead]:
        yield FileToRead(folder / "a.jsonl", "a.jsonl")
        write_records(folder / "a.jsonl", [("cook", "Cooks stew all day long.")])

    with pytest.raises(OSError, match="changed while it was read"):
        list(next(engine.read(files())))


def test_answers_come_file_by_file_in_the_order_of_the_files(engine: RayEngine, folder: Path) -> None:
    files = [FileToRead(folder / "b.jsonl", "b"), None, FileToRead(folder / "many.jsonl", "many"), *[None] * 9, FileToRead(folder / "a.jsonl", "a")]
    found = [[part.role.id for part in parts if isinstance(part, ReadRole)] for parts in engine.read(files)]
    assert (found[0], found[-1], found[2][-1]) == (["baker", "b#2", "guard"], ["cook", "baker"], f"clerk-{MANY - 1}")
    assert [len(roles) for roles in found] == [3, 0, MANY, *[0] * 9, 2]


@pytest.mark.model
def test_the_command_line_uses_a_cluster_that_is_there(engine: RayEngine, tmp_path: Path, shipped_model: Embedder) -> None:
    import ray

    roles = ROOT / "corpus" / "roles" / "legal"
    address = ray.get_runtime_context().gcs_address
    report = rolesearch_json("ingest", roles, "--index", tmp_path / "there", "--engine", "ray", "--address", address, cwd=tmp_path)
    here = sync([roles], tmp_path / "here", shipped_model)
    assert (report["added"], report["embedded"], report["refused"]) == (here.added, here.embedded, [])
    assert manifest_bytes(tmp_path / "here", "000001", tmp_path) == manifest_bytes(tmp_path / "there", "000001", tmp_path)
    opened = Index.open(tmp_path / "here"), Index.open(tmp_path / "there")
    ids = opened[0].manifest.chunk_ids()
    # Rounding differs with the texts that share a batch.
    np.testing.assert_allclose(opened[0].vectors.vectors(ids), opened[1].vectors.vectors(ids), atol=1e-6)
    for index in opened:
        index.close()


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "ray://127.0.0.1:{port}", "[::1]:{port}", "127.0.0.1:99999"])
def test_an_address_where_nothing_listens_is_said_at_once(address: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        named = address.format(port=taken.getsockname()[1])
        with pytest.raises(RoleSearchError, match=re.escape(f"no Ray cluster at {named!r}")), connected(named, "any", "any@1"):
            pass


def test_an_address_needs_the_engine(tmp_path: Path) -> None:
    finished = command_without_ray("ingest", str(ROOT / "corpus"), "--address", "auto", cwd=tmp_path)
    assert (finished.returncode, finished.stderr) == (2, "rolesearch: --address auto is that of a Ray cluster; add --engine ray\n")


def test_without_ray_the_error_says_how_to_get_it(tmp_path: Path) -> None:
    finished = command_without_ray("ingest", str(ROOT / "corpus"), "--engine", "ray", cwd=tmp_path)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert "needs the package ray; install it with `pip install -e '.[scale]'`" in finished.stderr
    assert "Traceback" not in finished.stderr


def command_without_ray(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    code = "import sys; sys.modules['ray'] = None; from ui.cli import main; main()"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=cwd, env=environment, check=False, timeout=120)
