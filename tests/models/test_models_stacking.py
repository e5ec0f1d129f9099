"""A model over models is fitted to out-of-fold scores, never to apparent ones."""

from typing import ClassVar, Literal

import numpy as np
import pandas as pd
import pytest
from modelling_toys import cohort, inputs_of, plan_of

from radpipe.models.base import Model
from radpipe.models.crossfit import crossfit
from radpipe.models.fusion import FusionSpec
from radpipe.models.inputs import stacked as stacked_columns
from radpipe.models.logistic import LogisticSpec
from radpipe.models.nomogram import NomogramSpec
from radpipe.models.permute import Procedure, permuted_metrics
from radpipe.models.ranking import ranking
from radpipe.models.spec import FittedSpec
from radpipe.resampling.bootstrap import BootstrapSpec
from radpipe.resampling.plan import make_plan


class Memory(Model):
    """Knows the outcome of every row that it was fitted to, and nothing else."""

    def fit(self, X, y, groups=None):
        self.names_ = list(X.columns)
        self.known_ = {tuple(row): float(v) for row, v in zip(X.to_numpy(), y, strict=True)}
        return self

    def predict_score(self, X):
        return np.array([self.known_.get(tuple(r), np.sin(1e3 * r[0])) for r in X.to_numpy()])

    def predict_risk(self, X, horizons=()):
        return np.clip(self.predict_score(X), 0, 1)


class MemorySpec(FittedSpec):
    """Settings of the memory."""

    endpoints: ClassVar[frozenset[str]] = frozenset({"binary"})
    kind: Literal["memory"] = "memory"

    def build(self, endpoint, seed):
        """Return the unfitted memory."""
        return Memory()


NOMOGRAM = NomogramSpec(inputs=["memory"])


def stacked_on_memory(seed, plan_maker=plan_of):
    table, targets = cohort(n=90, signal=0.0, seed=seed)
    y = targets["binary"]
    plan = plan_maker(y)
    sub = crossfit("memory", MemorySpec(inputs=["t1"]), inputs_of(table[["t1__f0"]]), y, plan, 1)
    stacked = stacked_columns("sub", sub.scores, list(table.index))["sub"]
    inputs = inputs_of(table[[]], memory=stacked)
    return table, y, plan, sub, inputs, crossfit("nomogram", NOMOGRAM, inputs, y, plan, 1)


def test_a_memorising_sub_model_does_not_leak():
    coefficients, performance = [], []
    for seed in range(6):
        table, y, _, sub, _, top = stacked_on_memory(seed)
        apparent = sub.scores[sub.scores["role"] == "apparent"].set_index("case")["score"]
        assert ranking(y, apparent.reindex(table.index).to_numpy()) == 1.0
        coefficients.append(top.fit["summary"]["coefficients"][0]["coef"])
        out = top.scores[(top.scores["role"] == "test") & (top.scores["scope"] != "final")]
        performance.append(ranking(y, out.set_index("case")["score"].reindex(table.index)))
        assert not any("separates" in note for note in top.fit["summary"]["notes"])
    # Fitted to apparent scores (0 or 1, the outcome itself) the slope would be enormous.
    assert np.max(np.abs(coefficients)) < 1.5
    assert abs(np.mean(performance) - 0.5) < 0.1


def test_each_role_sees_its_own_sub_model():
    table, _, plan, sub, inputs, _ = stacked_on_memory(0)

    def told(scope, role):
        rows = sub.scores[(sub.scores["scope"] == scope) & (sub.scores["role"] == role)]
        return rows.set_index("case")["score"]

    for scope in plan.scopes:
        seen = inputs.training(scope, scope.train)["memory"]
        assert np.allclose(seen, told(scope.name, "inner").loc[seen.index])
        seen = inputs.test(scope)["memory"]
        assert np.allclose(seen, told(scope.name, "test").loc[seen.index])
    seen = inputs.own(plan.final)["memory"]
    assert np.allclose(seen, told("final", "apparent").loc[seen.index])
    assert set(table.index) == set(seen.index)


def test_bootstrap_copies_do_not_leak_through_stacking():
    def plan_maker(y):
        return make_plan(y, np.arange(len(y)), ["train"] * len(y), BootstrapSpec(repeats=4), 1)

    _, y, plan, sub, _, top = stacked_on_memory(1, plan_maker)
    for scope in plan.resamples:
        inner = sub.scores[(sub.scores["scope"] == scope.name) & (sub.scores["role"] == "inner")]
        assert inner["case"].is_unique
        outcome = pd.Series(y, index=[f"case{i:02d}" for i in range(len(y))])
        # the memory was never fitted to any copy of the row that it is asked about
        assert ranking(outcome[inner["case"]].to_numpy(), inner["score"].to_numpy()) < 0.75
    assert abs(top.fit["summary"]["coefficients"][0]["coef"]) < 1.5


