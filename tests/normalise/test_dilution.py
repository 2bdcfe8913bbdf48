"""The specimen's own creatinine and specific gravity: whose they are, and whether they are acceptable."""

import math

from recal_labs.normalise import normalise

HVA = {"analyte_id": "hva", "value": 4.0, "unit": "mg/L"}
CREATININE = {"analyte_id": "creatinine", "value": 1.0, "unit": "g/L"}


def amounts(frame):
    return frame.loc[frame["analyte_id"] == "hva", "amount"].tolist()


VERDICTS = (
    ("<", 0.2, "too_dilute"),
    ("<", 0.3, "too_dilute"),
    ("<=", 0.3, "unknown"),
    ("<", 0.5, "unknown"),
    (">", 3.0, "too_concentrated"),
    (">=", 3.0, "unknown"),
    (">", 2.0, "unknown"),
    ("", 0.3, "ok"),
    ("", 3.0, "ok"),
    ("", 0.29, "too_dilute"),
    ("", 3.01, "too_concentrated"),
)


def test_a_censored_creatinine_is_judged_only_where_it_can_be(results):
    rows = [
        CREATININE | {"comparator": sign, "value": value, "specimen_id": f"U{i}"}
        for i, (sign, value, _) in enumerate(VERDICTS)
    ]
    assert normalise(results(*rows)).frame["dilution"].tolist() == [verdict for *_, verdict in VERDICTS]


def test_each_void_of_a_day_is_divided_by_its_own_creatinine(results):
    voids = [{"timepoint": time} for time in ("waking", "night")]
    rows = [HVA | voids[0], HVA | voids[1], CREATININE | voids[0], CREATININE | voids[1] | {"value": 0.5}]
    frame = normalise(results(*rows)).frame
    assert amounts(frame) == [4.0, 8.0]
    assert not frame["qc"].str.contains("several_creatinines").any()


def test_one_creatinine_without_a_time_serves_the_voids_that_have_none(results):
    rows = [HVA | {"timepoint": "waking"}, HVA | {"timepoint": "night"}, CREATININE | {"value": 0.5}]
    frame = normalise(results(*rows, CREATININE | {"timepoint": "night", "value": 2.0})).frame
    assert amounts(frame) == [8.0, 2.0]


def test_the_creatinine_of_one_void_is_not_lent_to_the_whole_day(results):
    frame = normalise(results(HVA, CREATININE | {"timepoint": "night"})).frame
    assert math.isnan(frame["amount"].iloc[0])
    assert "no_creatinine" in frame["qc"].iloc[0].split(";")


def test_two_specimens_do_not_share_a_creatinine(results):
    other = {"specimen_id": "U2"}
    frame = normalise(results(HVA, HVA | other, CREATININE | other)).frame
    assert math.isnan(frame["amount"].iloc[0])
    assert frame["amount"].iloc[1] == 4.0


def test_a_specimen_of_an_unknown_subject_has_its_creatinine_too(results):
    nobody = {"subject_id": None}
    frame = normalise(results(HVA | nobody, CREATININE | nobody, HVA)).frame
    assert frame["amount"].iloc[0] == 4.0
    assert math.isnan(frame["amount"].iloc[2])


def test_a_superseded_creatinine_divides_nothing(results):
    old, new = CREATININE | {"value": 4.0}, CREATININE | {"value": 2.0, "status": "corrected"}
    frame = normalise(results(HVA, new, old)).frame
    assert amounts(frame) == [2.0]
    assert frame["creatinine_g_per_l"].tolist() == [2.0] * 3
