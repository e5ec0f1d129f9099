"""Compiled coordinate descent for elastic-net paths; import inside functions (numba is heavy).

Friedman, Hastie and Tibshirani 2010 (binomial, gaussian) and Simon and others 2011 (Cox): outer
quadratic approximations of the log-likelihood, inner cyclic coordinate descent over a working set
that grows by the columns which break the optimality conditions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from radpipe.stats.design import Array, BoolArray

_F = TypeVar("_F", bound=Callable[..., Any])

GAUSSIAN, BINOMIAL, COX = 0, 1, 2


def compiled(function: _F) -> _F:
    """Compile a function; sums may be reordered (vectorised), always in the same way."""
    jit = numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"}, error_model="numpy")
    return cast(_F, jit(function))


@compiled
def working(family: int, y: Array, group_end: Any, eta: Array, w: Array, r: Array) -> float:
    """Fill curvature ``w`` and gradient ``r`` of the mean log-likelihood in each row's ``eta``.

    Returns the deviance divided by n, up to a constant for Cox (saturated part left out). For Cox
    (Breslow) rows run by falling time, ``y`` holds events and ``group_end`` the last row tied with
    each; the curvature is the diagonal of the Hessian.
    """
    n = y.size
    loss = 0.0
    if family == 0:
        for i in range(n):
            r[i] = (y[i] - eta[i]) / n
            w[i] = 1.0 / n
            loss += (y[i] - eta[i]) ** 2
        return loss / n
    if family == 1:
        for i in range(n):
            size = np.exp(-abs(eta[i]))
            mu = 1.0 / (1.0 + size) if eta[i] >= 0 else size / (1.0 + size)
            r[i] = (y[i] - mu) / n
            w[i] = max(size / (1.0 + size) ** 2, 1e-9) / n
            loss += 2.0 * (np.log1p(size) + max(eta[i], 0.0) - y[i] * eta[i])
        return loss / n
    top = eta.max()
    running = np.empty(n)
    total = 0.0
    for i in range(n):
        total += np.exp(eta[i] - top)
        running[i] = total
    first, second = 0.0, 0.0
    i = n - 1
    while i >= 0:
        begin = i
        while begin > 0 and group_end[begin - 1] == i:
            begin -= 1
        for k in range(begin, i + 1):
            if y[k] > 0:
                first += 1.0 / running[i]
                second += 1.0 / running[i] ** 2
                loss -= 2.0 * (eta[k] - top - np.log(running[i]))
        for k in range(begin, i + 1):
            size = np.exp(eta[k] - top)
            r[k] = (y[k] - size * first) / n
            w[k] = max(size * first - size * size * second, 0.0) / n
        i = begin - 1
    return loss / n


@compiled
def sweep(X: Array, w: Array, r: Array, beta: Array, curvature: Array, columns: Any, count: int,
          l1: Array, l2: Array) -> float:
    """Update each listed coefficient once; return the largest gain ``curvature * change^2``."""
    n = w.size
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
                r[i] -= change * w[i] * X[i, j]
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
def leap(X: Array, w: Array, r: Array, beta: Array, intercept: Array, active: Any, size: int,
         l1: Array, l2: Array) -> bool:
    """Go straight to the minimum over the active columns, or to the first that reaches 0.

    While no sign changes the problem is a linear system, so that one step ends the slow crawl of
    coordinate descent among correlated columns. Loops, not BLAS: the same sums on any number of
    cores. Returns False (nothing moved) where the system is singular.
    """
    n = w.size
    free = intercept.size
    m = size + free
    system, step = np.empty((m, m)), np.empty(m)
    weighted = np.empty(n)
    for a in range(m):
        if a < size:
            weighted[:] = w * X[:, active[a]]
        else:
            weighted[:] = w
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
    for a in range(m):  # Cholesky, then both triangular solves
        for b in range(a + 1):
            total = system[a, b]
            for c in range(b):
                total -= system[a, c] * system[b, c]
            if a > b:
                system[a, b] = total / system[b, b]
            elif total <= 1e-10 * system[a, a]:
                return False
            else:
                system[a, a] = np.sqrt(total)
    for a in range(m):
        for c in range(a):
            step[a] -= system[a, c] * step[c]
        step[a] /= system[a, a]
    for a in range(m - 1, -1, -1):
        for c in range(a + 1, m):
            step[a] -= system[c, a] * step[c]
        step[a] /= system[a, a]
    length, stop = 1.0, -1
    for a in range(size):
        value = beta[active[a]]
        if value * (value + length * step[a]) < 0.0:
            length, stop = -value / step[a], a
    for a in range(size):
        j, change = active[a], length * step[a]
        beta[j] = 0.0 if a == stop else beta[j] + change
        for i in range(n):
            r[i] -= change * w[i] * X[i, j]
    if free:
        intercept[0] += length * step[size]
        r -= length * step[size] * w
    return True


@compiled
def descend(X: Array, w: Array, r: Array, beta: Array, intercept: Array, curvature: Array,
            columns: Any, count: int, l1: Array, l2: Array, tolerance: float, limit: int) -> int:
    """Solve one quadratic problem over the listed columns; return the sweeps used."""
    active = np.empty(count, np.int64)
    used = 0
    while used < limit:
        gain = sweep(X, w, r, beta, curvature, columns, count, l1, l2)
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
            gain = sweep(X, w, r, beta, curvature, active, size, l1, l2)
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
                leap(X, w, r, beta, intercept, active, size, l1, l2)
    return used


@compiled
def solve_path(X: Array, y: Array, group_end: Any, family: int, lambdas: Array, alpha: float,
               factor: Array, ridge: float, allowed: BoolArray, automatic: bool,
               tolerance: float, limit: int) -> Any:
    """Fit the whole path with warm starts on scaled columns.

    Returns coefficients (L, p), intercepts (L,), mean deviances (L,) with that of the null model
    first, the number of lambdas fitted, and whether every one converged within ``limit`` sweeps.
    With ``automatic`` the path stops by glmnet's rules and its first lambda counts as infinite.
    """
    n, p = X.shape
    count = lambdas.size
    coefs, intercepts = np.zeros((count, p)), np.zeros(count)
    deviances = np.zeros(count + 1)
    beta, before, gradient, curvature = np.zeros(p), np.zeros(p), np.zeros(p), np.zeros(p)
    w, r, eta = np.zeros(n), np.zeros(n), np.zeros(n)
    intercept = np.zeros(0 if family == 2 else 1)
    if family == 0:
        intercept[0] = y.mean()
    elif family == 1:
        intercept[0] = np.log(y.mean() / (1.0 - y.mean()))
    if family != 2:
        eta[:] = intercept[0]
    null = working(family, y, group_end, eta, w, r)
    deviances[0] = null
    scale = abs(null) if family != 2 else max(abs(null), 1e-3)
    threshold = tolerance * scale
    columns = np.empty(p, np.int64)
    listed = np.zeros(p, np.bool_)
    size, used, done, converged = 0, 0, 0, True
    for k in range(count):
        penalty = 9.9e35 if automatic and k == 0 else lambdas[k]
        l1 = penalty * alpha * factor
        l2 = penalty * (1.0 - alpha) * ridge * factor
        while True:
            grew = False
            for j in range(p):
                if allowed[j] and not listed[j]:
                    g = 0.0
                    for i in range(n):
                        g += X[i, j] * r[i]
                    gradient[j] = g
                    if abs(g) > l1[j]:
                        listed[j] = True
                        columns[size] = j
                        size += 1
                        grew = True
            if not grew and done == k + 1:
                break
            if used >= limit:
                converged = False
                break
            for _ in range(200):
                for c in range(size):
                    j = columns[c]
                    total = 0.0
                    for i in range(n):
                        total += w[i] * X[i, j] * X[i, j]
                    curvature[j] = total
                before[:] = beta
                start = intercept[0] if intercept.size else 0.0
                used += descend(X, w, r, beta, intercept, curvature, columns, size, l1, l2,
                                threshold, limit)
                moved = 0.0
                if intercept.size:
                    moved = w.sum() * (intercept[0] - start) ** 2
                    eta[:] = intercept[0]
                else:
                    eta[:] = 0.0
                for c in range(size):
                    j = columns[c]
                    moved = max(moved, curvature[j] * (beta[j] - before[j]) ** 2)
                    if beta[j] != 0.0:
                        for i in range(n):
                            eta[i] += beta[j] * X[i, j]
                deviances[k + 1] = working(family, y, group_end, eta, w, r)
                if family == 0 or moved < threshold or used >= limit:
                    break
            done = k + 1
        if not converged:
            done = k
            break
        coefs[k] = beta
        if intercept.size:
            intercepts[k] = intercept[0]
        if automatic and k >= 4 and _saturated(family, deviances, k):
            break
    return coefs, intercepts, deviances, done, converged


@compiled
def _saturated(family: int, deviances: Array, k: int) -> bool:
    """Return whether glmnet would stop after lambda k: nothing left to explain, or no gain."""
    ratio = 1.0 - deviances[k + 1] / deviances[0]
    if family == 2:  # coxnet: over four steps, and both limits wider
        gain = (deviances[k - 3] - deviances[k + 1]) / deviances[0]
        return bool(ratio > 0.99 or gain < 1e-3 * ratio)
    gain = (deviances[k] - deviances[k + 1]) / deviances[0]
    return bool(ratio > 0.999 or gain < (1e-5 * ratio if family == 0 else 1e-5))
