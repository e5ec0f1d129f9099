"""Columns that are the outcome itself, under another name, are told before a run."""

import pytest
from study_making import CASES, Making

from radpipe.study.check import check
from radpipe.study.load import load_study

BLOCK = "blocks:\n  other: {kind: table, file: f.csv}\n"


def study(made: Making, **columns: list) -> list[str]:
    """Return what check says, in words, of a table with these columns."""
    made.swap("blocks:\n", BLOCK)
    header = ",".join(["patient", *columns])
    rows = zip(CASES, *columns.values(), strict=True)
    text = "\n".join([header, *(",".join(map(str, row)) for row in rows)])
    (made.data / "f.csv").write_text(text + "\n")
    found = check(load_study(made.folder))
    return [*map(str, found.faults), *found.warnings]


def relapse(made: Making) -> list[int]:
    lines = made.table.read_text().splitlines()
    place = lines[0].split(",").index("relapse")
    return [int(line.split(",")[place]) for line in lines[1:]]


def test_the_endpoints_column_under_another_case_is_refused(made: Making) -> None:
    [line] = [line for line in study(made, f=range(12), RELAPSE=relapse(made)) if "RELAPSE" in line]
    assert "the column 'RELAPSE', which is the endpoint" in line


@pytest.mark.parametrize("coding", [(0, 1), (1, 0), (7, 2.5)])
def test_a_feature_with_the_outcomes_values_is_told(made: Making, coding: tuple) -> None:
    y = relapse(made)
    nearly = [coding[value] for value in y]
    nearly[0] = coding[1 - y[0]]
    said = study(made, f=range(12), label=[coding[value] for value in y], nearly=nearly)
    [line] = [line for line in said if "tells the endpoint" in line]
    assert "blocks.other: label tells the endpoint of every case" in line


def test_a_measured_outcome_is_copied_number_by_number(made: Making) -> None:
    made.swap("type: binary, column: relapse, positive: 1", "type: continuous, column: days")
    made.swap("penalised_logistic", "penalised_linear", "kind: logistic", "kind: linear")
    made.swap("{kind: roc,", "{kind: observed_predicted,")
    days = [line.split(",")[4] for line in made.table.read_text().splitlines()[1:]]
    said = study(made, length=[float(day) for day in days], other=days[::-1])
    [line] = [line for line in said if "the endpoint" in line]
    assert "blocks.other: length tells the endpoint" in line
