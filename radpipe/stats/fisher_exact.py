"""Fisher's exact test: 2x2 with the conditional odds ratio, larger tables, Monte Carlo."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.counts import filled
from radpipe.stats.results import NAN, FloatArray, IntArray, TestResult, floats
from radpipe.stats.roots import EPSILON, brent

_MOST_TABLES = 2_000_000
_DRAWS = 100_000


def fisher(
    counts: Any, level: float = 0.95, seed: int = 20240, root_tolerance: float = 1e-12
) -> TestResult:
    """Test independence by Fisher's exact test (r x c: Freeman and Halton), as fisher.test.

    Parameters
    ----------
    counts : array (r, c)
        Whole numbers; empty rows and columns are left out.
    level : float
        Confidence level of the odds ratio's interval, in (0, 1).
    seed : int
        Starts the random tables.
    root_tolerance : float
        How near the odds ratio and its limits are found, on their own scale up to 1 and on that
        of their inverse above. fisher.test prints them with ``roots.R_TOLERANCE``.

    Returns
    -------
    TestResult
        For 2x2 tables ``estimate`` is the conditional maximum likelihood odds ratio with its exact
        interval. A larger table with more than two million possible tables is tested on 100,000
        random ones (named in ``method``).

    Raises
    ------
    ValueError
        If the counts are not a table of whole numbers.

    References
    ----------
    Fisher, J R Stat Soc 1935;98:39. Freeman and Halton, Biometrika 1951;38:141.
    """
    table = filled(counts)
    whole = table.astype(np.int64)
    if (whole != table).any():
        raise ValueError("Fisher's exact test needs whole numbers")
    n = int(whole.sum())
    method = "Fisher's exact test"
    if min(table.shape) < 2:
        return TestResult(NAN, NAN, method, n, note="one row or column only: no test")
    if table.shape == (2, 2):
        return _two_by_two(whole, level, root_tolerance)
    if table.shape[1] > table.shape[0]:
        whole = whole.T
    if _size(whole) > _MOST_TABLES:
        p = _monte_carlo(whole, seed)
        return TestResult(NAN, p, f"{method} (Monte Carlo, {_DRAWS} tables)", n)
    return TestResult(NAN, _freeman_halton(whole), method, n)


def _two_by_two(table: IntArray, level: float, tolerance: float) -> TestResult:
    """Test by the law of the first cell given the margins (noncentral hypergeometric)."""
    from scipy.special import gammaln

    n, rows, columns = int(table.sum()), table.sum(axis=1), table.sum(axis=0)
    cell = int(table[0, 0])
    support = np.arange(max(0, rows[0] - columns[1]), min(rows[0], columns[0]) + 1)
    cells = np.stack([support, rows[0] - support, columns[0] - support])
    base = -gammaln(np.vstack([cells, columns[1] - cells[1]]) + 1.0).sum(axis=0)

    def law(odds: float) -> FloatArray:
        if odds == 0:
            return floats(support == support[0])
        weight = base + np.log(odds) * support
        weight = np.exp(weight - weight.max())
        return floats(weight / weight.sum())

    def at_most(odds: float) -> float:
        return float(law(odds)[support <= cell].sum())

    def at_least(odds: float) -> float:
        return float(law(odds)[support >= cell].sum())

    tail = (1 - level) / 2
    first, last = cell == support[0], cell == support[-1]
    null = law(1.0)
    observed = null[cell - support[0]]
    return TestResult(
        statistic=NAN,
        p=min(1.0, float(null[null <= observed * (1 + 1e-7)].sum())),
        method="Fisher's exact test",
        n=n,
        estimate=0.0
        if first
        else float("inf")
        if last
        else _solve(lambda odds: float(law(odds) @ support) - cell, tolerance),
        lower=0.0 if first else _solve(lambda odds: at_least(odds) - tail, tolerance),
        upper=float("inf") if last else _solve(lambda odds: tail - at_most(odds), tolerance),
        level=level,
    )


def _solve(rising: Any, tolerance: float) -> float:
    """Return where a rising function of the odds ratio is zero, sought on (0, 1) either way up."""
    value = rising(1.0)
    if value == 0:
        return 1.0
    if value > 0:
        return brent(rising, 0.0, 1.0, tolerance)
    return 1 / brent(lambda inverse: float(rising(1 / inverse)), EPSILON, 1.0, tolerance)


def _size(table: IntArray) -> float:
    """Return an upper bound of the number of tables with these margins."""
    left = np.sort(table.sum(axis=1))[:-1]
    return float(np.prod(left + 1.0) ** (table.shape[1] - 1))


def _freeman_halton(table: IntArray) -> float:
    """Add up the probabilities of all tables no likelier than this one, column by column."""
    from scipy.special import gammaln

    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed = float(-np.sum(gammaln(table + 1.0)))
    left = rows[None, :]
    weight = np.zeros(1)
    for total in columns[:-1]:
        left, weight = _add_column(left, weight, int(total))
    # The last column is what is left of the rows.
    weight = weight - gammaln(left + 1.0).sum(axis=1)
    constant = float(
        gammaln(rows + 1.0).sum() + gammaln(columns + 1.0).sum() - gammaln(rows.sum() + 1.0)
    )
    as_rare = weight <= observed + 1e-7
    return min(1.0, float(np.exp(weight[as_rare] + constant).sum()))


def _add_column(left: IntArray, weight: FloatArray, total: int) -> tuple[IntArray, FloatArray]:
    """Extend each partial table by every way to fill its next column with ``total``."""
    from scipy.special import gammaln

    need = np.full(left.shape[0], total)
    after = [left[:, j:].sum(axis=1) for j in range(1, left.shape[1] + 1)]
    owner = np.arange(left.shape[0])
    chosen: list[IntArray] = []
    for j in range(left.shape[1]):
        room, rest = left[owner, j], after[j][owner]
        low, high = np.maximum(0, need - rest), np.minimum(room, need)
        ways = high - low + 1
        parent = np.repeat(np.arange(owner.size), ways)
        step = np.arange(parent.size) - np.repeat(np.cumsum(ways) - ways, ways)
        value = low[parent] + step
        chosen = [c[parent] for c in chosen] + [value]
        owner, need = owner[parent], need[parent] - value
    cells = np.column_stack(chosen)
    return left[owner] - cells, weight[owner] - gammaln(cells + 1.0).sum(axis=1)


def _monte_carlo(table: IntArray, seed: int) -> float:
    from scipy.special import gammaln
    from scipy.stats import random_table

    observed = float(-np.sum(gammaln(table + 1.0)))
    law = random_table(table.sum(axis=1), table.sum(axis=0))
    drawn = law.rvs(size=_DRAWS, random_state=np.random.default_rng(seed))
    as_rare = -gammaln(drawn + 1.0).sum(axis=(1, 2)) <= observed + 1e-7
    return (1 + int(as_rare.sum())) / (_DRAWS + 1)
