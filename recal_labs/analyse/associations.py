"""A table of effects that cannot exist, be shown or be saved without its statement."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from recal_labs.columns import ESTIMATES, require_columns
from recal_labs.spreadsheets import neutralised
from recal_labs.storage import write_atomic, write_text
from recal_labs.utility import UtilityStatement


@dataclass(frozen=True, eq=False, kw_only=True)
class Associations:
    """Effects and the statement of what they are worth.

    Parameters
    ----------
    table : DataFrame
        The `estimates` table, one row an effect; further columns may follow.
    statement : UtilityStatement
        There is no default: an association without its limits is never shown.

    Raises
    ------
    TypeError
        When there is no statement.
    TableError
        When the table lacks a column of the `estimates` table.
    """

    table: pd.DataFrame
    statement: UtilityStatement

    def __post_init__(self) -> None:
        if not isinstance(self.statement, UtilityStatement):
            raise TypeError(
                f"Associations need a UtilityStatement, not {type(self.statement).__name__}: effects are never shown "
                "without their limits."
            )
        require_columns(self.table.columns, ESTIMATES, "Associations")
        object.__setattr__(self, "table", self.table.assign(statement_id=self.statement.statement_id))

    @property
    def tested(self) -> pd.DataFrame:
        """The rows with an estimate."""
        return self.table[self.table["estimate"].notna()]

    @property
    def untested(self) -> pd.DataFrame:
        """The rows without one; ``reason`` says why."""
        return self.table[self.table["estimate"].isna()]

    def to_csv(self, path: Path | str) -> Path:
        """Write the table, and the statement beside it as ``<name>.statement.md``; return the table's path."""
        path = Path(path)
        write_text(path.with_suffix(".statement.md"), self.statement.to_markdown() + "\n")
        safe = neutralised(self.table)
        return write_atomic(path, lambda temporary: safe.to_csv(temporary, index=False, lineterminator="\n"))

    def _short(self) -> pd.DataFrame:
        beside = ["expected_rtm", "excess", "excess_low", "excess_high"]
        shown = ["analyte_id", "outcome", "effect", "n", "share_censored", "estimate", "ci_low", "ci_high"]
        shown += [*beside, "p_adjusted", "planned", "reason"]
        return self.table[[column for column in shown if column in self.table]]

    def to_markdown(self) -> str:
        """Return statement and table as Markdown; the statement comes first."""
        table = self._short()
        rows = ["| " + " | ".join(table.columns) + " |", "|" + " --- |" * len(table.columns)]
        for record in table.itertuples(index=False):
            cells = (f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in record)
            rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        return self.statement.to_markdown() + "\n\n" + "\n".join(rows) + "\n"

    def __str__(self) -> str:
        return f"{self.statement}\n\n{self._short().to_string(index=False)}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        table = self._short().to_html(index=False, float_format="{:.3g}".format, na_rep="", escape=True)
        return f"{self.statement._repr_html_()}{table}<p>{html.escape('Statement ' + self.statement.statement_id)}</p>"
