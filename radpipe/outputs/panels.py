"""Panels side by side, each with its legend beneath it, at journal widths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from radpipe.outputs.style import DOUBLE_MM, GREY, SINGLE_MM, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from radpipe.outputs.style import Sheet, Style

LEFT_MM = 15.0
RIGHT_MM = 4.0
TITLE_MM = 6.0
FOOT_MM = 10.5
LINE_MM = 3.15
LEGEND_CHARACTERS = 46


class Grid:
    """Places panels of one size on a sheet, row by row.

    Parameters
    ----------
    count : int
        How many panels.
    across : int
        How many stand side by side at most.
    height : float
        Height of each panel's axes in mm.
    beneath : float
        Space in mm beneath the axes, axis labels included.
    title : float
        Space in mm above the axes; with 9 there is room for a line beneath the title.
    """

    def __init__(
        self,
        style: Style,
        count: int,
        across: int,
        height: float,
        beneath: float,
        title: float = TITLE_MM,
    ) -> None:
        self.title = title
        self.across = max(1, min(across, count))
        self.width = SINGLE_MM if count == 1 and across <= 2 else DOUBLE_MM
        self.height = height
        self.cell = self.width / self.across if count > 1 or across <= 2 else DOUBLE_MM / across
        if count == 1 and across > 2:
            self.width = self.cell
        self.pitch = title + height + beneath
        self.down = -(-count // self.across)
        self.sheet: Sheet = style.sheet(self.width, self.pitch * self.down)

    def place(self, i: int) -> tuple[float, float]:
        """Return the left and upper end in mm of panel ``i``'s cell."""
        return (i % self.across) * self.cell, (i // self.across) * self.pitch

    def axes(self, i: int, title: str, beneath: str = "") -> Axes:
        """Add the axes of panel ``i`` with its title, and a smaller line beneath that."""
        left, top = self.place(i)
        if title:
            words = wrap(title, int(self.cell / 1.42), 1)
            self.sheet.text(left + 1.5, top + 1.2, words, va="top", fontweight="bold")
        if beneath:
            self.sheet.text(left + 1.5, top + 4.6, beneath, va="top", fontsize=6.3, color=GREY)
        width = self.cell - LEFT_MM - RIGHT_MM
        return self.sheet.axes(left + LEFT_MM, top + self.title, width, self.height)


def legend_lines(labels: Sequence[str]) -> int:
    """Return how many lines a legend of these labels takes."""
    return sum(wrap(label, LEGEND_CHARACTERS).count("\n") + 1 for label in labels)


def legend_mm(labels: Sequence[str]) -> float:
    """Return the space in mm that a legend takes beneath the axis label."""
    return LINE_MM * legend_lines(labels) + 1.5


def legend_beneath(
    ax: Axes, handles: Sequence[Any], labels: Sequence[str], height: float, drop: float = FOOT_MM
) -> None:
    """Set the legend ``drop`` mm beneath axes that are ``height`` mm high."""
    ax.legend(
        handles,
        [wrap(label, LEGEND_CHARACTERS) for label in labels],
        loc="upper left",
        bbox_to_anchor=(0.0, -drop / height),
        borderaxespad=0,
        labelspacing=0.25,
        fontsize=6.3,
        alignment="left",
    )
