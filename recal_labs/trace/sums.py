"""The sums of a trace, with their numbers put in: from a quantity to another basis, one operation after the other.

`normalise` works them out as expressions over columns; here each is done again with one row's own numbers, so that what
is printed is what was computed. The formulas and their sources stand in docs/normalisation.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recal_labs.choices import Choices
from recal_labs.normalise.basis import CONDITIONAL, COVARIATE_ADJUSTED, POWER_FUNCTIONAL, SPECIFIC_GRAVITY
from recal_labs.normalise.dilution_fit import DilutionFit
from recal_labs.normalise.dilution_models import INTERCEPT, LOG_CREATININE, LOGARITHMS, DilutionModel
from recal_labs.normalise.units import AS_REPORTED, PER_24H, PER_CREATININE, PER_VOLUME
from recal_labs.trace.listing import number, with_unit


@dataclass
class Sum:
    """A running sum: its value, and its text; the value is None as soon as something that it needs is missing."""

    value: float | None
    text: str
    lacks: list[str] = field(default_factory=list)
    steps: int = 0

    def times(self, factor: float | None, label: str) -> Sum:
        """Multiply by a number."""
        return self._next("x", factor, label, lambda a, b: a * b)

    def over(self, divisor: float | None, label: str) -> Sum:
        """Divide by a number."""
        return self._next("/", divisor, label, lambda a, b: a / b if b else math.nan)

    def _next(self, mark: str, other: float | None, label: str, work: Any) -> Sum:
        if other is None:
            return Sum(None, f"{self.text} {mark} ({label})", [*self.lacks, label], self.steps + 1)
        value = None if self.value is None else work(self.value, other)
        return Sum(value, f"{self.text} {mark} {number(other)} ({label})", self.lacks, self.steps + 1)

    def result(self, unit: str) -> str:
        """Return the whole sum in one line; a number that nothing was done to says so."""
        if not self.steps:
            return f"{self.text}, as reported" if self.value is not None else ""
        return f"{self.text} = {with_unit(number(self.value), unit)}" if self.value is not None else self.text


def daily_volume(row: Mapping[str, Any]) -> float | None:
    """Return the urine of 24 h in litres, from a timed collection's volume and duration."""
    volume, hours = row.get("collection_volume_l"), row.get("collection_hours")
    return volume * 24.0 / hours if volume and hours and volume > 0 and hours > 0 else None


def on_basis(quantity: float | None, row: Mapping[str, Any], target: str, unit: str) -> Sum:
    """Return the sum that brings a quantity from the basis on which it was reported to another.

    Parameters
    ----------
    quantity : float or None
        In `unit`, on the row's ``reported_basis``.
    row : mapping
        Its creatinine in g/L, and volume and duration of a timed collection.
    target : {"per_volume", "per_creatinine", "per_24h", "as_reported"}
    unit : str
        Of the quantity.
    """
    reported = row["reported_basis"]
    start = Sum(None, "(quantity)", ["a quantity"]) if quantity is None else Sum(quantity, f"{number(quantity)} {unit}")
    if target in (reported, AS_REPORTED):
        return start
    creatinine, volume, of_day = row["creatinine_g_per_l"], daily_volume(row), row.get("creatinine_g_per_day")
    if {reported, target} == {PER_24H, PER_CREATININE} and of_day and (creatinine is None or volume is None):
        called = "creatinine in g per 24 h"
        return start.over(of_day, called) if target == PER_CREATININE else start.times(of_day, called)
    if reported == PER_CREATININE:
        start = start.times(creatinine, "creatinine in g/L")
    elif reported == PER_24H:
        start = start.over(volume, "urine of 24 h in L")
    if target == PER_CREATININE:
        return start.over(creatinine, "creatinine in g/L")
    return start.times(volume, "urine of 24 h in L") if target == PER_24H else start


def _design(row: Mapping[str, Any], term: str) -> float | None:
    """Return what a term of a fitted model multiplies; None where it is not known."""
    if term == LOG_CREATININE:
        creatinine = row["creatinine_g_per_l"]
        return math.log(creatinine) if creatinine and creatinine > 0 else None
    if term == "sex_male":
        return {"male": 1.0, "female": 0.0}.get(row["sex"])
    value = row.get(LOGARITHMS.get(term, term))
    if value is None or term not in LOGARITHMS:
        return None if value is None else float(value)
    return math.log(value) if value > 0 else None


def predicted(model: DilutionModel, row: Mapping[str, Any]) -> Sum:
    """Return what a fitted model expects for a row, on the scale of natural logarithms, as a sum of its terms."""
    total, parts, lacks = model.estimate(INTERCEPT), [number(model.estimate(INTERCEPT))], []
    for term in model.terms:
        if term.name == INTERCEPT:
            continue
        value = _design(row, term.name)
        parts.append(f"{number(term.estimate)} x {number(value) if value is not None else '(missing)'} ({term.name})")
        if value is None:
            lacks.append(term.name)
        else:
            total += term.estimate * value
    return Sum(None if lacks else total, " + ".join(parts), lacks, len(parts))


def model_for(fit: DilutionFit | None, row: Mapping[str, Any], fraction: str) -> DilutionModel | None:
    """Return the model of a fit that serves a row, or None."""
    if fit is None:
        return None
    if fit.basis == COVARIATE_ADJUSTED:
        return fit.models[0]
    key = (row["analyte_id"], fraction)
    return next((model for model in fit.fitted if (model.analyte_id, model.fraction) == key), None)


def corrected(
    quantity: float | None, row: Mapping[str, Any], choices: Choices, unit: str, model: DilutionModel | None
) -> Sum:
    """Return the sum of a correction that starts from the concentration."""
    basis = row["basis"]
    if basis == SPECIFIC_GRAVITY:
        gravity, wanted = row["specific_gravity"], choices.specific_gravity_reference
        start = on_basis(quantity, row, PER_VOLUME, unit).times(wanted - 1.0, f"{number(wanted)} less 1")
        label = "specific gravity less 1" if gravity is None else f"specific gravity {number(gravity)} less 1"
        return start.over(None if gravity is None else gravity - 1.0, label)
    if model is None:
        return Sum(None, f"{number(quantity)} {unit}", ["a fitted model"])
    expected = predicted(model, row)
    factor = None if expected.value is None else math.exp(expected.value)
    if basis == COVARIATE_ADJUSTED:
        return on_basis(quantity, row, PER_CREATININE, unit).times(factor, "creatinine expected of the person in g/L")
    start = on_basis(quantity, row, PER_VOLUME, unit)
    if basis == POWER_FUNCTIONAL:
        creatinine, power = row["creatinine_g_per_l"], model.estimate(LOG_CREATININE)
        divisor = creatinine**power if creatinine else None
        return start.over(divisor, f"creatinine {number(creatinine)} g/L to the power {number(power)}")
    if basis == CONDITIONAL:
        return start.over(factor, f"{model.unit} expected at this creatinine")
    return Sum(None, start.text, [f"a rule for the basis {basis}"])
