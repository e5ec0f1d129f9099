"""Properties of the logistic fits, beside the golden cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from radpipe.stats.design import DegenerateDataError
from radpipe.stats.logistic import fit_firth, fit_logistic, linear_predictor, predict
from radpipe.stats.logistic_likelihood import curvature, penalised, problem
from radpipe.stats.profile import likelihood_ratio_test, profile_intervals


def sample(seed=0, n=80, p=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    y = (rng.random(n) < special.expit(X[:, 0] - 0.3)).astype(int)
    return X, y


def test_score_is_zero_at_the_estimate():
    X, y = sample()
    fit = fit_logistic(X, y)
    residual = y - predict(fit, X)
    assert np.allclose(np.column_stack([np.ones(len(X)), X]).T @ residual, 0, atol=1e-8)
    assert fit.converged
    assert not fit.separated


def test_weights_count_cases():
    X, y = sample(n=40)
    weights = np.random.default_rng(1).integers(0, 4, 40)
    repeated = np.repeat(np.arange(40), weights)
    a, b = fit_logistic(X, y, weights=weights), fit_logistic(X[repeated], y[repeated])
    assert np.allclose(a.coef, b.coef)
    assert np.allclose(a.vcov, b.vcov)
    assert a.loglik == pytest.approx(b.loglik)
    assert np.allclose(
        fit_firth(X, y, weights=weights).coef, fit_firth(X[repeated], y[repeated]).coef, atol=1e-6
    )


def test_offset_shifts_the_linear_predictor():
    X, y = sample()
    fit = fit_logistic(X, y)
    shifted = fit_logistic(X[:, 1:], y, offset=fit.coef[1] * X[:, 0])
    assert np.allclose(shifted.coef, np.delete(fit.coef, 1), atol=1e-7)
    assert np.allclose(
        linear_predictor(shifted, X[:, 1:], fit.coef[1] * X[:, 0]),
        linear_predictor(fit, X),
        atol=1e-7,
    )


def test_intercept_alone_gives_the_prevalence():
    y = np.array([0, 1, 1, 0, 1])
    fit = fit_logistic(np.empty((5, 0)), y)
    assert predict(fit, np.empty((5, 0)))[0] == pytest.approx(0.6)


def test_aliased_and_constant_columns_have_no_coefficient():
    X, y = sample()
    wide = np.column_stack([X, X[:, 0] + X[:, 1], np.full(len(X), 7.0)])
    fit = fit_logistic(wide, y)
    assert np.isnan(fit.coef[4:]).all()
    assert np.allclose(predict(fit, wide), predict(fit_logistic(X, y), X))


def test_quasi_separation_is_found_and_firth_is_finite():
    x = np.array([0.0, 0, 0, 0, 1, 1, 1, 1])
    y = np.array([0, 1, 0, 1, 1, 1, 1, 1])
    assert "quasi-complete separation" in fit_logistic(x, y).note
    assert "Firth" in fit_logistic(x, y).note
    firth = fit_firth(x, y)
    assert firth.converged
    assert np.isfinite(firth.coef).all()
    # in a saturated 2x2 table Firth adds one half to every cell
    assert firth.coef[1] == pytest.approx(np.log(4.5 * 2.5 / (0.5 * 2.5)), abs=1e-6)
    with pytest.raises(DegenerateDataError, match="Firth"):
        profile_intervals(x, y)


def test_complete_separation_is_told_from_partial():
    fit = fit_logistic(np.arange(6.0), [0, 0, 0, 1, 1, 1])
    assert fit.separated
    assert fit.note.startswith("complete separation")
    assert fit_firth(np.arange(6.0), [0, 0, 0, 1, 1, 1]).note.startswith("complete separation")
    assert not fit_logistic(*sample()).note


def test_likelihood_ratio_of_some_columns():
    X, y = sample()
    fit, less = fit_logistic(X, y), fit_logistic(X[:, :1], y)
    found = likelihood_ratio_test(X, y, [1, 2])
    assert found.statistic == pytest.approx(less.deviance - fit.deviance)
    assert found.df == 2
    for method in ("maximum likelihood", "firth"):
        one = likelihood_ratio_test(X, y, [0], method)
        assert one.p == pytest.approx(profile_intervals(X, y, method).p[1], rel=1e-6)
    x, split = np.arange(6.0), [0, 0, 0, 1, 1, 1]
    assert "Firth" in likelihood_ratio_test(x, split, [0]).note
    assert 0 < likelihood_ratio_test(x, split, [0], "firth").p < 0.05
    assert np.isnan(likelihood_ratio_test(np.ones(6), split, [0]).p)


def test_profile_by_spline_is_near_the_exact_one():
    X, y = sample()
    exact, spline = profile_intervals(X, y), profile_intervals(X, y, spline=True)
    for side in ("lower", "upper"):
        assert getattr(spline, side) == pytest.approx(getattr(exact, side), rel=1e-3)
    assert "spline" in spline.method


@pytest.mark.parametrize(
    ("X", "y"),
    [
        (np.ones((3, 1)), [1, 1, 1]),
        (np.array([[1.0], [np.nan], [2.0]]), [0, 1, 0]),
        (np.empty((0, 2)), []),
    ],
)
def test_data_that_determine_nothing(X, y):
    with pytest.raises(DegenerateDataError):
        fit_logistic(X, y)


def test_an_outcome_that_is_not_binary():
    with pytest.raises(ValueError, match="0 or 1"):
        fit_logistic(np.arange(3.0), [0, 1, 2])


@pytest.mark.parametrize("method", ["maximum likelihood", "firth"])
def test_profile_limits_lower_the_likelihood_by_the_quantile(method):
    X, y = sample(3, n=60, p=2)
    found = profile_intervals(X, y, method)
    full = np.column_stack([np.ones(len(X)), X])
    for limit in (found.lower[1], found.upper[1]):
        if method == "firth":
            continue  # its penalty keeps the held column: compared with logistf in the goldens
        held = fit_logistic(full[:, [0, 2]], y, offset=limit * X[:, 0], intercept=False)
        drop = 2 * (fit_logistic(X, y).loglik - held.loglik)
        assert drop == pytest.approx(special.chdtri(1, 0.05), rel=1e-6)
    assert (found.lower < found.coef).all()
    assert (found.coef < found.upper).all()
    inside = (found.lower < 0) & (found.upper > 0)
    assert ((found.p > 0.05) == inside).all()


def test_the_profile_of_separated_classes_is_followed_from_the_estimate():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 5))
    y = (X[:, 0] > 0).astype(int)
    found, pb = profile_intervals(X, y, "firth"), problem(X, y)
    others = np.arange(6) != 1

    def height(held, rest):
        return penalised(pb, pb.X, np.insert(rest, 1, held))

    def drop(held):
        tops = [
            optimize.minimize(
                lambda rest: -height(held, rest)[0],
                found.coef[others] * times,  # of several maxima the followed one is highest here
                jac=lambda rest: -height(held, rest)[1][others],
                options={"gtol": 1e-8, "maxiter": 2000},
            ).fun
            for times in (1, 2, 4, 8)
        ]
        return 2 * (height(found.coef[1], found.coef[others])[0] + min(tops))

    for limit in (found.lower[1], found.upper[1]):
        assert drop(limit) == pytest.approx(special.chdtri(1, 0.05), rel=1e-5)
    assert found.p[1] == pytest.approx(special.chdtrc(1, drop(0.0)), rel=1e-5)


@pytest.mark.parametrize("n", [12, 40])  # fewer and more rows than pairs of columns
def test_the_curvature_is_the_derivative_of_the_score(n):
    rng = np.random.default_rng(1)
    X, y = sample(4, n=n)
    pb, beta = problem(X, y, rng.uniform(0.5, 2, n)), rng.normal(size=4) / 2
    steps = 1e-5 * np.eye(4)
    scores = [[penalised(pb, pb.X, beta + s * d)[1] for s in (1, -1)] for d in steps]
    slopes = np.array([(above - below) / 2e-5 for above, below in scores])
    np.testing.assert_allclose(curvature(pb, pb.X, beta), -slopes, atol=1e-7)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_any_small_sample_gives_numbers_or_says_separated(seed, n):
    rng = np.random.default_rng(seed)
    X, y = rng.integers(0, 3, (n, 2)).astype(float), rng.integers(0, 2, n)
    if np.ptp(y) == 0:
        return
    fit = fit_logistic(X, y)
    assert fit.converged or fit.separated
    if not fit.separated:
        assert fit.loglik >= fit.loglik_null - 1e-9
    firth = fit_firth(X, y)
    assert np.isfinite(firth.coef[~np.isnan(fit.coef)]).all()
    risk = predict(firth, X)
    assert ((risk > 0) & (risk < 1)).all()


@pytest.mark.parametrize("separated", [False, True])
def test_firth_bears_near_copies_of_a_column(separated):
    rng = np.random.default_rng(4)
    a, b, small = rng.normal(size=20), rng.normal(size=20), 1e-8
    y = (b > 0.2).astype(float) if separated else rng.permutation(np.repeat([0.0, 1.0], 10))
    plain, near = np.column_stack([a, b]), np.column_stack([a, a + small * b])
    one, other = fit_firth(plain, y), fit_firth(near, y)
    assert other.loglik - one.loglik == pytest.approx(np.log(small), rel=1e-6)
    np.testing.assert_allclose(small * other.coef[2], one.coef[2], rtol=1e-5)
    np.testing.assert_allclose(small * other.se[2], one.se[2], rtol=1e-5)
    eta = linear_predictor(one, plain)
    np.testing.assert_allclose(linear_predictor(other, near), eta, rtol=1e-5, atol=1e-5)
    lines = [profile_intervals(X, y, "firth") for X in (plain, near)]
    for name, scale in (("coef", small), ("lower", small), ("upper", small), ("p", 1.0)):
        first, second = (getattr(line, name)[2] for line in lines)
        np.testing.assert_allclose(scale * second, first, rtol=1e-4)


def test_a_singular_information_is_an_error_of_the_data(monkeypatch):
    def singular(*args, **options):
        raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr("radpipe.stats.logistic.maximise", singular)
    with pytest.raises(DegenerateDataError, match="information of Firth's penalised likelihood"):
        fit_firth(np.arange(6.0), [0, 1, 0, 1, 1, 0])
