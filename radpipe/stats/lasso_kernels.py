"""Compiled elastic-net paths; import inside functions (numba is heavy).

Friedman, Hastie and Tibshirani 2010 (binomial, gaussian) and Simon and others 2011 (Cox): outer
quadratic approximations of the log-likelihood, inner coordinate descent over a working set that
grows by the columns which break the optimality conditions. For Cox the Hessian is whole, not its
diagonal as in coxnet: the same optimum in far fewer steps. Families are numbered gaussian 0,
binomial 1, Cox 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.design import Array, BoolArray
from radpipe.stats.lasso_descent import compiled, descend


@compiled
def working(
    family: int, y: Array, group_end: Any, eta: Array, r: Array, w: Array, size: Array, tied: Array
) -> float:
    """Fill gradient ``r`` and Hessian of the mean log-likelihood in the rows' ``eta``.

    The negative Hessian is ``diag(w)``, less, for Cox (Breslow), a part that `bend` applies from
    the rows' relative hazards ``size`` and ``tied`` (deaths / S0^2 at the last row of each tied
    time). Rows run by falling time; ``y`` holds events, ``group_end`` the last row tied with each.
    Returns the deviance divided by n, up to a constant for Cox (saturated part left out).
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
            small = np.exp(-abs(eta[i]))
            mu = 1.0 / (1.0 + small) if eta[i] >= 0 else small / (1.0 + small)
            r[i] = (y[i] - mu) / n
            w[i] = max(small / (1.0 + small) ** 2, 1e-9) / n
            loss += 2.0 * (np.log1p(small) + max(eta[i], 0.0) - y[i] * eta[i])
        return loss / n
    top = eta.max()
    total = 0.0
    for i in range(n):
        size[i] = np.exp(eta[i] - top)
        total += size[i]
        w[i] = total  # for now: the risk set's sum, should this row end its tied time
    exposure = 0.0
    deaths = 0.0
    for i in range(n - 1, -1, -1):
        end = group_end[i]
        if end == i:
            deaths = 0.0
            risk = w[i]
            k = i
            while k >= 0 and group_end[k] == i:
                deaths += y[k]
                if y[k] > 0:
                    loss -= 2.0 * (eta[k] - top - np.log(risk))
                k -= 1
            exposure += deaths / risk
            tied[i] = deaths / (risk * risk)
        else:
            tied[i] = 0.0
        w[i] = size[i] * exposure / n
        r[i] = y[i] / n - w[i]
    return loss / n


@compiled
def bend(family: int, w: Array, size: Array, tied: Array, v: Array, out: Array) -> float:
    """Fill ``out`` with the negative Hessian times ``v``; return their product ``v . out``."""
    n = v.size
    total = 0.0
    if family == 2:
        running = 0.0
        for i in range(n):
            running += size[i] * v[i]
            out[i] = running
        later = 0.0
        for i in range(n - 1, -1, -1):
            later += tied[i] * out[i]
            out[i] = w[i] * v[i] - size[i] * later / n
            total += out[i] * v[i]
        return max(total, 0.0)
    for i in range(n):
        out[i] = w[i] * v[i]
        total += out[i] * v[i]
    return total


