"""The quality codes of a row: what could not be placed and why, what should be looked at."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue
from recal_labs.normalise.dilution import COLLECTION_HOURS, COLLECTION_VOLUME_L, is_timed
from recal_labs.normalise.reference import UNKNOWN_AGE
from recal_labs.normalise.units import AS_REPORTED, PER_24H, PER_CREATININE
from recal_labs.vocabulary import SPECIMENS


def _conditions(catalogue: Catalogue) -> dict[str, Any]:
    """Return each code with the expression that is true where it applies."""
    missing = nw.col("amount").is_null() | nw.col("position_amount").is_null()
    needs_creatinine = missing & (
        ((nw.col("basis") == PER_CREATININE) | (nw.col("position_basis") == PER_CREATININE))
        | (nw.col("reported_basis") == PER_CREATININE)
    )
    no_creatinine = needs_creatinine & nw.col("creatinine_g_per_l").is_null() & ~nw.col("reported_basis").is_null()
    used = (nw.col("basis") == PER_CREATININE) | (nw.col("position_basis") == PER_CREATININE)
    uses_creatinine = used & (nw.col("reported_basis") != PER_CREATININE) | (
        (nw.col("basis") != PER_CREATININE) & (nw.col("reported_basis") == PER_CREATININE)
    )
    no_volume = (
        is_timed()
        & (nw.col("reported_basis") != PER_24H)
        & (nw.col("reported_basis") != AS_REPORTED)
        & ~((nw.col("collection_volume_l") > 0) & (nw.col("collection_hours") > 0)).fill_null(False)
    )
    hours, volume = nw.col("collection_hours"), nw.col("collection_volume_l")
    with_fraction = [analyte.id for analyte in catalogue.analytes.values() if analyte.fraction_matters]
    matched = nw.col("reference_match") != "none"
    two_sided = (nw.col("reference_low") > 0).fill_null(False) & ~nw.col("reference_high").is_null()
    banded = ~matched & nw.col("analyte_id").is_in(sorted({i.analyte_id for i in catalogue.intervals}))
    spot = ~is_timed()
    return {
        "collection_time_out_of_range": is_timed() & ((hours < COLLECTION_HOURS[0]) | (hours > COLLECTION_HOURS[1])),
        "collection_volume_low": is_timed() & (volume < COLLECTION_VOLUME_L),
        "creatinine_censored": uses_creatinine & (nw.col("_creatinine_comparator") != ""),
        "duplicate": nw.col("stale") == "duplicate",
        "fraction_unstated": nw.col("analyte_id").is_in(with_fraction) & (nw.col("fraction") == "unspecified"),
        "no_canonical_unit": nw.col("reported_basis").is_null(),
        "no_creatinine": no_creatinine,
        "no_interval": ~matched,
        "no_value": nw.col("value").is_null(),
        "no_volume": no_volume,
        "not_positive": nw.col("amount") <= 0,
        "one_sided_reference": matched & ~two_sided,
        "several_creatinines": nw.col("_creatinines") > 1,
        "superseded": nw.col("stale") == "superseded",
        "too_concentrated": spot & (nw.col("dilution") == "too_concentrated"),
        "too_dilute": spot & (nw.col("dilution") == "too_dilute"),
        "unknown_analyte": ~nw.col("analyte_id").is_in(list(catalogue.analytes)),
        "unknown_age": banded & (nw.col("age_key") == UNKNOWN_AGE),
        "unknown_sex": banded & (nw.col("sex") == "unknown"),
        "unknown_specimen": ~nw.col("specimen").is_in(list(SPECIMENS)),
        "withdrawn": nw.col("stale") == "withdrawn",
    }


def add_qc(frame: nw.LazyFrame[Any], catalogue: Catalogue) -> nw.LazyFrame[Any]:
    """Add ``qc``: the codes that apply, sorted, joined by ``;``, empty when there are none."""
    conditions = _conditions(catalogue)
    codes = [nw.when(condition.fill_null(False)).then(nw.lit(code)) for code, condition in sorted(conditions.items())]
    return frame.with_columns(qc=nw.concat_str(codes, separator=";", ignore_nulls=True).fill_null(""))
