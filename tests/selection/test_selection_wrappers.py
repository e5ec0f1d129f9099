"""Selectors that fit models: what each keeps, against what can be worked out otherwise."""

import numpy as np
import pandas as pd
import pytest
from selection_toys import outcomes
from sklearn.decomposition import PCA
from sklearn.feature_selection import RFE
from sklearn.linear_model import Ridge
from sklearn.svm import SVC

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.selection import boruta
from radpipe.selection.boruta import BorutaSelector, BorutaSpec
from radpipe.selection.chain import run_chain
from radpipe.selection.elastic_net import ElasticNetSpec
from radpipe.selection.forest_importance import ForestImportanceSpec
from radpipe.selection.lasso import LassoSpec
from radpipe.selection.pca import PcaSpec
from radpipe.selection.rfe import RfeSpec
from radpipe.selection.ridge import cox_ridge
from radpipe.selection.stability import StabilitySpec, first_on_path
from radpipe.selection.stepwise import StepwiseSpec
from radpipe.selection.survival_forest_importance import SurvivalForestImportanceSpec, on_grid
from radpipe.selection.univariable import UnivariableSpec
from radpipe.selection.univariable_multivariable import UnivariableMultivariableSpec
from radpipe.stats.cox import fit_cox
from radpipe.stats.cox_likelihood import moments, risk_sets
from radpipe.stats.linear import fit_linear
from radpipe.stats.logistic import fit_logistic

N = 150
RNG = np.random.default_rng(21)
X = pd.DataFrame(RNG.normal(size=(N, 10)), columns=[f"b__{c}" for c in "abcdefghij"])
SIGNAL = {"b__c", "b__g"}
Y = outcomes(2 * X["b__c"].to_numpy() - 2 * X["b__g"].to_numpy(), RNG)
NOISE = outcomes(RNG.normal(size=N), RNG)
EVENT = Y["survival"]["event"].astype(float)


def kept(spec, frame=X, y=Y["binary"], groups=None):
    return set(spec.build(0).fit(frame, y, groups).get_feature_names_out())


def z(frame):
    return ((frame - frame.mean()) / frame.std()).to_numpy()


@pytest.mark.parametrize("endpoint", list(Y))
@pytest.mark.parametrize("spec", [LassoSpec(choose="1se"), ElasticNetSpec(choose="1se")])
def test_penalised_models_find_the_signal(spec, endpoint):
    found = kept(spec, X, Y[endpoint])
    assert found >= SIGNAL
    assert len(found) < 10 or spec.kind == "elastic_net"


def test_the_ridge_part_keeps_columns_that_go_together():
    twins = X.assign(b__twin=X["b__c"] + 0.05 * np.random.default_rng(1).normal(size=N))
    for endpoint in ("binary", "continuous", "survival"):
        alone = kept(LassoSpec(choose="1se"), twins, Y[endpoint])
        together = kept(ElasticNetSpec(choose="1se", alpha=0.1), twins, Y[endpoint])
        assert {"b__c", "b__twin"} <= together
        assert len(alone & {"b__c", "b__twin"}) < 2 or alone < together
    assert kept(ElasticNetSpec(alpha=1.0)) == kept(LassoSpec())


def test_boruta_confirms_the_signal_and_rejects_noise():
    spec = BorutaSpec(trees=10, rounds=12, p=0.1)
    for endpoint in ("binary", "continuous"):
        found = spec.build(0).fit(X, Y[endpoint])
        assert set(found.get_feature_names_out()) == SIGNAL
        assert (found.decision_ == "confirmed").sum() == 2
    assert kept(spec, X, NOISE["binary"]) == set()
    never = BorutaSpec(trees=5, rounds=1)  # one round decides nothing
    assert kept(never) == set()
    assert kept(never.model_copy(update={"undecided": "keep"})) == set(X)


