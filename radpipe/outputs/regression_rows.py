"""The coefficients of regressions as rows: each term in the final model, and alone before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from radpipe.core.columns import MISSING, is_factor_like, variable
from radpipe.outputs.base import OutputData
from radpipe.outputs.cutoff_rows import ranged
from radpipe.outputs.nomogram import variable_label
from radpipe.outputs.words import interval

MEASURES = {
    "or": ("OR", "odds ratio"),
    "hr": ("HR", "hazard ratio"),
    "shr": ("SHR", "subdistribution hazard ratio"),
    "": ("β", "regression coefficient"),
}
"""What a coefficient is shown as, by the key of its exponential in the summary."""
EFFECT = ("estimate", "lower", "upper", "p")
COLUMNS = (
    *("model", "class", "variable", "label", "term", "level", "reference", "per", "measure"),
    *("n", "events", "in_final", *EFFECT),
    *(f"univariable_{name}" for name in EFFECT),
    *("selection_p", "selection_p_multivariable"),
)
TEXT = COLUMNS[:9]
NO_MORE = 1e6
"""A ratio beyond this, without an interval, is where the search for its maximum ended."""
Terms = dict[tuple[str, str], Mapping[str, Any]]


def regression_rows(model: str, fit: Mapping[str, Any], data: OutputData) -> pd.DataFrame:
    """Return one row a term (and class) of a model: those of the final fit first.

    Clinical variables and their levels stand in the order of study.yaml, before the features and
    scores. The others are the candidates that its selection tested and left out, by the p value of
    the selection. ``estimate`` to ``p`` are those of the final model, ``univariable_estimate`` to
    ``univariable_p`` those of the variable alone; ``selection_p`` is the p value by which the
    selection judged, ``selection_p_multivariable`` that beside all others that had passed. What
    is not known is NaN.
    """
    tested = fit.get("univariable") or {}
    judged = {str(row["variable"]): row for row in tested.get("rows", ())}
    final = _in_study_order(class_terms(fit["summary"], data), data)
    alone: Terms = {}
    shown = {_variable(term) for _, term in final}
    single = tested.get("coefficients", {})
    by_p = sorted(judged, key=lambda name: np.nan_to_num(_number(judged[name]["p"]), nan=1))
    for name in dict.fromkeys([*by_p, *single]):
        nothing = [] if name in shown else [{"name": name}]
        rows = single.get(name, nothing)
        alone |= _in_study_order(class_terms({"coefficients": rows}, data), data)
    measure = _measure([*final.values(), *alone.values()])
    rows = []
    for label, term in dict.fromkeys([*final, *alone]):
        name = _variable(term)
        found = _effect(final.get((label, term), {}), measure)
        by_itself = _effect(alone.get((label, term), {}), measure)
        own = judged.get(name, {})
        rows.append(
            {
                **{"model": model, "class": label, "variable": name, "term": term},
                "label": _label(name, data),
                **_levels(term, fit, data),
                "measure": MEASURES[measure][0],
                "n": fit.get("n_train"),
                "events": _events(fit, label),
                "in_final": (label, term) in final,
                **found,
                **{f"univariable_{key}": value for key, value in by_itself.items()},
                "selection_p": _number(own.get("p")),
                "selection_p_multivariable": _number(own.get("p_multivariable")),
            }
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = {c: float for c in COLUMNS if c not in (*TEXT, "in_final")}
    return table.astype({**numbers, "in_final": bool})


def class_terms(
    summary: Mapping[str, Any], data: OutputData, measure: str = "coefficients"
) -> Terms:
    """Return the coefficients of a summary by class (empty without classes) and term.

    ``measure`` is the key of their list: ``importance`` stands there of trees.
    """
    classes = [str(c) for c in data.endpoint.get("classes") or ()]
    found: Terms = {}
    parts: Iterator[tuple[Any, Mapping[str, Any]]] = iter([(None, summary)])
    if summary.get("by_class"):
        parts = enumerate(summary["by_class"])
    for place, part in parts:
        for row in part.get(measure, ()):
            code = row.get("class", place)
            found["" if code is None else classes[code], str(row["name"])] = row
    return found


def _in_study_order(found: Terms, data: OutputData) -> Terms:
    """Return the terms of each class by the place of their variable and level in study.yaml."""
    order = list(data.clinical)
    classes = list(dict.fromkeys(label for label, _ in found))

    def place(key: tuple[str, str]) -> tuple[int, int, int]:
        label, term = key
        name = _variable(term).removeprefix("clinical.")
        if name not in order or name == _variable(term):
            return classes.index(label), len(order), 0
        levels = [str(level) for level in data.clinical[name].get("levels") or ()]
        level = term.split("=", 1)[-1]
        return (
            classes.index(label),
            order.index(name),
            levels.index(level) if level in levels else len(levels),
        )

    return {key: found[key] for key in sorted(found, key=place)}


def _measure(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return which exponential the coefficients have; empty where they have none."""
    return next((key for key in MEASURES if key and any(key in row for row in rows)), "")


