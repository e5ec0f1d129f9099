"""Metrics of predicted values against measured ones.

Under resampling an estimate is the mean over repeats. Errors and R² have intervals from each
case's influence, clustered by patient; of the classical intervals (correlations, concordance,
calibration line, limits of agreement) both limits are means over repeats, and there is none where
a patient has several cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from radpipe.evaluation.classes import over_repeats
from radpipe.evaluation.table import FloatArray, Slice, slices
from radpipe.stats.bland_altman import bland_altman
from radpipe.stats.correlation import pearson, spearman
from radpipe.stats.influence import mean_of, ratio_influence, wald
from radpipe.stats.lin_ccc import lin_ccc
from radpipe.stats.linear import fit_linear
from radpipe.stats.results import NAN, Estimate, counted, join_notes
from radpipe.stats.results import FloatArray as Array

NO_FORM = "no interval: the method has no form for several cases a patient"


def continuous_metrics(part: Slice, level: float) -> Iterator[tuple[str, Estimate]]:
    """Yield the metrics of one model in one split, by name."""
    assert part.y is not None
    y, group = part.y, part.group
    error = part.score - y[:, None]
    over = f", mean over {part.repeats} repeats" if part.repeats > 1 else ""
    yield "r2", r_squared(part, level)
    squares = mean_of(over_repeats(error**2), "", level, group)
    yield "rmse", _root(squares, f"delta method{over}" if over else "delta method")
    absolute = over_repeats(np.abs(error))
    yield "mae", mean_of(absolute, f"Wald interval{over}", level, group, (0.0, np.inf))
    for name, measure in _classical(level).items():
        yield name, _over_repeats(part, measure, over)


def pairs_of_values(
    predictions: pd.DataFrame, outcomes: pd.DataFrame, endpoint: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the measured and the predicted value of each case, the mean over repeats.

    Returns
    -------
    DataFrame
        Columns model, split, case, measured, predicted.
    """
    tables = []
    for part in slices(predictions, outcomes, endpoint):
        values = {"case": part.case, "measured": part.y, "predicted": over_repeats(part.score)}
        tables.append(pd.DataFrame(values).assign(model=part.model, split=part.split).dropna())
    columns = ["model", "split", "case", "measured", "predicted"]
    return (
        pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)
    )


def r_squared(part: Slice, level: float = 0.95) -> Estimate:
    """Return 1 - squared errors over squared deviations from the mean of the same cases.

    It is 0 for the mean of these cases and negative for what is worse.
    """
    value, influence, note = r_squared_influence(part)
    over = f", mean over {part.repeats} repeats" if part.repeats > 1 else ""
    method = f"1 - SSE / SST about the mean of the same cases, delta method{over}"
    return wald(value, influence, method, level, part.group, (-np.inf, 1.0), note)


def r_squared_influence(part: Slice) -> tuple[float, FloatArray, str]:
    """Return R², each case's influence (n,) on it, and a note."""
    assert part.y is not None
    squares = over_repeats((part.score - part.y[:, None]) ** 2)
    known = np.isfinite(squares)
    centre = float(part.y[known].mean()) if known.any() else NAN
    share, influence, note = ratio_influence(squares, (part.y - centre) ** 2)
    return 1 - share, -influence, note


def _root(squares: Estimate, method: str) -> Estimate:
    """Return the root of a mean square."""
    value = float(np.sqrt(squares.estimate))
    clustered = ", clustered by patient" if squares.method.endswith("by patient") else ""
    limits = (float(np.sqrt(max(0.0, v))) for v in (squares.lower, squares.upper))
    low, high = limits if np.isfinite(squares.lower) else (NAN, NAN)
    se = squares.se / (2 * value) if value > 0 else NAN
    method = method.replace("delta method", "root of the mean square and of its Wald limits")
    return replace(squares, estimate=value, lower=low, upper=high, se=se, method=method + clustered)


Measure = Callable[[Array, Array], Any]


def _classical(level: float) -> dict[str, Measure]:
    """Return the measures that take predicted and measured values of one repeat."""

    def line(place: int) -> Measure:
        def measure(predicted: Array, y: Array) -> Estimate:
            name = "least squares of measured on predicted values, t interval"
            if np.ptp(predicted) == 0 or np.ptp(y) == 0 or y.size < 3:
                note = "predicted or measured values do not vary, or fewer than three cases"
                return Estimate(NAN, NAN, NAN, name, y.size, level=level, note=note)
            fit = fit_linear(predicted[:, None], y, level=level)
            values = (float(v[place]) for v in (fit.coef, fit.lower, fit.upper))
            return Estimate(*values, name, y.size, level=level)

        return measure

    def agreement(name: str) -> Measure:
        return lambda predicted, y: getattr(bland_altman(predicted, y, level=level), name)

    return {
        "pearson": lambda p, y: pearson(p, y, level),
        "spearman": lambda p, y: spearman(p, y, level),
        "ccc": lambda p, y: lin_ccc(p, y, level=level),
        "calibration_intercept": line(0),
        "calibration_slope": line(1),
        "bias": agreement("bias"),
        "loa_lower": agreement("lower_limit"),
        "loa_upper": agreement("upper_limit"),
    }


def _over_repeats(part: Slice, measure: Measure, over: str) -> Estimate:
    """Return the mean over repeats of a measure and of its limits."""
    assert part.y is not None
    found = []
    for column in part.score.T:
        known = np.isfinite(column)
        if known.any():
            found.append(measure(column[known], part.y[known]))
    n = int(np.isfinite(part.score).any(axis=1).sum())
    if not found:
        return Estimate(NAN, NAN, NAN, "none", 0, note="no case has a prediction")
    defined = [e for e in found if np.isfinite(e.estimate)]
    method = found[0].method + (f"; estimate and limits{over.replace(',', '')}" if over else "")
    if not defined:
        return Estimate(NAN, NAN, NAN, method, n, note=found[0].note or "undefined")
    skipped = len(found) - len(defined)
    note = (
        f"{counted(skipped, 'repeat')} in which it is undefined left out"
        if skipped
        else found[0].note
    )
    value, low, high = (
        float(np.mean([getattr(e, name) for e in defined]))
        for name in ("estimate", "lower", "upper")
    )
    if part.group is not None:
        low = high = NAN
        note = join_notes(note, NO_FORM)
    return Estimate(value, low, high, method, n, note=note)
