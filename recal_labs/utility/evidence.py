"""What has been published for and against the use of each analyte: the debate, with its sources and their labels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from recal_labs.catalogue import Claim, Evidence, EvidenceSource, Position, load_evidence
from recal_labs.catalogue.evidence import MENTAL_HEALTH


@dataclass(frozen=True, kw_only=True)
class EvidenceSummary:
    """Statements about the analytes actually analysed.

    Parameters
    ----------
    analytes : tuple of str
        What was asked for.
    claims : tuple of dict
        statement, side (``for``, ``against``, ``context``, ``established elsewhere``), ``speaks_to`` (mental health,
        origin, measurement, other conditions ...), ``counted`` (speaks to mental health and is not retracted),
        strength, topic, analyte_ids, citation, url, labels (retracted, vendor, unverified, interests noted, citation
        incomplete), caveat.
    positions : tuple of dict
        What professional bodies and insurers say; a body without a position found is never given one.
    none_found : tuple of str
        Sentences for analytes, or sides, that nothing was found about.
    """

    analytes: tuple[str, ...]
    claims: tuple[dict[str, Any], ...]
    positions: tuple[dict[str, Any], ...]
    none_found: tuple[str, ...]


SIDE = {
    "supports_use": "for",
    "against_use": "against",
    "neutral_context": "context",
    "established_elsewhere": "established elsewhere",
}

TOPIC_ORDER = ("treatment_guidance", "association_with_symptoms", "guideline_position")


# Statements that lean on the one before them in the register: the list is sorted anew, so they say whose they are.
_LEANS = re.compile(
    r"\bthe same (?:\d+ )?(?:review|study|cohort|women|first-line)\b|\bthat (?:cohort|group|umbrella review)\b"
    r"|^(?:another insurer|a later|the retracted author)\b",
    re.IGNORECASE,
)


def _in_context(statement: str, citation: str) -> str:
    """Return a statement that can stand alone: one that leans on another starts with its own citation."""
    if not _LEANS.search(statement):
        return statement
    first = statement.split(maxsplit=1)[0]
    # Only a word that is written small elsewhere: US and PTSD stay as they are.
    begun = statement[0].lower() + statement[1:] if first[1:].islower() or len(first) == 1 else statement
    return f"{citation}: {begun}"


# A note that only points to another document's.
_AS_ANOTHER = re.compile(r"^As (\w+)$")


def _interests(source: EvidenceSource, evidence: Evidence) -> str:
    """Return the interests noted, in words: where the register points to another document's, that one's own."""
    found = _AS_ANOTHER.match(source.interests)
    other = evidence.sources.get(found.group(1)) if found else None
    # Two documents of one author and year are cited alike: “as the other” would point a reader to itself.
    return evidence.with_citations(other.interests if other else source.interests)


def _source_labels(source: EvidenceSource) -> Iterable[str]:
    if source.is_retracted:
        yield "presumed RETRACTED" if "presumed" in source.retraction_status else "RETRACTED"
    elif source.retraction_status.startswith("unclear"):
        yield "retraction status unclear"
    if source.interests:
        yield "interests noted"
    if not source.is_cited_whole:
        yield "citation incomplete"


def _claim_row(claim: Claim, evidence: Evidence, analytes: set[str]) -> dict[str, Any]:
    source = evidence.sources[claim.source_id]
    labels = [*_source_labels(source)]
    if claim.is_vendor:
        labels.append("vendor")
    if not (claim.is_verified and source.is_verified):
        labels.append("unverified")
    statement = evidence.with_citations(claim.statement)
    return {
        "claim_id": claim.claim_id,
        "statement": _in_context(statement, source.short_citation()),
        "side": SIDE[claim.direction],
        "speaks_to": claim.speaks_to,
        "counted": claim.speaks_to == MENTAL_HEALTH and not source.is_retracted,
        "strength": claim.strength,
        "topic": claim.topic,
        "analyte_ids": sorted(set(claim.analyte_ids) & analytes) or sorted(claim.analyte_ids),
        "citation": source.citation(),
        "url": source.link,
        "labels": labels,
        "conflict_of_interest": _interests(source, evidence),
        "caveat": evidence.with_citations(claim.caveat),
    }


def _position_row(position: Position, evidence: Evidence) -> dict[str, Any]:
    labels = ["vendor"] if position.body_type == "vendor" else []
    return {
        "body": position.body,
        "document": evidence.with_citations(position.document),
        "stance": position.stance,
        "summary": evidence.with_citations(position.summary),
        "url": position.url_seen,
        "analyte_ids": sorted(position.analyte_ids),
        "labels": labels if position.is_verified else [*labels, "unverified"],
    }


def _gaps(analytes: Iterable[str], claims: list[dict[str, Any]]) -> list[str]:
    """Say which analytes nothing, nothing for, or nothing against their use in mental health was found about."""
    known = {analyte for row in claims for analyte in row["analyte_ids"]}
    sides = {
        side: {analyte for row in claims if row["counted"] and row["side"] == side for analyte in row["analyte_ids"]}
        for side in ("for", "against")
    }
    nothing = [a for a in analytes if a not in known]
    sentences = [f"No statement was found about {', '.join(nothing)}."] if nothing else []
    for side, spoken_of in sides.items():
        if missing := [a for a in analytes if a in known and a not in spoken_of]:
            sentences.append(f"No statement {side} the use of {', '.join(missing)} in mental health was found.")
    return sentences


def gather_evidence(analyte_ids: Iterable[str], *, evidence: Evidence | None = None) -> EvidenceSummary:
    """Collect what the evidence register says about the analytes analysed.

    Parameters
    ----------
    analyte_ids : iterable of str
        Catalogue ids. Analytes the register does not know are named in ``none_found``.
    evidence : Evidence, optional
        Default: the built-in register.

    Returns
    -------
    EvidenceSummary
        Retracted, vendor and unverified rows keep their labels, wherever they are shown.
    """
    register = evidence or load_evidence()
    wanted = tuple(dict.fromkeys(analyte_ids))
    rows = [_claim_row(claim, register, set(wanted)) for claim in register.claims_for(wanted)]
    rows.sort(key=lambda row: TOPIC_ORDER.index(row["topic"]) if row["topic"] in TOPIC_ORDER else len(TOPIC_ORDER))
    positions = tuple(
        _position_row(position, register)
        for position in register.positions_for(wanted)
        if position.stance != "not_found"
    )
    return EvidenceSummary(
        analytes=wanted, claims=tuple(rows), positions=positions, none_found=tuple(_gaps(wanted, rows))
    )
