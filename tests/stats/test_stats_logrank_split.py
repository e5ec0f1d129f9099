"""The best division by one column, against the log-rank test of each."""

import numpy as np
import pytest

from radpipe.stats.logrank import log_rank
from radpipe.stats.logrank_split import best_split, split_statistics


def sample(seed=0, n=60):
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.normal(size=n), rng.integers(0, 5, n), np.full(n, 2.0)])
    time = np.ceil(10 * rng.exponential(np.exp(-1.0 * (X[:, 1] > 2))))
    return X, time, (rng.random(n) < 0.7).astype(int)


def test_each_statistic_is_the_log_rank_test():
    X, time, event = sample()
    cuts, following, found = split_statistics(X[:, 1], time, event)
    assert cuts.tolist() == [0, 1, 2, 3]
    assert following.tolist() == [1, 2, 3, 4]
    tests = [log_rank(time, event, X[:, 1] <= cut).statistic for cut in cuts]
    assert np.allclose(found, tests)


def test_the_best_is_the_largest_of_all():
    X, time, event = sample()
    found = best_split(X, time, event)
    every = [split_statistics(x, time, event)[2].max(initial=0) for x in X.T]
    assert found.column == np.argmax(every)
    assert found.statistic == max(every)
    low = X[:, found.column] <= found.cut
    assert (found.n_low, found.n_high) == (low.sum(), (~low).sum())
    assert found.next_value == X[~low, found.column].min()


def test_both_sides_keep_the_least_size():
    X, time, event = sample()
    found = best_split(X[:, :1], time, event, min_size=25)
    assert min(found.n_low, found.n_high) >= 25


def test_equal_columns_give_the_first_and_its_lowest_cut():
    X, time, event = sample()
    assert best_split(np.column_stack([X[:, 1]] * 3), time, event).column == 0
    found = best_split(np.arange(4.0), [5, 5, 5, 5], [1, 0, 0, 1])  # as good after the third
    assert found.cut == 0


def test_where_no_division_is_possible_it_is_said():
    X, time, event = sample()
    for found in (
        best_split(X[:, 2:], time, event),
        best_split(X, time, np.zeros(60)),
        best_split(X, time, event, min_size=31),
    ):
        assert found.column == -1
        assert np.isnan(found.statistic)
        assert found.note
    with pytest.raises(ValueError, match="missing"):
        best_split(np.full((60, 1), np.nan), time, event)
    with pytest.raises(ValueError, match="59"):
        split_statistics(X[1:, 0], time, event)
    with pytest.raises(ValueError, match="min_size"):
        best_split(X, time, event, 0)
