"""Results and reports as plain data and plain text, the same for every face. Nothing is decided or computed here."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.errors import UsageError
from search.manifest import ANY, Manifest
from search.records import WORDS, Attributes, AttributeValue, Demand, Hit, Mode, Results, Role, Understood, Wish

if TYPE_CHECKING:
    # A search, which does without all of these, would wait for the patterns and readers that come with them.
    from ingest.pipeline import Plan, SyncReport
    from search.compare import Comparison as RoleComparison
    from search.compare import Pairing
    from search.difference import Difference, Stretch
    from search.evaluation import Comparison, Evaluation
    from search.judgements import JudgedQuery
    from search.match import Line, Match
    from search.quotes import Quote, Sentence
    from ui.jobs import Job

# Attributes whose keys do not say to a reader what they are.
_NAMES = {"remote": "from home", "salary_min": "lowest pay", "salary_max": "highest pay"}
# Of means and differences: far below what the choice of queries makes them waver.
DIGITS = 4
ALL = slice(None)


def compact_json(answer: Mapping[str, Any]) -> bytes:
    """An answer as programs get it: JSON in UTF-8 without spaces. A number that is none becomes null; Python's own encoder takes three times as long."""
    from pydantic_core import to_json

    return to_json(answer, inf_nan_mode="null")


def results_json(results: Results, page: slice = ALL) -> dict[str, Any]:
    """The answer to a query, as the command-line contract has it; of its hits those of one page."""
    return {
        "query": results.query.text,
        "mode": results.query.mode.value,
        "took_ms": round(results.took_ms, 2),
        "generation": results.generation,
        "understood": _understood_json(results.understood),
        "notes": list(results.notes),
        "hits": [hit_json(hit) for hit in results.hits[page]],
    }


def _understood_json(understood: Understood) -> dict[str, Any]:
    asked = understood.asked
    return {
        "text": asked.text,
        "wishes": [{"key": wish.key, "value": wish.value, "said": wish.said} for wish in understood.wishes],
        "demands": [{"conditions": [f"{one.key}{one.operator}{one.value}" for one in demand.conditions], "said": demand.said} for demand in understood.demands],
        "phrases": list(asked.phrases),
        "excluded": [*asked.excluded_words, *asked.excluded_phrases],
        "corrections": [{"said": correction.said, "read": correction.read} for correction in understood.corrections],
    }


def wish_text(wish: Wish) -> str:
    """A wish as a person reads it: "level: senior"."""
    return f"{_NAMES.get(wish.key, wish.key)}: {wish.value}"


def demand_text(demand: Demand) -> str:
    """A demand as a person reads it: "years: at least 5", "not skills: Java", "no travel"; the words of the query where it stands for several conditions."""
    if len(demand.conditions) > 1:
        return demand.said
    (condition,) = demand.conditions
    if condition.key == WORDS:
        return f"no {condition.value}"
    name = _NAMES.get(condition.key, condition.key)
    if condition.operator == "!=":
        return f"no {name}" if condition.value == ANY else f"not {name}: {condition.value}"
    return f"{name}: {'at least' if condition.operator == '>=' else 'at most'} {condition.value}"


def hit_json(hit: Hit) -> dict[str, Any]:
    """A role that was found, as the command-line contract has it."""
    return {
        "role_id": hit.role_id,
        "title": hit.title,
        "source": hit.source,
        "score": round(hit.score, 6),
        "why": {name: round(value, 6) for name, value in hit.why.items()},
        "attributes": _attributes_json(hit.attributes),
        "passages": [
            {"text": passage.text, "section": passage.section, "start": passage.start, "end": passage.end, "score": round(passage.score, 6)}
            for passage in hit.passages
        ],
        "twins": [{"role_id": twin.role_id, "title": twin.title, "source": twin.source, "grade": twin.grade.value} for twin in hit.twins],
    }


def difference_json(difference: "Difference") -> dict[str, Any]:
    """What changes from one role to another: all stretches in order, with their words and places in both."""
    first, other = difference.roles
    return {
        "roles": [{"role_id": role.id, "title": role.title, "source": role.source} for role in difference.roles],
        "share": round(difference.share, DIGITS),
        "facts": [{"key": key, "values": [list(values) for values in pair]} for key, pair in difference.facts.items()],
        "title": [_stretch_json(stretch, first.title, other.title) for stretch in difference.title],
        "text": [_stretch_json(stretch, first.text, other.text) for stretch in difference.text],
    }


