"""Sample sizes and power, beside the golden case."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, ttest_ind_from_stats

from radpipe.stats import power
from radpipe.stats.anticipated_r2 import r2_from_c
from radpipe.stats.expected_shrinkage import (
    events_per_parameter,
    expected_shrinkage,
    expected_shrinkage_continuous,
)
from radpipe.stats.sample_size import riley_binary, riley_continuous, riley_survival


@given(st.floats(0.02, 0.3), st.integers(1, 60), st.floats(0.1, 0.9))
def test_the_shrinkage_is_what_was_asked_for(r2, parameters, prevalence):
    found = riley_binary(r2, parameters, prevalence)
    n = found.criteria[0].n
    # the expected shrinkage S solves n = p / ((S - 1) log(1 - R2 / S)); one case fewer is too few
    needed = parameters / ((0.9 - 1) * math.log(1 - r2 / 0.9))
    assert n - 1 < needed + 1e-6
    assert needed <= n + 1e-6
    assert found.final.n == max(c.n for c in found.criteria)


def test_more_is_needed_for_more():
    sizes = [riley_binary(0.1, p, 0.3).final.n for p in (5, 10, 20)]
    assert sizes == sorted(sizes)
    survival = [riley_survival(r2, 10, 0.1, 2, 3).final.n for r2 in (0.2, 0.1, 0.05)]
    assert survival == sorted(survival)
    continuous = [riley_continuous(r2, 10, 5, 1).final.n for r2 in (0.9, 0.5, 0.1)]
    assert continuous == sorted(continuous)


def test_the_risk_decides_where_the_model_is_small():
    found = riley_binary(0.25, 1, 0.5)
    assert found.final.n == found.criteria[2].n == 385
    rare = riley_survival(0.1, 1, 0.5, 1, 0.5)
    assert rare.final.n > max(rare.criteria[0].n, rare.criteria[1].n)
    far = riley_continuous(0.2, 5, 0.1, 1)
    assert far.final.n == far.criteria[3].n > far.criteria[2].n


def test_simulated_r2_is_the_integral():
    assert r2_from_c(0.75, 0.3, simulate=200_000) == pytest.approx(r2_from_c(0.75, 0.3), rel=0.02)
    assert r2_from_c(0.75, 0.3, 1000, seed=1) == r2_from_c(0.75, 0.3, 1000, seed=1)
    assert r2_from_c(0.6, 0.3) < r2_from_c(0.8, 0.3)


def test_sizes_give_their_power():
    n = power.t_test_size(0.7, 1.3, 0.85)
    assert power.t_power(n, 0.7 / 1.3, 2 * (n - 1), 0.05) == pytest.approx(0.85)
    events, others = power.roc_size(0.7, 0.9, ratio=2)
    assert others == 2 * events
    up = power.roc_power(0.7, math.ceil(events), math.ceil(others))
    assert 0.9 <= up < 0.91
    assert power.schoenfeld_events(0.5) == pytest.approx(power.schoenfeld_events(2))
    want = 4 * (norm.isf(0.025) + norm.ppf(0.8)) ** 2 / math.log(2) ** 2
    assert power.schoenfeld_events(2) == pytest.approx(want)


def test_t_test_size_by_simulation():
    rng = np.random.default_rng(0)
    n, runs = 17, 4000
    a, b = rng.normal(size=(runs, n)), rng.normal(1, size=(runs, n))
    stats = [(x.mean(axis=1), x.std(axis=1, ddof=1), n) for x in (a, b)]
    p = ttest_ind_from_stats(*stats[0], *stats[1]).pvalue
    assert power.t_power(n, 1.0, 2 * (n - 1), 0.05) == pytest.approx(np.mean(p < 0.05), abs=0.03)
    assert power.t_test_size(50.0) == 2.0


def test_proportions_size_is_symmetric():
    one, other = power.proportions_size(0.2, 0.4), power.proportions_size(0.8, 0.6)
    assert one == pytest.approx(other)
    assert power.proportions_size(0.2, 0.4, alpha=0.01) > one


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: riley_binary(0.9, 5, 0.1), "R2"),
        (lambda: riley_binary(0.1, 0, 0.1), "parameters"),
        (lambda: riley_binary(0.1, 5, 1.0), "prevalence"),
        (lambda: riley_survival(0.1, 5, 0.0, 1, 1), "rate"),
        (lambda: riley_continuous(0.5, 2, 1, 1), "at least 3"),
        (lambda: riley_continuous(0.5, 5, 0, 1), "mean"),
        (lambda: r2_from_c(0.4, 0.5), "C statistic"),
        (lambda: events_per_parameter(10, 0), "parameters"),
        (lambda: power.roc_size(0.5), "AUC"),
        (lambda: power.roc_power(0.7, 0, 5), "each class"),
        (lambda: power.t_test_size(0.0), "difference"),
        (lambda: power.proportions_size(0.2, 0.2), "different"),
        (lambda: power.schoenfeld_events(1.0), "hazard ratio"),
        (lambda: power.schoenfeld_events(2.0, power=1.0), "power"),
    ],
)
def test_faults_are_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@given(st.floats(0.02, 0.3), st.integers(1, 60), st.integers(30, 3000))
def test_the_expected_shrinkage_is_what_that_many_cases_are_asked_for(r2, parameters, n):
    shrinkage = expected_shrinkage(r2, parameters, n)
    assert r2 < shrinkage < 1
    needed = parameters / ((shrinkage - 1) * math.log(1 - r2 / shrinkage))
    assert needed == pytest.approx(n, rel=1e-3)


def test_the_expected_shrinkage_of_a_linear_model():
    first = riley_continuous(0.2, 5, 10, 2).criteria[0]
    assert expected_shrinkage_continuous(0.2, 5, first.n) == first.shrinkage
    assert expected_shrinkage_continuous(0.2, 5, first.n - 1) < 0.9
    with pytest.raises(ValueError, match="6 cases"):
        expected_shrinkage_continuous(0.2, 5, 6)
    with pytest.raises(ValueError, match="0 parameters"):
        expected_shrinkage(0.2, 0, 6)
