"""The debate: statements for and against, with their sources and their labels, and what is shown beside the count."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from recal_labs.report.gather.names import Names
from recal_labs.report.plain import field_of
from recal_labs.report.wording import join, plural

COUNTED = ("for", "against")
RETRACTED = "retracted"

# Where a statement stands that is not counted, by what it speaks to; the rest is context.
BESIDE: Mapping[str, str] = {
    "brain_origin": "brain origin",
    "measurement": "measurement",
    "other_condition": "other conditions",
    "no_panel_analyte": "no analyte of a panel",
}
SIDES = (*COUNTED, *BESIDE.values(), "context", RETRACTED)

DIRECTIONS = {
    "supports_use": "for",
    "against_use": "against",
    "established_elsewhere": "established elsewhere",
    "neutral_context": "context",
}

# How much a kind of source can carry, strongest first; the order of the lists, not a grade.
STRENGTHS: Mapping[str, str] = {
    "systematic_review": "systematic review",
    "rct": "randomised trial",
    "guideline": "guideline",
    "cohort": "cohort study",
    "cross_sectional": "cross-sectional study",
    "case_series": "case series",
    "mechanistic": "mechanistic study",
    "opinion": "opinion",
    "vendor": "vendor's statement",
}

STANCES: Mapping[str, str] = {
    "supports_use": "for its use",
    "supports_other_use": "for another use",
    "against_use": "against its use",
    "against_use_general": "against the use of such tests in general",
    "against_listed_use": "against the use named",
    "not_covered_general_rule": "does not cover: general rule",
    "not_listed_as_necessary": "does not list it as necessary",
    "general_criteria": "general criteria only",
    "integrity_notice": "notice on the integrity of publications",
    "disputes_notice": "disputes that notice",
}

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


def named(text: str, analytes: Iterable[str], names: Names) -> str:
    """Return a text in which the ids of analytes, as whole words, became their names.

    Examples
    --------
    >>> named("Nothing about hiaa_5.", ["hiaa_5"], Names({"hiaa_5": "5-HIAA"}))
    'Nothing about 5-HIAA.'
    """
    ids = sorted(analytes, key=len, reverse=True)
    if not ids:
        return text
    return re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, ids))})(?!\w)", lambda found: names.analyte(found[0]), text)


def _labels(row: Any) -> list[str]:
    labels = field_of(row, "labels", ())
    return [labels] if isinstance(labels, str) else [str(label) for label in labels]


def _side(row: Any, labels: list[str]) -> tuple[str, str]:
    """Return where a statement stands, and which way it leans when it stands outside the count."""
    direction = str(field_of(row, "direction", ""))
    lean = str(field_of(row, "side", DIRECTIONS.get(direction, "context")))
    leaning = f"leans {lean}" if lean in COUNTED else ""
    if any("RETRACT" in label.upper() for label in labels if "unclear" not in label):
        return RETRACTED, leaning
    speaks_to = str(field_of(row, "speaks_to", "mental_health"))
    if speaks_to == "mental_health" and lean in COUNTED:
        return lean, ""
    if speaks_to in BESIDE:
        # For or against a test of tumours says nothing on the question of this page.
        return BESIDE[speaks_to], "" if speaks_to == "other_condition" else leaning
    return (BESIDE["other_condition"], "") if lean == "established elsewhere" else ("context", leaning)


def _claim(row: Any, names: Names) -> dict[str, Any]:
    labels = _labels(row)
    side, lean = _side(row, labels)
    strength = str(field_of(row, "strength", ""))
    # Only ids that no sentence would hold as words: serotonin is both an id and a word.
    ids = [analyte for analyte in names.analytes if re.search(r"[_\d]", analyte)]
    return {
        "statement": named(str(field_of(row, "statement", "")), ids, names),
        "side": side,
        "lean": lean,
        "strength": STRENGTHS.get(strength, strength.replace("_", " ")),
        "topic": str(field_of(row, "topic", "")).replace("_", " "),
        "analytes": [names.analyte(str(analyte)) for analyte in field_of(row, "analyte_ids", ())],
        "citation": str(field_of(row, "citation", "")),
        "url": web_address(field_of(row, "url", "")),
        "labels": labels,
        "caveat": named(str(field_of(row, "caveat", "")), ids, names),
        "conflict_of_interest": str(field_of(row, "conflict_of_interest", "")),
    }


def _position(row: Any, names: Names) -> dict[str, Any]:
    stance = str(field_of(row, "stance", ""))
    return {
        "body": str(field_of(row, "body", "")),
        "stance": STANCES.get(stance, stance.replace("_", " ")),
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
    order = list(STRENGTHS.values())
    place = order.index(claim["strength"]) if claim["strength"] in order else len(order)
    return (max(map(_doubt, claim["labels"]), default=0), place)


def gather_evidence_facts(evidence: Any, names: Names) -> dict[str, Any]:
    """Return statements, positions and gaps for the analytes analysed.

    Only statements that speak to mental health and are not retracted are counted for and against. All others stand
    beside them, with the way they lean; rows keep every label (retracted, vendor, unverified) wherever they are shown.
    """
    claims = sorted((_claim(row, names) for row in field_of(evidence, "claims", ())), key=_weight)
    positions = [
        _position(row, names)
        for row in field_of(evidence, "positions", ())
        if field_of(row, "stance", "") != "not_found"
    ]
    asked = [str(analyte) for analyte in field_of(evidence, "analytes", ())]
    counted = Counter(claim["side"] for claim in claims)
    counts = {side: counted.get(side, 0) for side in SIDES}
    return {
        "analytes": [names.analyte(analyte) for analyte in asked],
        "claims": claims,
        "positions": positions,
        "none_found": [named(str(sentence), asked, names) for sentence in field_of(evidence, "none_found", ())],
        "counts": counts,
        "sentences": list(_sentences(claims, counts)),
    }


def _counted(side: str, claims: list[dict[str, Any]]) -> str:
    rows = [claim for claim in claims if claim["side"] == side]
    sold = sum("vendor" in claim["labels"] for claim in rows)
    held = f"{plural(len(rows), 'statement')} {side}" if rows else f"none {side}"
    return held + (f" ({sold} of them by test sellers)" if sold else "")


def _sentences(claims: list[dict[str, Any]], counts: dict[str, int]) -> Iterable[str]:
    if not claims:
        yield (
            "The evidence register holds no statement about the analytes analysed: its silence speaks neither for nor "
            "against them."
        )
        return
    yield (
        f"The evidence register holds {_counted('for', claims)} and {_counted('against', claims)} the use of these "
        "analytes in mental health. Counting statements is not weighing them."
    )
    beside = sum(counts[side] for side in SIDES if side not in COUNTED)
    if beside:
        retracted = counts[RETRACTED]
        yield (
            f"{plural(beside, 'more statement')} are shown but not counted: on what an amount in urine tells of the "
            "brain, on measurement, on tumours and other conditions, and on context"
            + (f"; {plural(retracted, 'retracted one')} among them." if retracted else ".")
        )
    marked = Counter(label for claim in claims for label in claim["labels"])
    if marked:
        worst_first = sorted(marked, key=lambda label: (-_doubt(label), label))
        listed = join([f"{label} ({marked[label]})" for label in worst_first], most=12)
        yield f"Statements shown with a label to be read with them: {listed}."
