"""Intraclass correlation: the six forms of Shrout and Fleiss, of one feature or of thousands."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.icc_forms import ICC, ICCs, MeanSquares, forms_of
from radpipe.stats.results import BoolArray, FloatArray, floats


def icc(ratings: Any, level: float = 0.95) -> ICC:
    """Return all six forms of the intraclass correlation of one feature, as psych::ICC.

    Parameters
    ----------
    ratings : array (subjects, raters)
        A subject with a missing rating (NaN) is left out and counted.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    ICC
        NaN, with the reason in ``note``, where a form is undefined: one rater, fewer than two
        subjects, all ratings equal, an average over raters that does not vary.

    Raises
    ------
    ValueError
        If the ratings are not a table, or the level is not in (0, 1).
    """
    values = floats(ratings)
    if values.ndim != 2:
        raise ValueError(f"ratings have subjects and raters, not shape {values.shape}")
    return icc_features(values[None], level).one(0)


def icc_features(ratings: Any, level: float = 0.95) -> ICCs:
    """Return all six forms of the intraclass correlation of many features at once.

    Parameters
    ----------
    ratings : array (features, subjects, raters)
        A subject with a missing rating (NaN) is left out of that feature and counted.
    level : float
        Confidence level, in (0, 1).

    Raises
    ------
    ValueError
        If the array has not three axes, or the level is not in (0, 1).

    Notes
    -----
    Coefficients, F tests and intervals: Shrout and Fleiss, Psychol Bull 1979;86:420. Intervals of
    ICC(1) and ICC(3) are exact under the model, that of ICC(2) uses Satterthwaite's degrees of
    freedom. Readers that agree wholly have no error variance: F is infinite, p zero, and the
    limits are those that the formulas approach.
    """
    values = floats(ratings)
    if values.ndim != 3:
        raise ValueError(
            f"ratings have features, subjects and raters, not shape {values.shape} "
            "(icc takes the table of one feature)"
        )
    complete = np.asarray(np.isfinite(values).all(axis=2), dtype=np.bool_)
    return forms_of(
        mean_squares(values, complete),
        (~complete).sum(axis=1).astype(np.int64),
        level,
        "two-way analysis of variance, subjects with all ratings",
    )


def koo_li(value: float) -> str:
    """Return the class of an ICC in words (Koo and Li, J Chiropr Med 2016;15:155); "" for NaN.

    The authors read it from the limits of the interval, not from the estimate alone.
    """
    if np.isnan(value):
        return ""
    names = ("poor", "moderate", "good", "excellent")
    return names[int(np.searchsorted((0.5, 0.75, 0.9), value, side="right"))]


def mean_squares(values: FloatArray, complete: BoolArray) -> MeanSquares:
    """Return the mean squares of (features, subjects, raters) over complete subjects (f, s).

    What is left by rounding alone is zero; NaN where there is no degree of freedom.
    """
    k = values.shape[2]
    n = complete.sum(axis=1)
    with np.errstate(all="ignore"):
        kept = np.where(complete[:, :, None], values, 0.0)
        largest = np.abs(kept).max(axis=(1, 2), initial=0.0)
        centre = kept.sum(axis=(1, 2)) / (n * k)
        rest = np.where(complete[:, :, None], values - centre[:, None, None], 0.0)
        scale = np.abs(rest).max(axis=(1, 2), initial=0.0)
        # Squares of a feature in units of 1e-200 or 1e200 would leave the range of a float.
        rest /= np.where(scale > 0, scale, 1.0)[:, None, None]
        of_subject = rest.mean(axis=2, keepdims=True) if k else rest.sum(axis=2, keepdims=True)
        of_rater = rest.sum(axis=1, keepdims=True) / n[:, None, None]
        own = np.where(complete[:, :, None], rest - of_subject, 0.0)
        error = np.where(complete[:, :, None], own - of_rater, 0.0)
        rounding = (8 * np.finfo(float).eps * largest / scale) ** 2 * n * k
        squares = floats(
            [
                k * (of_subject**2).sum(axis=(1, 2)),
                n * (of_rater**2).sum(axis=(1, 2)),
                (error**2).sum(axis=(1, 2)),
                (own**2).sum(axis=(1, 2)),
            ]
        )
        squares[~(squares > rounding)] = 0.0
        df = floats([n - 1, np.full(n.size, k - 1), (n - 1) * (k - 1), n * (k - 1)])
        ms = np.where(df > 0, squares / df * scale**2, np.nan)
    subjects, raters, error_left, within = map(floats, ms)
    return MeanSquares(subjects, raters, error_left, within, n.astype(np.int64), k)
