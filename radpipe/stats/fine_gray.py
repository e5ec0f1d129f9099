"""Fine and Gray's proportional subdistribution hazards, as cmprsk::crr or survival::finegray.

A case with a competing event stays at risk with the weight G(t-) / G(T-), G being the Kaplan-Meier
estimate of remaining uncensored (Fine and Gray, J Am Stat Assoc 1999;94:496).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy import special

from radpipe.stats.ascent import ascend
from radpipe.stats.censoring import StepFunction, censoring_survival
from radpipe.stats.clusters import sandwich
from radpipe.stats.cumulative_incidence import times_and_causes
from radpipe.stats.design import Array, DegenerateDataError, independent, matrix, spread
from radpipe.stats.fine_gray_likelihood import (
    Data,
    WeightedRows,
    crr_residuals,
    moments,
    residuals,
)
from radpipe.stats.results import FloatArray, IntArray, z_value
from radpipe.stats.survival import kaplan_meier

Variant = Literal["crr", "finegray"]


@dataclass(frozen=True)
class FineGray:
    """A fitted proportional subdistribution hazards model.

    Attributes
    ----------
    coef, se, z, p, lower, upper : array of shape (p,)
        Log subdistribution hazard ratios with Wald statistics; NaN for a constant column, one
        that earlier columns span, or one whose coefficient runs to infinity.
    vcov : array of shape (p, p)
        Sandwich estimate.
    loglik, loglik_null : float
        Weighted log partial likelihood at ``coef`` and at 0.
    means : array of shape (p,)
        Column means, about which the baseline is centred.
    times, cumhaz : array of shape (m,)
        Event times and the baseline cumulative subdistribution hazard just after each.
    last : float
        The last time anybody was followed.
    n, events, competing : int
        Cases, and among them those with the cause and with another one.
    """

    coef: Array
    se: Array
    z: Array
    p: Array
    lower: Array
    upper: Array
    vcov: Array
    loglik: float
    loglik_null: float
    means: Array
    times: Array
    cumhaz: Array
    last: float
    n: int
    events: int
    competing: int
    level: float
    method: str
    note: str = ""


def fit_fine_gray(
    X: Any,
    time: Any,
    event: Any,
    cause: int = 1,
    variant: Variant = "crr",
    level: float = 0.95,
    clustered: bool = True,
    groups: Any = None,
) -> FineGray:
    """Fit a proportional subdistribution hazards model.

    Parameters
    ----------
    X : array of shape (n, p)
        Predictors, finite.
    time, event : array of shape (n,)
        Time, any unit, and 0 (censored) or the number of the cause.
    cause : int
        The cause of interest, >= 1.
    variant : "crr" or "finegray"
        crr: Breslow's ties, errors that include the estimation of the weights, censorings at an
        event's time counted with that event's case at risk. finegray: coxph on the rows of
        survival::finegray, with Efron's ties, robust errors that take the weights as known, and
        events before censorings.
    level : float
        Of the Wald intervals, in (0, 1).
    clustered : bool
        Whether the robust errors of "finegray" add up a case's rows, as coxph with ``id`` does.
        Without, each row counts as a case of its own, and errors come out a few percent smaller.
    groups : array of shape (n,), optional
        Patient of each case: what one patient's cases add to the errors is added up (Zhou, Fine,
        Latouche, Labopin, Biostatistics 2012;13:371), as `radpipe.stats.clusters.sandwich` does.

    Raises
    ------
    DegenerateDataError
        If a predictor is missing or there is no event of the cause.
    ValueError
        If times or events are none, lengths differ, or the variant is neither.
    """
    if variant not in get_args(Variant):
        raise ValueError(f"variant {variant!r}: {', '.join(get_args(Variant))}")
    plain = matrix(X)
    t, code = times_and_causes(time, event, cause)
    n = plain.shape[0]
    if t.shape != (n,):
        raise ValueError(f"{t.size} times for {n} rows")
    if not (code == 1).any():
        raise DegenerateDataError(f"no event of cause {cause} was observed")
    means = plain.mean(axis=0)
    centred = plain - means
    varies = np.abs(centred).max(axis=0) > 1e-12 * np.abs(plain).max(axis=0)
    keep = independent(np.where(varies, centred, 0.0))
    scale: Array = np.sqrt((centred[:, keep] ** 2).mean(axis=0))
    data = Data.of(
        centred[:, keep] / scale, t, code, _censoring(t, code, variant), variant == "finegray"
    )

    def objective(beta: Array) -> tuple[float, Array, Array]:
        now = moments(data, beta)
        return now.loglik, now.score, now.information

    beta, converged = ascend(objective, np.zeros(scale.size))
    now = moments(data, beta)
    inverse = np.asarray(np.linalg.pinv(now.information, hermitian=True), dtype=np.float64)
    if variant == "crr":
        parts = crr_residuals(data, now)
    else:
        rows = _rows(t, code)
        parts = residuals(data, now, rows)
        if clustered or groups is not None:
            each = parts
            parts = np.zeros_like(centred[:, keep])
            np.add.at(parts, rows.row, each)
    vcov = sandwich(parts, inverse, groups) / np.outer(scale, scale)
    coef = beta / scale
    # Scaled coefficients of this size are those that run away: the hazard ratio of one standard
    # deviation is over a million.
    monotone = np.abs(beta) > 14.0
    note = ""
    if monotone.any() or not converged:
        lost = monotone if monotone.any() else np.ones(beta.size, dtype=np.bool_)
        coef = np.where(lost, np.nan, coef)
        vcov[lost, :] = vcov[:, lost] = np.nan
        note = f"{int(lost.sum())} coefficients run to infinity: undefined"
    se = np.sqrt(np.diag(vcov))
    z = np.divide(coef, se, out=np.full_like(coef, np.nan), where=se > 0)
    half = z_value(level) * se
    how = "errors as crr"
    if variant == "finegray":
        how = "robust errors by " + ("case" if clustered else "row")
    return FineGray(
        coef=spread(coef, keep),
        se=spread(se, keep),
        z=spread(z, keep),
        p=spread(2.0 * special.ndtr(-np.abs(z)), keep),
        lower=spread(coef - half, keep),
        upper=spread(coef + half, keep),
        vcov=spread(vcov, keep),
        loglik=now.loglik,
        loglik_null=moments(data, np.zeros(scale.size)).loglik,
        means=means,
        times=data.times,
        cumhaz=np.cumsum(now.hazard),
        last=float(t.max()),
        n=n,
        events=int((code == 1).sum()),
        competing=int((code == 2).sum()),
        level=level,
        method=f"Fine and Gray's model for cause {cause}, {how}",
        note=note,
    )


def incidence_at(fit: FineGray, X: Any, times: Any) -> Array:
    """Return P(event of the cause by each time) for new rows, shape (n, len(times)).

    1 - exp(-H(t) exp(lp)); NaN beyond the last time followed. A missing coefficient counts as 0.
    """
    grid = np.atleast_1d(np.asarray(times, dtype=np.float64))
    steps = np.concatenate([[0.0], fit.cumhaz])
    hazard = steps[np.searchsorted(fit.times, grid, side="right")]
    eta = (matrix(X) - fit.means) @ np.nan_to_num(fit.coef)
    out: Array = -np.expm1(-np.outer(np.exp(np.minimum(eta, 700.0)), hazard))
    out[:, grid > fit.last] = np.nan
    return out


def weighted_rows(time: Any, event: Any, cause: int = 1) -> WeightedRows:
    """Return the rows on which a weighted Cox model is Fine and Gray's, as survival::finegray.

    Parameters
    ----------
    time, event : array (n,)
        Time, any unit, and 0 (censored) or the number of the cause.
    cause : int
        The cause of interest, >= 1.

    Returns
    -------
    WeightedRows
        A row a case up to its own time, and for cases with a competing event one row more for
        each weight, G(t-) / G(T-), that it has at a later event of the cause.
    """
    return _rows(*times_and_causes(time, event, cause))


def _rows(t: FloatArray, code: IntArray) -> WeightedRows:
    g = _censoring(t, code, "finegray")
    due = np.unique(t[code == 1])
    at_due, own = g.before(due), g.before(t)
    # The last event time at which G has each of its values.
    ends = np.flatnonzero(np.append(at_due[1:] != at_due[:-1], True)[: due.size])
    row, start, stop = [np.arange(t.size)], [np.zeros(t.size)], [t.copy()]
    event_here, weight = [(code == 1).astype(np.int64)], [np.ones(t.size)]
    for i in np.flatnonzero(code == 2):
        later = ends[due[ends] > t[i]]
        if later.size and at_due[later[0]] == own[i]:  # G has not moved yet: the first row goes on
            stop[0][i] = due[later[0]]
            later = later[1:]
        row.append(np.full(later.size, i))
        start.append(np.r_[stop[0][i], due[later]][: later.size])
        stop.append(due[later])
        event_here.append(np.zeros(later.size, dtype=np.int64))
        weight.append(at_due[later] / own[i])
    return WeightedRows(
        row=np.concatenate(row),
        start=np.concatenate(start),
        stop=np.concatenate(stop),
        event=np.concatenate(event_here),
        weight=np.concatenate(weight),
    )


def _censoring(t: FloatArray, code: IntArray, variant: Variant) -> StepFunction:
    """Return the estimate of remaining uncensored, of which only left limits are used."""
    if variant == "finegray":
        return censoring_survival(t, code > 0)
    reverse = kaplan_meier(t, code == 0, "none")
    return StepFunction(reverse.times, reverse.survival)
