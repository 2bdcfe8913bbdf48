"""The fitted correction for dilution that a study uses: one saved before, or one fitted on its own specimens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from recal_labs.catalogue import Catalogue
from recal_labs.normalise import DilutionFit, fit_dilution
from recal_labs.normalise.dilution_files import FIT_FILE
from recal_labs.storage import sha256_of
from recal_labs.study.declared import OWN, Study

OWN_SAMPLE = "the study's own specimens, the very ones it is applied to"
OWN_LABEL = "Dilution model fitted on the same specimens"
OWN_WARNING = (
    'The correction for dilution was fitted on the very specimens that it corrects (study.toml: sample = "own"). On '
    "them it looks better than it is, and whatever is validated on them is too."
)


def study_fit(study: Study, results: pd.DataFrame, catalogue: Catalogue) -> DilutionFit | None:
    """Return the fit that a study's basis needs; None where it needs none.

    Raises
    ------
    FileProblem, DilutionFitError
        When a saved one cannot be used.
    ChoiceError
        When nothing can be fitted on the study's own specimens.
    """
    if study.dilution_fit is not None:
        return DilutionFit.load(study.dilution_fit)
    if study.dilution_sample != OWN:
        return None
    return fit_dilution(
        results,
        basis=study.choices.basis,
        sample=OWN_SAMPLE,
        covariates=study.choices.dilution_covariates,
        catalogue=catalogue,
        choices=study.choices,
    )


def is_own(study: Study) -> bool:
    """Tell whether the correction is fitted on the specimens that it corrects."""
    return study.dilution_sample == OWN


def fit_alarm(study: Study) -> Iterator[str]:
    """Yield a line when the correction is fitted on the specimens that it corrects."""
    if is_own(study):
        yield f"*** DILUTION: {OWN_WARNING} ***"


def fit_labels(study: Study) -> tuple[str, ...]:
    """Return what a report is marked with when the correction is fitted on the specimens that it corrects."""
    return (OWN_LABEL,) if is_own(study) else ()


def fit_facts(study: Study, fit: DilutionFit | None, out: Path) -> dict[str, Any]:
    """Return what the manifest says of the fit; nothing where there is none."""
    if fit is None:
        return {}
    return {
        "dilution_fit": {
            "file": FIT_FILE,
            "sha256": sha256_of(out / FIT_FILE),
            "basis": fit.basis,
            "sample": fit.sample,
            "n_specimens": fit.n_specimens,
            "n_subjects": fit.n_subjects,
            "fitted_on_the_same_specimens": is_own(study),
            "warning": OWN_WARNING if is_own(study) else "",
        }
    }
