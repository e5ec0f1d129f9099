"""Nomogram arithmetic, beside the golden cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radpipe.stats import nomogram as nomo
from radpipe.stats.design import DegenerateDataError


@pytest.mark.parametrize(
    ("low", "high", "n", "want"),
    [
        (0, 10, 5, (0, 2, 4, 6, 8, 10)),
        (14, 45, 10, (10, 15, 20, 25, 30, 35, 40, 45)),
        (0.13, 0.87, 5, (0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (3, 3, 5, (1, 2, 3, 4, 5)),
        (0, 0, 5, (-1, -0.5, 0, 0.5, 1)),
    ],
)
def test_pretty_as_in_r(low, high, n, want):
    got = nomo.pretty(low, high, n)
    if low != high:
        assert got == pytest.approx(want)
    assert got[0] <= low
    assert got[-1] >= high


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_pretty_covers_the_range(low, span):
    got = nomo.pretty(low, low + span, 10)
    step = got[1] - got[0]
    assert got[0] <= low + 1e-9 * step + 1e-9 * abs(low)
    assert got[-1] >= low + span - 1e-9 * step - 1e-9 * abs(low)
    assert 3 <= len(got) <= 30


def example():
    rng = np.random.default_rng(0)
    age, score = rng.uniform(20, 80, 50), rng.normal(size=50)
    stage = rng.choice(["I", "II", "III"], 50)
    effects = {"I": 0.0, "II": 0.4, "III": -0.3}
    terms = [
        nomo.continuous("age", -0.02, age),
        nomo.continuous("score", 1.3, score),
        nomo.categorical("stage", effects),
    ]
    lp = 0.5 - 0.02 * age + 1.3 * score + np.array([effects[s] for s in stage])
    return nomo.build(terms, 0.5, (lp.min(), lp.max())), age, score, stage, lp


def test_total_points_are_the_linear_predictor():
    built, age, score, stage, lp = example()
    totals = [
        nomo.total_points(built, {"age": a, "score": s, "stage": g})
        for a, s, g in zip(age, score, stage, strict=True)
    ]
    assert np.allclose(nomo.linear_predictor(built, totals), lp)
    assert min(totals) >= 0
    assert max(totals) <= built.total[-1]


def test_the_widest_variable_spans_0_to_100():
    built = example()[0]
    spans = {a.term.name: (min(a.points), max(a.points)) for a in built.axes}
    assert spans["score"] == pytest.approx((0, 100))
    assert all(low == 0 and high <= 100 for low, high in spans.values())


def test_risks_rise_along_the_total():
    built = example()[0]
    logistic = nomo.risk_axis(built, [0.1, 0.3, 0.5, 0.7])
    cox = nomo.cox_risk_axis(built, [0.1, 0.3, 0.5, 0.7], 0.4)
    for scale in (logistic, cox):
        assert len(scale.points) > 1
        assert (np.diff(scale.points) > 0).all()
    lp = nomo.linear_predictor(built, cox.points)
    assert np.allclose(1 - np.exp(-0.4 * np.exp(lp)), cox.values)
    medians = nomo.median_axis(built, [100, 200, 300], [0.1, 0.5, 0.9])
    assert (np.diff(medians.points) < 0).all()


def test_nothing_to_draw():
    with pytest.raises(DegenerateDataError, match="effect"):
        nomo.build([nomo.continuous("a", 0.0, [1, 2])], 0.0, (0.0, 1.0))
    with pytest.raises(DegenerateDataError, match="observed"):
        nomo.continuous("a", 1.0, [np.nan])
    built = example()[0]
    assert nomo.cox_risk_axis(built, [0.5], 0.0).points == ()
    with pytest.raises(ValueError, match="no level"):
        nomo.total_points(built, {"age": 50, "score": 0, "stage": "IV"})


def test_no_risk_stands_beyond_the_linear_predictors_axis():
    built = example()[0]
    low, high = built.lp_axis.values[0], built.lp_axis.values[-1]
    risks = nomo.risk_axis(built, np.linspace(0.001, 0.999, 999)).values
    reached = np.log(np.array(risks) / (1 - np.array(risks)))
    assert low <= reached.min() < low + 0.3
    assert high - 0.3 < reached.max() <= high
