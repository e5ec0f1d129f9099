"""Signs that cases are of the same patients although the study takes each for its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from radpipe.study import words as w
from radpipe.study.load import Study
from radpipe.study.rows import Rows, some

MOST_CASES = 10
"""More cases a patient than this, on average, and a column names something else."""
NUMBERED = re.compile(r"(.*\w)[-_. ](\d{1,2}|[a-dlr]|left|right|左|右)", re.IGNORECASE)
"""An id that ends in the number or the side of a lesion."""


def repeated_patients(study: Study, rows: Rows) -> Iterator[str]:
    """Yield a note on a column, or on ids, that seem to name patients with several cases.

    Parameters
    ----------
    study : Study
    rows : Rows
        Of its cohort table.
    """
    spec, where = study.spec.cohort, study.places.where("cohort")
    if spec.group is not None:
        return
    apart = "cases of one patient would stand on both sides of a split, and count as independent"
    for column in map(str, rows.frame.columns):
        cells = rows.column(column)
        if names_patients(column, cells) or _begins_ids(cells, rows.cases):
            told = _several(cells)
            yield (
                f"{where}: no group is set, and column {column!r} has {len(told)} values in "
                f"several cases ({some(told)}); if it names the patient, write group: {column}, "
                f"else {apart}"
            )
            return
    bases = [found[1] if (found := NUMBERED.fullmatch(case)) else None for case in rows.cases]
    if _fits(bases):
        told = _several(bases)
        yield (
            f"{where}: no group is set, and {len(told)} ids differ only in their last number or "
            f"side ({some(told)}); if these are cases of one patient, add a column that names the "
            f"patient and write group: COLUMN, else {apart}"
        )


def names_patients(column: str, cells: Sequence[str | None]) -> bool:
    """Return whether a column seems to name the patient where one has several cases."""
    return bool(w.says(column, w.GROUP)) and _fits(cells)


def _fits(cells: Sequence[str | None]) -> bool:
    """Return whether there are fewer values than cases, but not few."""
    return all(bool(cell) for cell in cells) and len(cells) / MOST_CASES < len(set(cells)) < len(
        cells
    )


def _begins_ids(cells: Sequence[str | None], ids: Sequence[str]) -> bool:
    """Return whether each id is the column's value and more."""
    pairs = list(zip(cells, ids, strict=True))
    return _fits(cells) and all(len(str(cell)) > 1 and i.startswith(str(cell)) for cell, i in pairs)


def _several(cells: Sequence[str | None]) -> list[str]:
    """Return the values that several cases have, in order."""
    return [str(cell) for cell, n in Counter(cells).items() if n > 1]
