"""trace: the input behind a number, each step it took, and whether the steps still give that number."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.choices import FITTED_BASES
from recal_labs.errors import FileProblem
from recal_labs.normalise import normalise
from recal_labs.normalise.dilution_files import FIT_FILE
from recal_labs.normalise.dilution_fit import DilutionFit
from recal_labs.provenance import package_versions
from recal_labs.storage import sha256_of
from recal_labs.trace.address import find_result, line_of
from recal_labs.trace.amount_steps import amount_step
from recal_labs.trace.closing_steps import again_step, qc_step
from recal_labs.trace.context import Traced
from recal_labs.trace.facts import Check, Step, shown
from recal_labs.trace.listing import number, plain, with_unit, wrapped
from recal_labs.trace.place_steps import interval_step, place_step, position_step, printed_step
from recal_labs.trace.raw import raw_line
from recal_labs.trace.reported_steps import input_step, name_step, unit_step
from recal_labs.trace.runs import ROW, FinishedRun, open_run
from recal_labs.trace.specimen_steps import dilution_step, specimen_step, standing_step

# Up to this many results the whole table is worked out again; beyond, the rows of the one person.
WHOLE_TABLE = 200_000

STEPS = (
    input_step,
    name_step,
    unit_step,
    standing_step,
    specimen_step,
    dilution_step,
    amount_step,
    position_step,
    interval_step,
    place_step,
    printed_step,
    qc_step,
    again_step,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """Where one number came from.

    Parameters
    ----------
    run : FinishedRun
    row : mapping
        The result as the run stores it.
    place : int
        Its row in the table, from 0.
    steps : tuple of Step
        From the lab's own words to the verdict, each with what went in, what came out, and what was checked.
    notes : tuple of str
        What a reader must know first: another catalogue, another program.
    """

    run: FinishedRun
    row: Mapping[str, Any]
    place: int
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def mismatches(self) -> tuple[Check, ...]:
        """Stored values that could not be reproduced, each column once."""
        found: dict[str, Check] = {}
        for step in self.steps:
            for check in step.faults:
                found.setdefault(check.column, check)
        return tuple(found.values())

    @property
    def agrees(self) -> bool:
        """Whether everything that was worked out again is what the run stores."""
        return not self.mismatches

    @property
    def title(self) -> str:
        """The result in one line: analyte, specimen, amount, verdict."""
        amount = f"{self.row.get('amount_comparator') or ''}{number(self.row.get('amount'), 6)}"
        parts = (
            with_unit(amount, self.row.get("amount_unit")),
            self.row.get("interpretation") or "no verdict",
        )
        who = f"{self.row['analyte_id']} of specimen {shown(self.row['specimen_id'])}"
        return plain(f"{who} (subject {shown(self.row['subject_id'])}): {', '.join(parts)}")

    def _verdict(self) -> list[str]:
        if self.agrees:
            return []
        said = "; ".join(map(str, self.mismatches))
        return [f"*** {len(self.mismatches)} stored values DIFFER from what the steps give: {said} ***"]

    def lines(self) -> Iterator[str]:
        """Yield the lines for a terminal of 80 columns."""
        yield from wrapped(self.title, indent="  ", first="")
        where = f"{self.run.folder}, row {line_of(self.place)} of normalised.csv (its header is row 1)"
        yield from wrapped(where, indent="  ", first="")
        for note in (*self.notes, *self._verdict()):
            yield from wrapped(note, indent="  ", first="")
        for number_of, step in enumerate(self.steps, 1):
            yield ""
            yield from step.lines(number_of)
        if not self.agrees:
            yield ""
            yield from wrapped(self._verdict()[0], indent="  ", first="")

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in (*self.notes, *self._verdict()))
        steps = "".join(step.to_html() for step in self.steps)
        return f"<p><strong>{html.escape(self.title)}</strong></p>{notes}<ol>{steps}</ol>"


@dataclass(frozen=True, eq=False)
class Tracer:
    """A run made ready for tracing one result or many: its catalogue, its choices, its table worked out again.

    Parameters
    ----------
    run : FinishedRun
    catalogue : Catalogue
        The one at hand.
    inputs : Path or None
        Where the input files lie now, to show the line itself.
    """

    run: FinishedRun
    catalogue: Catalogue
    inputs: Path | None = None
    _people: dict[str | None, tuple[pl.DataFrame, pl.DataFrame]] = field(default_factory=dict)

    @cached_property
    def fit(self) -> DilutionFit | None:
        """The fitted correction that the run was made with."""
        path = self.run.folder / FIT_FILE
        if self.run.choices().basis not in FITTED_BASES:
            return None
        if not path.is_file():
            raise FileProblem(path, "the fitted correction of the run is missing", "the file that the run wrote")
        return DilutionFit.load(path)

    @cached_property
    def is_small(self) -> bool:
        """Whether the whole table is worked out again."""
        return int(self.run.scan().select(pl.len()).collect().item()) <= WHOLE_TABLE

    @cached_property
    def _whole(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        stored = self.run.numbered().collect()
        return stored, self._again(stored)

    def _again(self, stored: pl.DataFrame) -> pl.DataFrame:
        """Return rows of the run as `normalise` gives them now, from what came in alone."""
        results = stored.drop(ROW)
        made = normalise(results, choices=self.run.choices(), catalogue=self.catalogue, dilution_fit=self.fit)
        frame: pl.DataFrame = made.frame
        return frame.with_columns(stored[ROW])

    def table(self, subject: str | None) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return a person's rows as stored, and as `normalise` gives them now."""
        if subject not in self._people:
            mine = pl.col("subject_id").eq_missing(pl.lit(subject, dtype=pl.String))
            if self.is_small:
                self._people[subject] = tuple(frame.filter(mine) for frame in self._whole)  # type: ignore[assignment]
            else:
                stored = self.run.numbered().filter(mine).collect()
                self._people[subject] = stored, self._again(stored)
        return self._people[subject]

    def trace(self, place: int) -> Trace:
        """Trace the result at a row of the table, from 0."""
        subject = self.run.scan().select("subject_id").slice(place, 1).collect().item()
        stored, again = self.table(subject)
        at = Traced(
            run=self.run,
            place=place,
            row=stored.row(by_predicate=pl.col(ROW) == place, named=True),
            again=again.row(by_predicate=pl.col(ROW) == place, named=True),
            person=stored,
            catalogue=self.catalogue,
            choices=self.run.choices(),
            fit=self.fit,
            whole=self.is_small,
        )
        steps = [made for made in (step(at) for step in STEPS) if made is not None]
        if self.inputs is not None:
            found = raw_line(at, self.inputs)
            steps.insert(1, Step(title="The input itself", sentence=found.sentence, formula=found.line))
        return Trace(run=self.run, row=at.row, place=place, steps=tuple(steps), notes=self.notes)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What differs between the run and what it is traced with."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        version, made = self.catalogue.version, self.run.catalogue_version
        if not made:
            yield f"The manifest does not say which catalogue the run was made with; at hand is {version}."
        elif version != made:
            yield (
                f"*** The run was made with catalogue {made}; at hand is {version}. Whatever differs below may come "
                f"from that.{self._catalogue_files()} ***"
            )
        else:
            yield f"Catalogue {version}, the run's own."
        recorded = self.run.manifest.get("dilution_fit")
        digest = recorded.get("sha256") if isinstance(recorded, Mapping) else None
        if digest and self.fit is not None and sha256_of(self.run.folder / FIT_FILE) != digest:
            yield f"*** {FIT_FILE} is not the one that the run was made with: its bytes are others. ***"
        here, then = package_versions()["recal-labs"], self.run.program
        if then and then != here:
            yield f"The run was made with recal-labs {then}; it is traced with {here}."

    def _catalogue_files(self) -> str:
        """Say which files of the catalogue differ, where the manifest tells."""
        then: Mapping[str, str] = self.run.manifest.get("catalogue_files") or {}
        now = self.catalogue.files
        # A file of a folder that a study added to the built-in one is called by that folder.
        added = sorted({name.split("/")[0] for name in then if "/" in name and name not in now})
        other = sorted(name for name in {*then, *now} if then.get(name) != now.get(name) and "/" not in name)
        said = f" It had a folder of its own, {', '.join(added)}: name it with --catalogue." if added else ""
        return f"{said} Files that differ: {', '.join(other)}." if then and other else said


