"""Every kind of endpoint in study.yaml: what it reads, and the one line for what is wrong."""

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from study_making import BINARY, CASES, Making, load_faults

from radpipe.core import target
from radpipe.core.errors import Fault
from radpipe.study.endpoint import Endpoint
from radpipe.study.load import load_study
from radpipe.study.outcome import Outcome, read_outcome
from radpipe.study.rows import read_rows

FILE = "studies/small/study.yaml"
GRADES = ("0", "1", "2", "3") * 3
ROWS = {
    "grade4": GRADES,
    "acl": ("yes", "no") * 6,
    "tear": ("1", "0", "0") * 4,
    "bmd": tuple(f"{0.9 + i / 50:.2f}" for i in range(12)),
    "status": ("0", "1", "2") * 4,
}
MULTICLASS = (
    'endpoint: {type: multiclass, column: grade4, classes: {normal: ["0"], mild: ["1", "2"], '
    "torn: [3]}}"
)
ORDINAL = "endpoint: {type: ordinal, column: grade4, levels: [0, 1, 2, 3]}"
MULTILABEL = (
    "endpoint: {type: multilabel, labels: {acl: {positive: [yes]}, meniscus: {column: tear, "
    'positive: ["1"], negative: ["0"]}}}'
)
CONTINUOUS = "endpoint: {type: continuous, column: bmd, unit: g/cm2}"
COMPETING = (
    "endpoint: {type: survival, time: days, event: status, competing: [2], time_unit: days, "
    "horizons: [300]}"
)


@pytest.fixture
def wide(made: Making) -> Making:
    """The small study with columns for every kind of endpoint."""
    head, *lines = made.table.read_text(encoding="utf-8").splitlines()
    lines = [",".join([line, *(v[i] for v in ROWS.values())]) for i, line in enumerate(lines)]
    text = "\n".join([",".join([head, *ROWS]), *lines]) + "\n"
    made.table.write_text(text, encoding="utf-8")
    file = made.file.read_text(encoding="utf-8").split("selection:")[0]
    made.file.write_text(file, encoding="utf-8")
    return made


def read(made: Making, endpoint: str) -> tuple[Outcome, list[Fault]]:
    made.swap(BINARY, endpoint)
    study = load_study(made.folder)
    rows, _ = read_rows(study)
    return read_outcome(rows, study.spec.endpoint, study.places)


def lines(made: Making, endpoint: str) -> list[str]:
    return [str(fault) for fault in read(made, endpoint)[1]]


def test_classes_in_the_order_of_the_mapping(wide: Making) -> None:
    outcome, faults = read(wide, MULTICLASS)
    assert faults == []
    assert outcome.classes == ("normal", "mild", "torn")
    assert target.kind_of(outcome.target) == "multiclass"
    np.testing.assert_array_equal(target.codes(outcome.target), [0, 1, 1, 2] * 3)
    assert outcome.columns["y"].tolist() == [0, 1, 1, 2] * 3


def test_levels_are_classes_in_an_order(wide: Making) -> None:
    outcome, faults = read(wide, ORDINAL)
    assert faults == []
    assert target.kind_of(outcome.target) == "ordinal"
    assert outcome.classes == ("0", "1", "2", "3")


def test_labels_have_a_column_each(wide: Making) -> None:
    outcome, faults = read(wide, MULTILABEL)
    assert faults == []
    assert list(outcome.columns) == ["y.acl", "y.meniscus"]
    assert outcome.columns["y.acl"].tolist() == [1, 0] * 6
    assert outcome.columns["y.meniscus"].sum() == 4


def test_a_measured_value(wide: Making) -> None:
    outcome, faults = read(wide, CONTINUOUS)
    assert faults == []
    assert outcome.target.dtype == np.float64
    assert outcome.columns["y"][:2].tolist() == [0.9, 0.92]


def test_competing_events_are_neither_events_nor_censored(wide: Making) -> None:
    outcome, faults = read(wide, COMPETING)
    assert faults == []
    assert list(outcome.columns) == ["time", "event", "competing"]
    assert outcome.columns["event"].tolist() == [0, 1, 0] * 4
    assert outcome.columns["competing"].tolist() == [0, 0, 1] * 4


