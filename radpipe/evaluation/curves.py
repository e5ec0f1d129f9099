"""What calibration and decision curves are drawn from, as tidy tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from radpipe.evaluation.classes import over_repeats
from radpipe.evaluation.roc_curves import stack
from radpipe.evaluation.spread import SCHEME, each_split, middles, not_resampled
from radpipe.evaluation.survival import event_codes
from radpipe.evaluation.table import FloatArray, Slice, slices
from radpipe.stats.calibration import calibration_binary, calibration_curve
from radpipe.stats.calibration_competing import grouped_calibration_competing, oe_competing
from radpipe.stats.calibration_surv import grouped_calibration, oe_at, quantile_groups
from radpipe.stats.netbenefit import (
    NetBenefit,
    net_benefit,
    net_benefit_competing,
    net_benefit_survival,
    treat_all,
    treat_none,
)
from radpipe.stats.proportions import wilson_clustered

RISK_GRID = np.linspace(0, 1, 101)
THRESHOLDS = np.linspace(0.01, 0.99, 99)


@dataclass(frozen=True)
class CalibrationData:
    """Tables behind a calibration plot.

    Parameters
    ----------
    curve : DataFrame
        model, split, class, horizon, risk, observed: the smooth curve (no survival).
    groups : DataFrame
        model, split, class, horizon, group, n, events, predicted, observed, lower, upper, method.
    summary : DataFrame
        model, split, class, horizon, measure, estimate, lower, upper, method, note.
    """

    curve: pd.DataFrame
    groups: pd.DataFrame
    summary: pd.DataFrame


def calibration(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
    horizon: float | None = None,
    groups: int = 5,
) -> CalibrationData:
    """Return calibration curves, risk groups and summary measures.

    Parameters
    ----------
    horizon : float, optional
        For survival: the one to look at; the first that the models have by default.
    groups : int
        Quantile groups asked for; ties can leave fewer.

    Notes
    -----
    Binary: intercept, slope and the like are means over repeats; the curve is the mean over
    repeats of each repeat's lowess on a grid, where all repeats have risks; groups are of each
    case's mean risk over repeats, with Wilson intervals of the observed share. Several classes or
    labels: the same for each against the rest. Survival: 1 - Kaplan-Meier (where events compete:
    the cumulative incidence) against mean predicted risk at the horizon, in groups of mean risk
    over repeats. Of repeated random splits, measures and groups are medians over the splits, and
    the limits those of a spread (`radpipe.evaluation.spread`).
    """
    if endpoint.get("resampling") == SCHEME:
        return _over_splits(predictions, outcomes, endpoint, horizon, groups)
    smooth, grouped, summary = [], [], []
    for part in slices(predictions, outcomes, endpoint):
        at = _horizon(part, horizon)
        if at not in part.risk:
            continue
        when = np.nan if at is None else at
        head: dict[str, Any] = {"model": part.model, "split": part.split, "class": part.label}
        head["horizon"] = when
        risk = part.risk[at]
        mean = over_repeats(risk)
        if at is None:
            smooth.append(_smooth(part, risk).assign(**head))
            grouped.append(_binary_groups(part, mean, groups).assign(**head))
            c = calibration_binary(part.y, risk, groups=part.group)
            measures = {
                "intercept": c.intercept,
                "slope": c.slope,
                "in_the_large": c.in_the_large,
                "oe": c.oe,
                "brier": c.brier,
            }
        else:
            d = event_codes(part)
            rivals = part.competing is not None
            grouping = grouped_calibration_competing if rivals else grouped_calibration
            ratio = oe_competing if rivals else oe_at
            g = grouping(part.time, d, mean, at, groups)
            columns = ("n", "events", "predicted", "observed", "lower", "upper")
            table = pd.DataFrame({c: getattr(g, c) for c in columns})
            grouped.append(table.assign(group=range(1, len(table) + 1), method=g.method, **head))
            measures = {"oe": ratio(part.time, d, risk, at, groups=part.group)}
        for name, e in measures.items():
            row = {"measure": name, "estimate": e.estimate, "lower": e.lower, "upper": e.upper}
            summary.append({**head, **row, "method": e.method, "note": e.note})
    keys = ["model", "split", "class", "horizon"]
    return CalibrationData(
        curve=stack(smooth, [*keys, "risk", "observed"]),
        groups=stack(
            grouped,
            [*keys, "group", "n", "events", "predicted", "observed", "lower", "upper", "method"],
        ),
        summary=pd.DataFrame(
            summary,
            columns=[*keys, "measure", "estimate", "lower", "upper", "method", "note"],
        ),
    )


def _over_splits(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
    horizon: float | None,
    groups: int,
) -> CalibrationData:
    """Return calibration with the spread over random splits in place of pooled repeats."""
    plain = {**endpoint, "resampling": ""}
    whole = calibration(predictions, outcomes, plain, horizon, groups)
    rest = calibration(not_resampled(predictions), outcomes, plain, horizon, groups)
    splits = [
        calibration(part, outcomes, plain, horizon, groups) for part in each_split(predictions)
    ]
    if not splits:
        return whole
    keys = ["model", "split", "class", "horizon"]
    grouped = middles([s.groups for s in splits], [*keys, "group"], "observed")
    measured = middles([s.summary for s in splits], [*keys, "measure"], "estimate")
    return CalibrationData(
        curve=whole.curve,
        groups=stack([t for t in (grouped, rest.groups) if len(t)], list(whole.groups.columns)),
        summary=stack([t for t in (measured, rest.summary) if len(t)], list(whole.summary.columns)),
    )


def decision(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    endpoint: Mapping[str, Any],
    thresholds: Sequence[float] | FloatArray = THRESHOLDS,
    horizon: float | None = None,
) -> pd.DataFrame:
    """Return net benefit by threshold, the mean over repeats under resampling.

    Returns
    -------
    DataFrame
        Columns model, split, class, horizon, threshold, net_benefit, tp_rate, fp_rate, n, method.
        In each split ``model`` also takes the values "treat all" and "treat none", of the cases
        to which any of the models gives a risk; ``n`` of a model are those to which it does. Of
        several classes or labels there is one curve each, against the rest.
    """
    t = np.asarray(thresholds, dtype=float)
    places: dict[tuple[str, str], list[Slice]] = {}
    for part in slices(predictions, outcomes, endpoint):
        if _horizon(part, horizon) in part.risk:
            places.setdefault((part.split, part.label), []).append(part)
    tables = []
    for (split, label), parts in places.items():
        at = _horizon(parts[0], horizon)
        curves = {part.model: _curves(part, at, part.risk[at], t) for part in parts}
        counts = {part.model: _predicted(part.risk[at]) for part in parts}
        whole, any_risk = _together(parts, at)
        of_all, n = _curves(whole, at, any_risk, t), _predicted(any_risk)
        curves["treat all"] = [treat_all(c.prevalence, t, c.n) for c in of_all]
        curves["treat none"] = [treat_none(c.prevalence, t, c.n) for c in of_all]
        for name, several in curves.items():
            head = {"model": name, "split": split, "class": label}
            head["horizon"] = np.nan if at is None else at
            tables.append(_mean_curve(several, counts.get(name, n)).assign(**head))
    rates = ["threshold", "net_benefit", "tp_rate", "fp_rate"]
    return stack(tables, ["model", "split", "class", "horizon", *rates, "n", "method"])


def _curves(part: Slice, at: float | None, risk: FloatArray, t: FloatArray) -> list[NetBenefit]:
    """Return the net benefit of each repeat of risks (n, repeats) of a slice's cases."""
    curves = []
    for column in risk.T:
        known = np.isfinite(column)
        if at is None:
            assert part.y is not None
            curves.append(net_benefit(part.y[known], column[known], t))
        else:
            assert part.time is not None
            benefit = net_benefit_survival if part.competing is None else net_benefit_competing
            args = part.time[known], event_codes(part)[known], column[known]
            curves.append(benefit(*args, at, t))
    return curves


