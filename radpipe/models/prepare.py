"""The part of every pipeline before the estimator, learned on its training rows only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.estimator import Estimator

FloatArray = NDArray[np.float64]

CLINICAL = "clinical."
_ROUNDING = 1e-10  # a spread below this share of the mean is rounding, not information


@dataclass(frozen=True)
class Factor:
    """How one categorical variable is coded.

    ``seen`` are the levels of the training rows in dictionary order; the first is the
    reference. ``fill`` stands in for a missing value: the most frequent level.
    """

    ordinal: bool
    levels: tuple[str, ...]
    seen: tuple[str, ...]
    fill: str


class Prepare(Estimator):
    """Fill in, code, drop constants, scale.

    - missing or infinite numbers take the training median, missing levels the most frequent
      one (the earlier in the dictionary on a tie);
    - ordinal variables become their level's place (0, 1, ...) in the dictionary, which is
      defined for a level unseen in training too;
    - nominal variables become one 0/1 column a level but the reference, named
      ``clinical.sex=Male``. A level unseen in training takes the reference;
    - columns that are constant on the training rows (to rounding) are dropped;
    - z scores use the training mean and the standard deviation with divisor n - 1.

    Parameters
    ----------
    clinical : mapping
        Clinical dictionary: name to ``{"type": "continuous" | "ordinal" | "nominal" |
        "binary", "levels": [...]}``.
    scaling : "none", "features" or "all"
        What is put on z scores; ``"features"`` leaves clinical variables and the scores of
        other models (columns without ``__``) in their own units.
    impute : bool
        False leaves every column as it is (markers): missing stays missing.
    """

    def __init__(
        self,
        clinical: Mapping[str, Mapping[str, Any]] | None = None,
        scaling: str = "none",
        impute: bool = True,
    ) -> None:
        self.clinical = clinical
        self.scaling = scaling
        self.impute = impute

    def fit(self, X: pd.DataFrame) -> Prepare:
        """Learn from training rows; ``X`` holds float columns, and text for factors."""
        names = [str(c) for c in X.columns]
        kinds = {name: self._kind(name) for name in names if name.startswith(CLINICAL)}
        self.factors_ = {
            name: self._factor(name, kind, X[name])
            for name, kind in kinds.items()
            if kind != "continuous"
        }
        self.numeric_ = [name for name in names if name not in self.factors_]
        values = _numbers(X, self.numeric_)
        self.imputed_: dict[str, int] = {}
        self.medians_ = np.zeros(len(self.numeric_))
        if self.impute:
            missing = np.isnan(values).sum(axis=0)
            some = np.flatnonzero((missing > 0) & (missing < len(values)))
            self.medians_[some] = np.nanmedian(values[:, some], axis=0)
            counts = dict(zip(self.numeric_, missing.tolist(), strict=True))
            counts |= {name: int(X[name].isna().sum()) for name in self.factors_}
            self.imputed_ = {name: count for name, count in counts.items() if count}
        coded, columns = self._code(X)
        order = np.argsort(np.array(columns, dtype=object), kind="stable")
        coded, columns = coded[:, order], [columns[i] for i in order]
        mean = coded.mean(axis=0) if len(columns) else np.empty(0)
        sd = coded.std(axis=0, ddof=1) if len(columns) else np.empty(0)
        varies = sd > _ROUNDING * np.abs(mean) if self.impute else np.ones(len(columns), bool)
        self.constant_ = [c for c, ok in zip(columns, varies, strict=True) if not ok]
        self.order_ = order[varies]
        self.columns_ = [c for c, ok in zip(columns, varies, strict=True) if ok]
        scaled = np.array([self._is_scaled(c) for c in self.columns_], dtype=bool)
        self.mean_ = np.where(scaled, mean[varies], 0.0)
        self.sd_ = np.where(scaled, sd[varies], 1.0)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return complete numeric columns in the order of their names."""
        coded, _ = self._code(X)
        values = (coded[:, self.order_] - self.mean_) / self.sd_
        table = pd.DataFrame(values, index=X.index, columns=self.columns_)
        # What a nomogram's axes are labelled with: all levels of an ordinal variable, the
        # training rows' levels of a nominal one (the reference first).
        table.attrs["levels"] = {
            name: list(f.levels if f.ordinal else f.seen) for name, f in self.factors_.items()
        }
        return table

    def unseen(self, X: pd.DataFrame) -> int:
        """Return how many values of ``X`` are levels that the training rows did not hold."""
        return sum(
            int((X[name].notna() & ~X[name].isin(factor.seen)).sum())
            for name, factor in self.factors_.items()
        )

    def report(self) -> dict[str, Any]:
        """Return what was learned, ready for JSON."""
        scaled = [
            (c, m, s)
            for c, m, s in zip(self.columns_, self.mean_, self.sd_, strict=True)
            if self._is_scaled(c)
        ]
        return {
            "imputed": self.imputed_,
            "constant_dropped": self.constant_,
            "reference_levels": {
                n: f.seen[0] for n, f in self.factors_.items() if not f.ordinal and f.seen
            },
            "z_scores": {c: {"mean": float(m), "sd": float(s)} for c, m, s in scaled},
            "z_score_divisor": "n - 1",
        }

    def _is_scaled(self, column: str) -> bool:
        return self.scaling == "all" or (
            self.scaling == "features" and "__" in column and not column.startswith(CLINICAL)
        )

    def _about(self, name: str) -> Mapping[str, Any]:
        return (self.clinical or {}).get(name.removeprefix(CLINICAL), {})

    def _kind(self, name: str) -> str:
        return str(self._about(name).get("type", "continuous"))

    def _factor(self, name: str, kind: str, column: pd.Series) -> Factor:
        counts = Counter(str(v) for v in column[column.notna()])
        levels = tuple(str(v) for v in self._about(name).get("levels") or sorted(counts))
        seen = tuple(level for level in levels if level in counts)
        fill = max(seen, key=lambda level: counts[level], default="")
        return Factor(kind == "ordinal", levels, seen, fill)

    def _code(self, X: pd.DataFrame) -> tuple[FloatArray, list[str]]:
        values = _numbers(X, self.numeric_)
        if self.impute:
            values = np.where(np.isnan(values), self.medians_, values)
        parts, columns = [values], list(self.numeric_)
        for name, factor in self.factors_.items():
            missing = X[name].isna().to_numpy()
            text = [
                factor.fill if gone else str(value)
                for value, gone in zip(X[name], missing, strict=True)
            ]
            if factor.ordinal:
                place = {level: float(i) for i, level in enumerate(factor.levels)}
                coded = {name: [place.get(value, 0.0) for value in text]}
            else:
                coded = {
                    f"{name}={level}": [float(value == level) for value in text]
                    for level in (factor.seen if self.impute else factor.levels)[1:]
                }
            columns += coded
            for column in coded.values():
                filled = np.where(missing & (not self.impute), np.nan, np.array(column))
                parts.append(filled[:, None])
        return np.concatenate(parts, axis=1), columns


def _numbers(X: pd.DataFrame, names: list[str]) -> FloatArray:
    if not names:
        return np.empty((len(X), 0))
    # Picking every one of thousands of columns by name would cost more than the rest of the fit.
    chosen = X if names == list(X.columns) else X[names]
    values = chosen.to_numpy(dtype=float, copy=True)
    values[np.isinf(values)] = np.nan
    return values
