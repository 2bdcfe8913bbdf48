"""Plain values: what can be written as JSON and read back the same."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: NaN, infinities, NaT and NA become None; numpy numbers become Python's.

    Examples
    --------
    >>> plain({"n": np.int64(3), "rho": float("nan"), "names": ("a", "b")})
    {'n': 3, 'rho': None, 'names': ['a', 'b']}
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, pd.DataFrame):
        return records(value)
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return str(value)


def records(frame: pd.DataFrame, columns: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Return the rows of a small table as plain records; an absent column is filled with None.

    Parameters
    ----------
    frame : DataFrame
        Pandas; anything with ``to_pandas`` is converted first.
    columns : iterable of str, optional
        Which columns, in which order.
    """
    frame = as_pandas(frame)
    names = [str(name) for name in frame.columns] if columns is None else list(columns)
    lists = [frame[name].tolist() if name in frame.columns else [None] * len(frame) for name in names]
    return [dict(zip(names, map(plain, row), strict=True)) for row in zip(*lists, strict=True)]


def as_pandas(frame: Any) -> pd.DataFrame:
    """Return a frame of any kind as a pandas one."""
    return frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()


def field_of(row: Any, name: str, default: Any = None) -> Any:
    """Return a field of a row that is a mapping or an object; missing fields give the default."""
    found = row.get(name, default) if isinstance(row, Mapping) else getattr(row, name, default)
    return default if found is None else found
