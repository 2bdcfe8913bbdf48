"""The evidence register: claims, published effects and positions, with their sources and their labels."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

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
AUTHORS_NOT_SHOWN = "[not shown in result]"

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
    def has_conflict_of_interest(self) -> bool:
        """Whether one was stated in what was read; "none stated in the part seen" is none."""
        stated = self.conflict_of_interest.strip().lower()
        return bool(stated) and not stated.startswith(("none", "not shown", "not stated", "not applicable", "no "))

    @property
    def link(self) -> str:
        """Address of the DOI, else of the page that was read."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url_seen

    def citation(self) -> str:
        """Return authors, year, title and venue in one line; authors that were not shown are said to be so."""
        authors = "authors not shown" if AUTHORS_NOT_SHOWN in self.authors or not self.authors else self.authors
        year = self.year or "year not shown"
        return ". ".join(part for part in (f"{authors} ({year})", self.title.rstrip("."), self.venue) if part)


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


def _faults(
    claims: list[tuple[str, Claim]],
    others: list[tuple[str, Any]],
    sources: Mapping[str, EvidenceSource],
) -> Iterator[str]:
    seen: set[str] = set()
    for at, claim in claims:
        if claim.claim_id in seen:
            yield f"{at}: claim_id {claim.claim_id} is not unique"
        seen.add(claim.claim_id)
        if claim.direction not in DIRECTIONS or claim.strength not in STRENGTHS:
            yield f"{at}: direction {claim.direction!r} or strength {claim.strength!r} is not in the list"
        source = sources.get(claim.source_id)
        if source and source.is_retracted and "RETRACT" not in claim.caveat.upper():
            yield f"{at}: {claim.claim_id} rests on a retracted source, and its caveat does not say so"
    for at, row in [*claims, *others]:
        if row.source_id not in sources:
            yield f"{at}: unknown source {row.source_id!r}"


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
    if faults := list(_faults(claims, [*effects, *positions], sources)):
        raise CatalogueError("The evidence register cannot be used", faults)
    return Evidence(
        tuple(claim for _, claim in claims),
        tuple(effect for _, effect in effects),
        tuple(position for _, position in positions),
        sources,
    )
