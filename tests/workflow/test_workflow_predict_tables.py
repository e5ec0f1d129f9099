"""``radpipe predict`` with a model whose features another program computed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fitted_making import fit_study, radpipe
from study_making import Making

from radpipe.core.errors import RadpipeError

CASES = [f"P{i:02d}" for i in range(24)]
STUDY = """\
schema: 1
endpoint: {type: binary, column: y, positive: 1}
cohort: {table: clinical.csv, id: patient}
blocks: {f: {kind: table, file: f.csv}}
models: {own: {kind: logistic, inputs: [f]}}
evaluation: {resampling: {kind: k_fold, folds: 2, inner_folds: 2}}
controls: {permutations: 0}
"""


def test_images_are_not_asked_for_where_nothing_can_be_extracted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = Making(Path("studies/small"))
    made.data.mkdir(parents=True)
    made.write(STUDY)
    y = np.arange(24) % 2
    values = np.random.default_rng(1).normal(size=(24, 2)) + y[:, None]
    pd.DataFrame({"patient": CASES, "y": y}).to_csv(made.table, index=False)
    features = pd.DataFrame(values, columns=["a", "b"])
    features.insert(0, "patient", CASES)
    features.to_csv(made.data / "f.csv", index=False)
    fit_study(made.folder, Path("reports"))
    model = "reports/small/.work/models/own"
    with pytest.raises(RadpipeError) as error:
        radpipe("predict", model)
    assert str(error.value) == "own needs features of f; give --features TABLE"
    features.drop(columns="b").to_csv("new.csv", index=False)
    with pytest.raises(RadpipeError) as error:
        radpipe("predict", model, "--features", "new.csv")
    assert str(error.value) == (
        "new.csv: no column 'f__b', which own needs; compute it as for the table that the model "
        "was fitted on"
    )
    with pytest.raises(RadpipeError, match="block f is read from a table, and cannot be extr"):
        radpipe("predict", model, "--images", tmp_path, "--masks", tmp_path)
