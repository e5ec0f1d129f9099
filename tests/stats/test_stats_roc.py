import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.stats import roc

few = settings(max_examples=30, deadline=None)


@st.composite
def labelled_scores(draw):
    n = draw(st.integers(4, 25))
    score = draw(st.lists(st.integers(-4, 4), min_size=n, max_size=n))
    y = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    y[0], y[1] = 0, 1
    return np.array(y), np.array(score, dtype=float)


@few
@given(labelled_scores())
def test_auc_is_the_share_of_concordant_pairs(data):
    y, s = data
    pairs = [(a > b) + 0.5 * (a == b) for a, b in itertools.product(s[y == 1], s[y == 0])]
    assert roc.auc(y, s) == pytest.approx(np.mean(pairs))


@few
@given(labelled_scores())
def test_reversed_scores_give_the_complement(data):
    y, s = data
    assert roc.auc(y, -s) == pytest.approx(1 - roc.auc(y, s))
    assert roc.delong(y, -s).se == pytest.approx(roc.delong(y, s).se, nan_ok=True)


@few
@given(labelled_scores())
def test_area_under_the_curve_is_the_auc(data):
    y, s = data
    c = roc.curve(y, s)
    assert np.trapezoid(c.tpr, c.fpr) == pytest.approx(roc.auc(y, s))
    assert (np.diff(c.tpr) >= 0).all()
    assert (np.diff(c.fpr) >= 0).all()
    for i, threshold in enumerate(c.threshold):
        assert c.tp[i] == ((s >= threshold) & (y == 1)).sum()
        assert c.tp[i] == ((s > c.threshold_midpoint[i]) & (y == 1)).sum()


@few
@given(labelled_scores())
def test_youden_is_the_best_and_most_sensitive(data):
    y, s = data
    cut = roc.youden_cutoff(y, s)
    values = {}
    for t in np.unique(s):
        call = s >= t
        values[t] = call[y == 1].mean() - call[y == 0].mean()
    best = max(values.values())
    assert cut.value == pytest.approx(best)
    assert cut.threshold == min(t for t, v in values.items() if v >= best - 1e-12)


def test_placements_count_ties_half():
    v10, v01 = roc.placements([1, 1, 0, 0], [2, 1, 1, 0])
    np.testing.assert_allclose(v10, [1, 0.75])
    np.testing.assert_allclose(v01, [0.75, 1])


def test_batch_agrees_with_one_by_one():
    rng = np.random.default_rng(0)
    score = rng.normal(size=(40, 7)).round(1)
    y = (rng.random((40, 7)) < 0.4).astype(int)
    each = [roc.auc(y[:, j], score[:, j]) for j in range(7)]
    np.testing.assert_allclose(roc.auc_batch(y, score), each)
    many = [roc.auc(y[:, j], score[:, 0]) for j in range(7)]
    np.testing.assert_allclose(roc.auc_batch(y, score[:, 0]), many)


def test_identical_repeats_are_one_repeat():
    rng = np.random.default_rng(1)
    y, s = (rng.random(30) < 0.5).astype(int), rng.normal(size=30)
    one, three = roc.delong(y, s), roc.delong_repeats(y, np.column_stack([s, s, s]))
    assert (three.estimate, three.se) == (one.estimate, pytest.approx(one.se))
    assert three.method == "DeLong on placement values averaged over 3 repeats"


def test_repeats_average_placement_values():
    rng = np.random.default_rng(2)
    y = np.array([1] * 12 + [0] * 18)
    s = rng.normal(size=(30, 5)) + 0.5 * y[:, None]
    parts = [roc.placements(y, column) for column in s.T]
    v10, v01 = (np.mean([p[k] for p in parts], axis=0) for k in (0, 1))
    e = roc.delong_repeats(y, s)
    assert e.estimate == pytest.approx(v10.mean())
    assert e.se**2 == pytest.approx(v10.var(ddof=1) / 12 + v01.var(ddof=1) / 18)


def test_paired_repeats_of_one_model_differ_by_nothing():
    rng = np.random.default_rng(3)
    y, s = (rng.random(30) < 0.5).astype(int), rng.normal(size=(30, 3))
    test = roc.delong_paired(y, s, s)
    assert (test.estimate, test.se) == (0, 0)
    assert np.isnan(test.p)
    assert "zero" in test.note


def test_paired_uses_common_cells_only():
    rng = np.random.default_rng(4)
    y = (rng.random(30) < 0.5).astype(int)
    a, b = rng.normal(size=(2, 30))
    a[3] = np.nan
    b[8] = np.nan
    both = np.isfinite(a) & np.isfinite(b)
    mine, plain = roc.delong_paired(y, a, b), roc.delong_paired(y[both], a[both], b[both])
    assert mine.n == 28
    assert mine.p == pytest.approx(plain.p)


