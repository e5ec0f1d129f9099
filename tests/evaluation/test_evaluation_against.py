"""A model is told so where it is not better than the volume of the region alone."""

import numpy as np
import pandas as pd
import pytest
from evaluation_making import BINARY, SURVIVAL, binary_tables, survival_tables

from radpipe.evaluation.against import BEYOND_VOLUME, against, beyond_volume
from radpipe.evaluation.compare import compare
from radpipe.evaluation.headline_metric import HEADLINE
from radpipe.evaluation.metrics import METRIC_COLUMNS, metrics
from radpipe.models.crossfit import crossfit
from radpipe.models.inputs import Inputs
from radpipe.models.logistic import LogisticSpec
from radpipe.models.predictions import predictions_table
from radpipe.outputs.verdicts import verdicts
from radpipe.resampling.plan import make_plan
from radpipe.resampling.schemes import RepeatedCvSpec

ENDPOINT = {**BINARY, "classes": []}


def fitted(truth):
    """Return the tables of a model of volume and texture, and of one of the volume alone."""
    rng = np.random.default_rng(3)
    n = 120
    cases = [f"P{i:03d}" for i in range(n)]
    columns = ["t1__volume", *(f"t1__texture{i}" for i in range(4))]
    table = pd.DataFrame(rng.normal(size=(n, 5)), columns=columns, index=cases)
    y = (2 * table[truth].to_numpy() + rng.logistic(size=n) > 0).astype(int)
    plan = make_plan(y, cases, ["train"] * n, RepeatedCvSpec(folds=4, repeats=2, inner_folds=2), 1)
    cohort = pd.DataFrame({"case": cases, "group": cases, "cohort": "main", "split": "train"})
    scores = {}
    for name, used in (("radiomic", columns), ("control_volume", columns[:1])):
        spec, inputs = LogisticSpec(inputs=["t1"]), Inputs(table[used], np.array(cases), {}, {})
        scores[name] = crossfit(name, spec, inputs, y, plan, 1, inner=False).scores
    return predictions_table(scores, cohort), cohort.assign(y=y)


@pytest.mark.parametrize(("truth", "better"), [("t1__volume", False), ("t1__texture0", True)])
def test_where_volume_is_all_there_is(truth, better):
    predictions, outcomes = fitted(truth)
    [row] = beyond_volume(predictions, outcomes, ENDPOINT, ["radiomic"], "control_volume").to_dict(
        "records"
    )
    assert (row["lower"] > 0) == better
    entry = {"beyond_volume": {**{k: row[k] for k in ("lower", "upper", "note")},
                               "difference": row["estimate"]}}  # fmt: skip
    said = verdicts({"Radscore": entry}, HEADLINE["binary"])
    if better:
        assert said == []
    else:
        assert said[0].startswith("Radscore (difference of AUC ")
        assert "is not better than the volume of the region alone" in said[0]


def test_the_difference_is_that_of_the_metrics_and_the_interval_that_of_the_comparison():
    for predictions, outcomes, about in (
        (*binary_tables(), BINARY), (*survival_tables(), SURVIVAL),
    ):  # fmt: skip
        found = against(predictions, outcomes, about, ["a"], "b")["a"]
        name = HEADLINE[about["kind"]].name
        table = metrics(predictions, outcomes, about)
        own = table[(table["split"] == "resampled") & (table["metric"] == name)]
        a, b = own.set_index("model").loc[["a", "b"], "estimate"]
        assert found.estimate == pytest.approx(a - b)
        other = compare(predictions, outcomes, about, [("a", "b")])
        row = other[(other["split"] == "resampled") & (other["metric"] == name)].iloc[0]
        assert (found.lower, found.upper) == (row["lower"], row["upper"])


def test_held_out_cases_are_not_asked():
    predictions, outcomes = binary_tables()
    known = against(predictions, outcomes, BINARY, ["a"], "b")["a"]
    held = predictions["kind"] == "held-out"
    spoiled = predictions.assign(score=predictions["score"].where(~held, 0.0))
    assert against(spoiled, outcomes, BINARY, ["a"], "b")["a"] == known


def test_many_random_splits_give_a_spread():
    predictions, outcomes = binary_tables(repeats=9)
    about = {**BINARY, "resampling": "repeated_splits"}
    found = against(predictions, outcomes, about, ["a"], "b")["a"]
    each = [
        against(part.assign(repeat=0), outcomes, BINARY, ["a"], "b")["a"].estimate
        for _, part in predictions[predictions["kind"] == "out-of-fold"].groupby("repeat")
    ]
    assert found.estimate == np.median(each)
    assert (found.lower, found.upper) == tuple(np.quantile(each, [0.025, 0.975]))
    assert "splits" in found.method


def test_a_model_that_was_not_compared_says_so():
    predictions, outcomes = binary_tables(held_out=0)
    [row] = beyond_volume(predictions, outcomes, BINARY, ["a"], "none").to_dict("records")
    assert set(row) == set(METRIC_COLUMNS)
    assert row["metric"] == BEYOND_VOLUME
    assert np.isnan(row["estimate"])
    assert row["note"] == "no predictions of none"
