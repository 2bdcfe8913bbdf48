"""The folder of the outputs: never one half with names and one half with codes, and what its manifest says of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from recal_labs.errors import FileProblem
from recal_labs.privacy.keys import Key, read_key
from recal_labs.privacy.people import FEWEST
from recal_labs.privacy.protection import Protection
from recal_labs.storage import write_json

# Written before anything else, so that a run that dies leaves word of what the folder holds.
MARK = "privacy.json"
IDENTIFIERS = "identifiers: subject and specimen ids, names of files and words of the lab as in the exports"
PSEUDONYMS = "pseudonyms: codes in place of subject and specimen ids, accessions and names of files"


def protection_of(
    key: Path | str | Key | None, shift_days: int | None, where: str = "--shift-dates"
) -> Protection | None:
    """Return how people are protected, or None when no key is named.

    Parameters
    ----------
    key : path, Key or None
    shift_days : int or None
        Largest distance in days; None or 0 for dates as they are.
    where : str
        What asked for shifted dates, for the message.

    Raises
    ------
    FileProblem
        When the key cannot be used, or dates are to be shifted without one.
    ChoiceError
        When the distance is out of range.
    """
    if key is None:
        if shift_days:
            raise FileProblem(
                where,
                "dates are shifted only together with pseudonyms",
                "a key",
                "name one with --pseudonymise KEYFILE",
            )
        return None
    return Protection(key if isinstance(key, Key) else read_key(key), shift_days or 0)


def check_folder(out: Path, protection: Protection | None, outputs: Iterable[str]) -> None:
    """Refuse to write codes beside names, or names beside codes.

    Parameters
    ----------
    out : Path
        The folder of the outputs, which need not exist.
    protection : Protection or None
    outputs : iterable of str
        Names of what a run writes there.

    Raises
    ------
    FileProblem
        When a former run was protected and this one is not, or the other way round.
    """
    marked = (out / MARK).exists()
    if protection is None and marked:
        raise FileProblem(
            out,
            "it holds the outputs of a run with pseudonyms, and this run would write identifiers beside them",
            "a folder of its own",
            "name another one with --out, or run with --pseudonymise",
        )
    left = [name for name in outputs if name != MARK and (out / name).exists()]
    if protection is not None and not marked and left:
        raise FileProblem(
            out,
            f"it holds the outputs of a run without pseudonyms ({', '.join(sorted(left)[:3])})",
            "an empty folder for those with pseudonyms",
            "name another one with --out, or empty it",
        )


def mark_folder(out: Path, protection: Protection | None) -> None:
    """Leave word that a folder holds pseudonyms, before anything is written into it."""
    if protection is not None:
        write_json(out / MARK, _said(protection))


def _said(protection: Protection) -> dict[str, Any]:
    days = protection.shift_days
    return {
        "contains": PSEUDONYMS,
        "key": protection.key.fingerprint,
        "dates": f"shifted for each subject by whole days, at most {days}" if days else "as in the exports",
        "ages": "whole years, months below 2 years, 90 for all above 89",
        "left_out": "birth years, notes, columns that no table knows",
        "words": f"those of the catalogue, the profiles and laboratory lists; study words that {FEWEST} people share",
        "hashes": "HMAC-SHA-256 of each file's SHA-256: only the holder of the key can check them",
    }


def manifest_facts(protection: Protection | None, about_people: Iterable[str]) -> dict[str, Any]:
    """Return what a manifest says of privacy: what the outputs contain, and which of them speak of single people.

    Parameters
    ----------
    protection : Protection or None
    about_people : iterable of str
        Outputs with rows about single people.

    Examples
    --------
    >>> manifest_facts(None, ["rejects.csv"])["contains"].split(":")[0]
    'identifiers'
    """
    listed = sorted(about_people)
    if protection is None:
        return {"contains": IDENTIFIERS, "not_shareable": listed}
    # Codes are personal data still: whoever holds the key, or knows a rare fact, finds the person.
    return {"contains": PSEUDONYMS, "privacy": _said(protection), "about_single_people": listed}
