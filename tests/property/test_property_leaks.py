"""The classic leaks, tried through every door: each is refused, or has no effect on any fit.

What tells is bits: rows left out, and all that is known of them, are turned into garbage, and
what was learned stays the same. A scheme that does leak, written here with scikit-learn alone,
shows on the same noise what it would have looked like.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radpipe.models.chains import chosen, run_chains
from radpipe.models.crossfit import crossfit
from radpipe.models.inputs import Inputs, stacked
from radpipe.models.permute import Procedure, cross_validated_metric
from radpipe.models.ranking import ranking
from radpipe.models.registry import MODELS
from radpipe.preparation.registry import PREPARATION
from radpipe.resampling.plan import make_plan
from radpipe.resampling.registry import RESAMPLING
from radpipe.selection.registry import SELECTORS
from radpipe.steps import chain, clinical, control, derive, fit
from radpipe.steps import cohort as cohort_step
from radpipe.steps.context import open_context
from radpipe.study.check import check_path
from radpipe.study.derived import chains
from tests.models.modelling_toys import CLINICAL, cohort
from tests.models.pairs import garbled

# --- steps -------------------------------------------------------------------------------------

STUDY_OF_TABLES = """\
schema: 1
title: Leaks
endpoint: {type: binary, column: relapse, positive: 1}
cohort:
  table: clinical.csv
  id: patient
  split: {kind: column, column: set, train: [old], internal: [new]}
blocks:
  f: {kind: table, file: f.csv}
clinical:
  age: {type: continuous}
  site: {type: nominal, levels: [arm, leg]}
  decades: {type: continuous, expression: age / 10}
preparation:
  whole: [{kind: combat, batch: scanner}, {kind: impute, method: knn}, {kind: scale}]
selection:
  few: [{kind: correlation, threshold: 0.9}, {kind: univariable, n: 3}]
models:
  radscore: {kind: lda, inputs: [f], selection: few, preparation: whole, balance: smote,
             cutoff: {kind: youden}}
  combined: {kind: logistic, inputs: [radscore, clinical.decades, clinical.site]}
