"""One contract for every lexical index: the one that ships and a plain one that a reader can follow."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import about, best_by_words, ids_of, make_chunk
from fakes import OfRoles, PlainLexical
from search.arrays import as_texts
from search.errors import IndexDamaged
from search.lexical import FIELD_WEIGHTS, LexicalIndex, TantivyLexical


@pytest.fixture(params=["plain", "tantivy"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> LexicalIndex:
    made: LexicalIndex = PlainLexical() if request.param == "plain" else TantivyLexical(tmp_path / "lexical")
    request.addfinalizer(made.close)
    return made


@pytest.fixture
def teams(index: LexicalIndex) -> LexicalIndex:
    index.put(
        [
            make_chunk("baker", "Bake bread before the town wakes up.", "baker.md", "Baker"),
            make_chunk("lead-1", "Mentoring engineers is half of the week.", "lead.md", "Platform Lead", "What you do"),
            make_chunk("lead-2", "Kubernetes clusters run on Linux machines.", "lead.md", "Platform Lead", "What you bring"),
            make_chunk("nurse", "Mentors of student nurses on the ward.", "Ärzte/nurse #2.md", "Nurse"),
        ]
    )
    index.commit()
    return index


def found(index: LexicalIndex, text: str, k: int = 10) -> list[str]:
    return [chunk_id for chunk_id, _ in best_by_words(index, text, k)]


def holding(index: LexicalIndex, phrase: str) -> set[str]:
    numbers, ids = index.chunks_with(phrase).tolist(), as_texts(index.ids())
    assert len(numbers) == len(set(numbers))
    return {ids[number] for number in numbers}


def of_roles(*kept: str) -> OfRoles:
    """These roles among those of the teams."""
    return OfRoles({"baker": "baker.md", "lead-1": "lead.md", "lead-2": "lead.md", "nurse": "Ärzte/nurse #2.md"}, kept)


def test_a_new_index_is_empty_and_finds_nothing(index: LexicalIndex) -> None:
    index.commit()
    assert (ids_of(index), best_by_words(index, "bread", 5), holding(index, "bread")) == (set(), [], set())


def test_what_was_put_is_seen_after_commit_and_not_before(index: LexicalIndex) -> None:
    index.put([make_chunk("a", "bread")])
    assert (ids_of(index), found(index, "bread")) == (set(), [])
    index.commit()
    assert (ids_of(index), found(index, "bread")) == ({"a"}, ["a"])


def test_a_word_finds_the_chunks_that_hold_it_with_scores_above_zero_best_first(teams: LexicalIndex) -> None:
    hits = best_by_words(teams, "kubernetes platform", 10)
    assert [chunk_id for chunk_id, _ in hits] == ["lead-2", "lead-1"]
    assert hits[0][1] > hits[1][1] > 0


@pytest.mark.parametrize("word", ["mentor", "mentors", "mentoring", "MENTORED"])
def test_forms_of_a_word_find_each_other(teams: LexicalIndex, word: str) -> None:
    assert set(found(teams, word)) == {"lead-1", "nurse"}


@pytest.mark.parametrize("text", ["zeppelin", "", "  ", "?! – …"])
def test_words_that_do_not_occur_and_no_words_find_nothing(teams: LexicalIndex, text: str) -> None:
    assert best_by_words(teams, text, 10) == []


def test_words_spelt_like_one_are_told_with_how_many_chunks_hold_them(index: LexicalIndex) -> None:
    index.put([make_chunk("a", "Pläner and planner, planner."), make_chunk("b", "The planner", title="Plane"), make_chunk("c", "planet pla1er plan plainer")])
    index.commit()
    assert index.spelt_like("planer", 1) == {"planer": 1, "planner": 2, "plane": 1, "planet": 1, "plainer": 1}
    assert index.spelt_like("paln", 1) == {"plan": 1}
    assert index.spelt_like("paln", 2) == {"plan": 1, "plane": 1}
    assert index.spelt_like("zeppelin", 2) == {}


def test_a_word_of_chunks_that_are_gone_is_like_none(index: LexicalIndex) -> None:
    index.put([make_chunk("a", "kubernetes"), make_chunk("b", "kubernetes")])
    index.commit()
    index.remove(["a"])
    index.commit()
    assert index.spelt_like("kuberntes", 1) == {"kubernetes": 1}
    index.remove(["b"])
    index.put([make_chunk("c", "bread")])
    index.commit()
    assert index.spelt_like("kuberntes", 1) == {}


def test_words_that_do_not_occur_beside_one_that_does_change_nothing(teams: LexicalIndex) -> None:
    assert best_by_words(teams, "zeppelin bread xylophone", 10) == best_by_words(teams, "bread", 10)


def test_a_word_given_twice_counts_once(teams: LexicalIndex) -> None:
    assert best_by_words(teams, "bread bread breads", 10) == best_by_words(teams, "bread", 10)


def test_k_cuts_the_list_and_a_k_below_one_gives_nothing(teams: LexicalIndex) -> None:
    assert [found(teams, "kubernetes platform", k) for k in (1, 0, -1)] == [["lead-2"], [], []]


def test_equal_scores_come_by_id(index: LexicalIndex) -> None:
    index.put([make_chunk(chunk_id, "bread") for chunk_id in ("c", "a", "d", "b")])
    index.commit()
    hits = best_by_words(index, "bread", 4)
    assert [chunk_id for chunk_id, _ in hits] == ["a", "b", "c", "d"]
    assert len({score for _, score in hits}) == 1


def test_a_rare_word_weighs_more_than_a_common_one(index: LexicalIndex) -> None:
    index.put([make_chunk("common", "engineer alpha"), make_chunk("rare", "welder beta"), *(make_chunk(f"other-{n}", f"engineer word{n}") for n in range(6))])
    index.commit()
    assert found(index, "engineer welder")[0] == "rare"


def test_a_word_counts_by_the_weight_of_the_field_it_stands_in(index: LexicalIndex) -> None:
    filler = "alpha beta gamma"
    index.put(
        [
            make_chunk("body", "payments", title=filler, heading=filler),
            make_chunk("title", filler, title="payments", heading=filler),
            make_chunk("heading", filler, title=filler, heading="payments"),
        ]
    )
    index.commit()
    scores = dict(best_by_words(index, "payments", 3))
    assert {field: score / scores["body"] for field, score in scores.items()} == pytest.approx(
        {field: weight / FIELD_WEIGHTS["body"] for field, weight in FIELD_WEIGHTS.items()}
    )


def test_technologies_with_signs_are_words_of_their_own(index: LexicalIndex) -> None:
    index.put(
        [
            make_chunk("c", "Experience with C in the kernel."),
            make_chunk("c++", "Modern C++, tested."),
            make_chunk("c#", "Services in C#."),
            make_chunk("net", "A .NET shop (ASP.NET)."),
            make_chunk("network", "The net of the network."),
            make_chunk("k8s", "Operating k8s at night."),
        ]
    )
    index.commit()
    asked = {text: found(index, text) for text in ("c", "C++", "c#", ".net", "net", "K8s")}
    assert asked == {"c": ["c"], "C++": ["c++"], "c#": ["c#"], ".net": ["net"], "net": ["network"], "K8s": ["k8s"]}


@pytest.mark.parametrize("query", ["café", "CAFE", "Zürich", "zurich"])
def test_accents_and_case_make_no_difference(index: LexicalIndex, query: str) -> None:
    index.put([make_chunk("accented", "Run the Café in Zürich."), make_chunk("plain", "Run the cafe in Zurich."), make_chunk("other", "Run the bar in Bern.")])
    index.commit()
    assert found(index, query) == ["accented", "plain"]
    assert holding(index, query) == {"accented", "plain"}


def test_among_leaves_only_chunks_of_the_roles_it_names_and_their_scores_as_they_were(teams: LexicalIndex) -> None:
    everywhere = dict(best_by_words(teams, "mentor linux bread", 10))
    kept = sorted(("lead-1", "lead-2"), key=lambda chunk_id: -everywhere[chunk_id])
    assert best_by_words(teams, "mentor linux bread", 10, among=of_roles("lead.md")) == about((chunk_id, everywhere[chunk_id]) for chunk_id in kept)
    assert [chunk_id for chunk_id, _ in best_by_words(teams, "mentor", 10, among=of_roles("Ärzte/nurse #2.md", "baker.md"))] == ["nurse"]


def test_among_nobody_gives_nothing(teams: LexicalIndex) -> None:
    assert best_by_words(teams, "mentor", 10, among=of_roles()) == []


def test_the_best_of_a_part_are_found_although_others_are_better(index: LexicalIndex) -> None:
    chunks = [*(make_chunk(f"good-{n:02}", "bread bread bread", "good.md") for n in range(50)), make_chunk("weak", "bread and many other words", "weak.md")]
    index.put(chunks)
    index.commit()
    only = OfRoles({chunk.id: chunk.role_id for chunk in chunks}, ["weak.md"])
    assert [chunk_id for chunk_id, _ in best_by_words(index, "bread", 3, among=only)] == ["weak"]


def test_the_best_of_many_roles_are_found_whichever_share_of_them_is_kept(index: LexicalIndex) -> None:
    chunks = [make_chunk(f"{n:03}", f"bread {'fish ' * (n % 7)}", f"role-{n:03}.md") for n in range(300)]
    index.put(chunks)
    index.commit()
    everywhere = best_by_words(index, "bread", 300)
    for one_of in (1, 2, 10, 100):
        kept = {chunk.id: chunk.role_id for chunk in chunks[::one_of]}
        found_there = best_by_words(index, "bread", 300, OfRoles({chunk.id: chunk.role_id for chunk in chunks}, kept.values()))
        assert found_there == about(pair for pair in everywhere if pair[0] in kept)


@pytest.mark.parametrize("better", [3, 30, 300, 900])
def test_the_best_of_many_roles_are_found_however_far_down_they_stand(index: LexicalIndex, better: int) -> None:
    others = [make_chunk(f"other-{n:03}", "bread bread bread", f"other-{n:03}.md") for n in range(better)]
    kept = [make_chunk(f"kept-{n:03}", f"bread {'fish ' * (1 + n % 7)}", f"kept-{n:03}.md") for n in range(400)]
    index.put([*others, *kept])
    index.commit()
    among = OfRoles({chunk.id: chunk.role_id for chunk in [*others, *kept]}, [chunk.role_id for chunk in kept])
    everywhere = best_by_words(index, "bread", better + 5)
    assert best_by_words(index, "bread", 5, among) == about(everywhere[better:])


def test_a_document_keeps_its_chunk_however_often_others_are_put_and_removed(tmp_path: Path) -> None:
    writer = TantivyLexical(tmp_path)
    words = {f"{n * 37 % 101:03}": f"word{n}" for n in range(60)}
    for start in range(0, 60, 12):
        part = list(words)[start : start + 12]
        writer.put([make_chunk(chunk_id, words[chunk_id]) for chunk_id in part])
        writer.commit()
        writer.remove(part[::3])
        writer.commit()
    kept = [chunk_id for place, chunk_id in enumerate(words) if place % 12 % 3]
    for opened in (writer, TantivyLexical(tmp_path)):
        assert ids_of(opened) == set(kept)
        assert opened.is_numbered()
        assert [found(opened, words[chunk_id]) for chunk_id in words] == [[chunk_id] if chunk_id in kept else [] for chunk_id in words]
    writer.close()


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """The folder of an index of three chunks."""
    writer = TantivyLexical(tmp_path)
    writer.put([make_chunk(chunk_id, "bread") for chunk_id in ("b", "c", "a")])
    writer.close()
    return tmp_path


def test_numbers_that_belong_to_other_documents_are_noticed(three: Path) -> None:
    assert TantivyLexical(three).is_numbered()
    np.save(three / "numbers.npy", np.load(three / "numbers.npy")[::-1])
    assert not TantivyLexical(three).is_numbered()


def test_numbers_that_cannot_be_read_are_damage_with_the_cure(three: Path) -> None:
    (three / "numbers.npy").write_bytes(b"no array")
    with pytest.raises(IndexDamaged, match="rolesearch rebuild"):
        TantivyLexical(three).best("bread", 3)


@pytest.mark.parametrize("content", [None, b"", b"no arrays"])
def test_without_what_was_noted_of_the_documents_they_are_read_anew(three: Path, content: bytes | None) -> None:
    (three / "noted.npz").unlink()
    if content is not None:
        (three / "noted.npz").write_bytes(content)
    writer = TantivyLexical(three)
    writer.put([make_chunk("d", "cake", "d.md")])
    writer.remove(["a"])
    writer.close()
    opened = TantivyLexical(three)
    assert (ids_of(opened), opened.is_numbered(), found(opened, "cake")) == ({"b", "c", "d"}, True, ["d"])


@given(st.lists(st.tuples(st.sets(st.integers(0, 30), max_size=8), st.sets(st.integers(0, 30), max_size=8)), max_size=12))
@settings(max_examples=15, deadline=None)
def test_documents_are_numbered_as_if_all_had_been_read_however_they_came_and_went(commits: list[tuple[set[int], set[int]]]) -> None:
    with TemporaryDirectory() as folder:
        expected: set[str] = set()
        for put, removed in commits:
            writer = TantivyLexical(Path(folder))
            writer.put([make_chunk(f"{number:02}", f"word{number}", f"{number}.md") for number in sorted(put)])
            writer.commit()
            writer.remove([f"{number:02}" for number in sorted(removed)])
            writer.close()
            expected = (expected | {f"{number:02}" for number in put}) - {f"{number:02}" for number in removed}
        opened = TantivyLexical(Path(folder))
        assert (ids_of(opened), opened.is_numbered()) == (expected, True)


def test_an_index_of_before_which_has_no_numbers_of_its_documents_answers_as_well(tmp_path: Path) -> None:
    writer = TantivyLexical(tmp_path)
    writer.put([make_chunk("b", "bread"), make_chunk("a", "bread and fish")])
    writer.close()
    for path in tmp_path.glob("*.npy"):
        path.unlink()
    reader = TantivyLexical(tmp_path)
    assert (found(reader, "bread"), found(reader, "fish")) == (["b", "a"], ["a"])
    reader.close()
    assert not list(tmp_path.glob("*.npy"))


@pytest.mark.parametrize(
    ("phrase", "chunks"),
    [
        ("Platform Lead", {"lead-1", "lead-2"}),
        ("platform  lead", {"lead-1", "lead-2"}),
        ("what you do", {"lead-1"}),
        ("Mentoring engineers is", {"lead-1"}),
        ("kubernetes", {"lead-2"}),
        ("KUBERNETES clusters", {"lead-2"}),
    ],
)
def test_a_phrase_is_found_in_title_heading_and_text(teams: LexicalIndex, phrase: str, chunks: set[str]) -> None:
    assert holding(teams, phrase) == chunks


@pytest.mark.parametrize(
    "phrase",
    [
        "lead platform",  # the other way round
        "mentoring is",  # not next to each other
        "mentor engineers",  # not as it stands
        "lead what",  # title, then heading
        "do mentoring",  # heading, then text
        "week kubernetes",  # one chunk, then the next
        "zeppelin",
        "",
        "–",
    ],
)
def test_a_phrase_is_not_found_where_its_words_do_not_stand_together(teams: LexicalIndex, phrase: str) -> None:
    assert holding(teams, phrase) == set()


def test_a_phrase_names_every_chunk_that_holds_it_once(teams: LexicalIndex) -> None:
    teams.put([make_chunk("baker-2", "Bake bread again.", "baker.md"), make_chunk("cook", "Does not bake bread.", "cook.md")])
    teams.commit()
    assert holding(teams, "bake bread") == {"baker", "baker-2", "cook"}
    assert holding(teams, "the ward") == {"nurse"}


def test_a_word_that_more_roles_hold_than_tantivy_tells_apart_names_them_all(tmp_path: Path) -> None:
    index = TantivyLexical(tmp_path)
    # Roles of one chunk each; Tantivy's aggregations end at 65,000 of them.
    index.put([make_chunk(f"{number:05}", "bread" if number else "fish", f"{number}.md") for number in range(65_010)])
    index.commit()
    assert sorted(index.chunks_with("bread").tolist()) == list(range(1, 65_010))
    assert index.chunks_with("fish").tolist() == [0]
    index.close()


def test_putting_an_id_again_replaces_what_it_held(teams: LexicalIndex) -> None:
    teams.put([make_chunk("baker", "Fry fish.", "baker.md", "Cook")])
    teams.commit()
    assert ids_of(teams) == {"baker", "lead-1", "lead-2", "nurse"}
    assert (found(teams, "bread"), found(teams, "fish"), holding(teams, "baker")) == ([], ["baker"], set())


def test_a_removed_chunk_is_found_no_more_and_unknown_ids_are_passed_over(teams: LexicalIndex) -> None:
    teams.remove(["lead-1", "stranger"])
    teams.commit()
    assert ids_of(teams) == {"baker", "lead-2", "nurse"}
    assert (found(teams, "mentoring"), holding(teams, "mentoring engineers")) == (["nurse"], set())


def test_put_after_remove_in_one_commit_keeps_the_chunk(teams: LexicalIndex) -> None:
    teams.remove(["baker"])
    teams.put([make_chunk("baker", "Fry fish.", "baker.md")])
    teams.commit()
    assert (found(teams, "fish"), found(teams, "bread")) == (["baker"], [])


def test_what_is_put_in_many_parts_is_found_as_what_is_put_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = [make_chunk(f"{number:02}", f"bread number {number % 7} " + "rye " * (number % 5), f"{number % 11}.md") for number in range(40)]
    answers = []
    for name, at_once in (("whole", 1_000), ("parts", 3)):
        monkeypatch.setattr("search.lexical._WRITTEN_AT_ONCE", at_once)
        made = TantivyLexical(tmp_path / name)
        for start in range(0, 40, 8):
            made.put(chunks[start : start + 8])
        made.put([make_chunk("05", "cake", "cake.md"), *chunks[20:23]])
        made.remove(["07", "nobody"])
        made.commit()
        assert made.is_numbered()
        answers.append((ids_of(made), {text: set(found(made, text, 100)) for text in ("bread", "rye", "cake", "3")}))
        made.close()
    assert answers[0] == answers[1]
    assert answers[0][0] == {f"{number:02}" for number in range(40)} - {"07"}
    assert answers[0][1]["cake"] == {"05"}


def test_a_query_of_200_words_is_decided_by_its_rarest(index: LexicalIndex) -> None:
    common = [f"common{n}" for n in range(200)]
    index.put([*(make_chunk(f"page-{n}", " ".join(common), f"page-{n}.md") for n in range(5)), make_chunk("rare", "zymurgy", "rare.md")])
    index.commit()
    hits = dict(best_by_words(index, " ".join([*common, "zymurgy"]), 10))
    assert hits.keys() == {"rare", *(f"page-{n}" for n in range(5))}
    assert hits["rare"] == pytest.approx(best_by_words(index, "zymurgy", 1)[0][1])


def test_what_was_committed_is_there_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    first = TantivyLexical(tmp_path)
    first.put([make_chunk("a", "bread"), make_chunk("b", "bread and fish", "b.md")])
    first.commit()
    first.remove(["a"])
    first.commit()
    before = best_by_words(first, "bread", 5)
    first.close()
    second = TantivyLexical(tmp_path)
    assert ids_of(second) == {"b"}
    assert (best_by_words(second, "bread", 5), holding(second, "fish")) == (before, {"b"})
    second.close()


def test_what_was_committed_is_there_although_the_index_was_never_closed(tmp_path: Path) -> None:
    killed = TantivyLexical(tmp_path)
    killed.put([make_chunk("a", "bread")])
    killed.commit()
    again = TantivyLexical(tmp_path)
    assert found(again, "bread") == ["a"]
    again.close()


def test_an_index_opened_for_reading_leaves_its_files_as_they_are(tmp_path: Path) -> None:
    writer = TantivyLexical(tmp_path)
    writer.put([make_chunk("a", "bread")])
    writer.close()
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    reader = TantivyLexical(tmp_path)
    assert found(reader, "bread") == ["a"]
    reader.close()
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_a_reader_whose_folder_is_gone_still_answers_and_closes(tmp_path: Path) -> None:
    writer = TantivyLexical(tmp_path / "lexical")
    writer.put([make_chunk("a", "bread")])
    writer.close()
    reader = TantivyLexical(tmp_path / "lexical")
    shutil.rmtree(tmp_path / "lexical")
    assert found(reader, "bread") == ["a"]
    reader.close()
    assert not (tmp_path / "lexical").exists()


def test_a_folder_with_a_broken_index_is_refused_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text("{broken")
    with pytest.raises(IndexDamaged, match="rolesearch rebuild"):
        TantivyLexical(tmp_path)
