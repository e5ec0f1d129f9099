"""Reads the folders that outputs wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from radpipe.io.atomic import read_json
from radpipe.report.context import Reportlet
from radpipe.report.tables import table_view

# Above this an SVG (a path for each of thousands of marks) makes the page slow; PNG serves.
LARGEST_SVG = 3_000_000
_TITLES = {"cutoffs": "Cut-offs", "strata": "Events by risk group"}
"""Of tables whose name is not their title."""


def read_reportlet(folder: Path, beside: Path) -> Reportlet:
    """Return the reportlet in ``folder``; its files are told relative to the folder ``beside``."""
    entry: dict[str, Any] = read_json(folder / "reportlet.json")
    picture, kind = _picture(folder, entry)
    titles = entry["readable"]
    views = tuple(
        table_view(
            pd.read_parquet(folder / f"{name}.parquet"),
            _TITLES.get(name, name.replace("_", " ").capitalize()) if len(titles) > 1 else "",
        )
        for name in titles
    )
    files = sorted(
        path.relative_to(beside).as_posix()
        for path in folder.iterdir()
        if path.suffix in {".svg", ".png", ".pdf", ".tiff", ".csv"}
    )
    return Reportlet(
        id=entry["id"],
        kind=entry["kind"],
        title=entry["title"],
        section=entry["section"],
        caption=entry["caption"],
        notes=tuple(entry["notes"]),
        picture=picture,
        picture_type=kind,
        width_px=(entry["figure_px"] or [0])[0],
        tables=views,
        files=tuple(files),
        facts=entry["facts"],
    )


def _picture(folder: Path, entry: dict[str, Any]) -> tuple[bytes | None, str]:
    """Return the figure's bytes and type: PNG where it holds pixels or is very large."""
    if entry["figure"] is None:
        return None, ""
    svg, png = folder / entry["figure"], folder / "figure.png"
    heavy = entry["raster"] or svg.stat().st_size > LARGEST_SVG
    if heavy and png.exists():
        return png.read_bytes(), "image/png"
    return svg.read_bytes(), "image/svg+xml"
