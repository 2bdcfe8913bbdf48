import numpy as np
import pytest

from recal_labs.errors import ArrayError, ChoiceError
from recal_labs.intervals import establish_interval


@pytest.fixture
def amounts():
    """Simulated log-normal amounts of 240 reference subjects, ug/g creatinine."""
    return np.exp(np.random.default_rng(51).normal(1, 0.5, 240))


def test_limits_are_the_central_95_percent(amounts):
    found = establish_interval(amounts, unit="ug/g{creat}")
    assert found.lower.estimate == pytest.approx(np.quantile(amounts, 0.025, method="weibull"))
    assert found.upper.estimate == pytest.approx(np.quantile(amounts, 0.975, method="weibull"))
    for limit in (found.lower, found.upper):
        assert limit.ci_low < limit.estimate < limit.ci_high
        assert (limit.unit, limit.confidence) == ("ug/g{creat}", 0.90)
    assert found.warnings == ()
    assert not found.is_missing


def test_limits_follow_a_change_of_unit(amounts):
    one, thousand = establish_interval(amounts, unit="mg/L"), establish_interval(1000 * amounts, unit="ug/L")
    assert thousand.upper.estimate == pytest.approx(1000 * one.upper.estimate)
    assert thousand.lower.ci_low == pytest.approx(1000 * one.lower.ci_low)


def test_fewer_than_120_subjects_are_warned_of(amounts):
    found = establish_interval(amounts[:80], unit="ug/L")
    assert found.warnings[0] == "warning: 80 reference subjects; at least 120 are recommended"
    assert any("too few values for the lower limit of the interval, lower limit" in text for text in found.warnings)
    assert not found.lower.is_missing


def test_fewer_than_39_subjects_have_no_limits(amounts):
    found = establish_interval(amounts[:38], unit="ug/L")
    assert found.is_missing
    assert "38 values; at least 39 are needed" in found.lower.reason
    assert any(text.startswith("warning: no upper limit") for text in found.warnings)


def test_a_limit_of_detection_above_the_lower_limit_leaves_only_the_upper_one(amounts):
    codes = np.where(amounts < 1.5, -1, 0)
    found = establish_interval(np.maximum(amounts, 1.5), unit="ug/L", censoring=codes)
    assert found.lower.is_missing
    assert not found.upper.is_missing
    assert not found.is_missing
    assert "warning: no lower limit, the percentile falls among censored values" in found.warnings


def test_missing_values_do_not_count(amounts):
    assert establish_interval([*amounts[:130], np.nan], unit="ug/L").n == 130


def test_it_shows_its_limits_and_escapes_what_it_is_given(amounts):
    found = establish_interval(amounts, unit="<script>")
    assert "Central 95 % reference interval, n = 240" in str(found)
    assert "<script>" not in found._repr_html_()


def test_misuse_is_an_error():
    with pytest.raises(ArrayError):
        establish_interval([[1.0, 2.0], [3.0, 4.0]], unit="ug/L")
    with pytest.raises(ChoiceError):
        establish_interval([1.0, 2.0], unit="ug/L", confidence=90)
