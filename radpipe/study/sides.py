"""On which side of the split each case stands, and whether there is enough to learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import Fault, RadpipeError
from radpipe.core.target import CLASSES, indicators, kind_of, outcomes, strata
from radpipe.models.chains import fit_keys
from radpipe.resampling.folds import IntArray, groups_per_class
from radpipe.study.external import MAIN
from radpipe.study.load import Study
from radpipe.study.outcome import Outcome
from radpipe.study.plans import plan_of
from radpipe.study.rows import Rows

Labels = NDArray[np.str_]


def split_of(study: Study, outcome: Outcome, groups: Sequence[str]) -> tuple[Labels, list[Fault]]:
    """Return the side on which each case stands; external cohorts are sets of their own."""
    split: Any = study.spec.cohort.split
    rows = outcome.rows
    cohorts = np.array(rows.cohorts)
    sides = np.array(["train" if name == MAIN else f"external:{name}" for name in cohorts])
    main = np.flatnonzero(cohorts == MAIN)
    table = rows.frame.copy()
    for column in split.columns():
        if not rows.has(column):
            return sides, []
        table[column] = rows.column(column)
    place = study.places.where("cohort", "split")
    if not len(main):
        return sides, [Fault(rows.table, "no case is left", "exclude fewer cases")]
    try:
        own = split.assign(
            strata(outcome.target)[main],
            [groups[int(i)] for i in main],
            table.iloc[main].reset_index(drop=True),
            study.spec.evaluation.seed,
        )
    except RadpipeError as error:
        return sides, [_fault(error, "split: ", place)]
    both = sorted(set(sides) & set(own) - {"train"})
    if both:
        found = f"found {both[0]}, which cohort.external names too"
        return sides, [Fault(place, found, "rename one of them")]
    sides = sides.astype(object)
    sides[main] = own
    return sides.astype(str), []


def centres_of(
    study: Study, rows: Rows, split: Labels
) -> tuple[NDArray[np.str_] | None, list[Fault]]:
    """Return what the resampling's column holds, None where it reads none, or there is none."""
    scheme: Any = study.spec.evaluation.resampling
    for column in (c for c in scheme.columns() if rows.has(c)):
        cells = rows.column(column)
        empty = [
            case
            for case, cell, side in zip(rows.cases, cells, split, strict=True)
            if cell is None and side == "train"
        ]
        cure = "name the centre, or exclude the case"
        found = f"no centre (column {column!r} is empty)"
        faults = [rows.fault(empty, found, cure)] if empty else []
        return np.array([cell or "" for cell in cells]), faults
    return None, []


def too_few(
    study: Study,
    outcome: Outcome,
    groups: Sequence[str],
    split: Labels,
    centres: NDArray[np.str_] | None,
) -> list[Fault]:
    """Return the faults of an endpoint that leaves too little to learn from."""
    train = split == "train"
    y, group = outcome.target[train], np.asarray(groups, dtype=object)[train]
    side = "" if train.all() else " of the training side"
    lacking = _lacking(study, outcome, y, side)
    if lacking is not None:
        return [lacking]
    scheme: Any = study.spec.evaluation.resampling
    if scheme.columns() and centres is None:  # told already: the table lacks the column
        return []
    have = groups_per_class(y, group)
    kind = "cases" if study.spec.cohort.group is None else "groups"
    counted = f"{kind}{side}{_rarest(outcome, y, group)}"
    folds = getattr(scheme, "folds", None)
    if folds is not None and have < folds:
        return [_too_many_folds(study, "folds", folds, have, counted)]
    try:
        left = scheme.left(y, group, None if centres is None else centres[train])
    except RadpipeError as error:
        return [_fault(error, "resampling: ", study.places.where("evaluation", "resampling"))]
    if left < scheme.inner_folds:
        where = f"{counted} in the training part of a fold" if left < have else counted
        return [_too_many_folds(study, "inner_folds", scheme.inner_folds, left, where)]
    return []


def plan_faults(
    study: Study,
    y: NDArray[Any],
    frame: pd.DataFrame,
) -> list[Fault]:
    """Return the fault of a plan that cannot be laid out; `too_few` tells most before.

    Where patients have several cases, or cases several labels, only the draw itself shows that
    a fold holds too few of an outcome.
    """
    try:
        plan_of(study, y, frame)
    except RadpipeError as error:
        return [_fault(error, "resampling: ", study.places.where("evaluation", "resampling"))]
    return []


