from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.stats import maxstat, maxstat_p


def cohort(n=60, effect=0.0, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    t, c = rng.exponential(np.exp(-effect * (x > 0.3))), rng.exponential(2, n)
    return np.minimum(t, c), (t <= c).astype(int), x


def test_scores_are_hazard_less_event():
    """Times 1, 2, 3 with events at 1 and 3: hazards 1/3, 1/3, 1/3 + 1."""
    found = maxstat.log_rank_scores([1, 2, 3], [1, 0, 1])
    assert found == pytest.approx([1 / 3 - 1, 1 / 3, 4 / 3 - 1])


def test_the_true_cut_is_found():
    t, d, x = cohort(300, effect=2.0)
    test = maxstat.maxstat_test(t, d, x)
    assert test.cutpoint == pytest.approx(0.3, abs=0.15)
    assert test.p < 1e-8
    assert (x <= test.cutpoint).sum() == test.n_low
    assert test.statistic == test.statistics.max()


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_only_the_order_of_x_matters(seed):
    t, d, x = cohort(30, seed=seed)
    test, other = maxstat.maxstat_test(t, d, x), maxstat.maxstat_test(t, d, np.exp(x))
    assert other.p == pytest.approx(test.p)
    assert other.cutpoint == pytest.approx(np.exp(test.cutpoint))


def test_published_values():
    """Lausen and Schumacher 1992, table 2; Lausen et al. 1994, page 489."""
    for b, shares in ((3.054, (0.1, 0.9)), (2.829, (0.25, 0.75)), (2.560, (0.4, 0.6))):
        assert maxstat_p.lausen_1992(b, *shares) == pytest.approx(0.05, abs=2e-4)
    assert maxstat_p.lausen_1994(2.5, 20, np.arange(5, 16)) == pytest.approx(0.073, abs=5e-4)


def test_a_published_bound():
    """pmaxstat(2.5, 1:20, 5:15), the example of maxstat's manual."""
    found = maxstat_p.hothorn_lausen(2.5, np.arange(1.0, 21), np.arange(5, 16))
    assert found == pytest.approx(0.09403538, abs=1e-8)


def test_the_bound_holds_by_enumeration():
    scores, sizes = np.array([0.0, 1, 1, 3, 4, 6, 7]), np.array([2, 3, 5])
    every = np.array(list(permutations(scores)))
    largest = maxstat_p.standardised(every, sizes).max(axis=1)
    for b in np.unique(np.round(largest, 9))[::3]:
        exact = float((largest >= b - 1e-8).mean())
        assert maxstat_p.hothorn_lausen(float(b), scores, sizes) >= exact - 1e-9
        one = maxstat_p.hothorn_lausen(float(b), scores, sizes[:1])
        first = maxstat_p.standardised(every, sizes[:1])[:, 0]
        assert one == pytest.approx((first >= b - 1e-8).mean())


def test_gauss_statistics_by_quadrature_and_by_drawing():
    sizes, n, b = np.arange(5, 16), 20, 2.5
    rng = np.random.default_rng(0)
    found = maxstat_p.standardised(rng.normal(size=(200, n)), sizes)
    assert found.shape == (200, 11)
    bridge = np.cumsum(rng.normal(size=(100_000, n)), axis=1)
    bridge -= np.arange(1, n + 1) / n * bridge[:, -1:]
    z = np.abs(bridge[:, sizes - 1]) / np.sqrt(sizes * (n - sizes) / n)
    assert maxstat_p.exact_gauss(b, n, sizes) == pytest.approx((z.max(axis=1) > b).mean(), abs=4e-3)


def test_permutation_keeps_its_level_where_the_naive_p_does_not():
    from radpipe.stats.logrank import log_rank

    corrected, naive = [], []
    for seed in range(60):
        t, d, x = cohort(40, seed=seed)
        test = maxstat.maxstat_test(t, d, x, "condMC", permutations=199)
        corrected.append(test.p)
        naive.append(log_rank(t, d, x > test.cutpoint).p)
    assert np.mean(np.array(corrected) <= 0.1) < 0.2
    assert np.mean(np.array(naive) <= 0.1) > 0.4


def test_the_same_seed_gives_the_same_p():
    t, d, x = cohort()
    first, again, other = (
        maxstat.maxstat_test(t, d, x, "condMC", permutations=500, seed=seed).p for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_the_smallest_bound():
    t, d, x = cohort()
    every = [maxstat.maxstat_test(t, d, x, how).p for how in ("Lau92", "Lau94", "exactGauss", "HL")]
    assert maxstat.maxstat_test(t, d, x, "min").p == pytest.approx(min(every))


def test_what_cannot_be_cut_is_said():
    t, d, x = cohort(200)
    assert "too many for HL" in maxstat.maxstat_test(t, d, x, "HL").note
    flat = maxstat.maxstat_test([1, 2, 3, 4], [1, 1, 1, 0], [5, 5, 5, 5])
    assert np.isnan(flat.p)
    assert "no cut-off" in flat.note
    none = maxstat.maxstat_test([1, 2, 3, 4], [0, 0, 0, 0], [1, 2, 3, 4])
    assert np.isnan(none.statistic)
    assert "all scores are equal" in none.note
    lost = maxstat.maxstat_test(t, d, np.where(np.arange(200) < 5, np.nan, x))
    assert lost.n == 195
    assert "5 cases" in lost.note
    with pytest.raises(ValueError, match="exactGauss"):
        maxstat.maxstat_test(t, d, x, "bonferroni")
    with pytest.raises(ValueError, match="shares"):
        maxstat.maxstat_test(t, d, x, min_share=0.9, max_share=0.1)
