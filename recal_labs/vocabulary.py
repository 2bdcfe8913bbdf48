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
    "urine_overnight": "urine_overnight",
}

TIMED_SPECIMENS = frozenset({"urine_24h"})

BASES: Mapping[str, str] = {
    "per_creatinine": "per gram of creatinine",
    "per_24h": "per 24 hours",
    "per_volume": "the concentration itself",
    "specific_gravity": "concentration at a stated specific gravity",
    "covariate_adjusted": "concentration divided by creatinine relative to what the person's age, sex and size predict",
    "power_functional": "concentration at 1 g/L of creatinine, by a fitted power of creatinine",
    "conditional": "ratio to the median expected at the specimen's creatinine",
    "as_reported": "a quantity without a substance, such as specific gravity",
}

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
    "collection_excessive": "creatinine per kg and day is above what a day's collection holds",
    "collection_incomplete": "creatinine per kg and day is below what a complete collection holds",
    "collection_time_out_of_range": "the timed collection is outside 20 to 28 hours",
    "collection_volume_low": "the 24 h volume is below 400 mL",
    "completeness_unknown": "weight, sex, age, volume or creatinine is missing or only bounded, or no limits fit the "
    "age, so the completeness of the collection cannot be judged",
    "creatinine_censored": "creatinine is reported as below or above a limit, so what is divided by it is only bounded",
    "delayed": "the specimen reached the lab later than stated as acceptable",
    "duplicate": "the same result stands more than once; another row of it is current",
    "exercise_before": "exercise before the collection moves this analyte",
    "fraction_unstated": "free or total is not stated, and it matters for this analyte",
    "interference": "a medicine, food or condition on record is known to disturb or move this analyte",
    "lab_changed": "another lab than this person's panel before",
    "lower_limit_assumed": "the lower limit was taken as 15 % of the upper one, as was asked for",
    "method_changed": "another method than this person's panel before",
    "no_canonical_unit": "the unit cannot be converted for this analyte; ug/g alone says nothing of creatinine",
    "no_covariate": "the fitted correction needs a fact about the person that is missing",
    "no_creatinine": "the specimen has no usable creatinine",
    "no_interval": "no reference interval fits this analyte, specimen, basis, sex, age and fraction",
    "no_specific_gravity": "the specimen has no usable specific gravity above 1",
    "no_value": "the result holds no number",
    "no_volume": "there is no volume or no duration of a timed collection, which an amount per 24 h needs",
    "not_fitted": "the fitted correction holds nothing for this analyte",
    "not_positive": "the amount is zero or negative, so it has no logarithm",
    "one_sided_reference": "the interval has no positive lower limit, so there is no zlog",
    "outside_fit": "creatinine, age or size lies outside the sample that the correction was fitted on",
    "ph_unsuitable": "the pH of the specimen does not suit this analyte",
    "posture_upright": "upright posture during the collection moves this analyte",
    "preservative_changed": "another preservative than this person's panel before",
    "preservative_unsuitable": "the preservative does not suit this analyte",
    "rerun": "the specimen was measured more than once; a newer measurement is current",
    "several_creatinines": "the specimen has more than one creatinine; one is current",
    "specific_gravity_censored": "specific gravity is reported as below or above a limit: the amount is only bounded",
    "specific_gravity_impossible": "a number that is no density of urine, which lies between 1.0 and 1.1",
    "specific_gravity_low": "specific gravity is below the accepted limit",
    "storage_unsuitable": "the storage temperature does not suit this analyte",
    "superseded": "a corrected or later result replaces this one",
    "too_concentrated": "creatinine is above the accepted limit",
    "too_dilute": "creatinine is below the accepted limit",
    "unit_suspect": "the numbers of this lab, analyte and unit, or its printed range, fit another unit",
    "unknown_age": "age is unknown, so an age-banded interval cannot be chosen",
    "unknown_analyte": "the catalogue does not hold this analyte",
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

RATIO_SUPPORT: Mapping[str, str] = {
    "urine": "a source computes this very ratio in urine",
    "other_fluid": "a source computes it in blood or cerebrospinal fluid, not in urine",
    "pathway": "a source gives the parts as precursor and product; the ratio in urine is by analogy",
    "vendor": "only a vendor's page sets the parts against each other",
}

RATIO_BASES: Mapping[str, str] = {
    "": "the ratio is missing",
    "per_volume": "per volume",
    "per_creatinine": "per gram of creatinine",
    "per_24h": "per 24 hours",
    "per_24h_by_volume": "some parts per 24 hours; the others per volume, brought to 24 hours by volume and hours",
}

RATIO_REASONS: Mapping[str, str] = {
    "": "the ratio is known, or known to lie below or above a limit",
    "interval_only": "censored parts leave it between two limits, ratio_low and ratio_high",
    "missing_part": "a part was not measured in this specimen",
    "negative_amount": "a part is below zero",
    "no_canonical_unit": "the unit of a part cannot be converted",
    "no_specimen_id": "the result names no specimen, so it is set against no other",
    "no_value": "a part holds no number",
    "open": "censoring leaves nothing but its sign",
    "several_results": "a part stands more than once in this specimen",
    "unlike_bases": "no basis (per volume, per creatinine, per 24 h) has every part, nor does volume bring them to one",
    "unlike_fractions": "the parts are free and total, and free is set against free only",
    "zero_denominator": "the denominator is zero",
}

DIURNAL_REASONS: Mapping[str, str] = {
    "": "it is known",
    "censored": "a censored point leaves it between two bounds",
    "no_clock_time": "not every point has a clock time",
    "no_night": "there is no night point",
    "not_positive": "a point is zero or negative",
    "one_point": "fewer than two points have an amount",
    "several_results": "a time of the day stands more than once",
    "times_out_of_order": "clock times contradict the order waking, morning, afternoon, night, or two are equal",
    "unlike_bases": "the points have unlike units or bases",
}
