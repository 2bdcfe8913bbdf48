"""Strip of places: every result against its upper limit, marked where the lab's own verdict differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recal_labs.report.figures.lettering import fitted, legend_above, plain_ticks
from recal_labs.report.figures.theme import BAND, EITHER, INK, MUTED, PAPER, VERMILLION, axes_or_new
from recal_labs.report.wording import percent, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_INCHES, MARGIN_INCHES = 0.36, 1.2

FEW_TICKS = (0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000)
MANY_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)

# Above so many dots they are stored as pixels: a path a dot would make the page heavy.
MANY_DOTS = 600


def places_table(positions: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """Return one row a result that has an upper limit.

    Parameters
    ----------
    positions : DataFrame
        As stored by the run: analyte_id, position_amount (or amount), reference_low, reference_high, interpretation,
        lab_interpretation.
    labels : dict
        Display names by analyte id, in the order of display.

    Returns
    -------
    DataFrame
        analyte, ratio (amount / upper limit), low (lower / upper limit; NaN when one-sided), differs (the lab's own
        verdict is another one).
    """
    amount = positions["position_amount" if "position_amount" in positions else "amount"].astype(float)
    low, high = positions["reference_low"].astype(float), positions["reference_high"].astype(float)
    ours, theirs = positions["interpretation"].fillna(""), positions["lab_interpretation"].fillna("")
    table = pd.DataFrame(
        {
            "analyte_id": positions["analyte_id"],
            "ratio": amount / high,
            "low": (low / high).where(low > 0),
            "differs": ours.isin(["L", "N", "H"]) & theirs.isin(["L", "N", "H"]) & ours.ne(theirs),
        }
    )
    table = table[(table["ratio"] > 0) & np.isfinite(table["ratio"])]
    known = [analyte for analyte in labels if (table["analyte_id"] == analyte).any()]
    table["analyte"] = pd.Categorical(table["analyte_id"].map(labels), [labels[name] for name in known], ordered=True)
    return table.dropna(subset=["analyte"]).reset_index(drop=True)


def places_height(n_rows: int) -> float:
    """Return the height of the sheet for so many analytes, inches."""
    return MARGIN_INCHES + ROW_INCHES * n_rows


def places(table: pd.DataFrame, *, narrow: bool = False, ax: Axes | None = None) -> Axes:
    """Draw one dot a result on the scale of its upper limit; the interval is a band.

    Parameters
    ----------
    table : DataFrame
        As made by `places_table`.
    narrow : bool
        For a narrow page.
    ax : Axes, optional
        Where to draw.
    """
    axes = axes_or_new(ax)
    rng = np.random.default_rng(0)  # only spreads dots sideways
    height = table["analyte"].cat.codes.to_numpy(float)
    spread = height + rng.uniform(-0.27, 0.27, len(table))
    for code, (_, rows) in enumerate(table.groupby("analyte", observed=False)):
        low = rows["low"].median()
        left = low if np.isfinite(low) else 1e-6
        axes.barh(code, 1 - left, left=left, height=0.78, color=BAND, linewidth=0, zorder=1)
    differs = table["differs"].to_numpy(bool)
    many = len(table) > MANY_DOTS
    dots: dict[str, Any] = {"linewidth": 0, "rasterized": many, "zorder": 2}
    size = 7 if many else 14
    axes.scatter(table["ratio"][~differs], spread[~differs], s=size, color=EITHER, alpha=0.7, **dots)
    if differs.any():
        axes.scatter(
            table["ratio"][differs],
            spread[differs],
            s=size * 1.6,
            marker="^",
            color=VERMILLION,
            edgecolor=PAPER,
            rasterized=many,
            linewidth=0.3,
            zorder=3,
            label="the lab's own range says otherwise",
        )
        legend_above(axes, columns=1, narrow=narrow)
    axes.axvline(1, color=INK, linewidth=1, zorder=1.5)
    axes.set_xscale("log")
    low, high = max(table["ratio"].min() * 0.8, 1e-4), max(table["ratio"].max() * 1.25, 1.5)
    plain_ticks(axes, FEW_TICKS if high / low > 80 else MANY_TICKS, low, high)
    names = table["analyte"].cat.categories
    axes.set_yticks(range(len(names)), [fitted(name, narrow=narrow) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", colors=MUTED, labelcolor=INK)
    axes.set_xlabel("result / upper limit of its interval" + ("" if narrow else "  (logarithmic scale)"))
    return axes


def places_finding(table: pd.DataFrame) -> str:
    """Say how many results lie above their upper limit, and how often the lab's own range says otherwise."""
    if table.empty:
        return "No result has an upper limit to be compared with."
    above = int((table["ratio"] > 1).sum())
    text = f"{above:,} of {plural(len(table), 'result')} ({percent(above, len(table))}) lie above their upper limit"
    differs = int(table["differs"].sum())
    return f"{text}; for {differs:,} the lab's own range gives another verdict." if differs else f"{text}."
