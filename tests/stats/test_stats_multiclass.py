from itertools import permutations

import numpy as np
import pytest

from radpipe.stats import roc
from radpipe.stats.confusion import confusion, most_probable
from radpipe.stats.multiclass import bootstrap_multiclass, multiclass_auc

NAMES = ("a", "b", "c")


def cohort(n=90, seed=0):
    rng = np.random.default_rng(seed)
    code = np.minimum(np.arange(n) % 4, 2)
    p = np.exp(rng.normal(size=(n, 3)) + 1.2 * np.eye(3)[code])
    return np.array(NAMES)[code], p / p.sum(axis=1, keepdims=True)


def test_agrees_with_scikit_learn():
    from sklearn.metrics import f1_score, roc_auc_score

    y, p = cohort()
    got = multiclass_auc(y, p, NAMES)
    assert got.hand_till == pytest.approx(roc_auc_score(y, p, multi_class="ovo"))
    assert got.macro == pytest.approx(roc_auc_score(y, p, multi_class="ovr"))
    assert got.weighted == pytest.approx(roc_auc_score(y, p, multi_class="ovr", average="weighted"))
    called = most_probable(p, NAMES)
    made = confusion(y, called, NAMES)
    assert made.macro_f1 == pytest.approx(f1_score(y, called, average="macro"))
    assert made.weighted_f1 == pytest.approx(f1_score(y, called, average="weighted"))


def test_two_classes_are_the_plain_auc():
    rng = np.random.default_rng(1)
    y, s = np.arange(40) % 2, rng.normal(size=40).round(1)
    got = multiclass_auc(y, np.column_stack([-s, s]), (0, 1))
    assert got.hand_till == pytest.approx(roc.auc(y, s))
    assert got.macro == pytest.approx(roc.auc(y, s))
    assert got.macro_curve_area == pytest.approx(roc.auc(y, s), abs=0.02)


def test_class_order_changes_nothing():
    y, p = cohort()
    want = multiclass_auc(y, p, NAMES)
    for order in permutations(range(3)):
        got = multiclass_auc(y, p[:, order], [NAMES[i] for i in order])
        assert got.hand_till == pytest.approx(want.hand_till)
        assert got.micro.estimate == pytest.approx(want.micro.estimate)
        assert got.pairwise[0, 1] == pytest.approx(want.pairwise[order[0], order[1]])


def test_perfect_scores():
    y = np.repeat(NAMES, 5)
    got = multiclass_auc(y, np.repeat(np.eye(3), 5, axis=0), NAMES)
    assert (got.hand_till, got.macro, got.weighted, got.micro.estimate) == (1, 1, 1, 1)
    assert got.macro_curve_area == 1


def test_micro_interval_takes_a_case_as_one():
    y, p = cohort()
    got = multiclass_auc(y, p, NAMES).micro
    twice = multiclass_auc(
        np.repeat(y, 2), np.repeat(p, 2, axis=0), NAMES, groups=np.arange(180) // 2
    )
    assert got.n == 90
    assert twice.micro.se == pytest.approx(got.se, rel=0.02)
    assert (
        twice.one_vs_rest[0].se
        > 1.2 * multiclass_auc(np.repeat(y, 2), np.repeat(p, 2, axis=0), NAMES).one_vs_rest[0].se
    )


def test_bootstrap_is_seeded_and_holds_the_estimates():
    y, p = cohort()
    plan = roc.BootstrapPlan(replicates=300, seed=5)
    one, two = bootstrap_multiclass(y, p, NAMES, plan), bootstrap_multiclass(y, p, NAMES, plan)
    want = multiclass_auc(y, p, NAMES)
    for name in ("hand_till", "macro", "weighted"):
        e = getattr(one, name).interval
        assert e == getattr(two, name).interval
        assert e.estimate == getattr(want, name)
        assert e.lower < e.estimate < e.upper
    # The draws keep each class's size, so this is the mean of each replicate's three areas.
    assert one.macro.replicates.size == 300


def test_an_empty_class_leaves_no_average():
    y, p = cohort()
    got = multiclass_auc(y, np.column_stack([p, p[:, 0]]), (*NAMES, "d"))
    assert np.isnan([got.hand_till, got.macro, got.weighted, got.macro_curve_area]).all()
    assert got.one_vs_rest[0].estimate > 0.5
    assert "class d" in got.note


def test_bad_input_is_refused():
    y, p = cohort()
    with pytest.raises(ValueError, match="not among"):
        multiclass_auc(y, p[:, :2], ("a", "b"))
    with pytest.raises(ValueError, match="2 classes"):
        multiclass_auc(y, p, ("a", "b"))
    with pytest.raises(ValueError, match="each once"):
        multiclass_auc(y, p, ("a", "b", "b"))


def test_missing_scores_are_left_out():
    y, p = cohort()
    hole = p.copy()
    hole[3, 1] = np.nan
    kept = np.arange(90) != 3
    got, want = multiclass_auc(y, hole, NAMES), multiclass_auc(y[kept], p[kept], NAMES)
    assert got.hand_till == want.hand_till
    assert "1 case without" in got.note
    assert most_probable(hole, NAMES)[3] is None


def test_a_class_never_called_has_no_precision():
    made = confusion(["a", "a", "b"], ["a", "a", "a"], ("a", "b"))
    np.testing.assert_array_equal(made.counts, [[2, 0], [1, 0]])
    assert np.isnan(made.precision[1])
    assert np.isnan(made.macro_precision)
    assert made.f1[1] == 0
    assert "b is never called" in made.note
    assert confusion(["a", "b"], ["a", "a"], ("a", "b"), zero_division=0).precision[1] == 0
