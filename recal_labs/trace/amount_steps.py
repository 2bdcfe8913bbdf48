"""From the quantity to the amount that is analysed: basis, formula with the numbers put in, censoring carried."""

from __future__ import annotations

from recal_labs.normalise.basis import BY_CONCENTRATION
from recal_labs.normalise.units import AS_REPORTED, SUFFIX
from recal_labs.normalise.units import amount_unit as unit_on
from recal_labs.trace.context import Traced
from recal_labs.trace.facts import Check, Fact, Step
from recal_labs.trace.listing import number
from recal_labs.trace.sums import Sum, corrected, model_for, on_basis, predicted
from recal_labs.vocabulary import BASES, COMPARATORS


def _unit(at: Traced) -> str:
    analyte, reported = at.analyte, at["reported_basis"]
    return "" if analyte is None or reported is None else unit_on(analyte, reported)


def _wanted_unit(at: Traced) -> str:
    """Return the unit that the amount would have."""
    analyte, basis = at.analyte, at["basis"]
    return unit_on(analyte, basis) if analyte is not None and (basis in SUFFIX or basis == AS_REPORTED) else ""


def _why(at: Traced) -> str:
    """Say why the amount is on its basis."""
    basis, asked = at["basis"], at.choices.basis
    called = BASES.get(basis, basis or "nothing")
    if basis == AS_REPORTED:
        return f"It is {called}."
    kind = "timed collections" if basis == "per_24h" else "specimens that are not timed"
    whose = f" of {kind}" if asked == "by_specimen" else ""
    exempt = at["analyte_id"] == "creatinine" or (asked in BY_CONCENTRATION and basis != asked)
    own = " It is itself a measure of dilution, so it is not corrected by one." if exempt else ""
    return f"By the choice basis = {asked} the amount{whose} is: {called}.{own}"


def _worked(at: Traced) -> tuple[Sum, list[Fact]]:
    """Return the sum of the amount, and what a fitted model has to do with it."""
    basis, quantity = at["basis"], at.quantity()
    if basis not in BY_CONCENTRATION:
        return on_basis(quantity, at.row, basis or "", _unit(at)), []
    fraction = at["fraction"] if at.analyte is not None and at.analyte.fraction_matters else "unspecified"
    model = model_for(at.fit, at.row, fraction)
    facts = []
    if model is not None and at.fit is not None:
        expected = predicted(model, at.row)
        facts = [Fact("fitted on", at.fit.sample), Fact("expected logarithm", expected.result(""))]
        if model.sd is not None:
            facts.append(Fact("residual SD", model.sd, "log units"))
    return corrected(quantity, at.row, at.choices, _unit(at), model), facts


def _censoring(at: Traced, amount: str, comparator: str, low: str, high: str) -> str:
    """Say how far the amount is known, when it is not known exactly."""
    mark = at[comparator] or ""
    upper = "without an upper bound" if at[high] is None else f"at most {number(at[high])}"
    if at[amount] is None and at[low] is not None:
        return f"Value and creatinine are censored on opposite sides: only bounds are known, from {number(at[low])}."
    if not mark:
        return ""
    carried = " (carried over from what it is worked out from)" if mark != (at["comparator"] or "") else ""
    return (
        f"Censored: {COMPARATORS.get(mark, mark)}{carried}; the true amount is at least {number(at[low])} and {upper}."
    )


def amount_step(at: Traced) -> Step:
    """Say how the amount was worked out: basis, formula, numbers, and what censoring leaves of it."""
    worked, facts = _worked(at)
    stored, unit = at["amount"], at["amount_unit"] or ""
    bounded = stored is None and at["amount_low"] is not None
    sentence = _why(at)
    if worked.lacks:
        sentence += f" There is no amount, for this is missing: {', '.join(worked.lacks)}."
    if censored := _censoring(at, "amount", "amount_comparator", "amount_low", "amount_high"):
        sentence += f" {censored}"
    checks = [Check("basis", at["basis"], at.again.get("basis"))]
    if not bounded:
        # Both sides of a quotient that may be anything leave bounds, and no amount to hold against.
        checks.append(Check("amount", stored, worked.value))
    if at["conditional_z"] is not None:
        facts.append(Fact("SD score", at["conditional_z"], "= ln(amount) / residual SD"))
    return Step(
        title="Amount, what is analysed",
        sentence=sentence,
        inputs=facts,
        formula=worked.result(unit or _wanted_unit(at)) if at["basis"] else "",
        output=Fact("amount", f"{at['amount_comparator'] or ''}{number(stored)}", unit),
        checks=checks,
    )
