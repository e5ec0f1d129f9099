"""Synthetic rows between neighbours of the smaller classes."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from radpipe.core import target
from radpipe.core.columns import MISSING
from radpipe.preparation.balance import Balance, BalanceSpec, FloatArray, Rows, grown
from radpipe.preparation.factors import factor_columns, snap
from radpipe.preparation.order import moments, varies


class SmoteSpec(BalanceSpec):
    """Add synthetic rows to the smaller classes (SMOTE).

    Each lies between a row and one of its nearest neighbours of the same class, compared on z
    scores; factors take the nearer one's level. A class of one row is copied.

    Parameters
    ----------
    ratio : float
        Size that a smaller class is brought to, as a part of the largest.
    neighbours : int
        Neighbours to choose from; fewer where the class has not as many.
    """

    makes_rows: ClassVar[bool] = True

    kind: Literal["smote"] = "smote"
    ratio: float = Field(1.0, gt=0, le=1)
    neighbours: int = Field(5, ge=1, le=50)

    def build(self, seed: int) -> Balance:
        """Return what adds synthetic rows."""
        return Smote(self.ratio, self.neighbours, seed)


class Smote(Balance):
    """Synthetic rows (`imblearn.over_sampling.SMOTE`), each a group of its own.

    Parameters
    ----------
    ratio, neighbours :
        As for `SmoteSpec`.
    seed : int
    """

    def __init__(self, ratio: float = 1.0, neighbours: int = 5, seed: int = 0) -> None:
        self.ratio = ratio
        self.neighbours = neighbours
        self.seed = seed

    def _resample(self, X: pd.DataFrame, y: NDArray[Any], groups: Any) -> Rows:
        codes = target.codes(y)
        values = X.to_numpy(dtype=float)
        mean, sd = moments(values)
        sd = np.where(varies(mean, sd), sd, 1.0)
        scaled = (values - mean) / sd
        parts, classes = [values], [codes]
        for code, size in grown(codes, self.ratio).items():
            own = np.flatnonzero(codes == code)
            more = size - own.size
            if more <= 0:
                continue
            if own.size == 1:
                new = values[np.repeat(own, more)]
            else:
                new = self._between(scaled, codes, code, size) * sd + mean
                _to_levels(new, values, X)
            parts.append(new)
            classes.append(np.full(more, code))
        found = np.concatenate(parts)
        out = pd.DataFrame(found, columns=X.columns)
        out.attrs = dict(X.attrs)
        first = {int(code): int(np.flatnonzero(codes == code)[0]) for code in np.unique(codes)}
        like = [first[int(code)] for code in np.concatenate(classes)[len(y) :]]
        rows = np.array([*range(len(y)), *like], dtype=np.int64)
        return out, y[rows], _own_groups(groups, len(like)), None

    def _between(
        self, scaled: FloatArray, codes: NDArray[np.int64], code: int, size: int
    ) -> FloatArray:
        """Return the synthetic rows of one class, on z scores."""
        from imblearn.over_sampling import SMOTE

        own = int((codes == code).sum())
        smote = SMOTE(
            sampling_strategy={1: size},
            k_neighbors=min(self.neighbours, own - 1),
            random_state=(self.seed + code) % 2**32,
        )
        found, _ = smote.fit_resample(scaled, (codes == code).astype(int))
        return np.asarray(found[len(scaled) :], dtype=float)


def _to_levels(new: FloatArray, values: FloatArray, X: pd.DataFrame) -> None:
    """Give factors and 0/1 columns of synthetic rows a level that real rows have."""
    names = [str(c) for c in X.columns]
    places = [f.places for f in factor_columns(names, X.attrs.get("levels", {}))]
    places += [[i] for i, name in enumerate(names) if name.endswith(MISSING)]
    for at in places:
        new[:, at] = snap(new[:, at], values[:, at])


def _own_groups(groups: Any, more: int) -> Any:
    """Return the groups with a new one for each of ``more`` rows; None where there are none."""
    if groups is None:
        return None
    old = np.asarray(groups)
    if old.dtype.kind in "iu":
        new: Any = old.max() + 1 + np.arange(more)
    else:
        known, new, i = set(map(str, old)), [], 0
        while len(new) < more:
            name = f"synthetic {i}"
            i += 1
            if name not in known:
                new.append(name)
    return np.concatenate([old, np.array(new, dtype=None if old.dtype.kind in "iuU" else object)])
