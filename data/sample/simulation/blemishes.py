"""What goes wrong in real exports, put into the simulated ones on purpose, each with what must become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simulation.sheets import Place, Row, Sheet

HEADER = ("number", "file", "line", "place", "what", "text", "expected", "reason")


@dataclass(frozen=True, eq=False)
class Blemish:
    """One blemish: where it stands and what must become of it.

    Parameters
    ----------
    sheet, row : Sheet, Row or None
        The file and line; no line when the whole file is meant.
    place : str
        Column or OBX.
    what : str
        What a technician would call it.
    text : str
        As it stands in the file.
    expected : str
        ``result``, ``reject``, ``no_result``, or ``form`` for questionnaires.
    reason : str
        Reject or no_result reason, qc code, or state of the form; empty when nothing is remarked.
    """

    sheet: Sheet
    row: Row | None
    place: str
    what: str
    text: str
    expected: str
    reason: str = ""


@dataclass(eq=False)
class Book:
    """The blemishes made so far, and the results that may still get one."""

    blemishes: list[Blemish] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)

    def pick(
        self,
        sheet: Sheet,
        analyte: str,
        share: float,
        *,
        below: bool = False,
        fits: Callable[[Place], bool] | None = None,
    ) -> Place:
        """Return an untouched result of an analyte, so far down the file; it counts as taken from then on."""
        free = [
            place
            for place in sheet.places
            if place.analyte == analyte
            and place.below == below
            and id(place) not in self.taken
            and (fits is None or fits(place))
        ]
        if not free:
            raise ValueError(f"{sheet.path} has no {analyte} left to put a blemish on; simulate more subjects.")
        chosen = free[int(share * len(free))]
        self.taken.add(id(chosen))
        return chosen

    def note(
        self, sheet: Sheet, row: Row | None, place: str, what: str, text: str, expected: str, reason: str = ""
    ) -> None:
        """Record a blemish."""
        self.blemishes.append(Blemish(sheet, row, place, what, text, expected, reason))

    def put(self, sheet: Sheet, place: Place, text: str, what: str, expected: str, reason: str = "") -> None:
        """Replace a result's text and record it."""
        place.text = text
        self.note(sheet, place.row, column_name(sheet, place), what, text, expected, reason)

    def to_sheet(self) -> Sheet:
        """Return the list of blemishes as a file; lines are counted now that all of them are in place."""
        sheet = Sheet("blemishes.csv")
        sheet.add(*HEADER)
        for number, made in enumerate(self.blemishes, 1):
            line = "" if made.row is None else str(made.sheet.line_of(made.row))
            sheet.add(str(number), made.sheet.path, line, made.place, made.what, made.text, made.expected, made.reason)
        return sheet


def column_name(sheet: Sheet, place: Place) -> str:
    """Return the header above a result of a wide table, or what the field is called in the others."""
    if not sheet.quoted:
        return "OBX-5"
    for row in sheet.rows[:5]:
        if row.cells[0] in ("subject_id", "Proben-ID"):
            return row.cells[place.column]
    raise ValueError(f"{sheet.path} has no header.")
