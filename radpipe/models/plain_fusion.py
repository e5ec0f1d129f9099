"""A late fusion as numbers: written down, and computed from what is written.

Its columns are the values of other models, which are written down on their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from radpipe.core.target import CLASSES
from radpipe.models.base import FloatArray
from radpipe.models.hazard import risk_at
from radpipe.models.votes import votes

Part = dict[str, Any]
NEVER = float(np.finfo(float).max)
"""A cut-off that no value reaches; JSON has no infinity."""


def fusion_part(model: Any) -> Part:
    """Return a fitted fusion that is no regression as numbers.

    Parameters
    ----------
    model : Fusion
        Of the method mean, weighted_mean or vote.
    """
    classes = model.kind_ in CLASSES
    k = len(model.names_) // len(model.models_)
    cuts = model.cuts_ if model.cuts_.size else [[]] * len(model.models_)
    part: Part = {
        "link": "fusion",
        "endpoint": model.kind_,
        "vote": model.method == "vote",
        "models": [
            {
                "columns": [f"{name}[{c}]" for c in range(k)] if classes else [name],
                "weight": float(weight),
                "mean": float(mean),
                "sd": float(sd),
                "cutoffs": [float(cut) for cut in np.nan_to_num(own, nan=NEVER)],
            }
            for name, weight, mean, sd, own in zip(
                model.models_, model.weights_, model.means_, model.sds_, cuts, strict=True
            )
        ],
        "slope": float(model.slope_),
        "intercept": float(model.intercept_),
    }
    if model.kind_ == "survival":
        time, hazard = model.baseline_
        part["baseline"] = {"time": [float(t) for t in time], "hazard": [float(h) for h in hazard]}
    return part


def fused_score(part: Mapping[str, Any], values: Mapping[str, FloatArray]) -> FloatArray:
    """Return what the models say together, shape (n,), or of each class (n, k)."""
    models = part["models"]
    table = np.stack([np.column_stack([values[c] for c in m["columns"]]) for m in models], axis=1)
    known = ~np.isnan(table)
    said = table
    if part["vote"]:
        said = votes(table, np.array([m["cutoffs"] for m in models]))
    elif part["endpoint"] == "survival":
        mean, sd = (np.array([m[key] for m in models])[:, None] for key in ("mean", "sd"))
        said = (table - mean) / sd
    weight = np.array([m["weight"] for m in models])[:, None] * known
    total = weight.sum(axis=1)
    found = (np.where(known, said, 0.0) * weight).sum(axis=1)
    found = np.divide(found, total, out=np.full_like(found, np.nan), where=total > 0)
    if part["endpoint"] not in CLASSES:
        return np.asarray(found[:, 0])
    if part["endpoint"] == "multilabel":
        return found
    whole = found.sum(axis=1, keepdims=True)
    even = np.full_like(found, 1 / found.shape[1])
    return np.divide(found, whole, out=even, where=whole != 0)


def fused_risk(
    part: Mapping[str, Any], values: Mapping[str, FloatArray], horizons: tuple[float, ...]
) -> FloatArray:
    """Return P(event), shape (n,), by each horizon (n, h), or of each class (n, k)."""
    from scipy.special import expit

    score = fused_score(part, values)
    line = part["slope"] * score + part["intercept"]
    if part["endpoint"] == "survival":
        baseline = (np.array(part["baseline"]["time"]), np.array(part["baseline"]["hazard"]))
        return risk_at(baseline, line, horizons)
    return np.asarray(expit(line)) if part["endpoint"] == "binary" and part["vote"] else score
