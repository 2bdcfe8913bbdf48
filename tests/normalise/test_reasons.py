"""Wherever an amount is missing a code says why; no number is placed that nobody could have measured."""

import itertools

import pandas as pd
import pytest

from recal_labs.choices import Choices
from recal_labs.normalise import amounts_in, normalise

HVA = {"analyte_id": "hva", "value": 4.0, "unit": "mg/L"}
CREATININE = {"analyte_id": "creatinine", "value": 100.0, "unit": "mg/dL"}
DAY = {"specimen": "urine_24h", "collection_volume_l": 2.0, "collection_hours": 24.0}
WHY = {
    "no_value",
    "no_canonical_unit",
    "no_creatinine",
    "no_volume",
    "no_specific_gravity",
    "creatinine_censored",
    "specific_gravity_censored",
}


def codes(frame):
    return frame["qc"].str.split(";").map(set)


@pytest.mark.parametrize("basis", ["by_specimen", "per_creatinine", "per_24h", "specific_gravity", "none"])
def test_an_amount_that_is_missing_says_why(results, basis):
    beside = [
        [],
        [CREATININE],
        [CREATININE | {"comparator": ">"}],
        [{"analyte_id": "creatinine", "value": 1.5, "unit": "g/(24.h)"}],
        [{"analyte_id": "specific_gravity", "value": 1.02, "unit": "1", "comparator": ">"}],
        [{"analyte_id": "specific_gravity", "value": 1.02, "unit": "1"}, CREATININE],
    ]
    units, comparators = ["mg/L", "mg/g{creat}", "mg/(24.h)", "furlong"], ["", "<", ">"]
    kinds = [{"specimen": "urine_spot"}, DAY, DAY | {"collection_volume_l": None}, {"specimen": "urine_overnight"}]
    rows = []
    for number, (more, unit, sign, kind) in enumerate(itertools.product(beside, units, comparators, kinds)):
        ids = {"subject_id": f"S{number}", "specimen_id": f"U{number}", **kind}
        rows += [HVA | {"unit": unit, "comparator": sign} | ids, *(row | ids for row in more)]
    frame = normalise(results(*rows), choices=Choices(basis=basis)).frame
    silent = frame[frame["amount"].isna() & (frame["analyte_id"] == "hva")]
    assert len(silent) > 0
    assert codes(silent).map(lambda found: bool(found & WHY)).all()


def test_creatinine_per_day_is_brought_to_a_concentration(results):
    of_day = {"analyte_id": "creatinine", "value": 1.6, "unit": "g/(24.h)"}
    made = normalise(
        results(
            HVA | DAY | {"unit": "mg/g{creat}", "value": 2.0},
            HVA | DAY | {"analyte_id": "dopamine", "value": 100.0, "unit": "ug/L"},
            of_day | DAY,
        )
    )
    assert made.frame["amount"].tolist()[:2] == pytest.approx([3.2, 200.0])
    assert made.frame["creatinine_g_per_l"].tolist() == pytest.approx([0.8] * 3)
    assert amounts_in(made, "dopamine", "ug/g{creat}").tolist() == pytest.approx([125.0])


def test_per_day_and_per_creatinine_need_no_volume_beside_a_creatinine_per_day(results):
    kind = {"specimen": "urine_24h"}
    of_day = {"analyte_id": "creatinine", "value": 1.6, "unit": "g/(24.h)", "comparator": "<"} | kind
    per_gram = normalise(results(HVA | kind | {"unit": "mg/g{creat}", "value": 2.0}, of_day)).frame
    assert (per_gram["amount"][0], per_gram["amount_comparator"][0]) == (pytest.approx(3.2), "<")
    per_day = HVA | kind | {"unit": "mg/(24.h)", "value": 3.2}
    ratio = normalise(results(per_day, of_day), choices=Choices(basis="per_creatinine")).frame
    assert (ratio["amount"][0], ratio["amount_comparator"][0]) == (pytest.approx(2.0), ">")


def test_a_creatinine_of_another_time_of_day_does_not_bound_this_one(results):
    made = normalise(
        results(
            HVA | {"timepoint": "night", "value": 3.0},
            CREATININE | {"timepoint": "night", "value": 120.0},
            CREATININE | {"timepoint": "morning", "value": 30.0, "comparator": "<"},
        )
    )
    assert amounts_in(made, "hva", "mg/L").tolist() == pytest.approx([3.0])


def test_of_creatinines_of_unlike_fractions_the_number_is_taken_and_opposite_limits_are_none(results):
    limit = CREATININE | {"value": 10.0, "comparator": "<", "fraction": "total"}
    made = normalise(results(HVA, CREATININE | {"value": 120.0}, limit)).frame
    assert (made["creatinine_g_per_l"][0], made["creatinine_comparator"][0]) == (pytest.approx(1.2), "")
    made = normalise(results(HVA, CREATININE | {"comparator": ">", "value": 150.0}, limit)).frame
    assert pd.isna(made["creatinine_g_per_l"][0])


def test_a_number_below_zero_and_an_impossible_gravity_are_not_placed_in_silence(results):
    made = normalise(results(HVA | {"value": -5.0, "unit": "mg/g{creat}"})).frame
    assert made["interpretation"].tolist() == [""]
    gravity = normalise(results({"analyte_id": "specific_gravity", "value": 1020.0, "unit": "1"})).frame
    assert "specific_gravity_impossible" in codes(gravity)[0]


def test_a_limit_has_no_ratio_to_the_midpoint(results):
    day = {"specimen": "urine_24h", "analyte_id": "epinephrine", "unit": "ug/(24.h)"}
    made = normalise(results(day | {"value": 10.0}, day | {"value": 10.0, "comparator": "<", "subject_id": "S2"})).frame
    assert made["midpoint_ratio"].notna().tolist()[1] is False


def test_a_child_is_not_held_against_an_interval_without_an_age(results):
    row = {"analyte_id": "serotonin", "value": 100.0, "unit": "ug/(24.h)", **DAY}
    made = normalise(results(row | {"age_years": 3.0}, row | {"age_years": 40.0, "subject_id": "S2"})).frame
    ageless = made["reference_match"][1]
    assert made["reference_match"][0] in ("none", "exact")
    assert ageless != "none"
