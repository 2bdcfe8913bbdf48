"""Which profile a file belongs to, told from its content."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from recal_labs.catalogue import Catalogue
from recal_labs.errors import FileProblem
from recal_labs.ingest.fhir import looks_like_fhir
from recal_labs.ingest.grid import find_table
from recal_labs.ingest.headers import Header
from recal_labs.ingest.hl7 import looks_like_hl7
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.long import NEEDED as LONG_NEEDED
from recal_labs.ingest.long import wanted_columns
from recal_labs.ingest.profiles import Profile, load_profile
from recal_labs.ingest.sheets import Sheet
from recal_labs.ingest.unknown_table import unknown_table
from recal_labs.ingest.wide import is_wide_panel, split_header

WIDE_TOLD_BY = ("subject_id",)
SHIPPED_TRIES = ("cdisc_lb", "omop_measurement", "generic_long", "redcap_wide", "generic_wide")


def _wanted(profile: Profile) -> list[frozenset[str]]:
    """Return the folded names that the header of a profile's table holds, one set a column."""
    if profile.layout == "long":
        return wanted_columns(profile, LONG_NEEDED)
    if profile.layout == "wide":
        return wanted_columns(profile, WIDE_TOLD_BY)
    pairs = profile.survey.get("pairs", {}).values()
    return [
        *wanted_columns(profile, ("subject_id",)),
        *(frozenset({fold_label(name)}) for pair in pairs for name in pair),
    ]


def _header(source: str | Sheet, profile: Profile, catalogue: Catalogue) -> Header | None:
    better = partial(is_wide_panel, profile=profile, catalogue=catalogue) if profile.layout == "wide" else None
    return find_table(source, profile.delimiter, _wanted(profile), better)


def _known_columns(text: str | Sheet, profile: Profile, catalogue: Catalogue) -> int:
    """Return how many columns of the file's header a profile names; 0 when the file is not of its kind."""
    found = _header(text, profile, catalogue)
    if found is None or (profile.layout == "survey" and not profile.survey.get("pairs")):
        return 0
    header = {fold_label(name) for name in found.record.fields}
    if profile.layout == "wide" and not is_wide_panel(found.record.fields, profile, catalogue):
        return 0
    labels = (*(word for spellings in profile.columns.values() for word in spellings), *profile.ignore)
    named = {fold_label(word) for word in labels}
    own = {fold_label(word) for word in profile.analytes}
    split = (split_header(name, catalogue)[0] for name in found.record.fields)
    return len(header & named) + sum(fold_label(name) in own for name in split)


def message_format(text: str) -> str:
    r"""Return ``hl7v2`` or ``fhir`` for a text that describes itself; nothing for a table.

    Examples
    --------
    >>> [message_format(text) for text in ("MSH|^~\\&|LAB|", '{"resourceType": "Bundle"}', "patient,analyte")]
    ['hl7v2', 'fhir', '']
    """
    if looks_like_hl7(text):
        return "hl7v2"
    return "fhir" if looks_like_fhir(text) else ""


def _plain(source: str | Sheet) -> str | Sheet:
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else source


def _fitting(source: str | Sheet, profiles: Sequence[Profile], catalogue: Catalogue) -> list[Profile]:
    """Return the profiles that fit best: one, none, or several that fit equally well."""
    if isinstance(source, str) and (format_ := message_format(source)):
        return [profile for profile in profiles if profile.format == format_]
    plain = _plain(source)
    known = [
        (
            _known_columns(plain, profile, catalogue) if profile.format == "delimited" else 0,
            bool(profile.delimiter),
            profile,
        )
        for profile in profiles
    ]
    # Of two that know as many columns, the one that declares the very delimiter says more of the file.
    best = max(((count, declared) for count, declared, _ in known), default=(0, False))
    return [profile for count, declared, profile in known if best[0] and (count, declared) == best]


def delimiter_of(text: str, profile: Profile) -> str:
    """Return the delimiter with which a profile finds its header; empty where it finds none."""
    found = find_table(_plain(text), profile.delimiter, _wanted(profile))
    return found.delimiter if found else ""


def reads(source: str | Sheet, profile: Profile) -> bool:
    """Tell whether a profile of tables finds its header in a source."""
    return find_table(_plain(source), profile.delimiter, _wanted(profile)) is not None


def _shipped(source: str | Sheet, name: str, catalogue: Catalogue) -> Profile:
    if isinstance(source, str) and (format_ := message_format(source)):
        return load_profile(f"generic_{format_}")
    plain = _plain(source)
    for profile in map(load_profile, SHIPPED_TRIES):
        found = _header(plain, profile, catalogue)
        if found and (profile.layout != "wide" or is_wide_panel(found.record.fields, profile, catalogue)):
            return profile
    raise unknown_table(plain, name)


def choose_profile(source: str | Sheet, name: str, declared: Sequence[Profile], catalogue: Catalogue) -> Profile:
    """Tell from a file's content which profile reads it.

    Parameters
    ----------
    source : str or Sheet
        The whole file, or one sheet of it.
    name : str
        What it is called in messages.
    declared : sequence of Profile
        Tried first: a table belongs to the profile whose header is found in it, and of several to the one that names
        most of its columns; an HL7 message belongs to the profile of HL7. Then the shipped ones are tried.
    catalogue : Catalogue

    Raises
    ------
    FileProblem
        When none fits, or several of the declared ones fit equally well: a guess could take one lab's results for
        another's.
    """
    different = list({profile.fingerprint: profile for profile in declared}.values())
    fitting = _fitting(source, different, catalogue)
    if len(fitting) > 1:
        raise FileProblem(
            name,
            f"its content fits the profiles {' and '.join(profile.name for profile in fitting)} equally well",
            "a file that only one of them reads",
            "name the profile of this file in a profiles.toml",
        )
    return fitting[0] if fitting else _shipped(source, name, catalogue)
