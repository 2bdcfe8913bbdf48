"""Each section by itself, without a kernel."""

import json
import re

import numpy as np
import pytest
from made_up import Effects, change_table, effects_table, made_up_inputs, statement

from recal_labs.choices import Choices
from recal_labs.report import sections
from recal_labs.report.facts import gather_facts
from recal_labs.report.gather.reference import positions_table
from recal_labs.report.sections.change import show_change
from recal_labs.report.sections.closing import show_provenance
from recal_labs.report.sections.effects import show_effects, show_forest, show_statement
from recal_labs.report.sections.front import show_summary, show_title
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


def test_the_summary_carries_the_whole_statement_and_says_what_was_seen_once(run):
    html = show_summary(run)._repr_html_()
    said = statement()
    for line in (said.headline, *said.seen, *said.weakens, *said.cannot_show, said.closing):
        assert html.count(line) == 1
    assert '<a href="#seen">' in html
    assert '<h3 id="seen">' in html
    assert all(line in show_statement(run)._repr_html_() for line in (*said.seen, said.statement_id))


def test_the_title_says_what_the_run_cannot_know(run):
    assert "Planned, says study.toml: this run fixed its choices before" in show_title(run)._repr_html_()
    assert "Exploratory: study.toml does not declare" in show_title(run_of(planned=False))._repr_html_()


def test_effects_come_before_p_and_untestable_pairs_are_listed(run):
    html = show_effects(run)._repr_html_()
    headings = [part.split("<")[0] for part in html.split('scope="col"')[1:]]
    order = [heading.partition(">")[2] for heading in headings]
    assert order.index("ρ partial (CI)") < order.index("p") < order.index("p adjusted")
    assert "62 % of the amounts are beyond a detection limit" in html.replace("\N{NO-BREAK SPACE}", " ")
    assert "Not tested does not mean not associated." in html
    assert "31 % censored, ranked as ties" in html.replace("\N{NO-BREAK SPACE}", " ").partition("</table>")[2]


def test_planned_and_exploratory_are_told_apart(run):
    table = effects_table(np.random.default_rng(1))
    table["planned"] = table["outcome"].eq("phq9")
    html = show_effects(run_of(associations=Effects(table, statement())))._repr_html_()
    assert html.count('data-label="Status">planned</td>') == 9
    assert html.count('data-label="Status">exploratory</td>') == 9
    same = show_effects(run)._repr_html_()
    assert "Status" not in same
    assert "All effects are planned." in same


def test_both_numbers_of_subjects_stand_where_they_differ(run):
    table = effects_table(np.random.default_rng(1))
    table.loc[table["effect"] == "partial_spearman_rho", "n"] = 190
    html = show_effects(run_of(associations=Effects(table, statement())))._repr_html_()
    assert "n raw / partial" in html
    assert "196 / 190" in html
    assert "n raw / partial" not in show_effects(run)._repr_html_()


def test_where_raw_and_partial_differ_the_covariates_are_not_said_to_explain_it(run):
    assert "or leaving out people without them, changes the answer" in repr(show_effects(run))


def test_the_forest_stands_under_the_headline(run):
    assert repr(show_forest(run)).startswith(statement().headline)


def test_change_leads_with_what_regression_leaves_and_the_missing_control_group(run):
    shown = show_change(run)
    html = shown._repr_html_()
    said = run.facts["change"]["statement"]
    assert repr(shown).startswith(f"{said['headline']}\nThere is no control group")
    assert said["statement_id"] in html
    assert "p (against no change)" in html


def _cell(html, heading, row):
    """Return the cell of a row under a heading."""
    cells = html.partition("<tbody")[2].partition(f"{row}</th>")[2].partition("</tr>")[0]
    found = re.search(rf'data-label="{re.escape(heading)}">([^<]*)<', cells).group(1)
    return found.replace("\N{NO-BREAK SPACE}", " ")


