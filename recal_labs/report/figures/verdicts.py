"""Verdict bars: how many results lie below, within and above their interval, and how many cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recal_labs.report.figures.lettering import fitted, legend_above
from recal_labs.report.figures.theme import BLUE, INK, MUTED, PANEL, PAPER, SKY, VERMILLION, axes_or_new
from recal_labs.report.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Key, words, colour, hatch: hatching tells them apart without colour as well.
PARTS = (
    ("L", "below", BLUE, ""),
    ("N", "within", SKY, ""),
    ("H", "above", VERMILLION, ""),
    ("IND", "left open", PAPER, "////"),
    ("none", "no interval", PANEL, ""),
)

ROW_INCHES, MARGIN_INCHES = 0.29, {False: 1.0, True: 1.25}


def verdicts_height(n_rows: int, *, narrow: bool) -> float:
    """Return the height of the sheet for so many analytes, inches."""
    return MARGIN_INCHES[narrow] + ROW_INCHES * n_rows


def verdicts(table: pd.DataFrame, *, narrow: bool = False, ax: Axes | None = None) -> Axes:
    """Draw one bar an analyte, divided by verdict.

    Parameters
    ----------
    table : DataFrame
        analyte, n, L, N, H, IND, none: numbers of results.
    narrow : bool
        For a narrow page.
    ax : Axes, optional
        Where to draw.
    """
    axes = axes_or_new(ax)
    rows = table.iloc[::-1]
    heights = np.arange(len(rows))
    whole = rows["n"].to_numpy(float)
    left = np.zeros(len(rows))
    for key, words, colour, hatch in PARTS:
        share = 100 * rows[key].to_numpy(float) / np.where(whole > 0, whole, np.nan)
        if not np.nansum(share):
            continue
        axes.barh(
            heights,
            share,
            left=left,
            height=0.72,
            color=colour,
            hatch=hatch,
            edgecolor=MUTED,
            linewidth=0.6,
            label=words,
        )
        left = left + np.nan_to_num(share)
    axes.set_yticks(heights, [fitted(name, narrow=narrow) for name in rows["analyte"]])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of results, %")
    legend_above(axes, columns=2 if narrow else 5, narrow=narrow)
    if not narrow:
        across = axes.get_yaxis_transform()
        for height, n in zip(heights.tolist(), rows["n"], strict=True):
            axes.text(1.015, height, f"n = {int(n):,}", transform=across, va="center", color=INK, fontsize="small")
    return axes


def verdicts_finding(table: pd.DataFrame) -> str:
    """Say how many results could be placed, how many of them lie outside, and which analyte does so most."""
    judged, outside = (table["L"] + table["N"] + table["H"]).tolist(), (table["L"] + table["H"]).tolist()
    total = int(table["n"].sum())
    if not sum(judged):
        return f"None of {total:,} current results could be placed against an interval."
    text = (
        f"{sum(judged):,} of {total:,} current results could be placed; "
        f"{sum(outside):,} of them ({percent(sum(outside), sum(judged))}) lie outside"
    )
    if not sum(outside):
        return f"{text}."
    placed = [row for row in zip(table["analyte"], judged, outside, strict=True) if row[1]]
    name, of, out = max(placed, key=lambda row: row[2] / row[1])
    return f"{text}, most of all {name} ({percent(out, of)})."
