"""The metrics of every model with 95% intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from radpipe.core.target import KINDS
from radpipe.evaluation.splits import CORRECTED, OPTIMISM, PLUS
from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.outputs.calibration_warning import few_events
from radpipe.outputs.cutoff_rows import cutoff_values, cutoff_ways, with_spread
from radpipe.outputs.cutoff_table import cutoff_table, cutoff_words
from radpipe.outputs.strata import TWO_CUTS, has_two, strata, strata_table
from radpipe.outputs.words import (
    APPARENT,
    CONDITIONAL,
    DISTRIBUTION,
    NO_PROBABILITIES,
    RESAMPLED,
    calibrated,
    horizons,
    in_order,
    interval,
    is_repeated,
    is_spread,
    is_survival,
    opening,
    repeats_word,
    rows_of,
    sample_sentences,
    shown_splits,
    split_title,
)

NAMES = {
    "auc": "AUC",
    "macro_auc": "Macro AUC",
    "micro_auc": "Micro AUC",
    "hand_till": "Hand-Till M",
    "c_index": "C-index",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "PPV",
    "npv": "NPV",
    "f1": "F1",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "subset_accuracy": "All labels right",
    "hamming_loss": "Hamming loss",
    "macro_f1": "Macro F1",
    "micro_f1": "Micro F1",
    "kappa": "Kappa",
    "log_loss": "Log loss",
    "ranked_probability_score": "Ranked probability score",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
    "pearson": "Pearson r",
    "spearman": "Spearman ρ",
    "ccc": "Concordance correlation",
    "bias": "Bias",
    "loa_lower": "Lower limit of agreement",
    "loa_upper": "Upper limit of agreement",
    "brier": "Brier score",
    "calibration_intercept": "Calibration intercept",
    "calibration_slope": "Calibration slope",
    "calibration_in_the_large": "Calibration in the large",
    "oe": "O/E",
}
CALIBRATION = ("brier", "calibration_", "oe", "log_loss", "ranked_", "bias", "loa_")
"""Beginnings of the measures of agreement, which make a table of their own."""
PROPORTIONS = (
    *("sensitivity", "specificity", "ppv", "npv"),
    *("accuracy", "balanced_accuracy", "subset_accuracy"),
)
MEAN = "; under resampling an estimate is the mean over {}"
SPREAD = f"; out-of-fold ones are {DISTRIBUTION}"
CORRECTION = {
    OPTIMISM: " Optimism-corrected values are apparent ones less the mean optimism of the "
    "bootstrap fits.",
    PLUS: " .632+ values weigh apparent and out-of-bag ones by how much the model overfits.",
}
APPARENT_WORDS = " Apparent values flatter: they are those of the training rows."
SCORES = ("brier", "log_loss", "ranked_", "hamming")
"""Beginnings of the measures that take three digits."""
UNITS = ("rmse", "mae", "bias", "loa_lower", "loa_upper")
"""Measures in the unit of the endpoint."""
LEFT_OUT = ("cutoff", "cutoff_high", "scaled_brier", "calibration_in_the_large")
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

    endpoints: ClassVar[frozenset[str]] = KINDS
    heading: ClassVar[str] = "Performance of the models"

    def compute(self, data: OutputData) -> Result:
        """Return ``metrics`` (tidy); ``performance``, ``classes``, ``calibration``, to read."""
        from radpipe.evaluation.metrics import metrics

        models, unit = self.chosen(data), data.endpoint.get("time_unit")
        splits = list(shown_splits(self, data))
        if self.apparent and APPARENT not in splits:
            splits.append(APPARENT)
        tidy = metrics(rows_of(data, models), data.outcomes, data.endpoint)
        tidy = in_order(tidy, with_corrected(splits, tidy), models)
        tidy, unfit = _of_probabilities(tidy, data)
        tidy = with_spread(tidy, data)
        tidy.insert(1, "label", [data.model_label(m) for m in tidy["model"]])
        trusted = tidy[tidy["split"] != APPARENT] if set(splits) != {APPARENT} else tidy
        told = ""
        if RESAMPLED in splits:
            mean = MEAN.format(repeats_word(data)) if is_repeated(data) else ""
            told = SPREAD if is_spread(data) else mean
        caption = (
            f"{opening(data)}{sample_sentences(data, [s for s in splits if s != APPARENT])} "
            f"Values are estimates (95% interval){told}. "
            f"{_cutoff_words(data, models)}{cutoff_words(data, models)}Methods: "
            f"{_methods(trusted, unit)}."
            f"{' ' + CONDITIONAL if RESAMPLED in splits and not is_spread(data) else ''}"
            f"{''.join(text for s, text in CORRECTION.items() if s in set(tidy['split']))}"
            f"{APPARENT_WORDS if APPARENT in splits else ''}"
        )
        agreement = tidy["metric"].str.startswith(CALIBRATION)
        of_class = tidy["class"] != ""
        decimals = unit_decimals(tidy)
        groups = strata(data, models, splits)
        tables = {
            "performance": wide(tidy[~agreement & ~of_class], decimals, unit),
            "classes": wide(tidy[~agreement & of_class], decimals, unit),
            "calibration": wide(tidy[agreement], decimals, unit),
            "cutoffs": cutoff_table(data, models),
            "strata": strata_table(groups, data),
        }
        shown = {name: table for name, table in tables.items() if len(table)}
        tidied = {"metrics": tidy, "cutoff_values": cutoff_values(data, models)}
        tidied["events_by_stratum"] = groups
        kept = {name: table for name, table in tidied.items() if len(table)}
        notes = (*_notes(tidy, unit), *unfit, *_too_few(tidy, data))
        return Result({**shown, **kept}, caption, notes, readable=tuple(shown))


def _of_probabilities(tidy: pd.DataFrame, data: OutputData) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows without the calibration of risks that are no probabilities, and who lost it.

    Predictions of a value are no risks: all of theirs stay.
    """
    of_risk = tidy["metric"].str.startswith((*CALIBRATION, "scaled_brier"))
    odd = of_risk & ~tidy["model"].isin(calibrated(data, tidy["model"].unique()))
    if data.endpoint["kind"] == "continuous":
        return tidy, []
    return tidy[~odd].reset_index(drop=True), [
        f"{data.model_label(model)}: no measures of calibration, since {NO_PROBABILITIES}."
        for model in tidy.loc[odd, "model"].unique()
    ]


