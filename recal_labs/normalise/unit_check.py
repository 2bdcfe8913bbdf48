"""For analysts: which labs' numbers do not fit the unit they are written in."""

from __future__ import annotations

from typing import Any

from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.columns import RESULTS
from recal_labs.normalise.core import Normalised
from recal_labs.normalise.frames import open_frame
from recal_labs.normalise.plausible import unit_groups


def check_units(results: Any, *, catalogue: Catalogue | None = None) -> Any:
    """Judge the units of a table by molar mass and by what all other sources print.

    Parameters
    ----------
    results : Normalised, or pandas or Polars frame
        What `normalise` gave, or the `results` table itself.
    catalogue : Catalogue, optional
        Default: that of the normalised results, else the built-in one.

    Returns
    -------
    DataFrame
        One row for each lab, analyte, unit, kind of specimen and fraction, those that are suspect first; pandas for
        pandas, otherwise Polars. See `recal_labs.normalise.plausible.unit_groups` for the columns. Nothing is changed:
        a suspect unit is a question to the lab.

    Raises
    ------
    TableError
        When a column that cannot be done without is absent or has the wrong type.

    Examples
    --------
    >>> import pandas as pd
    >>> results = pd.DataFrame({
    ...     "subject_id": ["S1", "S2", "S3", "S4", "S5"], "specimen_id": ["U1", "U2", "U3", "U4", "U5"],
    ...     "specimen": "urine_spot", "analyte_id": "hva", "comparator": "", "value": [3.1, 4.0, 5.2, 2.8, 6.0],
    ...     "unit": "ug/g{creat}"})
    >>> check_units(results)[["unit", "verdict", "suspected_unit"]].values.tolist()
    [['ug/g{creat}', 'suspect', 'mg/g{creat}']]
    """
    if isinstance(results, Normalised):
        catalogue, results = catalogue or results.catalogue, results.frame
    opened = open_frame(results, RESULTS, "check_units")
    groups = unit_groups(opened.inside.to_native(), catalogue or load_catalogue())
    # Of equals the order of the keys stays.
    ordered = groups.sort(groups["verdict"] != "suspect", maintain_order=True)
    return ordered.to_pandas() if opened.kind == "pandas" else ordered