def test_every_shadow_of_boruta_has_an_order_of_its_own(monkeypatch):
    seen = []

    def spied(table, y, *settings):
        seen.append(table)
        return boruta_forest(table, y, *settings)

    boruta_forest = boruta.grow_forest
    monkeypatch.setattr(boruta, "grow_forest", spied)
    ranks = pd.DataFrame({c: np.arange(N) + N * i for i, c in enumerate("abc")})
    for columns in ("abc", "cba"):
        BorutaSpec(trees=2, rounds=20).build(0).fit(ranks[list(columns)], Y["binary"])
    first, again = seen[0], seen[len(seen) // 2]
    shadows = first[:, 3:] - N * np.tile(np.arange(3), 2)  # at least five are made: six of three
    assert (first[:, :3] == ranks).all(axis=None)
    assert np.array_equal(np.sort(shadows, axis=0), ranks.iloc[:, [0] * 6])
    assert len({tuple(shadow) for shadow in shadows.T}) == 6
    assert (first == again).all()


@pytest.mark.parametrize("undecided", ["drop", "keep"])
def test_the_rounds_that_boruta_spares_would_change_nothing(monkeypatch, undecided):
    spec = BorutaSpec(trees=5, rounds=24, p=0.2, undecided=undecided)
    found = [spec.build(seed).fit(X, Y["binary"]) for seed in range(2)]
    monkeypatch.setattr(BorutaSelector, "_open", lambda self, *_: self.rounds_ < self.rounds)
    for seed, spared in enumerate(found):
        whole = spec.build(seed).fit(X, Y["binary"])
        assert spared.rounds_ < whole.rounds_ == 24
        assert (spared.get_support() == whole.get_support()).all()


def test_rfe_is_scikit_learns():
    svm = RFE(SVC(kernel="linear"), n_features_to_select=3).fit(z(X), Y["binary"])
    assert kept(RfeSpec(n=3, step=0.01)) == set(X.columns[svm.support_])
    scale = Y["continuous"].std(ddof=1)
    ridge = RFE(Ridge(0.5), n_features_to_select=4).fit(z(X), Y["continuous"] / scale)
    spec = RfeSpec(n=4, step=0.01, cost=2.0)
    assert kept(spec, X, Y["continuous"]) == set(X.columns[ridge.support_])


@pytest.mark.parametrize("endpoint", list(Y))
def test_rfe_finds_the_signal(endpoint):
    assert kept(RfeSpec(n=2), X, Y[endpoint]) == SIGNAL


def test_rfe_says_which_model_fits():
    assert not RfeSpec(model="cox").takes("binary")
    assert "svm" in RfeSpec(model="cox").misfit("binary")[1]
    with pytest.raises(RadpipeError, match="cox"):
        kept(RfeSpec(model="cox"))
    assert kept(RfeSpec(n=2, model="logistic")) == SIGNAL


def test_cox_ridge_is_cox_without_a_penalty_and_solves_its_equation_with_one():
    y = Y["survival"]
    free = cox_ridge(z(X), y, 1e9)
    assert np.allclose(free, fit_cox(z(X), y["time"], EVENT).coef, atol=1e-4)
    wide = np.random.default_rng(4).normal(size=(N, 400))
    wide -= wide.mean(axis=0)
    beta = cox_ridge(wide, y, 0.5)
    sets = risk_sets(y["time"], y["event"], "efron", np.zeros(N))
    rows = wide[sets.order]
    assert np.allclose(0.5 * moments(rows, rows @ beta, sets).score, beta, atol=1e-5)
    assert np.abs(beta).max() > 0.01


@pytest.mark.parametrize("endpoint", sorted(set(Y) - {"survival"}))
def test_forest_importance_finds_the_signal(endpoint):
    assert kept(ForestImportanceSpec(n=2, trees=60), X, Y[endpoint]) == SIGNAL
    found = ForestImportanceSpec(threshold=2, trees=60).build(0).fit(X, Y[endpoint])
    assert found.scores_.sum() == pytest.approx(1)
    assert set(found.get_feature_names_out()) == set(X.columns[found.scores_ > 0.2])


def test_survival_forest_importance():
    pytest.importorskip("sksurv")
    y = Y["survival"]
    assert kept(SurvivalForestImportanceSpec(n=2, trees=40), X, y) == SIGNAL
    assert kept(SurvivalForestImportanceSpec(threshold=0.02, trees=40, times=None), X, y) == SIGNAL
    with pytest.raises(ValueError, match="none of n"):
        SurvivalForestImportanceSpec()


def test_times_on_a_grid_keep_their_order():
    y = target.survival([1, 2, 3, 4, 5, 9, 7], [1, 0, 1, 0, 1, 0, 1])
    assert on_grid(y, 2)["time"].tolist() == [4, 4, 4, 4, 7, 9, 7]
    assert on_grid(y, 2)["event"].tolist() == y["event"].tolist()
    assert on_grid(y, 2)["time"][:3].tolist() == [4.0, 4.0, 4.0]


@pytest.mark.parametrize("endpoint", ["binary", "continuous", "survival"])
@pytest.mark.parametrize("direction", ["forward", "backward", "both"])
def test_stepwise_finds_the_signal(endpoint, direction):
    for spec in (
        StepwiseSpec(criterion="bic", direction=direction),
        StepwiseSpec(criterion="p", direction=direction, enter=0.001, leave=0.001),
    ):
        assert kept(spec, X, Y[endpoint]) == SIGNAL
    assert kept(StepwiseSpec(direction=direction), X, Y[endpoint]) >= SIGNAL


def test_stepwise_takes_a_factor_as_one_term():
    level = np.random.default_rng(5).integers(0, 3, N)
    frame = X.assign(**{"clinical.s=b": 1.0 * (level == 1), "clinical.s=c": 1.0 * (level == 2)})
    y = (level == 2) + 0.5 * np.random.default_rng(6).normal(size=N)
    found = StepwiseSpec(criterion="p", direction="forward").build(0).fit(frame, y)
    assert found.changes_[0] == "+ clinical.s"
    assert {"clinical.s=b", "clinical.s=c"} <= set(found.get_feature_names_out())


def test_stepwise_refuses_what_leads_nowhere():
    wide = pd.DataFrame(np.zeros((5, 6)), columns=list("abcdef"))
    with pytest.raises(RadpipeError, match=r"6 columns on 5 training rows.*put a selector before"):
        kept(StepwiseSpec(), wide, np.array([0, 1, 0, 1, 0]))
    with pytest.raises(ValueError, match="come and go"):
        StepwiseSpec(criterion="p", enter=0.2, leave=0.1)
    with pytest.raises(ValueError, match="leads nowhere"):
        StepwiseSpec(direction="backward", start="none")


@pytest.mark.parametrize("endpoint", ["binary", "continuous", "survival"])
def test_univariable_and_then_multivariable(endpoint):
    y = Y[endpoint]
    spec = UnivariableMultivariableSpec(p=0.2)
    found = spec.build(0).fit(X, y)
    alone = {"binary": "logistic", "continuous": "pearson", "survival": "cox"}[endpoint]
    passed = sorted(kept(UnivariableSpec(p=0.2, test=alone), X, y))
    assert found.passed_ == passed
    both = X[passed]
    if endpoint == "binary":
        p = fit_logistic(both, y).p[1:]
    elif endpoint == "continuous":
        p = fit_linear(both, y).p[1:]
    else:
        p = fit_cox(both, y["time"], EVENT).p
    assert list(found.p_multivariable_.values()) == pytest.approx(list(p), rel=1e-6)
    assert set(found.get_feature_names_out()) == {
        c for c, v in zip(passed, p, strict=True) if v < 0.05
    }


def test_a_separated_multivariable_model_keeps_nothing():
    y = (X["b__c"] > 0).to_numpy().astype(int)
    found = UnivariableMultivariableSpec().build(0).fit(X, y)
    assert "b__c" in found.passed_
    assert found.p_multivariable_ == {}
    assert not found.get_support().any()


def test_pca_is_scikit_learns_but_for_the_sign():
    known = PCA(4).fit(z(X))
    found = PcaSpec(n=4).build(0).fit(X, None)
    made = found.transform(X)
    scores = known.transform(z(X))
    assert np.allclose(np.abs(made), np.abs(scores))
    assert np.allclose(found.explained_, known.explained_variance_ratio_)
    loadings = np.array(found.projection_.loadings)
    assert (loadings[np.abs(loadings).argmax(axis=0), range(4)] > 0).all()
    assert list(made) == [f"pca__component{i}" for i in range(1, 5)]


def test_pca_by_share_of_variance_and_without_constants():
    share = PCA().fit(z(X)).explained_variance_ratio_.cumsum()
    found = PcaSpec(variance=0.6).build(0).fit(X.assign(b__one=1.0), None)
    assert len(found.get_feature_names_out()) == int(np.argmax(share >= 0.6)) + 1
    assert "b__one" not in found.projection_.columns
    assert len(PcaSpec(variance=1.0).build(0).fit(X, None).get_feature_names_out()) == 10
    assert len(PcaSpec(n=50).build(0).fit(X.iloc[:5], None).get_feature_names_out()) == 4
    with pytest.raises(ValueError, match="none of n"):
        PcaSpec()


def test_pca_in_a_chain_leaves_its_weights():
    result = run_chain([PcaSpec(n=3), UnivariableSpec(n=1)], X, Y["binary"], seed=0)
    assert result.projection.names[0].startswith("pca__component")
    assert len(result.projection.names) == 1
    assert result.selected == sorted(X)
    made = PcaSpec(n=3).build(0).fit(X, None).transform(X)
    again = result.projection.transform(X)
    assert np.allclose(again, made[list(again)])


@pytest.mark.parametrize("endpoint", list(Y))
def test_stability_keeps_the_signal_and_no_noise(endpoint):
    spec = StabilitySpec(halves=20, errors=2)
    found = spec.build(0).fit(X, Y[endpoint])
    assert set(found.get_feature_names_out()) >= SIGNAL
    assert found.frequency_[[2, 6]].min() > np.delete(found.frequency_, [2, 6]).max()
    assert len(kept(spec, X, NOISE[endpoint])) <= 2


@pytest.mark.parametrize("endpoint", ["multilabel", "multiclass"])
def test_stability_keeps_no_more_noise_than_it_says_however_many_labels_or_classes(endpoint):
    n, p, many, draws = 80, 40, 8, 6
    kept_wrongly = 0
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        noise = pd.DataFrame(rng.normal(size=(n, p)), columns=[f"b__{i:02d}" for i in range(p)])
        if endpoint == "multilabel":
            y = target.multilabel(rng.random((n, many)) < 0.4)
        else:
            y = target.multiclass(rng.permutation(np.arange(n) % many), many)
        kept_wrongly += len(kept(StabilitySpec(halves=10), noise, y))
    assert kept_wrongly <= draws


def test_the_limits_of_stability_hold_its_bound():
    for errors in (0.2, 1.0, 3.0):
        for threshold in (0.6, 0.75, 0.9):
            for number in (2, 5, 10, 300):
                for paths in (1, 3, 8):
                    selector = StabilitySpec(errors=errors, threshold=threshold).build(0)
                    most, least = selector._limits(number, paths)
                    assert paths * most**2 / (2 * least - 1) / number <= errors * (1 + 1e-6)
                    assert most >= 1
                    assert least >= threshold
                    # One that the bound does not allow at all can be kept of no half.
                    assert (least > 1 + 1e-12) == (errors * number < paths * (1 - 1e-12))
    assert StabilitySpec().build(0)._limits(50, 1) == (5, 0.75)
    assert StabilitySpec().build(0)._limits(50, 2) == (3, 0.75)
    assert StabilitySpec().build(0)._limits(10, 8) == (1, 0.9)


def test_stability_that_allows_no_column_says_which_errors_would():
    rng = np.random.default_rng(3)
    X = pd.DataFrame(rng.normal(size=(60, 4)), columns=[f"t1__f{i}" for i in range(4)])
    y = target.binary((X["t1__f0"] > 0).to_numpy())
    found = run_chain([StabilitySpec(errors=0.2)], X, y, 0)
    assert found.reason == (
        "stability kept none of 4 columns: errors 0.2 with 4 variables allows not even one; set "
        "errors to 0.25 or more"
    )
    assert run_chain([StabilitySpec(errors=0.25)], X, y, 0).selected == ["t1__f0"]
    labels = target.multilabel(np.tile(X["t1__f0"].to_numpy()[:, None] > 0, 6))
    assert (
        "errors 1 with 4 variables and 6 labels"
        in run_chain([StabilitySpec()], X, labels, 0).reason
    )
    assert run_chain([StabilitySpec(errors=1.5)], X, labels, 0).selected == ["t1__f0"]


def test_stability_with_another_selector_keeps_groups_whole(monkeypatch):
    groups = np.repeat(np.arange(N // 3), 3)
    parts = []
    whole = UnivariableSpec(n=2).build(0).__class__

    def spied(self, X, y, groups=None):
        parts.append(set(groups))
        return real(self, X, y, groups)

    real = whole.fit
    monkeypatch.setattr(whole, "fit", spied)
    spec = StabilitySpec(halves=6, selector={"kind": "univariable", "n": 2})
    assert kept(spec, X, Y["continuous"], groups) == SIGNAL
    assert len(parts) == 6
    assert all(
        a.isdisjoint(b) and len(a | b) == N // 3
        for a, b in zip(parts[::2], parts[1::2], strict=True)
    )


def test_stability_takes_what_its_selector_takes():
    inside = StabilitySpec(selector={"kind": "k_best", "n": 3})
    assert inside.takes("binary")
    assert not inside.takes("survival")
    assert [part.kind for part in inside.parts()] == ["stability", "k_best"]
    assert inside.model_dump(mode="json")["selector"] == {"kind": "k_best", "n": 3}
    for refused in ({"kind": "pca", "n": 2}, "stability", "icc"):
        with pytest.raises(ValueError, match="a selector that chooses columns"):
            StabilitySpec(selector=refused)


def test_the_first_on_a_path_are_those_of_the_largest_penalties():
    owner = np.arange(10)
    found = first_on_path(X.to_numpy(), Y["continuous"], owner, 1)
    r = np.abs(np.corrcoef(X.T, Y["continuous"])[-1, :-1])
    assert np.flatnonzero(found).tolist() == [int(r.argmax())]
    assert first_on_path(X.to_numpy(), Y["continuous"], owner, 2).sum() == 2
    assert not first_on_path(np.ones((9, 10)), np.arange(9.0), owner, 2).any()