def test_garbage_test_outcomes_do_not_reach_a_stacked_model():
    table, targets = cohort(n=60, seed=3)
    y = targets["binary"]
    found = []
    for outcome in (y, np.where(np.arange(60) < 5, 1 - y, y)):
        plan = plan_of(y, held=range(5))
        sub = crossfit(
            "sub",
            LogisticSpec(inputs=["t1"]),
            inputs_of(table[["t1__f0", "t1__f1"]]),
            outcome,
            plan,
            1,
        )
        inputs = inputs_of(
            table[["clinical.age"]],
            sub=stacked_columns("sub", sub.scores, list(table.index))["sub"],
        )
        found.append(crossfit("top", NOMOGRAM, inputs, outcome, plan, 1).scores)
    pd.testing.assert_frame_equal(found[0], found[1])


def test_permutations_of_a_stacked_procedure_are_at_chance():
    table, targets = cohort(n=60, seed=4)
    part = Procedure("memory", MemorySpec(inputs=["t1"]), table[["t1__f0"]])
    top = Procedure("top", NOMOGRAM, table[["clinical.age"]], (), (part,))
    groups = np.asarray(table.index, dtype=str)
    values, _ = permuted_metrics(top, targets["binary"], groups, {}, seed=1, n=12, inner_folds=3)
    assert len(values) == 12
    assert abs(np.mean(values) - 0.5) < 0.1
    again, _ = permuted_metrics(top, targets["binary"], groups, {}, seed=1, n=2, inner_folds=3)
    assert again == values[:2]


def test_permutations_take_as_many_folds_as_few_events_fill():
    table, targets = cohort(n=40, seed=4)
    y = np.zeros(40, dtype=targets["binary"].dtype)
    y[[3, 11, 20, 31]] = 1
    part = Procedure("memory", MemorySpec(inputs=["t1"]), table[["t1__f0"]])
    top = Procedure("top", NOMOGRAM, table[["clinical.age"]], (), (part,))
    values, _ = permuted_metrics(top, y, np.asarray(table.index, dtype=str), {}, seed=1, n=3)
    assert np.isfinite(values).all()


class Share(Model):
    """Gives everyone the log odds of its training rows, as a model without any feature does."""

    score_scale: ClassVar[str] = "log_odds"

    def __init__(self, varies=()):
        self.varies = varies

    def fit(self, X, y, groups=None):
        self.names_, self.share_ = list(X.columns), float(np.mean(y))
        self.own_ = X.iloc[:, 0].to_numpy().std() if len(y) in self.varies else 0.0
        return self

    def predict_score(self, X):
        odds = np.log(self.share_ / (1 - self.share_))
        return odds + self.own_ * X.iloc[:, 0].to_numpy()

    def predict_risk(self, X, horizons=()):
        return 1 / (1 + np.exp(-self.predict_score(X)))


class ShareSpec(MemorySpec):
    """Settings of the share."""

    varies: tuple[int, ...] = ()

    def build(self, endpoint, seed):
        """Return the unfitted share."""
        return Share(self.varies)


def stacked_on_share(spec, varies=(), held=(3, 40)):
    """A model over a sub-model that is the same for each inner fold's cases, and over the age."""
    table, targets = cohort(n=61, seed=8)
    y = targets["binary"]
    plan = plan_of(y, folds=4, inner=4, held=held)
    sub = ShareSpec(inputs=["t1"], varies=varies)
    below = crossfit("rad", sub, inputs_of(table[["t1__f0"]]), y, plan, 1)
    rad = stacked_columns("rad", below.scores, list(table.index))["rad"]
    inner = below.scores[(below.scores["role"] == "inner") & (below.scores["scope"] == "final")]
    assert inner["score"].nunique() > 1  # the folds' shares of events differ
    columns = inputs_of(table[["clinical.age"]], rad=rad)
    if spec.kind == "fusion":
        clinical = inputs_of(table[["clinical.age"]])
        age = crossfit("age", LogisticSpec(inputs=["clinical"]), clinical, y, plan, 1)
        own = stacked_columns("age", age.scores, list(table.index))["age"]
        columns = inputs_of(table[[]], rad=rad, age=own)
    return crossfit("top", spec, columns, y, plan, 1)


FLAT = (
    "rad is the same for every case of each inner fold (final fit, 4 of 4 resamples), so "
    "that it has no learned weight there"
)


@pytest.mark.parametrize(
    "spec",
    [
        NomogramSpec(inputs=["rad", "clinical"]),
        LogisticSpec(inputs=["rad", "clinical"]),
        FusionSpec(inputs=["rad", "age"], method="logistic"),
    ],
    ids=lambda spec: spec.kind,
)
def test_a_sub_model_without_features_has_no_weight(spec):
    top = stacked_on_share(spec)
    rows = {row["name"]: row["coef"] for row in top.fit["summary"]["coefficients"]}
    assert not rows.pop("rad", None)
    assert len(rows) == 1
    assert top.fit["flags"] == [FLAT]


def test_a_sub_model_without_features_in_its_final_fit_alone_is_told():
    top = stacked_on_share(NOMOGRAM, varies=(44, 45, 33, 34, 32))
    assert "rad" in {row["name"] for row in top.fit["summary"]["coefficients"]}
    assert [flag for flag in top.fit["flags"] if flag.startswith("rad of the final fit")] == [
        "rad of the final fit is the same for every case, though that of its inner folds is not: "
        "its weight moves all new cases alike"
    ]
