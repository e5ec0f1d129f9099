"""What is predicted, as the arrays that estimators take."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

EndpointKind = Literal["binary", "survival"]

SURVIVAL_DTYPE = np.dtype([("event", np.bool_), ("time", np.float64)])
"""One record a case: whether the event was seen, and the time of event or censoring."""


def survival(time: Any, event: Any) -> NDArray[Any]:
    """Return a survival target of shape (n,) from times (> 0, any unit) and events (0/1)."""
    t = np.asarray(time, dtype=float)
    target = np.empty(t.shape[0], dtype=SURVIVAL_DTYPE)
    target["event"] = np.asarray(event).astype(bool)
    target["time"] = t
    return target


def binary(values: Any) -> NDArray[np.int64]:
    """Return a binary target of shape (n,), 1 where the event is present."""
    return np.asarray(values).astype(np.int64)


def kind_of(y: NDArray[Any]) -> EndpointKind:
    """Return the endpoint's kind that an array of targets stands for."""
    return "survival" if y.dtype.names else "binary"


def events(y: NDArray[Any]) -> NDArray[np.int64]:
    """Return 1 where the event was observed; what splits are stratified by. Shape (n,)."""
    return (y["event"] if y.dtype.names else y).astype(np.int64)
