"""Facts are plain, complete, and hold nobody's name."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from made_up import Effects, effects_table, made_up_inputs, normalised, statement

from recal_labs.choices import Choices
from recal_labs.provenance import FileRecord
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


def test_the_summary_says_what_was_seen_in_the_words_of_the_statement(facts):
    assert facts["findings"][0]["sentences"] == list(statement().seen)
    assert facts["findings"][1]["sentences"][0] == facts["change"]["statement"]["headline"]


def _with_warnings(*counts):
    """Effects of the first pairs, warned of with so many unordered amounts."""
    text = "warning: {} measured values of x are smaller than the largest limit, so their order is not known"
    table = effects_table(np.random.default_rng(0)).query("effect == 'partial_spearman_rho'").head(len(counts))
    return table.assign(assumptions=[f"subjects are independent; {text.format(n)}" for n in counts])


def test_warnings_that_differ_in_their_count_alone_become_one_note_with_its_range():
    pairs = gather_effects(_with_warnings(44, 136), Names(), covariates=())["pairs"]
    notes = [pair["notes"] for pair in pairs]
    assert notes[0] == notes[1]
    assert notes[0] == [
        "Some measured amounts (44 to 136 of a pair) are smaller than the largest limit, so their order is not known."
    ]


def test_a_covariate_that_does_not_vary_is_not_called_held_constant():
    table = effects_table(np.random.default_rng(0))
    table["assumptions"] = "sex does not vary and is left out of the covariates"
    assert gather_effects(table, Names(), covariates=("age_years", "sex"))["held"] == ["age"]
    raw = table.query("effect == 'spearman_rho'")
    assert gather_effects(raw, Names(), covariates=("age_years", "sex"))["held"] == []


def test_change_is_never_told_without_the_missing_control_group(facts):
    said = next(part for part in facts["findings"] if part["about"] == "Change")["sentences"]
    assert "There is no control group" in said[-1]


def test_the_row_of_the_entry_score_comes_first_and_alone_is_marked(facts):
    rows = facts["change"]["rows"]
    assert [row["label"] for row in rows if row["entry"]] == ["PHQ-9"] == [rows[0]["label"]]
    undeclared = gather_facts(made_up_inputs(choices=Choices()))["change"]
    assert undeclared["entry_name"] == ""
    assert not any(row["entry"] for row in undeclared["rows"])


def test_without_interventions_there_is_no_change_section():
    facts = gather_facts(made_up_inputs(change=None))
    assert facts["change"] is None
    assert "Change" not in [part["about"] for part in facts["findings"]]


UNREADABLE = FileRecord(
    path="panels/lab_x.csv",
    sha256="e" * 64,
    positions=1,
    rejects=1,
    rejects_by_reason={"unreadable_file": 1},
)


def test_a_file_that_could_not_be_read_at_all_is_said_in_summary_and_limits():
    facts = gather_facts(made_up_inputs(files=(*made_up_inputs().files, UNREADABLE)))
    sentence = "panels/lab_x.csv could not be read at all; its results are missing here."
    assert sentence in facts["findings"][-1]["sentences"]
    assert sentence in facts["limits"]
    assert not any("could not be read" in line for line in gather_facts(made_up_inputs())["limits"])


def test_a_lab_without_a_specimen_of_the_kinds_analysed_is_said():
    frame = made_up_inputs().normalised
    frame.loc[:9, ["lab_id", "specimen"]] = ["lab_c", "urine_24h"]
    said = gather_facts(made_up_inputs(normalised=frame))["limits"]
    assert any(line.startswith("Of 2 labs, lab_c has no specimen of the kinds analysed") for line in said)
    assert not any("kinds analysed" in line for line in gather_facts(made_up_inputs())["limits"])


def test_a_substitution_is_named_in_methods_and_limits():
    table = effects_table(np.random.default_rng(0)).assign(share_censored=0.03)
    choices = made_up_inputs().choices.with_changes(censoring="substitute_sqrt2")
    facts = gather_facts(made_up_inputs(associations=Effects(table, statement()), choices=choices))
    said = {part["heading"]: part["text"] for part in facts["methods"]}["Values beyond a detection limit"]
    assert "replaced by the limit divided by the root of 2 (substitute_sqrt2)" in said
    assert "falsifies the spread" in said
    named = "were replaced by the limit divided by the root of 2 (substitute_sqrt2)"
    assert any(named in line for line in facts["limits"])
    plain = gather_facts(made_up_inputs(associations=Effects(table, statement())))
    assert "all values below a limit share the lowest rank" in str(plain["methods"])
    assert "replaced by" not in str(plain["methods"]) + str(plain["limits"])


def _methods(**changes):
    return {part["heading"]: part["text"] for part in gather_facts(made_up_inputs(**changes))["methods"]}


def test_methods_name_the_tests_and_the_slope():
    said = _methods()
    assert "t test of ρ against zero (n − 2 degrees of freedom, less one for each covariate)" in said["Associations"]
    assert "paired t test against no change" in said["Change"]
    assert "b is the retest slope" in said["Change"]
    assert "here PHQ-9" in said["Change"]
    assert "it cannot know whether anyone had seen outcomes before" in said["Many tests"]


def test_methods_name_every_departure_from_the_usual_choice_of_an_interval():
    usual = _methods()["Reference intervals"]
    assert "intervals for special conditions never" in usual
    assert "15 %" not in usual
    choices = Choices(
        range_sources=("arup_hva", "reported_by_lab"),
        range_conditions=("pregnancy",),
        zero_lower_rule="fifteen_percent",
    )
    said = _methods(choices=choices)["Reference intervals"]
    assert "preferred, in this order: arup_hva and the range that the lab printed" in said
    assert "only those for “pregnancy”, before general ones" in said
    assert "15 % of the upper one was taken for it, as the study asked for, and no result is called low by it" in said


def test_methods_do_not_tell_of_what_did_not_happen():
    bare = made_up_inputs().normalised.assign(
        **{"reference_low": np.nan, "reference_high": np.nan, "interpretation": "", "dilution": "unknown"},
        **{"reference_source": None, "comparator": "", "amount_comparator": ""},
    )
    said = _methods(normalised=bare, change=None)
    assert "creatinine lies outside" not in said["Amounts"]
    assert "There is none in this run" in said["Values beyond a detection limit"]
    assert not {"Reference intervals", "Change"} & set(said)
    assert "creatinine lies outside 0.3 to 3 g/L" in _methods()["Amounts"]


def test_every_input_is_listed_with_its_hash_when_the_study_tells_them():
    inputs = {"study.toml": "1" * 64, "panels/lab_a.csv": "a" * 64}
    rows = gather_facts(made_up_inputs(inputs=inputs))["provenance"]["inputs"]
    assert [(row["path"], row["profile"]) for row in rows] == [
        ("study.toml", ""),
        ("panels/lab_a.csv", "generic_long"),
        ("panels/lab_d.hl7", "generic_hl7v2"),
    ]
    assert [row["sha256"][0] for row in rows] == ["1", "a", "d"]


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
    assert quality["totals"] == {
        "positions": 632,
        "results": 610,
        "rejects": 7,
        "without_value": 0,
        "no_result": 15,
    }


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
