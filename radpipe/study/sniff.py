"""Looks into a folder of data and says what is there, for `radpipe new` to propose a study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from radpipe.core.errors import Fault, FaultsError
from radpipe.study import words as w
from radpipe.study.columns import Column, describe, number, why_left_out
from radpipe.study.layout import suffix_of, walk
from radpipe.study.names import normal
from radpipe.study.outcomes import Candidate, chosen_first, outcome_of
from radpipe.study.patients import names_patients
from radpipe.study.patterns import matches, placeholders
from radpipe.study.pictures import Pictures, find_pictures
from radpipe.study.sniff_table import cohort_table

MOST_MISSING = 0.3
"""Share of empty cells above which a column is not proposed."""


@dataclass(frozen=True)
class Findings:
    """What a folder holds.

    Parameters
    ----------
    table : str
        The cohort table, from the data folder; ``id`` is its id column, ``n`` its rows.
    group : str
        Column that seems to name the patient of several cases, or empty.
    sheet : str
        Sheet of the table, where it is not the one that is read by default.
    tables : tuple of str
        The other tables, each with why it is not the one.
    notes : tuple of str
        What reading the table had to detect.
    pictures : Pictures
        Images and regions.
    columns : tuple of Column
        All columns but the id.
    left_out : mapping of str to str
        Column -> why it is no predictor; the others are proposed.
    endpoints : tuple of Candidate
        Possible endpoints, the likeliest first.
    split : tuple
        ``(column, levels)`` of a column that names training and test cases, or empty.
    excluded : mapping of str to str
        Id -> why the case cannot be used (no image, no row in the table, no follow-up).
    """

    table: str
    id: str
    n: int
    group: str = ""
    sheet: str = ""
    tables: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pictures: Pictures = field(default_factory=Pictures)
    columns: tuple[Column, ...] = ()
    left_out: Mapping[str, str] | None = None
    endpoints: tuple[Candidate, ...] = ()
    split: tuple[str, tuple[str, ...]] = ("", ())
    excluded: Mapping[str, str] = field(default_factory=dict)

    @property
    def predictors(self) -> tuple[Column, ...]:
        """Return the columns proposed as clinical variables."""
        return tuple(c for c in self.columns if c.name not in (self.left_out or {}))


def sniff(data: Path, endpoint: str | None = None) -> Findings:
    """Look into a data folder.

    Parameters
    ----------
    data : Path
        The folder; nothing in it is changed.
    endpoint : str, optional
        Column of the endpoint (of survival: of the time), which comes first then.

    Returns
    -------
    Findings
        The proposals, and what was seen but not proposed.

    Raises
    ------
    FaultsError
        Where there is no folder, no readable table, no column of ids that tell the rows apart, or
        none whose ids occur in the names of the image files.
    """
    if not data.is_dir():
        raise FaultsError([Fault(str(data), "no such folder", "give the folder of the data")])
    files = list(walk(data))
    volumes = [f for f in files if suffix_of(f)]
    cohort = cohort_table(data, files, volumes)
    table, id_column = cohort.table, cohort.id
    frame = table.frame
    ids = [normal(v) for v in frame[id_column]]
    columns = tuple(
        describe(c, frame[c].tolist(), table.rows) for c in frame.columns if c != id_column
    )
    found = chosen_first(columns, frame, endpoint, table.path.name)
    outcome = outcome_of(found[0], frame) if found and not found[0].classes else None
    chosen = [found[0].column, found[0].time] if found else []
    split = _split(columns)
    left = {
        c.name: "the endpoint" if c.name in chosen else why
        for c in columns
        if (why := _why(c, frame[c.name].tolist(), outcome, split[0])) or c.name in chosen
    }
    pictures = find_pictures(data, volumes, id_column, ids, _rows(columns, frame, ids))
    return Findings(
        table=table.path.relative_to(data).as_posix(),
        id=id_column,
        n=len(frame),
        group=_group(columns, frame),
        sheet=cohort.sheet,
        tables=cohort.others,
        notes=(*cohort.shortened(volumes), *table.notes, *_foreign(files)),
        pictures=pictures,
        columns=columns,
        left_out=left,
        endpoints=found,
        split=split,
        excluded={
            **(pictures.without or {}),
            **dict(_without_time(found[:1], frame, ids)),
            **dict(_strangers(data, pictures, id_column, ids)),
        },
    )


def _without_time(
    found: Sequence[Candidate], frame: pd.DataFrame, ids: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield the cases whose survival time is not above 0."""
    for endpoint in [c for c in found if c.time]:
        for case, cell in zip(ids, frame[endpoint.time], strict=True):
            time = number((cell or "").strip())
            if time is not None and time <= 0:
                yield case, "no follow-up"


def _strangers(
    data: Path, pictures: Pictures, column: str, ids: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield the ids that have an image but no row."""
    for image in pictures.images:
        if placeholders(image.pattern) == (column,):
            for match in matches(data, image.pattern, image.name):
                if normal(match.values[column]) not in ids:
                    yield normal(match.values[column]), "not in the table"


def _rows(
    columns: Sequence[Column], frame: pd.DataFrame, ids: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Return id -> {column: value} of the columns whose values may name folders."""
    named = [c.name for c in columns if len(c.levels) > 1]
    cells = {name: frame[name].tolist() for name in named}
    return {
        case: {name: normal(cells[name][i]) for name in named if cells[name][i]}
        for i, case in enumerate(ids)
    }


def _foreign(files: Sequence[str]) -> Iterator[str]:
    """Yield a remark on formats that are not read."""
    dicom = sum(f.lower().endswith((".dcm", ".ima")) for f in files)
    if dicom:
        yield f"{dicom} DICOM files are not read; convert them to NIfTI first (dcm2niix)"
    capital = sum(bool(suffix_of(f.lower())) and not suffix_of(f) for f in files)
    if capital:
        yield f"{capital} image files end in capitals (.NII); rename them to lower case"


def _group(columns: Sequence[Column], frame: pd.DataFrame) -> str:
    """Return the column that seems to name the patient where one has several cases."""
    for column in columns:
        if names_patients(column.name, frame[column.name].tolist()):
            return column.name
    return ""


def _split(columns: Sequence[Column]) -> tuple[str, tuple[str, ...]]:
    """Return the column that names training and test cases, with its levels."""
    for column in columns:
        if w.says(column.name, w.SPLIT) and column.levels and not column.missing:
            train = [v for v in column.levels if w.says(v, w.TRAIN)]
            test = [v for v in column.levels if w.says(v, (*w.TEST, *w.EXTERNAL))]
            if train and test and len(train) + len(test) == len(column.levels):
                return column.name, column.levels
    return "", ()


def _why(column: Column, cells: Sequence[str | None], outcome: pd.Series | None, split: str) -> str:
    """Return why a column is no predictor to propose, or an empty string."""
    if column.name == split:
        return "names training and test cases"
    if w.says(column.name, w.CENTRE):
        return "the centre: for `split: {kind: column}`, no predictor"
    numbered = len({c for c in cells if c}) == len(cells) and w.says(column.name, w.ID)
    if column.kind == "continuous" and numbered:
        return "a running number"
    if column.missing > MOST_MISSING * len(cells):
        told = why_left_out(column, cells, None)
        return told or f"{column.missing} of {len(cells)} cells are empty"
    return why_left_out(column, cells, outcome)
