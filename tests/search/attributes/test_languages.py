"""Languages: asked for, and not nationalities, school subjects or lessons on offer."""

import pytest
from hypothesis import given

from role_parts import roles
from search.attributes.languages import denied, mentions, read
from search.records import Role, Section


def languages_in(text: str, section: str = "other") -> list[str]:
    return [str(reading.value) for reading in read(Role("a", "Fitter", text, "a", (Section(section, "", 0, len(text)),) if text else ()))]


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("Fluent German", ["German"]),
        ("English C1 or better", ["English"]),
        ("English (C1), Dutch (B2)", ["English", "Dutch"]),
        ("bilingual Spanish/English", ["Spanish", "English"]),
        ("She speaks French.", ["French"]),
        ("fluent in German, English and French", ["German", "English", "French"]),
        ("Business-fluent German is indispensable, English is the company language, and French would open doors", ["German", "English", "French"]),
        ("Polish, Portuguese or Ukrainian would make you popular", ["Polish", "Portuguese", "Ukrainian"]),
        ("You need German at C1, and English good enough for reports", ["German", "English"]),
        ("proficient in spoken and written English", ["English"]),
        ("English Language Proficiency", ["English"]),
        ("a German-speaking colleague", ["German"]),
        ("Sehr gute Deutschkenntnisse: Deutsch C1", ["German"]),
        ("American Sign Language skills", ["American Sign Language"]),
        ("English law and the German market", []),
        ("Spanish customers, French food and Dutch doors", []),
        ("German-speaking customers", []),
        ("Polish your code, then polish it again", []),
        ("free German lessons", []),
        ("learn German with us", []),
        ("an English teacher of Welsh history", []),
        ("write plain English", []),
        ("Swedish security vetting applies", []),
        ("Fluent English; Dutch is not needed", ["English"]),
        ("Englishman, Irishman", []),
        ("", []),
    ],
)
def test_the_languages_that_a_text_asks_for(text: str, languages: list[str]) -> None:
    assert languages_in(text) == languages


def test_a_bare_list_counts_among_requirements_only() -> None:
    assert languages_in("- Mandarin or Malay", "desirable") == ["Mandarin", "Malay"]
    assert languages_in("- Mandarin or Malay", "about") == []
    assert languages_in("- Fluent German", "benefits") == []


def test_the_title_is_read_too() -> None:
    title = "Support Agent (German-speaking)"
    [reading] = read(Role("a", title, "You need fluent German.", "a"))
    assert (reading.value, reading.in_title, title[reading.start : reading.end]) == ("German", True, "German")


def test_the_span_is_that_of_the_name() -> None:
    text = "Fluent German."
    [reading] = read(Role("a", "Fitter", text, "a"))
    assert text[reading.start : reading.end] == "German"


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("support agent, fluent german and french", ["German", "French"]),
        ("german speaking nurse", ["German"]),
        ("german speaking customer support", ["German"]),
        ("lawyer for english law", []),
        ("speaks spanish", ["Spanish"]),
        ("German", ["German"]),
        ("english, german", ["English", "German"]),
        ("german bakery", []),
    ],
)
def test_in_a_query_names_need_no_capitals(query: str, languages: list[str]) -> None:
    assert [mention.language for mention in mentions(query)] == languages


@pytest.mark.timeout(10)
@pytest.mark.parametrize("hostile", ["German, " * 30_000, "English and " * 20_000, "fluent " * 40_000, "- German\n" * 20_000, "G" * 300_000])
def test_hostile_text_is_read_in_time(hostile: str) -> None:
    languages_in(hostile)


@given(roles())
def test_any_role_is_read(role: Role) -> None:
    for reading in read(role):
        assert reading.key == "languages"
        assert 0 <= reading.start < reading.end <= len(role.title if reading.in_title else role.text)
    mentions(role.title)


def test_languages_that_are_denied() -> None:
    assert [mention.language for mention in denied("I do not speak German. Fluent English, no French.")] == ["German", "French"]