def _too_few(tidy: pd.DataFrame, data: OutputData) -> list[str]:
    """Return the warning of slopes and O/E that rest on too few events, where there are any."""
    shown = tidy[tidy["metric"].str.startswith(("calibration_", "oe"))]
    if data.endpoint["kind"] == "continuous" or shown.empty:
        return []
    splits = [s for s in shown["split"].unique() if s != APPARENT] or [APPARENT]
    rows = rows_of(data, shown["model"].unique())
    warning = few_events(rows, data, splits, (), horizons(data, None))
    return [warning] if warning else []


def with_corrected(splits: Sequence[str], tidy: pd.DataFrame) -> list[str]:
    """Return the splits with those corrected for optimism, where there are any, before the last."""
    there = [split for split in CORRECTED if split in set(tidy["split"])]
    last = [split for split in splits if split == APPARENT]
    return [*(split for split in splits if split != APPARENT), *there, *last]


def wide(tidy: pd.DataFrame, decimals: int = 2, unit: str | None = None) -> pd.DataFrame:
    """Return one row a model, split and class, the estimates as text, proportions in percent.

    ``decimals`` are those of measures in the unit of the endpoint, ``unit`` is that of its times.
    """
    rows = []
    classes = bool((tidy["class"] != "").any())
    for (split, _, label), part in tidy.groupby(["split", "model", "class"], sort=False):
        row: dict[str, Any] = {"Model": part["label"].iloc[0], "Cases": split_title(str(split))}
        if classes:
            row["Class"] = str(label) or "All"
        for _, found in part.iterrows():
            if found["metric"] not in LEFT_OUT:
                row[metric_name(str(found["metric"]), unit)] = _value(found, decimals)
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.fillna("–")


