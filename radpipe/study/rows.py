"""The cohort table as the study sees it: known columns, clean cells, one sound id a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from radpipe.core.errors import Fault, FaultsError, nearest
from radpipe.io.tables import read_table
from radpipe.study.external import MAIN
from radpipe.study.formulas import columns_of
from radpipe.study.load import Study
from radpipe.study.names import id_problem, normal
from radpipe.study.patterns import placeholders
from radpipe.study.places import KeyPath
from radpipe.study.preparationrefs import batch_columns
from radpipe.study.sources import Source, sources, unique
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
    sources : mapping of str to Source
        Case -> its cohort, for the cases of external ones; excluded cases too.
    """

    frame: pd.DataFrame
    lines: Mapping[str, int]
    table: str
    n_table: int
    excluded: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    absent: frozenset[str] = frozenset()
    sources: Mapping[str, Source] = field(default_factory=dict)

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

    def cohort(self, case: str) -> str:
        """Return the name of a case's cohort."""
        return self.sources[case].name if case in self.sources else MAIN

    @property
    def cohorts(self) -> list[str]:
        """Return the name of each case's cohort, in table order."""
        return [self.cohort(case) for case in self.cases]

    def folder(self, case: str) -> str:
        """Return the folder that a case's paths count from, itself from the data folder."""
        return self.sources[case].folder if case in self.sources else ""

    def without(self, cases: Mapping[str, str]) -> Rows:
        """Return the rows without some cases, which are then excluded for the given reasons."""
        kept = self.frame[~self.frame.index.isin(list(cases))]
        order = {case: i for i, case in enumerate(self.lines)}
        out = sorted([*self.excluded, *cases.items()], key=lambda e: order.get(e[0], -1))
        return replace(self, frame=kept, excluded=tuple(out))

    def fault(self, cases: Sequence[str], found: str, cure: str, allowed: str = "") -> Fault:
        """Return a fault of some cases, with their rows."""
        lines: dict[str, list[str]] = {}
        for case in cases:
            table = self.sources[case].table if case in self.sources else self.table
            lines.setdefault(table, []).append(str(self.lines[case]))
        where = ", ".join(
            f"{table} row{'s' if len(rows) > 1 else ''} {some(rows)}"
            for table, rows in lines.items()
        )
        if len(cases) == 1:
            return Fault(where, found, cure, allowed, case=cases[0])
        return Fault(where, f"{found} (cases {some(cases)})", cure, allowed)


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
    """Read the cohort table, and those of external cohorts after it.

    Returns
    -------
    Rows
        The rows with a sound id, excluded ones left out.
    list of Fault
        Missing columns, ids that are empty, unusable or there twice, unknown exclusions. Of an
        external cohort that lacks a column nothing is read.

    Raises
    ------
    FaultsError
        Where the main table cannot be read, or has no id column.
    """
    cohort, places = study.spec.cohort, study.places
    known, faults = sources(study)
    main = _read(study, known[0])
    faults += main.faults
    if normal(cohort.id) not in main.frame:
        raise FaultsError(faults)
    tables = [main]
    for source in known[1:]:
        try:
            table = _read(study, source)
        except FaultsError as error:
            faults += error.faults
            continue
        faults += table.faults
        tables += [] if table.faults else [table]

    named = unique([(t.source.name, list(t.frame[normal(cohort.id)])) for t in tables])
    reasons = {normal(case): reason for case, reason in cohort.exclude.items()}
    all_ids = {case for ids in named for case in ids if case is not None}
    unknown = [case for case in cohort.exclude if normal(case) not in all_ids]
    # A case that has images but no row may be excluded all the same: so it is accounted for.
    with_image = imaged(study, [t.source for t in tables]) if unknown else {}
    for case in unknown:
        if normal(case) not in with_image:
            cure = nearest(normal(case), sorted(all_ids)) or "remove it"
            found = f"found the case {case!r}, which is not in {main.source.table}"
            faults.append(Fault(places.where("cohort", "exclude", case), found, cure))
    parts: list[pd.DataFrame] = []
    lines: dict[str, int] = {}
    origin: dict[str, Source] = {}
    for table, ids in zip(tables, named, strict=True):
        sound, wrong = _sound_ids(table.source.table, ids, table.rows, set(reasons))
        faults += wrong
        faults += [
            Fault(table.source.table, f"the id {ids[i]!r}, as another cohort's", "rename the case")
            for i in sound
            if ids[i] in lines
        ]
        kept = [i for i in sound if ids[i] not in reasons and ids[i] not in lines]
        index = pd.Index([ids[i] for i in kept], dtype=object)
        parts.append(table.frame.iloc[kept].set_axis(index))
        here = {case: row for case, row in zip(ids, table.rows, strict=True) if case is not None}
        lines |= here
        origin |= {case: table.source for case in here if table.source.external}
    rows = Rows(
        frame=pd.concat(parts) if len(parts) > 1 else parts[0],
        lines=lines,
        table=main.source.table,
        n_table=sum(len(ids) for ids in named),
        excluded=tuple((case, reasons[case]) for ids in named for case in ids if case in reasons),
        notes=tuple(note for table in tables for note in table.notes),
        absent=main.absent,
        sources=origin,
    )
    return rows, faults


