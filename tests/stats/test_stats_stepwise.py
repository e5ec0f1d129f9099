"""Terms, stepwise choice, tests of models."""

import numpy as np
import pytest
from scipy import stats

from radpipe.stats.linear import fit_linear
from radpipe.stats.logistic import fit_logistic
from radpipe.stats.model_tests import likelihood_ratio, pseudo_r2, tjur, wald_test
from radpipe.stats.stepwise import backward_by_p, stepwise, term_tests
from radpipe.stats.terms import (
    contrasts,
    cox_terms,
    linear_terms,
    logistic_terms,
    logistic_wald,
    stack,
)


def table(values):
    """A fitter that looks deviance and df up."""
    return lambda names: values["".join(sorted(names))]


DEVIANCES = {
    "": (100, 1),
    "a": (90, 2),
    "b": (92, 2),
    "c": (99, 2),
    "ab": (85, 3),
    "ac": (80, 3),
    "bc": (70, 3),
    "abc": (69.5, 4),
}


def test_greedy_and_back_again():
    fit = table(DEVIANCES)
    forward = stepwise(fit, "abc", direction="forward")
    assert forward.selected == ("a", "c", "b")
    both = stepwise(fit, "abc", start="", direction="both")
    assert [s.change for s in both.path] == ["", "+ a", "+ c", "+ b", "- a"]
    assert both.selected == ("c", "b")
    assert both.criterion == 76
    assert stepwise(fit, "abc", direction="backward").selected == ("b", "c")
    assert stepwise(fit, "abc", penalty=40).selected == ()
    assert stepwise(fit, "abc", penalty=40, forced="a").selected == ("a",)


def test_margins_stay_while_their_interaction_does():
    fit = table({"": (9, 1), "a": (9, 2), "b": (9, 2), "ab": (9, 3), "abx": (0, 4)})
    margins = {"x": "ab"}
    assert stepwise(fit, "abx", margins=margins).selected == ("a", "b", "x")
    # it cannot enter before them
    assert stepwise(fit, "abx", start="", margins=margins).selected == ()
    assert list(term_tests(fit, "abx", 5, margins)) == ["x"]


def test_a_term_that_adds_nothing_leaves_first():
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 80))
    y = (x + rng.logistic(size=80) > 0).astype(int)
    fit = logistic_terms({"z": z, "x": x, "again": 2 * x}, y)
    found = stepwise(fit, ["x", "again", "z"])
    assert found.path[1].change == "- again"
    assert found.path[1].df == found.path[0].df


def test_unknown_terms():
    with pytest.raises(ValueError, match="'q' is none"):
        stepwise(table(DEVIANCES), "abc", start="q")
    with pytest.raises(ValueError, match="'q' is none"):
        logistic_terms({"a": [1.0, 2]}, [0, 1])(("q",))


def test_backward_drops_the_largest_p():
    p = {("a", "b", "c"): {"a": 0.2, "b": 0.3, "c": 0.01}, ("a", "c"): {"a": 0.04, "c": 0.5}}
    p["a",] = {"a": 0.03}
    found = backward_by_p(lambda names: p[names], "abc")
    assert found.selected == ("a",)
    assert found.removed == ("b", "c")
    assert found.p_removed == (0.3, 0.5)
    kept = backward_by_p(lambda names: dict.fromkeys(names, 0.5), "abc", forced="b")
    assert kept.selected == ("b",)
    with pytest.raises(ValueError, match="between 0 and 1"):
        backward_by_p(lambda names: p[names], "abc", alpha=5)


def test_fitters_give_each_model_its_likelihood():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 2))
    y = X[:, 0] + rng.normal(size=60)
    terms = {"a": X[:, 0], "both": X}
    event, time = rng.integers(0, 2, 60), rng.exponential(size=60)
    linear, cox = linear_terms(terms, y), cox_terms({"a": X[:, 0]}, time, event)
    gain = linear(())[0] - linear(("both",))[0]
    empty = fit_linear(np.empty((60, 0)), y)
    assert gain == pytest.approx(2 * (fit_linear(X, y).loglik - empty.loglik))
    assert linear(("a", "both")) == pytest.approx(linear(("both",)))  # a is counted once
    assert cox(())[1] == 0
    assert cox(("a",))[0] <= cox(())[0]


def test_wald_of_one_coefficient_is_its_z():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(100, 2))
    y = (X[:, 0] + rng.logistic(size=100) > 0).astype(int)
    fit = fit_logistic(X, y)
    one = wald_test(fit.coef, fit.vcov, [1], fit.n)
    assert one.statistic == pytest.approx(fit.z[1] ** 2)
    assert one.p == pytest.approx(fit.p[1])
    assert logistic_wald({"u": X[:, 0], "v": X[:, 1]}, y)(("u", "v"))["u"] == pytest.approx(one.p)
    lm = fit_linear(X, y)
    f = wald_test(lm.coef, lm.vcov, [1, 2], lm.n, lm.df_residual)
    assert f.statistic == pytest.approx(lm.f_test.statistic)
    nothing = wald_test([1.0, np.nan], np.full((2, 2), np.nan), [1], 5)
    assert np.isnan(nothing.p)
    assert nothing.note
    singular = wald_test([1.0, 1.0], np.ones((2, 2)), [0, 1], 5)
    assert "full rank" in singular.note


def test_likelihood_ratio():
    found = likelihood_ratio(10.0, 1, 6.16, 2, 30)
    assert found.p == pytest.approx(stats.chi2.sf(3.84, 1))
    assert np.isnan(likelihood_ratio(10.0, 2, 10.0, 2, 30).p)
    with pytest.raises(ValueError, match="larger"):
        likelihood_ratio(10.0, 3, 10.0, 2, 30)


def test_pseudo_r2():
    perfect = pseudo_r2(0.0, 50 * np.log(0.5), 50)
    assert perfect.mcfadden == perfect.nagelkerke == 1
    assert perfect.cox_snell == pytest.approx(0.75)
    assert np.isnan(pseudo_r2(0.0, 0.0, 5).mcfadden)
    assert tjur([0, 1], [0.0, 1.0]) == 1
    assert np.isnan(tjur([1, 1], [0.5, 0.5]))


def test_contrasts_and_stack():
    found = contrasts(["b", "a", "c"], ["a", "b", "c"])
    assert found.tolist() == [[1, 0], [0, 0], [0, 1]]
    X, places = stack({"x": [1.0, 2, 3], "f": found}, 3)
    assert X.shape == (3, 3)
    assert places["f"].tolist() == [1, 2]
    assert stack({}, 3)[0].shape == (3, 0)
    with pytest.raises(ValueError, match="'c' is none of the levels"):
        contrasts(["a", "c"], ["a", "b"])
    with pytest.raises(ValueError, match="two or more"):
        contrasts(["a"], ["a"])
    with pytest.raises(ValueError, match="rows"):
        stack({"x": [1.0, 2]}, 3)
