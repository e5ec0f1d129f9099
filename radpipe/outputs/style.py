"""How figures look: journal sizes, a colour-blind safe palette, fonts, the mark of simulation."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from radpipe.outputs.base import OutputData

SINGLE_MM = 89.0
DOUBLE_MM = 183.0
MM = 1 / 25.4
STRIP_MM = 5.0
"""Height kept free on top for the mark of simulation."""

# Okabe and Ito's palette (2008) without its yellow, which does not show as a line on white,
# and with a grey in its place; then four of Krzywinski's fifteen, as far from these and from
# each other to colour-blind eyes as the first eight are.
PALETTE = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#777777"),
    *("#920000", "#490092", "#B66DFF", "#004949"),
)
# Five patterns against twelve colours: sixty models differ from each other.
DASHES: tuple[Any, ...] = (
    "solid",
    (0, (5, 1.6)),
    (0, (3, 1.2, 1, 1.2)),
    (0, (1.2, 1.2)),
    (0, (7, 1.5, 1, 1.5, 1, 1.5)),
)
CLOSING = ":;.,!?)]}，。、：；！？）】」》"
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
GREY = "#6B6B6B"
FAINT = "#D9D9D9"
WARN = "#B3261E"

CJK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Microsoft YaHei",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Noto Sans CJK JP",
    "Arial Unicode MS",
    "Droid Sans Fallback",
)


def fonts() -> list[str]:
    """Return DejaVu Sans and those fonts for Chinese that are installed."""
    from matplotlib import font_manager

    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in CJK_FONTS if name in installed)]


def settings() -> dict[str, Any]:
    """Return the matplotlib settings that figures are made and written under."""
    return {
        "font.family": fonts(),
        "font.size": 7.0,
        "axes.labelsize": 7.0,
        "axes.titlesize": 7.5,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 4.0,
        "axes.labelpad": 2.5,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.formatter.useoffset": False,
        "axes.formatter.use_mathtext": False,
        "xtick.labelsize": 6.5,
        "ytick.labelsize": 6.5,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.major.size": 2.5,
        "ytick.major.size": 2.5,
        "legend.fontsize": 6.5,
        "legend.frameon": False,
        "legend.handlelength": 3.2,
        "legend.borderpad": 0.0,
        "lines.linewidth": 1.2,
        "patch.linewidth": 0.6,
        "text.parse_math": False,
        "svg.fonttype": "path",
        "svg.hashsalt": "radpipe",
        "pdf.fonttype": 42,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
    }


@contextmanager
def drawing() -> Iterator[None]:
    """Hold radpipe's settings for as long as a figure is made, and put the user's back.

    A character that no font has warns nobody at each measurement: `missing_glyphs` tells it once.
    """
    import matplotlib as mpl

    with mpl.rc_context(settings()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        yield


def width_of(text: str) -> int:
    """Return the width of ``text`` in characters, a Chinese one counting as two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, width: int, lines: int = 0) -> str:
    """Break ``text`` into lines of at most ``width`` characters.

    Lines break at spaces, after ``_ - / ,``, between Chinese characters, and inside a word
    only where it alone is longer than a line. More than ``lines`` lines end with an ellipsis.
    """
    done: list[str] = []
    line = ""
    for piece in _pieces(" ".join(str(text).split())):
        while width_of(line + piece.rstrip()) > width:
            if line.strip():
                done.append(line.rstrip())
                line = ""
            else:
                cut = _fitting(piece, width)
                done.append(piece[:cut])
                piece = piece[cut:]
        line = line + piece if line else piece.lstrip()
    done.append(line.rstrip())
    done = [part for part in done if part] or [""]
    if lines and len(done) > lines:
        last = done[lines - 1]
        done = [*done[: lines - 1], last[: _fitting(last, width - 1)].rstrip() + "…"]
    return "\n".join(done)


def _pieces(text: str) -> Iterator[str]:
    """Yield the parts between which a line may break."""
    piece = ""
    for character, following in zip(text, [*text[1:], " "], strict=True):
        wide = unicodedata.east_asian_width(character) in "WF" and following not in CLOSING
        if wide and piece:
            yield piece
            piece = ""
        piece += character
        if wide or character in " _-/,":
            yield piece
            piece = ""
    if piece:
        yield piece


def _fitting(text: str, width: int) -> int:
    """Return how many characters of ``text`` fit into ``width``, at least one."""
    total = 0
    for i, character in enumerate(text):
        total += width_of(character)
        if total > width:
            return max(i, 1)
    return max(len(text), 1)


def class_colour(place: int) -> str:
    """Return the colour of a class by its place in their order; black is kept for averages."""
    coloured = [colour for colour in PALETTE if colour != "#000000"]
    return coloured[place % len(coloured)]


def class_dash(place: int) -> Any:
    """Return the line style of a class by its place in their order."""
    return DASHES[place % len(DASHES)]


@dataclass(frozen=True)
class Sheet:
    """A figure laid out in millimetres from its upper left corner."""

    figure: Figure
    width: float
    height: float
    top: float

    def axes(self, left: float, top: float, width: float, height: float, **kwargs: Any) -> Axes:
        """Add axes; ``top`` counts from below the strip of the simulation mark."""
        bottom = self.height - self.top - top - height
        box = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(box, **kwargs)

    def text(self, left: float, top: float, words: str, **kwargs: Any) -> None:
        """Write text at a place in millimetres."""
        y = (self.height - self.top - top) / self.height
        self.figure.text(left / self.width, y, words, **kwargs)


@dataclass(frozen=True)
class Style:
    """The look of one study's figures: each model keeps its colour and line in all of them.

    Parameters
    ----------
    models : tuple of str
        All models of the study, in its order.
    labels : mapping of str to str
        How they are called in print.
    simulated : bool
        Whether every figure is marked as simulated.
    """

    models: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    simulated: bool = False

    @classmethod
    def of(cls, data: OutputData) -> Style:
        """Return the style of a study."""
        names = tuple(data.models)
        return cls(names, {m: data.model_label(m) for m in names}, data.simulated)

    def index(self, model: str) -> int:
        """Return a model's place in the study; a model that is not of the study comes last."""
        return self.models.index(model) if model in self.models else len(self.models)

    def colour(self, model: str) -> str:
        """Return a model's colour."""
        return PALETTE[self.index(model) % len(PALETTE)]

    def dash(self, model: str) -> Any:
        """Return a model's line style."""
        return DASHES[self.index(model) % len(DASHES)]

    def marker(self, model: str) -> str:
        """Return a model's marker."""
        return MARKERS[self.index(model) % len(MARKERS)]

    def label(self, model: str) -> str:
        """Return how a model is called in print."""
        return str(self.labels.get(model, model))

    def sheet(self, width: float, height: float) -> Sheet:
        """Return an empty figure of ``width`` x ``height`` mm, marked where data are simulated.

        The mark's strip comes on top of ``height``, so that nothing can lie under it.
        """
        from matplotlib.figure import Figure

        strip = STRIP_MM if self.simulated else 0.0
        total = height + strip
        figure = Figure(figsize=(width * MM, total * MM))
        sheet = Sheet(figure, width, total, strip)
        if self.simulated:
            figure.text(
                1 - 1.5 / width,
                1 - 1.2 / total,
                "Simulated data",
                ha="right",
                va="top",
                color=WARN,
                fontsize=7,
                fontweight="bold",
            )
        return sheet
