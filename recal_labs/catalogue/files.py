"""Where the files that come with the package lie: inside an installed wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

from recal_labs.errors import FileProblem

PACKAGE = Path(__file__).parents[1]

# Folder in the wheel (below recal_labs/bundled) and folder in a checkout (beside the package).
PLACES = {
    "reference_ranges": "reference_ranges",
    "notebooks": "notebooks",
    "sample": "data/sample",
}


def data_folder(name: str) -> Path:
    """Return the folder of files that come with the package.

    Parameters
    ----------
    name : {"reference_ranges", "notebooks", "sample"}
        Which of them.

    Raises
    ------
    FileProblem
        When the installation is not whole.

    Examples
    --------
    >>> data_folder("reference_ranges").name
    'reference_ranges'
    """
    bundled, beside = PACKAGE / "bundled" / name, PACKAGE.parent / PLACES[name]
    for folder in (bundled, beside):
        if folder.is_dir():
            return folder
    raise FileProblem(bundled, "the folder is missing", "a whole installation", "install recal_labs again")
