"""What an input file is called in the outputs: short, told apart from every other, silent about the machine."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path


def place_of(path: Path) -> Path:
    """Return a path made whole, with links in its folders followed; a link in its last part keeps its own name."""
    # Not resolve(): it would put the link's target in place of its name.
    whole = Path(os.path.abspath(path))  # noqa: PTH100
    try:
        return whole.parent.resolve() / whole.name
    except (OSError, RuntimeError):  # a loop of links in the folders
        return whole


def readable(text: str) -> str:
    r"""Return a file name as text that can be written as UTF-8: bytes that are no UTF-8 are shown as ``\xe9``."""
    return os.fsencode(text).decode("utf-8", "backslashreplace")


def distinct_tails(paths: Iterable[Path], taken: Collection[str] = ()) -> dict[Path, str]:
    """Return, for each whole path, the shortest end of it that no other has.

    Parameters
    ----------
    paths : iterable of Path
        Whole paths.
    taken : collection of str
        Names that others bear already.

    Returns
    -------
    dict of Path to str
        With ``/`` between the parts.

    Examples
    --------
    >>> tails = distinct_tails([Path("/two/a/export.csv"), Path("/two/b/export.csv"), Path("/two/b/other.csv")])
    >>> list(tails.values())
    ['a/export.csv', 'b/export.csv', 'other.csv']
    """
    parts = {path: path.parts[1:] if path.anchor else path.parts for path in paths}
    lengths = dict.fromkeys(parts, 1)
    while True:
        tails = {path: readable("/".join(whole[-lengths[path] :])) for path, whole in parts.items()}
        counts = Counter(tails.values())
        again = [
            path
            for path, tail in tails.items()
            if (counts[tail] > 1 or tail in taken) and lengths[path] < len(parts[path])
        ]
        if not again:
            return tails
        for path in again:
            lengths[path] += 1
