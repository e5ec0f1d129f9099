"""Plans: groups stay whole, every case is predicted once a repeat, outcomes are balanced."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.resampling.bootstrap import BootstrapSpec
from radpipe.resampling.folds import k_folds
from radpipe.resampling.plan import make_plan
from radpipe.resampling.schemes import RepeatedCvSpec


def cohort(n_groups=40, seed=0, events=0.4):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 4, n_groups)
    groups = np.repeat([f"p{i}" for i in range(n_groups)], sizes)
    y = np.repeat((rng.permutation(n_groups) < events * n_groups).astype(int), sizes)
    shuffled = rng.permutation(len(y))
    return y[shuffled], groups[shuffled]


def test_each_case_is_predicted_once_a_repeat():
    y, groups = cohort()
    plan = make_plan(y, groups, ["train"] * len(y), RepeatedCvSpec(folds=5, repeats=4), seed=1)
    assert len(plan.resamples) == 20
    assert [s.name for s in plan.resamples[:6]] == [
        "r000f0", "r000f1", "r000f2", "r000f3", "r000f4", "r001f0",
    ]  # fmt: skip
    for repeat in range(4):
        rows = np.concatenate([s.test for s in plan.resamples if s.repeat == repeat])
        assert np.array_equal(np.sort(rows), np.arange(len(y)))
    first = [tuple(s.test) for s in plan.resamples if s.repeat == 0]
    assert first != [tuple(s.test) for s in plan.resamples if s.repeat == 1]


@settings(max_examples=40, deadline=None)
@given(st.integers(5, 30), st.integers(5, 60), st.integers(2, 5), st.integers(0, 10**6))
def test_single_case_groups_are_balanced_to_one_case(events, others, folds, seed):
    y = np.array([1] * events + [0] * others)
    part = k_folds(y, np.arange(len(y)), folds, np.random.default_rng(seed))
    for outcome in (0, 1):
        counts = np.bincount(part[y == outcome], minlength=folds)
        assert counts.max() - counts.min() <= 1
    with_event, without = (np.bincount(part[y == c], minlength=folds) for c in (1, 0))
    # The folds with one more of each class are the same ones, so that prevalences agree.
    order = np.lexsort((without, with_event))
    assert (np.diff(with_event[order]) >= 0).all()
    assert (np.diff(without[order]) >= 0).all()


def test_bootstrap_copies_stay_on_one_side_and_out_of_bag_is_predicted():
    y = np.array([0, 1] * 20)
    plan = make_plan(y, np.arange(40), ["train"] * 40, BootstrapSpec(repeats=5), seed=2)
    for scope in plan.resamples:
        assert len(scope.train) == 40
        assert len(np.unique(scope.train)) < 40
        assert np.array_equal(np.setdiff1d(np.arange(40), scope.train), scope.test)
        for train, test in scope.inner:
            assert not set(train) & set(test)


def test_survival_is_stratified_by_the_event():
    y = target.survival(np.arange(1, 31), [1] * 10 + [0] * 20)
    plan = make_plan(y, np.arange(30), ["train"] * 30, RepeatedCvSpec(repeats=2), seed=0)
    assert {int(y["event"][s.test].sum()) for s in plan.resamples} == {2}


def test_the_plan_is_fixed_by_its_seed():
    y, groups = cohort()
    plans = [
        make_plan(y, groups, ["train"] * len(y), RepeatedCvSpec(repeats=2), seed=s).scopes
        for s in (5, 5, 6)
    ]
    assert [tuple(s.test) for s in plans[0]] == [tuple(s.test) for s in plans[1]]
    assert [tuple(s.test) for s in plans[0]] != [tuple(s.test) for s in plans[2]]


def test_fewer_events_than_folds_is_one_line():
    y = np.array([1] * 4 + [0] * 30)
    with pytest.raises(RadpipeError, match="5 folds need at least 5 cases") as error:
        make_plan(y, np.arange(34), ["train"] * 34, RepeatedCvSpec(), seed=0)
    assert "\n" not in str(error.value)
    assert "of each outcome, but there are 4; ask for fewer folds" in str(error.value)


def test_events_of_one_patient_count_once():
    y = np.array([1] * 10 + [0] * 30)
    groups = np.array(["p0"] * 8 + ["p1", "p2"] + [f"q{i}" for i in range(30)])
    with pytest.raises(RadpipeError, match="groups"):
        make_plan(y, groups, ["train"] * 40, RepeatedCvSpec(folds=4), seed=0)


def test_survival_needs_events_in_each_fold_but_not_censored_cases():
    y = target.survival(np.arange(1, 31), np.ones(30))
    plan = make_plan(y, np.arange(30), ["train"] * 30, RepeatedCvSpec(repeats=1), seed=0)
    assert len(plan.resamples) == 5
    few = target.survival(np.arange(1, 31), [1] * 4 + [0] * 26)
    with pytest.raises(RadpipeError, match="with the event"):
        make_plan(few, np.arange(30), ["train"] * 30, RepeatedCvSpec(), seed=0)
