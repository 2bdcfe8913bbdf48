"""Medicines, foods and conditions on record that are known to move or disturb a result, and the rows they touch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from recal_labs.catalogue import Catalogue
from recal_labs.catalogue.exposures import SUBJECT_RULE, meanings_of
from recal_labs.catalogue.phrases import Lexicon, fold_text
from recal_labs.columns import INTERVENTIONS, SPECIMEN_DETAILS, SUBJECTS
from recal_labs.normalise.collection_span import latest_end
from recal_labs.normalise.flags import Flagged, flag_column
from recal_labs.normalise.frames import ROW, read_beside, shaped

INTERFERENCE = "interference"

# What a person writes who takes none; anything else in the column is a use of caffeine.
NO_USE = frozenset({"", "no", "none", "never", "0", "nil", "zero", "not at all", "non", "nein", "keine", "kein"})
NOT_KNOWN = frozenset({"unknown", "not known", "not stated", "n a", "na", "missing"})
# A rare word that a code stands in for, where a study writes codes for identifiers.
_WITHHELD = re.compile(r"T-[A-Z2-7]{16}")
_NEGATED_FIRST = frozenset({"no", "none", "never", "not", "decaf", "decaffeinated"})

EXPOSURE_SCHEMA: Mapping[str, Any] = {
    "subject_id": pl.String,
    "analyte_id": pl.String,
    "_begin": pl.Datetime("us"),
    "_end": pl.Datetime("us"),
    "code": pl.String,
    "factor": pl.String,
    "what": pl.String,
    "direction": pl.String,
    "mechanism": pl.String,
    "washout_days": pl.Float64,
    "matched": pl.String,
    "source_id": pl.String,
}
ON = ("subject_id", "analyte_id")


def _facts(catalogue: Catalogue) -> pl.DataFrame:
    """Return one row an interference of the catalogue."""
    rows = [
        (
            row["interferent"],
            row["analyte_id"],
            row["interferent_kind"],
            row["direction"],
            row["mechanism"],
            float(row["washout_days"]) if row["washout_days"] else None,
            row["source_id"],
        )
        for row in catalogue.interferences
    ]
    names = ("what", "analyte_id", "factor", "direction", "mechanism", "washout_days", "source_id")
    return pl.DataFrame(rows, schema={name: EXPOSURE_SCHEMA[name] for name in names}, orient="row")


def interferent_lexicon(catalogue: Catalogue) -> Lexicon:
    """Return the words that stand for interferents."""
    phrases = list(dict.fromkeys(row["interferent"] for row in catalogue.interferences))
    return Lexicon(meanings_of(catalogue.interferent_words, phrases).items())


def _named(names: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return, for each kind and name of an intervention, what it means; one against a whole kind has no code."""
    lexicon = interferent_lexicon(catalogue)
    of_kind = [(row["word"], row["means"]) for row in catalogue.interferent_words if row["scope"] == "kind"]
    rows = []
    for kind, name in names.iter_rows():
        sure = lexicon.find(name or "").sure
        rows += [(kind, name, what, INTERFERENCE) for what in sure]
        rows += [(kind, name, what, "") for word, what in of_kind if word == kind and what not in sure]
    schema = {"kind": pl.String, "name": pl.String, "what": pl.String, "code": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _from_interventions(interventions: Any, catalogue: Catalogue) -> pl.DataFrame:
    """Return who was exposed to what between which moments, by the table of interventions.

    A missing start or stop has no bound: it was so before, or it goes on. A stop that is a day lasts to its end.
    """
    read = read_beside(interventions, INTERVENTIONS)
    named = _named(read.select("kind", "name").unique(maintain_order=True), catalogue)
    start, stop = pl.col("start"), pl.col("stop")
    stopped = pl.when(stop == stop.dt.truncate("1d")).then(stop.dt.offset_by("1d")).otherwise(stop)
    washout = pl.duration(seconds=pl.col("washout_days").fill_null(0.0) * 86_400)
    dose = pl.concat_str(
        pl.col("dose").cast(pl.String).str.strip_suffix(".0"), "unit", separator=" ", ignore_nulls=True
    )
    span = [pl.format(word, moment.dt.strftime("%Y-%m-%d")) for word, moment in ((" from {}", start), (" to {}", stop))]
    shown = pl.concat_str(
        pl.format("{} intervention '{}'", "kind", "name"),
        pl.when(dose != "").then(pl.format(" {}", dose)),
        *span,
        ignore_nulls=True,
    )
    joined = read.join(named, on=["kind", "name"], how="inner").join(_facts(catalogue), on="what", how="inner")
    return joined.with_columns(_begin=start, _end=stopped + washout, matched=shown)


def _subject_rules(catalogue: Catalogue) -> Iterator[tuple[str, float | None, str]]:
    for row in catalogue.interferent_words:
        if row["scope"] == "subject" and (found := SUBJECT_RULE.fullmatch(row["word"])):
            yield found[1] or found[2], float(found[3]) if found[3] else None, row["means"]


def takes_caffeine(text: str | None) -> bool:
    """Tell whether a free text says that somebody takes caffeine; of one that does not say, it is not assumed.

    Examples
    --------
    >>> [takes_caffeine(text) for text in ("two a day", "none", "No coffee", "unknown", None)]
    [True, False, False, False, False]
    """
    if _WITHHELD.fullmatch(text or ""):
        return False
    plain = fold_text(text or "")
    return not (plain in NO_USE or plain in NOT_KNOWN or plain.split()[0] in _NEGATED_FIRST)


def _from_subjects(subjects: Any, catalogue: Catalogue) -> pl.DataFrame:
    """Return who is exposed to what by the table of subjects; it has no dates, so it holds for every collection."""
    read = read_beside(subjects, SUBJECTS, "subject_id")
    drinkers = [text for text in read["caffeine"].unique() if takes_caffeine(text)]
    parts = []
    for column, limit, what in _subject_rules(catalogue):
        value = pl.col(column)
        applies = value.is_in(drinkers) if column == "caffeine" else value if limit is None else value < limit
        told = pl.format(
            "subject: " + (f"{column} {{}}" if column != "smoker" else "smokes"), *([value] * (column != "smoker"))
        )
        rows = read.filter(applies.fill_null(False))
        parts.append(rows.select("subject_id", told.alias("matched"), what=pl.lit(what), code=pl.lit(INTERFERENCE)))
    if not parts:
        return pl.DataFrame(schema=EXPOSURE_SCHEMA)
    joined = pl.concat(parts).join(_facts(catalogue), on="what", how="inner")
    never = pl.lit(None, dtype=pl.Datetime("us"))
    return joined.with_columns(_begin=never, _end=never)


def read_exposures(catalogue: Catalogue, *, interventions: Any = None, subjects: Any = None) -> pl.DataFrame | None:
    """Return what is on record of people that moves results; None when neither table is given.

    One row a person, analyte and interference, from ``_begin`` to before ``_end``; either may be missing: no bound.
    """
    parts = []
    if interventions is not None:
        parts.append(_from_interventions(interventions, catalogue))
    if subjects is not None:
        parts.append(_from_subjects(subjects, catalogue))
    if not parts:
        return None
    return pl.concat([shaped(part, EXPOSURE_SCHEMA) for part in parts])


def met_exposures(frame: nw.LazyFrame[Any], exposures: pl.DataFrame, columns: Sequence[str]) -> nw.LazyFrame[Any]:
    """Return each row of results beside each exposure that was there, or had not worn off, when it was collected."""
    spans = frame.select(*columns, "collected_at", _latest=latest_end())
    met = spans.join(nw.from_native(exposures.lazy()), on=list(ON), how="inner")
    begun = nw.col("_begin").is_null() | (nw.col("_begin") <= nw.col("_latest")).fill_null(False)
    there = nw.col("_end").is_null() | (nw.col("collected_at") < nw.col("_end")).fill_null(False)
    return met.filter(begun & there)


def with_hours(frame: nw.LazyFrame[Any], specimens: Any) -> nw.LazyFrame[Any]:
    """Fill in how long a collection lasted from the table of specimens, where the results do not say."""
    if specimens is None:
        return frame
    read = read_beside(specimens, SPECIMEN_DETAILS, "specimen_id").filter(pl.col("collection_hours").is_not_null())
    hours = nw.from_native(read.select("specimen_id", _hours="collection_hours").lazy())
    frame = frame.join(hours, on="specimen_id", how="left")
    return frame.with_columns(collection_hours=nw.coalesce("collection_hours", "_hours")).drop("_hours")


def interference_flags(frame: nw.LazyFrame[Any], exposures: pl.DataFrame) -> Flagged:
    """Return the rows that something on record is known to move or disturb; a general precaution is no flag."""
    named = exposures.filter(pl.col("code") != "").select(*ON, "_begin", "_end").unique()
    met = met_exposures(frame, named, (ROW, *ON))
    flagged = met.select(ROW).unique().with_columns(nw.lit(True).alias(flag_column(INTERFERENCE)))
    return Flagged(flagged, (INTERFERENCE,))
