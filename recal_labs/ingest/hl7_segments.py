"""HL7 v2 text to messages and fields: separators from each message itself, any line end, batches or none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

# A header or trailer brings its own separator; every other segment is told by its name and the separator in force. A
# line that is neither continues the one before: a newline was written into a text.
_HEADER = re.compile(r"^(?:MSH|[FB][HT]S)[^\w\s]", re.IGNORECASE)
_NAME = re.compile(r"^[A-Z][A-Z0-9]{2}$")
# Names that are also known in small letters, or without any field.
_COMMON = frozenset(
    {
        "MSH",
        "FHS",
        "BHS",
        "BTS",
        "FTS",
        "PID",
        "PV1",
        "PV2",
        "NK1",
        "SFT",
        "ORC",
        "OBR",
        "OBX",
        "NTE",
        "SPM",
        "TQ1",
        "DSC",
    }
)
_BATCH = frozenset({"FHS", "BHS", "BTS", "FTS"})
# Start and end of a block when messages were caught on the wire (MLLP).
_FRAMES = {0x0B: None, 0x1C: None}


class Separators(NamedTuple):
    """The separators a message declares in MSH-1 and MSH-2; an absent escape or subcomponent mark is empty."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"


@dataclass(frozen=True)
class Segment:
    """One segment: its name, its fields (fields[3] is field 3), and its line in the file from 1.

    An observation that stands inside another segment, because a line end was lost, names that segment in ``inside``.
    """

    name: str
    fields: tuple[str, ...]
    line: int
    inside: str = ""

    def __getitem__(self, number: int) -> str:
        try:
            return self.fields[number]
        except IndexError:
            return ""


@dataclass(frozen=True)
class Message:
    """A message; number 0 holds segments that stand before any MSH."""

    number: int
    separators: Separators
    segments: list[Segment] = field(default_factory=list)


def looks_like_hl7(text: str) -> bool:
    r"""Tell whether a text begins like HL7 v2.

    Examples
    --------
    >>> looks_like_hl7("MSH|^~\\&|LAB|"), looks_like_hl7("patient,analyte")
    (True, False)
    """
    return re.match(r"^\s*(MSH|FHS|BHS)\W[^\w\s]{2,}", text.lstrip("\ufeff"), re.IGNORECASE) is not None


def read_separators(msh: str) -> Separators:
    r"""Return the separators of an MSH line; MSH-2 may hold two to five characters.

    Three characters are component, repetition and either the escape, when the third is a backslash, or subcomponent.
    An MSH-2 of fewer than two characters declares nothing, so the recommended separators hold.

    Examples
    --------
    >>> read_separators("MSH|^~&|LAB").escape, read_separators("MSH|^~\\&#|LAB").subcomponent
    ('', '&')
    """
    mark = msh[3:4] or "|"
    encoding = msh[4:].split(mark, 1)[0]
    if len(encoding) < 2:
        return Separators(mark)
    if len(encoding) == 3 and encoding[2] != "\\":
        return Separators(mark, encoding[0], encoding[1], "", encoding[2])
    return Separators(mark, encoding[0], encoding[1], encoding[2:3], encoding[3:4])


