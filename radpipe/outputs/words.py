"""The words that captions share: how many cases, which rows, by which resampling."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from radpipe.evaluation.table import split_labels
from radpipe.outputs.base import OutputData, PredictionOutputSpec, Result

RESAMPLED = "resampled"
APPARENT = "apparent"
CONDITIONAL = "The intervals are conditional on the fitted models."


def counted(n: int, noun: str) -> str:
    """Return ``1 case`` or ``2 cases``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def listed(words: Iterable[str]) -> str:
    """Return ``a, b and c``."""
    items = list(words)
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def is_survival(data: OutputData) -> bool:
    """Return whether the endpoint is a time to an event."""
    return data.endpoint["kind"] == "survival"


def split_title(split: str) -> str:
    """Return what a split is called above a panel."""
    if split.startswith("external:"):
        return f"External test: {split.split(':', 1)[1]}"
    return {
        RESAMPLED: "Out-of-fold",
        APPARENT: "Apparent",
        "internal": "Internal test",
        "temporal": "Temporal test",
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
    there = sorted(set(split_labels(data.predictions)), key=split_order)
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


def n_events(outcomes: pd.DataFrame) -> int:
    """Return how many cases had the event."""
    return int(outcomes["event" if "event" in outcomes else "y"].sum())


def sample(outcomes: pd.DataFrame, label: str = "") -> str:
    """Return ``51 cases of 48 patients, 19 with lung metastasis``."""
    cases, patients = len(outcomes), outcomes["group"].nunique()
    words = counted(cases, "case")
    if patients != cases:
        words += f" of {counted(patients, 'patient')}"
    events = n_events(outcomes)
    if "event" in outcomes or not label:
        return f"{words}, {counted(events, 'event')}"
    return f"{words}, {events} with {label}"


def provenance(data: OutputData, split: str) -> str:
    """Return, in one sentence, which rows of which models a panel shows."""
    if split == RESAMPLED:
        how = f" of {data.resampling}" if data.resampling else ""
        return f"Out-of-fold predictions{how}"
    if split == APPARENT:
        return "Apparent: the final models on their own training rows"
    return f"{split_title(split)}: the final models on cases that were held out"


def sample_sentences(data: OutputData, splits: Iterable[str]) -> str:
    """Return one sentence a split: which rows, how many cases and events."""
    label = str(data.endpoint.get("label") or "")
    parts = [
        f"{provenance(data, split)} ({sample(predicted_cases(data, split), label)})."
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


def without_risk(data: OutputData, models: Iterable[str]) -> tuple[str, ...]:
    """Return a note for each model that gives no risks and so cannot be shown."""
    risk = data.predictions.groupby("model")["risk"].apply(lambda r: r.notna().any())
    return tuple(
        f"{data.model_label(m)}: not shown, since it gives no risks."
        for m in models
        if not bool(risk.get(m, False))
    )


def horizons(data: OutputData, asked: float | None) -> tuple[float | None, ...]:
    """Return the horizons to show: the one asked for, else all; None for a binary endpoint."""
    if not is_survival(data):
        return (None,)
    if asked is not None:
        return (asked,)
    return tuple(float(h) for h in data.endpoint.get("horizons") or ())
