"""Facts are plain, complete, and hold nobody's name."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from made_up import Effects, change_table, effects_table, made_up_inputs, normalised, statement

from recal_labs.report.facts import gather_facts
from recal_labs.report.gather.effects import effect_pairs, gather_effects
from recal_labs.report.gather.names import Names
from recal_labs.report.gather.reference import positions_table, reference_summary


@pytest.fixture(scope="module")
def facts():
    return gather_facts(made_up_inputs())


def test_facts_survive_json_without_nan(facts):
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_no_subject_raw_text_or_safety_flag_is_in_the_facts(facts):
    text = json.dumps(facts)
    assert "SIM-0" not in text
    assert "SECRET RAW TEXT" not in text
    assert "safety" not in text


def test_every_sentence_of_the_statement_is_carried_over(facts):
    said = statement()
    assert facts["statement"]["weakens"] == list(said.weakens)
    assert facts["statement"]["cannot_show"] == list(said.cannot_show)
    assert facts["statement"]["statement_id"] == said.statement_id


def test_counts_of_pairs_add_up(facts):
    counts = facts["effects"]["counts"]
    assert counts["pairs"] == 20
    assert counts["tested"] + counts["untestable"] == counts["pairs"]
    assert counts["untestable"] == 2


def test_missing_numbers_are_none_and_keep_their_reason(facts):
    pair = next(p for p in facts["effects"]["pairs"] if p["analyte_id"] == "pea")
    assert pair["partial"]["estimate"] is None
    assert "detection limit" in pair["partial"]["reason"]


def test_raw_stands_beside_partial_and_partial_carries_the_verdict(facts):
    pair = facts["effects"]["pairs"][0]
    assert pair["main"] == "partial"
    assert pair["raw"]["estimate"] == pytest.approx(pair["partial"]["estimate"] + 0.03)


def test_without_covariates_the_raw_estimate_carries_the_verdict():
    table = effects_table(np.random.default_rng(0)).query("effect == 'spearman_rho'")
    assert {pair["main"] for pair in effect_pairs(table, Names())} == {"raw"}


def _one_effect(estimate, low, high, adjusted):
    row = effects_table(np.random.default_rng(0)).iloc[[1]].copy()
    row[["estimate", "ci_low", "ci_high", "p_value", "p_adjusted"]] = [estimate, low, high, 0.01, adjusted]
    return row


def test_the_sentences_follow_the_numbers():
    rows = pd.concat([_one_effect(0.3, 0.17, 0.42, 0.01), _one_effect(-0.1, -0.24, 0.04, 0.5).assign(outcome="gad7")])
    said = gather_effects(rows, Names({"dopamine": "Dopamine"}), planned=False, adjust="fdr_bh")["sentences"]
    assert said[0] == "2 of 2 pairs of analyte and score could be tested (exploratory: not declared beforehand)."
    assert "Dopamine with phq9: ρ 0.30 (95 % CI 0.17 to 0.42), n = 196" in said[1]
    assert "about 9.0 % of the variance" in said[1]
    assert said[2].startswith("1 of 2 intervals excludes zero; if nothing were associated, about 0.1")
    assert "After adjustment for 2 tests, 1 stands out: Dopamine with phq9" in said[3]


def test_an_association_that_age_and_sex_explain_is_named():
    raw = _one_effect(0.3, 0.17, 0.42, 0.01).assign(effect="spearman_rho")
    partial = _one_effect(0.05, -0.09, 0.18, 0.5)
    said = gather_effects(pd.concat([raw, partial]), Names(), planned=True, adjust="none")["sentences"]
    assert said[-1].startswith("Once covariates are held constant, the interval no longer excludes zero for Dopamine")


def test_change_is_never_told_without_expectation_and_missing_control_group(facts):
    said = next(part for part in facts["findings"] if part["about"] == "Change")["sentences"]
    assert "expected from regression to the mean alone: −2.0" in said[0]
    assert "not known (fewer than 10 subjects without an intervention)" in said[1]
    assert "There is no control group" in said[-1]


def test_without_interventions_there_is_no_change_section():
    facts = gather_facts(made_up_inputs(change=None))
    assert facts["change"] is None
    assert "Change" not in [part["about"] for part in facts["findings"]]


def test_a_change_that_could_not_be_computed_says_why():
    table = (
        change_table().head(1).assign(estimate=np.nan, ci_low=np.nan, ci_high=np.nan, reason="fewer than 2 subjects")
    )
    facts = gather_facts(made_up_inputs(change=Effects(table, statement())))
    assert facts["change"]["sentences"] == ["Change of PHQ-9: not computed (fewer than 2 subjects)."]


def test_reference_summary_counts_every_current_result_once():
    frame = normalised(np.random.default_rng(3))
    frame.loc[:4, "current"] = False
    summary = reference_summary(frame).set_index("analyte_id")
    assert summary.loc["dopamine", "n"] == 55
    verdicts = summary[["L", "N", "H", "IND", "none"]].sum(axis=1)
    assert (verdicts == summary["n"]).all()
    assert summary.loc["dopamine", "two_sided"] == 55
    assert summary.loc["norepinephrine", "one_sided"] == 60
    assert summary.loc["epinephrine", "none"] == 60


def test_an_interval_from_zero_is_one_sided():
    frame = normalised(np.random.default_rng(3)).assign(reference_low=0.0, reference_high=9.0)
    assert (reference_summary(frame)["two_sided"] == 0).all()


def test_the_labs_own_verdict_is_compared_only_where_both_judge():
    frame = normalised(np.random.default_rng(3)).query("analyte_id == 'dopamine'").head(3).copy()
    frame["interpretation"], frame["lab_interpretation"] = ["H", "N", ""], ["N", "N", "H"]
    row = reference_summary(frame).iloc[0]
    assert (row["both_judged"], row["differ"]) == (2, 1)


def test_polars_and_pandas_frames_give_the_same_summary():
    frame = normalised(np.random.default_rng(3))[
        [
            *("analyte_id", "comparator", "current", "reference_low", "reference_high", "reference_source"),
            *("interpretation", "lab_interpretation"),
        ]
    ].infer_objects()
    pd.testing.assert_frame_equal(reference_summary(frame), reference_summary(pl.from_pandas(frame)))


def test_positions_tell_nothing_about_people():
    table = positions_table(normalised(np.random.default_rng(3)))
    assert not {"subject_id", "specimen_id", "collected_at", "sex", "age_years"} & set(table.columns)
    dopamine = table.query("analyte_id == 'dopamine'")["amount"].astype(float)
    assert dopamine.is_monotonic_increasing


def test_rejects_are_counted_by_reason_and_by_file(facts):
    quality = facts["quality"]
    assert quality["rejects"][0] == {
        "reason": "not_measured",
        "meaning": "the lab did not measure it (QNS, TNP, cancelled, pending)",
        "n": 3,
    }
    assert sum(row["n"] for row in quality["rejects_by_file"]) == 7
    assert quality["totals"] == {"positions": 632, "results": 610, "rejects": 7, "no_result": 15}


def test_a_result_with_several_quality_codes_counts_for_each(facts):
    assert {row["code"]: row["n"] for row in facts["quality"]["qc"]} == {
        "no_interval": 180,
        "one_sided_reference": 180,
        "too_dilute": 180,
    }


def test_claims_keep_labels_and_lose_addresses_that_are_not_web_pages(facts):
    claims = facts["utility"]["claims"]
    assert ["RETRACTED", "vendor"] in [claim["labels"] for claim in claims]
    unverified = next(claim for claim in claims if "unverified" in claim["labels"])
    assert unverified["url"] == ""
    assert claims[-1]["labels"] == ["RETRACTED", "vendor"]


def test_a_study_with_nothing_in_it_still_gives_facts():
    empty = made_up_inputs()
    facts = gather_facts(
        made_up_inputs(
            files=(),
            rejects=empty.rejects.head(0),
            no_result=empty.no_result.head(0),
            worklist=empty.worklist.head(0),
            normalised=empty.normalised.head(0),
            flow=(),
            associations=Effects(effects_table(np.random.default_rng(0)).assign(estimate=np.nan), statement()),
            change=None,
        )
    )
    assert facts["effects"]["counts"]["tested"] == 0
    assert facts["reference"]["rows"] == []
