"""AUC and accuracy at a horizon: marginal, modelled and other weights; competing causes."""

import numpy as np
import pytest

from radpipe.stats import competing_scores, ipcw, td_auc
from radpipe.stats import td_auc_alternatives as other
from radpipe.stats.roc import auc

HORIZON = 0.8


def cohort(seed=0, n=150, censoring=2.0):
    rng = np.random.default_rng(seed)
    s = rng.normal(size=n)
    t, c = rng.exponential(np.exp(-s)), rng.exponential(censoring, n)
    return np.minimum(t, c), (t <= c).astype(int), s


def complete(seed=0, n=120):
    rng = np.random.default_rng(seed)
    s = np.round(rng.normal(size=n), 1)
    t = rng.exponential(np.exp(-s))
    return t, np.ones(n, int), s


@pytest.mark.parametrize("weighting", ["marginal", "cox", "aalen"])
def test_without_censoring_every_weighting_is_the_plain_auc(weighting):
    t, d, s = complete()
    curve = td_auc.roc_at(t, d, s, HORIZON, weighting)
    assert curve.auc == pytest.approx(auc((t <= HORIZON).astype(int), s))
    assert np.trapezoid(curve.tp, curve.fp) == pytest.approx(curve.auc)
    assert (np.diff(curve.tp) >= 0).all()
    assert curve.tp[-1] == curve.fp[-1] == 1


@pytest.mark.parametrize("estimator", [other.auc_heagerty_km, other.auc_uno])
def test_without_censoring_other_estimators_are_the_plain_auc(estimator):
    t, d, s = complete()
    e = estimator(t, d, s, HORIZON)
    assert e.estimate == pytest.approx(auc((t <= HORIZON).astype(int), s))


def test_marginal_curve_has_the_area_of_auc_at():
    t, d, s = cohort()
    curve = td_auc.roc_at(t, d, s, HORIZON)
    assert curve.auc == pytest.approx(ipcw.auc_at(t, d, s, HORIZON).estimate)
    assert curve.cases + curve.controls + curve.censored == curve.n == 150


def test_score_that_censoring_depends_on_needs_its_model():
    """Censoring that follows the score biases the marginal weights, not those of its model."""
    rng = np.random.default_rng(5)
    n = 6000
    s = rng.normal(size=n)
    t, c = rng.exponential(np.exp(-s)), rng.exponential(np.exp(1.5 * s))
    true = auc((t <= HORIZON).astype(int), s)
    found = {
        w: td_auc.roc_at(np.minimum(t, c), (t <= c).astype(int), s, HORIZON, w).auc
        for w in ("marginal", "cox")
    }
    assert abs(found["cox"] - true) < 0.015 < abs(found["marginal"] - true)


def test_windows_of_equal_scores_only_are_the_plain_auc():
    t, d, s = complete()
    e = other.auc_heagerty_nne(t, d, s, HORIZON, span=1e-6)
    assert e.estimate == pytest.approx(auc((t <= HORIZON).astype(int), s))
    wide = other.auc_heagerty_nne(t, d, s, HORIZON, span=0.5)
    assert wide.estimate < e.estimate


def test_reversed_score_reverses_the_auc():
    t, d, s = cohort()
    for estimator in (other.auc_uno, ipcw.auc_at):
        up, down = (estimator(t, d, x, HORIZON).estimate for x in (s, -s))
        assert up + down == pytest.approx(1)


def test_accuracy_without_censoring_is_that_of_the_two_by_two_table():
    t, d, s = complete()
    y, high = t <= HORIZON, s > 0.2
    found = td_auc.accuracy_at(t, d, s, 0.2, HORIZON)
    assert found.sensitivity.estimate == pytest.approx(high[y].mean())
    assert found.specificity.estimate == pytest.approx((~high)[~y].mean())
    assert found.ppv.estimate == pytest.approx(y[high].mean())
    assert found.npv.estimate == pytest.approx((~y)[~high].mean())
    p, n = high[y].mean(), y.sum()
    assert found.sensitivity.se == pytest.approx(np.sqrt(p * (1 - p) / n), rel=0.01)


def test_standard_error_of_a_predictive_value_is_that_of_the_scatter():
    found = []
    for seed in range(150):
        t, d, s = cohort(seed)
        e = td_auc.accuracy_at(t, d, s, 0.0, HORIZON).npv
        found.append((e.estimate, e.se))
    estimates, errors = np.array(found).T
    assert errors.mean() == pytest.approx(estimates.std(), rel=0.15)


