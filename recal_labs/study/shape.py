"""The shape of study.toml: which keys each of its tables holds, and of what kind their values are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from recal_labs.errors import nearest


@dataclass(frozen=True)
class Kind:
    """A kind of value: what is expected, in words, and the test of it."""

    expected: str
    fits: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list_of(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(fits, value))


def _is_table_of(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, Mapping) and all(map(fits, value.values()))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


TEXT = Kind("a text in quotes", _is_text)
TEXTS = Kind('a list of texts, such as ["one", "two"]', lambda value: _is_list_of(value, _is_text))
NUMBERS = Kind("a list of numbers, such as [7, 9]", lambda value: _is_list_of(value, _is_number))
YES_NO = Kind("true or false, without quotes", lambda value: isinstance(value, bool))
DAYS = Kind("a whole number of days, such as 180", lambda value: isinstance(value, int) and not isinstance(value, bool))
WORDS = Kind('a table of texts, such as { subject_id = "SEQN" }', lambda value: _is_table_of(value, _is_text))
CODES = Kind(
    'a table of codes for each column, such as { sex = { "1" = "male" } }',
    lambda value: _is_table_of(value, WORDS.fits),
)
TABLE_FILE = Kind("a path in quotes, or a table with a path", lambda value: isinstance(value, str | Mapping))
TABLE = Kind("a table", lambda value: isinstance(value, Mapping))

SHAPE: Mapping[str, Mapping[str, Kind]] = {
    "": {"study": TABLE, "files": TABLE, "catalogue": TABLE, "choices": TABLE, "privacy": TABLE, "dilution": TABLE},
    "study": {"title": TEXT, "question": TEXT, "simulated": YES_NO, "named_person": TEXT, "labels": TEXTS},
    "files": {
        **dict.fromkeys(("subjects", "specimens", "interventions", "adverse_events"), TABLE_FILE),
        # Their rows are looked at one by one.
        **dict.fromkeys(("panels", "outcomes"), Kind("", lambda value: True)),
    },
    "files.panels": {"path": TEXT, "profile": TEXT, "lab": TEXT},
    "files.outcomes": {
        "path": TEXT,
        "instrument": TEXT,
        "columns": WORDS,
        "sentinels": NUMBERS,
        "dates": TEXTS,
        "ignore": TEXTS,
    },
    "files.table": {"path": TEXT, "columns": WORDS, "codes": CODES, "dates": TEXTS},
    "catalogue": {"extra": TEXT},
    "dilution": {"fit": TEXT, "sample": TEXT},
    "privacy": {"pseudonymise": TEXT, "shift_dates": DAYS, "keep": TEXTS},
}
NEEDED: Mapping[str, Mapping[str, str]] = {
    "files.panels": {"path": 'path = "panel.csv"'},
    "files.outcomes": {"path": 'path = "phq9.csv"', "instrument": 'instrument = "phq9"'},
    "files.table": {"path": 'path = "subjects.csv"'},
}


def _table_faults(content: Any, section: str, called: str) -> Iterator[str]:
    """Yield what is wrong with one table: no table at all, unknown keys, values of another kind, missing keys."""
    if not isinstance(content, Mapping):
        yield f"{called} is {content!r}; expected a table"
        return
    known = SHAPE[section]
    for key, value in content.items():
        if key not in known:
            yield f"unknown key {key!r} in {called}.{nearest(key, known)}"
        elif not known[key].fits(value):
            yield f"{key} in {called} is {value!r}; expected {known[key].expected}"
    for key, example in NEEDED.get(section, {}).items():
        if key not in content:
            yield f"{called} has no {key}; expected one, such as {example}"


def _file_faults(files: Mapping[str, Any]) -> Iterator[str]:
    for name in ("panels", "outcomes"):
        rows = files.get(name)
        if not isinstance(rows, list) or not rows:
            yield f"no [[files.{name}]]; expected at least one, each with a path"
            continue
        for number, row in enumerate(rows, 1):
            yield from _table_faults(row, f"files.{name}", f"[[files.{name}]] number {number}")
    for name, value in files.items():
        if name not in ("panels", "outcomes") and isinstance(value, Mapping):
            yield from _table_faults(value, "files.table", f"[files] {name}")


def shape_faults(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield every fault of a study.toml's shape, one sentence each.

    Parameters
    ----------
    content : mapping
        The file as TOML gives it.
    """
    yield from _table_faults(content, "", "the top level")
    for section in ("study", "files", "catalogue", "privacy", "dilution"):
        if isinstance(content.get(section), Mapping):
            yield from _table_faults(content[section], section, f"[{section}]")
    files, about = content.get("files", {}), content.get("study", {})
    if isinstance(files, Mapping):
        yield from _file_faults(files)
    if isinstance(about, Mapping) and not about.get("title"):
        yield '[study] has no title; expected one, such as title = "My study"'
