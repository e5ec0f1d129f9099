"""The table of selections: what each left in the final fit, or why nothing."""

import numpy as np
import pandas as pd
from study_making import BINARY, Making

from radpipe.steps.context import open_context
from radpipe.steps.report import _models
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
    _, selections = _models(context)
    assert selections.title == "Selections, learned anew in every fit"
    rows = {row[0]: row[2] for row in selections.rows}
    assert rows == {
        "strict": "none: univariable kept none of 2 columns",
        "own of Each": "a: 2; b: 1",
        "shared": "a: 1; b: 1; a, b: 1",
        "least": "a: 4 or none: variance kept none of 4 columns; "
        "b: none: variance kept none of 4 columns",
    }
