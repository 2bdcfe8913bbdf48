"""The key table: what each code stands for, beside the key and never among the outputs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from recal_labs.errors import FileProblem
from recal_labs.privacy.codes import ORIGINALS
from recal_labs.privacy.keys import Key
from recal_labs.spreadsheets import neutralised
from recal_labs.storage import write_atomic


def read_key_table(key: Key) -> pl.DataFrame:
    """Return what is known of a key's codes: kind, code, original; without rows where nothing was written yet.

    Raises
    ------
    FileProblem
        When the table beside the key cannot be read as one.
    """
    nothing = pl.DataFrame(schema=dict(ORIGINALS))
    if key.table is None or not key.table.exists():
        return nothing
    try:
        read = pl.read_csv(key.table, infer_schema=False)
        return read.select(list(ORIGINALS))
    except (pl.exceptions.PolarsError, OSError) as err:
        raise FileProblem(
            key.table,
            f"it is no key table ({str(err).splitlines()[0]})",
            f"the columns {', '.join(ORIGINALS)}",
            "put the table back from a copy, or move this file away",
        ) from err


def write_key_table(key: Key, originals: pl.DataFrame) -> Path | None:
    """Add codes to the key's table, and return where it lies; a key without a file has none.

    Parameters
    ----------
    key : Key
    originals : DataFrame
        kind, code, original. What is in the table already stays.

    Raises
    ------
    FileProblem
        When the table cannot be read or written, or two identifiers have one code.
    """
    if key.table is None or key.path is None:
        return None
    with _alone(key.path):
        # Opened in a spreadsheet by the very person who must not be harmed.
        known, new = read_key_table(key), neutralised(originals.select(list(ORIGINALS)))
        table = pl.concat([known, new]).unique(maintain_order=True).sort("kind", "original", "code")
        twice = table.filter(pl.col("code").is_duplicated())
        if not twice.is_empty():
            raise FileProblem(
                key.table,
                f"{twice['code'][0]} stands for two identifiers",
                "one for each code",
                "make a new key and run again; report this as a fault of recal-labs",
            )
        if new.is_empty() and key.table.exists():
            return key.table
        return write_atomic(key.table, table.write_csv, mode=0o600)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other run writes the table of this key: one would undo what the other added."""
    try:
        import fcntl
    except ImportError:  # Windows has none; the table is still written whole or not at all.
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
