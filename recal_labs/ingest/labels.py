"""How the lab's own labels are compared: column names, and names that a profile maps."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from recal_labs.catalogue import fold_name


@lru_cache(maxsize=8192)
def fold_label(text: str) -> str:
    """Reduce a label for comparison; brackets and units in it count, a name in another alphabet stays as it is.

    Examples
    --------
    >>> fold_label("Proben-ID") == fold_label("proben id"), fold_label("Дофамин") == fold_label("Кортизол")
    (True, False)
    """
    plain = unicodedata.normalize("NFKC", text.replace("\ufeff", "")).strip().casefold()
    # fold_name knows Latin letters only: without this, every Cyrillic name would be one and the same.
    return fold_name(plain) if has_only_known_letters(plain) else plain


def has_only_known_letters(text: str) -> bool:
    """Whether no letter of a text is lost when its spelling is compared."""
    return text.isascii() or all(fold_name(letter) for letter in text if letter.isalpha())