def _stretch_json(stretch: "Stretch", first: str, other: str) -> dict[str, Any]:
    places = {"first": (first, *stretch.first), "other": (other, *stretch.other)}
    return {"change": stretch.change.value} | {name: {"text": text[start:end], "start": start, "end": end} for name, (text, start, end) in places.items()}


def role_json(role: Role) -> dict[str, Any]:
    """One role, whole."""
    return {
        "role_id": role.id,
        "title": role.title,
        "source": role.source,
        "text": role.text,
        "sections": [
            {"name": section.name, "heading": section.heading, "above": list(section.above), "start": section.start, "end": section.end}
            for section in role.sections
        ],
        "attributes": _attributes_json(role.attributes),
        "readings": [
            {"key": reading.key, "value": reading.value, "start": reading.start, "end": reading.end, "in_title": reading.in_title} for reading in role.readings
        ],
    }


def matches_json(text: Role, matches: Sequence[tuple[Hit, "Match"]]) -> dict[str, Any]:
    """The roles that fit a text, best first, each with the table of what it asks for."""
    from search.match import Verdict

    return {
        "text": {"id": text.id, "title": text.title, "attributes": _attributes_json(text.attributes)},
        "matches": [
            {"role_id": hit.role_id, "title": hit.title, "source": hit.source, "score": round(hit.score, 6), "share": round(match.share, DIGITS)}
            | {verdict.value: match.count(verdict) for verdict in Verdict}
            | {"lines": [_line_json(line) for line in match.lines]}
            for hit, match in matches
        ],
    }


def _line_json(line: "Line") -> dict[str, Any]:
    return {
        "kind": line.ask.kind.value,
        "asked": line.ask.said,
        "wished": line.ask.wished,
        "verdict": line.verdict.value,
        "value": line.value,
        "in_role": _quote_json(line.ask.quote),
        "in_text": _quote_json(line.shown),
        "nearness": None if line.nearness is None else round(line.nearness, DIGITS),
    }


def _quote_json(quote: "Quote | None") -> dict[str, Any] | None:
    return {"text": quote.text, "start": quote.start, "end": quote.end, "in_title": quote.in_title} if quote else None


def roles_compared_json(comparison: "RoleComparison") -> dict[str, Any]:
    """Roles side by side: attributes, skills, and for each role after the first its sentences against those of the first."""
    return {
        "roles": [{"role_id": role.id, "title": role.title, "source": role.source} for role in comparison.roles],
        "attributes": [
            {"key": fact.key, "same": fact.same, "values": [list(values) for values in fact.values], "quotes": [_quote_json(quote) for quote in fact.quotes]}
            for fact in comparison.facts
        ],
        "skills": [{"name": skill.name, "held": list(skill.held), "quotes": [_quote_json(quote) for quote in skill.quotes]} for skill in comparison.skills],
        "shared_skills": list(comparison.shared_skills()),
        "own_skills": [list(comparison.own_skills(number)) for number in range(len(comparison.roles))],
        "against_first": [_pairing_json(pairing) for pairing in comparison.pairings],
        "notes": list(comparison.notes),
    }


def _pairing_json(pairing: "Pairing") -> dict[str, Any]:
    pairs = pairing.paired.pairs
    return {
        "role": pairing.other,
        "words_of_first": list(pairing.marks[0]),
        "words_of_other": list(pairing.marks[1]),
        "same": [{"first": _sentence_json(pair.first), "other": _sentence_json(pair.other)} for pair in pairs if pair.same],
        "changed": [
            {"first": _sentence_json(pair.first), "other": _sentence_json(pair.other), "nearness": round(pair.nearness, DIGITS)}
            for pair in pairs
            if not pair.same
        ],
        "only_first": [_sentence_json(sentence) for sentence in pairing.paired.only_first],
        "only_other": [_sentence_json(sentence) for sentence in pairing.paired.only_other],
    }


def _sentence_json(sentence: "Sentence") -> dict[str, Any]:
    quote = sentence.quote
    return {"text": quote.text, "start": quote.start, "end": quote.end, "section": sentence.section, "heading": sentence.trail}


def _attributes_json(attributes: Attributes) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in attributes.items()}


