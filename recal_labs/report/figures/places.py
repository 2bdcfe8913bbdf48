"""Strip of places: every result against its own upper limit, apart by kind of specimen and of interval."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recal_labs.report.figures.lettering import fitted, legend_above, plain_ticks
from recal_labs.report.figures.theme import BAND, EITHER, INK, MUTED, PAPER, VERMILLION, axes_or_new
from recal_labs.report.gather.measured import specimen_words
from recal_labs.report.gather.reference import position_comparator
from recal_labs.report.wording import percent, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_INCHES, MARGIN_INCHES = {False: 0.34, True: 0.4}, {False: 1.85, True: 2.25}
BAND_HEIGHT = 0.8

FEW_TICKS = (0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000)
SOME_TICKS = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
MANY_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)

# Above so many dots they are stored as pixels: a path a dot would make the page heavy.
MANY_DOTS = 600

# A band without a lower limit fades in so many steps towards the left edge; one whose lower limit depends on age or
# sex is pale between the lowest and the highest of them.
FADE_STEPS, PALE = 24, 0.45


def places_table(positions: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """Return one row a result that has an upper limit.

    Parameters
    ----------
    positions : DataFrame
        As stored by the run: analyte_id, specimen, position_amount (or amount), position_comparator, reference_low,
        reference_high, reference_source, interpretation, lab_interpretation.
    labels : dict
        Display names by analyte id, in the order of display; an analyte without one is left out.

    Returns
    -------
    DataFrame
        row (name, kind of specimen and, where an analyte met both kinds of interval in it, which), ratio (amount /
        upper limit), low (lower / upper limit; NaN when one-sided), side (-1 below a detection limit, 1 above it, 0
        measured), differs (the lab's own verdict is another one).
    """
    amount = positions["position_amount" if "position_amount" in positions else "amount"].astype(float)
    low, high = positions["reference_low"].astype(float), positions["reference_high"].astype(float)
    ours, theirs = positions["interpretation"].fillna(""), positions["lab_interpretation"].fillna("")
    comparator = position_comparator(positions)
    table = pd.DataFrame(
        {
            "analyte_id": positions["analyte_id"],
            "specimen": positions["specimen"].map(specimen_words) if "specimen" in positions else "",
            "ratio": amount / high,
            "low": (low / high).where(low > 0),
            "side": comparator.str.startswith(">").astype(int) - comparator.str.startswith("<").astype(int),
            "differs": ours.isin(["L", "N", "H"]) & theirs.isin(["L", "N", "H"]) & ours.ne(theirs),
        }
    )
    table = table[(table["ratio"] > 0) & np.isfinite(table["ratio"]) & table["analyte_id"].isin(labels)]
    return _with_rows(table, labels).reset_index(drop=True)


def _with_rows(table: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """Name the row of each result: every row has one kind of interval."""
    two_sided = table["low"].notna()
    both = two_sided.groupby([table["analyte_id"], table["specimen"]]).transform("nunique") > 1
    kind = two_sided.map({True: "2-sided", False: "1-sided"}).where(both, "")
    parts = [table["analyte_id"].map(labels), table["specimen"], kind]
    names = pd.Series([", ".join(part for part in row if part) for row in zip(*parts, strict=True)], table.index)
    places = {analyte: place for place, analyte in enumerate(labels)}
    order = table.assign(name=names, place=table["analyte_id"].map(places), one_sided=~two_sided)
    order = order.sort_values(["place", "specimen", "one_sided"], ascending=[True, False, True], kind="stable")
    return table.assign(row=pd.Categorical(names, order["name"].unique(), ordered=True))


def places_height(n_rows: int, *, narrow: bool = False) -> float:
    """Return the height of the sheet for so many rows, inches."""
    return MARGIN_INCHES[narrow] + ROW_INCHES[narrow] * n_rows


def places(table: pd.DataFrame, *, narrow: bool = False, ax: Axes | None = None) -> Axes:
    """Draw one dot a result on the scale of its own upper limit; the interval is a band.

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
    spread = table["row"].cat.codes.to_numpy(float) + rng.uniform(-0.27, 0.27, len(table))
    left, right = max(table["ratio"].min() * 0.8, 1e-4), max(table["ratio"].max() * 1.25, 1.5)
    for code, (_, rows) in enumerate(table.groupby("row", observed=False)):
        _band(axes, code, rows["low"], left)
    _dots(axes, table, spread)
    axes.axvline(1, color=INK, linewidth=1, zorder=1.5)
    axes.set_xscale("log")
    ticks = MANY_TICKS if right / left < 80 else SOME_TICKS if right / left < 2000 else FEW_TICKS
    plain_ticks(axes, ticks, left, right)
    names = table["row"].cat.categories
    axes.set_yticks(range(len(names)), [fitted(name, narrow=narrow) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", colors=MUTED, labelcolor=INK)
    axes.set_xlabel("result / upper limit of its interval" + ("\n" if narrow else "  ") + "(logarithmic scale)")
    _legend(axes, table, narrow=narrow)
    return axes


def _band(axes: Axes, place: int, lows: pd.Series[float], edge: float) -> None:
    """Draw the interval of a row: from its lower limit to 1, or fading towards the edge without one."""
    bar: dict[str, Any] = {"height": BAND_HEIGHT, "color": BAND, "linewidth": 0, "zorder": 1, "antialiased": False}
    if lows.notna().any():
        lowest, highest = float(lows.min()), float(lows.max())
        axes.barh(place, 1 - highest, left=highest, **bar)
        if lowest < highest:
            axes.barh(place, highest - lowest, left=lowest, alpha=PALE, **bar)
        return
    steps = np.geomspace(min(edge, 0.5), 1, FADE_STEPS + 1)
    for step, (start, end) in enumerate(itertools.pairwise(steps), start=1):
        axes.barh(place, end - start, left=start, alpha=step / FADE_STEPS, **bar)


def _dots(axes: Axes, table: pd.DataFrame, spread: np.ndarray) -> None:
    """Draw results: a disc where measured, an open triangle at a detection limit; red where the lab says otherwise."""
    ratio, side = table["ratio"].to_numpy(float), table["side"].to_numpy(int)
    differs = table["differs"].to_numpy(bool)
    many = len(table) > MANY_DOTS
    size = 7 if many else 14
    for beyond, marker in ((0, "o"), (-1, "<"), (1, ">")):
        for disagrees, colour in ((False, EITHER), (True, VERMILLION)):
            chosen = (side == beyond) & (differs == disagrees)
            if not chosen.any():
                continue
            axes.scatter(
                ratio[chosen],
                spread[chosen],
                s=size * (2.0 if beyond or disagrees else 1.0),
                marker="D" if disagrees and not beyond else marker,
                facecolor=colour if not beyond else "none",
                edgecolor=PAPER if disagrees and not beyond else colour,
                linewidth=0.9 if beyond else 0.3 if disagrees else 0,
                alpha=None if disagrees or beyond else 0.7,
                rasterized=many,
                zorder=3 if disagrees or beyond else 2,
            )


def _legend(axes: Axes, table: pd.DataFrame, *, narrow: bool) -> None:
    """Say what each mark means; only marks that are drawn are named."""
    lows = table.groupby("row", observed=True)["low"]
    entries: tuple[tuple[bool, str, dict[str, Any]], ...] = (
        (True, "one result", {"marker": "o", "color": EITHER}),
        (
            bool((table["side"] != 0).any()),
            "beyond a detection limit, drawn at the limit",
            {"marker": "<", "markerfacecolor": "none", "markeredgecolor": EITHER},
        ),
        (
            bool(table["differs"].any()),
            "the lab's own range says otherwise",
            {"marker": "D", "color": VERMILLION},
        ),
        (
            True,
            "interval" + ("" if table["low"].notna().all() else "; fading: it has no lower limit"),
            {"marker": "s", "color": BAND, "markersize": 9},
        ),
        (
            bool((lows.max() > lows.min()).any()),
            "pale: its lower limit depends on age or sex",
            {"marker": "s", "color": BAND, "markersize": 9, "alpha": PALE},
        ),
    )
    for drawn, label, look in entries:
        if drawn:
            mark: dict[str, Any] = {"linestyle": "none", "markersize": 5, "label": label} | look
            axes.plot([], [], **mark)
    legend_above(axes, columns=1, narrow=narrow)


def places_finding(table: pd.DataFrame) -> str:
    """Say how many results lie above their upper limit, and how often the lab's own range says otherwise."""
    if table.empty:
        return "No result has an upper limit to be compared with."
    above, open_ = int((table["ratio"] > 1).sum()), int((table["side"] != 0).sum())
    text = (
        f"{above:,} of {plural(len(table), 'current result')} with an upper limit ({percent(above, len(table))}) lie "
        "above it"
    )
    if open_:
        text += f"; {open_:,} are known only as beyond a detection limit"
    differs = int(table["differs"].sum())
    return f"{text}; for {differs:,} the lab's own range gives another verdict." if differs else f"{text}."
