"""Results and reports as plain data and plain text, the same for every face. Nothing is decided or computed here."""

import unicodedata
from typing import Any

from ingest.pipeline import SyncReport
from search.evaluation import Evaluation
from search.manifest import Manifest
from search.records import AttributeValue, Hit, Results


def results_json(results: Results) -> dict[str, Any]:
    """The answer to a query, as the command-line contract has it."""
    return {
        "query": results.query.text,
        "mode": results.query.mode.value,
        "took_ms": round(results.took_ms, 2),
        "generation": results.generation,
        "notes": list(results.notes),
        "hits": [_hit_json(hit) for hit in results.hits],
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
    return {
        "role_id": hit.role_id,
        "title": hit.title,
        "source": hit.source,
        "score": round(hit.score, 6),
        "why": {name: round(value, 6) for name, value in hit.why.items()},
        "attributes": {key: list(value) if isinstance(value, tuple) else value for key, value in hit.attributes.items()},
        "passages": [
            {"text": passage.text, "section": passage.section, "start": passage.start, "end": passage.end, "score": round(passage.score, 6)}
            for passage in hit.passages
        ],
    }


def report_json(report: SyncReport) -> dict[str, Any]:
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
    }


def status_json(manifest: Manifest) -> dict[str, Any]:
    """What is in an index, what built it, and what was refused."""
    refused = [{"file": refusal.name, "reason": refusal.reason} for refusal in manifest.refusals()]
    return dict(manifest.build()) | {"roles": manifest.count_roles(), "chunks": manifest.count_chunks(), "refused": refused}


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """The means of an evaluation, as the command-line contract has them."""
    means = {name: round(value, 4) for name, value in evaluation.means().items()}
    return means | {
        "queries": len(evaluation.scores),
        "unjudged": evaluation.unjudged,
        "p50_ms": round(evaluation.milliseconds(50), 2),
        "p95_ms": round(evaluation.milliseconds(95), 2),
    }


def evaluation_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """One row a query: id, text, each measure, time."""
    return [
        {"id": score.query.id, "text": score.query.text}
        | {name: round(value, 4) for name, value in score.measures.items()}
        | {"took_ms": round(score.took_ms, 2)}
        for score in evaluation.scores
    ]


def attribute_text(value: AttributeValue) -> str:
    """An attribute's value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def printable(text: str) -> str:
    """Text on one line that can do nothing to a terminal: whitespace is folded, control and format characters are dropped."""
    return "".join(character for character in " ".join(text.split()) if unicodedata.category(character) not in ("Cc", "Cf"))
