"""Linear regression: identities, other people's formulas, degenerate data."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from radpipe.stats.design import DegenerateDataError
from radpipe.stats.linear import fit_linear, leverage, predict, robust
from radpipe.stats.linear_diagnostics import breusch_pagan, durbin_watson, influence
from radpipe.stats.vif import column_vif, vif


def sample(seed=0, n=50):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    X[:, 2] += X[:, 0]
    return X, X @ [1.0, 0.5, 0.0] + rng.normal(size=n) * (1 + np.abs(X[:, 0]))


def test_one_predictor_is_the_correlation():
    X, y = sample()
    fit = fit_linear(X[:, 0], y)
    r = stats.pearsonr(X[:, 0], y)
    assert fit.standardised[1] == pytest.approx(r.statistic)
    assert fit.r2 == pytest.approx(r.statistic**2)
    assert fit.p[1] == pytest.approx(r.pvalue)
    assert fit.f_test.p == pytest.approx(r.pvalue)


def test_aic_counts_sigma():
    X, y = sample()
    fit, other = fit_linear(X, y), sm.OLS(y, sm.add_constant(X)).fit()
    assert fit.loglik == pytest.approx(other.llf)
    assert fit.aic == pytest.approx(other.aic + 2)
    assert fit.bic == pytest.approx(other.bic + np.log(50))


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3"])
def test_robust_errors(kind):
    X, y = sample()
    found, other = robust(fit_linear(X, y), kind), sm.OLS(y, sm.add_constant(X)).fit(cov_type=kind)
    assert found.se == pytest.approx(other.bse)
    assert found.f_test.statistic == pytest.approx(other.fvalue)
    assert found.covariance == kind


def test_hc4_lies_on_hc0_where_leverage_is_low():
    n = 4000
    X = np.tile([0.0, 1.0], n // 2)
    fit = fit_linear(X, np.random.default_rng(0).normal(size=n))
    assert robust(fit, "HC4").se == pytest.approx(robust(fit, "HC0").se, rel=1e-3)
    with pytest.raises(ValueError, match="HC0 to HC4"):
        robust(fit, "HC9")


def test_influence_is_that_of_leaving_a_case_out():
    X, y = sample(n=20)
    fit, found = fit_linear(X, y), influence(fit_linear(X, y))
    without = fit_linear(X[1:], y[1:])
    change = fit.coef - without.coef
    unscaled = np.sqrt(np.diag(fit.vcov)) / fit.sigma
    assert found.dfbetas[0] == pytest.approx(change / (without.sigma * unscaled))
    moved = fit.design @ change
    assert found.cook[0] == pytest.approx(moved @ moved / (4 * fit.sigma**2))
    out = y[0] - predict(without, X[:1]).fitted[0]
    assert found.studentised[0] == pytest.approx(
        out * (1 - leverage(fit)[0]) / (without.sigma * np.sqrt(1 - leverage(fit)[0]))
    )
    assert leverage(fit).sum() == pytest.approx(4)


def test_durbin_watson_p_is_its_share_under_independence():
    rng = np.random.default_rng(1)
    for n in (30, 120):  # exact, and by moments
        X = np.column_stack([np.arange(n), rng.normal(size=n)])
        fit = fit_linear(X, rng.normal(size=n))
        q = np.linalg.qr(fit.design)[0]
        e = rng.normal(size=(20_000, n))
        e -= (e @ q) @ q.T
        d = (np.diff(e, axis=1) ** 2).sum(axis=1) / (e**2).sum(axis=1)
        found = durbin_watson(fit)
        assert found.p == pytest.approx((d < found.statistic).mean(), abs=0.015)


def test_breusch_pagan_sees_unequal_variances():
    rng = np.random.default_rng(2)
    x = rng.uniform(1, 5, 400)
    even, uneven = rng.normal(size=400), rng.normal(size=400) * x
    assert breusch_pagan(fit_linear(x, even)).p > 0.01
    for studentised in (True, False):
        assert breusch_pagan(fit_linear(x, uneven), studentised).p < 1e-6


def test_vif_is_that_of_a_column_on_the_others():
    X, y = sample()
    fit = fit_linear(X, y)
    found = vif(fit.vcov, {"a": [1], "b": [2], "both": [3]})
    r2 = fit_linear(X[:, 1:], X[:, 0]).r2
    assert found["a"].gvif == pytest.approx(1 / (1 - r2))
    assert column_vif(fit.vcov)[0] == pytest.approx(1 / (1 - r2))
    group = vif(fit.vcov, {"pair": [1, 3], "b": [2]})
    assert group["b"].gvif == pytest.approx(found["b"].gvif)
    assert group["pair"].scaled == pytest.approx(group["pair"].gvif ** 0.25)
    aliased = fit_linear(np.column_stack([X, X[:, 0]]), y)
    assert np.isnan(vif(aliased.vcov, {"a": [1], "d": [4]})["a"].gvif)
    assert "not estimated" in vif(aliased.vcov, {"a": [1], "d": [4]})["a"].note


def test_prediction_interval_is_wider_and_holds_the_line():
    X, y = sample()
    fit = fit_linear(X, y)
    mean, case = predict(fit, X), predict(fit, X, "prediction")
    assert mean.fitted == pytest.approx(fit.fitted)
    assert (case.upper - case.lower > mean.upper - mean.lower).all()
    one = predict(fit, [[0.0, 0, 0]])
    assert one.lower[0] == pytest.approx(fit.lower[0])
    with pytest.raises(ValueError, match="columns"):
        predict(fit, X[:, :2])


@pytest.mark.parametrize(
    ("X", "y", "note"),
    [
        (np.arange(2.0), [1.0, 2.0], "no residual degrees"),
        (np.arange(3.0), [1.0, 1.0, 1.0], "constant"),
        (np.arange(4.0), [0.0, 2.0, 4.0, 6.0], "perfect"),
        ([[1.0]], [2.0], "no residual degrees"),
        (np.zeros((3, 1)), [0.0, 0.0, 0.0], "constant"),
    ],
)
def test_nothing_to_test(X, y, note):
    fit = fit_linear(X, y)
    assert note in fit.note
    assert np.isnan(fit.f_test.p)
    assert np.isnan(fit.p).all()
    for test in (breusch_pagan(fit), durbin_watson(fit), robust(fit).f_test):
        assert np.isnan(test.p)
        assert test.note


@pytest.mark.parametrize("y", [[1.0, np.nan, 2.0], [1.0, np.inf, 2.0]])
def test_missing_values(y):
    with pytest.raises(DegenerateDataError, match="missing"):
        fit_linear(np.arange(3.0), y)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8), st.booleans())
def test_small_integers_give_numbers_or_notes(seed, n, intercept):
    rng = np.random.default_rng(seed)
    X, y = rng.integers(0, 3, (n, 2)).astype(float), rng.integers(0, 3, n).astype(float)
    if not intercept and not X.any():
        return
    fit = fit_linear(X, y, intercept=intercept)
    influence(fit)
    for kind in ("HC1", "HC3", "HC4"):
        robust(fit, kind)
    if not fit.note:
        assert 0 <= fit.r2 <= 1
        assert ((fit.p >= 0) & (fit.p <= 1))[fit.keep].all()
        serial = durbin_watson(fit)
        assert 0 <= serial.p <= 1 or "one value" in serial.note