def trace_result(
    run: Path | str, result: str, *, catalogue: Catalogue | None = None, inputs: Path | str | None = None
) -> Trace:
    r"""Show the input behind a number and each step it took, and check that the steps give that number.

    Parameters
    ----------
    run : path
        The folder that ``recal-labs run`` or ``recal-labs normalise`` has written. The raw files are not needed.
    result : str
        Which result: ``panel.csv:Sheet1!D14`` or ``panel.csv:14`` (file and place or row), ``U17 dopamine`` or
        ``U17/dopamine`` (specimen, or subject, and analyte), or ``#123`` (row of normalised.csv, the header being 1).
    catalogue : Catalogue, optional
        The one that the run was made with. Default: the built-in one; the trace says when that is another.
    inputs : path, optional
        Folder where the input files lie now. The line itself is then shown, if the file has the bytes that were read.

    Returns
    -------
    Trace
        Its ``steps`` hold the facts; printing it gives 80 columns; ``agrees`` is False, and ``mismatches`` say why,
        when a stored value differs from what the steps give by more than 1 part in 10^12.

    Raises
    ------
    FileProblem
        When the folder is not that of a finished run.
    UnknownResultError
        With the nearest words of the run.
    AmbiguousResultError
        Listing every result that may be meant.

    Examples
    --------
    >>> import tempfile
    >>> from recal_labs.batch import normalise_inbox
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export, out = Path(folder) / "panel.csv", Path(folder) / "out"
    ...     _ = export.write_text(
    ...         "patient,specimen_id,analyte,result,unit,specimen\n"
    ...         "S1,U1,Creatinine,50,mg/dL,urine\nS1,U1,HVA,4.2,mg/L,urine\n"
    ...     )
    ...     _ = normalise_inbox([export], out, progress=False)
    ...     traced = trace_result(out, "U1 hva")
    >>> traced.agrees, next(step.formula for step in traced.steps if step.title.startswith("Amount"))
    (True, '4.2 mg/L / 0.5 (creatinine in g/L) = 8.4 mg/g{creat}')
    """
    opened, catalogue = open_run(run), catalogue or load_catalogue()
    place = find_result(opened, result, catalogue)
    return Tracer(opened, catalogue, Path(inputs) if inputs is not None else None).trace(place)
