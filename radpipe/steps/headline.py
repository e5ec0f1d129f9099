"""The few sentences that say what a study found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from radpipe.io import atomic
from radpipe.steps.context import Context
from radpipe.steps.material import endpoint, resampling_words
from radpipe.study.derived import VOLUME_CONTROL

METRICS = {"binary": ("auc", "AUC"), "survival": ("c_index", "C-index")}


@dataclass(frozen=True)
class Headline:
    """What is said first.

    Parameters
    ----------
    events : int
        Cases with the event.
    result : str
        The highest result with its interval, for the index; empty where there is no model.
    paragraph : str
        The key result, in sentences.
    """

    events: int
    result: str
    paragraph: str


def headline(context: Context, cohort: pd.DataFrame) -> Headline:
    """Return what is said first of a study."""
    spec = context.study.spec
    what = endpoint(context)
    events = int(cohort["y" if what["kind"] == "binary" else "event"].sum())
    count = f"{events} of {len(cohort)} cases had the event ({what['label']})."
    if not spec.models:
        return Headline(events, "", count)
    metric, word = METRICS[what["kind"]]
    table = pd.read_parquet(context.paths.metrics)
    table = table[(table["metric"] == metric) & table["estimate"].notna()]
    split, *others = _main_splits(table)
    rows = table[table["split"] == split].set_index("model")
    named = rows.loc[[m for m in spec.models if m in rows.index]]
    named = named.sort_values("estimate", ascending=False, kind="stable")
    if named.empty:
        return Headline(events, "", count)
    label = {name: model.label or name for name, model in spec.models.items()}
    shown = [f"{label[str(m)]} {_interval(row)}" for m, row in named.iterrows()]
    where = (
        resampling_words(spec.evaluation.resampling)
        if split == "resampled"
        else f"the held-out cases ({split})"
    )
    sentences = [count, f"{word} (95% interval) in {where}, highest first: {'; '.join(shown)}."]
    for other in others:
        there = table[table["split"] == other].set_index("model")
        shown = [f"{label[m]} {_interval(there.loc[m])}" for m in named.index if m in there.index]
        sentences.append(f"In {other}: {'; '.join(shown)}.")
    if VOLUME_CONTROL in rows.index:
        sentences.append(f"Volume alone: {_interval(rows.loc[VOLUME_CONTROL])}.")
    first = str(named.index[0])
    sentences += _permuted(context, first, label[first], word)
    how = "resampled" if split == "resampled" else split
    best = f"{label[first]}, {word} {_interval(named.iloc[0])}, {how}"
    return Headline(events, best, " ".join(sentences))


def _main_splits(table: pd.DataFrame) -> list[str]:
    """Return the splits that count most: external before temporal, internal and resampled."""
    order = ("external", "temporal", "internal", "resampled", "apparent")
    splits = list(dict.fromkeys(map(str, table["split"])))
    first = min((order.index(s.split(":")[0]) for s in splits), default=3)
    return [s for s in splits if s.split(":")[0] == order[first]] or ["resampled"]


def _interval(row: pd.Series) -> str:
    text = f"{row['estimate']:.2f}"
    if np.isfinite(row["lower"]) and np.isfinite(row["upper"]):
        text += f" ({row['lower']:.2f}–{row['upper']:.2f})"
    return text


def _permuted(context: Context, model: str, label: str, word: str) -> list[str]:
    """Return what a permuted endpoint gives the model that came first."""
    if not context.study.spec.controls.permutations:
        return []
    low, high = atomic.read_json(context.paths.control(model))["range95"]
    found = f"{label} has {word} {low:.2f} to {high:.2f}"
    return [f"With a permuted endpoint, {found} in cross-validation of the training cases."]
