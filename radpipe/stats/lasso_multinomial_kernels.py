"""Compiled multinomial elastic-net paths; import inside functions (numba is heavy).

Outer Newton steps with the whole Hessian of the softmax likelihood, ``diag(p) - p p'`` within each
row, and inner coordinate descent over a working set, as in `radpipe.stats.lasso_kernels`. Rows and
classes are stacked: entry ``c * n + i`` is class c of row i. Of the intercepts the last stays 0, so
that the others are determined; coefficients are not bound to a class.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.design import Array, BoolArray
from radpipe.stats.lasso_descent import compiled, descend
from radpipe.stats.lasso_kernels import charge, saturated


@compiled
def softmax(codes: Any, eta: Array, prob: Array, r: Array) -> float:
    """Fill probabilities (K, n) and the stacked gradient of the mean log-likelihood in ``eta``.

    Returns the deviance divided by n.
    """
    classes, n = eta.shape
    loss = 0.0
    for i in range(n):
        top = eta[0, i]
        for c in range(1, classes):
            top = max(top, eta[c, i])
        total = 0.0
        for c in range(classes):
            prob[c, i] = np.exp(eta[c, i] - top)
            total += prob[c, i]
        for c in range(classes):
            prob[c, i] /= total
            r[c * n + i] = ((1.0 if codes[i] == c else 0.0) - prob[c, i]) / n
        loss += 2.0 * (np.log(total) + top - eta[codes[i], i])
    return float(loss / n)


@compiled
def fill_eta(X: Array, beta: Array, intercepts: Array, eta: Array) -> None:
    """Fill the linear predictors (K, n)."""
    n, p = X.shape
    for c in range(eta.shape[0]):
        eta[c, :] = intercepts[c]
        for j in range(p):
            if beta[c, j] != 0.0:
                for i in range(n):
                    eta[c, i] += beta[c, j] * X[i, j]


@compiled
def bend(prob: Array, X: Array, j: int, c: int, out: Array) -> float:
    """Fill ``out`` with the negative Hessian times column j of class c; return the curvature.

    ``j`` of -1 is the intercept's column of ones.
    """
    classes, n = prob.shape
    curvature = 0.0
    for other in range(classes):
        for i in range(n):
            share = prob[c, i] * ((1.0 if other == c else 0.0) - prob[other, i])
            if other == c:
                share = max(share, 1e-9)
            x = X[i, j] if j >= 0 else 1.0
            out[other * n + i] = share * x / n
            if other == c:
                curvature += share * x * x / n
    return curvature


@compiled
def solve_path(
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
    """Fit the whole path with warm starts on scaled columns, each coefficient penalised alone.

    ``start`` are the intercepts of the model without columns, the last 0. Returns coefficients
    (L, K, p), intercepts (L, K), mean deviances (L + 1,) with that of the null model first, the
    number of lambdas fitted, and whether every one converged within ``limit`` sweeps.
    """
    n, p = X.shape
    classes, count = start.size, lambdas.size
    coefs, intercepts = np.zeros((count, classes, p)), np.zeros((count, classes))
    deviances = np.zeros(count + 1)
    beta, free = np.zeros((classes, p)), start.copy()
    eta, prob = np.zeros((classes, n)), np.zeros((classes, n))
    r, plain, none = np.zeros(classes * n), np.zeros(classes * n), np.zeros(0)
    fill_eta(X, beta, free, eta)
    now = softmax(codes, eta, prob, r)
    deviances[0] = now
    threshold = tolerance * max(now, 1e-3)
    listed = np.zeros((classes, p), np.bool_)
    of_class, of_column = (
        np.empty(classes * (p + 1), np.int64),
        np.empty(classes * (p + 1), np.int64),
    )
    fixed = classes - 1  # the free intercepts lead the list
    many = fixed
    for c in range(fixed):
        of_class[c], of_column[c] = c, -1
    used, done, converged = 0, 0, True
    for k in range(count):
        penalty = 9.9e35 if automatic and k == 0 else lambdas[k]
        while True:
            grew = False
            for c in range(classes):
                for j in range(p):
                    if allowed[j] and not listed[c, j]:
                        g = 0.0
                        for i in range(n):
                            g += X[i, j] * r[c * n + i]
                        if abs(g) > penalty * alpha * factor[j]:
                            listed[c, j] = True
                            of_class[many], of_column[many] = c, j
                            many += 1
                            grew = True
            if not grew and done == k + 1:
                break
            if used >= limit:
                converged = False
                break
            stacked = np.zeros((many, classes * n)).T  # columns contiguous
            bent, curvature = np.empty((many, classes * n)), np.empty(many)
            values, before = np.empty(many), np.empty(many)
            l1, l2 = np.zeros(many), np.zeros(many)
            columns = np.arange(many)
            for a in range(many):
                c, j = of_class[a], of_column[a]
                for i in range(n):
                    stacked[c * n + i, a] = X[i, j] if j >= 0 else 1.0
                values[a] = beta[c, j] if j >= 0 else free[c]
                if j >= 0:
                    l1[a] = penalty * alpha * factor[j]
                    l2[a] = penalty * (1.0 - alpha) * factor[j]
            cost = now / 2.0 + charge(values, columns, many, l1, l2)
            for _ in range(200):
                for a in range(many):
                    curvature[a] = bend(prob, X, of_column[a], of_class[a], bent[a])
                before[:] = values
                used += descend(
                    stacked, bent, plain, r, values, none, curvature, columns, many, l1, l2,
                    threshold, limit,
                )  # fmt: skip
                for _ in range(12):  # halve a step that raises the objective
                    for a in range(many):
                        c, j = of_class[a], of_column[a]
                        if j >= 0:
                            beta[c, j] = values[a]
                        else:
                            free[c] = values[a]
                    fill_eta(X, beta, free, eta)
                    now = softmax(codes, eta, prob, r)
                    reached = now / 2.0 + charge(values, columns, many, l1, l2)
                    if reached <= cost + 1e-9 * abs(cost):
                        break
                    values[:] = (values + before) / 2.0
                cost = reached
                moved = 0.0
                for a in range(many):
                    moved = max(moved, curvature[a] * (values[a] - before[a]) ** 2)
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
