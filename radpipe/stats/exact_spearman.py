"""The null law of Spearman's sum of squared rank differences."""

from __future__ import annotations

from functools import cache

import numpy as np

from radpipe.stats.results import FloatArray, floats

_ENUMERATED = 9
# Best and Roberts 1975, algorithm AS 89: coefficients of the Edgeworth series.
_C = (0.2274, 0.2531, 0.1745, 0.0758, 0.1033, 0.3932, 0.0879, 0.0151, 0.0072, 0.0831, 0.0131)
_LAST = 4.6e-4


def spearman_p(squares: float, n: int) -> float:
    """Return the two-sided p value of cor.test(method = "spearman") without ties.

    Parameters
    ----------
    squares : float
        Sum of squared differences of the ranks 1 .. n, a whole even number.
    n : int
        Pairs.
    """
    whole = round(squares)
    if whole > n * (n**2 - 1) / 6:
        tail = spearman_chance(whole, n)
    else:
        tail = 1 - spearman_chance(whole + 2, n)
    return float(min(1.0, 2 * max(0.0, tail)))


def spearman_chance(squares: int, n: int) -> float:
    """Return the chance of a sum of squared rank differences of at least ``squares``.

    Exact up to 9 pairs, as R does it; above by the Edgeworth series of Best and Roberts (Appl
    Stat 1975;24:377, algorithm AS 89), whose error is below 1e-3 at 10 pairs and falls with n.
    """
    if n <= _ENUMERATED:
        return float(_law(n)[max(0, squares) :].sum())
    if squares <= 0:
        return 1.0
    if squares > n * (n**2 - 1) / 3:
        return 0.0
    return _edgeworth(squares, n)


def _edgeworth(squares: int, n: int) -> float:
    from scipy.stats import norm

    b = 1 / n
    x = (6 * (squares - 1) * b / (n**2 - 1) - 1) * float(np.sqrt(n - 1))
    y = x**2
    c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11 = _C
    inner = c9 - c10 * b + y * b * (c11 - _LAST * y)
    middle = -c4 + b * (c5 + c6 * b) - y * b * (c7 + c8 * b - y * inner)
    series = x * b * (c1 + b * (c2 + c3 * b) + y * middle)
    return float(np.clip(series / np.exp(y / 2) + norm.sf(x), 0.0, 1.0))


@cache
def _law(n: int) -> FloatArray:
    """Return the chance of each sum 0 .. n (n^2 - 1) / 3 over all permutations.

    Ranks are dealt one after the other to the set of places still free.
    """
    top = n * (n**2 - 1) // 3
    ways = np.zeros((1 << n, top + 1))
    ways[0, 0] = 1.0
    for used in range((1 << n) - 1):
        rank = used.bit_count()
        for place in range(n):
            if not used >> place & 1:
                add = (rank - place) ** 2
                ways[used | 1 << place, add:] += ways[used, : top + 1 - add]
    return floats(ways[-1] / ways[-1].sum())
