"""What the sample says is true is what its world holds, and the estimand is the one the package computes."""

import csv

import numpy as np
import pytest
import simulate as simulation
from simulation.analytes import ANALYTES
from simulation.people import TREATMENT_EFFECT, answer, draw_people, latent_scores, total
from simulation.truth import World, truth_table
from simulation.urine import fill_bottle, measure, true_log_ratio

from recal_labs.stats import correlate, paired_change, regression_to_mean

PEOPLE = 40_000
# Five standard errors of a correlation of this many people.
NEAR = 5 / np.sqrt(PEOPLE)


@pytest.fixture(scope="module")
def computed():
    return {row[:3]: row[3] for row in truth_table(PEOPLE, seed=9)}


@pytest.fixture(scope="module")
def committed(sample):
    with (sample / "truth.csv").open(encoding="utf-8", newline="") as file:
        return {(row["estimand"], row["analyte_id"], row["outcome"]): row for row in csv.DictReader(file)}


def test_the_committed_truth_is_that_of_a_million_people(committed):
    sizes = {int(row["n"]) for key, row in committed.items() if key[0].endswith("spearman_rho")}
    assert sizes == {1_000_000}
    assert len(committed) == 16 * 2 * 3 + 2 * 5 + 16 * 5


def test_a_smaller_world_agrees_with_the_committed_truth(computed, committed):
    assert set(computed) == set(committed)
    for key, value in computed.items():
        if "spearman" in key[0]:
            assert value == pytest.approx(float(committed[key]["value"]), abs=NEAR), key
        elif key[1]:
            assert value == pytest.approx(float(committed[key]["value"]), abs=0.03), key
        else:
            assert value == pytest.approx(float(committed[key]["value"]), abs=0.25), key


def test_nulls_are_null_and_censoring_leaks_little(committed):
    for (estimand, _, _), row in committed.items():
        if "spearman" not in estimand or row["kind"] in {"real", "confounded", "dilution"}:
            continue
        assert abs(float(row["value"])) < (0.003 if row["kind"] == "null" else 0.05)


def test_the_confounded_analyte_is_null_once_age_and_sex_are_held(committed):
    for outcome in ("phq9", "gad7"):
        assert float(committed["spearman_rho", "normetanephrine", outcome]["value"]) > 0.1
        assert abs(float(committed["partial_spearman_rho", "normetanephrine", outcome]["value"])) < 0.003


def test_dilution_alone_makes_an_uncorrected_concentration_correlate(committed):
    assert float(committed["spearman_rho_per_volume", "gaba", "gad7"]["value"]) < -0.15
    assert abs(float(committed["spearman_rho", "gaba", "gad7"]["value"])) < 0.003


def test_stated_correlations_hold_for_true_amounts_and_latent_scores():
    people = draw_people(PEOPLE, 4)
    latent = latent_scores(people, "first")
    for analyte in ANALYTES.values():
        true = true_log_ratio(analyte, people, "first")
        for name, score in latent.items():
            stated = analyte.latent_r if analyte.latent == name else 0.0
            if not analyte.confounded_r:
                assert np.corrcoef(true, score)[0, 1] == pytest.approx(stated, abs=NEAR), (analyte.id, name)
        assert np.corrcoef(true, people.index)[0, 1] == pytest.approx(analyte.confounded_r, abs=NEAR)
        assert true.std() == pytest.approx(analyte.sd, rel=0.03)


def test_the_estimand_is_the_one_the_package_computes(computed):
    """The same people through recal_labs.stats give the same numbers as the script's own few lines."""
    world = World(PEOPLE, 9)
    people = world.people
    held = np.column_stack([people.age_years, ~people.female]).astype(float)
    for name in ("norepinephrine", "pea"):
        amount, _, below = world.log_amount(ANALYTES[name], "first")
        for outcome, score in world.scores.items():
            censored = -below.astype(int)
            raw = correlate(amount, score, method="spearman", x_censoring=censored)
            partial = correlate(amount, score, method="spearman", x_censoring=censored, covariates=held)
            assert raw.estimate == pytest.approx(computed["spearman_rho", name, outcome], abs=1e-9)
            assert partial.estimate == pytest.approx(computed["partial_spearman_rho", name, outcome], abs=1e-9)


