"""One family of errors. Each says what was found, where, what was expected and what to do."""

from __future__ import annotations

import dataclasses
import difflib
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

Made = TypeVar("Made")


class RecalLabsError(Exception):
    """Base of every error that this package raises on purpose."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint such as ``" Did you mean 'basis'?"``, or nothing when no known word is close."""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return f" Did you mean {folded[close[0]]!r}?" if close else ""


# A list of more known words than this is looked up in the docs, not read in an error.
MOST_LISTED = 20


class UnknownWordError(RecalLabsError, LookupError):
    """A word that must come from a closed list does not.

    Parameters
    ----------
    what : str
        What kind of word it is, such as ``"analyte"`` or ``"study.toml key"``.
    word : str
        The word found.
    known : sequence of str
        The words that would have been accepted.
    where : str, optional
        The file or call in which it stands.
    """

    def __init__(self, what: str, word: str, known: Sequence[str], where: str = ""):
        super().__init__(what, word, known, where)
        self.what, self.word, self.known, self.where = what, word, tuple(known), where

    def __str__(self) -> str:
        place = f" in {self.where}" if self.where else ""
        many = len(self.known) > MOST_LISTED
        listing = f" {len(self.known)} are known." if many else f" Known: {', '.join(sorted(self.known))}."
        return f"Unknown {self.what} {self.word!r}{place}.{nearest(self.word, self.known)}{listing}"


class UnknownAnalyteError(UnknownWordError):
    """An analyte id that the catalogue does not hold."""

    def __init__(self, word: str, known: Sequence[str], where: str = ""):
        super().__init__("analyte", word, known, where)
        self.args = (word, known, where)


class UnknownChoiceError(UnknownWordError, TypeError):
    """A keyword that is not one of the choices; a TypeError too, as for any call with a keyword that is not there."""

    def __init__(self, word: str, known: Sequence[str], where: str = ""):
        super().__init__("choice", word, known, where)
        self.args = (word, known, where)


def naming_the_nearest(made: type[Made]) -> type[Made]:
    """Let a dataclass of choices refuse a mistyped keyword with the nearest one, as a file of choices does."""
    make: Callable[..., None] = made.__init__

    @functools.wraps(make)
    def initialise(self: Made, *args: Any, **chosen: Any) -> None:
        known = tuple(field.name for field in dataclasses.fields(made))  # type: ignore[arg-type]
        for name in chosen:
            if name not in known:
                raise UnknownChoiceError(name, known, made.__name__)
        make(self, *args, **chosen)

    made.__init__ = initialise  # type: ignore[assignment, method-assign]
    return made


class FileProblem(RecalLabsError, ValueError):
    """A file that cannot be used as a whole.

    Parameters
    ----------
    path : str
        The file.
    found, expected, remedy : str
        One clause each: what was found, what was expected, what to do.
    """

    def __init__(self, path: object, found: str, expected: str = "", remedy: str = ""):
        super().__init__(path, found, expected, remedy)
        self.path, self.found, self.expected, self.remedy = str(path), found, expected, remedy

    def __str__(self) -> str:
        parts = [f"{self.path}: {self.found.removesuffix('.')}"]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.remedy:
            parts.append(self.remedy.removesuffix("."))
        return "; ".join(parts) + "."


# One wrong word in a header can make a fault of every row; nobody reads a thousand lines.
MOST_SHOWN = 30


class FaultsError(RecalLabsError, ValueError):
    """A file of ours has faults; all of them are reported at once.

    Parameters
    ----------
    what : str
        What was checked.
    faults : sequence of str
        One line a fault, each beginning with file and line; the message shows the first 30, the attribute holds all.
    """

    def __init__(self, what: str, faults: Sequence[str]):
        super().__init__(what, faults)
        self.what, self.faults = what, tuple(faults)

    def __str__(self) -> str:
        count = f"{len(self.faults)} fault" + ("s" if len(self.faults) != 1 else "")
        listed = list(self.faults[:MOST_SHOWN])
        if len(self.faults) > MOST_SHOWN:
            listed.append(f"and {len(self.faults) - MOST_SHOWN} more")
        return f"{self.what}: {count}\n  " + "\n  ".join(listed)


class CatalogueError(FaultsError):
    """The catalogue's files contradict themselves or their rules."""


class ProfileError(FaultsError):
    """An ingest profile cannot be used."""


class StudyError(FaultsError):
    """A study.toml cannot be used."""


class DilutionFitError(FaultsError):
    """A saved dilution fit cannot be used."""


class ChoiceError(RecalLabsError, ValueError):
    """A choice that cannot be carried out, alone or together with the others."""


class TableError(RecalLabsError, ValueError):
    """A frame handed in does not have the columns or types of its table."""


class ArrayError(RecalLabsError, ValueError):
    """Arrays handed to a statistic do not fit together, or are not what it can use."""


class ConservationError(RecalLabsError, AssertionError):
    """Positions in do not equal results, rejects and no_result out: a fault of this package, never of the file."""


class ConversionError(RecalLabsError, ValueError):
    """Amounts cannot be converted into the unit that was asked for; the message says what is missing."""


class ReferenceLimitError(RecalLabsError, ValueError):
    """Reference limits that no zlog can be computed from."""


class EmptyCohortError(RecalLabsError, ValueError):
    """Nothing is left to analyse; the message says which step removed the last subject."""


class ReportError(RecalLabsError, RuntimeError):
    """The report could not be made."""
