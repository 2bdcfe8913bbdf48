"""The closed lists of words that stand in columns, each with its meaning."""

from __future__ import annotations

from collections.abc import Mapping

COMPARATORS: Mapping[str, str] = {
    "": "the value itself",
    "<": "the true value is below the stated one",
    "<=": "the true value is at or below the stated one",
    ">": "the true value is above the stated one",
    ">=": "the true value is at or above the stated one",
}

SPECIMENS: Mapping[str, str] = {
    "urine_24h": "timed collection of about 24 hours",
    "urine_spot": "random single void",
    "urine_first_morning": "first void after the night",
    "urine_second_morning": "second void of the morning",
    "urine_overnight": "timed collection of the night",
    "urine_dried": "urine dried on filter paper",
}

# The interval tables know three specimens; every other one is looked up under its nearest (reference/README, point 4).
REFERENCE_SPECIMEN: Mapping[str, str] = {
    "urine_24h": "urine_24h",
    "urine_spot": "urine_spot",
    "urine_first_morning": "urine_spot",
    "urine_second_morning": "urine_spot",
    "urine_dried": "urine_spot",
    "urine_overnight": "urine_overnight",
}

TIMED_SPECIMENS = frozenset({"urine_24h"})

SEXES: Mapping[str, str] = {"female": "female", "male": "male", "unknown": "not known or not stated"}

FRACTIONS: Mapping[str, str] = {
    "free": "without hydrolysis of conjugates",
    "total": "free and conjugated together",
    "unspecified": "the report does not say",
}

TIMEPOINTS: Mapping[str, str] = {
    "": "not a timed row",
    "waking": "on waking",
    "morning": "morning",
    "afternoon": "afternoon",
    "night": "night",
    "pooled": "a pool of several collections of the day",
}

STATUSES: Mapping[str, str] = {
    "final": "final",
    "corrected": "replaces an earlier final result",
    "preliminary": "not yet final",
    "cancelled": "withdrawn by the lab",
    "entered_in_error": "deleted, or belongs to somebody else",
}

REJECT_REASONS: Mapping[str, str] = {
    "not_measured": "the lab did not measure it (QNS, TNP, cancelled, pending)",
    "unknown_analyte": "the name or code is not in the catalogue",
    "ambiguous_analyte": "the name means more than one analyte",
    "unknown_unit": "the unit's spelling is not in the catalogue",
    "missing_unit": "no unit with the value, in the header, or in the profile",
    "wrong_unit": "the unit cannot belong to this analyte",
    "unreadable_value": "the text holds no number that can be read with certainty",
    "ambiguous_number": "both readings of a comma or point fit",
    "impossible_value": "a negative or infinite amount",
    "wrong_specimen": "not urine, or a specimen this toolkit does not know",
    "missing_subject": "no subject id",
    "unreadable_date": "a date that is not complete or fits no declared order",
    "unreadable_row": "a row or segment whose fields do not fit its header",
    "unreadable_file": "the whole file could not be read",
}

NO_RESULT_REASONS: Mapping[str, str] = {
    "preamble": "a line above the table's header",
    "header": "the table's header",
    "unit_row": "a row of units under the header",
    "footer": "a legend, total or note below the table",
    "section": "a section row without a value",
    "empty_cell": "an empty cell of a wide table or form, or a declared code for no answer",
    "empty_value": "a row or OBX that carries no value by design (panel header, null)",
    "note": "free text that accompanies results",
    "collection_detail": "volume or duration of the collection, carried in columns of its own",
    "other_content": "a declared column or code that is not part of the panel",
}

QC_CODES: Mapping[str, str] = {
    "collection_time_out_of_range": "the timed collection is outside 20 to 28 hours",
    "collection_volume_low": "the 24 h volume is below 400 mL",
    "creatinine_censored": "creatinine is reported as below or above a limit, so nothing can be divided by it",
    "duplicate": "the same result stands more than once; a later row is current",
    "fraction_unstated": "free or total is not stated, and it matters for this analyte",
    "no_canonical_unit": "the unit cannot be converted for this analyte",
    "no_creatinine": "the specimen has no usable creatinine",
    "no_value": "the result holds no number",
    "no_volume": "the timed collection has no volume or no duration",
    "no_interval": "no reference interval fits this analyte, specimen, basis, sex, age and fraction",
    "not_positive": "the amount is zero or negative, so it has no logarithm",
    "one_sided_reference": "the interval has no positive lower limit, so there is no zlog",
    "several_creatinines": "the specimen has more than one creatinine; one is current",
    "superseded": "a corrected or later result replaces this one",
    "too_concentrated": "creatinine is above the accepted limit",
    "too_dilute": "creatinine is below the accepted limit",
    "unknown_analyte": "the catalogue does not hold this analyte",
    "unknown_age": "age is unknown, so an age-banded interval cannot be chosen",
    "unknown_sex": "sex is unknown, so a sex-specific interval cannot be chosen",
    "unknown_specimen": "this kind of specimen is not known, so it meets no interval",
    "withdrawn": "the lab withdrew this result",
}

OUTCOME_STATUSES: Mapping[str, str] = {
    "ok": "scored by the published rule",
    "incomplete": "more items are missing than the published rule allows: no total",
    "invalid": "an item is outside its range or not a whole number: no total",
    "undated": "its date cannot be read, so it belongs to no panel: no total",
}
