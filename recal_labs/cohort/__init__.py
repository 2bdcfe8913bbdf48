"""Panels and outcomes, linked per subject and visit."""

from recal_labs.cohort.core import Cohort, build_cohort
from recal_labs.cohort.panels import FlowStep

__all__ = ["Cohort", "FlowStep", "build_cohort"]
