"""The catalogue of features as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table

from radpipe.features.catalogue import FAMILIES, NOTES, PAPERS, Entry


def tables(entries: Iterable[Entry]) -> Iterator[RenderableType]:
    """Yield a table for each class, with what deviates from IBSI below it, then notes and papers.

    Parameters
    ----------
    entries : iterable of Entry
        Class by class.
    """
    papers = set()
    for family, group in groupby(entries, key=lambda entry: entry.family):
        yield f"[bold]{family}[/bold]: {FAMILIES[family]}"
        table = Table("feature", "IBSI", "section", "unit", "paper", box=None, padding=(0, 1, 0, 0))
        table.columns[0].no_wrap = True
        notes: dict[str, list[str]] = {}
        for entry in group:
            mark = " *" if entry.deviation else ""
            table.add_row(entry.feature + mark, entry.ibsi, entry.section, entry.unit, entry.paper)
            notes.setdefault(entry.deviation, []).append(entry.feature)
            papers.add(entry.paper)
        yield table
        for deviation, names in notes.items():
            if deviation:
                yield f"* {', '.join(names)}: {deviation}."
        yield ""
    yield "* PyRadiomics deviates from IBSI (arXiv:1612.07003). In general:"
    for note in NOTES:
        yield f"- {note}"
    yield ""
    for paper in sorted(filter(None, papers), key=str.lower):
        yield f"{paper}: {PAPERS[paper]}"