def _predicted(risk: FloatArray) -> int:
    """Return how many cases have a risk in any repeat."""
    return int(np.isfinite(risk).any(axis=1).sum())


def _together(parts: Sequence[Slice], at: float | None) -> tuple[Slice, FloatArray]:
    """Return the cases of several models' slices, and 1 where any of them gives a risk, else NaN.

    The slice holds outcomes only; the risks are those of treating all, repeat by repeat.
    """
    cases = pd.Index([case for part in parts for case in part.case]).drop_duplicates()
    some = np.zeros((len(cases), max(part.repeats for part in parts)), dtype=bool)
    for part in parts:
        some[cases.get_indexer(part.case), : part.repeats] |= np.isfinite(part.risk[at])
    found: dict[str, Any] = {"case": cases.to_numpy(dtype=object)}
    for name in ("y", "time", "event", "competing"):
        known = [getattr(part, name) for part in parts if getattr(part, name) is not None]
        if not known:
            continue
        column = np.empty(len(cases), dtype=known[0].dtype)
        for part in parts:
            own = getattr(part, name)
            # of a slice without a competing event it is None
            column[cases.get_indexer(part.case)] = 0 if own is None else own
        found[name] = column
    return replace(parts[0], **found), np.where(some, 1.0, np.nan)


def _mean_curve(curves: list[NetBenefit], n: int) -> pd.DataFrame:
    method = curves[0].method
    if len(curves) > 1:
        method += f", mean over {len(curves)} repeats"
    return pd.DataFrame(
        {
            "threshold": curves[0].thresholds,
            "net_benefit": np.mean([c.net_benefit for c in curves], axis=0),
            "tp_rate": np.mean([c.tp_rate for c in curves], axis=0),
            "fp_rate": np.mean([c.fp_rate for c in curves], axis=0),
            "n": n,
            "method": method,
        }
    )


