"""What a FHIR observation takes from the panel that it is a member of, and from the report that lists it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from recal_labs.ingest.fhir_context import Context, Report, Request
from recal_labs.ingest.fhir_observations import SHARED, texts
from recal_labs.ingest.fhir_types import SCOPE, type_and_id, within

# Fields that are taken together: a period's end without its begin would be another period.
_TOGETHER = (("subject",), ("bottle", "specimen"), ("start", "end"), ("issued",), ("performer", "lab"), ("request",))
_TAKEN = tuple(name for names in _TOGETHER for name in names)
_AT = {name: index for index, name in enumerate(SHARED)}
Columns = dict[str, list[Any]]


def take_from_above(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Fill what observations leave open from their panels and reports, and add ``order`` and ``ordered``.

    Parameters
    ----------
    frame : DataFrame
        The rows of `Findings`.
    context : Context

    Returns
    -------
    DataFrame
        ``order`` is the number of the order that a report was made for, ``ordered`` what was ordered.
    """
    if not (context.members or context.reports):
        nothing = pl.lit(None, dtype=pl.String)
        return frame.with_columns(order=nothing, ordered=nothing)
    columns: Columns = {name: frame[name].to_list() for name in (*_TAKEN, "own", "status")}
    columns |= {name: [None] * frame.height for name in ("order", "ordered")}
    parents, reports = _parents(context), _reports(context)
    for row, own in enumerate(columns["own"]):
        if own is None:
            continue
        line = list(_line(own, parents))
        for panel in line[1:]:
            _fill(columns, row, {name: context.panels[panel][at] for name, at in _AT.items()})
        if report := next((reports[key] for key in line if key in reports), None):
            _take_report(columns, row, report, context)
    return frame.with_columns(texts(name, values) for name, values in columns.items())


def _plain(key: str, context: Context) -> str:
    """Return the usual key of an observation that may be pointed at by another of its names."""
    if key in context.same:
        return context.same[key]
    kind, number = type_and_id(key)
    return within(key.rpartition(SCOPE)[0], f"{kind}/{number}") if kind else key


def _parents(context: Context) -> dict[str, str]:
    parents: dict[str, str] = {}
    for panel, members in context.members.items():
        for member in members:
            parents.setdefault(_plain(member, context), panel)
    return parents


def _reports(context: Context) -> dict[str, Report]:
    reports: dict[str, Report] = {}
    for report in context.reports:
        for result in report.results:
            reports.setdefault(_plain(result, context), report)
    return reports


def _line(own: str, parents: dict[str, str]) -> Iterator[str]:
    """Yield an observation, its panel, the panel of that and so on; panels that hold each other end it."""
    seen: set[str] = set()
    key: str | None = own
    while key is not None and key not in seen:
        yield key
        seen.add(key)
        key = parents.get(key)


def _fill(columns: Columns, row: int, above: dict[str, Any]) -> None:
    for names in _TOGETHER:
        if all(columns[name][row] is None for name in names):
            for name in names:
                columns[name][row] = above.get(name)


def _take_report(columns: Columns, row: int, report: Report, context: Context) -> None:
    performer, lab = report.performer
    # Which of several specimens it was measured in, a report does not say. Nor is its own time asked: some senders
    # write there when the report was made, not when the specimen was collected.
    bottle = report.specimens[0] if len(report.specimens) == 1 else None
    above = {"subject": report.subject, "bottle": bottle, "issued": report.issued or None}
    _fill(columns, row, {**above, "performer": performer, "lab": lab})
    if report.withdrawn:
        columns["status"][row] = "entered_in_error"
    asked = [request for key in report.requests if (request := context.find(key, Request))]
    numbers = (number for request in asked for number in (request.requisition, request.number) if number)
    columns["order"][row] = next(numbers, "") or report.number or None
    columns["ordered"][row] = " ".join([report.name, *(request.name for request in asked)]).strip() or None
