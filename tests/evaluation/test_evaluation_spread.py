"""Random splits give a spread."""

import numpy as np
import pandas as pd
import pytest
from evaluation_making import BINARY, SURVIVAL, binary_tables, survival_tables

from radpipe.evaluation.metrics import METRIC_COLUMNS, metrics
from radpipe.evaluation.spread import over_splits


def found_of(table, split):
    return table[table["split"] == split].set_index("metric")


@pytest.mark.parametrize(
    ("tables", "endpoint", "metric"),
    [(binary_tables, BINARY, "auc"), (survival_tables, SURVIVAL, "c_index")],
)
def test_random_splits_give_a_spread(tables, endpoint, metric):
    predictions, outcomes = tables(repeats=6, models=("a",))
    rng = np.random.default_rng(0)
    kept = (predictions["kind"] != "out-of-fold") | (rng.random(len(predictions)) < 0.5)
    predictions = predictions[kept]
    mine = metrics(predictions, outcomes, endpoint | {"resampling": "repeated_splits"})
    row = found_of(mine, "resampled").loc[metric]
    out = predictions[predictions["kind"] == "out-of-fold"]
    each = [
        found_of(metrics(part, outcomes, endpoint), "resampled").loc[metric, "estimate"]
        for _, part in out.groupby("repeat")
    ]
    assert row["estimate"] == pytest.approx(np.median(each))
    assert [row["lower"], row["upper"]] == pytest.approx(np.quantile(each, [0.025, 0.975]))
    assert np.isnan(row["se"])
    assert row["repeats"] == 6
    assert row["method"] == "median and central 95% of 6 random splits: a spread, not an interval"
    plain = metrics(predictions, outcomes, endpoint)
    rest = mine[mine["split"] != "resampled"].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        rest, plain[plain["split"] != "resampled"].reset_index(drop=True), check_dtype=False
    )


def test_splits_in_which_a_metric_is_undefined_are_counted():
    row = dict.fromkeys(METRIC_COLUMNS, 0) | {"metric": "auc", "class": "", "note": ""}
    one = pd.DataFrame([row | {"estimate": 0.7}])
    none = pd.DataFrame([row | {"estimate": np.nan, "note": "all cases belong to one class"}])
    found = over_splits([one, none, one]).iloc[0]
    assert (found["estimate"], found["repeats"]) == (0.7, 2)
    assert found["note"] == "undefined in 1 of 3 splits; all cases belong to one class"
    assert np.isnan(over_splits([none]).iloc[0]["estimate"])
