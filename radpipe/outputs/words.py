"""The words that captions share: how many cases, which rows, by which resampling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from radpipe.core.errors import RadpipeError, nearest
from radpipe.core.target import CLASSES
from radpipe.evaluation.outcomes import tally
from radpipe.evaluation.predictions import IN_BAG, split_labels
from radpipe.evaluation.spread import SCHEME as REPEATED_SPLITS
from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result
from radpipe.stats.results import counted as counted

RESAMPLED = "resampled"
APPARENT = "apparent"
BOOTSTRAP = "bootstrap"
"""How the names of the schemes begin that draw cases."""
FREE_OF_IT = re.compile(
    r"survival|生存|\b(OS|PFS|DFS|RFS|LRFS|DMFS|MFS|EFS|CSS|DSS|TTP)\b", re.IGNORECASE
)
"""Labels of endpoints that name the time without the event."""
CONDITIONAL = "The intervals are conditional on the fitted models."
DISTRIBUTION = (
    "medians over the random splits, with the central 95% of the splits in brackets or as bars: "
    "the distribution over the splits, which is no interval"
)


def listed(words: Iterable[str]) -> str:
    """Return ``a, b and c``."""
    items = list(words)
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def is_survival(data: OutputData) -> bool:
    """Return whether the endpoint is a time to an event."""
    return data.endpoint["kind"] == "survival"


def event_name(data: OutputData) -> str:
    """Return what the event is called, by its label unless that names the time without it."""
    label = str(data.endpoint.get("label") or "")
    unnamed = not label or (is_survival(data) and FREE_OF_IT.search(label))
    return "the event" if unnamed else label


def is_spread(data: OutputData) -> bool:
    """Return whether out-of-fold values are a distribution over random splits."""
    return data.endpoint.get("resampling") == REPEATED_SPLITS


def repeats_word(data: OutputData) -> str:
    """Return what the resampling does many times: ``repeats``, random ``splits``, or ``draws``."""
    if is_spread(data):
        return "splits"
    return "draws" if _is_bootstrap(data) else "repeats"


def is_repeated(data: OutputData) -> bool:
    """Return whether the resampling is done more than once, so that there is a mean over it."""
    rows = data.predictions
    return bool(rows.loc[rows["kind"] == "out-of-fold", "repeat"].nunique() > 1)


def _is_bootstrap(data: OutputData) -> bool:
    return str(data.endpoint.get("resampling") or "").startswith(BOOTSTRAP)


def interval_words(
    data: OutputData, splits: Iterable[str], table: pd.DataFrame, lead: str = "95% intervals"
) -> str:
    """Return what the intervals of a figure are, and where they are none but a spread.

    Parameters
    ----------
    data : OutputData
    splits : iterable of str
        Those that are shown.
    table : DataFrame
        ``split``, ``lower`` and ``method`` of whatever has limits.
    lead : str
        The words before the methods.
    """
    resampled = RESAMPLED in splits
    known = table[table["lower"].notna()]
    told = ""
    if resampled and is_spread(data):
        told = f"Out-of-fold values are {DISTRIBUTION}."
        known = known[known["split"] != RESAMPLED]
        if known.empty:
            return told
    methods = "; ".join(dict.fromkeys(map(str, known["method"]))) or "none"
    own = f"{lead}: {methods}."
    if told:
        return f"{own} {told}"
    return f"{own} {CONDITIONAL}" if resampled else own


def has_classes(data: OutputData) -> bool:
    """Return whether there is one prediction a class or label."""
    return data.endpoint["kind"] in CLASSES


def has_rivals(data: OutputData) -> bool:
    """Return whether other events compete with the event."""
    return "competing" in data.outcomes and bool(data.outcomes["competing"].any())


def chosen_classes(output: str, asked: Iterable[str], data: OutputData) -> tuple[str, ...]:
    """Return the classes or labels to show: those asked for, or all; none where there are none."""
    known = [str(name) for name in data.endpoint.get("classes") or ()] if has_classes(data) else []
    for name in asked:
        if name not in known:
            raise RadpipeError(
                f"output {output}: class {name!r} is not known; allowed: "
                f"{', '.join(known) or 'none'}; {nearest(name, known) or 'remove it'}"
            )
    return tuple(asked) or tuple(known)


def split_title(split: str) -> str:
    """Return what a split is called above a panel."""
    if split.startswith("external:"):
        return f"External test: {split.split(':', 1)[1]}"
    return {
        RESAMPLED: "Out-of-fold",
        APPARENT: "Apparent",
        "internal": "Internal test",
        "temporal": "Temporal test",
        "optimism-corrected": "Optimism-corrected",
    }.get(split, split)


def panel_title(split: str, horizon: float, result: Result) -> str:
    """Return a split's title, with the horizon where there is one."""
    if pd.isna(horizon):
        return split_title(split)
    return f"{split_title(split)}, {horizon:g} {result.facts.get('time_unit') or ''}".strip()


def split_order(split: str) -> tuple[int, str]:
    """Return what splits are sorted by: out-of-fold first, apparent last."""
    order = [RESAMPLED, "internal", "temporal"]
    if split in order:
        return order.index(split), split
    return (9 if split == APPARENT else 5), split


def shown_splits(spec: PredictionOutputSpec, data: OutputData) -> tuple[str, ...]:
    """Return the splits that an output shows: those asked for, or all but the apparent one."""
    there = sorted(set(split_labels(data.predictions)) - {IN_BAG}, key=split_order)
    if spec.splits:
        return tuple(s for s in spec.splits if s in there)
    return tuple(s for s in there if s != APPARENT)


