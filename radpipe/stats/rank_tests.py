"""The Mann-Whitney test: as R's wilcox.test, and as a permutation test given the ties."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from radpipe.stats import exact_ranks, samples
from radpipe.stats.results import NAN, FloatArray, TestResult, floats, join_notes, normal_p

_CHUNK = 5_000_000


def mann_whitney(a: Any, b: Any, exact: bool | None = None, continuity: bool = True) -> TestResult:
    """Compare two groups by ranks, as wilcox.test; ``statistic`` is U of ``a``.

    ``estimate`` is U / (n_a n_b), the share of pairs in which ``a`` is larger (ties one half).

    Parameters
    ----------
    a, b : array
        The values of each group; NaN is left out.
    exact : bool, optional
        None: R's rule, exact where both groups are below 50 and there are no ties; else the
        normal approximation with continuity correction and tie-corrected variance.
    continuity : bool
        Continuity correction of the normal approximation.

    Raises
    ------
    ValueError
        If the exact test is asked for and there are ties: `rank_permutation_test` has it.
    """
    from scipy.stats import mannwhitneyu

    x, y, note = samples.two(a, b)
    n = x.size + y.size
    if min(x.size, y.size) == 0:
        return TestResult(NAN, NAN, "Mann-Whitney test", n, note=join_notes(note, "empty group"))
    both = np.concatenate([x, y])
    ties = np.unique(both).size < n
    if exact is None:
        exact = max(x.size, y.size) < 50 and not ties
    method = "Mann-Whitney test, " + (
        "exact" if exact else "normal approximation" + (" with continuity" if continuity else "")
    )
    if np.unique(both).size == 1:
        note = join_notes(note, "all values are equal: no test")
        return TestResult(NAN, NAN, method, n, estimate=0.5, note=note)
    if exact and ties:
        raise ValueError("the exact Mann-Whitney test needs data without ties")
    kind = "exact" if exact else "asymptotic"
    result = mannwhitneyu(x, y, use_continuity=continuity, method=kind)
    u = float(result.statistic)
    return TestResult(
        u, min(1.0, float(result.pvalue)), method, n, estimate=u / (x.size * y.size), note=note
    )


def rank_permutation_test(
    a: Any,
    b: Any,
    distribution: Literal["exact", "asymptotic", "random"] = "exact",
    draws: int = 10_000,
    seed: int = 0,
) -> TestResult:
    """Compare two groups by mid-ranks, conditional on the ties, as coin's wilcox_test.

    The statistic is z, the rank sum of ``a`` less its expectation, over its standard deviation
    given the ties (Strasser and Weber, Math Methods Stat 1999;8:220); p is the chance of a z at
    least as far from 0 when the cases change groups at random. ``estimate`` is U / (n_a n_b).

    Parameters
    ----------
    a, b : array
        The values of each group; NaN is left out.
    distribution : {'exact', 'asymptotic', 'random'}
        All ways to form the groups; the normal limit, without continuity correction; ``draws``
        random ways.
    draws : int
        Number of random permutations; p is the share of them (may be 0).
    seed : int
        Of the random permutations.

    Raises
    ------
    ValueError
        If the groups are too large for the exact distribution, or an argument is not one of those
        allowed.
    """
    from scipy.stats import rankdata

    if distribution not in ("exact", "asymptotic", "random"):
        raise ValueError(f"distribution {distribution!r}: exact, asymptotic or random")
    x, y, note = samples.two(a, b)
    n, m = x.size + y.size, x.size
    words = {"random": f"{draws} random permutations", "asymptotic": "normal approximation"}
    method = f"Mann-Whitney test given the ties, {words.get(distribution, 'exact')}"
    if min(m, y.size) == 0:
        return TestResult(NAN, NAN, method, n, note=join_notes(note, "empty group"))
    ranks = floats(rankdata(np.concatenate([x, y])))
    middle = m * (n + 1) / 2
    variance = m * y.size / (n * (n - 1)) * float(((ranks - (n + 1) / 2) ** 2).sum())
    if not variance > 0:
        note = join_notes(note, "all values are equal: no test")
        return TestResult(NAN, NAN, method, n, estimate=0.5, note=note)
    observed = float(ranks[:m].sum())
    z = (observed - middle) / float(np.sqrt(variance))
    if distribution == "asymptotic":
        p = normal_p(z)
    elif distribution == "exact":
        chances = exact_ranks.subset_sum_chances(2 * ranks, m)
        p = exact_ranks.two_sided(chances, 2 * observed, 2 * middle)
    else:
        p = _shuffled(ranks, m, abs(observed - middle), draws, seed)
    area = (observed - m * (m + 1) / 2) / (m * y.size)
    return TestResult(z, p, method, n, estimate=area, note=note)


def _shuffled(ranks: FloatArray, m: int, distance: float, draws: int, seed: int) -> float:
    if draws < 1:
        raise ValueError(f"{draws} random permutations; at least 1 is needed")
    rng = np.random.default_rng(seed)
    middle = m * ranks.mean()
    far, left = 0, draws
    while left:
        rows = min(left, max(1, _CHUNK // ranks.size))
        sums = rng.permuted(np.tile(ranks, (rows, 1)), axis=1)[:, :m].sum(axis=1)
        far += int((np.abs(sums - middle) >= distance - 1e-9).sum())
        left -= rows
    return far / draws
