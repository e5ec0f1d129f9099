import numpy as np
import pytest

from radpipe.stats.proportions import clopper_pearson, wilson, wilson_clustered
from radpipe.stats.twobytwo import two_by_two


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
