"""diff: what changed between two runs, and what that came from."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from recal_labs.errors import ChoiceError
from recal_labs.trace.cells import Cells, ColumnChange, column_changes, one_sided_columns
from recal_labs.trace.effects import NUMBERS, TEXTS, changed_effects
from recal_labs.trace.listing import Listing, counted, number, plain, wrapped
from recal_labs.trace.pairs import Pairs, match_rows
from recal_labs.trace.recipes import Difference, recipe_differences
from recal_labs.trace.runs import FinishedRun, open_run
from recal_labs.trace.verdicts import changed_codes, changed_verdicts

MOST_SHOWN = 20
RENAMED_SHOWN = 4
NO_VERDICT = "none"


@dataclass(frozen=True, eq=False, kw_only=True)
class RunDiff:
    """What changed between two runs.

    Parameters
    ----------
    one, two : FinishedRun
    pairs : Pairs
        Which row is which.
    changed_rows : int
        Results of both runs with at least one changed cell.
    columns : tuple of ColumnChange
        The columns in which cells changed, in the order of the table.
    only_one, only_two : tuple of str
        Columns that only one of the two tables has.
    verdicts : DataFrame
        Results whose L, N or H changed, counted by analyte, verdicts and reason.
    codes : DataFrame
        Quality codes that results gained and lost.
    recipe : tuple of Difference
        What the runs were made with and from, as far as it differs.
    effects : DataFrame or None
        Effects that two study runs report differently; None when either is no study run.
    cells : Cells
        The changed cells themselves; `write_csv` lists them.
    """

    one: FinishedRun
    two: FinishedRun
    pairs: Pairs
    changed_rows: int
    columns: tuple[ColumnChange, ...]
    only_one: tuple[str, ...]
    only_two: tuple[str, ...]
    verdicts: pl.DataFrame
    codes: pl.DataFrame
    recipe: tuple[Difference, ...]
    effects: pl.DataFrame | None
    cells: Cells

    @property
    def same(self) -> bool:
        """Whether both runs hold the same results with the same numbers, and the same effects."""
        moved = len(self.pairs.added) + len(self.pairs.removed) + self.changed_rows
        effects = 0 if self.effects is None else self.effects.height
        return not (moved or effects or self.only_one or self.only_two)

    def write_csv(self, path: Path | str) -> Path:
        """Write every changed cell, and every added and removed row, as CSV.

        Columns: change (changed, added, removed), source_file, source_row, source_place, specimen_id, analyte_id,
        column, run1, run2, relative_change ((run2 - run1) / abs(run1)). Changed rows are named as in the second run.
        """
        return self.cells.write_csv(Path(path))

    def listings(self) -> Iterator[Listing]:
        """Yield what is shown, part by part."""
        yield self._counts()
        if self.recipe:
            rows = [(part.what, part.name, part.one, part.two) for part in self.recipe]
            heads = ("what", "which", "run 1", "run 2")
            yield _shortened("What the runs were made with", heads, rows, rest="the two manifest.json")
        elif not self.same:
            yield Listing(
                title="What the runs were made with",
                note="The manifests record nothing that differs: another state of the program made the second run, or "
                "something that neither records.",
            )
        if self.columns:
            yield self._columns()
        if self.verdicts.height:
            yield self._verdicts()
        if self.codes.height:
            moved = [(code, f"{gained:,}", f"{lost:,}") for code, gained, lost in self.codes.iter_rows()]
            yield _shortened("Quality codes that changed", ("code", ">gained", ">lost"), moved)
        if self.effects is not None:
            yield from self._effects(self.effects)

    def _counts(self) -> Listing:
        shared, pairs = len(self.pairs.one), self.pairs
        parts = [
            f"{counted(shared, 'result')} in both runs, {self.changed_rows:,} of them changed; {len(pairs.removed):,} "
            f"only in run 1, {len(pairs.added):,} only in run 2."
        ]
        renamed = sorted(pairs.renamed.items())
        parts += [f"{new} is {old} of run 1: the same bytes." for old, new in renamed[:RENAMED_SHOWN]]
        if (more := len(renamed) - RENAMED_SHOWN) > 0:
            parts.append(f"{counted(more, 'more file')} of the same bytes bear other names.")
        for which, names in (("run 1", self.only_one), ("run 2", self.only_two)):
            if names:
                parts.append(f"Columns that only {which} has: {', '.join(names)}.")
        if self.one.is_pseudonymised != self.two.is_pseudonymised:
            coded = "run 1" if self.one.is_pseudonymised else "run 2"
            parts.append(f"{coded.capitalize()} holds codes in place of names: its files cannot be matched by name.")
        if self.cells.tolerance:
            parts.append(f"Numbers closer than {self.cells.tolerance:g} of the larger one count as equal.")
        verdict = "Nothing changed" if self.same else "Results"
        return Listing(title=verdict, note=" ".join(parts))

    def _columns(self) -> Listing:
        rows = [
            (
                change.column,
                f"{change.changed:,}",
                f"{change.appeared:,}" if change.appeared else "",
                f"{change.vanished:,}" if change.vanished else "",
                "" if change.largest is None else f"{change.largest:.3g}",
            )
            for change in self.columns
        ]
        heads = ("column", ">changed", ">appeared", ">vanished", ">largest relative change")
        return Listing(title="Cells that changed, by column", columns=heads, rows=rows)

    def _verdicts(self) -> Listing:
        total = int(self.verdicts["results"].sum())
        rows = [
            (
                row["analyte_id"],
                f"{row['before'] or NO_VERDICT} -> {row['after'] or NO_VERDICT}",
                f"{row['results']:,}",
                row["why"],
            )
            for row in self.verdicts.iter_rows(named=True)
        ]
        return _shortened(
            f"Verdicts that changed: {total:,}", ("analyte", "verdict", ">results", "what changed under it"), rows
        )

    def _effects(self, changed: pl.DataFrame) -> Iterator[Listing]:
        if not changed.height:
            yield Listing(title="Effects", note="Both runs report the same effects.")
        # One listing a kind: effects of two kinds have two units.
        for (kind,), part in changed.group_by("effect", maintain_order=True):
            moved = (pl.col("estimate_2") - pl.col("estimate")).abs()
            rows = [
                (row["analyte_id"], row["outcome"], _effect(row, ""), _effect(row, "_2"), _also(row))
                for row in part.sort(moved, descending=True, nulls_last=True, maintain_order=True).iter_rows(named=True)
            ]
            heads = ("analyte", "outcome", "run 1", "run 2", "")
            yield _shortened(
                f"Effects that changed ({kind}): {part.height:,}", heads, rows, rest="effects.csv and change.csv"
            )

    def lines(self) -> Iterator[str]:
        """Yield the lines for a terminal of 80 columns."""
        yield from wrapped(f"run 1: {self.one.folder}", indent="       ", first="")
        yield from wrapped(f"run 2: {self.two.folder}", indent="       ", first="")
        for part in self.listings():
            yield ""
            yield from part.lines()

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        head = f"<p>{html.escape(plain(self.one.folder))} → {html.escape(plain(self.two.folder))}</p>"
        return head + "".join(part.to_html() for part in self.listings())


def _shortened(title: str, columns: tuple[str, ...], rows: Sequence[Sequence[str]], rest: str = "") -> Listing:
    more = len(rows) - MOST_SHOWN
    where = f"{rest} hold them all" if rest else "--csv lists every changed cell"
    note = f"and {counted(more, 'more row')}; {where}" if more > 0 else ""
    return Listing(title=title, columns=columns, rows=rows[:MOST_SHOWN], note=note)


def _effect(row: dict[str, Any], suffix: str) -> str:
    estimate, low, high = (row[f"{name}{suffix}"] for name in ("estimate", "ci_low", "ci_high"))
    if row["change"] == ("added" if not suffix else "removed"):
        return NO_VERDICT
    if estimate is None:
        return str(row[f"reason{suffix}"] or "-")
    return f"{number(estimate, 3)} [{number(low, 3)}, {number(high, 3)}]"


def _also(row: dict[str, Any]) -> str:
    """Name what else changed of an effect whose estimate and interval did not."""
    if row["change"] != "changed" or any(row[name] != row[f"{name}_2"] for name in ("estimate", "ci_low", "ci_high")):
        return ""
    return ", ".join(name for name in (*NUMBERS, *TEXTS) if row[name] != row[f"{name}_2"])


def diff_runs(one: Path | str, two: Path | str, *, tolerance: float = 0.0) -> RunDiff:
    r"""Say what changed between two runs, and what that came from.

    Parameters
    ----------
    one, two : path
        Folders that ``recal-labs run`` or ``recal-labs normalise`` has written; a run of each can be compared as far as
        their tables go. Results are matched by file and place, and by the bytes of a file that was renamed.
    tolerance : float
        Share of the larger number by which two numbers may differ and still count as equal; 0 (exactly equal) by
        default.

    Returns
    -------
    RunDiff

    Raises
    ------
    FileProblem
        When a folder is not that of a finished run.
    ChoiceError
        When the tolerance is negative, or 1 or more.

    Examples
    --------
    >>> import tempfile
    >>> from recal_labs.batch import normalise_inbox
    >>> from recal_labs.choices import Choices
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export = Path(folder) / "panel.csv"
    ...     _ = export.write_text(
    ...         "patient,specimen_id,analyte,result,unit,specimen\n"
    ...         "S1,U1,Creatinine,100,mg/dL,urine\nS1,U1,HVA,4.2,mg/L,urine\n"
    ...     )
    ...     for basis in ("by_specimen", "none"):
    ...         _ = normalise_inbox([export], Path(folder) / basis, choices=Choices(basis=basis), progress=False)
    ...     found = diff_runs(Path(folder) / "by_specimen", Path(folder) / "none")
    >>> found.same, [(part.name, part.one, part.two) for part in found.recipe]
    (False, [('basis', 'by_specimen', 'none')])
    >>> [(change.column, change.changed) for change in found.columns]
    [('amount_unit', 1), ('basis', 1)]
    """
    if not 0 <= tolerance < 1:
        raise ChoiceError(f"tolerance is {tolerance}; expected a share from 0 to below 1, such as 1e-9.")
    first, second = open_run(one), open_run(two)
    pairs = match_rows(first, second)
    cells = Cells(one=first, two=second, pairs=pairs, tolerance=tolerance)
    sides = one_sided_columns(first, second)
    return RunDiff(
        one=first,
        two=second,
        pairs=pairs,
        changed_rows=cells.changed_rows(),
        columns=column_changes(cells),
        only_one=sides["one"],
        only_two=sides["two"],
        verdicts=changed_verdicts(cells),
        codes=changed_codes(cells),
        recipe=recipe_differences(first, second, pairs.renamed),
        effects=changed_effects(first, second, tolerance),
        cells=cells,
    )
