"""Columns that are the outcome itself, under another name, are told before a run."""

import pytest
from study_making import BINARY, CASES, SURVIVAL, Making

from radpipe.study.check import check
from radpipe.study.load import load_study

BLOCK = "blocks:\n  other: {kind: table, file: f.csv}\n"


def checked(made: Making, **columns: list) -> tuple[list[str], list[str]]:
    """Return the faults and the warnings of a study with a table of these columns."""
    made.swap("blocks:\n", BLOCK)
    header = ",".join(["patient", *columns])
    rows = zip(CASES, *columns.values(), strict=True)
    text = "\n".join([header, *(",".join(map(str, row)) for row in rows)])
    (made.data / "f.csv").write_text(text + "\n")
    found = check(load_study(made.folder))
    return [str(fault) for fault in found.faults], list(found.warnings)


def study(made: Making, **columns: list) -> list[str]:
    """Return all that check says of them."""
    faults, warnings = checked(made, **columns)
    return [*faults, *warnings]


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


INPUTS = ("inputs: [radscore, clinical.age]", "inputs: [radscore, clinical.age, other]")


def test_a_model_may_not_have_the_outcome_among_its_features(made: Making) -> None:
    made.swap(*INPUTS)
    label = [1 - value for value in relapse(made)]
    faults, _ = checked(made, f=range(12), label=label)
    assert faults == [
        "studies/small/study.yaml:12 blocks.other: label tells the endpoint of every case; leave "
        'out with columns what is no feature: ["/^(?!(label)$)/"]'
    ]
    made.swap("file: f.csv", 'file: f.csv, columns: ["/^(?!(label)$)/"]')
    assert not check(load_study(made.folder)).faults


def test_the_outcome_is_no_input_by_its_own_name_either(made: Making) -> None:
    made.swap("inputs: [radscore, clinical.age]", "inputs: [radscore, clinical.age, other__label]")
    faults, _ = checked(made, f=range(12), label=relapse(made))
    assert [line.split(";")[0] for line in faults] == [
        "studies/small/study.yaml:12 blocks.other: label tells the endpoint of every case"
    ]


def test_what_chance_may_have_made_the_outcome_is_told_but_no_fault(made: Making) -> None:
    made.swap(*INPUTS)
    y = relapse(made)
    others = {f"mutation{i}": [int(case in (i, i + 1)) for case in range(12)] for i in range(10)}
    faults, warnings = checked(made, f=range(12), label=y, **others)
    assert faults == []
    assert len([line for line in warnings if "label tells the endpoint" in line]) == 1


def test_values_that_separate_the_outcomes_are_no_copy(made: Making) -> None:
    made.swap(*INPUTS)
    faults, warnings = checked(made, f=[y + i / 100 for i, y in enumerate(relapse(made))])
    assert faults == []
    assert not [line for line in warnings if "tells the endpoint" in line]


@pytest.mark.parametrize("used", [True, False])
def test_a_clinical_variable_that_is_the_outcome(made: Making, used: bool) -> None:
    head, *rows = made.table.read_text().splitlines()
    words = [f"{row},{('healthy', 'ill')[y]}" for row, y in zip(rows, relapse(made), strict=True)]
    made.table.write_text("\n".join([f"{head},state", *words]) + "\n")
    made.swap("  grade:", "  state: {type: nominal}\n  grade:")
    if used:
        made.swap("clinical.age]", "clinical.age, clinical.state]")
    found = check(load_study(made.folder))
    where = "studies/small/study.yaml:19 clinical.state: clinical.state tells the endpoint"
    lines = [*map(str, found.faults)] if used else found.warnings
    [line] = [line for line in lines if "tells the endpoint" in line]
    assert line.startswith(where)
    assert ("no predictor" in line) is used
    assert bool(found.faults) is used


def test_the_event_of_a_survival_endpoint_is_no_predictor(made: Making) -> None:
    made.swap(BINARY, SURVIVAL, "kind: penalised_logistic", "kind: penalised_cox")
    made.swap("kind: logistic", "kind: cox", "kind: roc", "kind: kaplan_meier", *INPUTS)
    faults, _ = checked(made, f=range(12), dead=relapse(made), time=days(made))
    assert [line.split("; ")[0] for line in faults] == [
        "studies/small/study.yaml:12 blocks.other: time, dead tell the endpoint of every case"
    ]


def days(made: Making) -> list[float]:
    return [float(line.split(",")[4]) for line in made.table.read_text().splitlines()[1:]]
