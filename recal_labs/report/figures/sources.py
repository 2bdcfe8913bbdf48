"""Strips of sources: for each analyte the study's own results, and below them the intervals of all sources."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recal_labs.choices import REPORTED_BY_LAB
from recal_labs.report.figures.lettering import fitted, legend_above, literal, plain_ticks
from recal_labs.report.figures.theme import (
    BAND,
    EITHER,
    EITHER_PURPLE,
    INK,
    MUTED,
    PAPER,
    SAND,
    SKY,
    VERMILLION,
    axes_or_new,
)
from recal_labs.report.gather.disagreement_words import among_some, printed_words
from recal_labs.report.gather.measured import specimen_words, unit_words
from recal_labs.report.wording import fixed, percent, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# More strips than these say nothing new, and nobody scrolls through them.
MOST_STRIPS = 6
LINE_INCHES, MARGIN_INCHES = {False: 0.2, True: 0.3}, {False: 1.75, True: 2.3}
# A heading, and the strip of results, take as much room as so many sources.
HEADING, RESULTS = 1.5, 1.7
RESULTS_LABEL = "this study's results"
BAR_HEIGHT = 0.72
SCALE = "amount / median of the analyte's results  (logarithmic scale)"
FADE_STEPS, PALE = 8, 0.4
MANY_DOTS = 600
WIDEST = 300.0
TICKS = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)
FINE_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)


def strips_table(
    rows: Sequence[Mapping[str, Any]], limits: Sequence[Mapping[str, Any]], compared: pd.DataFrame
) -> list[dict[str, Any]]:
    """Return what is drawn, most debated first.

    Parameters
    ----------
    rows, limits : sequence of mapping
        As gathered.
    compared : DataFrame
        As stored: key, amount, side, differs, differs_without_d.

    Returns
    -------
    list of dict
        name, heading (with the median amount, by which all is divided), results (ratio, side, called) and bars
        (source, kind, lows and highs as ratios; None for a side that an interval leaves open). Ranges that were printed
        in another unit than the analyte's amounts cannot be drawn beside them.
    """
    strips = []
    for row in rows:
        results = compared[compared["key"] == row["key"]]
        results = results[results["amount"] > 0]
        if results.empty or not row["n_differ"]:
            continue
        middle = float(results["amount"].median())
        name = ", ".join(filter(None, (row["analyte"], specimen_words(row["specimen"]))))
        bars: dict[str, dict[str, Any]] = {}
        for line in limits:
            if line["key"] == row["key"] and line["n"] and line["unit"] == row["unit"]:
                source = line["source"] + (f" [{line['condition']}]" if line["condition"] else "")
                bar = bars.setdefault(source, {"source": source, "kind": _kind(line), "lows": [], "highs": []})
                for side, limit in (("lows", line["low"]), ("highs", line["high"])):
                    bar[side].append(None if limit is None else limit / middle)
        strips.append(
            {
                "name": name,
                "heading": f"{name}, median {_three_figures(middle)} {unit_words(row['unit'])}".strip(),
                "results": results.assign(ratio=results["amount"] / middle, called=_called(results)),
                "bars": sorted(bars.values(), key=_by_height),
            }
        )
    return strips[:MOST_STRIPS]


# How sources call a result: the colour of its dot, and what that means.
SAME, CONSUMER_ONLY, DIFFERENTLY = range(3)
CALLED = {
    DIFFERENTLY: (VERMILLION, "a result called differently even without consumer pages"),
    CONSUMER_ONLY: (EITHER_PURPLE, "one called differently through a consumer page alone"),
    SAME: (EITHER, "one that all call the same"),
}


def _called(results: pd.DataFrame) -> np.ndarray:
    """Return whether sources call each result the same, differently, or differently through consumer pages alone."""
    differs, without = (results[name].to_numpy(bool) for name in ("differs", "differs_without_d"))
    return np.where(without, DIFFERENTLY, np.where(differs, CONSUMER_ONLY, SAME))


def _three_figures(value: float) -> str:
    return fixed(value, max(0, 2 - math.floor(math.log10(value))))


def _kind(line: Mapping[str, Any]) -> str:
    return "printed" if line["source_id"] == REPORTED_BY_LAB else "consumer" if line["quality"] == "D" else "other"


def _by_height(bar: Mapping[str, Any]) -> tuple[float, str]:
    known = [limit for limit in bar["highs"] if limit is not None]
    return (max(known) if known else math.inf, bar["source"])


def strips_height(strips: Sequence[Mapping[str, Any]], *, narrow: bool = False) -> float:
    """Return the height of the sheet for these strips, inches."""
    lines = sum(len(strip["bars"]) + HEADING + RESULTS for strip in strips)
    return MARGIN_INCHES[narrow] + LINE_INCHES[narrow] * lines


def sources_figure(
    strips: Sequence[Mapping[str, Any]], *, simulated: bool = False, narrow: bool = False, ax: Axes | None = None
) -> Axes:
    """Draw a strip an analyte: one mark a result above, and a bar a source below.

    Parameters
    ----------
    strips : sequence of mapping
        As made by `strips_table`.
    simulated : bool
        Whether the ranges that the labs print are made up.
    narrow : bool
        For a narrow page.
    ax : Axes, optional
        Where to draw.
    """
    axes = axes_or_new(ax)
    left, right = _edges(strips)
    rng = np.random.default_rng(0)  # only spreads dots up and down
    top, places, names, dots = 0.0, [], [], []
    for strip in strips:
        first = top + HEADING
        look: dict[str, Any] = {"fontweight": "bold", "fontsize": "small", "color": INK, "va": "center", "zorder": 4}
        heading = literal(strip["name"] if narrow else strip["heading"])
        axes.text(0, first - 0.78, heading, transform=axes.get_yaxis_transform(), **look)
        heights = rng.uniform(first - 0.2, first + RESULTS - 0.8, len(strip["results"]))
        dots.append(strip["results"].assign(height=heights))
        places.append(first + RESULTS / 2 - 0.5)
        names.append(fitted(RESULTS_LABEL, narrow=narrow))
        for number, bar in enumerate(strip["bars"]):
            _bar(axes, first + RESULTS + number, bar, (left, right))
            places.append(first + RESULTS + number)
            names.append(fitted(bar["source"], narrow=narrow))
        top = first + RESULTS + len(strip["bars"])
    _dots(axes, pd.concat(dots), (left, right))
    axes.set_xscale("log")
    plain_ticks(axes, FINE_TICKS if right / left < 60 else TICKS, left, right)
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", colors=MUTED, labelcolor=INK, labelsize="small")
    axes.set_ylim(top - 0.2, 0.35)
    axes.set_xlabel("amount / analyte's median\n(logarithmic scale)" if narrow else SCALE)
    _legend(axes, strips, simulated=simulated, narrow=narrow)
    return axes


def _edges(strips: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Return the ends of the scale: it holds every limit and nearly every result; the others stand at its end."""
    limits = [limit for strip in strips for bar in strip["bars"] for limit in (*bar["lows"], *bar["highs"]) if limit]
    ratios = np.concatenate([strip["results"]["ratio"].to_numpy(float) for strip in strips])
    low, high = np.quantile(ratios, [0.002, 0.998])
    left, right = min([*limits, low]) * 0.8, max([*limits, high]) * 1.25
    return max(float(left), 1 / WIDEST), min(float(right), WIDEST)


