"""Preparation is learned on training rows: filling in, coding, constants, z scores."""

import numpy as np
import pandas as pd

from radpipe.models.prepare import Prepare

CLINICAL = {
    "age": {"type": "continuous"},
    "grade": {"type": "ordinal", "levels": ["Low", "Mid", "High"]},
    "site": {"type": "nominal", "levels": ["arm", "leg", "trunk"]},
}
TRAIN = pd.DataFrame(
    {
        "t1__a": [1.0, 2.0, np.nan, 6.0],
        "t1__b": [5.0, 5.0, 5.0, 5.0],
        "radscore": [0.1, 0.2, 0.3, 0.5],
        "clinical.age": [50.0, 60.0, 70.0, np.inf],
        "clinical.grade": ["Low", "High", None, "High"],
        "clinical.site": ["leg", "leg", "trunk", None],
    }
)
TEST = pd.DataFrame(
    {
        "t1__a": [np.nan],
        "t1__b": [9.0],
        "radscore": [0.0],
        "clinical.age": [np.nan],
        "clinical.grade": ["Mid"],
        "clinical.site": ["arm"],
    }
)


def test_filled_in_coded_and_scaled_by_training_rows():
    prepare = Prepare(CLINICAL, scaling="features").fit(TRAIN)
    Z = prepare.transform(TRAIN)
    assert list(Z.columns) == [
        "clinical.age", "clinical.grade", "clinical.site=trunk", "radscore", "t1__a",
    ]  # fmt: skip
    a = np.array([1, 2, 2, 6.0])
    assert np.allclose(Z["t1__a"], (a - a.mean()) / a.std(ddof=1))
    assert list(Z["clinical.age"]) == [50, 60, 70, 60]
    assert list(Z["clinical.grade"]) == [0, 2, 2, 2]
    assert list(Z["clinical.site=trunk"]) == [0, 0, 1, 0]
    assert list(Z["radscore"]) == [0.1, 0.2, 0.3, 0.5]
    report = prepare.report()
    assert report["imputed"] == {
        "clinical.age": 1, "clinical.grade": 1, "clinical.site": 1, "t1__a": 1,
    }  # fmt: skip
    assert report["constant_dropped"] == ["t1__b"]
    assert report["reference_levels"] == {"clinical.site": "leg"}
    assert Z.attrs["levels"]["clinical.site"] == ["leg", "trunk"]


def test_unseen_levels_take_the_reference_and_are_counted():
    prepare = Prepare(CLINICAL).fit(TRAIN)
    Z = prepare.transform(TEST)
    assert Z["clinical.site=trunk"][0] == 0  # arm was never seen: as leg, the reference
    assert Z["clinical.grade"][0] == 1  # an ordinal level has its place all the same
    assert Z["t1__a"][0] == 2
    assert prepare.unseen(TEST) == 2
    assert prepare.unseen(TRAIN) == 0


def test_constant_to_rounding_is_constant():
    frame = pd.DataFrame({"t1__c": 1e6 + np.array([0, 1, 2]) * 1e-10, "t1__d": [0.0, 1.0, 3.0]})
    assert list(Prepare().fit(frame).transform(frame).columns) == ["t1__d"]


def test_without_imputation_missing_stays_missing():
    columns = ["t1__a", "clinical.grade", "clinical.site"]
    found = Prepare(CLINICAL, impute=False).fit(TRAIN[columns]).transform(TRAIN[columns])
    for name in columns:
        coded = [c for c in found.columns if c.split("=")[0] == name]
        assert found[coded].isna().all(axis=1).tolist() == TRAIN[name].isna().tolist()
        assert TRAIN[name].isna().any()


def test_a_column_missing_in_all_training_rows_is_dropped():
    frame = pd.DataFrame({"t1__a": [np.nan] * 3, "t1__b": [1.0, 2.0, 4.0]})
    assert list(Prepare().fit(frame).transform(frame).columns) == ["t1__b"]
