"""Strip of places: every row has one kind of interval, and every mark is explained."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from recal_labs.report.figures.places import BAND_HEIGHT, places, places_finding, places_table
from recal_labs.report.figures.theme import BAND

LABELS = {"dopamine": "Dopamine", "hva": "Homovanillic acid"}


def positions(**columns):
    usual = {
        "analyte_id": "dopamine",
        "specimen": "urine_spot",
        "comparator": "",
        "position_amount": [10.0, 50.0, 120.0],
        "reference_low": np.nan,
        "reference_high": 100.0,
        "interpretation": ["N", "N", "H"],
        "lab_interpretation": "",
    }
    return pd.DataFrame(usual | columns)


@pytest.fixture
def ax():
    return Figure().add_subplot()


def names(table):
    return [name.replace("\N{NO-BREAK SPACE}", " ") for name in table["row"].cat.categories]


def legend(axes):
    return " ".join(" ".join(text.get_text().split()) for text in axes.get_legend().get_texts())


SPOT_AND_24H = pd.concat(
    [positions(), positions(specimen="urine_24h", reference_low=20.0), positions(analyte_id="hva")]
).reset_index(drop=True)


def test_kinds_of_specimen_stand_in_rows_of_their_own():
    table = places_table(SPOT_AND_24H, LABELS)
    assert names(table) == ["Dopamine, single void", "Dopamine, 24 h", "Homovanillic acid, single void"]
    assert (table.groupby("row", observed=True)["low"].agg(lambda low: low.isna().nunique()) == 1).all()


def test_one_analyte_with_both_kinds_of_interval_is_split():
    table = places_table(positions(reference_low=[20.0, np.nan, np.nan]), LABELS)
    assert names(table) == ["Dopamine, single void, 2-sided", "Dopamine, single void, 1-sided"]


def test_measures_without_a_label_are_left_out():
    table = places_table(pd.concat([positions(), positions(analyte_id="specific_gravity")]), LABELS)
    assert set(table["analyte_id"]) == {"dopamine"}


def _bands(axes, row):
    bars = [bar for bar in axes.patches if bar.get_y() == pytest.approx(row - BAND_HEIGHT / 2)]
    return [bar for bar in bars if to_hex(bar.get_facecolor()) == BAND]


def test_no_dot_within_a_one_sided_limit_lies_outside_its_band(ax):
    table = places_table(SPOT_AND_24H, LABELS)
    places(table, ax=ax)
    fading, solid = _bands(ax, 0), _bands(ax, 1)
    assert min(bar.get_x() for bar in fading) <= table["ratio"].min()
    shades = [bar.get_alpha() for bar in sorted(fading, key=lambda bar: bar.get_x())]
    assert shades == sorted(shades)
    assert len(solid) == 1
    assert solid[0].get_x() == pytest.approx(0.2)


def test_lower_limits_that_depend_on_age_are_pale(ax):
    places(places_table(positions(reference_low=[20.0, 30.0, 30.0]), LABELS), ax=ax)
    spans = {(round(bar.get_x(), 2), bar.get_alpha() is None) for bar in _bands(ax, 0)}
    assert spans == {(0.2, False), (0.3, True)}
    assert "pale: its lower limit depends on age or sex" in legend(ax)


def test_censored_results_have_another_mark_and_the_legend_names_what_is_drawn(ax):
    table = places_table(positions(comparator=["<", "", ""], lab_interpretation=["", "L", ""]), LABELS)
    assert table["side"].tolist() == [-1, 0, 0]
    places(table, ax=ax)
    marks = {tuple(map(tuple, dots.get_paths()[0].vertices.round(2))) for dots in ax.collections}
    assert len(marks) == 3
    for words in ("one result", "beyond a detection limit", "the lab's own range says otherwise", "fading"):
        assert words in legend(ax)


def test_a_result_is_beyond_a_limit_where_its_position_is():
    table = places_table(positions(position_comparator=["<", "", ">"], comparator=["", "<", ""]), LABELS)
    assert table["side"].tolist() == [-1, 0, 1]


def test_the_legend_does_not_name_what_is_not_drawn(ax):
    places(places_table(positions(reference_low=20.0), LABELS), ax=ax)
    for words in ("detection limit", "otherwise", "fading", "pale"):
        assert words not in legend(ax)


@pytest.mark.parametrize("narrow", [False, True])
def test_the_scale_is_said_on_every_page(ax, narrow):
    places(places_table(positions(), LABELS), narrow=narrow, ax=ax)
    assert "(logarithmic scale)" in ax.get_xlabel()


def test_the_finding_counts_current_results_with_an_upper_limit():
    table = places_table(positions(comparator=["<", "", ""]), LABELS)
    assert places_finding(table) == (
        "1 of 3 current results with an upper limit (33 %) lie above it; 1 are known only as beyond a detection limit."
    )
    assert places_finding(table.head(0)) == "No result has an upper limit to be compared with."
