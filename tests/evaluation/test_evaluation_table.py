"""What is ranked when the predictions of several fits are pooled."""

import numpy as np
import pandas as pd
import pytest
from evaluation_making import BINARY, SURVIVAL, binary_tables

from radpipe.core import target
from radpipe.evaluation.metrics import ALL_ALIKE, metrics
from radpipe.evaluation.table import slices
from radpipe.models.crossfit import crossfit
from radpipe.models.fusion import FusionSpec
from radpipe.models.inputs import Inputs
from radpipe.models.logistic import LogisticSpec
from radpipe.models.predictions import predictions_table
from radpipe.models.rule import RuleSpec
from radpipe.models.threshold import ThresholdSpec
from radpipe.resampling.plan import make_plan
from radpipe.resampling.schemes import RepeatedCvSpec

RULE = RuleSpec(all_of=[{"input": "t1__a", "above": 0.2}])
GIVEN = ThresholdSpec(input="t1__a", direction="higher", at=0.2)
LEARNED = ThresholdSpec(input="t1__a", direction="higher", at="median")
VOTE = FusionSpec(inputs=["t1__a", "t1__b"], method="vote")


def out_of_fold(spec, endpoint="binary", n=61):
    """Return predictions and outcomes of a model that is fitted in folds."""
    rng = np.random.default_rng(3)
    case = [f"P{i:02d}" for i in range(n)]
    table = pd.DataFrame(rng.normal(size=(n, 2)), index=case, columns=["t1__a", "t1__b"])
    event = (0.4 * table["t1__a"].to_numpy() + rng.logistic(size=n) > 0.3).astype(int)
    time, known = rng.uniform(0.5, 3, n), (event if endpoint == "binary" else rng.random(n) < 0.8)
    y = event if endpoint == "binary" else target.survival(time, known)
    plan = make_plan(
        y, case, ["train"] * n, RepeatedCvSpec(folds=7, repeats=1, inner_folds=2), seed=1
    )
    inputs = Inputs(table, np.array(case))
    inputs = inputs.only(inputs.of(spec.inputs))
    found = crossfit("m", spec, inputs, y, plan, 1, horizons=(1.0, 2.0))
    cohort = pd.DataFrame({"case": case, "group": case, "cohort": "main", "split": "train"})
    outcome = {"y": y} if endpoint == "binary" else {"time": time, "event": known.astype(int)}
    return predictions_table({"m": found.scores}, cohort), cohort.assign(**outcome)


def resampled(table):
    return table[table["split"] == "resampled"].set_index("metric")["estimate"]


@pytest.mark.parametrize("spec", [RULE, GIVEN, LEARNED])
def test_a_yes_or_no_is_ranked_by_what_it_says_in_every_fit(spec):
    predictions, outcomes = out_of_fold(spec)
    found = resampled(metrics(predictions, outcomes, BINARY))
    part = slices(predictions, outcomes, BINARY)[0]
    assert np.unique(part.risk[None]).size > 2  # each fold has its own share of events
    assert found["auc"] == pytest.approx((found["sensitivity"] + found["specificity"]) / 2)


def test_a_yes_or_no_is_ranked_so_at_a_horizon_too():
    predictions, outcomes = out_of_fold(GIVEN, "survival")
    part = slices(predictions, outcomes, SURVIVAL)[0]
    np.testing.assert_array_equal(part.ranking_at(1.0), part.score)
    assert np.unique(part.risk[1.0]).size > 2


def test_votes_are_ranked_by_their_share_and_fitted_models_by_their_risk():
    for spec, by_score in ((VOTE, True), (LogisticSpec(inputs=["t1"]), False)):
        part = slices(*out_of_fold(spec), BINARY)[0]
        assert part.resampled
        np.testing.assert_array_equal(part.pooled, part.score if by_score else part.risk[None])


AT_THE_CUT_OFF = ["sensitivity", "specificity", "ppv", "npv", "accuracy"]


def test_at_a_cut_off_nothing_is_known_of_a_model_that_gives_every_case_the_same_score():
    predictions, outcomes = binary_tables(models=("a", "b"))
    alike = predictions["model"] == "b"
    share = 0.1 + 0.1 * predictions["fold"]
    predictions = predictions.assign(
        score=predictions["score"].where(~alike, share),
        risk=predictions["risk"].where(~alike, share),
    )
    found = metrics(predictions, outcomes, BINARY).set_index(["metric", "model"]).sort_index()
    for metric in AT_THE_CUT_OFF:
        assert found.loc[(metric, "a"), "estimate"].notna().all()
        own = found.loc[(metric, "b")]
        assert own[["estimate", "lower", "upper", "numerator"]].isna().all(axis=None)
        assert set(own["note"]) == {ALL_ALIKE}
    # one case that a fit tells from the others is enough
    predictions.loc[np.flatnonzero(alike)[0], "score"] = 0.7
    found = (
        metrics(predictions, outcomes, BINARY).set_index(["metric", "model", "split"]).sort_index()
    )
    assert np.isfinite(found.loc[("sensitivity", "b", "resampled"), "estimate"])


def test_fits_that_predict_one_case_each_tell_cases_apart():
    predictions, outcomes = binary_tables(n=20, repeats=1, folds=20, held_out=0)
    part = slices(predictions, outcomes, BINARY)[0]
    assert part.resampled
    assert not part.flat


def test_a_rule_that_holds_for_nobody_is_an_answer():
    nobody = RuleSpec(all_of=[{"input": "t1__a", "above": 99}])
    found = resampled(metrics(*out_of_fold(nobody), BINARY))
    assert found["sensitivity"] == 0
    assert found["specificity"] == 1
    assert found["auc"] == 0.5
