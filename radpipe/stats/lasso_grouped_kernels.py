"""Compiled multinomial paths with a grouped penalty; import inside functions (numba is heavy).

As `radpipe.stats.lasso_multinomial_kernels`, but the coefficients of one column, one for each
class, are penalised by their Euclidean length, so that a column is in the model for every class or
for none. Blocks of a quadratic problem are updated against a bound of their curvature (Simon,
Friedman and Hastie 2013).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.design import Array, BoolArray
from radpipe.stats.lasso_descent import compiled, solve
from radpipe.stats.lasso_kernels import saturated
from radpipe.stats.lasso_multinomial_kernels import fill_eta, softmax


@compiled
def sweep_groups(
    X: Array, prob: Array, r: Array, beta: Array, bound: Array, columns: Any, count: int,
    l1: Array, l2: Array,
) -> float:  # fmt: skip
    """Update each listed column's coefficients of all classes; return the largest gain.

    Against an upper bound of the block's curvature, so that no update raises the quadratic
    objective; ``r`` follows by the exact Hessian.
    """
    classes, n = prob.shape
    new, change = np.empty(classes), np.empty(classes)
    largest = 0.0
    for a in range(count):
        j = columns[a]
        length = 0.0
        for c in range(classes):
            g = 0.0
            for i in range(n):
                g += X[i, j] * r[c * n + i]
            new[c] = g + bound[j] * beta[c, j]
            length += new[c] * new[c]
        length = np.sqrt(length)
        keep = 1.0 - l1[j] / length if length > l1[j] else 0.0
        moved = 0.0
        for c in range(classes):
            value = keep * new[c] / (bound[j] + l2[j])
            change[c] = value - beta[c, j]
            beta[c, j] = value
            moved += change[c] * change[c]
        if moved > 0.0:
            largest = max(largest, bound[j] * moved)
            shift(X, prob, r, change, j)
    return largest


@compiled
def shift(X: Array, prob: Array, r: Array, change: Array, j: int) -> None:
    """Let the gradient follow a change of one column's coefficients (``j`` of -1: intercepts)."""
    classes, n = prob.shape
    for i in range(n):
        mean = 0.0
        for c in range(classes):
            mean += prob[c, i] * change[c]
        x = (X[i, j] if j >= 0 else 1.0) / n
        for c in range(classes):
            r[c * n + i] -= prob[c, i] * (change[c] - mean) * x


@compiled
def recentre_groups(X: Array, prob: Array, r: Array, free: Array) -> float:
    """Move the intercepts against the bound of their curvature, 1/2; return the gain."""
    classes, n = prob.shape
    change = np.empty(classes)
    gain = 0.0
    for c in range(classes):
        change[c] = 2.0 * r[c * n : (c + 1) * n].sum()
        free[c] += change[c]
        gain += 0.5 * change[c] * change[c]
    shift(X, prob, r, change, -1)
    return gain


