"""Features that another program computed, read from its table: a row a case, floats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radpipe.core.errors import Fault, FaultsError
from radpipe.study.blocks import TableSpec
from radpipe.study.feature_reader import Reader
from radpipe.study.load import Study
from radpipe.study.names import normal
from radpipe.study.patterns import fill, names_reader, placeholders
from radpipe.study.places import shown
from radpipe.study.readers import primary_of
from radpipe.study.rows import Rows, exclude_lines

_LISTED = 10


@dataclass(frozen=True)
class FeatureTable:
    """A table of features.

    Parameters
    ----------
    frame : DataFrame of float, one row a case
        The columns are feature names, without the block's; the index is the case id.
    notes : tuple of str
        What had to be detected or was left out, one sentence each.
    written : mapping of str to set of str
        Feature -> the names that the tables give it, which are those that ``columns`` means.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]
    written: Mapping[str, set[str]]


def table_files(study: Study, spec: TableSpec, rows: Rows, reader: str = "") -> dict[str, Path]:
    """Return the file of each case, as the primary reader read it or another one.

    An external cohort has its own table where one lies in its folder; else the main one counts.

    Raises
    ------
    FaultsError
        Where a cell of a case makes no path; none of what is told elsewhere.
    """
    reader = reader or primary_of(study.spec.readers)
    unknown = any(column in rows.absent for column in placeholders(spec.file))
    if unknown or (names_reader(spec.file) and not reader):
        raise FaultsError(())  # told of the columns, or of the readers
    found: dict[str, Path] = {}
    wrong: dict[str, list[str]] = {}
    records = rows.frame.to_dict("records")
    for case, record in zip(rows.cases, records, strict=True):
        try:
            path = fill(spec.file, {str(k): v for k, v in record.items()}, "", reader)
        except ValueError as error:
            wrong.setdefault(str(error), []).append(case)
            continue
        own = study.data / rows.folder(case) / path
        found[case] = own if own.is_file() else study.data / path
    if wrong:
        cure = "correct the cell, or exclude the case"
        raise FaultsError([rows.fault(cases, said, cure) for said, cases in wrong.items()])
    return found


def read_features(
    study: Study, block: str, rows: Rows, reader: str = "", among: Sequence[str] = ()
) -> FeatureTable:
    """Read the table of a block for the cases of a cohort.

    Parameters
    ----------
    study : Study
    block : str
    rows : Rows
        The cohort.
    reader : str
        Whose second reading is wanted: its rows are then those cases ``among`` these that his
        table holds. Empty means the primary reader, who read every case.
    among : sequence of str
        Cases.

    Raises
    ------
    FaultsError
        All that is wrong with it: columns, cells, cases that are missing or there twice.
    """
    spec = study.spec.blocks[block]
    assert isinstance(spec, TableSpec)
    tables = Reader(study, block, spec, rows, frozenset(map(normal, spec.missing)), bool(reader))
    frames: list[pd.DataFrame] = []
    each = bool(placeholders(spec.file))
    owners = _by_file(table_files(study, spec, rows, reader))
    lost: dict[Path, list[str]] = {}
    wanted = set(among)
    for path, owning in owners.items():
        cases = [case for case in owning if case in wanted] if reader else owning
        if not path.is_file():
            lost[path] = cases
        elif cases:
            frames.append(tables.read(path, cases, each and len(owning) == 1))
    if lost and not (reader and each and len(lost) < len(owners)):  # else those were not read
        tables.faults.append(_no_file(study, block, lost, "" if reader or not each else "exclude"))
    names = list(dict.fromkeys(name for frame in frames for name in frame.columns))
    if not tables.faults and not names and (wanted or not reader):
        where = study.places.where("blocks", block, "columns")
        tables.faults.append(Fault(where, "no column of numbers", "name the columns"))
    if tables.faults:
        raise FaultsError(tables.faults)
    found = pd.concat(frames) if frames else pd.DataFrame()
    index = [case for case in rows.cases if not reader or case in found.index]
    frame = found.reindex(index=index, columns=names).astype(float)
    notes = tuple(dict.fromkeys(tables.notes))
    return FeatureTable(frame.rename_axis("case"), notes, tables.written)


def feature_names(
    study: Study,
    block: str,
    rows: Rows,
    worth: Callable[[Path], bool],
    like: Callable[[str], bool],
) -> Iterator[list[str]]:
    """Yield the names of features in each file of a block, as `read_features` calls them.

    Parameters
    ----------
    study, block, rows
        As for `read_features`.
    worth : callable
        Whether a file is to be read.
    like : callable
        Which names are wanted.

    Raises
    ------
    FaultsError
        As `table_files`. What is wrong with a file is told where its features are read.
    """
    spec = study.spec.blocks[block]
    assert isinstance(spec, TableSpec)
    tables = Reader(study, block, spec, rows, frozenset(map(normal, spec.missing)))
    for path, owning in _by_file(table_files(study, spec, rows)).items():
        if path.is_file() and worth(path):
            single = bool(placeholders(spec.file)) and len(owning) == 1
            yield tables.names(path, owning, single, like)


def _no_file(study: Study, block: str, lost: Mapping[Path, Sequence[str]], out: str) -> Fault:
    """Return the fault of files that are not there; ``out`` offers to leave their cases out."""
    cases = [case for own in lost.values() for case in own]
    cure = "put it there, or correct the path"
    if out and len(lost) <= _LISTED:
        cure = f"{cure}, or under cohort: add to {exclude_lines(cases, 'no features')}"
    first = next(iter(lost))
    said = f"found no file {shown(first)}"
    if len(lost) > 1:
        said = f"found no file for {len(lost)} of the cases, such as {shown(first)}"
        cure = cure.replace("it there", "them there", 1)
    return Fault(study.places.where("blocks", block, "file"), said, cure)


def _by_file(files: Mapping[str, Path]) -> dict[Path, list[str]]:
    found: dict[Path, list[str]] = {}
    for case, path in files.items():
        found.setdefault(path, []).append(case)
    return found
