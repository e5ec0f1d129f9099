"""Averages of AUCs against their parts, the bootstrap, and what R and scikit-learn call them."""

import numpy as np
import pytest

from radpipe.stats.auc_bootstrap import BootstrapPlan
from radpipe.stats.delong import delong
from radpipe.stats.influence import mean_of, ratio_of
from radpipe.stats.mean_auc import hand_till_auc, macro_auc, macro_auc_paired, micro_auc
from radpipe.stats.multiclass import bootstrap_multiclass, multiclass_auc


def cohort(n=150, k=3, seed=0):
    rng = np.random.default_rng(seed)
    code = rng.integers(0, k, n)
    present = code[:, None] == np.arange(k)
    return code, present, 0.9 * present + rng.normal(size=(n, k))


def test_one_repeat_agrees_with_the_multiclass_aucs():
    code, present, scores = cohort()
    found, cube = multiclass_auc(code, scores, range(3)), scores[:, None, :]
    assert macro_auc(present, cube).estimate == pytest.approx(found.macro, abs=1e-12)
    assert hand_till_auc(present, cube).estimate == pytest.approx(found.hand_till, abs=1e-12)
    assert micro_auc(present, cube).estimate == pytest.approx(found.micro.estimate, abs=1e-12)
    assert micro_auc(present, cube).se == pytest.approx(found.micro.se, abs=1e-12)


def test_the_interval_is_that_of_the_bootstrap():
    code, present, scores = cohort(n=200)
    drawn = bootstrap_multiclass(code, scores, range(3), BootstrapPlan(2000))
    cube = scores[:, None, :]
    assert macro_auc(present, cube).se == pytest.approx(drawn.macro.interval.se, rel=0.07)
    assert hand_till_auc(present, cube).se == pytest.approx(drawn.hand_till.interval.se, rel=0.07)


def test_two_complementary_classes_are_one_auc():
    code, present, scores = cohort(k=2)
    score = scores[:, 1] - scores[:, 0]
    both = np.column_stack([-score, score])[:, None, :]
    macro, plain = macro_auc(present, both), delong(code, score)
    assert macro.estimate == pytest.approx(plain.estimate)
    # DeLong divides by m - 1 and n - 1, the influences by the cases of both classes.
    assert macro.se == pytest.approx(plain.se, rel=0.01)


def test_repeats_are_averaged_and_patients_taken_together():
    _, present, scores = cohort()
    cube = np.stack([scores, scores[:, ::-1] * 0.0 + scores], axis=1)
    assert macro_auc(present, cube).se == pytest.approx(macro_auc(present, scores[:, None]).se)
    twice = np.repeat(np.arange(150), 2)
    doubled = macro_auc(present[twice], scores[twice][:, None], groups=twice)
    single = macro_auc(present, scores[:, None])
    assert doubled.estimate == pytest.approx(single.estimate)
    assert doubled.se == pytest.approx(single.se)
    assert "clustered by patient" in doubled.method


def test_a_class_without_case_leaves_the_average_undefined():
    _, present, scores = cohort()
    absent = present.copy()
    absent[:, 2] = False
    found = macro_auc(absent, scores[:, None], names=["a", "b", "c"])
    assert np.isnan(found.estimate)
    assert np.isnan(found.lower)
    assert found.note.startswith("c: the AUC is undefined")


def test_means_and_ratios():
    values = np.array([1.0, 2.0, 4.0, np.nan])
    found = mean_of(values, "mean")
    assert found.estimate == pytest.approx(7 / 3)
    assert found.se == pytest.approx(np.std([1, 2, 4], ddof=1) / np.sqrt(3))
    assert found.note == "1 case without a prediction left out"
    assert np.isnan(ratio_of([0.0, 0.0], [0.0, 0.0], "ratio").estimate)
    assert np.isnan(mean_of([1.0, 2.0], "mean", groups=["p", "p"]).lower)


def test_a_paired_difference_is_that_of_the_two_and_knows_that_they_go_together():
    _, present, scores = cohort()
    rng = np.random.default_rng(1)
    a = scores[:, None]
    b = (scores + 0.3 * rng.normal(size=scores.shape))[:, None]
    found = macro_auc_paired(present, a, b)
    one, other = macro_auc(present, a), macro_auc(present, b)
    assert found.estimate == pytest.approx(one.estimate - other.estimate)
    assert 0 < found.se < 0.5 * np.hypot(one.se, other.se)
    same = macro_auc_paired(present, a, a)
    assert (same.estimate, same.se) == (0, 0)


def test_a_paired_difference_is_of_the_cases_that_both_predict():
    _, present, scores = cohort()
    a, b = scores[:, None].copy(), scores[::-1][:, None].copy()
    a[:10], b[-10:] = np.nan, np.nan
    both = macro_auc_paired(present, a, b)
    inner = macro_auc_paired(present[10:-10], a[10:-10], b[10:-10])
    assert (both.estimate, both.se, both.n) == pytest.approx((inner.estimate, inner.se, 130))
