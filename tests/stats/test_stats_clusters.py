"""Sandwich covariances by patient: their definition, and the other implementations of it."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from radpipe.stats import (
    clusters,
    cox,
    cox_residuals,
    fine_gray,
    linear,
    logistic,
    multinomial,
    ordinal,
)


def patients(n=240, k=60, seed=3):
    """Return columns, a line that patients share in part, and each case's patient."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, k, n)
    X = rng.normal(size=(n, 3)) + rng.normal(size=(k, 3))[group]
    return X, X @ [0.5, -0.3, 0.0] + rng.normal(size=k)[group], group, rng


def by_statsmodels(model, group, **how):
    cluster = {"groups": group, "use_correction": False}
    return model.fit(cov_type="cluster", cov_kwds=cluster, **how)


NEWTON = {"method": "newton", "tol": 1e-14, "disp": 0}


def test_the_logistic_covariance_by_patient_is_that_of_statsmodels():
    X, line, group, rng = patients()
    y = (line + rng.logistic(size=len(line)) > 0).astype(float)
    found = logistic.robust_vcov(logistic.fit_logistic(X, y), X, y, groups=group)
    known = by_statsmodels(sm.Logit(y, sm.add_constant(X)), group, **NEWTON)
    np.testing.assert_allclose(found, known.cov_params(), rtol=1e-9)
    fit = clusters.with_vcov(logistic.fit_logistic(X, y), found)
    np.testing.assert_allclose(fit.se, known.bse, rtol=1e-9)
    np.testing.assert_allclose(fit.p, known.pvalues, rtol=1e-8)
    np.testing.assert_allclose(np.column_stack([fit.lower, fit.upper]), known.conf_int(), rtol=1e-8)


def test_weights_of_the_logistic_covariance_count_as_cases_of_the_patient():
    X, line, group, rng = patients(seed=5)
    y = (line + rng.logistic(size=len(line)) > 0).astype(float)
    times = rng.integers(1, 4, len(y))
    rows = np.repeat(np.arange(len(y)), times)
    found = logistic.robust_vcov(logistic.fit_logistic(X, y, times), X, y, times, groups=group)
    fit = logistic.fit_logistic(X[rows], y[rows])
    known = logistic.robust_vcov(fit, X[rows], y[rows], groups=group[rows])
    np.testing.assert_allclose(found, known, rtol=1e-6)


def test_the_multinomial_covariance_by_patient_is_that_of_statsmodels():
    X, line, group, rng = patients()
    y = np.digitize(line + rng.logistic(size=len(line)), [-1, 1])
    found = multinomial.robust_vcov(multinomial.fit_multinomial(X, y), X, y, group)
    known = by_statsmodels(sm.MNLogit(y, sm.add_constant(X)), group, **NEWTON)
    np.testing.assert_allclose(found, known.cov_params(), rtol=1e-7)


def test_the_ordinal_covariance_by_patient_is_that_of_the_scores_of_statsmodels():
    X, line, group, rng = patients()
    y = np.digitize(line + rng.logistic(size=len(line)), [-1, 1])
    fit = ordinal.fit_ordinal(X, y)
    model = OrderedModel(y, X, distr="logit")
    # its second threshold is the logarithm of the distance from the first
    gap = fit.thresholds[1] - fit.thresholds[0]
    own = np.concatenate([fit.coef, fit.thresholds[:1], [np.log(gap)]])
    turn = np.eye(5)
    turn[4, 3], turn[4, 4] = 1.0, gap
    scores = clusters.totals(model.score_obs(own) @ np.linalg.inv(turn), group)
    known = fit.vcov @ scores.T @ scores @ fit.vcov
    np.testing.assert_allclose(ordinal.robust_vcov(fit, X, y, group), known, rtol=1e-5)


def test_linear_errors_by_patient_are_those_of_statsmodels():
    X, line, group, rng = patients()
    y = line + rng.normal(size=len(line))
    found = linear.by_patient(linear.fit_linear(X, y), group)
    known = by_statsmodels(sm.OLS(y, sm.add_constant(X)), group, use_t=True)
    np.testing.assert_allclose(found.vcov, known.cov_params(), rtol=1e-10)
    np.testing.assert_allclose(found.p, known.pvalues, rtol=1e-8)
    n = len(np.unique(group))
    wald = known.wald_test(np.eye(4)[1:], use_f=True, scalar=True).statistic
    assert found.f_test.p == pytest.approx(stats.f.sf(wald, 3, n - 1), rel=1e-8)


def test_fine_gray_errors_of_doubled_cases_by_patient_are_those_of_the_cases():
    X, line, group, rng = patients(n=120)
    time, event = rng.exponential(np.exp(-line)), rng.integers(0, 3, len(line))
    once = fine_gray.fit_fine_gray(X, time, event, groups=group)
    data = (np.vstack([X, X]), np.tile(time, 2), np.tile(event, 2))
    twice = fine_gray.fit_fine_gray(*data, groups=np.tile(group, 2))
    np.testing.assert_allclose(twice.se, once.se, rtol=1e-8)
    alone = fine_gray.fit_fine_gray(X, time, event, groups=np.arange(len(X)))
    np.testing.assert_array_equal(alone.se, fine_gray.fit_fine_gray(X, time, event).se)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_the_influence_on_the_baseline_is_what_leaving_a_case_out_changes(ties):
    X, line, _, rng = patients(n=300)
    time = np.ceil(rng.exponential(np.exp(-line)) * 20)
    event = (rng.random(len(line)) < 0.7).astype(float)
    fit = cox.fit_cox(X, time, event, ties)
    at = np.quantile(time, [0.2, 0.5, 0.8])
    own = cox_residuals.hazard_influence(fit, X, time, event, at)
    np.testing.assert_allclose(own.sum(axis=0), 0, atol=1e-10)
    relative = np.exp(cox.linear_predictor(fit, X))

    def baseline(rows):
        sets = cox_residuals.risk_sets(time[rows], event[rows] == 1, ties, np.zeros(rows.sum()))
        sums = cox_residuals.risk_sums(relative[rows][sets.order][:, None], sets)[:, 0]
        return np.array([(1 / sums)[sets.time[sets.slots] <= t].sum() for t in at])

    whole = baseline(np.ones(len(X), dtype=bool))
    for i in range(0, len(X), 30):
        change = whole - baseline(np.arange(len(X)) != i)
        np.testing.assert_allclose(own[i], change, rtol=0.05, atol=3e-5)


def test_too_few_patients_have_no_covariance():
    X, line, _, rng = patients()
    y = (line + rng.logistic(size=len(line)) > 0).astype(float)
    fit = logistic.fit_logistic(X, y)
    four, five = (logistic.robust_vcov(fit, X, y, groups=np.arange(len(y)) % k) for k in (4, 5))
    assert np.isnan(four).all()
    assert np.isfinite(five).all()
