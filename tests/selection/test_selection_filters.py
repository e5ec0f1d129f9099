"""Filters: what each keeps, against what can be worked out otherwise."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from selection_toys import table
from sklearn.feature_selection import SelectKBest, f_classif, f_regression

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.selection.clusters import ClustersSpec
from radpipe.selection.correlation import CorrelationSpec
from radpipe.selection.k_best import KBestSpec
from radpipe.selection.mrmr import MrmrSpec
from radpipe.selection.mutual_information import MutualInformationSpec
from radpipe.selection.ranking import settled, top
from radpipe.selection.relation import strength
from radpipe.selection.relieff import RelieffSpec, relieff, rrelieff
from radpipe.selection.univariable import UnivariableSpec
from radpipe.selection.vif import VifSpec
from radpipe.stats.mrmr_discrete import mrmr_discrete, three_levels
from radpipe.stats.multigroup import anova
from radpipe.stats.vif import vif

X, Y = table(seed=8, n=80, p=12)


def kept(spec, frame=X, y=Y["binary"]):
    return set(spec.build(0).fit(frame, y).get_feature_names_out())


def test_ranking_counts_a_factor_once_and_ties_go_to_the_first_name():
    names = ["a", "clinical.s=b", "clinical.s=c", "d", "e"]
    scores = np.array([1.0, 0.1, 2.0, 1.0 + 1e-15, np.nan])
    assert top(scores, names, 2).tolist() == [True, True, True, False, False]
    assert top(scores, names, 9).tolist() == [True, True, True, True, False]
    assert len(set(settled(np.array([3.0, 3.0 + 1e-14])).tolist())) == 1


def test_strength_is_zero_for_a_constant_and_largest_for_the_cause():
    frame = X.assign(t1__cause=0.0, t1__constant=2.0)
    for kind, y in Y.items():
        if kind == "multilabel":
            cause = target.indicators(y)[:, 0].astype(float)
        elif kind == "survival":
            cause = -stats.rankdata(y["time"])
        else:
            cause = (y if kind == "continuous" else target.codes(y)).astype(float)
        frame["t1__cause"] = cause
        found = dict(zip(frame, strength(frame.to_numpy(), y), strict=True))
        assert max(found, key=found.get) == "t1__cause"
        assert found["t1__constant"] == 0


def test_correlation_keeps_the_named_one_of_a_pair():
    rng = np.random.default_rng(0)
    cause = rng.normal(size=100)
    y = (cause > 0).astype(int)
    frame = pd.DataFrame({"b__a": cause + 0.1 * rng.normal(size=100), "b__z": cause})
    assert kept(CorrelationSpec(keep="first"), frame, y) == {"b__a"}
    assert kept(CorrelationSpec(keep="strongest"), frame, cause) == {"b__z"}
    assert kept(CorrelationSpec(keep="strongest"), frame[["b__a"]], y) == {"b__a"}


def test_clusters_keep_the_middle_or_the_strongest_of_each():
    rng = np.random.default_rng(1)
    core, lone = rng.normal(size=(2, 200))
    frame = pd.DataFrame(
        {
            "b__left": core + 0.3 * rng.normal(size=200),
            "b__middle": core,
            "b__right": core + 0.3 * rng.normal(size=200),
            "b__lone": lone,
        }
    )
    for rule in ({"n": 2}, {"threshold": 0.5}):
        assert kept(ClustersSpec(**rule), frame, lone) == {"b__middle", "b__lone"}
        strongest = ClustersSpec(keep="strongest", **rule)
        assert kept(strongest, frame, frame["b__right"].to_numpy()) == {"b__right", "b__lone"}
    assert kept(ClustersSpec(n=1), frame, lone) == {"b__middle"}
    assert len(kept(ClustersSpec(threshold=1.0), frame, lone)) == 4
    assert kept(ClustersSpec(n=3), frame[["b__lone"]], lone) == {"b__lone"}
    with pytest.raises(ValueError, match="none of threshold, n"):
        ClustersSpec()


def test_vif_goes_down_as_the_statistics_have_it():
    rng = np.random.default_rng(2)
    level = rng.integers(0, 3, 80)
    frame = X.assign(
        **{
            "clinical.s=b": 1.0 * (level == 1),
            "clinical.s=c": 1.0 * (level == 2),
            "t1__site": level + 0.2 * rng.normal(size=80),
        }
    )
    terms = {name: [name] for name in X} | {"t1__site": ["t1__site"]}
    terms["clinical.s"] = ["clinical.s=b", "clinical.s=c"]
    while True:
        columns = [c for own in terms.values() for c in own]
        centred = frame[columns] - frame[columns].mean()
        places = {t: [columns.index(c) for c in own] for t, own in terms.items()}
        found = vif(np.linalg.inv(centred.T @ centred), places)
        worst = max(found, key=lambda t: found[t].scaled ** 2)
        if found[worst].scaled ** 2 <= 3:
            break
        del terms[worst]
    expected = {c for own in terms.values() for c in own}
    assert kept(VifSpec(threshold=3), frame) == expected
    assert len(expected) < frame.shape[1]


def test_vif_of_columns_that_determine_one_another():
    rng = np.random.default_rng(3)
    wide = pd.DataFrame(rng.normal(size=(20, 50)), columns=[f"b__{i:02d}" for i in range(50)])
    left = sorted(kept(VifSpec(threshold=5), wide, Y["binary"][:20]))
    assert 1 < len(left) < 19
    assert np.diag(np.linalg.inv(np.corrcoef(wide[left].T))).max() <= 5
    frame = pd.DataFrame(rng.normal(size=(30, 2)), columns=["b__a", "b__b"])
    frame = frame.assign(b__sum=frame["b__a"] + frame["b__b"], b__lone=rng.normal(size=30))
    assert kept(VifSpec(), frame.assign(b__one=1.0), Y["binary"][:30]) == {
        "b__a",
        "b__b",
        "b__lone",
    }
    assert kept(VifSpec(), pd.DataFrame({"b__a": frame["b__a"], "b__c": frame["b__a"]})) == {"b__a"}


def test_univariable_by_false_discovery_rate():
    selector = UnivariableSpec(fdr=0.05, test="logistic").build(0).fit(X, Y["binary"])
    adjusted = stats.false_discovery_control(selector.p_values_)
    assert selector.get_support().tolist() == (adjusted <= 0.05).tolist()
    assert 0 < selector.get_support().sum() < 12
    with pytest.raises(ValueError, match=r"p beside fdr; give one"):
        UnivariableSpec(fdr=0.05, p=0.1)


@pytest.mark.parametrize(
    ("endpoint", "test", "alone"),
    [
        ("multiclass", "kruskal", lambda x, y: stats.kruskal(*[x[y == c] for c in range(3)])),
        ("multiclass", "anova", lambda x, y: stats.f_oneway(*[x[y == c] for c in range(3)])),
        ("ordinal", "auto", stats.spearmanr),
        ("ordinal", "kruskal", lambda x, y: stats.kruskal(*[x[y == c] for c in range(3)])),
        ("continuous", "pearson", stats.pearsonr),
        ("continuous", "spearman", stats.spearmanr),
    ],
)
def test_univariable_tests_of_other_endpoints(endpoint, test, alone):
    y = Y[endpoint]
    plain = y if endpoint == "continuous" else target.codes(y)
    found = UnivariableSpec(p=0.5, test=test).build(0).fit(X, y).p_values_
    assert np.allclose(found, [alone(X[c].to_numpy(), plain).pvalue for c in sorted(X)])


def test_univariable_of_labels_is_the_best_one_corrected_for_their_number():
    y = Y["multilabel"]
    each = [
        UnivariableSpec(n=1).build(0).fit(X, target.binary(label)).p_values_
        for label in target.indicators(y).T
    ]
    found = UnivariableSpec(n=1).build(0).fit(X, y).p_values_
    assert np.allclose(found, np.minimum(1, 2 * np.min(each, axis=0)))


def test_univariable_tests_a_factor_of_any_endpoint_as_a_whole():
    level = np.random.default_rng(3).integers(0, 3, 80)
    frame = pd.DataFrame(
        {
            "clinical.s=b": (level == 1) * 1.0,
            "clinical.s=c": (level == 2) * 1.0,
            "t1__a": X.iloc[:, 0],
        }
    )
    parts = [Y["continuous"][level == k] for k in range(3)]
    for test, p in (("pearson", anova(parts).p), ("auto", stats.kruskal(*parts).pvalue)):
        found = UnivariableSpec(p=0.5, test=test).build(0).fit(frame, Y["continuous"]).p_values_
        assert np.allclose(found[:2], p)
    counts = pd.crosstab(level, target.codes(Y["multiclass"]))
    found = UnivariableSpec(p=0.5).build(0).fit(frame, Y["multiclass"]).p_values_
    assert np.allclose(found[:2], stats.chi2_contingency(counts, correction=False)[1])


def test_a_column_of_missing_values_is_no_level_of_its_variable():
    """`clinical.age=missing` stands beside `clinical.age`, which is a number."""
    frame = pd.DataFrame({"clinical.age": X.iloc[:, 0], "clinical.age=missing": Y["binary"] * 1.0})
    found = UnivariableSpec(p=0.5, test="t").build(0).fit(frame, Y["binary"]).p_values_
    values = frame["clinical.age"].to_numpy()
    p = stats.ttest_ind(values[Y["binary"] == 1], values[Y["binary"] == 0], equal_var=False).pvalue
    assert found[0] == pytest.approx(p)
    assert found[1] < 1e-10


def test_k_best_is_scikit_learns():
    for endpoint, f in (("multiclass", f_classif), ("continuous", f_regression)):
        y = Y[endpoint]
        plain = y if endpoint == "continuous" else target.codes(y)
        known = SelectKBest(f, k=4).fit(X, plain)
        assert kept(KBestSpec(n=4), X, y) == set(X.columns[known.get_support()])
    assert kept(KBestSpec(n=99), X.assign(t1__one=1.0)) == set(X)


def test_mutual_information_sees_what_has_no_slope():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(rng.normal(size=(200, 8)), columns=[f"b__{i}" for i in range(8)])
    y = frame["b__5"].to_numpy() ** 2 + 0.1 * rng.normal(size=200)
    assert kept(MutualInformationSpec(n=1), frame, y) == {"b__5"}
    assert kept(MutualInformationSpec(n=1), frame, (y > 0.5).astype(int)) == {"b__5"}
    assert kept(KBestSpec(n=1), frame, y) != {"b__5"}


def parity(seed=0, n=120):
    """An outcome that no column tells alone, but two do together."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 6)), columns=[f"b__{i}" for i in range(6)])
    return frame, ((frame["b__1"] > 0) ^ (frame["b__4"] > 0)).to_numpy().astype(int)


