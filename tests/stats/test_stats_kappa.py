import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.stats.kappa import agreement_table, cohen_kappa, kappa_of_table
from radpipe.stats.kappa_many import (
    conger_kappa,
    fleiss_by_category,
    fleiss_kappa,
    kendall_w,
    light_kappa,
)

pytestmark = pytest.mark.filterwarnings("error")
ratings = st.lists(st.tuples(*[st.integers(1, 4)] * 3), min_size=2, max_size=25)
MANY = np.random.default_rng(3).integers(1, 4, size=(30, 4))


@pytest.mark.parametrize("weights", ["unweighted", "linear", "quadratic"])
def test_a_rater_agrees_with_himself(weights):
    same = cohen_kappa([1, 2, 3, 3, 2], [1, 2, 3, 3, 2], weights=weights)
    assert (same.estimate, same.se, same.lower, same.upper) == (1, 0, 1, 1)
    assert same.p < 0.05


@settings(max_examples=60, deadline=None)
@given(ratings)
def test_raters_may_change_places_and_names(rows):
    a, b, _ = np.array(rows).T
    one, other = cohen_kappa(a, b), cohen_kappa(b, a)
    renamed = cohen_kappa([f"c{v}" for v in a], [f"c{v}" for v in b])
    for name in ("estimate", "se", "z"):
        first, second, third = (getattr(k, name) for k in (one, other, renamed))
        assert first == pytest.approx(second, nan_ok=True)
        assert first == pytest.approx(third, nan_ok=True)
    assert one.note or one.estimate <= 1


@settings(max_examples=40, deadline=None)
@given(ratings)
def test_two_raters_are_cohens_case(rows):
    table = np.array(rows)[:, :2]
    cohen = cohen_kappa(table[:, 0], table[:, 1]).estimate
    assert conger_kappa(table).estimate == pytest.approx(cohen, nan_ok=True, abs=1e-12)
    assert light_kappa(table).estimate == pytest.approx(cohen, nan_ok=True, abs=1e-12)


def test_by_hand():
    # 20 + 15 of 50 agree; by chance 0.5 x 0.6 + 0.5 x 0.4
    k = kappa_of_table([[20, 5], [10, 15]])
    assert (k.observed, k.expected) == (pytest.approx(0.7), pytest.approx(0.5))
    assert k.estimate == pytest.approx(0.4)
    assert k.pabak == pytest.approx(0.4)
    # the weight of one step on a scale of three is 1/2 or 3/4
    steps = [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert kappa_of_table(steps, "linear").observed == pytest.approx(3.5 / 4)
    assert kappa_of_table(steps, "quadratic").observed == pytest.approx(3.75 / 4)


def test_the_whole_scale_counts_for_weights():
    a, b = [1, 2, 3, 3], [1, 3, 3, 2]
    short, long = (cohen_kappa(a, b, range(1, m), "linear").observed for m in (4, 7))
    assert short < long
    with pytest.raises(ValueError, match="levels are 1, 2"):
        cohen_kappa(a, b, (1, 2))
    assert agreement_table([1, None, 2], [1, 2, float("nan")]).tolist() == [[1, 0], [0, 0]]
    assert "2 incomplete" in cohen_kappa([1, None, 2, 1], [1, 2, np.nan, 2]).note


def test_one_category_has_no_kappa():
    for k in (
        cohen_kappa([1, 1, 1], [1, 1, 1]),
        fleiss_kappa([[1, 1], [1, 1]]),
        conger_kappa([[1, 1], [1, 1]]),
        light_kappa([[1, 1], [1, 1]]),
        kappa_of_table([[0, 0], [0, 0]]),
        fleiss_kappa(np.empty((0, 2))),
        conger_kappa([[1], [2]]),
    ):
        assert np.isnan([k.estimate, k.lower, k.p]).all()
        assert k.note
    alone = cohen_kappa([1, 1, 1], [2, 2, 2])
    assert alone.estimate == 0
    assert np.isnan(alone.z)
    assert alone.note


def test_fleiss():
    same = np.repeat([[1], [2], [3], [2]], 3, axis=1)
    assert fleiss_kappa(same).estimate == pytest.approx(1)
    assert fleiss_kappa(same).lower == pytest.approx(1)
    # of two categories each is the whole
    two = np.where(MANY > 1, "yes", "no")
    both = [c.estimate for c in fleiss_by_category(two)]
    assert both == pytest.approx([fleiss_kappa(two).estimate] * 2)
    missing = MANY.astype(object)
    missing[3, 1] = None
    assert fleiss_kappa(missing).n == 29
    assert fleiss_by_category(two, ["no", "yes", "never"])[2].category == "never"
    assert np.isnan(fleiss_by_category(two, ["no", "yes", "never"])[2].estimate)


def test_intervals_cover():
    """Simulated subjects: half are told by all, the others are guessed."""
    rng = np.random.default_rng(11)
    hits = {"sample": 0, "null": 0}
    for _ in range(150):
        known = rng.random((40, 1)) < 0.5
        truth = rng.integers(0, 2, (40, 1))
        table = np.where(known, truth, rng.integers(0, 2, (40, 4)))
        for variance in hits:
            k = fleiss_kappa(table, variance=variance)
            hits[variance] += k.lower <= 0.5 <= k.upper
    assert hits["sample"] > hits["null"] + 8
    assert 135 <= hits["sample"] <= 149


def test_kendalls_w():
    order = np.arange(6.0)
    assert kendall_w(np.column_stack([order, order**3, order * 7])).estimate == 1
    assert kendall_w(np.column_stack([order, -order])).estimate == 0
    tied = np.array([[1, 1.0], [2, 1], [2, 3], [4, 4]])
    assert kendall_w(tied).estimate > kendall_w(tied, ties=False).estimate
    for nothing in (np.ones((4, 2)), order[:, None], np.ones((1, 3))):
        assert np.isnan(kendall_w(nothing).estimate)
        assert kendall_w(nothing).note
