"""Properties of elastic-net paths, beside the golden cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from radpipe.stats import lasso, lasso_cv
from radpipe.stats.cox_likelihood import moments, risk_sets
from radpipe.stats.design import DegenerateDataError
from radpipe.stats.lasso_path import outcome, saturated_loglik
from radpipe.stats.logistic import fit_logistic


def sample(seed=0, n=60, p=12):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) @ (np.eye(p) + 0.5 * rng.normal(size=(p, p)))
    X = X * rng.uniform(0.1, 10, p) + rng.uniform(-5, 5, p)
    y = (rng.random(n) < special.expit(0.2 * (X[:, 0] - X[:, 0].mean()))).astype(int)
    time = np.round(rng.exponential(size=n), 1) + 0.1
    return X, y, time


def optimal(X, residual_gradient, path, k):
    """Return whether lambda k's solution meets the optimality conditions, on scaled columns.

    ``residual_gradient`` is the gradient of the mean log-likelihood in each linear predictor.
    """
    gradient = (X - X.mean(axis=0)).T @ residual_gradient / path.scale
    beta = path.coefs[k] * path.scale
    penalty, alpha = path.lambdas[k], path.alpha
    smooth = gradient - penalty * (1 - alpha) * beta
    on = beta != 0
    worst = np.abs(smooth[on] - penalty * alpha * np.sign(beta[on]))
    off = np.maximum(np.abs(smooth[~on]) - penalty * alpha, 0)
    return max(worst.max(initial=0), off.max(initial=0)) < 1e-3 * penalty + 1e-6


@pytest.mark.parametrize("alpha", [1.0, 0.5])
@pytest.mark.parametrize("shape", [(60, 12), (30, 80)])
def test_optimality_conditions_binomial(alpha, shape):
    X, y, _ = sample(1, *shape)
    path = lasso.path_binomial(X, y, alpha=alpha)
    mu = special.expit(lasso.linear_predictor(path, X))
    for k in range(1, path.lambdas.size, 7):
        residual = (y - mu[:, k]) / len(y)
        assert abs(residual.sum()) < 1e-6
        assert optimal(X, residual, path, k)
    assert path.nonzero[0] == 0
    assert path.converged
    assert (np.diff(path.dev_ratio) > -1e-9).all()


def test_optimality_conditions_cox():
    X, event, time = sample(2)
    path = lasso.path_cox(X, time, event)
    sets = risk_sets(time, event == 1, "breslow", np.zeros(len(time)))
    for k in range(1, path.lambdas.size, 5):
        now = moments(X[sets.order], (X @ path.coefs[k])[sets.order], sets)
        residual = np.empty(len(time))
        residual[sets.order] = (sets.event - now.expected) / len(time)
        assert optimal(X, residual, path, k)
    assert (path.intercepts == 0).all()


def test_without_penalty_it_is_the_logistic_fit():
    X, y, _ = sample(3, n=200, p=4)
    path = lasso.path_binomial(X, y, lambdas=[1e-8])
    fit = fit_logistic(X, y)
    assert np.allclose(path.coefs[0], fit.coef[1:], rtol=1e-3)
    assert path.intercepts[0] == pytest.approx(fit.coef[0], rel=1e-3, abs=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_the_first_penalty_leaves_nothing(seed):
    X, y, time = sample(seed, n=25, p=6)
    if np.ptp(y) == 0:
        return
    paths = [
        lasso.path_binomial(X, y),
        lasso.path_cox(X, time, y),
        lasso.path_gaussian(X, X[:, 0] + time),
    ]
    for path in paths:
        assert not path.coefs[0].any()
        assert path.coefs[1].any()
        assert abs(path.dev_ratio[0]) < 1e-12
        assert (path.dev_ratio <= 1).all()


def test_constant_and_duplicate_columns():
    X, y, _ = sample()
    wide = np.column_stack([X, np.full(len(y), 3.0), X[:, 0]])
    path = lasso.path_binomial(wide, y)
    assert not path.coefs[:, -2].any()
    alone = lasso.path_binomial(X, y)
    k = min(path.lambdas.size, alone.lambdas.size) - 1
    assert np.allclose(
        lasso.linear_predictor(path, wide)[:, k], lasso.linear_predictor(alone, X)[:, k], atol=1e-3
    )


def test_the_same_numbers_again_and_for_rows_in_another_order():
    X, y, _ = sample()
    folds = np.arange(len(y)) % 5
    a, b = lasso.cv_binomial(X, y, folds), lasso.cv_binomial(X, y, folds)
    assert (a.cv_mean == b.cv_mean).all()
    assert (a.path.coefs == b.path.coefs).all()
    mixed = np.random.default_rng(0).permutation(len(y))
    c = lasso.cv_binomial(X[mixed], y[mixed], folds[mixed])
    assert np.allclose(a.cv_mean, c.cv_mean, atol=1e-6)


def test_cross_validation_of_noise_prefers_no_feature_at_one_se():
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(60, 40)), np.arange(60) % 2
    found = lasso.cv_binomial(X, y, np.arange(60) // 2 % 5)
    assert found.path.nonzero[found.index_1se] == 0
    assert found.lambda_1se >= found.lambda_min
    assert found.cv_mean[found.index_min] == found.cv_mean.min()


def test_few_cases_a_fold_count_singly():
    X, y, _ = sample(n=12, p=3)
    y = np.tile([0, 1], 6)
    found = lasso.cv_binomial(X, y, np.arange(12) // 2)
    losses = []
    for fold in range(6):
        out = np.arange(12) // 2 == fold
        path = lasso.path_binomial(X[~out], y[~out], lambdas=found.path.lambdas[:1])
        mu = special.expit(lasso.linear_predictor(path, X[out])[:, 0])
        losses.extend(-2 * np.log(np.where(y[out] == 1, mu, 1 - mu)))
    assert found.cv_mean[0] == pytest.approx(np.mean(losses))
    assert found.cv_se[0] == pytest.approx(np.std(losses) / np.sqrt(11))


def test_auc_of_small_folds_falls_back_to_the_least_deviance():
    X, y, _ = sample(n=40, p=4)
    folds = np.arange(40) % 5
    found = lasso.cv_binomial(X, y, folds, "auc")
    assert found.measure == "binomial deviance"
    assert found.lambda_min == lasso.cv_binomial(X, y, folds).lambda_min


def test_interpolation_between_penalties():
    X, y, _ = sample()
    path = lasso.path_binomial(X, y)
    middle = path.lambdas[3:5].mean()
    intercepts, coefs = lasso.coefficients_at(path, [path.lambdas[3], middle, 99.0, 1e-9])
    assert np.allclose(coefs[0], path.coefs[3])
    assert np.allclose(coefs[1], path.coefs[3:5].mean(axis=0))
    assert np.allclose(coefs[2], path.coefs[0])
    assert np.allclose(coefs[3], path.coefs[-1])
    assert intercepts[1] == pytest.approx(path.intercepts[3:5].mean())


def test_data_that_determine_nothing():
    X, y, time = sample()
    with pytest.raises(DegenerateDataError, match="one value"):
        lasso.path_binomial(X, np.ones(len(y)))
    with pytest.raises(DegenerateDataError, match="no event"):
        lasso.path_cox(X, time, np.zeros(len(y)))
    with pytest.raises(DegenerateDataError, match="no column"):
        lasso.path_binomial(np.ones_like(X), y)
    with pytest.raises(DegenerateDataError, match="three folds"):
        lasso.cv_binomial(X, y, np.arange(len(y)) % 2)
    with pytest.raises(DegenerateDataError, match="without fold"):
        lasso.cv_binomial(X, y, np.where(y == 1, 0, 1 + np.arange(len(y)) % 2))


@pytest.mark.parametrize("size", [1.0, 100.0, 1e5])
def test_cox_deviance_of_predictors_of_any_size(size):
    """Coefficients of separated rows make new rows' predictors so large that exp() is 0 or inf."""
    _, event, time = sample(3)
    eta = size * np.random.default_rng(1).normal(size=(len(time), 2))
    target = outcome("cox", len(time), event, time)
    expected = np.zeros(2)
    for i in np.flatnonzero(event):
        expected += eta[i] - special.logsumexp(eta[time >= time[i]], axis=0)
    expected = 2 * (saturated_loglik(target) - expected)
    assert lasso_cv.cox_deviances(target, eta) == pytest.approx(expected, rel=1e-9)
