"""A correction for dilution that was fitted on a stated sample: printed, saved, loaded again, and applied elsewhere."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recal_labs.errors import DilutionFitError, FileProblem
from recal_labs.normalise.dilution_files import FORMAT, KIND, content_faults, model_from, model_to
from recal_labs.normalise.dilution_models import DilutionModel
from recal_labs.storage import open_regular, write_json

if TYPE_CHECKING:
    import pandas as pd

WHAT: Mapping[str, str] = {
    "covariate_adjusted": "creatinine expected of a person, amounts are divided by creatinine over what is expected",
    "power_functional": "concentration by a power of creatinine, amounts are brought to 1 g/L by that power",
    "conditional": "concentration expected at a specimen's creatinine, amounts are ratios to it",
}
# 1.96: the normal quantile of a 95 % interval.
HALF_WIDTH = 1.96


@dataclass(frozen=True, kw_only=True)
class DilutionFit:
    """A fitted correction with everything that is needed to apply it elsewhere.

    Parameters
    ----------
    basis : str
        ``covariate_adjusted``, ``power_functional`` or ``conditional``.
    sample : str
        Whose specimens it was fitted on, in words.
    covariates : tuple of str
        What it knows of a person.
    specimens : tuple of str
        Kinds of specimen it was fitted on.
    models : tuple of DilutionModel
        One for each analyte and fraction, fitted or with the reason why not; of ``covariate_adjusted`` one for
        creatinine.
    n_specimens, n_subjects : int
        Specimens and people used.
    left_out : mapping of str to int
        Rows of the sample that were not used, by reason.
    catalogue_version, version : str
        Of the catalogue and the package that it was made under.

    Examples
    --------
    >>> from recal_labs.normalise.dilution_models import Term
    >>> term = Term("intercept", 0.1, 0.02)
    >>> model = DilutionModel(analyte_id="creatinine", unit="g/L", terms=(term,), sd=0.5, n=80, n_subjects=80)
    >>> DilutionFit(basis="covariate_adjusted", sample="80 made-up women", models=(model,), n_specimens=80,
    ...             n_subjects=80)
    DilutionFit of covariate_adjusted on 80 made-up women: 80 specimens of 80 people, no covariates; 1 of 1 models
    fitted
    """

    basis: str
    sample: str
    covariates: tuple[str, ...] = ()
    specimens: tuple[str, ...] = ()
    models: tuple[DilutionModel, ...]
    n_specimens: int
    n_subjects: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    catalogue_version: str = ""
    version: str = ""

    @property
    def fitted(self) -> tuple[DilutionModel, ...]:
        """The models that could be fitted."""
        return tuple(model for model in self.models if model.is_fitted)

    @property
    def table(self) -> pd.DataFrame:
        """One row a coefficient: analyte_id, fraction, term, estimate, standard_error, 95 % interval, n, sd, reason.

        Estimates are on the scale of natural logarithms. Where nothing could be fitted there is one row with a reason.
        """
        import pandas as pd

        rows = [row for model in self.models for row in _rows(model)]
        return pd.DataFrame(rows, columns=list(_COLUMNS))

    def describe(self) -> str:
        """Return what was fitted, on whom, in one sentence."""
        known = ", ".join(self.covariates) or "no covariates"
        return (
            f"{self.basis} ({WHAT.get(self.basis, '')}), fitted on {self.sample}: {self.n_specimens} specimens of "
            f"{self.n_subjects} people, {known}, standard errors clustered by person."
        )

    def save(self, path: Path | str) -> Path:
        """Write the fit as JSON, whole or not at all; what `load` gives back is equal to it."""
        return write_json(Path(path), self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "kind": KIND,
            "format": FORMAT,
            "basis": self.basis,
            "sample": self.sample,
            "covariates": list(self.covariates),
            "specimens": list(self.specimens),
            "models": [model_to(model) for model in self.models],
            "n_specimens": self.n_specimens,
            "n_subjects": self.n_subjects,
            "left_out": dict(self.left_out),
            "catalogue_version": self.catalogue_version,
            "version": self.version,
        }

    @classmethod
    def load(cls, path: Path | str) -> DilutionFit:
        """Read a saved fit and check it.

        Raises
        ------
        FileProblem
            When there is no such file, or it is not JSON.
        DilutionFitError
            Naming every fault of its content.
        """
        path = Path(path)
        try:
            with open_regular(path) as handle:
                content = json.loads(handle.read().decode("utf-8"))
        except FileNotFoundError as err:
            raise FileProblem(path, "there is no such file", "a saved dilution fit", "check the path") from err
        except OSError as err:
            raise FileProblem(path, f"it cannot be read ({err.strerror})", "a saved dilution fit") from err
        except ValueError as err:
            raise FileProblem(
                path, f"it is not JSON ({err})", "what DilutionFit.save wrote", "save the fit again"
            ) from err
        if faults := [f"{path.name}: {fault}" for fault in content_faults(content)]:
            raise DilutionFitError(f"The dilution fit {path.name} cannot be used", faults)
        return cls(
            basis=content["basis"],
            sample=content["sample"],
            covariates=tuple(content["covariates"]),
            specimens=tuple(content["specimens"]),
            models=tuple(model_from(model) for model in content["models"]),
            n_specimens=content["n_specimens"],
            n_subjects=content["n_subjects"],
            left_out=content["left_out"],
            catalogue_version=content["catalogue_version"],
            version=content["version"],
        )

    def __repr__(self) -> str:
        known = ", ".join(self.covariates) or "no covariates"
        return (
            f"DilutionFit of {self.basis} on {self.sample}: {self.n_specimens} specimens of {self.n_subjects} people, "
            f"{known}; {len(self.fitted)} of {len(self.models)} models fitted"
        )

    def _repr_html_(self) -> str:
        left = "; ".join(f"{why}: {n}" for why, n in self.left_out.items())
        lines = [self.describe(), f"Rows not used: {left}." if left else ""]
        said = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
        return said + self.table.to_html(float_format="{:.3g}".format, na_rep="", index=False)


_COLUMNS = (
    "analyte_id",
    "fraction",
    "term",
    "estimate",
    "standard_error",
    "ci_low",
    "ci_high",
    "unit",
    "n",
    "n_subjects",
    "n_censored",
    "sd",
    "reason",
)


def _rows(model: DilutionModel) -> list[dict[str, Any]]:
    said = {
        "analyte_id": model.analyte_id,
        "fraction": model.fraction,
        "unit": f"ln({model.unit})",
        "n": model.n,
        "n_subjects": model.n_subjects,
        "n_censored": model.n_censored,
        "sd": model.sd,
        "reason": model.reason,
    }
    if not model.is_fitted:
        return [said]
    return [
        said
        | {
            "term": term.name,
            "estimate": term.estimate,
            "standard_error": term.standard_error,
            "ci_low": term.estimate - HALF_WIDTH * term.standard_error,
            "ci_high": term.estimate + HALF_WIDTH * term.standard_error,
        }
        for term in model.terms
    ]
