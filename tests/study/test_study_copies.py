"""Columns that are the outcome itself, under another name, are told before a run."""

import numpy as np
import pandas as pd
import pytest
from study_making import BINARY, CASES, SURVIVAL, Making

from radpipe.study.check import check
from radpipe.study.feature_numbers import plain_name
from radpipe.study.load import load_study
from radpipe.study.separation import separating

BLOCK = "blocks:\n  other: {kind: table, file: f.csv}\n"


def checked(made: Making, block: str = BLOCK, **columns) -> tuple[list[str], list[str]]:
    """Return the faults and the warnings of a study with a table of these columns."""
    made.swap("blocks:\n", block or "blocks:\n")
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


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("lung relapse", "lung relapse"),
        ("a+b", r"a\\+b"),
        ("label(1)", r"label\\(1\\)"),
        ("a|b's [%]", r"a\\|b's \\[%\\]"),
        ("无复发", "无复发"),
    ],
)
def test_the_cure_can_be_pasted_whatever_the_column_is_called(
    made: Making, name: str, written: str
) -> None:
    made.swap(*INPUTS)
    site = ["left", "right"] * 6
    columns = {"f": range(12), name: relapse(made), "site": site, "lung_relapse2": range(12)}
    faults, warnings = checked(made, **columns)
    [line] = faults
    told, cure = line.split("; leave out with columns what is no feature: ")
    assert told.endswith(f"blocks.other: {plain_name(name)} tells the endpoint of every case")
    assert cure == f'["/^(?!({written})$)/"]'
    made.swap("file: f.csv", f"file: f.csv, columns: {cure}")
    found = check(load_study(made.folder))
    assert not found.faults
    noted = (
        "studies/small/study.yaml:12 blocks.other: f.csv: columns without a number left out: site"
    )
    assert noted in warnings
    assert noted in found.warnings


def test_text_in_a_column_that_is_named_is_a_fault_beside_what_is_left_out(made: Making) -> None:
    made.swap(
        "blocks:\n", 'blocks:\n  other: {kind: table, file: f.csv, columns: ["/^(?!f)/", site]}\n'
    )
    faults, _ = checked(made, block="", f=range(12), g=range(12), site=["left", "right"] * 6)
    assert any("text 'left' where a number is meant" in line for line in faults)


def test_no_cure_takes_the_place_of_columns_that_are_given(made: Making) -> None:
    made.swap(*INPUTS)
    made.swap("blocks:\n", "blocks:\n  other: {kind: table, file: f.csv, columns: [f, l*]}\n")
    faults, _ = checked(made, block="", f=range(12), label=relapse(made), g=range(12))
    assert faults == [
        "studies/small/study.yaml:12 blocks.other: label tells the endpoint of every case; "
        "let columns name features only"
    ]


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


def test_a_feature_that_separates_the_outcome_is_told(made: Making) -> None:
    y = relapse(made)
    apart = [10 * value + place for place, value in enumerate(y)]
    apart = [value + (100 if event else 0) for value, event in zip(apart, y, strict=True)]
    touching = list(apart)
    touching[y.index(1)] = max(value for value, event in zip(apart, y, strict=True) if not event)
    faults, said = checked(made, apart=apart, touching=touching, down=[-v for v in apart])
    [line] = [line for line in said if "alone" in line]
    assert faults == []
    assert line.endswith(
        "blocks.other: apart, down alone separate the cases with the event from all others; leave "
        "out with columns what was made from the outcome"
    )


def test_a_clinical_variable_that_separates_the_outcome_is_told(made: Making) -> None:
    lines = made.table.read_text().splitlines()
    place = lines[0].split(",").index("age")
    cells = [line.split(",") for line in lines]
    for row, event in zip(cells[1:], relapse(made), strict=True):
        row[place] = str(int(row[place]) % 10 + 60 + 20 * event)
    made.table.write_text("\n".join(",".join(row) for row in cells) + "\n")
    [line] = [line for line in study(made, f=range(12)) if "alone separates" in line]
    assert "clinical: clinical.age alone separates" in line
    assert line.endswith("remove what was not known before the outcome")


def test_few_cases_are_separated_by_chance() -> None:
    rng = np.random.default_rng(0)
    event = np.arange(8) < 4
    table = pd.DataFrame(rng.normal(size=(8, 2000)))
    lower, upper = table[event], table[~event]
    apart = (lower.min() > upper.max()) | (lower.max() < upper.min())
    assert apart.any()
    assert separating(table, event) == []
    many = pd.DataFrame({"a": [1.0, np.nan, *range(2, 40)], "b": ["x"] * 40})
    assert separating(many, np.arange(40) < 15) == ["a"]
    assert separating(many, np.zeros(40, dtype=bool)) == []
