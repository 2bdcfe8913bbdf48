"""What the table of specimens says of a bottle in words: preservative, storage, exercise before it, posture."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from recal_labs.catalogue import Catalogue
from recal_labs.catalogue.phrases import Lexicon
from recal_labs.columns import SPECIMEN_DETAILS
from recal_labs.normalise.frames import read_beside

WORDED = ("preservative", "storage", "exercise", "posture")
# A bottle has one of these, and two are a doubt. It may well hold two preservatives.
ONE_ONLY = ("storage", "exercise", "posture")

_TEMPERATURE = re.compile(
    r"(?P<minus>(?<!\d)(?<!\d )[-−–]|minus\s)?\s*(?P<degrees>\d+(?:[.,]\d+)?)\s*(?:°|deg)?\s*C\b", re.IGNORECASE
)
# Frozen is -20 °C or below, refrigerated 2 to 8 °C, room temperature 20 to 26 °C (beaumont_ufc). What lies near them is
# taken for the same; what lies between refrigerated and room temperature is known to be neither.
REFRIGERATED_UP_TO_CEL = 8.0
AMBIENT_CEL = (15.0, 30.0)


def temperature_band(text: str) -> str:
    """Return the kind of storage that a temperature in a text belongs to; empty without one, or between two kinds.

    Examples
    --------
    >>> [temperature_band(text) for text in ("-20 °C", "2-8 °C", "22 C", "12 C", "on ice")]
    ['frozen', 'refrigerated', 'ambient', '', '']
    """
    found = _TEMPERATURE.search(text)
    if found is None:
        return ""
    degrees = float(found["degrees"].replace(",", ".")) * (-1.0 if found["minus"] else 1.0)
    if degrees < 0:
        return "frozen"
    if degrees <= REFRIGERATED_UP_TO_CEL:
        return "refrigerated"
    return "ambient" if AMBIENT_CEL[0] <= degrees <= AMBIENT_CEL[1] else ""


def handling_lexicons(catalogue: Catalogue) -> dict[str, Lexicon]:
    """Return the words known for each factor."""
    rows = catalogue.handling_words
    return {
        factor: Lexicon((row["word"], [row["means"]]) for row in rows if row["factor"] == factor) for factor in WORDED
    }


def read_words(factor: str, text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return what a text says of a factor; nothing where no word is known, or where two of them contradict each other.

    Examples
    --------
    >>> from recal_labs.catalogue import load_catalogue
    >>> lexicons = handling_lexicons(load_catalogue())
    >>> read_words("preservative", "25 mL 6N HCl", lexicons["preservative"])
    ('hydrochloric_acid',)
    >>> read_words("storage", "fridge, then frozen", lexicons["storage"])
    ()
    """
    said = list(lexicon.find(text).sure)
    if factor == "storage" and (band := temperature_band(text)):
        said = list(dict.fromkeys([*said, band]))
    return () if factor in ONE_ONLY and len(said) > 1 else tuple(said)


def read_bottles(specimens: Any) -> pl.DataFrame:
    """Return one row a specimen; of several for one id the last one counts."""
    return read_beside(specimens, SPECIMEN_DETAILS, "specimen_id")


def known_words(bottles: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return what is known of each bottle in words.

    Columns ``specimen_id``, ``factor``, ``condition`` (the word of the catalogue) and ``text`` (the bottle's own).
    """
    lexicons, parts = handling_lexicons(catalogue), []
    for factor in WORDED:
        texts = [text for text in bottles[factor].unique(maintain_order=True) if text]
        rows = [(text, word) for text in texts for word in read_words(factor, text, lexicons[factor])]
        known = pl.DataFrame(rows, schema={"text": pl.String, "condition": pl.String}, orient="row")
        named = bottles.select("specimen_id", text=factor).join(known, on="text", how="inner")
        parts.append(named.select("specimen_id", pl.lit(factor).alias("factor"), "condition", "text"))
    return pl.concat(parts)


def preservatives_of(bottles: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return each bottle's ``preservative`` in one spelling; in its own words where they are not known."""
    known = known_words(bottles, catalogue).filter(pl.col("factor") == "preservative")
    named = known.group_by("specimen_id").agg(pl.col("condition").sort().str.join("+").alias("_known"))
    plain = pl.col("preservative").str.strip_chars().str.to_lowercase().replace("", None)
    told = bottles.join(named, on="specimen_id", how="left")
    return told.select("specimen_id", pl.coalesce("_known", plain).alias("preservative"))
