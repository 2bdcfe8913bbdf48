"""FHIR Observation: one row for its value and one for each of its components, before its references are followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from recal_labs.ingest.fhir_context import At, Context, read_performer, read_period
from recal_labs.ingest.fhir_json import Doubled, Json
from recal_labs.ingest.fhir_kinds import RESULT
from recal_labs.ingest.fhir_ranges import plain_range
from recal_labs.ingest.fhir_types import concept_codes, concept_text, items, objects, read_code, scrap, text_of, within
from recal_labs.ingest.fhir_values import Value, read_value_of, value_kinds
from recal_labs.ingest.values import shown

# ObservationStatus of R4 and R5, and what R6 adds. "Unknown" says that the sender does not know which: the result is
# kept, and never stands above one that is final.
STATUS: Mapping[str, str] = {
    **dict.fromkeys(("final", "appended"), "final"),
    **dict.fromkeys(("amended", "corrected"), "corrected"),
    **dict.fromkeys(("registered", "specimen-in-process", "preliminary", "unknown"), "preliminary"),
    **dict.fromkeys(("cancelled", "cannot-be-obtained"), "cancelled"),
    "entered-in-error": "entered_in_error",
}
# There is no result yet.
_PENDING = frozenset({"registered", "specimen-in-process"})
# Interpretations that say what a comparator says.
OFF_SCALE = ("<", ">")
# Categories of the code system observation-category whose observations were not measured in a specimen.
_NO_LAB = frozenset({"survey", "vital-signs", "social-history", "imaging", "activity"})

# What each position says of itself, and what it shares with the others of its observation.
OWN = (
    "source_row",
    "source_place",
    "name",
    "called",
    "code",
    "value",
    "printed",
    "comparator",
    "unit",
    "range",
    "flag",
    "no_result",
    "reason",
    "detail",
)
SHARED = (
    "status",
    "subject",
    "bottle",
    "specimen",
    "start",
    "end",
    "issued",
    "sent",
    "performer",
    "lab",
    "method",
    "request",
    "own",
    "raw",
)
COLUMNS = OWN + SHARED
# Rows that are held before they become columns.
_BLOCK = 5_000


@dataclass
class Findings:
    """What was found in a file so far.

    Parameters
    ----------
    rows : list of tuple
        One a position, with the columns `COLUMNS`.
    blocks : list of DataFrame
        Rows that were put away: as columns they need a tenth of the memory.
    ranges : list of (int, JSON, JSON)
        Rows whose range depends on the person: number of the row, its ranges, its quantity.
    context : Context
    doubled : Doubled
    """

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    blocks: list[pl.DataFrame] = field(default_factory=list)
    ranges: list[tuple[int, Json, Json]] = field(default_factory=list)
    context: Context = field(default_factory=Context)
    doubled: Doubled = field(default_factory=Doubled)
    put_away: int = 0

    def refuse(self, row: int, place: str, detail: str, raw: str) -> None:
        """Add a position that cannot be read."""
        self._add(source_row=row, source_place=place, reason="unreadable_row", detail=detail, raw=raw)

    def set_aside(self, row: int, place: str, raw: str) -> None:
        """Add a position for what is no part of a panel."""
        self._add(source_row=row, source_place=place, no_result="other_content", raw=raw)

    def _add(self, **said: Any) -> None:
        self.rows.append(tuple(said.get(name) for name in COLUMNS))

    def put_away_many(self) -> None:
        """Turn the rows so far into a block of columns, if they are many."""
        if len(self.rows) > _BLOCK:
            self._put_away()

    def _put_away(self) -> None:
        columns = zip(COLUMNS, zip(*self.rows, strict=True), strict=True)
        self.blocks.append(pl.DataFrame([_column(name, values) for name, values in columns]))
        self.put_away += len(self.rows)
        self.rows.clear()

    def frame(self) -> pl.DataFrame:
        """Return all rows as one frame."""
        if self.rows:
            self._put_away()
        return pl.concat(self.blocks)


def _column(name: str, values: Sequence[Any]) -> pl.Series:
    if name == "source_row":
        return pl.Series(name, values, dtype=pl.Int64)
    # Many columns are empty in most files.
    return (
        texts(name, values) if any(values) else pl.Series(name, [], dtype=pl.String).extend_constant(None, len(values))
    )


def texts(name: str, values: Sequence[str | None]) -> pl.Series:
    """Return a column of texts; half a surrogate pair, legal in JSON and no character, as the escape that it was."""
    try:
        return pl.Series(name, values, dtype=pl.String)
    except UnicodeEncodeError:
        kept = [None if text is None else text.encode("utf-8", "backslashreplace").decode() for text in values]
        return pl.Series(name, kept, dtype=pl.String)


def read_observation(observation: dict[str, Any], at: At, found: Findings) -> None:
    """Add the positions of an Observation: its value, and each of its components.

    An observation that has components and says nothing of a value of its own is no position beside them.
    """
    shared = _shared(observation, at)
    components = items(observation.get("component"))
    kinds = value_kinds(observation)
    if kinds or not components or observation.get("dataAbsentReason") is not None:
        found.rows.append(_own(observation, kinds, at.row, at.place, observation, shared[0], found) + shared)
    for index, component in enumerate(components):
        place = f"{at.place}.component[{index}]"
        if isinstance(component, dict):
            own = _own(component, value_kinds(component), at.row, place, observation, shared[0], found)
            found.rows.append(own + shared)
        else:
            found.refuse(at.row, place, "The component is no JSON object; ask the sender", scrap(component))
    members = at.keys_of(observation.get("hasMember"))
    if members or at.url:
        _relate(observation, at, shared, members, found.context)


def _relate(
    observation: dict[str, Any], at: At, shared: tuple[Any, ...], members: tuple[str, ...], context: Context
) -> None:
    """Keep what the members of a panel may take from it, and by which names it is known."""
    own = at.name_of(observation, RESULT)
    if own is None:
        return
    if at.url:
        context.same[within(at.scope, at.url)] = own
    if members:
        context.members[own] = members
        context.panels[own] = shared


def _shared(observation: dict[str, Any], at: At) -> tuple[Any, ...]:
    """Return what the positions of an observation share, in the order of `SHARED`."""
    get = observation.get
    stated, specimen = get("status"), get("specimen")
    status = STATUS.get(text_of(stated).casefold()) if stated is not None else "final"
    start, end = _effective(observation)
    performer, lab = read_performer(get("performer"), at)
    return (
        status,
        at.key_of(get("subject")),
        at.key_of(specimen),
        (text_of(specimen.get("display")) or None) if isinstance(specimen, dict) else None,
        start,
        end,
        text_of(get("issued")) or None,
        at.sent,
        performer,
        lab,
        concept_text(get("method")) or None,
        next(iter(at.keys_of(get("basedOn"))), None),
        at.name_of(observation, RESULT),
        None,
    )


def _effective(observation: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return begin and end of an observation's time; of a schedule only a single moment can be the one."""
    for key in ("effectiveDateTime", "effectiveInstant"):
        if moment := text_of(observation.get(key)):
            return moment, None
    start, end = read_period(observation.get("effectivePeriod"))
    timing = observation.get("effectiveTiming")
    events = items(timing.get("event")) if isinstance(timing, dict) else []
    if not start and len(events) == 1:
        start = text_of(events[0])
    return start or None, end or None


