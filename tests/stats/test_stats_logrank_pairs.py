"""The search of two cut-offs by the log-rank test of three groups."""

from itertools import combinations

import numpy as np
import pytest

from radpipe.stats.logrank import log_rank
from radpipe.stats.logrank_pairs import best_pair, best_pair_p


def brute_force(x, t, d, share):
    least, best = max(1, int(np.ceil(x.size * share - 1e-9))), (0.0, None)
    for low, high in combinations(np.unique(x)[1:], 2):
        group = (x >= low).astype(int) + (x >= high)
        if np.bincount(group, minlength=3).min() >= least:
            test = log_rank(t, d, group)
            if test.df == 2 and test.statistic > best[0] * (1 + 1e-12):
                best = test.statistic, (low, high)
    return best


@pytest.mark.parametrize("seed", range(4))
def test_the_search_is_that_of_every_pair(seed):
    rng = np.random.default_rng(seed)
    x, t = rng.integers(0, 14, 30) * 1.0, rng.integers(1, 12, 30) * 1.0
    d = rng.random(30) < 0.7
    statistic, pair = brute_force(x, t, d, 0.1)
    found = best_pair(x, t, d)
    assert found.statistic == pytest.approx(statistic, rel=1e-9)
    assert (found.low, found.high) == pair
    assert sum(found.sizes) == 30
    assert min(found.sizes) >= 3


def test_planted_cut_offs_are_found_and_significant():
    rng = np.random.default_rng(1)
    x = np.sort(rng.normal(size=90))
    t = rng.exponential(np.repeat([30.0, 6.0, 1.0], 30))
    found = best_pair(x, t, np.ones(90))
    assert abs(found.sizes[0] - 30) <= 4
    assert abs(found.sizes[2] - 30) <= 4
    assert best_pair_p(x, t, np.ones(90), permutations=199) == 1 / 200


def test_the_p_value_knows_of_the_search():
    rng = np.random.default_rng(2)
    ps = [
        best_pair_p(rng.normal(size=40), rng.exponential(size=40), np.ones(40), 0.1, 100, 39, k)
        for k in range(60)
    ]
    assert np.mean(np.array(ps) <= 0.1) < 0.25  # the plain p value is below it in most of them
    assert best_pair_p([1.0, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], [0] * 6) != 1
    assert best_pair_p(range(9), range(1, 10), [1] * 9, seed=1) == best_pair_p(
        range(9), range(1, 10), [1] * 9, seed=1
    )


def test_degenerate_input_has_a_reason():
    t = np.arange(1.0, 7)
    assert "three groups" in best_pair(np.ones(6), t, np.ones(6)).note
    assert best_pair(np.arange(6.0), t, np.zeros(6)).note == "no events"
    assert np.isnan(best_pair(np.arange(6.0), t, np.zeros(6)).low)
    with pytest.raises(ValueError, match="share"):
        best_pair(t, t, np.ones(6), 0.4)
    with pytest.raises(ValueError, match="missing"):
        best_pair([np.nan, 1], [1, 2], [1, 1])


def test_many_values_are_thinned_evenly():
    rng = np.random.default_rng(3)
    x, t = rng.normal(size=150), rng.exponential(size=150)
    few, all_ = (
        best_pair(x, t, np.ones(150), candidates=20),
        best_pair(x, t, np.ones(150), 0.1, 999),
    )
    assert 0 < few.statistic <= all_.statistic * (1 + 1e-9)
