"""Where a number came from, and what changed between two runs."""

from recal_labs.trace.address import AmbiguousResultError, UnknownResultError
from recal_labs.trace.core import Trace, trace_result
from recal_labs.trace.difference import RunDiff, diff_runs

__all__ = ["AmbiguousResultError", "RunDiff", "Trace", "UnknownResultError", "diff_runs", "trace_result"]
