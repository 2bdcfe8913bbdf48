"""Which parts of a file which profile reads: a text as a whole, a workbook sheet by sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from recal_labs.catalogue import Catalogue
from recal_labs.errors import FileProblem
from recal_labs.ingest.choose import choose_profile, delimiter_of, reads
from recal_labs.ingest.containers import Content
from recal_labs.ingest.fhir import read_fhir
from recal_labs.ingest.hl7 import looks_like_hl7, read_hl7
from recal_labs.ingest.long import read_long
from recal_labs.ingest.places import Places
from recal_labs.ingest.positions import as_positions, outside_positions
from recal_labs.ingest.profile_checks import check_words
from recal_labs.ingest.profiles import Profile
from recal_labs.ingest.sheets import Sheet, sheet_records
from recal_labs.ingest.wide import read_survey, read_wide

# Dates of a sheet are dates already; as text they are written like this, whatever the profile's own forms are.
ISO_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


@dataclass(frozen=True, eq=False)
class Section:
    """A part of a file with its positions and the profile that found them; None for what is not a panel."""

    profile: Profile | None
    positions: pl.DataFrame


def read_sections(
    content: Content, declared: Profile | Sequence[Profile], catalogue: Catalogue, name: str
) -> list[Section]:
    """Read every part of a file.

    Parameters
    ----------
    content : Content
    declared : Profile or sequence of Profile
        How it is read; of several, the one that the content tells.
    catalogue : Catalogue
    name : str
        What the file is called in messages.

    Raises
    ------
    FileProblem
        When no part of it can be read.
    """
    if content.text is not None:
        profile = _chosen(content.text, declared, catalogue, name)
        told = profile.format != "delimited" or delimiter_of(content.text, profile) == ","
        profile = replace(profile, marks_told=told)
        return [Section(profile, _positions(content.text, profile, catalogue, name))]
    sections, problems = [], []
    for sheet in content.sheets:
        if not any(cell not in (None, "") for row in sheet.rows for cell in row):
            continue
        try:
            profile = _chosen(sheet, declared, catalogue, name)
            sections.append(_read_sheet(sheet, profile, catalogue, name))
        except FileProblem as problem:
            problems.append((sheet.name, problem))
            sections.append(Section(None, _beside(sheet)))
    if not any(section.profile for section in sections):
        raise _nothing_read(problems, name)
    return sections


def _nothing_read(problems: Sequence[tuple[str, FileProblem]], name: str) -> FileProblem:
    if len(problems) == 1:
        return problems[0][1]
    titles = ", ".join(repr(title) for title, _ in problems[:5])
    first = problems[0][1] if problems else None
    return FileProblem(
        name,
        f"none of its sheets ({titles}) holds a panel",
        first.expected if first else "a sheet with a table",
        first.remedy if first else "",
    )


def _chosen(source: str | Sheet, declared: Profile | Sequence[Profile], catalogue: Catalogue, name: str) -> Profile:
    if isinstance(declared, Profile):
        chosen = declared
        if isinstance(source, Sheet) and not reads(source, declared):
            raise FileProblem(
                name,
                f"the sheet {source.name!r} has no header that the profile {declared.name} names",
                "a table of that profile",
                "choose another profile, or map the columns in it",
            )
    else:
        chosen = choose_profile(source, name, tuple(declared), catalogue)
    check_words(chosen, catalogue)
    return chosen


def _read_sheet(sheet: Sheet, profile: Profile, catalogue: Catalogue, name: str) -> Section:
    if profile.format != "delimited":
        raise FileProblem(
            name, "it is a workbook", f"a file of the format {profile.format}", "choose a profile of tables"
        )
    # A number of a sheet has no mark of its own, so it is written with the one that its profile expects.
    known = replace(profile, date_formats=(*ISO_FORMS, *profile.date_formats))
    return Section(known, _positions(replace(sheet, marks=profile.marks), known, catalogue, name))


def _beside(sheet: Sheet) -> pl.DataFrame:
    """Return a position for each row of a sheet that is no panel: an explainer, a codebook."""
    rows = [
        (record.first, "other_content", "|".join(record.fields).strip("|"))
        for record in sheet_records(sheet)
        if any(record.fields)
    ]
    return outside_positions(rows, Places(sheet.name))


def _positions(source: str | Sheet, profile: Profile, catalogue: Catalogue, name: str) -> pl.DataFrame:
    if profile.format == "hl7v2":
        text = source if isinstance(source, str) else ""
        found = as_positions(read_hl7(text, profile))
        if found.is_empty() and not looks_like_hl7(text):
            raise FileProblem(name, "it holds no HL7 message", "text that begins with MSH", "choose another profile")
        return found
    if profile.format == "fhir":
        return as_positions(read_fhir(source if isinstance(source, str) else "", profile, name))
    if profile.layout == "survey":
        return read_survey(source, profile, catalogue, name)
    if profile.layout == "wide":
        return read_wide(source, profile, catalogue, name)
    return read_long(source, profile, catalogue, name)
