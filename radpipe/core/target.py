"""What is predicted, as the arrays that estimators take.

Every target is one array of shape (n,), so that ``y[rows]`` is the target of those rows; its
dtype tells its kind and, where there are classes, how many.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

EndpointKind = Literal["binary", "multiclass", "ordinal", "multilabel", "continuous", "survival"]

KINDS: frozenset[str] = frozenset(get_args(EndpointKind))
CLASSES: frozenset[str] = frozenset({"multiclass", "ordinal", "multilabel"})
"""Kinds with one prediction a class; of several labels, a case may have many or none."""

SURVIVAL_DTYPE = np.dtype([("event", np.bool_), ("time", np.float64), ("competing", np.bool_)])
"""One record a case: whether the event was seen, the time of event or censoring, and whether
what ended the time was another event that precludes it (``event`` is False then)."""

_FIELDS = {"class": "multiclass", "level": "ordinal", "label": "multilabel"}


def survival(time: Any, event: Any, competing: Any = None) -> NDArray[Any]:
    """Return a survival target of shape (n,) from times (> 0, any unit) and events (0/1).

    ``competing`` (0/1) tells the cases whose time ended with a competing event.
    """
    t = np.asarray(time, dtype=float)
    target = np.zeros(t.shape[0], dtype=SURVIVAL_DTYPE)
    target["event"] = np.asarray(event).astype(bool)
    target["time"] = t
    if competing is not None:
        target["competing"] = np.asarray(competing).astype(bool)
    return target


def binary(values: Any) -> NDArray[np.int64]:
    """Return a binary target of shape (n,), 1 where the event is present."""
    return np.asarray(values).astype(np.int64)


def continuous(values: Any) -> NDArray[np.float64]:
    """Return a continuous target of shape (n,)."""
    return np.asarray(values, dtype=float)


def multiclass(codes: Any, k: int) -> NDArray[Any]:
    """Return a target of k unordered classes from codes 0 to k - 1, shape (n,)."""
    return _of_codes("class", codes, k)


def ordinal(codes: Any, k: int) -> NDArray[Any]:
    """Return a target of k classes in their order from codes 0 to k - 1, shape (n,)."""
    return _of_codes("level", codes, k)


def multilabel(present: Any) -> NDArray[Any]:
    """Return a target of k labels, any of which a case may have, from 0/1 values (n, k)."""
    matrix = np.asarray(present).astype(bool)
    return _of_matrix("label", matrix)


def _of_codes(field: str, codes: Any, k: int) -> NDArray[Any]:
    places = np.asarray(codes).astype(np.int64)
    if places.size and (places.min() < 0 or places.max() >= k):
        raise ValueError(f"codes {places.min()} to {places.max()}; allowed are 0 to {k - 1}")
    return _of_matrix(field, places[:, None] == np.arange(k))


def _of_matrix(field: str, matrix: NDArray[np.bool_]) -> NDArray[Any]:
    target = np.zeros(len(matrix), dtype=[(field, np.bool_, (matrix.shape[1],))])
    target[field] = matrix
    return target


def kind_of(y: NDArray[Any]) -> EndpointKind:
    """Return the endpoint's kind that an array of targets stands for."""
    if not y.dtype.names:
        return "continuous" if y.dtype.kind == "f" else "binary"
    return _FIELDS.get(y.dtype.names[0], "survival")  # type: ignore[return-value]


def indicators(y: NDArray[Any]) -> NDArray[np.bool_]:
    """Return whether each case is of each class, or has each label, shape (n, k)."""
    return np.asarray(y[y.dtype.names[0]])  # type: ignore[index]


def n_classes(y: NDArray[Any]) -> int:
    """Return how many columns a prediction has: the classes or labels, else 1."""
    return indicators(y).shape[1] if kind_of(y) in CLASSES else 1


def codes(y: NDArray[Any]) -> NDArray[np.int64]:
    """Return the class of each case, 0 to k - 1 (binary: 0 or 1), shape (n,)."""
    found = y if kind_of(y) == "binary" else indicators(y).argmax(axis=1)
    return np.asarray(found, dtype=np.int64)


def events(y: NDArray[Any]) -> NDArray[np.int64]:
    """Return 1 where the event of a binary or survival target was observed, shape (n,)."""
    return (y["event"] if y.dtype.names else y).astype(np.int64)


def strata(y: NDArray[Any]) -> NDArray[np.int64]:
    """Return the stratum of each case, what splits and folds are stratified by, shape (n,).

    The class; for survival whether the event was seen; for several labels the rarest label of
    the case (and those without any); for a continuous target its quarter of the cases.
    """
    kind = kind_of(y)
    if kind in ("binary", "survival"):
        return events(y)
    if kind == "continuous":
        cuts = np.quantile(y, [0.25, 0.5, 0.75]) if len(y) else np.zeros(3)
        return np.searchsorted(cuts, y, side="left").astype(np.int64)
    if kind == "multilabel":
        present = indicators(y)
        rarest_first = np.argsort(present.sum(axis=0), kind="stable")
        place: NDArray[np.int64] = present[:, rarest_first].argmax(axis=1).astype(np.int64)
        place[~present.any(axis=1)] = present.shape[1]
        return place
    return codes(y)


def outcomes(y: NDArray[Any]) -> NDArray[np.bool_]:
    """Return columns of which every part of a division of the rows needs a true cell, (n, m).

    Each class; each label and its absence; event and non-event; the seen event of survival; for
    a continuous target any case.
    """
    kind = kind_of(y)
    if kind == "survival":
        return np.asarray(y["event"])[:, None]
    if kind == "continuous":
        return np.ones((len(y), 1), dtype=bool)
    if kind == "binary":
        return np.column_stack([y == 0, y == 1])
    present = indicators(y)
    return np.column_stack([present, ~present]) if kind == "multilabel" else present