def report_json(report: "SyncReport") -> dict[str, Any]:
    """What an ingest did, as the command-line contract has it."""
    return {
        "added": report.added,
        "updated": report.updated,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "refused": [{"file": refusal.name, "reason": refusal.reason} for refusal in report.refused],
        "skipped": report.skipped,
        "chunks": report.chunks,
        "embedded": report.embedded,
        "seconds": round(report.seconds, 3),
        "generation": report.generation,
        "changed": report.changed,
    }


def plan_json(plan: "Plan") -> dict[str, Any]:
    """What an ingest would do: the report that it would give, the roles, and whether it would stop for removing too many."""
    roles = {"added": list(plan.added), "updated": list(plan.updated), "removed": list(plan.removed)}
    return {"dry_run": True} | report_json(plan.report) | {"mass_removal": plan.mass_removal is not None, "roles": roles}


def job_json(job: "Job") -> dict[str, Any]:
    """How far an ingest has come, and what it did."""
    return {
        "job": job.number,
        "state": job.state.value,
        "started": job.started.isoformat(timespec="seconds"),
        "stage": job.stage,
        "done": job.done,
        "total": job.total,
        "report": None if job.report is None else report_json(job.report),
        "error": None if job.error is None else str(job.error),
    }


def status_json(manifest: Manifest) -> dict[str, Any]:
    """What is in an index, what built it, and what was refused."""
    refused = [{"file": refusal.name, "reason": refusal.reason} for refusal in manifest.refusals()]
    return dict(manifest.build()) | {"roles": manifest.count_roles(), "chunks": manifest.count_chunks(), "refused": refused}


def evaluation_json(evaluation: "Evaluation") -> dict[str, Any]:
    """The means of an evaluation with their intervals, and those of each kind of query, as the command-line contract has them."""
    return _means(evaluation) | {
        "unjudged": evaluation.unjudged,
        "p50_ms": round(evaluation.milliseconds(50), 2),
        "p95_ms": round(evaluation.milliseconds(95), 2),
        "by_kind": {kind: _means(one) for kind, one in evaluation.by_kind().items()},
    }


def _means(evaluation: "Evaluation") -> dict[str, Any]:
    means = {name: round(value, DIGITS) for name, value in evaluation.means().items()}
    intervals = {name: [round(one.low, DIGITS), round(one.high, DIGITS)] for name, one in evaluation.intervals().items()}
    return means | {"intervals": intervals, "queries": len(evaluation.scores)}


def evaluation_rows(evaluation: "Evaluation") -> list[dict[str, Any]]:
    """One row a query: id, text, each measure, time. The measures are not rounded, so that a run that is kept compares as equal with itself."""
    return [{"id": score.query.id, "text": score.query.text} | score.measures | {"took_ms": round(score.took_ms, 2)} for score in evaluation.scores]


def read_run(path: Path, queries: Sequence["JudgedQuery"]) -> dict[str, dict[str, float]]:
    """Measures by query id, of a run that was kept as the output of `evaluate --json --per-query`. Raises UsageError when the file is no such run.

    A query whose text is another one now is left out: its measures are not those of this query.
    """
    from search.evaluation import MEASURES

    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))["per_query"]
        run = {(row["id"], row["text"]): {name: float(row[name]) for name in MEASURES} for row in rows}
    except OSError as error:
        raise UsageError(f"{path} is no mode ({', '.join(Mode)}) and cannot be read as a file: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no earlier run; keep one with `rolesearch evaluate … --json --per-query > FILE`") from error
    return {query.id: run[query.id, query.text] for query in queries if (query.id, query.text) in run}


def comparison_json(name: str, comparison: "Comparison") -> dict[str, Any]:
    """How an evaluation differs from another, which `name` names, on the queries that both answered."""
    p_values = comparison.p_values()
    return {
        "name": name,
        "queries": len(comparison.changes),
        "differences": {
            measure: {"mean": round(one.mean, DIGITS), "low": round(one.low, DIGITS), "high": round(one.high, DIGITS), "p": round(p_values[measure], DIGITS)}
            for measure, one in comparison.intervals().items()
        },
        "worse": [
            {"id": change.query.id, "text": change.query.text, "difference": round(change.differences["nDCG@10"], DIGITS)} for change in comparison.worse()
        ],
    }


def attribute_text(value: AttributeValue) -> str:
    """An attribute's value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def printable(text: str) -> str:
    """Text on one line that can do nothing to a terminal: whitespace is folded, control and format characters are dropped."""
    return "".join(character for character in " ".join(text.split()) if unicodedata.category(character) not in ("Cc", "Cf"))
