"""The risk axes that a nomogram is read by."""

import numpy as np
import pytest
from scipy import special

from radpipe.stats import nomogram as nomo
from radpipe.stats.nomogram_risks import BARE, FINER, USUAL, reachable, read_risks


def chart(low, high):
    """Return a nomogram of one variable from 0 to 1 whose logistic risks go from low to high."""
    first, last = special.logit([low, high])
    terms = [nomo.continuous("x", last - first, np.linspace(0, 1, 11))]
    return nomo.build(terms, first, reachable(terms, first))


@pytest.mark.parametrize(
    ("low", "high", "want"),
    [
        (0.316, 0.383, (0.32, 0.33, 0.34, 0.35, 0.36, 0.37, 0.38)),
        (0.384, 0.576, (0.4, 0.42, 0.44, 0.46, 0.48, 0.5, 0.52, 0.54, 0.56)),
        (0.12, 0.88, (0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85)),
        (0.011, 0.35, (0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3)),
        (0.7, 0.97, (0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97)),
    ],
)
def test_a_narrow_range_has_fine_ticks_over_all_totals(low, high, want):
    built = chart(low, high)
    ticks, ends = read_risks(built)
    assert ticks.values == pytest.approx(want)
    assert special.expit(nomo.linear_predictor(built, ticks.points)) == pytest.approx(want)
    assert ends.values == pytest.approx((low, high))
    assert ends.points == pytest.approx((0, 100))
    assert ticks.points[0] <= 100 * BARE
    assert ticks.points[-1] >= 100 * (1 - BARE)


@pytest.mark.parametrize(("low", "high"), [(1e-4, 1 - 1e-4), (1e-9, 1 - 1e-9), (0.009, 0.991)])
def test_a_wide_range_has_the_usual_risks_and_ends_with_them(low, high):
    ticks, ends = read_risks(chart(low, high))
    assert ticks.values == pytest.approx(USUAL)
    assert ends.values == pytest.approx((0.01, 0.99))
    assert ends.points == pytest.approx((ticks.points[0], ticks.points[-1]))


@pytest.mark.parametrize(
    ("low", "high"),
    [(0.0021, 0.0099), (0.0021, 0.05), (1e-6, 0.06), (1e-8, 1e-5), (0.97, 0.999), (0.02, 0.031)],
)
def test_rare_and_common_events_can_be_read_too(low, high):
    ticks, ends = read_risks(chart(low, high))
    assert len(ticks.values) >= 4
    assert ends.values[0] == pytest.approx(max(low, FINER[0]) if high > FINER[3] else low)
    assert ends.values[1] == pytest.approx(high)


@pytest.mark.parametrize("hazard", [0.45, 0.9, 3.0, 0.01])
def test_each_horizon_of_a_cox_model_has_its_axis(hazard):
    terms = [nomo.continuous("age", 0.005, np.linspace(35, 80, 46))]
    built = nomo.build(terms, -0.3, reachable(terms, -0.3))
    ticks, ends = read_risks(built, hazard)
    assert len(ticks.values) >= 4
    assert ends.points == pytest.approx((0, 100))
    lp = nomo.linear_predictor(built, [*ticks.points, *ends.points])
    assert -np.expm1(-hazard * np.exp(lp)) == pytest.approx([*ticks.values, *ends.values])


def test_the_axes_reach_what_all_variables_together_give():
    terms = [
        nomo.continuous("age", -0.02, np.linspace(20, 80, 61)),
        nomo.categorical("stage", {"I": 0.0, "II": 0.4, "III": -0.3}),
    ]
    built = nomo.build(terms, 0.5, reachable(terms, 0.5))
    most = sum(max(axis.points) for axis in built.axes)
    assert most == pytest.approx(100 + 70 / 1.2)
    assert built.total[-1] >= most
    case = {"age": 20, "stage": "II"}
    assert nomo.total_points(built, case) == pytest.approx(most)
    ends = read_risks(built)[1]
    assert ends.points == pytest.approx((0, most))
    assert ends.values == pytest.approx(special.expit([0.5 - 1.6 - 0.3, 0.5 - 0.4 + 0.4]))


def test_a_risk_that_does_not_change_has_no_ticks():
    ticks, ends = read_risks(chart(0.3, 0.300001))
    assert ticks.values == ()
    assert ends.values == pytest.approx((0.3, 0.3), abs=1e-5)
    built = chart(0.3, 0.5)
    assert read_risks(built, 0.0)[0].values == ()
    assert read_risks(built, 0.0)[1].values == (0.0, 0.0)
    assert read_risks(built, 1e9)[0].values == ()
