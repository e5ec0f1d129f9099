"""What is said first: ranked out-of-fold, shown where it counts most."""

import pandas as pd

from radpipe.steps.headline import ranked_models, shown_splits

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
