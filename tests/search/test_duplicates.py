"""Adverts that were posted again are one group; roles that differ in what matters stay apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import make_role
from fakes import WordEmbedder
from search.duplicates import near_identical
from search.embedding import Vectors
from search.records import Role

WORDS = [f"word{number}" for number in range(60)]
TEXT = " ".join(WORDS)


def vectors_of(roles: list[Role]) -> Vectors:
    return WordEmbedder().encode_document([role.text for role in roles])


def groups_of(*roles: Role) -> list[tuple[str, ...]]:
    return near_identical(roles, vectors_of(list(roles)))


def role(role_id: str, text: str, level: str | None = "senior") -> Role:
    return make_role(role_id, "Nurse", text, **({"level": level} if level else {}))


def test_of_no_roles_there_are_no_groups() -> None:
    assert near_identical([], np.empty((0, 4), dtype=np.float32)) == []


def test_a_role_and_its_copy_are_one_group_in_the_order_given() -> None:
    assert groups_of(role("b", TEXT), role("other", "quite another text"), role("a", TEXT)) == [("b", "a"), ("other",)]


def test_case_accents_and_punctuation_make_no_other_advert() -> None:
    text = "We are looking for a nurse in Zurich who looks after patients"
    again = "WE ARE LOOKING: for a nurse, in Zürich - who looks after patients!"
    assert near_identical([role("a", text), role("b", again)], np.ones((2, 1), dtype=np.float32)) == [("a", "b")]


def test_an_advert_with_a_few_words_more_is_near_identical() -> None:
    assert groups_of(role("a", TEXT), role("b", f"{TEXT} apply now")) == [("a", "b")]


def test_an_advert_in_which_a_third_is_new_is_another() -> None:
    half_new = " ".join([*WORDS[:40], *(f"new{number}" for number in range(20))])
    same_direction = np.ones((2, 1), dtype=np.float32)
    assert near_identical([role("a", TEXT), role("b", half_new)], same_direction) == [("a",), ("b",)]


def test_the_same_words_in_another_order_are_another_advert() -> None:
    assert groups_of(role("a", TEXT), role("b", " ".join(sorted(WORDS, reverse=True)))) == [("a",), ("b",)]


def test_roles_that_lie_apart_are_not_compared() -> None:
    apart = np.eye(2, dtype=np.float32)
    assert near_identical([role("a", TEXT), role("b", TEXT)], apart) == [("a",), ("b",)]


@pytest.mark.parametrize(("one", "other"), [("senior", "junior"), ("senior", None)])
def test_different_levels_never_merge(one: str, other: str | None) -> None:
    assert groups_of(role("a", TEXT, one), role("b", TEXT, other), role("c", TEXT, one)) == [("a", "c"), ("b",)]


def test_a_chain_of_small_changes_ends_where_the_first_is_no_longer_like_the_last() -> None:
    words = [f"word{number}" for number in range(100)]
    drifting = [role(str(step), " ".join([*words[: 100 - 5 * step], *(f"new{number}" for number in range(5 * step))])) for step in range(4)]
    one_direction = np.ones((4, 1), dtype=np.float32)
    assert near_identical(drifting, one_direction) == [("0", "1", "2"), ("3",)]
    assert near_identical(drifting[2:], one_direction[2:]) == [("2", "3")]


def test_texts_of_fewer_words_than_are_compared_at_once_are_compared_whole() -> None:
    assert groups_of(role("a", "A cook."), role("b", "a COOK"), role("c", ""), role("d", "")) == [("a", "b"), ("c", "d")]


texts = st.lists(st.sampled_from(["bread", "fish", "steel", "soup"]), max_size=12).map(" ".join)
adverts = st.lists(st.tuples(texts, st.sampled_from(["senior", "junior", None])), max_size=10)


@given(adverts)
def test_groups_part_the_roles_and_keep_their_order(found: list[tuple[str, str | None]]) -> None:
    roles = [role(f"{number:02}", text, level) for number, (text, level) in enumerate(found)]
    levels = {one.id: one.attributes.get("level") for one in roles}
    groups = near_identical(roles, vectors_of(roles))
    assert sorted(role_id for group in groups for role_id in group) == [one.id for one in roles]
    assert all(list(group) == sorted(group) for group in groups)
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)
    assert all(len({levels[role_id] for role_id in group}) == 1 for group in groups)


@given(adverts.filter(bool), st.data())
def test_a_copy_joins_the_group_of_its_original(found: list[tuple[str, str | None]], data: st.DataObject) -> None:
    roles = [role(f"{number:02}", text, level) for number, (text, level) in enumerate(found)]
    text, level = data.draw(st.sampled_from(found))
    original = next(one.id for one in roles if (one.text, one.attributes.get("level")) == (text, level))
    roles.append(role("copy", text, level))
    groups = near_identical(roles, vectors_of(roles))
    (group,) = (group for group in groups if "copy" in group)
    assert len(group) > 1
    assert original in group
