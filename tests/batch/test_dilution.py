"""Body weight from the table of people reaches every batch of an inbox, and a collection is judged by it."""

import pandas as pd

from recal_labs.batch import normalise_inbox

from .conftest import write

DAY = (
    "patient,specimen_id,analyte,result,unit,specimen,volume_l,hours\n"
    "S1,U1,HVA,3.0,mg/L,24 h urine,1.5,24\nS1,U1,Creatinine,0.3,g/L,24 h urine,1.5,24\n"
)


def test_weight_of_the_subjects_table_judges_a_collection(tmp_path):
    write(tmp_path / "inbox" / "export.csv", DAY)
    people = write(tmp_path / "people.csv", "subject_id,sex,age_years,weight_kg\nS1,female,40,70\nS2,male,50,\n")
    for name, subjects, flag in (("a", people, "collection_incomplete"), ("b", None, "completeness_unknown")):
        out = tmp_path / name
        normalise_inbox([tmp_path / "inbox"], out, subjects=subjects, progress=False)
        table = pd.read_parquet(out / "normalised.parquet")
        assert table["qc"].str.contains(flag).all()
        assert ("weight_kg" in table) is (subjects is not None)
