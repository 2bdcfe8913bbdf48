"""HL7 v2 text to messages and fields: separators from each message itself, any line end, batches or none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# A segment begins with three capitals or digits and the field separator; anything else continues the line before.
_SEGMENT = re.compile(r"^[A-Z][A-Z0-9]{2}(?:\W|$)")
_BATCH = frozenset({"FHS", "BHS", "BTS", "FTS"})
_ESCAPE = re.compile(r"\\([^\\\r\n]{0,40})\\")


@dataclass(frozen=True)
class Separators:
    """The separators a message declares in MSH-1 and MSH-2; an absent escape or subcomponent mark is empty."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"


@dataclass(frozen=True)
class Segment:
    """One segment: its name, its fields (fields[3] is field 3), and its line in the file from 1."""

    name: str
    fields: tuple[str, ...]
    line: int

    def __getitem__(self, number: int) -> str:
        return self.fields[number] if number < len(self.fields) else ""


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
    return re.match(r"^\s*(MSH|FHS|BHS)\W[^\w\s]{2,}", text.lstrip("\ufeff")) is not None


def read_separators(msh: str) -> Separators:
    r"""Return the separators of an MSH line; MSH-2 may hold two to five characters.

    Three characters are seen as component, repetition and subcomponent, without an escape character.

    Examples
    --------
    >>> read_separators("MSH|^~&|LAB").escape, read_separators("MSH|^~\\&#|LAB").subcomponent
    ('', '&')
    """
    mark = msh[3:4] or "|"
    encoding = msh[4:].split(mark, 1)[0]
    component, repetition = (encoding[0], encoding[1]) if len(encoding) >= 2 else ("^", "~")
    if len(encoding) == 3:
        return Separators(mark, component, repetition, "", encoding[2])
    return Separators(mark, component, repetition, encoding[2:3], encoding[3:4])


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield logical lines with the line they begin on; a newline inside a text belongs to its segment."""
    held, begin = "", 0
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        stripped = line.lstrip("\ufeff\t ")
        if _SEGMENT.match(stripped):
            if begin:
                yield begin, held
            held, begin = stripped, number
        elif line.strip():
            held, begin = (f"{held}\n{line}", begin) if begin else (stripped, number)
    if begin:
        yield begin, held


def split_messages(text: str) -> list[Message]:
    """Split a text into messages; batch headers and trailers are passed over."""
    messages = [Message(0, Separators())]
    for line, content in _lines(text):
        name = content[:3]
        if name in _BATCH:
            continue
        if name == "MSH":
            marks = read_separators(content)
            # MSH-1 is the separator itself, so the fields of MSH are counted from there.
            fields = ("MSH", marks.field, *content[4:].split(marks.field))
            messages.append(Message(len(messages), marks, [Segment(name, fields, line)]))
            continue
        current = messages[-1]
        current.segments.append(Segment(name, tuple(content.split(current.separators.field)), line))
    return [message for message in messages if message.segments]


def unescape(text: str, marks: Separators) -> str:
    r"""Put back what was escaped; formatting commands become spaces or line breaks, unknown ones are left as they are.

    Examples
    --------
    >>> unescape("mg\\F\\dL \\T\\ more\\.br\\next", Separators())
    'mg|dL & more\nnext'
    """
    if not marks.escape or marks.escape not in text:
        return text
    if marks.escape != "\\":
        text = text.replace(marks.escape, "\\")
    plain = {"F": marks.field, "S": marks.component, "T": marks.subcomponent or "&", "R": marks.repetition, "E": "\\"}

    def back(found: re.Match[str]) -> str:
        code = found.group(1)
        if code in plain:
            return plain[code]
        if code.startswith("X") and re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", code):
            return bytes.fromhex(code[1:]).decode("cp1252", errors="replace")
        if code.startswith(".br"):
            return "\n"
        # Other formatting (.sp .in .ce ...) and highlighting (H, N) carry no text; character set switches neither.
        return " " if code.startswith((".", "H", "N", "C", "M")) else found.group(0)

    return _ESCAPE.sub(back, text)


def component(text: str, number: int, marks: Separators) -> str:
    """Return component `number` (from 1) of a field, unescaped."""
    parts = text.split(marks.component)
    return unescape(parts[number - 1], marks).strip() if number <= len(parts) else ""
