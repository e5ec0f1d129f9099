"""Fitted estimators that are plain arithmetic, as numbers: what `radpipe.models.plain` writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from radpipe.models.base import Model
from radpipe.models.plain_fusion import fusion_part

Part = dict[str, Any]
"""What is written of a model: its ``link`` says how it is computed."""


def floats(values: Any) -> list[float]:
    """Return numbers ready for JSON."""
    return [float(v) for v in np.asarray(values, dtype=float)]


def part_of(model: Model) -> Part | None:
    """Return a fitted model as numbers; None where it is no plain arithmetic."""
    make = _PARTS.get(type(model).__name__)
    return None if make is None else make(model)


def _line(model: Any, link: str) -> Part:
    coefficients = dict(zip(model.names_, floats(model.coef_), strict=True))
    part: Part = {"link": link, "intercept": float(model.intercept_), "coefficients": coefficients}
    if link == "cox":
        part["baseline"] = _baseline(model)
    return part | _spread(model)


def _baseline(model: Any) -> dict[str, list[float]]:
    times, hazard = model.baseline_
    return {"time": floats(times), "hazard": floats(hazard)}


def _spread(model: Any) -> Part:
    """Return what the interval of a risk is computed from, where the fit has kept it."""
    kept = getattr(model, "spread_", None)
    if not kept:
        return {}
    return {"spread": {key: np.asarray(value).tolist() for key, value in kept.items()}}


def _no_features(model: Any) -> Part:
    if model.kind_ == "survival":
        return {"link": "cox", "intercept": 0.0, "coefficients": {}, "baseline": _baseline(model)}
    means = floats(model.means_)
    return {"link": "constant", "risk": means, "log_odds": model.scale == "log_odds"}


def _several(model: Any, intercepts: Any, coef: Any) -> Part:
    """Return the lines of the classes that the training rows held; risks by softmax."""
    return {
        "link": "softmax",
        "classes": _number_of_classes(model),
        "present": [int(c) for c in model.present_],
        "intercept": floats(intercepts),
        "coefficients": {n: floats(b) for n, b in zip(model.names_, coef.T, strict=True)},
    }


def _number_of_classes(model: Any) -> int:
    return int(model.n_classes_ if hasattr(model, "n_classes_") else len(model.shares_))


def _shares(values: Any) -> Part:
    return {"link": "constant", "risk": floats(values), "log_odds": False}


def _penalised_multinomial(model: Any) -> Part:
    if model.degenerate_:
        return _shares(model.shares_)
    here = model.present_
    return _several(model, model.intercepts_[here], model.coef_[here])


def _one_class(model: Any) -> Part:
    return _shares(np.eye(_number_of_classes(model))[model.present_[0]])


def _multinomial(model: Any) -> Part:
    if model.degenerate_:
        return _one_class(model)
    first = np.zeros((1, model.coefs_.shape[1]))
    return _several(model, [0.0, *model.intercepts_], np.vstack([first, model.coefs_]))


def _ordinal(model: Any) -> Part:
    if model.degenerate_:
        return _one_class(model)
    return {
        "link": "cumulative_logit",
        "classes": _number_of_classes(model),
        "present": [int(c) for c in model.present_],
        "thresholds": floats(model.thresholds_),
        "coefficients": dict(zip(model.names_, floats(model.coef_), strict=True)),
    }


def _one_vs_rest(model: Any) -> Part | None:
    parts = [part_of(own) for own in model.models_]
    if any(part is None for part in parts):
        return None
    return {"link": "one_vs_rest", "models": parts, "sum_to_1": model.kind_ != "multilabel"}


def _balanced(model: Any) -> Part | None:
    part = part_of(model.model_)
    if part is not None:
        part.pop("spread", None)  # that of the balanced rows, not of the cohort
    return part


def _calibrated(model: Any) -> Part | None:
    own = part_of(model.model_)
    if own is not None and model.kind_ != "binary":
        return _calibrated_classes(model, own)
    if own is None or own["link"] not in ("identity", "logit"):
        return None
    at, height = model.steps_[0]
    return {
        "link": "calibrated",
        "model": {k: v for k, v in own.items() if k != "spread"},
        "slope": float(model.slopes_[0]),
        "intercept": float(model.intercepts_[0]),
        "share": float(model.shares_[0]),
        "at": floats(at),
        "risk": floats(height),
        "score": "risk" if model.method == "platt" else "log_odds",
    }


def _calibrated_classes(model: Any, own: Part) -> Part:
    return {
        "link": "calibrated_classes",
        "model": own,
        "slopes": floats(model.slopes_),
        "intercepts": floats(model.intercepts_),
        "shares": floats(model.shares_),
        "steps": [{"at": floats(at), "risk": floats(height)} for at, height in model.steps_],
        "sum_to_1": model.kind_ != "multilabel",
    }


def _fusion(model: Any) -> Part:
    if model.method != "logistic":
        return fusion_part(model)
    medians = dict(zip(model.names_, floats(model.medians_), strict=True))
    part = part_of(model.logistic_)
    assert part is not None
    return part | {"fill": medians}


def _marker(model: Any) -> Part:
    sign = 1.0 if model.direction == "higher" else -1.0
    return {"link": "identity", "intercept": 0.0, "coefficients": {model.names_[0]: sign}}


def _sides(model: Any, conditions: list[Part], needed: int) -> Part:
    fails, holds = (_no_features(own) for own in model.risks_)
    return {
        "link": "sides",
        "conditions": conditions,
        "needed": needed,
        "missing": model.missing,
        "fails": fails,
        "holds": holds,
    }


def _threshold(model: Any) -> Part:
    bound = "at_least" if model.direction == "higher" else "at_most"
    bounds = {} if model.degenerate_ else {bound: float(model.cutoff_)}
    own = {"column": model.names_[0], "bounds": bounds, "never": bool(model.degenerate_)}
    return _sides(model, [own], 1)


def _rule(model: Any) -> Part:
    conditions = [
        {"column": c, "bounds": {b: float(v) for b, v in bounds.items()}, "never": False}
        for c, (_, bounds) in zip(model.columns_, model.conditions, strict=True)
    ]
    return _sides(model, conditions, int(model.needed))


_PARTS: dict[str, Callable[[Any], Part | None]] = {
    "Marker": _marker,
    "Threshold": _threshold,
    "Rule": _rule,
    "Fusion": _fusion,
    "NoFeatures": _no_features,
    "Logistic": lambda m: _line(m, "logit"),
    "PenalisedLogistic": lambda m: _line(m, "logit"),
    "Linear": lambda m: _line(m, "identity"),
    "PenalisedLinear": lambda m: _line(m, "identity"),
    "Ridge": lambda m: _line(m, "identity"),
    "Cox": lambda m: _line(m, "cox"),
    "PenalisedCox": lambda m: _line(m, "cox"),
    "Subdistribution": lambda m: _line(m, "cox"),
    "Nomogram": lambda m: part_of(m.regression_),
    "Multinomial": _multinomial,
    "PenalisedMultinomial": _penalised_multinomial,
    "Ordinal": _ordinal,
    "OneVsRest": _one_vs_rest,
    "Balanced": _balanced,
    "Calibrated": _calibrated,
    "Tuned": lambda m: part_of(m.model_),
}
"""By the name of the estimator's class: reading a study must not load them all."""
