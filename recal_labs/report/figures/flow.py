"""Flow diagram: one flow for results, one for specimens, one for people, with what was left out and why."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from recal_labs.report.figures.lettering import literal
from recal_labs.report.figures.theme import BLUE, INK, MUTED, PANEL, PAPER, SAND, axes_or_new
from recal_labs.report.wording import join, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE_INCHES = {False: 0.185, True: 0.165}
GAP_LINES = 1.6
PAD_LINES = 0.8
HEADING_LINES, BLOCK_GAP_LINES = 1.5, 1.2

# What is counted, and the flow that it belongs to: positions become results, nothing else becomes another thing.
FLOWS = {"positions": "Results", "results": "Results", "specimens": "Specimens", "subjects": "People"}

# Shares of the sheet's width: left edge and width of a stage, and of what was left out.
LAYOUT = {False: ((0.0, 0.44), (0.53, 0.47)), True: ((0.0, 1.0), (0.1, 0.9))}
CHARACTERS = {False: (34, 40), True: (42, 40)}


@dataclass(frozen=True)
class Box:
    """A box with its lines; a stage, or what was left out on the way into one."""

    lines: tuple[str, ...]
    stage: bool

    @property
    def height(self) -> float:
        """Height in lines of text."""
        return len(self.lines) + PAD_LINES


def flow_table(steps: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return stages and reasons as one tidy table.

    Columns are flow, step, stage, counted, n, reason and left_out (0 for a stage itself).
    """
    rows = []
    for place, step in enumerate(steps):
        known = (FLOWS.get(step["counted"], step["counted"]), place, step["stage"], step["counted"], step["n"])
        rows.append((*known, "", 0))
        rows += [(*known, out["reason"], out["n"]) for out in step["left_out"]]
    return pd.DataFrame(rows, columns=["flow", "step", "stage", "counted", "n", "reason", "left_out"])


def _boxes(table: pd.DataFrame, *, narrow: bool) -> list[tuple[Box | None, Box]]:
    """Return for each step the box of what was left out (or None) and the box of the stage."""
    stage_width, out_width = CHARACTERS[narrow]
    boxes = []
    for _, rows in table.groupby("step", sort=True):
        first = rows.iloc[0]
        number = f"{int(first['n']):,} {first['counted']}"
        stage = Box((number, *textwrap.wrap(str(first["stage"]), stage_width)), True)
        reasons = [
            line
            for reason, n in zip(rows["reason"].iloc[1:], rows["left_out"].iloc[1:], strict=True)
            for line in textwrap.wrap(f"{int(n):,}  {reason}", out_width, subsequent_indent="      ")
        ]
        boxes.append((Box(("Left out:", *reasons), False) if reasons else None, stage))
    return boxes


def _advance(out: Box | None, *, narrow: bool) -> float:
    """Return the distance between a stage and the one before, in lines."""
    if out is None:
        return GAP_LINES
    return out.height + (2 * GAP_LINES * 0.6 if narrow else 1.2)


def _flows(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(str(name), rows) for name, rows in table.groupby("flow", sort=False)]


def _lines(boxes: list[tuple[Box | None, Box]], *, narrow: bool) -> float:
    """Return the height of one flow with its heading, in lines."""
    lines = HEADING_LINES + sum(stage.height for _, stage in boxes)
    return lines + sum(_advance(out, narrow=narrow) for place, (out, _) in enumerate(boxes) if place or out is not None)


def flow_height(table: pd.DataFrame, *, narrow: bool) -> float:
    """Return the height of the sheet, inches."""
    flows = [_boxes(rows, narrow=narrow) for _, rows in _flows(table)]
    lines = sum(_lines(boxes, narrow=narrow) for boxes in flows) + BLOCK_GAP_LINES * max(0, len(flows) - 1)
    return lines * LINE_INCHES[narrow] + 0.1


def flow(table: pd.DataFrame, *, narrow: bool = False, ax: Axes | None = None) -> Axes:
    """Draw each flow from top to bottom, with what was left out beside the arrow into each stage.

    Parameters
    ----------
    table : DataFrame
        As made by `flow_table`.
    narrow : bool
        Stacks everything in one column.
    ax : Axes, optional
        Where to draw; one unit of height is one line of text.
    """
    axes = axes_or_new(ax)
    axes.set_axis_off()
    top = 0.0
    for heading, rows in _flows(table):
        axes.text(LAYOUT[narrow][0][0], top - HEADING_LINES / 2, literal(heading), va="center", color=INK, size="large")
        top = _draw_flow(axes, _boxes(rows, narrow=narrow), top - HEADING_LINES, narrow=narrow) - BLOCK_GAP_LINES
    axes.set_xlim(-0.005, 1.005)
    axes.set_ylim(top + BLOCK_GAP_LINES - 0.1, 0.1)
    return axes


def _draw_flow(axes: Axes, boxes: list[tuple[Box | None, Box]], top: float, *, narrow: bool) -> float:
    """Draw one flow from a height downwards; return the height where it ends."""
    (stage_left, stage_width), (out_left, out_width) = LAYOUT[narrow]
    trunk = stage_left + (0.05 if narrow else stage_width / 2)
    for place, (out, stage) in enumerate(boxes):
        start = top
        if place or out is not None:
            top -= _advance(out, narrow=narrow)
        if out is not None:
            middle = (start + top) / 2
            _draw_box(axes, out, out_left, out_width, middle + out.height / 2)
            axes.plot([trunk, out_left], [middle, middle], color=MUTED, linewidth=1, zorder=1)
        if place:
            axes.annotate(
                "",
                (trunk, top),
                (trunk, start),
                arrowprops={"arrowstyle": "-|>", "color": MUTED, "shrinkA": 0, "shrinkB": 0},
            )
        _draw_box(axes, stage, stage_left, stage_width, top)
        top -= stage.height
    return top


def _draw_box(axes: Axes, box: Box, left: float, width: float, top: float) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle(
            (left, top - box.height),
            width,
            box.height,
            facecolor=PANEL if box.stage else PAPER,
            edgecolor=BLUE if box.stage else SAND,
            linewidth=1.2,
            zorder=2,
        )
    )
    for place, line in enumerate(box.lines):
        axes.text(
            left + 0.02,
            top - PAD_LINES / 2 - place - 0.5,
            literal(line),
            va="center",
            color=INK if box.stage else MUTED,
            fontweight="bold" if place == 0 and box.stage else "normal",
            zorder=3,
        )


def flow_finding(table: pd.DataFrame) -> str:
    """Say where each flow starts and ends, and the commonest reason for which people were left out."""
    if table.empty:
        return "No stage was recorded."
    stages = table[table["reason"] == ""]
    ends = [(rows.iloc[0], rows.iloc[-1]) for _, rows in stages.groupby("flow", sort=False)]
    parts = [
        f"{int(a['n']):,}{'' if a['counted'] == b['counted'] else ' ' + a['counted']} to {int(b['n']):,} {b['counted']}"
        for a, b in ends
    ]
    text = f"From {join(parts)}"
    people = table[(table["reason"] != "") & (table["counted"] == "subjects")]
    if people.empty:
        return f"{text}."
    worst = people.sort_values("left_out", ascending=False, kind="stable").iloc[0]
    left_out = plural(int(worst["left_out"]), "subject")
    return f"{text}; the commonest reason to leave people out: {worst['reason']} ({left_out})."
