"""The shapes of printed panels, typed into made-up tables, are read by the profiles of their shape."""

import pytest

from recal_labs.ingest import load_profile, read_panel, shipped_profiles

NEUROTRANSMITTERS = """\
Order,Patient,Date Collected,Analyte,Result,Unit per Creatinine,L,WRI,H,Reference Interval
A1,S1,03/25/2024 07:40,Norepinephrine (NE),41.3 (H),ug/g,,,X,11.0 - 34.0
A1,S1,03/25/2024 07:40,5-HIAA,"1,530",ug/g,,X,,600 – 3500
A1,S1,03/25/2024 07:40,Epinephrine,<0.20*,mcg/g Cr,X,,,0.8 – 4.5
A1,S1,03/25/2024 07:40,PEA,QNS,nmol/g,,,,<= 60
A1,S1,03/25/2024 07:40,NE/E ratio,n/a,,,,,see note 2
* below limit of quantitation
"""
OAT = """\
Accession;Patient;Date of Collection;Marker;Reference Range (mmol/mol creatinine);Flag;Patient Value
77;S1;03/25/2024;33 Homovanillic (HVA);0.49 - 13;H;15
77;S1;03/25/2024;38 5-Hydroxyindoleacetic (5-HIAA);≤ 7.7;;0
77;S1;03/25/2024;39 Quinolinic;0.85 - 3.9;;1,530
"""
STEROIDS = """\
Accession,Patient,Category,Test,Time,Collection Time,Result,Units,Normal Range,Within Range
9,S1,Free Cortisol,Cortisol,A (waking),2016-10-01 06:05AM,11.2,ng/mg creatinine,10 - 50,Within range
9,S1,Free Cortisol,Cortisol,Morning (B),2016-10-01 08:01AM,<3.0,ng/mg creatinine,30-130,Below range
9,S1,Free Cortisol,Cortisol,Night,2016-10-01 10:30PM,4,ng/mg creatinine,0 - 14,Within range
"""
DRIED = """\
PATIENT|TEST NAME|RESULTS|DATE|RANGE|COLLECTION
S1|Norepinephrine|18.2|03/25/2024|10.5-24.9|First void
S1|Norepinephrine|31.0 H|03/25/2024|10.5-24.9|Dinner
S1|Dopamine|140|03/25/2024|110-200|Pooled
"""
HOSPITAL = """\
MRN,Accession,Collected,Component,Result,Units,Reference Interval,Flag,Total Volume (mL),Hours Collected
0017,F7,2024-03-25 07:00,Epinephrine,< 2,ug/d,Not Established,,1850,24
0017,F7,2024-03-25 07:00,Normetanephrine,512,mcg/24 h,≤ 400,H,1850,24
"""


def read(tmp_path, text: str, profile: str, extra: str = ""):
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    (tmp_path / "mine.toml").write_text(f'extends = "{profile}"\n{extra}', encoding="utf-8")
    return read_panel(tmp_path / "export.csv", tmp_path / "mine.toml", as_frame="polars")


def found(made, *columns: str) -> list[tuple]:
    return made.results.select(columns).rows()


@pytest.mark.parametrize("name", [name for name in shipped_profiles() if name.startswith("shape_")])
def test_no_shape_claims_to_be_a_vendors_form(name):
    assert "official form" in load_profile(name).about


def test_a_neurotransmitter_report(tmp_path):
    made = read(tmp_path, NEUROTRANSMITTERS, "shape_neurotransmitter_report", '[text]\nthousands = ","\n')
    assert found(made, "analyte_id", "comparator", "value", "unit", "reported_high", "specimen") == [
        ("norepinephrine", "", 41.3, "ug/g{creat}", 34.0, "urine_second_morning"),
        ("hiaa_5", "", 1530.0, "ug/g{creat}", 3500.0, "urine_second_morning"),
        ("epinephrine", "<", 0.2, "ug/g{creat}", 4.5, "urine_second_morning"),
    ]
    assert made.results["collected_precision"].to_list() == ["minute"] * 3
    assert made.rejects["reason"].to_list() == ["not_measured", "unknown_analyte"]


def test_an_organic_acids_report_whose_unit_stands_only_in_the_head(tmp_path):
    made = read(tmp_path, OAT, "shape_oat")
    assert found(made, "analyte_id", "value", "unit", "reported_low", "reported_high") == [
        ("hva", 15.0, "mmol/mol{creat}", 0.49, 13.0),
        ("hiaa_5", 0.0, "mmol/mol{creat}", None, 7.7),
        ("quinolinic_acid", 1530.0, "mmol/mol{creat}", 0.85, 3.9),
    ]
    assert made.rejects.height == 0


def test_a_timed_steroid_report(tmp_path):
    made = read(tmp_path, STEROIDS, "shape_steroid_timed")
    assert found(made, "analyte_id", "timepoint", "comparator", "value", "unit") == [
        ("cortisol", "waking", "", 11.2, "ng/mg{creat}"),
        ("cortisol", "morning", "<", 3.0, "ng/mg{creat}"),
        ("cortisol", "night", "", 4.0, "ng/mg{creat}"),
    ]
    assert [moment.hour for moment in made.results["collected_at"]] == [6, 8, 22]
    assert made.rejects.height == 0


def test_a_dried_urine_report_needs_its_unit_and_keeps_pooled_and_timed_rows_apart(tmp_path):
    assert set(read(tmp_path, DRIED, "shape_dried_urine").rejects["reason"]) == {"missing_unit"}
    made = read(tmp_path, DRIED, "shape_dried_urine", '[defaults]\nunit = "ug/g Cr"\n')
    assert found(made, "analyte_id", "timepoint", "value", "specimen", "reported_flag") == [
        ("norepinephrine", "waking", 18.2, "urine_dried", None),
        ("norepinephrine", "afternoon", 31.0, "urine_dried", "H"),
        ("dopamine", "pooled", 140.0, "urine_dried", None),
    ]


def test_a_hospital_report_of_a_days_urine(tmp_path):
    made = read(tmp_path, HOSPITAL, "shape_hospital_catecholamines")
    assert found(made, "subject_id", "analyte_id", "comparator", "value", "unit", "reported_high") == [
        ("0017", "epinephrine", "<", 2.0, "ug/(24.h)", None),
        ("0017", "normetanephrine", "", 512.0, "ug/(24.h)", 400.0),
    ]
    assert found(made, "collection_volume_l", "collection_hours") == [(1.85, 24.0)] * 2
    assert made.rejects.height == 0