COLOURS = {"other": BAND, "consumer": SAND, "printed": SKY}
WORDS = {
    "other": "interval of a laboratory, a paper or a textbook",
    "consumer": "of a consumer or vendor page",
    "printed": "printed by the labs of this study",
}


def _bar(axes: Axes, place: float, bar: Mapping[str, Any], edges: tuple[float, float]) -> None:
    """Draw what a source calls normal: pale where that depends on age or sex, fading where it has no lower limit."""
    left, right = edges
    look: dict[str, Any] = {"height": BAR_HEIGHT, "color": COLOURS[bar["kind"]], "linewidth": 0, "antialiased": False}
    lows, highs = ([limit for limit in bar[side] if limit is not None] for side in ("lows", "highs"))
    outer_low = left if len(lows) < len(bar["lows"]) else min(lows)
    outer_high = right if len(highs) < len(bar["highs"]) else max(highs)
    inner_low, inner_high = max(lows, default=left), min(highs, default=right)
    spans = [(inner_high, outer_high, PALE)]
    if not lows:
        steps = np.geomspace(left, max(inner_high, left * 1.01), FADE_STEPS + 1)
        spans += [(*pair, 0.25 + 0.75 * step / FADE_STEPS) for step, pair in enumerate(itertools.pairwise(steps), 1)]
    elif inner_low < inner_high:
        spans += [(inner_low, inner_high, 1.0), (outer_low, inner_low, PALE)]
    else:
        spans = [(outer_low, outer_high, PALE)]
    for start, end, alpha in spans:
        if start < end:
            axes.barh(place, end - start, left=start, alpha=alpha, zorder=1, **look)
    for limit in (*lows, *highs):
        axes.plot([limit, limit], [place - BAR_HEIGHT / 2, place + BAR_HEIGHT / 2], color=MUTED, lw=0.8, zorder=1.5)


