"""Second readings of features that another program computed: a table for each reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from radpipe.core.errors import Fault, FaultsError, nearest
from radpipe.study.blocks import TableSpec
from radpipe.study.feature_tables import FeatureTable, read_features
from radpipe.study.readings import cases_read, readers_of
from radpipe.study.rows import some

if TYPE_CHECKING:
    from radpipe.study.cohort import Cohort
    from radpipe.study.load import Study


@dataclass(frozen=True)
class TableReadings:
    """What the other readers' tables of one block hold, and what is wrong with them.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Reader -> a row for each training case that he read, the first reader's columns (without
        the block's name); the index is the case id.
    faults : tuple of Fault
    notes : tuple of str
        What had to be detected or was left out, one sentence each.
    """

    frames: Mapping[str, pd.DataFrame]
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


def table_readings(study: Study, block: str, cohort: Cohort) -> TableReadings:
    """Read the tables of a block by all readers but the first.

    A training case without a row, or whose row is empty, was not read; of cases that
    ``readers.NAME.cases`` names, that is a fault.
    """
    frames: dict[str, pd.DataFrame] = {}
    faults: list[Fault] = []
    notes: list[str] = []
    readers = readers_of(study.spec, block)
    try:
        first = read_features(study, block, cohort.rows) if readers else None
    except FaultsError:  # which the check of the tables tells
        first = None
    for reader in readers:
        wanted = cases_read(study, cohort, reader)
        try:
            found = read_features(study, block, cohort.rows, reader, wanted)
        except FaultsError as error:
            faults += [_of_reader(fault, reader) for fault in error.faults]
            continue
        if first is None:
            continue
        wrong = _not_read(study, block, reader, wanted, found)
        if len(found.frame):
            wrong += _other_columns(study, block, reader, first, found)
        more = [n for n in found.frame.columns if n not in first.frame.columns]
        if more and not wrong:
            notes.append(f"reader {reader}: columns that the first reader lacks, left out: "
                         f"{some(map(str, more))}")  # fmt: skip
        notes += [f"reader {reader}: {note}" for note in found.notes if note not in first.notes]
        faults += wrong
        if not wrong:
            frames[reader] = found.frame[list(first.frame.columns)].dropna(how="all")
    return TableReadings(frames, tuple(faults), tuple(notes))


def _of_reader(fault: Fault, reader: str) -> Fault:
    return replace(fault, where=f"{fault.where}: reader {reader}", case="")


def _other_columns(
    study: Study, block: str, reader: str, first: FeatureTable, found: FeatureTable
) -> list[Fault]:
    """Return the fault of features that the first reader has and another one lacks."""
    known = [str(name) for name in found.frame.columns]
    lost = [str(name) for name in first.frame.columns if name not in found.frame.columns]
    if not lost:
        return []
    more = [name for name in known if name not in first.frame.columns]
    said = f"reader {reader} has no {'features' if len(lost) > 1 else 'feature'} {some(lost)}"
    cure = "give all readers' tables the same columns, or name those of both under columns"
    where = study.places.where("blocks", block, "file")
    return [Fault(where, said, nearest(lost[0], more) or cure)]


def _not_read(
    study: Study, block: str, reader: str, wanted: list[str], found: FeatureTable
) -> list[Fault]:
    """Return the fault of cases that a reader is said to have read, and that his table lacks.

    Or of a table that holds no case.
    """
    told = study.spec.readers[reader].cases
    lost = [case for case in wanted if case not in found.frame.dropna(how="all").index]
    spec = study.spec.blocks[block]
    assert isinstance(spec, TableSpec)
    if lost and lost == wanted:
        said = f"reader {reader}, whose table has no features of a training case"
        such = f"training cases: {some(wanted)}"
        where = study.places.where("blocks", block, "file")
        return [Fault(where, said, "correct the ids in his table", such)]
    if not lost or (told.column is None and not told.ids):
        return []
    said = f"reader {reader}, of whom {spec.file} has no features of {some(lost)}"
    cure = f"add them, or leave the readings out (readers.{reader}.exclude)"
    return [Fault(study.places.where("readers", reader, "cases"), said, cure)]