def test_a_competing_cause_that_never_comes_changes_nothing():
    t, d, s = cohort()
    for controls in ("without the event", "event-free"):
        e = competing_scores.auc_competing(t, d, s, HORIZON, controls=controls)
        assert e.estimate == pytest.approx(ipcw.auc_at(t, d, s, HORIZON).estimate)
        assert e.se == pytest.approx(ipcw.auc_at(t, d, s, HORIZON).se)


def test_competing_controls_without_censoring():
    t, _, s = complete()
    cause = np.where(np.arange(t.size) % 3 == 0, 2, 1)
    event = (t <= HORIZON) & (cause == 1)
    e = competing_scores.auc_competing(t, cause, s, HORIZON)
    assert e.estimate == pytest.approx(auc(event.astype(int), s))
    free = event | (t > HORIZON)
    e = competing_scores.auc_competing(t, cause, s, HORIZON, controls="event-free")
    assert e.estimate == pytest.approx(auc(event[free].astype(int), s[free]))


def test_doubled_patients_have_the_error_of_single_ones():
    t, d, s = cohort()
    twice = [np.repeat(x, 2) for x in (t, d, s)]
    once = td_auc.accuracy_at(t, d, s, 0.0, HORIZON).ppv
    both = td_auc.accuracy_at(*twice, 0.0, HORIZON, groups=np.repeat(np.arange(150), 2)).ppv
    assert both.estimate == pytest.approx(once.estimate)
    assert both.se == pytest.approx(once.se)
    assert "clustered" in both.method


@pytest.mark.parametrize(
    ("time", "event", "score"),
    [
        ([1.0, 2, 3], [0, 0, 0], [1.0, 2, 3]),
        ([0.1, 0.2, 0.3], [1, 1, 1], [1.0, 2, 3]),
        ([1.0, 2], [1, 0], [np.nan, np.nan]),
        ([], [], []),
    ],
)
def test_nothing_to_compare_is_missing_and_said(time, event, score):
    found = [
        f(time, event, score, 0.5) for f in (other.auc_uno, other.auc_heagerty_km, ipcw.auc_at)
    ]
    found.append(other.auc_heagerty_nne(time, event, score, 0.5))
    assert all(np.isnan(e.estimate) and e.note for e in found)
    curve = td_auc.roc_at(time, event, score, 0.5)
    assert np.isnan(curve.auc)
    assert curve.note
    marks = td_auc.accuracy_at(time, event, score, 1.5, 0.5)
    assert np.isnan(marks.sensitivity.estimate) or np.isnan(marks.specificity.estimate)


def test_equal_scores_have_half_the_area():
    t, d, s = cohort()
    assert ipcw.auc_at(t, d, np.ones(150), HORIZON).estimate == pytest.approx(0.5)
    test = ipcw.auc_at_paired(t, d, s, s, HORIZON)
    assert test.estimate == 0
    assert np.isnan(test.p)
    assert "no test" in test.note


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="negative"):
        ipcw.auc_at([-1.0, 2], [1, 0], [1, 2], 1)
    with pytest.raises(ValueError, match="horizon"):
        ipcw.auc_at([1.0, 2], [1, 0], [1, 2], 0)
    with pytest.raises(ValueError, match="events for"):
        td_auc.accuracy_at([1.0, 2], [1], [1, 2], 1, 1)
    with pytest.raises(ValueError, match="marginal, cox or aalen"):
        td_auc.roc_at([1.0, 2], [1, 0], [1, 2], 1, "km")
    with pytest.raises(ValueError, match="controls are"):
        competing_scores.auc_competing([1.0, 2], [1, 0], [1, 2], 1, controls="all")
    with pytest.raises(ValueError, match="0 \\(censored\\)"):
        competing_scores.auc_competing([1.0, 2], [1, 0.5], [1, 2], 1)
    with pytest.raises(ValueError, match="span"):
        other.auc_heagerty_nne([1.0, 2], [1, 0], [1, 2], 1, span=2)


def test_covariates_that_say_the_same_twice_change_nothing():
    t, d, s = cohort()
    for weighting in ("cox", "aalen"):
        once = td_auc.roc_at(t, d, s, HORIZON, weighting).auc
        twice = td_auc.roc_at(t, d, s, HORIZON, weighting, covariates=2 * s).auc
        assert twice == pytest.approx(once, abs=1e-9)
