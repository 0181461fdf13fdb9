"""Adverts that were posted again are one group, graded; roles that differ in what matters stay apart."""

import random
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import make_role
from search.attributes.reading import with_attributes
from search.duplicates import advert_of, bring_in_step, near_pairs
from search.manifest import Manifest, Source
from search.records import AttributeValue, Grade, Role
from search.shingles import NEIGHBOURS

WORDS = [f"word{number}" for number in range(200)]
TEXT = " ".join(WORDS)
CERTAIN, PROBABLE = Grade.CERTAIN, Grade.PROBABLE


def role(role_id: str, text: str = TEXT, title: str = "Nurse", **attributes: AttributeValue) -> Role:
    return make_role(role_id, title, text, **attributes)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manifest]:
    """One for all tests here, which empty it; nothing is committed, since waiting for the disk takes longer than all else."""
    made = Manifest.create(tmp_path_factory.mktemp("manifest") / "manifest.sqlite3")
    yield made
    made.close()


def grades_of(manifest: Manifest, *roles: Role) -> dict[tuple[str, str], Grade]:
    """Each two roles that are near-identical once all have been put into an empty manifest in this order, by their ids."""
    clear(manifest)
    put(manifest, roles)
    bring_in_step(manifest)
    return grades_in(manifest)


def clear(manifest: Manifest) -> None:
    for role_id in manifest.role_ids():
        manifest.remove_role(role_id)


def put(manifest: Manifest, roles: Sequence[Role]) -> None:
    for one in roles:
        manifest.put_source(Source(one.id, one.id, "", ""))
        manifest.put_role(one, one.id, 0, [])


def grades_in(manifest: Manifest) -> dict[tuple[str, str], Grade]:
    twins = manifest.twins(manifest.role_ids())
    found = {(role_id, twin.role_id): twin.grade for role_id, others in twins.items() for twin in others}
    assert all(found[other, one] is grade for (one, other), grade in found.items())
    return {(one, other): grade for (one, other), grade in sorted(found.items()) if one < other}


def replaced(count: int, words: Sequence[str] = WORDS) -> str:
    """The text with its last words replaced."""
    return " ".join([*words[: len(words) - count], *(f"new{number}" for number in range(count))])


def test_of_no_roles_none_are_near_identical(manifest: Manifest) -> None:
    assert grades_of(manifest) == {}


def test_a_copy_is_certain_and_names_what_it_is_a_copy_of(manifest: Manifest) -> None:
    clear(manifest)
    put(manifest, [role("b", place="Zürich"), role("a"), role("stranger", "quite another text")])
    bring_in_step(manifest)
    (twin,) = manifest.twins(["a"])["a"]
    assert (twin.role_id, twin.title, twin.source, dict(twin.attributes), twin.grade) == ("b", "Nurse", "b", {"place": "Zürich"}, CERTAIN)
    assert manifest.twins(["stranger", "unknown"]) == {}
    assert manifest.groups(["b", "a", "stranger"]) == {"a": "a", "b": "a"}


@pytest.mark.parametrize(
    "again",
    [
        "WE ARE LOOKING: for a nurse, in Zürich - who looks after patients!\n- Night shifts\n- Weekends",
        "We are looking for a nurse in Zu\u0308rich who looks after pa\u00adtients.\n\n1. Night shifts\n2) Weekends",
        "Nurse\n\nWe are looking for a nurse in Zurich who looks after patients\n(a) night shifts\n• weekends",
    ],
)
def test_what_formats_change_makes_no_other_advert(manifest: Manifest, again: str) -> None:
    text = "We are looking for a nurse in Zürich who looks after patients. Night shifts; weekends."
    assert grades_of(manifest, role("a", text), role("b", again)) == {("a", "b"): CERTAIN}


def test_an_advert_with_a_few_words_more_is_certain_one_with_a_passage_more_probable_one_with_a_third_new_another(manifest: Manifest) -> None:
    assert grades_of(manifest, role("a"), role("b", f"{TEXT} apply now")) == {("a", "b"): CERTAIN}
    assert grades_of(manifest, role("a"), role("b", replaced(14))) == {("a", "b"): PROBABLE}
    assert grades_of(manifest, role("a"), role("b", replaced(70))) == {}


def test_the_same_words_in_another_order_are_another_advert(manifest: Manifest) -> None:
    assert grades_of(manifest, role("a"), role("b", " ".join(reversed(WORDS)))) == {}


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Nurse", "Senior Nurse"),
        ("Nurse II", "Nurse III"),
        ("Contract Specialist, GS-9", "Contract Specialist, GS-11"),
        ("Cook", "Head Cook"),
        ("Software Engineer", "Data Engineer"),
    ],
)
def test_the_same_text_under_titles_that_say_different_things_is_of_different_roles(manifest: Manifest, title: str, other: str) -> None:
    assert grades_of(manifest, role("a", title=title), role("b", title=other)) == {}


