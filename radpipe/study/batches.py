"""The batches of harmonisation, read from the cohort table and looked at before a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from radpipe.core.columns import BATCH
from radpipe.core.errors import Fault, nearest
from radpipe.preparation.combat_unseen import LEAST_CASES
from radpipe.study.load import Study
from radpipe.study.names import normal
from radpipe.study.places import Places
from radpipe.study.preparationrefs import (
    batch_columns,
    measured_by,
    references,
    transductive_columns,
)
from radpipe.study.rows import Rows, some
from radpipe.study.schema import StudySpec
from radpipe.study.sides import fit_rows
from radpipe.study.values import number

MANY = 10
"""More numbers than these may be measurements."""


def read_batches(
    rows: Rows, spec: StudySpec, split: NDArray[Any], places: Places
) -> tuple[dict[str, list[str]], list[Fault], list[str]]:
    """Return each ``batch.NAME`` of the cases, what is wrong with them, and what is odd.

    Parameters
    ----------
    rows : Rows
        The cases' rows of the table.
    spec : StudySpec
    split : array of str, shape (n,)
        The side on which each case stands.
    places : Places
        Of study.yaml.
    """
    found: dict[str, list[str]] = {}
    faults: list[Fault] = []
    odd: list[str] = []
    for place, name in batch_columns(spec):
        if not rows.has(name):
            continue
        cells = rows.column(name)
        empty = [case for case, cell in zip(rows.cases, cells, strict=True) if cell is None]
        if empty:
            said = f"no batch (column {name!r} is empty)"
            faults.append(rows.fault(empty, said, "fill it in, or exclude the case"))
            continue
        labels = [str(cell) for cell in cells]
        found[f"{BATCH}{name}"] = labels
        if measured_by(spec, name):
            continue  # told already: no batch
        if _measured(labels):
            said = f"the column {name!r}, which measures ({some(sorted(set(labels)))})"
            cure = "name the column of scanners or centres"
            faults.append(Fault(places.where(*place), said, cure))
            continue
        faults += _references(spec, places, name, labels, split)
        transductive = name in transductive_columns(spec)
        if transductive:
            faults += _too_few(rows, name, labels, split)
        odd += _odd(rows.table, name, labels, split, transductive)
    return found, faults, odd


def _measured(labels: list[str]) -> bool:
    """Return whether labels are measurements: numbers, many, with fractions or hardly any twice."""
    values = {number(label) for label in labels}
    if len(values) <= MANY or None in values:
        return False
    return len(values) * 3 > len(labels) or any(v != int(v) for v in values if v is not None)


def _references(
    spec: StudySpec, places: Places, name: str, labels: list[str], split: NDArray[Any]
) -> Iterator[Fault]:
    """Yield the fault of each reference that is no batch of the training cases."""
    there = sorted({b for b, side in zip(labels, split, strict=True) if side == "train"})
    for place, column, reference in references(spec):
        if column == name and normal(reference) not in there:
            held = " among the training cases" if normal(reference) in labels else ""
            said = f"found {reference!r}, which is no batch of {name}{held}"
            cure = nearest(reference, there) or "name one of them"
            yield Fault(places.where(*place), said, cure, ", ".join(there))


def absent_references(study: Study, y: NDArray[Any], frame: pd.DataFrame) -> Iterator[Fault]:
    """Yield the fault of each reference of which some fit of the study has no case.

    Parameters
    ----------
    study : Study
    y : array, shape (n,)
        Outcomes.
    frame : DataFrame
        The cohort, with its batches.
    """
    named = references(study.spec)
    fits = list(fit_rows(study, y, frame)) if named else []
    for place, column, reference in named:
        if f"{BATCH}{column}" not in frame:
            continue
        of_it = (frame[f"{BATCH}{column}"] == normal(reference)).to_numpy()
        without = sum(not of_it[rows].any() for rows in fits)
        if 0 < without < len(fits):  # of all: told where the batches are read
            yield Fault(
                study.places.where(*place),
                f"found {reference!r}, of which {without} of the {len(fits)} fits have no case",
                "name a batch that every fit has cases of, or leave the reference out",
            )


def _held_out(labels: list[str], split: NDArray[Any]) -> Counter[str]:
    """Return how many held-out cases each batch has that no training case is of."""
    train = {b for b, side in zip(labels, split, strict=True) if side == "train"}
    return Counter(
        b for b, side in zip(labels, split, strict=True) if side != "train" and b not in train
    )


def _too_few(rows: Rows, name: str, labels: list[str], split: NDArray[Any]) -> Iterator[Fault]:
    """Yield a fault for each held-out batch too small to be harmonised by its own features."""
    for batch, n in sorted(_held_out(labels, split).items()):
        if n < LEAST_CASES:
            yield rows.fault(
                [case for case, b in zip(rows.cases, labels, strict=True) if b == batch],
                f"{n} held-out of batch {batch} of {name}, which is not in training and is to be "
                "harmonised transductively",
                "merge the batch with another, exclude its cases, or leave transductive out",
                f"{LEAST_CASES} or more",
            )


def _odd(
    table: str, name: str, labels: list[str], split: NDArray[Any], transductive: bool
) -> list[str]:
    """Return what a harmonisation will have to say of its batches."""
    train = Counter(b for b, side in zip(labels, split, strict=True) if side == "train")
    said = []
    alone = sorted(batch for batch, n in train.items() if n == 1)
    if alone:
        said.append(
            f"{table}: batch {some(alone)} of {name} {'each ' if len(alone) > 1 else ''}has one "
            "training case; ComBat then "
            "adjusts means only"
        )
    for batch, n in sorted(_held_out(labels, split).items()):
        own = "cases pass ComBat as they are unless it is transductive"
        if n == 1:
            own = "case passes ComBat as it is unless that is transductive"
        if n < LEAST_CASES:
            if transductive:
                continue  # a fault, told already
            own += f", which takes {LEAST_CASES} at least"
        if transductive:
            own = "cases are brought to the others by their own features, without training"
        said.append(
            f"{table}: no training case is of batch {batch} of {name}; its {n} held-out {own}"
        )
    return said
