"""Reading, as ratios in one run: HL7 beside python-hl7, a workbook beside python-calamine, a long CSV beside Polars.

All data is simulated. Ours goes the whole way to judged tables except for HL7, where the peer only parses and ours
splits and maps to positions.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import hl7
import numpy as np
import openpyxl
import polars as pl
import python_calamine

from recal_labs.ingest import read_panel
from recal_labs.ingest.hl7 import read_hl7

ANALYTES = (
    ("Dopamine", "ug/g creat", 200.0),
    ("Norepinephrine", "ug/g creat", 25.0),
    ("Epinephrine", "ug/g creat", 4.0),
    ("HVA", "mg/g creat", 3.5),
    ("VMA", "mg/g creat", 3.0),
    ("5-HIAA", "mg/g creat", 4.0),
    ("Metanephrine", "ug/g creat", 80.0),
    ("Creatinine", "mg/dL", 100.0),
)
HEADER = ("patient", "accession", "collected", "specimen", "sex", "analyte", "result", "units", "range")


def rows(n: int) -> list[tuple[str, ...]]:
    """Return simulated rows of a long table; one value in twenty is censored."""
    rng = np.random.default_rng(4)
    values, censored = rng.lognormal(0, 0.4, n), rng.random(n) < 0.05
    made = []
    for number in range(n):
        person = number // len(ANALYTES)
        name, unit, centre = ANALYTES[number % len(ANALYTES)]
        value = f"{'<' if censored[number] else ''}{values[number] * centre:.2f}"
        about = (f"S{person:06}", f"U{person:06}", "2024-03-11 07:30", "random urine", "F")
        made.append((*about, name, value, unit, f"{centre / 3:g} - {centre * 3:g}"))
    return made


def messages(n: int) -> list[str]:
    """Return simulated messages of eight observations each."""
    table, made = rows(n * len(ANALYTES)), []
    for number in range(n):
        lines = [
            f"MSH|^~\\&|SIM|LAB|||20240311101500||ORU^R01|{number}|P|2.5.1",
            f"PID|1||T-{number}^^^LAB^MR||||19850502|F",
            f"OBR|1||F{number}|PANEL^Simulated panel^L|||202403110730||||||||UR^Urine",
        ]
        for place, (name, unit, _) in enumerate(ANALYTES, 1):
            value = table[number * len(ANALYTES) + place - 1][6].lstrip("<")
            lines.append(f"OBX|{place}|NM|{name}^{name}^L|1|{value}|{unit}|10 - 400||||F")
        made.append("\r".join(lines))
    return made


def seconds(work: Callable[[], object], runs: int) -> float:
    """Return the median time of a piece of work."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=4000)
    parser.add_argument("--sheet-rows", type=int, default=20_000)
    parser.add_argument("--csv-rows", type=int, default=400_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()

    sent = messages(given.messages)
    text = "\r".join(sent)
    peer = seconds(lambda: [hl7.parse(message) for message in sent], given.runs)
    ours = seconds(lambda: read_hl7(text), given.runs)
    print(f"HL7: {peer / ours:.1f} times the messages a second of python-hl7's parse alone (goal at least 10)")

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.xlsx"
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("Panel")
        for row in (HEADER, *rows(given.sheet_rows)):
            sheet.append(row)
        book.save(path)

        def calamine() -> object:
            opened = python_calamine.CalamineWorkbook.from_path(str(path))
            return opened.get_sheet_by_name("Panel").to_python()

        peer, ours = seconds(calamine, given.runs), seconds(lambda: read_panel(path), given.runs)
        print(f"XLSX: {ours / peer:.1f} times python-calamine's own read (goal at most 2)")

        path = Path(folder) / "panel.csv"
        pl.DataFrame(rows(given.csv_rows), schema=list(HEADER), orient="row").write_csv(path)
        peer = seconds(lambda: pl.scan_csv(path, infer_schema=False).collect(), given.runs)
        ours = seconds(lambda: read_panel(path, as_frame="polars"), given.runs)
        print(f"long CSV: {ours / peer:.1f} times Polars' scan and collect (goal at most 3)")


if __name__ == "__main__":
    main()
