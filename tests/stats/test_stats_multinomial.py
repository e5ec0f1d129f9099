"""Multinomial and ordinal logistic regression."""

import numpy as np
import pytest
from scipy import special

from radpipe.stats import multinomial, ordinal
from radpipe.stats.design import DegenerateDataError
from radpipe.stats.logistic import fit_logistic
from radpipe.stats.multinomial import fit_multinomial
from radpipe.stats.ordinal import fit_ordinal, profile_intervals


def sample(seed=0, n=150):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    latent = X @ [1.0, -0.5] + rng.logistic(size=n)
    return X, np.digitize(latent, [-1.0, 1.0])


def test_two_classes_are_binary_logistic_regression():
    X, y = sample()
    y = (y > 0).astype(int)
    binary = fit_logistic(X, y)
    many, steps = fit_multinomial(X, y), fit_ordinal(X, y)
    assert many.coef[0] == pytest.approx(binary.coef, abs=1e-8)
    assert many.se[0] == pytest.approx(binary.se, rel=1e-6)
    assert steps.coef == pytest.approx(binary.coef[1:], abs=1e-8)
    assert -steps.thresholds[0] == pytest.approx(binary.coef[0], abs=1e-8)
    for fit in (many, steps):
        assert fit.loglik == pytest.approx(binary.loglik)
        assert fit.loglik_null == pytest.approx(binary.loglik_null)
        assert fit.aic == pytest.approx(binary.aic)
        assert fit.bic == pytest.approx(binary.bic)
        assert not fit.note


def test_reference_class_only_changes_the_words():
    X, y = sample()
    a, b = fit_multinomial(X, y, [0, 1, 2]), fit_multinomial(X, y, [2, 1, 0])
    assert a.loglik == pytest.approx(b.loglik)
    assert a.coef[1] == pytest.approx(-b.coef[1], abs=1e-7)
    assert multinomial.predict(a, X) == pytest.approx(multinomial.predict(b, X)[:, ::-1], abs=1e-8)
    shares = multinomial.predict(a, X).mean(axis=0)
    assert shares == pytest.approx(np.bincount(y) / y.size)  # the score is zero


def test_reversed_order_turns_the_signs():
    X, y = sample()
    up, down = fit_ordinal(X, y, [0, 1, 2]), fit_ordinal(X, y, [2, 1, 0])
    assert up.coef == pytest.approx(-down.coef, abs=1e-7)
    assert up.thresholds == pytest.approx(-down.thresholds[::-1], abs=1e-7)
    assert ordinal.predict(up, X) == pytest.approx(ordinal.predict(down, X)[:, ::-1], abs=1e-8)
    assert ordinal.predict(up, X).sum(axis=1) == pytest.approx(1)


def test_ordinal_errors_are_those_of_the_curvature():
    X, y = sample()
    fit = fit_ordinal(X, y)

    def loglik(b):
        below = special.expit(b[2:] - (X @ b[:2])[:, None])
        p = np.diff(np.column_stack([np.zeros(len(y)), below, np.ones(len(y))]), axis=1)
        return np.log(p[np.arange(len(y)), y]).sum()

    top = np.concatenate([fit.coef, fit.thresholds])
    assert loglik(top) == pytest.approx(fit.loglik)
    h = 1e-3 * np.eye(4)
    curvature = np.array(
        [
            [
                (loglik(top + a + b) - loglik(top + a - b) - loglik(top - a + b))
                + loglik(top - a - b)
                for a in h
            ]
            for b in h
        ]
    ) / (4 * 1e-6)
    assert fit.vcov == pytest.approx(np.linalg.inv(-curvature), rel=1e-3, abs=1e-6)


def test_ordinal_profile_limits_lower_the_likelihood_by_the_quantile():
    X, y = sample()
    fit, found = fit_ordinal(X, y), profile_intervals(X, y)
    without = fit_ordinal(X[:, 1:], y)
    statistic = 2 * (fit.loglik - without.loglik)
    assert found.p[0] == pytest.approx(special.chdtrc(1, statistic))
    assert found.coef == pytest.approx(fit.coef)
    assert np.abs(found.lower - fit.lower).max() < 0.1 * np.abs(fit.upper - fit.lower).max()
    assert (found.lower < fit.coef).all()
    assert (fit.coef < found.upper).all()


@pytest.mark.parametrize("fit", [fit_multinomial, fit_ordinal])
def test_weights_count_cases_and_aliased_columns_have_no_coefficient(fit):
    X, y = sample(n=60)
    weights = np.random.default_rng(1).integers(0, 4, 60)
    often = np.repeat(np.arange(60), weights)
    a, b = fit(X, y, weights=weights), fit(X[often], y[often])
    assert a.coef == pytest.approx(b.coef, abs=1e-7)
    assert a.se == pytest.approx(b.se)
    wide = fit(np.column_stack([X, X[:, 0], np.ones(60)]), y)
    assert np.isnan(wide.coef[..., -2:]).all()
    assert wide.loglik == pytest.approx(fit(X, y).loglik)


@pytest.mark.parametrize("fit", [fit_multinomial, fit_ordinal])
def test_separation_is_said(fit):
    x = np.arange(12.0)
    complete = fit(x, np.repeat([0, 1, 2], 4))
    assert complete.separated
    assert "complete separation" in complete.note
    partly = fit((x > 7).astype(float), np.array([0, 1, 0, 1, 0, 1, 0, 1, 2, 2, 2, 2]))
    assert "quasi-complete separation" in partly.note
    assert not fit(*sample()).separated


@pytest.mark.parametrize("fit", [fit_multinomial, fit_ordinal])
def test_data_that_determine_nothing(fit):
    with pytest.raises(DegenerateDataError, match="two or more"):
        fit(np.arange(3.0), [1, 1, 1])
    with pytest.raises(DegenerateDataError, match="no case"):
        fit(np.arange(3.0), [0, 1, 1], [0, 1, 2])
    with pytest.raises(ValueError, match="none of the classes"):
        fit(np.arange(3.0), [0, 1, 7], [0, 1])