def test_relieff_sees_columns_that_act_together():
    frame, y = parity()
    assert kept(RelieffSpec(n=2), frame, y) == {"b__1", "b__4"}
    assert kept(RelieffSpec(n=2), frame, y + 0.01 * frame["b__0"].to_numpy()) == {"b__1", "b__4"}


def test_relieff_is_the_sum_over_cases():
    rng = np.random.default_rng(1)
    values, labels = rng.random((15, 3)), rng.integers(0, 3, 15)
    apart = np.abs(values[:, None] - values).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    weights = np.zeros(3)
    for i in range(15):
        for c in range(3):
            near = [o for o in np.argsort(apart[i]) if labels[o] == c and o != i][:2]
            differ = np.abs(values[near] - values[i]).mean(axis=0) / 15
            share = np.mean(labels == c) / (1 - np.mean(labels == labels[i]))
            weights += -differ if c == labels[i] else share * differ
    assert np.allclose(relieff(values, apart, labels, 2), weights)
    numbers = rng.random(15)
    both, column, outcome = np.zeros(3), np.zeros(3), 0.0
    for i in range(15):
        near = np.argsort(apart[i])[:2]
        share = np.exp(-((np.array([1, 2]) / 20) ** 2))
        share /= share.sum()
        gap = np.abs(numbers[near] - numbers[i]) / np.ptp(numbers)
        outcome += (share * gap).sum()
        column += share @ np.abs(values[near] - values[i])
        both += (share * gap) @ np.abs(values[near] - values[i])
    expected = both / outcome - (column - both) / (15 - outcome)
    assert np.allclose(rrelieff(values, apart, numbers, 2), expected)


