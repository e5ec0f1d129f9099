"""Cases that hold the same data where a fit could see both: one patient under two names.

They stand on different sides of the split, or folds of the training cases may part them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.columns import CLINICAL
from radpipe.core.errors import Fault
from radpipe.evaluation.outcomes import outcome_columns
from radpipe.io.model_json import file_sha256
from radpipe.study.cohort import Cohort
from radpipe.study.load import Study
from radpipe.study.pairs import Pair
from radpipe.study.rows import exclude_lines, some

LEAST_MEASURED = 5
"""Features with decimals that must agree; fewer, rounded, may do so by chance."""
NEAR = 1e-5
"""Relative difference up to which numbers agree: one table may be rounded, or of float32."""
CHANCE = 0.001
"""Chance of rows so alike beyond which cases with one id may be different patients."""
_PIECE = 2**16
_LISTED = 10

Held = tuple[Path, str]
"""A file, and the case that has it."""


def same_images(cohort: Cohort, pairs: Iterable[Pair]) -> list[Fault]:
    """Return the fault of cases whose image is that of a case apart from them.

    Masks may well be alike. A file is read whole only where size and middle are another's too.
    """
    places = _places(cohort)
    held = [(path, pair.case) for pair in pairs for path in _files(pair)]
    groups = [list(dict.fromkeys(held))]
    for look in (_size, _middle, file_sha256):
        groups = [
            part
            for group in groups
            for part in _alike(group, look)
            if len({places[case] for _, case in part}) > 1
        ]
    found = _copies([[case for _, case in group] for group in groups], places)
    return _told(cohort, found, "image")


def same_features(cohort: Cohort, block: str, table: pd.DataFrame) -> list[Fault]:
    """Return the fault of cases whose features are all those of a case apart from them."""
    values = table.to_numpy(dtype=float)
    varies = (values != values[:1]).any(axis=0)
    measured = np.isfinite(values) & (values != np.round(values)) & varies
    enough = measured.sum(axis=1) >= LEAST_MEASURED
    cases = np.array([str(case) for case in table.index], dtype=object)[enough]
    groups = [list(cases[alike]) for alike in _near(values[enough][:, varies])]
    return _told(cohort, _copies(groups, _places(cohort)), f"features of {block}")


def _near(values: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Return the rows (n, p) that agree in every value but for rounding, together, in order.

    Rows that agree have nearly the same sum, so that only neighbours by their sums are compared.
    """
    if not values.size:
        return []
    spread = np.nanmax(np.abs(values), axis=0, initial=0.0, where=np.isfinite(values))
    scaled = np.nan_to_num(values / np.where(spread > 0, spread, 1.0), posinf=0.0, neginf=0.0)
    sums, room = scaled.sum(axis=1), 2 * NEAR * (np.abs(scaled).sum(axis=1) + 1)
    order = np.argsort(sums, kind="stable")
    first = np.arange(len(values))
    for place, i in enumerate(order):
        for j in order[place + 1 :]:
            if sums[j] - sums[i] > room[i]:
                break
            if np.allclose(values[i], values[j], rtol=NEAR, atol=0.0, equal_nan=True):
                first[first == max(first[i], first[j])] = min(first[i], first[j])
    return [np.flatnonzero(first == row) for row in np.unique(first)]


def same_rows(study: Study, cohort: Cohort) -> list[Fault]:
    """Return the faults of cohorts whose ids stand in another one with the same rows.

    Of each cohort all such ids must have the outcome and the clinical variables of the other's.
    """
    endpoint, frame = study.spec.endpoint, cohort.frame.set_index("case")
    named = outcome_columns(endpoint.type, endpoint.class_labels)
    columns = [c for c in frame if c in named or str(c).startswith(CLINICAL)]
    told = frame[columns].astype(object).where(frame[columns].notna(), None)
    shares = [told[c].value_counts(normalize=True, dropna=False) for c in told]
    alike = np.prod([(share**2).sum() for share in shares])  # that two cases have the same row
    first: dict[str, str] = {}
    pairs: dict[str, dict[str, str]] = {}
    ids = cohort.rows.column(study.spec.cohort.id)
    for case, own in zip(cohort.rows.cases, ids, strict=True):
        other = first.setdefault(str(own), case)
        if other != case:
            pairs.setdefault(cohort.rows.cohort(case), {})[case] = other
    faults = []
    for found in pairs.values():
        same = all(list(told.loc[case]) == list(told.loc[other]) for case, other in found.items())
        if same and alike ** len(found) <= CHANCE:
            faults += _told(cohort, found, "id, outcome and clinical variables")
    return faults


def _sides(cohort: Cohort) -> dict[str, str]:
    return dict(zip(cohort.frame["case"], cohort.frame["split"], strict=True))


def _places(cohort: Cohort) -> dict[str, tuple[str, str]]:
    """Return what no fit parts: a patient among the training cases, a held-out set as a whole."""
    frame = cohort.frame
    return {
        case: (side, group if side == "train" else "")
        for case, side, group in zip(frame["case"], frame["split"], frame["group"], strict=True)
    }


def _files(pair: Pair) -> list[Path]:
    """Return the files of a pair's image that can be read; of the others there are faults."""
    paths = [part.path for part in pair.made.parts] if pair.made else [pair.image_path]
    return [path for path in paths if path.is_file() and os.access(path, os.R_OK)]


def _size(path: Path) -> int:
    return path.stat().st_size


def _middle(path: Path) -> bytes:
    """Return a piece from the middle of a file, where images of one size differ."""
    with path.open("rb") as file:
        file.seek(max(0, (_size(path) - _PIECE) // 2))
        return file.read(_PIECE)


def _alike(held: Iterable[Held], look: Callable[[Path], object]) -> list[list[Held]]:
    """Return files of which something is the same, together."""
    found: dict[object, list[Held]] = {}
    for path, case in held:
        found.setdefault(look(path), []).append((path, case))
    return list(found.values())


def _copies(
    groups: Iterable[Sequence[str]], places: Mapping[str, tuple[str, str]]
) -> dict[str, str]:
    """Return the cases that hold what a case before them in another place does, each with it."""
    return {
        case: group[0] for group in groups for case in group[1:] if places[case] != places[group[0]]
    }


def _told(cohort: Cohort, copies: Mapping[str, str], what: str) -> list[Fault]:
    """Return the fault of cases that are others, with the cure."""
    if not copies:
        return []
    rows, sides = cohort.rows, _sides(cohort)
    cases = [case for case in rows.cases if case in copies]
    listed = some(f"{c} ({sides[c]}) as {copies[c]} ({sides[copies[c]]})" for c in cases)
    training = {sides[c] for pair in copies.items() for c in pair} == {"train"}
    cure = "leave the copies out under cohort.exclude, or name each one's patient in cohort.group"
    if all(case in rows.sources for case in cases):
        cure = "leave the cohort out of cohort.external, or give it cases of its own"
    if len(cases) <= _LISTED:
        cure = f"leave the copies out: under cohort: add to {exclude_lines(cases, 'a copy')}"
        cure += ", or name each one's patient in cohort.group" if training else ""
    where = rows.fault(cases, "", "").where
    how = "in patients that folds may part" if training else "on different sides of the split"
    return [Fault(where, f"the same {what} {how}: {listed}", cure)]
