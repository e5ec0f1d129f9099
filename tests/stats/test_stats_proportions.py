import numpy as np
import pytest

from radpipe.stats.proportions import (
    clopper_pearson,
    complement,
    wald,
    wilson,
    wilson_clustered,
)
from radpipe.stats.twobytwo import counted, two_by_two


def test_wilson_takes_mean_counts():
    low, mid, high = (wilson(k, 20) for k in (7, 7.5, 8))
    assert low.lower < mid.lower < high.lower
    assert mid.estimate == 0.375


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
def test_ends_of_the_scale(interval):
    assert interval(0, 10).lower == 0
    assert interval(10, 10).upper == 1
    nothing = interval(0, 0)
    assert np.isnan(nothing.estimate)
    assert nothing.note
    with pytest.raises(ValueError, match="not a proportion"):
        interval(3, 2)


def test_clusters_widen_the_interval():
    hit = np.repeat([1.0, 0, 1, 1, 0, 0, 1, 0], 4)
    plain = wilson_clustered(hit, np.ones(32))
    wide = wilson_clustered(hit, np.ones(32), np.repeat(np.arange(8), 4))
    eight = wilson(4, 8)
    assert plain.upper - plain.lower < wide.upper - wide.lower
    assert wide.upper - wide.lower == pytest.approx(eight.upper - eight.lower, rel=0.1)
    assert "clustered" in wide.method


def test_zero_cells_are_said():
    t = two_by_two(10, 0, 2, 20)
    assert t.lr_pos.estimate == np.inf
    assert np.isnan(t.lr_pos.lower)
    assert "zero" in t.note
    empty = two_by_two(0, 0, 5, 5)
    assert np.isnan(empty.ppv.estimate)
    assert empty.ppv.note


def test_wald_by_hand_and_complement():
    e = wald(3, 4)
    assert e.upper - e.estimate == pytest.approx(1.959964 * np.sqrt(0.75 * 0.25 / 4))
    other, direct = complement(clopper_pearson(3, 4)), clopper_pearson(1, 4)
    assert (other.estimate, other.lower, other.upper) == pytest.approx(
        (direct.estimate, direct.lower, direct.upper)
    )


def test_ratios_of_zero_and_infinity_are_bounded_on_their_side():
    t = two_by_two(10, 0, 2, 20)
    assert (t.lr_pos.upper, t.dor.estimate, t.dor.upper) == (np.inf, np.inf, np.inf)
    assert np.isnan(t.dor.lower)
    none = two_by_two(20, 3, 0, 17)
    assert (none.lr_neg.estimate, none.lr_neg.lower) == (0, 0)
    assert np.isnan(none.lr_neg.upper)


def test_number_needed_to_diagnose():
    t = two_by_two(45, 5, 5, 45)
    assert t.number_needed.estimate == pytest.approx(1 / 0.8)
    assert t.number_needed.lower == pytest.approx(1 / t.youden_index.upper)
    small = two_by_two(6, 5, 4, 5)  # the index may be negative, so no number is large enough
    assert small.number_needed.upper == np.inf
    useless = two_by_two(5, 5, 5, 5)
    assert np.isnan(useless.number_needed.estimate)
    assert "not above zero" in useless.number_needed.note


def test_counts_of_calls():
    t = counted([1, 1, 0, 0, 0], [1, 0, 1, 0, 0], interval="clopper-pearson")
    assert (t.tp, t.fp, t.fn, t.tn) == (1, 1, 1, 2)
    assert t.sensitivity.method == "Clopper-Pearson"
    with pytest.raises(ValueError, match="shape"):
        counted([1, 0], [1, 0, 0])
    with pytest.raises(ValueError, match="negative"):
        two_by_two(1, -1, 2, 3)
