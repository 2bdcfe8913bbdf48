"""What to ask a lab about its units: one question for each group of results whose numbers fit another unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from recal_labs.catalogue import Catalogue
from recal_labs.columns import WORKLIST, polars_schema
from recal_labs.normalise.plausible import KEYS, RAW, unit_groups

CODE = "unit_suspect"
PLACE = ("source_file", "source_place")
NEEDED = (*RAW, "reported_unit", *PLACE, "qc")


@dataclass(frozen=True, kw_only=True)
class UnitQuestion:
    """A group of results of one lab, analyte and unit whose unit is doubted.

    Parameters
    ----------
    lab_id : str
        Empty where no lab is named.
    analyte_id, unit : str
        The unit is the UCUM code that the results were read in.
    text : str
        The unit as the lab writes it.
    count : int
        Results of the group.
    file, place : str
        Where the first of them stands.
    sentence : str
        The numbers, what is known of the analyte, which unit they would fit, and what to do.
    """

    lab_id: str
    analyte_id: str
    unit: str
    text: str
    count: int
    file: str
    place: str
    sentence: str


def _suspects(normalised: Any) -> pl.LazyFrame:
    if isinstance(normalised, pl.LazyFrame | pl.DataFrame):
        lazy = normalised.lazy()
        names = lazy.collect_schema().names()
        return lazy.select(name for name in NEEDED if name in names).filter(pl.col("qc").str.contains(CODE))
    rows = normalised["qc"].fillna("").str.contains(CODE)
    found = normalised.loc[rows.to_numpy(dtype=bool), [name for name in NEEDED if name in normalised]]
    return pl.from_pandas(found.reset_index(drop=True), nan_to_null=True).lazy()


def unit_questions(normalised: Any, catalogue: Catalogue) -> tuple[UnitQuestion, ...]:
    """Return what to ask about the units of a normalised table, in order of lab, analyte and unit.

    Parameters
    ----------
    normalised : pandas or Polars frame, eager or lazy
        The `normalised` table. A group is flagged as a whole, so its flagged rows tell all that it was judged by.
    catalogue : Catalogue
        The one that the table was made under.

    Examples
    --------
    >>> from recal_labs.catalogue import load_catalogue
    >>> from recal_labs.normalise import normalise
    >>> results = pl.DataFrame({
    ...     "subject_id": list("ABCDE"), "specimen_id": list("ABCDE"), "specimen": "urine_spot", "analyte_id": "hva",
    ...     "lab_id": "lab_a", "comparator": "", "value": [3100.0, 4000, 5200, 2800, 6000], "unit": "mg/g{creat}"})
    >>> [asked] = unit_questions(normalise(results).frame, load_catalogue())
    >>> asked.lab_id, asked.analyte_id, asked.count
    ('lab_a', 'hva', 5)
    """
    rows = _suspects(normalised).collect(engine="streaming")
    if rows.is_empty():
        # Nearly always: then nothing is judged twice.
        return ()
    absent = [pl.lit(None, pl.String).alias(name) for name in ("reported_unit", *PLACE) if name not in rows.columns]
    rows = rows.with_columns(absent)
    suspect = unit_groups(rows.lazy(), catalogue).filter(pl.col("verdict") == "suspect")
    return tuple(_question(group, rows) for group in suspect.iter_rows(named=True))


def _question(group: dict[str, Any], rows: pl.DataFrame) -> UnitQuestion:
    keys = [key for key in KEYS if key in ("lab_id", "analyte_id", "unit") and key in rows.columns]
    first = rows.filter(pl.col(key).fill_null("") == group[key] for key in keys).row(0, named=True)
    return UnitQuestion(
        lab_id=group["lab_id"],
        analyte_id=group["analyte_id"],
        unit=group["unit"],
        text=first["reported_unit"] or group["unit"],
        count=group["n"],
        file=first["source_file"] or "",
        place=first["source_place"] or "",
        sentence=group["sentence"],
    )


def as_worklist(questions: Iterable[UnitQuestion]) -> pl.DataFrame:
    """Return the questions as rows of the `worklist` table."""
    rows = [
        {
            "what": "unit (suspect)",
            "text": asked.text,
            "count": asked.count,
            "example": f"{asked.file} {asked.place}".strip(),
            "suggestion": asked.sentence,
        }
        for asked in questions
    ]
    return pl.DataFrame(rows, schema=polars_schema(WORKLIST)).select(WORKLIST.names)
