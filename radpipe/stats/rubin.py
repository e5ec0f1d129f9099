"""Rubin's rules: one result from the analyses of several imputed data sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.results import FloatArray, floats, join_notes


@dataclass(frozen=True)
class Pooled:
    """Pooled estimates, each array of shape (k,).

    Attributes
    ----------
    estimate, se, t, df, p, lower, upper : array
        Mean over imputations with its total standard error; t on Barnard and Rubin's df.
    within, between, total : array
        Mean squared standard error, variance of the estimates, and
        ``within + (1 + 1/m) between``.
    riv : array
        Relative increase in variance due to the missing values.
    share : array
        Share of the total variance due to them (mice calls it lambda).
    fmi : array
        Fraction of missing information: the same, corrected for the finite df.
    imputations : int
    level : float
    method, note : str
    """

    estimate: FloatArray
    se: FloatArray
    t: FloatArray
    df: FloatArray
    p: FloatArray
    lower: FloatArray
    upper: FloatArray
    within: FloatArray
    between: FloatArray
    total: FloatArray
    riv: FloatArray
    share: FloatArray
    fmi: FloatArray
    imputations: int
    level: float
    method: str
    note: str = ""


def pool(estimates: Any, se: Any, df_complete: float = np.inf, level: float = 0.95) -> Pooled:
    """Pool estimates over imputed data sets, as R's ``mice::pool``.

    Parameters
    ----------
    estimates, se : array of shape (m, k) or (m,)
        From each of the m imputed data sets, on a scale where they are about normal (log odds
        ratio, log hazard ratio), with se >= 0.
    df_complete : float
        Residual degrees of freedom of the analysis of complete data; infinite for large-sample
        (z) results.
    level : float
        Of the interval, in (0, 1).

    Returns
    -------
    Pooled
        With one imputation the variance between them, and all that follows from it, is NaN.

    Raises
    ------
    ValueError
        If shapes differ, a value is missing or a standard error is negative.

    References
    ----------
    Rubin, Multiple Imputation for Nonresponse in Surveys, 1987. Barnard and Rubin, Biometrika
    1999;86:948.
    """
    from scipy.stats import t as student

    q, u = floats(estimates), floats(se)
    if q.shape != u.shape or q.ndim not in (1, 2) or q.shape[0] == 0:
        raise ValueError(f"estimates {q.shape} and standard errors {u.shape} do not match")
    if not np.isfinite(q).all() or not np.isfinite(u).all() or (u < 0).any():
        raise ValueError("estimates and standard errors must be finite, the latter not negative")
    if not df_complete > 0:
        raise ValueError(f"df_complete is {df_complete}; it must be positive")
    q, u = q.reshape(q.shape[0], -1), u.reshape(u.shape[0], -1)
    m, k = q.shape
    mean, within = q.mean(axis=0), (u**2).mean(axis=0)
    nothing = np.full(k, np.nan)
    between = q.var(axis=0, ddof=1) if m > 1 else nothing
    added = (1.0 + 1.0 / m) * between
    total = within + added
    known = (total > 0) & (within > 0)

    def over(a: FloatArray, b: FloatArray) -> FloatArray:
        return floats(np.divide(a, b, out=nothing.copy(), where=known))

    riv, share = over(added, within), over(added, total)
    df = _barnard_rubin(m, share, df_complete)
    root = np.sqrt(total)
    t = over(mean, root)
    half = student.ppf(0.5 + level / 2.0, df) * root
    return Pooled(
        estimate=mean,
        se=root,
        t=t,
        df=df,
        p=floats(2.0 * student.sf(np.abs(t), df)),
        lower=floats(mean - half),
        upper=floats(mean + half),
        within=within,
        between=between,
        total=total,
        riv=riv,
        share=share,
        fmi=floats((riv + 2.0 / (df + 3.0)) / (riv + 1.0)),
        imputations=m,
        level=level,
        method=f"Rubin's rules over {m} imputations, Barnard-Rubin df",
        note=join_notes(
            "one imputation says nothing about the variance between them" if m == 1 else "",
            "" if (within > 0).all() else "all standard errors of an estimate are 0: no test",
        ),
    )


def _barnard_rubin(m: int, share: FloatArray, df_complete: float) -> FloatArray:
    # without variance between the imputations the old df is infinite: mice's floor of the share
    old = (m - 1) / np.maximum(share, 1e-4) ** 2
    if np.isinf(df_complete):
        return floats(old)
    observed = (df_complete + 1.0) / (df_complete + 3.0) * df_complete * (1.0 - share)
    return floats(old * observed / (old + observed))
