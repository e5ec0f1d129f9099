"""Selections of single inputs: a model prepares their columns as the selections did."""

import numpy as np
import pandas as pd
import pytest

from radpipe.core import target
from radpipe.models.chains import chosen, run_chains
from radpipe.models.crossfit import fit_scope
from radpipe.models.inputs import Inputs
from radpipe.models.linear import Linear, LinearSpec
from radpipe.models.permute import Procedure, cross_validated_metric
from radpipe.models.prepare import Prepare
from radpipe.preparation.registry import PREPARATION
from radpipe.resampling.plan import make_plan
from radpipe.resampling.schemes import KFoldSpec
from radpipe.resampling.streams import integer
from radpipe.selection.registry import SELECTORS

N, SEED = 60, 7
STEPS = {
    "combat": (PREPARATION["combat"](batch="scanner"),),
    "knn": (PREPARATION["impute"](method="knn"),),
    "iterative": (PREPARATION["impute"](method="iterative", predictors=3, rounds=3),),
    "median": (),
}
BLOCKS = {"a": 6, "b": 4, "c": 3}


def cohort():
    """Return the inputs: three blocks with gaps and differences between scanners."""
    rng = np.random.default_rng(3)
    latent, scanner = rng.normal(size=(N, 2)), rng.integers(0, 2, N)
    names = [f"{block}__f{i}" for block, p in BLOCKS.items() for i in range(p)]
    X = latent[:, rng.integers(0, 2, len(names))] + 0.7 * rng.normal(size=(N, len(names)))
    X = X * (1 + scanner[:, None]) + scanner[:, None] * rng.normal(size=len(names))
    X[rng.random(X.shape) < 0.08] = np.nan
    static = pd.DataFrame(X, columns=names, index=[f"P{i:02d}" for i in range(N)])
    static["batch.scanner"] = np.array(["A", "B"])[scanner]
    y = target.continuous(latent[:, 0] + 0.3 * rng.normal(size=N))
    return Inputs(static, np.asarray(static.index, dtype=str)), y


@pytest.mark.parametrize("name", list(STEPS))
def test_what_is_selected_is_fitted_on_the_values_that_it_was_selected_by(name):
    inputs, y = cohort()
    steps = STEPS[name]
    plan = make_plan(y, inputs.groups, ["train"] * N, KFoldSpec(folds=2, inner_folds=2), SEED)
    selectors = [SELECTORS["pca"](n=2)]
    of = {block: inputs.of([block]) for block in ("a", "b")}
    found = {
        block: run_chains(selectors, inputs.only(own), y, plan, SEED, preparation=steps)
        for block, own in of.items()
    }
    every = chosen(found, inputs.of(["c"]), list(of.values()))
    spec, scope = LinearSpec(inputs=["a", "b", "c"]), plan.scopes[0]
    _, pipeline = fit_scope("m", spec, inputs, y, scope, SEED, every, preparation=steps)
    rows = inputs.training(scope, scope.train)
    used = pipeline.prepare_.transform(rows)
    for block, own in of.items():
        seed = integer(SEED, "preparation", scope.name)
        table = inputs.only(own).training(scope, scope.train)
        seen = Prepare(steps=steps, seed=seed).fit_transform(table)
        np.testing.assert_allclose(used[own], seen[own], rtol=1e-9)
        projection = found[block][scope.name].projection
        np.testing.assert_allclose(used[projection.columns].mean(), projection.centre, atol=1e-9)
        np.testing.assert_allclose(used[projection.columns].std(), projection.scale, rtol=1e-9)
    whole = Prepare(steps=steps, seed=seed).fit_transform(rows)
    np.testing.assert_allclose(used[inputs.of(["c"])], whole[inputs.of(["c"])], rtol=1e-9)


def test_where_one_selection_takes_all_inputs_there_are_no_parts():
    inputs, y = cohort()
    plan = make_plan(y, inputs.groups, ["train"] * N, KFoldSpec(folds=2, inner_folds=2), SEED)
    chain = run_chains([SELECTORS["variance"]()], inputs, y, plan, SEED, preparation=STEPS["knn"])
    assert {c.parts for c in chosen({"all": chain}, (), [inputs.columns]).values()} == {()}


def test_a_selection_may_leave_no_component():
    inputs, y = cohort()
    plan = make_plan(y, inputs.groups, ["train"] * N, KFoldSpec(folds=2, inner_folds=2), SEED)
    steps = [SELECTORS["pca"](n=2), SELECTORS["univariable"](p=1e-300)]
    own = inputs.of(["a"])
    found = run_chains(steps, inputs.only(own), y, plan, SEED)
    assert {(tuple(r.selected), r.projection) for r in found.values()} == {((), None)}
    assert found["final"].reason == "univariable kept none of 2 columns"
    scope = plan.scopes[0]
    alone, beside = chosen({"a": found}), chosen({"a": found}, ["c__f0"], [own])
    _, pipeline = fit_scope("m", LinearSpec(inputs=["a"]), inputs, y, scope, SEED, alone)
    rows = inputs.training(scope, scope.train)
    assert pipeline.degenerate
    np.testing.assert_allclose(pipeline.predict_score(rows), y.mean())
    _, pipeline = fit_scope("m", LinearSpec(inputs=["a", "c"]), inputs, y, scope, SEED, beside)
    assert pipeline.used == ["c__f0"]


def test_an_input_named_beside_its_block_stays_beside_the_components():
    inputs, y = cohort()
    plan = make_plan(y, inputs.groups, ["train"] * N, KFoldSpec(folds=2, inner_folds=2), SEED)
    own, steps = inputs.of(["a"]), [SELECTORS["pca"](n=2)]
    found = run_chains(steps, inputs.only(own), y, plan, SEED)
    spec, scope = LinearSpec(inputs=["a", "a__f1"]), plan.scopes[0]
    kept = chosen({"a": found}, ["a__f1"], [own])
    _, pipeline = fit_scope("m", spec, inputs.only(own), y, scope, SEED, kept)
    assert pipeline.model_.names_ == ["a__f1", "pca__component1", "pca__component2"]


def test_a_permutation_keeps_an_input_named_beside_its_block(monkeypatch):
    inputs, y = cohort()
    own, seen, fit = inputs.of(["a"]), [], Linear.fit

    def spied(self, X, y, groups=None):
        seen.append(list(X.columns))
        return fit(self, X, y, groups)

    monkeypatch.setattr(Linear, "fit", spied)
    model = Procedure("m", LinearSpec(inputs=["a", "a__f1"]), inputs.static,
                      [([SELECTORS["pca"](n=2)], own)], free=("a__f1",))  # fmt: skip
    cross_validated_metric(model, y, inputs.groups, {}, SEED, folds=2)
    rest = [*inputs.of(["b"]), *inputs.of(["c"])]
    assert seen == [["a__f1", *rest, "pca__component1", "pca__component2"]] * 2


def test_a_permutation_prepares_the_parts_too(monkeypatch):
    inputs, y = cohort()
    seen = []
    fit = Prepare.fit_transform

    def spied(self, X, groups=None):
        seen.append([len(part) for part in self.parts])
        return fit(self, X, groups)

    monkeypatch.setattr(Prepare, "fit_transform", spied)
    chains = [([SELECTORS["k_best"](n=2)], inputs.of([block])) for block in ("a", "b")]
    model = Procedure("m", LinearSpec(inputs=["a", "b", "c"]), inputs.static, chains, (),
                      STEPS["combat"])  # fmt: skip
    cross_validated_metric(model, y, inputs.groups, {}, SEED, folds=2)
    assert seen.count([6, 4]) == 2
