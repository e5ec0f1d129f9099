"""The report's tables of models: what they are, what prepared their inputs, what was selected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from radpipe.io import atomic
from radpipe.outputs.cutoff_rows import INPUT, SCALES, UNCALIBRATED, read_cutoffs
from radpipe.report.settings import settings_words, step_words
from radpipe.report.tables import TableView, shown, table_view
from radpipe.resampling.plan import FINAL
from radpipe.stats.results import counted
from radpipe.steps.context import Context
from radpipe.study.derived import Chain, chains_of, selections
from radpipe.study.preparationrefs import steps_of

MEDIANS = "missing values by training medians and most frequent levels"
SCALED = {"features": "z scores of features", "all": "z scores"}
Left = dict[str, dict[str, None]]
"""What a selection left of each of its inputs, by the inputs' names."""


def model_tables(context: Context) -> tuple[TableView, ...]:
    """Return the models, and beneath them the preparations and selections that they name."""
    rows = []
    prepared: dict[tuple[str, str], list[str]] = {}
    chosen: dict[str, tuple[dict[str, str], Left]] = {}
    spec = context.study.spec
    for name, model in spec.models.items():
        fit = atomic.read_json(context.paths.fit(name))
        label = model.label or name
        selection = getattr(model, "selection", None)
        key = selection if isinstance(selection, str) else f"own of {label}"
        for part in selections(spec, model):
            steps, _ = chosen.setdefault(key, ({}, {}))
            steps[", ".join(part.inputs)] = ", then ".join(map(step_words, part.steps))
        for chain in chains_of(spec, model):
            left = chosen[key][1].setdefault(", ".join(chain.inputs), {})
            left[_left(context, chain)] = None
        preparation, words = _prepared(context, model, label)
        if words:
            prepared.setdefault((preparation, words), []).append(label)
        balance = getattr(model, "balance", None)
        rows.append(
            {
                "model": label,
                "kind": model.kind,
                "inputs": ", ".join(_input(context, of) for of in model.inputs),
                "preparation": preparation,
                "balance": step_words(balance) if balance else "none",
                "selection": key if key in chosen else "none",
                "settings of the final model": settings_words(_params(fit, context.classes)),
                "features": len(fit["features_final"]),
                "cut-off": cutoff(fit),
                "fits with none": len(fit["degenerate"]),
            }
        )
    table = pd.DataFrame(rows)
    if (table["balance"] == "none").all():
        table = table.drop(columns="balance")
    tables = [table_view(table, "Models")]
    if prepared:
        listed = [
            {"preparation": name, "steps": words, "models": ", ".join(labels)}
            for (name, words), labels in prepared.items()
        ]
        tables.append(table_view(pd.DataFrame(listed), "Preparation, learned anew in every fit"))
    if chosen:
        listed = [
            {"selection": name, "steps": _per_input(steps), "left in the final fit": _told(left)}
            for name, (steps, left) in chosen.items()
        ]
        tables.append(table_view(pd.DataFrame(listed), "Selections, learned anew in every fit"))
    return tuple(tables)


def cutoff(fit: Mapping[str, Any]) -> Any:
    """Return the final model's cut-offs as they are read, with the scale of their numbers."""
    told = read_cutoffs(fit)
    values, scale = told["values"], told["scale"]
    if not any(pd.notna(one) for value in values for one in np.atleast_1d(value)):
        return None  # a model of several classes calls the most probable one
    if scale == INPUT and told["rule"] is not None and not told["learned"]:
        values = [f"{v:.10g}".replace("-", "−") for v in values]  # as it was given
    found = values[0] if len(values) == 1 else " and ".join(map(shown, values))
    if told["at_most"]:
        found = " and ".join(f"at most {shown(v)}" for v in values)
    return f"{shown(found)} ({scale})" if scale in (*SCALES.values(), UNCALIBRATED) else found


def _params(fit: Mapping[str, Any], classes: Sequence[str]) -> dict[str, Any]:
    """Return a final model's settings, its reference class by name."""
    params = dict(fit["summary"].get("params") or {})
    if "reference_class" in params:
        params["reference_class"] = classes[params["reference_class"]]
    return params


def _input(context: Context, name: str) -> str:
    """Return how an input is called: a model by its label."""
    model = context.study.spec.models.get(name)
    return (model.label or name) if model is not None else name


def _prepared(context: Context, model: Any, label: str) -> tuple[str, str]:
    """Return what a model's preparation is called, and its steps in words; none where none is."""
    steps = steps_of(context.study.spec, model)
    if not steps and not model.imputes:
        return "none", ""
    named = getattr(model, "preparation", None)
    filled = any(step.kind == "impute" for step in steps)
    words = [
        *([] if filled or not model.imputes else [MEDIANS]),
        *map(step_words, steps),
        *_scaled(model, steps),
    ]
    if not steps:
        return "default", ", then ".join(words)
    return (named if isinstance(named, str) else f"own of {label}"), ", then ".join(words)


def _scaled(model: Any, steps: Iterable[Any]) -> list[str]:
    """Return the z scores that a family makes of the columns that no step has scaled."""
    done = {step.columns for step in steps if step.kind == "scale"}
    if model.scaling == "none" or done & {"all", model.scaling}:
        return []
    return ["z scores of the other columns" if done else SCALED[model.scaling]]


def _per_input(steps: Mapping[str, str]) -> str:
    """Return the steps of a selection, of each of its inputs where they differ."""
    if len(set(steps.values())) == 1:
        return next(iter(steps.values()))
    return "; ".join(f"{inputs}: {words}" for inputs, words in steps.items())


def _left(context: Context, chain: Chain) -> str:
    """Return how many columns a selection left in the final fit, or why none."""
    final = atomic.read_json(context.paths.chain(chain.name))[FINAL]
    selected, new = final["selected"], final.get("projection")
    if not selected:
        return f"none: {final['reason']}"
    if not new:
        return str(len(selected))
    rest = len(set(selected) - set(new["columns"]))
    more = f" and {counted(rest, 'column')} beside" if rest else ""
    made = counted(len(new["names"]), "component")
    return f"{made} of {counted(len(selected) - rest, 'feature')}{more}"


def _told(left: Mapping[str, Iterable[str]]) -> str:
    """Return what a selection left of each of its inputs; several where preparations differ."""
    told = {inputs: " or ".join(words) for inputs, words in left.items()}
    if len(told) == 1:
        return next(iter(told.values()))
    return "; ".join(f"{inputs}: {words}" for inputs, words in told.items())
