"""What a profile may say: its keys and the shape of each, and that its words are in the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from recal_labs.catalogue import Catalogue, fold_name
from recal_labs.errors import ProfileError, nearest

if TYPE_CHECKING:
    from recal_labs.ingest.profiles import Profile

FORMATS = ("delimited", "hl7v2", "fhir")
LAYOUTS = ("long", "wide", "survey")

# What a column of a table may mean; a profile maps these names to the lab's own.
FIELDS = (
    "subject_id",
    "specimen_id",
    "collected_at",
    "reported_at",
    "specimen",
    "timepoint",
    "volume_l",
    "volume_ml",
    "hours",
    "sex",
    "age_years",
    "analyte",
    "loinc",
    "fraction",
    "value",
    "comparator",
    "verbatim",
    "unit",
    "range",
    "range_low",
    "range_high",
    "flag",
    "status",
    "replaces",
    "lab",
    "method",
    "note",
)

# Of which a file may hold a second form, such as the standardised one beside what was collected.
INSTEAD = ("value", "unit", "range_low", "range_high")

KEYS: Mapping[str, tuple[str, ...]] = {
    "": (
        "about",
        "extends",
        "format",
        "layout",
        "lab",
        "ignore",
        "missing",
        "per_gram_means_creatinine",
        "text",
        "dates",
        "columns",
        "instead",
        "analytes",
        "units",
        "defaults",
        "codes",
        "not_detected",
        "survey",
    ),
    "text": ("delimiter", "decimal", "thousands"),
    "dates": ("formats",),
    "columns": FIELDS,
    "instead": INSTEAD,
    "defaults": ("specimen", "fraction", "unit"),
    "codes": ("sex", "status", "specimen", "timepoint", "fraction", "comparator"),
    "survey": ("below_codes", "divisor", "pairs"),
}

TABLES = ("text", "dates", "columns", "instead", "analytes", "units", "defaults", "codes", "not_detected", "survey")
DECIMALS = (".", ",")
THOUSANDS = ("", ".", ",", " ", "'", "’")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return _is_text(value) or (isinstance(value, list) and all(map(_is_text, value)))


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_text, value))


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_limit(value: Any) -> bool:
    return _is_text(value) or _is_positive(value)


def _is_scalars(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str | int | float) for word in value)


# What stands under a key of the top level, and in each table: (how to tell, what to say).
SHAPES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "about": (_is_text, "a text"),
    "extends": (_is_text, "the name of a profile, or the path of its TOML file"),
    "lab": (_is_text, "a text"),
    "ignore": (_is_texts, "a list of column names"),
    "missing": (_is_texts, "a list of words"),
    "per_gram_means_creatinine": (lambda value: isinstance(value, bool), "true or false"),
}
ENTRIES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "columns": (_is_texts, "a column name or a list of them"),
    "instead": (_is_texts, "a column name or a list of them"),
    "analytes": (_is_text, "an analyte id"),
    "units": (_is_text, "the spelling of a unit"),
    "defaults": (_is_text, "a text"),
    "codes": (lambda value: isinstance(value, dict) and all(map(_is_text, value.values())), "a table of texts"),
    "not_detected": (_is_limit, "a limit such as 0.3"),
}
SURVEY: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "below_codes": (_is_scalars, "a list of codes"),
    "divisor": (_is_positive, "a positive number"),
    "pairs": (lambda value: isinstance(value, dict) and all(map(_is_pair, value.values())), "two columns an analyte"),
}


def _misshapen(table: Mapping[str, Any], shapes: Mapping[str, Any], where: str) -> Iterator[str]:
    for key, value in table.items():
        if key in shapes and not shapes[key][0](value):
            yield f"{where}{key} is {value!r}; expected {shapes[key][1]}"


def _unknown_keys(content: Mapping[str, Any], where: str) -> Iterator[str]:
    for section, known in KEYS.items():
        table = content if section == "" else content.get(section, {})
        for key in table:
            if key not in known:
                place = f"[{section}]" if section else "the top level"
                yield f"{where}: unknown key {key!r} in {place}.{nearest(key, known)}"


def _text_faults(text: Mapping[str, Any], where: str) -> Iterator[str]:
    decimal, thousands, delimiter = text.get("decimal", "."), text.get("thousands", ""), text.get("delimiter", "")
    if decimal not in DECIMALS:
        yield f"{where}: [text] decimal is {decimal!r}; expected . or ,"
    if thousands not in THOUSANDS:
        yield f"{where}: [text] thousands is {thousands!r}; expected one of {' '.join(map(repr, THOUSANDS))}"
    if not _is_text(delimiter) or len(delimiter) > 1 or delimiter in ('"', "\n", "\r"):
        yield f"{where}: [text] delimiter is {delimiter!r}; expected one character"
    if decimal == thousands:
        yield f"{where}: [text] decimal and thousands are the same mark"


def _date_faults(dates: Mapping[str, Any], where: str) -> Iterator[str]:
    formats = dates.get("formats", [])
    if not _is_texts(formats):
        yield f"{where}: [dates] formats is {formats!r}; expected a list of forms such as %Y-%m-%d"
        return
    for form in [formats] if isinstance(formats, str) else formats:
        try:
            datetime.strptime(datetime(2024, 12, 31, tzinfo=timezone.utc).strftime(form), form)
        except (ValueError, re.error):
            yield f"{where}: [dates] the form {form!r} cannot be read back; expected one such as %Y-%m-%d"


def shape_faults(content: Mapping[str, Any], where: str) -> Iterator[str]:
    """Yield every fault of a profile's content: unknown keys, and values of the wrong kind."""
    crooked = [name for name in TABLES if not isinstance(content.get(name, {}), Mapping)]
    for name in crooked:
        yield f"{where}: [{name}] is {type(content[name]).__name__}; expected a table"
    sound = {key: value for key, value in content.items() if key not in crooked}
    yield from _unknown_keys(sound, where)
    for key, allowed in (("format", FORMATS), ("layout", LAYOUTS)):
        if key in sound and sound[key] not in allowed:
            yield f"{where}: {key} is {sound[key]!r}; expected {' or '.join(allowed)}"
    yield from _misshapen(sound, SHAPES, f"{where}: ")
    for section, shape in ENTRIES.items():
        table = sound.get(section, {})
        yield from _misshapen(table, dict.fromkeys(table, shape), f"{where}: [{section}] ")
    yield from _misshapen(sound.get("survey", {}), SURVEY, f"{where}: [survey] ")
    yield from _text_faults(sound.get("text", {}), where)
    yield from _date_faults(sound.get("dates", {}), where)


def check_words(profile: Profile, catalogue: Catalogue) -> None:
    """Check that a profile's words are in the catalogue it is used with.

    Raises
    ------
    ProfileError
        Naming every analyte id and specimen that the catalogue does not hold, with the nearest one.
    """
    known = list(catalogue.analytes)
    ids = [("analytes", *item) for item in profile.analytes.items()]
    ids += [("not_detected", analyte, analyte) for analyte in profile.not_detected]
    faults = [
        f"{profile.name}: [{section}] {key!r} means {analyte!r}, which is no analyte id.{nearest(analyte, known)}"
        for section, key, analyte in ids
        if analyte not in catalogue.analytes
    ]
    specimen = profile.defaults.get("specimen")
    if specimen is not None and fold_name(specimen) not in catalogue.specimen_words:
        near = nearest(specimen, catalogue.specimen_words.values())
        faults.append(f"{profile.name}: [defaults] specimen is {specimen!r}, which specimen_words.csv lacks.{near}")
    if faults:
        raise ProfileError(f"The profile {profile.name} cannot be used", faults)
