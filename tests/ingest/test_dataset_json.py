"""Dataset-JSON in its three forms is the table that CDISC LB is in CSV."""

import json

import pytest

from recal_labs.ingest import read_panel
from recal_labs.ingest.dataset_json import read_dataset_json

NAMES = ["STUDYID", "USUBJID", "LBTESTCD", "LBTEST", "LBORRES", "LBORRESU", "LBSPEC", "LBSTRESN", "LBSTAT", "LBDTC"]
ROWS = [
    ["S1", "S1-001", "HVACRT", "Homovanillic acid", "<0.8", "mg/g creat", "random urine", None, "", "2024-03-11"],
    ["S1", "S1-001", "VMACRT", "VMA", "", "mg/g creat", "random urine", None, "NOT DONE", "2024-03-11"],
    ["S1", "S1-002", "DACRT", "Dopamine", "212.5", "ug/g creat", "random urine", 212.5, "", "2024-03"],
]
V11 = json.dumps({"datasetJSONVersion": "1.1.0", "name": "LB", "columns": [{"name": n} for n in NAMES], "rows": ROWS})
V10 = json.dumps(
    {
        "clinicalData": {
            "itemGroupData": {"IG.LB": {"name": "LB", "items": [{"name": n} for n in NAMES], "itemData": ROWS}}
        }
    }
)
LINES = "\n".join(
    [
        json.dumps({"datasetJSONVersion": "1.1.0", "name": "LB", "columns": [{"name": n} for n in NAMES]}),
        *map(json.dumps, ROWS),
    ]
)


@pytest.mark.parametrize("text", [V11, V10, LINES], ids=["1.1", "1.0", "lines"])
def test_each_form_is_read_as_the_same_panel(tmp_path, text):
    path = tmp_path / "lb.json"
    path.write_text(text, encoding="utf-8")
    read = read_panel(path)
    assert read.files[0].encoding == "dataset-json"
    assert read.results[["subject_id", "analyte_id", "comparator", "value"]].to_numpy().tolist() == [
        ["S1-001", "hva", "<", 0.8],
        ["S1-002", "dopamine", "", 212.5],
    ]
    assert read.rejects["reason"].tolist() == ["not_measured"]
    assert read.results["source_place"].tolist() == ["LB!E2", "LB!E4"]
    assert read.results["collected_precision"].tolist() == ["day", "month"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"datasetJSONVersion": 1', '{"datasetJSONVersion": 1, "columns": []}', '{"clinicalData": 3}'],
)
def test_what_is_none_of_them_is_left_to_others(text):
    assert read_dataset_json(text) is None
