"""Sex, age, volume and duration that exports leave out, from the tables of people and bottles."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import polars as pl

from recal_labs.columns import REJECTS, RESULTS, SPECIMEN_DETAILS, SUBJECTS, polars_schema
from recal_labs.ingest.source_names import distinct_tails, place_of
from recal_labs.ingest.tables import TableRead, read_table
from recal_labs.normalise.people import fill_from_specimens, fill_from_subjects
from recal_labs.provenance import FileRecord

ASKED = ("subject_id", "specimen_id", "collected_at")
FILLED = ("sex", "age_years", "collection_volume_l", "collection_hours")


@dataclass(frozen=True, eq=False, kw_only=True)
class Details:
    """What is known of people and bottles beside the exports.

    Parameters
    ----------
    subjects, specimens : TableRead or None
    records : tuple of FileRecord
        One a table.
    """

    subjects: TableRead | None = None
    specimens: TableRead | None = None
    records: tuple[FileRecord, ...] = ()

    @property
    def rejects(self) -> pl.DataFrame:
        """Cells of the tables that could not be read; what needs them is missing."""
        schema = polars_schema(REJECTS)
        frames = [pl.from_pandas(read.rejects).select(list(schema)).cast(schema) for read in self._read()]
        return pl.concat([pl.DataFrame(schema=schema), *frames])

    @property
    def bottles(self) -> pl.DataFrame | None:
        """The table of specimens, where it was given."""
        return None if self.specimens is None else pl.from_pandas(self.specimens.frame)

    def _read(self) -> Iterator[TableRead]:
        yield from (read for read in (self.subjects, self.specimens) if read is not None)

    def fill(self, results: pl.DataFrame) -> pl.DataFrame:
        """Return the results with what the exports leave out filled in; the rows and their order stay.

        Parameters
        ----------
        results : DataFrame
            The `results` table, which may be empty.
        """
        if results.is_empty() or not self.records:
            return results
        frame: pd.DataFrame = results.select(*ASKED, *FILLED).to_pandas()
        if self.specimens is not None:
            frame = fill_from_specimens(frame, self.specimens.frame)
        if self.subjects is not None:
            frame = fill_from_subjects(frame, self.subjects.frame)
        schema = polars_schema(RESULTS)
        filled = pl.from_pandas(frame[list(FILLED)]).cast({name: schema[name] for name in FILLED})
        return results.with_columns(filled)


def read_details(subjects: Path | None, specimens: Path | None, taken: Collection[str] = ()) -> Details:
    """Read the tables of people and bottles, where they are given.

    Parameters
    ----------
    subjects, specimens : Path or None
    taken : collection of str
        Names that files of the inbox bear already; the tables get others.

    Raises
    ------
    FileProblem, TableError
        When one cannot be read, or lacks the column that names its rows.
    """
    given = {"subjects": (SUBJECTS, subjects), "specimens": (SPECIMEN_DETAILS, specimens)}
    places = {kind: place_of(path) for kind, (_, path) in given.items() if path is not None}
    names = distinct_tails(places.values(), taken)
    reads, records = {}, []
    for kind, path in places.items():
        read = read_table(path, given[kind][0])
        reads[kind] = replace(read, rejects=read.rejects.assign(source_file=names[path]))
        records.append(read.record(names[path], path))
    return Details(**reads, records=tuple(records))
