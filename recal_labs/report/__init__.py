"""The report room: gather facts once, render them many ways; no effect is shown without its statement."""

from recal_labs.report.baseline import baseline_table
from recal_labs.report.facts import gather_facts
from recal_labs.report.gather.reference import count_placed
from recal_labs.report.inputs import ReportInputs
from recal_labs.report.render import render_report
from recal_labs.report.sections.change import show_change
from recal_labs.report.sections.closing import show_limits, show_methods, show_provenance
from recal_labs.report.sections.disagreement import show_disagreement
from recal_labs.report.sections.effects import show_effects, show_forest, show_statement
from recal_labs.report.sections.front import show_summary, show_title
from recal_labs.report.sections.panel import show_panel, show_reference
from recal_labs.report.sections.people import show_baseline, show_flow
from recal_labs.report.sections.quality import show_quality, show_worklist
from recal_labs.report.sections.utility import show_utility
from recal_labs.report.store import Run, open_run, store_run

__all__ = [
    "ReportInputs",
    "Run",
    "baseline_table",
    "count_placed",
    "gather_facts",
    "open_run",
    "render_report",
    "show_baseline",
    "show_change",
    "show_disagreement",
    "show_effects",
    "show_flow",
    "show_forest",
    "show_limits",
    "show_methods",
    "show_panel",
    "show_provenance",
    "show_quality",
    "show_reference",
    "show_statement",
    "show_summary",
    "show_title",
    "show_utility",
    "show_worklist",
    "store_run",
]
