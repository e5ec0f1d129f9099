"""The settings of a final model in words, as the report's table of models shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radpipe.core.spec import KindSpec
from radpipe.report.tables import flat, in_words, shown

PENALTY = {
    "min": "penalty of the least error",
    "1se": "largest penalty within one standard error of the least error",
}
CALIBRATION = {
    "platt": "risks by a sigmoid (Platt)",
    "isotonic": "risks by isotonic regression",
}

USED_IF = {
    ("outliers", "k"): ("rule", ("iqr", "mad", "sd")),
    ("outliers", "quantiles"): ("rule", ("quantiles",)),
    ("impute", "neighbours"): ("method", ("knn",)),
    ("impute", "predictors"): ("method", ("iterative",)),
    ("impute", "rounds"): ("method", ("iterative",)),
}
"""Settings of steps that mean something only with certain values of another."""


def step_words(step: KindSpec) -> str:
    """Return a step of a selection or preparation, or a balance, with the settings it runs with."""
    own = step.model_dump(mode="json", exclude={"kind"})
    build: Any = getattr(step, "build", None)
    built = build(0) if build else None  # resolves defaults that depend on another setting
    settings = {k: v if v is not None else getattr(built, k, None) for k, v in own.items()}
    told = []
    for name, words in flat({k: v for k, v in settings.items() if v not in (None, [], {}, "")}):
        on, values = USED_IF.get((step.kind, name), ("", ()))
        if not on or settings[on] in values:
            told.append(f"{name} {words}")
    return f"{step.kind} ({', '.join(told)})" if told else step.kind


def settings_words(params: Mapping[str, Any]) -> str:
    """Return a final model's settings as a sentence could hold them.

    Parameters
    ----------
    params : mapping
        ``params`` of the model's summary: its settings, and under ``tuning`` and ``calibration``
        how some of them and its risks were learned.
    """
    rest = dict(params)
    tuning, calibration = rest.pop("tuning", None), rest.pop("calibration", None)
    for name in (tuning or {}).get("chosen", {}):
        rest.pop(name, None)
    parts = [
        *([_tuned(tuning)] if tuning else []),
        *_penalty(rest),
        *_sides(rest),
        *(f"{_named(key)} {in_words(value)}" for key, value in rest.items()),
        *([_calibrated(calibration)] if calibration else []),
    ]
    return "; ".join(parts)


def _tuned(tuning: Mapping[str, Any]) -> str:
    """Return ``cost chosen on 5 inner folds from 0.1, 1 (nested cross-validation): 1, ...``."""
    grid, chosen = tuning["grid"], tuning["chosen"]
    tried = " and ".join(
        f"{_named(name)}{' from' if len(grid) > 1 else ''} {shown(values)}"
        for name, values in grid.items()
    )
    took = ", ".join(f"{_named(name)} {shown(value)}" for name, value in chosen.items())
    if not tuning["folds"]:
        return f"{took}, the first candidate, for want of inner folds"
    best = next(
        (own["score"] for own in tuning["candidates"] if own.items() >= chosen.items()), None
    )
    reached = "" if best is None else f", {_reached(str(tuning['measure']), best)}"
    how = f"chosen on {tuning['folds']} inner folds"
    if len(grid) > 1:
        return f"{tried}, {how} (nested cross-validation): {took}{reached}"
    (name,) = grid
    return (
        f"{_named(name)} {how} from {shown(grid[name])} (nested cross-validation): "
        f"{shown(chosen[name])}{reached}"
    )


def _named(setting: str) -> str:
    return setting.replace("_", " ")


def _reached(measure: str, value: float) -> str:
    """Return ``mean AUC 0.74``; an error without its sign."""
    if measure.startswith("minus "):
        return f"{measure.removeprefix('minus ')} {shown(-value)}"
    name, _, detail = measure.partition(",")
    return f"{detail.strip()} {name} {value:.2f}".strip()


def _penalty(rest: dict[str, Any]) -> list[str]:
    """Return how a penalty was chosen, and take its settings out of the rest."""
    if not {"choose", "folds", "penalty"} <= rest.keys():
        return []
    kind, choose, folds = (rest.pop(key) for key in ("penalty", "choose", "folds"))
    how = PENALTY.get(str(choose), f"penalty by {choose}")
    inner = rest.pop("folds_are", "own") == "inner"
    if not folds:
        return [str(kind)]
    if inner:
        return [f"{kind}, {how} on {folds} inner folds, each with a selection of its own"]
    return [f"{kind}, {how} in {folds}-fold cross-validation of the training cases"]


def _sides(rest: dict[str, Any]) -> list[str]:
    """Return how many training cases are on either side of a threshold or rule."""
    sides = rest.pop("sides", [])
    words = []
    for own in sides:
        counts = [f"{key} {shown(value)}" for key, value in own.items() if key not in ("side", "n")]
        more = f" ({', '.join(counts)})" if counts else ""
        words.append(f"{own.get('side')}: {shown(own.get('n'))} cases{more}")
    return [", ".join(words)] if words else []


def _calibrated(calibration: Mapping[str, Any]) -> str:
    """Return how the risks were made of the scores."""
    method = str(calibration["method"])
    how = CALIBRATION.get(method, f"risks by {method}")
    lines = calibration.get("sigmoid") or []
    told = ""
    if method == "platt" and len(lines) == 1:
        told = ", slope {slope} and intercept {intercept}".format(
            **{key: shown(value) for key, value in lines[0].items()}
        )
    return f"{how} of {calibration['on']}{told}"
