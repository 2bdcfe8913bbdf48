"""Where the labs disagree: counts and limits as they were found, for whom they were printed, marks that are named."""

import json

import numpy as np
import pandas as pd
import pytest
from made_up import ANALYTES, PRINTED, disagreement, made_up_inputs
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from recal_labs.normalise import normalise, range_disagreement
from recal_labs.report.facts import gather_facts
from recal_labs.report.figures.sources import MOST_STRIPS, sources_figure, sources_finding, strips_table
from recal_labs.report.figures.theme import BAND, SAND, SKY
from recal_labs.report.gather.disagreement import compared_results, gather_disagreement, source_labels
from recal_labs.report.gather.names import Names
from recal_labs.report.sections.disagreement import NOT_ASKED, show_disagreement
from recal_labs.report.store import Run, open_run, store_run

NAMES = Names(ANALYTES, {}, {})


@pytest.fixture(scope="module")
def facts():
    return gather_disagreement(disagreement(), NAMES)


@pytest.fixture(scope="module")
def run(facts):
    whole = json.loads(json.dumps(gather_facts(made_up_inputs())))
    return Run(whole, pd.DataFrame({"analyte_id": []}), compared_results(disagreement()))


def plain(shown):
    return shown._repr_html_().replace("\N{NO-BREAK SPACE}", " ")


def test_rows_stand_with_the_most_debated_first_and_without_what_one_source_places(facts):
    assert [row["analyte"] for row in facts["rows"]] == ["Dopamine", "GABA"]
    dopamine, gaba = facts["rows"]
    # 5 to 150 in steps of 5. Beside beta (up to 60) alpha (20 to 80) differs at 5 to 15 and 65 to 80, gamma (50 to 90)
    # at 5 to 45 and at 85 and 90; all agree that 50 to 60 is normal and 95 and more high.
    assert (dopamine["n_differ"], dopamine["n_compared"], dopamine["n_opposite"]) == (15, 30, 0)
    # GABA at 10 and 15: normal to one, low to the other.
    assert gaba["n_differ"] == 2
    assert facts["n_differ"] == 17
    assert dopamine["pair"] == ["Made-up Laboratories (a)", "Made-up Laboratories (b)"]
    assert (dopamine["low"], dopamine["high"]) == ([20.0, 50.0], [60.0, 90.0])


def test_limits_hold_what_was_asked_and_what_was_printed_for_another_collection(facts):
    dopamine = [line for line in facts["limits"] if line["key"].startswith("dopamine")]
    assert [(line["source_id"], line["n"], line["collection"]) for line in dopamine] == [
        ("alpha", 30, "urine_spot"),
        ("beta", 30, "urine_spot"),
        ("gamma", 30, "urine_spot"),
        ("delta", 0, "urine_24h"),
    ]
    assert dopamine[1]["low"] is None


def test_the_sentences_count_say_what_was_asked_and_that_it_is_part_of_the_debate(facts):
    said = " ".join(facts["sentences"]).replace("\N{NO-BREAK SPACE}", " ")
    assert "Of 60 results that at least two sources of intervals place, the sources call 17 (28 %) differently" in said
    assert "None is low by one source and high by another." in said
    assert "Most debated: Dopamine (single void: 50 % of 30 results, 3 sources)" in said
    assert "D are consumer and vendor pages" in said
    assert "part of the debate" in said


def test_the_finding_is_in_the_summary_and_in_no_other_words():
    whole = gather_facts(made_up_inputs())
    part = next(part for part in whole["findings"] if part["section"] == "disagreement")
    assert part["sentences"] == whole["disagreement"]["sentences"][:1]
    silent = gather_facts(made_up_inputs(disagreement=None))
    assert silent["disagreement"] is None
    assert "disagreement" not in [part["section"] for part in silent["findings"]]


def test_measures_of_dilution_are_left_out():
    found = disagreement()
    for table in (found.verdicts, found.limits, found.results):
        table["analyte_id"] = table["analyte_id"].replace("gaba", "creatinine")
    made = gather_disagreement(found, NAMES)
    assert [row["analyte_id"] for row in made["rows"]] == ["dopamine"]
    assert made["n_compared"] == 30
    assert set(compared_results(found)["key"]) == {"dopamine:unspecified:urine_spot:per_creatinine"}


def test_compared_results_tell_nothing_about_people_and_what_their_sources_say():
    table = compared_results(disagreement())
    assert list(table.columns) == ["key", "amount", "side", "differs"]
    dopamine = table[table["key"].str.startswith("dopamine")]
    assert dopamine["amount"].is_monotonic_increasing
    assert dopamine["differs"].sum() == 15
    assert dopamine["side"].tolist() == [-1] + [0] * 29
    assert len(compared_results(None)) == 0


def test_a_publisher_of_several_pages_gets_letters_and_a_printed_range_its_own_name():
    limits = pd.DataFrame(
        {
            "source_id": ["x", "a", "b", "reported_by_lab"],
            "publisher": ["University Laboratory (NHS)", "Shop", "Shop", "lab_a"],
        }
    )
    assert source_labels(limits) == {
        "a": "Shop (a)",
        "b": "Shop (b)",
        "reported_by_lab": "the lab's printed range",
        "x": "University Laboratory",
    }


def test_the_tables_show_shares_limits_in_one_unit_and_whom_they_were_printed_for(run):
    html = plain(show_disagreement(run))
    for cell in (
        "15 of 30 (50 %)",
        "20.0 to 50.0",
        "60.0 to 90.0",
        "up to 60",
        "no age printed",
        "not asked: for 24 h",
    ):
        assert cell in html, cell
    assert html.index("<details>") < html.index("table-limits-by-source")
    assert "Every source&#39;s limits (7 intervals)" in html
    assert run.numbers["table:disagreement"] in html
    assert "decision limit" not in html


