"""What exports leave out, from the tables of people, bottles and interventions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import polars as pl

from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.columns import INTERVENTIONS, REJECTS, RESULTS, SPECIMEN_DETAILS, SUBJECTS, polars_schema
from recal_labs.ingest.source_names import distinct_tails, place_of
from recal_labs.ingest.tables import TableRead, read_table
from recal_labs.normalise.people import SIZE, fill_from_specimens, fill_from_subjects
from recal_labs.privacy import Guard, Protection
from recal_labs.privacy.codes import ORIGINALS, Coder
from recal_labs.privacy.frames import coarse_age, with_shifts
from recal_labs.provenance import FileRecord

ASKED = ("subject_id", "specimen_id", "collected_at")
FILLED = ("sex", "age_years", "collection_volume_l", "collection_hours")


@dataclass(frozen=True, eq=False, kw_only=True)
class Details:
    """What is known of people, bottles and interventions beside the exports.

    Parameters
    ----------
    subjects, specimens, interventions : TableRead or None
    records : tuple of FileRecord
        One a table.
    protection : Protection, optional
        With one, ids in the tables are codes. Years of birth and dates of receipt are the true ones, and stay inside;
        dates of interventions are moved like those of the results.
    owners : mapping of str to str
        Code of a specimen to code of its subject: by how much the dates of its bottle are moved.
    originals : DataFrame
        What the codes stand for, for the key table.
    """

    subjects: TableRead | None = None
    specimens: TableRead | None = None
    interventions: TableRead | None = None
    records: tuple[FileRecord, ...] = ()
    protection: Protection | None = None
    owners: Mapping[str, str] = field(default_factory=dict)
    originals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(ORIGINALS)))

    @property
    def rejects(self) -> pl.DataFrame:
        """Cells of the tables that could not be read; what needs them is missing."""
        schema = polars_schema(REJECTS)
        frames = [pl.from_pandas(read.rejects).select(list(schema)).cast(schema) for read in self._read()]
        return pl.concat([pl.DataFrame(schema=schema), *frames])

    @property
    def names(self) -> dict[str, str]:
        """What a technician calls the tables whose names are codes."""
        return dict(self.originals.filter(pl.col("kind") == "file").select("code", "original").iter_rows())

    @property
    def bottles(self) -> pl.DataFrame | None:
        """The table of specimens, where it was given."""
        if self.specimens is None:
            return None
        bottles = pl.from_pandas(self.specimens.frame)
        if not self._moved:
            return bottles
        who = pl.col("specimen_id").replace_strict(self.owners, default=None, return_dtype=pl.String)
        with_owner = bottles.with_columns(_who=who if self.owners else pl.lit(None, pl.String))
        return self._shifted(with_owner, "received_at", "_who").drop("_who")

    @property
    def _moved(self) -> bool:
        return self.protection is not None and self.protection.shift_days > 0

    def _shifted(self, frame: pl.DataFrame, column: str, who: str, *, back: bool = False) -> pl.DataFrame:
        if self.protection is None:
            return frame
        days = self.protection.shift_days
        return with_shifts(frame, (column,), who, Coder(self.protection.key), -days if back else days)

    def owned_by(self, results: pl.LazyFrame) -> Details:
        """Return the same details, with the bottles' dates moved like those of the people whose they are.

        Parameters
        ----------
        results : LazyFrame
            The results of the run, with codes. A bottle that is in none of them has no date of receipt.
        """
        if self.specimens is None or not self._moved:
            return self
        asked = pl.from_pandas(self.specimens.frame[["specimen_id"]].dropna().astype("string"))
        pairs = results.select("specimen_id", "subject_id").drop_nulls().unique()
        found = pairs.join(asked.lazy(), on="specimen_id", how="semi").collect()
        return replace(self, owners=dict(found.iter_rows()))

    def _read(self) -> Iterator[TableRead]:
        yield from (read for read in (self.subjects, self.specimens, self.interventions) if read is not None)

    @property
    def _sizes(self) -> tuple[str, ...]:
        """Weight and height, where the table of people has any: every batch gets the same columns."""
        people = None if self.subjects is None else self.subjects.frame
        return () if people is None else tuple(name for name in SIZE if name in people and people[name].notna().any())

    def fill(self, results: pl.DataFrame) -> pl.DataFrame:
        """Return the results with what the exports leave out filled in; the rows and their order stay.

        Parameters
        ----------
        results : DataFrame
            The `results` table, which may be empty.
        """
        if self.subjects is None and self.specimens is None:
            return results
        if results.is_empty():
            return results.with_columns(pl.lit(None, pl.Float64).alias(name) for name in self._sizes)
        # A year of birth says how old somebody was on the true date.
        asked = self._shifted(results.select(*ASKED, *FILLED), "collected_at", "subject_id", back=True)
        frame: pd.DataFrame = asked.to_pandas()
        if self.specimens is not None:
            frame = fill_from_specimens(frame, self.specimens.frame)
        if self.subjects is not None:
            frame = fill_from_subjects(frame, self.subjects.frame)
        schema = {name: polars_schema(RESULTS)[name] for name in FILLED} | dict.fromkeys(self._sizes, pl.Float64())
        filled = pl.from_pandas(frame[list(schema)]).cast(pl.Schema(schema))
        return results.with_columns(filled if self.protection is None else filled.with_columns(coarse_age()))


def read_details(
    subjects: Path | None = None,
    specimens: Path | None = None,
    interventions: Path | None = None,
    taken: Collection[str] = (),
    protection: Protection | None = None,
    catalogue: Catalogue | None = None,
) -> Details:
    """Read the tables of people, bottles and interventions, where they are given.

    Parameters
    ----------
    subjects, specimens, interventions : Path, optional
    taken : collection of str
        Names that files of the inbox bear already; the tables get others.
    protection : Protection, optional
        With one, nothing that comes back for the outputs names anybody.
    catalogue : Catalogue, optional
        Tells which words of medicines and bottles are known. Default: the built-in one.

    Raises
    ------
    FileProblem, TableError
        When one cannot be read, or lacks the column that names its rows.
    """
    given = {
        "subjects": (SUBJECTS, subjects),
        "specimens": (SPECIMEN_DETAILS, specimens),
        "interventions": (INTERVENTIONS, interventions),
    }
    places = {kind: place_of(path) for kind, (_, path) in given.items() if path is not None}
    names = distinct_tails(places.values(), taken)
    reads, records = {}, []
    for kind, path in places.items():
        read = read_table(path, given[kind][0])
        reads[kind] = replace(read, rejects=read.rejects.assign(source_file=names[path]))
        records.append(read.record(names[path], path))
    details = Details(
        subjects=reads.get("subjects"),
        specimens=reads.get("specimens"),
        interventions=reads.get("interventions"),
        records=tuple(records),
    )
    return details if protection is None else _guarded(details, protection, catalogue or load_catalogue())


def _guarded(details: Details, protection: Protection, catalogue: Catalogue) -> Details:
    """Put codes in the place of ids; what only the filling needs stays true, inside."""
    guard = Guard.of(replace(protection, shift_days=0), catalogue)
    subjects, specimens, interventions = details.subjects, details.specimens, details.interventions
    if subjects is not None:
        coded = guard.subjects(subjects.frame)
        born = subjects.frame[[name for name in ("birth_year",) if name in subjects.frame]]
        rejects = guard.rejects(subjects.rejects)
        subjects = replace(subjects, frame=pd.concat([coded, born], axis=1), rejects=rejects)
    if specimens is not None:
        rejects = guard.rejects(specimens.rejects)
        specimens = replace(specimens, frame=guard.specimens(specimens.frame), rejects=rejects)
    if interventions is not None:
        rejects = guard.rejects(interventions.rejects)
        # Each row names its person, so its dates can be moved at once; the codes are remembered in one place.
        moving = replace(guard, protection=protection)
        interventions = replace(interventions, frame=moving.interventions(interventions.frame), rejects=rejects)
    return replace(
        details,
        subjects=subjects,
        specimens=specimens,
        interventions=interventions,
        records=tuple(guard.record(record) for record in details.records),
        protection=protection,
        originals=guard.originals,
    )
