"""The table of selections: what each left in the final fit, or why nothing."""

import numpy as np
import pandas as pd
from study_making import BINARY, Making

from radpipe.steps.context import open_context
from radpipe.steps.model_tables import _params, model_tables
from radpipe.steps.report import _gaps
from radpipe.steps.runner import run_step
from radpipe.study.derived import chains

STUDY = f"""\
schema: 1
{BINARY}
cohort: {{table: clinical.csv, id: patient}}
clinical:
  age: {{type: continuous}}
  crp: {{type: continuous}}
blocks:
  a: {{kind: table, file: a.csv}}
  b: {{kind: table, file: b.csv}}
selection:
  strict: [{{kind: univariable, p: 1.0e-12}}]
  shared: [{{kind: univariable, n: 1}}]
  least: [{{kind: variance, threshold: 0.4}}]
preparation:
  ranged: [{{kind: scale, method: min_max}}]
  careful: [{{kind: outliers}}, {{kind: impute, method: knn}}]
models:
  nothing: {{kind: logistic, label: Nothing, inputs: [clinical], selection: strict}}
  each:
    kind: logistic
    label: Each
    inputs: [a, b]
    selection: {{a: [{{kind: univariable, n: 2}}], b: [{{kind: univariable, n: 1}}]}}
  on_a: {{kind: logistic, inputs: [a], selection: shared}}
  on_b: {{kind: logistic, inputs: [b], selection: shared}}
  on_both: {{kind: logistic, inputs: [a, b], selection: shared}}
  as_it_is: {{kind: logistic, inputs: [a], selection: least}}
  ranged: {{kind: logistic, inputs: [a], selection: least, preparation: ranged}}
  other: {{kind: logistic, inputs: [b], selection: least, preparation: ranged}}
  whole: {{kind: logistic, inputs: [clinical]}}
  alike:
    kind: logistic
    label: Alike
    inputs: [a, b]
    selection: {{a: [{{kind: pca, n: 2}}], b: [{{kind: pca, n: 2}}]}}
    preparation: careful
    balance: {{kind: smote, ratio: 0.9}}
  late: {{kind: fusion, inputs: [each, whole]}}
  mark: {{kind: marker, input: clinical.age, direction: higher}}
evaluation: {{resampling: {{kind: k_fold, folds: 3, inner_folds: 2}}}}
controls: {{permutations: 0}}
"""


def test_the_table_of_selections_says_what_was_left_or_why_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = Making(tmp_path / "studies" / "small")
    made.data.mkdir(parents=True)
    made.write(STUDY)
    rng = np.random.default_rng(0)
    ids = [f"P{i:02d}" for i in range(60)]
    clinical = pd.DataFrame(
        {"patient": ids, "relapse": np.arange(60) % 2, "age": rng.normal(60, 9, 60),
         "crp": rng.normal(size=60)}
    )  # fmt: skip
    clinical.to_csv(made.table, index=False)
    for name in "ab":
        table = pd.DataFrame(rng.normal(size=(60, 4)), columns=[f"{name}{i}" for i in range(4)])
        table.insert(0, "patient", ids)
        table.to_csv(made.data / f"{name}.csv", index=False)
    context = open_context(made.folder)
    for step in ("cohort", "clinical"):
        run_step(step, made.folder)
    for block in "ab":
        run_step("derive", made.folder, block)
    for name in chains(context.study.spec):
        run_step("chain", made.folder, name)
    for name in context.study.spec.models:
        run_step("fit", made.folder, name)
    models, preparations, selections = model_tables(context)
    assert selections.title == "Selections, learned anew in every fit"
    rows = {row[0]: row[2] for row in selections.rows}
    assert rows == {
        "strict": "none: univariable kept none of 2 columns",
        "own of Each": "a: 2; b: 1",
        "shared": "a: 1; b: 1; a, b: 1",
        "least": "a: 4 or none: variance kept none of 4 columns; "
        "b: none: variance kept none of 4 columns",
        "own of Alike": "a: 2 components of 4 features; b: 2 components of 4 features",
    }
    steps = {row[0]: row[1] for row in selections.rows}
    assert (
        steps["own of Each"] == "a: univariable (n 2, test auto); b: univariable (n 1, test auto)"
    )
    assert steps["own of Alike"] == "pca (n 2)"
    assert preparations.title == "Preparation, learned anew in every fit"
    filled = "missing values by training medians and most frequent levels"
    assert preparations.rows == (
        (
            "default",
            f"{filled}, then z scores of features",
            "Nothing, Each, on_a, on_b, on_both, as_it_is, whole",
        ),
        ("ranged", f"{filled}, then scale (method min_max, columns features)", "ranged, other"),
        (
            "careful",
            "outliers (method median, rule iqr, k 3, columns features), then impute (method knn, "
            "indicator no, neighbours 5), then z scores of features",
            "Alike",
        ),
    )
    table = pd.DataFrame(models.rows, columns=models.columns).set_index("model")
    assert table.loc["Alike", ["preparation", "balance"]].tolist() == [
        "careful", "smote (ratio 0.9, neighbours 5)"
    ]  # fmt: skip
    assert table.loc["mark", ["preparation", "balance"]].tolist() == ["none", "none"]
    assert table.loc["late", "inputs"] == "Each, whole"


def test_features_with_missing_values_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = STUDY.split("selection:")[0] + "models: {on_a: {kind: logistic, inputs: [a]}}\n"
    made = Making(tmp_path / "studies" / "small")
    made.data.mkdir(parents=True)
    made.write(study)
    ids = [f"P{i:02d}" for i in range(20)]
    clinical = pd.DataFrame({"patient": ids, "relapse": np.arange(20) % 2, "age": 50.0, "crp": 1.0})
    clinical.to_csv(made.table, index=False)
    table = pd.DataFrame(np.arange(60.0).reshape(20, 3), columns=["a0", "a1", "a2"])
    table.loc[:4, "a1"] = table.loc[:1, "a2"] = np.nan
    for name in "ab":  # b, which no model uses, is told nothing of
        table.assign(patient=ids).to_csv(made.data / f"{name}.csv", index=False)
    context = open_context(made.folder)
    for step in ("cohort", "clinical"):
        run_step(step, made.folder)
    run_step("derive", made.folder, "a")
    assert list(_gaps(context, context.cohort())) == [
        "a: 2 features of 3 have missing values, in up to 5 of 20 cases."
    ]


def test_the_reference_class_has_its_name():
    fit = {"summary": {"params": {"method": "maximum likelihood", "reference_class": 1}}}
    assert _params(fit, ("low", "high")) == {
        "method": "maximum likelihood", "reference_class": "high"
    }  # fmt: skip
    assert _params({"summary": {}}, ()) == {}
