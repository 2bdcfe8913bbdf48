"""Reject bars: how many positions were refused for which reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recal_labs.report.figures.lettering import fitted
from recal_labs.report.figures.theme import INK, MUTED, SKY, VERMILLION, axes_or_new
from recal_labs.report.wording import percent, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_INCHES, MARGIN_INCHES = 0.3, 0.75

# A value that the lab did not measure is no fault of the file.
HARMLESS = "not_measured"


def rejects_height(n_rows: int) -> float:
    """Return the height of the sheet for so many reasons, inches."""
    return MARGIN_INCHES + ROW_INCHES * n_rows


def rejects(table: pd.DataFrame, *, narrow: bool = False, ax: Axes | None = None) -> Axes:
    """Draw one bar a reason, longest on top.

    Parameters
    ----------
    table : DataFrame
        reason, n.
    narrow : bool
        For a narrow page.
    ax : Axes, optional
        Where to draw.
    """
    from matplotlib.ticker import MaxNLocator

    axes = axes_or_new(ax)
    rows = table.sort_values("n", kind="stable")
    heights = np.arange(len(rows))
    colours = [SKY if reason == HARMLESS else VERMILLION for reason in rows["reason"]]
    axes.barh(heights, rows["n"], height=0.66, color=colours, edgecolor=MUTED, linewidth=0.6)
    axes.set_yticks(heights, [fitted(str(reason).replace("_", " "), narrow=narrow) for reason in rows["reason"]])
    axes.set_xlim(0, rows["n"].max() * (1.2 if narrow else 1.1))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4 if narrow else 8, integer=True))
    for height, n in zip(heights, rows["n"], strict=True):
        axes.annotate(
            f"{int(n):,}", (n, height), (4, 0), textcoords="offset points", va="center", color=INK, fontsize="small"
        )
    axes.set_xlabel("positions refused")
    return axes


def rejects_finding(table: pd.DataFrame) -> str:
    """Say the commonest reason and its share."""
    total = int(table["n"].sum())
    if not total:
        return "No position was refused."
    most, reason = max(zip(table["n"].astype(int), table["reason"].astype(str), strict=True), key=lambda row: row[0])
    return (
        f"{plural(total, 'position')} refused; the commonest reason is “{reason.replace('_', ' ')}” "
        f"({most:,}, {percent(most, total)})."
    )