def fit_rows(study: Study, y: NDArray[Any], frame: pd.DataFrame) -> Iterator[IntArray]:
    """Yield the rows of every fit of the study, each row once; nothing without a plan."""
    yield from (np.unique(rows) for rows in _fits(study, y, frame))


def fewest_rows(study: Study, y: NDArray[Any], frame: pd.DataFrame) -> int:
    """Return the rows of the smallest fit, as often as they are drawn; 0 without a plan."""
    return min((len(rows) for rows in _fits(study, y, frame)), default=0)


def _fits(study: Study, y: NDArray[Any], frame: pd.DataFrame) -> Iterator[IntArray]:
    try:
        plan = plan_of(study, y, frame)
    except RadpipeError:
        return  # `plan_faults` tells what stands in the way
    for scope in plan.scopes:
        for _, rows in fit_keys(scope):
            yield rows


def held_out(outcome: Outcome, split: Labels) -> list[str]:
    """Return what is odd about the held-out sides."""
    return [
        f"{outcome.rows.table}: all {int((split == side).sum())} cases of the {side} side have "
        "the same outcome; most measures are undefined there"
        for side in sorted(set(split) - {"train"})
        if _same(outcome.target[split == side])
    ]


def _fault(error: RadpipeError, prefix: str, place: str) -> Fault:
    """Return the fault that a split or a scheme tells of."""
    found, _, cure = str(error).removeprefix(prefix).rpartition("; ")
    return Fault(place, found or cure, cure if found else "")


def _same(y: NDArray[Any]) -> bool:
    """Return whether all cases have one outcome."""
    kind = kind_of(y)
    values = indicators(y) if kind in CLASSES else y["event"] if kind == "survival" else y
    return bool((values == values[:1]).all())


def _lacking(study: Study, outcome: Outcome, y: NDArray[Any], side: str) -> Fault | None:
    """Return the fault of an outcome that no training case has, or all of them."""
    endpoint = study.spec.endpoint
    where = f"{outcome.rows.table}: {study.places.where('endpoint')}"
    kind = kind_of(y)
    if kind in CLASSES:
        missing = np.flatnonzero(~outcomes(y).any(axis=0))
        if not len(missing):
            return None
        found = f"no case{side}{_named(outcome, kind, int(missing[0]))}"
        return Fault(where, found, "correct the endpoint, the table or the split")
    if not _same(y):
        return None
    if kind == "continuous":
        found = f"every one of the {len(y)} cases{side} has the value {y[0]:g}"
        return Fault(where, found, "correct the endpoint, the table or the split")
    event = y["event"] if kind == "survival" else y
    which = "has" if event[0] else "lacks"
    key = "positive" if kind == "binary" else "event_code"
    found = f"every one of the {len(y)} cases{side} {which} the event"
    cure = f"correct endpoint.{key}, or the table; there must be cases with and without it"
    return Fault(where, f"{found} {endpoint.shown_label!r}", cure)


def _rarest(outcome: Outcome, y: NDArray[Any], group: NDArray[Any]) -> str:
    """Return in words the outcome that the fewest groups have; of equal ones the last."""
    counts = [len(np.unique(group[column])) for column in outcomes(y).T]
    place = len(counts) - 1 - int(np.argmin(counts[::-1]))
    return _named(outcome, kind_of(y), place)


def _named(outcome: Outcome, kind: str, place: int) -> str:
    """Return in words what a column of `radpipe.core.target.outcomes` stands for."""
    if kind == "continuous":
        return ""
    if kind == "survival":
        return " with the event"
    if kind == "binary":
        return (" without the event", " with the event")[place]
    name = outcome.classes[place % len(outcome.classes)]
    if kind == "multilabel":
        return f" {'with' if place < len(outcome.classes) else 'without'} the label {name!r}"
    return f" of the class {name!r}"


def _too_many_folds(study: Study, key: str, folds: int, have: int, counted: str) -> Fault:
    """Return the fault of more folds than the rarer outcome can be dealt into."""
    place = study.places.where("evaluation", "resampling", key)
    one = counted.replace("cases", "case", 1).replace("groups", "group", 1)
    found = f"{folds} {key.replace('_', ' ')}, but only {have} {one if have == 1 else counted}"
    few = "add cases" if "training side" not in counted else "add cases, or hold out fewer"
    return Fault(place, found, f"set {key} to {have} at most" if have >= 2 else few)
