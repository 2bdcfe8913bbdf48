"""A drawing as data: one SVG for wide pages, one for narrow ones, each following the reader's light or dark scheme."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recal_labs.report.figures.theme import DARK, LIGHT, theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE_INCHES, NARROW_INCHES = 7.3, 3.4

PIXELS_PER_INCH = 96

# Enough for a page on a phone with a dense screen; drawings with many dots hold them as pixels.
DOTS_PER_INCH = 200


@dataclass(frozen=True)
class Drawing:
    """One SVG as a data address, with its size in CSS pixels."""

    uri: str
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """The same content drawn for a wide and for a narrow page."""

    wide: Drawing
    narrow: Drawing


def picture(draw: Callable[[Axes, bool], object], *, wide_height: float, narrow_height: float) -> Picture:
    """Draw twice.

    Parameters
    ----------
    draw : callable
        Takes axes and whether the page is narrow.
    wide_height, narrow_height : float
        Height of the sheet, inches. Widths are fixed.
    """
    return Picture(
        wide=_drawing(draw, (WIDE_INCHES, wide_height), narrow=False),
        narrow=_drawing(draw, (NARROW_INCHES, narrow_height), narrow=True),
    )


def _drawing(draw: Callable[[Axes, bool], object], inches: tuple[float, float], *, narrow: bool) -> Drawing:
    from matplotlib.figure import Figure

    with theme(narrow=narrow):
        sheet = Figure(figsize=inches, layout="constrained")
        draw(sheet.add_subplot(), narrow)
        buffer = io.StringIO()
        # No date, no creator: the same facts give the same bytes.
        sheet.savefig(buffer, format="svg", dpi=DOTS_PER_INCH, metadata={"Date": None, "Creator": None})
    svg = follow_scheme(buffer.getvalue())
    encoded = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    return Drawing(
        f"data:image/svg+xml;base64,{encoded}", round(inches[0] * PIXELS_PER_INCH), round(inches[1] * PIXELS_PER_INCH)
    )


def follow_scheme(svg: str) -> str:
    """Return an SVG whose theme colours are variables with a light and a dark value, and whose numbers are short.

    Paper stays light in print: dark sheets waste ink.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # Three decimals of a point are far below what any screen shows; matplotlib writes six.
    svg = re.sub(r"(\d\.\d{3})\d+", r"\1", svg)
    for name, colour in LIGHT.items():
        svg = svg.replace(colour, f"var(--{name})")
    light = "".join(f"--{name}:{colour};" for name, colour in LIGHT.items())
    dark = "".join(f"--{name}:{colour};" for name, colour in DARK.items())
    style = f"<style>:root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}</style>"
    head, close, body = svg.partition(">")
    return head + close + style + body
