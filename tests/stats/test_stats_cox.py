"""Properties of the Cox fits, beside the golden cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.stats.cox import baseline_at_zero, fit_cox, linear_predictor, survival_at
from radpipe.stats.cox_likelihood import moments, risk_sets
from radpipe.stats.design import DegenerateDataError


def sample(seed=0, n=90, p=3, decimals=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    time = np.round(rng.exponential(size=n) * np.exp(-0.7 * X[:, 0]), decimals) + 0.1
    return X, time, rng.random(n) < 0.7


def brute(X, time, event, beta, ties):
    """Return the log partial likelihood from its definition."""
    eta, total = X @ beta, 0.0
    for t in np.unique(time[event]):
        dead, risk = event & (time == t), np.exp(eta[time >= t]).sum()
        d, own = dead.sum(), np.exp(eta[dead]).sum()
        shares = np.arange(d) / d if ties == "efron" else np.zeros(d)
        total += eta[dead].sum() - np.log(risk - shares * own).sum()
    return total


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_derivatives_are_those_of_the_likelihood(ties):
    X, time, event = sample()
    sets = risk_sets(time, event, ties, np.zeros(len(time)))
    beta, step = np.array([0.4, -0.2, 0.1]), 1e-5
    now = moments(X[sets.order], X[sets.order] @ beta, sets)
    assert now.loglik == pytest.approx(brute(X, time, event, beta, ties), rel=1e-12)
    for j in range(3):
        e = step * np.eye(3)[j]
        up, down = (brute(X, time, event, beta + s * e, ties) for s in (1, -1))
        assert now.score[j] == pytest.approx((up - down) / (2 * step), abs=1e-5)
        above = moments(X[sets.order], X[sets.order] @ (beta + e), sets).score
        assert np.allclose(now.information[j], -(above - now.score) / step, atol=1e-2)
    assert now.expected.sum() == pytest.approx(event.sum())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_risk_rises_with_hazard_and_time(seed):
    X, time, event = sample(seed, n=30, p=2)
    if not event.any():
        return
    fit = fit_cox(X, time, event)
    grid = np.linspace(0, time.max(), 7)
    survival = survival_at(fit, X, grid)
    assert ((survival >= 0) & (survival <= 1)).all()
    assert (np.diff(survival, axis=1) <= 1e-12).all()
    order = np.argsort(linear_predictor(fit, X))
    assert (np.diff(survival[order], axis=0) <= 1e-12).all()
    assert fit.loglik >= fit.loglik_null


def test_strata_fitted_apart_have_the_same_likelihood():
    X, time, event = sample()
    side = (np.arange(len(time)) % 2).astype(float)
    joint = fit_cox(X, time, event, strata=side)
    parts = [
        brute(X[side == s], time[side == s], event[side == s], joint.coef, "efron") for s in (0, 1)
    ]
    assert joint.loglik == pytest.approx(sum(parts), rel=1e-10)
    assert len(joint.baselines) == 2
    with pytest.raises(ValueError, match="stratum"):
        survival_at(joint, X[:1], [1.0])


def test_baseline_without_covariates_is_nelson_aalen():
    _, time, event = sample(decimals=8)
    fit = fit_cox(np.zeros((len(time), 1)), time, event)
    assert np.isnan(fit.coef[0])
    order = np.argsort(time)
    hazard = np.cumsum(event[order] / np.arange(len(time), 0, -1))
    assert np.allclose(fit.baselines[0].cumhaz, hazard)
    assert np.allclose(baseline_at_zero(fit)[0].cumhaz, hazard)


def test_location_and_scale_do_not_matter():
    X, time, event = sample()
    a, b = fit_cox(X, time, event), fit_cox(1e4 + 1e-3 * X, time, event)
    assert np.allclose(a.coef, 1e-3 * b.coef, rtol=1e-6)
    assert np.allclose(survival_at(a, X, [1.0]), survival_at(b, 1e4 + 1e-3 * X, [1.0]))


def test_a_coefficient_that_runs_to_infinity_is_named():
    x = np.column_stack([np.r_[np.ones(5), np.zeros(5)], np.tile([0.0, 1.0], 5)])
    time = np.arange(1.0, 11.0)
    fit = fit_cox(x, time, np.ones(10))
    assert fit.monotone == (0,)


@pytest.mark.parametrize("event", [np.zeros(4), [1, 0, np.nan, 1]])
def test_data_that_determine_nothing(event):
    with pytest.raises(DegenerateDataError):
        fit_cox(np.arange(4.0), np.arange(1.0, 5.0), event)


def test_a_step_past_all_hazards_is_halved():
    # Many rare factors for few events: the first Newton step of this fit goes so far that
    # whole risk sets vanish, and their likelihood with them.
    rng = np.random.default_rng(109)
    X = (rng.random((30, 11)) < 0.25).astype(float) * rng.choice([1, 30], 11)
    X = np.column_stack([rng.normal(60, 15, 30), X])
    time = np.round(rng.exponential(size=30), 1) + 0.1
    event = rng.random(30) < 0.5
    fit = fit_cox(X, time, event)
    assert np.isfinite(fit.loglik)
    assert fit.loglik > fit.loglik_null
    assert np.isfinite(linear_predictor(fit, X)).all()
    sets = risk_sets(time, event, "efron", np.zeros(len(time)))
    assert np.isfinite(moments(X[sets.order], X[sets.order] @ fit.coef, sets).loglik)