def _dots(axes: Axes, results: pd.DataFrame, edges: tuple[float, float]) -> None:
    """Draw results in the colour of how sources call them; an open triangle at a detection limit."""
    ratio, heights = np.clip(results["ratio"].to_numpy(float), *edges), results["height"].to_numpy(float)
    side, called = results["side"].to_numpy(int), results["called"].to_numpy(int)
    many = len(results) > MANY_DOTS
    for beyond, marker in ((0, "o"), (-1, "<"), (1, ">")):
        for kind, (colour, _) in sorted(CALLED.items()):
            chosen = (side == beyond) & (called == kind)
            if chosen.any():
                axes.scatter(
                    ratio[chosen],
                    heights[chosen],
                    s=(5 if many else 9) * (2.0 if beyond else 1.0),
                    marker=marker,
                    facecolor="none" if beyond else colour,
                    edgecolor=colour if beyond else PAPER,
                    linewidth=0.8 if beyond else 0.2,
                    alpha=0.75,
                    rasterized=many,
                    zorder=3,
                )


def _legend(axes: Axes, strips: Sequence[Mapping[str, Any]], *, simulated: bool, narrow: bool) -> None:
    """Say what each mark means; only marks that are drawn are named."""
    results = pd.concat([strip["results"] for strip in strips])
    bars = [bar for strip in strips for bar in strip["bars"]]
    kinds = {bar["kind"] for bar in bars}
    words = WORDS | {"printed": printed_words(WORDS["printed"], simulated=simulated)}
    entries: list[tuple[bool, str, dict[str, Any]]] = [
        *(
            (bool((results["called"] == kind).any()), said, {"marker": "o", "color": colour})
            for kind, (colour, said) in CALLED.items()
        ),
        (
            bool((results["side"] != 0).any()),
            "beyond a detection limit, drawn at the limit",
            {"marker": "<", "markerfacecolor": "none", "markeredgecolor": MUTED},
        ),
        *((kind in kinds, words[kind], {"marker": "s", "color": COLOURS[kind], "markersize": 9}) for kind in words),
    ]
    for drawn, label, look in entries:
        if drawn:
            mark: dict[str, Any] = {"linestyle": "none", "markersize": 5, "label": label} | look
            axes.plot([], [], **mark)
    legend_above(axes, columns=1, narrow=narrow)


def sources_finding(facts: Mapping[str, Any]) -> str:
    """Say for how many results the verdict depends on the source, of which analytes most, and without which sources.

    Parameters
    ----------
    facts : mapping
        As gathered.
    """
    rows, compared, differ = facts["rows"], facts["n_compared"], facts["n_differ"]
    if not differ:
        return f"All sources call {plural(compared, 'result')} the same."
    worst = [row for row in rows if row["n_differ"]][:3]
    named = "; ".join(f"{row['analyte']} {percent(row['n_differ'], row['n_compared'])}" for row in worst)
    return (
        f"For {differ:,} of {plural(compared, 'result')} ({percent(differ, compared)}) low, normal or high depends on "
        f"the source of the interval: {named}."
        f"{among_some(facts)}"
    )
