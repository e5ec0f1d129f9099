"""Tables as people keep them (csv, xlsx, parquet), read as text and never guessed at.

Every cell is text or None; only the empty cell is missing. What had to be detected (an encoding,
a delimiter, a sheet) is said in the notes; what cannot be read without guessing is a fault.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pandas as pd

from radpipe.core.errors import Fault, FaultsError
from radpipe.io.cells import Record, as_text, read_parquet, read_workbook

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
SUFFIXES = (*TEXT_SUFFIXES, ".xlsx", ".xlsm", ".parquet")

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
_OLE = b"\xd0\xcf\x11\xe0"  # an old .xls, or an xlsx under a password
_ZIP = b"PK\x03\x04"
_SHOWN = 10  # row numbers listed in one fault


@dataclass(frozen=True)
class TableFile:
    """A table as it stands in its file.

    Parameters
    ----------
    frame : DataFrame
        All columns text (dtype object), None for an empty cell; default index.
    path : Path
        The file it was read from.
    notes : tuple of str
        What was detected, one sentence each (``clinical.csv: read as GBK``).
    rows : tuple of int
        The line (csv) or row (xlsx, parquet) of the file that each row of ``frame`` stands in,
        counted from 1 with the header as a row.
    """

    frame: pd.DataFrame
    path: Path
    notes: tuple[str, ...]
    rows: tuple[int, ...]


def read_table(
    path: Path, sheet: str | None = None, wanted: Callable[[str], bool] | None = None
) -> TableFile:
    """Read a csv (utf-8, GBK), xlsx or parquet table as text.

    Parameters
    ----------
    path : Path
        The file; its suffix says what it is.
    sheet : str, optional
        Sheet of a workbook; by default the only one, or the first visible one with data (said).
    wanted : callable, optional
        Whether a column is read, by its name; of a text file the others are hardly looked at.

    Returns
    -------
    TableFile
        Column names are NFKC-normalised and trimmed; cells are untouched, but for whitespace-only
        ones, which are empty. Numbers of a workbook become the shortest text that reads back
        (``1.0`` is ``1``), dates ISO 8601.

    Raises
    ------
    FaultsError
        All that is wrong with the file, each with its rows and its cure.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    notes: list[str] = []
    content = _bytes(path, suffix)
    if sheet is not None and suffix not in (".xlsx", ".xlsm"):
        raise _fault(path.name, f"sheet {sheet!r} of a file without sheets", "leave out the sheet")
    if suffix == ".parquet":
        records = read_parquet(path)
    elif suffix in TEXT_SUFFIXES:
        records, notes = _read_text(path, content, wanted)
    else:
        records, notes = read_workbook(path, sheet)
    found = _table(path, records, notes)
    if wanted is None:
        return found
    kept = [name for name in found.frame.columns if wanted(str(name))]
    return replace(found, frame=found.frame[kept])


def tidy_name(name: str) -> str:
    """Return a column name as it is compared: NFKC, on one line, trimmed."""
    text = unicodedata.normalize("NFKC", name).translate({ord(c): None for c in _INVISIBLE})
    return " ".join(part.strip() for part in text.splitlines()).strip()


def _bytes(path: Path, suffix: str) -> bytes:
    """Return the file's content after the checks that need no parsing."""
    if suffix == ".xls":
        raise _fault(path.name, "an old Excel file (.xls)", "save it as xlsx or csv")
    if suffix not in SUFFIXES:
        raise _fault(
            path.name, f"a table cannot end in {suffix or 'no suffix'!r}", "", ", ".join(SUFFIXES)
        )
    if not path.exists():
        raise _fault(str(path), "no such file", "check the path and the data folder")
    if path.is_dir():
        raise _fault(str(path), "a folder", "give the file in it")
    try:
        content = path.read_bytes()
    except OSError as error:
        found = f"cannot be opened ({error.strerror})"
        raise _fault(str(path), found, "check its rights") from None
    if not content.strip():
        raise _fault(path.name, "the file is empty", "export the table again")
    if content.startswith(_OLE):
        raise _fault(
            path.name,
            "a workbook under a password, or an old .xls file",
            "remove the password in Excel and save as xlsx",
        )
    if suffix in TEXT_SUFFIXES and content.startswith(_ZIP):
        raise _fault(path.name, f"an Excel workbook named {suffix}", "rename it to .xlsx")
    return content


