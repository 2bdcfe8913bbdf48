"""What a lab's name, code or unit stands for in the catalogue; never a guess."""

from __future__ import annotations

import re
from dataclasses import dataclass

from recal_labs.catalogue import Analyte, Catalogue, NameEntry, fold_name, suggest
from recal_labs.ingest.labels import fold_label, has_only_known_letters
from recal_labs.ingest.profiles import Profile
from recal_labs.ingest.values import LONGEST, shown

_BRACKETS = re.compile(r"^(.+?)\s*[(\[]([^()\[\]]+)[)\]]\s*$")
_URINE = {"u", "urine", "urin", "ur"}
_SUBSTANCE = re.compile(r"^[fpnumkcd]?(g|mol)$")
_DENOMINATOR = re.compile(r"^([dmu]?L|\(24\.h\)|d|h|[num]?g\{creat\}|[num]?mol\{creat\})$")
_FRACTION_OF_SOMETHING = re.compile(r"^[fpnumk]?(?:g|mol)/[num]?(?:g|mol)$")


@dataclass(frozen=True)
class Resolved:
    """An analyte with its fraction, or the reject reason and sentence."""

    analyte_id: str | None = None
    fraction: str = "unspecified"
    reason: str = ""
    detail: str = ""


def _entry(name: str, profile: Profile, catalogue: Catalogue) -> NameEntry | None:
    """Return what a name means: the profile's own map first, then the catalogue, then a name with its short form."""
    own = {fold_label(spelling): analyte for spelling, analyte in profile.analytes.items()}
    label, folded = fold_label(name), fold_name(name)
    if label in own:
        known = catalogue.names.get(folded)
        return NameEntry(name, own[label], known.fraction if known else "unspecified")
    if not has_only_known_letters(name):
        # What is left of a name in another alphabet may look like a short form: E of a Cyrillic name with an E.
        return None
    if folded in catalogue.names:
        return catalogue.names[folded]
    if len(name) <= LONGEST and (found := _BRACKETS.match(name)):
        outer, inner = (catalogue.names.get(fold_name(part)) for part in found.groups())
        if outer and fold_name(found.group(2)) in _URINE:
            return outer
        # "Norepinephrine (NE)" says one thing twice; "Cortisol (metabolised)" does not say cortisol.
        return _agreed(outer, inner) if outer and inner else None
    return None


def _agreed(outer: NameEntry, inner: NameEntry) -> NameEntry | None:
    """Return what a name and its short form both say: of "Glutamic acid (GLU)" the certain half decides."""
    if outer.analyte_id == inner.analyte_id:
        return outer
    for certain, other in ((outer, inner), (inner, outer)):
        if certain.analyte_id in other.candidates:
            return certain
    return None


def resolve_name(name: str | None, code: str | None, profile: Profile, catalogue: Catalogue) -> Resolved:
    """Find the analyte of a name and a LOINC code.

    The code is asked first; where code and name mean different analytes, neither is believed.
    """
    if not (name or code):
        return Resolved(
            reason="unknown_analyte", detail="There is no analyte name with the value; add it, or remove the row"
        )
    coded = catalogue.loinc.get(code or "")
    entry = _entry(name, profile, catalogue) if name else None
    if coded and entry and entry.analyte_id and entry.analyte_id != coded.analyte_id:
        return Resolved(
            reason="ambiguous_analyte",
            detail=f"LOINC {code} means {coded.analyte_id}, but the name {name!r} means {entry.analyte_id}; "
            "map the name in the profile's [analytes] after asking the lab",
        )
    if coded:
        return Resolved(coded.analyte_id, entry.fraction if entry else "unspecified")
    if entry is None:
        near = catalogue.suggest(name or code or "", 3)
        hint = f"; nearest: {', '.join(near)}" if near else ""
        return Resolved(
            reason="unknown_analyte",
            detail=f"{shown(name or code or '')} is not in the catalogue{hint}. Map it in the profile's [analytes]",
        )
    if not entry.analyte_id:
        meant = " or ".join(entry.candidates) or "several things"
        return Resolved(
            reason="ambiguous_analyte",
            detail=f"{name!r} may mean {meant} ({entry.note}); say which in the profile's [analytes]",
        )
    return Resolved(entry.analyte_id, entry.fraction)


@dataclass(frozen=True)
class ResolvedUnit:
    """A UCUM unit, or the reject reason and sentence."""

    unit: str | None = None
    reason: str = ""
    detail: str = ""


def resolve_unit(text: str | None, analyte: Analyte | None, profile: Profile, catalogue: Catalogue) -> ResolvedUnit:
    """Find the UCUM unit of a spelling and judge whether it can belong to the analyte."""
    pure = analyte is not None and analyte.amount_unit == "1"
    if not text:
        if pure:
            return ResolvedUnit("1")
        return ResolvedUnit(
            reason="missing_unit",
            detail="There is no unit with the value, in the header or in the profile; add it to the profile's [units]",
        )
    unit = catalogue.find_unit(text, analyte.id if analyte else "")
    remark = catalogue.spellings.remark(text)
    if unit is None:
        said = f"is not taken: {remark}" if remark else f"is not known; {_unit_advice(text, analyte, catalogue)}"
        return ResolvedUnit(reason="unknown_unit", detail=f"The unit {shown(text)} {said}")
    if _FRACTION_OF_SOMETHING.match(unit):
        if profile.per_gram_means_creatinine:
            return ResolvedUnit(unit + "{creat}")
        return ResolvedUnit(
            reason="unknown_unit",
            detail=f"{text!r} does not say per what; for creatinine, set per_gram_means_creatinine in the profile",
        )
    if analyte is not None and not _can_belong(unit, analyte):
        why = f" ({remark})" if remark else ""
        return ResolvedUnit(
            reason="wrong_unit", detail=f"{text!r} cannot be the unit of {analyte.id}{why}; ask the lab"
        )
    return ResolvedUnit(unit)


def _unit_advice(text: str, analyte: Analyte | None, catalogue: Catalogue) -> str:
    """Return what to do about an unknown unit: a slip of the pen is mended in the file, never made a spelling."""
    fitting = {unit for unit in catalogue.units.values() if analyte is None or _can_belong(unit, analyte)}
    near = suggest(text, sorted(fitting), 1)
    if near:
        return (
            f"did you mean {near[0]}? Correct it in the file, or ask the lab; only a spelling that is right and "
            "missing belongs in units.csv"
        )
    return "ask the lab what it means; a spelling that is right and missing belongs in units.csv"


def _can_belong(unit: str, analyte: Analyte) -> bool:
    if analyte.molar_mass != analyte.molar_mass:
        return unit == analyte.amount_unit
    top, slash, bottom = unit.partition("/")
    return bool(slash and _SUBSTANCE.match(top) and _DENOMINATOR.match(bottom))
