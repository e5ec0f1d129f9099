"""Cut-offs of the final models with their spread, in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from radpipe.models.cutoffs.registry import CUTOFFS
from radpipe.outputs.base import OutputData

METRICS = ("cutoff", "cutoff_high")
SCALES = {
    "risk": "risk",
    "log_odds": "log odds",
    "log_hazard": "log relative hazard",
    "log_subhazard": "log relative subdistribution hazard",
    "value": "the model's own score",
}
UNCALIBRATED = "risk, not calibrated"
INPUT, MINUS_INPUT = "the input's value", "minus the input's value"
RESAMPLES = {"cutoff": "cutoffs", "cutoff_high": "cutoffs_high"}
ROUNDING = 1e-12
"""A cut-off that is nearer to 0 is 0, but for rounding."""


def with_spread(tidy: pd.DataFrame, data: OutputData) -> pd.DataFrame:
    """Return the metrics with the bootstrap spread of the cut-offs of one fit, the final one."""
    out = tidy.copy()
    alone = out["metric"].isin(METRICS) & out["lower"].isna()
    for at, row in out[alone].iterrows():
        found = data.fits.get(str(row["model"]), {}).get("cutoff_bootstrap") or {}
        limits = _own(found.get(str(row["metric"])), str(row["class"]), data)
        if limits and None not in limits:
            out.loc[at, ["lower", "upper"]] = limits
            out.loc[at, "method"] = f"{row['method']}; {found['method']} ({found['draws']})"
    return out


def cutoff_values(data: OutputData, models: Sequence[str]) -> pd.DataFrame:
    """Return one row a cut-off of a final model (and label), all in numbers.

    ``value`` with ``lower`` and ``upper`` over bootstrap draws; ``risk`` (of survival
    ``risk_at_TIME``) of a case that has this score, where the scale is not a risk itself;
    ``median``, ``least`` and ``most`` of the cut-offs of the ``fits`` of the resamples.
    """
    rows = []
    for model in models:
        fit = told_cutoff(data.fits.get(model, {}))
        if "cutoff_rule" not in fit:
            continue
        labels = [str(c) for c in data.endpoint.get("classes") or ()]
        several = isinstance(fit["cutoff_final"], list)
        for place, label in enumerate(labels if several else [""]):
            for metric in METRICS:
                if f"{metric}_final" not in fit:
                    continue
                value, over = fit[f"{metric}_final"], fit.get(RESAMPLES[metric]) or []
                found = {"model": model, "class": label, "cutoff": metric}
                limits = _own((fit.get("cutoff_bootstrap") or {}).get(metric), label, data)
                found |= _numbers(value[place] if several else value, limits)
                found |= _over([v[place] if several else v for v in over])
                rows.append({**found, "scale": scale_of(fit), **_risks(fit, metric, data)})
    return pd.DataFrame(rows)


def cutoff_ways(data: OutputData, models: Sequence[str]) -> list[str]:
    """Return in words how the cut-offs of some models came about, each way once."""
    ways = []
    for fit in (data.fits[model] for model in models if "cutoff_rule" in data.fits.get(model, {})):
        if not read_cutoffs(fit)["learned"]:
            ways.append("that was given")
        elif "threshold" in fit:
            ways.append("learned on the training rows")
        else:
            ways.append("learned on inner out-of-fold predictions of the training rows")
    return list(dict.fromkeys(ways))


def told_cutoff(fit: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a fit with the cut-off that tells: of a threshold its own, on the input's values.

    The score of a threshold or a rule is its side, and a cut between the sides tells nothing.
    """
    own = fit.get("threshold")
    if own is None:
        return {} if fit.get("kind") == "rule" else fit
    rest = {key: value for key, value in fit.items() if not key.startswith("cutoff")}
    p = {"cutoff_p": fit["cutoff_p"]} if "cutoff_p" in fit else {}
    cut = {
        "cutoff_final": own["value"],
        "cutoff_rule": own["rule"],
        "cutoffs": own.get("cutoffs", []),
    }
    return {**rest, **cut, **p, "cutoff_bootstrap": own.get("bootstrap")}


