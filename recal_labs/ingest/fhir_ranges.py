"""Observation.referenceRange: the one that is for this person, as the text that a report would print."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from recal_labs.ingest.fhir_json import Json
from recal_labs.ingest.fhir_types import concept_codes, concept_text, items, objects, text_of

ENDS = ("low", "high")
# HL7 administrative-gender, sex-parameter-for-clinical-use, and SNOMED CT, as the FHIR value set
# referencerange-appliesto and its users have them; and the plain words.
_SEXES = {
    **dict.fromkeys(("female", "f", "women", "woman", "female-typical", "248152002"), "female"),
    **dict.fromkeys(("male", "m", "men", "man", "male-typical", "248153007"), "male"),
}
_NORMAL_WORDS = ("normal", "reference")
_DAYS = {
    **dict.fromkeys(("a", "a_j", "y", "yr", "yrs", "year", "years"), 365.25),
    **dict.fromkeys(("mo", "month", "months"), 365.25 / 12),
    **dict.fromkeys(("wk", "week", "weeks"), 7.0),
    **dict.fromkeys(("d", "day", "days"), 1.0),
}


class Subject(NamedTuple):
    """Whom a range is chosen for; what is not known is None."""

    sex: str | None = None
    born: date | None = None
    at: date | None = None


def _number(limit: Json) -> str:
    return text_of(limit.get("value") if isinstance(limit, dict) else limit)


def _sign(limit: Json, usual: str) -> str:
    # The limits of FHIR are part of their range.
    return (text_of(limit.get("comparator")) if isinstance(limit, dict) else "") or usual


def _unlike(limit: Json, quantity: Json) -> str:
    """Return the unit of a limit when it is another than that of the value; empty when it is the same or unstated."""
    if not isinstance(limit, dict) or not isinstance(quantity, dict):
        return ""
    unit, code = limit.get("unit"), limit.get("code")
    if unit == quantity.get("unit") and code == quantity.get("code"):
        return ""
    theirs, ours = (
        {text.casefold() for key in ("unit", "code") if (text := text_of(one.get(key)))} for one in (limit, quantity)
    )
    return "" if not theirs or theirs & ours else text_of(unit) or text_of(code)


def range_text(entry: Json, quantity: Json) -> str:
    """Return one range as text; limits in another unit than the value's have that unit before them.

    A range that begins with a unit or a word is shown, but its limits are never set beside the value.

    Examples
    --------
    >>> range_text({"low": {"value": "1.1"}, "high": {"value": "8.2"}}, None)
    '1.1 - 8.2'
    >>> range_text({"high": {"value": "8", "unit": "umol/L"}}, {"value": "3", "unit": "mg/L"})
    '[umol/L] <=8'
    """
    if not isinstance(entry, dict):
        return text_of(entry)
    low, high = entry.get("low"), entry.get("high")
    least, most = _number(low), _number(high)
    if least and most:
        text = f"{least} - {most}"
    elif least or most:
        text = f"{_sign(low, '>=')}{least}" if least else f"{_sign(high, '<=')}{most}"
    else:
        return text_of(entry.get("text")) or concept_text(entry.get("normalValue"))
    other = _unlike(low, quantity) or _unlike(high, quantity)
    return f"[{other}] {text}" if other else text


def plain_range(entries: Json, quantity: Json) -> str | None:
    """Return the text of a single range that is for everybody; None when there are several, or conditions."""
    if isinstance(entries, list):
        if len(entries) != 1:
            return None if entries else ""
        entries = entries[0]
    if isinstance(entries, dict):
        if "age" in entries or "appliesTo" in entries:
            return None
        if "type" in entries and not _is_normal(entries["type"]):
            return None
    return range_text(entries, quantity)


def _words(concept: Json) -> list[str]:
    return [word.casefold() for word in (concept_text(concept), *concept_codes(concept)) if word]


def _is_normal(concept: Json) -> bool:
    """Tell whether a type is that of a normal range, which is also what no type at all means."""
    words = _words(concept)
    return not words or any(word.startswith(_NORMAL_WORDS) for word in words)


def _populations(entry: dict[str, Any]) -> list[Json]:
    """Return whom a range is for; some senders write there that it is a normal range."""
    return [concept for concept in items(entry.get("appliesTo")) if not _is_normal(concept)]


def _of_sex(concept: Json, sex: str | None) -> bool | None:
    meant = {_SEXES[word] for word in _words(concept) if word in _SEXES}
    if len(meant) != 1 or sex not in ("female", "male"):
        return None
    return sex in meant


def _completed(born: date, at: date, days: float) -> float:
    """Return how many whole years, months, weeks or days somebody has completed."""
    months = 12 * (at.year - born.year) + at.month - born.month - (at.day < born.day)
    if days > 300:
        return months // 12
    return months if days > 28 else (at - born).days // days


def _reaches(limit: Json, subject: Subject, low: bool) -> bool | None:
    """Tell whether somebody's age is on the right side of a limit; None when it cannot be told."""
    if not isinstance(limit, dict):
        return None
    unit = text_of(limit.get("code")) or text_of(limit.get("unit"))
    days = _DAYS.get(unit.casefold())
    try:
        number = float(text_of(limit.get("value")))
    except ValueError:
        return None
    if days is None or subject.born is None or subject.at is None or subject.at < subject.born:
        return None
    # "Up to 17 years" lasts until the eighteenth birthday.
    age = _completed(subject.born, subject.at, days) if number.is_integer() else (subject.at - subject.born).days / days
    if (sign := text_of(limit.get("comparator"))) in ("<", ">"):
        return age > number if sign == ">" else age < number
    return age >= number if low else age <= number


