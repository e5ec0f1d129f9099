"""A model that selects from its inputs one by one is fitted as its selections were made."""

import numpy as np
import pandas as pd

from radpipe.io.models import read_model
from radpipe.steps import chain, clinical, cohort, derive, fit
from radpipe.steps.context import open_context
from radpipe.steps.passport import _batches, _missing_rule
from radpipe.study.derived import chains

STUDY = """\
schema: 1
title: Parts
endpoint: {type: binary, column: relapse, positive: 1}
cohort: {table: clinical.csv, id: patient}
blocks:
  f: {kind: table, file: f.csv}
  g: {kind: table, file: g.csv}
clinical:
  age: {type: continuous}
preparation:
  whole: [{kind: impute, method: knn}, {kind: combat, batch: scanner}]
selection:
  few: [{kind: univariable, n: 2}]
models:
  both: {kind: logistic, inputs: [f, g, clinical], selection: {f: few, g: few}, preparation: whole}
  one: {kind: logistic, inputs: [f], selection: few, preparation: whole}
evaluation: {resampling: {kind: k_fold, folds: 2, inner_folds: 2}}
"""


def made(folder, n=40):
    """Write a study of two tables of features, and run what leads to its models."""
    rng = np.random.default_rng(3)
    cases = [f"P{i:02d}" for i in range(n)]
    data = folder / "studies" / "s" / "data"
    data.mkdir(parents=True)
    (data.parent / "study.yaml").write_text(STUDY, encoding="utf-8")
    for block, p in (("f", 5), ("g", 3)):
        table = pd.DataFrame(rng.normal(size=(n, p)), columns=[f"{block}{i}" for i in range(p)])
        table.iloc[3, 1] = np.nan
        table.insert(0, "patient", cases)
        table.to_csv(data / f"{block}.csv", index=False)
    own = {"patient": cases, "relapse": np.arange(n) % 2, "age": rng.integers(30, 80, n)}
    own["scanner"] = np.tile(["A", "A", "B", "B"], n // 4)
    pd.DataFrame(own).to_csv(data / "clinical.csv", index=False)
    context = open_context(data.parent, reports=folder / "reports")
    clinical.run(context, "", 0)
    cohort.run(context, "", 0)
    for block in ("f", "g"):
        derive.run(context, block, 0)
    for name in chains(context.study.spec):
        chain.run(context, name, 0)
    for model in ("both", "one"):
        fit.run(context, model, 0)
    return context


def test_each_selection_is_a_part_of_the_preparation_and_is_shared(tmp_path):
    context = made(tmp_path)
    assert len(chains(context.study.spec)) == 2  # that of f serves both models
    both, one = (read_model(context.paths.final(name)) for name in ("both", "one"))
    f, g = [f"f__f{i}" for i in range(5)], [f"g__g{i}" for i in range(3)]
    reach = [(step.kind, step.sees, step.changes) for step in both.prepare_.steps_]
    assert reach == [
        (kind, sees, changes)
        for kind in ("impute", "combat")
        for sees, changes in ((None, ["clinical.age"]), (f, f), (g, g))
    ]
    assert [(step.sees, step.changes) for step in one.prepare_.steps_] == [(None, None)] * 2
    assert [part["column"] for part in _batches(both)] == ["scanner"]
    assert _missing_rule(both) == _missing_rule(one)
    said = both.prepare_.report()["steps"]
    assert [step["variables"] for step in said] == [1, 5, 3] * 2
