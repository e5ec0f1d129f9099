"""Predictions by the numbers that `radpipe.models.plain` writes down: sums, and no estimator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from radpipe.models.base import FloatArray
from radpipe.models.hazard import risk_at
from radpipe.models.plain_fusion import fused_risk, fused_score

Columns = dict[str, FloatArray]


class Arithmetic:
    """A written-down pipeline at work.

    Parameters
    ----------
    found : mapping
        As `radpipe.models.plain.plain` returns it.
    """

    def __init__(self, found: Mapping[str, Any]) -> None:
        self.found = found

    @property
    def variables(self) -> list[str]:
        """The variables that a prediction needs."""
        names = (entry["variable"] for entry in self.found["coding"])
        return list(dict.fromkeys(names))

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return what ranks the rows, shape (n,), or (n, k) where there are k classes."""
        return score_of(self.found["model"], self.prepared(X), len(X))

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event), shape (n,), by each horizon (n, h), or of each class (n, k)."""
        return risk_of(self.found["model"], self.prepared(X), len(X), horizons)

    def linear_predictor(self, X: pd.DataFrame) -> FloatArray | None:
        """Return the sum of intercept and terms, shape (n,); None where there are several."""
        part = self.found["model"]
        part = part["model"] if part["link"] == "calibrated" else part
        if part["link"] not in ("identity", "logit", "cox", "cumulative_logit"):
            return None
        return _sum(part, self.prepared(X), len(X))

    def prepared(self, X: pd.DataFrame) -> Columns:
        """Return the columns that the model takes."""
        values = {e["column"]: coded(e, X[e["variable"]]) for e in self.found["coding"]}
        for step in self.found["steps"]:
            _do(step, values)
        return {name: values[name] for name in self.found["columns"]}


def coded(entry: Mapping[str, Any], column: pd.Series) -> FloatArray:
    """Return one variable's column: a number, a level's place, or 0/1; NaN where missing."""
    if "places" not in entry and "level" not in entry:
        values = column.to_numpy(dtype=float, copy=True)
        values[np.isinf(values)] = np.nan
        return values
    text = column.astype(str)
    if "places" in entry:
        places = text.map(entry["places"]).fillna(0.0).to_numpy(dtype=float, copy=True)
    else:
        places = (text == entry["level"]).to_numpy(dtype=float, copy=True)
    places[column.isna().to_numpy()] = np.nan
    return places


def _do(step: Mapping[str, Any], values: Columns) -> None:
    """Do one step of a preparation, in place."""
    if step["kind"] == "mark":
        values |= {new: np.isnan(values[of]).astype(float) for new, of in step["columns"].items()}
    elif step["kind"] == "fill":
        for name, fill in step["with"].items():
            if name in values:
                values[name] = np.where(np.isnan(values[name]), fill, values[name])
    elif step["kind"] == "limit":
        for name, limit in step["columns"].items():
            values[name] = limited(values[name], limit)
    elif step["kind"] == "project":
        table = np.column_stack([values[c] for c in step["columns"]])
        loadings = np.array(step["loadings"]).reshape(table.shape[1], -1)
        sums = ((table - step["centre"]) / step["scale"]) @ loadings
        values |= dict(zip(step["names"], sums.T, strict=True))
    else:
        for name, own in step["columns"].items():
            values[name] = (values[name] - own["centre"]) / own["scale"]


def limited(values: FloatArray, limit: Mapping[str, float]) -> FloatArray:
    """Return values beyond the limits at them, or as the median where there is one."""
    low, high = limit["low"], limit["high"]
    if "median" in limit:
        return np.where((values < low) | (values > high), limit["median"], values)
    return np.asarray(np.clip(values, low, high))


# Models


def _sum(part: Mapping[str, Any], values: Columns, n: int) -> FloatArray:
    total = np.full(n, 0.0)
    for name, coefficient in part["coefficients"].items():
        total = total + coefficient * values[name]
    return total + float(part.get("intercept", 0.0))


def _lines(part: Mapping[str, Any], values: Columns, n: int) -> FloatArray:
    """Return the linear predictor of each class, shape (n, k)."""
    lines = np.zeros((n, len(part["intercept"])))
    for name, coefficients in part["coefficients"].items():
        lines += np.outer(values[name], coefficients)
    return lines + np.array(part["intercept"])


def score_of(part: Mapping[str, Any], values: Columns, n: int) -> FloatArray:
    """Return the scores of a model's part."""
    link = part["link"]
    if link in ("identity", "logit", "cox"):
        return _sum(part, values, n)
    if link == "calibrated" and part["score"] == "log_odds":
        return _calibrated_log_odds(part, values, n)
    if link == "sides":
        return _side(part, values)
    if link == "fusion":
        return fused_score(part, values)
    found = risk_of(part, values, n, ())
    if link == "constant" and part["log_odds"]:
        return np.asarray(np.log(found / (1 - found)))
    return found


