"""Every split and every scheme: patients whole, fixed by the seed, stratified, nested."""

import numpy as np
import pandas as pd
import pytest

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.resampling.bootstrap import BootstrapSpec
from radpipe.resampling.plan import make_plan
from radpipe.resampling.registry import RESAMPLING, SPLITS
from radpipe.resampling.schemes import KFoldSpec, LeaveOneCentreOutSpec, RepeatedSplitsSpec

SCHEMES = {
    "repeated_cv": {"folds": 4, "repeats": 2},
    "k_fold": {"folds": 3},
    "leave_one_centre_out": {"column": "hospital"},
    "repeated_splits": {"repeats": 5},
    "bootstrap": {"repeats": 5},
    "bootstrap_optimism": {"repeats": 5},
    "bootstrap_632": {"repeats": 5},
}
ASKED = {
    "none": {},
    "random": {"test_fraction": 0.25},
    "column": {"column": "hospital", "train": ["A", "B"], "external": {"c": ["C"], "d": ["D"]}},
    "date": {"column": "day", "train_until": "2020-06-30"},
    "centre": {"column": "hospital", "train": ["A", "B"]},
}
ENDPOINTS = ("binary", "multiclass", "ordinal", "multilabel", "continuous", "survival")


def scheme(kind):
    return RESAMPLING[kind](inner_folds=3, **SCHEMES[kind])


