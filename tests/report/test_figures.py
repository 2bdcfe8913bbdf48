"""Figures are functions of tidy tables: they draw on the axes given and say what they show."""

import base64

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from made_up import ANALYTES, change_table, made_up_inputs, normalised
from matplotlib.figure import Figure

from recal_labs.report.facts import gather_facts
from recal_labs.report.figures.change import change, change_finding
from recal_labs.report.figures.change import change_table as tidy_change
from recal_labs.report.figures.flow import flow, flow_finding, flow_height, flow_table
from recal_labs.report.figures.forest import forest, forest_finding
from recal_labs.report.figures.lettering import fitted
from recal_labs.report.figures.picture import follow_scheme, picture
from recal_labs.report.figures.places import places, places_finding, places_table
from recal_labs.report.figures.rejects import rejects, rejects_finding
from recal_labs.report.figures.theme import DARK, LIGHT
from recal_labs.report.figures.verdicts import verdicts, verdicts_finding
from recal_labs.report.gather.reference import positions_table
from recal_labs.report.plain import plain


@pytest.fixture
def ax():
    return Figure().add_subplot()


def estimates(**columns):
    rows = {
        "label": ["hva", "vma", "hva", "vma"],
        "kind": ["partial", "partial", "raw", "raw"],
        "estimate": [0.1, 0.3, 0.2, 0.3],
        "ci_low": [-0.1, 0.1, 0.0, 0.1],
        "ci_high": [0.3, 0.5, 0.4, 0.5],
        "n": 90,
        "confidence": 0.95,
    }
    return pd.DataFrame(rows | columns)


def test_forest_returns_the_axes_it_was_given_with_the_largest_on_top(ax):
    assert forest(estimates(), axis_label="rho", ax=ax) is ax
    heights = dict(zip([t.get_text() for t in ax.get_yticklabels()], ax.get_yticks(), strict=True))
    assert heights["vma"] > heights["hva"]


def test_forest_draws_every_estimate_once_and_tells_kinds_apart_by_shape(ax):
    forest(estimates(), axis_label="rho", ax=ax)
    drawn = {line.get_label(): line for line in ax.get_lines() if line.get_marker() != "None"}
    assert {label: len(line.get_xdata()) for label, line in drawn.items()} == {"partial": 2, "raw": 2}
    assert drawn["partial"].get_marker() != drawn["raw"].get_marker()


def test_forest_leaves_out_what_could_not_be_estimated(ax):
    forest(estimates(estimate=[0.1, np.nan, 0.2, np.nan]), axis_label="rho", ax=ax)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["hva"]


def test_forest_prints_effects_never_p(ax):
    forest(estimates(), axis_label="rho", ax=ax)
    printed = " ".join(text.get_text() for text in ax.texts)
    assert "0.30 (0.10 to 0.50)" in printed
    assert "p" not in printed


def test_forest_finding_counts_intervals_and_names_the_farthest():
    said = forest_finding(estimates(), subject="Correlations with PHQ-9")
    assert said == (
        "Correlations with PHQ-9: 1 of 2 intervals excludes 0; farthest from it is vma, 0.30 (95 % CI 0.10 to 0.50)."
    )
    assert "nothing could be estimated" in forest_finding(estimates(estimate=np.nan), subject="x")


def test_a_name_with_dollar_signs_is_drawn_as_it_is(ax):
    forest(estimates(label=["$a$", "b", "$a$", "b"]), axis_label="rho", ax=ax)
    assert r"\$a\$" in [t.get_text() for t in ax.get_yticklabels()]


def test_a_limit_that_would_round_to_the_null_gets_a_third_decimal(ax):
    close = estimates(ci_low=[-0.1, 0.003, 0.0, 0.1])
    forest(close, axis_label="rho", ax=ax)
    assert "0.300 (0.003 to 0.500)" in [text.get_text() for text in ax.texts]
    assert "(95 % CI 0.003 to 0.500)" in forest_finding(close, subject="x")


def test_a_name_is_never_broken_inside_a_word():
    assert fitted("3,4-Dihydroxyphenylacetic acid", narrow=True) == "3,4-Dihydroxyphenylacetic\nacid"
    assert max(map(len, fitted("x" * 60, narrow=True).split("\n"))) <= 21


def test_without_axes_a_new_figure_is_made():
    with mpl.rc_context({"backend": "agg"}):
        import matplotlib.pyplot as plt

        made = forest(estimates(), axis_label="rho")
        plt.close(made.figure)
    assert made.get_xlabel() == "rho"


def score_rows():
    """PHQ-9, by which people were chosen, and GAD-7, for which a number is known that holds for another question."""
    rows = change_table().head(2).assign(label=["PHQ-9", "GAD-7"], entry=[True, False])
    return plain(rows.assign(expected_rtm=[-2.0, -0.5], expected_rtm_low=-2.3, expected_rtm_high=-1.7))


