"""How spellings are compared: names of analytes, words of results and specimens, units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ω": "omega"}

_NOT_NAME = re.compile(r"[^a-z0-9+]")
_SPACE = re.compile(r"\s+")
# Both micro signs, and the abbreviation that pharmacists prefer to them.
_MICRO = re.compile(r"mcg|µg|μg")


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


def fold_unit(text: str) -> str:
    """Reduce a unit's spelling: one micro sign, no spaces, no case.

    Examples
    --------
    >>> fold_unit("µg / g Krea") == fold_unit("mcg/g krea") == fold_unit("ug/g Krea")
    True
    """
    # NFKC makes the two micro signs one; casefold makes it the Greek letter.
    plain = _SPACE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    plain = _MICRO.sub("ug", plain)
    return plain.replace("μ", "u").replace("−", "-").replace("–", "-")


def suggest(text: str, known: Iterable[str], n: int = 3) -> tuple[str, ...]:
    """Return the known words nearest to a text, best first; none when nothing is near."""
    from rapidfuzz import fuzz, process

    # ratio, not WRatio: the latter calls every one-letter abbreviation near to everything.
    found = process.extract(text, list(known), scorer=fuzz.ratio, limit=n, score_cutoff=55, processor=fold_unit)
    return tuple(word for word, _, _ in found)
