"""The evidence register: claims, published effects and positions, with their sources and their labels."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from recal_labs.catalogue.citations import full_citation, is_complete, short_citation
from recal_labs.catalogue.register_checks import register_faults
from recal_labs.errors import CatalogueError

FOLDER = Path(__file__).parent / "register"

DIRECTIONS = frozenset({"supports_use", "against_use", "neutral_context", "established_elsewhere"})
STRENGTHS = frozenset(
    [
        "guideline",
        "systematic_review",
        "rct",
        "cohort",
        "cross_sectional",
        "mechanistic",
        "case_series",
        "opinion",
        "vendor",
    ]
)
# What a statement speaks to. Only the first is counted for and against a use in mental health.
MENTAL_HEALTH = "mental_health"
SPEAKS_TO: Mapping[str, str] = {
    MENTAL_HEALTH: "symptoms, diagnosis, treatment or a policy of mental health",
    "brain_origin": "whether an amount in urine tells of the brain",
    "measurement": "how well, and how steadily, the amount is measured",
    "other_condition": "tumours and other conditions outside mental health",
    "general_rule": "a rule for tests of any kind, which names none of these",
    "publishing": "what became of publications and who said so",
    "no_panel_analyte": "a benchmark without any analyte of these panels",
    "own_note": "a note of this register, no publication",
}
# Remarks that name no interest: none was stated or seen, or the row is a note or news about somebody else.
_NO_INTEREST = re.compile(
    r"^(?:none|not (?:shown|stated|applicable)|no |internal note|news item)|\bno (?:corporate )?funding\b|\bnot seen\b",
    re.IGNORECASE,
)

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class EvidenceSource:
    """A document that somebody has read, and how much of it was seen."""

    source_id: str
    authors: str
    year: str
    title: str
    venue: str
    doi: str
    url_seen: str
    conflict_of_interest: str
    verified: str
    retraction_status: str
    url_kind: str
    seen_extent: str
    note: str

    @property
    def is_verified(self) -> bool:
        """Whether an abstract or page was read."""
        return self.verified == "yes"

    @property
    def is_retracted(self) -> bool:
        """Whether it is retracted, or presumed to be."""
        return "RETRACT" in self.retraction_status

    @property
    def interests(self) -> str:
        """Interests that what was read, or the register, names; empty when none is named."""
        noted = self.conflict_of_interest.strip()
        return "" if _NO_INTEREST.search(noted) else noted

    @property
    def link(self) -> str:
        """Address of the DOI, else of the page that was read."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url_seen

    def citation(self) -> str:
        """Return authors, year, title and venue in one line, as far as they were seen."""
        return full_citation(self.authors, self.year, self.title, self.venue)

    @property
    def is_cited_whole(self) -> bool:
        """Whether authors, year, title and venue were all seen."""
        return is_complete(self.authors, self.year, self.title, self.venue)

    def short_citation(self) -> str:
        """Return the first author and the year."""
        return short_citation(self.authors, self.year, self.title)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One statement in our own words, for or against a use, with the source it rests on."""

    claim_id: str
    topic: str
    analyte_ids: tuple[str, ...]
    statement: str
    direction: str
    strength: str
    source_id: str
    verified: str
    ft_level: str
    caveat: str
    speaks_to: str

    @property
    def is_verified(self) -> bool:
        """Whether the statement was checked against what was read."""
        return self.verified == "yes"

    @property
    def is_vendor(self) -> bool:
        """Whether somebody says it who sells the test."""
        return self.strength == "vendor"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One published number; an empty estimate means that only a direction was printed."""

    effect_id: str
    source_id: str
    analyte_id: tuple[str, ...]
    specimen: str
    population: str
    n: str
    outcome: str
    effect_type: str
    estimate: str
    ci_low: str
    ci_high: str
    p: str
    adjusted_for: str
    note: str
    direction: str
    derived: str
    verified: str


