"""Write pingouin.json: what pingouin (GPL, a peer in development only) says of simulated data kept beside its answers.

Run with an interpreter that has pingouin: ``python make_pingouin.py``. Tests read the JSON and never import pingouin.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin

rng = np.random.default_rng(20260101)
N = 40
age = rng.normal(45, 12, N).round(1)
sex = rng.integers(0, 2, N).astype(float)
x = np.exp(0.02 * age + 0.3 * sex + rng.normal(0, 0.5, N))
y = (3 + 0.05 * age + 1.5 * np.log(x) + rng.normal(0, 2, N)).round()
frame = pd.DataFrame({"x": x, "y": y, "age": age, "sex": sex})
before = rng.normal(10, 3, 24)
after = before * 0.6 + rng.normal(3, 2, 24)
other = rng.normal(11, 4, 31)
p_values = [0.001, 0.012, 0.012, 0.03, 0.04, 0.2, 0.21, 0.6, 0.0004, 0.9]


def column(table: pd.DataFrame, *names: str) -> float:
    """Return the first cell of the first column that exists; pingouin renamed some between versions."""
    return float(next(table[name].iloc[0] for name in names if name in table))


def limits(table: pd.DataFrame) -> list[float]:
    """Return the two limits of the interval; pingouin rounds them to `round` decimals."""
    return [float(limit) for limit in next(table[name].iloc[0] for name in ("CI95", "CI95%") if name in table)]


def correlations() -> dict[str, dict[str, float]]:
    found = {}
    for method in ("spearman", "pearson", "kendall"):
        table = pingouin.corr(x, y, method=method)
        found[method] = {"estimate": column(table, "r"), "p": column(table, "p_val", "p-val")}
    found["pearson"]["ci"] = limits(pingouin.corr(x, y, method="pearson"))
    for method in ("spearman", "pearson"):
        for name, covariates in (("age", ["age"]), ("age_sex", ["age", "sex"])):
            table = pingouin.partial_corr(frame, "x", "y", covariates, method=method)
            found[f"{method}_given_{name}"] = {"estimate": column(table, "r"), "p": column(table, "p_val", "p-val")}
    return found


def effects() -> dict[str, float]:
    effect = pingouin.compute_effsize
    return {
        "cohens_d": effect(before, other, eftype="cohen"),
        "cohens_d_paired": effect(after, before, paired=True, eftype="cohen"),
        "rank_biserial": column(pingouin.mwu(before, other), "RBC"),
        "rank_biserial_paired": column(pingouin.wilcoxon(after, before), "RBC"),
        "mann_whitney_p": column(pingouin.mwu(before, other, method="asymptotic"), "p_val", "p-val"),
        "wilcoxon_p": column(pingouin.wilcoxon(after, before), "p_val", "p-val"),
        "welch_p": column(pingouin.ttest(before, other, correction=True), "p_val", "p-val"),
        "welch_ci": limits(pingouin.ttest(before, other, correction=True)),
        "paired_p": column(pingouin.ttest(after, before, paired=True), "p_val", "p-val"),
        "paired_ci": limits(pingouin.ttest(after, before, paired=True)),
    }


def adjusted() -> dict[str, list[float]]:
    methods = ("bonf", "holm", "fdr_bh", "fdr_by")
    return {method: pingouin.multicomp(p_values, method=method)[1].tolist() for method in methods}


data = {"x": x, "y": y, "age": age, "sex": sex, "before": before, "after": after, "other": other, "p_values": p_values}
content = {
    "made_by": f"pingouin {pingouin.__version__}",
    "data_simulated": {name: np.asarray(values).tolist() for name, values in data.items()},
    "correlations": correlations(),
    "effects": effects(),
    "adjusted": adjusted(),
}
Path(__file__).with_name("pingouin.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
