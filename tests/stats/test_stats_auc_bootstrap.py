import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.stats import roc
from radpipe.stats.auc_bootstrap import bootstrap_partial_auc
from radpipe.stats.bootstrap_counts import bootstrap_counts
from radpipe.stats.counted_roc import counted_auc

PLAN = roc.BootstrapPlan(replicates=400, seed=3)


def cohort(n=90, seed=0):
    rng = np.random.default_rng(seed)
    y = (np.arange(n) % 3 == 0).astype(int)
    return y, rng.normal(size=n) + 0.8 * y, rng.normal(size=n) + 0.4 * y


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(-3, 3), st.integers(0, 3)), min_size=1, max_size=20
    )
)
def test_counts_stand_for_copied_rows(cases):
    y, s, counts = (np.array(column) for column in zip(*cases, strict=True))
    rows = np.repeat(np.arange(y.size), counts)
    got = counted_auc(counts[None, :].astype(float), y == 1, s.astype(float))
    np.testing.assert_allclose(got, roc.auc(y[rows], s[rows].astype(float)))


def test_strata_and_patients_keep_their_numbers():
    rng = np.random.default_rng(0)
    strata = np.array([0] * 10 + [1] * 5)
    counts = np.concatenate(list(bootstrap_counts(strata, 50, rng)))
    assert counts.shape == (50, 15)
    assert (counts[:, :10].sum(axis=1) == 10).all()
    assert (counts[:, 10:].sum(axis=1) == 5).all()
    assert len(np.unique(counts, axis=0)) > 40
    groups = np.arange(15) // 2  # the sixth patient has a case of each class
    whole = np.concatenate(list(bootstrap_counts(strata, 50, rng, groups)))
    assert (whole[:, 0:10:2] == whole[:, 1:10:2]).all()
    assert (whole[:, :10].sum(axis=1) == 10).all()
    with pytest.raises(ValueError, match="at least 2"):
        list(bootstrap_counts(strata, 1, rng))


def test_same_seed_same_numbers():
    y, a, _ = cohort()
    one, two = roc.bootstrap_auc(y, a, PLAN), roc.bootstrap_auc(y, a, PLAN)
    np.testing.assert_array_equal(one.replicates, two.replicates)
    other = roc.bootstrap_auc(y, a, roc.BootstrapPlan(replicates=400, seed=4))
    assert other.interval.lower != one.interval.lower


def test_it_agrees_with_delong():
    y, a, b = cohort()
    drawn, plain = roc.bootstrap_auc(y, a).interval, roc.delong(y, a)
    assert drawn.estimate == plain.estimate
    assert drawn.se == pytest.approx(plain.se, rel=0.1)
    assert drawn.lower == pytest.approx(plain.lower, abs=0.02)
    pair, test = roc.bootstrap_paired(y, a, b), roc.delong_paired(y, a, b)
    assert pair.estimate == test.estimate
    assert pair.statistic == pytest.approx(test.statistic, rel=0.1)
    half = np.arange(90) < 45
    sets = (y[half], a[half], y[~half], b[~half])
    two, apart = roc.bootstrap_unpaired(*sets), roc.delong_unpaired(*sets)
    assert two.estimate == pytest.approx(apart.estimate)
    assert two.se == pytest.approx(apart.se, rel=0.1)


def test_repeats_average():
    y, a, b = cohort()
    same = roc.bootstrap_auc(y, np.column_stack([a, a]), PLAN)
    np.testing.assert_allclose(same.replicates, roc.bootstrap_auc(y, a, PLAN).replicates)
    both = roc.bootstrap_auc(y, np.column_stack([a, b]), PLAN).interval
    assert both.estimate == pytest.approx((roc.auc(y, a) + roc.auc(y, b)) / 2)


def test_doubled_patients_keep_their_spread():
    y, a, _ = cohort()
    twice = np.repeat(np.arange(90), 2)
    once = roc.bootstrap_auc(y, a).interval
    grouped = roc.bootstrap_auc(y[twice], a[twice], groups=twice).interval
    assert grouped.se == pytest.approx(once.se, rel=0.1)
    assert roc.bootstrap_auc(y[twice], a[twice]).interval.se < 0.8 * once.se
    assert "patients" in grouped.method


def test_missing_scores_are_not_drawn():
    y, a, _ = cohort()
    a[5] = np.nan
    kept = np.isfinite(a)
    got, want = roc.bootstrap_auc(y, a, PLAN), roc.bootstrap_auc(y[kept], a[kept], PLAN)
    np.testing.assert_array_equal(got.replicates, want.replicates)
    assert got.interval.n == 89
    assert "1 case without" in got.interval.note


def test_replicates_without_a_class_are_counted():
    y, a, _ = cohort(8)
    drawn = roc.bootstrap_auc(y, a, roc.BootstrapPlan(replicates=400, stratified=False, seed=1))
    assert 0 < drawn.replicates.size < 400
    assert f"{400 - drawn.replicates.size} of 400" in drawn.interval.note
    assert not drawn.interval.method.startswith("stratified")


def test_whole_partial_area_is_the_area():
    y, a, _ = cohort()
    whole = bootstrap_partial_auc(y, a, 0.0, plan=PLAN)
    plain = roc.bootstrap_auc(y, a, PLAN)
    np.testing.assert_allclose(whole.replicates, plain.replicates)
    part = bootstrap_partial_auc(y, a, 0.8, corrected=True, plan=PLAN).interval
    assert part.estimate == roc.partial_auc(y, a, 0.8).corrected
    assert part.lower < part.estimate < part.upper


@pytest.mark.parametrize("y", [[1, 1, 1], [0, 0, 1]])
def test_too_few_cases_have_no_interval(y):
    s = [1.0, 2.0, 3.0]
    for e in (
        roc.bootstrap_auc(y, s, PLAN).interval,
        roc.bootstrap_partial_auc(y, s, 0.8, plan=PLAN).interval,
        roc.bootstrap_paired(y, s, s, PLAN),
    ):
        assert np.isnan([e.lower, e.upper, e.se]).all()
        assert "class" in e.note


@pytest.mark.parametrize("bad", [{"replicates": 1}, {"level": 95}])
def test_a_plan_that_cannot_be_drawn_is_refused(bad):
    with pytest.raises(ValueError, match=r"at least 2|between 0 and 1"):
        roc.BootstrapPlan(**bad)


def test_equal_models_have_no_z():
    y, a, _ = cohort()
    test = roc.bootstrap_paired(y, a, a, PLAN)
    assert (test.estimate, test.se) == (0, 0)
    assert np.isnan(test.p)
    assert "equal" in test.note
