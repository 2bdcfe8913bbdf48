"""What study.toml names must exist: refused before any file is read."""

from __future__ import annotations

from recal_labs.catalogue import Catalogue, load_instruments
from recal_labs.errors import ChoiceError, UnknownAnalyteError, UnknownWordError
from recal_labs.ingest import load_profile
from recal_labs.normalise.reference import usable_intervals
from recal_labs.study.declared import Study


def _check_analytes(study: Study, catalogue: Catalogue) -> None:
    for name in study.choices.analytes:
        if name not in catalogue.analytes:
            raise UnknownAnalyteError(name, tuple(catalogue.analytes), f"{study.path.name} [choices]")
        if catalogue.analytes[name].family == "hydration":
            raise ChoiceError(
                f"{study.path.name} [choices]: {name} is a measure of dilution and is used as such, not analysed; take "
                "it out of analytes."
            )


def _check_instruments(study: Study) -> None:
    instruments = load_instruments()
    declared = tuple(dict.fromkeys(form.instrument for form in study.outcomes))
    for name in declared:
        if name not in instruments:
            raise UnknownWordError("instrument", name, tuple(instruments), study.path.name)
    entry = (study.choices.entry_outcome,) if study.choices.entry_outcome else ()
    for name in (*study.choices.outcomes, *entry):
        if name not in declared:
            where = f"{study.path.name} [choices]; no [[files.outcomes]] has it"
            raise UnknownWordError("outcome", name, declared, where)


def check_words(study: Study, catalogue: Catalogue) -> None:
    """Refuse an analyte, profile, source of ranges, instrument or outcome that does not exist.

    Raises
    ------
    UnknownWordError
        With the nearest known word.
    ChoiceError
        When a measure of dilution is asked about as an analyte.
    """
    _check_analytes(study, catalogue)
    for panel in study.panels:
        if panel.profile != "auto":
            load_profile(panel.profile)
    usable_intervals(catalogue, study.choices)
    _check_instruments(study)
