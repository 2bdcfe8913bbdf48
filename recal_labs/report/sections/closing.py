"""How it was done, where it ends, and where every number comes from."""

from __future__ import annotations

from typing import Any

from recal_labs.report.html import Column, Shown, definitions, listing, stack, table
from recal_labs.report.store import Run
from recal_labs.report.wording import MISSING


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
            ("Statement", run.facts["statement"]["statement_id"]),
        ],
        short=True,
    )
    return stack(short, _inputs(run), _choices(run), _versions(run), _catalogue(run))


def _inputs(run: Run) -> Shown:
    columns = (Column("path", "File", "head"), Column("profile", "Profile"), Column("sha256", "SHA-256"))
    return table(
        run.facts["quality"]["files"],
        columns,
        key="inputs",
        number=run.numbers["table:inputs"],
        caption="Panel files read, with how they were read and their fingerprints.",
    )


def _choices(run: Run) -> Shown:
    rows = [{"name": name, "value": _plain_words(value)} for name, value in run.facts["provenance"]["choices"].items()]
    columns = (Column("name", "Choice", "head"), Column("value", "Value"))
    return table(
        rows, columns, key="choices", number=run.numbers["table:choices"], caption="Every choice that was in force."
    )


def _plain_words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "(none)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return MISSING if value is None else str(value)


def _versions(run: Run) -> Shown:
    rows = [{"name": name, "version": version} for name, version in run.facts["provenance"]["versions"].items()]
    columns = (Column("name", "Package", "head"), Column("version", "Version"))
    return table(rows, columns, key="versions", number=run.numbers["table:versions"], caption="Software versions.")


def _catalogue(run: Run) -> Shown:
    rows = [{"name": name, "sha256": digest} for name, digest in run.facts["provenance"]["catalogue_files"].items()]
    columns = (Column("name", "File", "head"), Column("sha256", "SHA-256"))
    return table(
        rows,
        columns,
        key="catalogue",
        number=run.numbers["table:catalogue"],
        caption="Catalogue files that names, units and intervals were taken from.",
    )
