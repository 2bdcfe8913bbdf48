"""Title, banners, findings, and the statement that stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recal_labs.report.html import Shown, fill
from recal_labs.report.store import Run

# Where the summary lists what was seen; the statement beside it points there instead of saying it again.
SEEN = "seen"


def show_title(run: Run) -> Shown:
    """Show the study's title and question, and every banner."""
    study = run.facts["study"]
    return Shown(fill("title.html.j2", study=study), f"{study['title']}\n{study['question']}")


def statement_box(statement: Mapping[str, Any], about: str, *, seen_at: str = "") -> Shown:
    """Show a utility statement whole.

    Parameters
    ----------
    statement : mapping
        As gathered.
    about : str
        What it speaks of.
    seen_at : str, optional
        Anchor of the list that says, in the same words, what was seen; the box then refers to it.
    """
    parts = [
        ("What was seen", [] if seen_at else statement["seen"]),
        ("What weakens it", statement["weakens"]),
        ("What it cannot show", statement["cannot_show"]),
        ("For whom", [statement["for_whom"]]),
    ]
    html = fill(
        "statement.html.j2",
        statement=statement,
        about=about,
        seen_at=seen_at,
        parts=[(head, lines) for head, lines in parts if lines],
    )
    lines = [
        statement["headline"],
        *(f"{head}: {' '.join(said)}" for head, said in parts if said),
        statement["closing"],
    ]
    return Shown(html, "\n".join(lines))


def show_summary(run: Run) -> Shown:
    """Show the findings in words, and the utility statement beside them: together they hold all it says, once."""
    findings = run.facts["findings"]
    beside = statement_box(run.facts["statement"], "associations", seen_at=SEEN)
    said = "\n".join(f"{part['about']}: {' '.join(part['sentences'])}" for part in findings)
    html = fill("summary.html.j2", findings=findings, statement=beside.html, seen_at=SEEN)
    return Shown(html, f"{said}\n{beside.text}")