@compiled
def leap(
    X: Array, prob: Array, r: Array, beta: Array, free: Array, active: Any, size: int,
    l1: Array, l2: Array,
) -> None:  # fmt: skip
    """Take a Newton step of the quadratic problem over the active columns, where it lowers it.

    The penalty is smooth while a column's coefficients are not all 0; the step ends the slow
    crawl of block descent among correlated columns. The last intercept stays, so that the others
    are determined.
    """
    classes, n = prob.shape
    m = classes * size + classes - 1
    system, step = np.zeros((m, m)), np.zeros(m)
    for a in range(m):
        column, c = active[a // classes] if a < classes * size else -1, a % classes
        for i in range(n):
            x = X[i, column] if column >= 0 else 1.0
            step[a] += x * r[c * n + i]
        for b in range(a + 1):
            other, d = active[b // classes] if b < classes * size else -1, b % classes
            total = 0.0
            for i in range(n):
                x = X[i, column] if column >= 0 else 1.0
                z = X[i, other] if other >= 0 else 1.0
                total += x * z * prob[c, i] * ((1.0 if c == d else 0.0) - prob[d, i])
            system[a, b] = total / n
    for a in range(size):
        j = active[a]
        length = np.sqrt((beta[:, j] ** 2).sum())
        pull = l1[j] / length
        for c in range(classes):
            step[a * classes + c] -= (pull + l2[j]) * beta[c, j]
            for d in range(c + 1):
                extra = -pull * beta[c, j] * beta[d, j] / (length * length)
                system[a * classes + c, a * classes + d] += extra + (pull + l2[j]) * (c == d)
    solve(system, step)
    before, change = r.copy(), np.zeros(classes)
    eta = np.zeros(classes * n)
    for a in range(size + 1):
        j = active[a] if a < size else -1
        change[:] = 0.0
        for c in range(classes if a < size else classes - 1):
            change[c] = step[a * classes + c]
            for i in range(n):
                eta[c * n + i] += change[c] * (X[i, j] if j >= 0 else 1.0)
        shift(X, prob, r, change, j)
    bent = before - r
    slope, bow = (before * eta).sum(), (bent * eta).sum()
    portion = 1.0
    for _ in range(8):
        gain = portion * slope - 0.5 * portion * portion * bow
        for a in range(size):
            j = active[a]
            now, then = 0.0, 0.0
            for c in range(classes):
                now += beta[c, j] ** 2
                then += (beta[c, j] + portion * step[a * classes + c]) ** 2
            gain += l1[j] * (np.sqrt(now) - np.sqrt(then)) + 0.5 * l2[j] * (now - then)
        if gain > 0.0:
            break
        portion /= 2.0
    else:
        portion = 0.0
    r[:] = before - portion * bent
    for a in range(size):
        for c in range(classes):
            beta[c, active[a]] += portion * step[a * classes + c]
    for c in range(classes - 1):
        free[c] += portion * step[classes * size + c]


@compiled
def solve_groups(
    X: Array,
    codes: Any,
    start: Array,
    lambdas: Array,
    alpha: float,
    factor: Array,
    allowed: BoolArray,
    automatic: bool,
    tolerance: float,
    limit: int,
) -> Any:
    """Fit the path where a column's coefficients of all classes are penalised by their length.

    Arguments and values as of `solve_path`.
    """
    n, p = X.shape
    classes, count = start.size, lambdas.size
    coefs, intercepts = np.zeros((count, classes, p)), np.zeros((count, classes))
    deviances = np.zeros(count + 1)
    beta, free = np.zeros((classes, p)), start.copy()
    eta, prob, r = np.zeros((classes, n)), np.zeros((classes, n)), np.zeros(classes * n)
    fill_eta(X, beta, free, eta)
    now = softmax(codes, eta, prob, r)
    deviances[0] = now
    threshold = tolerance * max(now, 1e-3)
    listed, columns, active = np.zeros(p, np.bool_), np.empty(p, np.int64), np.empty(p, np.int64)
    bound = np.zeros(p)
    many, used, done, converged = 0, 0, 0, True
    for k in range(count):
        penalty = 9.9e35 if automatic and k == 0 else lambdas[k]
        l1, l2 = penalty * alpha * factor, penalty * (1.0 - alpha) * factor
        while True:
            grew = False
            for j in range(p):
                if allowed[j] and not listed[j]:
                    length = 0.0
                    for c in range(classes):
                        g = 0.0
                        for i in range(n):
                            g += X[i, j] * r[c * n + i]
                        length += g * g
                    if np.sqrt(length) > l1[j]:
                        listed[j] = True
                        columns[many] = j
                        many += 1
                        grew = True
            if not grew and done == k + 1:
                break
            if used >= limit:
                converged = False
                break
            cost = now / 2.0 + lengths(beta, columns, many, l1, l2)
            for _ in range(200):
                for a in range(many):  # Gershgorin: the row's Hessian is at most 2 max p (1 - p)
                    j = columns[a]
                    bound[j] = 0.0
                    for i in range(n):
                        most = 0.0
                        for c in range(classes):
                            most = max(most, prob[c, i] * (1.0 - prob[c, i]))
                        bound[j] += 2.0 * max(most, 1e-9) * X[i, j] ** 2 / n
                before, anchor = beta.copy(), free.copy()
                while used < limit:
                    gain = sweep_groups(X, prob, r, beta, bound, columns, many, l1, l2)
                    gain = max(gain, recentre_groups(X, prob, r, free))
                    used += 1
                    if gain < threshold:
                        break
                    patience = 0
                    while used < limit:
                        size = 0
                        for a in range(many):
                            if (beta[:, columns[a]] != 0.0).any():
                                active[size] = columns[a]
                                size += 1
                        gain = sweep_groups(X, prob, r, beta, bound, active, size, l1, l2)
                        gain = max(gain, recentre_groups(X, prob, r, free))
                        used += 1
                        patience += 1
                        if gain < threshold:
                            break
                        if patience > 6 + size // 3 and classes * size < n:
                            patience = 0
                            left = 0
                            for a in range(size):  # one that has come to 0 has no curvature
                                if (beta[:, active[a]] != 0.0).any():
                                    active[left] = active[a]
                                    left += 1
                            leap(X, prob, r, beta, free, active, left, l1, l2)
                for _ in range(12):  # halve a step that raises the objective
                    fill_eta(X, beta, free, eta)
                    now = softmax(codes, eta, prob, r)
                    reached = now / 2.0 + lengths(beta, columns, many, l1, l2)
                    if reached <= cost + 1e-9 * abs(cost):
                        break
                    beta[:] = (beta + before) / 2.0
                    free[:] = (free + anchor) / 2.0
                cost = reached
                moved = 0.5 * ((free - anchor) ** 2).sum()
                for a in range(many):
                    j = columns[a]
                    moved = max(moved, bound[j] * ((beta[:, j] - before[:, j]) ** 2).sum())
                if moved < threshold or used >= limit:
                    break
            deviances[k + 1] = now
            done = k + 1
        if not converged:
            done = k
            break
        coefs[k], intercepts[k] = beta, free
        if automatic and k >= 4 and saturated(1, deviances, k):
            break
    return coefs, intercepts, deviances, done, converged


@compiled
def lengths(beta: Array, columns: Any, count: int, l1: Array, l2: Array) -> float:
    """Return the penalty of the listed columns' coefficients, by their length."""
    total = 0.0
    for a in range(count):
        j = columns[a]
        square = (beta[:, j] ** 2).sum()
        total += l1[j] * np.sqrt(square) + 0.5 * l2[j] * square
    return total
