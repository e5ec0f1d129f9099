"""Restricted cubic splines."""

import numpy as np
import pytest

from radpipe.stats.splines import rcs_basis, rcs_knots


@pytest.mark.parametrize(
    ("k", "shares"),
    [
        (3, [0.1, 0.5, 0.9]),
        (4, [0.05, 0.35, 0.65, 0.95]),
        (5, [0.05, 0.275, 0.5, 0.725, 0.95]),
        (6, [0.05, 0.23, 0.41, 0.59, 0.77, 0.95]),
        (7, [0.025, 0.1833, 0.3417, 0.5, 0.6583, 0.8167, 0.975]),
    ],
)
def test_knots_lie_at_harrells_quantiles(k, shares):
    x = np.linspace(0, 1, 10_001)
    assert rcs_knots(x, k) == pytest.approx(shares, abs=1e-4)


def test_outer_knots_of_a_small_sample():
    x = np.arange(1.0, 51)
    assert rcs_knots(x, 4)[[0, -1]].tolist() == [5, 46]


def test_a_heap_at_the_minimum_gets_its_own_knot():
    x = np.concatenate([np.zeros(100), np.linspace(1, 2, 200)])
    knots = rcs_knots(x, 4)
    assert knots[0] == 1
    rest = x[x > 1]
    assert knots[1:] == pytest.approx(np.quantile(rest, [0.05, 0.5, 0.95]))


def test_the_curve_is_smooth_and_straight_outside():
    knots = np.array([1.0, 2, 4, 7])
    step = 1e-4
    grid = np.arange(-1, 10, 0.5)
    second = (
        rcs_basis(grid + step, knots) - 2 * rcs_basis(grid, knots) + rcs_basis(grid - step, knots)
    ) / step**2
    assert np.abs(second[(grid <= 1) | (grid >= 7)]).max() < 1e-3
    assert np.abs(second[(grid > 2) & (grid < 7)][:, 1:]).max() > 0.01
    for knot in knots:  # continuous up to the second derivative
        a, b = (
            np.diff(rcs_basis(knot + s * np.arange(3) * step, knots), 2, axis=0) for s in (1, -1)
        )
        assert a / step**2 == pytest.approx(b / step**2, abs=1e-2)


def test_hand_computed_value():
    # (x - 0)^3 / 4 at x = 1, knots 0, 1, 2
    assert rcs_basis([1.0], [0.0, 1, 2]).tolist() == [[1.0, 0.25]]


def test_bad_knots():
    with pytest.raises(ValueError, match="ascending"):
        rcs_basis([1.0], [0.0, 0, 1])
    with pytest.raises(ValueError, match="3 to 7"):
        rcs_knots(np.arange(99.0), 2)
    with pytest.raises(ValueError, match="too few"):
        rcs_knots([1.0, 1, 1, 2, 3, 4])
    with pytest.raises(ValueError, match="distinct"):
        rcs_knots(np.r_[np.full(990, 3.0), np.arange(10.0)], 4)