@dataclass(frozen=True, kw_only=True)
class Position:
    """What a professional body, insurer, lab or vendor says; ``not_found`` states no position."""

    position_id: str
    body: str
    body_type: str
    document: str
    date_on_page: str
    url_seen: str
    analyte_ids: tuple[str, ...]
    stance: str
    summary: str
    source_id: str
    verified: str

    @property
    def is_verified(self) -> bool:
        """Whether the page was read."""
        return self.verified == "yes"


@dataclass(frozen=True, eq=False)
class Evidence:
    """The whole register."""

    claims: tuple[Claim, ...]
    effects: tuple[Effect, ...]
    positions: tuple[Position, ...]
    sources: Mapping[str, EvidenceSource]

    def claims_for(self, analyte_ids: Iterable[str]) -> tuple[Claim, ...]:
        """Return the claims about any of the analytes, in the register's order."""
        wanted = set(analyte_ids)
        return tuple(claim for claim in self.claims if wanted & set(claim.analyte_ids))

    def effects_for(self, analyte_ids: Iterable[str]) -> tuple[Effect, ...]:
        """Return the published effects of any of the analytes."""
        wanted = set(analyte_ids)
        return tuple(effect for effect in self.effects if wanted & set(effect.analyte_id))

    def positions_for(self, analyte_ids: Iterable[str]) -> tuple[Position, ...]:
        """Return the positions on any of the analytes."""
        wanted = set(analyte_ids)
        return tuple(position for position in self.positions if wanted & set(position.analyte_ids))

    def with_citations(self, text: str) -> str:
        """Return a text of the register in which every id of a source became its short citation."""
        return self._id_of_a_source.sub(lambda found: self.sources[found[0]].short_citation(), text)

    @cached_property
    def _id_of_a_source(self) -> re.Pattern[str]:
        ids = sorted(self.sources, key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ids))})(?!\w)")


def _rows(folder: Path, name: str, kind: type[Row]) -> Iterator[tuple[str, Row]]:
    columns = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    with open(folder / f"{name}.csv", newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle, strict=True)
        for row in reader:
            content: dict[str, Any] = {column: row[column] for column in columns}
            for column in ("analyte_ids", "analyte_id"):
                if column in content:
                    content[column] = tuple(content[column].split("|"))
            yield f"{name}.csv:{reader.line_num}", kind(**content)


def _faults(claims: list[tuple[str, Claim]], sources: Mapping[str, EvidenceSource]) -> Iterator[str]:
    for at, claim in claims:
        if claim.direction not in DIRECTIONS or claim.strength not in STRENGTHS:
            yield f"{at}: direction {claim.direction!r} or strength {claim.strength!r} is not in the list"
        if claim.speaks_to not in SPEAKS_TO:
            yield f"{at}: speaks_to is {claim.speaks_to!r}; expected one of {', '.join(SPEAKS_TO)}"
        source = sources.get(claim.source_id)
        if source and source.is_retracted and "RETRACT" not in claim.caveat.upper():
            yield f"{at}: {claim.claim_id} rests on a retracted source, and its caveat does not say so"


@lru_cache(maxsize=4)
def load_evidence(folder: Path = FOLDER) -> Evidence:
    """Load and check the evidence register.

    Raises
    ------
    CatalogueError
        Naming every fault with file and line.

    Examples
    --------
    >>> register = load_evidence()
    >>> len(register.claims_for(["hva"])) > 5
    True
    """
    sources = {source.source_id: source for _, source in _rows(folder, "sources", EvidenceSource)}
    claims, effects = list(_rows(folder, "claims", Claim)), list(_rows(folder, "effects", Effect))
    positions = list(_rows(folder, "positions", Position))
    if faults := [*register_faults(folder), *_faults(claims, sources)]:
        raise CatalogueError("The evidence register cannot be used", faults)
    return Evidence(
        tuple(claim for _, claim in claims),
        tuple(effect for _, effect in effects),
        tuple(position for _, position in positions),
        sources,
    )