@pytest.mark.parametrize(
    ("title", "other"), [("Senior Nurse", "nurse, senior"), ("Nurse (f/m/d)", "Nurse (m/w/x)"), ("Contract Specialist GS-09", "Contract Specialist, GS 9")]
)
def test_titles_that_say_the_same_differently_are_one(manifest: Manifest, title: str, other: str) -> None:
    assert grades_of(manifest, role("a", title=title), role("b", title=other)) == {("a", "b"): CERTAIN}


def test_a_place_in_the_title_is_beside_the_job(manifest: Manifest) -> None:
    bern, basel, again = (with_attributes(role(name, title=title)) for name, title in (("a", "Nurse, Bern"), ("b", "Nurse, Basel"), ("c", "Nurse (Bern)")))
    assert grades_of(manifest, bern, basel, again) == {("a", "b"): PROBABLE, ("a", "c"): CERTAIN, ("b", "c"): PROBABLE}


def test_a_level_that_the_title_says_is_settled_by_the_title(manifest: Manifest) -> None:
    read = with_attributes(role("a", title="Finance Director (CFO)"))
    stated = with_attributes(role("b", title="Finance Director (CFO)", level="executive"))
    assert (read.attributes["level"], stated.attributes["level"]) == ("director", "executive")
    assert grades_of(manifest, read, stated) == {("a", "b"): CERTAIN}


@pytest.mark.parametrize(("grade", "other"), [("GS-9", "GS-11"), ("GS-9", "GS-9/11"), ("Level 2", "Level 3"), ("IC4", "IC5"), ("Band c", "Band d")])
def test_texts_that_differ_in_the_grade_alone_are_different_roles(manifest: Manifest, grade: str, other: str) -> None:
    assert grades_of(manifest, role("a", f"The grade of the post is {grade}. {TEXT}"), role("b", f"The grade of the post is {other}. {TEXT}")) == {}


def test_different_levels_never_merge_and_an_unknown_one_joins_either(manifest: Manifest) -> None:
    assert grades_of(manifest, role("a", level="senior"), role("b", level="junior"), role("c", level="senior")) == {("a", "c"): CERTAIN}
    assert grades_of(manifest, role("a", level="senior"), role("b")) == {("a", "b"): CERTAIN}
    # It joins one of them, and does not make the two one.
    between = grades_of(manifest, role("a", level="senior"), role("b"), role("c", level="junior"))
    assert len(between) == 1
    assert ("a", "c") not in between


@pytest.mark.parametrize(("key", "one", "other"), [("place", "Bern", "Basel"), ("company", "Alpha", "Beta"), ("salary_min", 50000, 60000)])
def test_the_same_advert_for_another_place_employer_or_pay_is_no_more_than_probable(manifest: Manifest, key: str, one: str | int, other: str | int) -> None:
    assert grades_of(manifest, make_role("a", "Nurse", TEXT, **{key: one}), make_role("b", "Nurse", TEXT, **{key: other})) == {("a", "b"): PROBABLE}
    assert grades_of(manifest, make_role("a", "Nurse", TEXT, **{key: one}), make_role("b", "Nurse", TEXT, **{key: str(one).upper()})) == {("a", "b"): CERTAIN}
    assert grades_of(manifest, make_role("a", "Nurse", TEXT, **{key: one}), role("b")) == {("a", "b"): CERTAIN}


def test_the_same_place_in_more_words_is_no_other_place(manifest: Manifest) -> None:
    assert grades_of(manifest, role("a", place="Leeds, UK"), role("b", place=("Leeds",))) == {("a", "b"): CERTAIN}
    found = grades_of(manifest, role("a", place="Leeds, UK"), role("b", place="UK"), role("c", place="Hull, UK"))
    assert found["a", "c"] is PROBABLE
    assert sorted(found.values()) == [CERTAIN, PROBABLE, PROBABLE]


def test_one_that_states_no_place_is_certainly_one_with_one_place_only(manifest: Manifest) -> None:
    grades = grades_of(manifest, role("a", place="Bern"), role("b"), role("c", place="Basel"))
    assert set(grades) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert grades["a", "c"] is PROBABLE
    assert sorted(grades.values()) == [CERTAIN, PROBABLE, PROBABLE]


def test_small_changes_make_a_chain_of_what_is_probable(manifest: Manifest) -> None:
    steps = [role(str(step), replaced(15 * step)) for step in range(3)]
    assert set(grades_of(manifest, *steps)) == {("0", "1"), ("0", "2"), ("1", "2")}
    assert grades_of(manifest, steps[0], steps[2]) == {}


def test_texts_of_fewer_words_than_a_shingle_are_compared_whole(manifest: Manifest) -> None:
    assert grades_of(manifest, role("a", "A cook."), role("b", "a COOK"), role("c", "cook"), role("d", ""), role("e", "")) == {
        ("a", "b"): CERTAIN,
        ("d", "e"): CERTAIN,
    }


