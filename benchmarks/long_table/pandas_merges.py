"""The peer: the main steps of normalise as an analyst would write them, in plain pandas merges, all in memory.

It does less: no corrections, printed ranges, conditions, fitted bases or completeness, and only the commonest of the
quality codes. The lookup tables are taken from recal_labs, so that both compute the same numbers.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import Choices
from recal_labs.columns import RESULTS
from recal_labs.normalise.interval_keys import KEYS, age_key
from recal_labs.normalise.reference import chosen_intervals
from recal_labs.normalise.units import conversion_table

SPOT = "urine_spot"


def read(source: str) -> pd.DataFrame:
    kinds = {"text": "string", "number": "float64", "integer": "Int64", "moment": "string", "flag": "boolean"}
    return pd.read_csv(
        source,
        dtype={column.name: kinds[column.kind] for column in RESULTS.columns},
        keep_default_na=False,
        na_values=[""],
    )


def ages(frame: pd.DataFrame) -> pd.Series:
    import narwhals as nw

    return nw.from_native(frame[["age_years"]], eager_only=True).select(age_key=age_key())["age_key"].to_native()


def normalise(frame: pd.DataFrame) -> pd.DataFrame:
    """Return units, the newest row, creatinine, amounts, intervals, zlog, verdicts and the commonest codes."""
    catalogue, choices = load_catalogue(), Choices()
    units = pd.DataFrame(conversion_table(catalogue))
    units = units.rename(columns={"basis": "reported_basis", "amount_unit": "reported_amount_unit"})
    frame = frame.merge(units, on=["analyte_id", "unit"], how="left", sort=False)
    frame["comparator"] = frame["comparator"].fillna("")
    frame["quantity"] = frame["value"] * frame["factor"]
    key = ["subject_id", "specimen_id", "analyte_id", "fraction", "timepoint", "reported_basis"]
    frame["current"] = ~frame.duplicated(key, keep="last")
    creatinine = frame[(frame["analyte_id"] == "creatinine") & frame["current"] & (frame["quantity"] > 0)]
    creatinine = creatinine[["subject_id", "specimen_id", "quantity"]].rename(
        columns={"quantity": "creatinine_g_per_l"}
    )
    frame = frame.merge(creatinine, on=["subject_id", "specimen_id"], how="left", sort=False)
    ratio = frame["analyte_id"] != "creatinine"
    frame["basis"] = np.where(ratio, "per_creatinine", "per_volume")
    frame["amount"] = np.where(ratio, frame["quantity"] / frame["creatinine_g_per_l"], frame["quantity"])
    made = units[["analyte_id", "reported_basis", "reported_amount_unit"]].drop_duplicates()
    made.columns = ["analyte_id", "basis", "amount_unit"]
    frame = frame.merge(made, on=["analyte_id", "basis"], how="left", sort=False)
    dilution = np.select(
        [frame["creatinine_g_per_l"].isna(), frame["creatinine_g_per_l"] < 0.3, frame["creatinine_g_per_l"] > 3.0],
        ["unknown", "too_dilute", "too_concentrated"],
        "ok",
    )
    frame["dilution"] = dilution
    frame["age_key"] = ages(frame)
    frame["reference_specimen"], frame["position_basis"] = SPOT, frame["basis"]
    with_fraction = [analyte.id for analyte in catalogue.analytes.values() if analyte.fraction_matters]
    frame["reference_fraction"] = frame["fraction"].where(frame["analyte_id"].isin(with_fraction), "unspecified")
    intervals = chosen_intervals(catalogue, choices).to_pandas()
    frame = frame.merge(intervals, on=list(KEYS), how="left", sort=False)
    low, high, amount = frame["reference_low"], frame["reference_high"], frame["amount"]
    exact, two_sided = frame["comparator"] == "", (low > 0) & (high > low)
    centre, spread = (
        (np.log(low.where(two_sided)) + np.log(high)) / 2,
        (np.log(high) - np.log(low.where(two_sided))) / 3.92,
    )
    frame["zlog"] = ((np.log(amount.where(amount > 0)) - centre) / spread).where(two_sided & exact)
    frame["midpoint_ratio"] = (amount / np.sqrt(low * high)).where(two_sided)
    limited = (low > 0) | high.notna()
    left = frame["comparator"] == "<"
    below = ((low > 0) & (amount < low)) | (left & (low > 0) & (amount <= low))
    above = (amount > high) & exact
    open_ = left & ~below & ~(~(low > 0) & (amount <= high))
    frame["interpretation"] = np.select([amount.isna() | ~limited, below, above, open_], ["", "L", "H", "IND"], "N")
    codes = {
        "duplicate": ~frame["current"],
        "no_creatinine": ratio & frame["creatinine_g_per_l"].isna(),
        "no_interval": frame["reference_source"].isna(),
        "one_sided_reference": frame["reference_source"].notna() & ~two_sided,
        "too_concentrated": dilution == "too_concentrated",
        "too_dilute": dilution == "too_dilute",
    }
    qc = pd.Series("", index=frame.index)
    for code, applies in codes.items():
        qc = qc.where(~applies, qc + (";" + code))
    frame["qc"] = qc.str.removeprefix(";")
    return frame


if __name__ == "__main__":
    normalise(read(sys.argv[1])).to_parquet(sys.argv[2], compression="zstd", index=False)
