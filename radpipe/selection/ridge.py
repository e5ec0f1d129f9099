"""Cox regression with a ridge penalty, for any number of columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.selection.base import FloatArray


def rotated(Z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return rows in the coordinates of their own span, (n, k), and its orthonormal basis, (k, p).

    A ridge penalty leaves no coefficient outside of the rows' span, and is the same in these
    coordinates.
    """
    u, d, basis = np.linalg.svd(Z, full_matrices=False)
    own = d > 1e-10 * d.max(initial=0.0)
    return u[:, own] * d[own], basis[own]


def cox_ridge(Z: FloatArray, y: NDArray[Any], cost: float) -> FloatArray:
    """Return the coefficients that maximise ``cost * loglik(b) - |b|^2 / 2`` (Efron), shape (p,).

    Parameters
    ----------
    Z : array, shape (n, p)
        Centred columns.
    y : array, shape (n,)
        Survival target.
    cost : float
        Weight of the log partial likelihood, > 0.
    """
    from radpipe.stats.cox_likelihood import moments, risk_sets

    sets = risk_sets(y["time"].astype(float), y["event"].astype(bool), "efron", np.zeros(len(y)))
    rows, basis = rotated(Z[sets.order])
    k = len(basis)
    beta = np.zeros(k)
    now = moments(rows, np.zeros(len(rows)), sets)
    value = cost * now.loglik
    for _ in range(100):
        gradient = cost * now.score - beta
        step = np.linalg.solve(cost * now.information + np.eye(k), gradient)
        near = float(gradient @ step) <= 1e-7 * abs(value)  # this step will do
        for _ in range(30):  # the objective is concave: some part of the step raises it
            # a step so long that hazards vanish has no likelihood: too long
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                trial = moments(rows, rows @ (beta + step), sets)
            reached = cost * trial.loglik - float((beta + step) @ (beta + step)) / 2
            if trial.defined and reached >= value:
                break
            step = step / 2
        else:
            break  # the top, to rounding
        beta, now, value = beta + step, trial, reached
        if near:
            break
    return beta @ basis
