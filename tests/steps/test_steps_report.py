"""What the study's page says of models, beside what outputs made."""

import pandas as pd
import pytest

from radpipe.report.settings import settings_words
from radpipe.report.tables import shown
from radpipe.steps.headline import _limits, last_values
from radpipe.steps.model_tables import cutoff

TUNING = {"grid": {"cost": [0.1, 1.0, 10.0]}, "measure": "mean AUC", "folds": 5,
          "candidates": [{"cost": 0.1, "score": 0.7}, {"cost": 1.0, "score": 0.744}],
          "chosen": {"cost": 1.0}}  # fmt: skip

AT_69 = {"value": 69.0, "rule": {"kind": "youden"}}


@pytest.mark.parametrize(
    ("fit", "words"),
    [
        ({"cutoff_final": 0.3124999}, "0.3125"),
        ({"cutoff_final": -0.31, "cutoff_high_final": 0.6}, "−0.31 and 0.6"),
        ({"cutoff_final": [0.5, 0.25]}, "0.5, 0.25"),
        ({"cutoff_final": None}, "–"),
        ({"cutoff_final": [None, None, None], "score_scale": "risk"}, "–"),
        ({"cutoff_final": None, "direction": "lower"}, "–"),
        ({"cutoff_final": -4.0, "direction": "lower"}, "at most 4"),
        (
            {"cutoff_final": -4.0, "cutoff_high_final": 2.5, "direction": "lower"},
            "at most 4 and at most −2.5",
        ),
        ({"cutoff_final": [-4.0, 1.0], "direction": "lower"}, "at most 4, −1"),
        ({"cutoff_final": -0.0, "direction": "lower"}, "at most 0"),
        ({"cutoff_final": 0.5, "threshold": AT_69, "direction": "lower"}, "at most 69"),
        ({"cutoff_final": 0.5, "threshold": AT_69}, "69"),
        ({"cutoff_final": 0.5, "threshold": {**AT_69, "value": None}}, "–"),
        (
            {
                "cutoff_final": 0.5,
                "direction": "lower",
                "threshold": {
                    "value": 1050.25,
                    "rule": {"kind": "fixed", "on": "score", "at": 1050.25},
                },
            },
            "at most 1050.25",
        ),
        ({"cutoff_final": 0.5, "kind": "rule"}, "–"),
    ],
)
def test_all_cut_offs_of_the_final_model_are_told(fit, words):
    found = {**fit, "summary": {"params": {"direction": fit.get("direction", "higher")}}}
    assert shown(cutoff(found)) == words


def test_the_limits_of_the_key_result_are_called_what_they_are():
    splits = {"resampling": "repeated_splits"}
    assert _limits("resampled", splits) == "median and central 95% of the splits"
    assert _limits("internal", splits) == "95% interval"
    assert _limits("resampled", {}) == "95% interval"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (
            {"cost": 1.0, "kernel": "rbf", "tuning": TUNING},
            "cost chosen on 5 inner folds from 0.1, 1, 10 (nested cross-validation): 1, "
            "mean AUC 0.74; kernel rbf",
        ),
        (
            {"tuning": {**TUNING, "grid": {"depth": [1, 2], "rounds": [50]}, "measure":
             "minus mean squared error", "chosen": {"depth": 1, "rounds": 50},
             "candidates": [{"depth": 1, "rounds": 50, "score": -2.5}]}},
            "depth from 1, 2 and rounds from 50, chosen on 5 inner folds (nested "
            "cross-validation): depth 1, rounds 50, mean squared error 2.5",
        ),
        (
            {"tuning": {**TUNING, "folds": 0}},
            "cost 1, the first candidate, for want of inner folds",
        ),
        (
            {"choose": "min", "folds": 10, "penalty": "LASSO"},
            "LASSO, penalty of the least error in 10-fold cross-validation of the training cases",
        ),
        (
            {"calibration": {"method": "platt", "on": "out-of-fold scores",
                             "sigmoid": [{"slope": 6.5986, "intercept": 5.15}]}},
            "risks by a sigmoid (Platt) of out-of-fold scores, slope 6.599 and intercept 5.15",
        ),
        ({"sides": [{"side": "fails", "n": 26, "events": 22}], "min_leaf": 3},
         "fails: 26 cases (events 22); min leaf 3"),
    ],
)  # fmt: skip
def test_settings_are_told_in_words(params, words):
    assert settings_words(params) == words


def test_a_cut_off_has_its_scale_and_no_noise_of_rounding():
    fit = {"cutoff_final": -1.53e-16, "kind": "logistic", "score_scale": "log_odds"}
    assert cutoff({**fit, "summary": {}}) == "0 (log odds)"
    assert cutoff({**fit, "kind": "marker", "cutoff_final": 4.5, "summary": {}}) == 4.5


def test_the_last_line_gives_every_external_hospital():
    rows = [("a", "external:B", 0.7), ("a", "external:C", 0.6), ("a", "resampled", 0.8)]
    table = pd.DataFrame(rows, columns=["model", "split", "estimate"])
    table[["lower", "upper"]] = float("nan")
    splits = ["resampled", "external:B", "external:C"]
    assert last_values(table, "a", splits) == "0.70, external:B; 0.60, external:C"
    assert last_values(table, "a", splits[:1]) == "0.80, resampled"
