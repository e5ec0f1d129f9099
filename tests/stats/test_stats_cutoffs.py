import numpy as np
import pytest

from radpipe.stats import cutoffs, roc

Y = np.array([0, 0, 1, 0, 1, 0, 1])
S = np.array([0.0, 1, 2, 3, 4, 4.5, 5])


def test_ties_go_to_the_most_sensitive_or_to_the_median():
    """Both 2 and 4 call 3 of 4 rightly; their median calls as 3.2 does, 2 of 4."""
    y, s = [0, 1, 0, 1], [1.0, 2, 3.2, 4]
    low = cutoffs.accuracy_cutoff(y, s)
    middle = cutoffs.accuracy_cutoff(y, s, ties="median")
    assert (low.threshold, low.optima, low.value, low.best) == (2, 2, 0.75, 0.75)
    assert (middle.threshold, middle.threshold_midpoint) == (3, 2.6)
    assert (middle.sensitivity, middle.specificity) == (0.5, 0.5)
    assert (middle.value, middle.best) == (0.5, 0.75)
    assert "median" in middle.method


def test_every_optimum_is_listed_from_the_lowest():
    y, s = [0, 1, 0, 1], [1.0, 2, 3, 4]
    best = roc.youden_optima(y, s)
    assert [b.threshold for b in best] == [2, 4]
    assert [b.threshold_midpoint for b in best] == [1.5, 3.5]
    useless = roc.youden_optima([1, 0], [1.0, 2.0])
    assert [b.threshold_midpoint for b in useless] == [-np.inf, np.inf]
    assert roc.youden_optima([1, 1], [1.0, 2.0]) == ()


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_midpoints_separate_like_thresholds(shift):
    y, s = [0, 1, 0, 1], np.array([1.0, np.nextafter(1.0, 2), 3, 4]) + shift
    for cut in roc.youden_optima(y, s):
        np.testing.assert_array_equal(s > cut.threshold_midpoint, s >= cut.threshold)


def test_dear_misses_lower_the_cut_off():
    cheap = cutoffs.cost_cutoff(Y, S, 1, 4)
    dear = cutoffs.cost_cutoff(Y, S, 4, 1)
    assert (cheap.threshold, -cheap.value) == (5, 2)
    assert (dear.threshold, -dear.value) == (2, 2)
    with pytest.raises(ValueError, match="below 0"):
        cutoffs.cost_cutoff(Y, S, -1, 1)


def test_weights_of_youden_and_corner():
    same = cutoffs.youden_cutoff(Y, S, cost_ratio=2, prevalence=1 / 3)
    assert same.threshold == cutoffs.youden_cutoff(Y, S).threshold
    rare = cutoffs.youden_cutoff(Y, S, prevalence=0.05)
    common = cutoffs.youden_cutoff(Y, S, prevalence=0.95)
    assert rare.specificity > common.specificity
    assert cutoffs.closest_cutoff(Y, S, prevalence=0.05).specificity == 1
    for bad in ({"prevalence": 1.0}, {"cost_ratio": 0.0}):
        with pytest.raises(ValueError, match="is not"):
            cutoffs.youden_cutoff(Y, S, **bad)


def test_other_criteria_by_enumeration():
    def best(value):
        found = {}
        for t in S:
            call = t <= S
            tp, fp = (call & (Y == 1)).sum(), (call & (Y == 0)).sum()
            found[t] = value(tp / 3, 1 - fp / 4, tp / (tp + fp))
        return max(found.values())

    f1 = cutoffs.f1_cutoff(Y, S)
    assert f1.value == pytest.approx(
        best(lambda se, sp, ppv: 2 * se * ppv / (se + ppv) if se else 0)
    )
    assert cutoffs.product_cutoff(Y, S).value == pytest.approx(best(lambda se, sp, ppv: se * sp))
    assert cutoffs.equal_cutoff(Y, S).value == pytest.approx(
        best(lambda se, sp, ppv: -abs(se - sp))
    )


def test_a_missing_score_costs_no_cut_off():
    cut = cutoffs.youden_cutoff([*Y, 1], [*S, np.nan])
    assert cut.threshold == cutoffs.youden_cutoff(Y, S).threshold
    assert "1 case without" in cut.note


def test_degenerate_input_is_said():
    for choose in (cutoffs.youden_cutoff, cutoffs.f1_cutoff, cutoffs.closest_cutoff):
        cut = choose([1, 1], [1.0, 2.0])
        assert np.isnan([cut.threshold, cut.sensitivity]).all()
        assert "one class" in cut.note
    none = cutoffs.fixed_specificity_cutoff([0, 1], [2.0, 1.0], 1.0)
    assert np.isnan(none.threshold)
    assert "no cut-off" in none.note
    with pytest.raises(ValueError, match="at most 1"):
        cutoffs.fixed_sensitivity_cutoff(Y, S, 90)
