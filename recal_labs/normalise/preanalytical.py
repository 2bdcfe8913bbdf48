"""How a bottle was kept against what its analytes bear: preservative, pH, temperature, delay, exercise, posture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from recal_labs.catalogue import Catalogue
from recal_labs.normalise.collection_span import latest_end
from recal_labs.normalise.flags import Flagged, flag_column
from recal_labs.normalise.frames import ROW, shaped
from recal_labs.normalise.handling import known_words

CODES: Mapping[str, str] = {
    "preservative": "preservative_unsuitable",
    "ph": "ph_unsuitable",
    "storage": "storage_unsuitable",
    "delay": "delayed",
    "exercise": "exercise_before",
    "posture": "posture_upright",
}
FINDING_SCHEMA: Mapping[str, Any] = {
    "specimen_id": pl.String,
    "analyte_id": pl.String,
    "code": pl.String,
    "factor": pl.String,
    "what": pl.String,
    "direction": pl.String,
    "mechanism": pl.String,
    "matched": pl.String,
    "source_id": pl.String,
    "contradicted_by": pl.String,
    # Of a delay only: how it was kept, when the lab got it, and how many hours after the collection it may.
    "_condition": pl.String,
    "_preserved": pl.String,
    "_received": pl.Datetime("us"),
    "_limit_h": pl.Float64,
}
ON = ("specimen_id", "analyte_id")
_FITS = (pl.col("preserved") == "") | (pl.col("preserved") == pl.col("_preserved"))


def read_rules(catalogue: Catalogue) -> pl.DataFrame:
    """Return what the catalogue knows of bottles, one row a rule of one source."""
    texts = ("analyte_id", "factor", "condition", "preserved", "verdict", "direction", "source_id")
    rules = pl.DataFrame(
        {name: [row[name] for row in catalogue.preanalytical] for name in (*texts, "low", "high", "note")},
        schema=dict.fromkeys((*texts, "low", "high", "note"), pl.String),
    )
    limits = pl.col("low", "high").replace("", None).cast(pl.Float64)
    return rules.with_columns(limits, mechanism=pl.col("note")).drop("note")


def _preserved(bottles: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return whether a bottle holds a preservative; one of which nobody tells gets the benefit of the doubt."""
    without = known.filter((pl.col("factor") == "preservative") & (pl.col("condition") == "none"))
    none = pl.col("specimen_id").is_in(without["specimen_id"].implode())
    return bottles.select("specimen_id", pl.when(none).then(pl.lit("no")).otherwise(pl.lit("yes")).alias("_preserved"))


