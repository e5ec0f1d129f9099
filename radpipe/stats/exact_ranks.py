"""Exact null distributions of rank sums, with and without ties."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.results import FloatArray, IntArray, floats

MOST_STEPS = 2_000_000_000


def rank_sum_counts(m: int, n: int) -> FloatArray:
    """Return in how many ways U takes each value 0 .. m n for samples of m and n without ties."""
    ways = np.zeros((m + 1, m * n + 1))
    ways[0, 0] = 1.0
    for rank in range(1, m + n + 1):
        for k in range(min(m, rank), 0, -1):
            shift = rank - k  # what the k-th smallest of the m adds to U
            if shift <= n:
                size = m * n + 1 - shift
                ways[k, shift:] += ways[k - 1, :size]
    return floats(ways[m])


def subset_sum_chances(scores: Any, m: int) -> FloatArray:
    """Return the chance of each sum 0 .. S of m scores drawn without replacement.

    The conditional null distribution of a rank sum given the ties, by the shift algorithm
    (Streitberg and Roehmel, EDV in Medizin und Biologie 1986;17:27).

    Parameters
    ----------
    scores : array (N,)
        Whole numbers, not negative; mid-ranks doubled.
    m : int
        Scores drawn, 0 <= m <= N.

    Returns
    -------
    array (S + 1,)
        S is the sum of the m largest scores.

    Raises
    ------
    ValueError
        If a score is negative or no whole number, ``m`` is no number of them, or the samples are
        too large for it.
    """
    values = _whole(scores)
    if not 0 <= m <= values.size:
        raise ValueError(f"{m} of {values.size} scores cannot be drawn")
    top = int(values[values.size - m :].sum())
    _bound(values.size * m * (top + 1))
    chance = np.zeros((m + 1, top + 1))
    chance[0, 0] = 1.0
    for seen, score in enumerate(values.tolist()):
        # of m left to draw among the remaining, so that the numbers stay below 1
        most = min(m, seen + 1)
        take = (m - np.arange(most)) / (values.size - seen)
        keep = 1.0 - (m - np.arange(most + 1)) / (values.size - seen)
        drawn = chance[:most, : top + 1 - score] * take[:, None]
        chance[: most + 1] *= np.clip(keep, 0.0, None)[:, None]
        chance[1 : most + 1, score:] += drawn
    return floats(chance[m])


def signed_sum_chances(scores: Any) -> FloatArray:
    """Return the chance of each sum 0 .. S of scores that each count or not with chance one half.

    The null distribution of the signed-rank statistic given the ties and zeros (shift algorithm).

    Parameters
    ----------
    scores : array (n,)
        Whole numbers, not negative; mid-ranks doubled.
    """
    values = _whole(scores)
    top = int(values.sum())
    _bound(values.size * (top + 1))
    chance = np.zeros(top + 1)
    chance[0] = 1.0
    for score in values.tolist():
        chance *= 0.5
        if score:
            chance[score:] += chance[:-score].copy()
        else:
            chance *= 2.0
    return floats(chance)


def two_sided(chances: FloatArray, observed: float, middle: float) -> float:
    """Return the chance of a sum at least as far from ``middle`` as the observed one."""
    away = np.abs(np.arange(chances.size) - middle)
    return min(1.0, float(chances[away >= abs(observed - middle) - 1e-9].sum()))


def _whole(scores: Any) -> IntArray:
    values = floats(scores)
    if (values < 0).any() or (values != np.round(values)).any():
        raise ValueError("scores are whole numbers from 0 on; double mid-ranks first")
    return np.sort(values.astype(np.int64))


def _bound(steps: int) -> None:
    if steps > MOST_STEPS:
        raise ValueError(
            f"the exact distribution takes {steps:.1e} steps, more than {MOST_STEPS:.0e}: "
            "take the normal approximation or random permutations"
        )
