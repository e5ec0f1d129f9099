"""Permuted outcomes: whole patients move."""

import numpy as np
import pandas as pd
import pytest
from modelling_toys import cohort

from radpipe.core import target
from radpipe.core.errors import RadpipeError
from radpipe.models import calibrated, chains, permute, tuning
from radpipe.models.chains import chosen, run_chains
from radpipe.models.crossfit import crossfit
from radpipe.models.inputs import Inputs
from radpipe.models.lda import LdaSpec
from radpipe.models.logistic import Logistic
from radpipe.models.permute import (
    Procedure,
    control,
    cross_validated_metric,
    permute_outcomes,
    permuted_metrics,
)
from radpipe.models.ranking import ranking
from radpipe.models.registry import MODELS
from radpipe.resampling.plan import make_plan
from radpipe.resampling.schemes import RepeatedCvSpec
from radpipe.selection.registry import SELECTORS
from radpipe.stats.design import DegenerateDataError

CHAIN = (SELECTORS["univariable"](n=3),)
FOLDS, INNER = 3, 2
SETTLING = [
    ("svm", {}, "binary"),
    ("svm", {}, "multiclass"),
    ("knn", {}, "binary"),
    ("lda", {"calibrate": "platt"}, "binary"),
]
"""Models that tune or calibrate: by themselves, one-vs-rest, alone, and around the family."""


def selecting(kind, settings, endpoint):
    """Return a procedure that selects three of thirty columns, and its outcome."""
    table, targets = cohort(n=90, p=30, signal=0.6, seed=2)
    features = table[[c for c in table if c.startswith("t1__")]]
    spec = MODELS[kind](inputs=["t1"], **settings)
    return Procedure("m", spec, features, [(CHAIN, list(features))]), targets[endpoint]


def measured(procedure, y, seed=7):
    groups = np.asarray(procedure.static.index, dtype=str)
    return cross_validated_metric(procedure, y, groups, {}, seed, FOLDS, INNER)


@pytest.mark.parametrize(("kind", "settings", "endpoint"), SETTLING)
def test_a_permutation_settles_nothing_on_folds_dealt_after_selection(
    monkeypatch, kind, settings, endpoint
):
    def dealt(*args):
        pytest.fail("folds were dealt of rows that the selection has seen")

    for module in (tuning, calibrated):
        monkeypatch.setattr(module, "training_folds", dealt)
    procedure, y = selecting(kind, settings, endpoint)
    assert np.isfinite(measured(procedure, y))
    top = Procedure("top", MODELS["lda"](inputs=["m"]), procedure.static[[]], (), (procedure,))
    assert np.isfinite(measured(top, y))


@pytest.mark.parametrize(("kind", "settings", "endpoint"), [*SETTLING, ("lda", {}, "binary")])
def test_a_permutation_is_the_procedure_of_the_real_run(kind, settings, endpoint):
    procedure, y = selecting(kind, settings, endpoint)
    groups = np.asarray(procedure.static.index, dtype=str)
    scheme = RepeatedCvSpec(folds=FOLDS, repeats=1, inner_folds=INNER)
    plan = make_plan(y, groups, np.full(len(y), "train"), scheme, 7)
    inputs = Inputs(procedure.static, groups)
    picked = chosen({"": run_chains(CHAIN, inputs, y, plan, 7)})
    classes = ("a", "b", "c") if endpoint == "multiclass" else ()
    found = crossfit("m", procedure.spec, inputs, y, plan, 7, picked, classes=classes).scores
    found = found[(found["role"] == "test") & (found["scope"] != "final")]
    real = found.pivot_table(index="case", columns="class", values="score").loc[inputs.cases]
    assert measured(procedure, y) == pytest.approx(ranking(y, real.to_numpy()), abs=1e-12)


