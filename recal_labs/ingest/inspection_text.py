"""What an inspection shows: lines for a terminal, in which no name is cut, and a page for a notebook."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from recal_labs.vocabulary import REJECT_REASONS

if TYPE_CHECKING:
    from recal_labs.ingest.inspecting import Inspection

FIRST = 5
# Where the reasons begin, below the columns' names.
INDENT = 4
# Of a moment as text, by how precise it is.
LENGTHS = {"minute": 16, "day": 10, "month": 7}


def _wrapped(text: str, width: int, indent: int = 0, further: int | None = None) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent if further is None else further),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _column_lines(found: Inspection, width: int) -> Iterator[str]:
    for row in found.columns.to_dict("records"):
        name = row["column"] or "(no name)"
        if row["confidence"] == "not used":
            yield from _wrapped(f"{name}: not used", width, 2, INDENT)
        else:
            yield from _wrapped(f"{name}: {row['read_as']}, {row['confidence']}", width, 2, INDENT)
        yield from _wrapped(f"{row['reason']}.", width, INDENT)


def _texts(*parts: Any) -> list[str]:
    """Return the parts that are texts; pandas writes a missing one as a number."""
    return [part for part in parts if isinstance(part, str) and part]


def _result_text(row: Mapping[Any, Any]) -> str:
    length = LENGTHS.get(row["collected_precision"], 0)
    printed = _texts(row["reported_name"], row["reported_value"], row["reported_unit"])
    whose = _texts(row["subject_id"], str(row["collected_at"])[:length], row["specimen"])
    amount = f"{row['comparator']}{row['value']:g} {row['unit']}"
    return f"{row['source_place']}: {' '.join(printed)} -> {row['analyte_id']} {amount} ({', '.join(whose)})"


def _result_lines(found: Inspection, width: int) -> Iterator[str]:
    shown = found.results.head(FIRST)
    # A deletion has no number.
    for row in shown[shown["value"].notna()].to_dict("records"):
        yield from _wrapped(_result_text(row), width, 2, INDENT)


def _reject_lines(found: Inspection, width: int) -> Iterator[str]:
    for reason, count in found.rejects["reason"].value_counts().items():
        first = found.rejects[found.rejects["reason"] == reason].iloc[0]
        yield from _wrapped(f"{count} {reason}: {REJECT_REASONS[str(reason)]}.", width, 2, INDENT)
        yield from _wrapped(f"{first['source_place']}: {first['detail'].rstrip('.')}.", width, INDENT)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def inspection_lines(found: Inspection, width: int = 80) -> list[str]:
    """Return an inspection as lines: what it is, its columns, its first results, its rejects by reason."""
    made = _wrapped(f"{found.name}: {found.kind}.", width)
    for note in found.notes:
        made += _wrapped(note, width)
    if len(found.columns):
        made += ["", "Columns, what they are read as, how sure that is, and why:", *_column_lines(found, width)]
    total = len(found.results)
    made += ["", f"Read with the proposed profile: {_count(total, 'result')}{', the first of them:' if total else '.'}"]
    made += _result_lines(found, width)
    rejected = len(found.rejects)
    made += ["", f"Would be rejected: {rejected:,}{', by reason, with the first of each:' if rejected else '.'}"]
    made += _reject_lines(found, width)
    return made


def inspection_html(found: Inspection) -> str:
    """Return an inspection for a notebook."""
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in found.notes)
    counts = f"{_count(len(found.results), 'result')}, {_count(len(found.rejects), 'reject')}"
    return (
        f"<p>{html.escape(found.name)}: {html.escape(found.kind)}. {counts}.</p><ul>{notes}</ul>"
        f"{found.columns.to_html(index=False)}<pre>{html.escape(found.profile_toml)}</pre>"
    )