@pytest.mark.parametrize(
    ("band", "words"),
    [
        ({"age_low_years": 18.0}, "from 18 y"),
        ({"age_low_years": 0.5, "age_high_years": 1.0}, "6 mo to below 12 mo"),
        ({"age_low_years": 0.0, "age_high_years": 3.0}, "0 to below 3 y"),
        ({"age_high_years": 11.0}, "0 to below 11 y"),
        ({"sex": "female"}, "women, no age printed"),
        ({"condition": "pregnancy"}, "no age printed, pregnancy"),
    ],
)
def test_ages_sexes_and_conditions_are_said(band, words):
    found = disagreement()
    found.limits.loc[0, list(band)] = list(band.values())
    whole = json.loads(json.dumps(gather_facts(made_up_inputs(disagreement=found))))
    assert words in plain(show_disagreement(Run(whole, pd.DataFrame({"analyte_id": []}), compared_results(found))))


def test_a_printed_range_in_another_unit_is_listed_with_it_and_not_drawn(facts):
    found = disagreement()
    found.limits.loc[found.limits["source_id"] == "reported_by_lab", "unit"] = "ug/L"
    whole = gather_facts(made_up_inputs(disagreement=found))
    run = Run(whole, pd.DataFrame({"analyte_id": []}), compared_results(found))
    assert "20 to 100 µg/L" in plain(show_disagreement(run))
    made = whole["disagreement"]
    strips = strips_table(made["rows"], made["limits"], compared_results(found))
    assert [bar["source"] for bar in strips[1]["bars"]] == ["Made-up Laboratories (a)"]


def test_a_run_that_did_not_ask_says_so_and_numbers_nothing():
    whole = gather_facts(made_up_inputs(disagreement=None))
    silent = Run(whole, pd.DataFrame({"analyte_id": []}))
    assert repr(show_disagreement(silent)) == NOT_ASKED
    assert not {"figure:sources", "table:disagreement"} & set(silent.numbers)
    # A run of an earlier version holds nothing of the kind.
    del whole["disagreement"]
    assert repr(show_disagreement(Run(whole, pd.DataFrame({"analyte_id": []})))) == NOT_ASKED


def test_where_no_two_sources_place_a_result_there_is_a_sentence_alone():
    found = disagreement()
    found.verdicts["n_compared"] = found.verdicts["n_differ"] = 0
    whole = gather_facts(made_up_inputs(disagreement=found))
    shown = show_disagreement(Run(whole, pd.DataFrame({"analyte_id": []}), compared_results(None)))
    assert repr(shown) == whole["disagreement"]["sentences"][0]
    assert "<table" not in shown._repr_html_()


def test_a_stored_run_shows_the_same_without_the_raw_data(tmp_path, run):
    store_run(made_up_inputs(), tmp_path)
    again = open_run(tmp_path)
    pd.testing.assert_frame_equal(again.compared, compared_results(disagreement()), check_dtype=False)
    assert again.facts["disagreement"] == run.facts["disagreement"]
    assert plain(show_disagreement(again)).count("<figure") == 1
    stored = (tmp_path / "facts.json").read_text(encoding="utf-8")
    assert "SIM-" not in stored
    # A run of an earlier version has no such table.
    (tmp_path / "tables" / "compared.parquet").unlink()
    assert "<figure" not in plain(show_disagreement(open_run(tmp_path)))


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
    assert labels[:3] == ["Made-up Laboratories (b)", "Made-up Laboratories (a)", "Made-up Laboratories (d)"]
    # beta, the first, has no lower limit: its bar reaches the end of the scale, paler and paler.
    beta = sorted(_at(axes, axes.get_yticks()[0]), key=lambda bar: bar.get_x())
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
    # Measured and agreed, measured and disputed, below a limit and disputed (dopamine), below one and agreed (GABA).
    assert sorted(sizes) == [1, 1, 16, 42]
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert len(legend) == 6
    assert "beyond a detection limit" in " ".join(legend)


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
    said = sources_finding(facts["rows"])
    assert said == (
        "For 17 of 60 results (28 %) low, normal or high depends on the source of the interval: Dopamine 50 %; "
        "GABA 6.7 %."
    )
    calm = [row | {"n_differ": 0} for row in facts["rows"]]
    assert sources_finding(calm) == "All sources call 60 results the same."


def test_what_the_package_finds_is_what_the_report_takes():
    assert set(PRINTED) == {"dopamine", "gaba"}
    usual = {"subject_id": "S1", "specimen": "urine_spot", "comparator": "", "sex": "female", "age_years": 40.0}
    rows = [
        usual | {"specimen_id": f"U{value}", "analyte_id": "dopamine", "value": value, "unit": "ug/g{creat}"}
        for value in (100.0, 245.0, 1000.0)
    ]
    found = range_disagreement(normalise(pd.DataFrame(rows)), per_result=True)
    made = gather_disagreement(found, NAMES)
    assert [line["high"] for line in made["limits"]] == [pytest.approx(528.117), 250.0, 400.0, 240.0]
    assert compared_results(found)["differs"].tolist() == [True, True, False]
    (strip,) = strips_table(made["rows"], made["limits"], compared_results(found))
    assert [bar["source"] for bar in strip["bars"]] == [
        "healthmatters.io (b)",
        "University of Iowa Health Care",
        "healthmatters.io (a)",
    ]
