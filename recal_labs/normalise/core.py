"""normalise: results in, the same rows out, each with its amount, its place against an interval, and what is amiss."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.choices import Choices
from recal_labs.columns import NORMALISED, NUMBER, RESULTS, SUBJECTS, TEXT
from recal_labs.normalise.basis import add_amount, corrected_units
from recal_labs.normalise.censored_shares import censored_shares, censored_words
from recal_labs.normalise.current import mark_current
from recal_labs.normalise.dilution import add_dilution_controls, judge_dilution
from recal_labs.normalise.dilution_apply import add_fitted
from recal_labs.normalise.dilution_fit import DilutionFit
from recal_labs.normalise.flags import Flagged, add_flags
from recal_labs.normalise.frames import OpenedFrame, close_frame, lookup, open_frame
from recal_labs.normalise.handling import preservatives_of, read_bottles
from recal_labs.normalise.interference import interference_flags, read_exposures, with_hours
from recal_labs.normalise.plausible import add_unit_suspicion
from recal_labs.normalise.plausible import unit_groups as judge_units
from recal_labs.normalise.position import add_position
from recal_labs.normalise.preanalytical import handling_flags
from recal_labs.normalise.qc import add_qc
from recal_labs.normalise.reference import add_reference
from recal_labs.normalise.series import series_flags, who_changes, with_plain_words
from recal_labs.normalise.units import conversion_table

SHOWN = (
    "subject_id",
    "specimen_id",
    "analyte_id",
    "amount_comparator",
    "amount",
    "amount_unit",
    "reference_low",
    "reference_high",
    "interpretation",
    "qc",
)


def repr_of(frame: Any) -> str:
    """Return a frame as HTML in its own way."""
    shown: str = frame._repr_html_()
    return shown


@dataclass(frozen=True, eq=False, kw_only=True)
class Normalised:
    """Normalised results with the recipe that made them.

    Parameters
    ----------
    frame : pandas or Polars frame
        The `normalised` table of `recal_labs.columns`: the rows that came in, in their order.
    choices : Choices
        Every decision taken.
    catalogue : Catalogue
        Analytes, units and intervals used.
    dilution_fit : DilutionFit or None
        The fitted correction that was applied, on a basis that needs one.
    """

    frame: Any
    choices: Choices
    catalogue: Catalogue
    dilution_fit: DilutionFit | None = None

    @property
    def catalogue_version(self) -> str:
        """Short fingerprint of every file of the catalogue."""
        return self.catalogue.version

    def _counts(self) -> str:
        if not hasattr(self.frame, "__len__"):
            return "results, not yet computed"
        return f"{len(self.frame)} results; {censored_words(censored_shares(self.frame))}"

    def __repr__(self) -> str:
        return f"Normalised: {self._counts()}, catalogue {self.catalogue_version}; see .frame and .choices"

    def _repr_html_(self) -> str:
        counted = f"<p>Normalised: {html.escape(self._counts())}, catalogue {html.escape(self.catalogue_version)}.</p>"
        if not hasattr(self.frame, "__len__"):
            return counted
        # What a reader looks for first; the ids and places would push it off the screen.
        head = self.frame[list(SHOWN)].head(10)
        table = head.to_html(float_format="%.3g", na_rep="", index=False) if hasattr(head, "to_html") else repr_of(head)
        fitted = f"<p>{html.escape(self.dilution_fit.describe())}</p>" if self.dilution_fit is not None else ""
        return f"{counted}{table}{self._shares_html()}<p>{html.escape(self.choices.describe())}</p>{fitted}"

    def _shares_html(self) -> str:
        """Return a table of what is censored of each analyte that has any; nothing where none has."""
        rows = "".join(
            f"<tr><th scope='row'>{html.escape(name)}</th><td>{one.n}</td><td>{one.censored}</td>"
            f"<td>{100 * one.share:.1f} %</td></tr>"
            for name, one in censored_shares(self.frame).items()
            if one.censored
        )
        if not rows:
            return ""
        head = "".join(f"<th scope='col'>{word}</th>" for word in ("Analyte", "Amounts", "Censored", "Share"))
        return f"<table><caption>Amounts beyond a limit of detection</caption><tr>{head}</tr>{rows}</table>"


def _with_quantity(frame: nw.LazyFrame[Any], catalogue: Catalogue) -> nw.LazyFrame[Any]:
    """Add ``quantity`` (value in the analyte's own substance unit), ``reported_basis``; null where no unit fits."""
    table = conversion_table(catalogue)
    conversions = lookup(
        {
            "analyte_id": [c.analyte_id for c in table],
            "unit": [c.unit for c in table],
            "reported_basis": [c.basis for c in table],
            "_factor": [c.factor for c in table],
        },
        {"analyte_id": TEXT, "unit": TEXT, "reported_basis": TEXT, "_factor": NUMBER},
        ("analyte_id", "unit"),
    )
    frame = frame.join(conversions, on=["analyte_id", "unit"], how="left")
    return frame.with_columns(quantity=nw.col("value") * nw.col("_factor"))


def with_controls(frame: nw.LazyFrame[Any], catalogue: Catalogue) -> nw.LazyFrame[Any]:
    """Add each row's quantity, whether it stands, and the measures of dilution of its specimen."""
    return add_dilution_controls(mark_current(_with_quantity(frame, catalogue)))


def _with_amount_unit(frame: nw.LazyFrame[Any], catalogue: Catalogue, choices: Choices) -> nw.LazyFrame[Any]:
    plain = {(c.analyte_id, c.basis, c.amount_unit) for c in conversion_table(catalogue)}
    units = sorted(plain | corrected_units(plain, choices))
    table = lookup(
        {
            "analyte_id": [u[0] for u in units],
            "basis": [u[1] for u in units],
            "_unit": [u[2] for u in units],
        },
        {"analyte_id": TEXT, "basis": TEXT, "_unit": TEXT},
        ("analyte_id", "basis"),
    )
    frame = frame.join(table, on=["analyte_id", "basis"], how="left")
    return frame.with_columns(amount_unit=nw.when(~nw.col("amount").is_null()).then(nw.col("_unit"))).drop("_unit")


def _changes(opened: OpenedFrame, catalogue: Catalogue, bottles: pl.DataFrame | None) -> Flagged | None:
    """Return the rows at which one person's lab, method or preservative changes; None when nothing can have changed."""
    words: tuple[str, ...] = tuple(word for word in ("lab_id", "method") if word in opened.given)
    rows = opened.inside
    if bottles is not None:
        kept = nw.from_native(preservatives_of(bottles, catalogue).lazy())
        rows, words = rows.join(kept, on="specimen_id", how="left"), (*words, "preservative")
    if not words:
        return None
    rows = with_plain_words(rows, words)
    who = who_changes(rows, words)
    if opened.kind != "polars_lazy":
        # What is in memory is looked at now: mostly nobody changes, and the rest of the way is not needed.
        found = who.to_native().collect(engine="in-memory")
        if found.is_empty():
            return None
        who = nw.from_native(found.lazy())
    # Which row stands depends on that person's rows only.
    theirs = mark_current(_with_quantity(rows.join(who, on="subject_id", how="semi"), catalogue))
    return series_flags(theirs, words)


def _before_analysis(
    opened: OpenedFrame, catalogue: Catalogue, *, subjects: Any, specimens: Any, interventions: Any
) -> list[Flagged]:
    """Return the rows of which it is known that something moved or disturbed them before they were measured."""
    found: list[Flagged | None] = []
    timed = with_hours(opened.inside, specimens)
    exposures = read_exposures(catalogue, interventions=interventions, subjects=subjects)
    if exposures is not None:
        found.append(interference_flags(timed, exposures))
    bottles = None if specimens is None else read_bottles(specimens)
    if bottles is not None:
        found.append(handling_flags(timed, bottles, catalogue))
    found.append(_changes(opened, catalogue, bottles))
    return [flagged for flagged in found if flagged is not None]


def normalise(
    results: Any,
    *,
    choices: Choices | None = None,
    catalogue: Catalogue | None = None,
    dilution_fit: DilutionFit | None = None,
    unit_groups: pl.DataFrame | None = None,
    subjects: Any = None,
    specimens: Any = None,
    interventions: Any = None,
) -> Normalised:
    """Bring results to comparable amounts and place them against reference intervals.

    Parameters
    ----------
    results : pandas DataFrame, Polars DataFrame or Polars LazyFrame
        The `results` table of `recal_labs.columns`. Columns that may be absent are added as missing; columns of the
        caller's own are kept at the end.
    choices : Choices, optional
        Basis, interval sources, creatinine limits. Default: `Choices()`.
    catalogue : Catalogue, optional
        Default: the built-in one.
    dilution_fit : DilutionFit, optional
        The correction that the bases ``covariate_adjusted``, ``power_functional`` and ``conditional`` need. It was
        fitted before, on a stated sample (`fit_dilution`): nothing is ever fitted on the results it is applied to
        without being asked for.
    unit_groups : Polars DataFrame, optional
        What `recal_labs.normalise.plausible.unit_groups` found in the whole table of which these results are a part.
        Default: found in these results.
    subjects, specimens, interventions : pandas or Polars frame, optional
        Tables of `recal_labs.columns`, for the codes of what is known to move a result before it is measured;
        `find_interferences` and `find_preanalytical` list them with their sources.

    Returns
    -------
    Normalised
        Its frame is of the kind that came in and has exactly its rows, in its order. What cannot be placed has a
        missing amount or position, and a code in ``qc`` that says why. A censored value keeps its comparator; its
        amount is the converted limit.

    Raises
    ------
    TableError
        When a column that cannot be done without is absent or has the wrong type.
    ChoiceError
        When the basis needs a fitted correction and there is none, or it is one of another basis or other covariates.

    Examples
    --------
    >>> import pandas as pd
    >>> results = pd.DataFrame({
    ...     "subject_id": ["S1", "S1"], "specimen_id": ["U1", "U1"], "specimen": "urine_spot",
    ...     "analyte_id": ["hva", "creatinine"], "comparator": "", "value": [4.0, 100.0], "unit": ["mg/L", "mg/dL"],
    ...     "sex": "female", "age_years": 40.0})
    >>> normalise(results).frame[["analyte_id", "amount", "amount_unit", "interpretation"]]
       analyte_id  amount  amount_unit interpretation
    0         hva     4.0  mg/g{creat}              N
    1  creatinine     1.0          g/L              N
    """
    choices = choices or Choices()
    catalogue = catalogue or load_catalogue()
    opened = open_frame(results, RESULTS, "normalise", made=NORMALISED.names, read=SUBJECTS.names)
    if unit_groups is None and opened.kind != "polars_lazy":
        unit_groups = judge_units(opened.inside.to_native(), catalogue)
    frame = add_unit_suspicion(opened.inside, unit_groups, catalogue)
    frame = with_controls(frame, catalogue)
    tables = {"subjects": subjects, "specimens": specimens, "interventions": interventions}
    flagged = _before_analysis(opened, catalogue, **tables)
    frame = add_flags(frame, flagged)
    frame = judge_dilution(frame, choices)
    frame = add_fitted(frame, catalogue, choices, dilution_fit)
    frame = add_amount(frame, choices, catalogue)
    frame = _with_amount_unit(frame, catalogue, choices)
    frame = add_reference(frame, catalogue, choices)
    frame = add_position(frame, choices)
    frame = add_qc(frame, catalogue, choices, flagged)
    return Normalised(
        frame=close_frame(frame, opened, NORMALISED.names),
        choices=choices,
        catalogue=catalogue,
        dilution_fit=dilution_fit,
    )
