import numpy as np
import pytest

from radpipe.stats.rmst import compare_rmst, largest_common_time, rmst


def test_without_censoring_it_is_the_mean():
    rng = np.random.default_rng(0)
    t = rng.exponential(size=50)
    capped = np.minimum(t, 1.0)
    e = rmst(t, np.ones(50), 1.0)
    assert e.estimate == pytest.approx(capped.mean())
    assert e.se == pytest.approx(capped.std() / np.sqrt(50))


def test_arms_turned_round():
    rng = np.random.default_rng(1)
    t, d, arm = rng.exponential(size=80), rng.integers(0, 2, 80), np.repeat([0, 1], 40)
    there, back = compare_rmst(t, d, arm, 0.7), compare_rmst(t, d, 1 - arm, 0.7)
    assert there.difference.estimate == pytest.approx(-back.difference.estimate)
    assert there.difference.p == pytest.approx(back.difference.p)
    for one, other in ((there.ratio, back.ratio), (there.rmtl_ratio, back.rmtl_ratio)):
        assert one.estimate == pytest.approx(1 / other.estimate)
        assert one.lower == pytest.approx(1 / other.upper)
    assert there.rmtl[0].estimate == pytest.approx(0.7 - there.rmst[0].estimate)


def test_the_same_arm_twice():
    t, d = np.tile([1.0, 2, 3, 4], 2), np.tile([1, 0, 1, 1], 2)
    test = compare_rmst(t, d, np.repeat([0, 1], 4))
    assert test.tau == 4
    assert test.difference.estimate == 0
    assert test.difference.p == 1
    assert test.ratio.estimate == pytest.approx(1)


def test_nobody_followed_to_the_horizon():
    e = rmst([1, 2, 3], [1, 0, 0], 5)
    assert np.isnan(e.estimate)
    assert "nobody" in e.note
    assert rmst([1, 2, 3], [1, 1, 1], 5).estimate == pytest.approx(2)


def test_no_events_by_the_horizon():
    test = compare_rmst([2, 3, 2, 3], [1, 1, 1, 1], [0, 0, 1, 1], 1.0)
    assert test.difference.estimate == 0
    assert np.isnan(test.difference.p)
    assert np.isnan(test.rmtl_ratio.estimate)
    assert test.rmtl_ratio.note


def test_largest_common_time_is_that_of_the_arm_that_ends_first():
    assert largest_common_time([5, 9, 3, 7], [0, 0, 1, 1]) == 7


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="arm 0 and in arm 1"):
        compare_rmst([1, 2], [1, 1], [1, 1], 1.0)
    with pytest.raises(ValueError, match="above 0"):
        rmst([1, 2], [1, 1], 0.0)
