"""Entries added to the tables of a profile's text; every other line, its comments too, stays as it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from recal_labs.errors import FileProblem
from recal_labs.ingest.propose import toml_text
from recal_labs.storage import open_regular

_HEADER = re.compile(r"^\s*\[")


def _header_of(table: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*\[\s*{re.escape(table)}\s*\]\s*(?:#.*)?$")


def _place(lines: Sequence[str], table: str) -> int | None:
    """Return the line below the last entry of a table; None where the text has no such table."""
    begin = next((number for number, line in enumerate(lines) if _header_of(table).match(line)), None)
    if begin is None:
        return None
    last = begin
    for number in range(begin + 1, len(lines)):
        if _HEADER.match(lines[number]):
            break
        if lines[number].strip() and not lines[number].lstrip().startswith("#"):
            last = number
    return last + 1


def added(text: str, table: str, entries: Mapping[str, str]) -> str:
    r"""Return a TOML text with entries added to one of its tables, or with the table at its end.

    Examples
    --------
    >>> print(added('[analytes]  # ours\nXX = "hva"\n\n[text]\n', "analytes", {"YY": "vma"}))
    [analytes]  # ours
    XX = "hva"
    "YY" = "vma"
    <BLANKLINE>
    [text]
    <BLANKLINE>
    """
    if not entries:
        return text
    new = [f"{toml_text(name)} = {toml_text(meaning)}" for name, meaning in entries.items()]
    lines = text.split("\n")
    place = _place(lines, table)
    if place is None:
        before = text.rstrip("\n")
        return "\n".join([*([before, ""] if before else []), f"[{table}]", *new, ""])
    return "\n".join([*lines[:place], *new, *lines[place:]])


def with_entries(path: Path, tables: Mapping[str, Mapping[str, str]]) -> str:
    """Return the text of a profile with entries added to its tables.

    Raises
    ------
    FileProblem
        When the text with them would not say what the profile said before and the entries besides: where a table is
        written in braces, or its name stands inside a text of several lines.
    """
    with open_regular(path) as handle:
        stored = handle.read().decode("utf-8")
    text = stored.replace("\r\n", "\n")
    before = tomllib.loads(text)
    for table, entries in tables.items():
        text = added(text, table, entries)
    wanted = {**before}
    for table, entries in tables.items():
        if entries:
            wanted[table] = {**before.get(table, {}), **entries}
    try:
        made = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        made = {}
    if made != wanted:
        raise FileProblem(
            path,
            "its [analytes] or [units] are not written as a table of lines",
            'a line [analytes] with lines such as "XX" = "hva" below it',
            "write them so, and accept the answers again; nothing was changed",
        )
    return text.replace("\n", "\r\n") if "\r\n" in stored else text