controls: {permutations: 1}
evaluation: {resampling: {kind: k_fold, folds: 2, inner_folds: 2}}
"""


def written(folder: Path, garbage: bool, n: int = 44, p: int = 8) -> None:
    """Write a study of tables; the last 12 cases are held out, and may be garbage."""
    rng = np.random.default_rng(3)
    cases = [f"P{i:02d}" for i in range(n)]
    features = pd.DataFrame(rng.normal(size=(n, p)), columns=[f"x{i}" for i in range(p)])
    features.insert(0, "patient", cases)
    table = pd.DataFrame(
        {
            "patient": cases,
            "relapse": np.arange(n) % 2,
            "age": rng.integers(30, 80, n),
            "site": rng.choice(["arm", "leg"], n),
            "scanner": np.tile(["A", "A", "B", "B"], n // 4),
            "set": ["old"] * (n - 12) + ["new"] * 12,
        }
    )
    features.iloc[3, 2] = np.nan
    if garbage:
        held = np.arange(n - 12, n)
        features.iloc[held, 1:] = 10.0 ** rng.integers(0, 9, (12, p))
        features.iloc[held[:3], 1:] = np.nan
        table.loc[held, "relapse"] = 1 - table.loc[held, "relapse"]
        table.loc[held, "age"] = 10**6
        table.loc[held, "site"] = "leg"
    (folder / "data").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY_OF_TABLES, encoding="utf-8")
    features.to_csv(folder / "data" / "f.csv", index=False)
    table.to_csv(folder / "data" / "clinical.csv", index=False)


def learned(folder: Path, garbage: bool) -> dict[str, object]:
    """Return all that the steps learn of a study, and what they say of cases not held out."""
    written(folder / "studies" / "s", garbage)
    assert not check_path(folder / "studies" / "s").faults
    at_work = open_context(folder / "studies" / "s", reports=folder / "reports")
    clinical.run(at_work, "", 0)
    cohort_step.run(at_work, "", 0)
    derive.run(at_work, "f", 0)
    found: dict[str, object] = {}
    for name in chains(at_work.study.spec):
        chain.run(at_work, name, 0)
        found[name] = at_work.paths.chain(name).read_text()
    for name in ("radscore", "combined"):
        fit.run(at_work, name, 0)
        record = json.loads(at_work.paths.fit(name).read_text())
        record.pop("seconds")
        scores = pd.read_parquet(at_work.paths.scores(name))
        own = scores[~((scores["scope"] == "final") & (scores["role"] == "test"))]
        found[name] = [record, own.to_csv()]
    control.run(at_work, "combined", 0)
    return found | {"permuted": at_work.paths.control("combined").read_text()}


def test_held_out_cases_move_nothing_that_the_steps_learn(tmp_path: Path) -> None:
    clean, dirty = (learned(tmp_path / str(garbage), garbage) for garbage in (False, True))
    assert [name for name in clean if clean[name] != dirty[name]] == []


# --- the library -------------------------------------------------------------------------------

DOORS = {
    "selected, harmonised and scaled": {
        "kind": "logistic",
        "preparation": [{"kind": "combat", "batch": "scanner"}, {"kind": "scale"}],
    },
    "oversampled": {"kind": "lda", "balance": {"kind": "smote"}},
    "tuned": {"kind": "svm", "tune": {"cost": [0.1, 1.0]}},
    "calibrated": {"kind": "naive_bayes", "calibrate": "isotonic"},
    "imputed": {"kind": "lda", "preparation": [{"kind": "impute", "method": "iterative"}]},
}  # fmt: skip


def library(garbage: bool, settings: dict[str, object]):
    """Return a fit through the library, with a stacked model and agreement of readings."""
    table, targets = cohort(n=60, p=6, signal=0.5, seed=8)
    y = targets["binary"]
    table["batch.scanner"] = np.tile(["A", "B"], 30)
    readings = {"r2": table.filter(like="t1__") + 0.1}
    held = np.arange(52, 60)
    table.iloc[5, 1] = np.nan
    if garbage:
        numbers = [c for c in table if c.startswith("t1__")]
        table.iloc[held, table.columns.get_indexer(numbers)] = 1e7
        readings["r2"].iloc[held] = -1e7
        y = garbled(y, held)
    groups = np.asarray(table.index, dtype=str)
    sides = np.where(np.arange(60) < 52, "train", "internal")
    plan = make_plan(targets["binary"], groups, sides, FOLDS, 4)
    settings = dict(settings)
    steps = tuple(PREPARATION[s["kind"]](**s) for s in settings.pop("preparation", []))
    spec = MODELS[settings["kind"]](inputs=["t1"], **settings)
    below = MODELS["logistic"](inputs=["clinical"])
    inputs = Inputs(table, groups, CLINICAL, {}, readings)
    part = crossfit("below", below, inputs.only(["clinical.age"]), y, plan, 4)
    features = inputs.only([c for c in inputs.columns if c.startswith("t1__")])
    selectors = [SELECTORS["icc"](threshold=0.5), SELECTORS["univariable"](n=3)]
    left = run_chains(selectors, features, y, plan, 4, preparation=steps)
    both = Inputs(features.static, groups, CLINICAL, stacked("below", part.scores, inputs.cases))
    found = crossfit(
        "m", spec, both, y, plan, 4, chosen({"t1": left}, ["below"]), preparation=steps
    )
    found.fit.pop("seconds")
    own = found.scores[~((found.scores["scope"] == "final") & (found.scores["role"] == "test"))]
    return json.dumps([found.fit, [r.to_dict(details=True) for r in left.values()]]), own.to_csv()


FOLDS = RESAMPLING["k_fold"](folds=2, inner_folds=2)


@pytest.mark.parametrize("door", DOORS)
def test_held_out_rows_move_nothing_that_the_library_learns(door: str) -> None:
    assert library(False, DOORS[door]) == library(True, DOORS[door])


@pytest.mark.parametrize("kind", sorted(set(RESAMPLING) - {"leave_one_centre_out"}))
def test_a_patient_stands_on_one_side_of_every_fit(kind: str) -> None:
    groups = np.repeat([f"p{i}" for i in range(24)], 2)
    y = np.repeat(np.arange(24) % 2, 2)
    wanted = {"folds": 3, "repeats": 3, "inner_folds": 2}
    spec = RESAMPLING[kind]
    spec = spec(**{key: n for key, n in wanted.items() if key in spec.model_fields})
    plan = make_plan(y, groups, ["train"] * 48, spec, 1)
    for scope in plan.scopes:
        for train, test in ((scope.train, scope.test), *scope.inner):
            assert not set(groups[train]) & set(groups[test])


# --- what a leak would look like ---------------------------------------------------------------


def test_a_scheme_that_leaks_shows_on_noise_and_ours_does_not() -> None:
    """The best 5 of 200 columns of noise, chosen on all rows, and on training rows alone."""
    from sklearn.feature_selection import SelectKBest
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    leaky, ours = [], []
    for seed in range(4):
        table, targets = cohort(n=50, p=200, signal=0.0, seed=500 + seed)
        y, X = targets["binary"], table.filter(like="t1__")
        best = SelectKBest(k=5).fit_transform(X, y)
        folds = StratifiedKFold(3, shuffle=True, random_state=seed)
        scores = cross_val_predict(LogisticRegression(), best, y, cv=folds, method="predict_proba")
        leaky.append(ranking(y, scores[:, 1]))
        selection = [([SELECTORS["k_best"](n=5)], list(X.columns))]
        procedure = Procedure("m", MODELS["logistic"](inputs=["t1"]), X, selection)
        groups = np.asarray(X.index, dtype=str)
        ours.append(cross_validated_metric(procedure, y, groups, {}, seed, folds=3))
    assert np.mean(leaky) > 0.7, leaky
    assert abs(np.mean(ours) - 0.5) < 0.12, ours
