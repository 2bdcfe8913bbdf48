import json
from pathlib import Path

import pandas as pd
import pytest

from recal_labs.batch import normalise_inbox

LONG = "patient,analyte,result,unit,specimen\nS1,HVA,4.0,mg/g creat,random urine\nS1,Mystery,1,ug/L,urine\n"
HL7 = (
    "MSH|^~\\&|LIS|LAB|EHR|C|20240311||ORU^R01|1|P|2.5\n"
    "PID|1||S2\nOBR|1||U2||||202403110700||||||||UR^random urine\n"
    "OBX|1|NM|VMA^Vanillylmandelic^L||<1.5|mg/g crt|1.8-6.7||||F\n"
)


def write(path: Path, text: str = LONG) -> Path:
    """Write a text, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def manifest(out: Path) -> list[dict]:
    return json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]


def names(out: Path) -> list[str]:
    return [entry["path"] for entry in manifest(out)]


def check_conservation_from_outside(out: Path) -> None:
    """Recount every file from the tables alone, grouped by source_file."""
    found = {
        table: pd.read_csv(out / f"{table}.csv", dtype=str)["source_file"].value_counts().to_dict()
        for table in ("normalised", "rejects", "no_result")
    }
    content = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    entries = content["files"]
    assert len({entry["path"] for entry in entries}) == len(entries)
    for entry in entries:
        for table, count in (("normalised", "results"), ("rejects", "rejects"), ("no_result", "no_result")):
            assert found[table].pop(entry["path"], 0) == entry[count], (entry["path"], table)
        assert entry["positions"] == entry["results"] + entry["rejects"] + entry["no_result"]
    tables = {record["path"]: record["rejects"] for record in content["tables"] if record["rejects"]}
    assert found == {"normalised": {}, "rejects": tables, "no_result": {}}


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    write(folder / "one.csv")
    write(folder / "deeper" / "two.hl7", HL7)
    (folder / "report.pdf").write_bytes(b"%PDF-1.7 binary")
    write(folder / ".hidden", "not read")
    return folder


@pytest.fixture
def run(tmp_path):
    """Return a function that runs an inbox into the folder out and recounts every position from outside."""

    def go(*inputs, out=tmp_path / "out", **options):
        finished = normalise_inbox(inputs, out, progress=False, **options)
        check_conservation_from_outside(finished.out)
        for path in finished.out.iterdir():
            if path.suffix in {".csv", ".json"}:
                assert str(tmp_path) not in path.read_text(encoding="utf-8"), path.name
        return finished

    return go
