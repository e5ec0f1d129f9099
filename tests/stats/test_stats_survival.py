import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.stats import concordance, ipcw, logrank, survival


@st.composite
def follow_ups(draw):
    n = draw(st.integers(2, 20))
    time = draw(st.lists(st.integers(1, 8), min_size=n, max_size=n))
    event = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    score = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    return np.array(time, float), np.array(event), np.array(score, float)


@given(follow_ups())
@settings(max_examples=30, deadline=None)
def test_survival_never_rises_and_holds_its_band(data):
    time, event, _ = data
    for conf in ("log-log", "log", "plain", "logit", "arcsin"):
        km = survival.kaplan_meier(time, event, conf)
        assert (np.diff(np.append(1, km.survival)) <= 0).all()
        known = np.isfinite(km.lower)
        assert (km.lower[known] <= km.survival[known] + 1e-12).all()
        assert (km.upper[known] >= km.survival[known] - 1e-12).all()


@given(follow_ups())
@settings(max_examples=30, deadline=None)
def test_without_censoring_it_is_the_empirical_curve(data):
    time, _, _ = data
    km = survival.kaplan_meier(time, np.ones(time.size))
    np.testing.assert_allclose(km.survival, [(time > t).mean() for t in km.times], atol=1e-12)


@given(follow_ups())
@settings(max_examples=30, deadline=None)
def test_concordance_by_brute_force_and_reversed(data):
    time, event, score = data
    good = pairs = 0.0
    for i in range(time.size):
        for j in range(time.size):
            first = time[i] < time[j] or (time[i] == time[j] and not event[j])
            if event[i] and first:
                pairs += 1
                good += (score[i] > score[j]) + 0.5 * (score[i] == score[j])
    e = concordance.harrell(time, event, score)
    if pairs == 0:
        assert np.isnan(e.estimate)
        assert e.note
        return
    assert e.estimate == pytest.approx(good / pairs)
    assert concordance.harrell(time, event, -score).estimate == pytest.approx(1 - good / pairs)


def test_times_that_differ_by_rounding_are_one():
    km = survival.kaplan_meier([0.1 + 0.2, 0.3, 0.5], [1, 1, 0])
    assert km.times.size == 2
    assert km.events.tolist() == [2, 0]


def test_at_risk_counts_those_still_there_at_the_time():
    np.testing.assert_array_equal(survival.at_risk([1, 2, 2, 5], [0, 2, 2.5, 6]), [4, 3, 1, 0])


def test_no_events_has_no_median_and_no_test():
    km = survival.kaplan_meier([1, 2, 3], [0, 0, 0])
    assert (km.survival == 1).all()
    assert np.isnan(km.median.estimate)
    assert km.median.note == "not reached"
    test = logrank.log_rank([1, 2, 3], [0, 0, 0], [0, 1, 1])
    assert np.isnan(test.p)
    assert test.note


def test_log_rank_of_one_group():
    test = logrank.log_rank([1, 2, 3], [1, 0, 1], ["a"] * 3)
    assert np.isnan(test.p)
    assert "one group" in test.note


def test_two_groups_alike_have_no_difference():
    t, d = np.array([1.0, 2, 3, 4, 5]), np.array([1, 0, 1, 1, 0])
    test = logrank.log_rank(np.tile(t, 2), np.tile(d, 2), np.repeat([0, 1], 5))
    assert test.statistic == pytest.approx(0)
    assert test.p == pytest.approx(1)


def test_concordance_without_censoring_or_horizon_equals_the_auc_at_it():
    """Nobody censored: the AUC at a horizon is the plain AUC of dying by then."""
    from radpipe.stats.roc import auc

    rng = np.random.default_rng(0)
    t, s = rng.exponential(size=80), rng.normal(size=80)
    e = ipcw.auc_at(t, np.ones(80), s, 1.0)
    assert e.estimate == pytest.approx(auc((t <= 1).astype(int), s))
    b = ipcw.brier_at(t, np.ones(80), np.full(80, 0.3), 1.0)
    assert b.estimate == pytest.approx(np.mean(((t <= 1) - 0.3) ** 2))


def test_ipcw_standard_error_is_that_of_the_scatter():
    """The i.i.d. standard error agrees with the scatter over simulated cohorts."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(150):
        s = rng.normal(size=150)
        t, c = rng.exponential(np.exp(-s)), rng.exponential(2, size=150)
        e = ipcw.auc_at(np.minimum(t, c), (t <= c).astype(int), s, 0.8)
        found.append((e.estimate, e.se))
    estimates, errors = np.array(found).T
    assert errors.mean() == pytest.approx(estimates.std(), rel=0.15)


def test_identical_repeats_are_one_repeat():
    rng = np.random.default_rng(2)
    t, d, s = rng.exponential(size=50), rng.integers(0, 2, 50), rng.normal(size=50)
    once = concordance.harrell(t, d, s)
    thrice = concordance.harrell_repeats(t, d, np.column_stack([s] * 3))
    assert thrice.estimate == pytest.approx(once.estimate)
    assert thrice.se == pytest.approx(once.se)
    doubled = concordance.harrell(
        np.repeat(t, 2), np.repeat(d, 2), np.repeat(s, 2), groups=np.repeat(np.arange(50), 2)
    )
    assert doubled.se == pytest.approx(once.se, rel=0.05)


def test_horizon_beyond_follow_up_is_undefined_and_said():
    e = ipcw.auc_at([1, 2, 3], [1, 1, 0], [3, 2, 1], 10)
    assert np.isnan(e.estimate)
    assert "undefined" in e.note


def test_weights_add_up_to_about_the_cases():
    rng = np.random.default_rng(3)
    t, c = rng.exponential(size=500), rng.exponential(1.5, size=500)
    w = ipcw.censoring_weights(np.minimum(t, c), (t <= c).astype(int), 1.0)
    assert w.sum() == pytest.approx(500, rel=0.01)
