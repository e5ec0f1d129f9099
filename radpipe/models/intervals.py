"""Intervals of the risks of new cases, from what a regression's fit knows of its coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.models.base import FloatArray
from radpipe.models.coefficients import BY_PATIENT, FEW
from radpipe.models.hazard import LIMIT
from radpipe.stats.clusters import clustered, codes, totals
from radpipe.stats.cox import CoxFit
from radpipe.stats.logistic import LogisticFit

LOGISTIC = "delta method on the log odds (Wald, 95%{}); values of other models are taken as known"
COX = "log-log interval of survfit (95%); values of other models are taken as known"
COX_BY_PATIENT = (
    "log-log interval by the sandwich of baseline and coefficients (95%, clustered by patient); "
    "values of other models are taken as known"
)


def logistic_spread(
    names: Sequence[str], fit: LogisticFit, groups: Any, none: str = ""
) -> dict[str, Any]:
    """Return the covariance of the coefficients, the intercept first; or ``none``, why not."""
    if none:
        return {"none": none}
    spread = {"columns": list(names), "covariance": np.nan_to_num(fit.vcov)}
    return spread | ({"clustered": True} if clustered(groups) else {})


def cox_spread(
    names: Sequence[str],
    fit: CoxFit,
    values: FloatArray,
    y: NDArray[Any],
    robust: FloatArray | None = None,
    groups: Any = None,
) -> dict[str, Any]:
    """Return what the variance of a new case's cumulative hazard is made of.

    Up to each event time: the sum of squared increments of the baseline, and the sum of the mean
    covariates at risk, weighted by the increments (as `radpipe.stats.cox_curves` has them).
    Nothing where a coefficient runs to infinity, since its variance means nothing.

    Where a patient has several cases (``robust`` is the covariance by patient then), the baseline
    and the coefficients vary together: the squares are those of the patients' influence on the
    baseline, and ``cross`` is its covariance with the coefficients (Spiekerman and Lin, J Am Stat
    Assoc 1998;93:1164).
    """
    from radpipe.stats.cox_residuals import fitted_data

    if fit.monotone:
        return {}
    if robust is not None and not np.isfinite(robust).any():
        return {"none": FEW}
    found = fitted_data(fit, values, y["time"], y["event"].astype(float), None)
    hazard = found.hazard * np.exp(-found.shift)
    time, place = np.unique(found.sets.time[found.sets.slots], return_inverse=True)
    weighted = hazard[:, None] * found.mean
    means = np.column_stack([np.bincount(place, weights=column) for column in weighted.T])
    spread = {
        "columns": list(names),
        "covariance": np.nan_to_num(fit.vcov),
        "centre": fit.means,
        "time": time,
        "squares": np.cumsum(np.bincount(place, weights=hazard**2)),
        "mean_at_risk": np.cumsum(means, axis=0),
    }
    return spread if robust is None else spread | _by_patient(fit, values, y, robust, groups, time)


def _by_patient(
    fit: CoxFit,
    values: FloatArray,
    y: NDArray[Any],
    robust: FloatArray,
    groups: Any,
    time: FloatArray,
) -> dict[str, Any]:
    """Return what of the variance is another where a patient has several cases."""
    from radpipe.stats.cox_residuals import hazard_influence, score_residuals

    data = (fit, values, y["time"], y["event"].astype(float))
    patient = codes(groups, len(values))
    baseline = totals(hazard_influence(*data, time), patient)
    change = totals(score_residuals(*data) @ np.nan_to_num(fit.vcov), patient)
    return {
        "covariance": np.nan_to_num(robust),
        "squares": (baseline**2).sum(axis=0),
        "cross": baseline.T @ change,
        "clustered": True,
    }


def why_none(part: Mapping[str, Any]) -> str:
    """Return why a model that has risks has no intervals of them; empty where nothing is known."""
    return str(part.get("spread", {}).get("none", ""))


def interval_of(
    part: Mapping[str, Any],
    values: Mapping[str, FloatArray],
    score: FloatArray,
    horizons: tuple[float, ...],
) -> tuple[FloatArray, FloatArray, str] | None:
    """Return the lower and upper limits of risks and the method; None where there are none.

    Parameters
    ----------
    part : mapping
        What `radpipe.models.plain` wrote of the model.
    values : mapping of str to array, shape (n,)
        The prepared columns.
    score : array, shape (n,)
        Linear predictors.
    horizons : tuple of float
        Of a Cox model; limits are (n, horizons) then, else (n, 1).
    """
    spread = part.get("spread")
    if not spread or "none" in spread or part["link"] not in ("logit", "cox"):
        return None
    known = [i for i, name in enumerate(spread["columns"]) if name in values]
    table = np.array([values[spread["columns"][i]] for i in known]).reshape(len(known), -1).T
    covariance = np.array(spread["covariance"])
    patients = spread.get("clustered", False)
    if part["link"] == "logit":
        limits = _logistic(table, covariance, [0, *(i + 1 for i in known)], score)
        return *limits, LOGISTIC.format(BY_PATIENT if patients else "")
    limits = _cox(part, table, covariance[np.ix_(known, known)], known, score, horizons)
    return *limits, COX_BY_PATIENT if patients else COX


def _logistic(
    table: FloatArray, covariance: FloatArray, at: list[int], score: FloatArray
) -> tuple[FloatArray, FloatArray]:
    from scipy.special import expit

    from radpipe.stats.results import z_value

    rows = np.column_stack([np.ones(len(score)), table.reshape(len(score), -1)])
    own = covariance[np.ix_(at, at)]
    half = z_value(0.95) * np.sqrt(np.einsum("ni,ij,nj->n", rows, own, rows))
    return expit(score - half)[:, None], expit(score + half)[:, None]


def _cox(
    part: Mapping[str, Any],
    table: FloatArray,
    covariance: FloatArray,
    known: list[int],
    score: FloatArray,
    horizons: tuple[float, ...],
) -> tuple[FloatArray, FloatArray]:
    from radpipe.stats.results import z_value

    spread = part["spread"]
    place = np.searchsorted(np.array(spread["time"]), horizons, side="right")
    hazards = np.concatenate([[0.0], part["baseline"]["hazard"]])
    total = hazards[np.searchsorted(np.array(part["baseline"]["time"]), horizons, side="right")]
    squares = np.concatenate([[0.0], spread["squares"]])[place]
    p = len(spread["columns"])
    means = np.vstack([np.zeros(p), np.array(spread["mean_at_risk"]).reshape(-1, p)])[place]
    rows = table.reshape(len(score), -1) - np.array(spread["centre"])[known]
    distance = total[None, :, None] * rows[:, None, :] - means[None, :, known]
    own = np.einsum("nti,ij,ntj->nt", distance, covariance, distance)
    if "cross" in spread:
        cross = np.vstack([np.zeros(p), np.array(spread["cross"]).reshape(-1, p)])[place]
        own += 2.0 * np.einsum("nti,ti->nt", distance, cross[:, known])
    cumulative = np.exp(np.clip(score, -LIMIT, LIMIT))[:, None] * total
    inside = (cumulative > 0) & (total > 0)
    ratio = np.divide(
        np.sqrt(np.maximum(squares + own, 0.0)),
        total,
        out=np.full_like(cumulative, np.nan),
        where=inside,
    )
    half = z_value(0.95) * ratio
    return -np.expm1(-cumulative * np.exp(-half)), -np.expm1(-cumulative * np.exp(half))
