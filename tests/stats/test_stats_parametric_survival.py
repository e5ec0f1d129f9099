import numpy as np
import pytest

from radpipe.stats import parametric_survival as aft
from radpipe.stats.design import DegenerateDataError

KINDS = ("exponential", "weibull", "lognormal", "loglogistic")


def cohort(n=200, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    t = np.exp(1 + X @ [0.5, 0] + 0.6 * np.log(rng.exponential(size=n)))
    c = rng.exponential(8, n)
    return X, np.minimum(t, c), (t <= c).astype(int)


def test_exponential_without_predictors_is_events_over_time():
    _, t, d = cohort()
    fit = aft.fit_parametric(np.empty((t.size, 0)), t, d, "exponential")
    rate = d.sum() / t.sum()
    assert fit.coef[0] == pytest.approx(-np.log(rate))
    assert fit.se[0] == pytest.approx(1 / np.sqrt(d.sum()))
    assert fit.loglik == pytest.approx(d.sum() * np.log(rate) - rate * t.sum())


def test_lognormal_without_censoring_is_least_squares():
    X, t, _ = cohort()
    fit = aft.fit_parametric(X, t, np.ones(t.size), "lognormal")
    design = np.column_stack([np.ones(t.size), X])
    coef, rest = np.linalg.lstsq(design, np.log(t), rcond=None)[:2]
    assert fit.coef == pytest.approx(coef)
    assert fit.scale == pytest.approx(np.sqrt(rest[0] / t.size))


@pytest.mark.parametrize("kind", KINDS)
def test_another_unit_of_time_or_predictor_changes_nothing_else(kind):
    X, t, d = cohort()
    fit = aft.fit_parametric(X, t, d, kind)
    years = aft.fit_parametric(1000 * X + 5e6, t / 365, d, kind)
    assert years.coef[1:] == pytest.approx(fit.coef[1:] / 1000)
    assert years.p[1:] == pytest.approx(fit.p[1:], rel=1e-5)
    assert years.lr_test.statistic == pytest.approx(fit.lr_test.statistic)
    assert years.loglik == pytest.approx(fit.loglik + d.sum() * np.log(365))


@pytest.mark.parametrize("kind", KINDS)
def test_quantiles_are_where_survival_is(kind):
    X, t, d = cohort()
    fit = aft.fit_parametric(X, t, d, kind)
    median = aft.quantile(fit, X[:4], 0.5)
    np.testing.assert_allclose(np.diag(aft.survival_at(fit, X[:4], median)), 0.5)
    assert aft.survival_at(fit, X[:1], [0.0])[0, 0] == 1
    assert (np.diff(aft.survival_at(fit, X[:3], [0.5, 1, 5, 50]), axis=1) < 0).all()


def test_the_truth_is_found_and_ratios_agree():
    X, t, d = cohort(2000)
    fit = aft.fit_parametric(X, t, d)
    assert fit.coef == pytest.approx([1, 0.5, 0], abs=0.06)
    assert fit.scale == pytest.approx(0.6, abs=0.03)
    ratios = aft.hazard_ratios(fit)
    assert ratios.estimate == pytest.approx(aft.time_ratios(fit).estimate ** (-1 / fit.scale))
    assert (ratios.lower < ratios.estimate).all()
    exponential = aft.hazard_ratios(aft.fit_parametric(X, t, d, "exponential"))
    inverse = 1 / aft.time_ratios(aft.fit_parametric(X, t, d, "exponential")).upper
    assert exponential.lower == pytest.approx(inverse)
    with pytest.raises(ValueError, match="odds ratio"):
        aft.odds_ratios(fit)


def test_a_spanned_column_is_missing():
    X, t, d = cohort()
    fit = aft.fit_parametric(np.column_stack([X[:, 0], 2 * X[:, 0], np.ones(t.size)]), t, d)
    assert np.isnan(fit.coef[2:]).all()
    assert fit.coef[1] == pytest.approx(aft.fit_parametric(X[:, :1], t, d).coef[1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_likelihood_without_maximum_is_refused(kind):
    t = np.array([1.0, 2, 3, 4, 5, 6])
    with pytest.raises(DegenerateDataError, match="no maximum"):
        aft.fit_parametric([0, 0, 0, 1, 1, 1], t, [1, 1, 1, 0, 0, 0], kind)
    with pytest.raises(DegenerateDataError, match="no event"):
        aft.fit_parametric([0, 0, 0, 1, 1, 1], t, np.zeros(6), kind)


def test_events_on_a_line_and_bad_times():
    x = np.array([0.0, 1, 2])
    with pytest.raises(DegenerateDataError, match="no maximum"):
        aft.fit_parametric(x, np.exp(1 + x), [1, 1, 1])
    with pytest.raises(ValueError, match="1 times are 0"):
        aft.fit_parametric(x, [0, 1, 2], [1, 1, 1])
