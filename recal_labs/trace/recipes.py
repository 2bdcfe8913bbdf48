"""What made two runs, side by side: choices, catalogue, files read, fitted corrections, programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from recal_labs.trace.runs import FinishedRun

UNRECORDED, ABSENT = "not recorded", "none"
_DIGEST = 12


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that two runs were made with, or from, and that differs.

    Parameters
    ----------
    what : str
        ``choice``, ``catalogue``, ``catalogue file``, ``input``, ``profile``, ``fitted correction`` or ``program``.
    name : str
    one, two : str
        What each run had; hashes by their first twelve digits.
    """

    what: str
    name: str
    one: str
    two: str


def _shown(value: Any) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, list | tuple):
        return "/".join(map(str, value)) or "(empty)"
    return str(value) or "(empty)"


def _compare(what: str, one: Mapping[str, Any], two: Mapping[str, Any], missing: str) -> Iterator[Difference]:
    for name in sorted({*one, *two}):
        # "not in it" and "holds nothing" are two things: an older program did not know the choice.
        before, after = (_shown(side[name]) if name in side else missing for side in (one, two))
        if before != after:
            yield Difference(what=what, name=name, one=before, two=after)


def _digests(content: Mapping[str, str]) -> dict[str, str]:
    return {name: digest[:_DIGEST] or UNRECORDED for name, digest in content.items()}


def _catalogue(one: Mapping[str, Any], two: Mapping[str, Any]) -> Iterator[Difference]:
    name = "catalogue_version"
    versions = [{"version": side[name]} if name in side else {} for side in (one, two)]
    yield from _compare("catalogue", versions[0], versions[1], UNRECORDED)
    files = [side.get("catalogue_files") for side in (one, two)]
    if all(isinstance(content, Mapping) for content in files):
        yield from _compare("catalogue file", _digests(files[0] or {}), _digests(files[1] or {}), ABSENT)


def _inputs(content: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, str]:
    """Return every file that a run read with its hash; panels under the names of the second run."""
    read = {
        entry["path"]: str(entry.get("sha256", "")) for part in ("files", "tables") for entry in content.get(part, ())
    }
    found = {**content.get("inputs", {}), **read}
    return _digests({renamed.get(name, name): digest for name, digest in found.items()})


def _profiles(content: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, str]:
    """Return how each panel was read: the profile's name, and its fingerprint where the run recorded one."""
    found = {}
    for entry in content.get("files", ()):
        words = (str(entry.get("profile", "")), str(entry.get("profile_fingerprint", ""))[:_DIGEST])
        found[renamed.get(entry["path"], entry["path"])] = " ".join(word for word in words if word)
    return found


def _fit(content: Mapping[str, Any]) -> dict[str, str]:
    """Return what a manifest says of the fitted correction: its basis, its sample, and its hash."""
    fit = content.get("dilution_fit")
    if not isinstance(fit, Mapping):
        return {"fit": str(fit)} if fit else {}
    told = {name: str(fit[name]) for name in ("basis", "sample") if name in fit}
    return {**told, **_digests({"SHA-256": str(fit.get("sha256", ""))})}


def recipe_differences(one: FinishedRun, two: FinishedRun, renamed: Mapping[str, str]) -> tuple[Difference, ...]:
    """Return everything that two manifests record differently, and that could have changed a number.

    Parameters
    ----------
    one, two : FinishedRun
    renamed : mapping of str to str
        Files with the same bytes under another name: these are no difference.
    """
    first, second = one.manifest, two.manifest
    panels = [set(run.files()) for run in (one, two)]
    common = {renamed.get(name, name) for name in panels[0]} & panels[1]
    profiles = [_profiles(first, renamed), _profiles(second, {})]
    shared = [{name: word for name, word in side.items() if name in common} for side in profiles]
    fits = [_fit(side) for side in (first, second)]
    return (
        *_compare("choice", first.get("choices", {}), second.get("choices", {}), UNRECORDED),
        *_catalogue(first, second),
        *_compare("fitted correction", fits[0], fits[1], ABSENT),
        *_compare("profile", shared[0], shared[1], UNRECORDED),
        *_compare("input", _inputs(first, renamed), _inputs(second, {}), ABSENT),
        *_compare("program", first.get("versions", {}), second.get("versions", {}), UNRECORDED),
    )
