"""One logistic model refitted on many resamples at once, each resample a count for every case."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

from radpipe.stats.design import Array, DegenerateDataError, independent, matrix
from radpipe.stats.results import floats, labels01

_STEPS = 40


def refit_logistic(X: Any, y: Any, counts: Any) -> Array:
    """Return the maximum likelihood coefficients of each resample, shape (R, p + 1).

    Parameters
    ----------
    X : array (n, p)
        Predictors, finite, without the intercept, which is added as the first coefficient.
    y : array (n,)
        1 where the event is present, else 0.
    counts : array (R, n)
        How often each resample holds each case.

    Returns
    -------
    array (R, p + 1)
        A row is NaN where the resample does not determine the model: one class, separated
        classes, or columns that span each other.

    Raises
    ------
    DegenerateDataError
        If the columns of all cases span each other already.

    Notes
    -----
    Newton's method on all resamples together, with halved steps where the likelihood falls.
    """
    plain = matrix(X)
    event = labels01(y).astype(np.float64)
    w = floats(counts)
    n, p = plain.shape[0], plain.shape[1] + 1
    if event.shape != (n,) or w.ndim != 2 or w.shape[1] != n:
        raise ValueError(f"outcome {event.shape} and counts {w.shape} for {n} cases")
    centre, scale = plain.mean(axis=0), plain.std(axis=0)
    design = np.column_stack([np.ones(n), (plain - centre) / np.where(scale > 0, scale, 1.0)])
    if not independent(design).all():
        raise DegenerateDataError("a column is constant or spanned by the others")
    pairs = (design[:, :, None] * design[:, None, :]).reshape(n, p * p)
    beta = np.zeros((w.shape[0], p))
    total = w.sum(axis=1)
    active = np.flatnonzero((w @ event > 0) & (w @ (1 - event) > 0))
    failed = np.ones(w.shape[0], dtype=np.bool_)
    best = -total * np.log(2.0)
    for _ in range(_STEPS):
        if not active.size:
            break
        part, at = w[active], beta[active]
        mu = expit(at @ design.T)
        score = (part * (event - mu)) @ design
        information = ((part * mu * (1 - mu)) @ pairs).reshape(-1, p, p)
        # Relative to the counts: a resample whose information fades has no finite optimum.
        sound = np.linalg.eigvalsh(information)[:, 0] > 1e-9 * total[active]
        active, part, at = active[sound], part[sound], at[sound]
        step = np.linalg.solve(information[sound], score[sound][:, :, None])[:, :, 0]
        step, reached = _halved(design, event, part, at, step, best[active])
        beta[active], best[active] = at + step, reached
        done = np.abs(step).max(axis=1, initial=0.0) < 1e-9
        failed[active[done]] = False
        active = active[~done]
    beta[failed] = np.nan
    slopes = beta[:, 1:] / np.where(scale > 0, scale, 1.0)
    return np.column_stack([beta[:, 0] - slopes @ centre, slopes])


def _halved(
    design: Array, event: Array, w: Array, beta: Array, step: Array, best: Array
) -> tuple[Array, Array]:
    """Return steps halved until the log-likelihood no longer falls, and what it then is."""
    for _ in range(20):
        eta = (beta + step) @ design.T
        reached = (w * (event * eta - np.logaddexp(0, eta))).sum(axis=1)
        worse = reached < best - 1e-10 * np.abs(best)
        if not worse.any():
            break
        step = np.where(worse[:, None], step / 2, step)
    return step, floats(reached)