def test_the_change_estimands_are_those_the_package_computes(computed):
    world = World(PEOPLE, 9)
    before, after = world.scores["gad7"], world.after["gad7"]
    retest = before[world.untreated], after[world.untreated]
    change = paired_change(before[world.treated], after[world.treated]).change.estimate
    expected = regression_to_mean(before[world.treated], before, retest=retest, n_resamples=100).estimate
    assert change == pytest.approx(computed["mean_change", "", "gad7"])
    assert expected == pytest.approx(computed["expected_rtm", "", "gad7"])


def test_only_depression_answers_to_the_intervention(committed):
    assert float(committed["true_effect_of_intervention", "", "phq9"]["value"]) < -1.0
    assert float(committed["true_effect_of_intervention", "", "gad7"]["value"]) == 0.0
    for analyte in ANALYTES:
        assert float(committed["true_effect_of_intervention", analyte, "change"]["value"]) == 1.0
    assert TREATMENT_EFFECT == -0.30


def test_high_scorers_fall_without_any_intervention(committed):
    alone = float(committed["change_without_intervention", "", "phq9"]["value"])
    assert float(committed["mean_change", "", "phq9"]["value"]) < alone < -1.0


def test_creatinine_differs_between_people_as_in_life():
    people = draw_people(PEOPLE, 6)
    urine = fill_bottle(people, "first")
    millimolar = urine.creatinine_g_per_l / 113.12 * 1000.0
    # irsst2014, observed_means.csv: medians of spot urine.
    assert np.median(millimolar[~people.female]) == pytest.approx(14.4, rel=0.05)
    assert np.median(millimolar[people.female]) == pytest.approx(10.2, rel=0.05)
    assert 0.4 < np.log(millimolar[people.female]).std() < 0.7


@pytest.mark.parametrize(("analyte", "share"), [("epinephrine", 0.10), ("pea", 0.30), ("methoxytyramine_3", 0.05)])
def test_detection_limits_censor_as_stated(analyte, share):
    people = draw_people(PEOPLE, 6)
    _, below = measure(ANALYTES[analyte], people, fill_bottle(people, "first"), np.ones(PEOPLE))
    assert below.mean() == pytest.approx(share, abs=0.012)


def test_questionnaires_look_like_questionnaires():
    people = draw_people(PEOPLE, 6)
    scores = {}
    for visit in ("first", "second"):
        latent = latent_scores(people, visit)["depression"]
        items = answer(people, visit, "phq9", latent)
        scores[visit] = total(items)
        assert set(np.unique(items)) == {0, 1, 2, 3}
        alpha = 9 / 8 * (1 - items.var(axis=0).sum() / scores[visit].var())
        assert 0.8 < alpha < 0.9
    # phq9_china2020 of the instruments: 0.737 over two weeks; here 6 to 10.
    assert 0.6 < np.corrcoef(scores["first"], scores["second"])[0, 1] < 0.75


def test_readme_states_the_numbers_of_truth_csv(sample, committed):
    text = (sample / "README.md").read_text(encoding="utf-8")
    for key in (
        ("spearman_rho", "norepinephrine", "phq9"),
        ("partial_spearman_rho", "norepinephrine", "phq9"),
        ("spearman_rho", "hiaa_5", "phq9"),
        ("partial_spearman_rho", "hiaa_5", "phq9"),
        ("spearman_rho", "cortisol", "gad7"),
        ("partial_spearman_rho", "cortisol", "gad7"),
        ("spearman_rho", "normetanephrine", "phq9"),
        ("spearman_rho", "normetanephrine", "gad7"),
        ("spearman_rho", "pea", "phq9"),
        ("spearman_rho", "pea", "gad7"),
        ("spearman_rho_per_volume", "gaba", "gad7"),
        ("mean_change", "", "phq9"),
        ("mean_change", "", "gad7"),
        ("change_without_intervention", "", "phq9"),
        ("true_effect_of_intervention", "", "phq9"),
        ("expected_rtm", "", "phq9"),
        ("expected_rtm", "", "gad7"),
        ("excess", "", "phq9"),
        ("excess", "", "gad7"),
    ):
        assert committed[key]["value"] in text, key


def test_a_study_of_the_same_seed_is_the_same():
    one, two = simulation.simulate(60, 2), simulation.simulate(60, 2)
    assert one.specimens["first"].collected == two.specimens["first"].collected
    assert (one.forms[0].items == two.forms[0].items).sum() > 0
    assert one.treated.sum() == 15