def risk_of(
    part: Mapping[str, Any], values: Columns, n: int, horizons: tuple[float, ...]
) -> FloatArray:
    """Return the risks of a model's part; of a number, the number."""
    from scipy.special import expit, softmax

    link = part["link"]
    if link == "constant":
        risk = np.tile(part["risk"], (n, 1))
        return risk[:, 0] if risk.shape[1] == 1 else risk
    if link == "cox":
        baseline = (np.array(part["baseline"]["time"]), np.array(part["baseline"]["hazard"]))
        return risk_at(baseline, _sum(part, values, n), horizons)
    if link == "logit":
        return np.asarray(expit(_sum(part, values, n)))
    if link == "sides":
        side = _side(part, values)
        fails, holds = (risk_of(part[name], {}, n, horizons) for name in ("fails", "holds"))
        risk = np.where((side == 1).reshape(-1, *[1] * (fails.ndim - 1)), holds, fails)
        risk[np.isnan(side)] = np.nan
        return risk
    if link == "fusion":
        return fused_risk(part, values, horizons)
    if link == "calibrated_classes":
        return _calibrated_classes(part, values, n)
    if link == "softmax":
        return _placed(part, softmax(_lines(part, values, n), axis=1))
    if link == "cumulative_logit":
        below = expit(np.array(part["thresholds"]) - _sum(part, values, n)[:, None])
        whole = np.column_stack([np.zeros(n), below, np.ones(n)])
        return _placed(part, np.diff(whole, axis=1))
    if link == "one_vs_rest":
        risk = np.column_stack([risk_of(own, values, n, ()) for own in part["models"]])
        total = risk.sum(axis=1, keepdims=True)
        even = np.full_like(risk, 1 / risk.shape[1])
        return np.divide(risk, total, out=even, where=total > 0) if part["sum_to_1"] else risk
    if link == "calibrated":
        if part["at"]:
            own = score_of(part["model"], values, n)
            return np.asarray(np.interp(own, part["at"], part["risk"]))
        return np.asarray(expit(_calibrated_log_odds(part, values, n)))
    return _sum(part, values, n)


def _calibrated_log_odds(part: Mapping[str, Any], values: Columns, n: int) -> FloatArray:
    if part["slope"] <= 0:
        share = float(np.clip(part["share"], 1e-9, 1 - 1e-9))
        return np.full(n, np.log(share / (1 - share)))
    return score_of(part["model"], values, n) * part["slope"] + part["intercept"]


def _calibrated_classes(part: Mapping[str, Any], values: Columns, n: int) -> FloatArray:
    """Return the calibrated risk of each class."""
    from scipy.special import expit

    score = score_of(part["model"], values, n).reshape(n, -1)
    slopes, shares = np.array(part["slopes"]), np.array(part["shares"])
    risk = np.where(slopes > 0, expit(score * slopes + part["intercepts"]), shares)
    for c, steps in enumerate(part["steps"]):
        if steps["at"]:
            risk[:, c] = np.interp(score[:, c], steps["at"], steps["risk"])
    if not part["sum_to_1"]:
        return risk
    total = risk.sum(axis=1, keepdims=True)
    return np.divide(risk, total, out=np.tile(shares, (n, 1)), where=total > 0)


_BOUNDS = {"above": np.greater, "at_least": np.greater_equal, "below": np.less,
           "at_most": np.less_equal}  # fmt: skip


def _side(part: Mapping[str, Any], values: Columns) -> FloatArray:
    """Return 1 where enough conditions hold, 0 where they cannot, NaN where that is unknown."""
    gap = {"unknown": np.nan, "holds": 1.0, "fails": 0.0}[part["missing"]]
    table = []
    for condition in part["conditions"]:
        own = values[condition["column"]]
        holds = np.full(len(own), not condition["never"])
        for name, bound in condition["bounds"].items():
            holds &= _BOUNDS[name](own, bound)
        table.append(np.where(np.isnan(own), gap, holds))
    both = np.column_stack(table)
    holding, unknown = np.nansum(both, axis=1), np.isnan(both).sum(axis=1)
    undecided = np.where(holding + unknown < part["needed"], 0.0, np.nan)
    return np.where(holding >= part["needed"], 1.0, undecided)


def _placed(part: Mapping[str, Any], found: FloatArray) -> FloatArray:
    """Return the risks of the classes at hand among those of all; others have none."""
    if part["classes"] == 1:
        return found[:, 1]
    risk = np.zeros((len(found), part["classes"]))
    risk[:, part["present"]] = found / found.sum(axis=1, keepdims=True)
    return risk
