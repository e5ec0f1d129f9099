"""Compiled coordinate descent on one penalised quadratic problem (numba is heavy: import late).

``r`` is the gradient of the smooth part in the rows' linear predictors, kept up to date;
``bent[j]`` is the negative Hessian times column j. After a change of this module remove the
compiled copies of lasso_kernels (in ``__pycache__``): numba watches one file only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from radpipe.stats.design import Array

_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """Compile a function; sums may be reordered (vectorised), always in the same way."""
    jit = numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"}, error_model="numpy")
    return cast(_F, jit(function))


@compiled
def sweep(
    X: Array,
    bent: Array,
    r: Array,
    beta: Array,
    curvature: Array,
    columns: Any,
    count: int,
    l1: Array,
    l2: Array,
) -> float:
    """Update each listed coefficient once; return the largest gain ``curvature * change^2``.

    ``bent[j]`` is the negative Hessian times column j (see `bend`).
    """
    n = r.size
    largest = 0.0
    for c in range(count):
        j = columns[c]
        gradient = 0.0
        for i in range(n):
            gradient += X[i, j] * r[i]
        u = gradient + curvature[j] * beta[j]
        size = abs(u) - l1[j]
        new = 0.0
        if size > 0.0 and curvature[j] + l2[j] > 0.0:
            new = (size if u > 0 else -size) / (curvature[j] + l2[j])
        change = new - beta[j]
        if change != 0.0:
            beta[j] = new
            for i in range(n):
                r[i] -= change * bent[j, i]
            largest = max(largest, curvature[j] * change * change)
    return largest


@compiled
def recentre(w: Array, r: Array, intercept: Array) -> float:
    """Update the intercept, where there is one; return its gain."""
    if intercept.size == 0:
        return 0.0
    total = w.sum()
    shift = r.sum() / total
    intercept[0] += shift
    r -= shift * w
    return float(total * shift * shift)


@compiled
def solve(system: Array, step: Array) -> None:
    """Solve a symmetric system in place of its right side; only the lower triangle is read.

    Loops, not BLAS: the same sums on any number of cores. Where the system is singular it is
    solved as if it curved a little: the step is then still downhill, and never beyond the minimum.
    """
    m = step.size
    for a in range(m):  # Cholesky, then both triangular solves
        for b in range(a + 1):
            total = system[a, b]
            for c in range(b):
                total -= system[a, c] * system[b, c]
            if a > b:
                system[a, b] = total / system[b, b]
            else:
                system[a, a] = np.sqrt(max(total, 1e-10 * system[a, a], 1e-300))
    for a in range(m):
        for c in range(a):
            step[a] -= system[a, c] * step[c]
        step[a] /= system[a, a]
    for a in range(m - 1, -1, -1):
        for c in range(a + 1, m):
            step[a] -= system[c, a] * step[c]
        step[a] /= system[a, a]


@compiled
def leap(
    X: Array,
    bent: Array,
    w: Array,
    r: Array,
    beta: Array,
    intercept: Array,
    active: Any,
    size: int,
    l1: Array,
    l2: Array,
) -> None:
    """Go straight to the minimum over the active columns, or to the first that reaches 0.

    While no sign changes the problem is a linear system, so that one step ends the slow crawl of
    coordinate descent among correlated columns.
    """
    n = w.size
    free = intercept.size
    m = size + free
    system, step = np.empty((m, m)), np.empty(m)
    for a in range(m):
        weighted = bent[active[a]] if a < size else w
        for b in range(min(a + 1, size)):
            j, total = active[b], 0.0
            for i in range(n):
                total += weighted[i] * X[i, j]
            system[a, b] = total
        if a >= size:
            system[a, a] = w.sum()
            step[a] = r.sum()
        else:
            j, total = active[a], 0.0
            for i in range(n):
                total += X[i, j] * r[i]
            step[a] = total - (l1[j] if beta[j] > 0 else -l1[j]) - l2[j] * beta[j]
            system[a, a] += l2[j]
    solve(system, step)
    length, stop = 1.0, -1
    for a in range(size):
        value = beta[active[a]]
        if value * (value + length * step[a]) < 0.0:
            length, stop = -value / step[a], a
    for a in range(size):
        j, change = active[a], length * step[a]
        beta[j] = 0.0 if a == stop else beta[j] + change
        for i in range(n):
            r[i] -= change * bent[j, i]
    if free:
        intercept[0] += length * step[size]
        r -= length * step[size] * w


@compiled
def descend(
    X: Array,
    bent: Array,
    w: Array,
    r: Array,
    beta: Array,
    intercept: Array,
    curvature: Array,
    columns: Any,
    count: int,
    l1: Array,
    l2: Array,
    tolerance: float,
    limit: int,
) -> int:
    """Solve one quadratic problem over the listed columns; return the sweeps used."""
    active = np.empty(count, np.int64)
    used = 0
    while used < limit:
        gain = sweep(X, bent, r, beta, curvature, columns, count, l1, l2)
        gain = max(gain, recentre(w, r, intercept))
        used += 1
        if gain < tolerance:
            break
        patience = 0
        while used < limit:
            size = 0
            for c in range(count):
                if beta[columns[c]] != 0.0:
                    active[size] = columns[c]
                    size += 1
            gain = sweep(X, bent, r, beta, curvature, active, size, l1, l2)
            gain = max(gain, recentre(w, r, intercept))
            used += 1
            patience += 1
            if gain < tolerance:
                break
            if patience > 6 + size // 3 and size < w.size:
                patience = 0
                size = 0
                for c in range(count):
                    if beta[columns[c]] != 0.0:
                        active[size] = columns[c]
                        size += 1
                leap(X, bent, w, r, beta, intercept, active, size, l1, l2)
    return used
