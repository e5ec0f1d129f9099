"""Typed cells (of a workbook, of parquet) as the text that their owner sees."""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

from radpipe.core.errors import Fault, FaultsError, nearest

Cell = str | None
"""A cell as text; None for an empty one."""

Record = tuple[int, list[Cell]]
"""A row of a file: the number that its owner sees, from 1, and its cells."""

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,
    EOFError,
    OSError,
    KeyError,
    ValueError,
    IndexError,
    TypeError,
    AttributeError,
)  # what openpyxl is known to raise on damaged files (XML errors are SyntaxErrors)
_LIMIT = 10


def as_text(value: Any) -> str | None:
    """Return a cell as text, None where it is empty.

    Integer-valued numbers have no decimal point, dates are ISO 8601 (without a time at midnight),
    booleans are ``TRUE`` and ``FALSE`` as a spreadsheet shows them.
    """
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time(0)
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def read_parquet(path: Path) -> list[Record]:
    """Return header and rows of a parquet file; an unnamed pandas index is left out."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError):
        raise FaultsError(
            [Fault(path.name, "not a readable parquet file", "export the table again")]
        ) from None
    kept = [i for i, n in enumerate(table.column_names) if not re.match(r"__index_level_\d+__", n)]
    columns = [table.column(i).to_pylist() for i in kept]
    header: list[Cell] = [table.column_names[i] for i in kept]
    body = [[as_text(cell) for cell in row] for row in zip(*columns, strict=True)]
    return [(i, cells) for i, cells in enumerate([header, *body], start=1)]


def read_workbook(path: Path, sheet: str | None) -> tuple[list[Record], list[str]]:
    """Return the rows of one sheet, numbered as the spreadsheet shows them, and notes."""
    chosen, notes = _choose(path, _open(path, values=False), sheet)
    formulas = [c.coordinate for row in chosen.iter_rows() for c in row if c.data_type == "f"]
    merged = sorted(str(r) for r in chosen.merged_cells.ranges)
    if formulas:
        chosen = _open(path, values=True)[chosen.title]
    faults = []
    if merged:
        faults.append(
            Fault(
                f"{path.name} {chosen.title}",
                f"merged cells {_some(merged)}",
                "unmerge them; one header row, one value in every cell",
            )
        )
    if formulas and all(chosen[place].value is None for place in formulas):
        faults.append(
            Fault(
                f"{path.name} {chosen.title}",
                f"formulas never computed in {_some(formulas)}",
                "open it in Excel and save, or paste the values",
            )
        )
    errors: list[str] = []
    records: list[Record] = []
    for number, row in enumerate(chosen.iter_rows(), start=1):
        errors += [f"{c.coordinate} ({c.value})" for c in row if c.data_type == "e"]
        records.append((number, [_shown(c.value, c.number_format) for c in row]))
    if errors:
        faults.append(
            Fault(
                f"{path.name} {chosen.title}",
                f"Excel errors in {_some(errors)}",
                "mend the formula or empty the cell",
            )
        )
    if faults:
        raise FaultsError(faults)
    return records, notes


def sheet_names(path: Path) -> list[str]:
    """Return the names of a workbook's visible sheets."""
    book = _open(path, values=False)
    return [s.title for s in book.worksheets if s.sheet_state == "visible"]


def _open(path: Path, values: bool) -> Any:
    """Return the open workbook, with formulas or with the values Excel last computed."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and validations that openpyxl cannot keep
            return openpyxl.load_workbook(path, data_only=values)
    except _UNREADABLE:
        raise FaultsError(
            [Fault(path.name, "a damaged workbook, or none", "save it again as xlsx, or as csv")]
        ) from None


def _choose(path: Path, workbook: Any, name: str | None) -> tuple[Any, list[str]]:
    """Return the sheet asked for, or the first visible one with data, and what to say of it."""
    titles = [s.title for s in workbook.worksheets]
    if name is not None:
        if name not in titles:
            cure = nearest(name, titles)
            fault = Fault(path.name, f"no sheet {name!r}", cure, ", ".join(titles))
            raise FaultsError([fault])
        return workbook[name], []
    visible = [s for s in workbook.worksheets if s.sheet_state == "visible"]
    filled = [s for s in visible if any(c is not None for row in s.values for c in row)]
    if not filled:
        raise FaultsError([Fault(path.name, "no sheet with data", "export the table again")])
    chosen = filled[0]
    others = [s.title for s in filled[1:]]
    said = f"{path.name}: read sheet {chosen.title!r}, not {', '.join(map(repr, others))}"
    return chosen, [said] if others else []


def _shown(value: Any, number_format: str) -> Cell:
    """Return ids kept as numbers with the leading zeros that the sheet shows (format 000)."""
    if isinstance(value, int | float) and re.fullmatch(r"0{2,}", number_format or ""):
        return (
            str(int(value)).zfill(len(number_format)) if float(value).is_integer() else repr(value)
        )
    return as_text(value)


def _some(places: list[str]) -> str:
    more = f" and {len(places) - _LIMIT} more" if len(places) > _LIMIT else ""
    return ", ".join(places[:_LIMIT]) + more