@pytest.mark.parametrize(("settings", "fits"), [({}, 1), ({"calibrate": "platt"}, 1 + INNER)])
def test_inner_folds_are_fitted_only_where_something_is_settled(monkeypatch, settings, fits):
    keys = []

    def counted(*args, **others):
        found = chains.run_chains(*args, **others)
        keys.extend(found)
        return found

    monkeypatch.setattr(permute, "run_chains", counted)
    measured(*selecting("lda", settings, "binary"))
    assert len(keys) == FOLDS * fits


def test_permutation_moves_whole_patients():
    groups = np.repeat([f"p{i}" for i in range(20)], 3)
    y = np.repeat(np.arange(20) % 2, 3)
    out = permute_outcomes(y, groups, np.random.default_rng(0))
    assert not np.array_equal(out, y)
    assert out.sum() == y.sum()
    assert pd.Series(out).groupby(groups).nunique().max() == 1
    s = target.survival(np.arange(1, 61), np.arange(60) % 2)
    moved = permute_outcomes(s, groups, np.random.default_rng(1))
    assert sorted(moved["time"]) == sorted(s["time"])
    blocks = moved["time"].reshape(20, 3)
    assert (np.diff(blocks, axis=1) == 1).all()  # a patient's three outcomes stay together


def test_control_has_the_range_over_permutations():
    found = control("m", list(np.linspace(0.3, 0.7, 41)), "auc")
    assert found["metric"] == "auc"
    assert found["range95"] == pytest.approx([0.31, 0.69])


def test_permutations_that_no_folds_can_be_dealt_of_have_no_value():
    """Two patients hold half of the cases: where they get the rare class, it has two groups."""
    groups = np.array(["A"] * 20 + ["B"] * 20 + [f"C{i:02d}" for i in range(32)])
    classes = (["a"] * 10 + ["b"] * 10) * 2 + ["a"] * 15 + ["b"] * 12 + ["c"] * 5
    y = target.multiclass(np.unique(classes, return_inverse=True)[1], 3)
    table = pd.DataFrame({"t1__f": np.random.default_rng(0).normal(size=72)}, index=groups)
    model = Procedure("m", LdaSpec(inputs=["t1"]), table)
    values, reasons = permuted_metrics(model, y, groups, {}, 1, n=12, folds=2, inner_folds=2)
    known = np.isfinite(values)
    assert 0 < known.sum() < 12
    assert all("2 folds need at least" in r or "too few for 2 folds" in r for r in reasons)
    record = control("m", values, "macro_auc", reasons)
    assert (record["n"], record["undefined"]) == (known.sum(), 12 - known.sum())
    assert record["range95"][0] <= record["mean"] <= record["range95"][1]


def test_a_permutation_whose_fit_has_no_estimate_has_no_value(monkeypatch):
    table, targets = cohort(n=40)
    y, groups = targets["binary"], np.asarray(table.index, dtype=str)
    calls = []

    def singular(self, X, y, groups=None):
        calls.append(len(X))
        if len(calls) == 2:
            raise DegenerateDataError("the information is singular")
        return fit(self, X, y, groups)

    fit = Logistic.fit
    monkeypatch.setattr(Logistic, "fit", singular)
    spec = MODELS["logistic"](inputs=["t1"])
    model = Procedure("m", spec, table[["t1__f0"]])
    values, reasons = permuted_metrics(model, y, groups, {}, 1, n=2, folds=2)
    assert np.isnan(values[0])
    assert np.isfinite(values[1])
    assert reasons == ["the information is singular"]
    calls.clear()
    plan = make_plan(y, groups, ["train"] * 40, RepeatedCvSpec(folds=2, repeats=1), 1)
    with pytest.raises(RadpipeError, match=r"models\.m: fit r000f0: the information is singular; "):
        crossfit("m", spec, Inputs(table[["t1__f0"]], groups), y, plan, 1, inner=False)


def test_a_control_without_a_value_says_why():
    found = control("m", [np.nan, np.nan], "auc", ["2 folds need more"])
    assert found["range95"] is None
    assert found["permutations"] == []
    assert found["reason"] == (
        "does not apply, since no permutation has a defined auc (2 folds need more)"
    )
