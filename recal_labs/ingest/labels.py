"""How the lab's own labels are compared: column names, and names that a profile maps."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from recal_labs.catalogue import fold_name

# Longer texts are no labels, and are not kept.
REMEMBERED = 100


def fold_label(text: str) -> str:
    """Reduce a label for comparison; brackets and units in it count, a name in another alphabet stays as it is.

    Examples
    --------
    >>> fold_label("Proben-ID") == fold_label("proben id"), fold_label("Дофамин") == fold_label("Кортизол")
    (True, False)
    """
    return _remembered(text) if len(text) <= REMEMBERED else _folded(text)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.replace("\ufeff", "")).strip().casefold()
    # fold_name knows Latin letters only: without this, every Cyrillic name would be one and the same.
    return fold_name(plain) if has_only_known_letters(plain) else plain


# A file's first lines are compared with one profile after the other.
_remembered = lru_cache(maxsize=1 << 15)(_folded)


def has_only_known_letters(text: str) -> bool:
    """Whether no letter of a text is lost when its spelling is compared."""
    return text.isascii() or all(fold_name(letter) for letter in set(text) if letter.isalpha())
