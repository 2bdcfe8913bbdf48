"""Frames in from files: panel exports, people, bottles, interventions, forms; every position accounted for."""

from recal_labs.ingest.answers import Accepted, accept_answers
from recal_labs.ingest.forms import date_rejects, read_outcome_items
from recal_labs.ingest.inspecting import Inspection, inspect_export
from recal_labs.ingest.profiles import Profile, load_profile, shipped_profiles
from recal_labs.ingest.read import PanelRead, read_panel
from recal_labs.ingest.tables import (
    TableRead,
    count_reasons,
    read_adverse_events,
    read_interventions,
    read_outcomes,
    read_specimens,
    read_subjects,
    read_table,
)

__all__ = [
    "Accepted",
    "Inspection",
    "PanelRead",
    "Profile",
    "TableRead",
    "accept_answers",
    "count_reasons",
    "date_rejects",
    "inspect_export",
    "load_profile",
    "read_adverse_events",
    "read_interventions",
    "read_outcome_items",
    "read_outcomes",
    "read_panel",
    "read_specimens",
    "read_subjects",
    "read_table",
    "shipped_profiles",
]
