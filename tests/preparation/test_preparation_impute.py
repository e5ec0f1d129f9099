"""Missing values: medians, levels, neighbours, regressions, indicators."""

import numpy as np
import pandas as pd
import pytest
from preparation_toys import CLINICAL, table

from radpipe.core.errors import RadpipeError
from radpipe.models.prepare import Prepare
from radpipe.preparation.impute import Impute, ImputeSpec
from radpipe.preparation.impute_learned import MOST_COLUMNS


def coded(frame):
    return Prepare(CLINICAL, impute=False).fit_transform(frame)


def test_complete_in_training_and_missing_later_takes_the_median():
    train = pd.DataFrame({"t1__a": [4.0, 8.0, 5.0], "clinical.age": [50.0, 60.0, 75.0]})
    later = pd.DataFrame({"t1__a": [np.nan], "clinical.age": [np.inf]})
    found = Prepare(CLINICAL).fit(train).transform(later)
    assert found.iloc[0].to_dict() == {"clinical.age": 60.0, "t1__a": 5.0}


def test_most_frequent_takes_the_smallest_on_a_tie():
    frame = pd.DataFrame({"t1__a": [3.0, 1.0, 3.0, 1.0, 9.0, np.nan]})
    assert Impute("most_frequent").fit_transform(frame)["t1__a"].iloc[-1] == 1.0


def test_a_level_on_a_tie_is_the_earlier_in_the_dictionary():
    frame = pd.DataFrame(
        {
            "clinical.site": ["trunk", "leg", "arm", "leg", "trunk", None],
            "clinical.grade": ["High", "Mid", "High", "Mid", "Low", None],
            "t1__a": np.arange(6.0),
        }
    )
    Z = Prepare(CLINICAL).fit_transform(frame)
    assert Z["clinical.site=leg"].iloc[-1] == 1
    assert Z["clinical.site=trunk"].iloc[-1] == 0
    assert Z["clinical.grade"].iloc[-1] == 1


def test_indicators_stand_for_what_training_missed():
    frame = table()
    Z = Prepare(CLINICAL, steps=(ImputeSpec(indicator=True),)).fit_transform(frame)
    gaps = [c for c in frame if frame[c].isna().any()]
    assert [c for c in Z if c.endswith("=missing")] == sorted(f"{c}=missing" for c in gaps)
    for name in gaps:
        assert (Z[f"{name}=missing"] == frame[name].isna()).all()


def test_indicators_are_not_scaled_as_features():
    spec = ImputeSpec(indicator=True)
    Z = Prepare(CLINICAL, "features", steps=(spec,)).fit_transform(table())
    assert set(Z["t1__f03=missing"]) == {0.0, 1.0}
    assert Z["t1__f03"].std() == pytest.approx(1)


def test_a_level_called_missing_is_no_indicator():
    frame = pd.DataFrame({"clinical.s": ["a", "missing", None, "a"], "t1__a": [1.0, 2, 3, 4]})
    clinical = {"s": {"type": "nominal", "levels": ["a", "missing"]}}
    with pytest.raises(RadpipeError, match="rename the level"):
        Prepare(clinical, steps=(ImputeSpec(indicator=True),)).fit(frame)


def test_neighbours_are_those_on_z_scores():
    frame = pd.DataFrame(
        {"t1__a": [0.0, 1, 10, 11, 0.5], "t1__b": [1e6, 3e6, 2e6, 2.2e6, np.nan],
         "t1__c": [0.0, 0, 5, 5, 0]}
    )  # fmt: skip
    found = Impute("knn", neighbours=2).fit_transform(frame)
    assert found["t1__b"].iloc[-1] == pytest.approx(2e6)


@pytest.mark.parametrize("method", ["knn", "iterative"])
def test_related_columns_fill_in_better_than_the_median(method):
    rng = np.random.default_rng(2)
    a = rng.normal(size=80)
    true = pd.DataFrame({f"t1__{k}": a + 0.1 * rng.normal(size=80) for k in "abcd"})
    frame = true.mask(rng.random(true.shape) < 0.1)
    gaps = frame.isna().to_numpy()
    errors = [
        np.abs((Impute(m, seed=1).fit_transform(frame) - true).to_numpy()[gaps]).mean()
        for m in (method, "median")
    ]
    assert errors[0] < 0.4 * errors[1]


@pytest.mark.parametrize("method", ["knn", "iterative"])
def test_filled_in_factors_have_levels(method):
    frame = coded(table(n=90, gaps=0.2))
    found = Impute(method, seed=1).fit_transform(frame)
    assert set(found["clinical.grade"]) <= {0.0, 1.0, 2.0}
    site = found[["clinical.site=leg", "clinical.site=trunk"]]
    assert set(map(tuple, site.to_numpy())) == {(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)}


def test_iterative_refuses_more_columns_than_it_can_do():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(20, MOST_COLUMNS + 1)))
    frame.columns = [f"t1__f{i}" for i in range(frame.shape[1])]
    frame.iloc[0] = np.nan
    with pytest.raises(RadpipeError, match=f"takes {MOST_COLUMNS} at most"):
        Impute("iterative").fit(frame)


def test_many_columns_with_few_gaps_are_regressed_in_bounded_time():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(120, 2000)), columns=[f"t1__f{i}" for i in range(2000)])
    frame.iloc[:5, :20] = np.nan
    step = Impute("iterative", rounds=2)
    assert np.isfinite(step.fit_transform(frame).to_numpy()).all()
    assert step.learned_.used_.size <= 20 * 11
