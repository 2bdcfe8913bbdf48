"""Frames in from files: panel exports, people, bottles, interventions, forms; every position accounted for."""

from recal_labs.ingest.profiles import Profile, load_profile, shipped_profiles
from recal_labs.ingest.read import PanelRead, read_panel
from recal_labs.ingest.tables import (
    read_adverse_events,
    read_interventions,
    read_outcome_items,
    read_outcomes,
    read_specimens,
    read_subjects,
)

__all__ = [
    "PanelRead",
    "Profile",
    "load_profile",
    "read_adverse_events",
    "read_interventions",
    "read_outcome_items",
    "read_outcomes",
    "read_panel",
    "read_specimens",
    "read_subjects",
    "shipped_profiles",
]
