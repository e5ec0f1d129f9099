"""What each selector keeps, against what can be worked out otherwise."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.selection.chain import run_chain
from radpipe.selection.correlation import CorrelationSpec, absolute_correlation
from radpipe.selection.lasso import LassoSpec
from radpipe.selection.mrmr import MrmrSpec
from radpipe.selection.univariable import UnivariableSpec
from radpipe.selection.variance import VarianceSpec

RNG = np.random.default_rng(11)
X = pd.DataFrame(RNG.normal(size=(50, 12)), columns=[f"b__{c}" for c in "abcdefghijkl"])
Y = (X["b__c"] + RNG.normal(size=50) > 0).to_numpy().astype(int)


def kept(spec, frame=X, y=Y):
    return list(spec.build(0).fit(frame, y).get_feature_names_out())


def test_variance_is_that_of_the_sample():
    frame = pd.DataFrame({"b__a": [0.0, 1.0], "b__b": [2.0, 2.0]})
    assert kept(VarianceSpec(threshold=0.49), frame, np.array([0, 1])) == ["b__a"]
    assert kept(VarianceSpec(threshold=0.5), frame, np.array([0, 1])) == []


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_correlation_leaves_no_pair_and_drops_nothing_needlessly(method):
    frame = X.assign(**{f"b__z{c[-1]}": X[c] + 0.3 * RNG.normal(size=50) for c in X})
    left = kept(CorrelationSpec(threshold=0.8, method=method), frame)
    r = frame.corr(method=method).abs()
    inside = r.loc[left, left].to_numpy() - np.eye(len(left))
    assert inside.max() <= 0.8
    dropped = [c for c in frame if c not in left]
    assert dropped
    assert all(r.loc[c, left].max() > 0.8 for c in dropped)


def test_correlation_matrix_is_pandas():
    for method in ("pearson", "spearman"):
        ours = absolute_correlation(X.to_numpy(), method)
        assert np.allclose(ours, X.corr(method=method).abs().to_numpy(), atol=1e-12)


def test_correlation_keeps_the_less_correlated_of_a_pair_then_the_first_name():
    frame = pd.DataFrame({"b__b": X["b__a"], "b__a": X["b__a"], "b__c": X["b__c"]})
    assert set(kept(CorrelationSpec(), frame)) == {"b__a", "b__c"}
    # x and y repeat each other; x goes further with z, so y is the one that stays
    z = X["b__d"].to_numpy()
    y = X["b__e"].to_numpy()
    frame = pd.DataFrame({"b__x": y + 0.3 * z, "b__y": y, "b__z": z})
    assert set(kept(CorrelationSpec(threshold=0.9), frame)) == {"b__y", "b__z"}


def test_univariable_by_p_and_by_number():
    p = {c: stats.mannwhitneyu(X[c][Y == 1], X[c][Y == 0], method="exact").pvalue for c in X}
    assert set(kept(UnivariableSpec(p=0.3, test="mann_whitney"))) == {c for c in X if p[c] < 0.3}
    assert set(kept(UnivariableSpec(n=3, test="mann_whitney"))) == set(
        sorted(p, key=p.__getitem__)[:3]
    )
    t = {c: stats.ttest_ind(X[c][Y == 1], X[c][Y == 0], equal_var=False).pvalue for c in X}
    assert set(kept(UnivariableSpec(p=0.3, test="t"))) == {c for c in X if t[c] < 0.3}


def test_univariable_tests_a_factor_as_a_whole():
    level = np.repeat([0, 1, 2], [20, 15, 15])
    y = np.r_[np.zeros(20), np.ones(12), np.zeros(18)].astype(int)
    frame = pd.DataFrame(
        {"clinical.s=b": (level == 1).astype(float), "clinical.s=c": (level == 2).astype(float)}
    )
    counts = [[np.sum((level == k) & (y == c)) for c in (0, 1)] for k in range(3)]
    p = stats.chi2_contingency(counts, correction=False)[1]
    selector = UnivariableSpec(p=0.05).build(0).fit(frame, y)
    assert np.allclose(selector.p_values_, p)
    assert len(selector.get_feature_names_out()) == 2


def test_univariable_refuses_a_test_of_the_other_endpoint():
    assert not UnivariableSpec(p=0.1, test="t").takes("survival")
    with pytest.raises(RadpipeError, match="does not fit"):
        kept(UnivariableSpec(p=0.1, test="cox"))
    with pytest.raises(ValueError, match="p beside n"):
        UnivariableSpec(p=0.1, n=3)


GOLDEN = next(
    (
        p
        for p in (
            Path(__file__).parents[2] / "tests/golden/cases",
            Path(__file__).parents[3] / "shared/golden/cases",
        )
        if (p / "mrmr").is_dir()
    ),
    None,
)


@pytest.mark.skipif(GOLDEN is None, reason="the golden cases are not there")
@pytest.mark.parametrize(
    ("criterion", "key"), [("MID", "corr_mi_MID"), ("MIQ", "corr_mi_MIQ"), ("FCQ", "FCQ")]
)
def test_mrmr_keeps_what_r_keeps(criterion, key):
    table = pd.read_csv(GOLDEN / "mrmr/input.csv")
    expected = json.loads((GOLDEN / "mrmr/expected.json").read_text())["values"][key]["features"]
    target_column = next(c for c in table if not c.startswith("V"))
    y = pd.factorize(table[target_column], sort=True)[0]
    frame = table[[c for c in table if c.startswith("V")]]
    selector = MrmrSpec(n=10, criterion=criterion).build(0).fit(frame, y)
    assert set(selector.get_feature_names_out()) == set(expected[:10])


def test_lasso_finds_the_signal_and_keeps_nothing_of_too_few_events():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(120, 10)), columns=list("abcdefghij"))
    y = (2 * frame["d"] + rng.normal(size=120) > 0).to_numpy().astype(int)
    assert "d" in kept(LassoSpec(choose="1se"), frame, y)
    few = np.zeros(120, dtype=int)
    few[:2] = 1
    assert kept(LassoSpec(), frame, few) == []


def test_chain_logs_each_step_and_says_why_nothing_is_left():
    steps = [CorrelationSpec(threshold=0.95), UnivariableSpec(n=4), VarianceSpec(threshold=1e9)]
    result = run_chain(steps, X, Y, seed=1)
    assert [s["kind"] for s in result.log] == ["correlation", "univariable", "variance"]
    assert result.log[1] == {"kind": "univariable", "entered": 12, "kept": 4, "dropped": 8}
    assert result.selected == []
    assert "variance kept none of 4 columns" in result.reason
    whole = run_chain([], X, Y, seed=1)
    assert whole.selected == sorted(X.columns)
    assert whole.reason == ""


def test_chain_names_a_factor_by_its_variable():
    frame = X.assign(**{"clinical.s=b": (X["b__a"] > 0) * 1.0, "clinical.s=c": Y * 1.0})
    result = run_chain([VarianceSpec()], frame, Y, seed=1)
    assert "clinical.s" in result.selected


def test_chain_on_survival():
    time = np.random.default_rng(2).exponential(np.exp(-2 * X["b__c"]))
    y = target.survival(time, np.ones(50))
    steps = [CorrelationSpec(), UnivariableSpec(p=0.01), MrmrSpec(n=2), LassoSpec()]
    assert "b__c" in run_chain(steps, X, y, seed=1).selected
