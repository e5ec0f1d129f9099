"""How far scores lie from the cut-off of the fit that made them."""

import numpy as np
import pytest
from evaluation_making import BINARY, binary_tables

from radpipe.evaluation.margins import margins
from radpipe.evaluation.metrics import metrics


@pytest.fixture(scope="module")
def made():
    return binary_tables()


def test_a_margin_is_the_mean_over_the_repeats_of_score_minus_the_fits_own_cut(made):
    found = margins(*made, BINARY).query("model == 'a' and split == 'resampled'")
    assert (np.diff(found["margin"]) >= 0).all()
    rows = made[0].query("model == 'a' and kind == 'out-of-fold' and case == 'P007'")
    assert rows["cutoff"].iloc[0] == pytest.approx(0.2)  # the seventh case is in fold 2
    row = found[found["case"] == "P007"].iloc[0]
    assert row["margin"] == pytest.approx(np.mean(rows["score"] - 0.2))
    assert row["called"] == np.mean(rows["score"] >= 0.2)
    assert row["y"] == made[1].set_index("case")["y"]["P007"]


def test_calls_give_the_accuracy_of_the_metrics(made):
    found, table = margins(*made, BINARY), metrics(*made, BINARY).query("metric == 'accuracy'")
    for _, row in table.iterrows():
        own = found[(found["model"] == row["model"]) & (found["split"] == row["split"])]
        right = np.where(own["y"] == 1, own["called"], 1 - own["called"])
        assert right.mean() == pytest.approx(row["estimate"])


def test_a_score_at_the_cut_is_called(made):
    predictions, outcomes = made
    level = predictions.assign(score=predictions["cutoff"])
    found = margins(level, outcomes, BINARY)
    assert (found["margin"] == 0).all()
    assert (found["called"] == 1).all()


def test_rows_without_a_cut_and_in_bag_rows_are_left_out(made):
    predictions, outcomes = made
    none = predictions["model"] == "b"
    bag = predictions["kind"] == "apparent"
    changed = predictions.assign(
        cutoff=predictions["cutoff"].mask(none), kind=predictions["kind"].mask(bag, "in-bag")
    )
    found = margins(changed, outcomes, BINARY)
    assert set(zip(found["model"], found["split"], strict=True)) == {
        ("a", "resampled"), ("a", "internal")
    }  # fmt: skip
    assert margins(changed[none], outcomes, BINARY).empty
