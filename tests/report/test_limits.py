"""The limits follow from what was found, and an absent finding is never told as a finding of absence."""

import numpy as np
from made_up import Effects, change_table, effects_table, made_up_inputs, statement

from recal_labs.report.facts import gather_facts


def test_shares_of_censored_amounts_have_one_denominator():
    table = effects_table(np.random.default_rng(0)).assign(share_censored=0.23)
    said = gather_facts(made_up_inputs(associations=Effects(table, statement())))["limits"]
    assert any("of the amounts at the visits analysed" in line and "Dopamine (23 %)" in line for line in said)


def test_what_could_not_be_shown_is_no_evidence_of_none_in_the_limits():
    table = effects_table(np.random.default_rng(0)).assign(p_adjusted=0.4)
    said = gather_facts(made_up_inputs(associations=Effects(table, statement())))["limits"]
    (line,) = [line for line in said if "no association could be shown" in line]
    assert line.startswith(
        "In 18 of 18 tested pairs no association could be shown; that is no evidence of none: the 95 %"
    )
    assert "still allow a rank correlation as strong as 0." in line
    shown = gather_facts(made_up_inputs(associations=Effects(table.assign(p_adjusted=0.001), statement())))["limits"]
    assert not any("no association could be shown" in line for line in shown)


def test_what_has_no_change_is_named_in_the_limits():
    table = change_table()
    assert not any("No change before and after" in line for line in gather_facts(made_up_inputs())["limits"])
    table.loc[table["analyte_id"].isin(["gaba", "pea"]), "estimate"] = np.nan
    said = gather_facts(made_up_inputs(change=Effects(table, statement())))["limits"]
    assert (
        "No change before and after could be computed for GABA and Phenethylamine; that is not evidence of no change."
        in (said)
    )


def test_a_limit_on_intervals_can_be_read_by_itself():
    (line,) = [line for line in gather_facts(made_up_inputs())["limits"] if "lower limit above zero" in line]
    assert line.startswith("For 6 of 10 analytes fewer than half of the results met an interval with")
    assert "for the others" not in line
