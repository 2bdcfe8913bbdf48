"""The panel against its intervals: what was measured, which intervals were met, and shares that may be compared."""

import numpy as np
import pandas as pd
import pytest
from made_up import ANALYTES, made_up_inputs, normalised
from test_sections import run_of

from recal_labs.report.gather.measured import measured_rows, unit_words
from recal_labs.report.gather.names import Names
from recal_labs.report.gather.reference import (
    count_placed,
    dilution_measures,
    gather_reference,
    positions_table,
    reference_summary,
)
from recal_labs.report.sections.panel import amount_text, limit, show_panel, show_reference

NAMES = Names(ANALYTES | {"creatinine": "Creatinine"}, {}, {"example_2020": "Example Laboratory 2020"})


def rows(**columns):
    """Current results of dopamine in single voids against an interval of 20 to 100."""
    usual = {
        "analyte_id": "dopamine",
        "fraction": "unspecified",
        "specimen": "urine_spot",
        "comparator": "",
        "current": True,
        "amount": [10.0, 30.0, 40.0, 50.0, 200.0],
        "amount_unit": "ug/g{creat}",
        "reference_low": 20.0,
        "reference_high": 100.0,
        "reference_unit": "ug/g{creat}",
        "reference_source": "example_2020",
        "interpretation": ["L", "N", "N", "N", "H"],
        "lab_interpretation": "",
    }
    return pd.DataFrame(usual | columns)


def measured(**columns):
    return measured_rows(rows(**columns), NAMES, frozenset({"creatinine"}))


def values(row):
    return [row[key]["value"] for key in ("median", "q1", "q3")]


def test_measured_rows_can_be_traced():
    (row,) = measured()
    assert (row["n"], row["unit"], row["specimen"], row["censored"]) == (5, "ug/g{creat}", "urine_spot", 0)
    assert values(row) == [40.0, 30.0, 50.0]
    assert row["intervals"] == [
        {"low": 20.0, "high": 100.0, "unit": "ug/g{creat}", "source": "Example Laboratory 2020", "n": 5}
    ]


def test_each_kind_of_specimen_and_each_fraction_has_a_row_of_its_own():
    frame = rows(
        specimen=["urine_24h", "urine_24h", "urine_spot", "urine_spot", "urine_spot"],
        fraction=["free", "free", "free", "total", "total"],
    )
    made = measured_rows(frame, NAMES, frozenset())
    assert [(row["analyte"], row["specimen"], row["n"]) for row in made] == [
        ("Dopamine (free)", "urine_24h", 2),
        ("Dopamine (free)", "urine_spot", 1),
        ("Dopamine (total)", "urine_spot", 2),
    ]


def test_a_quantile_among_censored_amounts_is_only_said_to_lie_below():
    (row,) = measured(comparator=["<", "<", "", "", ""], amount=[30.0, 30.0, 40.0, 50.0, 200.0])
    assert values(row) == [40.0, None, 50.0]
    assert row["q1"]["beyond"] == "below"
    (most,) = measured(comparator=["<", "<", "<", "", ""], amount=[30.0, 30.0, 30.0, 20.0, 200.0])
    assert most["median"] == {"value": None, "beyond": "below"}


def test_an_amount_is_censored_by_its_own_comparator_not_by_that_of_the_value():
    # Below a limit of creatinine, what is divided by it lies above the quotient; both below, nothing is known.
    (row,) = measured(
        comparator=["", "", "", "", "<"],
        amount_comparator=["", "", "", ">", ""],
        amount=[20.0, 30.0, 40.0, 50.0, np.nan],
        amount_low=[20.0, 30.0, 40.0, 50.0, 0.0],
    )
    assert (row["n"], row["censored"]) == (5, 2)
    assert values(row)[0] == 30.0


def test_amounts_censored_on_both_sides_or_in_two_units():
    (row,) = measured(comparator=["<", "", "", "", ">"], amount=[30.0, 35.0, 40.0, 50.0, 200.0])
    assert row["median"] == {"value": 40.0, "beyond": ""}
    assert (row["q1"]["beyond"], row["q3"]["beyond"]) == ("below", "above")
    (mixed,) = measured(amount_unit=["ug/g{creat}", "ug/L", "ug/L", "ug/L", "ug/L"])
    assert values(mixed) == [None, None, None]


def test_an_amount_that_could_not_be_computed_is_counted_and_has_no_part_in_the_median():
    (row,) = measured(amount=[np.nan, 30.0, 40.0, 50.0, np.nan])
    assert (row["n"], row["median"]["value"]) == (5, 40.0)
    (none,) = measured(amount=np.nan)
    assert none["median"] == {"value": None, "beyond": ""}


def test_measures_of_dilution_are_measured_and_never_judged():
    assert {"creatinine", "specific_gravity"} <= dilution_measures()
    facts = gather_reference(pd.concat([rows(), rows(analyte_id="creatinine")]), NAMES)
    assert [row["analyte_id"] for row in facts["rows"]] == ["dopamine"]
    assert [row["analyte"] for row in facts["measured"]] == ["Dopamine", "Creatinine"]
    assert facts["dilution"] == ["Creatinine"]
    assert count_placed(pd.concat([rows(), rows(analyte_id="creatinine")])) == 5


