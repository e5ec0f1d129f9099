"""The batches of harmonisation, read from the cohort table and looked at before a run."""

from __future__ import annotations

from collections import Counter
from typing import Any

from numpy.typing import NDArray

from radpipe.core.errors import Fault
from radpipe.preparation.combat_unseen import LEAST_CASES
from radpipe.study.preparationrefs import batch_columns
from radpipe.study.rows import Rows
from radpipe.study.schema import StudySpec


def read_batches(
    rows: Rows, spec: StudySpec, split: NDArray[Any]
) -> tuple[dict[str, list[str]], list[Fault], list[str]]:
    """Return each ``batch.NAME`` of the cases, what is wrong with them, and what is odd.

    Parameters
    ----------
    rows : Rows
        The cases' rows of the table.
    spec : StudySpec
    split : array of str, shape (n,)
        The side on which each case stands.
    """
    found: dict[str, list[str]] = {}
    faults: list[Fault] = []
    odd: list[str] = []
    for _, name in batch_columns(spec):
        if not rows.has(name):
            continue
        cells = rows.column(name)
        empty = [case for case, cell in zip(rows.cases, cells, strict=True) if cell is None]
        if empty:
            said = f"no batch (column {name!r} is empty)"
            faults.append(rows.fault(empty, said, "fill it in, or exclude the case"))
            continue
        labels = [str(cell) for cell in cells]
        found[f"batch.{name}"] = labels
        odd += _odd(rows.table, name, labels, split)
    return found, faults, odd


def _odd(table: str, name: str, labels: list[str], split: NDArray[Any]) -> list[str]:
    """Return what a harmonisation will have to say of its batches."""
    train = Counter(b for b, side in zip(labels, split, strict=True) if side == "train")
    others = Counter(b for b, side in zip(labels, split, strict=True) if side != "train")
    said = []
    alone = sorted(batch for batch, n in train.items() if n == 1)
    if alone:
        said.append(
            f"{table}: batch {', '.join(alone)} of {name} has one training case; ComBat then "
            "adjusts means only"
        )
    for batch in sorted(set(others) - set(train)):
        few = others[batch] < LEAST_CASES
        more = f", and {LEAST_CASES} at least are needed to be transductive" if few else ""
        said.append(
            f"{table}: the {others[batch]} cases of batch {batch} of {name} are not in training; "
            f"they pass ComBat as they are unless it is transductive{more}"
        )
    return said
