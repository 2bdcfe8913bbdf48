"""Which words of a lab may stay: those that a list knows. Everything else may be somebody's name, and goes.

Nothing here looks for names, addresses or numbers of people; no pattern finds them all. A word is kept because the
catalogue, the profile or a short list of laboratory words holds it, and a number where a number must stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from recal_labs.catalogue import Catalogue, fold_name, fold_unit, fold_word, suggest
from recal_labs.columns import TABLES
from recal_labs.ingest.fhir import PLACE as FHIR_PLACE
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.names import resolve_name
from recal_labs.ingest.profiles import Profile
from recal_labs.ingest.wide import split_header

# Stands where a word was taken out.
WITHHELD = "withheld"

_NUMBER = r"(?:[0-9]+(?:[.,][0-9]+)?|[0-9]{1,3}(?:[.,' ’][0-9]{3})+(?:[.,][0-9]+)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,2})?"
_SIGN = r"(?:<=|>=|=<|=>|≤|≥|<|>|=)?"
_MARK = r"(?:\(?(?:HH|LL|H|L|N|A)\)?|[*!#†‡]{1,3})?"
# A result's text that is nothing but sign, number, spread and mark; also the pattern of Polars, so no look-around.
PLAIN_VALUE = rf"^{_SIGN}\s*[+-]?{_NUMBER}(?:\s*(?:±|\+/-)\s*{_NUMBER}\s*%?)?\s*{_MARK}$"
_plain_value = re.compile(PLAIN_VALUE[:-1] + r"\Z")
# Of 100: two spellings this much alike differ in a letter or two. What is less alike may be a name, and is not told.
NEARLY = 85
# Ids, telephone numbers and dates without marks have more digits than amounts in a refused row need.
MOST_DIGITS = 7
_date = re.compile(r"(?<![0-9])[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}(?![0-9])")
_number, _word = re.compile(r"[0-9]+(?:[.,'][0-9]+)*"), re.compile(r"[^\W\d_]+")
_range_marks = re.compile(r"[\s<>≤≥=^_()\[\]:;.,–—−+-]*")


def listed(*lines: str) -> frozenset[str]:
    """Return the words of a list that is written with spaces between."""
    return frozenset(" ".join(lines).split())


RANGE_WORDS = listed(
    "to bis à tot up below under above over from y yr yrs year years jahr jahre j an ans jaar mo month months monat",
    "monate m f male female men women ref range normal optimal target",
)
# HL7 table 0078 (terminology.hl7.org/ValueSet/v2-0078), the words and marks that labs print for it, and the comment
# codes of surveys.
FLAGS = listed(
    "< > a aa ac b c cc d dd det h hh hm hu i ie ind l ll lu ms n nd neg nr ns null pos r rr s sdd tox u uu vs w wr",
    "high low normal abnormal critical panic * ** *** ! + ++ - -- # † ‡ 0 1 2 3 4 5 6 7 8 9",
)
METHOD_WORDS = listed(
    "hplc uplc uhplc lc gc ms msms hrms qqq tof ed ecd fld uv dad elisa eia ria cia clia fia ise jaffe enzymatic",
    "colorimetric colourimetric kinetic immunoassay fluorimetric fluorometric refractometry dipstick mass tandem",
    "spectrometry liquid gas chromatography electrochemical fluorescence detection and with by",
)
_PLACES = tuple(
    re.compile(pattern)
    for pattern in (r"row [0-9]+", r"msg [0-9]+ OBX [0-9]+(?: rep [0-9]+)?", FHIR_PLACE, r"whole file", r"q[0-9]{1,3}")
)
PLAIN_PLACE = rf"^(?:row [0-9]+|msg [0-9]+ OBX [0-9]+(?: rep [0-9]+)?|{FHIR_PLACE})$"
_CELL, _SHEET = re.compile(r"(row [0-9]+ column )(.*)", re.DOTALL), re.compile(r"(.*)(![A-Z]{1,3}[0-9]+)", re.DOTALL)
_AGAIN = re.compile(r"(.*)( \(number [0-9]+\))", re.DOTALL)
_NAMELESS = re.compile(r"number [0-9]+")
_OURS = frozenset(column.name for table in TABLES.values() for column in table.columns)


def few_digits(text: str) -> bool:
    """Whether a text has no more digits than an amount."""
    return sum(letter.isdigit() for letter in text) <= MOST_DIGITS


@dataclass(frozen=True, eq=False)
class KnownWords:
    """The words that are known not to be anybody's.

    Parameters
    ----------
    catalogue : Catalogue
    profiles : sequence of Profile
        Those that may have read the file; a spelling that one of them declares is known.
    """

    catalogue: Catalogue
    profiles: Sequence[Profile] = ()
    _seen: dict[tuple[str, str], bool] = field(default_factory=dict)

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset(" ".join(name.split()).casefold() for one in self.profiles for name in one.analytes)

    @cached_property
    def _labels(self) -> frozenset[str]:
        return frozenset(fold_label(name) for one in self.profiles for name in one.analytes)

    @cached_property
    def _missing(self) -> frozenset[str]:
        return frozenset(fold_word(word) for one in self.profiles for word in one.missing)

    def analyte(self, text: str) -> bool:
        """Whether a text is a spelling of an analyte, be it one that means several."""
        return self._once("analyte", text, self._is_analyte)

    def _is_analyte(self, text: str) -> bool:
        if " ".join(text.split()).casefold() in self._declared:
            return True
        # Letters and digits that the comparison of names passes over could say anything.
        if any(letter.isalnum() and not fold_name(letter) for letter in text):
            return False
        if fold_label(text) in self._labels:
            return True
        return resolve_name(text, None, Profile(name=""), self.catalogue).reason != "unknown_analyte"

    def analyte_id(self, text: str) -> str:
        """Return the analyte that the catalogue knows by a name; empty when it knows none."""
        return resolve_name(text, None, Profile(name=""), self.catalogue).analyte_id or ""

    def nearly(self, text: str) -> tuple[str, ...]:
        """Return the names of the catalogue that a text is a slip of the pen from; of any other it says nothing."""
        from rapidfuzz import fuzz

        near = self.catalogue.suggest(text, 3)
        return tuple(name for name in near if fuzz.ratio(fold_name(text), fold_name(name)) >= NEARLY)

    def nearly_unit(self, text: str) -> tuple[str, ...]:
        """Return the codes of units that a text is a slip of the pen from; of any other it says nothing."""
        from rapidfuzz import fuzz

        near = suggest(text, sorted(set(self.catalogue.units.values())))
        return tuple(code for code in near if fuzz.ratio(fold_unit(text), fold_unit(code)) >= NEARLY)

    def unit(self, text: str, analyte_id: str = "") -> bool:
        """Whether a text is a spelling of a unit."""
        return self._once(
            f"unit {analyte_id}", text, lambda word: self.catalogue.find_unit(word, analyte_id) is not None
        )

    def value(self, text: str) -> bool:
        """Whether a text is an amount, or a word that the catalogue or a profile has in the place of one."""
        if _plain_value.match(text):
            return few_digits(text)
        folded = fold_word(text)
        return folded in self.catalogue.words or folded in self._missing

    def printed_range(self, text: str) -> bool:
        """Whether a text holds limits, units and words of ranges, and nothing else."""
        return self._once("range", text, self._is_range)

    def _is_range(self, text: str) -> bool:
        if _date.search(text):
            return False
        rest = text
        for number in _number.findall(text):
            # No limit begins with a zero and another digit; a telephone number may.
            if not few_digits(number) or re.match(r"0[0-9]", number):
                return False
            rest = rest.replace(number, " ", 1)
        if all(word.casefold() in RANGE_WORDS for word in _word.findall(rest)):
            return _range_marks.fullmatch(_word.sub("", rest)) is not None
        # A unit behind the limits: 2.0 - 8.0 mg/g creat
        unit = rest.lstrip(" <>≤≥=^_()[]:;.,–—−+-").strip()
        return unit in text and self.unit(unit)

    def flag(self, text: str) -> bool:
        """Whether a text is a flag, or several with ``~`` between."""
        return all(part.strip().casefold() in FLAGS for part in text.split("~"))

    def method(self, text: str) -> bool:
        """Whether a text names a method of measurement in words of the field."""
        words = [word for word in re.split(r"[\s/,()+-]+", text.casefold()) if word]
        return bool(words) and all(word in METHOD_WORDS for word in words)

    def label(self, text: str) -> bool:
        """Whether a text is the header of an analyte's column, with or without its unit, or of one of our columns."""
        return self._once("label", text, self._is_label)

    def _is_label(self, text: str) -> bool:
        if _NAMELESS.fullmatch(text) or text in _OURS:
            return True
        name, unit = split_header(text, self.catalogue)
        return self.analyte(name) and (unit is None or self.unit(unit))

    def place(self, text: str, code: Callable[[str], str]) -> str:
        """Return a place inside a file, with a code for every part of it that is not known."""
        if text in _OURS or any(pattern.fullmatch(text) for pattern in _PLACES):
            return text
        if cell := _CELL.fullmatch(text):
            return cell[1] + self.header(cell[2], code)
        if sheet := _SHEET.fullmatch(text):
            return code(sheet[1]) + sheet[2]
        return code(text)

    def header(self, label: str, code: Callable[[str], str]) -> str:
        """Return a column's header, with a code in its place unless it is known."""
        if self.label(label):
            return label
        if again := _AGAIN.fullmatch(label):
            return (again[1] if self.label(again[1]) else code(again[1])) + again[2]
        return code(label)

    def _once(self, kind: str, text: str, judge: Callable[[str], Any]) -> bool:
        found = self._seen.get((kind, text))
        if found is None:
            found = self._seen[kind, text] = bool(judge(text))
        return found
