import numpy as np
import pytest

from radpipe.stats.combat import fit_combat
from radpipe.stats.combat_input import ConfoundedBatchError, UnseenBatchError

pytestmark = pytest.mark.filterwarnings("error")
RNG = np.random.default_rng(9)
BATCH = np.repeat(["A", "B", "C"], 20)
AGE = RNG.normal(60, 10, 60)
EFFECT = RNG.normal(0, 0.1, 12)
CODE = np.repeat([0, 1, 2], 20)[:, None]
NOISE = RNG.normal(0, 1, (60, 12))
VALUES = NOISE * np.array([1, 1.5, 0.7])[CODE] + np.array([0, 3, -2])[CODE] + AGE[:, None] * EFFECT


def means(x):
    return np.array([x[name == BATCH].mean(axis=0) for name in "ABC"])


@pytest.mark.parametrize("options", [{}, {"prior": "nonparametric"}, {"mean_only": True}])
def test_batches_are_brought_together(options):
    fitted = fit_combat(VALUES, BATCH, AGE, **options)
    adjusted = fitted.apply(VALUES, BATCH, AGE)
    before, after = (means(x - AGE[:, None] * EFFECT) for x in (VALUES, adjusted))
    assert np.ptp(after, axis=0).max() < np.ptp(before, axis=0).min() / 3
    if "mean_only" not in options:
        rest = adjusted - AGE[:, None] * EFFECT
        spread = [rest[name == BATCH].std(axis=0).mean() for name in "ABC"]
        assert max(spread) / min(spread) < 1.2


def test_what_covariates_explain_stays():
    later = np.where(BATCH == "C", AGE + 30, AGE)
    values = RNG.normal(0, 1, (60, 12)) + later[:, None]
    kept = fit_combat(values, BATCH, later).apply(values, BATCH, later)
    lost = fit_combat(values, BATCH).apply(values, BATCH)
    assert (means(kept)[2] - means(kept)[0]).mean() == pytest.approx(30, abs=6)
    assert abs((means(lost)[2] - means(lost)[0]).mean()) < 10


def test_cases_are_adjusted_one_by_one():
    fitted = fit_combat(VALUES, BATCH, AGE)
    whole = fitted.apply(VALUES, BATCH, AGE)
    some = [3, 50, 22]
    np.testing.assert_array_equal(fitted.apply(VALUES[some], BATCH[some], AGE[some]), whole[some])
    order = RNG.permutation(60)
    shuffled = fit_combat(VALUES[order], BATCH[order], AGE[order])
    np.testing.assert_allclose(shuffled.apply(VALUES, BATCH, AGE), whole, rtol=1e-8)


def test_the_reference_stays():
    fitted = fit_combat(VALUES, BATCH, AGE, reference="B")
    adjusted = fitted.apply(VALUES, BATCH, AGE)
    np.testing.assert_array_equal(adjusted[BATCH == "B"], VALUES[BATCH == "B"])
    assert np.abs(means(adjusted) - means(VALUES)[1]).max() < 2
    with pytest.raises(ValueError, match="batches are A, B, C"):
        fit_combat(VALUES, BATCH, reference="Z")
    with pytest.raises(ValueError, match="one case"):
        fit_combat(VALUES[:21], BATCH[:21], reference="B")


def test_one_batch_changes_nothing():
    fitted = fit_combat(VALUES[:20], BATCH[:20])
    np.testing.assert_array_equal(fitted.apply(VALUES[:20], BATCH[:20]), VALUES[:20])
    assert "one batch" in fitted.note


def test_an_unseen_batch_is_an_error():
    fitted = fit_combat(VALUES, BATCH)
    with pytest.raises(UnseenBatchError, match="batch D was not fitted; fitted are A, B, C"):
        fitted.apply(VALUES[:2], ["A", "D"])
    with pytest.raises(ValueError, match="0 were fitted"):
        fitted.apply(VALUES, BATCH, AGE)
    with pytest.raises(ValueError, match="12 were fitted"):
        fitted.apply(VALUES[:, 1:], BATCH)


