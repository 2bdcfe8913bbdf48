"""Wide tables: one column an analyte, its unit in the header or in a row below it; and surveys with comment codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import polars as pl

from recal_labs.catalogue import Catalogue, fold_name
from recal_labs.errors import FileProblem, ProfileError
from recal_labs.ingest.details import read_details
from recal_labs.ingest.fields import (
    cell,
    find_columns,
    looks_like_a_result,
    raw_text,
    specimen_fields,
    usable_columns,
    with_merged,
)
from recal_labs.ingest.grid import ROW, Grid, read_grid
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.long import wanted_columns
from recal_labs.ingest.positions import as_positions, outside_positions, unreadable_rows
from recal_labs.ingest.profiles import Profile
from recal_labs.ingest.sheets import Sheet
from recal_labs.ingest.values import LONGEST

NEEDED = ("subject_id",)
# The last brackets hold the unit; brackets inside them are its own: Norepinephrine (NE) (ug/(24.h)).
_HEADER = re.compile(r"^(?P<name>.+?)\s*[\[(](?P<unit>(?:[^\[\]()]|\([^()]*\))+)[\])]$", re.DOTALL)


def split_header(text: str, catalogue: Catalogue) -> tuple[str, str | None]:
    """Split a column's header into the analyte's name and its unit.

    Brackets hold a unit only when the catalogue knows its spelling or it has a slash: ``HVA (urine)`` has none.

    Examples
    --------
    >>> from recal_labs.catalogue import load_catalogue
    >>> split_header("HVA (mg/g Krea)", load_catalogue()), split_header("HVA (urine)", load_catalogue())
    (('HVA', 'mg/g Krea'), ('HVA (urine)', None))
    """
    found = _HEADER.match(text) if len(text) <= LONGEST else None
    if found and (catalogue.find_unit(found["unit"]) or "/" in found["unit"]):
        return found["name"].strip(), found["unit"].strip()
    return text, None


def is_wide_panel(header: Sequence[str], profile: Profile, catalogue: Catalogue) -> bool:
    """Tell whether a header names an analyte, and no columns of one row a result.

    A table of people has a subject column too; what makes it a panel is an analyte.
    """
    labels = {fold_label(name) for name in header}
    named = [labels & names for names in wanted_columns(profile, ("analyte", "value", "unit"))]
    if named[0] and (named[1] or named[2]):
        return False
    own = {fold_label(word) for word in profile.analytes}
    names = [split_header(name, catalogue)[0] for name in header]
    return any(fold_label(name) in own or fold_name(name) in catalogue.names for name in names if name)


def _unit_row(grid: Grid, columns: dict[str, int], analytes: list[int], catalogue: Catalogue) -> dict[int, str]:
    """Return the units printed in the first row below the header: no ids in it, and at least one known unit."""
    if grid.cells.is_empty():
        return {}
    first = grid.cells.row(0, named=True)
    if any(first[f"c{number}"] for number in columns.values()):
        return {}
    # A unit under its name often stands in brackets.
    units = {number: first[f"c{number}"].strip("()[] ") for number in analytes if first[f"c{number}"]}
    return units if any(catalogue.find_unit(unit) for unit in units.values()) else {}


def _is_beside(grid: Grid, columns: dict[str, int], analytes: list[int]) -> pl.Expr:
    """Return the expression of rows without an id whose text stands in one or two cells: legends and notes."""
    ids = [cell(columns[name]) for name in ("subject_id", "specimen_id") if name in columns]
    filled = pl.sum_horizontal(pl.col(f"c{i}").is_not_null() for i in range(len(grid.header)))
    # A legend often begins in the first column, where the ids stand; nothing else is filled then.
    short = (filled <= 1) | pl.all_horizontal(part.is_null() for part in ids) & (filled <= 2)
    # A number under an analyte has lost its subject; that is no legend.
    return short & ~pl.any_horizontal(looks_like_a_result(number) for number in analytes)


def read_wide(source: str | Sheet, profile: Profile, catalogue: Catalogue, name: str) -> pl.DataFrame:
    """Return the positions of a wide table: cells of analyte columns, lines beside the data, unreadable details.

    Raises
    ------
    FileProblem
        When no header with a subject column is found, or no column is left that could be an analyte.
    """
    grid = read_grid(
        source,
        profile.delimiter,
        wanted_columns(profile, NEEDED),
        name,
        partial(is_wide_panel, profile=profile, catalogue=catalogue),
    )
    columns = find_columns(grid.header, profile)
    grid = with_merged(grid, columns)
    analytes = usable_columns(grid, columns, profile)
    if not analytes or {"analyte", "value"} <= set(columns):
        found = "none of its columns is an analyte" if not analytes else "it has a column of analytes and one of values"
        raise FileProblem(
            name,
            found,
            "a wide table: one column an analyte",
            "if it has one row a result, choose a long profile",
        )
    units = _unit_row(grid, columns, analytes, catalogue)
    cells, outside = grid.cells, list(grid.outside)
    if units:
        row = cells.row(0, named=True)
        outside.append((row[ROW], "unit_row", "|".join(units.values())))
        cells = cells.slice(1)
    beside = cells.filter(_is_beside(grid, columns, analytes))
    data = cells.filter(~_is_beside(grid, columns, analytes))
    last = data[ROW].max() or 0
    for row in beside.iter_rows(named=True):
        text_of = "|".join(value for key, value in row.items() if key != ROW and value)
        outside.append((row[ROW], "footer" if row[ROW] > last else "section", text_of))
    data, unread = read_details(data, grid, columns, profile, catalogue)
    parts = [outside_positions(sorted(outside), grid.places), unreadable_rows(grid.ragged, grid.places), unread]
    for number in analytes:
        analyte, unit = split_header(grid.header[number], catalogue)
        unit = unit or units.get(number)
        parts.append(_column(data, number, grid, analyte, unit, columns, profile))
    return pl.concat(parts).sort("source_row", maintain_order=True)


def _label(header: tuple[str, ...], number: int) -> str:
    """Return a column's name for the place of its cells, with its number where the name alone does not tell."""
    name = " ".join(header[number].split())
    if not name:
        return f"number {number + 1}"
    return name if header.count(header[number]) == 1 else f"{name} (number {number + 1})"


