"""What stands above the observations of an HL7 v2 message: whose they are, which specimen, how it was collected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from recal_labs.ingest.hl7_segments import Message, Segment, Separators, component, subcomponent, unescape
from recal_labs.ingest.hl7_types import hours_between, observed_amount, read_moment, read_quantity

SEX = {"F": "female", "M": "male"}

# Table 0085: what the state of an observation means for us.
STATUS = {
    **dict.fromkeys(("", "F", "U", "V", "B", "A"), "final"),
    "C": "corrected",
    **dict.fromkeys(("P", "S", "R", "I"), "preliminary"),
    **dict.fromkeys(("X", "N", "O"), "cancelled"),
    **dict.fromkeys(("D", "W"), "entered_in_error"),
}

# Codes that describe the collection, not the urine (reference_ranges/loinc_context.csv).
VOLUME_CODES = frozenset({"19153-6", "3167-4"})
HOURS_CODES = frozenset({"13362-9", "30211-7"})

LITRES = {"L": 1.0, "DL": 0.1, "CL": 0.01, "ML": 0.001}
# Both codes of a duration count hours where no unit is sent.
HOURS = {
    **dict.fromkeys(("", "H", "HR", "HRS", "HOUR", "HOURS"), 1.0),
    **dict.fromkeys(("MIN", "MINUTES"), 1.0 / 60.0),
    **dict.fromkeys(("D", "DAY"), 24.0),
}

_PREFERRED_IDS = ("MR", "PI", "PT")
_TIMED = re.compile(r"\b24[\s-]*h", re.IGNORECASE)
_OTHER_MATRIX = re.compile(r"serum|plasma|blood|saliva|stool|f(?:a?e|æ)ces|csf|liquor", re.IGNORECASE)
# Words that say urine but not which kind of collection.
_URINE = frozenset({"u", "ur", "urine", "urin", "urine specimen"})
# A collection this long was a timed one; shorter than 20 h it does not count as a day's (loinc_context.csv, 13362-9).
_DAY_FROM_HOURS = 20.0


@dataclass(frozen=True)
class Person:
    """Whose observations they are."""

    subject_id: str = ""
    sex: str = "unknown"
    born: str = ""


@dataclass
class Order:
    """One OBR with its observations and what is known of their specimen."""

    person: Person
    observations: list[Segment] = field(default_factory=list)
    specimen_id: str = ""
    collected: str = ""
    ended: str = ""
    reported: str = ""
    specimen: str = ""
    volume_l: float | None = None
    hours: float | None = None


def read_person(segment: Segment, marks: Separators) -> Person:
    """Take id, sex and birth date of a PID; names and addresses are never looked at.

    Of several ids in PID-3 the medical record number stands first: a message may list a social security number before
    it.
    """
    ids = [(component(text, 1, marks), component(text, 5, marks)) for text in segment[3].split(marks.repetition)]
    sent = [number for number, _ in ids] + [component(segment[place], 1, marks) for place in (2, 4)]
    preferred = [number for kind in _PREFERRED_IDS for number, said in ids if said.upper() == kind]
    first = next((number for number in [*preferred, *sent] if number), "")
    return Person(first, SEX.get(segment[8].strip().upper()[:1], "unknown"), component(segment[7], 1, marks))


def collection_detail(segment: Segment, marks: Separators) -> str:
    """Return ``volume`` or ``hours`` for an observation of the collection itself, else nothing."""
    return _detail_of_code(segment[3], marks)


@lru_cache(maxsize=4096)
def _detail_of_code(field: str, marks: Separators) -> str:
    triplets = ((component(field, n, marks), component(field, n + 2, marks)) for n in (1, 4))
    for code, system in triplets:
        if system.upper() in {"", "LN", "LOINC"} and code in VOLUME_CODES | HOURS_CODES:
            return "volume" if code in VOLUME_CODES else "hours"
    return ""


def read_detail(segment: Segment, marks: Separators) -> float | None:
    """Return litres or hours of an observation of the collection; None when they cannot be told exactly."""
    factors = LITRES if collection_detail(segment, marks) == "volume" else HOURS
    return observed_amount(segment, marks, factors)


def _stands(segment: Segment) -> bool:
    return not segment.inside and STATUS.get(segment[11].strip().upper()[:1]) not in {"cancelled", "entered_in_error"}


def _specimen_source(text: str, marks: Separators) -> str:
    """Return the specimen of OBR-15: ``UR&Urine&HL70487^HCl`` names it before the additive, ``UR^Urine`` twice."""
    source = text.split(marks.component)[0]
    if marks.subcomponent and marks.subcomponent in source:
        return subcomponent(source, 2, marks) or subcomponent(source, 1, marks)
    return component(text, 2, marks) or component(text, 1, marks)


def _begin_order(segment: Segment, person: Person, marks: Separators) -> Order:
    return Order(
        person,
        specimen_id=component(segment[3], 1, marks) or component(segment[2], 1, marks),
        collected=component(segment[7], 1, marks),
        ended=component(segment[8], 1, marks),
        reported=component(segment[22], 1, marks),
        specimen=_specimen_source(segment[15], marks),
        volume_l=read_quantity(segment[9], marks, LITRES),
    )


def _add_specimens(order: Order, segments: list[Segment], marks: Separators) -> None:
    """Let the SPM segments of an order say what they know better than its OBR."""
    kinds = [component(spm[4], 2, marks) or component(spm[4], 1, marks) for spm in segments]
    # Two kinds of specimen in one order: which observation is of which is not said, so neither is believed.
    order.specimen = " and ".join(dict.fromkeys(kind for kind in kinds if kind)) or order.specimen
    for spm in segments:
        placer, filler = [*spm[2].split(marks.component), ""][:2]
        # The lab's own number of the specimen joins the orders that were measured in it, such as creatinine.
        named = subcomponent(filler, 1, marks) or subcomponent(placer, 1, marks)
        order.specimen_id = named or order.specimen_id
        order.collected = order.collected or component(spm[17], 1, marks)
        order.ended = order.ended or component(spm[17], 2, marks)
        order.volume_l = order.volume_l or read_quantity(spm[12], marks, LITRES)


def _add_details(order: Order, marks: Separators) -> None:
    """Take volume and duration from the observations that carry them; they stand anywhere in their order."""
    order.hours = hours_between(read_moment(order.collected), read_moment(order.ended))
    for segment in filter(_stands, order.observations):
        kind = collection_detail(segment, marks)
        amount = read_detail(segment, marks) if kind else None
        if kind == "volume":
            order.volume_l = amount or order.volume_l
        elif kind == "hours":
            order.hours = amount or order.hours


def _name_the_collection(order: Order, ordered: str) -> None:
    """Call a specimen 24 h urine where the name of the order or the duration of the collection says so."""
    plain_urine = order.specimen.casefold() in _URINE
    by_name = _TIMED.search(ordered) and not _OTHER_MATRIX.search(ordered)
    if (plain_urine and (order.hours or 0.0) >= _DAY_FROM_HOURS) or (by_name and (plain_urine or not order.specimen)):
        order.specimen = "24 h urine"


def _groups(message: Message) -> Iterator[tuple[Person, Segment | None, list[Segment]]]:
    """Yield each OBR with what follows it and its person; what stands before any PID has no owner."""
    person, header, following = Person(), None, list[Segment]()
    for segment in message.segments:
        if segment.name in {"PID", "OBR"}:
            yield person, header, following
            following = []
            # A second patient begins with nothing of the first: neither the specimen nor the time.
            header = segment if segment.name == "OBR" else None
            person = read_person(segment, message.separators) if segment.name == "PID" else person
        elif segment.name in {"OBX", "SPM"}:
            following.append(segment)
    yield person, header, following


def read_orders(message: Message) -> Iterator[Order]:
    """Yield the orders of a message, in its sequence, with their observations."""
    marks = message.separators
    for person, header, following in _groups(message):
        order = _begin_order(header, person, marks) if header else Order(person)
        order.observations = [segment for segment in following if segment.name == "OBX"]
        _add_specimens(order, [segment for segment in following if segment.name == "SPM"], marks)
        _add_details(order, marks)
        _name_the_collection(order, unescape(header[4], marks) if header else "")
        yield order
