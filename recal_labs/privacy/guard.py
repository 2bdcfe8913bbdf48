"""The guard: every table of one run with codes for identifiers, and the record of what each code stands for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from recal_labs.catalogue import Catalogue
from recal_labs.columns import TABLES
from recal_labs.ingest.profiles import Profile
from recal_labs.privacy.borders import through_polars
from recal_labs.privacy.codes import Coder, keyed
from recal_labs.privacy.frames import with_codes, with_known, with_places, with_reported_words, with_shifts
from recal_labs.privacy.free_text import caffeine_use, with_known_handling, with_known_medicines
from recal_labs.privacy.people import OWN_WORDS, kept_columns, with_coarse_ages, with_rare_words
from recal_labs.privacy.protection import Protection
from recal_labs.privacy.refused import with_reduced_cells, with_reduced_gaps, with_reduced_rejects
from recal_labs.privacy.words import WITHHELD, KnownWords
from recal_labs.provenance import FileRecord

IDENTIFIERS = {"subject_id": "subject", "specimen_id": "specimen", "replaces": "specimen", "source_file": "file"}
# Places of rejects of tables and forms: the column that could not be read.
CELL_PLACES = sorted({column.name for table in TABLES.values() for column in table.columns})


@dataclass(frozen=True, eq=False)
class Guard:
    """Gives tables back with codes for identifiers; the frame that comes in is not changed.

    Every method takes pandas or Polars and returns the same kind, with the same rows in the same order.

    Parameters
    ----------
    protection : Protection
    words : KnownWords
    coder : Coder
        Remembers what each code stands for.
    owners : dict
        Code of a specimen to code of its subject, learnt from results.
    """

    protection: Protection
    words: KnownWords
    coder: Coder
    owners: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, protection: Protection, catalogue: Catalogue, profiles: Sequence[Profile] = ()) -> Guard:
        """Return a guard for tables that one of these profiles may have read."""
        return cls(protection, KnownWords(catalogue, profiles), Coder(protection.key))

    @property
    def originals(self) -> pl.DataFrame:
        """What each code so far stands for: kind, code, original."""
        return self.coder.originals

    def file(self, name: str) -> str:
        """Return the code of a file's name."""
        return self.coder.code("file", name)

    def hash(self, sha256: str) -> str:
        """Return the fingerprint of a file as only the holder of the key can make it."""
        return keyed(self.coder.key, sha256)

    def record(self, record: FileRecord) -> FileRecord:
        """Return a file's record with codes for its name and its bytes; its lab id is the one that the user gave."""
        return replace(record, path=self.file(record.path), sha256=self.hash(record.sha256))

    def results(self, frame: Any, *, labs: Collection[str] = (), keep: Collection[str] = ()) -> Any:
        """Protect `results` or `normalised`; ``labs`` were named by the user and stay, ``keep`` are further columns."""
        known_labs = frozenset(labs)

        def work(inside: pl.DataFrame) -> pl.DataFrame:
            inside = self._with_ids(with_places(inside, self.coder, self.words))
            inside = with_known(inside, self.coder, "lab_id", known_labs.__contains__, kind="lab")
            inside = with_coarse_ages(with_reported_words(inside, self.coder, self.words))
            if {"specimen_id", "subject_id"} <= set(inside.columns):
                pairs = inside.select("specimen_id", "subject_id").drop_nulls().unique(maintain_order=True)
                self.owners.update(pairs.iter_rows())
            return self._with_dates(inside, ("collected_at", "reported_at"), "subject_id", offset="utc_offset_min")

        return self._through(frame, "normalised", work, keep)

    def rejects(self, frame: Any) -> Any:
        """Protect `rejects`, of panels as well as of tables and forms."""

        def work(inside: pl.DataFrame) -> pl.DataFrame:
            ours = pl.col("source_place").fill_null("").is_in(CELL_PLACES) | pl.col("source_place").fill_null(
                ""
            ).str.contains(r"^q[0-9]{1,3}$")
            at = inside.with_row_index("_at").with_columns(_ours=ours)
            parts = [
                with_reduced_rejects(at.filter(~pl.col("_ours")), self.coder, self.words),
                with_reduced_cells(at.filter("_ours")),
            ]
            whole = pl.concat(part.select(at.columns) for part in parts).sort("_at").drop("_at", "_ours")
            return self._with_ids(with_places(whole, self.coder, self.words))

        return self._through(frame, "rejects", work)

    def no_result(self, frame: Any) -> Any:
        """Protect `no_result`."""

        def work(inside: pl.DataFrame) -> pl.DataFrame:
            reduced = with_reduced_gaps(inside, self.coder, self.words)
            return self._with_ids(with_places(reduced, self.coder, self.words))

        return self._through(frame, "no_result", work)

    def subjects(self, frame: Any, *, keep: Collection[str] = ()) -> Any:
        """Protect `subjects`: birth years go, and columns that neither the table nor ``keep`` names."""

        def work(inside: pl.DataFrame) -> pl.DataFrame:
            # What the table's own columns hold is known (sex) or seen to below (caffeine), also where they are kept.
            foreign = [name for name in keep if name not in TABLES["subjects"].names]
            texts = [name for name in (*OWN_WORDS, *foreign) if name in inside.columns]
            told = with_rare_words(with_rare_words(inside, texts, self.coder.text), ("caffeine",), caffeine_use)
            return with_coarse_ages(self._with_ids(told))

        return self._through(frame, "subjects", work, keep)

    def specimens(self, frame: Any) -> Any:
        """Protect `specimens`; where dates are moved, bottles of which no result is known lose theirs."""

        def work(inside: pl.DataFrame) -> pl.DataFrame:
            coded = self._with_ids(with_known_handling(inside, self.coder, self.words.catalogue))
            owner = (
                pl.col("specimen_id").cast(pl.String).replace_strict(self.owners, default=None, return_dtype=pl.String)
            )
            with_owner = coded.with_columns(_who=owner if self.owners else pl.lit(None, pl.String))
            return self._with_dates(with_owner, ("received_at",), "_who").drop("_who")

        return self._through(frame, "specimens", work)

    def interventions(self, frame: Any) -> Any:
        """Protect `interventions`; of the names of medicines and therapies stays what the catalogue knows."""

        def work(inside: pl.DataFrame) -> pl.DataFrame:
            told = with_known_medicines(inside, self.coder, self.words.catalogue)
            return self._with_dates(self._with_ids(told), ("start", "stop"))

        return self._through(frame, "interventions", work)

    def adverse_events(self, frame: Any) -> Any:
        """Protect `adverse_events`; the notes go."""

        def work(inside: pl.DataFrame) -> pl.DataFrame:
            return self._with_dates(self._with_ids(with_rare_words(inside, OWN_WORDS, self.coder.text)), ("onset",))

        return self._through(frame, "adverse_events", work)

    def outcomes(self, frame: Any) -> Any:
        """Protect `outcomes` or `safety_flags`."""
        table = "safety_flags" if "topic" in frame.columns else "outcomes"
        return self._through(frame, table, lambda f: self._with_dates(self._with_ids(f), ("assessed_at",)))

    def derived(self, frame: Any, table: str) -> Any:
        """Protect `ratios` or `diurnal`, which are made from results."""
        return self._through(frame, table, lambda f: self._with_dates(self._with_ids(f), ("collected_at", "day")))

    def items(self, frame: Any) -> Any:
        """Protect item answers as they were read; where dates are moved, a form of nobody moves with its file."""

        def work(inside: pl.DataFrame) -> pl.DataFrame:
            coded = self._with_ids(inside)
            if "reported_date" in coded.columns:
                written = pl.col("reported_date").is_not_null()
                coded = coded.with_columns(reported_date=pl.when(written).then(pl.lit(WITHHELD)))
            with_owner = coded.with_columns(_who=pl.coalesce("subject_id", "source_file"))
            return self._with_dates(with_owner, ("assessed_at",), "_who").drop("_who")

        return through_polars(frame, list(frame.columns), work)

    def _with_ids(self, frame: pl.DataFrame) -> pl.DataFrame:
        for column, kind in IDENTIFIERS.items():
            frame = with_codes(frame, self.coder, kind, column)
        return frame

    def _with_dates(
        self, frame: pl.DataFrame, columns: Sequence[str], who: str = "subject_id", offset: str = ""
    ) -> pl.DataFrame:
        days = self.protection.shift_days
        if days and offset in frame.columns:
            # Summer time beside a date of winter tells in which half of the year the true date lies.
            frame = frame.with_columns(pl.lit(None, frame.schema[offset]).alias(offset))
        return with_shifts(frame, columns, who, self.coder, days)

    def _through(
        self, frame: Any, table: str, work: Callable[[pl.DataFrame], pl.DataFrame], keep: Collection[str] = ()
    ) -> Any:
        return through_polars(frame, kept_columns(table, keep), work)