def test_an_expected_change_stands_beside_every_row_but_marked_where_it_answers_another_question(run):
    html = show_change(run)._repr_html_()
    expected, chosen = (
        "Expected from regression to the mean alone (CI)",
        "Expected if people had been chosen by this very",
    )
    assert _cell(html, expected, "PHQ-9") == "−2.0 (−2.3 to −1.7)"
    assert _cell(html, "Observed beyond expected (CI)", "PHQ-9") == "−1.1 (−2.5 to 0.3)"
    assert _cell(html, expected, "Dopamine") == "–"
    assert _cell(html, f"{chosen} variable (CI)", "Dopamine") == "1.00 (0.70 to 1.30)"
    assert "The last column answers another question" in html
    assert "Expected change not known: fewer than 10 subjects without an intervention." in html


def test_the_three_numbers_of_the_entry_score_subtract_as_printed():
    table = change_table()
    exact = {"estimate": -3.169, "expected_rtm": -2.236, "excess": -0.933}
    table.loc[0, list(exact)] = list(exact.values())
    html = show_change(run_of(change=Effects(table, statement())))._repr_html_()
    names = ("Observed change (CI)", "Expected from regression to the mean alone (CI)", "Observed beyond expected (CI)")
    assert [_cell(html, name, "PHQ-9").split(" ")[0] for name in names] == ["−3.17", "−2.24", "−0.93"]
    assert "−0.93" in show_change(run_of(change=Effects(table, statement()))).text.partition("Figure")[2]


def test_long_tables_are_folded_and_stay_on_the_page(run):
    provenance = show_provenance(run)._repr_html_()
    assert provenance.count("<details>") == 4
    for key in ("inputs", "choices", "versions", "catalogue"):
        assert f'id="table-{key}"' in provenance
    assert "Panel files read (2 files)" in provenance
    flow = show_flow(run)._repr_html_()
    assert flow.index("<details>") < flow.index('id="table-flow"')


def test_without_a_declared_entry_score_nothing_is_shown_as_expected():
    html = show_change(run_of(choices=Choices()))._repr_html_()
    assert "By which score people were chosen is not declared." in html
    assert "Observed beyond expected" not in html
    assert "Expected from regression to the mean alone (CI)" not in html


def test_the_provenance_says_what_an_empty_choice_means(run):
    html = show_provenance(run_of(inputs={"study.toml": "1" * 64}))._repr_html_()
    assert "all that were measured" in html
    assert "(none)" not in html
    assert "Every file read" in html
    assert "study.toml" in html
    assert "Panel files read" in show_provenance(run)._repr_html_()


def test_without_interventions_the_section_says_so():
    assert "No subject has an intervention" in repr(show_change(run_of(change=None)))


def test_both_sides_of_the_debate_get_the_same_room(run):
    html = show_utility(run)._repr_html_()
    before, against = html.split("Against its use")[:2]
    assert before.partition("<details>")[0].count("<li>") == against.partition("<details>")[0].count("<li>") == 5
    assert '<strong class="label">RETRACTED</strong>' in html
    assert "javascript:" not in html
    assert "No statement was found about Phenethylamine." in html


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
    assert repr(shown) == (
        "No reference interval fits any of the 10 analytes. Without intervals nothing here can be called high or low."
    )
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


def test_changes_of_amounts_show_how_much_is_censored_and_what_was_replaced():
    table = change_table()
    amounts = table["effect"] == "geometric_mean_ratio"
    table["share_censored"] = np.where(amounts, 0.12, np.nan)
    table.loc[amounts, "assumptions"] = (
        "independent; warning: 14 of 116 values lie below a limit of detection and were replaced by half the limit"
    )
    html = show_change(run_of(change=Effects(table, statement())))._repr_html_()
    assert html.count(">12\N{NO-BREAK SPACE}%</td>") == amounts.sum()
    assert "14 of 116 values lie below a limit of detection and were replaced by half the limit." in html
    plain = show_change(run_of(change=Effects(change_table(), statement())))._repr_html_()
    assert "Censored" not in plain