def _begins_segment(line: str, mark: str) -> bool:
    name, after = line[:3], line[3:4]
    if _HEADER.match(line):
        return True
    return after in ("", mark) and (name.upper() in _COMMON or (after == mark and _NAME.match(name) is not None))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield logical lines with the line they begin on; a newline inside a text belongs to its segment."""
    # Parts of one segment: a text of thousands of lines is put together once, not once a line.
    held: list[str] = []
    begin, mark = 0, "|"
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_FRAMES)
    for number, line in enumerate(plain.split("\n"), 1):
        stripped = line.lstrip("\ufeff\t ")
        if _begins_segment(stripped, mark):
            if begin:
                yield begin, "\n".join(held)
            held, begin = [stripped], number
            mark = stripped[3] if _HEADER.match(stripped) else mark
        elif line.strip():
            held.append(line if begin else stripped)
            begin = begin or number
    if begin:
        yield begin, "\n".join(held)


@lru_cache(maxsize=16)
def _glued(mark: str) -> re.Pattern[str]:
    """Return what begins an observation inside another segment: OBX|1|NM|."""
    bar = re.escape(mark)
    return re.compile(rf"(?<!^)OBX(?={bar}\d{{0,4}}{bar}[A-Z]{{2,3}}{bar})")


def _segments(content: str, marks: Separators, line: int) -> Iterator[Segment]:
    """Yield a line's segment, and after it the observations that were glued to it by a lost line end."""
    if content[:3] != "MSH" and content.find("OBX", 3) < 0:
        # Nearly every line: one segment, and nothing glued to it.
        yield Segment(content[:3].upper(), tuple(content.split(marks.field)), line)
        return
    starts = [0, *(found.start() for found in _glued(marks.field).finditer(content)), len(content)]
    outer = content[:3].upper()
    for begin, end in pairwise(starts):
        fields = content[begin:end].split(marks.field)
        if begin == 0 and outer == "MSH":
            # MSH-1 is the separator itself, so the fields of MSH are counted from there.
            fields = ["MSH", marks.field, *content[4:end].split(marks.field)]
        yield Segment(outer if begin == 0 else "OBX", tuple(fields), line, "" if begin == 0 else outer)


def split_messages(text: str) -> list[Message]:
    """Split a text into messages; batch headers and trailers are passed over."""
    messages = [Message(0, Separators())]
    for line, content in _lines(text):
        name = content[:3].upper()
        if name in _BATCH:
            continue
        if name == "MSH":
            marks = read_separators(content)
            messages.append(Message(len(messages), marks))
        current = messages[-1]
        current.segments.extend(_segments(content, current.separators, line))
    return [message for message in messages if message.segments]


@lru_cache(maxsize=16)
def _escaped(mark: str) -> re.Pattern[str]:
    inner = re.escape(mark)
    return re.compile(rf"{inner}([^{inner}\r\n]{{0,200}}){inner}")


# Formatting moves the text but is not part of it; highlighting and switches of the character set print nothing.
_LAYOUT = re.compile(r"\.(?:sp|in|ti|fi|nf|ce|sk)[+-]?\d*")
_SILENT = re.compile(r"H|N|C[0-9A-Fa-f]{4}|M[0-9A-Fa-f]{4,6}")
_HEX = re.compile(r"X((?:[0-9A-Fa-f]{2})+)")


def _bytes_to_text(data: bytes) -> str:
    """Decode escaped bytes as files are decoded: strict UTF-8, then Windows-1252."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def unescape(text: str, marks: Separators) -> str:
    r"""Put back what was escaped; formatting commands become spaces or line breaks, unknown ones are left as they are.

    Examples
    --------
    >>> unescape("mg\\F\\dL \\T\\ more\\.br\\next", Separators())
    'mg|dL & more\nnext'
    """
    if not marks.escape or marks.escape not in text:
        return text
    plain = {
        "F": marks.field,
        "S": marks.component,
        "T": marks.subcomponent or "&",
        "R": marks.repetition,
        "E": marks.escape,
    }

    def back(found: re.Match[str]) -> str:
        code = found.group(1)
        if code in plain:
            return plain[code]
        if code == ".br":
            return "\n"
        if hexadecimal := _HEX.fullmatch(code):
            return _bytes_to_text(bytes.fromhex(hexadecimal.group(1)))
        if _LAYOUT.fullmatch(code):
            return " "
        return "" if _SILENT.fullmatch(code) else found.group(0)

    return _escaped(marks.escape).sub(back, text)


def is_null(text: str) -> bool:
    """Tell whether a field holds nothing: empty, or the explicit null of HL7, two quotation marks."""
    return not text or text.strip() in ("", '""')


def component(text: str, number: int, marks: Separators) -> str:
    """Return component `number` (from 1) of a field, unescaped; empty where there is none or it is null."""
    parts = text.split(marks.component)
    if number > len(parts) or is_null(parts[number - 1]):
        return ""
    return unescape(parts[number - 1], marks).strip()


def subcomponent(text: str, number: int, marks: Separators) -> str:
    """Return subcomponent `number` (from 1) of a component that was not unescaped yet."""
    parts = text.split(marks.subcomponent) if marks.subcomponent else [text]
    if number > len(parts) or is_null(parts[number - 1]):
        return ""
    return unescape(parts[number - 1], marks).strip()
