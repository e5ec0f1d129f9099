"""What ComBat takes: a table, a batch for each case, covariates; and what it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from radpipe.stats.design import independent
from radpipe.stats.results import FloatArray, IntArray, floats


class UnseenBatchError(ValueError):
    """A batch that was not there when ComBat was fitted."""


class ConfoundedBatchError(ValueError):
    """Covariates and batches that cannot be told apart."""


def check_design(of: IntArray, extra: FloatArray, b: int) -> None:
    """Refuse b batches, by number (n,), and covariates (n, c) that cannot be told apart."""
    design = np.column_stack([np.eye(b)[of], extra])
    if not independent(design).all():
        raise ConfoundedBatchError(
            "covariates and batches cannot be told apart: a covariate is constant, follows from "
            "others, or is the same within each batch (leave it out)"
        )
    if of.size <= design.shape[1]:
        raise ConfoundedBatchError(
            f"{of.size} cases are too few for {b} batches and {extra.shape[1]} covariates"
        )


def table_of(values: Any) -> FloatArray:
    """Return values (n, p) as floats, NaN where missing."""
    x = floats(values)
    if x.ndim != 2:
        raise ValueError(f"values have cases and features, not shape {x.shape}")
    if np.isinf(x).any():
        raise ValueError("values are finite or missing (NaN), not infinite")
    return x


def labels_of(batch: Any, n: int) -> list[Any]:
    """Return each case's batch."""
    labels: list[Any] = np.asarray(batch, dtype=object).ravel().tolist()
    if len(labels) != n:
        raise ValueError(f"{len(labels)} batches for {n} cases")
    # NaN alone differs from itself.
    missing = sum(1 for name in labels if name is None or name != name)
    if missing:
        raise ValueError(f"{missing} cases have no batch")
    return labels


def numbered(labels: Sequence[Any]) -> tuple[tuple[Any, ...], IntArray]:
    """Return the batches in order, and each case's number among them (n,)."""
    batches = tuple(sorted(set(labels), key=lambda name: (str(type(name)), name)))
    number = {name: i for i, name in enumerate(batches)}
    return batches, np.array([number[name] for name in labels], dtype=np.int64)


def covariates_of(covariates: Any, n: int) -> FloatArray:
    """Return covariates (n, c); c is 0 for None."""
    if covariates is None:
        return np.zeros((n, 0))
    extra = floats(covariates)
    extra = extra[:, None] if extra.ndim == 1 else extra
    if extra.ndim != 2 or extra.shape[0] != n:
        raise ValueError(f"covariates of shape {extra.shape} for {n} cases")
    if not np.isfinite(extra).all():
        raise ValueError("a covariate is missing or infinite: impute it before")
    return extra
