"""Profiles: what a lab's export looks like, declared in TOML, one extending another."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from recal_labs.errors import FileProblem, ProfileError, UnknownWordError
from recal_labs.ingest.profile_checks import shape_faults
from recal_labs.storage import open_regular, sha256_of_text

SHIPPED = Path(__file__).parent / "profiles"


@dataclass(frozen=True)
class Marks:
    """How numbers are written: the decimal mark, and the mark between thousands (empty when there is none)."""

    decimal: str = "."
    thousands: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Profile:
    """How one kind of export is read.

    Parameters
    ----------
    name, about : str
    format : {"delimited", "hl7v2", "fhir"}
    layout : {"long", "wide", "survey"}
        One row a result; one column an analyte; one column an analyte with a comment code beside it.
    lab : str or None
        Lab id, when the file is always the same lab's.
    delimiter : str
        Empty: the one of comma, semicolon, tab and bar with which the header is found.
    marks : Marks
    marks_told : bool
        Whether the file's own form leaves no doubt of them where its numbers say nothing: a comma that separates cells
        is no decimal mark.
    date_formats : tuple of str
        Accepted forms, as for ``strptime``. A date in any other form is refused.
    columns : mapping of field to the lab's column names
    instead : mapping of field to column names
        Asked in this order where the value of a row is empty in its own column; their unit and limits go with it.
    analytes : mapping of the lab's names to analyte ids
        Asked before the catalogue's names.
    units : mapping of the lab's names to unit spellings
        For columns and rows without a unit.
    defaults : mapping
        ``specimen``, ``fraction`` and ``unit`` where the file does not say.
    codes : mapping of field to mapping
        The lab's codes for sex, status, specimen, timepoint, fraction and comparator.
    ignore : tuple of str
        Columns that are not part of the panel.
    missing : tuple of str
        Words of this lab for "no value"; a cell with one of them counts as empty.
    not_detected : mapping of analyte id to limit text
        What "not detected" stands for, with unit as in the file.
    per_gram_means_creatinine : bool
        Whether ``/g`` and ``/mmol`` without a mark mean creatinine in this lab's exports.
    survey : mapping
        ``pairs`` (analyte id to value and code column), ``below_codes``, ``divisor`` (printed value = limit / divisor).
    files : tuple of Path
        The TOML file and those that it extends, itself first.
    fingerprint : str
        SHA-256 of the content of all of them, merged: it changes when a parent is edited.
    """

    name: str
    about: str = ""
    format: str = "delimited"
    layout: str = "long"
    lab: str | None = None
    delimiter: str = ""
    marks: Marks = field(default_factory=Marks)
    marks_told: bool = False
    date_formats: tuple[str, ...] = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    instead: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    analytes: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    not_detected: Mapping[str, str] = field(default_factory=dict)
    per_gram_means_creatinine: bool = False
    survey: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    fingerprint: str = ""


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with open_regular(path) as handle:
            return tomllib.loads(handle.read().decode("utf-8"))
    except FileNotFoundError as err:
        raise FileProblem(path, "there is no such file", "a profile in TOML", "check the path") from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as err:
        raise FileProblem(path, f"it cannot be read as TOML ({err})", "a profile in TOML", "mend that line") from err


def _chain(path: Path) -> dict[Path, dict[str, Any]]:
    """Return the content of a profile and of each that it stands on, itself first."""
    chain: dict[Path, dict[str, Any]] = {}
    while True:
        content = _read_toml(path)
        if faults := list(shape_faults(content, path.name)):
            raise ProfileError(f"The profile {path} cannot be used", faults)
        chain[path] = content
        parent = content.pop("extends", None)
        if parent is None:
            return chain
        above = (path.parent / parent).resolve() if parent.endswith(".toml") else _shipped_path(parent, path.name)
        if above in chain:
            fault = f"{path.name}: it extends itself through {parent}"
            raise ProfileError(f"The profile {path} cannot be used", [fault])
        path = above


def _merged(chain: Mapping[Path, dict[str, Any]]) -> dict[str, Any]:
    """Lay each profile's content on top of the one it extends; tables are joined key by key."""
    base: dict[str, Any] = {}
    for content in reversed(list(chain.values())):
        for key, value in content.items():
            base[key] = {**base[key], **value} if isinstance(value, dict) and isinstance(base.get(key), dict) else value
    return base


def _shipped_path(name: str, where: str = "") -> Path:
    names = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    if name not in names:
        raise UnknownWordError("profile", name, names, where)
    return SHIPPED / f"{name}.toml"


def shipped_profiles() -> dict[str, str]:
    """Return the names of the shipped profiles, each with what it is for."""
    return {path.stem: _read_toml(path).get("about", "") for path in sorted(SHIPPED.glob("*.toml"))}


def _as_tuple(value: Any) -> tuple[str, ...]:
    return (str(value),) if isinstance(value, str) else tuple(map(str, value))


def load_profile(name: str | Path) -> Profile:
    """Load a shipped profile by name, or a profile of your own by the path of its TOML file.

    Raises
    ------
    UnknownWordError
        When no shipped profile has the name.
    FileProblem, ProfileError
        When the file cannot be read, or holds an unknown key; every fault is named at once.

    Examples
    --------
    >>> load_profile("generic_wide_comma").marks
    Marks(decimal=',', thousands='.')
    """
    path = Path(name)
    if path.suffix != ".toml":
        return _shipped(str(name))
    return _built(path.resolve())


@lru_cache(maxsize=32)
def _shipped(name: str) -> Profile:
    # Those of the package stay as they are while it runs; one of the lab's own may be edited between two calls.
    return _built(_shipped_path(name))


def _built(path: Path) -> Profile:
    chain = _chain(path)
    content = _merged(chain)
    text = content.get("text", {})
    optional: dict[str, Any] = {key: content[key] for key in ("about", "format", "layout", "lab") if key in content}
    if content.get("dates"):
        optional["date_formats"] = _as_tuple(content["dates"]["formats"])
    return Profile(
        name=path.stem,
        delimiter=text.get("delimiter", ""),
        marks=Marks(text.get("decimal", "."), text.get("thousands", "")),
        columns={ours: _as_tuple(theirs) for ours, theirs in content.get("columns", {}).items()},
        instead={ours: _as_tuple(theirs) for ours, theirs in content.get("instead", {}).items()},
        analytes=dict(content.get("analytes", {})),
        units=dict(content.get("units", {})),
        defaults=dict(content.get("defaults", {})),
        codes=dict(content.get("codes", {})),
        ignore=_as_tuple(content.get("ignore", ())),
        missing=_as_tuple(content.get("missing", ())),
        not_detected={key: str(value) for key, value in content.get("not_detected", {}).items()},
        per_gram_means_creatinine=bool(content.get("per_gram_means_creatinine", False)),
        survey=dict(content.get("survey", {})),
        files=tuple(chain),
        # Not sorted: of several spellings the first wins. A TOML date is no JSON, hence default.
        fingerprint=sha256_of_text(json.dumps([path.stem, content], default=str)),
        **optional,
    )