@dataclass(frozen=True)
class _Table:
    """One cohort's table: clean cells, the row of each, and the columns that it lacks."""

    source: Source
    frame: pd.DataFrame
    rows: tuple[int, ...]
    notes: tuple[str, ...]
    absent: frozenset[str]
    faults: tuple[Fault, ...]


def _read(study: Study, source: Source) -> _Table:
    """Read one cohort's table; a fault for each column that the study names and it lacks."""
    cohort = study.spec.cohort
    table = read_table(source.path, cohort.sheet)
    missing = {normal(word) for word in cohort.missing}
    frame = table.frame.map(lambda cell: _clean(cell, missing))
    frame.columns = pd.Index([normal(str(column)) for column in frame.columns])
    known = [str(column) for column in frame.columns]
    more = f", ... ({len(known)} columns)" if len(known) > _COLUMNS_SHOWN else ""
    allowed = ", ".join(known[:_COLUMNS_SHOWN]) + more
    faults, absent = [], []
    for path, column in _columns(study):
        if source.external and path[0] == "readers":
            continue  # the second readings serve training cases
        if normal(column) not in known:
            absent.append(normal(column))
            found = f"found the column {column!r}, which {source.table} does not have"
            others = [name for name in study.spec.clinical if name != column]
            named = [*known, *others] if path[0] == "clinical" else known
            cure = nearest(normal(column), named) or "correct the name, or the table"
            faults.append(Fault(study.places.where(*path), found, cure, allowed))
    rows, notes = tuple(table.rows), tuple(table.notes)
    return _Table(source, frame, rows, notes, frozenset(absent), tuple(faults))


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
    if "endpoint" not in study.broken:
        found += [(("endpoint", *key), column) for key, column in spec.endpoint.placed_columns]
    split = spec.cohort.split
    found += [(("cohort", "split", "column"), c) for c in getattr(split, "columns", tuple)()]
    found += batch_columns(spec)
    scheme: Any = spec.evaluation.resampling
    found += [(("evaluation", "resampling", "column"), c) for c in scheme.columns()]
    # A variable that is wrong inside is told already; it is no column that is missing.
    variables = {str(path[1]) for path in study.places.lines if path[0] == "clinical" and path[1:]}
    for name, variable in spec.clinical.items():
        key = next((k for k in ("expression", "column") if getattr(variable, k)), None)
        path: KeyPath = ("clinical", name, key) if key else ("clinical", name)
        found += [(path, column) for column in columns_of(name, variable, variables)]
    for name, reader in spec.readers.items():
        if reader.cases.column is not None:
            found.append((("readers", name, "cases", "column"), reader.cases.column))
    for name, block in spec.derived.items():
        found += [(("blocks", name, "file"), c) for c in placeholders(getattr(block, "file", ""))]
    for name, image in spec.images.items():
        found += [(("images", name, "path"), column) for column in placeholders(image.path or "")]
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