def test_what_figures_are_told(wide: Making) -> None:
    wide.swap(BINARY, MULTICLASS)
    about = load_study(wide.folder).spec.endpoint.about
    assert about["classes"] == ["normal", "mild", "torn"]
    assert (about["kind"], about["label"]) == ("multiclass", "grade4")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('torn: [3]', 'torn: [4]',
         ["the value '3' of the endpoint (column 'grade4'), of no class (cases P04, P08, P12); "
                "allowed: normal: 0; "
          "mild: 1, 2; torn: 4; add it to endpoint.classes, exclude the case, or add it to "
          "cohort.missing",
          "endpoint.classes.torn: the class 'torn' ('4'), which no case has in column 'grade4'"]),
        ('normal: ["0"]', 'normal: ["0", "9"]', []),
    ],
)  # fmt: skip
def test_values_and_classes_that_do_not_meet(
    wide: Making, old: str, new: str, line: list[str]
) -> None:
    found = lines(wide, MULTICLASS.replace(old, new))
    assert len(found) == len(line)
    for said, part in zip(found, line, strict=True):
        assert part in said


def test_a_label_that_none_has(wide: Making) -> None:
    found = lines(
        wide, MULTILABEL.replace('positive: ["1"], negative', 'positive: ["2"], negative')
    )
    assert found == [
        f"{FILE}:3 endpoint.labels.meniscus.positive: found '2', which no case has in column "
        "'tear'; allowed: 0, 1; name one of the column's values"
    ]


def test_a_label_that_all_have(wide: Making) -> None:
    every = MULTILABEL.replace('["1"], negative: ["0"]', '["1", "0"]')
    assert "every case has the label 'meniscus'" in lines(wide, every)[0]


def test_text_is_no_measured_value(wide: Making) -> None:
    wide.swap_cells("0.96", "high")
    (line,) = lines(wide, CONTINUOUS)
    assert "text 'high' in the continuous endpoint (column 'bmd')" in line


def test_a_case_without_any_label_cell_has_no_outcome(wide: Making) -> None:
    wide.swap_cells(",yes,1,0.90", ",,1,0.90")
    outcome, faults = read(wide, MULTILABEL.replace("labels:", "missing: exclude, labels:"))
    assert faults == []
    assert outcome.rows.cases == CASES[1:]
    assert len(outcome.target) == 11


def test_an_absent_column_is_told_at_its_key(wide: Making) -> None:
    wide.swap(BINARY, MULTILABEL.replace("column: tear", "column: tearr"))
    _, faults = read_rows(load_study(wide.folder))
    assert any("endpoint.labels.meniscus.column" in str(f) and "tear" in str(f) for f in faults)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"type": "multiclass", "column": "g", "classes": {"a": "0", "b": "1"}}, "2 classes; give"),
        ({"type": "multiclass", "column": "g", "classes": {"a": "0", "b": "1", "c": ["1"]}},
         "the value '1' twice (under b and c)"),
        ({"type": "multiclass", "column": "g", "classes": {"a": "0", "b": "1", "c": []}},
         "the class 'c' without a value"),
        ({"type": "ordinal", "column": "g"}, "neither levels nor classes"),
        ({"type": "ordinal", "column": "g", "levels": ["a", "b", "a"]}, "the level 'a' twice"),
        ({"type": "multilabel", "labels": {"a": {"positive": "1"}}}, "at least 2"),
        ({"type": "continuous", "column": "g", "positive": "1"}, "positive"),
    ],
)  # fmt: skip
def test_endpoints_that_cannot_be_meant(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("(", r"\(").replace(")", r"\)")):
        TypeAdapter(Endpoint).validate_python(given)


def test_an_output_for_another_kind_and_an_unknown_class(wide: Making) -> None:
    wide.swap(BINARY, MULTICLASS, "clinical:", 'outputs: [kaplan_meier, {kind: roc, classes: '
              "[mildd]}]\nclinical:")  # fmt: skip
    found = load_faults(wide)
    assert any(
        "output kaplan_meier for a multiclass endpoint; allowed: endpoint survival" in f
        for f in found
    )
    assert any("found the class 'mildd'; allowed: normal, mild, torn; nearest: mild" in f
               for f in found)  # fmt: skip
