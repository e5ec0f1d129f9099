"""Clinical variables that follow from others by a formula or a cut."""

import numpy as np
import pytest
from study_making import Making, load_faults

from radpipe.study.check import check_path
from radpipe.study.cohort import build_cohort
from radpipe.study.load import load_study

FILE = "studies/small/study.yaml"
AGE = "  age: {type: continuous, unit: years}\n"


def variable(made: Making, *lines: str):
    """Add variables; return what is read of them."""
    made.swap(AGE, AGE + "".join(f"  {line}\n" for line in lines))
    cohort = build_cohort(load_study(made.folder))
    return cohort.frame.set_index("case"), cohort.info


def test_a_formula_over_columns_and_variables(made: Making) -> None:
    frame, info = variable(
        made,
        "both: {type: continuous, expression: decades + log2(days)}",
        "decades: {type: continuous, expression: age / 10}",
    )
    assert list(frame.columns[-4:]) == [
        "clinical.age", "clinical.both", "clinical.decades", "clinical.grade",
    ]  # fmt: skip
    np.testing.assert_allclose(frame.loc["P04", "clinical.both"], 4.3 + np.log2(350))
    assert "clinical.decades is computed: age / 10" in info["notes"]


def test_a_bare_formula_is_a_variable(made: Making) -> None:
    frame, info = variable(made, "decades: age / 10", "old: age > 42")
    np.testing.assert_allclose(frame["clinical.decades"], frame["clinical.age"] / 10)
    assert info["clinical"]["old"] == {"type": "binary", "levels": ["no", "yes"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [("age +* 2", "clinical.decades: found '*' at character 6; correct the formula"),
     ("hight / 2", "found the column 'hight', which"),
     ("continuous", "clinical.decades: found 'continuous'"),
     ("5", "clinical.decades: found 5")],
)  # fmt: skip
def test_what_is_no_formula_is_told(made: Making, text: str, said: str) -> None:
    made.swap(AGE, AGE + f"  decades: {text}\n")
    faults = [str(fault) for fault in check_path(made.folder).faults]
    assert len(faults) == 1, faults
    assert said in faults[0]


@pytest.mark.parametrize(
    ("right", "expected"),
    [("true", ["low", "low", "low", "middle", "middle", "high"]),
     ("false", ["low", "low", "middle", "middle", "high", "high"])],
)  # fmt: skip
def test_a_number_on_a_break_goes_where_right_says(made, right, expected) -> None:
    frame, info = variable(
        made,
        # of 40 to 51 the ages 42 and 44 lie on breaks; 44 only but for rounding
        f"group: {{type: ordinal, expression: (age - 40) / 0.1 * 0.1, "
        f"cut: {{breaks: [2, 4], levels: [low, middle, high], right: {right}}}}}",
    )
    assert frame["clinical.group"].tolist()[:6] == expected
    assert info["clinical"]["group"]["levels"] == ["low", "middle", "high"]


def test_a_column_is_cut_and_a_comparison_is_a_binary_variable(made: Making) -> None:
    frame, info = variable(
        made,
        "young: {type: binary, expression: 'age < 42 or grade == \"low\"', reference: yes}",
        "late: {type: nominal, column: days, cut: {breaks: [200], levels: [a, b], right: true}}",
    )
    assert frame["clinical.young"].tolist()[:4] == ["yes", "yes", "yes", "no"]
    assert frame["clinical.late"].tolist()[:3] == ["a", "a", "b"]
    assert info["clinical"]["young"] == {"type": "binary", "levels": ["yes", "no"]}


def test_what_is_undefined_is_missing_and_counted(made: Making) -> None:
    made.swap_cells("P03,1,42", "P03,1,")
    frame, info = variable(made, "odd: {type: continuous, expression: 1 / (age - 40)}")
    assert frame["clinical.odd"].isna().tolist()[:4] == [True, False, True, False]
    [line] = [line for line in info["warnings"] if "undefined" in line]
    assert line.startswith(f"{FILE}:19 clinical.odd.expression: undefined for 1 of 12 cases")
    assert "(P01)" in line
    assert any("clinical.odd: 2 of 12 values are missing" in line for line in info["warnings"])


@pytest.mark.parametrize(
    ("expression", "line"),
    [
        ("relapse * 2", "the column 'relapse', which is the endpoint; "
         "remove it from the formula; it cannot be a predictor as well"),
        ("age + log(patient)", "the column 'patient', which is the case id; "
         "remove it from the formula; it cannot be a predictor as well"),
        ("other + 1", "variables that are computed from each other: new <- other <- new; "
         "name columns in one of them"),
        ("age.__class__", "found '.__class__' at character 4; names have no parts; a name with "
         "dots is written `in backquotes`"),
        ("exec(age)", "found the function 'exec'; allowed: log, log2, log10, exp, sqrt, abs, min, "
         "max, round, where"),
        ("age >= 65", "found an expression that says yes or no; set the type to binary, without "
         "cut"),
    ],
)  # fmt: skip
def test_faults_that_the_file_alone_shows(made: Making, expression: str, line: str) -> None:
    made.swap(
        AGE,
        f"{AGE}  new: {{type: continuous, expression: '{expression}'}}\n"
        "  other: {type: continuous, expression: new + age}\n",
    )
    found = [said.split(": ", 1)[1] for said in load_faults(made)]
    assert found == [line]


@pytest.mark.parametrize(
    ("expression", "line"),
    [
        ("agee / 2", "found the column 'agee', which clinical.csv does not have; "
         "allowed: patient, relapse, age, grade, days; nearest: age"),
        ("grade / 2", "the column 'grade' of text (such as 'low') in the computed variable 'new'; "
         'compare it, such as grade == "low"'),
    ],
)  # fmt: skip
def test_faults_that_the_table_shows(made: Making, expression: str, line: str) -> None:
    made.swap(AGE, f"{AGE}  new: {{type: continuous, expression: '{expression}'}}\n")
    report = check_path(made.folder)
    assert [str(f) for f in report.faults] == [f"{FILE}:19 clinical.new.expression: {line}"]


def test_one_text_among_numbers_is_told_with_its_row(made: Making) -> None:
    made.swap_cells("high,350", "high,3 50")
    made.swap(AGE, AGE + "  new: {type: continuous, expression: days / 2}\n")
    [fault] = check_path(made.folder).faults
    assert str(fault).startswith(
        "clinical.csv row 5: case P04: text '3 50' in the computed variable 'new' (column 'days')"
    )


def test_a_text_that_no_case_has_is_told(made: Making) -> None:
    _, info = variable(made, "new: {type: binary, expression: 'grade == \"hihg\"'}")
    assert any("no case has grade 'hihg'; nearest: high" in line for line in info["warnings"])
