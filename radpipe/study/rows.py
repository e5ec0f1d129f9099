"""The cohort table as the study sees it: known columns, clean cells, one sound id a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from radpipe.core.errors import Fault, FaultsError, nearest
from radpipe.io.tables import read_table
from radpipe.study.load import Study
from radpipe.study.names import id_problem, normal
from radpipe.study.patterns import placeholders
from radpipe.study.places import KeyPath
from radpipe.study.strangers import imaged

_SHOWN = 8
_COLUMNS_SHOWN = 30


@dataclass(frozen=True)
class Rows:
    """The rows of a cohort table that are not excluded.

    Parameters
    ----------
    frame : DataFrame, shape (n, columns)
        Cells as text (NFKC, trimmed), None where missing; the index is the case id.
    lines : mapping of str to int
        Case -> the row of the file that it stands in.
    table : str
        The file's name.
    n_table : int
        Rows in the file.
    excluded : tuple of (case, reason)
        In the order of the table.
    notes : tuple of str
        What had to be detected when the table was read.
    absent : frozenset of str
        Columns that the study names and the table does not have.
    """

    frame: pd.DataFrame
    lines: Mapping[str, int]
    table: str
    n_table: int
    excluded: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    absent: frozenset[str] = frozenset()

    @property
    def cases(self) -> list[str]:
        """Return the ids, in table order."""
        return [str(case) for case in self.frame.index]

    def column(self, name: str) -> list[str | None]:
        """Return the cells of a column; all missing where the table does not have it."""
        name = normal(name)
        return list(self.frame[name]) if name in self.frame else [None] * len(self.frame)

    def has(self, name: str) -> bool:
        """Return whether the table has a column."""
        return normal(name) in self.frame

    def without(self, cases: Mapping[str, str]) -> Rows:
        """Return the rows without some cases, which are then excluded for the given reasons."""
        kept = self.frame[~self.frame.index.isin(list(cases))]
        order = {case: i for i, case in enumerate(self.lines)}
        out = sorted([*self.excluded, *cases.items()], key=lambda e: order.get(e[0], -1))
        return Rows(kept, self.lines, self.table, self.n_table, tuple(out), self.notes, self.absent)

    def fault(self, cases: Sequence[str], found: str, cure: str, allowed: str = "") -> Fault:
        """Return a fault of some cases, with their rows."""
        many = "s" if len(cases) > 1 else ""
        rows = some(str(self.lines[case]) for case in cases)
        if not many:
            return Fault(f"{self.table} row {rows}", found, cure, allowed, case=cases[0])
        said = f"{found} (cases {some(cases)})"
        return Fault(f"{self.table} row{many} {rows}", said, cure, allowed)


def some(items: Iterable[str]) -> str:
    """Return a list in words, cut after a few."""
    listed = list(items)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more


def exclude_lines(cases: Iterable[str], reason: str) -> str:
    """Return what to write under ``cohort:`` to leave cases out, ready to be pasted."""
    entries = ", ".join(f'"{case}": "{reason}"' for case in cases)
    return f"exclude: {{{entries}}}"


def read_rows(study: Study) -> tuple[Rows, list[Fault]]:
    """Read the cohort table.

    Returns
    -------
    Rows
        The rows with a sound id, excluded ones left out.
    list of Fault
        Missing columns, ids that are empty, unusable or there twice, unknown exclusions.

    Raises
    ------
    FaultsError
        Where the file cannot be read, or has no id column.
    """
    cohort, places = study.spec.cohort, study.places
    table = read_table(study.table, cohort.sheet)
    name = study.table.name
    missing = {normal(word) for word in cohort.missing}
    frame = table.frame.map(lambda cell: _clean(cell, missing))
    frame.columns = pd.Index([normal(str(column)) for column in frame.columns])
    known = [str(column) for column in frame.columns]
    faults: list[Fault] = []
    absent: list[str] = []
    for path, column in _columns(study):
        if normal(column) not in known:
            absent.append(normal(column))
            more = f", ... ({len(known)} columns)" if len(known) > _COLUMNS_SHOWN else ""
            allowed = ", ".join(known[:_COLUMNS_SHOWN]) + more
            found = f"found the column {column!r}, which {name} does not have"
            cure = nearest(normal(column), known) or "correct the name, or the table"
            faults.append(Fault(places.where(*path), found, cure, allowed))
    if normal(cohort.id) not in known:
        raise FaultsError(faults)

    ids = [None if cell is None else str(cell) for cell in frame[normal(cohort.id)]]
    reasons = {normal(case): reason for case, reason in cohort.exclude.items()}
    unknown = [case for case in cohort.exclude if normal(case) not in ids]
    # A case that has images but no row may be excluded all the same: so it is accounted for.
    with_image = imaged(study) if unknown else {}
    for case in unknown:
        if normal(case) not in with_image:
            cure = nearest(normal(case), [i for i in ids if i]) or "remove it"
            found = f"found the case {case!r}, which is not in {name}"
            faults.append(Fault(places.where("cohort", "exclude", case), found, cure))
    sound, id_faults = _sound_ids(name, ids, table.rows, set(reasons))
    kept = [i for i in sound if ids[i] not in reasons]
    frame = frame.iloc[kept].set_axis(pd.Index([ids[i] for i in kept], dtype=object))
    excluded = [(case, reasons[case]) for case in ids if case is not None and case in reasons]
    rows = Rows(
        frame,
        {str(case): table.rows[i] for i, case in enumerate(ids) if case is not None},
        name,
        len(ids),
        tuple(excluded),
        tuple(table.notes),
        frozenset(absent),
    )
    return rows, [*faults, *id_faults]


def _clean(cell: Any, missing: set[str]) -> str | None:
    """Return a cell as it is compared, None where it is missing."""
    text = normal(cell) if isinstance(cell, str) else ""
    return None if not text or text in missing else text


def _columns(study: Study) -> list[tuple[KeyPath, str]]:
    """Return every column that the study names, with the key that names it."""
    spec = study.spec
    found: list[tuple[KeyPath, str]] = [(("cohort", "id"), spec.cohort.id)]
    if spec.cohort.group:
        found.append((("cohort", "group"), spec.cohort.group))
    for key in ("column", "time", "event"):
        column = getattr(spec.endpoint, key, None)
        if column and "endpoint" not in study.broken:
            found.append((("endpoint", key), column))
    split = spec.cohort.split
    found += [(("cohort", "split", "column"), c) for c in getattr(split, "columns", tuple)()]
    for name, variable in spec.clinical.items():
        path: KeyPath = ("clinical", name, "column") if variable.column else ("clinical", name)
        found.append((path, variable.column or name))
    for name, image in spec.images.items():
        found += [(("images", name, "path"), column) for column in placeholders(image.path)]
    for name, region in spec.regions.items():
        for image_name, pattern in region.masks.items():
            path = ("regions", name, "masks", image_name)
            found += [(path, column) for column in placeholders(pattern)]
    return found


def _sound_ids(
    table: str, ids: Sequence[str | None], lines: Sequence[int], excluded: set[str]
) -> tuple[list[int], list[Fault]]:
    """Return the positions of rows with a usable id that is there once, and the faults."""
    faults, sound = [], []
    places: dict[str, list[int]] = {}
    for i, case in enumerate(ids):
        if case is not None:
            places.setdefault(case, []).append(i)
    for i, case in enumerate(ids):
        if case is None:
            found, cure = "a row without case id", "fill the id in, or remove the row"
            faults.append(Fault(f"{table} row {lines[i]}", found, cure))
            continue
        problem = id_problem(case)
        if problem:
            cure = "rename the case; ids become file names"
            faults.append(Fault(f"{table} row {lines[i]}", problem, cure, case=case))
        elif len(places[case]) > 1 and case not in excluded:
            if places[case][0] == i:
                rows = some(str(lines[j]) for j in places[case])
                found = f"the id {case!r} {len(places[case])} times"
                cure = "keep one row; name the patient in cohort.group if these are lesions"
                faults.append(Fault(f"{table} rows {rows}", found, cure, case=case))
        else:
            sound.append(i)
    return sound, faults
