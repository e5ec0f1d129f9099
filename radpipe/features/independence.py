"""Correlation of nearly independent grey levels, where the order of sums decides.

Correlation, Imc1, Imc2 and MCC of independent levels are 0 but for rounding: Imc2 is the root of
a difference of entropies, MCC that of an eigenvalue, and PyRadiomics leaves a direction out of
the average where rounding made either negative; Correlation is 1 where rounding left no spread.
Small regions and few levels come to this. So the sums are made here as there: numpy sums in the
order in which an array lies in memory.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

EPS = float(np.spacing(1))


def by_order(
    pairs: np.ndarray, values: np.ndarray, weights: np.ndarray | None, symmetric: bool
) -> dict[str, float]:
    """Return Correlation, Imc1, Imc2 and MCC.

    Parameters
    ----------
    pairs, values, weights, symmetric
        As ``glcm`` has them.
    """
    p = _matrices(pairs, weights, symmetric)
    px, py = p.sum(2, keepdims=True), p.sum(1, keepdims=True)
    both = px * py
    hxy = _entropy(p, p)
    hxy1, hxy2 = _entropy(p, both), _entropy(both, both)
    hx, hy = _entropy(px, px), _entropy(py, py)
    most = np.maximum(hx, hy)
    with np.errstate(invalid="ignore", divide="ignore"):
        imc1 = np.where(most == 0, 0.0, (hxy - hxy1) / most)
        imc2 = np.where(hxy2 == hxy, 0.0, (1 - np.e ** (-2 * (hxy2 - hxy))) ** 0.5)
        return {
            "Correlation": float(np.nanmean(_correlation(p, values.astype(np.float64)))),
            "Imc1": float(np.nanmean(imc1)),
            "Imc2": float(np.nanmean(imc2)),
            "MCC": _mcc(p, px, py),
        }


def _matrices(pairs: np.ndarray, weights: np.ndarray | None, symmetric: bool) -> np.ndarray:
    """Return the normalised matrices, of shape (1, levels, levels, directions).

    Cutting out all levels changes no number, but the order in which they lie in memory: so does
    PyRadiomics when it cuts out levels that are not there.
    """
    p = np.ascontiguousarray(pairs.transpose(1, 2, 0), np.float64)[None]
    there = np.ones(p.shape[1], np.bool_)
    p = p[:, there][:, :, there]
    if symmetric:
        p += p.transpose(0, 2, 1, 3).copy()
    if weights is not None:
        p = np.sum(p * weights, 3, keepdims=True)
    total = p.sum((1, 2))
    if not total.all():
        p, total = p[:, :, :, total[0] != 0], total[:, total[0] != 0]
    p /= total[:, None, None, :]
    return p


def _entropy(share: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Return the sum of -share log2(of) for each direction."""
    return -np.sum(share * np.log2(of + EPS), (1, 2))[0]


def _correlation(p: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return the correlation in each direction; 1 where one side has a single level."""
    i, j = levels[None, :, None, None], levels[None, None, :, None]
    from_x = i - np.sum(i * p, (1, 2), keepdims=True)
    from_y = j - np.sum(j * p, (1, 2), keepdims=True)
    spread = np.sum(p * from_x**2, (1, 2)) ** 0.5 * np.sum(p * from_y**2, (1, 2)) ** 0.5
    together = np.sum(p * from_x * from_y, (1, 2))
    return np.where(spread == 0, 1.0, together / (spread + EPS))


def _mcc(p: np.ndarray, px: np.ndarray, py: np.ndarray) -> float:
    """Return the root of the second largest eigenvalue of Q, averaged over directions."""
    if p.shape[1] < 2:
        return 1.0
    terms = (
        p[:, :, None, k, :]
        * p[:, None, :, k, :]
        / (px[:, :, None, 0, :] * py[:, None, :, k, :] + EPS)
        for k in range(p.shape[1])
    )
    q = reduce(np.add, terms)
    eigenvalues = np.sort(np.linalg.eigvals(q.transpose(0, 3, 1, 2)))
    return float(np.nanmean(np.sqrt(eigenvalues[0, :, -2])).real)
