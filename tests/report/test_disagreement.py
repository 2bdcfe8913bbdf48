"""Where the labs disagree: counts and limits as they were found, among all sources and some, and for whom they hold."""

import json

import pandas as pd
import pytest
from made_up import ANALYTES, PRINTED, disagreement, made_up_inputs

from recal_labs.normalise import normalise, range_disagreement
from recal_labs.report.facts import gather_facts
from recal_labs.report.figures.sources import (
    strips_table,
)
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
    assert (
        "Without consumer and vendor pages (quality D) it is 9 of 60 (15 %), and without the ranges that the labs "
        "printed too it is 7 of 30 (23 %)."
    ) in said
    assert "None is low by one source and high by another." in said
    assert "Most debated without quality D: Dopamine (single void: 23 % of 30 results)" in said
    assert "Most debated: Dopamine (single void: 50 % of 30 results, 3 sources)" in said
    assert "D are consumer and vendor pages" in said
    assert "part of the debate" in said


def test_shares_without_consumer_pages_stand_only_where_such_pages_were_asked():
    found = disagreement()
    strict = type(found)(found.verdicts, found.limits, found.results, ("A", "B", "C"))
    said = " ".join(gather_disagreement(strict, NAMES)["sentences"])
    assert "quality D" not in said
    assert "Without the ranges that the labs printed it is 7 of 30 (23 %)." in said
    dopamine = (table[table["analyte_id"] == "dopamine"] for table in (found.verdicts, found.limits, found.results))
    said = " ".join(gather_disagreement(type(found)(*dopamine), NAMES)["sentences"])
    assert "the labs printed too" not in said


def test_printed_ranges_of_made_up_data_are_named_as_simulated(run):
    made = gather_disagreement(disagreement(), NAMES, simulated=True)
    said = " ".join(made["sentences"])
    assert "without the ranges that the labs printed (simulated) too" in said
    assert "so was the range that the lab printed (simulated)." in said
    assert "the lab's printed range, simulated" in {line["source"] for line in made["limits"]}
    html = plain(show_disagreement(run))
    assert "Without D and printed ranges (simulated)" in html
    assert "The ranges that the labs print are simulated." in html
    assert "simulated" not in " ".join(gather_disagreement(disagreement(), NAMES)["sentences"])


def test_the_table_shows_the_shares_side_by_side(run):
    row = plain(show_disagreement(run)).partition("<tbody")[2].partition("GABA")[2].partition("</tr>")[0]
    for heading, cell in (
        ("Verdict depends on the source", "2 of 30 (6.7 %)"),
        ("Without consumer and vendor pages (D)", "2 of 30 (6.7 %)"),
        ("Without D and printed ranges (simulated)", "–"),
    ):
        assert f'data-label="{heading}">{cell}<' in row
    html = plain(show_disagreement(run))
    assert "All rows together: 17 of 60 (28 %) by all sources; 9 of 60 (15 %) without consumer and vendor pages" in html


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
    assert list(table.columns) == ["key", "amount", "side", "differs", "differs_without_d"]
    dopamine = table[table["key"].str.startswith("dopamine")]
    assert dopamine["amount"].is_monotonic_increasing
    assert dopamine["differs"].sum() == 15
    # Gamma, of quality D, left out: alpha and beta differ at 5 to 15 and 65 to 80.
    assert dopamine.loc[dopamine["differs_without_d"], "amount"].tolist() == [5, 10, 15, 65, 70, 75, 80]
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
