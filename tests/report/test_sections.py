"""Each section by itself, without a kernel."""

import json

import numpy as np
import pytest
from made_up import Effects, effects_table, made_up_inputs, statement

from recal_labs.report import sections
from recal_labs.report.facts import gather_facts
from recal_labs.report.gather.reference import positions_table
from recal_labs.report.sections.change import show_change
from recal_labs.report.sections.effects import show_effects, show_forest, show_statement
from recal_labs.report.sections.front import show_summary
from recal_labs.report.sections.panel import show_panel
from recal_labs.report.sections.people import show_flow
from recal_labs.report.sections.quality import show_quality, show_worklist
from recal_labs.report.sections.utility import show_utility
from recal_labs.report.store import Run


def run_of(**changes):
    inputs = made_up_inputs(**changes)
    return Run(json.loads(json.dumps(gather_facts(inputs))), positions_table(inputs.normalised))


@pytest.fixture(scope="module")
def run():
    return run_of()


def test_every_section_module_says_what_it_is():
    assert sections.__doc__


def test_the_summary_carries_the_whole_statement(run):
    html = show_summary(run)._repr_html_()
    for line in (*statement().seen, *statement().weakens, *statement().cannot_show, statement().closing):
        assert line in html
    assert statement().statement_id in show_statement(run)._repr_html_()


def test_effects_come_before_p_and_untestable_pairs_are_listed(run):
    html = show_effects(run)._repr_html_()
    headings = [part.split("<")[0] for part in html.split('scope="col"')[1:]]
    order = [heading.partition(">")[2] for heading in headings]
    assert order.index("ρ partial (CI)") < order.index("p") < order.index("p adjusted")
    assert "62% of the amounts are beyond a detection limit" in html
    assert "Not tested does not mean not associated." in html
    assert "31% censored, ranked as ties" in html


def test_planned_and_exploratory_are_told_apart():
    table = effects_table(np.random.default_rng(1))
    table["planned"] = table["outcome"].eq("phq9")
    html = show_effects(run_of(associations=Effects(table, statement())))._repr_html_()
    assert html.count("<td>planned</td>") == 9
    assert html.count("<td>exploratory</td>") == 9


def test_the_forest_stands_under_the_headline(run):
    assert show_forest(run)._repr_html_().startswith(f"<p>{statement().headline}</p>")


def test_change_shows_expectation_and_the_missing_control_group(run):
    html = show_change(run)._repr_html_()
    assert html.startswith("<p>There is no control group")
    assert "−2.0 (−2.3 to −1.7)" in html
    assert run.facts["change"]["statement"]["statement_id"] in html


def test_without_interventions_the_section_says_so():
    assert "No subject has an intervention" in repr(show_change(run_of(change=None)))


def test_both_sides_of_the_debate_get_the_same_room(run):
    html = show_utility(run)._repr_html_()
    before, against = html.split("Against its use")[:2]
    assert before.partition("<details>")[0].count("<li>") == against.partition("<details>")[0].count("<li>") == 5
    assert '<strong class="label">RETRACTED</strong>' in html
    assert "javascript:" not in html
    assert "No statement was found about pea." in html


def test_one_side_without_statements_is_shown_as_empty():
    evidence = made_up_inputs().evidence
    only_against = type(evidence)(evidence.analytes, tuple(c for c in evidence.claims if c["side"] != "for"), ())
    html = show_utility(run_of(evidence=only_against))._repr_html_()
    assert "For its use (0)" in html
    assert "The register holds none for these analytes." in html


def test_the_same_number_is_not_printed_twice_for_one_stage(run):
    html = show_flow(run)._repr_html_()
    assert html.count("610 results</td>") == 1


def test_a_clean_study_says_that_nothing_was_refused_or_unknown():
    usual = made_up_inputs()
    clean = run_of(rejects=usual.rejects.head(0), worklist=usual.worklist.head(0))
    assert "figure:rejects" not in clean.numbers
    assert "Every name and unit" in repr(show_worklist(clean))
    assert "figure-rejects" not in show_quality(clean)._repr_html_()


def test_a_panel_without_any_interval_is_still_shown():
    bare = made_up_inputs().normalised.assign(
        reference_low=np.nan, reference_high=np.nan, interpretation="", lab_interpretation="", reference_source=None
    )
    shown = show_panel(run_of(normalised=bare))
    assert repr(shown) == "No reference interval fits any of the 10 analytes: nothing here is high or low."
    assert "<figure" not in shown._repr_html_()


def test_a_column_in_which_no_row_says_anything_is_left_out():
    raw_only = effects_table(np.random.default_rng(1)).query("effect == 'spearman_rho'").assign(assumptions="")
    html = show_effects(run_of(associations=Effects(raw_only, statement())))._repr_html_()
    assert "ρ raw (CI)" in html
    assert "ρ partial (CI)" not in html
    assert "Remarks" not in html


def test_the_share_of_censored_amounts_stands_in_its_own_column():
    table = effects_table(np.random.default_rng(1)).assign(
        share_censored=0.31,
        assumptions="independent; warning: 61 of 196 values of x are censored and share an end rank",
    )
    html = show_effects(run_of(associations=Effects(table, statement())))._repr_html_()
    assert html.count(">31\N{NO-BREAK SPACE}%</td>") == 18
    assert "share an end rank" not in html
