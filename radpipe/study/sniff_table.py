"""Finds the cohort table of a data folder, and tells how nearly a table was it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from radpipe.core.errors import Fault, FaultsError
from radpipe.io.cells import sheet_names
from radpipe.io.tables import TableFile, read_table
from radpipe.study import words as w
from radpipe.study.columns import describe
from radpipe.study.id_forms import bare, zeros
from radpipe.study.layout import matched
from radpipe.study.names import id_problem, normal
from radpipe.study.outcomes import candidates

TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".parquet")
_BOOKS = (".xlsx", ".xlsm")
_ALIKE = "name the image files by the ids of the table"


@dataclass(frozen=True)
class CohortTable:
    """The cohort table that was chosen.

    Parameters
    ----------
    table : TableFile
        Its cells.
    id : str
        The column of its ids.
    sheet : str
        The sheet, where it is not the one that is read by default.
    others : tuple of str
        The other tables, each with why it is not the one.
    """

    table: TableFile
    id: str
    sheet: str = ""
    others: tuple[str, ...] = ()

    def shortened(self, volumes: Sequence[str]) -> tuple[str, ...]:
        """Return a remark where some ids, and not all, have lost their leading zeros."""
        named = {run for volume in volumes for run in re.findall(r"\d+", volume)}
        padded = {bare(run): run for run in named if run.startswith("0")}
        cells = [normal(cell) for cell in self.table.frame[self.id]]
        lost = [c for c in cells if c.isdigit() and c not in named and bare(c) in padded]
        if not lost:
            return ()
        said = f"{len(lost)} ids name no image, such as {lost[0]} where the images have"
        return (f"{said} {padded[bare(lost[0])]}; {zeros(padded[bare(lost[0])])}",)


@dataclass(frozen=True)
class _Miss:
    """Why a table is not the one, what to do, and whether it all but is."""

    why: str
    cure: str = _ALIKE
    near: bool = False


def cohort_table(data: Path, files: Sequence[str], volumes: Sequence[str]) -> CohortTable:
    """Return the table whose ids name the most images.

    Parameters
    ----------
    data : Path
        The data folder.
    files, volumes : sequence of str
        All files in it, and the images among them.

    Raises
    ------
    FaultsError
        Where none has ids that name the images; the likeliest is told, with its cure.
    """
    ranked: list[tuple[tuple[bool, bool, int, int], str, CohortTable]] = []
    misses: dict[str, _Miss] = {}
    for name in [f for f in files if f.lower().endswith((*TABLES, ".xls"))]:
        tried: dict[str, _Miss] = {}
        for sheet in _sheets(data / name):
            label = f"{name} sheet {sheet!r}" if sheet else name
            try:
                table = read_table(data / name, sheet or None)
            except FaultsError as error:
                said = str(error).splitlines()[0].removeprefix(Path(name).name)
                tried[label] = _Miss(said.lstrip(": "), "mend it, or remove it")
                continue
            column, count = _id_column(table, volumes)
            if not column or (volumes and not count):
                tried[label] = _miss(table, volumes)
                continue
            frame = table.frame
            columns = [describe(c, frame[c].tolist()) for c in frame.columns if c != column]
            rank = (bool(count), bool(candidates(columns, frame)), count, -name.count("/"))
            ranked.append((rank, name, CohortTable(table, column, sheet)))
            break
        else:
            misses |= tried
    if not ranked:
        raise FaultsError([_no_table(data, misses, volumes)])
    ranked.sort(key=lambda r: r[0], reverse=True)
    _, _, chosen = ranked[0]
    others = [f"{name}: {miss.why}" for name, miss in misses.items()]
    others += [f"{name}: also has such ids" for _, name, _ in ranked[1:]]
    return CohortTable(chosen.table, chosen.id, chosen.sheet, tuple(others))


def _sheets(path: Path) -> Iterator[str]:
    """Yield the sheets to try: the one read by default (empty), then the others of a workbook."""
    yield ""
    if path.suffix.lower() in _BOOKS:
        try:
            names = sheet_names(path)
        except FaultsError:  # said already, by reading it
            return
        yield from names if len(names) > 1 else ()


def _id_column(table: TableFile, volumes: Sequence[str]) -> tuple[str, int]:
    """Return the column of unique ids that name most images, and how many they name."""
    best: tuple[int, bool, str] = (-1, False, "")
    for column, ids in _unique(table):
        if any(map(id_problem, ids)):
            continue
        count = matched(volumes, ids) if volumes else 0
        rank = (count, bool(w.says(column, w.ID)), column)
        if rank[:2] > best[:2]:
            best = rank
    return best[2], max(best[0], 0)


def _unique(table: TableFile) -> Iterator[tuple[str, list[str]]]:
    """Yield the columns that have a value of its own in each row, and are no measurement."""
    for column in table.frame.columns:
        cells = table.frame[column].tolist()
        ids = [normal(cell) for cell in cells if cell]
        if len(ids) == len(cells) == len(set(ids)) and not _fractions(ids):
            yield column, ids


def _fractions(cells: Sequence[str]) -> bool:
    """Return whether cells are measurements: numbers, some of them not whole."""
    try:
        return not all(float(cell).is_integer() for cell in cells)
    except (ValueError, OverflowError):
        return False


def _miss(table: TableFile, volumes: Sequence[str]) -> _Miss:
    """Return why a table without such ids is not the one."""
    for column in [c for c in table.frame.columns if w.says(c, w.ID)]:
        named = {normal(cell) for cell in table.frame[column] if cell}
        if volumes and len(named) < len(table.frame) and matched(volumes, sorted(named)):
            why = f"column {column!r} names images, but repeats; give each row an id of its own"
            return _Miss(why, near=True)
    runs = {bare(run): (run, v) for v in reversed(volumes) for run in re.findall(r"\d+", v)}
    best: tuple[int, bool, str, str] = (1, False, "", "")
    for column, ids in _unique(table):
        near = [case for case in ids if bare(_number(case)) in runs]
        rank = (len(near), bool(w.says(column, w.ID)))
        if 2 * len(near) >= len(ids) and rank > best[:2]:
            best = (*rank, column, near[0])
    _, _, column, case = best
    if not column:
        return _Miss("no column of ids that tell its rows apart and name the images")
    run, volume = runs[bare(_number(case))]
    why = f"column {column!r} has {case} where an image is called {volume}"
    if case.isdigit() and len(run) > len(case):
        cure = zeros(run)
    else:
        cure = f"write {run} in the table, or {case} in the names of the files"
    return _Miss(why, cure, near=True)


def _number(case: str) -> str:
    """Return the last run of digits in an id."""
    runs: list[str] = re.findall(r"\d+", case)
    return runs[-1] if runs else ""


def _no_table(data: Path, misses: Mapping[str, _Miss], volumes: Sequence[str]) -> Fault:
    """Return the fault of a folder without a cohort table; the likeliest one is told."""
    if not misses:
        return Fault(str(data), "no table", "put the clinical table there", ", ".join(TABLES))
    first = next((n for n, miss in misses.items() if miss.near), next(iter(misses)))
    miss = misses[first]
    image = f"; an image is called {volumes[0]}" if volumes and not miss.near else ""
    others = [name for name in misses if name != first]
    more = f" (nor {', '.join(others[:3])})" if others else ""
    found = f"no table whose ids name the images: {first}: {miss.why}{image}{more}"
    return Fault(str(data), found, miss.cure)
