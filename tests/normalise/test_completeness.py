"""Is a 24 h collection complete: flags by duration, volume and creatinine per kg and day, and nothing is removed."""

import math

import pandas as pd
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.normalise import normalise

DAY = {"specimen": "urine_24h", "collection_volume_l": 1.5, "collection_hours": 24.0}
HVA = DAY | {"analyte_id": "hva", "value": 3.0, "unit": "mg/L"}
CREATININE = DAY | {"analyte_id": "creatinine", "value": 0.8, "unit": "g/L"}
FLAGS = {"collection_incomplete", "collection_excessive", "completeness_unknown"}


def flags(results, *cases, weight=70.0):
    """Return the flags on the HVA of each collection; a case changes some fields of all its rows."""
    rows = [
        part
        | {key: value for key, value in case.items() if key not in ("creatinine", "sign")}
        | ({"value": case.get("creatinine", 0.8), "comparator": case.get("sign", "")} if part is CREATININE else {})
        | {"specimen_id": f"U{i}"}
        for i, case in enumerate(cases)
        for part in (HVA, CREATININE)
    ]
    frame = results(*rows)
    if "weight_kg" not in frame:
        frame = frame.assign(weight_kg=weight)
    hva = normalise(frame).frame.query("analyte_id == 'hva'")
    assert hva["amount"].notna().all()
    return [FLAGS & set(qc.split(";")) for qc in hva["qc"]]


def test_limits_are_those_of_the_source(results):
    # Swiss adults (swiss2015): 151 and SD 38, 193 and SD 41 umol/kg/24 h; creatinine is 113.12 g/mol.
    for sex, mean, sd in (("female", 151, 38), ("male", 193, 41)):
        (row,) = (r for r in load_catalogue().completeness if (r.measure, r.sex) == ("creatinine", sex))
        assert (row.lower, row.upper) == pytest.approx(
            ((mean - 1.96 * sd) * 0.11312, (mean + 1.96 * sd) * 0.11312), abs=0.005
        )


def test_creatinine_per_kg_and_day_is_judged_by_sex(results):
    # 70 kg and 1.5 L a day: 0.4 g/L is 8.6 mg/kg, 0.8 g/L 17.1, 1.25 g/L 26.8, 1.5 g/L 32.1
    cases = [{"sex": sex, "creatinine": c} for sex in ("female", "male") for c in (0.4, 0.8, 1.25, 1.5)]
    low, ok, high = {"collection_incomplete"}, set(), {"collection_excessive"}
    assert flags(results, *cases) == [low, ok, high, high, low, ok, ok, high]


def test_a_shorter_collection_is_brought_to_a_day_first(results):
    half = {"collection_hours": 12.0, "collection_volume_l": 0.75}
    assert flags(results, half, half | {"creatinine": 0.3}) == [set(), {"collection_incomplete"}]


def test_what_is_missing_leaves_completeness_unknown(results):
    unknown = {"completeness_unknown"}
    cases = [{"sex": "unknown"}, {"age_years": None}, {"age_years": 12.0}, {"age_years": 18.0}]
    assert flags(results, *cases) == [unknown, unknown, unknown, set()]
    for weight in (math.nan, 0.0, -70.0):
        assert flags(results, {}, weight=weight) == [unknown]
    assert flags(results, {}, weight=pd.array([70, None], dtype="Int64")) == [set()]
    without = normalise(results(HVA, CREATININE)).frame
    assert without["qc"].str.contains("completeness_unknown").all()


@pytest.mark.parametrize(
    ("creatinine", "sign", "said"),
    [
        (0.4, "<", {"collection_incomplete"}),
        (0.8, "<", {"completeness_unknown"}),
        (0.8, ">", {"completeness_unknown"}),
        (1.5, ">", {"collection_excessive"}),
    ],
)
def test_a_bounded_creatinine_says_only_what_is_sure(results, creatinine, sign, said):
    assert flags(results, {"creatinine": creatinine, "sign": sign}) == [said]


def test_creatinine_that_the_lab_reports_per_day_serves_too(results):
    daily = CREATININE | {"value": 0.5, "unit": "g/(24.h)", "collection_volume_l": None}
    frame = normalise(
        results(HVA | {"collection_volume_l": None, "unit": "mg/(24.h)"}, daily).assign(weight_kg=70)
    ).frame
    assert frame["qc"].str.contains("collection_incomplete").all()


def test_a_single_void_is_never_called_incomplete(results):
    spot = {"specimen": "urine_spot"}
    frame = normalise(results(HVA | spot, CREATININE | spot).assign(weight_kg=70.0)).frame
    assert not frame["qc"].str.contains("collection|completeness").any()


def test_hours_and_volume_are_judged_by_the_catalogues_limits(results):
    cases = [(19.9, 1.5), (20.0, 1.5), (28.0, 1.5), (28.1, 1.5), (24.0, 0.39), (24.0, 0.4), (None, None)]
    rows = [
        HVA | {"collection_hours": h, "collection_volume_l": v, "specimen_id": f"U{i}"}
        for i, (h, v) in enumerate(cases)
    ]
    qc = normalise(results(*rows)).frame["qc"]
    assert qc.str.contains("collection_time_out_of_range").tolist() == [True, False, False, True, False, False, False]
    assert qc.str.contains("collection_volume_low").tolist() == [False, False, False, False, True, False, False]


def test_a_study_may_bring_its_own_limits(results, tmp_path):
    (tmp_path / "completeness.csv").write_text(
        "measure,sex,age_low_years,age_high_years,lower,upper,unit,source_id\n"
        "creatinine,female,,,15,20,mg/(kg.d),swiss2015\n",
        encoding="utf-8",
    )
    own = load_catalogue(extra=tmp_path)
    frame = results(HVA, CREATININE | {"value": 1.0}).assign(weight_kg=70.0, age_years=12.0)
    assert normalise(frame, catalogue=own).frame["qc"].str.contains("collection_excessive").all()
    assert normalise(frame).frame["qc"].str.contains("completeness_unknown").all()