def test_more_copies_than_are_compared_with_each_other_are_still_one_group(manifest: Manifest) -> None:
    copies = [role(f"{number:03}") for number in range(3 * NEIGHBOURS)]
    changed = role("changed", replaced(3))
    found = grades_of(manifest, *copies, changed)
    assert {other for one, other in found if one == "000"} == {one.id for one in [*copies[1:], changed]}
    assert set(found.values()) == {CERTAIN}


def test_thousands_of_copies_are_not_all_compared_with_each_other() -> None:
    adverts = [advert_of(role("a"))] * 2000
    pairs = near_pairs(np.array([advert.kind for advert in adverts]), np.stack([advert.signature for advert in adverts]))
    assert len(pairs) <= NEIGHBOURS * len(adverts)


def test_only_what_is_new_or_changed_is_compared_anew_and_groups_follow_every_change(manifest: Manifest) -> None:
    clear(manifest)
    put(manifest, [role("a"), role("b"), role("c", "quite another text")])
    assert manifest.roles_without_advert() == ["a", "b", "c"]
    bring_in_step(manifest)
    assert grades_in(manifest) == {("a", "b"): CERTAIN}
    put(manifest, [role("c", place="Bern")])
    assert manifest.roles_without_advert() == ["c"]
    bring_in_step(manifest)
    assert grades_in(manifest) == {("a", "b"): CERTAIN, ("a", "c"): CERTAIN, ("b", "c"): CERTAIN}
    put(manifest, [role("b", "a text of its own")])
    manifest.remove_role("a")
    bring_in_step(manifest)
    assert grades_in(manifest) == {}
    before = manifest.changes
    bring_in_step(manifest)
    assert manifest.changes == before


# Any corpus ------------------------------------------------------------------------------------------------------------

_BASES = [" ".join(WORDS[:60]), " ".join(WORDS[100:160])]
_texts = st.builds(
    lambda text, cut, tail: " ".join([*text.split()[cut:], *tail]), st.sampled_from(_BASES), st.integers(0, 6), st.lists(st.sampled_from(WORDS), max_size=3)
)
_levels = st.sampled_from([{}, {"level": "senior"}, {"level": "junior"}])
_places = st.sampled_from([{}, {"place": "Bern"}, {"place": "Basel"}])
_titles = st.sampled_from(["Nurse", "Nurse GS-9", "Nurse GS-11"])
_corpora = st.lists(st.tuples(_titles, _texts, st.builds(lambda level, place: level | place, _levels, _places)), max_size=8).map(
    lambda found: [make_role(f"{number:02}", title, text, **attributes) for number, (title, text, attributes) in enumerate(found)]
)


def groups_of(manifest: Manifest, roles: Sequence[Role]) -> set[frozenset[str]]:
    grades = grades_of(manifest, *roles)
    return {frozenset({one.id, *(other for pair in grades if one.id in pair for other in pair)}) for one in roles}


@given(_corpora, st.randoms())
def test_groups_do_not_depend_on_the_order_and_part_the_roles(manifest: Manifest, roles: list[Role], chance: random.Random) -> None:
    grades = grades_of(manifest, *roles)
    assert grades_of(manifest, *chance.sample(roles, len(roles))) == grades
    groups = groups_of(manifest, roles)
    assert sum(map(len, groups)) == len(roles)


@given(_corpora)
def test_no_group_has_two_levels_two_titles_or_certainly_two_places(manifest: Manifest, roles: list[Role]) -> None:
    by_id = {one.id: one for one in roles}
    for group in groups_of(manifest, roles):
        members = [by_id[role_id] for role_id in group]
        assert len({one.attributes["level"] for one in members if "level" in one.attributes}) <= 1
        assert len({one.title for one in members}) == 1
    for (one, other), grade in grades_of(manifest, *roles).items():
        places = {by_id[role_id].attributes["place"] for role_id in (one, other) if "place" in by_id[role_id].attributes}
        assert grade is PROBABLE or len(places) <= 1


@given(_corpora.filter(bool), st.data())
def test_a_role_and_its_copy_are_always_certainly_one(manifest: Manifest, roles: list[Role], data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(roles))
    place = data.draw(st.integers(0, len(roles)))
    copy = make_role("copy", original.title.upper(), f"- {original.text}!", **original.attributes)
    assert grades_of(manifest, *roles[:place], copy, *roles[place:])[original.id, "copy"] is CERTAIN


@given(_corpora, _corpora, st.sets(st.integers(0, 7)))
def test_step_by_step_is_the_same_as_from_scratch(manifest: Manifest, before: list[Role], after: list[Role], removed: set[int]) -> None:
    gone = {f"{number:02}" for number in removed}
    clear(manifest)
    put(manifest, before)
    bring_in_step(manifest)
    put(manifest, after)
    for role_id in gone:
        manifest.remove_role(role_id)
    bring_in_step(manifest)
    stepwise = grades_in(manifest)
    final = {one.id: one for one in [*before, *after] if one.id not in gone}
    assert stepwise == grades_of(manifest, *final.values())
