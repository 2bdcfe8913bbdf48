"""What belongs to the specimen: which of several rows stands, and what its creatinine and collection were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from recal_labs.normalise.current import KEY
from recal_labs.trace.address import line_of
from recal_labs.trace.context import Traced
from recal_labs.trace.facts import Check, Fact, Step, agree, shown
from recal_labs.trace.listing import Listing, counted, number
from recal_labs.trace.sums import daily_volume
from recal_labs.vocabulary import QC_CODES

HEADS = ("row", "value", "status", "reported at", "file and place", "")
STALE = ("withdrawn", "superseded", "duplicate", "rerun")


def _as_row(at: Traced, row: Mapping[str, Any]) -> tuple[str, ...]:
    value = f"{row['comparator'] or ''}{number(row['value'])} {row['unit'] or ''}".strip()
    standing = (
        "current" if row["current"] else next((c for c in STALE if c in (row["qc"] or "").split(";")), "not current")
    )
    here = " (this one)" if at.line(row) == at.place else ""
    return (
        f"#{line_of(at.line(row))}",
        value,
        ", replaces ".join(filter(None, (row["status"], row.get("replaces")))),
        shown(row.get("reported_at")),
        at.where(row),
        standing + here,
    )


def _same_measurement(at: Traced) -> list[dict[str, Any]]:
    """Return the rows that are the same measurement, and those that name this specimen as what they replace."""
    if at["specimen_id"] is None:
        return [dict(at.row)]
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.lit(at[name], dtype=at.person.schema[name])) for name in KEY)
    one = pl.lit(False)
    if "replaces" in at.person.columns:
        analyte = pl.col("analyte_id") == at["analyte_id"]
        one = analyte & ((pl.col("replaces") == at["specimen_id"]) | (pl.col("specimen_id") == (at["replaces"] or "")))
    return list(at.person.filter(same | one.fill_null(False)).iter_rows(named=True))


def standing_step(at: Traced) -> Step:
    """Say whether this row is the one that stands, and list the others of the same measurement."""
    rows = _same_measurement(at)
    checks = [Check("current", at["current"], at.again.get("current"))]
    if len(rows) == 1:
        alone = "It is the only row of this specimen, analyte, fraction, time point and basis"
        sentence = f"{alone}, so it is current." if at["current"] else f"{alone}, and it does not stand."
        if at["specimen_id"] is None:
            sentence = "The specimen has no id, so no other row can be taken for the same measurement."
        return Step(title="Which row stands", sentence=sentence, checks=checks)
    codes = [code for code in (at["qc"] or "").split(";") if code in STALE]
    why = f" This one does not stand: {QC_CODES.get(codes[0], codes[0])}." if codes else ""
    sentence = (
        f"{counted(len(rows), 'row')} are of this specimen, analyte, fraction, time point and basis, or say that they "
        "replace one of it. Withdrawn results never stand; a correction beats a final result, that a preliminary one; "
        f"of equals the newest stands.{why}"
    )
    listing = Listing(title="Rows of the same measurement", columns=HEADS, rows=[_as_row(at, row) for row in rows])
    return Step(title="Which row stands", sentence=sentence, listing=listing, checks=checks)


def _source_of(at: Traced, analyte: str, stored: float | None) -> dict[str, Any] | None:
    """Return the current row of the specimen whose quantity is the stored number, its own time of day first."""
    rows = [row for row in at.specimen_rows(analyte) if row["current"] and agree(stored, at.quantity(row))]
    rows.sort(key=lambda row: row["timepoint"] != at["timepoint"])
    return rows[0] if rows else None


def _from_the_day(at: Traced, stored: float) -> tuple[list[Fact], list[Check], str] | None:
    """Return what is said of a creatinine that the lab reported per 24 h only; None where there is no such thing."""
    of_day, volume = at["creatinine_g_per_day"], daily_volume(at.row)
    if of_day is None or volume is None or at.row["creatinine_g_per_l"] != stored:
        return None
    facts = [Fact("creatinine", stored, "g/L"), Fact("  reported per 24 h", of_day, "g"), Fact("  in", volume, "L")]
    sentence = "The lab reported creatinine per 24 h; divided by the volume of urine it is a concentration."
    return facts, [Check("creatinine_g_per_l", stored, of_day / volume)], sentence


def _control(at: Traced, analyte: str, column: str, unit: str, basis: str) -> tuple[list[Fact], list[Check], str]:
    """Return what is said of one measure of dilution: facts, the check of the number, a sentence."""
    stored, called = at[column], analyte.replace("_", " ")
    rows = [row for row in at.specimen_rows(analyte) if row["reported_basis"] == basis]
    if stored is None:
        lacking = f"The specimen has no usable {called}" + (" (none of its rows stands)." if rows else ".")
        return [], [], lacking
    source = _source_of(at, analyte, stored)
    if source is None and (spread := _from_the_day(at, stored)):
        return spread
    if source is None:
        worked = next((at.quantity(row) for row in rows if row["current"]), None)
        return [Fact(called, stored, unit)], [Check(column, stored, worked)], f"No current row gives this {called}."
    value = f"{source['comparator'] or ''}{number(source['value'])} {source['unit']}"
    facts = [
        Fact(called, stored, unit),
        Fact("  as reported", value),
        Fact("  at", f"{at.where(source)} (#{line_of(at.line(source))})"),
    ]
    others = len([row for row in rows if row["timepoint"] == source["timepoint"]]) - 1
    several = (
        f"{counted(others, 'other row')} of the specimen's {called} did not stand or belongs to it too."
        if others
        else ""
    )
    bounded = f"The {called} is only bounded, and so is what is divided by it." if source["comparator"] else ""
    return facts, [Check(column, stored, at.quantity(source))], " ".join(part for part in (several, bounded) if part)


def specimen_step(at: Traced) -> Step:
    """Say what the specimen's own creatinine, specific gravity, volume and duration are, and where they came from."""
    facts, checks, said = _control(at, "creatinine", "creatinine_g_per_l", "g/L", "per_volume")
    sentences = [said]
    if at["specific_gravity"] is not None or at.specimen_rows("specific_gravity"):
        more, also, said = _control(at, "specific_gravity", "specific_gravity", "", "as_reported")
        facts, checks = [*facts, *more], [*checks, *also]
        sentences.append(said)
    for column, label, unit in (("collection_volume_l", "volume", "L"), ("collection_hours", "duration", "h")):
        if at[column] is not None:
            facts.append(Fact(label, at[column], unit))
    facts.insert(0, Fact("specimen", at["specimen"]))
    return Step(title="The specimen", sentence=" ".join(filter(None, sentences)), inputs=facts, checks=checks)


def dilution_step(at: Traced) -> Step:
    """Say what the specimen's creatinine was judged to be."""
    low, high = at.choices.creatinine_limits_g_per_l
    creatinine = at["creatinine_g_per_l"]
    meaning = {
        "ok": "within the accepted limits",
        "too_dilute": "below the accepted limits; it is flagged, not removed",
        "too_concentrated": "above the accepted limits; it is flagged, not removed",
        "unknown": "not known, or bounded so that the limits do not decide",
    }
    inputs = [Fact("accepted creatinine", f"{number(low)} to {number(high)}", "g/L")]
    if at["specific_gravity"] is not None:
        inputs.append(Fact("accepted gravity", f"{number(at.choices.specific_gravity_min)} or more"))
    if creatinine is not None:
        inputs.insert(0, Fact("creatinine", creatinine, "g/L"))
    return Step(
        title="Dilution",
        sentence=f"The specimen's creatinine is {meaning.get(at['dilution'], 'judged')}.",
        inputs=inputs,
        output=Fact("dilution", at["dilution"]),
        checks=[Check("dilution", at["dilution"], at.again.get("dilution"))],
    )
