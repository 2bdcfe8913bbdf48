"""Lists of what is known to have moved or disturbed results before they were measured, each with its source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.columns import BEFORE_ANALYSIS, INTERVENTIONS, NORMALISED, polars_schema
from recal_labs.normalise.core import Normalised
from recal_labs.normalise.frames import ROW, OpenedFrame, open_frame, read_beside, shaped
from recal_labs.normalise.handling import WORDED, handling_lexicons, read_bottles, read_words
from recal_labs.normalise.interference import (
    EXPOSURE_SCHEMA,
    interferent_lexicon,
    met_exposures,
    read_exposures,
    with_hours,
)
from recal_labs.normalise.preanalytical import met_findings, read_findings, read_rules

PLACE = ("source_file", "source_row", "source_place", "subject_id", "specimen_id", "analyte_id")
UNMATCHED_SCHEMA = {"table": pl.String, "column": pl.String, "text": pl.String, "rows": pl.Int64, "reason": pl.String}


def _open(normalised: Any, catalogue: Catalogue | None, where: str) -> tuple[OpenedFrame, Catalogue]:
    if isinstance(normalised, Normalised):
        normalised, catalogue = normalised.frame, catalogue or normalised.catalogue
    return open_frame(normalised, NORMALISED, where), catalogue or load_catalogue()


def _close(found: pl.LazyFrame, opened: OpenedFrame) -> Any:
    """Return the list as the kind of frame that came in, in order of its rows."""
    told = shaped(found, polars_schema(BEFORE_ANALYSIS))
    told = told.sort("row", "code", "what", "source_id", "matched", nulls_last=True)
    if opened.kind == "polars_lazy":
        return told
    collected = told.collect()
    return collected if opened.kind == "polars" else collected.to_pandas()


def find_interferences(
    normalised: Any,
    *,
    interventions: Any = None,
    subjects: Any = None,
    specimens: Any = None,
    catalogue: Catalogue | None = None,
) -> Any:
    """List every medicine, food and condition on record that is known to move or disturb a result.

    Parameters
    ----------
    normalised : Normalised, or its frame
    interventions, subjects : pandas or Polars frame, optional
        Tables of `recal_labs.columns`. Names are free text; the words that are known stand in interferent_words.csv.
    specimens : pandas or Polars frame, optional
        Says how long a collection lasted where the results do not.
    catalogue : Catalogue, optional
        Default: that of a `Normalised`, else the built-in one.

    Returns
    -------
    DataFrame
        The table `before_analysis` of `recal_labs.columns`, of the kind of the frame, in order of its rows: one row a
        result and interference of one source. ``code`` is ``interference`` where the result is flagged by it, and
        empty for a laboratory's general precaution, such as one against all medicines, which tells nothing of a result.

    Raises
    ------
    TableError
        When a table lacks a column or one has the wrong type.

    Notes
    -----
    A medicine counts from its first day to its last and the days of washout that the source asks for; without them, on
    its own days only. A missing start or stop has no bound. A collection of which only the day or the month is known
    counts as a whole, and a timed one to its end. A result without a date meets only what has none, such as smoking.
    What is listed is a reason to doubt a number; it does not say that the number is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> from recal_labs.normalise import normalise
    >>> results = pd.DataFrame({
    ...     "subject_id": ["S1"], "specimen_id": ["U1"], "specimen": "urine_spot", "analyte_id": ["serotonin"],
    ...     "comparator": "", "value": [80.0], "unit": ["ug/g{creat}"], "collected_at": pd.to_datetime(["2024-03-11"])})
    >>> taken = pd.DataFrame({
    ...     "subject_id": ["S1"], "kind": "pharmaceutical", "name": ["Zoloft"], "dose": [50.0], "unit": ["mg"],
    ...     "start": pd.to_datetime(["2024-01-02"])})
    >>> found = find_interferences(normalise(results), interventions=taken)
    >>> found[["what", "direction", "matched"]].values.tolist()
    [['SSRI antidepressants', 'lowers', "pharmaceutical intervention 'Zoloft' 50 mg from 2024-01-02"]]
    """
    opened, catalogue = _open(normalised, catalogue, "find_interferences")
    exposures = read_exposures(catalogue, interventions=interventions, subjects=subjects)
    if exposures is None:
        exposures = pl.DataFrame(schema=EXPOSURE_SCHEMA)
    met = met_exposures(with_hours(opened.inside, specimens), exposures, (ROW, *PLACE))
    return _close(met.to_native().rename({ROW: "row"}), opened)


def find_preanalytical(normalised: Any, specimens: Any, *, catalogue: Catalogue | None = None) -> Any:
    """List every result whose bottle was kept, or collected, in a way that a source says its analyte does not bear.

    Parameters
    ----------
    normalised : Normalised, or its frame
    specimens : pandas or Polars frame
        The table of `recal_labs.columns`: preservative, ph, storage, received_at, exercise, posture. Their words are
        free text; those that are known stand in handling_words.csv.
    catalogue : Catalogue, optional
        Default: that of a `Normalised`, else the built-in one.

    Returns
    -------
    DataFrame
        The table `before_analysis` of `recal_labs.columns`, of the kind of the frame, in order of its rows: one row a
        result and rule of one source. Laboratories contradict each other: ``source_id`` names the one that refuses,
        ``contradicted_by`` those that accept the same.

    Raises
    ------
    TableError
        When a table lacks a column or one has the wrong type.

    Notes
    -----
    One source that refuses is enough for a flag. A delay is counted from the latest moment at which the collection may
    have ended. Where the storage is not stated, only what would be too late however it was kept is called late. A
    bottle of which no preservative is recorded is not taken for one without.

    Examples
    --------
    >>> import pandas as pd
    >>> from recal_labs.normalise import normalise
    >>> results = pd.DataFrame({
    ...     "subject_id": ["S1"], "specimen_id": ["U1"], "specimen": "urine_24h", "analyte_id": ["metanephrine"],
    ...     "comparator": "", "value": [80.0], "unit": ["ug/(24.h)"]})
    >>> bottles = pd.DataFrame({"specimen_id": ["U1"], "preservative": ["10 g boric acid"]})
    >>> found = find_preanalytical(normalise(results), bottles)
    >>> found[["code", "what", "source_id", "contradicted_by"]].values.tolist()
    [['preservative_unsuitable', 'boric_acid', 'arup_meta', 'mayo_metaf']]
    """
    opened, catalogue = _open(normalised, catalogue, "find_preanalytical")
    bottles = read_bottles(specimens)
    met = met_findings(with_hours(opened.inside, specimens), read_findings(bottles, catalogue), (ROW, *PLACE))
    found: pl.LazyFrame = met.to_native().rename({ROW: "row"})
    late = pl.format("{}, {} h after the collection", "matched", pl.col("_delay_h").round(1))
    told = found.join(_longer_limits(found, catalogue), on=["row", "_limit_h"], how="left").with_columns(
        matched=pl.when(pl.col("factor") == "delay").then(late).otherwise("matched"),
        contradicted_by=pl.coalesce("contradicted_by", "_longer"),
    )
    return _close(told, opened)


def _longer_limits(found: pl.LazyFrame, catalogue: Catalogue) -> pl.LazyFrame:
    """Return the sources that would still have accepted a delayed specimen, for each row and limit that it passed."""
    limits = read_rules(catalogue).filter(pl.col("factor") == "delay").lazy()
    limits = limits.select(
        "analyte_id", _condition="condition", preserved="preserved", _other="high", _source="source_id"
    )
    late = found.filter(pl.col("_limit_h").is_not_null()).select(
        "row", "analyte_id", "_condition", "_preserved", "_limit_h", "_delay_h"
    )
    fits = (pl.col("preserved") == "") | (pl.col("preserved") == pl.col("_preserved"))
    joined = late.join(limits, on=["analyte_id", "_condition"], how="inner")
    longer = joined.filter(fits & (pl.col("_other") >= pl.col("_delay_h")))
    return longer.group_by("row", "_limit_h").agg(pl.col("_source").unique().sort().str.join(";").alias("_longer"))


def _unmatched_names(interventions: Any, catalogue: Catalogue) -> Iterator[tuple[str, str, str, int, str]]:
    lexicon = interferent_lexicon(catalogue)
    counted = read_beside(interventions, INTERVENTIONS).group_by("name").len().sort("name")
    for name, rows in counted.iter_rows():
        found = lexicon.find(name or "")
        if not found.sure:
            yield (
                "interventions",
                "name",
                name,
                rows,
                "a word beside it turns it round" if found.negated else "no word known",
            )


def _unmatched_handling(specimens: Any, catalogue: Catalogue) -> Iterator[tuple[str, str, str, int, str]]:
    bottles, lexicons = read_bottles(specimens), handling_lexicons(catalogue)
    for factor in WORDED:
        for text, rows in bottles.group_by(factor).len().sort(factor).iter_rows():
            if text and not read_words(factor, text, lexicons[factor]):
                doubt = lexicons[factor].find(text).meanings
                yield "specimens", factor, text, rows, "its words contradict each other" if doubt else "no word known"


def unmatched_words(*, interventions: Any = None, specimens: Any = None, catalogue: Catalogue | None = None) -> Any:
    """List the names and words that nothing is known of, so that a person can look at them.

    Parameters
    ----------
    interventions, specimens : pandas or Polars frame, optional
        Tables of `recal_labs.columns`.
    catalogue : Catalogue, optional
        Default: the built-in one.

    Returns
    -------
    pandas or Polars DataFrame, as the tables are
        ``table``, ``column``, ``text``, ``rows`` that hold it, ``reason``. A name that is listed raised no flag: it may
        be harmless, or missing in interferent_words.csv or handling_words.csv.

    Examples
    --------
    >>> import pandas as pd
    >>> taken = pd.DataFrame({
    ...     "subject_id": ["S1", "S1"], "kind": "pharmaceutical", "name": ["metformin", "stopped sertraline"],
    ...     "start": pd.to_datetime(["2024-01-02", "2024-01-02"])})
    >>> unmatched_words(interventions=taken)[["text", "reason"]].values.tolist()
    [['metformin', 'no word known'], ['stopped sertraline', 'a word beside it turns it round']]
    """
    catalogue = catalogue or load_catalogue()
    rows: list[tuple[str, str, str, int, str]] = []
    if interventions is not None:
        rows += _unmatched_names(interventions, catalogue)
    if specimens is not None:
        rows += _unmatched_handling(specimens, catalogue)
    listed = pl.DataFrame(rows, schema=UNMATCHED_SCHEMA, orient="row")
    polars = any(isinstance(table, pl.DataFrame | pl.LazyFrame) for table in (interventions, specimens))
    return listed if polars else listed.to_pandas()
