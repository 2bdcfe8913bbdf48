"""The first steps: what the lab sent, what its name means, what its unit means."""

from __future__ import annotations

from typing import Any

from recal_labs.catalogue import Catalogue
from recal_labs.catalogue.ucum import CREATININE_MARK
from recal_labs.ingest import Profile
from recal_labs.ingest.names import resolve_name
from recal_labs.normalise.units import AS_REPORTED, amount_unit, read_unit
from recal_labs.trace.context import Traced
from recal_labs.trace.facts import Check, Fact, Step
from recal_labs.trace.listing import number, plain
from recal_labs.vocabulary import BASES, COMPARATORS

HASH_UNKNOWN = "not recorded"
# Of a pseudonymised run the manifest holds what only the holder of the key can compare.
HASH, KEYED_HASH = "SHA-256 of the file", "its keyed hash"
# Columns with the lab's own words, and what they are called here.
WORDS = (
    ("reported_name", "name"),
    ("loinc", "LOINC"),
    ("reported_value", "value"),
    ("reported_unit", "unit"),
    ("reported_range", "range"),
    ("reported_flag", "flag"),
    ("status", "status"),
    ("replaces", "replaces"),
    ("reported_at", "reported at"),
    ("collected_at", "collected at"),
    ("lab_id", "lab"),
    ("method", "method"),
)


def quoted(text: Any) -> str:
    """Return the lab's own words in quotes."""
    return f'"{plain(text)}"'


def input_step(at: Traced) -> Step:
    """Say what stood in the input, in the lab's words, and where."""
    facts = [
        Fact(label, quoted(at[name]) if name.startswith("reported_") and name != "reported_at" else at[name])
        for name, label in WORDS
        if at[name] not in (None, "")
    ]
    record = at.run.files().get(at["source_file"] or "", {})
    facts += [
        Fact("file", at["source_file"]),
        Fact("place", at["source_place"] or at["source_row"]),
        Fact(KEYED_HASH if at.run.is_pseudonymised else HASH, record.get("sha256") or HASH_UNKNOWN),
    ]
    profile = plain(record.get("profile") or "")
    how = f"It was read with the profile {profile}" if profile else "The manifest does not say how it was read"
    if encoding := record.get("encoding"):
        how += f", as {plain(encoding)}"
    return Step(title="What the lab sent", sentence=f"{how}. {_value_sentence(at)}", inputs=facts)


def _value_sentence(at: Traced) -> str:
    """Say what the value's text was read as, and that a limit is no number that was measured."""
    text, value, mark = str(at["reported_value"] or "").strip(), at["value"], at["comparator"] or ""
    if value is None:
        return "It holds no number."
    read = f"{mark}{number(value)}"
    as_it_stands = text.replace(" ", "") == read
    if mark:
        how = "as it stands" if as_it_stands else f"from {quoted(text)}"
        return f"The value is censored, {read} {how}: {COMPARATORS.get(mark, mark)}. No amount was measured."
    return "The value is a number as it stands." if as_it_stands else f"The value {quoted(text)} was read as {read}."


def _meaning(at: Traced, catalogue: Catalogue) -> str:
    """Return by what the analyte was found: LOINC code, spelling, or else the profile."""
    name, code, analyte = at["reported_name"], at["loinc"], at["analyte_id"]
    if code and (entry := catalogue.loinc.get(code)) is not None and entry.analyte_id == analyte:
        hint = f" ({entry.component}, {entry.property_}, {entry.time})" if entry.component else ""
        return f"LOINC {code}{hint} is {analyte}."
    found = resolve_name(name, None, Profile(name="none"), catalogue) if name else None
    if found is not None and found.analyte_id == analyte:
        return f"The catalogue knows the spelling {quoted(name)} as {analyte}."
    profile = plain(at.run.files().get(at["source_file"] or "", {}).get("profile") or "")
    via = f"the profile {profile}" if profile else "the profile that read the file"
    said = (
        f"means {found.analyte_id} there" if found is not None and found.analyte_id else "is not one of its spellings"
    )
    if not name:
        return f"No name stands with the value; {via} says that it is {analyte}."
    return f"In the catalogue at hand {quoted(name)} {said}, so {via} must map it to {analyte}."


def name_step(at: Traced) -> Step:
    """Say how the lab's name became an analyte of the catalogue."""
    analyte = at.analyte
    if analyte is None:
        why = "The catalogue at hand does not hold this analyte, so nothing below can be worked out."
        return Step(title="Which analyte", sentence=why, output=Fact("analyte", at["analyte_id"]))
    sentence = _meaning(at, at.catalogue)
    if analyte.fraction_matters:
        sentence += f" Free or total matters for it; here it is {at['fraction']}."
    return Step(title="Which analyte", sentence=sentence, output=Fact("analyte", f"{analyte.id} ({analyte.name})"))


def _spelling(at: Traced) -> str:
    text, unit = at["reported_unit"], at["unit"]
    if not text:
        return f"No unit stands with the value; the profile says {unit}."
    known = at.catalogue.find_unit(text)
    if text == unit:
        return f"{unit} is a UCUM code."
    if known == unit:
        return f"{quoted(text)} is {unit} in UCUM."
    if known is not None and f"{known}{CREATININE_MARK}" == unit:
        return f"{quoted(text)} is {known} in UCUM, and the profile says that this lab means creatinine by it: {unit}."
    return f"{quoted(text)} was read as {unit}; the catalogue at hand reads it as {known or 'nothing it knows'}."


def unit_step(at: Traced) -> Step:
    """Say what the unit means, and with which factor the value becomes a quantity in the analyte's own unit."""
    analyte, unit, value = at.analyte, at["unit"], at["value"]
    conversion = at.conversion()
    checks = [Check("reported_basis", at["reported_basis"], conversion.basis if conversion else None)]
    if analyte is None or conversion is None:
        sentence = f"{_spelling(at)} It cannot be converted for this analyte, so there is no quantity."
        return Step(title="Unit", sentence=sentence, checks=checks)
    sentence = f"{_spelling(at)} It is {BASES.get(conversion.basis, conversion.basis)}."
    target = amount_unit(analyte, conversion.basis)
    if conversion.basis == AS_REPORTED:
        return Step(
            title="Unit",
            sentence=f"{sentence} It is taken as it is.",
            checks=checks,
            output=Fact("quantity", value, unit),
        )
    inputs = [Fact("value", value, unit), Fact("factor", conversion.factor, f"{target} per {unit}")]
    creatinine = at.catalogue.analytes.get("creatinine")
    reading = read_unit(unit, creatinine.molar_mass) if creatinine else read_unit(unit)
    own = read_unit(target)
    if reading is not None and own is not None and reading.substance != own.substance:
        inputs.append(Fact("molar mass", analyte.molar_mass, f"g/mol of {analyte.id}"))
    if "mol{creat}" in unit and creatinine is not None:
        inputs.append(Fact("molar mass", creatinine.molar_mass, "g/mol of creatinine"))
    quantity = at.quantity()
    formula = (
        "" if value is None else f"{number(value)} {unit} x {number(conversion.factor)} = {number(quantity)} {target}"
    )
    return Step(
        title="Unit",
        sentence=sentence,
        inputs=inputs,
        formula=formula,
        output=Fact("quantity", quantity, target),
        checks=checks,
    )
