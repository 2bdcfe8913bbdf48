"""CSV that a spreadsheet shows and never runs: cells that would be taken for formulas get an apostrophe before them.

The rule is OWASP's for CSV injection: no cell may begin with ``=``, ``+``, ``-``, ``@``, a tab, a carriage return or a
line feed, neither at its own beginning nor after a separator or a quote inside it, where a spreadsheet with another
separator would begin a new cell. ASVS 1.2.10 adds the NUL character.
Sources: owasp.org/www-community/attacks/CSV_Injection, OWASP ASVS 5.0 requirement 1.2.10.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Frame = TypeVar("Frame", "pd.DataFrame", "pl.DataFrame", "pl.LazyFrame")

# One spelling for Python and for Rust, which Polars uses.
_NUMBER = r"^[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?$"
_RETURN = r"\r\n?"
_FORMULA = r"""(^|[,;\t\n"])( *[=+\-@])"""
_CONTROL = r"^([\t\n\x00])"
# Of the first of these cells, so many different words or fewer: a column of repeated words.
SAMPLED, FEW = 1000, 100

_is_number = re.compile(_NUMBER[:-1] + r"\Z")
_return, _formula, _control = re.compile(_RETURN), re.compile(_FORMULA), re.compile(_CONTROL)


def neutral_text(text: str) -> str:
    r"""Return one cell's text as a spreadsheet shows it without running it.

    A carriage return becomes a line feed: writers quote a cell with the one and not with the other, so that it would
    begin a row of its own.

    Examples
    --------
    >>> neutral_text("=1+1"), neutral_text("-0.5"), neutral_text("5-HIAA"), neutral_text("note;=1+1")
    ("'=1+1", '-0.5', '5-HIAA', "note;'=1+1")
    """
    return text if _is_number.match(text) else _control.sub(r"'\1", _formula.sub(r"\1'\2", _return.sub("\n", text)))


def neutralised(frame: Frame) -> Frame:
    """Return a frame whose texts and column names no spreadsheet takes for formulas; numbers and dates stay.

    Parameters
    ----------
    frame : pandas DataFrame, Polars DataFrame or Polars LazyFrame
        On its way to a CSV file. Parquet keeps the words as they are.

    Returns
    -------
    The kind that came in
        With an apostrophe before each such cell, and the same rows, columns and order. A text that is a plain number,
        such as ``-5`` or ``+1.2e3``, stays a number. Doing it twice changes nothing more.

    Examples
    --------
    >>> import polars as pl
    >>> neutralised(pl.DataFrame({"=x": ["@SUM(A1)", "-5", None], "n": [-1.0, 2.0, 3.0]})).to_dict(as_series=False)
    {"'=x": ["'@SUM(A1)", '-5', None], 'n': [-1.0, 2.0, 3.0]}
    """
    import pandas as pd

    return _of_pandas(frame) if isinstance(frame, pd.DataFrame) else _of_polars(frame)


def _of_polars(frame: Any) -> Any:
    import polars as pl

    schema = frame.collect_schema()
    words = [name for name, kind in schema.items() if kind in (pl.String, pl.Categorical, pl.Enum)]
    # A function of one cell at a time: a streaming engine may hand it any slice of a column.
    text = pl.col(words).cast(pl.String).map_batches(_neutral_column, return_dtype=pl.String, is_elementwise=True)
    done = frame.with_columns(text) if words else frame
    return done.rename({name: new for name in schema.names() if (new := neutral_text(name)) != name})


def _neutral_column(column: pl.Series) -> pl.Series:
    import polars as pl

    # Most columns repeat a few harmless words: looking at each word once is three times quicker than at each cell.
    repeats = column.head(SAMPLED).n_unique() <= FEW
    if not _suspect(column.unique() if repeats else column).any():
        return column
    safe = column.str.replace_all(_RETURN, "\n").str.replace_all(_FORMULA, "${1}'${2}").str.replace(_CONTROL, "'${1}")
    return pl.select(pl.when(_suspect(column)).then(safe).otherwise(column)).to_series().alias(column.name)


def _suspect(column: pl.Series) -> pl.Series:
    return column.str.contains(f"{_RETURN}|{_FORMULA}|{_CONTROL}") & ~column.str.contains(_NUMBER)


def _of_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    done = frame.copy(deep=False)
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
            continue
        safe = {text: neutral_text(text) for text in column.dropna().unique() if isinstance(text, str)}
        changed = {text: new for text, new in safe.items() if text != new}
        if changed:
            cells = [changed.get(cell, cell) if isinstance(cell, str) else cell for cell in column]
            done.isetitem(place, pd.Series(cells, index=frame.index, dtype=object).array)
    return done.rename(columns={name: neutral_text(name) for name in frame.columns if isinstance(name, str)})