def test_relieff_never_compares_a_case_with_its_own_group():
    """Copies of every case, in its group, are as if they were not there but for their number."""
    frame, y = parity(2, 60)
    once = RelieffSpec(n=2, neighbours=3).build(0).fit(frame, y).scores_
    twice = RelieffSpec(n=2, neighbours=6).build(0)
    twice.fit(pd.concat([frame, frame]), np.r_[y, y], np.r_[np.arange(60), np.arange(60)])
    assert np.allclose(once, twice.scores_)


@pytest.mark.parametrize(("criterion", "known"), [("MID_levels", "MID"), ("JMI", "JMI")])
def test_mrmr_on_levels_is_that_of_the_statistics(criterion, known):
    for endpoint in ("binary", "multiclass"):
        y = Y[endpoint]
        order = mrmr_discrete(three_levels(X), target.codes(y), 4, known).order
        selector = MrmrSpec(n=4, criterion=criterion).build(0).fit(X, y)
        assert selector.ranking_ == [X.columns[i] for i in order]


@pytest.mark.parametrize("criterion", ["MID", "MIQ", "FCD", "FCQ"])
def test_mrmr_of_two_classes_is_the_binary_one(criterion):
    spec = MrmrSpec(n=5, criterion=criterion)
    two = target.multiclass(Y["binary"], 2)
    one = spec.build(0).fit(X, Y["binary"]).ranking_
    assert spec.build(0).fit(X, two).ranking_ == one


def test_mrmr_on_levels_needs_classes():
    spec = MrmrSpec(criterion="JMI")
    assert not spec.takes("survival")
    assert "FCQ" in spec.misfit("survival")[1]
    with pytest.raises(RadpipeError, match="JMI"):
        kept(spec, X, Y["survival"])
