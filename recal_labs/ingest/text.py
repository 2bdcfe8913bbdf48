"""Bytes to text: byte order marks, then strict UTF-8, then Windows-1252, and which of them it was."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from recal_labs.errors import FileProblem

# The longer mark first: UTF-32 LE begins with the two bytes of UTF-16 LE.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# What the first bytes say of files that are not text; each is refused with its own sentence.
_BINARY = (
    (b"%PDF", "a PDF report", "PDF reports are not read yet; ask the lab for CSV or HL7"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
)
EXPECTED = "a delimited text, a workbook, HL7 v2, FHIR or SAS transport"


@dataclass(frozen=True)
class DecodedText:
    """A file's text and the encoding it was read with."""

    text: str
    encoding: str


def decode(data: bytes, name: str) -> DecodedText:
    """Decode a file's bytes.

    Raises
    ------
    FileProblem
        When the file is empty, of a format that is not text, or binary.
    """
    if not data.strip():
        raise FileProblem(name, "the file is empty", EXPECTED)
    for start, what, remedy in _BINARY:
        if data.startswith(start):
            raise FileProblem(name, f"it is {what}", EXPECTED, remedy)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return DecodedText(data.decode(encoding).removeprefix("\ufeff"), encoding)
            except UnicodeDecodeError as err:
                raise FileProblem(name, f"its {encoding} text is broken ({err.reason})", EXPECTED) from err
    if b"\x00" in data:
        raise FileProblem(name, "it holds NUL bytes, so it is binary or UTF-16 without its mark", EXPECTED)
    try:
        return DecodedText(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        # cp1252 leaves five bytes undefined; they become the replacement character and stay visible.
        return DecodedText(data.decode("cp1252", errors="replace"), "cp1252")


def read_text(path: Path) -> DecodedText:
    """Read and decode a file.

    Raises
    ------
    FileProblem
        When it is missing, cannot be read, or is not text.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as err:
        raise FileProblem(path, "there is no such file", EXPECTED, "check the path") from err
    except OSError as err:
        raise FileProblem(path, f"it cannot be read ({err.strerror})", EXPECTED, "check its permissions") from err
    return decode(data, str(path))
