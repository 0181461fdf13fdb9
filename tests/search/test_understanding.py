import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.records import Condition
from search.understanding import job_named, understand, without

ROOT = Path(__file__).resolve().parents[2]


def wishes(text: str) -> set[tuple[str, str]]:
    return {(wish.key, wish.value) for wish in understand(text).wishes}


def conditions(text: str) -> list[tuple[str, str, str]]:
    return [(condition.key, condition.operator, condition.value) for demand in understand(text).demands for condition in demand.conditions]


MANAGING = [("level", "!=", level) for level in ("manager", "head", "director", "executive")]


@pytest.mark.parametrize(
    ("text", "searched", "wished", "demanded"),
    [
        (
            "senior SRE, no people management, k8s",
            "senior SRE, k8s site reliability engineering Kubernetes",
            {("level", "senior"), ("skills", "Kubernetes")},
            [("skills", "!=", "people management"), *MANAGING],
        ),
        (
            "senior SRE remote, no crypto, at least 5 years, AWS",
            "senior SRE remote, AWS site reliability engineering",
            {("level", "senior"), ("remote", "yes"), ("skills", "AWS")},
            [("words", "!=", "crypto"), ("years", ">=", "5")],
        ),
        ("python developer no java or php", "python developer", {("skills", "Python")}, [("skills", "!=", "Java"), ("skills", "!=", "PHP")]),
        ("warehouse job without night shifts", "warehouse job", set(), [("words", "!=", "night shifts")]),
        ("entry level accountant", "entry level accountant", {("level", "junior")}, []),
        ("no experience needed, phones", "no experience needed, phones", {("level", "junior")}, []),
        ("office job, no degree", "office job", set(), [("degree", "!=", "*")]),
        ("data analyst 5 years", "data analyst 5 years", set(), []),
        ("data analyst 5+ years", "data analyst", set(), [("years", ">=", "5")]),
        ("designer, not a manager", "designer", set(), [("skills", "!=", "people management"), *MANAGING]),
        ("nurse, not on site", "nurse", set(), [("remote", "!=", "no")]),
        ("not sure what I want, maybe baking", "not sure what I want, maybe baking", set(), []),
        ("no matter where, cook", "no matter where, cook", set(), []),
        ("no crypto data engineer", "data engineer", set(), [("words", "!=", "crypto")]),
        ("no PhD data scientist", "data scientist", set(), [("degree", "!=", "*")]),
        ("not junior data engineer", "data engineer", set(), [("level", "!=", "junior")]),
        ("developer, no c++ and no php", "developer", set(), [("skills", "!=", "C++"), ("skills", "!=", "PHP")]),
        ("cook, I do not want to travel", "cook", set(), [("words", "!=", "travel")]),
        ("part time cook", "part time cook", {("contract", "part-time")}, []),
        ("cook at least €5000 per month", "cook", set(), [("salary_max", ">=", "5000"), ("salary_period", "=", "month"), ("currency", "=", "EUR")]),
    ],
)
def test_a_query_is_taken_apart(text: str, searched: str, wished: set[tuple[str, str]], demanded: list[tuple[str, str, str]]) -> None:
    read = understand(text)
    assert read.asked.text == searched
    assert wished <= wishes(text)
    assert {key for key, _ in wishes(text)} <= {key for key, _ in wished} | {"skills", "family"}
    assert conditions(text) == demanded


def test_operators_and_words_are_told_apart() -> None:
    read = understand('"site reliability" -manager lead, no travel')
    assert (read.asked.phrases, read.asked.excluded_words) == (("site reliability",), ("manager",))
    assert read.demands[0].conditions == (Condition("words", "!=", "travel"),)
    assert read.demands[0].said == "no travel"


def test_a_pasted_description_is_no_instruction() -> None:
    advert = "We look for a senior engineer. " * 10 + "There is no degree required and no travel, at least 5 years."
    read = understand(advert)
    assert (read.demands, read.wishes, read.asked.text) == ((), (), advert)


@pytest.mark.parametrize(
    ("text", "said", "left"),
    [
        ("senior SRE, no crypto, AWS", "no crypto", "senior SRE, AWS"),
        ("senior SRE", "senior", "SRE"),
        ("Senior SRE", "senior", "SRE"),
        ("no crypto", "no crypto", ""),
        ("SRE", "absent", "SRE"),
        ("Django and Go", "Go", "Django and"),
        ("Straße senior Go", "senior", "Straße Go"),
        ("cook, no   travel", "no travel", "cook"),
    ],
)
def test_a_chip_that_is_removed_takes_its_words_along(text: str, said: str, left: str) -> None:
    assert without(text, said) == left


QUERY = st.lists(
    st.sampled_from(
        [
            "senior",
            "SRE",
            "remote",
            "no",
            "crypto",
            "without",
            "Java",
            "at",
            "least",
            "5",
            "years",
            ",",
            ";",
            "not",
            "a",
            "manager",
            "k8s",
            "-x",
            '"two',
            'words"',
            "or",
            "but",
            "degree",
        ]
    ),
    max_size=14,
).map(" ".join)


@given(QUERY)
def test_what_was_said_stands_in_the_query_and_removing_it_makes_it_shorter(text: str) -> None:
    read = understand(text)
    for said in (*(wish.said for wish in read.wishes), *(demand.said for demand in read.demands)):
        assert said
        assert len(without(text, said)) <= len(text)


@given(st.text(max_size=200))
def test_any_text_can_be_understood(text: str) -> None:
    understand(text)


@pytest.mark.parametrize(
    ("query", "job"),
    [
        ("senior data engineer", "data engineer"),
        ("senior remote data engineer, no Java", "data engineer"),
        ("director of product", "director of product"),
        ("middle school principal", "middle school principal"),
        ("learning and development manager in Leeds", "learning and development manager"),
        ("product marketing manager for payments", "product marketing manager"),
        ("engineer", ""),
        ("someone to look after old people at night and write down what happens", ""),
        ("", ""),
    ],
)
def test_the_job_that_a_query_begins_with_is_named_without_its_level(query: str, job: str) -> None:
    assert " ".join(job_named(understand(query))) == job


def test_once_all_is_loaded_no_question_waits_for_more() -> None:
    program = """
import re, sys
from search import understanding
from search.attributes import skills
understanding.load()
known, compiled = skills._gazetteer.cache_info().misses, re.compile
re.compile = lambda *given: sys.exit(f"compiled for a question: {given}")
for text in sys.stdin:
    understanding.understand(text)
assert skills._gazetteer.cache_info().misses == known
"""
    questions = (ROOT / "corpus" / "judgements" / "queries.tsv").read_text(
        encoding="utf-8"
    ) + "senior nurse in Leeds, €50,000 a year, no PhD, at least 5 years\n"
    finished = subprocess.run([sys.executable, "-c", program], input=questions, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
