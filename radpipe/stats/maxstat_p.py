"""The null distribution of maximally selected rank statistics: bounds, and permutation.

The statistic at a cut-off with m of n cases below is the sum of their scores, standardised by its
permutation mean and variance; the tests ask for the largest absolute one.
"""

from __future__ import annotations

import math

import numpy as np

from radpipe.stats.results import NAN, FloatArray, IntArray, floats

LARGEST_EXACT = 170
"""Cases up to which the exact distributions are worth their time."""


def standardised(scores: FloatArray, sizes: IntArray) -> FloatArray:
    """Return |statistic| of the first m scores, m in ``sizes`` (k,); scores (n,) or (draws, n)."""
    sums = np.cumsum(scores, axis=-1)
    mean, sd = _moments(scores if scores.ndim == 1 else scores[0], sizes)
    return floats(np.abs(sums[..., sizes - 1] - mean) / sd)


def lausen_1992(b: float, min_share: float, max_share: float) -> float:
    """Return the limiting p value for the largest of a Brownian bridge over a range of shares.

    Lausen and Schumacher, Biometrics 1992;48:73 (after Miller and Siegmund, 1982). NaN where the
    range reaches 0 or 1; 1 for statistics below 1, where the expansion does not hold.
    """
    if min_share <= 0 or max_share >= 1:
        return NAN
    if b < 1:
        return 1.0
    density = math.exp(-b * b / 2) / math.sqrt(2 * math.pi)
    reach = math.log(max_share * (1 - min_share) / ((1 - max_share) * min_share))
    return min(1.0, 4 * density / b + density * (b - 1 / b) * reach)


def lausen_1994(b: float, n: int, sizes: IntArray) -> float:
    """Return the p value by the improved Bonferroni inequality for normal statistics.

    P(first beyond b) + sum of P(the next beyond b, this one not), each by an expansion in the root
    of 1 - correlation^2 (Lausen, Sauerbrei and Schumacher, in Computational Statistics, 1994:483).
    """
    from scipy.stats import norm

    step = np.sqrt(1 - _correlation(n, sizes) ** 2)
    each = math.exp(-b * b / 2) / math.pi * (step - (b * b / 4 - 1) * step**3 / 6)
    return float(min(1.0, max(0.0, 2 * norm.sf(b) + each.sum())))


def exact_gauss(b: float, n: int, sizes: IntArray) -> float:
    """Return P(any of the normal statistics beyond b), which form a Markov chain.

    Hothorn and Lausen (Comput Stat Data Anal 2003;43:121) integrate the multivariate normal; here
    the chain is followed cut by cut, by Gauss-Legendre quadrature of the density of the statistics
    that have stayed within -b .. b, and what leaves is added up.
    """
    from scipy.stats import norm

    if not b > 0:
        return 1.0
    rho = _correlation(n, sizes)
    spread = np.sqrt(1 - rho**2)
    smallest = float(spread.min(initial=1.0))
    nodes, weights = np.polynomial.legendre.leggauss(int(np.clip(12 * b / smallest, 64, 800)))
    at, weights = b * nodes, b * weights
    density = norm.pdf(at)
    beyond = 2 * float(norm.sf(b))
    for r, s in zip(rho, spread, strict=True):
        leaves = norm.sf((b - r * at) / s) + norm.sf((b + r * at) / s)
        beyond += float(np.sum(weights * density * leaves))
        density = norm.pdf((at[:, None] - r * at) / s) @ (weights * density) / s
    return min(1.0, beyond)


def hothorn_lausen(b: float, scores: FloatArray, sizes: IntArray) -> float:
    """Return an upper bound of p from the exact distribution of each statistic.

    The sum of the P(statistic beyond b), less for each two neighbouring cut-offs the chance that
    the first is so far beyond b that whatever scores come next, the second is as well (Hothorn
    and Lausen, Comput Stat Data Anal 2003;43:121). NaN for more than 170 cases.

    Parameters
    ----------
    b : float
        The largest statistic.
    scores : array (n,)
        Whole numbers >= 0.
    sizes : array (k,)
        Cases below each cut-off, ascending.

    Notes
    -----
    maxstat's HL agrees where neither scores nor cut-offs are tied. With ties it is smaller: by 1.5
    percent on its lymphoma example, by more with tied cut-offs.
    """
    a = np.sort(np.round(scores)).astype(np.int64)
    n = a.size
    if n > LARGEST_EXACT:
        return NAN
    mean, sd = _moments(floats(a), sizes)
    chances = _exact_sums(a, int(sizes.max()))
    sums = np.arange(chances.shape[1])
    low, high = mean - b * sd + 1e-9, mean + b * sd - 1e-9
    total = 0.0
    for j, m in enumerate(sizes):
        here = chances[m]
        beyond = (sums >= high[j]) | (sums <= low[j])
        if j + 1 < sizes.size:
            gap = int(sizes[j + 1] - m)
            least, most = int(a[:gap].sum()), int(a[-gap:].sum())
            surely = (sums + least >= high[j + 1]) | (sums + most <= low[j + 1])
            beyond = beyond & ~surely
        total += float(here[beyond].sum())
    return min(1.0, total)


def permutation(scores: FloatArray, sizes: IntArray, permutations: int, seed: int) -> float:
    """Return the p value over random permutations of the scores, (larger + 1) / (draws + 1).

    Phipson and Smyth, Stat Appl Genet Mol Biol 2010;9:39.
    """
    if permutations < 1:
        raise ValueError(f"{permutations} permutations: at least one is needed")
    rng = np.random.default_rng(seed)
    b = float(standardised(scores, sizes).max())
    larger = 0
    batch = max(1, 2_000_000 // scores.size)
    for begin in range(0, permutations, batch):
        draws = np.tile(scores, (min(batch, permutations - begin), 1))
        found = standardised(rng.permuted(draws, axis=1), sizes).max(axis=1)
        larger += int((found >= b - 1e-9).sum())
    return (larger + 1) / (permutations + 1)


def _moments(scores: FloatArray, sizes: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of a sum of m scores drawn without replacement."""
    n = scores.size
    mean = float(scores.mean())
    variance = sizes * (n - sizes) / (n - 1) * float(np.mean((scores - mean) ** 2))
    return floats(sizes * mean), floats(np.sqrt(variance))


def _correlation(n: int, sizes: IntArray) -> FloatArray:
    """Return the correlation of neighbouring statistics, shape (k - 1,)."""
    first, second = sizes[:-1], sizes[1:]
    return floats(np.sqrt(first * (n - second) / ((n - first) * second)))


def _exact_sums(a: IntArray, largest: int) -> FloatArray:
    """Return P(m scores drawn without replacement add up to s), shape (largest + 1, sums).

    The shift algorithm of Streitberg and Roehmel (Comput Stat Q 1986;1:23).
    """
    ways = np.zeros((largest + 1, int(a[-largest:].sum()) + 1))
    ways[0, 0] = 1.0
    for score in a:
        shifted = ways[:-1, : ways.shape[1] - score]
        ways[1:, score:] += shifted.copy()
    draws = [math.comb(a.size, m) for m in range(largest + 1)]
    return floats(ways / np.array(draws, dtype=np.float64)[:, None])
