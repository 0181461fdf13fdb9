"""Comparisons: on small roles whose answers a reader can see, mirrored on generated ones, and on two pages of a real ladder with the model that ships."""

from itertools import combinations, islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import make_role
from corpus_roles import corpus_roles
from fakes import WordEmbedder
from ingest.single import read_role
from search.attributes.reading import with_attributes
from search.compare import MOST_SENTENCES, Comparison, compare_roles
from search.embedding import Embedder
from search.errors import UsageError
from search.marks import marking_words
from search.pairing import Paired
from search.quotes import Sentence
from search.records import Role


def role_of(role_id: str, title: str, *parts: str | tuple[str, str]) -> Role:
    return with_attributes(make_role(role_id, title, *parts))


SENIOR = role_of(
    "senior.md",
    "Senior Cook",
    ("Responsibilities", "- Cook the soup of the day for two hundred guests\n- Order the fish from the market\n- Teach one apprentice"),
    ("Requirements", "- 5 years of experience in kitchens\n- Python"),
)
HEAD = role_of(
    "head.md",
    "Head of Kitchen",
    ("Responsibilities", "- Order the fish from the market\n- Cook the soup of the day for two thousand guests\n- Write the budget"),
    ("Requirements", "- 10 years of experience in kitchens\n- Python\n- SQL"),
)


def texts(sentences: tuple[Sentence, ...]) -> list[str]:
    return [sentence.quote.text for sentence in sentences]


def told(comparison: Comparison, number: int = 0) -> Paired:
    return comparison.pairings[number].paired


def test_what_is_the_same_what_changed_and_what_each_has_alone() -> None:
    found = compare_roles([SENIOR, HEAD], WordEmbedder())
    pairs = {(pair.first.quote.text, pair.other.quote.text, pair.same) for pair in told(found).pairs}
    assert pairs == {
        ("Order the fish from the market", "Order the fish from the market", True),
        ("Python", "Python", True),
        ("Cook the soup of the day for two hundred guests", "Cook the soup of the day for two thousand guests", False),
        ("5 years of experience in kitchens", "10 years of experience in kitchens", False),
    }
    assert (texts(told(found).only_first), texts(told(found).only_other)) == (["Teach one apprentice"], ["Write the budget", "SQL"])


def test_attributes_and_skills_side_by_side() -> None:
    found = compare_roles([SENIOR, HEAD], WordEmbedder())
    facts = {fact.key: (fact.values, fact.same) for fact in found.facts}
    assert facts["level"] == ((("senior",), ("head",)), False)
    assert facts["years"] == ((("5",), ("10",)), False)
    assert (found.shared_skills(), found.own_skills(1)) == (("Python",), ("SQL",))
    for fact in found.facts:
        for quote, role in zip(fact.quotes, found.roles, strict=True):
            assert quote is None or quote.text == (role.title if quote.in_title else role.text)[quote.start : quote.end]


def test_pay_on_one_line_and_places_in_any_order() -> None:
    one = make_role("a", "A", "x", salary_min=82000, salary_max=91000, currency="USD", salary_period="year", place=("Leeds", "York"))
    two = make_role("b", "B", "y", salary_min=50, currency="EUR", salary_period="hour", place=("York", "Leeds"))
    facts = {fact.key: fact for fact in compare_roles([one, two], WordEmbedder()).facts}
    assert facts["pay"].values == (("82,000 to 91,000 USD per year",), ("50 EUR per hour",))
    assert facts["place"].same


def test_of_several_roles_each_is_paired_with_the_first() -> None:
    found = compare_roles([SENIOR, HEAD, SENIOR], WordEmbedder())
    assert [pairing.other for pairing in found.pairings] == [1, 2]
    assert told(found, 0) == told(compare_roles([SENIOR, HEAD], WordEmbedder()))
    assert all(pair.same for pair in told(found, 1).pairs)
    assert (told(found, 1).only_first, told(found, 1).only_other) == ((), ())


@pytest.mark.parametrize("number", [0, 1, 5])
def test_fewer_than_two_and_more_than_four_are_refused(number: int) -> None:
    with pytest.raises(UsageError, match="compare 2 to 4"):
        compare_roles([SENIOR] * number, WordEmbedder())


def test_of_a_text_without_end_only_the_first_sentences_are_compared_and_that_is_said() -> None:
    endless = role_of("endless.md", "Cook", "\n".join(f"- You cook dish number {number}." for number in range(MOST_SENTENCES + 5)))
    embedder = WordEmbedder()
    found = compare_roles([endless, SENIOR], embedder)
    assert found.notes == (f"endless.md has {MOST_SENTENCES + 5} sentences; only the first {MOST_SENTENCES} were compared.",)
    assert f"You cook dish number {MOST_SENTENCES - 1}." in embedder.embedded
    assert f"You cook dish number {MOST_SENTENCES}." not in embedder.embedded
    assert compare_roles([SENIOR, SENIOR], embedder).notes == ()


def test_roles_without_a_sentence_have_no_pairs() -> None:
    found = compare_roles([Role("a", "A", "", "a"), SENIOR], WordEmbedder())
    assert (told(found).pairs, told(found).only_first, len(told(found).only_other)) == ((), (), 5)


