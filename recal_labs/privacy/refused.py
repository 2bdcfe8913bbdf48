"""Rejects and positions without a result: their raw text reduced to analyte, value, unit, range and flag."""

from __future__ import annotations

import polars as pl

from recal_labs.ingest.resolve import UNSTATED_SPECIMEN
from recal_labs.privacy.codes import Coder
from recal_labs.privacy.frames import mapped
from recal_labs.privacy.words import WITHHELD, KnownWords
from recal_labs.vocabulary import REJECT_REASONS

# What stands in raw, in this order, with | between: what readers write for the eye of whoever mends a reject.
PIECES = ("analyte", "value", "unit", "range", "flag")
# The raw text of these is a whole line or a field that has slipped, so no piece of it is in its place.
WHOLE_LINES = frozenset({"unreadable_row", "unreadable_file", "unreadable_date", "missing_subject"})
# Positions without a result whose raw text begins with the name of an analyte; all others are lines of free text.
NAMED_GAPS = frozenset({"empty_cell", "empty_value"})
# What is said of a file that cannot be read, and quotes nothing of it.
FINDINGS = frozenset(
    {
        "it is a PDF report",
        "it is an Excel or ZIP file",
        "it is an old Excel file",
        "it is a gzip archive",
        "it is a SAS transport file",
        "the file is empty",
        "there is no such file",
        "it holds NUL bytes, so it is binary or UTF-16 without its mark",
        "it holds no HL7 message",
        "its content fits none of the shipped profiles",
        "none of its columns is an analyte",
        "it has a column of analytes and one of values",
    }
)


def reduced(raw: str | None, reason: str, coder: Coder, words: KnownWords) -> str:
    """Return the raw text of a refused position with only what is known to be nobody's.

    Parameters
    ----------
    raw : str or None
        analyte|value|unit|range|flag, as readers write it.
    reason : str
        Of the reject.
    coder : Coder
        Gives a name or unit that is not known its code: the key table tells what to map.
    words : KnownWords

    Returns
    -------
    str
        A value stays only beside a known analyte and a known unit, or no unit at all: elsewhere the fields may have
        slipped, and a number may be that of a person.
    """
    if not raw:
        return ""
    if reason in WHOLE_LINES:
        return WITHHELD
    analyte, value, unit, limits, flag = [part.strip() for part in (raw.split("|", 4) + [""] * 4)[:5]]
    known = words.analyte(analyte)
    in_place = known and (not unit or words.unit(unit, words.analyte_id(analyte)))
    pieces = (
        analyte if not analyte or known else coder.text(analyte),
        _kept(value, in_place and words.value(value)),
        unit
        if not unit or words.unit(unit) or in_place
        else coder.text(unit)
        if reason == "unknown_unit"
        else WITHHELD,
        _kept(limits, in_place and words.printed_range(limits)),
        _kept(flag, words.flag(flag)),
    )
    return "|".join(pieces).rstrip("|")


def _kept(text: str, is_known: bool) -> str:
    return text if not text or is_known else WITHHELD


def told(reason: str, raw: str | None, detail: str | None, words: KnownWords) -> str:
    """Return the sentence of a reject without a word of the file in it."""
    if reason == "unreadable_file":
        said = f"{detail or ''};".replace(".;", ";")
        for finding in FINDINGS:
            if f": {finding};" in said:
                return f"The whole file could not be read: {finding}"
    if reason == "unknown_analyte" and raw:
        near = words.nearly(raw.split("|", 1)[0].strip())
        hint = f"; nearest: {', '.join(near)}" if near else ""
        return f"The name is not in the catalogue{hint}. Map it in the profile's [analytes]; the key table has the name"
    if reason == "unknown_unit":
        return _told_of_unit([*(raw or "").split("|"), "", ""][2].strip(), words)
    if reason == "wrong_specimen" and detail == UNSTATED_SPECIMEN:
        # Our own words, about a cell that says nothing.
        return UNSTATED_SPECIMEN
    meaning = REJECT_REASONS.get(reason, "the position could not become a result")
    return f"{meaning[0].upper()}{meaning[1:]}. What the file says there is withheld"


def _told_of_unit(unit: str, words: KnownWords) -> str:
    if unit and words.unit(unit):
        return "The unit does not say per what; for creatinine, set per_gram_means_creatinine in the profile"
    near = words.nearly_unit(unit)
    hint = f" Did you mean {near[0]}?" if near else ""
    return (
        f"The unit's spelling is not in the catalogue; the key table has it.{hint} Correct it in the file, or ask the "
        "lab; only a spelling that is right and missing belongs in units.csv"
    )


def with_reduced_rejects(frame: pl.DataFrame, coder: Coder, words: KnownWords) -> pl.DataFrame:
    """Reduce ``raw`` and ``detail`` of rejects."""
    keys = ["reason", "raw", "detail"]
    told_of = mapped(frame, keys, lambda reason, raw, detail: told(reason, raw, detail, words), "_told")
    done = mapped(told_of, ["raw", "reason"], lambda raw, reason: reduced(raw, reason, coder, words), "raw")
    return done.with_columns(detail=pl.col("_told")).drop("_told")


def with_reduced_gaps(frame: pl.DataFrame, coder: Coder, words: KnownWords) -> pl.DataFrame:
    """Reduce ``raw`` of positions without a result to the known analyte where there is one."""

    def kept(raw: str | None, reason: str) -> str:
        analyte = (raw or "").split("|", 1)[0].strip()
        return analyte if reason in NAMED_GAPS and analyte and words.analyte(analyte) else WITHHELD if raw else ""

    return mapped(frame, ["raw", "reason"], kept, "raw")


def with_reduced_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Reduce the rejects of tables and forms: the cell's text goes, its column says what was expected there."""

    def sentence(reason: str) -> str:
        meaning = REJECT_REASONS.get(reason, reason)
        return f"{meaning[0].upper()}{meaning[1:]}. The cell's text is withheld; the row is kept without it"

    done = mapped(frame, ["reason"], sentence, "detail")
    return done.with_columns(
        raw=pl.when(pl.col("raw").fill_null("") != "").then(pl.lit(WITHHELD)).otherwise(pl.lit(""))
    )


def with_coded_suggestions(worklist: pl.DataFrame, rejects: pl.DataFrame) -> pl.DataFrame:
    """Give the words of a worklist that have codes the suggestion that their reject makes: a code is like no word.

    Parameters
    ----------
    worklist, rejects : DataFrame
        Of the same run; the rejects have been reduced before.
    """
    pieces = pl.col("raw").str.split("|")
    advice = (
        pl.concat(
            rejects.filter(pl.col("reason") == reason).select(
                pieces.list.get(place, null_on_oob=True).alias("text"), pl.col("detail").alias("_advice")
            )
            for reason, place in (("unknown_analyte", 0), ("unknown_unit", 2))
        )
        .filter(pl.col("text").str.contains(r"^T-[A-Z2-7]{16}$"))
        .unique("text", keep="first", maintain_order=True)
    )
    joined = worklist.join(advice, on="text", how="left", maintain_order="left")
    return joined.with_columns(suggestion=pl.coalesce("_advice", "suggestion")).drop("_advice")
