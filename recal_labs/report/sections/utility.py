"""Is this clinically useful? It is debated: statements for and against, with their sources and labels."""

from __future__ import annotations

from typing import Any

from recal_labs.report.html import Column, Shown, fill, link, listing, paragraphs, stack, table
from recal_labs.report.store import Run

HEADINGS = {
    "for": "For its use",
    "against": "Against its use",
    "brain origin": "Not counted: does the amount in urine tell of the brain?",
    "measurement": "Not counted: how well, and how steadily, is it measured?",
    "other conditions": "Not counted: tumours and other conditions",
    "no analyte of a panel": "Not counted: benchmarks without an analyte of these panels",
    "context": "Not counted: context",
    "retracted": "Not counted: retracted work",
}

# As many of either side stand open: neither looks stronger for being listed longer. The rest unfolds.
CLAIMS_SHOWN = {"for": 5, "against": 5}
OTHERS_SHOWN = 2


def show_utility(run: Run) -> Shown:
    """Show the debate for the analytes analysed; both sides get the same room."""
    facts = run.facts["utility"]
    sides: list[dict[str, Any]] = [
        {
            "heading": heading,
            "shown": CLAIMS_SHOWN.get(side, OTHERS_SHOWN),
            "claims": [_leaning(claim) for claim in facts["claims"] if claim["side"] == side],
        }
        for side, heading in HEADINGS.items()
    ]
    shown = [side for side in sides if side["claims"] or side["heading"] in ("For its use", "Against its use")]
    debate = Shown(
        fill("claims.html.j2", sides=shown),
        "\n".join(f"{side['heading']}: {len(side['claims'])} statements" for side in shown),
    )
    gaps = listing(facts["none_found"]) if facts["none_found"] else None
    return stack(paragraphs(facts["sentences"]), debate, gaps, _bodies(run))


def _leaning(claim: dict[str, Any]) -> dict[str, Any]:
    """Return a statement outside the count with the way it leans before the kind of its source."""
    return claim | {"strength": " · ".join(part for part in (claim["lean"], claim["strength"]) if part)}


def _bodies(run: Run) -> Shown | None:
    facts = run.facts["utility"]
    if not facts["positions"]:
        return None
    rows = [
        {
            "body": position["body"],
            "stance": position["stance"] + "".join(f" [{label}]" for label in position["labels"]),
            "summary": position["summary"],
            "document": link(position["url"], position["document"]),
        }
        for position in facts["positions"]
    ]
    columns = (
        Column("body", "Body", "head"),
        Column("stance", "Stance"),
        Column("summary", "In short", "long"),
        Column("document", "Document", "long"),
    )
    return table(
        rows,
        columns,
        key="bodies",
        number=run.numbers["table:bodies"],
        caption="What professional bodies, insurers, labs and vendors say.",
    )