# Few words, so that ties and sentences said twice are common.
_SENTENCES = st.lists(st.sampled_from(("cook", "soup", "fish", "order", "teach")), min_size=1, max_size=4).map(" ".join)
_BODIES = st.lists(_SENTENCES, min_size=1, max_size=6).map(lambda lines: "\n".join(f"- {line}" for line in lines))


@st.composite
def _roles(draw: st.DrawFn) -> Role:
    headings = draw(st.lists(st.sampled_from(("Responsibilities", "Requirements", "Scope", "")), min_size=1, max_size=3, unique=True))
    return role_of(draw(st.sampled_from(("a.md", "b.md"))), draw(st.sampled_from(("Cook", "Senior Cook"))), *((name, draw(_BODIES)) for name in headings))


def assert_mirrored(forth: Comparison, back: Comparison) -> None:
    assert {(pair.first, pair.other, pair.nearness, pair.same) for pair in told(forth).pairs} == {
        (pair.other, pair.first, pair.nearness, pair.same) for pair in told(back).pairs
    }
    assert (told(forth).only_first, told(forth).only_other) == (told(back).only_other, told(back).only_first)
    assert forth.pairings[0].marks == back.pairings[0].marks[::-1]
    assert [(fact.key, fact.values, fact.quotes, fact.same) for fact in forth.facts] == [
        (fact.key, fact.values[::-1], fact.quotes[::-1], fact.same) for fact in back.facts
    ]
    assert [(skill.name, skill.held, skill.quotes) for skill in forth.skills] == [(skill.name, skill.held[::-1], skill.quotes[::-1]) for skill in back.skills]


@given(_roles(), _roles())
def test_turned_round_a_comparison_is_its_mirror(one: Role, two: Role) -> None:
    assert_mirrored(compare_roles([one, two], WordEmbedder()), compare_roles([two, one], WordEmbedder()))


@pytest.mark.model
def test_turned_round_a_comparison_of_real_roles_is_its_mirror(shipped_model: Embedder) -> None:
    roles = corpus_roles()
    # The levels of one craft, which say much alike; then neighbours in the folder, and roles far apart.
    one_craft = combinations([role for role in roles if "Site Reliability Engineer" in role.title], 2)
    pairs = [*one_craft, *islice(pairwise(roles), 0, None, 12), *zip(roles[::30], roles[50::30], strict=False)]
    found = [(compare_roles([one, two], shipped_model), compare_roles([two, one], shipped_model)) for one, two in pairs]
    for forth, back in found:
        assert_mirrored(forth, back)
    assert sum(len(told(forth).pairs) for forth, _ in found) > 10


@given(_roles(), _roles())
def test_every_sentence_is_in_one_place(one: Role, two: Role) -> None:
    found = told(compare_roles([one, two], WordEmbedder()))
    for role, sentences in (
        (one, [*(pair.first for pair in found.pairs), *found.only_first]),
        (two, [*(pair.other for pair in found.pairs), *found.only_other]),
    ):
        places = [(sentence.quote.start, sentence.quote.end) for sentence in sentences]
        assert len(places) == len(set(places)) == role.text.count("- ")
        assert all(role.text[start:end] == sentence.quote.text for (start, end), sentence in zip(places, sentences, strict=True))


@given(_roles())
def test_a_role_against_itself_has_only_the_same(role: Role) -> None:
    found = told(compare_roles([role, role], WordEmbedder()))
    assert all(pair.same and pair.first == pair.other for pair in found.pairs)
    assert found.only_first == found.only_other == ()


def test_words_that_mark_a_text() -> None:
    first, other = ["the team cooks", "a team of cooks", "teams of the house"], ["the strategy of the house", "strategies for houses", "a strategy"]
    assert marking_words(first, other)[0][0] in ("team", "teams")
    assert marking_words(first, other)[1][0] == "strategy"
    assert marking_words(first, first) == ((), ())
    assert marking_words([], []) == ((), ())


@pytest.mark.model
def test_what_changes_on_a_real_ladder(shared_corpora: Path, shipped_model: Embedder) -> None:
    ladder = shared_corpora / "ladders" / "dropbox"
    roles = [read_role(ladder / f"{name}.html") for name in ("ic3_software_engineer", "ic5_staff_software_engineer")]
    found = compare_roles(roles, shipped_model)
    assert next(fact.values for fact in found.facts if fact.key == "level") == (("mid",), ("staff",))
    changed = {pair.first.quote.text[:44]: pair.other.quote.text[:44] for pair in told(found).pairs if not pair.same}
    # Horizon, reach, people: what a manager would name first.
    assert changed["I own and deliver projects in service of qua"] == "I deliver multi-year, multi-team product or "
    assert changed["I independently identify and deliver softwar"] == "I set the multi-year, multi-team technical s"
    assert changed["I work primarily with my direct team and cro"] == "I am increasingly influencing the roadmaps o"
    assert changed["I am able to independently design software c"] == "I design software components that are diffic"
    assert "I am unafraid of declaring a SEV when needed" in texts(told(found).only_first)
    assert any("wider engineering org" in text for text in texts(told(found).only_other))
    assert sum(pair.same for pair in told(found).pairs) == 10
    assert "strategy" in found.pairings[0].marks[1]
