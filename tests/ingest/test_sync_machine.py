"""Whatever happens to a folder, in whatever order: after each ingest the index is what a plain model of it says, and its parts agree."""

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from builders import ids_of
from fakes import WordEmbedder
from ingest.pipeline import plan, sync
from search.index import Index, IndexReader, current_generation
from search.records import Query
from search.searcher import Searcher

FILES = ("a.md", "b.txt", "deep/c.md", "d.jsonl", "deep/e.jsonl")
WORDS = st.lists(st.sampled_from(["bake", "cook", "drive", "guard", "mend", "paint", "plan", "teach", "weld", "write"]), min_size=1, max_size=12)
GARBAGE = b"\x89PNG\r\n\x1a\n" + bytes(64)


class FolderAndIndex(RuleBasedStateMachine):
    """`files` is what lies in the folder, name to texts or None for garbage; `held` what the index must hold, role id to (file, text)."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp())
        (self.place / "roles").mkdir()
        self.embedder = WordEmbedder()
        self.files: dict[str, list[str] | None] = {}
        self.held: dict[str, tuple[str, str]] = {}

    def teardown(self) -> None:
        shutil.rmtree(self.place)

    @rule(name=st.sampled_from(FILES), texts=st.lists(WORDS, min_size=1, max_size=4))
    def write(self, name: str, texts: list[list[str]]) -> None:
        """Add a file, or edit it: a JSONL holds all the texts, any other file the first."""
        self.files[name] = [" ".join(words) + "." for words in (texts if name.endswith(".jsonl") else texts[:1])]
        self.put(name)

    @rule(name=st.sampled_from(FILES))
    def delete(self, name: str) -> None:
        if self.files.pop(name, []) != []:
            (self.place / "roles" / name).unlink()

    @rule(old=st.sampled_from(FILES), new=st.sampled_from(FILES))
    def rename(self, old: str, new: str) -> None:
        if old in self.files and new not in self.files and Path(old).suffix == Path(new).suffix:
            (self.place / "roles" / new).parent.mkdir(exist_ok=True)
            (self.place / "roles" / old).rename(self.place / "roles" / new)
            self.files[new] = self.files.pop(old)
            self.put(new)

    @rule(name=st.sampled_from(FILES))
    def break_file(self, name: str) -> None:
        if name in self.files:
            self.files[name] = None
            self.put(name)

    @rule(prune=st.booleans())
    def ingest(self, prune: bool) -> None:
        before = dict(self.held)
        planned = plan([self.place / "roles"], self.place / "index", self.embedder, prune=prune, allow_mass_removal=True)
        report = sync([self.place / "roles"], self.place / "index", self.embedder, prune=prune, allow_mass_removal=True)
        self.held = self.expected(prune)
        same = replace(planned.report, generation=report.generation, seconds=report.seconds)
        assert same == report
        assert (len(planned.added), len(planned.updated), len(planned.removed)) == (report.added, report.updated, report.removed)
        assert set(planned.added) >= self.held.keys() - before.keys()
        assert report.added == len(self.held.keys() - before.keys())
        assert report.removed == len(before.keys() - self.held.keys())
        assert report.updated == sum(before[role_id] != self.held[role_id] for role_id in before.keys() & self.held.keys())
        assert sorted(refusal.name for refusal in report.refused) == sorted(name for name, texts in self.files.items() if texts is None)

    @rule()
    def ingest_again(self) -> None:
        """What was just ingested is not read or embedded again, and no generation is made."""
        sync([self.place / "roles"], self.place / "index", self.embedder, allow_mass_removal=True)
        self.held = self.expected(prune=True)
        generation, embedded = current_generation(self.place / "index"), len(self.embedder.embedded)
        report = sync([self.place / "roles"], self.place / "index", self.embedder)
        assert (report.added, report.updated, report.removed, report.embedded) == (0, 0, 0, 0)
        assert (report.unchanged, report.generation, len(self.embedder.embedded)) == (len(self.held), generation, embedded)

    @invariant()
    def no_text_was_embedded_twice(self) -> None:
        assert len(self.embedder.embedded) == len(set(self.embedder.embedded))

    @invariant()
    def the_index_holds_what_the_model_says_and_its_parts_agree(self) -> None:
        if current_generation(self.place / "index") is None:
            return
        index = Index.open(self.place / "index")
        roles = index.manifest.roles(index.manifest.role_ids())
        chunk_ids = set(index.manifest.chunk_ids())
        assert chunk_ids == ids_of(index.vectors) == ids_of(index.lexical)
        assert set(index.manifest.roles_of_chunks(chunk_ids).values()) == set(roles)
        index.close()
        assert {role_id: (role.source, role.text) for role_id, role in roles.items()} == self.held
        searcher = Searcher(IndexReader(self.place / "index"), self.embedder)
        found = searcher.search(Query("cook teach weld write", k=50)).hits
        searcher.close()
        assert {hit.role_id for hit in found} == set(roles)
        assert all(passage.text == roles[hit.role_id].text[passage.start : passage.end] for hit in found for passage in hit.passages)

    def put(self, name: str) -> None:
        path = self.place / "roles" / name
        path.parent.mkdir(exist_ok=True)
        texts = self.files[name]
        if texts is None:
            path.write_bytes(GARBAGE)
        elif name.endswith(".jsonl"):
            path.write_text(
                "\n".join(json.dumps({"id": f"{name}/{number}", "title": "Job", "text": text}) for number, text in enumerate(texts)), encoding="utf-8"
            )
        elif name.endswith(".md"):
            path.write_text(f"# Job\n\n{texts[0]}\n", encoding="utf-8")
        else:
            path.write_text(f"Job\n\n{texts[0]}\n", encoding="utf-8")

    def expected(self, prune: bool) -> dict[str, tuple[str, str]]:
        """What an ingest must leave: good files anew, what broken ones held, and without pruning what is gone."""
        kept = {
            role_id: (name, text)
            for role_id, (name, text) in self.held.items()
            if (name in self.files and self.files[name] is None) or (name not in self.files and not prune)
        }
        for name, texts in self.files.items():
            for number, text in enumerate(texts or []):
                kept[f"{name}/{number}" if name.endswith(".jsonl") else name] = (name, text)
        return kept


TestFolderAndIndex = FolderAndIndex.TestCase
TestFolderAndIndex.settings = settings(max_examples=30, stateful_step_count=16, deadline=None)
