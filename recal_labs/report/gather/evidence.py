"""The debate: statements for and against, with their sources and their labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from recal_labs.report.gather.names import Names
from recal_labs.report.plain import field_of
from recal_labs.report.wording import join, plural

SIDES = ("for", "against", "established elsewhere", "context")

DIRECTIONS = {
    "supports_use": "for",
    "against_use": "against",
    "established_elsewhere": "established elsewhere",
    "neutral_context": "context",
}

# How much a kind of source can carry, strongest first; the order of the lists, not a grade.
STRENGTHS = (
    "systematic_review",
    "rct",
    "guideline",
    "cohort",
    "cross_sectional",
    "case_series",
    "mechanistic",
    "opinion",
    "vendor",
)

DOUBTS = {"vendor": 1, "unverified": 2, "retract": 3}


def web_address(text: Any) -> str:
    """Return an address only if it is one that a reader may follow; anything else becomes nothing.

    Examples
    --------
    >>> web_address("https://doi.org/10.1000/1"), web_address("javascript:alert(1)")
    ('https://doi.org/10.1000/1', '')
    """
    address = str(text or "").strip()
    return address if address.lower().startswith(("https://", "http://")) else ""


def _labels(row: Any) -> list[str]:
    labels = field_of(row, "labels", ())
    return [labels] if isinstance(labels, str) else [str(label) for label in labels]


def _interests(text: Any) -> str:
    """Return stated interests; that none were stated is not worth a line on every row."""
    return "" if str(text).lower().startswith("none") else str(text)


def _claim(row: Any, names: Names) -> dict[str, Any]:
    direction = str(field_of(row, "direction", ""))
    side = str(field_of(row, "side", DIRECTIONS.get(direction, "context")))
    return {
        "statement": str(field_of(row, "statement", "")),
        "side": side if side in SIDES else "context",
        "strength": str(field_of(row, "strength", "")),
        "topic": str(field_of(row, "topic", "")).replace("_", " "),
        "analytes": [names.analyte(str(analyte)) for analyte in field_of(row, "analyte_ids", ())],
        "citation": str(field_of(row, "citation", "")),
        "url": web_address(field_of(row, "url", "")),
        "labels": _labels(row),
        "caveat": str(field_of(row, "caveat", "")),
        "conflict_of_interest": _interests(field_of(row, "conflict_of_interest", "")),
    }


def _position(row: Any, names: Names) -> dict[str, Any]:
    return {
        "body": str(field_of(row, "body", "")),
        "stance": str(field_of(row, "stance", "")).replace("_", " "),
        "summary": str(field_of(row, "summary", "")),
        "document": str(field_of(row, "document", field_of(row, "citation", ""))),
        "analytes": [names.analyte(str(analyte)) for analyte in field_of(row, "analyte_ids", ())],
        "url": web_address(field_of(row, "url", "")),
        "labels": _labels(row),
    }


def _doubt(label: str) -> int:
    """Return how much a label lowers the weight of its row; a label of another kind does not move it."""
    return max((place for word, place in DOUBTS.items() if word in label.lower()), default=0)


def _weight(claim: dict[str, Any]) -> tuple[int, int]:
    """Sort sound work first: retracted, unverified and vendor rows last, then by kind of source."""
    place = STRENGTHS.index(claim["strength"]) if claim["strength"] in STRENGTHS else len(STRENGTHS)
    return (max(map(_doubt, claim["labels"]), default=0), place)


def gather_evidence_facts(evidence: Any, names: Names) -> dict[str, Any]:
    """Return statements, positions and gaps for the analytes analysed.

    Rows keep every label (retracted, vendor, unverified) wherever they are shown.
    """
    claims = sorted((_claim(row, names) for row in field_of(evidence, "claims", ())), key=_weight)
    positions = [
        _position(row, names)
        for row in field_of(evidence, "positions", ())
        if field_of(row, "stance", "") != "not_found"
    ]
    counted = Counter(claim["side"] for claim in claims)
    counts = {side: counted.get(side, 0) for side in SIDES}
    return {
        "analytes": [names.analyte(str(analyte)) for analyte in field_of(evidence, "analytes", ())],
        "claims": claims,
        "positions": positions,
        "none_found": [str(sentence) for sentence in field_of(evidence, "none_found", ())],
        "counts": counts,
        "sentences": list(_sentences(claims, counts)),
    }


def _sentences(claims: list[dict[str, Any]], counts: dict[str, int]) -> Iterable[str]:
    if not claims:
        yield "The evidence register holds no statement about the analytes analysed: that is not a statement for them."
        return
    yield (
        f"The evidence register holds {plural(counts['for'], 'statement')} for the use of these analytes in mental "
        f"health and {counts['against']} against it. Counting statements is not weighing them."
    )
    marked = Counter(label for claim in claims for label in claim["labels"])
    if marked:
        worst_first = sorted(marked, key=lambda label: (-_doubt(label), label))
        listed = join([f"{label} ({marked[label]})" for label in worst_first], most=12)
        yield f"Statements shown with a label to be read with them: {listed}."
