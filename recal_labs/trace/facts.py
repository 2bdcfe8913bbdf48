"""What a trace consists of: facts with units, steps, and checks of what is stored against what is worked out again."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from recal_labs.trace.listing import WIDTH, Listing, number, plain, with_unit, wrapped

# Two ways of working out one sum may round differently in the last bits; anything more is another number.
RELATIVE_TOLERANCE = 1e-12
NOTHING = "-"
_LABEL = 20


def agree(stored: Any, worked: Any) -> bool:
    """Tell whether a stored value and one worked out again are the same; numbers to 1 part in 10^12.

    Examples
    --------
    >>> agree(0.3, 0.1 + 0.2), agree(0.3, 0.3001), agree(None, 0.0), agree("N", "N")
    (True, False, False, True)
    """
    if isinstance(stored, int | float) and isinstance(worked, int | float):
        if isinstance(stored, bool) or isinstance(worked, bool):
            return stored is worked
        return math.isclose(stored, worked, rel_tol=RELATIVE_TOLERANCE, abs_tol=0.0)
    return bool(stored == worked)


def shown(value: Any) -> str:
    """Return a value as a reader wants it: numbers with at most twelve digits, a dash for nothing."""
    if value is None or value == "":
        return NOTHING
    return number(value) if isinstance(value, float) else plain(value)


@dataclass(frozen=True)
class Fact:
    """A named value with its unit."""

    name: str
    value: Any
    unit: str = ""

    def __str__(self) -> str:
        text = shown(self.value)
        return text if text == NOTHING else with_unit(text, self.unit)


def _fact_lines(fact: Fact) -> list[str]:
    """Return a fact as a label with its value beside it, or below it when a word of it is too long for that."""
    text = str(fact)
    if max(map(len, text.split()), default=0) > WIDTH - _LABEL - 4:
        return ["   " + plain(fact.name), *wrapped(text, indent="     ")]
    return wrapped(f"{fact.name:{_LABEL}} {text}", indent=" " * (_LABEL + 4), first="   ")


@dataclass(frozen=True)
class Check:
    """A stored value held against the one that was worked out again."""

    column: str
    stored: Any
    worked: Any

    @property
    def agrees(self) -> bool:
        """Whether they are the same."""
        return agree(self.stored, self.worked)

    def __str__(self) -> str:
        # All digits: two numbers that differ must not look alike.
        stored, worked = (repr(v) if isinstance(v, float) else shown(v) for v in (self.stored, self.worked))
        return f"{self.column} is {stored} in the run, and {worked} worked out again"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step from the lab's words to the number.

    Parameters
    ----------
    title : str
    sentence : str
        What was done and why, in plain words.
    inputs : sequence of Fact
        What went in.
    formula : str
        The sum with its numbers put in.
    output : Fact or None
        What came out.
    listing : Listing or None
        Rows beside it: other results with the same key, intervals passed over, codes with their meanings.
    checks : sequence of Check
    """

    title: str
    sentence: str = ""
    inputs: Sequence[Fact] = ()
    formula: str = ""
    output: Fact | None = None
    listing: Listing | None = None
    checks: Sequence[Check] = ()

    @property
    def faults(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if not check.agrees)

    def lines(self, place: int) -> Iterator[str]:
        """Yield its lines for a terminal of 80 columns."""
        yield f"{place}. {self.title}"
        for fact in self.inputs:
            yield from _fact_lines(fact)
        if self.sentence:
            yield from wrapped(self.sentence, indent="   ")
        if self.formula:
            yield from wrapped(self.formula, indent="     ", first="     ")
        if self.output is not None:
            yield from wrapped(f"-> {self.output.name}: {self.output}", indent="      ", first="   ")
        if self.listing is not None:
            yield from self.listing.lines("   ")
        for check in self.faults:
            yield from wrapped(f"*** DIFFERS: {check} ***", indent="   ")

    def to_html(self) -> str:
        """Return it as a list item; every text is escaped."""
        facts = "".join(
            f"<tr><th scope='row'>{html.escape(fact.name)}</th><td>{html.escape(str(fact))}</td></tr>"
            for fact in self.inputs
        )
        parts = [f"<strong>{html.escape(self.title)}</strong>", f"<table>{facts}</table>" if facts else ""]
        parts += [f"<p>{html.escape(self.sentence)}</p>" if self.sentence else ""]
        parts += [f"<pre>{html.escape(self.formula)}</pre>" if self.formula else ""]
        if self.output is not None:
            parts.append(f"<p>→ {html.escape(self.output.name)}: {html.escape(str(self.output))}</p>")
        if self.listing is not None:
            parts.append(self.listing.to_html())
        parts += [f"<p role='alert'><strong>DIFFERS: {html.escape(str(check))}</strong></p>" for check in self.faults]
        return f"<li>{''.join(parts)}</li>"