def _column(
    data: pl.DataFrame,
    number: int,
    grid: Grid,
    analyte: str,
    unit: str | None,
    columns: dict[str, int],
    profile: Profile,
) -> pl.DataFrame:
    value, label = cell(number), _label(grid.header, number)
    name, printed = pl.lit(analyte, dtype=pl.String), pl.lit(unit, dtype=pl.String)
    nameless = pl.lit(not analyte) & value.is_not_null()
    sentence = f"The column {label} has no name; name it in the header, or remove it"
    return as_positions(
        data.select(
            *specimen_fields(columns, profile),
            name.alias("name"),
            value.alias("value"),
            pl.lit(label).alias("column"),
            printed.alias("unit"),
            grid.places.cells(pl.col(ROW), number, label).alias("source_place"),
            pl.when(nameless).then(pl.lit("unknown_analyte")).alias("reason"),
            pl.when(nameless).then(pl.lit(sentence)).alias("detail"),
            pl.when(value.is_null()).then(pl.lit("empty_cell")).alias("no_result"),
            raw_text(name, value, printed).alias("raw"),
        )
    )


def _below(code: pl.Expr, profile: Profile) -> pl.Expr:
    """Return the expression of codes that mean "below the limit"; 1 and 1.0 are one code."""
    declared = [str(word) for word in profile.survey["below_codes"]]
    return code.str.replace(r"\.0+$", "").is_in(declared).fill_null(False)


def _limit(printed: pl.Expr, profile: Profile) -> pl.Expr:
    """Return the text of the limit that a printed value stands for; null where it holds no number."""
    point = profile.marks.decimal
    number = printed.str.replace(point, ".", literal=True).cast(pl.Float64, strict=False)
    # Four significant digits: a printed limit has three at most, and its division by root 2 was rounded.
    limit = (number * float(profile.survey["divisor"])).round_sig_figs(4)
    return pl.when(limit.is_finite()).then(limit.cast(pl.String).str.replace(".", point, literal=True))


def read_survey(source: str | Sheet, profile: Profile, catalogue: Catalogue, name: str) -> pl.DataFrame:
    """Return the positions of a survey file: one cell a declared pair of value and comment code.

    A code that means "below the limit" makes the value censored: the printed number is the limit divided by the
    declared divisor, so it is decoded back to the limit, at four significant digits.

    Raises
    ------
    FileProblem
        When a declared column is not in the header.
    ProfileError
        When the profile declares no pairs.
    """
    if not profile.survey.get("pairs"):
        raise ProfileError(
            f"The profile {profile.name} cannot be used",
            [f"{profile.name}: [survey.pairs] is empty; name the value and code column of each analyte there"],
        )
    grid = read_grid(source, profile.delimiter, wanted_columns(profile, NEEDED), name)
    columns = find_columns(grid.header, profile)
    grid = with_merged(grid, columns)
    places = {fold_label(column): number for number, column in enumerate(grid.header)}
    cells, unread = read_details(grid.cells, grid, columns, profile, catalogue)
    parts = [outside_positions(grid.outside, grid.places), unreadable_rows(grid.ragged, grid.places), unread]
    for analyte, pair in profile.survey.get("pairs", {}).items():
        absent = [column for column in pair if fold_label(column) not in places]
        if absent:
            raise FileProblem(
                name,
                f"it has no column {' or '.join(absent)}",
                f"the columns of {analyte} that the profile {profile.name} declares",
                "mend the profile's [survey.pairs]",
            )
        value, code = (cell(places[fold_label(column)]) for column in pair)
        below = _below(code, profile)
        decoded = pl.when(below).then(pl.coalesce(_limit(value, profile), value)).otherwise(value)
        analyte_id = pl.lit(analyte, dtype=pl.String)
        parts.append(
            as_positions(
                cells.select(
                    *specimen_fields(columns, profile),
                    analyte_id.alias("name"),
                    decoded.alias("value"),
                    value.alias("printed"),
                    code.alias("flag"),
                    pl.when(below).then(pl.lit("<")).alias("comparator"),
                    grid.places.cells(pl.col(ROW), places[fold_label(pair[0])], pair[0]).alias("source_place"),
                    raw_text(analyte_id, value, pl.lit("code"), code).alias("raw"),
                )
            )
        )
    return pl.concat(parts).sort("source_row", maintain_order=True)
