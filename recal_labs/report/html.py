"""Pieces of HTML: every text is escaped, every table has a caption, every figure an alternative text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from recal_labs.report.figures.picture import Picture
from recal_labs.report.wording import MISSING

PIECES = Path(__file__).parent / "pieces"

# Rows may carry notes under this key; a table prints them below itself, marked with letters.
NOTES = "notes"


@lru_cache(maxsize=1)
def notebook_style() -> str:
    """Return the style that a piece brings into a notebook; the page has its own, and leaves this one out."""
    return f"<style>{(PIECES / 'notebook.css').read_text(encoding='utf-8')}</style>"


@dataclass(frozen=True)
class Shown:
    """Something that shows itself: HTML in a notebook or report, words everywhere else."""

    html: Markup
    text: str

    def _repr_html_(self) -> str:
        return f'{notebook_style()}<div class="recal-labs">{self.html}</div>'

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Column:
    """A column of a table: the key of its cells, its heading, and what kind it is.

    ``kind`` is one of

    - ``text``, ``long`` (text that needs room), ``digest`` (one long word that may break anywhere);
    - ``number`` (right-aligned), ``share`` (a number and a bracket, on two lines where there is no room for one),
      ``estimate`` (a number and its interval, alike, which keeps a line of its own on a narrow page), ``faint`` (an
      estimate that is not to be relied on), ``shared`` (a number that the rows of a group share);
    - ``head`` (names its row); the first column only: ``group`` (names consecutive rows beside them) or ``band`` (names
      them in a line above them).
    """

    key: str
    title: str
    kind: str = "text"


def _unbroken(value: Any) -> Any:
    """Keep a number and its percent sign on one line."""
    return value.replace(" %", "\N{NO-BREAK SPACE}%") if isinstance(value, str) else value


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PIECES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fill(piece: str, **values: Any) -> Markup:
    """Fill a piece; whatever is not marked as HTML is escaped.

    Examples
    --------
    >>> print(fill("paragraphs.html.j2", sentences=["5 < 6 <script>"]))
    <p>5 &lt; 6 &lt;script&gt;</p>
    """
    return Markup(_environment().get_template(piece).render(**values).strip())


def paragraphs(sentences: Iterable[str]) -> Shown:
    """Show sentences as paragraphs."""
    lines = list(sentences)
    return Shown(fill("paragraphs.html.j2", sentences=lines), "\n".join(lines))


def table(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[Column], *, key: str, number: str, caption: str
) -> Shown:
    """Show records as a table with a caption and scoped headings, inside a container that scrolls by itself.

    Parameters
    ----------
    rows : sequence of mapping
        Cells by column key; text is escaped, None becomes a dash. ``notes`` is a list of sentences on a row: each is
        printed once below the table, and marked with a letter at the rows that it belongs to.
    columns : sequence of Column
        In order.
    key : str
        Anchor of the table.
    number : str
        Such as ``"Table 3"``.
    caption : str
        A sentence.
    """
    cells = [{column.key: _cell(row.get(column.key), column.kind) for column in columns} for row in rows]
    notes = _mark(cells, rows, columns, key)
    grouped = bool(columns) and columns[0].kind in ("group", "band")
    groups = _groups(cells, columns[0].key) if grouped else [cells]
    named = {"key": key, "number": number, "caption": caption, "missing": MISSING}
    html = fill("table.html.j2", groups=groups, columns=columns, notes=notes, **named)
    return Shown(html, "\n".join([f"{number}. {caption} ({len(rows)} rows)", *notes]))


def told(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column], optional: Iterable[str]) -> list[Column]:
    """Return the columns without those of `optional` in which no row says anything."""
    silent = {key for key in optional if all(_cell(row.get(key)) == MISSING for row in rows)}
    return [column for column in columns if column.key not in silent]


def _mark(
    cells: list[dict[str, Any]], rows: Sequence[Mapping[str, Any]], columns: Sequence[Column], key: str
) -> list[str]:
    """Put letters at the names of rows that have notes; return the notes in the order of their letters."""
    places: dict[str, int] = {}
    head = next((column.key for column in columns if column.kind == "head"), columns[0].key if columns else "")
    for cell, row in zip(cells, rows, strict=True):
        marks = [places.setdefault(str(note), len(places) + 1) for note in row.get(NOTES) or ()]
        if marks:
            letters = [(place, letter(place)) for place in marks]
            cell[head] = fill("marked.html.j2", text=cell[head], letters=letters, key=key)
    return list(places)


def letter(place: int) -> str:
    """Return the letter of the n-th note, as a list of type ``a`` counts.

    Examples
    --------
    >>> letter(1), letter(26), letter(27)
    ('a', 'z', 'aa')
    """
    before, last = divmod(place - 1, 26)
    return (letter(before) if before else "") + chr(ord("a") + last)


# Cells of these kinds break before their bracket alone.
TWO_PARTS = ("share", "estimate", "faint")


def _cell(value: Any, kind: str = "text") -> Any:
    if value is None or value == "":
        return MISSING
    if kind in TWO_PARTS and isinstance(value, str):
        return value.replace(" ", "\N{NO-BREAK SPACE}").replace("\N{NO-BREAK SPACE}(", " (")
    return value


def _groups(cells: list[dict[str, Any]], key: str) -> list[list[dict[str, Any]]]:
    groups: list[list[dict[str, Any]]] = []
    for row in cells:
        if groups and groups[-1][0][key] == row[key]:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def figure(picture: Picture, *, key: str, number: str, caption: str, alt: str) -> Shown:
    """Show a drawing as a figure.

    Parameters
    ----------
    picture : Picture
        Drawn for a wide and for a narrow page.
    key : str
        Anchor of the figure.
    number : str
        Such as ``"Figure 2"``.
    caption : str
        How to read it.
    alt : str
        What it shows: the finding, in words computed from the data.
    """
    html = fill("figure.html.j2", picture=picture, key=key, number=number, caption=caption, alt=alt)
    return Shown(html, f"{number}. {caption} {alt}")


def definitions(pairs: Sequence[tuple[str, Any]], *, short: bool = False) -> Shown:
    """Show terms with what they mean; short ones side by side."""
    return Shown(
        fill("definitions.html.j2", pairs=pairs, short=short),
        "\n".join(f"{term}: {value}" for term, value in pairs),
    )


def listing(sentences: Sequence[str]) -> Shown:
    """Show sentences as a list."""
    return Shown(fill("listing.html.j2", sentences=sentences), "\n".join(f"- {line}" for line in sentences))


def details(summary: str, shown: Shown) -> Shown:
    """Fold something away under a line that says what it is; print shows it unfolded."""
    return Shown(fill("details.html.j2", summary=summary, content=shown.html), f"{summary}\n{shown.text}")


def link(address: str, text: str) -> Markup:
    """Return a link, or the bare text when there is no address to follow."""
    return fill("link.html.j2", address=address, text=text)


def stack(*parts: Shown | None) -> Shown:
    """Show several things one below the other; None is skipped."""
    present = [part for part in parts if part is not None]
    return Shown(Markup("\n").join(part.html for part in present), "\n\n".join(part.text for part in present))
