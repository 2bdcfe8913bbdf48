"""FHIR R4 and R5 JSON: one position for each value of an Observation and of its components, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from recal_labs.errors import FileProblem
from recal_labs.ingest.fhir_context import At
from recal_labs.ingest.fhir_frame import make_positions
from recal_labs.ingest.fhir_json import EXPECTED, Broken, Doubled, Json, looks_like_fhir, read_documents
from recal_labs.ingest.fhir_kinds import BUNDLE, CONTEXT, KINDS, OTHER, PARAMETERS, RESULT
from recal_labs.ingest.fhir_observations import Findings, read_observation
from recal_labs.ingest.fhir_types import forget, items, scrap, text_of
from recal_labs.ingest.fhir_usual import read_usual
from recal_labs.ingest.profiles import Profile
from recal_labs.ingest.values import shown

__all__ = ["PLACE", "looks_like_fhir", "read_fhir"]

_STEP = r"(?:entry|parameter|part|contained|component|item)\[[0-9]+\]"
# Every place of this reader; nothing in it is a word of the file but the kind of a lone resource.
PLACE = rf"(?:line [0-9]+|resource|{'|'.join(sorted(KINDS))}|{_STEP})(?:\.{_STEP})*"

# Bundles that somebody sent at a time of his own; the time of a search says nothing of its results.
_SENT = frozenset({"message", "document"})


def read_fhir(text: str, profile: Profile | None = None, name: str = "") -> pl.DataFrame:
    """Return the positions of a FHIR file.

    Parameters
    ----------
    text : str
        A Bundle, a single resource, a list of resources, or one resource a line (NDJSON).
    profile : Profile, optional
        Not needed: a resource describes itself.
    name : str
        What the file is called in messages.

    Returns
    -------
    DataFrame
        One row a value of an Observation or of a component; an Observation without either is one row too. Patients,
        specimens, reports, orders and organisations are read for what they say of the results and are no rows; every
        other resource is one row without a result. What cannot be read is one row with a reason.

    Raises
    ------
    FileProblem
        When the text is no JSON, or holds no FHIR resource.

    Examples
    --------
    >>> frame = read_fhir('{"resourceType": "Observation", "code": {"text": "HVA"}, "valueQuantity": '
    ...                   '{"value": 0.50, "comparator": "<", "unit": "mg/g creat"}}')
    >>> frame.select("source_place", "name", "comparator", "value", "unit").row(0)
    ('Observation', 'HVA', '<', '0.50', 'mg/g creat')
    """
    found = Findings()
    try:
        for line, place, node in read_documents(text, name, found.doubled):
            if place:
                _read_line(node, line, place, found)
            else:
                _read_node(node, At(1, _place_of(node, name)), found)
        return make_positions(found)
    except RecursionError as err:
        raise FileProblem(name, "it is nested deeper than any FHIR resource", EXPECTED, "ask for it anew") from err
    finally:
        forget()


def _place_of(node: Json, name: str) -> str:
    """Return the place of the one document of a file; lists and bundles have none of their own."""
    if isinstance(node, list):
        return ""
    kind = text_of(node.get("resourceType")) if isinstance(node, dict) else ""
    if not kind:
        raise FileProblem(name, "it is JSON, but no FHIR resource: it has no resourceType", EXPECTED, "ask the sender")
    return "" if kind in (BUNDLE, PARAMETERS) else kind if kind in KINDS else "resource"


def _read_line(node: Json, line: int, place: str, found: Findings) -> None:
    row = read_usual(node, line, place) if isinstance(node, dict) and not found.doubled else None
    if row is None:
        _read_node(node, At(line, place), found)
    else:
        found.rows.append(row)
        found.put_away_many()


def _read_node(node: Json, at: At, found: Findings) -> None:
    """Read a resource and all that it holds, in the order of the file."""
    waiting = [(node, at)]
    while waiting:
        resource, here = waiting.pop()
        if isinstance(resource, dict):
            _read_resource(resource, here, found)
            waiting += reversed(list(_held(resource, here, found)))
            found.put_away_many()
        elif isinstance(resource, list):
            waiting += reversed(list(_listed(resource, here)))
        elif isinstance(resource, Broken):
            found.refuse(here.row, here.place, resource.detail, resource.raw)
        else:
            found.refuse(here.row, here.place, "This is no FHIR resource; ask the sender", scrap(resource))


def _read_resource(resource: dict[str, Any], at: At, found: Findings) -> None:
    kind = resource.get("resourceType")
    if found.doubled and (key := _doubled_in(resource, found.doubled)) is not None:
        why = f"The key {shown(key)} stands twice in one object, so that one of two values is hidden; ask the sender"
        found.refuse(at.row, at.place or BUNDLE, why, text_of(kind))
    elif kind == RESULT:
        read_observation(resource, at, found)
    elif not isinstance(kind, str) or kind not in KINDS:
        said = shown(kind) if isinstance(kind, str) else "missing"
        why = f"The resourceType is {said}; expected one of FHIR R4 or R5: ask the sender"
        found.refuse(at.row, at.place, why, text_of(kind))
    elif kind in CONTEXT:
        found.context.add(resource, kind, at)
    elif kind in OTHER:
        found.set_aside(at.row, at.place, kind)


def _doubled_in(resource: dict[str, Any], doubled: Doubled) -> str | None:
    """Return the key that stands twice somewhere in a resource, but not in the resources that it holds."""
    waiting: list[Json] = [resource]
    while waiting:
        node = waiting.pop()
        if (key := doubled.key_in(node)) is not None:
            return key
        parts = node.values() if isinstance(node, dict) else node
        waiting += (part for part in parts if isinstance(part, list) or (isinstance(part, dict) and not _kind(part)))
    return None


def _kind(node: dict[str, Any]) -> str:
    return text_of(node.get("resourceType"))


def _listed(parts: list[Json], at: At) -> Iterator[tuple[Json, At]]:
    # Of a list that is the whole file the parts are counted; else the line is what a person looks for.
    for index, part in enumerate(parts):
        yield part, At(at.row if at.place else index + 1, _below(at.place, f"item[{index}]"))


def _held(resource: dict[str, Any], at: At, found: Findings) -> Iterator[tuple[Json, At]]:
    """Yield the resources that a resource holds: contained ones, entries of a bundle, parameters."""
    if "contained" in resource:
        for index, contained in enumerate(items(resource["contained"])):
            yield contained, at._replace(place=_below(at.place, f"contained[{index}]"), holder=at.place, url="")
    if "entry" in resource and _kind(resource) == BUNDLE:
        sent = text_of(resource.get("timestamp")) if text_of(resource.get("type")) in _SENT else ""
        for index, entry in enumerate(items(resource["entry"])):
            row, place = at.row if at.place else index + 1, _below(at.place, f"entry[{index}]")
            yield from _entry(entry, At(row, place, at.place, sent or at.sent), found)
    if "parameter" in resource and _kind(resource) == PARAMETERS:
        for index, parameter in enumerate(items(resource["parameter"])):
            yield from _parameter(parameter, at._replace(place=_below(at.place, f"parameter[{index}]")))


def _below(place: str, step: str) -> str:
    return f"{place}.{step}" if place else step


def _entry(entry: Json, at: At, found: Findings) -> Iterator[tuple[Json, At]]:
    """Yield the resource of an entry; one that has none is a position of its own, for it may tell of a deletion."""
    inner = entry.get("resource") if isinstance(entry, dict) else None
    if isinstance(inner, dict):
        yield inner, at._replace(url=text_of(entry.get("fullUrl")))
    elif inner is not None or not isinstance(entry, dict):
        yield Broken("The entry of the bundle is no resource; ask the sender", scrap(inner or entry)), at
    else:
        asked = entry.get("request")
        url = text_of(asked.get("url")) if isinstance(asked, dict) and asked.get("method") == "DELETE" else ""
        if RESULT in url:
            why = f"The entry deletes {shown(url)}, and does not say whose result it was; ask the sender"
            found.refuse(at.row, at.place, why, url)
        else:
            found.set_aside(at.row, at.place, "entry without a resource")


def _parameter(parameter: Json, at: At) -> Iterator[tuple[Json, At]]:
    if not isinstance(parameter, dict):
        return
    if isinstance(parameter.get("resource"), dict):
        yield parameter["resource"], at
    for index, part in enumerate(items(parameter.get("part"))):
        yield from _parameter(part, at._replace(place=f"{at.place}.part[{index}]"))
