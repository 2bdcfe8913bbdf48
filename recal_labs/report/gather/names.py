"""Display names: an id is shown as people call it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from recal_labs.choices import REPORTED_BY_LAB
from recal_labs.report.wording import readable, sentence_case


def short_publisher(publisher: str) -> str:
    """Return the institution that stands behind a source of intervals, without what its name is followed by.

    Examples
    --------
    >>> short_publisher("ARUP via a hospital's copy"), short_publisher("Exeter Clinical Laboratory (NHS)")
    ('ARUP', 'Exeter Clinical Laboratory')
    """
    return publisher.split(" via ")[0].split(" (")[0]


def source_words(publisher: str, title: str) -> str:
    """Return institution and document of a source of intervals, as every table of the report names them."""
    return ": ".join(filter(None, (short_publisher(publisher), title)))


@dataclass(frozen=True)
class Names:
    """Display names of analytes, outcomes and interval sources.

    Examples
    --------
    >>> names = Names({"metanephrine": "Metanephrine"}, {"phq9": "PHQ-9"})
    >>> names.analyte("metanephrine:free"), names.analyte("hiaa_5"), names.outcome("phq9")
    ('Metanephrine (free)', 'Hiaa 5', 'PHQ-9')
    """

    analytes: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def analyte(self, name: str) -> str:
        """Return the name of an analyte column, which is an id or ``id:fraction``."""
        if name in self.analytes:
            return self.analytes[name]
        stem, colon, fraction = str(name).partition(":")
        return sentence_case(readable(stem, self.analytes)) + (f" ({fraction})" if colon else "")

    def outcome(self, name: str) -> str:
        """Return the name of an instrument."""
        return readable(name, self.outcomes)

    def either(self, analyte_id: str, outcome: str) -> str:
        """Return the name of whatever a row of change is about: an analyte when it has one, else a score."""
        return self.analyte(analyte_id) if analyte_id else self.outcome(outcome)

    def source(self, name: str) -> str:
        """Return the name of an interval source."""
        return "the range the lab printed" if name == REPORTED_BY_LAB else self.sources.get(name) or name
