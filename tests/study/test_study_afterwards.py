"""What is known only once a case was followed up is told where it is a predictor."""

import pandas as pd
import pytest
from study_making import SURVIVAL

from radpipe.study.check import check_path
from radpipe.study.words import is_afterwards


@pytest.mark.parametrize(
    ("name", "levels", "late"),
    [
        ("status", (), True),
        ("状态", (), True),
        ("os_months", (), True),
        ("随访月数", (), True),
        ("死因", (), True),
        ("vital", ("alive", "dead"), True),
        ("HER2_status", ("positive", "negative"), False),
        ("受体状态", ("阳性", "阴性"), False),
        ("event_rate", (), False),
        ("original_firstorder_Energy", (), False),
    ],
)
def test_names_and_values_that_speak_of_follow_up(name, levels, late):
    assert is_afterwards(name, levels) is late


def test_a_predictor_that_tells_the_outcome_is_noted(made):
    made.swap("  grade: {type: ordinal, levels: [low, high]}", "  status: {type: binary}")
    made.swap_cells("age,grade", "age,status", "low", "alive", "high", "dead")
    [line] = [w for w in check_path(made.folder).warnings if "tells the outcome" in w]
    assert "clinical.status: its name says that it tells the outcome; take it out" in line
    made.swap("  status: {type: binary}", "  group: {type: binary, column: status}")
    assert any("tells the outcome" in w for w in check_path(made.folder).warnings)
    made.swap(", column: status", "")
    made.swap_cells("age,status", "age,group")
    [line] = [w for w in check_path(made.folder).warnings if "tells the outcome" in w]
    assert "clinical.group: its values (alive, dead) say that it tells the outcome" in line


@pytest.mark.parametrize("survival", [False, True])
def test_follow_up_in_a_feature_table_is_noted(made, survival):
    table = pd.read_csv(made.table)
    features = table[["patient"]].assign(随访月数=table["days"] / 30.4, entropy=table["age"] * 0.3)
    features.to_csv(made.data / "f.csv", index=False)
    made.swap("clinical:\n", "  f: {kind: table, file: f.csv}\nclinical:\n")
    if survival:
        made.swap("endpoint: {type: binary, column: relapse, positive: 1}", SURVIVAL)
    [line] = [w for w in check_path(made.folder).warnings if "随访月数" in w]
    assert "blocks.f: 随访月数 counts as a feature, and its name says" in line
    assert "entropy" not in line