def _from_words(known: pl.DataFrame, preserved: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """Return findings of bottles whose words a rule calls unsuitable, with the sources that accept them."""
    keys = ["analyte_id", "factor", "condition"]
    accepted = rules.filter(pl.col("verdict") == "suitable").group_by(keys)
    accepting = accepted.agg(pl.col("source_id").unique().sort().str.join(";").alias("contradicted_by"))
    refused = rules.filter((pl.col("verdict") == "unsuitable") & pl.col("factor").is_in(["ph", "delay"]).not_())
    found = known.join(preserved, on="specimen_id", how="left").join(refused, on=["factor", "condition"], how="inner")
    found = found.filter(_FITS).join(accepting, on=keys, how="left")
    return found.with_columns(what="condition", matched=pl.format("{} '{}'", "factor", "text"))


def _from_ph(bottles: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """Return findings of bottles whose pH lies outside a limit."""
    measured = bottles.filter(pl.col("ph").is_not_null()).select("specimen_id", "ph")
    limits = rules.filter(pl.col("factor") == "ph")
    low, high = limits["low"].max(), limits["high"].min()
    # Nearly every bottle lies between all limits: only the others are set against each of them.
    doubtful = measured.filter(
        (pl.col("ph") < pl.lit(low)).fill_null(False) | (pl.col("ph") > pl.lit(high)).fill_null(False)
    )
    found = doubtful.join(limits, how="cross")
    below = (pl.col("ph") < pl.col("low")).fill_null(False)
    found = found.filter(below | (pl.col("ph") > pl.col("high")).fill_null(False))
    what = pl.when(below).then(pl.format("pH below {}", "low")).otherwise(pl.format("pH above {}", "high"))
    return found.with_columns(what=what, matched=pl.format("pH {}", "ph"))


def _delays(bottles: pl.DataFrame, known: pl.DataFrame, preserved: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """Return what is a delay if the specimen was collected so long before the lab got it."""
    stored = known.filter(pl.col("factor") == "storage").select("specimen_id", "condition", "text")
    arrived = bottles.filter(pl.col("received_at").is_not_null()).select("specimen_id", _received="received_at")
    arrived = arrived.join(preserved, on="specimen_id", how="left").join(stored, on="specimen_id", how="left")
    choices = pl.DataFrame({"_preserved": ["yes", "no"]})
    limits = rules.filter(pl.col("factor") == "delay").join(choices, how="cross").filter(_FITS)
    # Where nobody says how it was stored, only what is too late in any case is called late.
    longest = limits.filter(pl.col("high") == pl.col("high").max().over("analyte_id", "_preserved"))
    on = ["condition", "_preserved"]
    told = arrived.filter(pl.col("condition").is_not_null()).join(limits, on=on, how="inner")
    untold = arrived.filter(pl.col("condition").is_null()).drop("condition").join(longest, on="_preserved", how="inner")
    found = pl.concat([told, untold.select(told.columns)])
    return found.with_columns(
        what=pl.format("more than {} h {}", pl.col("high").cast(pl.Int64), "condition"),
        matched=pl.format("storage '{}'", pl.col("text").fill_null("not stated")),
        _condition="condition",
        _limit_h="high",
    )


def read_findings(bottles: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return, for each specimen and analyte, what does not suit; a delay still depends on when it was collected."""
    rules, known = read_rules(catalogue), known_words(bottles, catalogue)
    preserved = _preserved(bottles, known)
    parts = [
        _from_words(known, preserved, rules),
        _from_ph(bottles, rules),
        _delays(bottles, known, preserved, rules),
    ]
    coded = pl.col("factor").replace_strict(dict(CODES), return_dtype=pl.String).alias("code")
    return pl.concat([shaped(part.with_columns(coded), FINDING_SCHEMA) for part in parts])


def met_findings(frame: nw.LazyFrame[Any], findings: pl.DataFrame, columns: tuple[str, ...]) -> nw.LazyFrame[Any]:
    """Return each row of results beside each finding of its specimen, with the hours of a delay (``_delay_h``)."""
    spans = frame.select(*columns, _latest=latest_end())
    met = spans.join(nw.from_native(findings.lazy()), on=list(ON), how="inner")
    # From the latest end of the collection: what may have come in time is not called late.
    hours = (nw.col("_received") - nw.col("_latest")).dt.total_minutes() / 60.0
    met = met.with_columns(_delay_h=hours)
    late = (nw.col("_delay_h") > nw.col("_limit_h")).fill_null(False)
    return met.filter(nw.col("_limit_h").is_null() | late)


def handling_flags(frame: nw.LazyFrame[Any], bottles: pl.DataFrame, catalogue: Catalogue) -> Flagged:
    """Return the rows whose bottle was kept, or collected, in a way that a source says their analyte does not bear."""
    findings = read_findings(bottles, catalogue)
    # One limit a specimen and analyte is enough: who passes the shortest one is late.
    needed = findings.group_by(*ON, "code", "_received").agg(pl.col("_limit_h").min())
    met = met_findings(frame, needed, (ROW, *ON))
    codes = tuple(CODES.values())
    marked = met.select(ROW, **{flag_column(code): nw.col("code") == code for code in codes})
    return Flagged(marked.group_by(ROW).agg(nw.col(*map(flag_column, codes)).any()), codes)
