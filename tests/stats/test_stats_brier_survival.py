"""Brier score over time, its integral, and calibration at a horizon."""

import numpy as np
import pytest

from radpipe.stats import brier_survival as bs
from radpipe.stats import calibration_surv, competing_scores, ipcw
from radpipe.stats.calibration_surv_curve import calibration_curve_at

TIMES = [0.25, 0.5, 1.0]


def cohort(seed=0, n=200, slope=1.0):
    """Exponential times; the risk at a horizon of a model whose log hazard is ``slope`` times x."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    t, c = rng.exponential(np.exp(-x)), rng.exponential(2, n)
    risks = 1 - np.exp(-np.outer(np.exp(slope * x), TIMES))
    return np.minimum(t, c), (t <= c).astype(int), x, risks


def test_step_and_trapezoid_by_hand():
    t, d, _, risks = cohort()
    b = [ipcw.brier_at(t, d, risks[:, i], h).estimate for i, h in enumerate(TIMES)]
    step = bs.integrated_brier(t, d, risks, TIMES, normalise=False)
    assert step.estimate == pytest.approx(0.25 * b[0] + 0.5 * b[1])
    line = bs.integrated_brier(t, d, risks, TIMES, rule="trapezoid", normalise=False)
    assert line.estimate == pytest.approx(
        0.25 * b[0] / 2 + 0.25 * (b[0] + b[1]) / 2 + 0.5 * (b[1] + b[2]) / 2
    )
    part = bs.integrated_brier(t, d, risks, TIMES, 0.5, 1.0, "trapezoid")
    assert part.estimate == pytest.approx((b[1] + b[2]) / 2)
    assert "0.5 to 1" in part.method


def test_integral_of_one_horizon_has_its_standard_error():
    t, d, _, risks = cohort()
    whole = bs.integrated_brier(t, d, risks[:, :2], TIMES[:2])
    own = ipcw.brier_at(t, d, risks[:, 0], TIMES[0])
    assert whole.estimate == pytest.approx(own.estimate / 2)
    assert whole.se == pytest.approx(own.se / 2)


def test_null_model_has_no_accuracy_and_a_good_one_has():
    t, d, _, risks = cohort()
    null = np.full(t.size, bs.null_risks(t, d, 0.5)[0])
    assert bs.ipa_at(t, d, null, 0.5).estimate == pytest.approx(0, abs=1e-12)
    assert bs.ipa_at(t, d, risks[:, 1], 0.5).estimate > 0.1
    assert bs.ipa_at(t, d, 1 - risks[:, 1], 0.5).estimate < 0


def test_competing_brier_without_censoring_is_the_mean_square():
    _, _, x, risks = cohort()
    t = np.random.default_rng(1).exponential(size=x.size)
    cause = np.where(x > 0, 1, 2)
    y = (t <= 0.5) & (cause == 1)
    e = competing_scores.brier_competing(t, cause, risks[:, 1], 0.5)
    assert e.estimate == pytest.approx(np.mean((y - risks[:, 1]) ** 2))
    null = competing_scores.null_risks_competing(t, cause, [0.5])
    assert null == pytest.approx([y.mean()])
    both = competing_scores.integrated_brier_competing(t, cause, risks, TIMES)
    assert 0 < both.estimate < 0.25
    test = competing_scores.brier_competing_paired(t, cause, risks[:, 1], np.full(200, 0.5), 0.5)
    assert test.estimate == pytest.approx(e.estimate - 0.25)


def test_brier_difference_of_a_model_with_itself():
    t, d, _, risks = cohort()
    test = ipcw.brier_at_paired(t, d, risks[:, 1], risks[:, 1], 0.5)
    assert test.estimate == 0
    assert np.isnan(test.p)
    assert test.note


def test_integral_with_a_wrong_range_is_named():
    t, d, _, risks = cohort()
    with pytest.raises(ValueError, match="a horizon"):
        bs.integrated_brier(t, d, risks, TIMES, start=0.3)
    with pytest.raises(ValueError, match="ascend"):
        bs.integrated_brier(t, d, risks, TIMES[::-1])
    with pytest.raises(ValueError, match="shape"):
        bs.integrated_brier(t, d, risks[:, :2], TIMES)
    with pytest.raises(ValueError, match="outside"):
        bs.ipa_at(t, d, risks[:, 0] + 1, 0.5)


def test_no_cases_or_events_are_missing_and_said():
    e = bs.integrated_brier([], [], np.zeros((0, 2)), [1.0, 2.0])
    assert np.isnan(e.estimate)
    assert e.note
    e = bs.ipa_at([1.0, 2, 3], [0, 0, 0], [0.1, 0.2, 0.3], 1.5)
    assert np.isnan(e.estimate)
    assert e.note


def test_slope_of_a_true_model_is_one_and_of_an_overfitted_one_below():
    t, d, x, _ = cohort(n=1500)
    good, wild = (calibration_surv.slope_survival(t, d, k * x) for k in (1, 2))
    assert good.lower < 1 < good.upper
    assert good.p > 0.05
    assert wild.estimate == pytest.approx(good.estimate / 2)
    assert wild.p < 1e-6


def test_slope_without_spread_or_events_is_missing():
    for d, x in (([0, 0, 0], [1.0, 2, 3]), ([1, 0, 1], [1.0, 1, 1]), ([1, 1, 1], [3.0, 2, 1])):
        test = calibration_surv.slope_survival([1.0, 2, 3], d, x)
        assert np.isnan(test.estimate)
        assert test.note


def test_curve_finds_what_is_off():
    t, d, _, risks = cohort(n=1500)
    good = calibration_curve_at(t, d, risks[:, 1], 0.5)
    bad = calibration_curve_at(t, d, np.clip(risks[:, 1] / 2, 0.001, 1), 0.5)
    assert good.ici < 0.03 < 0.1 < bad.ici
    assert good.e50 <= good.e90 <= good.emax
    assert good.knots.size == 3


def test_curve_of_few_values_is_missing_and_said():
    curve = calibration_curve_at([1.0, 2, 3, 4], [1, 0, 1, 0], [0.2, 0.2, 0.5, 0.5], 2.5)
    assert np.isnan(curve.ici)
    assert curve.note
    none = calibration_curve_at([1.0, 2], [0, 0], [0.2, np.nan], 1.5)
    assert np.isnan(none.ici)
    assert "left out" in none.note


def test_nam_dagostino_by_hand():
    groups = calibration_surv.grouped_calibration(
        np.tile([1.0, 3.0], 20), np.tile([1, 0], 20), np.repeat([0.3, 0.6], 20), 2.0, 2
    )
    test = calibration_surv.nam_dagostino_test(groups)
    assert test.statistic == pytest.approx(20 * (0.2**2 / 0.21 + 0.1**2 / 0.24))
    assert test.df == 1
