"""Write reference_ranges/unit_readings.csv: the units of these analytes, read once through pint and ucumvert."""

import csv
import io
from pathlib import Path

from recal_labs.normalise.pint_units import read_through_pint

TABLE = Path(__file__).parents[1] / "reference_ranges" / "unit_readings.csv"

AMOUNTS = ("g", "mg", "ug", "ng", "pg", "mol", "mmol", "umol", "nmol", "pmol", "fmol")
DENOMINATORS = ("L", "dL", "mL", "uL", "(24.h)", "d", "h")
OF_CREATININE = ("g{creat}", "mg{creat}", "mol{creat}", "mmol{creat}", "umol{creat}")


def table() -> str:
    """Return the file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["ucum", "basis", "substance", "scale", "per"])
    for amount in AMOUNTS:
        for bottom in (*DENOMINATORS, *OF_CREATININE):
            read = read_through_pint(f"{amount}/{bottom}")
            assert read is not None
            writer.writerow([read.ucum, read.basis, read.substance, repr(read.scale), read.per])
    return text.getvalue()


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8", newline="\n")
