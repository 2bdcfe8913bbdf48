"""How it was done, where it ends, and where every number comes from."""

from __future__ import annotations

from typing import Any

from recal_labs.report.html import Column, Shown, definitions, details, listing, stack, table
from recal_labs.report.store import Run
from recal_labs.report.wording import MISSING, plural

# What it means that a choice is empty.
UNSET = {
    "analytes": "all that were measured",
    "outcomes": "all that were scored",
    "range_sources": "none preferred: by quality, then in the catalogue's order",
    "range_conditions": "none: intervals for general use only",
    "covariates": "none: raw correlations only",
    "entry_outcome": "not declared",
    "retest_correlation": "not stated: the slope among subjects without an intervention",
}


def show_methods(run: Run) -> Shown:
    """Show the methods, in words made from the choices."""
    return definitions([(part["heading"], part["text"]) for part in run.facts["methods"]])


def show_limits(run: Run) -> Shown:
    """Show the limits that follow from what was found."""
    return listing(run.facts["limits"])


def show_provenance(run: Run) -> Shown:
    """Show inputs with their hashes, the choices, catalogue and package versions, the seed and the times."""
    facts = run.facts["provenance"]
    short = definitions(
        [
            ("Run started, finished (UTC)", f"{facts['started']}, {facts['finished']}"),
            ("Seed", facts["seed"]),
            ("Catalogue version", facts["catalogue_version"]),
            ("Choices, SHA-256", facts["choices_fingerprint"]),
            ("Statement (fingerprint of its words)", run.facts["statement"]["statement_id"]),
        ],
        short=True,
    )
    return stack(short, _inputs(run), _choices(run), _versions(run), _catalogue(run))


def _inputs(run: Run) -> Shown:
    rows = run.facts["provenance"]["inputs"]
    panels = {file["path"] for file in run.facts["quality"]["files"]}
    every = any(row["path"] not in panels for row in rows)
    columns = (Column("path", "File", "head"), Column("profile", "Profile"), Column("sha256", "SHA-256", "digest"))
    shown = table(
        rows,
        columns,
        key="inputs",
        number=run.numbers["table:inputs"],
        caption="Every file read, with its fingerprint; panel files with the profile they were read by."
        if every
        else "Panel files read, with how they were read and their fingerprints.",
    )
    return details(f"{'Files' if every else 'Panel files'} read ({plural(len(rows), 'file')})", shown)


def _choices(run: Run) -> Shown:
    choices = run.facts["provenance"]["choices"]
    rows = [{"name": name, "value": choice_words(name, value)} for name, value in choices.items()]
    columns = (Column("name", "Choice", "head"), Column("value", "Value"))
    shown = table(
        rows, columns, key="choices", number=run.numbers["table:choices"], caption="Every choice that was in force."
    )
    return details(f"Choices in force ({plural(len(rows), 'choice')})", shown)


def choice_words(name: str, value: Any) -> str:
    """Return a choice in words; what an empty one means is said, not left to be guessed.

    Examples
    --------
    >>> choice_words("analytes", []), choice_words("planned", True), choice_words("specimens", ["urine_spot"])
    ('all that were measured', 'yes', 'urine_spot')
    """
    if value in (None, "", []):
        return UNSET.get(name, MISSING)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _versions(run: Run) -> Shown:
    rows = [{"name": name, "version": version} for name, version in run.facts["provenance"]["versions"].items()]
    columns = (Column("name", "Package", "head"), Column("version", "Version"))
    shown = table(rows, columns, key="versions", number=run.numbers["table:versions"], caption="Software versions.")
    return details(f"Software versions ({plural(len(rows), 'package')})", shown)


def _catalogue(run: Run) -> Shown:
    rows = [{"name": name, "sha256": digest} for name, digest in run.facts["provenance"]["catalogue_files"].items()]
    columns = (Column("name", "File", "head"), Column("sha256", "SHA-256", "digest"))
    shown = table(
        rows,
        columns,
        key="catalogue",
        number=run.numbers["table:catalogue"],
        caption="Catalogue files that names, units and intervals were taken from.",
    )
    return details(f"Catalogue files ({plural(len(rows), 'file')})", shown)
