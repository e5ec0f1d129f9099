"""From measured columns to numbers: clinical factors become places or 0/1 columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.columns import CLINICAL, COVARIATE, is_factor_like
from radpipe.core.estimator import Estimator
from radpipe.preparation.order import gaps

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Factor:
    """How one categorical variable is coded.

    ``seen`` are the levels of the training rows in dictionary order; the first is the
    reference.
    """

    ordinal: bool
    levels: tuple[str, ...]
    seen: tuple[str, ...]


class Coding(Estimator):
    """Code factors; keep what is missing missing, and make what is infinite so.

    - ordinal variables become their level's place (0, 1, ...) in the dictionary, which is
      defined for a level unseen in training too;
    - nominal variables become one 0/1 column a level but the reference, named
      ``clinical.sex=Male``. A level unseen in training takes the reference.

    Parameters
    ----------
    clinical : mapping
        Clinical dictionary: name to ``{"type": "continuous" | "ordinal" | "nominal" |
        "binary", "levels": [...]}``.
    every_level : bool
        Give a nominal level that the training rows lack a column too.
    """

    def __init__(
        self,
        clinical: Mapping[str, Mapping[str, Any]] | None = None,
        every_level: bool = False,
    ) -> None:
        self.clinical = clinical
        self.every_level = every_level

    def fit(self, X: pd.DataFrame) -> Coding:
        """Learn the levels from training rows."""
        names = [str(c) for c in X.columns]
        kinds = {name: self._kind(name) for name in names if is_factor_like(name)}
        self.factors_ = {
            name: self._factor(name, kind, X[name])
            for name, kind in kinds.items()
            if kind != "continuous"
        }
        self.numeric_ = sorted(name for name in names if name not in self.factors_)
        columns = [*self.numeric_]
        for name, factor in self.factors_.items():
            levels = factor.levels if self.every_level else factor.seen
            columns += [name] if factor.ordinal else [f"{name}={v}" for v in levels[1:]]
        order = np.argsort(np.array(columns, dtype=object), kind="stable")
        self.order_ = order if self.factors_ else None
        self.columns_ = [columns[i] for i in order]
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the coded columns in order of their names."""
        values = _numbers(X, self.numeric_)
        if self.order_ is not None:
            parts = [values, *(self._coded(n, f, X[n]) for n, f in self.factors_.items())]
            # column by column in memory, as pandas keeps them
            values = np.concatenate([part.T for part in parts])[self.order_].T
        columns = X.columns if self.columns_ == list(X.columns) else self.columns_
        table = pd.DataFrame(values, index=X.index, columns=columns)
        # What a nomogram's axes are labelled with: all levels of an ordinal variable, the
        # training rows' levels of a nominal one (the reference first).
        table.attrs["levels"] = {
            name: list(f.levels if f.ordinal else f.seen) for name, f in self.factors_.items()
        }
        return table

    def missing(self, X: pd.DataFrame, coded: pd.DataFrame) -> dict[str, int]:
        """Return how many values of each variable are missing or infinite; none has no entry.

        ``coded`` are the same rows transformed.
        """
        lost = gaps(coded.to_numpy(dtype=float))
        found = {self.columns_[i]: int(lost[i]) for i in np.flatnonzero(lost)}
        numeric = set(self.numeric_) if found else set()
        found = {name: count for name, count in found.items() if name in numeric}
        found |= {name: int(X[name].isna().sum()) for name in self.factors_}
        return {name: found[name] for name in sorted(found) if found[name]}

    def unseen(self, X: pd.DataFrame) -> int:
        """Return how many values of ``X`` are levels that the training rows did not hold."""
        return sum(
            int((X[name].notna() & ~X[name].isin(factor.seen)).sum())
            for name, factor in self.factors_.items()
        )

    def _about(self, name: str) -> Mapping[str, Any]:
        return (self.clinical or {}).get(name.removeprefix(CLINICAL).removeprefix(COVARIATE), {})

    def _kind(self, name: str) -> str:
        return str(self._about(name).get("type", "continuous"))

    def _factor(self, name: str, kind: str, column: pd.Series) -> Factor:
        counts = Counter(str(v) for v in column[column.notna()])
        levels = tuple(str(v) for v in self._about(name).get("levels") or sorted(counts))
        return Factor(kind == "ordinal", levels, tuple(v for v in levels if v in counts))

    def _coded(self, name: str, factor: Factor, column: pd.Series) -> FloatArray:
        """Return a factor's columns, NaN where it is missing."""
        gaps = column.isna().to_numpy()
        text = column.astype(str).to_numpy(dtype=object)
        if factor.ordinal:
            place = {level: float(i) for i, level in enumerate(factor.levels)}
            coded = np.array([[place.get(v, 0.0)] for v in text]).reshape(-1, 1)
        else:
            levels = factor.levels if self.every_level else factor.seen
            coded = (text[:, None] == np.array(levels[1:], dtype=object)).astype(float)
        coded[gaps] = np.nan
        return np.asarray(coded, dtype=float)


def _numbers(X: pd.DataFrame, names: list[str]) -> FloatArray:
    if not names:
        return np.empty((len(X), 0))
    # Picking every one of thousands of columns by name would cost more than the rest of the fit.
    chosen = X if names == list(X.columns) else X[names]
    # Column by column in memory whatever the table's way, on which sums depend in the last digit.
    values = np.array(chosen.to_numpy(dtype=float), order="F", copy=True)
    if not np.isfinite(values.sum()):
        values[np.isinf(values)] = np.nan
    return values
