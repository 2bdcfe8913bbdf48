"""What people wrote of medicines, bottles and caffeine, reduced to the words that lists know; it means the same."""

from __future__ import annotations

import re

import polars as pl

from recal_labs.catalogue import Catalogue
from recal_labs.catalogue.phrases import Lexicon
from recal_labs.normalise.handling import WORDED, handling_lexicons, read_words
from recal_labs.normalise.interference import NOT_KNOWN, interferent_lexicon, takes_caffeine
from recal_labs.privacy.codes import Coder
from recal_labs.privacy.frames import mapped
from recal_labs.privacy.words import listed

# Beside a known word it turns it round, as the words did that it stands for: "stopped sertraline".
NEGATION = "not"
DOSE_UNITS = listed(
    "kg g mg ug µg μg mcg ng l ml dl mmol umol iu ie u e units mg/d g/d mg/day g/day h hours min minutes days weeks",
    "% drops tablet tablets capsule capsules session sessions puffs patch patches sachets",
)
_DEGREES = re.compile(r"(?:[-−–]|minus\s)?\s*[0-9]{1,3}(?:[.,][0-9])?\s*(?:°|deg)?\s*C\b", re.IGNORECASE)


def known_phrases(text: str, lexicon: Lexicon) -> str:
    """Return the phrases of a text that a lexicon knows, in its own spelling; nothing when it knows none.

    Examples
    --------
    >>> lexicon = Lexicon([("sertraline", ["SSRI antidepressants"]), ("tea", ["a drink"])])
    >>> known_phrases("sertraline 50 mg from Ann", lexicon), known_phrases("stopped sertraline (Ann)", lexicon)
    ('sertraline', 'not sertraline')
    """
    found = lexicon.find(text)
    told = "; ".join(dict.fromkeys(found.meanings.values()))
    told = f"{NEGATION} {told}" if told and found.negated else told
    again = lexicon.find(told)
    return told if (again.meanings.keys(), again.negated) == (found.meanings.keys(), found.negated) else ""


def with_known_medicines(frame: pl.DataFrame, coder: Coder, catalogue: Catalogue) -> pl.DataFrame:
    """Reduce names and units of interventions; a name of which nothing is known gets a code."""
    lexicon = interferent_lexicon(catalogue)

    def named(text: str | None) -> str | None:
        return (known_phrases(text, lexicon) or coder.text(text)) if text else text

    def unit(text: str | None) -> str | None:
        return text if not text or text.strip().casefold() in DOSE_UNITS else coder.text(text)

    for column, read in (("name", named), ("unit", unit)):
        frame = mapped(frame, [column], read, column) if column in frame.columns else frame
    return frame


def with_known_handling(frame: pl.DataFrame, coder: Coder, catalogue: Catalogue) -> pl.DataFrame:
    """Reduce what is said of bottles to known words and temperatures; a text of which nothing is known gets a code."""
    lexicons = handling_lexicons(catalogue)
    for factor in WORDED:
        if factor not in frame.columns:
            continue

        def told(text: str | None, factor: str = factor) -> str | None:
            if not text:
                return text
            degrees = _DEGREES.search(text) if factor == "storage" else None
            parts = [known_phrases(text, lexicons[factor]), degrees[0].strip() if degrees else ""]
            reduced = ", ".join(part for part in parts if part)
            same = reduced and read_words(factor, reduced, lexicons[factor]) == read_words(
                factor, text, lexicons[factor]
            )
            return reduced if same else coder.text(text)

        frame = mapped(frame, [factor], told, factor)
    return frame


def caffeine_use(text: str) -> str:
    """Return whether somebody takes caffeine, in a word for many people.

    Examples
    --------
    >>> caffeine_use("two with Ann each morning"), caffeine_use("no coffee since May"), caffeine_use("not known")
    ('yes', 'no', 'unknown')
    """
    if text.strip().casefold() in NOT_KNOWN:
        return "unknown"
    return "yes" if takes_caffeine(text) else "no"
