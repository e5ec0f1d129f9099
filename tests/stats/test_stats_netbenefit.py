"""Decision curves: competing causes, bootstrap bands, agreement with dcurves."""

import numpy as np
import pytest

from radpipe.stats import netbenefit as nb
from radpipe.stats import netbenefit_bands as bands

T = np.array([0.1, 0.2, 0.4])


def cohort(seed=0, n=300):
    rng = np.random.default_rng(seed)
    risk = rng.beta(2, 5, n)
    y = (rng.uniform(size=n) < risk).astype(int)
    return y, risk


def test_agrees_with_dcurves():
    import pandas as pd
    from dcurves import dca

    y, risk = cohort()
    frame = pd.DataFrame({"y": y, "m": risk})
    found = dca(data=frame, outcome="y", modelnames=["m"], thresholds=T)
    want = found.loc[found["model"] == "m", "net_benefit"].to_numpy()
    np.testing.assert_allclose(nb.net_benefit(y, risk, T).net_benefit, want, atol=1e-12)


def test_competing_without_censoring_counts_the_cause():
    y, risk = cohort()
    cause = np.where(y == 1, 1, np.where(risk > 0.3, 2, 0))
    time = np.where(cause > 0, 0.5, 2.0)
    found = nb.net_benefit_competing(time, cause, risk, 1.0, T)
    np.testing.assert_allclose(found.net_benefit, nb.net_benefit(y, risk, T).net_benefit)
    second = nb.net_benefit_competing(time, cause, risk, 1.0, T, cause=2)
    assert second.prevalence == pytest.approx((cause == 2).mean())


def test_case_control_prevalence_of_the_sample_changes_nothing():
    y, risk = cohort()
    plain, put = nb.net_benefit(y, risk, T), nb.net_benefit(y, risk, T, float(y.mean()))
    np.testing.assert_allclose(put.net_benefit, plain.net_benefit)


def test_interventions_avoided_by_hand():
    found = nb.net_benefit([1, 0, 0, 0], [0.9, 0.6, 0.1, 0.1], [0, 0.5])
    assert found.net_benefit[1] == pytest.approx(0)
    assert found.avoided[1] == pytest.approx(0.5)
    assert np.isnan(found.avoided[0])


def test_same_seed_same_bands_around_the_curve():
    y, risk = cohort()
    one, two = (bands.net_benefit_bands(y, risk, T, seed=4, repeats=200) for _ in range(2))
    np.testing.assert_array_equal(one.net_benefit_band.lower, two.net_benefit_band.lower)
    other = bands.net_benefit_bands(y, risk, T, seed=5, repeats=200)
    assert (one.net_benefit_band.lower != other.net_benefit_band.lower).any()
    assert (one.net_benefit_band.lower < one.net_benefit).all()
    assert (one.net_benefit < one.net_benefit_band.upper).all()
    assert "200 samples" in one.method


def test_band_is_as_wide_as_the_scatter():
    found = [nb.net_benefit(*cohort(seed), T).net_benefit for seed in range(200)]
    band = bands.net_benefit_bands(*cohort(), T, seed=1, repeats=400).net_benefit_band
    width = (band.upper - band.lower) / (2 * 1.96)
    np.testing.assert_allclose(width, np.std(found, axis=0), rtol=0.2)


def test_model_against_itself_has_no_difference():
    y, risk = cohort()
    same = bands.net_benefit_bands(y, risk, T, seed=1, versus=risk, repeats=20)
    assert (same.net_benefit == 0).all()
    assert (same.net_benefit_band.upper == 0).all()
    assert "difference" in same.method


def test_bands_at_a_horizon():
    y, risk = cohort(n=120)
    time = np.where(y == 1, 0.5, 2.0)
    kept = bands.net_benefit_survival_bands(time, y, risk, 1.0, T, seed=1, repeats=50)
    rival = bands.net_benefit_competing_bands(time, 2 * y, risk, 1.0, T, 1, cause=2, repeats=50)
    np.testing.assert_allclose(kept.net_benefit, rival.net_benefit)
    np.testing.assert_allclose(kept.net_benefit_band.lower, rival.net_benefit_band.lower)


def test_patients_are_drawn_whole():
    y, risk = cohort(n=100)
    twice, patients = np.repeat(y, 2), np.repeat(np.arange(100), 2)
    whole = bands.net_benefit_bands(twice, np.repeat(risk, 2), T, 1, repeats=300, groups=patients)
    single = bands.net_benefit_bands(y, risk, T, 1, repeats=300)
    np.testing.assert_allclose(whole.net_benefit_band.lower, single.net_benefit_band.lower)


def test_constant_prevalence_draws_within_outcomes():
    y, risk = cohort()
    found = bands.net_benefit_bands(y, risk, [0.01], 1, prevalence=0.2, repeats=50)
    everyone = nb.treat_all(0.2, [0.01], 300).net_benefit
    assert found.net_benefit_band.upper == pytest.approx(everyone, abs=1e-2)


def test_marker_of_no_meaning_has_the_prevalence_as_risk():
    y = np.tile([0, 1, 0, 0], 10)
    marker = np.repeat([0.0, 1.0], 20)
    np.testing.assert_allclose(nb.risk_of_marker(y, marker), 0.25, atol=1e-8)
    time = np.tile([1.0, 2.0, 3.0, 4.0], 10)
    risk = nb.risk_of_marker_survival(time, y, marker, 2.5)
    np.testing.assert_allclose(risk, risk[0])


def test_no_cases_and_wrong_input():
    for found in (
        nb.net_benefit([], [], T),
        nb.net_benefit([1, 0], [np.nan, np.nan], T),
        nb.net_benefit_survival([], [], [], 1.0, T),
        bands.net_benefit_bands([], [], T, 1, repeats=5),
    ):
        assert np.isnan(found.net_benefit).all()
        assert "no cases" in found.note
    assert np.isnan(nb.net_benefit([1, 1], [0.2, 0.3], T, 0.2).net_benefit).all()
    with pytest.raises(ValueError, match="risk lies outside"):
        nb.net_benefit([1, 0], [1.2, 0.1], T)
    with pytest.raises(ValueError, match="threshold lies outside"):
        nb.net_benefit([1, 0], [0.2, 0.1], [1.0])
    with pytest.raises(ValueError, match="prevalence"):
        nb.net_benefit([1, 0], [0.2, 0.1], T, 1.5)
    with pytest.raises(ValueError, match="at least 2"):
        bands.net_benefit_bands([1, 0], [0.2, 0.1], T, 1, repeats=1)
