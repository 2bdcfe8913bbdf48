"""How words are found in what people wrote: a medicine in "Zoloft 50 mg", a preservative in "25 mL 6N HCl"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_NOT_WORD = re.compile(r"[\W_]+")
_INSIDE_WORD = re.compile(r"(?<=\w)[-'’‐‑](?=\w)")

# Beside a known word they turn it round or leave it open: "caffeine-free", "stopped sertraline", "placebo".
NEGATIONS = frozenset(
    {
        *("no", "not", "non", "never", "none", "without", "free", "low", "off", "placebo", "sham"),
        *("stop", "stopped", "stopping", "discontinue", "discontinued", "cessation", "withdrawal", "withdrawn"),
        *("avoid", "avoided", "avoidance", "avoiding", "abstain", "abstinence", "abstinent", "elimination"),
        *("reduced", "reduction", "restricted", "restriction", "decaf", "decaffeinated"),
    }
)


def fold_text(text: str) -> str:
    """Reduce a text to words in small letters without accents, a space between two of them.

    Examples
    --------
    >>> fold_text("L-DOPA/Carbidopa (25 mg)"), fold_text("Salzsäure, 6N")
    ('l dopa carbidopa 25 mg', 'salzsaure 6n')
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return _NOT_WORD.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


def _forms(text: str) -> dict[tuple[str, ...], None]:
    """Return the words of a text as it is spaced, and with what a hyphen parts written in one: 5-HTP, 5HTP."""
    return dict.fromkeys(tuple(fold_text(form).split()) for form in (text, _INSIDE_WORD.sub("", text)))


@dataclass(frozen=True)
class Found:
    """What was found in a text: the meanings, each with the word it was found by; whether a word turns them round."""

    meanings: Mapping[str, str] = field(default_factory=dict)
    negated: bool = False

    @property
    def sure(self) -> Mapping[str, str]:
        """The meanings, none where a word beside them turns them round."""
        return {} if self.negated else self.meanings


class Lexicon:
    """Words and what they mean, to be found in free text.

    Parameters
    ----------
    entries : iterable of (word, meanings)

    Examples
    --------
    >>> lexicon = Lexicon([("5-HTP", ["a precursor"]), ("tea", ["a drink"]), ("herbal tea", ["a herb"])])
    >>> dict(lexicon.find("5HTP 100 mg, herbal tea").meanings)
    {'a precursor': '5-HTP', 'a herb': 'herbal tea'}
    >>> lexicon.find("no tea").sure
    {}
    """

    def __init__(self, entries: Iterable[tuple[str, Iterable[str]]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str, tuple[str, ...]]]] = {}
        for word, meanings in entries:
            for form in _forms(word):
                if form:
                    self._by_first.setdefault(form[0], []).append((form, word, tuple(meanings)))

    def _spans(self, tokens: tuple[str, ...]) -> Iterator[tuple[int, int, str, tuple[str, ...]]]:
        for start, token in enumerate(tokens):
            for form, word, meanings in self._by_first.get(token, ()):
                if tokens[start : start + len(form)] == form:
                    yield start, start + len(form), word, meanings

    def find(self, text: str) -> Found:
        """Return what a text means; of two words of which one lies inside the other, the longer one counts."""
        for tokens in _forms(text):
            spans = list(self._spans(tokens))
            widest = [
                span
                for span in spans
                if not any(o[0] <= span[0] and span[1] <= o[1] and o[1] - o[0] > span[1] - span[0] for o in spans)
            ]
            if widest:
                meanings: dict[str, str] = {}
                for _, _, word, meant in widest:
                    for meaning in meant:
                        meanings.setdefault(meaning, word)
                inside = {place for start, stop, _, _ in widest for place in range(start, stop)}
                rest = {token for place, token in enumerate(tokens) if place not in inside}
                return Found(meanings, bool(rest & NEGATIONS))
        return Found()
