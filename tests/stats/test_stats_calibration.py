import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radpipe.stats import (
    calibration,
    calibration_groups,
    calibration_measures,
    calibration_surv,
    netbenefit,
)
from radpipe.stats.design import DegenerateDataError
from radpipe.stats.hosmer_lemeshow import hosmer_lemeshow
from radpipe.stats.le_cessie import le_cessie
from radpipe.stats.loess import loess
from radpipe.stats.logistic import fit_logistic, predict
from radpipe.stats.performance import performance, val_prob
from radpipe.stats.placements import auc
from radpipe.stats.recalibration import recalibrate
from radpipe.stats.risk_update import update_risks
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


def test_profile_limits_are_where_the_likelihood_falls():
    y, risk = cohort(200)
    profile = calibration.calibration_binary(y, risk, interval="profile")
    lp = calibration_measures.logit(risk)
    flat = np.ones((200, 1))
    best = np.sum(y * (lp + profile.in_the_large.estimate)) - np.sum(
        np.logaddexp(0, lp + profile.in_the_large.estimate)
    )
    for limit in (profile.in_the_large.lower, profile.in_the_large.upper):
        there = np.sum(y * (lp + limit) - np.logaddexp(0, lp + limit))
        assert 2 * (best - there) == pytest.approx(3.841459, rel=1e-4)
    assert recalibrate(y, lp[:, None], flat).slope[0] == pytest.approx(profile.slope.estimate)
    assert profile.slope.lower < profile.slope.estimate < profile.slope.upper
    with pytest.raises(ValueError, match="repeats"):
        calibration.calibration_binary(y, np.column_stack([risk, risk]), interval="profile")


def test_counts_are_copies_of_cases():
    y, risk = cohort(60)
    counts = np.random.default_rng(3).integers(0, 4, 60)
    copied, weighted = (
        performance(np.repeat(y, counts), np.repeat(risk, counts)).table(),
        performance(y, risk, counts).table(),
    )
    for name, value in copied.items():
        assert weighted[name] == pytest.approx(value), name
    x, again = np.repeat(risk, counts), np.repeat(y, counts)
    assert copied["c"][0] == pytest.approx(auc(again, x))
    fitted = copied["intercept"] + copied["slope"] * calibration_measures.logit(x)
    n = x.size
    pairs = np.abs(fitted[:, None] - fitted).sum() / (n * (n - 1))
    assert copied["g"][0] == pytest.approx(pairs)


@given(st.lists(st.floats(0.01, 0.99), min_size=8, max_size=40), st.integers(0, 1000))
def test_reversed_risks_mirror_the_c_statistic(risks, seed):
    y = np.random.default_rng(seed).random(len(risks)) < 0.5
    y[:2] = (True, False)
    risk = np.round(risks, 2)
    one, other = performance(y, risk), performance(~y, risk)
    assert one.c[0] + other.c[0] == pytest.approx(1)
    assert 0 <= one.brier[0] <= 1


def test_val_prob_of_the_prevalence_says_nothing():
    y = np.array([1, 0, 0, 0] * 10)
    found = val_prob(y, np.full(40, 0.25))
    assert found.c == 0.5
    assert found.discrimination.statistic == pytest.approx(0, abs=1e-9)
    assert found.brier == pytest.approx(found.brier_null)
    assert np.isnan(found.slope)
    one = val_prob([0, 0, 0], [0.1, 0.2, 0.3])
    assert np.isnan(one.d)
    assert "one class" in one.note


def test_spiegelhalter_by_hand():
    # sum (y - p)(1 - 2p) = (-.2)(.6) + (.2)(-.6); variance = 2 * .36 * .16
    z = calibration.spiegelhalter([0, 1], [0.2, 0.8])
    assert z.statistic == pytest.approx(-0.24 / np.sqrt(2 * 0.36 * 0.16))


def test_wald_test_of_the_slope():
    y, risk = cohort(2000, slope=0.5)
    c = calibration.calibration_binary(y, risk)
    assert calibration.wald_test(c.slope, 1).p < 1e-6
    flat = calibration.calibration_binary([0, 1, 0, 1], [0.5] * 4)
    assert np.isnan(calibration.wald_test(flat.slope, 1).p)


def test_calibration_error_in_bins():
    # bins (0, .5], (.5, 1]: gaps 0 - .5 (two cases at .25) and 2 - 1.5
    found = calibration_groups.expected_calibration_error([0, 0, 1, 1], [0.25, 0.25, 0.75, 0.75], 2)
    assert found.estimate == pytest.approx((0.5 + 0.5) / 4)
    groups = calibration_groups.risk_groups([0, 0, 1, 1, 1], [0.1, 0.1, 0.6, 0.8, np.nan], 2)
    assert groups.n.tolist() == [2, 2]
    assert groups.predicted == pytest.approx([0.1, 0.7])
    assert "1 case without" in groups.note
    assert calibration_groups.risk_groups([], []).n.size == 0