def test_change_sets_only_the_entry_score_against_regression_to_the_mean(ax):
    rows = score_rows()
    assert change(tidy_change(rows), axis_label="points", ratio=False, ax=ax) is ax
    drawn = {line.get_label(): len(line.get_xdata()) for line in ax.get_lines() if line.get_marker() != "None"}
    assert drawn == {"observed": 2, "expected from regression to the mean alone": 1}
    said = change_finding(rows, ratio=False)
    assert "regression to the mean alone would give −2.0 (95 % CI −2.3 to −1.7)." in said
    assert "PHQ-9 fell by 1.1 points more than regression to the mean alone would give" in said
    assert said.endswith("GAD-7 changed by −1.4 (95 % CI −2.5 to −0.3).")
    assert "inside the observed interval" not in said


def test_ratios_stand_on_a_logarithmic_axis_with_plain_numbers(ax):
    rows = plain(change_table().assign(label=lambda t: t["analyte_id"], entry=False).tail(4))
    change(tidy_change(rows), axis_label="ratio", ratio=True, ax=ax)
    assert ax.get_xscale() == "log"
    labels = [t.get_text() for t in ax.get_xticklabels()]
    assert "1" in labels
    assert not any("$" in text for text in labels)


def test_flow_draws_a_box_for_each_stage_and_each_group_left_out(ax):
    table = flow_table(gather_facts(made_up_inputs())["flow"])
    assert flow(table, ax=ax) is ax
    assert len(ax.patches) == 9 + 6
    text = " ".join(item.get_text() for item in ax.texts)
    assert "632 positions" in text
    assert "196 subjects" in text
    assert [item.get_text() for item in ax.texts if item.get_size() > 10] == ["Results", "Specimens", "People"]
    assert flow_finding(table) == (
        "From 632 positions to 547 results, 214 to 196 specimens and 240 to 196 subjects; the commonest reason to "
        "leave people out: no outcome that could be scored (21 subjects)."
    )


def test_flow_is_taller_on_a_narrow_page():
    table = flow_table(gather_facts(made_up_inputs())["flow"])
    assert flow_height(table, narrow=True) > 0.8 * flow_height(table, narrow=False)


def test_verdict_bars_fill_the_whole_of_each_analyte(ax):
    table = pd.DataFrame(gather_facts(made_up_inputs())["reference"]["rows"])
    verdicts(table, ax=ax)
    ends = {}
    for bar in ax.patches:
        ends[bar.get_y()] = max(ends.get(bar.get_y(), 0), bar.get_x() + bar.get_width())
    assert len(ends) == len(ANALYTES)
    assert all(end == pytest.approx(100) for end in ends.values())
    assert "results could be placed" in verdicts_finding(table)


def test_places_shows_every_result_that_has_an_upper_limit(ax):
    table = places_table(positions_table(normalised(np.random.default_rng(1))), ANALYTES)
    assert len(table) == 7 * 60
    places(table, ax=ax)
    assert sum(len(dots.get_offsets()) for dots in ax.collections) == len(table)
    above = int((table["ratio"] > 1).sum())
    assert places_finding(table).startswith(f"{above} of 420 current results")


def test_many_dots_are_stored_as_pixels(ax):
    table = places_table(positions_table(normalised(np.random.default_rng(1), n=200)), ANALYTES)
    places(table, ax=ax)
    assert all(dots.get_rasterized() for dots in ax.collections)


def test_rejects_are_ordered_and_counted(ax):
    table = pd.DataFrame({"reason": ["wrong_unit", "not_measured"], "n": [1, 3]})
    rejects(table, ax=ax)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["wrong unit", "not measured"]
    assert rejects_finding(table) == "4 positions refused; the commonest reason is “not measured” (3, 75 %)."


def _svg(drawing):
    return base64.b64decode(drawing.uri.partition(",")[2]).decode()


def test_a_picture_follows_the_readers_scheme_and_fetches_nothing():
    drawn = picture(
        lambda ax, narrow: forest(estimates(), axis_label="rho", narrow=narrow, ax=ax), wide_height=2, narrow_height=2
    )
    svg = _svg(drawn.wide)
    assert "prefers-color-scheme:dark" in svg
    assert "var(--blue)" in svg
    assert LIGHT["blue"] in svg.partition("</style>")[0]
    assert LIGHT["blue"] not in svg.partition("</style>")[2]
    assert "http" not in svg.replace("http://www.w3.org/", "")
    assert drawn.narrow.width < 340 < drawn.wide.width


def test_the_same_table_gives_the_same_bytes():
    first, second = (
        picture(lambda ax, narrow: forest(estimates(), axis_label="rho", ax=ax), wide_height=2, narrow_height=2)
        for _ in range(2)
    )
    assert first == second


def test_numbers_in_paths_are_shortened():
    assert "1.123 " in follow_scheme('<svg width="9"><path d="M 1.123456 2"/></svg>')


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def _contrast(a, b):
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_palette_has_the_contrast_that_wcag_asks_for(scheme):
    assert _contrast(scheme["ink"], scheme["paper"]) >= 7
    assert _contrast(scheme["muted"], scheme["paper"]) >= 4.5
    for name in ("blue", "vermillion", "green", "purple"):
        assert _contrast(scheme[name], scheme["paper"]) >= 3, name