def cohort(kind="binary", n_groups=80, seed=0):
    """Return target, patients, and a table with a centre and a day for each patient."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 4, n_groups)
    member = rng.permutation(np.repeat(np.arange(n_groups), sizes))
    value = rng.random(n_groups)[member]
    table = pd.DataFrame(
        {
            "hospital": np.array(list("ABCD"))[member % 4],
            "day": np.where(member % 3 > 0, "2020-01-31", "2020-12-31"),
        }
    )
    codes = np.digitize(value, [0.3, 0.65])
    y = {
        "binary": target.binary(value < 0.4),
        "multiclass": target.multiclass(codes, 3),
        "ordinal": target.ordinal(codes, 3),
        "multilabel": target.multilabel(np.column_stack([value < 0.4, (value * 7) % 1 < 0.5])),
        "continuous": target.continuous(value),
        "survival": target.survival(value + 0.1, value < 0.5),
    }[kind]
    return y, np.array([f"p{m}" for m in member]), table


def plan_of(kind, endpoint="binary", seed=3, labels=None):
    y, groups, table = cohort(endpoint)
    labels = ["train"] * len(y) if labels is None else labels
    return make_plan(y, groups, labels, scheme(kind), seed, table["hospital"])


def rows_of(plan):
    return [(s.name, s.train.tolist(), s.test.tolist()) for s in plan.scopes]


def test_every_kind_is_tested():
    assert set(SCHEMES) == set(RESAMPLING)
    assert set(ASKED) == set(SPLITS)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("kind", list(SCHEMES))
def test_patients_stand_on_one_side_of_every_division(kind, endpoint):
    y, groups, table = cohort(endpoint)
    held = np.isin(groups, ["p1", "p2", "p3"])
    plan = make_plan(
        y, groups, np.where(held, "internal", "train"), scheme(kind), 3, table["hospital"]
    )
    assert np.array_equal(plan.final.test, np.flatnonzero(held))
    assert len(plan.resamples) > 1
    for scope in plan.scopes:
        assert not held[scope.train].any()
        assert not set(groups[scope.train]) & set(groups[scope.test])
        assert target.outcomes(y[scope.train]).any(axis=0).all()
        inner = np.sort(np.concatenate([test for _, test in scope.inner]))
        assert np.array_equal(inner, np.sort(scope.train))
        for train, test in scope.inner:
            assert not set(groups[train]) & set(groups[test])
            assert not set(scope.test) & {*train, *test}


@pytest.mark.parametrize("kind", list(SCHEMES))
def test_a_plan_is_fixed_by_its_seed(kind):
    assert rows_of(plan_of(kind)) == rows_of(plan_of(kind))
    if kind != "leave_one_centre_out":  # nothing is drawn there but inner folds
        assert rows_of(plan_of(kind)) != rows_of(plan_of(kind, seed=4))


@pytest.mark.parametrize("kind", list(SCHEMES))
def test_what_is_held_out_changes_no_row_of_the_others(kind):
    y, groups, table = cohort()
    more = np.where(np.isin(groups, ["p5"]), "external:x", "train")
    plan = make_plan(y, groups, more, scheme(kind), 3, table["hospital"])
    rows = np.flatnonzero(more == "train")
    alone = make_plan(
        y[rows], groups[rows], more[rows], scheme(kind), 3, table["hospital"].iloc[rows]
    )
    for a, b in zip(plan.resamples, alone.resamples, strict=True):
        assert np.array_equal(a.test, rows[b.test])


@pytest.mark.parametrize("kind", ["repeated_cv", "k_fold", "leave_one_centre_out"])
def test_each_case_is_predicted_once_a_repeat(kind):
    plan = plan_of(kind)
    for repeat in {s.repeat for s in plan.resamples}:
        rows = np.concatenate([s.test for s in plan.resamples if s.repeat == repeat])
        assert np.array_equal(np.sort(rows), np.unique(plan.final.train))


@pytest.mark.parametrize("kind", list(SPLITS))
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_splits_keep_patients_and_name_their_sets(kind, endpoint):
    y, groups, table = cohort(endpoint)
    spec = SPLITS[kind](**ASKED[kind])
    labels = spec.assign(target.strata(y), groups, table, 7)
    assert len(labels) == len(y)
    assert list(labels) == list(spec.assign(target.strata(y), groups, table, 7))
    assert pd.Series(labels).groupby(groups).nunique().max() == 1
    expected = spec.sets()
    sets = set(labels) - {"train"}
    assert sets == ({"external:C", "external:D"} if expected is None else set(expected))


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_random_divisions_are_stratified(endpoint):
    y, _, table = cohort(endpoint)
    alone = [f"c{i}" for i in range(len(y))]
    layers = target.strata(y)
    shares = np.bincount(layers) / len(y)
    labels = SPLITS["random"](test_fraction=0.3).assign(layers, alone, table, 1)
    plan = make_plan(y, alone, ["train"] * len(y), RepeatedSplitsSpec(repeats=3), 1)
    for rows in (np.flatnonzero(labels != "train"), *(s.test for s in plan.resamples)):
        assert abs(len(rows) / len(y) - 0.3) < 0.02
        held = np.bincount(layers[rows], minlength=len(shares)) / len(rows)
        assert np.abs(held - shares).max() < 0.03


def test_each_centre_is_left_out_once_in_the_order_of_their_names():
    plan = plan_of("leave_one_centre_out")
    hospital = cohort()[2]["hospital"].to_numpy()
    assert [set(hospital[s.test]) for s in plan.resamples] == [{"A"}, {"B"}, {"C"}, {"D"}]
    assert [s.name for s in plan.resamples] == ["r000f0", "r000f1", "r000f2", "r000f3"]


def test_repeated_splits_are_drawn_anew():
    y, groups, _ = cohort()
    plan = make_plan(y, groups, ["train"] * len(y), RepeatedSplitsSpec(), 1)
    assert len(plan.resamples) == 100
    assert len({tuple(s.test) for s in plan.resamples}) == 100
    assert {s.fold for s in plan.resamples} == {0}


def test_only_the_optimism_bootstrap_keeps_its_own_rows():
    kept = {kind for kind in SCHEMES if any(s.in_bag for s in plan_of(kind).scopes)}
    assert kept == {"bootstrap_optimism"}
    assert not plan_of("bootstrap_optimism").final.in_bag


def test_the_bootstraps_draw_alike():
    first, *others = (rows_of(plan_of(kind)) for kind in SCHEMES if kind.startswith("bootstrap"))
    assert all(other == first for other in others)


@pytest.mark.parametrize("kind", [k for k in SCHEMES if not k.startswith("bootstrap")])
def test_what_is_said_to_be_left_is_what_inner_folds_are_dealt_from(kind):
    y, _, table = cohort()
    alone = np.arange(len(y))
    spec, centres = scheme(kind), table["hospital"].to_numpy()
    least = min(
        target.outcomes(y[train]).sum(axis=0).min()
        for _, _, train, _ in spec.resamples(y, alone, 1, centres)
    )
    assert abs(spec.left(y, alone, centres) - least) <= (1 if kind == "repeated_splits" else 0)
    assert spec.left(y, alone, centres) <= least


def test_centres_that_cannot_be_left_out_are_one_line():
    y, groups, table = cohort()
    spec = LeaveOneCentreOutSpec(column="hospital")
    every = ["train"] * len(y)
    with pytest.raises(RadpipeError, match="needs two centres"):
        make_plan(y, groups, every, spec, 0, ["A"] * len(y))
    moved = table["hospital"].to_numpy().copy()
    moved[np.flatnonzero(pd.Series(groups).duplicated())[0]] = "Z"
    with pytest.raises(RadpipeError, match=r"stand in both centre .*must stay together; exclude"):
        make_plan(y, groups, every, spec, 0, moved)
    with pytest.raises(RadpipeError, match="needs the column"):
        make_plan(y, groups, every, spec, 0)


def test_a_bootstrap_that_cannot_hold_every_class_gives_up():
    y = target.multiclass([c for c in range(30) for _ in range(2)], 30)
    with pytest.raises(RadpipeError, match="none of 1000 bootstrap draws"):
        list(BootstrapSpec(repeats=1).resamples(y, np.arange(60), 0))


def test_words_for_captions():
    assert KFoldSpec(folds=4).words() == "4-fold cross-validation once"
    assert "100 random splits with 30%" in RepeatedSplitsSpec().words()
    assert all(scheme(kind).words() for kind in SCHEMES)
