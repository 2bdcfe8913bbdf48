"""Forest plot: estimates with their intervals, one row a pair, the verdict beside what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from recal_labs.report.figures.lettering import axis_words, fitted, legend_above, plain_ticks
from recal_labs.report.figures.theme import BLUE, INK, MUTED, PAPER, axes_or_new
from recal_labs.report.wording import interval, plural, with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ("label", "kind", "estimate", "ci_low", "ci_high", "n", "confidence")

ROW_INCHES = {False: 0.3, True: 0.31}
MARGIN_INCHES = {False: 1.15, True: 1.4}


@dataclass(frozen=True)
class Mark:
    """How one kind of estimate is drawn; shape differs as well as colour."""

    marker: str
    colour: str
    filled: bool


VERDICT = Mark("o", BLUE, True)
BESIDE = Mark("s", MUTED, False)


def forest_height(n_rows: int, *, narrow: bool) -> float:
    """Return the height of the sheet for so many rows, inches."""
    return MARGIN_INCHES[narrow] + ROW_INCHES[narrow] * n_rows


def forest(
    table: pd.DataFrame,
    *,
    axis_label: str,
    null: float = 0.0,
    log: bool = False,
    digits: int | None = 2,
    marks: tuple[Mark, Mark] = (VERDICT, BESIDE),
    narrow: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw estimates with their intervals.

    Parameters
    ----------
    table : DataFrame
        label, kind, estimate, ci_low, ci_high; the kind that comes first carries the verdict and is sorted by. Rows
        without an estimate are left out.
    axis_label : str
        What the estimate is, with its unit.
    null : float
        The value that means nothing happened.
    log : bool
        Whether the axis is logarithmic, for ratios.
    digits : int or None
        Decimals of the numbers printed beside the rows; None lets the interval decide.
    marks : tuple of Mark
        For the first and the second kind.
    narrow : bool
        Leaves the numbers out; the table beside the figure has them.
    ax : Axes, optional
        Where to draw.
    """
    axes = axes_or_new(ax)
    known = table.dropna(subset=["estimate"])
    kinds = list(dict.fromkeys(known["kind"]))[:2]
    labels = _order(known, kinds)
    place = {label: len(labels) - 1 - i for i, label in enumerate(labels)}
    axes.axvline(null, color=INK, linewidth=1, zorder=1)
    for kind, mark, shift in zip(kinds, marks, (0.14, -0.2) if len(kinds) > 1 else (0.0,), strict=False):
        _draw_kind(axes, known[known["kind"] == kind], place, mark, shift, kind)
    axes.set_yticks(list(place.values()), [fitted(label, narrow=narrow) for label in place])
    axes.set_ylim(-0.7, len(labels) - 0.3)
    axes.set_xlabel(axis_words(axis_label, narrow=narrow))
    if log:
        _ratio_axis(axes)
    if not narrow:
        _numbers(axes, known[known["kind"] == kinds[0]] if kinds else known, place, digits, null)
    if len(kinds) > 1:
        legend_above(axes, columns=1 if narrow else 2, narrow=narrow)
    return axes


def _order(known: pd.DataFrame, kinds: list[str]) -> list[Any]:
    """Return labels by the verdict's estimate, largest on top; labels without a verdict come last."""
    if not kinds:
        return []
    verdict = known[known["kind"] == kinds[0]].sort_values("estimate", ascending=False, kind="stable")
    return list(dict.fromkeys([*verdict["label"], *known["label"]]))


def _draw_kind(axes: Axes, rows: pd.DataFrame, place: dict[Any, int], mark: Mark, shift: float, kind: str) -> None:
    heights = [place[label] + shift for label in rows["label"]]
    axes.hlines(heights, rows["ci_low"], rows["ci_high"], color=mark.colour, linewidth=2 if mark.filled else 1.2)
    axes.plot(
        rows["estimate"].to_numpy(float),
        heights,
        linestyle="none",
        marker=mark.marker,
        markersize=6 if mark.filled else 4.5,
        markerfacecolor=mark.colour if mark.filled else PAPER,
        markeredgecolor=mark.colour,
        markeredgewidth=1.2,
        label=kind,
        zorder=3,
    )


def _ratio_axis(axes: Axes) -> None:
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    close = max(high, 1 / low) < 1.6
    ticks = (0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2) if close else (0.06, 0.12, 0.25, 0.5, 1, 2, 4, 8, 16)
    plain_ticks(axes, ticks, low, high)


def _numbers(axes: Axes, rows: pd.DataFrame, place: dict[Any, int], digits: int | None, null: float) -> None:
    """Print estimate and interval at the right of each row."""
    across = axes.get_yaxis_transform()
    for label, estimate, low, high in zip(
        rows["label"], rows["estimate"], rows["ci_low"], rows["ci_high"], strict=True
    ):
        text = interval(float(estimate), float(low), float(high), digits, null=null)
        axes.text(1.02, place[label], text, transform=across, va="center", color=INK, fontsize="small")


def forest_finding(table: pd.DataFrame, *, subject: str, null: float = 0.0, digits: int | None = 2) -> str:
    """Say what a forest plot shows: how many intervals leave out the null, and the estimate farthest from it."""
    known = table.dropna(subset=["estimate"])
    if known.empty:
        return f"{subject}: nothing could be estimated."
    verdict = known[known["kind"] == known["kind"].iloc[0]]
    outside = int(((verdict["ci_low"] > null) | (verdict["ci_high"] < null)).sum())
    top = verdict.loc[(verdict["estimate"] - null).abs().idxmax()]
    estimate, low, high, confidence = (float(top[name]) for name in ("estimate", "ci_low", "ci_high", "confidence"))
    text = with_interval(estimate, low, high, confidence, digits, null=null)
    exclude = f"{outside} of {plural(len(verdict), 'interval')} {'excludes' if outside == 1 else 'exclude'} {null:g}"
    return f"{subject}: {exclude}; farthest from it is {top['label']}, {text}."