def test_loess_returns_a_parabola():
    x = np.random.default_rng(2).random(80)
    for exact in (False, True):
        np.testing.assert_allclose(loess(x, 3 * x**2 - x + 1, exact=exact), 3 * x**2 - x + 1)
    assert np.isnan(loess(x, x, at=[-1.0, 2.0])).all()
    assert np.isnan(loess([1, 1, 2, 2], [0, 1, 0, 1])).all()


def test_interpolated_loess_is_near_the_exact_one():
    y, risk = cohort(500)
    gap = np.abs(loess(risk, y) - loess(risk, y, exact=True))
    assert 0 < gap.max() < 0.03


def test_loess_curve_and_its_faults():
    y, risk = cohort(500)
    curve = calibration.calibration_curve(y, risk, smoother="loess")
    assert 0 < curve.ici < curve.emax < 0.3
    few = calibration.calibration_curve([0, 1, 0, 1], [0.2, 0.2, 0.7, 0.7], smoother="loess")
    assert np.isnan(few.ici)
    assert few.note
    with pytest.raises(ValueError, match="smoother"):
        calibration.calibration_curve(y, risk, smoother="spline")
    with pytest.raises(ValueError, match="span"):
        calibration.calibration_curve(y, risk, span=0.0)


def test_hosmer_lemeshow_by_hand():
    # three groups of two: observed 0, 1, 2 and expected .4, 1, 1.6
    y, p = [0, 0, 0, 1, 1, 1], [0.2, 0.2, 0.5, 0.5, 0.8, 0.8]
    found = hosmer_lemeshow(y, p, 3)
    assert found.statistic == pytest.approx(2 * 0.4**2 / 0.32)
    assert (found.df, found.df_external, found.df_asked) == (1, 3, 1)
    assert found.p < found.p_external
    tied = hosmer_lemeshow(y * 3, p * 3, 10)
    assert (tied.df, tied.df_asked) == (1, 8)
    with pytest.raises(ValueError, match="at least 3"):
        hosmer_lemeshow(y, p, 2)
    with pytest.raises(ValueError, match="grouping"):
        hosmer_lemeshow(y, p, 3, by="thirds")


def test_le_cessie_sees_a_missing_square():
    rng = np.random.default_rng(4)
    x = rng.normal(size=1500)
    y = rng.random(1500) < 1 / (1 + np.exp(-(x**2 - 1)))
    line = fit_logistic(x, y)
    square = fit_logistic(np.column_stack([x, x**2]), y)
    wrong = le_cessie(y, predict(line, x), x)
    right = le_cessie(y, predict(square, np.column_stack([x, x**2])), np.column_stack([x, x**2]))
    assert wrong.p < 0.001 < right.p
    assert wrong.z == pytest.approx((wrong.sum_of_squares - wrong.expected) / wrong.sd)
    assert np.isnan(le_cessie([0, 1], [0.5, 0.5]).p)


def test_recalibrated_risks_are_calibrated():
    y, risk = cohort(500, slope=0.4)
    whole = update_risks(y, risk).apply(risk)
    after = calibration.calibration_binary(y, whole)
    assert after.slope.estimate == pytest.approx(1)
    assert after.intercept.estimate == pytest.approx(0, abs=1e-9)
    shifted = update_risks(y, risk, "intercept").apply(risk)
    assert shifted.mean() == pytest.approx(y.mean())
    assert (np.argsort(shifted) == np.argsort(risk)).all()
    with pytest.raises(DegenerateDataError, match="one class"):
        update_risks([0, 0], [0.2, 0.3])


@pytest.mark.parametrize(
    "measure",
    [
        calibration.calibration_binary,
        calibration.calibration_curve,
        calibration.spiegelhalter,
        calibration_groups.risk_groups,
        calibration_groups.expected_calibration_error,
        val_prob,
        hosmer_lemeshow,
        le_cessie,
        update_risks,
    ],
)
def test_faults_of_risks_are_named(measure):
    with pytest.raises(ValueError, match="outside"):
        measure([0, 1, 1], [0.2, 0.3, 1.5])
    with pytest.raises(ValueError, match="0 and 1"):
        measure([0, 1, 2], [0.2, 0.3, 0.5])
    with pytest.raises(ValueError, match=r"risks of"):
        measure([0, 1], [0.2, 0.3, 0.5])
