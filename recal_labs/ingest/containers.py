"""Bytes to what can be read: text, sheets of a workbook, or the one table of a SAS transport or Dataset-JSON file.

What a file is is told from its content. Everything here may be handed a hostile file, so sizes are looked at first.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from recal_labs.errors import FileProblem
from recal_labs.ingest.dataset_json import read_dataset_json
from recal_labs.ingest.sheets import Sheet
from recal_labs.ingest.text import EXPECTED, DecodedText, decode

ZIP, OLE, XPT = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"HEADER RECORD*******"
# What a packed workbook may unfold to: a bomb is refused before it is unpacked. Real ones unfold 3 to 20 times.
LARGEST_UNPACKED = 1 << 30
MOST_TIMES = 100
SMALL = 10 << 20
# A sheet says how large it is; one with a cell in its last corner would be a table of 17 thousand million cells.
MOST_CELLS = 50_000_000


@dataclass(frozen=True, eq=False)
class Content:
    """What a file holds: a text, or sheets.

    Parameters
    ----------
    encoding : str
        How the text was decoded, or what the container is: ``xlsx``, ``xls``, ``ods``, ``xpt``, ``dataset-json``.
    text : str or None
    sheets : tuple of Sheet
    """

    encoding: str
    text: str | None = None
    sheets: tuple[Sheet, ...] = ()


def open_content(data: bytes, name: str) -> Content:
    """Tell what a file is and open it.

    Raises
    ------
    FileProblem
        When it is empty, damaged, locked, larger than it may be, or of a kind that is not read.
    """
    if data.startswith(ZIP):
        return _workbook(data, name, _kind_of_zip(data, name))
    if data.startswith(OLE):
        return _workbook(data, name, "xls")
    if data.startswith(XPT):
        return Content("xpt", sheets=(read_transport(data, name),))
    decoded: DecodedText = decode(data, name)
    if (dataset := read_dataset_json(decoded.text)) is not None:
        return Content("dataset-json", sheets=(dataset,))
    return Content(decoded.encoding, text=decoded.text)


def _kind_of_zip(data: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, zlib.error) as err:
        raise FileProblem(name, f"it is a damaged ZIP file ({err})", EXPECTED, "ask for the file anew") from err
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > LARGEST_UNPACKED or (unpacked > SMALL and unpacked > MOST_TIMES * len(data)):
        raise FileProblem(
            name,
            f"it unfolds from {len(data):,} to {unpacked:,} bytes",
            f"a workbook of at most {LARGEST_UNPACKED >> 20} MB unpacked, and {MOST_TIMES} times its size",
            "save the sheet as CSV",
        )
    names = {entry.filename for entry in entries}
    if any(entry.startswith("xl/") for entry in names):
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    raise FileProblem(
        name,
        f"it is a ZIP archive ({', '.join(sorted(names)[:3])} ...)" if names else "it is an empty ZIP archive",
        EXPECTED,
        "unpack it first",
    )


def _workbook(data: bytes, name: str, kind: str) -> Content:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = tuple(_sheet(book, title, name) for title in book.sheet_names)
    except python_calamine.PasswordError as err:
        raise FileProblem(name, "it is locked with a password", "an open workbook", "save it without one") from err
    except FileProblem:
        raise
    except Exception as err:
        # The library's faults are of many kinds (CalamineError, ZipError, XmlError, OSError, a panic of its own).
        said = str(err).strip() or type(err).__name__
        raise FileProblem(
            name, f"it cannot be read as a workbook ({said[:120]})", EXPECTED, "save it anew, or as CSV"
        ) from err
    if not any(sheet.rows for sheet in sheets):
        raise FileProblem(name, "the workbook is empty", "a sheet with a table")
    return Content(kind, sheets=sheets)


def _sheet(book: object, title: str, name: str) -> Sheet:
    sheet = book.get_sheet_by_name(title)  # type: ignore[attr-defined]
    cells = sheet.total_height * sheet.total_width
    if cells > MOST_CELLS:
        raise FileProblem(
            name,
            f"the sheet {title!r} reaches over {cells:,} cells",
            f"at most {MOST_CELLS:,}",
            "delete the empty rows and columns below and beside the table, and save it again",
        )
    return Sheet(title, sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or ())


def read_transport(data: bytes, name: str) -> Sheet:
    """Read a SAS transport file (version 5 or 8) as one sheet.

    pandas.read_sas is not used, for it turns 0 into 5.4e-79.
    """
    import pyreadstat

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.xpt"
        path.write_bytes(data)
        try:
            frame, meta = pyreadstat.read_xport(str(path), output_format="dict")
        except Exception as err:  # the library raises its own and the system's
            raise FileProblem(
                name, f"it cannot be read as SAS transport ({err})", "a file of version 5 or 8", "export it anew"
            ) from err
    columns = list(frame)
    rows = [columns, *(list(row) for row in zip(*(frame[column] for column in columns), strict=True))]
    return Sheet(str(meta.table_name or "data"), rows)
