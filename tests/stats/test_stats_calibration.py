import numpy as np
import pytest

from radpipe.stats import calibration, calibration_surv, netbenefit
from radpipe.stats.hosmer_lemeshow import hosmer_lemeshow
from radpipe.stats.smooth import lowess


def cohort(n=400, seed=0, slope=1.0):
    rng = np.random.default_rng(seed)
    lp = rng.normal(-0.5, 1, size=n)
    risk = 1 / (1 + np.exp(-lp))
    y = (rng.random(n) < 1 / (1 + np.exp(-slope * lp))).astype(int)
    return y, risk


def test_too_extreme_risks_have_a_slope_below_one():
    y, risk = cohort(2000, slope=0.5)
    c = calibration.calibration_binary(y, risk)
    assert c.slope.upper < 1
    assert c.slope.lower < 0.5 < c.slope.upper


def test_sandwich_agrees_with_the_model_where_the_model_holds():
    y, risk = cohort(3000)
    once = calibration.calibration_binary(y, risk)
    repeats = calibration.calibration_binary(y, np.column_stack([risk] * 3))
    for name in ("intercept", "slope", "in_the_large", "oe", "brier"):
        a, b = getattr(once, name), getattr(repeats, name)
        assert b.estimate == pytest.approx(a.estimate)
        if name == "oe":  # on the log scale; the risks' own scatter is in the sandwich too
            continue
        assert b.se == pytest.approx(a.se, rel=0.1), name
    assert "3 repeats" in repeats.slope.method


def test_clusters_of_copies_do_not_sharpen():
    y, risk = cohort(500)
    once = calibration.calibration_binary(y, risk)
    copies = calibration.calibration_binary(
        np.repeat(y, 3), np.repeat(risk, 3), groups=np.repeat(np.arange(500), 3)
    )
    assert copies.slope.se == pytest.approx(once.slope.se, rel=0.15)


def test_undefined_measures_have_reasons():
    one = calibration.calibration_binary([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4])
    assert np.isnan(one.slope.estimate)
    assert "one class" in one.slope.note
    flat = calibration.calibration_binary([0, 1, 0, 1], [0.5] * 4)
    assert np.isnan(flat.slope.estimate)
    assert "equal" in flat.slope.note
    assert flat.in_the_large.estimate == pytest.approx(0, abs=1e-9)
    apart = calibration.calibration_binary([0, 0, 0, 1, 1, 1], [0.1, 0.2, 0.3, 0.7, 0.8, 0.9])
    assert np.isnan(apart.slope.estimate)
    assert "separate" in apart.slope.note
    edge = calibration.calibration_binary([0, 1, 0, 1, 1], [0.0, 1.0, 0.4, 0.3, 0.6])
    assert np.isfinite(edge.brier.estimate)
    with pytest.raises(ValueError, match="outside"):
        calibration.calibration_binary([0, 1], [0.2, 1.2])


def test_lowess_returns_a_straight_line():
    x = np.sort(np.random.default_rng(1).random(60))
    xs, ys = lowess(x, 2 * x + 1)
    np.testing.assert_allclose(ys, 2 * xs + 1, atol=1e-10)
    xs, ys = lowess(np.repeat([0.1, 0.5, 0.9], 10), np.tile([0.0, 1.0], 15))
    assert np.isfinite(ys).all()


def test_curve_of_equal_risks_is_missing_and_said():
    c = calibration.calibration_curve([0, 1, 0], [0.3, 0.3, 0.3])
    assert np.isnan(c.ici)
    assert c.note


def test_treating_nobody_has_no_benefit_and_everybody_none_at_the_prevalence():
    y, _ = cohort()
    t = np.linspace(0, 0.9, 10)
    assert (netbenefit.treat_none(0.3, t, 400).net_benefit == 0).all()
    share = float(y.mean())
    assert netbenefit.treat_all(share, [share], 400).net_benefit[0] == pytest.approx(0, abs=1e-12)
    everyone = netbenefit.net_benefit(y, np.ones(400), t)
    np.testing.assert_allclose(
        everyone.net_benefit, netbenefit.treat_all(share, t, 400).net_benefit, atol=1e-12
    )


def test_net_benefit_without_censoring_is_the_binary_one():
    y, risk = cohort()
    t = np.linspace(0.05, 0.8, 8)
    time = np.where(y == 1, 0.5, 2.0)
    survival = netbenefit.net_benefit_survival(time, np.ones(400), risk, 1.0, t)
    binary = netbenefit.net_benefit(y, risk, t)
    np.testing.assert_allclose(survival.net_benefit, binary.net_benefit, atol=1e-12)


def test_groups_at_a_horizon_without_follow_up_are_missing():
    c = calibration_surv.grouped_calibration(
        [1.0, 2, 3, 10, 11, 12], [1, 0, 0, 0, 1, 0], [0.9, 0.8, 0.7, 0.2, 0.1, 0.1], 9, 2
    )
    assert np.isnan(c.observed[-1])
    assert np.isfinite(c.observed[0])
    assert "not followed" in c.note


def test_equal_values_stay_in_one_group():
    label = calibration_surv.quantile_groups([1, 1, 1, 1, 2, 3, 4, 5], 4)
    assert (label[:4] == label[0]).all()
    assert np.unique(label).size == 3


def test_hosmer_lemeshow_of_few_groups():
    test = hosmer_lemeshow([0, 1, 0, 1], [0.2, 0.2, 0.8, 0.8], 10)
    assert np.isnan(test.p)
    assert test.note
