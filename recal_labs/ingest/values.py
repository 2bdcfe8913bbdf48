"""The text of a result: comparator, number, flag; or a word, or the reason why it cannot be read with certainty."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from recal_labs.catalogue import ResultWord, fold_word
from recal_labs.ingest.profiles import Marks

# pandas.read_sas gives 5.4e-79 for a zero; no amount in any unit is as small, or larger than the number of molecules.
SMALLEST, LARGEST = 1e-60, 1e30
NOT_MEASURED, BELOW_LIMIT, ABOVE_LIMIT, EMPTY = "not_measured", "below_limit", "above_limit", "empty"


@dataclass(frozen=True)
class ReadValue:
    """What a result's text says.

    Parameters
    ----------
    comparator : str
        Empty when exact.
    value : float or None
    flag : str
        A flag or remark that was glued to the number.
    word : str
        ``not_measured``, ``below_limit``, ``above_limit`` or ``empty`` where a word stands in place of a number.
    reason, detail : str
        A reject reason and its sentence; empty when the text could be read.
    """

    comparator: str = ""
    value: float | None = None
    flag: str = ""
    word: str = ""
    reason: str = ""
    detail: str = ""


_COMPARATOR = re.compile(
    r"^(<=|>=|=<|=>|≤|≥|<|>|=|\b(?:less than or equal to|less than|greater than|more than|at most|at least|"
    r"below|under|above|over|LT|GT|LE|GE|kleiner als|größer als|kleiner|größer|unter|über|inférieur à|"
    r"supérieur à)\b)\s*",
    re.IGNORECASE,
)
_WORDS_BELOW = {"less than", "below", "under", "lt", "kleiner", "kleiner als", "unter", "inférieur à"}
_WORDS_ABOVE = {"greater than", "more than", "above", "over", "gt", "größer", "größer als", "über", "supérieur à"}
_SIGNS = {
    "≤": "<=",
    "≥": ">=",
    "=<": "<=",
    "=>": ">=",
    "=": "",
    "at most": "<=",
    "le": "<=",
    "at least": ">=",
    "ge": ">=",
}
_SIGNS["less than or equal to"] = "<="
_SPACED_SIGN = re.compile(r"^([<>])\s+")
# More of a text than this is of no help in a sentence.
SHOWN = 60
# No result, range or name is longer. The patterns below look at every pair of places in a text, so that one cell of
# 60,000 spaces would keep them busy for minutes.
LONGEST = 500

# A flag letter or mark that hangs on a number: 20.3 (H), 0,9*, 41.3 H, 7.1 +
_FLAG = re.compile(r"\s*(?:\(\s*(HH|LL|H|L|N|A|\+|-|!)\s*\)|\b(HH|LL|H|L|A)|([*!+@#†‡]+))\s*$", re.IGNORECASE)
_SPREAD = re.compile(r"\s*(±|\+/-)\s*[\d.,]+\s*%?\s*$")
_NUMBER_START = re.compile(r"^[+-]?[\d.,]")
_EXPONENT = r"(?:[eE][+-]?\d{1,2})?"
_RANGE_LIKE = re.compile(r"^\d[\d.,]*\s*(?:-|–|~|to|/|:|;)\s*[<>]?\d[\d.,]*$")


def _tidy(text: str) -> str:
    # NFKC turns non-breaking and thin spaces into spaces, and both micro signs into one.
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def shown(text: str) -> str:
    """Return a text in quotes for a sentence, cut where it goes on and on."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


def read_comparator(text: str | None) -> str | None:
    """Read a comparator that stands in a column of its own; None when it is no comparator.

    Examples
    --------
    >>> read_comparator("≤"), read_comparator("less than"), read_comparator("="), read_comparator("~")
    ('<=', '<', '', None)
    """
    plain = _tidy(text or "")
    if len(plain) > LONGEST:
        return None
    sign, rest = _comparator(plain)
    return None if rest else sign


def _comparator(text: str) -> tuple[str, str]:
    found = _COMPARATOR.match(text)
    if not found:
        return "", text
    word = found.group(1).casefold()
    sign = "<" if word in _WORDS_BELOW else ">" if word in _WORDS_ABOVE else _SIGNS.get(word, word)
    return sign, text[found.end() :].strip()


