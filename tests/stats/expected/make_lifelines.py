"""Write lifelines.json: what lifelines says of simulated censored log-normal responses kept beside its answers.

Run with an interpreter that has lifelines (which needs pandas < 3, so it is never a dependency):
``python make_lifelines.py``. Tests read the JSON and never import lifelines.
"""

import json
import warnings
from pathlib import Path

import lifelines
import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
rng = np.random.default_rng(20260101)
N = 120
# lifelines cannot take the logarithm of 0; below this lies less than 1e-80 of the distribution.
NOTHING = 1e-6
age = rng.normal(45, 12, N).round(1)
male = rng.integers(0, 2, N).astype(float)
log_amount = 0.5 + 0.02 * age - 0.4 * male + rng.normal(0, 0.7, N)


def bounds(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper bounds of the amounts: NOTHING and inf where there is none."""
    amount = np.exp(log_amount).round(3)
    low, high = amount.copy(), amount.copy()
    if kind in ("left", "mixed"):
        limit = np.where(rng.uniform(size=N) < 0.5, 2.0, 3.0)
        below = amount < limit
        low[below], high[below] = NOTHING, limit[below]
    if kind in ("right", "mixed"):
        above = amount > 7.0
        low[above], high[above] = 7.0, np.inf
    if kind == "mixed":
        between = (amount > 4) & (amount < 6) & (rng.uniform(size=N) < 0.5)
        low[between], high[between] = 4.0, 6.0
    return low, high


def fitted(low: np.ndarray, high: np.ndarray) -> dict[str, object]:
    """Fit ln(amount) = intercept + age + male with normal residuals."""
    frame = pd.DataFrame({"low": low, "high": high, "age": age, "male": male})
    fitter = lifelines.LogNormalAFTFitter()
    fitter.fit_interval_censoring(frame, "low", "high")
    order = [("mu_", "Intercept"), ("mu_", "age"), ("mu_", "male"), ("sigma_", "Intercept")]
    covariance = fitter.variance_matrix_.loc[order, order]
    return {
        "low": low.tolist(),
        "high": [None if np.isinf(value) else value for value in high],
        "coefficients": [float(fitter.params_[name]) for name in order[:3]],
        "log_sd": float(fitter.params_[order[3]]),
        "covariance": covariance.to_numpy().tolist(),
        "log_likelihood": float(fitter.log_likelihood_),
    }


content = {
    "made_by": f"lifelines {lifelines.__version__}, LogNormalAFTFitter.fit_interval_censoring",
    "age": age.tolist(),
    "male": male.tolist(),
    **{kind: fitted(*bounds(kind)) for kind in ("left", "right", "mixed")},
}
Path(__file__).with_name("lifelines.json").write_text(json.dumps(content) + "\n", encoding="utf-8")
