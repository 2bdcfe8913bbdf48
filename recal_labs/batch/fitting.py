"""Corrections for dilution as the command line asks for them: which choices go with a fit, and what a fit says."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from recal_labs.catalogue import Catalogue
from recal_labs.choices import FITTED_BASES, Choices
from recal_labs.errors import ChoiceError
from recal_labs.normalise import DilutionFit, fit_dilution
from recal_labs.normalise.saved_table import read_normalised

WIDTH = 80
# It corrects by creatinine alone, so whoever names a covariate expects another correction than he would get.
WITHOUT_COVARIATES = "power_functional"


def choices_of(basis: str | None, fit: DilutionFit | None) -> Choices:
    """Return the choices that ``--basis`` and ``--dilution-fit`` make; the basis is the fit's where none is named.

    Raises
    ------
    ChoiceError
        When the basis needs a fit and none was named; it says with which commands to make and use one.
    UnknownWordError
        When there is no such basis.
    """
    chosen = Choices(basis=basis or (fit.basis if fit else Choices().basis))
    if chosen.basis in FITTED_BASES and fit is None:
        raise ChoiceError(
            f"--basis {chosen.basis} needs a correction that was fitted before, on a stated sample. Make one with: "
            f'recal-labs fit-dilution NORMALISED.parquet --basis {chosen.basis} --sample "whose specimens these are" '
            "--out fit.json; then use it with: recal-labs normalise INBOX --dilution-fit fit.json. In study.toml: "
            "[dilution]; in Python: rl.fit_dilution (docs/normalisation.md)."
        )
    if fit is not None and fit.basis != WITHOUT_COVARIATES:
        chosen = chosen.with_changes(dilution_covariates=fit.covariates)
    return chosen


def fit_file(
    normalised: Path,
    *,
    basis: str,
    sample: str,
    covariates: Sequence[str] | None,
    specimens: Sequence[str] | None,
    catalogue: Catalogue,
) -> DilutionFit:
    """Fit a correction on a file of results.

    Parameters
    ----------
    normalised : Path
        normalised.parquet or .csv of a run, or a table of results.
    basis, sample : str
    covariates : sequence of str or None
        Those that were named; None stands for age and sex.
    specimens : sequence of str or None
        Kinds of specimen that were named; None stands for single voids.
    catalogue : Catalogue

    Raises
    ------
    ChoiceError
        When a covariate is named for a basis that uses none, or nothing could be fitted.
    FileProblem, TableError, UnknownWordError
        When the file cannot be read, or a word is not known.
    """
    if covariates and basis == WITHOUT_COVARIATES:
        raise ChoiceError(
            f"--basis {basis} is fitted on creatinine alone, so --covariate {' --covariate '.join(covariates)} would "
            "change nothing. Leave it out, or choose --basis conditional or covariate_adjusted, which use covariates."
        )
    return fit_dilution(
        read_normalised(normalised),
        basis=basis,
        sample=sample,
        covariates=covariates or None,
        choices=Choices(specimens=tuple(specimens)) if specimens else Choices(),
        catalogue=catalogue,
    )


def fit_lines(fit: DilutionFit) -> Iterator[str]:
    """Yield what was fitted and on whom, what was left out and why, and which models are missing, 80 columns wide."""
    said = [fit.describe(), f"{len(fit.fitted)} of {len(fit.models)} models fitted."]
    left = "; ".join(f"{n:,} {why}" for why, n in fit.left_out.items())
    said.append(f"Rows not used: {left}." if left else "Every row was used.")
    said += [f"{model.analyte_id}: not fitted, {model.reason}." for model in fit.models if not model.is_fitted]
    for sentence in said:
        yield from textwrap.wrap(sentence, WIDTH, break_on_hyphens=False)
