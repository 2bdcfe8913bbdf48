"""Judges: what an association is worth, what the literature says, and the statement that goes with every effect."""

from recal_labs.utility.circumstances import Circumstances
from recal_labs.utility.compose import association_statement, group_statement
from recal_labs.utility.compose_change import NO_CONTROL_GROUP, change_statement
from recal_labs.utility.evidence import EvidenceSummary, gather_evidence
from recal_labs.utility.statement import UtilityStatement

__all__ = [
    "NO_CONTROL_GROUP",
    "Circumstances",
    "EvidenceSummary",
    "UtilityStatement",
    "association_statement",
    "change_statement",
    "gather_evidence",
    "group_statement",
]
