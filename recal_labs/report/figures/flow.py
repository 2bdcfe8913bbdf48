"""Flow diagram: from positions to subjects, with what was left out and why."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from recal_labs.report.figures.lettering import literal
from recal_labs.report.figures.theme import BLUE, INK, MUTED, PANEL, PAPER, SAND, axes_or_new
from recal_labs.report.wording import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE_INCHES = {False: 0.185, True: 0.165}
GAP_LINES = 1.6
PAD_LINES = 0.8

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
    """Return stages and reasons as one tidy table: step, stage, counted, n, reason, left_out (0 for a stage itself)."""
    rows = []
    for place, step in enumerate(steps):
        rows.append((place, step["stage"], step["counted"], step["n"], "", 0))
        rows += [
            (place, step["stage"], step["counted"], step["n"], out["reason"], out["n"]) for out in step["left_out"]
        ]
    return pd.DataFrame(rows, columns=["step", "stage", "counted", "n", "reason", "left_out"])


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


def flow_height(table: pd.DataFrame, *, narrow: bool) -> float:
    """Return the height of the sheet, inches."""
    boxes = _boxes(table, narrow=narrow)
    lines = sum(stage.height for _, stage in boxes)
    lines += sum(_advance(out, narrow=narrow) for out, _ in boxes[1:])
    if boxes and boxes[0][0] is not None:
        lines += _advance(boxes[0][0], narrow=narrow)
    return lines * LINE_INCHES[narrow] + 0.1


def flow(table: pd.DataFrame, *, narrow: bool = False, ax: Axes | None = None) -> Axes:
    """Draw stages from top to bottom, with what was left out beside the arrow into each.

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
    (stage_left, stage_width), (out_left, out_width) = LAYOUT[narrow]
    top = 0.0
    for place, (out, stage) in enumerate(_boxes(table, narrow=narrow)):
        start = top
        if place or out is not None:
            top -= _advance(out, narrow=narrow)
        if out is not None:
            middle = (start + top) / 2
            _draw_box(axes, out, out_left, out_width, middle + out.height / 2)
            trunk = stage_left + (0.05 if narrow else stage_width / 2)
            axes.plot([trunk, out_left], [middle, middle], color=MUTED, linewidth=1, zorder=1)
        if place:
            trunk = stage_left + (0.05 if narrow else stage_width / 2)
            axes.annotate(
                "",
                (trunk, top),
                (trunk, start),
                arrowprops={"arrowstyle": "-|>", "color": MUTED, "shrinkA": 0, "shrinkB": 0},
            )
        _draw_box(axes, stage, stage_left, stage_width, top)
        top -= stage.height
    axes.set_xlim(-0.005, 1.005)
    axes.set_ylim(top - 0.1, 0.1)
    return axes


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
    """Say where the flow starts and ends, and the largest loss."""
    if table.empty:
        return "No stage was recorded."
    stages = table[table["reason"] == ""]
    first, last = stages.iloc[0], stages.iloc[-1]
    text = f"From {int(first['n']):,} {first['counted']} to {int(last['n']):,} {last['counted']} ({last['stage']})"
    people = table[(table["reason"] != "") & (table["counted"] == last["counted"])]
    if people.empty:
        return f"{text}."
    worst = people.loc[people["left_out"].idxmax()]
    left_out = plural(int(worst["left_out"]), str(last["counted"]).removesuffix("s"))
    return f"{text}; most often left out: {worst['reason']} ({left_out})."
