"""Stepwise choice by p values: each step is the test between two models."""

import math

import numpy as np
import pytest

from radpipe.stats.linear import fit_linear
from radpipe.stats.logistic import fit_logistic
from radpipe.stats.stepwise_p import by_f, by_likelihood, stepwise_by_p
from radpipe.stats.terms import linear_terms, logistic_terms

RNG = np.random.default_rng(2)
N = 80
COLUMNS = {name: RNG.normal(size=N) for name in "abcd"}
Y = COLUMNS["b"] + 0.5 * COLUMNS["c"] + RNG.normal(size=N)
FIT = linear_terms(COLUMNS, Y)


def test_each_step_in_a_linear_model_is_the_t_test_of_the_coefficient():
    found = stepwise_by_p(FIT, by_f(N), list("abcd"), enter=0.05, leave=0.1)
    assert found.selected == ("b", "c")
    (first, p_b), (second, p_c) = found.changes
    assert (first, second) == ("+ b", "+ c")
    assert p_b == pytest.approx(fit_linear(COLUMNS["b"], Y).p[1])
    both = np.column_stack([COLUMNS["b"], COLUMNS["c"]])
    assert p_c == pytest.approx(fit_linear(both, Y).p[2])


def test_backward_drops_the_largest_p_first():
    found = stepwise_by_p(FIT, by_f(N), list("abcd"), list("abcd"), "backward", leave=0.1)
    p = fit_linear(np.column_stack(list(COLUMNS.values())), Y).p[1:]
    assert found.changes[0][0] == f"- {'abcd'[int(p.argmax())]}"
    assert found.changes[0][1] == pytest.approx(p.max())
    assert set(found.selected) == {"b", "c"}


def test_the_likelihood_ratio_of_a_logistic_model():
    y = (Y > 0).astype(float)
    found = stepwise_by_p(logistic_terms(COLUMNS, y), by_likelihood(N), list("abcd"))
    from scipy.stats import chi2

    fit = fit_logistic(COLUMNS["b"], y)
    assert found.changes[0] == ("+ b", pytest.approx(chi2.sf(fit.null_deviance - fit.deviance, 1)))


def test_both_may_drop_what_it_has_taken():
    """``s`` is nearly b + c: it enters first, and leaves once both are there."""
    columns = COLUMNS | {"s": COLUMNS["b"] + COLUMNS["c"] + 0.3 * RNG.normal(size=N)}
    y = COLUMNS["b"] + COLUMNS["c"] + 0.3 * RNG.normal(size=N)
    found = stepwise_by_p(linear_terms(columns, y), by_f(N), list(columns))
    changes = [change for change, _ in found.changes]
    assert changes[0] == "+ s"
    assert "- s" in changes
    assert set(found.selected) == {"b", "c"}


def test_a_term_that_adds_nothing_never_enters_and_leaves_first():
    columns = {"a": COLUMNS["a"], "b": COLUMNS["b"], "twin": COLUMNS["b"]}
    fit = linear_terms(columns, Y)
    assert stepwise_by_p(fit, by_f(N), list(columns)).selected == ("b",)
    start = list(columns)
    found = stepwise_by_p(fit, by_f(N), start, start, "backward")
    assert math.isnan(found.changes[0][1])
    assert len(set(found.selected) & {"b", "twin"}) == 1


def test_thresholds_that_would_never_end_are_refused():
    with pytest.raises(ValueError, match="come and go"):
        stepwise_by_p(FIT, by_f(N), list("abcd"), enter=0.2, leave=0.1)
