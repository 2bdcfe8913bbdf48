"""Which UCUM code a lab's spelling of a unit stands for: whole spellings from a list, the rest put together from parts.

The parts are rows of ``unit_parts.csv``: what an amount is called, how "per" is written, what it is per, and how labs
write creatinine. ``units.csv`` lists what is not made of parts. Nothing is guessed: a spelling that two readings fit is
none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from recal_labs.catalogue.names import fold_unit, tidy_unit

AMOUNT, OF_CREATININE, PER, DENOMINATOR, SUFFIX = "amount", "of_creatinine", "per", "denominator", "suffix"
CREATININE, FORM = "creatinine", "creatinine_form"
PARTS = frozenset({AMOUNT, OF_CREATININE, PER, DENOMINATOR, SUFFIX, CREATININE, FORM})
# Stands in a form for the word that means creatinine.
WORD = "*"
CREATININE_MARK = "{creat}"
AS_WRITTEN = "as_written"

# Longer texts are remarks that slipped into the column; nobody spells a unit so.
LONGEST = 64

# UCUM's mega and peta. In capitals throughout (MG, MMOL) the case says nothing; before a small g, mol, eq or l it does.
_MEGA_OR_PETA = re.compile(
    r"(?<![A-Za-z])([MP])(?:g|gm|mol|eq|l)(?=$|[^a-z]|cr|kr|of|de|di|per|pro|je)",
)


@dataclass(frozen=True)
class ListedUnit:
    """A row of units.csv: a whole spelling, its code, and the one analyte it is good for, if so."""

    spelling: str
    ucum: str
    only_for: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False)
class UnitSpellings:
    """Every way to spell a unit that the catalogue knows.

    Parameters
    ----------
    folded : mapping of folded spelling to ListedUnit
        Whole spellings, compared without case.
    as_written : mapping of tidy spelling to ListedUnit
        Whole spellings whose case counts; they are asked first.
    parts : mapping of part to (mapping of folded spelling to UCUM)
    """

    folded: Mapping[str, ListedUnit] = field(default_factory=dict)
    as_written: Mapping[str, ListedUnit] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def find(self, text: str, analyte_id: str = "") -> str | None:
        """Return the UCUM code of a spelling, or None.

        Parameters
        ----------
        text : str
        analyte_id : str
            Needed for a spelling that is good for one analyte only, such as ``mEq/L`` of sodium.
        """
        if len(text) > LONGEST:
            return None
        tidy, folded = tidy_unit(text), fold_unit(text)
        if listed := self.as_written.get(tidy):
            return listed.ucum
        if _MEGA_OR_PETA.search(tidy):
            return None
        if listed := self.folded.get(folded):
            return listed.ucum if listed.only_for in ("", analyte_id) else None
        return self.compose(folded)

    def compose(self, folded: str) -> str | None:
        """Return the code of a folded spelling that is made of parts; None when none or several readings fit."""
        found = set(self._readings(folded))
        return found.pop() if len(found) == 1 else None

    def remark(self, text: str) -> str:
        """Return what a person should know of a spelling that is not taken; empty when there is nothing to say.

        Examples
        --------
        >>> from recal_labs.catalogue import load_catalogue
        >>> load_catalogue().spellings.remark("Mmol/L")
        'a capital M before a small letter is mega; write it small, or all of it in capitals, if milli is meant'
        """
        if len(text) > LONGEST:
            return ""
        tidy = tidy_unit(text)
        listed = self.as_written.get(tidy)
        if listed is None and (found := _MEGA_OR_PETA.search(tidy)):
            meant, other = ("mega", "milli") if found[1] == "M" else ("peta", "pico")
            return (
                f"a capital {found[1]} before a small letter is {meant}; write it small, or all of it in capitals, "
                f"if {other} is meant"
            )
        listed = listed or self.folded.get(fold_unit(text))
        if listed and listed.only_for:
            return f"it is known for {listed.only_for} only: {listed.note}"
        return listed.note if listed else ""

    def codes(self) -> tuple[str, ...]:
        """Return every code that a spelling may stand for, sorted."""
        tops = set(self._of(AMOUNT).values())
        bottoms = {*self._of(DENOMINATOR).values(), *self._of(SUFFIX).values()}
        for amount in self._of(OF_CREATININE).values():
            bottoms |= {amount, amount + CREATININE_MARK}
        made = {f"{top}/{bottom}" for top in tops for bottom in bottoms}
        return tuple(sorted(made | {u.ucum for u in (*self.folded.values(), *self.as_written.values())}))

    def _of(self, part: str) -> Mapping[str, str]:
        return self.parts.get(part, {})

    def _readings(self, folded: str) -> Iterator[str]:
        for top, rest in _without(self._of(AMOUNT), folded):
            if bottom := self._of(SUFFIX).get(rest):
                yield f"{top}/{bottom}"
            for _, below in _without(self._of(PER), rest):
                for bottom in self._bottoms(below):
                    yield f"{top}/{bottom}"

    def _bottoms(self, text: str) -> Iterator[str]:
        if bottom := self._of(DENOMINATOR).get(text):
            yield bottom
        for amount, rest in _without(self._of(OF_CREATININE), text):
            # Without creatinine it is a fraction of something unstated: that is for a profile to say.
            if not rest:
                yield amount
            elif self._is_creatinine(rest):
                yield amount + CREATININE_MARK

    def _is_creatinine(self, text: str) -> bool:
        words = self._of(CREATININE)
        for form in self._of(FORM):
            before, _, after = form.partition(WORD)
            if text.startswith(before) and text.endswith(after) and text[len(before) : len(text) - len(after)] in words:
                return True
        return False


def _without(part: Mapping[str, str], text: str) -> Iterator[tuple[str, str]]:
    """Yield the code of each spelling that a text begins with, and what is left of the text."""
    for spelling, code in part.items():
        if text.startswith(spelling):
            yield code, text[len(spelling) :]


def read_spellings(units: Iterable[Mapping[str, str]], parts: Iterable[Mapping[str, str]]) -> UnitSpellings:
    """Make the spellings from the rows of units.csv and unit_parts.csv."""
    folded: dict[str, ListedUnit] = {}
    as_written: dict[str, ListedUnit] = {}
    for row in units:
        listed = ListedUnit(row["spelling"], row["ucum"], row["only_for"], row["note"])
        if row["case"] == AS_WRITTEN:
            as_written[tidy_unit(row["spelling"])] = listed
        else:
            folded[fold_unit(row["spelling"])] = listed
    for listed in [*folded.values(), *as_written.values()]:
        # A code is a spelling of itself, in its own letters only.
        as_written.setdefault(tidy_unit(listed.ucum), ListedUnit(listed.ucum, listed.ucum))
    made: dict[str, dict[str, str]] = {}
    for row in parts:
        for part in row["part"].split("|"):
            made.setdefault(part, {})[fold_unit(row["spelling"])] = row["ucum"]
    return UnitSpellings(folded, as_written, made)
