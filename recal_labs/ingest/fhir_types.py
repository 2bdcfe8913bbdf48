"""FHIR data types as JSON holds them: texts, concepts, codes, units, references. Nothing here trusts a type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from recal_labs.ingest.fhir_json import Json
from recal_labs.ingest.hl7_types import read_amount

UCUM = "http://unitsofmeasure.org"
_LOINC_SYSTEMS = frozenset(
    {"http://loinc.org", "https://loinc.org", "http://loinc.org/", "urn:oid:2.16.840.1.113883.6.1", "LN", "LOINC"}
)
_LOINC = re.compile(r"[0-9]{1,7}-[0-9]")
# Creatinine in a unit: creat, Cr, Krea, crt, but not the cr of micrograms.
_CREATININE = re.compile(r"(?<!mi)[ck]r", re.IGNORECASE)
# Type and id at the end of a reference, whatever the server and the version are.
_TYPED = re.compile(r"(?:^|.*/)([A-Z][A-Za-z]+)/([^/#?|\s]+)(?:/_history/[^/]*)?$", re.DOTALL)
_ASKED = re.compile(r"([A-Z][A-Za-z]+)\?(?:.*&)?identifier=(?:[^|&]*\|)?([^|&]+)", re.DOTALL)
# Between the place of a bundle and a reference inside it: of two bundles in one file each has its own Patient/1.
SCOPE = "\t"
# Begins a reference that holds nothing but an identifier.
IDENTIFIED = "identifier\t"


def items(value: Json) -> list[Json]:
    """Return what may be a list as a list: some senders leave the brackets away where there is one."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def objects(value: Json) -> list[dict[str, Any]]:
    """Return the objects of what may be a list."""
    return [one for one in items(value) if isinstance(one, dict)]


def text_of(value: Json) -> str:
    """Return a text or a number as text; empty for everything else."""
    return value.strip() if isinstance(value, str) else ""


def scrap(value: Json) -> str:
    """Return so much of what is not understood as a person needs to find it."""
    return text_of(value)[:200] if isinstance(value, str) else f"({type(value).__name__})"


def concept_text(concept: Json) -> str:
    """Return what a CodeableConcept says: its text, else what is displayed for its codes, else the first code."""
    # R5 wraps a concept that may also be a reference.
    while isinstance(concept, dict) and isinstance(concept.get("concept"), dict):
        concept = concept["concept"]
    if not isinstance(concept, dict):
        return text_of(concept)
    if text := text_of(concept.get("text")):
        return text
    codings = objects(concept.get("coding"))
    texts = (text for key in ("display", "code") for coding in codings if (text := text_of(coding.get(key))))
    return next(texts, "")


def concept_codes(concept: Json) -> list[str]:
    """Return the codes of a CodeableConcept."""
    codings = objects(concept.get("coding")) if isinstance(concept, dict) else []
    return [code for coding in codings if (code := text_of(coding.get("code")))]


def read_code(concept: Json) -> tuple[str | None, str | None, str | None]:
    """Return the name of an observation, its LOINC code, and what is displayed for the code.

    Examples
    --------
    >>> read_code({"coding": [{"system": "http://loinc.org", "code": "11146-8", "display": "HVA/Creat Ur"}]})
    ('HVA/Creat Ur', '11146-8', 'HVA/Creat Ur')
    >>> read_code({"coding": [{"system": "urn:lab", "code": "11146-8"}], "text": "HVA"})
    ('HVA', None, None)
    """
    if not isinstance(concept, dict):
        return text_of(concept) or None, None, None
    codings = concept.get("coding")
    if isinstance(codings, list) and len(codings) == 1 and isinstance(codings[0], dict):
        text, one = concept.get("text"), codings[0].get
        try:
            return code_of(text, one("system"), one("code"), one("display"))
        except TypeError:  # an object or a list where a text belongs
            return code_of(text_of(text), *(text_of(one(key)) for key in ("system", "code", "display")))
    loinc = shown = first = None
    for coding in objects(codings):
        code, display = text_of(coding.get("code")), text_of(coding.get("display"))
        if loinc is None and is_loinc(coding.get("system"), code):
            # What the code itself means says more than what a local code is called.
            loinc, shown = code, display or shown
        shown, first = shown or display or None, first or code or None
    return text_of(concept.get("text")) or shown or first, loinc, shown