def read_cutoffs(fit: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the cut-offs of a final model are read, ready for JSON.

    ``values``, none where the model has none to tell; ``at_most``: the event lies at or below
    them, and else at or above; ``scale``; ``input``: the variable, where they are its values;
    ``rule``; ``learned``: whether other training cases would give others; of a rule its
    ``conditions``, and how many are ``needed``.
    """
    told, params = told_cutoff(fit), _params(fit)
    scale, rule = scale_of(fit), told.get("cutoff_rule")
    # the score of a marker whose lower values go with the event is minus its value
    sign = -1.0 if scale == MINUS_INPUT else 1.0
    values = [told.get(f"{metric}_final") for metric in METRICS]
    of_input = scale in (INPUT, MINUS_INPUT)
    return {
        "values": [_turned(value, sign) for value in values if value is not None],
        "at_most": params.get("direction") == "lower",
        "scale": INPUT if of_input else scale,
        "input": params.get("input") if of_input else None,
        "rule": rule,
        "learned": rule is not None and bool(CUTOFFS[rule["kind"]].learns),
        **{key: params[key] for key in ("conditions", "needed") if key in params},
    }


def _turned(value: Any, sign: float) -> Any:
    if isinstance(value, list):
        return [_turned(one, sign) for one in value]
    return None if value is None else exact(sign * value)


def _params(fit: Mapping[str, Any]) -> Mapping[str, Any]:
    return fit.get("summary", {}).get("params") or {}


def scale_of(fit: Mapping[str, Any]) -> str:
    """Return in words what a model's score is, on which its cut-offs lie."""
    if "threshold" in fit:
        return INPUT
    if _params(fit).get("direction") == "lower":
        return MINUS_INPUT
    if fit.get("kind") in ("marker", "threshold"):
        return INPUT
    if fit.get("score_scale") == "risk" and not fit.get("calibrated_risk", True):
        return UNCALIBRATED
    return SCALES.get(str(fit.get("score_scale")), "score")


def _own(limits: Any, label: str, data: OutputData) -> Any:
    """Return the limits of a label, where each has its own."""
    if limits and isinstance(limits[0], list):
        labels = [str(c) for c in data.endpoint.get("classes") or ()]
        return limits[labels.index(label)] if label in labels else None
    return limits


def _numbers(value: float | None, limits: Any) -> dict[str, float]:
    """Return a value with its limits, what is not known as NaN."""
    ends = limits if limits and None not in limits else (None, None)
    return dict(zip(("value", "lower", "upper"), map(exact, (value, *ends)), strict=True))


def _over(values: Sequence[float | None]) -> dict[str, float]:
    """Return the median and the range of the cut-offs of the resamples, and of how many."""
    found = [exact(v) for v in known(values)]
    ends = (float(np.median(found)), min(found), max(found)) if found else (np.nan,) * 3
    return {**dict(zip(("median", "least", "most"), ends, strict=True)), "fits": len(found)}


def known(values: Sequence[Any]) -> list[Any]:
    """Return the values that there are."""
    return [v for v in values if v is not None]


def exact(value: Any) -> Any:
    """Return a cut-off (or a list of them), 0 where only rounding makes it another number."""
    if isinstance(value, list):
        return [exact(one) for one in value]
    if value is None:
        return np.nan
    return 0.0 if abs(value) < ROUNDING else float(value)


def _risks(fit: Mapping[str, Any], metric: str, data: OutputData) -> dict[str, float]:
    """Return the risk at a cut-off, by each horizon."""
    found = (fit.get("cutoff_risk") or {}).get(metric) or []
    if scale_of(fit) == SCALES["risk"] and not isinstance(fit[f"{metric}_final"], list):
        found = [fit[f"{metric}_final"]]
    times = data.endpoint.get("horizons") or ()
    names = [f"risk_at_{h:g}" for h in times] if len(times) == len(found) else ["risk"]
    return {name: exact(v) for name, v in zip(names, found, strict=False) if v is not None}


def ranged(value: float, *ends: float, digits: int = 3) -> str:
    """Return ``0.42 (0.31–0.55)``, or ``−0.3 (−0.5 to 0.1)``, in significant digits."""
    if not np.isfinite(value):
        return "–"
    text = f"{value:.{digits}g}"
    if np.isfinite(ends).all():
        joint = " to " if min(ends) < 0 else "–"
        text += f" ({joint.join(f'{end:.{digits}g}' for end in ends)})"
    return text.replace("-", "−")
