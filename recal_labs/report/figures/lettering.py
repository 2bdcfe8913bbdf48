"""Lettering that fits: names, legends and ticks of figures on wide and on narrow pages."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME_WIDTH = {False: 34, True: 21}
AXIS_WIDTH = {False: 90, True: 26}
# A longer word is no name that any catalogue holds; it would push the drawing off a narrow sheet.
LONGEST_WORD = 28
LEGEND_WIDTH = {False: 60, True: 24}


def literal(text: object) -> str:
    """Return a text that matplotlib draws as it is: a dollar sign would start mathematics."""
    return str(text).replace("$", r"\$")


def fitted(name: object, *, narrow: bool) -> str:
    r"""Return a name on at most two lines; the rest of a very long one becomes an ellipsis.

    A word is never cut: the name of a substance cut in two reads as two others.

    Examples
    --------
    >>> fitted("3,4-Dihydroxyphenylacetic acid", narrow=True), fitted("3-Methoxy-4-hydroxyphenyl glycol", narrow=True)
    ('3,4-Dihydroxyphenylacetic\nacid', '3-Methoxy-4-hydroxyphenyl\nglycol')
    """
    # A hyphen in a chemical name is no place to break either: "5-" on a line of its own says nothing.
    lines = textwrap.wrap(
        str(name),
        NAME_WIDTH[narrow],
        max_lines=2,
        placeholder="…",
        break_on_hyphens=False,
        break_long_words=len(max(str(name).split(), key=len, default="")) > LONGEST_WORD,
    )
    return literal("\n".join(lines or [""]))


def axis_words(text: str, *, narrow: bool) -> str:
    """Return the words of an axis, wrapped to the width of the sheet."""
    whole = text.replace(" % CI", "\N{NO-BREAK SPACE}%\N{NO-BREAK SPACE}CI")
    return literal(textwrap.fill(whole, AXIS_WIDTH[narrow]))


def legend_above(axes: Axes, *, columns: int, narrow: bool) -> None:
    """Put the legend above the axes, wrapped so that it never widens the sheet."""
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles,
        [textwrap.fill(label, LEGEND_WIDTH[narrow]) for label in labels],
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=columns,
        borderaxespad=0.2,
        handletextpad=0.5,
        columnspacing=1.0,
        handlelength=1.4,
    )


def plain_ticks(axes: Axes, ticks: Sequence[float], low: float, high: float) -> None:
    """Mark a logarithmic axis at round numbers, written as people write them."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axes.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlim(low, high)
