"""A fit says what it is, comes back from its file as it was, and a faulty file is refused with every fault named."""

import json

import pytest

from recal_labs.errors import DilutionFitError, FileProblem
from recal_labs.normalise import DilutionFit, fit_dilution
from tests.normalise.simulated import people


@pytest.fixture(scope="module")
def fit():
    import numpy as np

    results = people(np.random.default_rng(3), 40, exponent=0.6, limit=1.5)
    return fit_dilution(results, basis="conditional", sample="40 <made-up> adults, lab X")


def test_it_says_what_it_is(fit):
    assert "conditional on 40 <made-up> adults, lab X: 40 specimens of 40 people" in repr(fit)
    assert "clustered by person" in fit.describe()
    shown = fit._repr_html_()
    assert "40 &lt;made-up&gt; adults" in shown
    assert "log_creatinine" in shown


def test_the_table_has_a_row_a_coefficient_with_its_interval(fit):
    table = fit.table.set_index("term")
    assert list(table.index) == ["intercept", "log_creatinine", "age_years", "sex_male"]
    assert (table["ci_low"] < table["estimate"]).all()
    assert ((table["estimate"] - table["ci_low"]) / table["standard_error"]).to_list() == pytest.approx([1.96] * 4)
    assert table["unit"].unique().tolist() == ["ln(mg/L)"]


def test_it_comes_back_from_its_file_as_it_was(fit, tmp_path):
    path = fit.save(tmp_path / "fit.json")
    again = DilutionFit.load(path)
    assert again == fit
    assert again.save(tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_a_file_that_is_not_there_or_not_json_is_refused(tmp_path):
    with pytest.raises(FileProblem, match="there is no such file"):
        DilutionFit.load(tmp_path / "no.json")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    with pytest.raises(FileProblem, match="it is not JSON"):
        DilutionFit.load(tmp_path / "bad.json")
    with pytest.raises(FileProblem, match="a folder"):
        DilutionFit.load(tmp_path)


def term(content, place=1):
    return content["models"][0]["terms"][place]


FAULTS = {
    "kind is 'x' in": lambda c: c.update(kind="x"),
    "format in the fit is 2; expected 1; another version": lambda c: c.update(format=2),
    "basis in the fit is 'none'": lambda c: c.update(basis="none"),
    "sample in the fit is ' '": lambda c: c.update(sample=" "),
    "covariates in the fit": lambda c: c.update(covariates=["age_years", "age_years"]),
    "unknown field 'bases' in the fit. Did you mean 'basis'": lambda c: c.update(bases="conditional"),
    "the fit has no n_subjects": lambda c: c.pop("n_subjects"),
    "n_specimens in the fit is -1": lambda c: c.update(n_specimens=-1),
    "models in the fit is \\[\\]": lambda c: c.update(models=[]),
    "model 1 is 3; expected its fields by name": lambda c: c.update(models=[3]),
    "sd in model 1 is 0": lambda c: c["models"][0].update(sd=0),
    "fraction in model 1 is 'bound'": lambda c: c["models"][0].update(fraction="bound"),
    "estimate in term 2 of model 1 is None": lambda c: term(c).update(estimate=None),
    "standard_error in term 2 of model 1 is -1": lambda c: term(c).update(standard_error=-1),
    "has the terms intercept, age_years, sex_male; expected": lambda c: c["models"][0]["terms"].pop(1),
    "log_creatinine of model 1 \\(hva\\) runs from 2 to 1": lambda c: term(c).update(low=2, high=1),
    "model 1 \\(hva\\) has no sd": lambda c: c["models"][0].update(sd=None),
    "has terms and a reason": lambda c: c["models"][0].update(reason="too few"),
    "model 2 is the second one for hva, unspecified": lambda c: c["models"].append(c["models"][0]),
    "no model of the fit was fitted": lambda c: c["models"][0].update(reason="too few", terms=[], sd=None),
    "expected one, of creatinine": lambda c: c.update(basis="covariate_adjusted"),
}


@pytest.mark.parametrize("said", FAULTS)
def test_every_fault_of_a_file_has_its_sentence(fit, tmp_path, said):
    content = json.loads(json.dumps(fit.to_dict()))
    FAULTS[said](content)
    path = tmp_path / "fit.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DilutionFitError, match=said.replace("kind is 'x' in", "kind in the fit is 'x'")):
        DilutionFit.load(path)


def test_every_fault_is_said_at_once(fit, tmp_path):
    content = json.loads(json.dumps(fit.to_dict()))
    content |= {"basis": "none", "sample": ""}
    path = tmp_path / "fit.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DilutionFitError) as caught:
        DilutionFit.load(path)
    assert len(caught.value.faults) == 2
    assert all(fault.startswith("fit.json: ") for fault in caught.value.faults)
