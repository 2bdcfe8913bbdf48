"""FHIR text to JSON: one document, a list, or one resource a line; numbers stay the text that was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from recal_labs.errors import FileProblem

EXPECTED = "a FHIR Bundle, a resource, a list of them, or one resource a line"
# JSON as a parser gives it: what a key holds is not known before it is looked at.
Json = Any

_MARK = re.compile("\ufeff*")
_MARGIN = re.compile(r"[\ufeff\s]*")
_BEGINS = re.compile(r"[\ufeff\s]*[{\[]")
_TOO_DEEP = "it is nested deeper than any FHIR resource"
# Of a line that cannot be read, as much as a person needs to find it.
_RAW = 200


class Broken(NamedTuple):
    """A part of the text that is no JSON."""

    detail: str
    raw: str


def looks_like_fhir(text: str) -> bool:
    """Tell whether a text is JSON that speaks of FHIR resources.

    Examples
    --------
    >>> looks_like_fhir('[{"resourceType": "Observation"}]'), looks_like_fhir('{"datasetJSONVersion": "1.1.0"}')
    (True, False)
    """
    return _BEGINS.match(text) is not None and '"resourceType"' in text


class Doubled:
    """Objects in which a key stands twice.

    Of such a key JSON keeps the last value: the first, which may be a result, would be lost without a word.
    """

    def __init__(self) -> None:
        self._found: dict[int, tuple[Json, str]] = {}

    def __len__(self) -> int:
        return len(self._found)

    def clear(self) -> None:
        """Forget what was found so far."""
        self._found.clear()

    def key_in(self, node: Json) -> str | None:
        """Return the key that stands twice in an object."""
        _, key = self._found.get(id(node), (None, None))
        return key

    def once(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        """Make an object of its pairs, as a decoder's hook."""
        made = dict(pairs)
        if len(made) != len(pairs):
            # The object is held, for only as long does its id belong to it.
            self._found[id(made)] = made, _first_again(key for key, _ in pairs)
        return made


def _first_again(keys: Iterable[str]) -> str:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    return ""


def make_decoder(doubled: Doubled | None = None) -> json.JSONDecoder:
    """Return a decoder that keeps numbers as text and, if asked, collects objects in which a key stands twice.

    As text a number keeps its zeros at the end (0.50), is exact, and may have any number of digits.

    Examples
    --------
    >>> doubled = Doubled()
    >>> node = make_decoder(doubled).decode('{"value": 0.50, "low": 6.022e23, "low": NaN}')
    >>> node, doubled.key_in(node)
    ({'value': '0.50', 'low': 'NaN'}, 'low')
    """
    return json.JSONDecoder(
        object_pairs_hook=None if doubled is None else doubled.once,
        parse_float=str,
        parse_int=str,
        parse_constant=str,
        strict=False,
    )


def read_documents(text: str, name: str, doubled: Doubled) -> Iterator[tuple[int, str, Json]]:
    """Yield each JSON document of a text with its line and its place; both are empty for the one of a whole text.

    Parameters
    ----------
    text : str
    name : str
        What the file is called in messages.
    doubled : Doubled
        Holds what was found in the document that was yielded last.

    Yields
    ------
    tuple of int, str, and JSON or Broken

    Raises
    ------
    FileProblem
        When the text is one document that is no JSON.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    decoder = make_decoder(doubled)
    begin = _end_of(_MARGIN, text, 0)
    try:
        first, end = decoder.raw_decode(text, begin)
    except (ValueError, RecursionError) as err:
        if not _is_line_by_line(text):
            raise _no_json(err, name) from err
        yield from _lines(text, doubled)
        return
    rest = _end_of(_MARGIN, text, end)
    if rest == len(text):
        yield 0, "", first
    elif "\n" in text[end:rest] and "\n" not in text[begin:end]:
        yield from _lines(text, doubled)
    else:
        yield from _one_after_another(text, begin, doubled)


def _end_of(pattern: re.Pattern[str], text: str, begin: int) -> int:
    found = pattern.match(text, begin)
    return found.end() if found else begin


def _is_line_by_line(text: str) -> bool:
    """Tell whether a text whose beginning is broken is one resource a line: most of its lines are whole objects."""
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    return len(lines) > 1 and 2 * sum(line[0] == "{" and line[-1] == "}" for line in lines) >= len(lines)


def _no_json(err: ValueError | RecursionError, name: str) -> FileProblem:
    if isinstance(err, json.JSONDecodeError):
        found = f"it is no JSON from line {err.lineno}, column {err.colno} on ({err.msg})"
        return FileProblem(name, found, EXPECTED, "it may be cut off: ask for the file anew")
    return FileProblem(name, _TOO_DEEP, EXPECTED, "ask the sender for the file anew")


def _broken(err: ValueError | RecursionError, text: str) -> Broken:
    why = f"{err.msg} at column {err.colno}" if isinstance(err, json.JSONDecodeError) else _TOO_DEEP
    return Broken(f"This is no JSON ({why}); ask the sender for it anew", text.strip()[:_RAW])


def _may_hide_a_value(line: str) -> bool:
    """Tell whether a line has more than one quantity for a value, so that one of them may hide another.

    To look for keys that stand twice doubles the time of reading, and most lines have one value.
    """
    return line.count('"valueQuantity"') > 1


def _cut(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, one at a time: a file of them would stand in memory twice.

    Only a line feed ends a line: what else Python takes for a line end may stand inside a string.
    """
    begin, number = _end_of(_MARK, text, 0), 1
    while (end := text.find("\n", begin)) >= 0:
        yield number, text[begin:end]
        begin, number = end + 1, number + 1
    yield number, text[begin:]


def _lines(text: str, doubled: Doubled) -> Iterator[tuple[int, str, Json]]:
    quick, careful = make_decoder(), make_decoder(doubled)
    for number, line in _cut(text):
        doubled.clear()
        try:
            node, end = (careful if _may_hide_a_value(line) else quick).raw_decode(line)
            if end != len(line):
                node = careful.decode(line)
            yield number, f"line {number}", node
        except (ValueError, RecursionError) as err:
            if line.strip():
                yield number, f"line {number}", _broken(err, line)


def _one_after_another(text: str, begin: int, doubled: Doubled) -> Iterator[tuple[int, str, Json]]:
    """Yield documents that follow each other without a line for each; what comes after a broken one is part of it."""
    decoder = make_decoder(doubled)
    line, counted, index = 1, 0, 0
    while begin < len(text):
        doubled.clear()
        line, counted = line + text.count("\n", counted, begin), begin
        try:
            node, end = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError) as err:
            yield line, f"item[{index}]", _broken(err, text[begin : begin + 10 * _RAW])
            return
        yield line, f"item[{index}]", node
        begin, index = _end_of(_MARGIN, text, end), index + 1
