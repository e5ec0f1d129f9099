"""Intraclass correlation by restricted maximum likelihood: uses subjects with missing ratings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from radpipe.stats.icc_forms import ICC, MeanSquares, forms_of
from radpipe.stats.results import FloatArray, floats, join_notes

_METHOD = "REML variance components, all ratings"
# Of a standard deviation over that of the error; beyond it an ICC is 1 in twelve digits.
_LARGEST = 1e6


def icc_reml(ratings: Any, level: float = 0.95) -> ICC:
    """Return all six forms from REML variance components, as psych::ICC(lmer = TRUE).

    Parameters
    ----------
    ratings : array (subjects, raters)
        Missing ratings (NaN) are allowed; a subject without any rating is left out.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    ICC
        ``n`` counts the subjects with at least one rating. The mean squares are those that a
        complete table with these components would have, and the intervals are as of
        :func:`radpipe.stats.icc.icc`: approximate where ratings are missing.

    Raises
    ------
    ValueError
        If the ratings are not a table, or the level is not in (0, 1).

    Notes
    -----
    Model: rating = mean + subject + rater + error, all three random and normal. The two variance
    ratios maximise the restricted likelihood (Patterson and Thompson, Biometrika 1971;58:545);
    a component may be zero, so that a coefficient is not negative as from mean squares.
    """
    values = floats(ratings)
    if values.ndim != 2:
        raise ValueError(f"ratings have subjects and raters, not shape {values.shape}")
    rated = np.isfinite(values).any(axis=1)
    table = values[rated]
    known = np.isfinite(table)
    n, k = table.shape
    left_out = np.array([int((~rated).sum())])
    said = f"{left_out[0]} subjects without a rating left out" if left_out[0] else ""
    cells = int(known.sum())
    if cells < n * k:
        said = join_notes(said, f"{n * k - cells} of {n * k} ratings missing")
    reason = _undefined(table, known)
    if reason:
        components = np.full(3, np.nan)
    else:
        components = variance_components(table)
    subject, rater, error = (floats([c]) for c in components)
    ms = MeanSquares(
        subjects=k * subject + error,
        raters=n * rater + error,
        error=error,
        within=rater + error,
        n=np.array([n]),
        k=k,
    )
    result = forms_of(ms, left_out, level, _METHOD).one(0)
    return replace(result, note=join_notes(said, reason) if reason or said else result.note)


def variance_components(ratings: Any) -> FloatArray:
    """Return the REML variances of subjects, raters and error of a table, (3,).

    Parameters
    ----------
    ratings : array (subjects, raters)
        NaN where a rating is missing; every subject and rater has one.
    """
    from scipy.optimize import minimize

    values = floats(ratings)
    known = np.isfinite(values)
    centre, scale = float(values[known].mean()), float(values[known].std())
    y = np.where(known, (values - centre) / scale, 0.0)
    products = _products(y, known)

    def objective(theta: FloatArray) -> float:
        return _profile(theta, *products)[0]

    bounds = [(0.0, _LARGEST)] * 2
    coarse = minimize(objective, np.ones(2), method="L-BFGS-B", bounds=bounds)
    fine = minimize(
        objective,
        coarse.x,
        method="Nelder-Mead",
        bounds=bounds,
        options={"xatol": 1e-9 * max(1.0, float(coarse.x.max())), "fatol": 1e-13, "maxiter": 2000},
    )
    theta = floats(fine.x if fine.fun <= coarse.fun else coarse.x)
    error = _profile(theta, *products)[1]
    return floats([*(theta**2 * error), error]) * scale**2


def _products(y: FloatArray, known: Any) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what the likelihood needs of the k + 2 columns raters' indicators, mean, y.

    The triangular factor of their deviations within subjects (k + 2, k + 2), subjects' means
    (n, k + 2), and how many ratings each subject has (n,).
    """
    n, k = y.shape
    columns = np.zeros((n, k, k + 2))
    columns[:, :, :k] = np.eye(k)
    columns[:, :, k] = 1.0
    columns[:, :, k + 1] = y
    columns *= known[:, :, None]
    count = known.sum(axis=1).astype(float)
    means = columns.sum(axis=1) / count[:, None]
    rest = (columns - means[:, None]) * known[:, :, None]
    return floats(np.linalg.qr(rest.reshape(n * k, k + 2), mode="r")), floats(means), count


def _profile(
    theta: FloatArray, within: FloatArray, means: FloatArray, count: FloatArray
) -> tuple[float, float]:
    """Return -2 log restricted likelihood, up to a constant, and the error variance at its best.

    ``theta`` are the standard deviations of subjects and raters over that of the error. Subjects
    are eliminated by the weight of their means; the raters' effects are penalised least squares
    (Bates et al., J Stat Softw 2015;67(1)), and one factorisation gives all that is asked.
    """
    by_subject, by_rater = theta
    k = means.shape[1] - 2
    grown = 1 + by_subject**2 * count
    rows = np.vstack([within, np.sqrt(count / grown)[:, None] * means])
    rows[:, :k] *= by_rater
    factor = np.linalg.qr(np.vstack([rows, np.eye(k, k + 2)]), mode="r")
    diagonal = np.abs(np.diag(factor))
    residual, df = diagonal[-1] ** 2, count.sum() - 1
    logs = np.log(grown).sum() + 2 * np.log(diagonal[:-1]).sum()
    return float(logs + df * np.log(residual)), float(residual / df)


def _undefined(table: FloatArray, known: Any) -> str:
    n, k = table.shape
    if k < 2 or (known.any(axis=0)).sum() < 2:
        return "fewer than two raters: no ICC"
    if not known.any(axis=0).all():
        return "a rater has no rating: leave that rater out"
    if n < 2:
        return "fewer than two subjects: no ICC"
    if (known.sum(axis=1) > 1).sum() < 2:
        return "fewer than two subjects with several ratings: the error is not identified"
    values = table[known]
    if np.ptp(values) <= 8 * np.finfo(float).eps * np.abs(values).max():
        return "all ratings are equal: no ICC"
    if _additive(table, known):
        return "no error variance: the likelihood has no maximum (see the analysis of variance)"
    return ""


def _additive(table: FloatArray, known: Any) -> bool:
    """Return whether subjects and raters explain every rating."""
    n, k = table.shape
    subject, rater = np.nonzero(known)
    design = np.zeros((subject.size, n + k))
    design[np.arange(subject.size), subject] = 1
    design[np.arange(subject.size), n + rater] = 1
    y = table[known] - table[known].mean()
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return bool(np.abs(rest).max() <= 1e-12 * np.abs(table[known]).max())