def _is_no_lab(categories: Json) -> bool:
    """Tell whether an observation says that it was not made in a laboratory."""
    codes = {
        text_of(coding.get("code"))
        for category in objects(categories)
        for coding in objects(category.get("coding"))
        if text_of(coding.get("system")).endswith("/observation-category")
    }
    return bool(codes) and codes <= _NO_LAB


def _flag(interpretation: Json) -> str:
    """Return the flags: the first code of each interpretation, or its text where it has none."""
    flags = (next(iter(concept_codes(concept)), "") or concept_text(concept) for concept in items(interpretation))
    return "~".join(flag for flag in flags if flag)


def _own(
    element: dict[str, Any],
    kinds: Sequence[str],
    row: int,
    place: str,
    observation: dict[str, Any],
    status: str | None,
    found: Findings,
) -> tuple[Any, ...]:
    """Return what a position says of itself, in the order of `OWN`; it is an observation or a component of one."""
    name, code, called = read_code(element.get("code"))
    value = read_value_of(element, kinds)
    flag = _flag(element.get("interpretation"))
    value = _with_state(value, flag, observation)
    text, comparator, unit, printed, _, quantity = value
    limits, limits_text = element.get("referenceRange"), None
    if limits is not None and (limits_text := plain_range(limits, quantity)) is None:
        found.ranges.append((found.put_away + len(found.rows), limits, quantity))
    return (
        row,
        place,
        name,
        called,
        code,
        text,
        printed,
        comparator,
        unit or None,
        limits_text or None,
        flag or None,
        *_verdict(element, value, flag, observation, status),
    )


def _with_state(value: Value, flag: str, observation: dict[str, Any]) -> Value:
    """Return a value with what status and flag say in its place: pending, or off scale."""
    text, comparator, unit, printed, fault, quantity = value
    if text is None and fault is None and not observation.get("hasMember"):
        # There is no result yet, which is more than an empty field says.
        is_pending = text_of(observation.get("status")).casefold() in _PENDING
        return ("pending", comparator, unit, "", fault, quantity) if is_pending else value
    if text is not None and comparator is None and flag in OFF_SCALE:
        return text, flag, unit, printed, fault, quantity
    return value


def _verdict(
    element: dict[str, Any], value: Value, flag: str, observation: dict[str, Any], status: str | None
) -> tuple[str | None, str | None, str | None]:
    """Return what the reader is sure of: no_result, or reason and detail."""
    text, comparator, _, printed, fault, _ = value
    if _is_no_lab(observation.get("category")):
        return "other_content", None, None
    if status is None:
        said = shown(text_of(observation["status"])) if isinstance(observation["status"], str) else "no text"
        why = f"The status is {said}; expected one of FHIR's observation-status: ask the sender"
        return None, "unreadable_row", why
    if changes := objects(element.get("modifierExtension")):
        url = text_of(changes[0].get("url")).rpartition("/")[2] or "without a name"
        why = f"A modifierExtension ({url}) says that the value is not what it seems; ask the sender"
        return None, "unreadable_value", why
    if fault:
        said = f"The value is {shown(printed or text or '')}" if printed or text else "The value cannot be read"
        return None, "unreadable_value", f"{said}: {fault}; ask the sender"
    if flag in OFF_SCALE and comparator and flag not in comparator:
        why = f"The comparator is {comparator}, but the interpretation is {flag}; ask which is right"
        return None, "unreadable_value", why
    is_withdrawn = status in ("cancelled", "entered_in_error") and not observation.get("hasMember")
    return (None if text or comparator or is_withdrawn else "empty_value"), None, None
