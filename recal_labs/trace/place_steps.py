"""Where the result stands: the interval that was chosen and why, the logarithmic position, L, N or H."""

from __future__ import annotations

import math
from typing import Any

from recal_labs.catalogue import Interval
from recal_labs.choices import REPORTED_BY_LAB
from recal_labs.normalise.position import ASSUMED_SHARE, WIDTH_IN_SD, zlog
from recal_labs.normalise.units import amount_unit
from recal_labs.trace.context import Traced
from recal_labs.trace.facts import Check, Fact, Step
from recal_labs.trace.intervals import Candidate, candidates
from recal_labs.trace.listing import Listing, counted, number, plain
from recal_labs.trace.sums import on_basis

MOST_LISTED = 12
ASSUMED = "lower_limit_assumed"
VERDICTS = {
    "L": "below the interval",
    "N": "within the interval",
    "H": "above the interval",
    "IND": "not decided, for censoring leaves it open",
    "": "not placed",
}


def limits(low: float | None, high: float | None, digits: int = 12) -> str:
    """Return an interval in words: ``1.8 to 6.7``, ``up to 250``, ``from 5``."""
    if low is None:
        return "no limits" if high is None else f"up to {number(high, digits)}"
    return f"from {number(low, digits)}" if high is None else f"{number(low, digits)} to {number(high, digits)}"


def position_step(at: Traced) -> Step:
    """Say what is held against the interval: the same quantity on the basis that intervals are made on."""
    basis, analyte = at["position_basis"], at.analyte
    unit = "" if analyte is None or at["reported_basis"] is None else amount_unit(analyte, at["reported_basis"])
    target = "" if analyte is None or not basis else amount_unit(analyte, basis)
    worked = on_basis(at.quantity(), at.row, basis or "", unit)
    printed = at["reference_source"] == REPORTED_BY_LAB
    sentence = (
        "The lab's own printed range is for the result as it was reported."
        if printed
        else "Intervals are per 24 h for timed collections and per creatinine for single voids, whatever is analysed."
    )
    stored = at["position_amount"]
    if worked.lacks:
        sentence += f" There is nothing to place, for this is missing: {', '.join(worked.lacks)}."
    # Where value and creatinine are censored on opposite sides, there is a sum and no position.
    open_ended = stored is None and worked.value is not None and at.again.get("position_amount") is None
    return Step(
        title="What is compared with the interval",
        sentence=sentence,
        formula=worked.result(target) if basis else "",
        output=Fact("position amount", f"{at['position_comparator'] or ''}{number(stored)}", target),
        checks=[
            Check("position_basis", basis, at.again.get("position_basis")),
            *([] if open_ended else [Check("position_amount", stored, worked.value)]),
        ],
    )


def _described(interval: Interval) -> str:
    sex = {"any": "both sexes"}.get(interval.sex, interval.sex)
    low, high = (None if math.isnan(age) else number(age) for age in (interval.age_low, interval.age_high))
    if low is None and high is None:
        age = "no age printed"
    else:
        age = f"{low or '0'} years and over" if high is None else f"{low or '0'} to below {high} years"
    extra = [interval.condition, "" if interval.fraction == "unspecified" else interval.fraction]
    return ", ".join(part for part in (sex, age, *extra) if part)


def _row(candidate: Candidate) -> tuple[str, ...]:
    return (
        candidate.interval.source_id,
        candidate.interval.quality,
        limits(candidate.low, candidate.high, 6),
        _described(candidate.interval),
        candidate.why,
    )


def _stored_limits(at: Traced) -> tuple[float | None, float | None]:
    return at["reference_low"], at["reference_high"]


def _source_facts(at: Traced, chosen: Candidate) -> list[Fact]:
    interval = chosen.interval
    source = at.catalogue.sources.get(interval.source_id)
    low, high = (None if math.isnan(limit) else limit for limit in (interval.lower, interval.upper))
    facts = [
        Fact("printed limits", limits(low, high), interval.unit),
        Fact("for", f"{interval.specimen}, {_described(interval)}"),
        Fact("line", f"reference_intervals.csv:{interval.line}"),
    ]
    if source is not None:
        facts += [
            Fact("source", f"{source.title} ({', '.join(filter(None, (source.publisher, source.year)))})"),
            Fact("link", source.link),
            Fact("quality", source.quality),
        ]
    if interval.note:
        facts.append(Fact("note", interval.note))
    if chosen.factor != 1.0:
        facts.append(Fact("factor", chosen.factor, f"{at['reference_unit']} per {interval.unit}"))
    return facts


def interval_step(at: Traced) -> Step:
    """Say which interval was chosen, why that one, and which others fitted or were left aside."""
    match, stored = at["reference_match"], _stored_limits(at)
    checks = [Check("reference_source", at["reference_source"], at.again.get("reference_source"))]
    if match == REPORTED_BY_LAB:
        return _printed_interval(at)
    fits, aside = candidates(at)
    listed = [_row(candidate) for candidate in (*fits[1:], *aside)][:MOST_LISTED]
    more = len(fits[1:]) + len(aside) - len(listed)
    listing = None
    if listed:
        unit = at["reference_unit"] or next(candidate.unit for candidate in (*fits, *aside))
        note = f"and {counted(more, 'more interval')}" if more else ""
        heads = ("source", "quality", "limits", "for", "because")
        listing = Listing(title=f"Passed over (limits in {unit})", columns=heads, rows=listed, note=note)
    if not fits:
        why = "No interval of the catalogue at hand fits analyte, specimen, basis, sex, age and fraction."
        why += _not_known(aside)
        checks += [Check("reference_low", stored[0], None), Check("reference_high", stored[1], None)]
        return Step(title="Reference interval", sentence=why, listing=listing, checks=checks)
    chosen = fits[0]
    checks += [
        Check("reference_source", at["reference_source"], chosen.interval.source_id),
        Check("reference_low", stored[0], chosen.low),
        Check("reference_high", stored[1], chosen.high),
    ]
    only = len(fits) == 1
    sentence = (
        "It is the only one that fits." if only else f"{len(fits)} fit; the first by rule is taken: {chosen.why}."
    )
    age = "no age" if at["age_years"] is None else f"age {number(at['age_years'], 6)}"
    sentence += f" Looked up for {at['sex'] or 'unknown sex'}, {age}, {at['specimen']}, {at['position_basis']}."
    return Step(
        title="Reference interval",
        sentence=sentence,
        inputs=_source_facts(at, chosen),
        output=Fact("interval", limits(*stored), at["reference_unit"] or ""),
        listing=listing,
        checks=checks,
    )


