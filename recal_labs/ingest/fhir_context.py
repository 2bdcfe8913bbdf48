"""What the other resources of a FHIR file say of its observations: whose they are, of which specimen, who measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from recal_labs.ingest.fhir_json import Json
from recal_labs.ingest.fhir_types import (
    IDENTIFIED,
    SCOPE,
    concept_codes,
    concept_text,
    items,
    objects,
    quantity_in,
    text_of,
    type_and_id,
    within,
)
from recal_labs.ingest.hl7_orders import HOURS, LITRES

Found = TypeVar("Found")

# HL7 table 0203: the lab's own numbers of a person stand before others, those of a state behind all of them.
_PREFERRED_IDS = ("MR", "PI", "PT")
_STATE_IDS = frozenset({"SS", "NI", "SB", "DL", "PPN", "TAX"})
_SEXES = frozenset({"female", "male"})


class At(NamedTuple):
    """Where a resource stands: its row and place, the bundle around it, and how others point at it."""

    row: int
    place: str
    # Place of the bundle whose references it shares; empty when the file has one scope.
    scope: str = ""
    # When that bundle was sent, where it is a message or a document.
    sent: str | None = None
    # Place of the resource that contains it.
    holder: str = ""
    url: str = ""

    def key_of(self, reference: Json) -> str | None:
        """Return what a reference of this resource points at; None when it names nothing.

        Contained resources are pointed at with ``#``, and know those beside them.
        """
        if not isinstance(reference, dict):
            return None
        target = reference.get("reference")
        if isinstance(target, str) and target:
            if target[0] == "#":
                return (self.holder or self.place) + target
            return within(self.scope, target) if self.scope else target
        identifier = reference.get("identifier")
        number = text_of(identifier.get("value")) if isinstance(identifier, dict) else ""
        return IDENTIFIED + number if number else None

    def keys_of(self, references: Json) -> tuple[str, ...]:
        """Return what each of several references points at."""
        return tuple(key for reference in items(references) if (key := self.key_of(reference)))

    def name_of(self, resource: dict[str, Any], kind: str) -> str | None:
        """Return what a reference to this resource usually looks like; None when nothing can point at it."""
        number = text_of(resource.get("id"))
        if self.holder:
            return f"{self.holder}#{number}" if number else None
        if number:
            return within(self.scope, f"{kind}/{number}")
        return within(self.scope, self.url) if self.url else None


class Person(NamedTuple):
    """Whose observations they are."""

    subject_id: str | None
    sex: str
    born: str | None


class Bottle(NamedTuple):
    """A specimen and how it was collected."""

    accession: str
    number: str
    kind: str
    start: str
    end: str
    volume_l: float | None
    hours: float | None


class Request(NamedTuple):
    """A ServiceRequest: the number that it shares with others of one order, its own, and what was asked for."""

    requisition: str
    number: str
    name: str


class Report(NamedTuple):
    """A DiagnosticReport: what its observations may take from it."""

    number: str
    name: str
    issued: str
    withdrawn: bool
    subject: str | None
    specimens: tuple[str, ...]
    requests: tuple[str, ...]
    results: tuple[str, ...]
    performer: tuple[str | None, str | None]


class Lab(NamedTuple):
    """An organisation."""

    name: str


def _number(identifier: Json) -> str:
    return text_of(identifier.get("value")) if isinstance(identifier, dict) else ""


def _first_number(identifiers: Json) -> str:
    return next((number for identifier in objects(identifiers) if (number := _number(identifier))), "")


def _rank(identifier: dict[str, Any]) -> int:
    codes = concept_codes(identifier.get("type"))
    if known := [_PREFERRED_IDS.index(code) for code in codes if code in _PREFERRED_IDS]:
        return min(known)
    worse = identifier.get("use") == "old" or not _STATE_IDS.isdisjoint(codes)
    return len(_PREFERRED_IDS) + worse


def _read_patient(patient: dict[str, Any], at: At) -> Person:
    """Take id, sex and birth date of a Patient; names and addresses are never looked at."""
    numbers = sorted((one for one in objects(patient.get("identifier")) if _number(one)), key=_rank)
    own = "" if at.holder else text_of(patient.get("id"))
    best = _number(numbers[0]) if numbers else own
    if numbers and own and _rank(numbers[0]) > len(_PREFERRED_IDS):
        best = own
    sex = text_of(patient.get("gender")).casefold()
    return Person(best or None, sex if sex in _SEXES else "unknown", text_of(patient.get("birthDate")) or None)


def read_period(period: Json) -> tuple[str, str]:
    """Return begin and end of a Period."""
    if not isinstance(period, dict):
        return "", ""
    return text_of(period.get("start")), text_of(period.get("end"))


def _read_specimen(specimen: dict[str, Any], at: At) -> Bottle:
    collection = specimen.get("collection")
    taken = collection if isinstance(collection, dict) else {}
    start, end = read_period(taken.get("collectedPeriod"))
    return Bottle(
        accession=_number(specimen.get("accessionIdentifier")),
        number=_first_number(specimen.get("identifier")) or ("" if at.holder else text_of(specimen.get("id"))),
        kind=concept_text(specimen.get("type")),
        start=start or text_of(taken.get("collectedDateTime")),
        end=end,
        volume_l=quantity_in(taken.get("quantity"), LITRES),
        hours=quantity_in(taken.get("duration"), HOURS),
    )


def _read_request(request: dict[str, Any], at: At) -> Request:
    own = _first_number(request.get("identifier"))
    return Request(_number(request.get("requisition")), own, concept_text(request.get("code")))


def _read_report(report: dict[str, Any], at: At) -> Report:
    return Report(
        number=_first_number(report.get("identifier")),
        name=concept_text(report.get("code")),
        issued=text_of(report.get("issued")),
        withdrawn=text_of(report.get("status")) == "entered-in-error",
        subject=at.key_of(report.get("subject")),
        specimens=at.keys_of(report.get("specimen")),
        requests=at.keys_of(report.get("basedOn")),
        results=at.keys_of(report.get("result")),
        performer=read_performer(report.get("performer"), at),
    )


def read_performer(performers: Json, at: At) -> tuple[str | None, str | None]:
    """Return what the first organisation among the performers is, and how it is called; persons are passed over."""
    unknown = None
    for performer in items(performers):
        key = at.key_of(performer)
        kind = performer.get("type") if isinstance(performer, dict) else None
        kind = kind or (type_and_id(key)[0] if key else "")
        if kind == "Organization":
            return key, text_of(performer.get("display")) or None
        if not kind and key and unknown is None:
            unknown = key
    return unknown, None


READERS: Mapping[str, Any] = {
    "Patient": _read_patient,
    "Specimen": _read_specimen,
    "ServiceRequest": _read_request,
    "DiagnosticReport": _read_report,
    "Organization": lambda organisation, at: Lab(text_of(organisation.get("name"))),
}


@dataclass
class Context:
    """Everything that observations may point at, by what a reference to it looks like."""

    known: dict[str, Any] = field(default_factory=dict)
    # Those that have a whole address of their own, so that another address is another resource.
    addressed: set[str] = field(default_factory=set)
    # Second names of observations, such as the fullUrl of their entry.
    same: dict[str, str] = field(default_factory=dict)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    panels: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)

    def add(self, resource: dict[str, Any], kind: str, at: At) -> None:
        """Read a resource, if it is of a kind that says something of observations."""
        if (reader := READERS.get(kind)) is None:
            return
        made = reader(resource, at)
        if isinstance(made, Report):
            self.reports.append(made)
        for key in (at.name_of(resource, kind), within(at.scope, at.url) if at.url else None):
            if key is not None:
                self.known.setdefault(key, made)
                if at.url.startswith("http"):
                    self.addressed.add(key)

    def find(self, key: str | None, kind: type[Found]) -> Found | None:
        """Return what a reference points at, if it is in the file and of the kind that is meant."""
        if key is None:
            return None
        found = self.known.get(key) or self.known.get(key.partition("/_history/")[0])
        if found is None:
            scope, _, target = key.rpartition(SCOPE)
            named, number = type_and_id(key)
            plain = within(scope, f"{named}/{number}")
            if not (target.startswith("http") and plain in self.addressed):
                found = self.known.get(plain)
        return found if isinstance(found, kind) else None