def read_number(text: str, marks: Marks) -> float | str:
    """Read a bare number, or return the sentence that says why it cannot be read with certainty.

    Examples
    --------
    >>> read_number("1.234,5", Marks(",", "."))
    1234.5
    >>> read_number("1,530", Marks("."))
    'it may be 1.53 or 1530: declare thousands = "," in the profile, or its decimal mark'
    """
    point, comma = re.escape(marks.decimal), "," if marks.decimal == "." else "."
    if re.fullmatch(rf"[+-]?(?:\d+(?:{point}\d*)?|{point}\d+){_EXPONENT}", text):
        return float(text.replace(marks.decimal, "."))
    separator = re.escape(marks.thousands) if marks.thousands else None
    for mark, allowed in ((separator, True), (r"[ '’]", True), (re.escape(comma), False)):
        # A group never begins with zero: 0,530 is no five hundred and thirty, whatever the profile says.
        if mark is None or not re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}(?:{mark}\d{{3}})+(?:{point}\d+)?", text):
            continue
        if allowed:
            return float(re.sub(mark, "", text).replace(marks.decimal, "."))
        plain = text.replace(comma, "")
        if marks.decimal in text or text.count(comma) > 1:
            return f'it has {comma!r} between thousands, which the profile does not declare: thousands = "{comma}"'
        return (
            f'it may be {float(text.replace(comma, ".")):g} or {plain}: declare thousands = "{comma}" in the profile, '
            "or its decimal mark"
        )
    if re.fullmatch(rf"[+-]?\d+{re.escape(comma)}\d+", text):
        return (
            f"its mark is {comma!r}, but the profile says that the decimal mark is {marks.decimal!r}; "
            "mend the one that is wrong"
        )
    return "it holds no number that can be read with certainty; correct it, or add the word to the profile's missing"


def read_value(
    text: str | None, marks: Marks, words: Mapping[str, ResultWord], missing: tuple[str, ...] = ()
) -> ReadValue:
    """Read the text of one result.

    Parameters
    ----------
    text : str or None
        Verbatim.
    marks : Marks
        How numbers are written in this file.
    words : mapping of folded word to ResultWord
        The catalogue's words in place of numbers.
    missing : tuple of str
        Folded words of this lab for "no value".

    Returns
    -------
    ReadValue
        A censored value never loses its comparator; unknown text is never guessed at.

    Examples
    --------
    >>> read_value("<0,8 *", Marks(","), {}).value, read_value("<0,8 *", Marks(","), {}).comparator
    (0.8, '<')
    """
    whole = _tidy(text or "")
    folded = fold_word(whole)
    if not whole or folded in missing:
        return ReadValue(word=EMPTY)
    # "< LOD" and "<LOD" are one word.
    if found := words.get(folded) or words.get(_SPACED_SIGN.sub(r"\1", folded)):
        return ReadValue(word=found.meaning)
    if len(whole) > LONGEST:
        detail = (
            f"The value is {shown(whole)}, {len(whole):,} characters long; no result is: correct it, or ask the lab"
        )
        return ReadValue(reason="unreadable_value", detail=detail)
    comparator, rest = _comparator(whole)
    rest, flag = _SPREAD.sub("", rest), ""
    if glued := _FLAG.search(rest):
        before = rest[: glued.start()].strip()
        if _NUMBER_START.match(before):
            rest, flag = before, next(group for group in glued.groups() if group)
            rest = _SPREAD.sub("", rest)
    if _RANGE_LIKE.match(rest):
        return ReadValue(reason="unreadable_value", detail=f"{shown(whole)} is more than one number; ask the lab which")
    number = read_number(rest, marks)
    if isinstance(number, str):
        ambiguous = number.startswith(("it may be", "it has", "its mark"))
        return ReadValue(
            reason="ambiguous_number" if ambiguous else "unreadable_value",
            detail=f"The value is {shown(whole)}: {number}",
        )
    if number < 0 or number > LARGEST:
        return ReadValue(
            reason="impossible_value",
            detail=f"The value is {shown(whole)}; an amount is neither negative nor without end: ask the lab",
        )
    if 0 < number < SMALLEST:
        return ReadValue(
            reason="impossible_value",
            detail=f"The value is {shown(whole)}: a zero that a reader of SAS files has spoilt; export the file anew",
        )
    return ReadValue(comparator, number, flag)
