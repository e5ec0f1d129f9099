"""Mutual information from neighbours: scikit-learn's without ties, counted with them."""

import numpy as np
import pytest
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression
from sklearn.metrics import mutual_info_score

from radpipe.stats.design import DegenerateDataError
from radpipe.stats.neighbour_information import information_classes, information_numbers

RNG = np.random.default_rng(3)
LABELS = np.r_[RNG.integers(0, 3, 79), 7]  # the last class has one case
X = RNG.normal(size=(80, 6)) + np.array([0, 1, 0, 2, 0, 0]) * LABELS[:, None]
Y = X[:, 2] ** 2 + 0.3 * RNG.normal(size=80)


@pytest.mark.parametrize("k", [2, 5])
def test_without_ties_it_is_scikit_learns(k):
    ours = information_classes(X, LABELS, k)
    assert np.allclose(ours, mutual_info_classif(X, LABELS, n_neighbors=k, random_state=0))
    ours = information_numbers(X, Y, k)
    assert np.allclose(ours, mutual_info_regression(X, Y, n_neighbors=k, random_state=0))
    assert ours.argmax() == 2


def test_categories_are_counted():
    """With every value tied many times the estimate is near that of the observed frequencies."""
    label = RNG.integers(0, 2, 400)
    column = np.where(RNG.random(400) < 0.8, label, 1 - label).astype(float)
    counted = mutual_info_score(label, column.astype(int))
    assert information_classes(column, label)[0] == pytest.approx(counted, abs=0.01)
    assert information_numbers(column, label.astype(float))[0] == pytest.approx(counted, abs=0.01)
    assert information_classes(np.ones(400), label)[0] == pytest.approx(0.0, abs=0.01)


def test_degenerate_outcomes_are_named():
    with pytest.raises(DegenerateDataError, match="two classes"):
        information_classes(X, np.r_[np.zeros(79), 1])
    with pytest.raises(DegenerateDataError, match="one value"):
        information_numbers(X, np.ones(80))
    with pytest.raises(DegenerateDataError, match="more than 3"):
        information_numbers(X[:3], Y[:3])