def test_clusters_of_one_are_delong():
    rng = np.random.default_rng(5)
    y, s = np.tile([0, 1], 20), rng.normal(size=40)
    single = roc.delong(y, s, groups=np.arange(40))
    assert single.se == roc.delong(y, s).se


def test_doubled_cases_keep_their_variance_when_clustered():
    """Every case twice: the clustered variance sees one case, the plain one believes in two."""
    rng = np.random.default_rng(6)
    y, s = np.tile([0, 1], 50), rng.normal(size=100)
    once = roc.delong(y, s)
    twice = roc.delong(np.repeat(y, 2), np.repeat(s, 2), groups=np.repeat(np.arange(100), 2))
    assert twice.estimate == pytest.approx(once.estimate)
    assert twice.se == pytest.approx(once.se, rel=0.02)
    assert roc.delong(np.repeat(y, 2), np.repeat(s, 2)).se < 0.75 * once.se


@pytest.mark.parametrize("y", [[1, 1, 1], [0, 0, 0]])
def test_one_class_has_no_auc_but_a_reason(y):
    e = roc.delong(y, [1.0, 2.0, 3.0])
    assert np.isnan([e.estimate, e.lower, e.upper, e.se]).all()
    assert "one class" in e.note
    assert np.isnan(roc.auc(y, [1.0, 2.0, 3.0]))
    assert np.isnan(roc.youden_cutoff(y, [1.0, 2.0, 3.0]).threshold)


def test_one_case_in_a_class_has_no_variance():
    e = roc.delong([1, 0, 0], [3.0, 1.0, 2.0])
    assert e.estimate == 1
    assert np.isnan(e.se)
    assert "variance" in e.note


def test_constant_scores_call_everybody():
    cut = roc.youden_cutoff([0, 1, 0, 1], [1.0, 1.0, 1.0, 1.0])
    assert (cut.threshold, cut.sensitivity, cut.specificity) == (1, 1, 0)


def test_fixed_sensitivity_and_specificity():
    y, s = np.array([0, 0, 0, 1, 1, 1]), np.array([1.0, 2, 4, 3, 5, 6])
    assert roc.fixed_sensitivity_cutoff(y, s, 1.0).threshold == 3
    assert roc.fixed_specificity_cutoff(y, s, 1.0).threshold == 5


def test_partial_areas_add_up():
    rng = np.random.default_rng(7)
    y = np.tile([0, 1, 0], 20)
    s = (rng.normal(size=60) + y).round(1)
    for focus in ("specificity", "sensitivity"):
        low, high = (roc.partial_auc(y, s, a, focus, upper=b).raw for a, b in ((0, 0.7), (0.7, 1)))
        assert low + high == pytest.approx(roc.auc(y, s))
        whole = roc.partial_auc(y, s, 0, focus)
        assert whole.corrected == pytest.approx(roc.auc(y, s))
    assert roc.partial_auc([0, 0, 1], [1.0, 2, 3], 0.8).corrected == 1
    with pytest.raises(ValueError, match="within 0 to 1"):
        roc.partial_auc(y, s, 90)


def test_useless_markers_have_no_corrected_area():
    part = roc.partial_auc([1, 1, 0, 0], [1.0, 2, 3, 4], 0.8)
    assert part.raw == 0
    assert np.isnan(part.corrected)
    assert "useless" in part.note


def test_auto_direction_tells_but_turns_nothing():
    y, s = [1, 1, 1, 0, 0, 0], np.arange(6.0)
    assert roc.auto_direction(y, s) == ">"
    assert roc.auc(y, s) == 0
    assert roc.auto_direction(y, -s) == "<"
    assert roc.auto_direction(y, np.ones(6)) == "<"
    with pytest.raises(ValueError, match="one class"):
        roc.auto_direction([1, 1], [0.0, 1.0])


def test_mean_curve_of_one_is_that_curve():
    y, s = np.tile([0, 1, 0], 10), np.random.default_rng(8).normal(size=30)
    c = roc.curve(y, s)
    fpr, tpr = roc.mean_curve([c])
    for x, height in zip(fpr[1:], tpr[1:], strict=True):
        assert height == c.tpr[c.fpr <= x + 1e-12].max()
    assert (fpr[0], tpr[0], fpr[-1], tpr[-1]) == (0, 0, 1, 1)


def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match=r"\(3,\)"):
        roc.curve([0, 1], [1.0, 2, 3])


def test_other_values_than_0_and_1_are_refused():
    with pytest.raises(ValueError, match="0 and 1"):
        roc.auc([1, 2], [0.1, 0.2])
