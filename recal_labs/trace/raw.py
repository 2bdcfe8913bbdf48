"""The line of an input itself, when the file is at hand, is the very one that was read, and may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from recal_labs.storage import open_regular, sha256_of
from recal_labs.trace.context import Traced
from recal_labs.trace.listing import plain

# Beyond this a line is no line that a person reads.
MOST_SHOWN = 400
TEXT_FORMATS = frozenset({".csv", ".tsv", ".txt", ".hl7", ".dat"})


@dataclass(frozen=True)
class RawLine:
    """A line of an input, or why there is none to show."""

    line: str
    sentence: str


def _beside(folder: Path, source_file: str) -> Path | None:
    """Return the input below a folder: at the path that the run calls it, or under its bare name."""
    home = folder.resolve()
    for path in (folder / source_file, folder / Path(source_file).name):
        # A name of the run may hold dots and strokes; nothing outside the folder that was named is opened.
        if path.is_file() and path.resolve().is_relative_to(home):
            return path
    return None


def raw_line(at: Traced, folder: Path) -> RawLine:
    """Return the line that a result was read from.

    Parameters
    ----------
    at : Traced
    folder : Path
        Where the inputs lie now.

    Returns
    -------
    RawLine
        Without a line when the run is pseudonymised, the file is not there, its bytes are others, or the line that the
        row number leads to does not hold the value (of spreadsheets, and of rows that span lines).
    """
    if at.run.is_pseudonymised:
        return RawLine("", "The run is pseudonymised, so its inputs are not opened.")
    name, row = at["source_file"] or "", at["source_row"]
    path = _beside(folder, name)
    if path is None:
        return RawLine(
            "", f"{plain(name)} is not in {plain(folder)}; everything above comes from the run's own tables."
        )
    record = at.run.files().get(name, {})
    if sha256_of(path) != record.get("sha256"):
        return RawLine("", f"{plain(name)} is in {plain(folder)}, but its bytes are not those that were read.")
    if path.suffix.lower() not in TEXT_FORMATS or row is None:
        return RawLine("", f"{plain(name)} has the bytes that were read; it is no text, so no line of it is shown.")
    encoding = record.get("encoding") or "utf-8"
    with open_regular(path) as handle:
        content = handle.read().decode(encoding, errors="replace")
    # HL7 ends its segments with a carriage return alone.
    line = next(islice(content.splitlines(), row - 1, row), "")
    if str(at["reported_value"] or "") not in line:
        return RawLine("", f"{plain(name)} has the bytes that were read; its result does not stand on one line.")
    shown = plain(line)
    return RawLine(
        shown if len(shown) <= MOST_SHOWN else f"{shown[:MOST_SHOWN]}...",
        f"Line {row} of {plain(name)}, whose bytes are those that were read:",
    )
