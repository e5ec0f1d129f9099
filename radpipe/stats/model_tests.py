"""Tests and measures of fitted models: Wald, likelihood ratio, pseudo R squared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from radpipe.stats.results import NAN, TestResult, floats, labels01, same_length


def wald_test(coef: Any, vcov: Any, which: Any, n: int, df_residual: float = NAN) -> TestResult:
    """Test that some coefficients are all 0 (``chi2 = b' V^-1 b``).

    Parameters
    ----------
    coef : array of shape (k,)
    vcov : array of shape (k, k)
        Covariance of the coefficients.
    which : sequence of int
        The coefficients, from 0. One that could not be estimated (NaN) is left out.
    n : int
        Cases used.
    df_residual : float
        Given: the F test of ``chi2 / df`` with these denominator degrees of freedom.
    """
    beta, covariance = floats(coef), floats(vcov)
    chosen = np.asarray(which, dtype=np.int64)
    chosen = chosen[np.isfinite(beta[chosen])]
    df = chosen.size
    method = "Wald chi-squared test" if np.isnan(df_residual) else "Wald F test"
    if df == 0:
        note = "none of the coefficients could be estimated: no test"
        return TestResult(NAN, NAN, method, n, note=note)
    own = covariance[np.ix_(chosen, chosen)]
    spread = np.sqrt(np.diag(own))
    known = bool(np.isfinite(own).all() and (spread > 0.0).all())
    correlation = own / np.outer(spread, spread) if known else np.zeros_like(own)
    if np.linalg.matrix_rank(correlation, hermitian=True) < df:
        note = "the coefficients have no covariance of full rank: no test"
        return TestResult(NAN, NAN, method, n, df, note=note)
    z = beta[chosen] / spread
    chi2 = float(z @ np.linalg.solve(correlation, z))
    if np.isnan(df_residual):
        return TestResult(chi2, float(special.chdtrc(df, chi2)), method, n, df)
    f = chi2 / df
    return TestResult(f, float(special.fdtrc(df, df_residual, f)), method, n, df)


def likelihood_ratio(deviance: float, df: int, larger: float, df_larger: int, n: int) -> TestResult:
    """Test a model against a larger one that contains it.

    Parameters
    ----------
    deviance, larger : float
        ``-2 loglik`` of either.
    df, df_larger : int
        Coefficients of either, ``df <= df_larger``.
    n : int
        Cases used, the same in both.
    """
    method, gained = "likelihood-ratio test", df_larger - df
    if gained < 0:
        raise ValueError(f"the larger model has {df_larger} coefficients, the smaller {df}")
    if gained == 0:
        note = "the larger model has no further coefficient: no test"
        return TestResult(NAN, NAN, method, n, 0, note=note)
    statistic = max(deviance - larger, 0.0)
    return TestResult(statistic, float(special.chdtrc(gained, statistic)), method, n, gained)


@dataclass(frozen=True)
class PseudoR2:
    """Shares of variation explained, from log-likelihoods.

    ``mcfadden``: 1 - loglik / null. ``cox_snell``: 1 - exp(-LR / n). ``nagelkerke``: Cox and
    Snell's over its maximum (Biometrika 1991;78:691), which rms prints as R2.
    """

    mcfadden: float
    cox_snell: float
    nagelkerke: float
    n: int
    note: str = ""


def pseudo_r2(loglik: float, loglik_null: float, n: int) -> PseudoR2:
    """Return the pseudo R squared of a model from its log-likelihood and the null model's."""
    if not loglik_null < 0.0:
        return PseudoR2(NAN, NAN, NAN, n, "the null model is certain: nothing to explain")
    cox_snell = -float(np.expm1(2.0 * (loglik_null - loglik) / n))
    largest = -float(np.expm1(2.0 * loglik_null / n))
    return PseudoR2(1.0 - loglik / loglik_null, cox_snell, cox_snell / largest, n)


def tjur(y: Any, risk: Any) -> float:
    """Return the mean risk of the events minus that of the others (Tjur, Am Stat 2009;63:366).

    NaN with one class only.
    """
    event, p = labels01(y), floats(risk)
    same_length(y=event, risk=p)
    if event.all() or not event.any():
        return NAN
    return float(p[event].mean() - p[~event].mean())