@pytest.mark.parametrize("prior", ["parametric", "nonparametric"])
def test_a_batch_of_one_case(prior):
    batch = BATCH.copy()
    batch[-1] = "D"
    fitted = fit_combat(VALUES, batch, prior=prior)
    assert "batch D has one case" in fitted.note
    np.testing.assert_array_equal(fitted.delta, 1)
    assert np.isfinite(fitted.apply(VALUES, batch)).all()


@pytest.mark.parametrize("prior", ["parametric", "nonparametric"])
def test_constant_features_are_left_alone(prior):
    values = VALUES.copy()
    values[:, 2] = 0.1
    values[BATCH == "B", 5] = 0
    values[:, 7] = 2 * AGE
    fitted = fit_combat(values, BATCH, AGE, prior)
    assert np.flatnonzero(~fitted.adjusted).tolist() == [2, 5, 7]
    assert "3 features not adjusted" in fitted.note
    adjusted = fitted.apply(values, BATCH, AGE)
    np.testing.assert_array_equal(adjusted[:, [2, 5, 7]], values[:, [2, 5, 7]])
    rest = np.flatnonzero(fitted.adjusted)
    alone = fit_combat(values[:, rest], BATCH, AGE, prior).apply(values[:, rest], BATCH, AGE)
    np.testing.assert_allclose(adjusted[:, rest], alone)
    single = fit_combat(VALUES[:, :1], BATCH, prior=prior)
    assert "one feature alone" in single.note
    np.testing.assert_array_equal(single.apply(VALUES[:, :1], BATCH), VALUES[:, :1])


@pytest.mark.parametrize("prior", ["parametric", "nonparametric"])
def test_missing_values_stay_missing_and_cost_little(prior):
    values = VALUES.copy()
    values[4, 3] = np.nan
    whole = fit_combat(VALUES, BATCH, AGE, prior).apply(VALUES, BATCH, AGE)
    adjusted = fit_combat(values, BATCH, AGE, prior).apply(values, BATCH, AGE)
    assert np.argwhere(np.isnan(adjusted)).tolist() == [[4, 3]]
    assert np.nanmax(np.abs(adjusted - whole)) < 0.5


def test_identical_features_have_a_prior_without_spread():
    twice = np.repeat(VALUES[:, :1], 2, axis=1)
    adjusted = fit_combat(twice, BATCH).apply(twice, BATCH)
    assert np.ptp(means(adjusted)) < 1e-6


def test_bad_input_is_refused():
    with pytest.raises(ConfoundedBatchError, match="told apart"):
        fit_combat(VALUES, BATCH, BATCH == "A")
    with pytest.raises(ConfoundedBatchError, match="told apart"):
        fit_combat(VALUES, BATCH, np.ones(60))
    with pytest.raises(ConfoundedBatchError, match="too few"):
        fit_combat(VALUES[[0, 1, 20, 40]], BATCH[[0, 1, 20, 40]], AGE[[0, 1, 20, 40]])
    with pytest.raises(ValueError, match="have no batch"):
        fit_combat(VALUES, [None, *BATCH[1:]])
    with pytest.raises(ValueError, match="59 batches for 60"):
        fit_combat(VALUES, BATCH[1:])
    with pytest.raises(ValueError, match="covariate is missing"):
        fit_combat(VALUES, BATCH, np.where(AGE > 70, np.nan, AGE))
    with pytest.raises(ValueError, match="not infinite"):
        fit_combat(np.where(VALUES > 8, np.inf, VALUES), BATCH)
    with pytest.raises(ValueError, match="empty"):
        fit_combat(np.empty((0, 3)), [])
    with pytest.raises(ValueError, match="the prior is"):
        fit_combat(VALUES, BATCH, prior="none")
