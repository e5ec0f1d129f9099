"""One table of features that another program computed: its columns, its cells, what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from radpipe.core.errors import Fault, FaultsError, nearest
from radpipe.io.tables import TableFile, read_table
from radpipe.study.blocks import TableSpec, fits, leaves_out
from radpipe.study.feature_layouts import DIAGNOSTICS, Cells, long, transposed, wide
from radpipe.study.feature_numbers import as_numbers, faults_of_names, plain_name, value_of
from radpipe.study.id_forms import shortened, told_strangers, told_zeros
from radpipe.study.load import Study
from radpipe.study.names import normal
from radpipe.study.places import shown
from radpipe.study.rows import Rows, exclude_lines, some

_SHOWN = 8


@dataclass
class Reader:
    """Reads the tables of one block, and keeps what is wrong with them.

    Parameters
    ----------
    study : Study
    block : str
    spec : TableSpec
        Of the block.
    rows : Rows
        The cohort.
    words : frozenset of str
        Texts that mean a missing value.
    partial : bool
        Whether a case without a row is none that is missing (a second reading).
    faults, notes : list
        What was found in the tables read so far.
    written : dict
        Feature -> the names that those tables give it.
    """

    study: Study
    block: str
    spec: TableSpec
    rows: Rows
    words: frozenset[str]
    partial: bool = False
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    written: dict[str, set[str]] = field(default_factory=dict)

    def read(self, path: Path, cases: Sequence[str], single: bool) -> pd.DataFrame:
        """Return the features of some cases from one file; ``single`` is a file of one case."""
        before = len(self.faults)
        table = self._table(path)
        cells = None if table is None else self._cells_of(table, cases, single)
        if table is None or cells is None:
            return pd.DataFrame()
        self.faults += cells.faults
        lost = [case for case in cases if case not in cells.frame.index]
        if lost and not self.partial:
            ids = [] if single else self._ids(table)
            self.faults += self._lost(lost, path, ids, none=len(lost) == len(cases))
        frame = self._numbers(cells)
        return frame if len(self.faults) == before else pd.DataFrame()

    def names(
        self, path: Path, cases: Sequence[str], single: bool, like: Callable[[str], bool]
    ) -> list[str]:
        """Return the names of the features that `read` returns of a sound file and `like` takes.

        Of a wide table only these columns are read: every job asks.
        """
        if self.spec.layout != "wide":
            table = self._table(path)
            cells = None if table is None else self._cells_of(table, cases, single)
            found = [] if cells is None else [plain_name(str(c)) for c in cells.frame.columns]
            return [name for name in found if like(name)]
        try:
            table = read_table(path, self.spec.sheet, lambda name: like(plain_name(name)))
        except FaultsError as error:
            self.faults += error.faults
            return []
        known = self._known(table, self.spec.id or self.study.spec.cohort.id)
        return [plain_name(name) for name in self._with_numbers(table, known)]

    def _table(self, path: Path) -> TableFile | None:
        """Return one file; None where it cannot be read."""
        try:
            table = read_table(path, self.spec.sheet)
        except FaultsError as error:
            self.faults += error.faults
            return None
        self.notes += table.notes
        return table

    def _cells_of(self, table: TableFile, cases: Sequence[str], single: bool) -> Cells | None:
        """Return the cells of some cases from one file; None where it has not what is named."""
        keys = {self._id(case, table.path): case for case in cases}
        return self._cells(table, keys, cases[0] if single else None)

    def _ids(self, table: TableFile) -> list[str]:
        """Return how a table of several cases calls them."""
        spec = self.spec
        if spec.layout == "transposed":
            given = {normal(name) for name in (*spec.feature, *spec.where)}
            return [str(c) for c in table.frame.columns if c not in given]
        cells = table.frame[normal(spec.id or self.study.spec.cohort.id)]
        return list(dict.fromkeys(normal(cell or "") for cell in cells))

    def _lost(
        self, lost: Sequence[str], path: Path, ids: Sequence[str], none: bool
    ) -> Iterator[Fault]:
        """Yield the faults of cases without features, those of each external cohort apart.

        Where ``none`` of the cases has any, or ids differ in leading zeros, they are about ids.
        """
        calls = {case: self._id(case, path) for case in lost}
        pairs = shortened(list(calls.values()), ids)
        if pairs:
            yield Fault(shown(path), *told_zeros(pairs))
            lost = [case for case in lost if calls[case] not in pairs]
        elif none and ids:
            yield Fault(shown(path), *told_strangers([calls[case] for case in lost], ids))
            return
        elsewhere: dict[str, list[str]] = {}
        for case in lost:
            folder = self.rows.folder(case)
            own = "" if path.is_relative_to(self.study.data / folder) else folder
            elsewhere.setdefault(own, []).append(case)
        for folder, cases in elsewhere.items():
            found = f"no features of case{'s' if len(cases) > 1 else ''} {some(cases)}"
            cure = f"add them, or under cohort: add to {exclude_lines(cases, 'no features')}"
            if folder:
                table = self.study.data / folder / path.relative_to(self.study.data)
                cure = f"add the cohort's own table {shown(table)}, or add them here"
            yield Fault(shown(path), found, cure)

    def _cells(self, table: TableFile, keys: Mapping[str, str], owner: str | None) -> Cells | None:
        """Return the cells that count; None where columns are not there."""
        before, spec = len(self.faults), self.spec
        counts = self._counts(table)
        names = [""] * len(counts) if spec.layout == "wide" else self._names(table)
        if spec.layout == "transposed":
            given = [normal(name) for name in (*spec.feature, *spec.where)]
            others = [str(c) for c in table.frame.columns if c not in given]
            columns = {keys[name]: name for name in others if name in keys}
            if owner is not None and not columns and len(others) == 1:
                columns = {owner: others[0]}
            meant = [yes and self._meant(n) for yes, n in zip(counts, names, strict=True)]
            return transposed(table, meant, names, columns) if len(self.faults) == before else None
        column = None
        if owner is None:
            hint = _layout_hint(table, keys, spec)
            column = self._column(table, spec.id or self.study.spec.cohort.id, "id", hint)
        value = self._column(table, spec.value, "value") if spec.layout == "long" else None
        if len(self.faults) > before:
            return None
        ids = [owner] * len(counts) if column is None else self._cases(table, column, keys)
        cases = [case if yes else None for case, yes in zip(ids, counts, strict=True)]
        if value is None:
            features = self._features(table, column)
            return wide(table, cases, features) if len(self.faults) == before else None
        cases = [c if self._meant(n) else None for c, n in zip(cases, names, strict=True)]
        return long(table, cases, names, value)

    def _cases(self, table: TableFile, column: str, keys: Mapping[str, str]) -> list[str | None]:
        """Return the case of each row; None for a case that is not in the cohort."""
        return [keys.get(normal(cell or "")) for cell in table.frame[column]]

    def _names(self, table: TableFile) -> list[str]:
        """Return the feature of each row."""
        found = [self._column(table, name, "feature") for name in self.spec.feature]
        columns = [table.frame[name] for name in found if name is not None]
        return [
            "_".join((cell or "").strip() for cell in row) for row in zip(*columns, strict=True)
        ]

    def _id(self, case: str, path: Path) -> str:
        """Return how a case is called in a table: an external cohort's own by its own ids."""
        folder = self.rows.folder(case)
        if folder and path.is_relative_to(self.study.data / folder):
            cell = self.rows.frame.loc[case, normal(self.study.spec.cohort.id)]
            return str(cell)
        return case

    def _file(self, table: TableFile) -> str:
        """Return a table as faults name it: from the data folder."""
        return table.path.relative_to(self.study.data).as_posix()

    def _where(self, *keys: str) -> str:
        return self.study.places.where("blocks", self.block, *keys)

    def _column(self, table: TableFile, name: str, key: str, cure: str = "") -> str | None:
        """Return a column of the table, or tell that there is none."""
        known = [str(column) for column in table.frame.columns]
        if normal(name) in known:
            return normal(name)
        more = f", ... ({len(known)} columns)" if len(known) > _SHOWN else ""
        self.faults.append(
            Fault(
                self._where(key),
                f"found the column {name!r}, which {self._file(table)} does not have",
                cure or nearest(name, known) or "correct the name, or the table",
                ", ".join(known[:_SHOWN]) + more,
            )
        )
        return None

    def _counts(self, table: TableFile) -> list[bool]:
        """Return which rows count."""
        counts = [True] * len(table.frame)
        for name, values in self.spec.where.items():
            column = self._column(table, name, "where")
            if column is None:
                continue
            cells = [normal(cell or "") for cell in table.frame[column]]
            wanted = {normal(value) for value in values}
            if not wanted & set(cells):
                there = sorted(set(cells) - {""})
                cure = nearest(values[0], there) or "name one of the column's values"
                said = f"found {some(map(repr, values))}, which no row of {self._file(table)} has"
                self.faults.append(Fault(self._where("where", name), said, cure, some(there)))
            counts = [yes and cell in wanted for yes, cell in zip(counts, cells, strict=True)]
        return counts

    def _meant(self, name: str) -> bool:
        return not self.spec.columns or any(fits(name, pattern) for pattern in self.spec.columns)

    def _features(self, table: TableFile, id_column: str | None) -> list[str]:
        """Return the columns that hold features."""
        known = self._known(table, id_column or "")
        for i, pattern in enumerate(self.spec.columns):
            if not any(fits(name, normal(pattern)) for name in known):
                cure = nearest(pattern, known) or "correct the pattern"
                where = self.study.places.where("blocks", self.block, "columns", i)
                said = f"found {pattern!r}, which fits no column of {self._file(table)}"
                self.faults.append(Fault(where, said, cure, some(known)))
        return self._with_numbers(table, known)

    def _known(self, table: TableFile, id_column: str) -> list[str]:
        """Return the columns that may hold features."""
        taken = {normal(id_column), *(normal(name) for name in self.spec.where)}
        return [
            str(column)
            for column in table.frame.columns
            if column not in taken and not str(column).startswith(DIAGNOSTICS)
        ]

    def _with_numbers(self, table: TableFile, known: Sequence[str]) -> list[str]:
        """Return the columns that are meant; without a number only those that are named."""
        meant = [name for name in known if self._meant(name)]
        if not all(map(leaves_out, self.spec.columns)):
            return meant
        found = [
            name
            for name in meant
            if any(value_of(c, self.words) is not None for c in table.frame[name])
        ]
        words = [name for name in meant if name not in found]
        if words:
            said = f"columns without a number left out: {some(words)}"
            self.notes.append(f"{table.path.name}: {said}")
        return found

    def _kept(self) -> dict[str, str]:
        """Return the columns that no model may see, without case, and what each is."""
        spec = self.study.spec
        kept = {normal(column).casefold(): "the endpoint" for column in spec.endpoint.columns}
        if spec.cohort.group:
            kept.setdefault(normal(spec.cohort.group).casefold(), "the group")
        for column in getattr(spec.cohort.split, "columns", tuple)():
            kept.setdefault(normal(column).casefold(), "the split")
        return kept

    def _numbers(self, cells: Cells) -> pd.DataFrame:
        """Return cells as numbers under plain names, and tell those that are none."""
        plain = {str(name): plain_name(str(name)) for name in cells.frame.columns}
        self.faults += faults_of_names(cells, plain, self._kept(), self._where("columns"))
        for name, short in plain.items():
            self.written.setdefault(short, set()).add(name)
        frame, faults = as_numbers(cells, plain, self.words)
        self.faults += faults
        return frame


def _layout_hint(table: TableFile, keys: Mapping[str, str], spec: TableSpec) -> str:
    """Return what to do where a table without id column seems to be of another layout."""
    columns = {normal(str(column)) for column in table.frame.columns}
    if len(columns & set(keys)) > 1:
        return "set layout: transposed, since the columns are cases"
    return "" if spec.id else "say which column holds the case ids with id: ..."
