"""Small cohorts and settings that the tests of models share."""

from importlib.util import find_spec

import numpy as np
import pandas as pd

from radpipe.core import target
from radpipe.models.inputs import Inputs
from radpipe.models.registry import MODELS
from radpipe.resampling.plan import Plan, make_plan
from radpipe.resampling.schemes import RepeatedCvSpec

CLINICAL = {
    "age": {"type": "continuous", "unit": "years"},
    "grade": {"type": "ordinal", "levels": ["Low", "Intermediate", "High"]},
    "site": {"type": "nominal", "levels": ["arm", "leg", "trunk"]},
}
SMALL = {"random_forest": {"trees": 15}, "xgboost": {"rounds": 15}, "svm": {"costs": [1.0]},
         "penalised_logistic": {"folds": 5}, "penalised_cox": {"folds": 4},
         "random_survival_forest": {"trees": 15, "node_size": 5}}  # fmt: skip


def cohort(n=60, p=5, signal=1.0, seed=0):
    """Return the input table, a binary and a survival target."""
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
    return table, {"binary": y, "survival": target.survival(time, rng.random(n) < 0.7)}


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
    if kind == "marker":
        return MODELS[kind](input="t1__f0", direction="higher")
    return MODELS[kind](inputs=["t1", "clinical"], **SMALL.get(kind, {}))


def installed(kind):
    """Return whether the library that a model needs is there."""
    return kind != "random_survival_forest" or find_spec("sksurv") is not None


def every_model():
    """Return (spec, endpoint) of every registered model and endpoint it takes."""
    specs = [spec_of(kind) for kind in MODELS if installed(kind)]
    return [(s, e) for s in specs for e in sorted(s.endpoints)]


def table_for(spec, table):
    """Return the columns that the spec may use."""
    return table[["t1__f0"]] if spec.kind == "marker" else table
