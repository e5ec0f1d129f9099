import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.stats import logrank, survival


@st.composite
def two_groups(draw):
    n = draw(st.integers(4, 25))
    time = draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    event = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    group = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    return np.array(time, float), np.array(event), np.array(group)


@given(two_groups(), st.sampled_from(["log-rank", "peto", "gehan", "tarone-ware"]))
@settings(max_examples=40, deadline=None)
def test_observed_and_expected_balance_and_labels_do_not_matter(data, weights):
    time, event, group = data
    test = logrank.log_rank(time, event, group, weights)
    assert test.observed.sum() == pytest.approx(test.expected.sum())
    turned = logrank.log_rank(time, event, 1 - group, weights)
    assert turned.statistic == pytest.approx(test.statistic, nan_ok=True)


def test_a_hand_computed_case():
    """Times 1 (a), 2 (b), 3 (a), 4 (b), all events: by hand from the four 2 x 2 tables."""
    test = logrank.log_rank([1, 2, 3, 4], [1, 1, 1, 1], ["a", "b", "a", "b"])
    expected = 2 / 4 + 1 / 3 + 1 / 2
    variance = 1 / 4 + 2 / 9 + 1 / 4
    assert test.expected[0] == pytest.approx(expected)
    assert test.statistic == pytest.approx((2 - expected) ** 2 / variance)


def test_fleming_harrington_holds_the_others():
    rng = np.random.default_rng(0)
    t, d, g = rng.exponential(size=60), rng.integers(0, 2, 60), rng.integers(0, 3, 60)
    zero = logrank.log_rank(t, d, g, "fleming-harrington")
    assert zero.statistic == pytest.approx(logrank.log_rank(t, d, g).statistic)
    early = logrank.log_rank(t, d, g, "fleming-harrington", rho=1)
    assert early.statistic == pytest.approx(logrank.log_rank(t, d, g, "peto").statistic)
    late = logrank.log_rank(t, d, g, "fleming-harrington", gamma=1)
    assert late.statistic != pytest.approx(early.statistic)
    assert "gamma = 1" in late.method


def test_late_weights_see_a_late_difference():
    """Same hazard up to 1, then very different ones."""
    rng = np.random.default_rng(1)
    g = np.repeat([0, 1], 150)
    first = rng.exponential(2.0, 300)
    t = np.where(first < 1, first, 1 + rng.exponential(np.where(g == 1, 4.0, 0.7)))
    tests = {
        kind: logrank.log_rank(t, np.ones(300), g, "fleming-harrington", rho=r, gamma=q).statistic
        for kind, (r, q) in {"early": (1, 0), "late": (0, 1)}.items()
    }
    assert tests["late"] > 2 * tests["early"]


def test_strata_add_up():
    rng = np.random.default_rng(2)
    t, d = rng.exponential(size=40), rng.integers(0, 2, 40)
    g, s = rng.integers(0, 2, 40), np.repeat([0, 1], 20)
    parts = [logrank.log_rank(t[s == k], d[s == k], g[s == k]) for k in (0, 1)]
    whole = logrank.log_rank(t, d, g, strata=s)
    assert whole.expected == pytest.approx(parts[0].expected + parts[1].expected)
    assert whole.variance == pytest.approx(parts[0].variance + parts[1].variance)


def test_a_group_never_at_risk_is_left_out():
    """Group c is censored before the first event: it has no say and no degree of freedom."""
    t = [1, 1, 2, 3, 4, 5, 6]
    test = logrank.log_rank(t, [0, 0, 1, 1, 1, 1, 0], list("ccababa"))
    pair = logrank.log_rank(t[2:], [1, 1, 1, 1, 0], list("ababa"))
    assert test.df == 1
    assert test.statistic == pytest.approx(pair.statistic)
    assert "left out" in test.note


def test_two_groups_trend_is_the_test():
    t, d, g = [3, 1, 4, 1, 5, 9, 2, 6], [1, 1, 0, 1, 1, 0, 1, 1], [0, 1, 0, 1, 0, 1, 0, 1]
    test = logrank.log_rank(t, d, g)
    assert logrank.trend(test).statistic == pytest.approx(test.statistic)
    with pytest.raises(ValueError, match="2 finite scores"):
        logrank.trend(test, [1, 2, 3])


def test_pairs_are_adjusted_for_their_number():
    rng = np.random.default_rng(3)
    t, d, g = rng.exponential(size=60), np.ones(60), np.repeat(list("abc"), 20)
    raw, adjusted = logrank.pairwise(t, d, g), logrank.pairwise(t, d, g, "bonferroni")
    assert set(raw) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert all(adjusted[pair] == pytest.approx(min(1, 3 * raw[pair])) for pair in raw)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"time": [1, np.nan, 3]}, "missing"),
        ({"event": [1, 2, 0]}, "0 and 1"),
        ({"group": ["a", None, "b"]}, "no group"),
        ({"strata": [1.0, np.nan, 1.0]}, "no stratum"),
        ({"weights": "wilcoxon"}, "tarone-ware"),
        ({"rho": -1.0, "weights": "fleming-harrington"}, ">= 0"),
    ],
)
def test_bad_input_is_named(change, what):
    arguments = {"time": [1, 2, 3], "event": [1, 1, 0], "group": ["a", "b", "a"]} | change
    with pytest.raises(ValueError, match=what):
        logrank.log_rank(**arguments)


def test_curves_without_an_interval_and_of_nobody():
    km = survival.kaplan_meier([1, 2, 3], [1, 1, 1], "none")
    assert np.isnan(km.lower).all()
    assert km.median.estimate == 2
    assert np.isnan(km.median.lower)
    with pytest.raises(ValueError, match="no cases"):
        survival.kaplan_meier([], [])
    with pytest.raises(ValueError, match="arcsin"):
        survival.kaplan_meier([1], [1], "wald")
    with pytest.raises(ValueError, match="negative"):
        survival.kaplan_meier([-1, 2], [1, 0])
