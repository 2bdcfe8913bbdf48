"""A table that a run has written is read back as it was, or refused."""

import pandas as pd
import pytest

from recal_labs.errors import FileProblem, TableError
from recal_labs.normalise import normalise
from recal_labs.normalise.saved_table import read_normalised


def test_parquet_and_csv_give_back_the_same_numbers(results, tmp_path):
    hva = {"analyte_id": "hva", "value": 4.1, "unit": "mg/g{creat}", "collected_at": pd.Timestamp("2024-03-11 08:00")}
    frame = normalise(results(hva).assign(weight_kg=70.5, mine="x")).frame
    frame.to_parquet(tmp_path / "n.parquet")
    frame.to_csv(tmp_path / "n.csv", index=False)
    for kind in ("parquet", "csv"):
        read = read_normalised(tmp_path / f"n.{kind}").collect()
        row = read.select("value", "amount", "weight_kg", "mine", "current", "collected_at").row(0)
        assert row == (4.1, 4.1, 70.5, "x", True, frame["collected_at"].item())
        again = normalise(read).frame
        assert again["amount"].to_list() == [4.1]


def test_what_is_no_table_is_refused(tmp_path):
    with pytest.raises(FileProblem, match="there is no such file"):
        read_normalised(tmp_path / "no.csv")
    (tmp_path / "bad.parquet").write_text("no", encoding="utf-8")
    with pytest.raises(FileProblem, match="it cannot be read"):
        read_normalised(tmp_path / "bad.parquet")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"other.csv: the normalised table lacks"):
        read_normalised(tmp_path / "other.csv")
