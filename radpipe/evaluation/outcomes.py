"""Outcomes as columns of a table, as targets, and in words; the same for every kind of endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core import target

LABEL = "y."
"""Beginning of the columns of a multi-label endpoint, one a label."""


def outcome_columns(kind: str, classes: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the columns that hold the outcome of an endpoint.

    Parameters
    ----------
    kind : str
        Kind of the endpoint.
    classes : sequence of str
        Its labels, where it is multi-label.
    """
    if kind == "survival":
        return ("time", "event", "competing")
    return tuple(LABEL + name for name in classes) if kind == "multilabel" else ("y",)


def columns_of(y: NDArray[Any], classes: Sequence[str] = ()) -> dict[str, NDArray[Any]]:
    """Return a target as columns: 0/1, a class's code, a value, or times and events."""
    kind = target.kind_of(y)
    if kind == "survival":
        event, rival = (y[name].astype(np.int64) for name in ("event", "competing"))
        return {"time": y["time"], "event": event, "competing": rival}
    if kind == "multilabel":
        present = target.indicators(y).astype(np.int64)
        return dict(zip(outcome_columns(kind, classes), present.T, strict=True))
    return {"y": target.codes(y) if kind in target.CLASSES else y}


def target_of(frame: pd.DataFrame, kind: str, classes: Sequence[str] = ()) -> NDArray[Any]:
    """Return the target that a table's outcome columns hold; the inverse of `columns_of`."""
    columns = list(outcome_columns(kind, classes))
    if kind == "survival":
        return target.survival(frame["time"], frame["event"], frame["competing"])
    if kind == "multilabel":
        return target.multilabel(frame[columns])
    if kind in target.CLASSES:
        make = target.ordinal if kind == "ordinal" else target.multiclass
        return make(frame["y"], len(classes))
    return target.continuous(frame["y"]) if kind == "continuous" else target.binary(frame["y"])


def tally(frame: pd.DataFrame, endpoint: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return how many cases had what: the event, each class, each label, a competing event.

    Parameters
    ----------
    frame : DataFrame
        Outcome columns, one row a case.
    endpoint : mapping
        ``{"kind", "label", "classes"}``; empty for a continuous one.
    """
    kind, classes = endpoint["kind"], list(endpoint.get("classes") or ())
    if kind == "continuous":
        return []
    if kind == "survival":
        rivals = int(frame["competing"].sum()) if "competing" in frame else 0
        found = [("event", int(frame["event"].sum()))]
        return [*found, ("competing event", rivals)] if rivals else found
    if kind == "binary":
        return [(str(endpoint.get("label") or "event"), int(frame["y"].sum()))]
    counts = target.indicators(target_of(frame, kind, classes)).sum(axis=0)
    return [(name, int(n)) for name, n in zip(classes, counts, strict=True)]
