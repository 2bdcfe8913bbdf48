"""The figure of where the labs disagree: bars as their sources printed them, results apart from them, marks named."""

import numpy as np
import pandas as pd
import pytest
from made_up import ANALYTES, disagreement, made_up_inputs
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from recal_labs.report.facts import gather_facts
from recal_labs.report.figures.sources import (
    MOST_STRIPS,
    sources_figure,
    sources_finding,
    strips_height,
    strips_table,
)
from recal_labs.report.figures.theme import BAND, SAND, SKY
from recal_labs.report.gather.disagreement import compared_results, gather_disagreement
from recal_labs.report.gather.names import Names
from recal_labs.report.sections.disagreement import show_disagreement
from recal_labs.report.store import Run

NAMES = Names(ANALYTES, {}, {})


@pytest.fixture(scope="module")
def facts():
    return gather_disagreement(disagreement(), NAMES)


def plain(shown):
    return shown._repr_html_().replace("\N{NO-BREAK SPACE}", " ")


def _legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


@pytest.fixture
def drawn(facts):
    strips = strips_table(facts["rows"], facts["limits"], compared_results(disagreement()))
    axes = Figure().add_subplot()
    sources_figure(strips, ax=axes)
    return strips, axes


def _bars(axes, colour):
    return [bar for bar in axes.patches if to_hex(bar.get_facecolor()) == colour]


def _at(axes, place):
    return [bar for bar in axes.patches if bar.get_y() + bar.get_height() / 2 == pytest.approx(place)]


def test_every_source_has_a_bar_from_its_lower_to_its_upper_limit(drawn):
    strips, axes = drawn
    assert [strip["name"].split(",")[0] for strip in strips] == ["Dopamine", "GABA"]
    middle = 77.5  # of 5, 10 ... 150
    (vendor,) = _bars(axes, SAND)
    assert (vendor.get_x() * middle, (vendor.get_x() + vendor.get_width()) * middle) == pytest.approx((50, 90))
    (lab,) = _bars(axes, SKY)
    assert (lab.get_x() * middle, (lab.get_x() + lab.get_width()) * middle) == pytest.approx((20, 100))
    ends = [(bar.get_x() + bar.get_width()) * middle for bar in _bars(axes, BAND)]
    assert {80.0, 60.0, 100.0} <= {round(end, 6) for end in ends}
    labels = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    results, *sources = labels[:4]
    assert results == "this study's results"
    assert sources == ["Made-up Laboratories (b)", "Made-up Laboratories (a)", "Made-up Laboratories (d)"]
    # beta, the first, has no lower limit: its bar reaches the end of the scale, paler and paler.
    beta = sorted(_at(axes, axes.get_yticks()[1]), key=lambda bar: bar.get_x())
    assert beta[0].get_x() == pytest.approx(axes.get_xlim()[0])
    assert (beta[-1].get_x() + beta[-1].get_width()) * middle == pytest.approx(60)
    shades = [bar.get_alpha() for bar in beta]
    assert shades == sorted(shades)
    assert shades[0] < shades[-1]


def test_limits_that_depend_on_age_or_sex_are_pale_between(facts):
    found = disagreement()
    more = found.limits[found.limits["source_id"] == "alpha"].assign(lower=30.0, upper=70.0)
    found.limits.loc[len(found.limits)] = more.iloc[0]
    made = gather_disagreement(found, NAMES)
    axes = Figure().add_subplot()
    strips = strips_table(made["rows"], made["limits"], compared_results(found))
    sources_figure(strips[:1], ax=axes)
    place = [label.get_text() for label in axes.get_yticklabels()].index("Made-up Laboratories (a)")
    mine = _at(axes, axes.get_yticks()[place])
    spans = sorted((round(bar.get_x() * 77.5, 3), round(bar.get_alpha(), 2)) for bar in mine)
    assert spans == [(20.0, 0.4), (30.0, 1.0), (70.0, 0.4)]


def test_every_result_is_drawn_and_marked_by_whether_its_sources_differ(drawn):
    _, axes = drawn
    sizes = [len(dots.get_offsets()) for dots in axes.collections]
    # Measured: disputed even without the consumer page, through it alone, and agreed; below a limit: disputed
    # (dopamine) and agreed (GABA).
    assert sorted(sizes) == [1, 1, 8, 8, 42]
    legend = _legend(axes)
    assert len(legend) == 7
    assert "beyond a detection limit" in " ".join(legend)


def test_results_stand_in_a_strip_of_their_own_above_the_bars(drawn):
    strips, axes = drawn
    heights = np.concatenate([dots.get_offsets()[:, 1] for dots in axes.collections])
    bars = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in axes.patches]
    assert not any(((low <= heights) & (heights <= high)).any() for low, high in bars)
    assert strips_height(strips) > strips_height([strip | {"bars": strip["bars"][:1]} for strip in strips])


@pytest.mark.parametrize("narrow", [False, True])
def test_the_scale_is_said_and_only_marks_that_are_drawn_are_named(facts, narrow):
    compared = compared_results(disagreement())
    only = compared[(compared["side"] == 0) & compared["key"].str.startswith("dopamine")]
    axes = Figure().add_subplot()
    sources_figure(strips_table(facts["rows"], facts["limits"], only), narrow=narrow, ax=axes)
    legend = " ".join(text.get_text() for text in axes.get_legend().get_texts())
    assert "detection limit" not in legend
    assert "printed by" not in legend
    assert "(logarithmic scale)" in axes.get_xlabel()


def test_the_most_debated_are_drawn_and_the_caption_says_how_many():
    found = disagreement()
    names = [f"analyte_{i}" for i in range(MOST_STRIPS + 2)]
    tables = [
        pd.concat(
            [table[table["analyte_id"] == "dopamine"].assign(analyte_id=name) for name in names], ignore_index=True
        )
        for table in (found.verdicts, found.limits, found.results)
    ]
    tables[2]["row"] = tables[2]["row"] + 100 * np.repeat(range(len(names)), len(tables[2]) // len(names))
    many = type(found)(*tables)
    whole = gather_facts(made_up_inputs(disagreement=many))
    html = plain(show_disagreement(Run(whole, pd.DataFrame({"analyte_id": []}), compared_results(many))))
    assert f"The {MOST_STRIPS} most debated of {MOST_STRIPS + 2} are drawn." in html


def test_the_finding_is_said_in_words(facts):
    said = sources_finding(facts)
    assert said == (
        "For 17 of 60 results (28 %) low, normal or high depends on the source of the interval: Dopamine 50 %; "
        "GABA 6.7 %. Without consumer and vendor pages (quality D) it is 9 of 60 (15 %), and without the ranges that "
        "the labs printed too it is 7 of 30 (23 %)."
    )
    calm = facts | {"n_differ": 0}
    assert sources_finding(calm) == "All sources call 60 results the same."


def test_printed_ranges_of_made_up_data_are_named_as_simulated_beside_their_mark(drawn):
    strips, axes = drawn
    assert "printed by the labs of this study" in _legend(axes)
    made_up = sources_figure(strips, simulated=True, ax=Figure().add_subplot())
    assert "printed by the labs of this study (simulated)" in _legend(made_up)
