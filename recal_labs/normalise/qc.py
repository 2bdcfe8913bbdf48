"""The quality codes of a row: what could not be placed and why, what should be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue
from recal_labs.choices import Choices
from recal_labs.normalise.basis import SPECIFIC_GRAVITY, uses_creatinine
from recal_labs.normalise.completeness import completeness_conditions
from recal_labs.normalise.dilution import (
    excreted_volume_l,
    has_usable_gravity,
    is_gravity_low,
    is_timed,
    is_usable_gravity,
)
from recal_labs.normalise.dilution_apply import fitted_conditions
from recal_labs.normalise.flags import Flagged, flag_conditions
from recal_labs.normalise.units import AS_REPORTED, PER_24H
from recal_labs.vocabulary import SPECIMENS


def _conditions(catalogue: Catalogue, choices: Choices) -> dict[str, Any]:
    """Return each code with the expression that is true where it applies."""
    missing = nw.col("amount").is_null() | nw.col("position_amount").is_null()
    divided = uses_creatinine(nw.col("basis")) | uses_creatinine(nw.col("position_basis"))
    readable = ~nw.col("reported_basis").is_null()
    per_day, as_reported = nw.col("reported_basis") == PER_24H, nw.col("reported_basis") == AS_REPORTED
    by_day = [per_day != (nw.col(name) == PER_24H) for name in ("basis", "position_basis")]
    # A single void that is asked for an amount per 24 h lacks the volume, too, and so does one that was sent so.
    crossing = is_timed() & ~per_day | missing & nw.any_horizontal(*by_day, ignore_nulls=True)
    no_volume = crossing & ~as_reported & excreted_volume_l().is_null()
    gravity = nw.col("basis") == SPECIFIC_GRAVITY
    with_fraction = [analyte.id for analyte in catalogue.analytes.values() if analyte.fraction_matters]
    matched = nw.col("reference_match") != "none"
    two_sided = (nw.col("reference_low") > 0).fill_null(False) & ~nw.col("reference_high").is_null()
    spot = ~is_timed()
    return {
        "creatinine_censored": divided & (nw.col("creatinine_comparator") != ""),
        "duplicate": nw.col("stale") == "duplicate",
        "fraction_unstated": nw.col("analyte_id").is_in(with_fraction) & (nw.col("fraction") == "unspecified"),
        "lower_limit_assumed": nw.col("_lower_assumed"),
        "no_canonical_unit": nw.col("reported_basis").is_null(),
        "no_creatinine": missing & divided & readable & nw.col("creatinine_g_per_l").is_null(),
        "no_interval": ~matched,
        "no_specific_gravity": gravity & readable & ~has_usable_gravity(),
        "no_value": nw.col("value").is_null(),
        "no_volume": no_volume,
        "not_positive": nw.col("amount") <= 0,
        "one_sided_reference": matched & ~two_sided & ~nw.col("_lower_assumed"),
        "rerun": nw.col("stale") == "rerun",
        "several_creatinines": nw.col("_creatinines") > 1,
        "specific_gravity_censored": gravity & readable & (nw.col("_gravity_comparator") != ""),
        "specific_gravity_impossible": (nw.col("analyte_id") == SPECIFIC_GRAVITY) & ~is_usable_gravity(nw.col("value")),
        "specific_gravity_low": spot & is_gravity_low(choices),
        "superseded": nw.col("stale") == "superseded",
        "too_concentrated": spot & (nw.col("dilution") == "too_concentrated"),
        "too_dilute": spot & (nw.col("dilution") == "too_dilute"),
        "unit_suspect": nw.col("_unit_suspect"),
        "unknown_analyte": ~nw.col("analyte_id").is_in(list(catalogue.analytes)),
        "unknown_age": nw.col("_needs_age"),
        "unknown_sex": nw.col("_needs_sex"),
        "unknown_specimen": ~nw.col("specimen").is_in(list(SPECIMENS)),
        "withdrawn": nw.col("stale") == "withdrawn",
    }


def add_qc(
    frame: nw.LazyFrame[Any], catalogue: Catalogue, choices: Choices, flagged: Sequence[Flagged] = ()
) -> nw.LazyFrame[Any]:
    """Add ``qc``: the codes that apply, sorted, joined by ``;``, empty when there are none."""
    conditions = _conditions(catalogue, choices)
    conditions |= completeness_conditions(frame, catalogue) | fitted_conditions(choices) | flag_conditions(flagged)
    codes = [nw.when(condition.fill_null(False)).then(nw.lit(code)) for code, condition in sorted(conditions.items())]
    return frame.with_columns(qc=nw.concat_str(codes, separator=";", ignore_nulls=True).fill_null(""))
