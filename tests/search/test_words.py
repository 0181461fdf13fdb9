import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.words import exact_words, matching_spans, stems


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C++, C# and F#; .NET, ASP.NET", ["c++", "c#", "and", "f#", ".net", "asp", ".net"]),
        ("C++17 on k8s, 24/7", ["c++", "17", "on", "k8s", "24", "7"]),
        (".network net. .Net", ["network", "net", ".net"]),
        ("front-end, CI/CD, node.js", ["front", "end", "ci", "cd", "node", "js"]),
        ("Zürich, naïve, Straße, Łódź, İstanbul", ["zurich", "naive", "strasse", "lodz", "istanbul"]),
        ("manager’s O'Brien", ["manager", "s", "o", "brien"]),
        ("R&D – 100 %", ["r", "d", "100"]),
        ("日本語 Мастер", ["日本語", "мастер"]),
        ("", []),
        ("… !?", []),
        ("x" * 200 + " short", ["short"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert exact_words(text) == words


@pytest.mark.parametrize("forms", [("mentor", "mentors", "mentoring", "Mentored"), ("engineer", "engineers", "engineering"), ("lead", "leads", "leading")])
def test_the_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({tuple(stems(form)) for form in forms}) == 1


def test_words_of_different_meaning_keep_different_stems() -> None:
    assert stems("manager analyst C++ .NET k8s") == ["manag", "analyst", "c++", ".net", "k8s"]


# In small letters and without such as ⑴: of 16 capitals (Ɦ) Tantivy folds only the small letter, and of ⑴ it makes "(1)".
@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "No"])).map(str.lower))
def test_a_stem_stands_for_each_word_and_words_of_words_are_the_same(text: str) -> None:
    words = exact_words(text)
    assert len(stems(text)) == len(words)
    assert exact_words(" ".join(words)) == words


@given(st.text(alphabet=st.characters(categories=["L", "N"], max_codepoint=0x17F, exclude_characters="İ")))
def test_words_do_not_depend_on_case(text: str) -> None:
    assert exact_words(text) == exact_words(text.lower())


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Mentors the SRE team.", "the mentoring", ["Mentors"]),
        ("C++ and C# on .NET, or C", "c# .net", ["C#", ".NET"]),
        ("Café, CAFE, cafés", "café", ["Café", "CAFE", "cafés"]),
        ("We lead; you follow.", "we, you & the leads", ["lead"]),
        ("AED, a device", "aed", ["AED"]),
        ("bread", "fish", []),
        ("", "bread", []),
        ("bread", "", []),
    ],
)
def test_what_is_marked(text: str, query: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in matching_spans(text, query)] == marked


# Without characters that this Python's Unicode does not know yet: Tantivy's is newer, and takes some of them for letters.
@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cn"])))
def test_a_text_asked_for_itself_is_marked_at_every_word_that_says_something(text: str) -> None:
    spans = matching_spans(text, text)
    assert all(start < end for start, end in spans)
    assert all(end <= following for (_, end), (following, _) in itertools.pairwise(spans))
    marked = [word for start, end in spans for word in exact_words(text[start:end])]
    assert marked == [word for word in exact_words(text) if matching_spans(word, word)]
