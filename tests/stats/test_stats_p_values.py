"""Adjusted p values: order, bounds, closure."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpipe.stats.p_values import p_adjust

METHODS = ("bonferroni", "holm", "hochberg", "hommel", "BH", "BY")
chances = st.lists(st.floats(0, 1), min_size=1, max_size=7)


@settings(deadline=None)
@given(chances, st.sampled_from(METHODS))
def test_adjusted_values_keep_order_and_bounds(p, method):
    p = np.array(p)
    adjusted = p_adjust(p, method)
    assert (adjusted >= p).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= -1e-15).all()


def closed(p, intersection):
    """Return adjusted p values by the closed testing principle."""
    sets = [s for k in range(1, p.size + 1) for s in combinations(range(p.size), k)]
    tested = {s: intersection(np.sort(p[list(s)])) for s in sets}
    return [max(v for s, v in tested.items() if i in s) for i in range(p.size)]


@settings(deadline=None)
@given(chances)
def test_hommel_and_holm_are_the_closures_of_simes_and_bonferroni(p):
    p = np.array(p)
    simes = closed(p, lambda q: min(q * q.size / np.arange(1, q.size + 1)))
    assert np.allclose(p_adjust(p, "hommel"), simes)
    assert np.allclose(p_adjust(p, "holm"), closed(p, lambda q: min(1, q[0] * q.size)))


@settings(deadline=None)
@given(chances)
def test_the_sharper_methods(p):
    holm, hochberg, hommel, bonferroni, bh, by = (
        p_adjust(p, m) for m in ("holm", "hochberg", "hommel", "bonferroni", "BH", "BY")
    )
    slack = 1e-12
    assert (hommel <= hochberg + slack).all()
    assert (hochberg <= holm + slack).all()
    assert (holm <= bonferroni + slack).all()
    assert (bh <= hochberg + slack).all()
    assert (bh <= by + slack).all()


def test_missing_values_are_not_counted():
    found = p_adjust([0.01, np.nan, 0.04], "bonferroni")
    assert found[[0, 2]].tolist() == [0.02, 0.08]
    assert np.isnan(found[1])
    assert p_adjust([], "holm").size == 0


def test_refused():
    with pytest.raises(ValueError, match="'fdr': none, bonferroni"):
        p_adjust([0.1], "fdr")
    with pytest.raises(ValueError, match="from 0 to 1"):
        p_adjust([0.1, 1.1], "BH")
