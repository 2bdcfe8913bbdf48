"""A profile in TOML as it is proposed: what was told from the file is written, what is open stands as a comment."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from recal_labs.ingest.column_evidence import forms_of, marks_of
from recal_labs.ingest.column_guess import UNUSED, ColumnGuess
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.likely_table import LikelyTable
from recal_labs.ingest.profiles import Profile

HEAD = (
    "# Proposed by recal-labs inspect. Look through it: what is only a guess says so, and what is open",
    "# stands behind a # for you to fill in. docs/profiles.md explains every key.",
)
DATES = ("collected_at", "reported_at")
# Without these a row is no result, or its amount is not comparable.
WANTED = ("subject_id", "analyte", "value", "unit")


@dataclass(frozen=True)
class OpenName:
    """A name that no catalogue entry decides: what it is near to, or may mean."""

    name: str
    count: int
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Told:
    """What is known of a table besides its columns.

    Parameters
    ----------
    extends : Profile
        The shipped profile that the proposed one stands on.
    layout : {"long", "wide"}
    specimen, unit : str
        Of every result; empty where that is not known.
    seen_specimen : str
        A specimen that the lines above the table name; it is only a comment.
    unknown : tuple of OpenName
    unitless : tuple of str
        Names without a unit. Both are written as comments.
    """

    extends: Profile
    layout: str
    specimen: str = ""
    unit: str = ""
    seen_specimen: str = ""
    unknown: tuple[OpenName, ...] = ()
    unitless: tuple[str, ...] = ()


def toml_text(text: str) -> str:
    r"""Return a text as TOML writes it, on one line, whatever is in it.

    Examples
    --------
    >>> print(toml_text('NE "free"\n'))
    "NE \"free\"\n"
    """
    sound = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(sound, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(words: Iterable[str]) -> str:
    return "[" + ", ".join(map(toml_text, words)) + "]"


def _value_texts(table: LikelyTable, guesses: Sequence[ColumnGuess], layout: str) -> list[str]:
    field = "value" if layout == "long" else "analyte"
    return [text for guess in guesses if guess.field == field for text in table.cells(guess.number)]


def _text_lines(table: LikelyTable, guesses: Sequence[ColumnGuess], layout: str) -> Iterator[str]:
    texts = _value_texts(table, guesses, layout)
    marks, shown = marks_of(texts)
    yield "[text]"
    if table.delimiter:
        yield f"delimiter = {toml_text(table.delimiter)}"
    if shown == "both":
        yield "# Some numbers have a decimal point, some a decimal comma: say which of them is meant."
        yield 'decimal = "."'
    elif shown == "neither":
        yield "# No number of the file tells its decimal mark."
        yield 'decimal = "."'
        yield '# thousands = ","'
    else:
        yield f"decimal = {toml_text(marks.decimal)}"
        if any(marks.thousands in text for text in texts):
            yield f"thousands = {toml_text(marks.thousands)}"


def _date_lines(table: LikelyTable, guesses: Sequence[ColumnGuess]) -> Iterator[str]:
    forms: dict[str, None] = {}
    undecided: list[str] = []
    for guess in guesses:
        if guess.field in DATES:
            read, left = forms_of(table.cells(guess.number))
            forms |= dict.fromkeys(read)
            undecided += left
    if not forms and not undecided:
        return
    yield "[dates]"
    if forms:
        yield f"formats = {_texts(forms)}"
    if undecided:
        mark = next(mark for mark in "/-" if mark in undecided[0])
        year = "%Y" if len(undecided[0].split(mark)[2].split()[0]) == 4 else "%y"
        day, month = (mark.join((*pair, year)) for pair in (("%d", "%m"), ("%m", "%d")))
        yield f"# Of {toml_text(undecided[0])} nothing tells whether the day or the month stands first. One of these:"
        yield f"# formats = {_texts([*forms, day])}"
        yield f"# formats = {_texts([*forms, month])}"


def _claimed(guesses: Sequence[ColumnGuess], extends: Profile, used: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the fields that the parent's spellings would find in a column that is something else, with its name."""
    names = {fold_label(guess.name): guess.name for guess in guesses if guess.name}
    for field, words in extends.columns.items():
        hits = [names[fold_label(word)] for word in words if fold_label(word) in names]
        if hits and field not in used:
            yield field, hits[0]


def _column_lines(guesses: Sequence[ColumnGuess], told: Told) -> Iterator[str]:
    layout = told.layout
    used = [guess for guess in guesses if guess.field and not (layout == "wide" and guess.field == "analyte")]
    yield "[columns]"
    for guess in used:
        yield f"{guess.field} = {toml_text(guess.name)}  # {guess.confidence}"
    for field, name in _claimed(guesses, told.extends, {guess.field for guess in used}):
        yield f"{field} = []  # {toml_text(name)} is not it"
    wanted = [field for field in (WANTED if layout == "long" else WANTED[:1]) if not (field == "unit" and told.unit)]
    for field in wanted:
        if field not in {guess.field for guess in used}:
            yield f'# {field} = ""  # no column was found for it'


def _analyte_lines(unknown: Sequence[OpenName]) -> Iterator[str]:
    if not unknown:
        return
    yield "# Names that the catalogue does not decide: take the # away where one fits, or write another id."
    yield "[analytes]"
    for name in unknown:
        near = name.nearest or ("",)
        yield f"# {toml_text(name.name)} = {toml_text(near[0])}"
        if len(near) > 1:
            yield f"#   or {' or '.join(map(toml_text, near[1:]))}"


def _unit_lines(unitless: Sequence[str]) -> Iterator[str]:
    if not unitless:
        return
    yield "# The file gives no unit for these; one for all of them goes into [defaults] as unit."
    yield "[units]"
    for name in unitless:
        yield f'# {toml_text(name)} = ""'


def _default_lines(guesses: Sequence[ColumnGuess], told: Told) -> Iterator[str]:
    stated = {"unit": told.unit, "specimen": told.specimen}
    if any(stated.values()):
        yield "[defaults]"
        yield from (f"{key} = {toml_text(word)}" for key, word in stated.items() if word)
    if not told.specimen and "specimen" not in {guess.field for guess in guesses}:
        yield "# No column says what kind of specimen it is; without it nothing is read."
        if told.seen_specimen:
            yield f"# Above the table stands {toml_text(told.seen_specimen)}."
        if not told.unit:
            yield "# [defaults]"
        yield f"# specimen = {toml_text(told.seen_specimen or 'urine_24h')}"


def propose_profile(table: LikelyTable, guesses: Sequence[ColumnGuess], told: Told) -> str:
    """Return a profile for a table, as text."""
    layout = told.layout
    top = [*HEAD, f"extends = {toml_text(told.extends.name)}", f"layout = {toml_text(layout)}"]
    left = [guess.name for guess in guesses if guess.confidence == UNUSED and guess.name]
    if layout == "wide" and left:
        top.append(f"ignore = {_texts(dict.fromkeys(left))}")
    blocks = [
        top,
        list(_text_lines(table, guesses, layout)),
        list(_date_lines(table, guesses)),
        list(_column_lines(guesses, told)),
        list(_default_lines(guesses, told)),
        list(_analyte_lines(told.unknown)),
        list(_unit_lines(told.unitless)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"
