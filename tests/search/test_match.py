"""Matches are checked on small texts whose answers a reader can see, then on every role of the corpus that ships and on generated ones."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given

from builders import IndexOf, make_role
from corpus_roles import corpus_roles
from fakes import WordEmbedder
from ingest.documents import Document
from ingest.parsing import roles_of
from ingest.single import read_role
from role_parts import documents
from search.asks import Kind, asks_of
from search.attributes.reading import with_attributes
from search.embedding import Embedder
from search.errors import Refused
from search.experience import experience_of
from search.index import IndexReader
from search.match import Line, Match, Verdict, match_role, match_roles
from search.match_ranking import best_matches
from search.quotes import Quotable, Quote, denies, tells_of_a_person
from search.records import Condition, Filters, Role
from search.searcher import Searcher

TODAY = date(2026, 11, 25)
DATA = Path(__file__).resolve().parents[1] / "data"


def role_of(*parts: str | tuple[str, str], title: str = "Engineer", role_id: str = "role.md") -> Role:
    return with_attributes(make_role(role_id, title, *parts))


def match(asked: Role, text: Role) -> Match:
    return match_role(text, asked, WordEmbedder(), TODAY)


def line_of(found: Match, said: str) -> Line:
    return next(line for line in found.lines if line.ask.said == said)


def quoted_text(quote: Quote | None, role: Role) -> str:
    assert quote is not None
    source = role.title if quote.in_title else role.text
    assert quote.text == source[quote.start : quote.end] != ""
    return quote.text


ADVERT = role_of(
    ("Responsibilities", "- Run the payment clusters at night\n- Mentor junior colleagues in reviews"),
    ("Requirements", "- 6 years of experience with Kubernetes\n- Java\n- Python or Go\n- A master's degree\n- Patience with slow auditors\n- Fluent German"),
    ("Desirable", "- CISSP"),
    ("Benefits", "- We teach you Terraform"),
)


def test_what_a_role_asks_for_in_its_order() -> None:
    asks = asks_of(ADVERT)
    assert [(ask.kind, ask.said) for ask in asks] == [
        (Kind.SKILL, "mentoring"),
        (Kind.SKILL, "Kubernetes"),
        (Kind.SKILL, "Java"),
        (Kind.SKILL, "Python or Go"),
        (Kind.CERTIFICATE, "CISSP"),
        (Kind.LANGUAGE, "German"),
        (Kind.YEARS, "6 years"),
        (Kind.DEGREE, "master"),
        (Kind.DUTY, "Run the payment clusters at night"),
        (Kind.DUTY, "Mentor junior colleagues in reviews"),
        (Kind.REQUIREMENT, "Patience with slow auditors"),
    ]
    assert [ask.said for ask in asks if ask.wished] == ["CISSP"]
    assert all(quoted_text(ask.quote, ADVERT) for ask in asks)


def test_met_partly_and_missing_each_with_the_sentence_of_the_text() -> None:
    text = role_of(
        "I have four years of experience with Kubernetes. I have no experience with Java. I build services in Go.",
        "BSc in physics. Run the payment clusters at night.",
    )
    found = match(ADVERT, text)
    told = {line.ask.said: (line.verdict, quoted_text(line.shown, text) if line.shown else "") for line in found.lines}
    assert told == {
        "mentoring": (Verdict.MISSING, ""),
        "Kubernetes": (Verdict.MET, "I have four years of experience with Kubernetes."),
        "Java": (Verdict.MISSING, "I have no experience with Java."),
        "Python or Go": (Verdict.MET, "I build services in Go."),
        "CISSP": (Verdict.MISSING, ""),
        "German": (Verdict.MISSING, ""),
        "6 years": (Verdict.PARTLY, "I have four years of experience with Kubernetes."),
        "master": (Verdict.PARTLY, "BSc in physics."),
        "Run the payment clusters at night": (Verdict.MET, "Run the payment clusters at night."),
        "Mentor junior colleagues in reviews": (Verdict.MISSING, ""),
        "Patience with slow auditors": (Verdict.MISSING, ""),
    }
    assert (found.count(Verdict.MET), found.count(Verdict.PARTLY), found.count(Verdict.MISSING)) == (3, 2, 5)
    assert found.share == pytest.approx((3 + 2 * 0.5) / 10)


@pytest.mark.parametrize(
    ("text", "said", "verdict", "quote"),
    [
        ("No Java at my last employer. Java at home for ten years.", "Java", Verdict.MET, "Java at home for ten years."),
        ("I do not have a CISSP.", "CISSP", Verdict.MISSING, "I do not have a CISSP."),
        ("I hold a CISSP certificate.", "CISSP", Verdict.MET, "I hold a CISSP certificate."),
        ("I have no master's degree.", "master", Verdict.MISSING, "I have no master's degree."),
        ("PhD in physics, MSc in mathematics.", "master", Verdict.MET, "PhD in physics, MSc in mathematics."),
        ("An associate's degree in nursing.", "master", Verdict.MISSING, "An associate's degree in nursing."),
        ("I speak fluent English but no German.", "German", Verdict.MISSING, "I speak fluent English but no German."),
        (
            "I have never run the payment clusters at night.",
            "Run the payment clusters at night",
            Verdict.MISSING,
            "I have never run the payment clusters at night.",
        ),
        ("Two years of experience in sales.", "6 years", Verdict.MISSING, "Two years of experience in sales."),
        ("Three years of experience in sales.", "6 years", Verdict.PARTLY, "Three years of experience in sales."),
        ("Engineer, Foo Ltd, 2016 - 2020\nEngineer, Bar Ltd, Jan 2020 to present", "6 years", Verdict.MET, "Engineer, Bar Ltd, Jan 2020 to present"),
    ],
)
def test_one_line(text: str, said: str, verdict: Verdict, quote: str) -> None:
    shown = role_of(text)
    line = line_of(match(ADVERT, shown), said)
    assert (line.verdict, quoted_text(line.shown, shown)) == (verdict, quote)


def test_a_skill_is_shown_by_the_sentence_that_says_most_of_it() -> None:
    text = role_of("Skills: Java, Kubernetes, Terraform, Ansible.", "At Foo I moved the billing service to Kubernetes and kept it there.")
    line = line_of(match(ADVERT, text), "Kubernetes")
    assert quoted_text(line.shown, text) == "At Foo I moved the billing service to Kubernetes and kept it there."


def test_fields_of_a_record_count_without_a_sentence() -> None:
    asked = with_attributes(make_role("a", "Clerk", "Words.", skills=("Welding",), years=4, degree="bachelor"))
    text = with_attributes(make_role("b", "Clerk", "More words.", skills=("welding",), years=5, degree="bachelor"))
    lines = [line for line in match(asked, text).lines if line.ask.kind is not Kind.DUTY]
    assert [(line.verdict, line.ask.quote, line.shown) for line in lines] == [(Verdict.MET, None, None)] * 3


def test_several_roles_are_matched_as_each_alone_and_nothing_is_embedded_twice() -> None:
    other = role_of(("Responsibilities", "- Run the payment clusters at night\n- Count spoons"), role_id="other.md")
    text, embedder = role_of("I run clusters. I count spoons."), WordEmbedder()
    assert match_roles(text, [ADVERT, other], embedder, TODAY) == [match(ADVERT, text), match(other, text)]
    assert len(embedder.embedded) == len(set(embedder.embedded))


def test_a_text_without_words_and_a_role_that_asks_for_nothing() -> None:
    assert match(Role("a", "", "", "a"), ADVERT).lines == ()
    assert match(Role("a", "", "", "a"), ADVERT).share == 0
    assert {line.verdict for line in match(ADVERT, Role("b", "", "", "b")).lines} == {Verdict.MISSING}


def gaps(role: Role, embedder: Embedder | None = None) -> list[Line]:
    lines = match_role(role, role, embedder or WordEmbedder(), TODAY).lines
    for line in lines:
        if line.ask.quote:
            assert quoted_text(line.ask.quote, role)
        if line.shown:
            assert quoted_text(line.shown, role)
    return [line for line in lines if line.verdict is not Verdict.MET]


def test_no_role_of_the_corpus_has_gaps_against_itself() -> None:
    roles = corpus_roles()
    assert len(roles) > 100
    assert [(role.id, found) for role in roles if (found := gaps(role))] == []


@pytest.mark.model
def test_no_role_has_gaps_against_itself_by_the_meanings_of_the_model(shipped_model: Embedder) -> None:
    assert [(role.id, found) for role in corpus_roles()[::5] if (found := gaps(role, shipped_model))] == []


@given(documents())
def test_no_role_has_gaps_against_itself(document: Document) -> None:
    try:
        roles = roles_of(document, "role.md", "role.md")
    except Refused:
        return
    assert [gaps(role) for role in roles if gaps(role)] == []


@pytest.mark.parametrize(
    ("said", "asked", "value"),
    [
        ("Platform Engineer, Acme, 2015 - 2019", "platform engineering", "Platform Engineer"),
        ("Linux Systems Administrator at Acme", "systems administration", "Systems Administrator"),
        ("I worked as a data engineer.", "data engineering", "data engineer"),
        ("Described it all in Terraform modules", "infrastructure as code", "Terraform"),
        ("I reported to the platform engineer.", "platform engineering", None),
        ("I was never a platform engineer.", "platform engineering", None),
        ("Terraform, but no infrastructure as code", "infrastructure as code", None),
        ("Platform Engineer, Acme", "infrastructure as code", None),
    ],
)
def test_a_job_or_a_tool_shows_what_it_is_called_after_or_used_for(said: str, asked: str, value: str | None) -> None:
    text = role_of(said)
    line = line_of(match(role_of(("Requirements", f"- {asked}")), text), asked)
    assert (line.verdict, line.value) == ((Verdict.MET, value) if value else (Verdict.MISSING, ""))
    if value:
        assert value in quoted_text(line.shown, text)


def test_what_is_only_told_of_is_not_asked() -> None:
    role = role_of(
        ("Responsibilities", "- Rehearse failure: lost nodes, a hospital firewall changed without notice\n- Keep the API server of Kubernetes up"),
        "Somebody who wants to release the radiology viewer opens a request.",
    )
    assert [ask.said for ask in asks_of(role) if ask.kind is Kind.SKILL] == ["Kubernetes"]


def test_a_skill_is_quoted_from_a_sentence_rather_than_from_a_heading() -> None:
    role = role_of(("Kubernetes", "- Run the clusters of Kubernetes"))
    assert [quoted_text(ask.quote, role) for ask in asks_of(role) if ask.said == "Kubernetes"] == ["Run the clusters of Kubernetes"]
    found = match(role_of(("Requirements", "- Kubernetes")), role)
    assert quoted_text(line_of(found, "Kubernetes").shown, role) == "Run the clusters of Kubernetes"


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Nine years of experience in trade.", 9),
        ("I have run platforms for nine years.", 9),
        ("For the past 4 years, head cook.", 4),
        ("Cook, Foo, Mar 2019 to present", 7),
        ("Cook, Foo, 2016 - 2021\nWaiter, Bar, 2012–2016", 9),
        ("Cook, 2016 - 2021\nand beside it waiter, 2018 - 2020", 5),
        ("Cook, 09/2014 – 02/2018", 3),
        ("Cook, 2019-03 – 2021-02", 2),
        ("At Foo since 2020", 6),
        ("Two years of experience with ovens.\nCook, Foo, 2010 - 2020", 10),
        ("BSc in physics, University of Leeds, 2008 – 2011", None),
        ("The firm was founded 12 years ago.", None),
        ("Cook, 2030 - 2035", None),
        ("Tel. 555-2010-2014", None),
        ("Nothing at all.", None),
    ],
)
def test_years_of_experience_that_a_text_shows(text: str, years: int | None) -> None:
    found = experience_of(role_of(text), TODAY)
    assert (found.years if found else None) == years


def test_dates_below_a_heading_of_study_are_no_experience() -> None:
    assert experience_of(role_of(("Education", "Hull, 2010 - 2013")), TODAY) is None


@pytest.mark.parametrize(
    ("sentence", "is_denial"),
    [
        ("I have never managed people.", True),
        ("No production experience with Azure yet.", True),
        ("Curious why things break, and no urge to blame anyone.", False),
        ("Never afraid of a night shift at the harbour with twelve colleagues and two dogs", False),
        ("Plain words.", False),
    ],
)
def test_denials(sentence: str, is_denial: bool) -> None:
    assert denies(sentence) is is_denial


@pytest.mark.parametrize(
    ("text", "is_of_a_person"),
    [
        ("- The basics of DNS and TLS", True),
        ("You run the kitchen.", True),
        ("Run the kitchen.", True),
        ("We expect a calm voice.", True),
        ("The queue at four in the afternoon is embarrassing.", False),
        ("We fund both if you lack them.", False),
        ("Apply with a CV before May.", False),
    ],
)
def test_sentences_of_a_person_and_of_the_employer(text: str, is_of_a_person: bool) -> None:
    (sentence,) = Quotable(role_of(text)).sentences()
    assert tells_of_a_person(sentence) is is_of_a_person


def test_the_best_matches_of_an_index_leave_out_the_text_itself(index_of: IndexOf) -> None:
    cook = with_attributes(make_role("cook.md", "Cook", ("Responsibilities", "- Cook soup for the night shift"), town="York"))
    baker = with_attributes(make_role("baker.md", "Baker", ("Responsibilities", "- Bake bread for the night shift"), town="Hull"))
    embedder = WordEmbedder()
    searcher = Searcher(IndexReader(index_of([cook, baker]), embedder.fingerprint), embedder)
    text = role_of("I cook soup and bake bread.", title="Helper", role_id="cv.txt")
    assert {hit.role_id for hit, _ in best_matches(text, searcher, embedder)} == {"cook.md", "baker.md"}
    assert [match.role_id for _, match in best_matches(text, searcher, embedder, 1)] != []
    only_york = Filters((Condition("town", "=", "York"),))
    assert [hit.role_id for hit, _ in best_matches(text, searcher, embedder, filters=only_york)] == ["cook.md"]
    assert [hit.role_id for hit, _ in best_matches(cook, searcher, embedder)] == ["baker.md"]


@pytest.mark.model
@pytest.mark.parametrize("suffix", ["pdf", "docx"])
def test_a_cv_finds_the_right_three_roles_first(suffix: str, corpus_index: Path, shipped_model: Embedder) -> None:
    text = read_role(DATA / f"cv-infrastructure-engineer.{suffix}")
    searcher = Searcher(IndexReader(corpus_index, shipped_model.fingerprint), shipped_model)
    matches = best_matches(text, searcher, shipped_model, 3, today=TODAY)
    assert {hit.title for hit, _ in matches} == {"Site Reliability Engineer", "Senior Site Reliability Engineer", "Platform Engineer"}
    for hit, found in matches:
        role = searcher.role(hit.role_id)
        met = [line for line in found.lines if line.verdict is Verdict.MET]
        assert len(met) >= 6
        for line in met:
            assert quoted_text(line.shown, text)
            # A language in a field of the record has no sentence.
            assert line.ask.quote is None or quoted_text(line.ask.quote, role)
        assert sum(line.ask.quote is None for line in met) <= 1
    senior = next(found for hit, found in matches if hit.title.startswith("Senior"))
    assert line_of(senior, "Go or Python or Java").value in ("Go", "Python")