def predicted_cases(data: OutputData, split: str, models: Iterable[str] = ()) -> pd.DataFrame:
    """Return the outcomes of the cases that have predictions in ``split``."""
    rows = data.predictions[split_labels(data.predictions) == split]
    names = list(models)
    if names:
        rows = rows[rows["model"].isin(names)]
    return data.outcomes[data.outcomes["case"].isin(rows["case"])]


def sample(outcomes: pd.DataFrame, endpoint: Mapping[str, Any] | None = None) -> str:
    """Return ``51 cases of 48 patients, 19 with lung metastasis``; the cases without endpoint."""
    cases, patients = len(outcomes), outcomes["group"].nunique()
    words = counted(cases, "case")
    if patients != cases:
        words += f" of {counted(patients, 'patient')}"
    told = "" if endpoint is None else outcome_words(outcomes, endpoint)
    if endpoint is not None and endpoint["kind"] in CLASSES:
        return f"{words}: {told}"
    return f"{words}, {told}" if told else words


def training_sample(data: OutputData) -> str:
    """Return how many training cases there are, and of which outcomes."""
    return sample(data.cohort[data.cohort["split"] == "train"], data.endpoint)


def outcome_words(outcomes: pd.DataFrame, endpoint: Mapping[str, Any]) -> str:
    """Return ``19 with lung metastasis``, ``30 events``, ``12 normal; 8 grade 1; 6 grade 2``."""
    counts, kind = tally(outcomes, endpoint), endpoint["kind"]
    if kind == "survival":
        return ", ".join(counted(n, name) for name, n in counts)
    between = " with " if kind in ("binary", "multilabel") else " "
    return "; ".join(f"{n}{between}{name}" for name, n in counts)


def provenance(data: OutputData, split: str) -> str:
    """Return, in one sentence, which rows of which models a panel shows."""
    if split == RESAMPLED:
        how = data.resampling
        if not how:
            return "Out-of-fold predictions"
        if is_spread(data):
            return f"Out-of-fold: predictions of the held-out cases of {how}"
        if _is_bootstrap(data):
            return f"Out-of-fold: {how}"
        return f"Out-of-fold predictions of {how}"
    if split == APPARENT:
        return "Apparent: the final models on their own training rows"
    return f"{split_title(split)}: the final models on cases that were held out"


def sample_sentences(data: OutputData, splits: Iterable[str]) -> str:
    """Return one sentence a split: which rows, how many cases and events."""
    parts = [
        f"{provenance(data, split)} ({sample(predicted_cases(data, split), data.endpoint)})."
        for split in splits
    ]
    return " ".join(parts)


def opening(data: OutputData) -> str:
    """Return the first words of every caption of a simulated study."""
    return "Simulated data. " if data.simulated else ""


def interval(estimate: float, lower: float, upper: float, digits: int = 2) -> str:
    """Return ``0.81 (0.69–0.93)``; an undefined one as a dash, an undefined bound left out."""
    if not pd.notna(estimate):
        return "–"
    shown, low, high = (round(float(v), digits) + 0.0 for v in (estimate, lower, upper))
    if not (pd.notna(lower) and pd.notna(upper)):
        return f"{shown:.{digits}f}"
    joint = " to " if low < 0 else "–"
    return f"{shown:.{digits}f} ({low:.{digits}f}{joint}{high:.{digits}f})"


def p_words(p: float) -> str:
    """Return a p value as journals print it."""
    if not pd.notna(p):
        return "–"
    if p < 0.001:
        return "<0.001"
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def in_order(
    table: pd.DataFrame, splits: Iterable[str], models: Iterable[str] = ()
) -> pd.DataFrame:
    """Return the rows of these splits, in their order and that of the models."""
    split_place = {name: i for i, name in enumerate(splits)}
    model_place = {name: i for i, name in enumerate(models)}
    rows = table[table["split"].isin(list(split_place))]
    places = pd.DataFrame(
        {"s": rows["split"].map(split_place), "m": rows["model"].map(model_place).fillna(-1)}
    )
    return rows.loc[places.sort_values(["s", "m"], kind="stable").index].reset_index(drop=True)


def rows_of(data: OutputData, models: Iterable[str]) -> pd.DataFrame:
    """Return the predictions of these models."""
    return data.predictions[data.predictions["model"].isin(list(models))]


NO_PROBABILITIES = "its risks are no probabilities as they stand (calibrate: platt makes them so)"


def without_risk(data: OutputData, models: Iterable[str]) -> tuple[str, ...]:
    """Return a note for each model without a calibrated risk, which cannot be shown."""
    risk = data.predictions.groupby("model")["risk"].apply(lambda r: r.notna().any())
    whys = {
        m: "it gives no risks" if not bool(risk.get(m, False)) else NO_PROBABILITIES
        for m in models
        if not bool(risk.get(m, False)) or m not in calibrated(data, models)
    }
    return tuple(f"{data.model_label(m)}: not shown, since {why}." for m, why in whys.items())


def calibrated(data: OutputData, models: Iterable[str]) -> tuple[str, ...]:
    """Return those of the models whose risks, if they give any, are probabilities."""
    return tuple(m for m in models if data.fits.get(m, {}).get("calibrated_risk", True))


def horizons(data: OutputData, asked: float | None) -> tuple[float | None, ...]:
    """Return the horizons to show: the one asked for, else all; None where there is no time."""
    if not is_survival(data):
        return (None,)
    if asked is not None:
        return (asked,)
    return tuple(float(h) for h in data.endpoint.get("horizons") or ())
