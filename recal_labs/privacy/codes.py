"""Codes in the place of identifiers: the same for one key in every file and run, and told back by the key table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from recal_labs.privacy.keys import Key

# What a code stands for, and the letter that it begins with. 80 bits follow: among a million people the odds that any
# two share a code are 4 in 10 to the 13th (n squared over 2 to the 81st).
KINDS: Mapping[str, str] = {"subject": "P", "specimen": "U", "file": "F", "lab": "L", "text": "T"}
# Endings that say what a file is; any other one may be part of a name.
ENDINGS = frozenset(
    {".csv", ".tsv", ".txt", ".hl7", ".json", ".ndjson", ".xlsx", ".xls", ".ods", ".xpt", ".toml", ".pdf"}
)
ORIGINALS: Mapping[str, Any] = {"kind": pl.String, "code": pl.String, "original": pl.String}


class Coder:
    """Turns identifiers into codes and remembers what each stands for.

    Parameters
    ----------
    key : Key

    Examples
    --------
    >>> coder = Coder(Key(bytes(range(32))))
    >>> coder.code("subject", "S001") == coder.code("subject", "S001") != coder.code("specimen", "S001")
    True
    """

    def __init__(self, key: Key):
        self.key = key
        self._codes: dict[tuple[str, str], str] = {}
        self._made: set[str] = set()

    def code(self, kind: str, original: str) -> str:
        """Return the code of an identifier: a letter for its kind and 16 letters and digits; a code stays."""
        if original in self._made:
            return original
        found = self._codes.get((kind, original))
        if found is None:
            found = f"{KINDS[kind]}-{self.key.word(kind, original)}"
            if kind == "file" and (ending := PurePosixPath(original).suffix.casefold()) in ENDINGS:
                found += ending
            self._codes[kind, original] = found
            self._made.add(found)
        return found

    def text(self, original: str) -> str:
        """Return the code of a text that may be anything."""
        return self.code("text", original)

    @property
    def originals(self) -> pl.DataFrame:
        """What was coded so far: kind, code, original."""
        rows = [(kind, code, original) for (kind, original), code in self._codes.items()]
        return pl.DataFrame(rows, schema=dict(ORIGINALS), orient="row")


@lru_cache(maxsize=1 << 16)
def shift_of(key: Key, who: str, days: int) -> int:
    """Return by how many whole days the dates of one subject are moved: from -days to days, never 0.

    Parameters
    ----------
    key : Key
    who : str
        The subject's code, so that whoever holds the key can move the dates back.
    days : int
        The largest distance; 0 moves nothing.
    """
    if not days:
        return 0
    place = int.from_bytes(key.digest(f"days {days}", who)[:8], "big") % (2 * days)
    return place - days if place < days else place - days + 1


def keyed(key: Key, sha256: str) -> str:
    """Return the fingerprint of a file in a form that only the holder of the key can make or check.

    A plain SHA-256 would tell everybody who holds the same file that it was among those read.
    """
    return f"hmac:{key.digest('sha256', sha256).hex()}" if sha256 else ""
