"""A fitted correction in a study: declared, or refused; saved, listed and said loudly."""

import json

import pandas as pd
import pytest

from recal_labs.errors import StudyError
from recal_labs.normalise import DilutionFit, fit_dilution, normalise
from recal_labs.study import read_study, run_study
from tests.study.conftest import STUDY, write_tiny_study

FITTED = STUDY.replace("window_days = 14", 'window_days = 14\nbasis = "conditional"')
OWN = FITTED + '\n[dilution]\nsample = "own"\n'


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    return run_study(write_tiny_study(folder / "study", study=OWN), folder / "out", progress=False)


pytestmark = pytest.mark.xdist_group("tiny_run")


def test_a_fit_on_the_studys_own_specimens_is_saved_and_said_loudly(own, capsys):
    fit = DilutionFit.load(own.out / "dilution_fit.json")
    assert fit == own.normalised.dilution_fit
    assert fit.sample == "the study's own specimens, the very ones it is applied to"
    assert (fit.n_subjects, fit.n_specimens) == (29, 58)
    manifest = json.loads((own.out / "manifest.json").read_text(encoding="utf-8"))["dilution_fit"]
    assert manifest["fitted_on_the_same_specimens"] is True
    assert "looks better than it is" in manifest["warning"]
    report = own.report.read_text(encoding="utf-8")
    assert "Dilution model fitted on the same specimens" in report
    assert "as ratios to the concentration expected at the specimen" in report
    for statement in ("effects.statement.md", "change.statement.md"):
        text = (own.out / statement).read_text(encoding="utf-8")
        assert "fitted on the study's own specimens, the very ones it is applied to" in text


def test_its_amounts_are_those_of_the_fit_applied_by_hand(own):
    table = pd.read_parquet(own.out / "normalised.parquet")
    again = normalise(table, choices=own.study.choices, dilution_fit=own.normalised.dilution_fit).frame
    pd.testing.assert_series_equal(again["amount"], table["amount"])
    assert table.loc[table["analyte_id"] == "hva", "conditional_z"].notna().sum() == 58


def test_a_saved_fit_is_used_listed_among_the_inputs_and_copied(own, tmp_path):
    write_tiny_study(tmp_path / "study", study=FITTED + '\n[dilution]\nfit = "fit.json"\n')
    own.normalised.dilution_fit.save(tmp_path / "study" / "fit.json")
    run = run_study(tmp_path / "study" / "study.toml", tmp_path / "out", progress=False)
    assert DilutionFit.load(run.out / "dilution_fit.json") == own.normalised.dilution_fit
    manifest = json.loads((run.out / "manifest.json").read_text(encoding="utf-8"))
    assert "fit.json" in manifest["inputs"]
    assert manifest["dilution_fit"]["fitted_on_the_same_specimens"] is False
    assert "Dilution model fitted on the same specimens" not in run.report.read_text(encoding="utf-8")


def test_a_fit_of_a_former_run_does_not_stay(own, tmp_path):
    study = write_tiny_study(tmp_path / "study")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "dilution_fit.json").write_text("{}", encoding="utf-8")
    run = run_study(study, tmp_path / "out", progress=False)
    assert not (run.out / "dilution_fit.json").exists()
    assert "dilution_fit" not in json.loads((run.out / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("study", "said"),
    [
        (FITTED, r"basis = 'conditional' needs a \[dilution\] with fit = .*, or sample = \"own\""),
        (
            STUDY + '\n[dilution]\nsample = "own"\n',
            r"needs a basis that is fitted; \[choices\] says basis = 'by_specimen'",
        ),
        (FITTED + '\n[dilution]\nsample = "ours"\n', "sample in .dilution. is 'ours'; expected 'own'"),
        (OWN + 'fit = "fit.json"\n', "holds sample, fit; expected one of"),
        (FITTED + "\n[dilution]\n", "needs a .dilution. with"),
        (FITTED + '\n[dilution]\nsampel = "own"\n', "unknown key 'sampel' in .dilution.. Did you mean 'sample'"),
        (FITTED + '\n[dilution]\nfit = "no.json"\n', "no.json does not exist; expected a file"),
    ],
)
def test_nothing_is_fitted_without_being_asked_for(tmp_path, study, said):
    with pytest.raises(StudyError, match=said):
        read_study(write_tiny_study(tmp_path, n=3, study=study))


def test_a_fit_is_never_written_over(own, tmp_path):
    study = write_tiny_study(tmp_path, study=FITTED + '\n[dilution]\nfit = "dilution_fit.json"\n')
    own.normalised.dilution_fit.save(tmp_path / "dilution_fit.json")
    with pytest.raises(StudyError, match=r"dilution_fit\.json is an input, and the run would write over it"):
        run_study(study, tmp_path, progress=False)


def test_the_same_question_is_asked_again_with_the_same_fit_or_another(own):
    cohort = own.cohort
    again = cohort.renormalise(cohort.choices.with_changes(confidence=0.9))
    assert again.normalised.dilution_fit == own.normalised.dilution_fit
    pd.testing.assert_frame_equal(again.log_amounts, cohort.log_amounts)
    other = fit_dilution(cohort.normalised, basis="power_functional", sample="another")
    choices = cohort.choices.with_changes(basis="power_functional")
    assert cohort.renormalise(choices, dilution_fit=other).units["hva"] == "mg/L"
    assert cohort.renormalise(cohort.choices.with_changes(basis="none")).normalised.dilution_fit is None
