"""An output's folder: its tables, its figure in four formats, and what the report reads."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from radpipe.io.atomic import replacing, write_json, write_parquet
from radpipe.outputs.base import OutputSpec, Result
from radpipe.outputs.style import drawing, fonts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "png", "pdf", "tiff")
DPI = 300
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def guard(value: Any) -> Any:
    """Return ``value`` as a spreadsheet may have it: text that looks like a formula is quoted.

    A number that is written as text (``-0.5``) is no formula and stays.
    """
    if isinstance(value, str) and value.startswith(FORMULA) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value


def human_csv(table: pd.DataFrame, simulated: bool = False) -> str:
    """Return a table as CSV for people; a simulated one says so in its last column."""
    safe = pd.DataFrame({guard(str(c)): table[c].map(guard) for c in table.columns})
    if simulated:
        safe["data"] = "simulated"
    return safe.to_csv(index=False, lineterminator="\n")


def write_figure(
    figure: Figure, folder: Path, name: str = "figure", formats: tuple[str, ...] = FORMATS
) -> list[str]:
    """Write a figure as SVG, PNG and TIFF (300 dpi; LZW) and PDF, the same bytes each time.

    Returns
    -------
    list of str
        The names of the files.
    """
    with drawing():
        raster = _raster(figure) if {"png", "tiff"} & set(formats) else None
        for kind in formats:
            with replacing(folder / f"{name}.{kind}") as path:
                if kind == "svg":
                    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
                elif kind == "pdf":
                    _write_pdf(figure, path)
                elif kind == "png" and raster is not None:
                    raster.save(path, format="PNG", dpi=(DPI, DPI), optimize=True)
                elif raster is not None:
                    raster.save(path, format="TIFF", dpi=(DPI, DPI), compression="tiff_lzw")
    return [f"{name}.{kind}" for kind in formats]


def _raster(figure: Figure) -> Any:
    """Return the figure's pixels as an RGB image."""
    from PIL import Image

    buffer = io.BytesIO()
    figure.savefig(buffer, format="raw", dpi=DPI)
    width, height = (int(v) for v in figure.bbox.size / figure.dpi * DPI)
    return Image.frombytes("RGBA", (width, height), buffer.getvalue()).convert("RGB")


def _write_pdf(figure: Figure, path: Path) -> None:
    """Write PDF without dates; Chinese fonts are CFF, which PDF takes from us as outlines only."""
    import matplotlib as mpl
    from matplotlib.text import Text

    wide = any(ord(c) > 0x2E7F for text in figure.findobj(Text) for c in text.get_text())
    with mpl.rc_context({"pdf.fonttype": 3 if wide else 42}):
        figure.savefig(
            path,
            format="pdf",
            metadata={"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
        )


def missing_glyphs(figure: Figure) -> str:
    """Return those characters of a figure that no installed font has."""
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font
    from matplotlib.text import Text

    used = {c for text in figure.findobj(Text) for c in text.get_text() if ord(c) > 0x2000}
    if not used:
        return ""
    known: set[int] = set()
    for family in fonts():
        known |= set(FT2Font(font_manager.findfont(family)).get_charmap())
    return "".join(sorted(c for c in used if ord(c) not in known))


def write_reportlet(
    folder: Path,
    spec: OutputSpec,
    result: Result,
    figure: Figure | None,
    *,
    simulated: bool = False,
    formats: tuple[str, ...] = FORMATS,
) -> Mapping[str, Any]:
    """Write everything of one output into ``folder`` and return what reportlet.json holds.

    Each table is written twice: NAME.csv for people and spreadsheets, NAME.parquet, unaltered,
    for the report and for drawing the figure again.
    """
    notes = list(result.notes)
    for name, table in result.tables.items():
        with replacing(folder / f"{name}.csv") as path:
            path.write_bytes(human_csv(table, simulated).encode("utf-8-sig"))
        write_parquet(folder / f"{name}.parquet", table)
    size = None
    if figure is not None:
        write_figure(figure, folder, "figure", formats)
        size = [round(float(v) * 96) for v in figure.get_size_inches()]
        lacking = missing_glyphs(figure)
        if lacking:
            notes.append(
                f"No installed font has these characters of the figure: {lacking}; install one "
                "that does, such as Noto Sans CJK (Debian: apt install fonts-noto-cjk), delete "
                "this output's folder and run again."
            )
    entry = {
        "id": spec.name,
        "kind": spec.kind,
        "title": spec.shown_title(),
        "section": spec.section,
        "caption": result.caption,
        "notes": notes,
        "facts": dict(result.facts),
        "tables": [f"{name}.csv" for name in result.tables],
        "readable": list(result.readable),
        "figure": "figure.svg" if figure is not None else None,
        "figure_px": size,
        "raster": bool(result.pictures),
        "simulated": simulated,
    }
    write_json(folder / "reportlet.json", entry)
    return entry
