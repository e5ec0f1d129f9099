"""A simulated cohort is checked as soon as it is there."""

import pytest
from study_making import Making

from radpipe.core.errors import FaultsError
from radpipe.steps import simulate
from radpipe.steps.context import open_context


def at_work(made: Making, cases: int):
    made.swap("column: relapse", "column: event", "id: patient", "id: patient_id")
    made.swap("{patient}", "{patient_id}", "grade: {type: ordinal, levels: [low, high]}",
              "sex: {type: binary}")  # fmt: skip
    made.swap("cohort:", f"simulate: {{cases: {cases}, size_voxels: [12, 12, 12]}}\ncohort:")
    return open_context(made.folder, reports=made.folder / "reports")


def test_what_only_the_data_tell_stops_the_study_once_they_are_made(made: Making) -> None:
    context = at_work(made, 20)
    assert simulate.run(context, "", 0).startswith("20 simulated cases in ")
    made.swap("folds: 3", "folds: 19")
    with pytest.raises(FaultsError, match=r"evaluation.resampling.folds: 19 folds, but only"):
        simulate.run(open_context(made.folder, reports=made.folder / "reports"), "", 0)
