"""The ideas behind the fitted bases on simulated people whose truth is known; at length in benchmarks."""

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "dilution_truth.py"


@pytest.fixture(scope="module")
def truth():
    spec = importlib.util.spec_from_file_location("dilution_truth", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["dilution_truth"] = module
    spec.loader.exec_module(module)
    return module


def test_dividing_by_creatinine_carries_body_size_into_the_exposure(truth):
    table = truth.slope_table(8, 300, 11).set_index("analysis")
    # ln(HVA/creatinine) = excretion - 0.35 size: with an effect of 0.6 of size, the slope it must have is
    # (0.5 x 0.25 - 0.35 x 0.6) / (0.25 + 0.35^2), less a little for assay error.
    assert table.loc["per_creatinine", "mean"] == pytest.approx(-0.23, abs=0.12)
    assert table.loc["none", "bias"] < -0.25
    for unbiased in ("specific_gravity", "covariate_adjusted", "covariate_adjusted + ln creatinine", "conditional"):
        assert table.loc[unbiased, "bias"] == pytest.approx(0, abs=0.12)


def test_conditioning_on_creatinine_finds_the_same_cases_with_fewer_false_alarms(truth):
    table = truth.screening_table(4000, 12).set_index("score")
    assert table.loc["per_creatinine", "slope on ln creatinine"] == pytest.approx(0.6 - 1, abs=0.05)
    assert table.loc["conditional", "slope on ln creatinine"] == pytest.approx(0, abs=0.05)
    assert table.loc["conditional", "predictive value"] > 2 * table.loc["per_creatinine", "predictive value"]
    dilute = "of them in urine below 0.3 g/L"
    assert table.loc["per_creatinine", dilute] > 0.7 > 0.5 > table.loc["conditional", dilute]
