"""What has been published for and against the use of each analyte: the debate, with its sources and their labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from recal_labs.catalogue import Evidence, load_evidence


@dataclass(frozen=True, kw_only=True)
class EvidenceSummary:
    """Statements about the analytes actually analysed.

    Parameters
    ----------
    analytes : tuple of str
        What was asked for.
    claims : tuple of dict
        statement, side (``for``, ``against``, ``context``, ``established elsewhere``), strength, topic, analyte_ids,
        citation, url, labels (retracted, vendor, unverified), caveat.
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


def _claim_row(claim: Any, evidence: Evidence, analytes: set[str]) -> dict[str, Any]:
    source = evidence.sources[claim.source_id]
    labels = []
    if source.is_retracted:
        labels.append("RETRACTED" if "presumed" not in source.retraction_status else "presumed RETRACTED")
    elif source.retraction_status.startswith("unclear"):
        labels.append("retraction status unclear")
    if claim.strength == "vendor":
        labels.append("vendor")
    if not (claim.is_verified and source.is_verified):
        labels.append("unverified")
    if source.has_conflict_of_interest:
        labels.append("conflict of interest stated")
    return {
        "claim_id": claim.claim_id,
        "statement": claim.statement,
        "side": SIDE[claim.direction],
        "strength": claim.strength,
        "topic": claim.topic,
        "analyte_ids": sorted(set(claim.analyte_ids) & analytes) or sorted(claim.analyte_ids),
        "citation": source.citation(),
        "url": source.link,
        "labels": labels,
        "conflict_of_interest": source.conflict_of_interest,
        "caveat": claim.caveat,
    }


def _gaps(analytes: Iterable[str], claims: list[dict[str, Any]]) -> list[str]:
    """Say which analytes no statement for, against, or at all was found about. Retracted work does not count."""
    sides: dict[str, set[str]] = {}
    for row in claims:
        if not any("RETRACTED" in label for label in row["labels"]):
            for analyte in row["analyte_ids"]:
                sides.setdefault(analyte, set()).add(row["side"])
    nothing = [a for a in analytes if a not in sides]
    no_for = [a for a in analytes if a in sides and "for" not in sides[a]]
    no_against = [a for a in analytes if a in sides and "against" not in sides[a]]
    sentences = []
    if nothing:
        sentences.append(f"No statement was found about {', '.join(nothing)}.")
    if no_for:
        sentences.append(f"No statement for the use of {', '.join(no_for)} in mental health was found.")
    if no_against:
        sentences.append(f"No statement against the use of {', '.join(no_against)} in mental health was found.")
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
        {
            "body": position.body,
            "document": position.document,
            "stance": position.stance,
            "summary": position.summary,
            "url": position.url_seen,
            "analyte_ids": sorted(position.analyte_ids),
            "labels": [] if position.is_verified else ["unverified"],
        }
        for position in register.positions_for(wanted)
        if position.stance != "not_found"
    )
    return EvidenceSummary(
        analytes=wanted, claims=tuple(rows), positions=positions, none_found=tuple(_gaps(wanted, rows))
    )
