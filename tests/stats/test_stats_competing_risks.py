import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.stats.cox import fit_cox
from radpipe.stats.cumulative_incidence import cumulative_incidence
from radpipe.stats.design import DegenerateDataError
from radpipe.stats.fine_gray import fit_fine_gray, incidence_at, weighted_rows
from radpipe.stats.gray import gray_test
from radpipe.stats.survival import kaplan_meier


def cohort(n=150, seed=0, ties=True):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    t = rng.exponential(np.exp(-0.5 * X[:, 0]))
    t = np.ceil(8 * t) if ties else t
    return X, t, rng.integers(0, 3, n)


@st.composite
def courses(draw):
    n = draw(st.integers(1, 20))
    time = draw(st.lists(st.integers(1, 8), min_size=n, max_size=n))
    event = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    return np.array(time, float), np.array(event)


@given(courses(), st.sampled_from(["delta", "jackknife"]))
@settings(max_examples=40, deadline=None)
def test_incidences_rise_add_up_and_hold_their_band(data, variance):
    time, event = data
    one, two = (cumulative_incidence(time, event, c, variance=variance) for c in (1, 2))
    np.testing.assert_allclose(one.incidence + two.incidence + one.event_free, 1)
    assert (np.diff(one.incidence) >= 0).all()
    known = np.isfinite(one.lower)
    assert (one.lower[known] <= one.incidence[known] + 1e-12).all()
    assert (one.upper[known] >= one.incidence[known] - 1e-12).all()


def test_without_censoring_it_is_a_proportion():
    _, t, event = cohort()
    event = np.where(event == 0, 1, event)
    curve = cumulative_incidence(t, event, variance="jackknife")
    share = np.array([((t <= u) & (event == 1)).mean() for u in curve.times])
    np.testing.assert_allclose(curve.incidence, share)
    np.testing.assert_allclose(curve.se, np.sqrt(share * (1 - share) / t.size))


def test_without_rivals_it_is_kaplan_meier():
    _, t, event = cohort()
    event = np.minimum(event, 1)
    curve, km = cumulative_incidence(t, event), kaplan_meier(t, event)
    np.testing.assert_allclose(curve.incidence, 1 - km.survival, atol=1e-12)


def test_both_variances_are_that_of_the_scatter():
    found = {"delta": [], "jackknife": []}
    at = []
    for seed in range(150):
        _, t, event = cohort(100, seed)
        for kind, errors in found.items():
            curve = cumulative_incidence(t, event, variance=kind)
            errors.append(float(curve.se_at(6)))
        at.append(float(curve.at(6)))
    for errors in found.values():
        assert np.mean(errors) == pytest.approx(np.std(at), rel=0.15)


def test_before_the_first_and_beyond_the_last_time():
    curve = cumulative_incidence([2, 3, 5], [1, 2, 0])
    assert curve.at([1, 2]) == pytest.approx([0, 1 / 3])
    assert np.isnan(curve.at(6))
    none = cumulative_incidence([2, 3], [0, 2])
    assert (none.incidence == 0).all()
    assert "no event of cause 1" in none.note


def test_gray_knows_no_order_of_groups_and_strata_add_up():
    _, t, event = cohort()
    g = np.random.default_rng(5).integers(0, 3, t.size)
    test = gray_test(t, event, g)
    assert test.df == 2
    assert gray_test(t, event, 2 - g).statistic == pytest.approx(test.statistic)
    twice = gray_test(
        np.tile(t, 2), np.tile(event, 2), np.tile(g, 2), strata=np.repeat([0, 1], 150)
    )
    assert twice.statistic == pytest.approx(2 * test.statistic)


def test_gray_keeps_its_level_and_sees_a_difference():
    p = []
    for seed in range(150):
        _, t, event = cohort(80, seed)
        p.append(gray_test(t, event, np.arange(80) % 2).p)
    assert 0.01 < np.mean(np.array(p) < 0.05) < 0.11
    _, t, event = cohort(200)
    first = np.arange(200) < 100
    assert gray_test(t, np.where(first & (event == 2), 1, event), first).p < 1e-3


