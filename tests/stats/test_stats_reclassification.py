"""Net reclassification and integrated discrimination improvement."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.stats.improvement_survival import improvement_of_models, improvement_of_risks
from radpipe.stats.reclassification import idi, nri
from radpipe.stats.reclassification_bootstrap import nri_bootstrap
from radpipe.stats.reclassification_survival import nri_survival


def cohort(seed=0, n=200):
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, n))
    old, new = 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(-x - z))
    return (rng.uniform(size=n) < new).astype(int), old, new


def survival_cohort(seed=0, n=200):
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, n))
    t, c = rng.exponential(np.exp(-x - z)), rng.exponential(2, n)
    old, new = 1 - np.exp(-0.8 * np.exp(x)), 1 - np.exp(-0.8 * np.exp(x + z))
    return np.minimum(t, c), (t <= c).astype(int), old, new, x, z


def test_by_hand():
    y = [1, 1, 1, 1, 0, 0, 0, 0, 0]
    old = [0.1, 0.3, 0.6, 0.6, 0.1, 0.3, 0.6, 0.6, 0.1]
    new = [0.2, 0.6, 0.6, 0.3, 0.1, 0.1, 0.3, 0.6, 0.3]
    found = nri(y, old, new, [0.2, 0.5])
    assert found.up_event.estimate == pytest.approx(2 / 4)  # 0.2 is in the higher category
    assert found.down_event.estimate == pytest.approx(1 / 4)
    assert found.nri_nonevent.estimate == pytest.approx(2 / 5 - 1 / 5)
    assert found.nri.estimate == pytest.approx(1 / 4 + 1 / 5)
    np.testing.assert_array_equal(found.events, [[0, 1, 0], [0, 0, 1], [0, 1, 1]])
    null = nri(y, old, new, [0.2, 0.5], variance="null")
    assert null.nri.se == pytest.approx(np.sqrt(0.75 / 4 + 0.6 / 5))
    d = idi(y, old, new)
    assert d.event == pytest.approx((0.1 + 0.3 + 0 - 0.3) / 4)
    assert d.idi.estimate == pytest.approx(d.event + d.nonevent)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_swapped_models_swap_the_sign(seed):
    y, old, new = cohort(seed, 40)
    for cuts in (None, [0.2, 0.5]):
        there, back = nri(y, old, new, cuts), nri(y, new, old, cuts)
        assert there.nri.estimate == pytest.approx(-back.nri.estimate)
        assert -2 <= there.nri.estimate <= 2
    assert idi(y, old, new).idi.estimate == pytest.approx(-idi(y, new, old).idi.estimate)


def test_bootstrap_is_seeded_and_about_as_wide_as_the_asymptotic_interval():
    y, old, new = cohort()
    one, two = (nri_bootstrap(y, old, new, 3, repeats=500) for _ in range(2))
    assert one.nri == two.nri
    wald = nri(y, old, new).nri
    assert one.nri.estimate == pytest.approx(wald.estimate)
    assert one.nri.se == pytest.approx(wald.se, rel=0.15)
    assert nri_bootstrap(y, old, new, 4, repeats=500).nri.lower != one.nri.lower


def test_doubled_patients_have_the_error_of_single_ones():
    y, old, new = cohort()
    twice = [np.repeat(v, 2) for v in (y, old, new)]
    patients = np.repeat(np.arange(200), 2)
    for measure in (lambda *a, **k: nri(*a, **k).nri, lambda *a, **k: idi(*a, **k).idi):
        both, once = measure(*twice, groups=patients), measure(y, old, new)
        assert both.se == pytest.approx(once.se, rel=0.01)
        assert "clustered" in both.method
    both = nri_bootstrap(*twice, 1, repeats=100, groups=patients)
    assert both.nri.lower == pytest.approx(nri_bootstrap(y, old, new, 1, repeats=100).nri.lower)


@pytest.mark.parametrize("estimator", ["km", "ipw"])
@pytest.mark.parametrize("cuts", [None, [0.3, 0.6]])
def test_survival_without_censoring_is_the_binary_one(estimator, cuts):
    t, _, old, new, _, _ = survival_cohort()
    found = nri_survival(t, np.ones(200), old, new, 0.8, 1, cuts, estimator=estimator, repeats=20)
    binary = nri_bootstrap((t <= 0.8).astype(int), old, new, 1, cuts, repeats=20)
    for part in ("nri", "nri_event", "up_event", "down_nonevent"):
        e, want = getattr(found, part), getattr(binary, part)
        assert e.estimate == pytest.approx(want.estimate)
        assert e.lower == pytest.approx(want.lower)


def test_improvement_without_censoring_is_the_binary_one():
    t, _, old, new, _, _ = survival_cohort()
    y = (t <= 0.8).astype(int)
    found = improvement_of_risks(t, np.ones(200), old, new, 0.8, 1, 200)
    want = idi(y, old, new).idi
    assert found.idi.estimate == pytest.approx(want.estimate)
    assert found.idi.se == pytest.approx(want.se, rel=0.2)
    assert found.nri.estimate == pytest.approx(nri(y, old, new).nri.estimate / 2)
    assert found.idi.p == 0


def test_weighted_cox_risks_are_those_of_the_fitted_model():
    from radpipe.stats.cox import fit_cox, survival_at
    from radpipe.stats.cox_weighted import weighted_cox_risks

    t, d, _, _, x, z = survival_cohort()
    t = np.round(t, 1)
    both = np.column_stack([x, z])
    want = 1 - survival_at(fit_cox(both, t, d, "breslow"), both, 0.8)[:, 0]
    weight = np.vstack([np.ones(200), np.full(200, 3.0)])
    risk = weighted_cox_risks(both, t, d.astype(bool), weight, 0.8)
    np.testing.assert_allclose(risk, [want, want], rtol=1e-7)


def test_improvement_of_models_sees_a_predictor_and_not_noise():
    t, d, _, _, x, z = survival_cohort()
    good = improvement_of_models(t, d, x, np.column_stack([x, z]), 0.8, 1, 100)
    assert good.idi.lower > 0
    noise = np.random.default_rng(9).normal(size=200)
    none = improvement_of_models(t, d, x, np.column_stack([x, noise]), 0.8, 1, 100)
    assert none.idi.estimate < 0.02 < good.idi.estimate
    again = improvement_of_models(t, d, x, np.column_stack([x, z]), 0.8, 1, 100)
    assert repr(good) == repr(again)


def test_degenerate_input_is_missing_and_said():
    one = nri([1, 1, 1], [0.1, 0.2, 0.3], [0.2, 0.2, 0.3])
    assert np.isnan(one.nri.estimate)
    assert one.nri.note
    assert np.isnan(idi([1, 0, 0], [0.1, 0.2, 0.3], [0.2, 0.2, 0.3]).idi.estimate)
    same = nri([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4])
    assert same.nri.estimate == 0
    assert np.isnan(same.test.p)
    assert same.test.note
    empty = nri_bootstrap([], [], [], 1, repeats=5)
    assert np.isnan(empty.nri.estimate)
    for estimator in ("km", "ipw"):
        late = nri_survival([1.0, 2], [1, 0], [0.1, 0.2], [0.2, 0.1], 5, 1, estimator=estimator)
        assert np.isnan(late.nri.estimate)
        assert late.nri.note
    t, d, _, _, x, _ = survival_cohort(n=30)
    flat = improvement_of_models(t, d, x, np.column_stack([x, x]), 0.8, 1, 5)
    assert np.isnan(flat.idi.estimate)
    assert "not determined" in flat.idi.note


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="ascend"):
        nri([1, 0], [0.1, 0.2], [0.1, 0.2], [0.5, 0.2])
    with pytest.raises(ValueError, match="outside"):
        nri([1, 0], [0.1, 1.2], [0.1, 0.2])
    with pytest.raises(ValueError, match="multinomial or null"):
        nri([1, 0], [0.1, 0.2], [0.1, 0.2], variance="wald")
    with pytest.raises(ValueError, match="km or ipw"):
        nri_survival([1.0], [1], [0.1], [0.2], 1, 1, estimator="cox")
