"""The few sentences that say what a study found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from radpipe.evaluation.headline_metric import HEADLINE, HeadlineMetric
from radpipe.evaluation.outcomes import tally
from radpipe.evaluation.spread import SCHEME as REPEATED_SPLITS
from radpipe.io import atomic
from radpipe.outputs.verdicts import (
    difference,
    number,
    permuted_verdict,
    verdicts,
    volume_label,
    volume_verdict,
)
from radpipe.outputs.words import RESAMPLED, interval, outcome_words
from radpipe.steps.context import Context
from radpipe.steps.material import controls, endpoint, resampling_words
from radpipe.study.derived import VOLUME_CONTROL
from radpipe.study.region_volumes import region_volumes
from radpipe.study.schema import StudySpec


@dataclass(frozen=True)
class Headline:
    """What is said first.

    Parameters
    ----------
    events : str
        Cases with the event, or of each class or label; empty for a measured value.
    result : str
        The values of the model that is highest out-of-fold, in each of the held-out sets that
        count most, or out-of-fold; empty where there is no model.
    paragraph : str
        The key result, in sentences.
    """

    events: str
    result: str
    paragraph: str


def headline(context: Context, cohort: pd.DataFrame) -> Headline:
    """Return what is said first of a study."""
    spec = context.study.spec
    what = endpoint(context)
    events, count = told_outcomes(cohort, what)
    if not spec.models:
        return Headline(events, "", count)
    told = HEADLINE[what["kind"]]
    word = told.label
    table = pd.read_parquet(context.paths.metrics)
    table = table[(table["metric"] == told.name) & table["estimate"].notna()]
    labels = {name: model.label or name for name, model in spec.models.items()}
    ranked = ranked_models(table, list(labels))
    if not ranked:
        return Headline(events, "", count)
    sentences, shown = [count], shown_splits(table)
    for split in shown:
        rows = table[table["split"] == split].set_index("model")
        values = [f"{labels[m]} {_interval(rows.loc[m])}" for m in ranked if m in rows.index]
        if VOLUME_CONTROL in rows.index:
            alone = volume_label(list(region_volumes(spec).values()))
            values.append(f"{alone} {_interval(rows.loc[VOLUME_CONTROL])}")
        sentences.append(
            f"{word} ({_limits(split, what)}) {_where(split, spec, cohort, what)}: "
            f"{'; '.join(values)}."
        )
    first = ranked[0]
    sentences += _permuted(context, first, labels[first], word)
    against = controls(context, pd.read_parquet(context.paths.metrics))
    volumes = against.get("volume_only", {}).get("of", ())
    entries = {labels[m]: against[m] for m in labels if m in ranked}
    sentences += verdicts(entries, told, volumes)
    found = last_values(table, first, shown)
    value = f", {word} {found}" if found else ""
    chosen = " (highest out-of-fold)" if shown[-1] != RESAMPLED else ""
    lost = doubt(against[first], told, volumes)
    return Headline(events, f"{labels[first]}{chosen}{value}{lost}", " ".join(sentences))


def told_outcomes(cohort: pd.DataFrame, endpoint: Mapping[str, Any]) -> tuple[str, str]:
    """Return how many cases had which outcome, short and as a sentence."""
    kind, label, counts = endpoint["kind"], endpoint["label"], tally(cohort, endpoint)
    if kind in ("binary", "survival"):
        events = counts[0][1]
        more = f", {counts[1][1]} a competing one" if len(counts) > 1 else ""
        said = f"{events} of {len(cohort)} cases had the event ({label}){more}."
        return str(events), said
    if kind == "continuous":
        y = cohort["y"]
        unit = f" {endpoint['unit']}" if endpoint.get("unit") else ""
        spread = f"{y.mean():.3g} ± {y.std():.3g}{unit}"
        return "", f"{len(cohort)} cases with {label}, mean ± standard deviation {spread}."
    words = outcome_words(cohort, endpoint)
    return words, f"{len(cohort)} cases ({label}): {words}."


def ranked_models(table: pd.DataFrame, models: list[str]) -> list[str]:
    """Return the models by their out-of-fold values, the highest first.

    Never by held-out cases: to choose by them is to use them up.
    """
    rows = table[(table["split"] == RESAMPLED) & table["model"].isin(models)]
    return list(rows.sort_values("estimate", ascending=False, kind="stable")["model"])


def shown_splits(table: pd.DataFrame) -> list[str]:
    """Return the out-of-fold rows, then the held-out sets that count most."""
    order = ("external", "temporal", "internal")
    held = [s for s in dict.fromkeys(map(str, table["split"])) if s.split(":")[0] in order]
    first = min((order.index(s.split(":")[0]) for s in held), default=0)
    return [RESAMPLED, *(s for s in held if s.split(":")[0] == order[first])]


def last_values(table: pd.DataFrame, model: str, shown: Sequence[str]) -> str:
    """Return a model's value in each held-out set that counts most, else that out-of-fold."""
    last = shown[1:] or shown
    rows = table[(table["model"] == model) & table["split"].isin(last)].set_index("split")
    return "; ".join(f"{_interval(rows.loc[s])}, {s}" for s in last if s in rows.index)


def _limits(split: str, endpoint: Mapping[str, Any]) -> str:
    """Return what the limits of a value are."""
    spread = split == RESAMPLED and endpoint.get("resampling") == REPEATED_SPLITS
    return "median and central 95% of the splits" if spread else "95% interval"


def _where(split: str, spec: StudySpec, cohort: pd.DataFrame, endpoint: Mapping[str, Any]) -> str:
    """Return which cases a value is of."""
    if split == RESAMPLED:
        return f"in {resampling_words(spec.evaluation.resampling)}, highest first"
    rows = cohort[cohort["split"] == split]
    if endpoint["kind"] not in ("binary", "survival"):
        return f"in the held-out cases {split} ({len(rows)})"
    return (
        f"in the held-out cases {split} ({len(rows)}, {tally(rows, endpoint)[0][1]} with the event)"
    )


def _interval(row: pd.Series) -> str:
    return interval(row["estimate"], row["lower"], row["upper"]).replace("-", "−")


def doubt(entry: Mapping[str, Any], told: HeadlineMetric, volumes: Sequence[str]) -> str:
    """Return which controls do as well as the model that is named first; empty where none does."""
    lost = []
    if permuted_verdict(entry, told):
        lost.append("a permuted endpoint")
    if difference(entry) and volume_verdict(entry, told):
        lost.append(volume_label(volumes))
    return f"; not better than {' and '.join(lost)}" if lost else ""


def _permuted(context: Context, model: str, label: str, word: str) -> list[str]:
    """Return what a permuted endpoint gives the model that came first."""
    if not context.study.spec.controls.permutations:
        return []
    known = atomic.read_json(context.paths.control(model))["range95"]
    if known is None:
        return []
    low, high = known
    found = f"{label} has {word} {number(low)} to {number(high)}"
    return [f"With a permuted endpoint, {found} in cross-validation of the training cases."]
