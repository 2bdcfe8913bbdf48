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


# HL7 table 0211, those that a text of one byte a letter may be in; what is UTF-8 is told from the bytes.
CHARACTER_SETS = {
    **{f"8859/{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 15)},
    # Windows writes its own letters where ISO 8859-1 has none, and says 8859/1 all the same.
    "8859/1": "cp1252",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
    "ISO IR87": "iso2022_jp",
}
# How much of a file is looked at for NUL bytes, and from which share on they are the halves of letters.
LOOKED_AT, MOSTLY = 2000, 0.6


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
    if (bare := _unmarked_utf16(data)) is not None:
        return bare
    if b"\x00" in data:
        raise FileProblem(name, "it holds NUL bytes, so it is binary or UTF-16 without its mark", EXPECTED)
    try:
        return DecodedText(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        if (declared := _declared(data)) is not None:
            return declared
        # cp1252 leaves five bytes undefined; they become the replacement character and stay visible.
        return DecodedText(data.decode("cp1252", errors="replace"), "cp1252")


def _unmarked_utf16(data: bytes) -> DecodedText | None:
    """Decode UTF-16 that has no mark: of Latin text every second byte is NUL, and hardly any of the others."""
    sample = data[: 2 * LOOKED_AT]
    evens, odds = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    for encoding, empty, full in (("utf-16-le", odds, evens), ("utf-16-be", evens, odds)):
        if half and empty > MOSTLY * half and full < half / 10:
            try:
                return DecodedText(data.decode(encoding), encoding)
            except UnicodeDecodeError:
                return None
    return None


def _declared(data: bytes) -> DecodedText | None:
    """Decode an HL7 message that is no UTF-8 as its MSH-18 says; None where it says nothing that is known."""
    begin = data.lstrip(b"\r\n\t \x0b")
    if not begin.startswith(b"MSH") or len(begin) < len(b"MSH|^~"):
        return None
    fields = begin.splitlines()[0].split(begin[3:4])
    # MSH-1 is the separator itself, so field 18 is the one at place 17.
    said = fields[17].decode("ascii", errors="replace") if len(fields) > 17 else ""
    encoding = CHARACTER_SETS.get(said.split("~")[0].strip().upper())
    if encoding is None:
        return None
    try:
        return DecodedText(data.decode(encoding), f"{encoding} (MSH-18)")
    except UnicodeDecodeError:
        return None


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