# Files repeat their codes and units endlessly.
@lru_cache(maxsize=4096)
def code_of(text: Json, system: Json, code: Json, display: Json) -> tuple[str | None, str | None, str | None]:
    """Return what `read_code` returns for a concept with one coding."""
    code, display = text_of(code), text_of(display) or None
    return text_of(text) or display or code or None, code if is_loinc(system, code) else None, display


def is_loinc(system: Json, code: str) -> bool:
    """Tell whether a code is one of LOINC; local codes share its form."""
    return text_of(system) in _LOINC_SYSTEMS and _LOINC.fullmatch(code) is not None


def read_unit(quantity: Json) -> str:
    """Return the unit of a Quantity: the UCUM code, unless it has lost the creatinine that the unit's text names.

    Examples
    --------
    >>> read_unit({"unit": "mg/g creat", "system": "http://unitsofmeasure.org", "code": "mg/g"})
    'mg/g creat'
    >>> read_unit({"unit": "µmol/l", "system": "http://unitsofmeasure.org", "code": "umol/L"})
    'umol/L'
    """
    if not isinstance(quantity, dict):
        return ""
    get = quantity.get
    try:
        return unit_of(get("code"), get("unit"), get("system"))
    except TypeError:  # an object or a list where a text belongs
        return unit_of(text_of(get("code")), text_of(get("unit")), text_of(get("system")) or None)


@lru_cache(maxsize=4096)
def unit_of(code: Json, unit: Json, system: Json) -> str:
    """Return what `read_unit` returns for a Quantity with these parts."""
    code, unit = text_of(code), text_of(unit)
    # A code of another system is the sender's own number for it.
    if not code or (unit and system not in (UCUM, None)):
        return unit or code
    lost = _CREATININE.search(unit) is not None and _CREATININE.search(code) is None
    return unit if lost else code


def quantity_in(quantity: Json, factors: Mapping[str, float]) -> float | None:
    """Return an exact amount in the unit whose factor is 1; None when number or unit leave a doubt."""
    if not isinstance(quantity, dict) or quantity.get("comparator") is not None:
        return None
    units = [text for key in ("code", "unit") if (text := text_of(quantity.get(key)))]
    known = next((unit for unit in units if unit.upper() in factors), "")
    if units and not known:
        return None
    return read_amount(text_of(quantity.get("value")), known, factors)


def within(scope: str, reference: str) -> str:
    """Return a reference as it is told apart in the whole file."""
    return f"{scope}{SCOPE}{reference}" if scope else reference


def type_and_id(key: str) -> tuple[str, str]:
    """Return the type and the id that a reference names, each empty where it names none.

    Examples
    --------
    >>> type_and_id("https://server.example/fhir/Patient/12/_history/3"), type_and_id("Patient?identifier=urn:x|A-7")
    (('Patient', '12'), ('Patient', 'A-7'))
    >>> type_and_id("urn:uuid:1b2c"), type_and_id("entry[3]#p1")
    (('', '1b2c'), ('', ''))
    """
    kind, slash, number = key.partition("/")
    if slash and kind.isalpha() and number.replace("-", "").isalnum():
        return kind, number
    if key.startswith(IDENTIFIED):
        return "", key.removeprefix(IDENTIFIED)
    target = key.rpartition(SCOPE)[2].strip()
    for form in (_TYPED, _ASKED):
        if found := form.match(target):
            return found.group(1), found.group(2).strip()
    if "#" in target or "/" in target:
        return "", ""
    return "", target.rpartition(":")[2] if target.startswith("urn:") else target


def forget() -> None:
    """Let go of the words of the file that was read; they may be somebody's."""
    code_of.cache_clear()
    unit_of.cache_clear()