def _read_text(
    path: Path, content: bytes, wanted: Callable[[str], bool] | None = None
) -> tuple[list[Record], list[str]]:
    """Return the records of a delimited file, each with the line it starts on, and notes."""
    notes: list[str] = []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise _fault(
                path.name, "neither UTF-8 nor GBK text", 'save it as "CSV UTF-8"'
            ) from None
        notes.append(f"{path.name}: read as GBK{_example(text)}")
    if "\0" in text:
        raise _fault(path.name, "not a text file (it holds NUL bytes)", 'save it as "CSV UTF-8"')
    delimiter = _delimiter(text)
    if delimiter != ",":
        notes.append(f"{path.name}: columns are separated by {_DELIMITERS[delimiter]}")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[Record] = []
    line = 1
    places: list[int] = []
    try:
        for record in reader:
            if wanted is not None and not places and any(record):  # the header
                places = [i for i, name in enumerate(record) if wanted(tidy_name(name))]
                if not places:
                    break
            if wanted is not None:
                record = [record[i] for i in places if i < len(record)]
            records.append((line, [as_text(cell) for cell in record]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise _fault(
            f"{path.name} line {line}",
            f"a quoted cell does not end well ({error})",
            "check the double quotes of that line",
        ) from None
    return records, notes


def _example(text: str) -> str:
    """Return a word outside ASCII, so that a wrong encoding shows at once."""
    words = "".join(c if c.isalnum() else " " for c in text).split()
    strange = next((word for word in words if not word.isascii()), "")
    return f' (for example "{strange[:20]}")' if strange else ""


def _delimiter(text: str) -> str:
    """Return the delimiter that explains the first lines best; comma where none does."""

    def quality(delimiter: str) -> tuple[bool, int, int, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            records = [record for record in islice(reader, 50) if any(record)]
        except csv.Error:
            return False, 0, 0, 0
        width = len(records[0]) if records else 0
        stray = sum('"' in cell for record in records for cell in record)
        return width > 1, -stray, sum(len(r) == width for r in records), width

    return max(_DELIMITERS, key=quality)


def _table(path: Path, records: list[Record], notes: Sequence[str]) -> TableFile:
    """Check the shape of what was read, all faults at once, and make the frame."""
    said = list(notes)
    while records and not any(records[-1][1]):
        records.pop()
    while records and not any(records[0][1]):
        records.pop(0)
    if len(records) < 2:
        found = "only a header, no row under it" if records else "no data"
        raise _fault(path.name, found, "export the table again")
    (header_row, header), body = records[0], records[1:]
    blank = [row for row, cells in body if not any(cells)]
    if blank:
        said.append(f"{path.name}: blank rows left out: {_rows(blank)}")
        body = [(row, cells) for row, cells in body if any(cells)]
    names = [tidy_name(name or "") for name in header]
    faults = _column_faults(path, header_row, names, body) + _ragged(path, names, body)
    if faults:
        raise FaultsError(faults)
    kept = [i for i, name in enumerate(names) if name]
    columns = {names[i]: [cells[i] for _, cells in body] for i in kept}
    frame = pd.DataFrame(columns, dtype=object)
    return TableFile(frame, path, tuple(said), tuple(row for row, _ in body))


def _column_faults(
    path: Path, header_row: int, names: list[str], body: list[Record]
) -> list[Fault]:
    """Return the faults of the header: a name twice, or none over data."""
    faults = []
    for name in dict.fromkeys(names):
        places = [i + 1 for i, other in enumerate(names) if other == name]
        if name and len(places) > 1:
            found = f"column {name!r} stands in columns {_rows(places)}"
            faults.append(Fault(f"{path.name} row {header_row}", found, "rename or remove one"))
    for i, name in enumerate(names):
        rows = [row for row, cells in body if i < len(cells) and cells[i] is not None]
        if not name and rows:
            found = f"column {i + 1} has no name but data in rows {_rows(rows)}"
            faults.append(Fault(f"{path.name} row {header_row}", found, "name it or empty it"))
    return faults


def _ragged(path: Path, names: list[str], body: list[Record]) -> list[Fault]:
    """Return the fault of rows that are shorter or longer than the header."""
    needed = max((i + 1 for i, name in enumerate(names) if name), default=0)
    wrong = [
        f"{row} ({len(cells)})"
        for row, cells in body
        if len(cells) < needed or any(cells[len(names) :])
    ]
    if not wrong:
        return []
    found = f"{len(names)} columns in the header, another number of cells in rows {_rows(wrong)}"
    return [Fault(path.name, found, "quote cells that hold the delimiter, or fill the rows")]


def _rows(numbers: Iterable[object]) -> str:
    """Return a short list of row numbers."""
    shown = [str(n) for n in numbers]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


def _fault(where: str, found: str, cure: str, allowed: str = "") -> FaultsError:
    return FaultsError([Fault(where, found, cure, allowed)])
