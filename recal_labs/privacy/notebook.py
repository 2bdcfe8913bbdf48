"""pseudonymise: the tables of a notebook with codes in place of identifiers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.errors import TableError
from recal_labs.normalise.people import fill_from_subjects
from recal_labs.privacy.guard import Guard
from recal_labs.privacy.keys import Key, read_key
from recal_labs.privacy.protection import Protection

# What tells a table from the others: columns that only it has. The first that fits counts.
TOLD_BY: Mapping[str, tuple[str, ...]] = {
    "results": ("subject_id", "specimen_id", "analyte_id"),
    "ratios": ("subject_id", "ratio_id"),
    "diurnal": ("subject_id", "day", "auc_ground"),
    "rejects": ("reason", "detail", "raw"),
    "no_result": ("reason", "raw"),
    "safety_flags": ("subject_id", "topic", "item"),
    "outcomes": ("subject_id", "instrument", "score"),
    "interventions": ("subject_id", "kind", "start"),
    "adverse_events": ("subject_id", "onset"),
    "specimens": ("specimen_id",),
    "subjects": ("subject_id",),
}
# Results first: they tell whose a bottle is.
ORDER = ("results", "normalised", "subjects", "specimens")


def _table_of(frame: Any, where: str) -> str:
    try:
        columns = set(nw.from_native(frame).collect_schema().names())
    except TypeError as err:
        hint = " Hand in its .frame." if hasattr(frame, "frame") else ""
        raise TableError(
            f"pseudonymise was given a {type(frame).__name__} as {where}; expected a pandas or Polars frame.{hint}"
        ) from err
    for table, told_by in TOLD_BY.items():
        if set(told_by) <= columns and not (table == "specimens" and "subject_id" in columns):
            return table
    raise TableError(
        f"pseudonymise cannot tell what {where} is: it has the columns {', '.join(sorted(columns))}. Expected one of "
        f"{', '.join(TOLD_BY)}; hand in a mapping such as {{'subjects': frame}} to say which."
    )


def pseudonymise(
    tables: Any,
    key: Path | str | Key,
    *,
    shift_days: int = 0,
    keep: Collection[str] = (),
    labs: Collection[str] = (),
    catalogue: Catalogue | None = None,
) -> Any:
    """Put codes in the place of identifiers.

    Parameters
    ----------
    tables : frame, or mapping of table name to frame
        pandas or Polars frames: results or normalised, ratios, diurnal, rejects, no_result, subjects, specimens,
        outcomes, safety_flags, interventions, adverse_events. Handed in together, bottles learn from the results whose
        they are.
    key : path or Key
        A key file, made by ``recal-labs new-key FILE``. What each code stands for is added to the key table beside it.
    shift_days : int
        Each subject's dates are moved by one number of whole days, at most so many, never 0. Default: not moved.
    keep : collection of str
        Columns of your own to keep. Others that no table knows are left out, and so are birth years and notes.
    labs : collection of str
        Lab ids that may stay; others become codes.
    catalogue : Catalogue, optional
        Whose words of the laboratory stay. Default: the built-in one.

    Returns
    -------
    The kind that came in
        The same rows in the same order, in pandas with a new index from 0. Ages are whole years (months below 2 years),
        90 for all above 89. Words that no list of the laboratory knows are codes or ``withheld``.

    Raises
    ------
    FileProblem
        When the key cannot be used.
    TableError
        When a frame is none of these tables, or dates are to be moved that are texts.

    Notes
    -----
    Codes are the first 80 bits of HMAC-SHA-256 in base32. Pseudonymised is not anonymous: see docs/privacy.md.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"subject_id": ["S1", "S2"], "age_years": [44.7, 93.2], "name": ["Ann", "Bob"]})
    >>> coded = pseudonymise(people, Key(bytes(range(32))))
    >>> list(coded.columns), coded["age_years"].tolist(), coded["subject_id"].str.len().tolist()
    (['subject_id', 'age_years'], [44.0, 90.0], [18, 18])
    """
    protection = Protection(key if isinstance(key, Key) else read_key(key), shift_days)
    guard = Guard.of(protection, catalogue or load_catalogue())
    given: dict[str, Any] = dict(tables) if isinstance(tables, Mapping) else {_table_of(tables, "the frame"): tables}
    work = _methods(guard, keep, labs)
    if unknown := [name for name in given if name not in work]:
        raise TableError(f"pseudonymise knows no table {', '.join(unknown)}; expected {', '.join(work)}.")
    order = sorted(given, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    made = {name: work[name](_with_ages(name, given)) for name in order}
    protection.remember(guard.originals)
    coded = {name: made[name] for name in given}
    return coded if isinstance(tables, Mapping) else coded.popitem()[1]


def _with_ages(name: str, given: Mapping[str, Any]) -> Any:
    """Return a table; of pandas results with ages filled in from birth years, which do not stay."""
    import pandas as pd

    frame, people = given[name], given.get("subjects")
    if name == "results" and isinstance(frame, pd.DataFrame) and isinstance(people, pd.DataFrame):
        return fill_from_subjects(frame, people)
    return frame


def _methods(guard: Guard, keep: Collection[str], labs: Collection[str]) -> dict[str, Callable[[Any], Any]]:
    def results(frame: Any) -> Any:
        return guard.results(frame, labs=labs, keep=keep)

    return {
        "results": results,
        "normalised": results,
        "ratios": lambda frame: guard.derived(frame, "ratios"),
        "diurnal": lambda frame: guard.derived(frame, "diurnal"),
        "rejects": guard.rejects,
        "no_result": guard.no_result,
        "subjects": lambda frame: guard.subjects(frame, keep=keep),
        "specimens": guard.specimens,
        "outcomes": guard.outcomes,
        "safety_flags": guard.outcomes,
        "interventions": guard.interventions,
        "adverse_events": guard.adverse_events,
    }
