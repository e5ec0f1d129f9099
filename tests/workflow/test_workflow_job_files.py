"""A job names every file of the study's work that its step opens."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from study_making import Making

from radpipe.io import atomic
from radpipe.steps.context import open_context
from radpipe.steps.runner import STEPS
from radpipe.workflow.slices import Slices

STUDY = """\
schema: 1
endpoint: {type: binary, column: y, positive: 1}
cohort: {table: clinical.csv, id: id, group: patient}
readers: {r1: {primary: true}, r2: {}}
blocks:
  feat: {kind: table, file: "feat_{reader}.csv"}
  late: {kind: table, file: "late_{reader}.csv"}
  change: {kind: delta, of: late, minus: feat}
clinical:
  age: {type: continuous}
  sex: {type: binary, levels: [m, f]}
  side: {type: nominal, levels: ["1", "2", "3"]}
preparation:
  merged: [{kind: combat, batch: scanner, covariates: [sex, side]}]
selection:
  stable: [{kind: icc, threshold: 0.5}, {kind: univariable, p: 0.9}]
models:
  parts: {kind: logistic, inputs: [feat, late], selection: {feat: stable}, preparation: merged}
  plain: {kind: lda, inputs: [change], preparation: merged}
  both: {kind: nomogram, inputs: [parts, clinical.age]}
evaluation: {resampling: {kind: k_fold, folds: 2, inner_folds: 2}}
controls: {permutations: 1}
outputs: [roc, baseline_table, cohort_flow, regression_table, reliability, controls]
"""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Making:
    """Write a study of tables; no model has the covariates of its harmonisation for inputs."""
    monkeypatch.chdir(tmp_path)
    made = Making(Path("studies/small"))
    made.data.mkdir(parents=True)
    made.write(STUDY)
    rng, n = np.random.default_rng(5), 48
    cases = [f"P{i:02d}" for i in range(n)]
    y = np.arange(n) % 2
    rows = {"id": cases, "patient": cases, "y": y, "age": rng.integers(40, 80, n)}
    rows |= {"sex": rng.choice(["m", "f"], n), "side": rng.choice(list("123"), n)}
    pd.DataFrame(rows | {"scanner": rng.choice(["A", "B"], n)}).to_csv(made.table, index=False)
    for block in ("feat", "late"):
        first = rng.normal(size=(n, 3)) + y[:, None]
        for reader, error in (("r1", 0.0), ("r2", 0.2)):
            values = first + error * rng.normal(size=first.shape)
            table = pd.DataFrame(values, columns=["a", "b", "c"])
            table.insert(0, "id", cases)
            table.to_csv(made.data / f"{block}_{reader}.csv", index=False)
    return made


def jobs(slices: Slices) -> Iterator[tuple[str, str, list[str]]]:
    """Yield each job in the order of a run, with the files that its rule names as inputs."""
    spec, paths = slices.spec, slices.paths
    yield "cohort", "", []
    yield "clinical", "", []
    for block in spec.derived:
        own = getattr(spec.derived[block], "parts", ())
        yield "derive", block, slices.derive_inputs(block) if own else []
    for block in ("feat", "late"):
        yield "readings", block, []
    for chain in slices.chains:
        yield "chain", chain, slices.chain_inputs(chain)
    for model in slices.models:
        yield "fit", model, slices.model_inputs(model)
    for model in spec.models:
        yield "control", model, slices.control_inputs(model)
    yield "predictions", "", [str(paths.cohort), *slices.all_scores()]
    yield "cards", "", slices.card_inputs()
    for name in slices.outputs:
        yield "output", name, slices.output_inputs()
    yield "report", "", [*slices.reportlets(), *slices.output_inputs()]


def test_a_step_opens_no_table_that_its_job_does_not_name(
    small: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = open_context(small.folder, reports=Path("reports"))
    opened = set[str]()

    def noting(read: Callable[..., Any]) -> Callable[..., Any]:
        def noted(path: Path, *more: Any, **named: Any) -> Any:
            opened.add(str(path))
            return read(path, *more, **named)

        return noted

    monkeypatch.setattr(pd, "read_parquet", noting(pd.read_parquet))
    monkeypatch.setattr(atomic, "read_json", noting(atomic.read_json))
    unnamed = {}
    for step, item, named in jobs(Slices(context.study, context.paths, False)):
        opened.clear()
        STEPS[step](context, item, 0)
        own = {path for path in opened if Path(path).is_relative_to(context.paths.work)}
        own -= {*named, str(context.paths.summary)}  # which the report itself has just written
        if own:
            unnamed[step, item] = sorted(own)
    assert not unnamed


def test_covariates_of_a_harmonisation_are_inputs_of_what_it_is_a_part_of(small: Making) -> None:
    context = open_context(small.folder, reports=Path("reports"))
    slices = Slices(context.study, context.paths, False)
    clinical = str(context.paths.clinical)
    assert clinical in slices.model_inputs("plain")
    assert clinical in slices.control_inputs("plain")
    [stable] = [name for name in slices.chains if name.startswith("stable")]
    assert clinical in slices.chain_inputs(stable)
