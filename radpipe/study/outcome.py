"""The endpoint's columns of the cohort table as what happened to each case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.core import target
from radpipe.core.errors import Fault, nearest
from radpipe.evaluation.outcomes import columns_of
from radpipe.study.endpoint import (
    BinaryEndpoint,
    ContinuousEndpoint,
    Endpoint,
    MulticlassEndpoint,
    MultilabelEndpoint,
    OrdinalEndpoint,
    SurvivalEndpoint,
)
from radpipe.study.names import normal
from radpipe.study.places import KeyPath, Places
from radpipe.study.rows import Rows, exclude_lines, some
from radpipe.study.values import natural, numbers
from radpipe.study.words import MISSING


@dataclass(frozen=True)
class Outcome:
    """What happened to each case; the rows are those with an outcome.

    Parameters
    ----------
    rows : Rows
    target : array, shape (n,)
        As `radpipe.core.target` makes it; all 0 (binary) where the endpoint could not be read.
    classes : tuple of str
        Names of the classes or labels in their order; empty where there are none.
    """

    rows: Rows
    target: NDArray[Any]
    classes: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the outcome as the columns of cohort.parquet."""
        return columns_of(self.target, self.classes)


@dataclass(frozen=True)
class _Coding:
    """Values of a column that mean yes and no, and the keys that name them.

    ``place`` is the key path that holds both keys; ``also`` are values that mean neither.
    """

    column: str
    yes: Sequence[str]
    no: Sequence[str] | None
    place: KeyPath
    yes_key: str = "positive"
    no_key: str = "negative"
    also: Sequence[str] = ()


def read_outcome(rows: Rows, endpoint: Endpoint, places: Places) -> tuple[Outcome, list[Fault]]:
    """Read the endpoint's columns; return the outcomes of the cases that have one, and faults."""
    if any(not rows.has(column) for column in endpoint.columns):
        return Outcome(rows, target.binary(np.zeros(len(rows.frame)))), []
    rows, faults = _with_outcome(rows, endpoint)
    if isinstance(endpoint, BinaryEndpoint):
        coding = _Coding(endpoint.column, endpoint.positive, endpoint.negative, ("endpoint",))
        event, wrong = _coded(rows, coding, places)
        return Outcome(rows, target.binary(event)), faults + wrong
    if isinstance(endpoint, MultilabelEndpoint):
        return _labels(rows, endpoint, places, faults)
    if isinstance(endpoint, ContinuousEndpoint):
        column = endpoint.column
        values, wrong = numbers(rows, column, rows.column(column), "the continuous endpoint")
        return Outcome(rows, target.continuous(values)), faults + wrong
    if isinstance(endpoint, SurvivalEndpoint):
        return _survival(rows, endpoint, places, faults)
    codes, wrong = _classes(rows, endpoint, places)
    make = target.ordinal if isinstance(endpoint, OrdinalEndpoint) else target.multiclass
    names = endpoint.class_labels
    return Outcome(rows, make(codes, len(names)), names), faults + wrong


def _with_outcome(rows: Rows, endpoint: Endpoint) -> tuple[Rows, list[Fault]]:
    """Return the rows with a whole outcome, and the fault of others where they are one."""
    columns = [rows.column(column) for column in endpoint.columns]
    lost = [
        case
        for case, *cells in zip(rows.cases, *columns, strict=True)
        if any(cell is None for cell in cells)
    ]
    faults: list[Fault] = []
    if lost and endpoint.missing == "fault":
        what = " or ".join(repr(column) for column in endpoint.columns)
        cure = (
            f"under cohort: add to {exclude_lines(lost, 'outcome missing')}, or set "
            "endpoint.missing: exclude"
        )
        faults.append(rows.fault(lost, f"no outcome (column {what} is empty)", cure))
    return rows.without(dict.fromkeys(lost, "outcome missing")), faults


def _labels(
    rows: Rows, endpoint: MultilabelEndpoint, places: Places, faults: list[Fault]
) -> tuple[Outcome, list[Fault]]:
    """Return which labels each case has."""
    present, found = [], list(faults)
    for name, label in endpoint.labels.items():
        place: KeyPath = ("endpoint", "labels", name)
        coding = _Coding(label.column or name, label.positive, label.negative, place)
        values, wrong = _coded(rows, coding, places)
        if values.all() and len(values):
            said = f"every case has the label {name!r} (column {coding.column!r})"
            found.append(Fault(places.where(*place), said, "leave the label out"))
        present.append(values)
        found += wrong
    return Outcome(rows, target.multilabel(np.column_stack(present)), endpoint.class_labels), found


