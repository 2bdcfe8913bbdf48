"""What a column holds, told from its cells: so many of them are units, analytes, dates, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from recal_labs.catalogue import Catalogue, fold_name
from recal_labs.ingest.date_forms import SURE, date_forms
from recal_labs.ingest.dates import read_date
from recal_labs.ingest.evidence import BOTH, MARKS, with_evidence
from recal_labs.ingest.profiles import Marks, load_profile
from recal_labs.ingest.ranges import read_range
from recal_labs.ingest.values import read_comparator, read_value
from recal_labs.vocabulary import SEXES, STATUSES, TIMEPOINTS

# So many cells tell of what kind a column is; marks and dates are told from all that are there.
SAMPLED = 400
_LOINC = re.compile(r"^\d{1,7}-\d$")
# Codes of HL7 table 0078, asterisks, and the words that a report prints for them.
_FLAG = re.compile(r"^(?:HH?|LL?|N|AA?|\*{1,3}|[+-]{1,2}|high|low|normal|abnormal|(?:above|below|within) range)$", re.I)
_EITHER = re.compile(r"^\d{1,2}[/-]\d{1,2}[/-](?:\d{4}|\d{2})(?=\D|$)")
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
# A date has a digit and something between its parts; a number has one mark at most.
_DATE_LIKE = re.compile(r"^(?=.*\d)(?!\d+(?:[.,]\d*)?$)\w{1,9}[-/. ,T]*\w[\w,./: +-]{2,24}$")


@dataclass(frozen=True)
class Share:
    """How many of a column's cells are what a field holds, and the word for it."""

    hits: int
    total: int
    what: str

    @property
    def share(self) -> float:
        """Of the cells that are not empty; 0 for an empty column."""
        return self.hits / self.total if self.total else 0.0

    @property
    def sentence(self) -> str:
        """Such as ``38 of 40 cells are units the catalogue knows``."""
        return f"{self.hits} of {self.total} cells are {self.what}"


def is_analyte(text: str, catalogue: Catalogue) -> bool:
    """Tell whether a text is a spelling of the catalogue, with or without a short form in brackets behind it.

    Examples
    --------
    >>> from recal_labs.catalogue import load_catalogue
    >>> is_analyte("Norepinephrine (NE)", load_catalogue()), is_analyte("random urine", load_catalogue())
    (True, False)
    """
    return fold_name(text) in catalogue.names or fold_name(_BRACKETS.sub("", text)) in catalogue.names


def _is_value(text: str, marks: Marks, catalogue: Catalogue) -> bool:
    found = read_value(text, marks, catalogue.words)
    # A number that may be read in two ways is a number all the same.
    return found.value is not None or bool(found.word) or found.reason == "ambiguous_number"


def _is_range(text: str, marks: Marks) -> bool:
    bare = _is_number(text, marks)
    return not bare and read_range(text, marks) != (None, None)


def _is_number(text: str, marks: Marks) -> bool:
    return read_value(text, marks, {}).value is not None and not text.lstrip().startswith(("<", ">", "≤", "≥"))


def marks_of(texts: Sequence[str]) -> tuple[Marks, str]:
    """Return how the numbers of a column are written, and what they show: point, comma, both or neither.

    Examples
    --------
    >>> marks_of(["1.234,5", "12"])
    (Marks(decimal=',', thousands='.'), 'comma')
    """
    frame = pl.DataFrame({"column": [""] * len(texts), "value": list(texts)}, schema_overrides={"value": pl.String})
    if frame.is_empty():
        return Marks(), "neither"
    shown = str(with_evidence(frame, load_profile("generic_long"))["_marks"][0])
    return MARKS.get(shown, Marks(thousands="," if shown == BOTH else "")), shown


