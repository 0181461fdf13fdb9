"""Where sentences begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


@pytest.mark.parametrize(
    "parts",
    [
        ["You repair trams.", "You also drive them."],
        ["Who would apply?", "You!", "Write to us."],
        ["We pay £38,000.", "2026 brings a raise."],
        ['She said "no."', "We said yes."],
        ["The list ends here (for now.)", "Then it goes on."],
        ["Il est tard…", "École fermée."],
        ["Reports to the director.", "“Owner” of the budget.", "(Really.)"],
    ],
)
def test_a_full_stop_before_a_capital_or_a_digit_ends_a_sentence(parts: list[str]) -> None:
    assert sentences(" ".join(parts)) == parts


@pytest.mark.parametrize(
    "sentence",
    [
        "Tools, e.g. Kafka and Spark, are taught.",
        "Languages (i.e. Welsh) and so on.",
        "You report to Dr. Adams and Ms. Ng.",
        "About 3.5 years with .NET or Node.js count.",
        "Acme Ltd. Cardiff is the employer.",
        "Min. 3 years of practice.",
        "An M.Sc. Physics or Ph.D. Chemistry is welcome.",
        "Version 2.0 runs at example.com today.",
        "The shop sells tea, coffee, etc. In bulk.",
        "We work with J. Smith daily.",
        "you may begin in lower case. like this, as some lists do",
    ],
)
def test_a_full_stop_within_a_sentence_does_not_end_it(sentence: str) -> None:
    assert sentences(sentence) == [sentence]


def test_every_list_item_and_every_line_is_a_sentence_of_its_own() -> None:
    assert sentences("Duties\n\n- Sort post. Weigh it.\n  - by size\n- Stamp post") == ["Duties", "- Sort post.", "Weigh it.", "- by size", "- Stamp post"]


def test_only_the_asked_stretch_is_looked_at() -> None:
    text = "First one. Second one. Third one."
    assert [text[start:end] for start, end in sentence_spans(text, 11, 22)] == ["Second one."]
    assert list(sentence_spans(text, 10, 11)) == []


texts = (
    st.lists(st.sampled_from(["A tram.", "b", "e.g.", "C", "1", "?", "!", "…", "(", ")", '"', "\n", "\n\n", " ", "\t", "\u00a0", "Dr.", "é.", "É"])).map(
        "".join
    )
    | st.text()
)


@given(texts, st.data())
def test_sentences_are_in_order_and_hold_every_character_but_spaces(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    place = start
    for begin, stop in sentence_spans(text, start, end):
        assert not text[place:begin].strip()
        sentence = text[begin:stop]
        assert sentence == sentence.strip() != ""
        assert "\n" not in sentence
        place = stop
    assert place <= end
    assert not text[place:end].strip()
