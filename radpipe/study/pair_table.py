"""A table of images and masks, for an extraction without a study."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radpipe.core.errors import Fault, FaultsError
from radpipe.io.tables import TableFile, read_table
from radpipe.study.places import shown

MEANINGS = {
    "image": "image",
    "mask": "mask",
    "label": "label",
    "label_channel": "mask_channel",
    "mask_channel": "mask_channel",
    "id": "case",
    "case": "case",
}
"""What a column's name, in small letters, stands for; any other column is carried through."""

LEAST = {"label": 1, "mask_channel": 0}
"""Columns of whole numbers that may be empty, and the least that may stand in them."""


@dataclass(frozen=True)
class PairRow:
    """One row: a region to extract.

    Parameters
    ----------
    where : str
        File and row, for messages.
    case : str
        The id; the number of the row where there is none.
    image, mask : Path
    label, mask_channel : int or None
        As far as the row says.
    """

    where: str
    case: str
    image: Path
    mask: Path
    label: int | None
    mask_channel: int | None


@dataclass(frozen=True)
class PairTable:
    """A table of pairs.

    Parameters
    ----------
    rows : tuple of PairRow
        In the order of the table.
    frame : DataFrame
        Case, image and mask as they were written, then the further columns.
    notes : tuple of str
        What was detected, one sentence each.
    """

    rows: tuple[PairRow, ...]
    frame: pd.DataFrame
    notes: tuple[str, ...]


def read_pairs(path: Path, reserved: Sequence[str] = ()) -> PairTable:
    """Read a csv, xlsx or parquet table with the columns image and mask.

    Parameters
    ----------
    path : Path
        The table. Paths in it count from its folder.
    reserved : sequence of str
        Names that columns of the result will have.

    Raises
    ------
    FaultsError
        All that is wrong with the table.
    """
    table = read_table(path)
    columns, faults = _columns(table, reserved)
    if faults:
        raise FaultsError(faults)
    rows: list[PairRow] = []
    for number, (line, record) in enumerate(
        zip(table.rows, table.frame.to_dict("records"), strict=True), start=1
    ):
        cells = {meaning: record[name] for meaning, name in columns.items()}
        case = cells.get("case") or str(number)
        where = f"{shown(path)} row {line}" + (f" ({case})" if "case" in columns else "")
        wrong = _row_faults(where, columns, cells)
        faults += wrong
        if not wrong:
            folder = path.absolute().parent
            numbers = {name: _whole(cells.get(name)) for name in LEAST}
            image, mask = folder / str(cells["image"]), folder / str(cells["mask"])
            rows.append(PairRow(where, case, image, mask, **numbers))
    if faults:
        raise FaultsError(faults)
    return PairTable(tuple(rows), _frame(table, columns, rows), table.notes)


def _columns(table: TableFile, reserved: Sequence[str]) -> tuple[dict[str, str], list[Fault]]:
    """Return what is meant -> its column, and what is wrong with the header."""
    where = f"{shown(table.path)}"
    known: dict[str, str] = {}
    faults = []
    taken = {"error", *reserved}
    for name in table.frame.columns:
        meaning = MEANINGS.get(str(name).lower())
        if meaning is not None and meaning in known:
            found = f"the columns {known[meaning]!r} and {name!r} mean the same"
            faults.append(Fault(where, found, "rename or remove one"))
        elif meaning is not None:
            known[meaning] = str(name)
        elif name in taken:
            found = f"the column {name!r}, which the result will have"
            faults.append(Fault(where, found, "rename or remove it"))
    for name in ("image", "mask"):
        if name not in known:
            there = ", ".join(str(c) for c in table.frame.columns[:12])
            faults.append(Fault(where, f"no column {name!r}", f"name one so; there are: {there}"))
    return known, faults


def _row_faults(where: str, columns: dict[str, str], cells: dict[str, str | None]) -> list[Fault]:
    """Return what is wrong with the cells of one row."""
    faults = [
        Fault(where, f"no {name} in column {columns[name]!r}", "fill it, or remove the row")
        for name in ("image", "mask")
        if not cells[name]
    ]
    for name, least in LEAST.items():
        cell = cells.get(name)
        if cell and ((value := _whole(cell)) is None or value < least):
            found = f"{cell!r} in column {columns[name]!r}"
            faults.append(Fault(where, found, "correct it", f"a whole number from {least} on"))
    return faults


def _whole(cell: str | None) -> int | None:
    """Return a whole number (``1``, or ``1.0`` as programs write it); None for anything else."""
    if cell is None or not re.fullmatch(r"\s*\d{1,9}(\.0*)?\s*", cell):
        return None
    return int(float(cell))


def _frame(table: TableFile, columns: dict[str, str], rows: Sequence[PairRow]) -> pd.DataFrame:
    """Return the columns that are carried through, what tells the case first."""
    frame = table.frame.rename(columns={name: meaning for meaning, name in columns.items()})
    frame["case"] = [row.case for row in rows]
    first = ["case", "image", "mask"]
    return frame[[*first, *(name for name in frame.columns if name not in first)]]