def _survival(
    rows: Rows, endpoint: SurvivalEndpoint, places: Places, faults: list[Fault]
) -> tuple[Outcome, list[Fault]]:
    """Return times and events, competing ones too."""
    rivals = endpoint.competing or ()
    coding = _Coding(
        endpoint.event,
        endpoint.event_code,
        endpoint.censored,
        ("endpoint",),
        "event_code",
        "censored",
        rivals,
    )
    event, wrong = _coded(rows, coding, places)
    both = {normal(v) for v in rivals} & {
        normal(v) for v in (*endpoint.event_code, *(endpoint.censored or ()))
    }
    if both:
        said = f"found {some(sorted(both))}, which event_code or censored names too"
        wrong.append(Fault(places.where("endpoint", "competing"), said, "name it once"))
    known = {normal(v) for v in rivals} - both
    competing = [cell in known for cell in rows.column(endpoint.event)]
    time, unreadable = numbers(
        rows, endpoint.time, rows.column(endpoint.time), "the time to the event"
    )
    early = [case for case, t in zip(rows.cases, time, strict=True) if t <= 0]
    if early:
        values = some(f"{t:g}" for t in time[time <= 0])
        unreadable.append(
            rows.fault(
                early,
                f"a time of {values} (column {endpoint.time!r})",
                f"correct it, or under cohort: add to {exclude_lines(early, 'no follow-up')}",
                "times > 0",
            )
        )
    return Outcome(rows, target.survival(time, event, competing)), faults + wrong + unreadable


def _classes(
    rows: Rows, endpoint: MulticlassEndpoint | OrdinalEndpoint, places: Places
) -> tuple[NDArray[np.int64], list[Fault]]:
    """Return each case's class, and the faults of unknown values and of classes without case."""
    key = "levels" if getattr(endpoint, "levels", None) else "classes"
    place = {
        normal(value): i for i, values in enumerate(endpoint.values.values()) for value in values
    }
    cells = rows.column(endpoint.column)
    codes = np.array([place.get(str(cell), -1) for cell in cells], dtype=np.int64)
    faults: list[Fault] = []
    allowed = "; ".join(
        name if list(values) == [name] else f"{name}: {', '.join(values)}"
        for name, values in endpoint.values.items()
    )
    unknown = sorted({str(cell) for cell in cells if str(cell) not in place}, key=natural)
    for value in unknown:
        cases = [c for c, cell in zip(rows.cases, cells, strict=True) if cell == value]
        cure = f"add it to endpoint.{key}, exclude the case, or add it to cohort.missing"
        found = f"the value {value!r} of the endpoint (column {endpoint.column!r}), of no class"
        faults.append(rows.fault(cases, found, cure, allowed))
    for i, (name, values) in enumerate(endpoint.values.items()):
        if len(cells) and not (codes == i).any():
            named = f" ({some(repr(v) for v in values)})" if list(values) != [name] else ""
            found = f"the class {name!r}{named}, which no case has in column {endpoint.column!r}"
            cure = nearest(values[0], unknown) or "name one of the column's values, or remove it"
            spot: KeyPath = ("endpoint", key, i if key == "levels" else name)
            faults.append(Fault(places.where(*spot), found, cure))
    return np.maximum(codes, 0), faults


def _coded(rows: Rows, coding: _Coding, places: Places) -> tuple[NDArray[np.int64], list[Fault]]:
    """Return 1 where a cell means the event, and the faults of values that mean nothing known."""
    column, yes, no = coding.column, coding.yes, coding.no
    yes_key, no_key = coding.yes_key, coding.no_key
    cells = rows.column(column)
    positive, also = ({normal(value) for value in values} for values in (yes, coding.also))
    others = sorted({c for c in cells if c is not None and c not in positive | also}, key=natural)
    event = np.array([int(cell in positive) for cell in cells], dtype=np.int64)
    faults: list[Fault] = []
    yes_place = places.where(*coding.place, yes_key)
    if not event.any() and len(cells):
        found = f"found {some(repr(v) for v in yes)}, which no case has in column {column!r}"
        cure = nearest(yes[0], others) or "name one of the column's values"
        faults.append(Fault(yes_place, found, cure, some(others)))
        return event, faults
    if no is None:
        if len(others) > 1:
            faults.append(_too_many(coding, others, yes_place))
        return event, faults
    known = positive | also | {normal(value) for value in no}
    under = ".".join(str(part) for part in coding.place)
    for value in others:
        if value not in known:
            cases = [c for c, cell in zip(rows.cases, cells, strict=True) if cell == value]
            faults.append(
                rows.fault(
                    cases,
                    f"the value {value!r} of the endpoint (column {column!r})",
                    f"add it to {under}.{yes_key} or {under}.{no_key}, or exclude the case",
                    f"{yes_key} {', '.join(yes)}; {no_key} {', '.join(no)}",
                )
            )
    both = positive & {normal(value) for value in no}
    if both:
        found = f"found {some(sorted(both))}, which {yes_key} names too"
        no_place = places.where(*coding.place, no_key)
        faults.append(Fault(no_place, found, "name it once"))
    return event, faults


def _too_many(coding: _Coding, others: Sequence[str], place: str) -> Fault:
    """Return the fault of several values that could mean no event."""
    found = f"column {coding.column!r} has {len(others)} values besides it: {some(others)}"
    unknown = [value for value in others if value.lower() in MISSING]
    said = [value for value in others if value not in unknown]
    cure = f"say which of them mean no event, such as {coding.no_key}: [{', '.join(said[:3])}]"
    if unknown:
        quoted = ", ".join(f'"{value}"' for value in unknown)
        cure += f", and put what means missing into cohort.missing: [{quoted}]"
    return Fault(place, found, cure)