def _smooth(part: Slice, risk: FloatArray) -> pd.DataFrame:
    assert part.y is not None
    curves = []
    for column in risk.T:
        known = np.isfinite(column)
        curves.append(calibration_curve(part.y[known], column[known]))
    drawn = [c for c in curves if not c.note]
    if not drawn:
        return pd.DataFrame({"risk": [], "observed": []}, dtype=float)
    if len(curves) == 1:
        return pd.DataFrame({"risk": drawn[0].risk, "observed": drawn[0].observed})
    low, high = max(c.risk[0] for c in drawn), min(c.risk[-1] for c in drawn)
    grid = RISK_GRID[(low <= RISK_GRID) & (high >= RISK_GRID)]
    lines = [np.interp(grid, c.risk, c.observed) for c in drawn]
    return pd.DataFrame({"risk": grid, "observed": np.mean(lines, axis=0)})


def _binary_groups(part: Slice, mean: FloatArray, groups: int) -> pd.DataFrame:
    assert part.y is not None
    known = np.isfinite(mean)
    y, p = part.y[known].astype(float), mean[known]
    patient = None if part.group is None else part.group[known]
    label = quantile_groups(p, groups)
    rows = []
    for i, g in enumerate(np.unique(label), start=1):
        own = label == g
        e = wilson_clustered(y[own], np.ones(own.sum()), None if patient is None else patient[own])
        rows.append(
            {
                "group": i,
                "n": int(own.sum()),
                "events": int(y[own].sum()),
                "predicted": float(p[own].mean()),
                "observed": e.estimate,
                "lower": e.lower,
                "upper": e.upper,
                "method": e.method,
            }
        )
    return pd.DataFrame(rows)


def _horizon(part: Slice, asked: float | None) -> float | None:
    """Return the horizon to use: None where there is no time; NaN finds nothing."""
    if part.y is not None:
        return None
    known = [h for h in part.risk if h is not None]
    if asked is not None:
        return float(asked)
    return min(known) if known else float("nan")
