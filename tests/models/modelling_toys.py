"""Small cohorts and settings that the tests of models share."""

import numpy as np
import pandas as pd

from radpipe.core import target
from radpipe.models.inputs import Inputs
from radpipe.models.registry import MODELS
from radpipe.resampling.plan import Plan, make_plan
from radpipe.resampling.schemes import RepeatedCvSpec
from radpipe.selection.registry import SELECTORS
from tests.libraries import absent

CLINICAL = {
    "age": {"type": "continuous", "unit": "years"},
    "grade": {"type": "ordinal", "levels": ["Low", "Intermediate", "High"]},
    "site": {"type": "nominal", "levels": ["arm", "leg", "trunk"]},
}
CLASSES = ("a", "b", "c")
UNTUNED = {"tune": "none"}
SMALL = {"random_forest": {"trees": 10}, "extra_trees": {"trees": 10},
         "bagged_trees": {"trees": 10}, "adaboost": {"rounds": 8, **UNTUNED},
         "xgboost": {"rounds": 15, **UNTUNED}, "svm": UNTUNED, "knn": UNTUNED, "qda": UNTUNED,
         "mlp": {"steps": 30, **UNTUNED},
         "penalised_logistic": {"folds": 5}, "penalised_cox": {"folds": 4},
         "penalised_linear": {"folds": 4}, "ridge": {"folds": 4}, "svr": UNTUNED,
         "random_survival_forest": {"trees": 15, "node_size": 5}}  # fmt: skip

PAIR = ["t1__f0", "t1__f1"]
ALONE = {"marker": {"input": "t1__f0", "direction": "higher"},
         "threshold": {"input": "t1__f0", "direction": "higher", "at": "median"},
         "rule": {"at_least": 1, "of": [{"input": name, "above": 0.7} for name in PAIR]},
         "fusion": {"inputs": PAIR}}  # fmt: skip
"""Settings of the kinds that take single columns."""


def cohort(n=60, p=5, signal=1.0, seed=0):
    """Return the input table, and a target of every kind; classes are three."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        rng.normal(size=(n, p)),
        columns=[f"t1__f{i}" for i in range(p)],
        index=[f"case{i:02d}" for i in range(n)],
    )
    table["clinical.age"] = rng.normal(60, 8, n).round()
    table["clinical.grade"] = rng.choice(["Low", "Intermediate", "High"], n)
    table["clinical.site"] = rng.choice(["arm", "leg", "trunk"], n)
    lp = signal * (table["t1__f0"] + table["t1__f1"]).to_numpy()
    y = (lp + rng.logistic(size=n) > 0).astype(int)
    time = rng.exponential(300 * np.exp(-lp)) + 1
    survival = target.survival(time, rng.random(n) < 0.7)
    first, second = signal * table["t1__f0"].to_numpy(), signal * table["t1__f1"].to_numpy()
    towards = np.column_stack([first, second, -first - second])
    return table, {
        "binary": y,
        "survival": survival,
        "multiclass": target.multiclass((towards + rng.gumbel(size=(n, 3))).argmax(axis=1), 3),
        "ordinal": target.ordinal(np.digitize(lp + rng.logistic(size=n), [-1, 1]), 3),
        "multilabel": target.multilabel(towards + rng.logistic(size=(n, 3)) > 0),
        "continuous": target.continuous(lp + rng.normal(size=n)),
    }


def inputs_of(table, groups=None, **stacked):
    """Return Inputs with every case its own group."""
    return Inputs(
        table, np.asarray(table.index if groups is None else groups, dtype=str), CLINICAL, stacked
    )


def plan_of(y, repeats=1, folds=3, inner=3, held=(), groups=None, seed=5) -> Plan:
    """Return a small plan; ``held`` are the positions held out."""
    labels = np.full(len(y), "train", dtype=object)
    labels[list(held)] = "internal"
    named = np.arange(len(y)) if groups is None else groups
    return make_plan(
        y, named, labels, RepeatedCvSpec(folds=folds, repeats=repeats, inner_folds=inner), seed
    )


def spec_of(kind):
    """Return small settings of a kind, whatever it is."""
    if kind in ALONE:
        return MODELS[kind](**ALONE[kind])
    return MODELS[kind](inputs=["t1", "clinical"], **SMALL.get(kind, {}))


def missing(name):
    """Return the libraries that a model family or a selector needs and that are not there."""
    registry = MODELS if name in list(MODELS) else SELECTORS
    return absent(registry[name])


def installed(kind):
    """Return whether the libraries that a model needs are there."""
    return not missing(kind)


def every_model():
    """Return (spec, endpoint) of every registered model and endpoint that it is fitted to.

    To a classifier of any classes an ordinal endpoint is a multiclass one: it comes once. A
    fusion of classes has tests of its own, since it takes a column for each.
    """
    specs = [spec_of(kind) for kind in MODELS if installed(kind)]
    pairs = [(s, e) for s in specs for e in sorted(s.endpoints)]
    pairs = [(s, e) for s, e in pairs if s.kind != "fusion" or e not in target.CLASSES]
    return [(s, e) for s, e in pairs if e != "ordinal" or "binary" not in s.endpoints]


def lifted_models():
    """Return (spec, endpoint) of every model and endpoint of which it is fitted once a class."""
    specs = [spec_of(kind) for kind in MODELS if installed(kind)]
    return [(s, e) for s in specs for e in sorted(s.all_endpoints() - s.endpoints)]


def table_for(spec, table):
    """Return the columns that the spec may use."""
    if spec.kind == "fusion":  # its columns are risks
        return 1 / (1 + np.exp(-table[PAIR].clip(-30, 30)))
    return table[spec.inputs] if spec.kind in ALONE else table
