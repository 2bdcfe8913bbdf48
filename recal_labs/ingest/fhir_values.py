"""The value[x] of a FHIR observation or component: its text as it was sent, its comparator and its unit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from recal_labs.ingest.fhir_json import Json
from recal_labs.ingest.fhir_types import concept_codes, concept_text, read_unit, text_of

# A word that the catalogue knows for what the lab did not measure; the sender's own words stand in `printed`.
NOT_PERFORMED = "not performed"
# Reasons for absence that say that there was a value: data-absent-reason of FHIR, NullFlavor of HL7 version 3.
_HAD_VALUE = frozenset(
    "as-text masked not-a-number negative-infinity positive-infinity MSK NAN NINF PINF TRC".casefold().split()
)
# How FHIR R5 calls a comparator that states an amount to be reached, not a limit of what was measured.
_SUFFICIENT = "ad"
_ONE = re.compile(r"1(?:\.0*)?")
_WHOLE = re.compile(r"([0-9]+)\.0*")
# More than this of an attachment or a series says nothing to a person.
_SHOWN = 200


# Text, comparator, unit, the text as printed where it had to be put together, why it is no amount, and the quantity,
# with which the limits of a range are compared before they are believed to have its unit. A plain tuple: one is made
# for every result.
Value = tuple[str | None, str | None, str, str | None, str | None, Json]
NOTHING: Value = (None, None, "", None, None, None)


def _no_amount(text: str | None, fault: str, unit: str = "") -> Value:
    return text or None, None, unit, None, fault, None


def _word(text: str | None, printed: str | None = None, unit: str = "") -> Value:
    return text or None, None, unit, printed, None, None


def _is_text(value: Json) -> bool:
    return value is None or isinstance(value, str)


def read_quantity(quantity: Json) -> Value:
    """Read a Quantity; a comparator of a wrong kind is a fault, because the number alone would be another result."""
    if not isinstance(quantity, dict):
        return _no_amount(text_of(quantity)[:_SHOWN], "it is no quantity with a number and a unit")
    number, sign, unit = quantity.get("value"), quantity.get("comparator"), read_unit(quantity)
    if not _is_text(number) or not _is_text(sign):
        return _no_amount(None, "its number or its comparator is neither text nor number", unit)
    number, sign = text_of(number), text_of(sign)
    if sign == _SUFFICIENT:
        why = "its comparator, ad, states what suffices to reach something, not what was measured"
        return _no_amount(f"{sign} {number}".strip(), why, unit)
    return number or None, sign or None, unit, f"{sign}{number}" if sign and number else None, None, quantity


def _amount(quantity: Json) -> str:
    text, _, unit, printed, _, _ = read_quantity(quantity)
    return " ".join(part for part in (printed or text, unit) if part)


def _per(quantity: Json) -> str:
    """Return what stands below the line of a unit: ``(24.h)`` of 24 h, ``g creat`` of 1 g creat."""
    number, _, unit, _, _, _ = read_quantity(quantity)
    number = _WHOLE.sub(r"\1", number or "1")
    return unit if _ONE.fullmatch(number) else f"({number}.{unit})"


def read_ratio(ratio: Json) -> Value:
    """Read a Ratio that is an amount per something, such as 15 mg / 24 h; a titre (1:128) is no amount.

    Examples
    --------
    >>> read_ratio({"numerator": {"value": "15", "code": "mg"}, "denominator": {"value": "24", "code": "h"}})[:4]
    ('15', None, 'mg/(24.h)', '15 mg / 24 h')
    """
    parts = [ratio.get(key) if isinstance(ratio, dict) else None for key in ("numerator", "denominator")]
    printed = " / ".join(_amount(part) for part in parts).strip(" /")
    (text, comparator, unit, _, fault, _), (_, below, per, _, fault_below, _) = map(read_quantity, parts)
    if fault or fault_below:
        return _no_amount(printed, fault or fault_below or "")
    if text is None or not (unit and per) or below:
        return _no_amount(printed, "it is a ratio, but no amount per something with a unit above and below the line")
    unit = f"{unit}/{_per(parts[1])}"
    return text, comparator, unit, printed, None, {"unit": unit}


def _read_range(limits: Json) -> Value:
    parts = [limits.get(key) if isinstance(limits, dict) else None for key in ("low", "high")]
    text = " - ".join(_amount(part) for part in parts).strip(" -")
    return _no_amount(text, "it is a range, which is more than one number")


def _read_text(text: Json) -> Value:
    return _word(text.strip()) if isinstance(text, str) else _no_amount(None, "it is no text")


def _no_number(what: str) -> Callable[[Json], Value]:
    def read(value: Json) -> Value:
        text = str(value).casefold() if isinstance(value, bool) else concept_text(value)
        return _no_amount(text[:_SHOWN], f"{what} is no amount")

    return read


READERS: Mapping[str, Callable[[Json], Value]] = {
    "valueQuantity": read_quantity,
    "valueRatio": read_ratio,
    "valueRange": _read_range,
    "valueString": _read_text,
    "valueInteger": _read_text,
    "valueDecimal": _read_text,
    "valueCodeableConcept": lambda concept: _word(concept_text(concept)),
    "valueBoolean": _no_number("yes or no"),
    "valueSampledData": _no_number("a series of samples"),
    "valueTime": _no_number("a time"),
    "valueDateTime": _no_number("a date or a time"),
    "valuePeriod": _no_number("a period"),
    "valueAttachment": _no_number("an attachment"),
    "valueReference": _no_number("a reference"),
}


def value_kinds(element: dict[str, Json]) -> list[str]:
    """Return which value[x] an observation or a component has; FHIR allows one."""
    known = element.keys() & READERS.keys()
    stated = [key for key in known if element[key] is not None]
    return stated or [key for key in element if key.startswith("value") and element[key] is not None]


def read_value_of(element: dict[str, Json], kinds: Sequence[str]) -> Value:
    """Read the value of an observation or a component, and what it says when there is none.

    Parameters
    ----------
    element : JSON object
    kinds : sequence of str
        Its `value_kinds`.

    Returns
    -------
    tuple
        A `Value`. Where the lab says why there is no value, `text` is a word for not measured.

    Examples
    --------
    >>> read_value_of({"valueQuantity": {"value": "0.50", "comparator": "<", "unit": "mg/L"}}, ["valueQuantity"])[:4]
    ('0.50', '<', 'mg/L', '<0.50')
    >>> read_value_of({"dataAbsentReason": {"text": "QNS"}}, [])[:4]
    ('not performed', None, '', 'QNS')
    """
    if len(kinds) == 1:
        kind = kinds[0]
        value = READERS[kind](element[kind]) if kind in READERS else _no_number(f"what stands in {kind}")(element[kind])
    elif kinds:
        value = _no_amount(None, f"it has {' and '.join(sorted(kinds)[:3])}, of which FHIR allows one")
    else:
        value = NOTHING
    absent = element.get("dataAbsentReason")
    return value if absent is None else _without(value, absent)


def _without(value: Value, absent: Json) -> Value:
    """Return what a value and the reason of its absence say together."""
    text, comparator, unit, printed, fault, _ = value
    if fault:
        return value
    said = concept_text(absent) or "no reason"
    if comparator or re.search("[0-9]", text or ""):
        why = f"it is a value, and yet there is said to be none ({said[:_SHOWN]})"
        return _no_amount(printed or text or comparator, why, unit)
    if _HAD_VALUE & {code.casefold() for code in concept_codes(absent)}:
        return _no_amount(said, "there was a value, but it was not sent", unit)
    return _word(NOT_PERFORMED, text or said, unit)
