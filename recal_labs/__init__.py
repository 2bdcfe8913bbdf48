"""recal_labs: urinary neurotransmitter metabolite panels, related to outcomes, with their limits beside them.

The rooms are loaded on first use, so that ``import recal_labs as rl`` costs little. Supportive data only: nothing here
diagnoses, and nothing here advises a treatment.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recal_labs.analyse import Associations, associate, change, compare_groups  # type: ignore[no-redef]
    from recal_labs.batch import normalise_inbox
    from recal_labs.catalogue import load_catalogue
    from recal_labs.choices import Choices
    from recal_labs.cohort import Cohort, build_cohort
    from recal_labs.errors import RecalLabsError
    from recal_labs.estimate import Estimate
    from recal_labs.ingest import (
        Inspection,
        accept_answers,
        inspect_export,
        read_adverse_events,
        read_interventions,
        read_outcomes,
        read_panel,
        read_specimens,
        read_subjects,
    )
    from recal_labs.intervals import establish_interval
    from recal_labs.normalise import (
        DilutionFit,
        Normalised,
        RangeDisagreement,
        amounts_in,
        check_dilution,
        check_units,
        convert_amounts,
        derive_ratios,
        diurnal_cortisol,
        find_interferences,
        find_preanalytical,
        fit_dilution,
        normalise,
        range_disagreement,
        summarise_amounts,
        unmatched_words,
        zlog,
    )
    from recal_labs.outcomes import score
    from recal_labs.privacy import pseudonymise
    from recal_labs.study import run_study
    from recal_labs.trace import RunDiff, Trace, diff_runs, trace_result

__version__ = "0.1.0"

_HOMES = {
    "Associations": "analyse",
    "Choices": "choices",
    "Cohort": "cohort",
    "DilutionFit": "normalise",
    "Estimate": "estimate",
    "Inspection": "ingest",
    "Normalised": "normalise",
    "RangeDisagreement": "normalise",
    "RecalLabsError": "errors",
    "RunDiff": "trace",
    "Trace": "trace",
    "accept_answers": "ingest",
    "amounts_in": "normalise",
    "associate": "analyse",
    "build_cohort": "cohort",
    "change": "analyse",
    "check_dilution": "normalise",
    "check_units": "normalise",
    "compare_groups": "analyse",
    "convert_amounts": "normalise",
    "derive_ratios": "normalise",
    "diff_runs": "trace",
    "diurnal_cortisol": "normalise",
    "establish_interval": "intervals",
    "find_interferences": "normalise",
    "find_preanalytical": "normalise",
    "fit_dilution": "normalise",
    "inspect_export": "ingest",
    "load_catalogue": "catalogue",
    "normalise": "normalise",
    "normalise_inbox": "batch",
    "pseudonymise": "privacy",
    "range_disagreement": "normalise",
    "read_adverse_events": "ingest",
    "read_interventions": "ingest",
    "read_outcomes": "ingest",
    "read_panel": "ingest",
    "read_specimens": "ingest",
    "read_subjects": "ingest",
    "run_study": "study",
    "score": "outcomes",
    "summarise_amounts": "normalise",
    "trace_result": "trace",
    "unmatched_words": "normalise",
    "zlog": "normalise",
}

__all__ = [
    "Associations",
    "Choices",
    "Cohort",
    "DilutionFit",
    "Estimate",
    "Inspection",
    "Normalised",
    "RangeDisagreement",
    "RecalLabsError",
    "RunDiff",
    "Trace",
    "__version__",
    "accept_answers",
    "amounts_in",
    "associate",
    "build_cohort",
    "change",
    "check_dilution",
    "check_units",
    "compare_groups",
    "convert_amounts",
    "derive_ratios",
    "diff_runs",
    "diurnal_cortisol",
    "establish_interval",
    "find_interferences",
    "find_preanalytical",
    "fit_dilution",
    "inspect_export",
    "load_catalogue",
    "normalise",
    "normalise_inbox",
    "pseudonymise",
    "range_disagreement",
    "read_adverse_events",
    "read_interventions",
    "read_outcomes",
    "read_panel",
    "read_specimens",
    "read_subjects",
    "run_study",
    "score",
    "summarise_amounts",
    "trace_result",
    "unmatched_words",
    "zlog",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"recal_labs.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'recal_labs' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


class _FrontDoor(ModuleType):
    """The package itself: ``rl.normalise`` stays the function although a room has the same name.

    Importing ``recal_labs.normalise`` makes Python set that room as an attribute of the package; here it is not kept.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _FrontDoor
