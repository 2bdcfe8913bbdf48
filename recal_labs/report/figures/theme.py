"""One look for all figures: a palette that colour-blind readers can tell apart, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Figures are drawn in the light colours; in the SVG each becomes a variable that the reader's dark scheme may change.
# Hues after Okabe and Ito's palette; light and dark values differ in lightness so that contrast holds on both papers.
LIGHT: Mapping[str, str] = {
    "ink": "#1d2630",
    "muted": "#566270",
    "grid": "#dbe1e7",
    "paper": "#fefefe",
    "panel": "#eef2f5",
    "band": "#d9ebe3",
    "blue": "#0068a8",
    "vermillion": "#c8510a",
    "green": "#00795c",
    "purple": "#8f4f7f",
    "sky": "#a9cfe8",
    "sand": "#e9e4d8",
}
DARK: Mapping[str, str] = {
    "ink": "#e6ebf0",
    "muted": "#a4b0bc",
    "grid": "#36414c",
    "paper": "#12171d",
    "panel": "#1f2730",
    "band": "#1f3d33",
    "blue": "#62b5ee",
    "vermillion": "#ff9a5c",
    "green": "#4fc7a1",
    "purple": "#d79bc9",
    "sky": "#3d6f93",
    "sand": "#4a463b",
}

INK, MUTED, GRID, PAPER = LIGHT["ink"], LIGHT["muted"], LIGHT["grid"], LIGHT["paper"]
PANEL, BAND, BLUE, VERMILLION = LIGHT["panel"], LIGHT["band"], LIGHT["blue"], LIGHT["vermillion"]
GREEN, PURPLE, SKY, SAND = LIGHT["green"], LIGHT["purple"], LIGHT["sky"], LIGHT["sand"]

# Dots drawn as pixels cannot change with the scheme: tones with contrast on both papers.
EITHER, EITHER_PURPLE = "#4596d8", "#a8689a"


def settings(*, narrow: bool = False) -> dict[str, Any]:
    """Return the matplotlib settings of the theme; a narrow page gets smaller type on a much smaller sheet."""
    size = 8.5 if narrow else 9.5
    return {
        "font.family": ["DejaVu Sans"],
        "font.size": size,
        "axes.labelsize": size,
        "axes.titlesize": size,
        "xtick.labelsize": size - 0.5,
        "ytick.labelsize": size,
        "legend.fontsize": size - 0.5,
        "legend.frameon": False,
        "text.color": INK,
        "axes.labelcolor": INK,
        "xtick.color": MUTED,
        "xtick.labelcolor": INK,
        "ytick.color": MUTED,
        "ytick.labelcolor": INK,
        "axes.edgecolor": MUTED,
        "axes.facecolor": PAPER,
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "grid.color": GRID,
        "axes.grid": True,
        "axes.grid.axis": "x",
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "ytick.left": False,
        "axes.unicode_minus": True,
        "hatch.linewidth": 0.8,
        "svg.fonttype": "path",
        "svg.hashsalt": "recal_labs",
    }


@contextmanager
def theme(*, narrow: bool = False) -> Iterator[None]:
    """Draw inside this block in the project's look; the reader's own settings return afterwards."""
    import matplotlib as mpl
    import seaborn as sns

    look: dict[Any, Any] = {**sns.axes_style("whitegrid"), **settings(narrow=narrow)}
    with mpl.rc_context(look):
        yield


def axes_or_new(ax: Axes | None) -> Axes:
    """Return the axes given, or those of a new figure in the project's look."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    with theme():
        new: Axes = plt.subplots(layout="constrained")[1]
    return new
