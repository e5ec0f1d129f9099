"""Signed-rank and sign tests against full enumeration."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from radpipe.stats.signed_ranks import sign_test, signed_ranks, wilcoxon

differences = st.lists(st.integers(-4, 4), min_size=1, max_size=8)


@settings(deadline=None)
@given(differences)
def test_exact_given_the_ties_is_the_enumeration(d):
    found, d = wilcoxon(d, exact=True), np.array(d)
    d = d[d != 0]
    if d.size == 0:
        assert np.isnan(found.p)
        assert found.note
        return
    ranks = stats.rankdata(np.abs(d))
    sums = np.array([ranks @ signs for signs in product((0, 1), repeat=d.size)])
    away = np.abs(sums - sums.mean())
    assert found.p == pytest.approx(np.mean(away >= abs(found.statistic - sums.mean()) - 1e-9))


@settings(deadline=None)
@given(differences)
def test_turning_the_signs(d):
    one, two = signed_ranks(d), signed_ranks([-v for v in d])
    assert one.plus == two.minus
    assert one.rank_biserial == pytest.approx(-two.rank_biserial, nan_ok=True)
    assert wilcoxon(d, exact=False).p == pytest.approx(
        wilcoxon([-v for v in d], exact=False).p, nan_ok=True
    )


def test_rule_of_the_exact_test():
    x = np.random.default_rng(0).normal(size=49)
    assert wilcoxon(x).method.endswith("exact")
    assert wilcoxon(x).p == pytest.approx(stats.wilcoxon(x, method="exact").pvalue)
    for other in (np.append(x, 0.0), np.append(x, x[0]), np.append(x, 9.0)):
        assert "normal" in wilcoxon(other).method
    assert "1 zero" in wilcoxon(np.append(x, 0.0)).note


def test_zeros_by_pratt():
    d = [0, 0, 1, -2, 3, 4]
    kept = signed_ranks(d, zeros="pratt")
    assert list(kept.ranks) == [3, 4, 5, 6]
    want = stats.wilcoxon(d, zero_method="pratt", method="asymptotic", correction=False).pvalue
    assert wilcoxon(d, exact=False, continuity=False, zeros="pratt").p == pytest.approx(want)
    assert wilcoxon(d, exact=True, zeros="pratt").p == pytest.approx(6 / 16)


def test_differences_equal_but_for_rounding_are_ties():
    found = signed_ranks([0.3, 0.1, 5.0], [0.2, 0.0, 1.0])
    assert list(found.ranks) == [1.5, 1.5, 3]
    assert found.ties


def test_small_units_are_no_zeros():
    x = np.array([1e-12, 3e-12, 2e-12])
    assert signed_ranks(x, np.zeros(3)).zeros == 0


def test_sign_test():
    found = sign_test([3, 1, 4, 1, -5, 0])
    assert (found.statistic, found.n, found.estimate) == (4, 5, 0.8)
    assert found.p == pytest.approx(12 / 32)
    assert "1 zero" in found.note
    assert np.isnan(sign_test([0, 0]).p)


def test_unknown_words_are_refused():
    with pytest.raises(ValueError, match="wilcoxon or pratt"):
        signed_ranks([1, 2], zeros="zsplit")
