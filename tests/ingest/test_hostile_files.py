"""Some five hundred hostile files, each in a folder with a good one: it is refused with its reason, or read harmlessly, and the good one is indexed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from fakes import WordEmbedder
from hostile_files import OUTSIDE, Case, cases
from ingest import engine
from ingest.pipeline import SyncReport, sync
from ingest.sandbox import Sandbox
from ingest.worker import Limits
from search.index import IndexReader
from search.records import Role

CASES = cases()
GOOD = "# Good Cook {number}\n\nCooks good soup, every day anew, number {number}.\n"


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came of one ingest of all of them: the report, the roles by id, and the folders' names by case."""

    report: SyncReport
    roles: dict[str, Role]
    folders: dict[str, str]

    def reasons(self, case: Case) -> list[str]:
        return [f"{one.name} {one.reason}" for one in self.report.refused if one.name.startswith(self.folders[case.name] + "/")]

    def read(self, case: Case) -> list[Role]:
        folder = self.folders[case.name]
        return [role for role in self.roles.values() if role.source.startswith(f"{folder}/") and role.source != f"{folder}/good.md"]


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingested]:
    place = tmp_path_factory.mktemp("hostile")
    folders = {}
    for number, case in enumerate(CASES):
        folder = place / "roles" / f"{number:03}"
        folder.mkdir(parents=True)
        (folder / "good.md").write_text(GOOD.format(number=number), encoding="utf-8")
        case.make(folder)
        folders[case.name] = folder.name
    sandbox = Sandbox(Limits(answer_seconds=30, memory_mb=1_024))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "SANDBOX", sandbox)
        report = sync([place / "roles"], place / "index", WordEmbedder())
    sandbox.close()
    with IndexReader(place / "index", WordEmbedder.fingerprint).current() as opened:
        manifest = opened.manifest
        roles = manifest.roles(manifest.role_ids())
    yield Ingested(report, roles, folders)


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 300


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_file_is_refused_with_its_reason_or_read_harmlessly(case: Case, ingested: Ingested) -> None:
    assert f"{ingested.folders[case.name]}/good.md" in ingested.roles
    reasons, roles = ingested.reasons(case), ingested.read(case)
    assert not any(re.search(r" cannot be read: \w+:|takes longer|brings the reader down", reason) for reason in reasons), reasons
    if case.refused:
        assert any(re.search(case.refused, reason) for reason in reasons), (reasons, [role.text[:100] for role in roles])
    if case.read:
        assert reasons == []
        assert any(re.search(case.read, role.text) for role in roles), [role.text[:100] for role in roles]
    for role in roles:
        assert OUTSIDE not in role.text and "root:x:" not in role.text and "hahahahaha" not in role.text
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", role.title + role.text)


def test_every_refusal_can_be_read(ingested: Ingested) -> None:
    for refusal in ingested.report.refused:
        assert 5 < len(refusal.reason) < 1_200
        refusal.reason.encode()
