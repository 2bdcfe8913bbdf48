"""What the steps of a trace look at: the stored row, the same row worked out again, and the rows around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from recal_labs.catalogue import Analyte, Catalogue
from recal_labs.choices import Choices
from recal_labs.normalise.dilution_fit import DilutionFit
from recal_labs.normalise.units import Conversion, convert
from recal_labs.trace.runs import ROW, FinishedRun


@dataclass(frozen=True, eq=False, kw_only=True)
class Traced:
    """One result with everything that its number may depend on.

    Parameters
    ----------
    run : FinishedRun
    place : int
        Its row in the table, from 0.
    row, again : mapping
        As it is stored, and as `normalise` gives it now from the run's own results.
    person : DataFrame
        Every row of the same subject, as stored, in the order of the table.
    catalogue : Catalogue
    choices : Choices
        Those of the run.
    fit : DilutionFit or None
        The fitted correction that the run was made with.
    whole : bool
        Whether `again` comes from the whole table; otherwise from the rows of this person.
    """

    run: FinishedRun
    place: int
    row: Mapping[str, Any]
    again: Mapping[str, Any]
    person: pl.DataFrame
    catalogue: Catalogue
    choices: Choices
    fit: DilutionFit | None = None
    whole: bool = True

    def __getitem__(self, column: str) -> Any:
        return self.row.get(column)

    @property
    def analyte(self) -> Analyte | None:
        """The analyte in the catalogue at hand."""
        return self.catalogue.analytes.get(self["analyte_id"])

    def conversion(self, row: Mapping[str, Any] | None = None) -> Conversion | None:
        """Return the conversion of a row's unit; of this result's when no row is given."""
        row = self.row if row is None else row
        analyte, unit = self.catalogue.analytes.get(row["analyte_id"]), row["unit"]
        creatinine = self.catalogue.analytes.get("creatinine")
        if analyte is None or unit is None:
            return None
        return convert(analyte, unit, creatinine.molar_mass) if creatinine else convert(analyte, unit)

    def quantity(self, row: Mapping[str, Any] | None = None) -> float | None:
        """Return a row's value in the unit that its analyte's amounts are analysed in."""
        row = self.row if row is None else row
        conversion = self.conversion(row)
        return None if conversion is None or row["value"] is None else row["value"] * conversion.factor

    def specimen_rows(self, analyte: str) -> list[dict[str, Any]]:
        """Return the rows of one analyte in the same specimen; none for a specimen without an id."""
        if self["specimen_id"] is None:
            return []
        here = (pl.col("specimen_id") == self["specimen_id"]) & (pl.col("analyte_id") == analyte)
        return list(self.person.filter(here).iter_rows(named=True))

    @staticmethod
    def where(row: Mapping[str, Any]) -> str:
        """Return file and place of a row."""
        return f"{row['source_file']} {row['source_place'] or row['source_row']}"

    def line(self, row: Mapping[str, Any]) -> int:
        """Return the number of a row of `person` in the table, from 0."""
        return int(row[ROW])
