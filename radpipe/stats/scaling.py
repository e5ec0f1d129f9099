"""Scaling of features and their principal components: fitted once, applied to any cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats.results import FloatArray, floats


@dataclass(frozen=True)
class Scaling:
    """(x - ``centre``) / ``scale`` for p features, both (p,).

    ``scale`` is NaN, and so is all that is scaled with it, where a feature was constant or wholly
    missing in the fit; ``note`` counts those.
    """

    centre: FloatArray
    scale: FloatArray
    method: str
    n: int
    note: str = ""

    def apply(self, values: Any) -> FloatArray:
        """Return scaled values of any cases, (m, p); NaN stays NaN."""
        return floats((_table(values, self.centre.size) - self.centre) / self.scale)


@dataclass(frozen=True)
class PrincipalComponents:
    """Principal components of p features, the first one first, as prcomp.

    ``sdev`` (q,) are the components' standard deviations (divisor n - 1), ``share`` (q,) their
    parts of the variance, ``rotation`` (p, q) the loadings; in each column the largest is
    positive, since the sign of a component is arbitrary.
    """

    sdev: FloatArray
    share: FloatArray
    rotation: FloatArray
    scaling: Scaling
    n: int

    def apply(self, values: Any) -> FloatArray:
        """Return the scores of any cases, (m, q)."""
        return floats(self.scaling.apply(values) @ self.rotation)


def fit_scaling(
    values: Any, kind: Literal["zscore", "minmax", "robust", "centre"] = "zscore"
) -> Scaling:
    """Fit a scaling to the cases of a table.

    Parameters
    ----------
    values : array (n, p)
        NaN is left out, for each feature by itself.
    kind : str
        ``zscore``: mean and standard deviation with divisor n - 1, as R's scale. ``minmax``: to
        [0, 1]. ``robust``: median and interquartile range (quantiles of type 7). ``centre``: mean
        and 1.

    Raises
    ------
    ValueError
        If the table has no two axes, or the kind is not known.
    """
    x = _table(values)
    if kind not in _MOMENTS:
        raise ValueError(f"the kind of scaling is {', '.join(_MOMENTS)}, not {kind!r}")
    centre, scale = (np.full(x.shape[1], np.nan) for _ in range(2))
    for j, column in enumerate(x.T):
        known = column[np.isfinite(column)]
        if known.size:
            centre[j], scale[j] = _MOMENTS[kind](known)
    lost = int(np.isnan(scale).sum())
    note = f"{lost} features without spread or values: not scaled" if lost else ""
    return Scaling(centre, scale, kind, x.shape[0], note)


def fit_pca(values: Any, scale: bool = True) -> PrincipalComponents:
    """Return the principal components of a table, from its singular values.

    Parameters
    ----------
    values : array (n, p)
        At least two cases, no value missing, no constant feature where ``scale`` is true.
    scale : bool
        Give each feature unit variance first (correlations), else covariances are taken.

    Raises
    ------
    ValueError
        If a value is missing, there are fewer than two cases, or a feature is constant.
    """
    x = _table(values)
    if not np.isfinite(x).all():
        raise ValueError("principal components need every value: impute the missing ones")
    if x.shape[0] < 2 or x.shape[1] == 0:
        raise ValueError(f"principal components need two cases and a feature, not {x.shape}")
    scaling = fit_scaling(x, "zscore" if scale else "centre")
    constant = np.flatnonzero(np.isnan(scaling.scale))
    if constant.size:
        named = ", ".join(map(str, constant[:5]))
        raise ValueError(f"{constant.size} constant features (column {named}): leave them out")
    singular, loadings = np.linalg.svd(scaling.apply(x), full_matrices=False)[1:]
    rotation = loadings.T
    largest = rotation[np.abs(rotation).argmax(axis=0), np.arange(rotation.shape[1])]
    variance = singular**2 / (x.shape[0] - 1)
    total = float(variance.sum())
    return PrincipalComponents(
        sdev=floats(np.sqrt(variance)),
        share=floats(variance / total) if total > 0 else np.full(variance.size, np.nan),
        rotation=floats(rotation * np.where(largest < 0, -1.0, 1.0)),
        scaling=scaling,
        n=x.shape[0],
    )


def _spread(values: FloatArray, spread: float) -> float:
    """Return ``spread``, NaN where it is nothing but rounding."""
    bound = 8 * np.finfo(float).eps * float(np.abs(values).max())
    return spread if spread > bound else np.nan


def _zscore(x: FloatArray) -> tuple[float, float]:
    sd = float(np.std(x, ddof=1)) if x.size > 1 else 0.0
    return float(x.mean()), _spread(x, sd)


def _minmax(x: FloatArray) -> tuple[float, float]:
    return float(x.min()), _spread(x, float(np.ptp(x)))


def _robust(x: FloatArray) -> tuple[float, float]:
    q1, median, q3 = (float(q) for q in np.quantile(x, (0.25, 0.5, 0.75), method="linear"))
    return median, _spread(x, q3 - q1)


def _centre(x: FloatArray) -> tuple[float, float]:
    return float(x.mean()), 1.0


_MOMENTS = {"zscore": _zscore, "minmax": _minmax, "robust": _robust, "centre": _centre}


def _table(values: Any, p: int | None = None) -> FloatArray:
    x = floats(values)
    if x.ndim != 2:
        raise ValueError(f"values have cases and features, not shape {x.shape}")
    if p is not None and x.shape[1] != p:
        raise ValueError(f"{x.shape[1]} features; {p} were fitted")
    return x