def metric_name(metric: str, unit: str | None = None) -> str:
    """Return a measure's name in print; ``unit`` is that of the endpoint's times."""
    if metric in NAMES:
        return NAMES[metric]
    kind, _, horizon = metric.rpartition("_at_")
    return f"{NAMES.get(kind, kind)} at {horizon} {unit or ''}".rstrip()


def _value(found: pd.Series, decimals: int) -> str:
    metric = str(found["metric"])
    factor, digits = (100, 0) if metric in PROPORTIONS else (1, _digits(metric, decimals))
    values = [factor * float(found[k]) for k in ("estimate", "lower", "upper")]
    text = interval(values[0], values[1], values[2], digits).replace("-", "−")
    return text if text == "–" or factor == 1 else text.replace(" (", "% (", 1)


def _digits(metric: str, decimals: int) -> int:
    """Return how many decimals a measure takes."""
    if metric in UNITS:
        return decimals
    return 3 if metric.startswith(SCORES) else 2


def unit_decimals(tidy: pd.DataFrame) -> int:
    """Return how many decimals tell the largest root mean square error in three digits."""
    largest = float(tidy.loc[tidy["metric"] == "rmse", "estimate"].max())
    return int(np.clip(2 - np.floor(np.log10(largest)), 0, 4)) if largest > 0 else 2


def _methods(tidy: pd.DataFrame, unit: str | None) -> str:
    """Return which method made which intervals, in the order of the table."""
    by_method: dict[str, list[str]] = {}
    for _, found in tidy.iterrows():
        if found["metric"] in LEFT_OUT or not pd.notna(found["lower"]):
            continue
        names = by_method.setdefault(str(found["method"]), [])
        name = metric_name(str(found["metric"]), unit)
        if name not in names:
            names.append(name)
    return "; ".join(f"{', '.join(names)}: {method}" for method, names in by_method.items())


def _cutoff_words(data: OutputData, models: Sequence[str]) -> str:
    if data.endpoint["kind"] in ("multiclass", "ordinal"):
        return (
            "Classes are compared with the rest; a case is called of its most probable class. "
            "Macro: mean over the classes; micro: all of them in one curve. "
        )
    if data.endpoint["kind"] == "multilabel" and data.predictions["cutoff"].isna().all():
        return (
            "A case is called of each label whose risk reaches one half. Macro: mean over the "
            "labels; micro: all of them together. "
        )
    if data.endpoint["kind"] == "continuous":
        return "Bias and limits of agreement are of predicted minus measured values. "
    if is_survival(data) or data.predictions["cutoff"].isna().all():
        return ""
    ways = " or ".join(cutoff_ways(data, models))
    two = TWO_CUTS if has_two(data, models) else ""
    return f"Sensitivity to accuracy are at a cut-off{f' {ways}' if ways else ''}. {two}"


def _notes(tidy: pd.DataFrame, unit: str | None) -> tuple[str, ...]:
    """Return why something is undefined, each reason once with those it concerns."""
    noted = tidy[(tidy["note"].fillna("") != "") & (tidy["split"] != APPARENT)]
    concerned: dict[str, list[str]] = {}
    for _, found in noted.iterrows():
        name, split = metric_name(str(found["metric"]), unit), split_title(str(found["split"]))
        who = ", ".join(v for v in (found["label"], found["class"], name, split) if v)
        concerned.setdefault(str(found["note"]), []).append(who)
    areas = tidy["metric"].isin(["auc", "macro_auc", "micro_auc", "hand_till"])
    flat = tidy[areas & (tidy["lower"] == tidy["upper"])]
    for _, found in flat.iterrows():
        who = f"{found['label']}, {split_title(str(found['split']))}"
        concerned.setdefault(NO_WIDTH, []).append(who)
    return tuple(
        f"{note} ({'; '.join(who[:4])}{f' and {len(who) - 4} more' if len(who) > 4 else ''})"
        for note, who in concerned.items()
    )
