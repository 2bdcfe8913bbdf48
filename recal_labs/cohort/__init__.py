"""Panels and outcomes, linked per subject and visit."""

from recal_labs.cohort.core import Cohort, build_cohort
from recal_labs.cohort.flow import FlowStep, count_positions

__all__ = ["Cohort", "FlowStep", "build_cohort", "count_positions"]