def _not_known(aside: list[Candidate]) -> str:
    """Say how many intervals wait for nothing but an age or a sex that is not known."""
    waiting = [candidate.lacks for candidate in aside if candidate.lacks]
    if not waiting:
        return ""
    lacks = " or the ".join(dict.fromkeys(waiting))
    one = len(waiting) == 1
    return f" {counted(len(waiting), 'interval')} would fit in all else, and {'needs' if one else 'need'} the {lacks}."


def _printed_interval(at: Traced) -> Step:
    conversion = at.conversion()
    factor = None if conversion is None else conversion.factor
    printed = [at["reported_low"], at["reported_high"]]
    low, high = (None if limit is None or factor is None else limit * factor for limit in printed)
    printed_words = plain(at["reported_range"] or "")
    return Step(
        title="Reference interval",
        sentence=f'The range that the lab printed, "{printed_words}": range_sources names it before any other source '
        "that has an interval here.",
        output=Fact("interval", limits(*_stored_limits(at)), at["reference_unit"] or ""),
        checks=[Check("reference_low", at["reference_low"], low), Check("reference_high", at["reference_high"], high)],
    )


def _scale(at: Traced) -> tuple[float | None, str, str]:
    """Return zlog worked out again, its formula, and a sentence on the limits it was worked out from."""
    amount, (low, high) = at["position_amount"], _stored_limits(at)
    assumed = ASSUMED in (at["qc"] or "").split(";")
    if at["zlog"] is None or high is None or (low is None and not assumed):
        return None, "", _no_zlog(at)
    lower = high * ASSUMED_SHARE if assumed or low is None else low
    said = f"As was asked for, {ASSUMED_SHARE:.0%} of the upper limit stand for the lower one." if assumed else ""
    worked = float(zlog(amount, lower, high))
    centre, spread = (math.log(lower) + math.log(high)) / 2, (math.log(high) - math.log(lower)) / WIDTH_IN_SD
    formula = (
        f"(ln {number(amount)} - m) / s = {number(worked)}, where m = (ln low + ln high) / 2 = {number(centre)} and "
        f"s = (ln high - ln low) / {WIDTH_IN_SD} = {number(spread)}"
    )
    return worked, formula, said


def _no_zlog(at: Traced) -> str:
    low, high = _stored_limits(at)
    if at["position_amount"] is None:
        return "There is no zlog, for there is nothing to place."
    if low is None and high is None:
        return "There is no zlog, for there is no interval."
    if at["position_comparator"]:
        return "There is no zlog of a censored value."
    if not low or high is None or low >= high:
        return "There is no zlog, for that needs a positive lower limit and an upper one."
    return "There is no zlog of an amount that is not positive."


def place_step(at: Traced) -> Step:
    """Say where the result stands: zlog, ratio to the midpoint, and L, N, H or IND."""
    amount, (low, high) = at["position_amount"], _stored_limits(at)
    worked, formula, said = _scale(at)
    exact = amount is not None and not at["position_comparator"]
    ratio = amount / math.sqrt(low * high) if exact and low and high and 0 < low < high else None
    verdict = at["interpretation"] or ""
    held = f"{at['position_comparator'] or ''}{number(amount)}"
    if amount is None:
        held = "A quotient of which only bounds are known" if verdict == "IND" else "Nothing to hold"
    where = f"{held} against {limits(low, high)} {at['reference_unit'] or ''}"
    sentence = f"{where.strip()}: {VERDICTS.get(verdict, verdict)}." if low is not None or high is not None else ""
    outputs = [Fact("zlog", at["zlog"]), Fact("midpoint ratio", at["midpoint_ratio"])]
    return Step(
        title="Place against the interval",
        sentence=" ".join(part for part in (sentence, said) if part),
        inputs=[fact for fact in outputs if fact.value is not None],
        formula=formula,
        output=Fact("interpretation", verdict or "none"),
        checks=[
            Check("zlog", at["zlog"], worked),
            Check("midpoint_ratio", at["midpoint_ratio"], ratio),
            Check("interpretation", verdict, at.again.get("interpretation")),
        ],
    )


def printed_step(at: Traced) -> Step | None:
    """Say where the value stands against the range that the lab printed beside it; None where it printed none."""
    low, high = at["reported_low"], at["reported_high"]
    if low is None and high is None:
        return None
    verdict: Any = at["lab_interpretation"] or ""
    value = f"{at['comparator'] or ''}{number(at['value'])}"
    sentence = f"{value} against {limits(low, high)} {at['unit'] or ''}: {VERDICTS.get(verdict, verdict)}."
    flag = at["reported_flag"]
    sentence += f' The lab\'s own flag is "{plain(flag)}".' if flag else " The lab printed no flag."
    return Step(
        title="Place against the lab's own range",
        sentence=sentence,
        output=Fact("lab_interpretation", verdict or "none"),
        checks=[Check("lab_interpretation", verdict, at.again.get("lab_interpretation"))],
    )