def test_groups_alike_or_alone():
    _, t, event = cohort(40)
    same = gray_test(np.tile(t, 2), np.tile(event, 2), np.repeat(["a", "b"], 40))
    assert same.statistic == pytest.approx(0, abs=1e-12)
    for test in (gray_test(t, event, np.ones(40)), gray_test(t, 0 * event, np.arange(40) % 2)):
        assert np.isnan(test.p)
        assert "no test" in test.note


@pytest.mark.parametrize(("variant", "ties"), [("crr", "breslow"), ("finegray", "efron")])
def test_without_rivals_the_model_is_cox(variant, ties):
    X, t, event = cohort()
    event = np.minimum(event, 1)
    fit, cox = fit_fine_gray(X, t, event, variant=variant), fit_cox(X, t, event, ties)
    np.testing.assert_allclose(fit.coef, cox.coef, rtol=1e-7)
    assert fit.loglik == pytest.approx(cox.loglik)
    assert fit.loglik_null == pytest.approx(cox.loglik_null)


@pytest.mark.parametrize("variant", ["crr", "finegray"])
def test_without_censoring_rivals_stay_for_ever(variant):
    X, t, event = cohort()
    event = np.where(event == 0, 1, event)
    ties = "breslow" if variant == "crr" else "efron"
    cox = fit_cox(X, np.where(event == 2, t.max() + 1, t), event == 1, ties)
    fit = fit_fine_gray(X, t, event, variant=variant)
    np.testing.assert_allclose(fit.coef, cox.coef, rtol=1e-7)


def test_rows_hold_the_same_likelihood():
    X, t, event = cohort()
    rows, fit = weighted_rows(t, event), fit_fine_gray(X, t, event, variant="finegray")
    eta = (X @ fit.coef)[rows.row]
    total = 0.0
    for u in np.unique(rows.stop[rows.event == 1]):
        here = (rows.start < u) & (rows.stop >= u)
        tied = (rows.event == 1) & (rows.stop == u)
        d = int(tied.sum())
        sums = [np.sum(rows.weight * np.exp(eta) * x) for x in (here, tied)]
        total += eta[tied].sum() - sum(np.log(sums[0] - j / d * sums[1]) for j in range(d))
    assert fit.loglik == pytest.approx(total)
    assert (rows.stop > rows.start).all()
    assert ((rows.weight > 0) & (rows.weight <= 1)).all()


def test_errors_are_those_of_the_scatter():
    fits = []
    for seed in range(120):
        X, t, event = cohort(150, seed, ties=False)
        fit = fit_fine_gray(X, t, event)
        fits.append((fit.coef[0], fit.se[0], fit_fine_gray(X, t, event, variant="finegray").se[0]))
    coef, crr, robust = np.array(fits).T
    assert crr.mean() == pytest.approx(coef.std(), rel=0.2)
    assert robust.mean() == pytest.approx(crr.mean(), rel=0.1)


def test_predictions_average_to_the_curve():
    X, t, event = cohort(300, ties=False)
    fit = fit_fine_gray(X, t, event)
    times = np.quantile(t, [0.2, 0.5, 0.8])
    found = incidence_at(fit, X, times)
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found, axis=1) >= 0).all()
    curve = cumulative_incidence(t, event)
    np.testing.assert_allclose(found.mean(axis=0), curve.at(times), atol=0.02)
    assert np.isnan(incidence_at(fit, X[:1], [t.max() + 1])).all()


def test_degenerate_columns_and_events():
    X, t, event = cohort()
    odd = np.column_stack([X[:, 0], np.ones(150), 2 * X[:, 0], (event == 1) * 1.0])
    fit = fit_fine_gray(odd, t, event)
    assert np.isnan(fit.coef[1:]).all()
    assert np.isfinite(fit.coef[0])
    assert "infinity" in fit.note
    with pytest.raises(DegenerateDataError, match="cause 3"):
        fit_fine_gray(X, t, event, cause=3)
    with pytest.raises(ValueError, match="finegray"):
        fit_fine_gray(X, t, event, variant="cox")
    with pytest.raises(ValueError, match="number of its cause"):
        cumulative_incidence(t, event + 0.5)
