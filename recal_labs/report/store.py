"""The stored run: what a report is rendered from, checked before a word of it is shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pandas as pd

from recal_labs.errors import FileProblem, ReportError
from recal_labs.report.exhibits import number_exhibits
from recal_labs.report.facts import SCHEMA, gather_facts
from recal_labs.report.gather.disagreement import compared_results
from recal_labs.report.gather.reference import positions_table
from recal_labs.report.inputs import ReportInputs
from recal_labs.report.plain import as_pandas
from recal_labs.storage import write_atomic, write_json
from recal_labs.utility.statement import UtilityStatement

SECTIONS = (
    "study",
    "flow",
    "baseline",
    "effects",
    "reference",
    "quality",
    "utility",
    "methods",
    "limits",
    "provenance",
)

STATEMENT_PARTS = ("headline", "cannot_show", "for_whom", "closing", "statement_id")


def check_statement(statement: Any, where: str) -> None:
    """Raise unless a statement is whole and unchanged.

    Its id is a fingerprint of its words, so a sentence that was taken out or softened afterwards is noticed.

    Raises
    ------
    ReportError
        Naming the missing part.
    """
    if not isinstance(statement, Mapping):
        raise ReportError(
            f"{where} has no utility statement; effects are never shown without one. Run the study again."
        )
    missing = [part for part in STATEMENT_PARTS if not _said(statement.get(part))]
    if missing:
        raise ReportError(
            f"The utility statement of {where} lacks {', '.join(missing)}; effects are never shown without it. "
            "Run the study again."
        )
    lines = {part: tuple(statement.get(part) or ()) for part in ("seen", "weakens", "cannot_show")}
    again = UtilityStatement(
        headline=statement["headline"], for_whom=statement["for_whom"], closing=statement["closing"], **lines
    )
    if again.statement_id != statement["statement_id"]:
        raise ReportError(
            f"The utility statement of {where} does not match its fingerprint {statement['statement_id']}: its words "
            "were changed after the analysis. Run the study again."
        )


def _said(value: Any) -> bool:
    return (
        any(str(line).strip() for line in value) if isinstance(value, list | tuple) else bool(str(value or "").strip())
    )


def check_facts(facts: Mapping[str, Any], where: str) -> None:
    """Raise unless facts hold every section that a report may not leave out.

    Raises
    ------
    ReportError
        When a section, a statement or the debate about clinical use is missing.
    """
    if facts.get("schema") != SCHEMA:
        raise ReportError(
            f"{where}: facts have the schema {facts.get('schema')!r}, but this version renders {SCHEMA}. "
            "Run the study again."
        )
    missing = [name for name in SECTIONS if facts.get(name) is None]
    if missing:
        raise ReportError(f"{where}: facts lack {', '.join(missing)}, and no section is left out. Run the study again.")
    if not facts["utility"].get("sentences"):
        raise ReportError(f"{where}: the section on clinical use says nothing. Run the study again.")
    check_statement(facts.get("statement"), "the associations")
    if facts.get("change"):
        check_statement(facts["change"].get("statement"), "the change")


@dataclass(frozen=True, eq=False)
class Run:
    """A stored run, ready to be shown.

    Parameters
    ----------
    facts : dict
        As made by `gather_facts`.
    positions : DataFrame
        One row a result, without who it belongs to; empty when it was not stored.
    compared : DataFrame
        One row a result that two sources of intervals place, as made by `compared_results`.

    Raises
    ------
    ReportError
        When the statement, or the section on clinical use, is missing.
    """

    facts: dict[str, Any]
    positions: pd.DataFrame
    compared: pd.DataFrame = field(default_factory=lambda: compared_results(None))

    def __post_init__(self) -> None:
        check_facts(self.facts, "This run")

    @cached_property
    def numbers(self) -> dict[str, str]:
        """``figure:flow`` to ``Figure 1``, for every figure and table of this report."""
        return number_exhibits(
            self.facts, has_positions=len(self.positions) > 0, has_compared=bool(self.compared["differs"].any())
        )

    def __repr__(self) -> str:
        return f"Run of {self.facts['study']['title']!r}: {self.facts['statement']['headline']}"


def store_run(inputs: ReportInputs, folder: Path) -> dict[str, Any]:
    """Write what a report is rendered from: ``facts.json`` and ``tables/*.parquet``; return the facts."""
    facts = gather_facts(inputs)
    write_json(folder / "facts.json", facts)
    tables = {
        "positions": positions_table(inputs.normalised),
        "effects": as_pandas(inputs.associations.table),
        "change": as_pandas(inputs.change.table) if inputs.change is not None else None,
        "compared": compared_results(inputs.disagreement) if inputs.disagreement is not None else None,
    }
    for name, table in tables.items():
        if table is not None:
            write_atomic(folder / "tables" / f"{name}.parquet", partial(table.to_parquet, index=False))
    return facts


def open_run(folder: Path | str) -> Run:
    """Open a stored run.

    Parameters
    ----------
    folder : path
        It holds ``facts.json`` and ``tables/positions.parquet``.

    Raises
    ------
    FileProblem
        When facts.json is missing or cannot be read.
    ReportError
        When something that no report may leave out is missing.
    """
    path = Path(folder) / "facts.json"
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as err:
        raise FileProblem(path, "there is no such file", "the facts of a finished run", "run the study first") from err
    except (OSError, ValueError) as err:
        raise FileProblem(path, f"it cannot be read ({err})", "JSON written by a run", "run the study again") from err
    if not isinstance(facts, dict):
        raise FileProblem(path, "it holds no object", "JSON written by a run", "run the study again")
    stored, compared = (Path(folder) / "tables" / f"{name}.parquet" for name in ("positions", "compared"))
    positions = pd.read_parquet(stored) if stored.exists() else pd.DataFrame({"analyte_id": []})
    return Run(facts, positions, pd.read_parquet(compared) if compared.exists() else compared_results(None))