@compiled
def solve_path(
    X: Array,
    y: Array,
    group_end: Any,
    family: int,
    lambdas: Array,
    alpha: float,
    factor: Array,
    ridge: float,
    allowed: BoolArray,
    automatic: bool,
    tolerance: float,
    limit: int,
) -> Any:
    """Fit the whole path with warm starts on scaled columns.

    Returns coefficients (L, p), intercepts (L,), mean deviances (L,) with that of the null model
    first, the number of lambdas fitted, and whether every one converged within ``limit`` sweeps.
    With ``automatic`` the path stops by glmnet's rules and its first lambda counts as infinite.
    """
    n, p = X.shape
    count = lambdas.size
    coefs, intercepts = np.zeros((count, p)), np.zeros(count)
    deviances = np.zeros(count + 1)
    beta, before, curvature, bent = np.zeros(p), np.zeros(p), np.zeros(p), np.empty((p, n))
    r, w, size, tied, eta = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    intercept = np.zeros(0 if family == 2 else 1)
    if family == 0:
        intercept[0] = y.mean()
    elif family == 1:
        intercept[0] = np.log(y.mean() / (1.0 - y.mean()))
    if family != 2:
        eta[:] = intercept[0]
    now = working(family, y, group_end, eta, r, w, size, tied)
    deviances[0] = now
    threshold = tolerance * max(abs(now), 1e-3)
    columns = np.empty(p, np.int64)
    listed = np.zeros(p, np.bool_)
    many, used, done, converged = 0, 0, 0, True
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
                    if abs(g) > l1[j]:
                        listed[j] = True
                        columns[many] = j
                        many += 1
                        grew = True
            if not grew and done == k + 1:
                break
            if used >= limit:
                converged = False
                break
            cost = now / 2.0 + charge(beta, columns, many, l1, l2)
            for _ in range(200):
                for c in range(many):
                    j = columns[c]
                    curvature[j] = bend(family, w, size, tied, X[:, j], bent[j])
                    before[j] = beta[j]
                start = intercept[0] if intercept.size else 0.0
                weight = w.sum()
                used += descend(
                    X,
                    bent,
                    w,
                    r,
                    beta,
                    intercept,
                    curvature,
                    columns,
                    many,
                    l1,
                    l2,
                    threshold,
                    limit,
                )
                for _ in range(12):  # halve a step that raises the objective
                    eta[:] = intercept[0] if intercept.size else 0.0
                    for c in range(many):
                        j = columns[c]
                        if beta[j] != 0.0:
                            for i in range(n):
                                eta[i] += beta[j] * X[i, j]
                    now = working(family, y, group_end, eta, r, w, size, tied)
                    reached = now / 2.0 + charge(beta, columns, many, l1, l2)
                    if reached <= cost + 1e-9 * abs(cost):
                        break
                    if intercept.size:
                        intercept[0] = (intercept[0] + start) / 2.0
                    for c in range(many):
                        beta[columns[c]] = (beta[columns[c]] + before[columns[c]]) / 2.0
                cost = reached
                moved = weight * (intercept[0] - start) ** 2 if intercept.size else 0.0
                for c in range(many):
                    j = columns[c]
                    moved = max(moved, curvature[j] * (beta[j] - before[j]) ** 2)
                if family == 0 or moved < threshold or used >= limit:
                    break
            deviances[k + 1] = now
            done = k + 1
        if not converged:
            done = k
            break
        coefs[k] = beta
        if intercept.size:
            intercepts[k] = intercept[0]
        if automatic and k >= 4 and saturated(family, deviances, k):
            break
    return coefs, intercepts, deviances, done, converged


@compiled
def charge(beta: Array, columns: Any, count: int, l1: Array, l2: Array) -> float:
    """Return the penalty of the listed coefficients."""
    total = 0.0
    for c in range(count):
        j = columns[c]
        total += l1[j] * abs(beta[j]) + 0.5 * l2[j] * beta[j] * beta[j]
    return total


@compiled
def saturated(family: int, deviances: Array, k: int) -> bool:
    """Return whether glmnet would stop after lambda k: nothing left to explain, or no gain."""
    ratio = 1.0 - deviances[k + 1] / deviances[0]
    if family == 2:  # coxnet: over four steps, and both limits wider
        gain = (deviances[k - 3] - deviances[k + 1]) / deviances[0]
        return bool(ratio > 0.99 or gain < 1e-3 * ratio)
    gain = (deviances[k] - deviances[k + 1]) / deviances[0]
    return bool(ratio > 0.999 or gain < (1e-5 * ratio if family == 0 else 1e-5))
