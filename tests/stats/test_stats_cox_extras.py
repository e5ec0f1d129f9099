"""Residuals, proportional hazards, exact ties, predicted curves, subgroups, Uno's C."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.stats.concordance import harrell, harrell_covariance, harrell_paired
from radpipe.stats.concordance_censoring import gonen_heller, uno, uno_paired
from radpipe.stats.cox import fit_cox, survival_at, survival_from
from radpipe.stats.cox_curves import breslow_baseline, predicted_survival
from radpipe.stats.cox_residuals import (
    deviance_residuals,
    martingale,
    robust_vcov,
    schoenfeld,
    score_residuals,
)
from radpipe.stats.design import DegenerateDataError
from radpipe.stats.proportional_hazards import hazard_test
from radpipe.stats.subgroups import subgroup_hazards


def cohort(seed=1, n=120, rounded=True):
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.normal(size=n), rng.integers(0, 2, n)])
    time = rng.exponential(np.exp(-X @ [0.7, -0.5])) * 10
    limit = rng.exponential(15, n)
    event = (time <= limit).astype(float)
    time = np.minimum(time, limit)
    return X, np.ceil(time) if rounded else time, event


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("stratified", [False, True])
def test_residuals_add_up_to_nothing(ties, stratified):
    X, t, d = cohort()
    strata = np.arange(len(t)) % 3 if stratified else None
    fit = fit_cox(X, t, d, ties, strata)
    m = martingale(fit, X, t, d, strata)
    assert m.sum() == pytest.approx(0, abs=1e-8)
    assert m.max() <= 1
    np.testing.assert_allclose(score_residuals(fit, X, t, d, strata).sum(axis=0), 0, atol=1e-8)
    np.testing.assert_allclose(schoenfeld(fit, X, t, d, strata)[1].sum(axis=0), 0, atol=1e-8)
    assert (np.sign(deviance_residuals(fit, X, t, d, strata)) == np.sign(m)).all()


def test_robust_variance_of_doubled_cases_by_patient_is_that_of_the_cases():
    X, t, d = cohort(rounded=False)
    plain = robust_vcov(fit_cox(X, t, d, "breslow"), X, t, d)
    twice = [np.concatenate([part, part]) for part in (X, t, d)]
    fit = fit_cox(*twice, "breslow")
    patient = np.tile(np.arange(len(t)), 2)
    np.testing.assert_allclose(robust_vcov(fit, *twice, groups=patient), plain, rtol=1e-6)
    assert (np.diag(fit.vcov) < 0.6 * np.diag(plain)).all()


def test_a_stratified_fit_asks_for_its_strata():
    X, t, d = cohort()
    fit = fit_cox(X, t, d, strata=np.arange(len(t)) % 3)
    with pytest.raises(ValueError, match="1 strata are not the fit's 3"):
        martingale(fit, X, t, d)
    with pytest.raises(ValueError, match="has strata"):
        breslow_baseline(fit, X, t, d)


def test_a_crossing_effect_is_seen_and_a_constant_one_is_not():
    rng = np.random.default_rng(5)
    x = rng.integers(0, 2, 400).astype(float)
    early = rng.exponential(1.0, 400)
    late = 1 + rng.exponential(1.0, 400)
    crossing = np.where(
        (x == 1) & (rng.random(400) < 0.5), early / 3, np.where(x == 1, late + 2, early)
    )
    constant = rng.exponential(np.exp(-0.5 * x))
    event = np.ones(400)
    for scale in ("km", "rank", "identity"):
        seen = hazard_test(fit_cox(x, crossing, event), x, crossing, event, scale)
        unseen = hazard_test(fit_cox(x, constant, event), x, constant, event, scale)
        assert seen.overall.p < 0.001
        assert unseen.overall.p > 0.05
        assert seen.terms[0].statistic == pytest.approx(seen.overall.statistic)


def test_a_term_of_several_columns_has_their_degrees_of_freedom():
    X, t, d = cohort()
    wide = np.column_stack([X, X[:, 0] ** 2, np.ones(len(t))])  # the last is constant: no df
    found = hazard_test(fit_cox(wide, t, d), wide, t, d, terms=[[0, 2], [1, 3]])
    assert [test.df for test in found.terms] == [2, 1]
    assert found.overall.df == 3


def test_other_data_than_the_fits_are_refused():
    X, t, d = cohort()
    fit = fit_cox(X, t, d)
    with pytest.raises(ValueError, match="are not the fit's 120"):
        martingale(fit, X[1:], t[1:], d[1:])
    with pytest.raises(ValueError, match="allowed: km, rank, identity, log"):
        hazard_test(fit, X, t, d, "sqrt")
    one = np.full(4, 2.0)
    x = np.array([0.0, 1, 2, 4])
    with pytest.raises(DegenerateDataError, match="one event time"):
        hazard_test(fit_cox(x, one, [1, 1, 0, 0]), x, one, [1, 1, 0, 0])


def test_without_ties_all_treatments_agree():
    X, t, d = cohort(rounded=False)
    fits = [fit_cox(X, t, d, ties) for ties in ("efron", "breslow", "exact")]
    for fit in fits[1:]:
        np.testing.assert_allclose(fit.coef, fits[0].coef, rtol=1e-8)
        np.testing.assert_allclose(fit.vcov, fits[0].vcov, rtol=1e-7)


def test_exact_ties_are_a_conditional_logistic_model_of_each_time():
    """One time, two events of four rows: the likelihood is over the six pairs."""
    x, t, d = np.array([0.0, 1.0, 2.0, 3.5]), np.array([1.0, 1.0, 2.0, 2.0]), [1, 1, 0, 0]
    fit = fit_cox(x, t, d, "exact")
    grid = np.linspace(-3, 1, 4001)
    pairs = [x[i] + x[j] for i in range(4) for j in range(i)]
    loglik = grid * (x[0] + x[1]) - np.log(sum(np.exp(grid * s) for s in pairs))
    if loglik.argmax() in (0, grid.size - 1):  # the events have the lowest sum: monotone
        assert fit.monotone == (0,)
    assert fit.loglik >= loglik.max() - 1e-6
    assert fit.loglik_null == pytest.approx(-np.log(6))


def test_curves_are_the_fits_and_lie_in_their_limits():
    X, t, d = cohort()
    fit = fit_cox(X, t, d)
    new, at = X[:5], [1.0, 5.0, 12.0]
    found = predicted_survival(fit, X, t, d, new, at)
    np.testing.assert_allclose(found.survival, survival_at(fit, new, at), rtol=1e-10)
    assert (found.lower < found.survival).all()
    assert (found.survival < found.upper).all()
    nothing = predicted_survival(fit, X, t, d, new, [0.0])
    assert (nothing.survival == 1).all()
    assert np.isnan(nothing.lower).all()


def test_breslows_baseline_is_the_fits_own_with_breslows_ties():
    X, t, d = cohort()
    fit = fit_cox(X, t, d, "breslow")
    ours = survival_from(breslow_baseline(fit, X, t, d), fit, X[:3], [2.0, 9.0])
    np.testing.assert_allclose(ours, survival_at(fit, X[:3], [2.0, 9.0]), rtol=1e-10)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_concordance_of_the_opposite_score_is_the_rest(seed):
    X, t, d = cohort(seed, 40)
    score = np.round(X[:, 0], 1)
    for measure in (harrell, uno):
        there, back = measure(t, d, score), measure(t, d, -score)
        assert there.estimate + back.estimate == pytest.approx(1)
        assert there.se == pytest.approx(back.se)


def test_unos_weights_are_harrells_where_nothing_is_censored():
    X, t, _ = cohort(rounded=False)
    everyone = np.ones(len(t))
    score = X[:, 0]
    assert uno(t, everyone, score).estimate == pytest.approx(harrell(t, everyone, score).estimate)
    ours, theirs = (f(t, everyone, score, X[:, 1]) for f in (uno_paired, harrell_paired))
    assert ours.statistic == pytest.approx(theirs.statistic)


def test_strata_are_compared_within_only():
    X, t, d = cohort()
    s = np.arange(len(t)) % 2
    whole = harrell(t, d, X[:, 0] + 100.0 * s, strata=s)
    assert whole.estimate == pytest.approx(harrell(t, d, X[:, 0], strata=s).estimate)
    assert "within strata" in whole.method


def test_the_covariance_gives_the_paired_test():
    X, t, d = cohort()
    scores = np.column_stack([X[:, 0], X[:, 0] + X[:, 1]])
    v = harrell_covariance(t, d, scores)
    test = harrell_paired(t, d, scores[:, 0], scores[:, 1])
    assert np.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1]) == pytest.approx(test.se)


def test_gonen_heller_grows_with_the_differences():
    assert np.isnan(gonen_heller([0.0, 0.0, 0.0]).estimate)
    assert gonen_heller([0.0, 1.0]).estimate == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert gonen_heller([0.0, 50.0, 100.0]).estimate == pytest.approx(1)
    assert "fewer than two" in gonen_heller([1.0]).note


def test_subgroups_that_determine_nothing_say_why():
    group = np.array(["a"] * 6 + ["b"] * 6 + ["c"] * 4)
    arm = np.array([0, 1, 0, 1, 0, 1] + [1] * 6 + [0, 0, 1, 1])
    time = np.array([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 5, 6, 1, 2.0])
    event = np.array([1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1])
    found = {s.level: s for s in subgroup_hazards(arm, group, time, event).subgroups}
    assert np.isfinite(found["a"].hazard_ratio.estimate)
    assert "same treatment" in found["b"].hazard_ratio.note
    assert "one arm" in found["c"].hazard_ratio.note
    assert np.isnan(found["c"].p)
    alone = subgroup_hazards(arm[:6], group[:6], time[:6], event[:6])
    assert "one subgroup" in alone.interaction.note