def _fits(entry: dict[str, Any], subject: Subject) -> bool | None:
    """Tell whether a range is for a person; None when it cannot be told."""
    answers = [_of_sex(concept, subject.sex) for concept in _populations(entry)]
    if (age := entry.get("age")) is not None:
        ends = [age.get(end) if isinstance(age, dict) else None for end in ENDS]
        sides = [_reaches(end, subject, low) for end, low in zip(ends, (True, False), strict=True) if end is not None]
        answers += sides or [None]
    if False in answers:
        return False
    return None if None in answers else True


def _label(entry: dict[str, Any]) -> str:
    words = [concept_text(concept) for concept in _populations(entry)]
    age = entry.get("age")
    if isinstance(age, dict):
        ends = [" ".join(text_of(end.get(key)) for key in ("value", "code")) for end in objects([*map(age.get, ENDS)])]
        words.append(f"age {' - '.join(ends)}")
    if not _is_normal(entry.get("type")):
        words.append(concept_text(entry.get("type")))
    return ", ".join(word for word in words if word)


def choose_range(entries: Json, quantity: Json, subject: Subject) -> str:
    """Return the range that is for a person; where that cannot be told all that may be, each with whom it is for.

    Parameters
    ----------
    entries : JSON
        ``referenceRange``.
    quantity : JSON
        The value; limits in another unit are marked with it.
    subject : Subject

    Returns
    -------
    str
        Limits that are surely for this person stand first and alone; a text that begins with whom it is for, or that
        holds two ranges, is shown and never set beside the value.

    Examples
    --------
    >>> ranges = [{"high": {"value": "8.2"}, "appliesTo": [{"text": "female"}]}, {"high": {"value": "9.1"},
    ...           "appliesTo": [{"text": "male"}]}]
    >>> choose_range(ranges, None, Subject("female")), choose_range(ranges, None, Subject())
    ('<=8.2', 'female: <=8.2; male: <=9.1')
    """
    stated = objects(entries)
    normal = [entry for entry in stated if _is_normal(entry.get("type"))]
    answers = [(entry, _fits(entry, subject)) for entry in normal]
    fitting = [(entry, entry.get("age") is not None or bool(_populations(entry))) for entry, fits in answers if fits]
    own, everybody = ([entry for entry, special in fitting if special is wanted] for wanted in (True, False))
    if all(fits is not None for _, fits in answers) and (chosen := own or everybody):
        return "; ".join(dict.fromkeys(text for entry in chosen if (text := range_text(entry, quantity))))
    possible = [entry for entry, fits in answers if fits is not False] or stated
    texts = ((label, text) for entry in possible if (text := range_text(entry, quantity)) for label in [_label(entry)])
    return "; ".join(dict.fromkeys(f"{label}: {text}" if label else text for label, text in texts))
