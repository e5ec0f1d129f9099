"""Models are told the levels that the table holds."""

import pandas as pd
import pytest

from radpipe.io.paths import Paths
from radpipe.models.prepare import Prepare
from radpipe.steps import clinical, cohort
from radpipe.steps.context import Context
from radpipe.study.load import load_study


@pytest.mark.parametrize(
    ("variable", "column", "one", "levels"),
    [
        ("{type: binary}", "=low", "low", ["high", "low"]),
        ("{type: binary, reference: low}", "=high", "high", ["low", "high"]),
        ("{type: nominal, levels: [low, high], reference: high}", "=low", "low", ["high", "low"]),
        ("{type: nominal, groups: {worst: [high]}}", "=worst", "high", ["low", "worst"]),
        ("{type: ordinal, levels: [low, worst], groups: {worst: [high]}}", "", "high",
         ["low", "worst"]),
    ],
)  # fmt: skip
def test_levels_with_and_without_being_declared(made, variable, column, one, levels):
    made.swap("grade: {type: ordinal, levels: [low, high]}", f"grade: {variable}")
    context = Context(load_study(made.folder), Paths(made.folder / "reports", "small"))
    for step in (cohort, clinical):
        step.run(context, "", 0)
    inputs = context.inputs(["clinical.grade"], context.cohort())
    found = Prepare(inputs.clinical).fit(inputs.static).transform(inputs.static)
    assert list(found.columns) == [f"clinical.grade{column}"]
    assert found.attrs["levels"] == {"clinical.grade": levels}
    table = pd.read_csv(made.table)
    assert found.iloc[:, 0].tolist() == (table["grade"] == one).astype(float).tolist()
