"""How spellings are compared: names of analytes, words of results and specimens, units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ω": "omega"}

_NOT_NAME = re.compile(r"[^a-z0-9+]")
_SPACE = re.compile(r"\s+")
# Spaces of every width, those of no width, and the mark at the start of a file.
_NOT_SEEN = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
_SAME_MARK = str.maketrans({"−": "-", "–": "-", "‐": "-", "‑": "-", "⁄": "/", "∕": "/", "’": "'"})


def fold_name(text: str) -> str:
    """Reduce a name to what spellings of it share: letters, digits and plus signs, without case and Greek.

    Examples
    --------
    >>> fold_name("β-Phenylethylamine") == fold_name("beta phenylethylamine")
    True
    >>> fold_name("5-HIAA"), fold_name("Na+")
    ('5hiaa', 'na+')
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    for letter, word in GREEK.items():
        plain = plain.replace(letter, word)
    # Accents fall, the letter stays: ä and a are one letter for a lab's export.
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _NOT_NAME.sub("", plain)


def fold_word(text: str) -> str:
    """Reduce a word found in place of a number: no case, single spaces.

    Examples
    --------
    >>> fold_word("  Not  Detected ")
    'not detected'
    """
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def tidy_unit(text: str) -> str:
    """Reduce a unit's spelling without touching its case: one micro sign, one stroke, no spaces.

    Examples
    --------
    >>> tidy_unit("µg / g Krea"), tidy_unit("Mmol ∕ L")
    ('ug/gKrea', 'Mmol/L')
    """
    # NFKC makes the two micro signs one; in capitals it is the Greek letter that looks like an M.
    plain = _NOT_SEEN.sub("", unicodedata.normalize("NFKC", text)).replace("Âμ", "μ").replace("Μ", "U")
    return plain.replace("μ", "u").translate(_SAME_MARK)


def fold_unit(text: str) -> str:
    """Reduce a unit's spelling: one micro sign, no spaces, no case.

    Where case has a meaning (mega and milli), `UnitSpellings.find` asks the text itself.

    Examples
    --------
    >>> fold_unit("µg / g Krea") == fold_unit("mcg/g krea") == fold_unit("ug/g Krea")
    True
    """
    return tidy_unit(text).casefold().replace("mcg", "ug")


def suggest(text: str, known: Iterable[str], n: int = 3) -> tuple[str, ...]:
    """Return the known words nearest to a text, best first; none when nothing is near."""
    from rapidfuzz import fuzz, process

    # ratio, not WRatio: the latter calls every one-letter abbreviation near to everything.
    found = process.extract(text, list(known), scorer=fuzz.ratio, limit=n, score_cutoff=55, processor=fold_unit)
    return tuple(word for word, _, _ in found)
