"""What is said first: ranked out-of-fold, shown where it counts most."""

import pandas as pd

from radpipe.evaluation.headline_metric import HEADLINE
from radpipe.steps.headline import doubt, ranked_models, shown_splits, told_outcomes

TABLE = pd.DataFrame(
    [
        ("a", "resampled", 0.7),
        ("b", "resampled", 0.8),
        ("control_volume", "resampled", 0.9),
        ("a", "internal", 0.9),
        ("a", "external:Two", 0.9),
        ("b", "external:Two", 0.6),
        ("a", "external:One", 0.5),
        ("a", "apparent", 1.0),
    ],
    columns=["model", "split", "estimate"],
)


def test_no_model_is_chosen_by_held_out_cases():
    assert ranked_models(TABLE, ["a", "b"]) == ["b", "a"]


def test_every_external_set_is_shown_and_what_counts_less_is_not():
    assert shown_splits(TABLE) == ["resampled", "external:Two", "external:One"]
    assert shown_splits(TABLE[TABLE["split"] != "external:Two"]) == ["resampled", "external:One"]
    assert shown_splits(TABLE[:5]) == ["resampled", "external:Two"]
    assert shown_splits(TABLE[:4]) == ["resampled", "internal"]
    assert shown_splits(TABLE[:3]) == ["resampled"]


def test_the_first_model_is_said_not_to_be_better_than_its_controls():
    beyond = {"difference": 0.1, "lower": 0.02, "upper": 0.2, "note": ""}
    good = {"real": 0.7, "range95": [0.4, 0.6], "beyond_volume": beyond}
    auc = HEADLINE["binary"]
    assert doubt(good, auc, ()) == ""
    assert doubt({"real": 0.7}, auc, ()) == ""
    poor = {"real": 0.6, "range95": [0.4, 0.6]}
    assert doubt(poor, auc, ()) == "; not better than a permuted endpoint"
    both = {**poor, "beyond_volume": {**beyond, "lower": -0.1}}
    told = "; not better than a permuted endpoint and volumes of bone and tumour alone"
    assert doubt(both, auc, ("bone", "tumour")) == told
    undefined = {**good, "beyond_volume": {"difference": None, "note": "one class"}}
    assert doubt(undefined, auc, ()) == ""


def test_outcomes_of_every_kind_are_told():
    frame = pd.DataFrame({"y": [0, 1, 1, 2], "time": 1.0, "event": [1, 0, 0, 1]})
    frame["competing"] = [0, 1, 0, 0]
    about = {"kind": "multiclass", "label": "grade", "classes": ["low", "mid", "high"]}
    words = "1 low; 2 mid; 1 high"
    assert told_outcomes(frame, about) == (words, f"4 cases (grade): {words}.")
    about = {"kind": "survival", "label": "death"}
    said = "2 of 4 cases had the event (death), 1 a competing one."
    assert told_outcomes(frame, about) == ("2", said)
    about = {"kind": "continuous", "label": "density", "unit": "g"}
    said = "4 cases with density, mean ± standard deviation 1 ± 0.816 g."
    assert told_outcomes(frame, about) == ("", said)
    binary = frame.assign(y=[0, 1, 0, 1])
    said = "2 of 4 cases had the event (relapse)."
    assert told_outcomes(binary, {"kind": "binary", "label": "relapse"}) == ("2", said)
