"""inspect_export: an unknown file in; what its columns are, a profile for it, its first results and rejects out."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from recal_labs.catalogue import Catalogue, fold_name, load_catalogue
from recal_labs.columns import NO_RESULT, REJECTS, RESULTS, polars_schema
from recal_labs.errors import FileProblem, UnknownWordError
from recal_labs.ingest.column_guess import ColumnGuess
from recal_labs.ingest.containers import Content, open_content
from recal_labs.ingest.found_table import FoundTable, kind_of, most_telling
from recal_labs.ingest.hl7 import looks_like_hl7
from recal_labs.ingest.inspection_text import inspection_html, inspection_lines
from recal_labs.ingest.open_words import open_names, unitless_names
from recal_labs.ingest.profiles import Profile, load_profile
from recal_labs.ingest.propose import HEAD, Told, propose_profile, toml_text
from recal_labs.ingest.resolve import Judged, judge
from recal_labs.ingest.sections import Section, read_sections
from recal_labs.ingest.source_names import readable
from recal_labs.ingest.text import EXPECTED
from recal_labs.storage import open_regular, write_text
from recal_labs.vocabulary import SPECIMENS

if TYPE_CHECKING:
    import pandas as pd

SAID = {
    "subject_id": "whose results these are (subject_id)",
    "analyte": "what was measured (analyte)",
    "value": "the results (value)",
}
STANDARD = "a standard says what each part of it means, so no column is guessed"


@dataclass(frozen=True, eq=False, kw_only=True)
class Inspection:
    """What was found out about a file.

    Parameters
    ----------
    name : str
        The file's name.
    kind : str
        What it is, and how it is read.
    layout : str
        ``long``, ``wide``, or empty for a file that is no table.
    columns : DataFrame
        Columns column, read_as, confidence (sure, likely, a guess, not used), reason, example.
    profile_toml : str
        The proposed profile.
    results, rejects : DataFrame
        What the proposed profile reads: tables of `recal_labs.columns`.
    notes : tuple of str
        What else is to be known: other sheets, what is missing, why nothing could be read.
    """

    name: str
    kind: str
    layout: str
    columns: pd.DataFrame
    profile_toml: str
    results: pd.DataFrame
    rejects: pd.DataFrame
    notes: tuple[str, ...] = ()

    def lines(self, width: int = 80) -> list[str]:
        """Return everything as lines of a terminal; no name is cut."""
        return inspection_lines(self, width)

    def write(self, path: str | Path) -> Path:
        """Write the proposed profile.

        Raises
        ------
        FileProblem
            When there is a file of that name already, or it does not end in ``.toml``.
        """
        place = Path(path)
        if place.suffix != ".toml":
            raise FileProblem(place, "it does not end in .toml", "the name of a profile", "choose another name")
        if place.exists() or place.is_symlink():
            raise FileProblem(place, "it is there already, and is not overwritten", remedy="choose another name")
        return write_text(place, self.profile_toml)

    def _repr_html_(self) -> str:
        return inspection_html(self)


def _bytes_of(path: Path) -> bytes:
    try:
        with open_regular(path) as handle:
            return handle.read()
    except FileNotFoundError as err:
        raise FileProblem(path, "there is no such file", EXPECTED, "check the path") from err
    except OSError as err:
        raise FileProblem(path, f"it cannot be read ({err.strerror})", EXPECTED, "check its permissions") from err


def _loaded(toml: str) -> Profile:
    """Load a profile from its text, as it will be loaded from its file."""
    with tempfile.TemporaryDirectory() as folder:
        return load_profile(write_text(Path(folder) / "proposed.toml", toml))


def _judged(sections: Sequence[Section], catalogue: Catalogue, name: str) -> Judged:
    empty = Profile(name="none")
    return Judged.gathered(
        [judge(part.positions, part.profile or empty, catalogue, lab=None, name=name) for part in sections]
    )


def _as_columns(guesses: Sequence[ColumnGuess]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        {
            "column": guess.name,
            "read_as": f"analyte {guess.analyte_id}".strip() if guess.analyte_id else guess.field,
            "confidence": guess.confidence,
            "reason": guess.reason,
            "example": guess.example,
        }
        for guess in guesses
    ]
    return pd.DataFrame(rows, columns=["column", "read_as", "confidence", "reason", "example"])


def _by_standard(content: Content, name: str, catalogue: Catalogue) -> Inspection:
    """Inspect a message or a resource: nothing is guessed, only what is open in it is listed."""
    sections = read_sections(content, (), catalogue, name)
    profile = next(section.profile for section in sections if section.profile)
    judged = _judged(sections, catalogue, name)
    lines = [*HEAD, f"extends = {toml_text(profile.name)}", ""]
    if unknown := open_names(sections, catalogue):
        lines += ["# Names that the catalogue does not decide.", "[analytes]"]
        lines += [f"# {toml_text(found.name)} = {toml_text((found.nearest or ('',))[0])}" for found in unknown]
    return Inspection(
        name=name,
        kind=f"read by the shipped profile {profile.name} ({profile.about.rstrip('.')}); {STANDARD}",
        layout="",
        columns=_as_columns([]),
        profile_toml="\n".join(lines).rstrip() + "\n",
        results=judged.results.to_pandas(),
        rejects=judged.rejects.to_pandas(),
    )


def _is_standard(content: Content) -> bool:
    """Tell whether a text is HL7, JSON or XML: no table begins so."""
    text = content.text or ""
    return looks_like_hl7(text) or text.lstrip()[:1] in ("{", "[", "<")


def inspect_export(path: str | Path, *, specimen: str | None = None, catalogue: Catalogue | None = None) -> Inspection:
    r"""Look at an unknown export and propose a profile for it.

    Parameters
    ----------
    path : path
    specimen : str, optional
        Kind of specimen, where you know it and the file does not say: it goes into the profile.
    catalogue : Catalogue, optional
        Default: the built-in one.

    Returns
    -------
    Inspection
        What each column was taken for, how sure that is and why; the profile; what it reads. A file that a standard
        describes (HL7, FHIR) is read by the shipped profile. Nothing is written.

    Raises
    ------
    FileProblem
        When the file is missing, binary, damaged, or holds no table.
    UnknownWordError
        When the specimen is none that is known.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "export.csv")
    >>> _ = path.write_text("Patient;Analyt;Rezult;Unti\nS1;HVA;2,5;mg/g Krea\nS1;VMA;3,1;mg/g Krea\n")
    >>> inspect_export(path).columns[["column", "read_as", "confidence"]].values.tolist()
    [['Patient', 'subject_id', 'sure'], ['Analyt', 'analyte', 'sure'], ['Rezult', 'value', 'likely'],
     ['Unti', 'unit', 'likely']]
    >>> folder.cleanup()
    """
    catalogue = catalogue or load_catalogue()
    stated = "" if specimen is None else catalogue.specimen_words.get(fold_name(specimen), "")
    if specimen is not None and stated not in SPECIMENS:
        raise UnknownWordError("specimen", specimen, tuple(SPECIMENS), "inspect")
    place = Path(path)
    name = readable(place.name)
    content = open_content(_bytes_of(place), name)
    if _is_standard(content):
        return _by_standard(content, name, catalogue)
    found = most_telling(content, name, catalogue)
    return _inspected(content, found, stated, name, catalogue)


def _inspected(content: Content, found: FoundTable, specimen: str, name: str, catalogue: Catalogue) -> Inspection:
    told = Told(extends=found.extends, layout=found.layout, specimen=specimen, unit=found.unit(catalogue))
    notes, judged = list(found.notes), _nothing()
    try:
        sections = read_sections(content, _loaded(propose_profile(found.table, found.guesses, told)), catalogue, name)
    except FileProblem as problem:
        notes.append(f"The proposed profile reads nothing yet: {problem.found.removesuffix('.')}.")
    else:
        judged = _judged(sections, catalogue, name)
        unknown, unitless = open_names(sections, catalogue), unitless_names(sections, catalogue)
        told = replace(told, unknown=unknown, unitless=unitless)
    missing = [what for field, what in SAID.items() if not found.says(field)]
    notes += [f"No column tells {what}: write its name into [columns] of the profile." for what in missing]
    if not specimen and not found.has("specimen"):
        told = replace(told, seen_specimen=found.specimen_above(catalogue))
        notes.append("No column says what kind of specimen it is: add --specimen urine_24h (or another kind).")
    return Inspection(
        name=name,
        kind=kind_of(content, found),
        layout=found.layout,
        columns=_as_columns(found.guesses),
        # What is open is only told by comments, so it reads as what was read above.
        profile_toml=propose_profile(found.table, found.guesses, told),
        results=judged.results.to_pandas(),
        rejects=judged.rejects.to_pandas(),
        notes=tuple(notes),
    )


def _nothing() -> Judged:
    tables = (pl.DataFrame(schema=polars_schema(table)) for table in (RESULTS, REJECTS, NO_RESULT))
    return Judged(*tables)
