"""Mutual information on levels, and the rankings made of it."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.stats.design import DegenerateDataError
from radpipe.stats.mrmr_discrete import mrmr_discrete, mutual_information, three_levels


def sample(seed=0, n=80, p=7):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    y = (X[:, 3] + 0.7 * rng.normal(size=n) > 0).astype(int)
    return three_levels(X), y


def by_hand(a, b):
    """Return the mutual information of two lists of labels, in nats."""
    a, b, total = np.asarray(a), np.asarray(b), 0.0
    for u, v in product(np.unique(a), np.unique(b)):
        both = np.mean((a == u) & (b == v))
        if both:
            total += both * np.log(both / (np.mean(a == u) * np.mean(b == v)))
    return total


def test_levels_lie_strictly_beyond_half_a_standard_deviation():
    x = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])  # sd 1.58, cuts at 0.79
    columns = np.column_stack([x, np.full(5, 0.1), x * 100 + 7])
    assert three_levels(columns).T.tolist() == [[0, 0, 1, 2, 2], [1] * 5, [0, 0, 1, 2, 2]]
    half = np.array([0.0, 1.0, 2.0])  # sd 1: a cut at 1 sd is no value beyond it
    assert three_levels(half, width=1.0).T.tolist() == [[1, 1, 1]]


def test_information_is_that_of_the_definition():
    levels, y = sample()
    assert np.allclose(mutual_information(levels, y), [by_hand(x, y) for x in levels.T])
    same = mutual_information(levels[:, :1], levels[:, 0])[0]
    share = np.bincount(levels[:, 0]) / 80
    assert same == pytest.approx(-(share * np.log(share)).sum())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4))
def test_information_is_symmetric_not_negative_and_blind_to_names(seed, k):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, k, 30), rng.integers(0, 3, 30)
    found = mutual_information(a[:, None], b)[0]
    assert found >= 0
    assert found == pytest.approx(mutual_information(b[:, None], a)[0], abs=1e-12)
    assert found == pytest.approx(
        mutual_information(k - a[:, None], np.array(["x", "y", "z"])[b])[0]
    )


@pytest.mark.parametrize("criterion", ["MID", "MIQ", "JMI"])
def test_each_step_takes_the_best_score(criterion):
    levels, y = sample()
    found = mrmr_discrete(levels, y, 4, criterion)
    chosen = list(found.order)
    assert chosen[0] == np.argmax([by_hand(x, y) for x in levels.T])
    for step in range(1, 4):
        scores = {}
        for j in set(range(7)) - set(chosen[:step]):
            own = levels[:, j]
            if criterion == "JMI":
                scores[j] = sum(by_hand(own * 3 + levels[:, s], y) for s in chosen[:step])
                continue
            shared = np.mean([by_hand(own, levels[:, s]) for s in chosen[:step]])
            worth = by_hand(own, y)
            scores[j] = worth - shared if criterion == "MID" else worth / shared
        assert chosen[step] == max(scores, key=scores.get)
        assert found.scores[step] == pytest.approx(scores[chosen[step]])


def test_joint_information_sees_what_single_columns_hide():
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 2, 400), rng.integers(0, 2, 400)
    y = a ^ b
    noise = rng.integers(0, 3, (400, 4))
    first = np.where(rng.random(400) < 0.3, y, a)  # bears on y alone too, so that it comes first
    found = mrmr_discrete(np.column_stack([noise, b, first]), y, 2, "JMI")
    assert list(found.order) == [5, 4]


def test_a_column_with_one_level_is_never_chosen():
    levels, y = sample()
    levels[:, 3] = 1
    found = mrmr_discrete(levels, y, 10)
    assert 3 not in found.order
    assert found.order.size == 6
    assert np.isnan(found.relevance[3])
    assert mutual_information(levels, y)[3] == 0


def test_what_is_no_levels_or_labels_is_refused():
    levels, y = sample()
    with pytest.raises(ValueError, match="MID, MIQ, JMI"):
        mrmr_discrete(levels, y, 3, "CMIM")
    with pytest.raises(ValueError, match="whole numbers"):
        mrmr_discrete(levels + 0.5, y, 3)
    with pytest.raises(ValueError, match="80 different values"):
        mutual_information(levels, np.arange(80.0))
    with pytest.raises(ValueError, match="width"):
        three_levels(levels, 0)
    with pytest.raises(DegenerateDataError, match="one value only"):
        mrmr_discrete(levels, np.ones(80), 3)
    with pytest.raises(DegenerateDataError, match="missing"):
        mutual_information(levels, np.where(y == 1, np.nan, 0.0))
    with pytest.raises(DegenerateDataError, match="two rows"):
        three_levels(np.ones((1, 2)))
