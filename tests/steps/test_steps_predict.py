"""What is said of the intervals of new cases' risks."""

import numpy as np
import pandas as pd
import pytest

from radpipe.models.arithmetic import Arithmetic
from radpipe.models.logistic import Logistic
from radpipe.models.plain_parts import part_of
from radpipe.steps.new_tables import NewCases
from radpipe.steps.predict import odd_values, predict
from radpipe.steps.stored import StoredModel

X = pd.DataFrame({"clinical.x": np.random.default_rng(0).normal(size=60)})
PATIENT = np.arange(60) // 2


def stored(y, groups=None):
    """Return a logistic model as it is read from its folder, with what predicting asks for."""
    part = part_of(Logistic().fit(X, y, groups))
    coding = [{"column": "clinical.x", "variable": "clinical.x"}]
    found = {"coding": coding, "steps": [], "columns": ["clinical.x"], "model": part}
    passport = {
        "model": "m",
        "kind": "logistic",
        "endpoint": {"kind": "binary"},
        "gives_risk": True,
        "calibrated_risk": True,
        "score": "log_odds",
        "nomogram": None,
        "cutoff": {"low": None, "high": None},
        "formula": None,
        "missing_values": "",
        "variables": [],
        "study": {"simulated": False},
    }
    return StoredModel(passport, Arithmetic(found))


@pytest.mark.parametrize(
    ("y", "groups", "told"),
    [
        (np.arange(60) % 3 == 0, None, "(Wald, 95%); values"),
        (np.arange(60) % 3 == 0, PATIENT, "(Wald, 95%, clustered by patient); values"),
        (X["clinical.x"].to_numpy() > 0, None, "has no interval of a case's risk: Firth's"),
        (X["clinical.x"].to_numpy() > 0, PATIENT, "has no interval of a case's risk: several rows"),
    ],
)
def test_the_interval_of_a_risk_says_how_it_was_made_or_why_there_is_none(y, groups, told):
    found = predict(stored(y.astype(int), groups), NewCases(X.iloc[:3]))
    assert len(found.notes) == 1
    assert told in found.notes[0]
    assert found.table["risk"].notna().all()
    assert found.table["risk_lower"].isna().all() == ("no interval" in told)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("ordinal", "grade = III, a level that no training case had"),
        ("nominal", "grade = III, a level that no training case had, taken for the reference"),
    ],
)
def test_a_level_that_training_lacked_is_told(kind, told):
    entry = {"name": "clinical.grade", "type": kind, "levels": ["I", "II", "III"],
             "seen": {"I": 4, "II": 5}}  # fmt: skip
    model = stored(np.arange(60) % 3 == 0)
    model.passport["variables"].append(entry)
    table = pd.DataFrame({"clinical.grade": ["I", "III"]}, index=["a", "b"])
    assert odd_values(model, table) == {"b": [told]}
