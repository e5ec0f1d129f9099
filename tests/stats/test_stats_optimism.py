"""Optimism: resamples, corrections, and the batched refits behind them."""

import numpy as np
import pytest
from scipy.special import expit

from radpipe.stats.cox import baseline_at_zero, fit_cox
from radpipe.stats.cox_refits import refit_cox
from radpipe.stats.design import DegenerateDataError
from radpipe.stats.logistic import fit_logistic
from radpipe.stats.logistic_refits import refit_logistic
from radpipe.stats.optimism import combine, optimism, splits
from radpipe.stats.performance import performance
from radpipe.stats.performance_cox import performance_cox
from radpipe.stats.validate_cox import calibrate_cox, calibrate_cox_groups, validate_cox
from radpipe.stats.validate_logistic import calibrate_logistic, validate_logistic


def cohort(n=60, p=3, seed=0):
    """Return predictors, a binary outcome, and tied survival times with events."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    y = (rng.random(n) < expit(X[:, 0])).astype(int)
    time = np.ceil(5 * rng.exponential(np.exp(-0.7 * X[:, 0])))
    return X, y, time, (rng.random(n) < 0.7).astype(int)


def indexes(found):
    return {name: float(value[0]) for name, value in found.table().items()}


def test_refits_are_fits_of_copied_rows():
    X, y, time, event = cohort()
    counts = np.random.default_rng(1).multinomial(60, np.full(60, 1 / 60), size=6)
    logistic, cox = refit_logistic(X, y, counts), refit_cox(X, time, event, counts)
    for i, count in enumerate(counts):
        rows = np.repeat(np.arange(60), count)
        assert logistic[i] == pytest.approx(fit_logistic(X[rows], y[rows]).coef, abs=1e-7)
        one = fit_cox(X[rows], time[rows], event[rows])
        assert cox.coef[i] == pytest.approx(one.coef, abs=1e-7)
        assert cox.loglik[i] == pytest.approx(one.loglik)
        assert cox.loglik_null[i] == pytest.approx(one.loglik_null)
        assert cox.cumhaz_at(4.0)[i] == pytest.approx(baseline_at_zero(one)[0].at(4.0))
    assert (cox.cumhaz_at(0.5) == 0).all()


def test_a_resample_without_an_answer_is_missing():
    X, y, time, event = cohort()
    counts = np.stack([y, np.zeros(60), np.arange(60) < 1, np.ones(60)])
    assert np.isnan(refit_logistic(X, y, counts)[:3]).all()
    assert np.isfinite(refit_logistic(X, y, counts)[3]).all()
    counts[0] = 1 - event
    found = refit_cox(X, time, event, counts)
    assert np.isnan(found.coef[:3]).all()
    assert np.isnan(found.cumhaz_at(4.0)[:3]).all()
    assert np.isfinite(found.coef[3]).all()
    apart = np.column_stack([X[:, 0], y])
    assert np.isnan(refit_logistic(apart, y, counts)).all()
    order = np.arange(60.0)
    assert np.isnan(refit_cox(-order, order, np.ones(60), np.ones((1, 60))).coef).all()


def test_batched_validation_is_the_loop():
    X, y, time, event = cohort()
    batched = validate_logistic(X, y, resamples=8, seed=3)
    looped = optimism(
        lambda rows: fit_logistic(X[rows], y[rows]).coef,
        lambda b, rows: indexes(performance(y[rows], expit(b[0] + X[rows] @ b[1:]))),
        60,
        resamples=8,
        seed=3,
    )
    np.testing.assert_allclose(batched.corrected, looped.corrected, atol=1e-7)
    batched = validate_cox(X, time, event, ".632", resamples=8, seed=3)
    looped = optimism(
        lambda rows: fit_cox(X[rows], time[rows], event[rows]).coef,
        lambda b, rows: indexes(performance_cox(time[rows], event[rows], X[rows] @ b)),
        60,
        ".632",
        8,
        seed=3,
    )
    np.testing.assert_allclose(batched.corrected, looped.corrected, atol=1e-7)


def test_noise_has_no_discrimination_left():
    rng = np.random.default_rng(5)
    cohorts = [
        (rng.normal(size=(80, 6)), rng.permutation(np.repeat([0, 1], 40))) for _ in range(12)
    ]
    for scheme in ("bootstrap", ".632+", "cross-validation"):
        size = 5 if scheme == "cross-validation" else 40
        found = [validate_logistic(X, y, scheme, size).of("c") for X, y in cohorts]
        assert np.mean([c.apparent for c in found]) > 0.62
        assert abs(np.mean([c.corrected for c in found]) - 0.5) < 0.06
    slope = validate_logistic(*cohorts[0], resamples=40).of("slope")
    assert slope.apparent == pytest.approx(1)
    assert slope.corrected < 0.9


def test_schemes_split_as_they_say():
    drawn, held = next(splits(30, "bootstrap", 5, seed=1))
    assert (drawn.sum(axis=1) == 30).all()
    assert (held == 1).all()
    drawn, held = next(splits(30, ".632", 5, seed=1))
    assert ((drawn > 0) != (held > 0)).all()
    patients = np.repeat(np.arange(10), 3)
    drawn, held = next(splits(30, "cross-validation", 5, seed=1, groups=patients))
    assert (held.sum(axis=0) == 1).all()
    assert (held.reshape(5, 10, 3).std(axis=2) == 0).all()
    assert (drawn + held == 1).all()
    same, other = (next(splits(30, "bootstrap", 5, seed))[0] for seed in (2, 3))
    assert (same == next(splits(30, "bootstrap", 5, seed=2))[0]).all()
    assert (same != other).any()


def test_corrections_by_hand():
    apparent, training, test = {"c": 0.9}, [[0.92], [0.94], [np.nan]], [[0.7], [0.8], [0.9]]
    harrell = combine(apparent, training, test, "bootstrap", 10)
    assert harrell.of("c").corrected == pytest.approx(0.9 - (0.93 - 0.75))
    assert harrell.of("c").resamples == 2
    assert "1 of 3" in harrell.note
    plain = combine(apparent, training, test, ".632", 10)
    assert plain.of("c").corrected == pytest.approx(0.368 * 0.9 + 0.632 * 0.75)
    # relative overfitting (0.9 - 0.75) / (0.9 - 0.5) = 0.375; weight 0.632 / (1 - 0.368 * 0.375)
    weight = 0.632 / (1 - 0.368 * 0.375)
    plus = combine(apparent, training, test, ".632+", 10, {"c": 0.5})
    assert plus.of("c").corrected == pytest.approx((1 - weight) * 0.9 + weight * 0.75)
    assert combine(apparent, training, test, "cross-validation", 10).of("c").corrected == 0.75
    # worse than no information counts as no information
    worst = combine(apparent, [[0.9]], [[0.3]], ".632+", 10, {"c": 0.5})
    assert worst.of("c").corrected == pytest.approx(0.5)
    # no better than no information on its own cases: nothing can have been overfitted
    for name, seen, new, low in (("c", 0.45, 0.56, 0.5), ("brier", 0.3, 0.2, 0.25)):
        none = combine({name: seen}, [[seen]], [[new]], ".632+", 10, {name: low}).of(name)
        assert none.corrected == pytest.approx(0.368 * seen + 0.632 * new)
    for name in ("brier", "error"):
        error = combine({name: 0.1}, [[0.1]], [[0.2]], ".632+", 10, {name: 0.25}).of(name)
        weight = 0.632 / (1 - 0.368 * (0.2 - 0.1) / (0.25 - 0.1))
        assert error.corrected == pytest.approx((1 - weight) * 0.1 + weight * 0.2)
    missing = combine(apparent, training, test, ".632+", 10)
    assert np.isnan(missing.of("c").corrected)
    assert "no value without information" in missing.note


def test_a_model_that_fails_in_a_resample():
    def fit(rows):
        if np.unique(rows).size < 30:
            raise ValueError("cannot")
        return None

    found = optimism(fit, lambda model, rows: {"size": float(rows.size)}, 30, resamples=4)
    assert np.isnan(found.of("size").corrected)
    assert "4 of 4" in found.note


def test_calibration_without_optimism():
    X, y, time, event = cohort(120)
    curve = calibrate_logistic(X, y, [0.3, 0.6], resamples=20)
    again = calibrate_logistic(X, y, [0.3, 0.6], resamples=20)
    assert (curve.corrected == again.corrected).all()
    assert np.isfinite(curve.corrected).all()
    cox = calibrate_cox(X, time, event, 4.0, [0.2, 0.5, 0.8], resamples=50)
    assert cox.apparent == pytest.approx([0.2, 0.5, 0.8])
    # overfitted predictions are too extreme
    assert cox.corrected[0] > 0.2
    assert cox.corrected[2] < 0.8
    groups = calibrate_cox_groups(X, time, event, 4.0, per_group=40, resamples=20)
    assert groups.n.sum() == 120
    assert (np.diff(groups.predicted) > 0).all()
    assert (groups.resamples <= 20).all()


def test_cox_indexes_by_hand():
    # pairs (1,2) (1,3) (2,3): the predictor ranks the first two right, ties the last
    found = performance_cox([1.0, 2, 3], [1, 1, 0], [2.0, 1, 1])
    assert found.c[0] == pytest.approx(2.5 / 3)
    twice = performance_cox([1.0, 2, 3], [1, 1, 0], [2.0, 1, 1], [2, 1, 1])
    assert twice.c[0] == pytest.approx((2 * 2 + 0.5) / 5)
    assert np.isnan(performance_cox([1.0, 2], [0, 0], [1.0, 2]).c[0])


def test_faults_are_named():
    X, y, time, event = cohort()
    with pytest.raises(ValueError, match="scheme"):
        validate_logistic(X, y, "jackknife")
    with pytest.raises(ValueError, match="at least 2"):
        validate_cox(X, time, event, resamples=1)
    with pytest.raises(ValueError, match="folds"):
        validate_logistic(X, y, "cross-validation", 61)
    with pytest.raises(DegenerateDataError, match="class"):
        validate_logistic(X, np.zeros(60))
    with pytest.raises(DegenerateDataError, match="no events"):
        validate_cox(X, time, np.zeros(60))
    with pytest.raises(ValueError, match="nobody"):
        calibrate_cox(X, time, event, 0.1, [0.5])
    with pytest.raises(ValueError, match="no index"):
        validate_cox(X, time, event, resamples=2).of("auc")