def _effect(row: Mapping[str, Any], measure: str) -> dict[str, float]:
    keys = (measure, f"{measure}_lower", f"{measure}_upper") if measure else ("coef", *EFFECT[1:3])
    return dict(zip(EFFECT, (_number(row.get(key)) for key in (*keys, "p")), strict=True))


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)


def _variable(term: str) -> str:
    """Return what a selection judges as one: a factor; a feature's indicator stands for itself."""
    return variable(term) if is_factor_like(term) else term


def _levels(term: str, fit: Mapping[str, Any], data: OutputData) -> dict[str, str]:
    """Return a term's level and reference, or what its coefficient is a step of."""
    told, tested = fit["summary"].get("preparation") or {}, fit.get("univariable") or {}
    found = {"level": "", "reference": "", "per": ""}
    if term.endswith(MISSING):
        return found | {"level": "missing", "reference": "known"}
    if is_factor_like(term) and "=" in term:
        known = {**tested.get("reference_levels", {}), **told.get("reference_levels", {})}
        level = term.split("=", 1)[1]
        return found | {"level": level, "reference": str(known.get(variable(term), ""))}
    if term in told.get("z_scores", ()) or term in tested.get("z_scores", ()):
        return found | {"per": "SD"}
    about = data.clinical.get(term.removeprefix("clinical."), {})
    return found | {"per": "level" if about.get("type") == "ordinal" else "unit"}


def _label(name: str, data: OutputData) -> str:
    """Return a variable's name in print; a sub-model's score of a class has it in brackets."""
    model, bracket, of = name.partition("[")
    if bracket and model in data.models:
        return f"{data.model_label(model)} [{of}"
    return variable_label(name, data)


def level_words(row: pd.Series) -> str:
    """Return the level that a term is, and against which, or the step that it is of."""
    if row["level"]:
        return f"{row['level']} (vs {row['reference']})" if row["reference"] else str(row["level"])
    return "" if row["per"] == "unit" else f"per {row['per']}"


def effect_words(row: pd.Series, prefix: str = "") -> str:
    """Return an effect with its interval; ratios beyond what two decimals tell in three digits."""
    estimate, lower, upper = (float(row[f"{prefix}{name}"]) for name in EFFECT[:3])
    ratio = row["measure"] != MEASURES[""][0]
    if ratio and not np.isfinite([lower, upper]).any() and not 1 / NO_MORE < estimate < NO_MORE:
        return "–" if np.isnan(estimate) else "no finite estimate"
    if ratio and estimate >= 0.1 and not max(estimate, upper) >= 1000:
        return interval(estimate, lower, upper)
    return ranged(estimate, lower, upper)


def _events(fit: Mapping[str, Any], label: str) -> float:
    """Return how many training cases have the event, or are of the class."""
    of_classes = fit.get("n_classes") or {}
    return _number(of_classes.get(label) if label else fit.get("n_events"))