def forms_of(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the forms that read a column's dates, and the texts of which day and month cannot be told apart.

    Examples
    --------
    >>> forms_of(["25.06.2021", "1.7.2021"]), forms_of(["05/06/2021"])
    ((('%d.%m.%Y',), ()), ((), ('05/06/2021',)))
    """
    distinct = list(dict.fromkeys(texts))
    tried = tuple(dict.fromkeys((*SURE, *date_forms(distinct, load_profile("generic_long")))))
    used: dict[str, None] = {}
    open_: list[str] = []
    for text in distinct:
        form = next((form for form in (*used, *tried) if read_date(text, (form,)) is not None), None)
        if form is not None:
            used.setdefault(form)
        elif _EITHER.match(text):
            open_.append(text)
    return tuple(used), tuple(open_)


@lru_cache(maxsize=1)
def _sex_words() -> frozenset[str]:
    return frozenset({*load_profile("generic_long").codes["sex"], *SEXES})


def _word(text: str) -> str:
    return re.sub(r"[\s-]+", "_", text.strip().lower())


def _tests(
    catalogue: Catalogue, marks: Marks, dates: Callable[[str], bool]
) -> Mapping[str, tuple[Callable[[str], bool], str]]:
    """Return, for each field that its cells tell, the test of one cell and the words for those that pass."""
    return {
        "analyte": (lambda text: is_analyte(text, catalogue), "analytes the catalogue knows"),
        "unit": (lambda text: catalogue.find_unit(text) is not None, "units the catalogue knows"),
        "range": (lambda text: _is_range(text, marks), "ranges with limits"),
        "loinc": (lambda text: bool(_LOINC.match(text)), "written as LOINC codes"),
        "specimen": (lambda text: fold_name(text) in catalogue.specimen_words, "specimens the catalogue knows"),
        "collected_at": (dates, "dates"),
        "reported_at": (dates, "dates"),
        "timepoint": (lambda text: _word(text) in TIMEPOINTS, "times of the day"),
        "sex": (lambda text: text.strip().casefold() in _sex_words(), "words for female, male or unknown"),
        "status": (lambda text: _word(text) in STATUSES or len(text.strip()) == 1, "states of a result"),
        "comparator": (lambda text: read_comparator(text) is not None, "comparators"),
        "flag": (lambda text: bool(_FLAG.match(text.strip())), "flags"),
        "value": (lambda text: _is_value(text, marks, catalogue), "results that can be read"),
        "age_years": (lambda text: _is_number(text, marks), "numbers"),
        "hours": (lambda text: _is_number(text, marks), "numbers"),
        "volume_l": (lambda text: _is_number(text, marks), "numbers"),
        "volume_ml": (lambda text: _is_number(text, marks), "numbers"),
        "range_low": (lambda text: _is_number(text, marks), "numbers"),
        "range_high": (lambda text: _is_number(text, marks), "numbers"),
    }


def _is_date_of(texts: Sequence[str]) -> Callable[[str], bool]:
    forms, open_ = forms_of([text for text in texts if _DATE_LIKE.match(text)])
    # 20240301 is a number as well; a form of digits alone needs more than a look at the cells.
    spoken = tuple(form for form in forms if not re.fullmatch(r"(?:%[YmdHMS])+", form))
    return lambda text: text in open_ or read_date(text, spoken) is not None


def shares_of(texts: Sequence[str], catalogue: Catalogue) -> dict[str, Share]:
    """Return, for each field that its cells tell, how many cells of a column are of its kind.

    Parameters
    ----------
    texts : sequence of str
        The cells that are not empty; the first 400 are looked at.
    catalogue : Catalogue
    """
    counts: dict[str, int] = {}
    texts = texts[:SAMPLED]
    for text in texts:
        counts[text] = counts.get(text, 0) + 1
    marks, _ = marks_of(list(counts))
    made = {}
    for field, (test, what) in _tests(catalogue, marks, _is_date_of(list(counts))).items():
        hits = sum(count for text, count in counts.items() if test(text))
        made[field] = Share(hits, len(texts), what)
    return made
