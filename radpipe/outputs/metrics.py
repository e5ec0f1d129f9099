"""The metrics of every model with 95% intervals."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import pandas as pd

from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.words import (
    APPARENT,
    CONDITIONAL,
    RESAMPLED,
    in_order,
    interval,
    is_survival,
    opening,
    rows_of,
    sample_sentences,
    shown_splits,
    split_title,
)

NAMES = {
    "auc": "AUC",
    "c_index": "C-index",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "PPV",
    "npv": "NPV",
    "accuracy": "Accuracy",
    "brier": "Brier score",
    "calibration_intercept": "Calibration intercept",
    "calibration_slope": "Calibration slope",
    "calibration_in_the_large": "Calibration in the large",
    "oe": "O/E",
}
CALIBRATION = ("brier", "calibration_", "oe")
"""Beginnings of the measures of agreement, which make a table of their own."""
PROPORTIONS = ("sensitivity", "specificity", "ppv", "npv", "accuracy")
APPARENT_WORDS = " Apparent values flatter: they are those of the training rows."
LEFT_OUT = ("cutoff", "scaled_brier", "calibration_in_the_large")
"""Measures that the readable table leaves to the tidy one, for width."""
NO_WIDTH = (
    "DeLong's variance is 0 where every event outranks every non-event, or all scores are equal: "
    "an interval without width is no certainty"
)


class MetricsSpec(PredictionOutputSpec):
    """The metrics table.

    Parameters
    ----------
    apparent : bool
        Whether the final models' values on their own training rows are listed too, as such.
    """

    kind: Literal["metrics"] = "metrics"
    apparent: bool = True

    heading: ClassVar[str] = "Performance of the models"

    def compute(self, data: OutputData) -> Result:
        """Return ``metrics`` (tidy); ``performance`` and ``calibration``, to read."""
        from radpipe.evaluation.metrics import metrics

        models = self.chosen(data)
        splits = list(shown_splits(self, data))
        if self.apparent and APPARENT not in splits:
            splits.append(APPARENT)
        tidy = metrics(rows_of(data, models), data.outcomes, data.endpoint)
        tidy = in_order(tidy, splits, models)
        tidy.insert(1, "label", [data.model_label(m) for m in tidy["model"]])
        trusted = tidy[tidy["split"] != APPARENT] if set(splits) != {APPARENT} else tidy
        told = "an estimate is the mean over repeats" if RESAMPLED in splits else ""
        caption = (
            f"{opening(data)}{sample_sentences(data, [s for s in splits if s != APPARENT])} "
            f"Values are estimates (95% interval){'; under resampling ' + told if told else ''}. "
            f"{_cutoff_words(data)}Methods: "
            f"{_methods(trusted)}."
            f"{' ' + CONDITIONAL if RESAMPLED in splits else ''}"
            f"{APPARENT_WORDS if APPARENT in splits else ''}"
        )
        agreement = tidy["metric"].str.startswith(CALIBRATION)
        calibration = {"calibration": wide(tidy[agreement])} if agreement.any() else {}
        return Result(
            {"performance": wide(tidy[~agreement]), **calibration, "metrics": tidy},
            caption,
            _notes(tidy),
            readable=("performance", *calibration),
        )


def wide(tidy: pd.DataFrame) -> pd.DataFrame:
    """Return one row a model and split with the estimates as text, proportions in percent."""
    rows = []
    for (split, _), part in tidy.groupby(["split", "model"], sort=False):
        row: dict[str, Any] = {"Model": part["label"].iloc[0], "Cases": split_title(str(split))}
        for _, found in part.iterrows():
            if found["metric"] not in LEFT_OUT:
                row[_name(found)] = _value(found)
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.fillna("–")


def _name(found: pd.Series) -> str:
    """Return a measure's name in print."""
    metric = str(found["metric"])
    if metric in NAMES:
        return NAMES[metric]
    kind, _, horizon = metric.rpartition("_at_")
    return f"{NAMES.get(kind, kind)} at {horizon}"


def _value(found: pd.Series) -> str:
    metric = str(found["metric"])
    factor, digits = (100, 0) if metric in PROPORTIONS else (1, 3 if "brier" in metric else 2)
    values = [factor * float(found[k]) for k in ("estimate", "lower", "upper")]
    text = interval(values[0], values[1], values[2], digits).replace("-", "−")
    return text if text == "–" or factor == 1 else text.replace(" (", "% (", 1)


def _methods(tidy: pd.DataFrame) -> str:
    """Return which method made which intervals, in the order of the table."""
    by_method: dict[str, list[str]] = {}
    for _, found in tidy.iterrows():
        if found["metric"] in LEFT_OUT or not pd.notna(found["lower"]):
            continue
        names = by_method.setdefault(str(found["method"]), [])
        name = _name(found)
        if name not in names:
            names.append(name)
    return "; ".join(f"{', '.join(names)}: {method}" for method, names in by_method.items())


def _cutoff_words(data: OutputData) -> str:
    if is_survival(data) or data.predictions["cutoff"].isna().all():
        return ""
    return (
        "Sensitivity to accuracy are at a cut-off learned on inner out-of-fold predictions of "
        "the training rows. "
    )


def _notes(tidy: pd.DataFrame) -> tuple[str, ...]:
    """Return why something is undefined, each reason once with those it concerns."""
    noted = tidy[(tidy["note"].fillna("") != "") & (tidy["split"] != APPARENT)]
    concerned: dict[str, list[str]] = {}
    for _, found in noted.iterrows():
        who = f"{found['label']}, {_name(found)}"
        concerned.setdefault(str(found["note"]), []).append(who)
    flat = tidy[(tidy["metric"] == "auc") & (tidy["lower"] == tidy["upper"])]
    for _, found in flat.iterrows():
        who = f"{found['label']}, {split_title(str(found['split'])).lower()}"
        concerned.setdefault(NO_WIDTH, []).append(who)
    return tuple(
        f"{note} ({'; '.join(who[:4])}{f' and {len(who) - 4} more' if len(who) > 4 else ''})"
        for note, who in concerned.items()
    )