def test_shares_outside_are_told_apart_by_the_kind_of_interval():
    upper = rows(analyte_id="hva", reference_low=0.0, interpretation=["N", "N", "N", "N", "H"])
    said = gather_reference(pd.concat([rows(), upper]), NAMES)["sentences"]
    text = " ".join(said)
    assert "Of 5 results placed against two-sided intervals, 2 (40 %) lie outside" in text
    assert "leaves 5 % outside" in text
    assert "Of 5 results placed against limits on one side, 1 (20 %) lie beyond" in text
    assert "leaves 2.5 % beyond" in text
    assert "neither share is a test of the people analysed here" in text


def test_a_position_is_censored_by_the_creatinine_it_is_divided_by_too():
    frame = rows(comparator="", position_comparator=["<", "<", "", "", ""])
    assert reference_summary(frame)["censored"].tolist() == [2]
    # A table of an earlier run has the value's own comparator alone.
    assert reference_summary(rows(comparator=["<", "", "", "", ""]))["censored"].tolist() == [1]
    assert "position_comparator" in positions_table(frame)


def test_a_verdict_by_the_printed_range_is_not_compared_with_itself():
    judged = {"lab_interpretation": ["L", "N", "N", "N", "H"]}
    assert reference_summary(rows(**judged))["both_judged"].tolist() == [5]
    assert reference_summary(rows(reference_source="reported_by_lab", **judged))["both_judged"].tolist() == [0]
    (row,) = measured(reference_source="reported_by_lab")
    assert row["intervals"][0]["source"] == "the range the lab printed"


def test_what_cannot_be_compared_is_not():
    said = " ".join(gather_reference(rows(interpretation="", reference_low=0.0), NAMES)["sentences"])
    assert "2.5 %" not in said
    assert "5 % outside" not in said


def test_an_analyte_with_few_two_sided_intervals_is_not_counted_as_having_one():
    mixed = rows(analyte_id="hva", reference_low=[20.0, 0.0, 0.0, 0.0, 0.0])
    said = gather_reference(pd.concat([rows(), mixed]), NAMES)["sentences"]
    assert "10 current results of 2 analytes remain: 6 (60 %) met a positive two-sided" in said[0]
    assert said[1] == (
        "Of 2 analytes, 1 has a two-sided interval for half of the results or more and 1 has a two-sided interval for "
        "fewer than half of the results."
    )
    # Where all are of one kind, the sentence still stands by itself.
    one_kind = gather_reference(rows(reference_low=[20.0, 0.0, 0.0, 0.0, 0.0]), NAMES)["sentences"]
    assert one_kind[1] == "Of 1 analyte, 1 has a two-sided interval for fewer than half of the results."


def test_without_intervals_nothing_can_be_called_high_or_low():
    bare = rows(reference_low=np.nan, reference_high=np.nan, reference_source=None, interpretation="")
    (said,) = gather_reference(bare, NAMES)["sentences"]
    assert said.endswith("Without intervals nothing here can be called high or low.")


def test_without_intervals_the_tables_have_no_column_of_verdicts():
    bare = made_up_inputs().normalised.assign(
        reference_low=np.nan, reference_high=np.nan, interpretation="", lab_interpretation="", reference_source=None
    )
    run = run_of(normalised=bare)
    html = show_reference(run)._repr_html_()
    assert "What was measured" in html
    assert "Above" not in html
    assert not {"table:reference", "table:intervals", "figure:verdicts"} & set(run.numbers)


def test_tables_show_median_unit_interval_and_source():
    html = show_reference(run_of(normalised=rows()))._repr_html_()
    for cell in ("single\N{NO-BREAK SPACE}void", "µg/g creatinine", "40.0 (30.0 to 50.0)", "20 to 100"):
        assert cell in html
    assert "Example Laboratory 2020" in html
    assert html.index("<details>") < html.index("table-intervals")


def test_a_limit_from_zero_is_printed_as_one_on_the_upper_side():
    html = show_reference(run_of(normalised=rows(reference_low=0.0)))._repr_html_()
    assert ">up to 100</td>" in html
    assert "0 to 100" not in html


def test_results_without_an_interval_are_listed_as_none():
    frame = rows(reference_low=[20.0, 20.0, 20.0, 20.0, np.nan], reference_high=[100.0] * 4 + [np.nan])
    html = show_reference(run_of(normalised=frame))._repr_html_()
    assert ">none</td>" in html


def test_a_scale_as_narrow_as_specific_gravity_keeps_its_quartiles_apart():
    frame = rows(amount=[1.010, 1.016, 1.021, 1.026, 1.030], amount_unit="1")
    assert "1.021 (1.016 to 1.026)" in show_reference(run_of(normalised=frame))._repr_html_()


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (440.0, "440"), (468.1824, "468.2"), (1290.0, "1,290"), (1.4, "1.4")]
)
def test_limits_are_printed_as_their_source_did(value, text):
    assert limit(value) == text
    assert amount_text(None) == "–"


def test_units_are_written_as_people_write_them():
    assert unit_words("umol/g{creat}") == "µmol/g creatinine"
    assert unit_words("mg/(24.h)") == "mg/24\N{NO-BREAK SPACE}h"


def test_a_placed_result_is_the_same_in_summary_figure_and_count():
    frame = normalised(np.random.default_rng(7))
    run = run_of(normalised=frame)
    placed = count_placed(frame)
    assert f"{placed:,} of {len(frame):,} current results could be placed" in show_panel(run)._repr_html_()
    sums = [row["two_placed"] + row["one_placed"] for row in run.facts["reference"]["rows"]]
    assert sum(sums) == placed
