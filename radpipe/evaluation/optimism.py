"""Performance corrected for optimism, from what each bootstrap fit says of all training cases.

The optimism bootstrap (Harrell, Lee and Mark, Stat Med 1996;15:361) takes from the final model's
apparent performance the mean of what resamples flatter themselves by: a fit's performance on the
cases drawn, each as often as it was drawn, less that on all training cases. The .632+ bootstrap
(Efron and Tibshirani, JASA 1997;92:548) weighs apparent and out-of-bag performance. The formulas
are those of `radpipe.stats.optimism`. There is no interval: it would take a bootstrap around the
whole procedure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.target import CLASSES
from radpipe.evaluation.splits import OPTIMISM, PLUS
from radpipe.evaluation.survival import outliving
from radpipe.evaluation.table import FloatArray, Slice, slices
from radpipe.stats.concordance import harrell
from radpipe.stats.counted_roc import counted_auc
from radpipe.stats.optimism import Scheme, combine
from radpipe.stats.performance import performance
from radpipe.stats.results import NAN, Estimate, join_notes

PLUS_SCHEME = "bootstrap_632"
"""The resampling scheme whose out-of-bag predictions are weighed with the apparent ones."""

NO_INTERVAL = "no interval: it would take a bootstrap around the whole procedure"

Indexes = dict[str, FloatArray]
"""Metric -> its value for each of R fits, NaN where undefined."""


@dataclass(frozen=True)
class Corrected:
    """One metric of one model: the part of the table it belongs to, split, name, estimate."""

    part: Slice
    split: str
    metric: str
    estimate: Estimate
    resamples: int


def corrected(
    predictions: pd.DataFrame, outcomes: pd.DataFrame, endpoint: Mapping[str, Any]
) -> Iterator[Corrected]:
    """Yield the metrics that are corrected for optimism; none where nothing was kept for them.

    Parameters
    ----------
    predictions, outcomes : DataFrame
        The two tables between models and figures. In-bag rows give the optimism bootstrap;
        .632+ rests on the out-of-bag rows of its own scheme.
    endpoint : mapping
        ``{"kind", "classes", "resampling", ...}``.

    Yields
    ------
    Corrected
        Binary, and each class or label against the rest: auc, and macro_auc of all together
        (a part without label); binary and labels also brier, calibration_intercept and
        calibration_slope; survival: c_index; continuous: r2, rmse and mae. The .632+ estimate
        needs the value of a model without information, which the calibration line lacks.
    """
    in_bag = predictions["kind"] == "in-bag"
    plus = endpoint.get("resampling") == PLUS_SCHEME
    if not (in_bag.any() or plus):
        return
    apparent = predictions[predictions["kind"] == "apparent"]
    kind = endpoint["kind"]
    parts = slices(apparent, outcomes, endpoint)
    for _, own in groupby(parts, key=lambda part: part.model):
        together = list(own)
        found = [list(_compared(part, predictions, kind, plus)) for part in together]
        for part, each in zip(together, found, strict=True):
            for one in each:
                yield from _combined(part, one)
        if kind in CLASSES:
            for several in zip(*found, strict=True):
                yield from _combined(replace(together[0], label=""), _averaged(several))


@dataclass(frozen=True)
class _Compared:
    """What is weighed against each other: values of the final model, those of R fits, chance."""

    split: str
    scheme: Scheme
    apparent: Mapping[str, float]
    training: Indexes
    test: Indexes
    chance: Mapping[str, float] | None = None


def _compared(part: Slice, predictions: pd.DataFrame, kind: str, plus: bool) -> Iterator[_Compared]:
    """Yield what the predictions of a model (and class) allow to be corrected."""
    mine = (predictions["model"] == part.model) & (predictions["class"] == part.label)
    in_bag = predictions["kind"] == "in-bag"
    out = _Fits.of(predictions[mine & (predictions["kind"] == "out-of-fold")], part)
    if not len(out.repeats):
        return
    if in_bag.any():
        own = _Fits.of(predictions[mine & in_bag], part, out.repeats)
        yield _by_optimism(part, out, own, kind)
    if plus:
        yield _by_plus(part, out, kind)


def _averaged(each: Sequence[_Compared]) -> _Compared:
    """Return the mean over classes of their areas; a fit that lacks one is left out."""

    def mean(values: Iterable[Any]) -> Any:
        return np.mean([v["auc"] for v in values], axis=0)

    first = each[0]
    return _Compared(
        first.split,
        first.scheme,
        {"macro_auc": float(mean(one.apparent for one in each))},
        {"macro_auc": mean(one.training for one in each)},
        {"macro_auc": mean(one.test for one in each)},
        {"macro_auc": 0.5} if first.chance is not None else None,
    )


@dataclass(frozen=True)
class _Fits:
    """What R fits say of the n training cases: scores, risks (n, R), and how often they count."""

    score: FloatArray
    risk: FloatArray
    draws: FloatArray
    repeats: NDArray[Any]

    @classmethod
    def of(cls, rows: pd.DataFrame, part: Slice, repeats: Any = None) -> _Fits:
        """Return the predictions of the cases of ``part``, NaN where a fit gives none."""
        once = rows.drop_duplicates(["case", "repeat"])  # of several horizons the first
        once = once.assign(draws=once.get("draws", 1))
        found = np.unique(once["repeat"]) if repeats is None else repeats
        cases = pd.Index(part.case)

        def wide(value: str) -> FloatArray:
            table = once.pivot(index="case", columns="repeat", values=value)
            return table.reindex(index=cases, columns=found).to_numpy(dtype=float)

        return cls(wide("score"), wide("risk"), np.nan_to_num(wide("draws")), found)

    def over(self, other: _Fits) -> _Fits:
        """Return these predictions, and those of ``other`` where there are none; each once."""
        score = np.where(np.isfinite(self.score), self.score, other.score)
        risk = np.where(np.isfinite(self.risk), self.risk, other.risk)
        return _Fits(score, risk, np.ones(score.shape), self.repeats)


def _by_optimism(part: Slice, out: _Fits, own: _Fits, kind: str) -> _Compared:
    """Return what tells by how much resamples flatter themselves."""
    whole = out.over(own)
    drawn = _Fits(whole.score, whole.risk, own.draws, whole.repeats)
    training, test = _measure(part, drawn, kind), _measure(part, whole, kind)
    return _Compared(OPTIMISM, "bootstrap", _apparent(part, kind), training, test)


def _by_plus(part: Slice, out: _Fits, kind: str) -> _Compared:
    """Return the apparent and out-of-bag metrics whose value without information is known."""
    once = _Fits(out.score, out.risk, np.ones(out.score.shape), out.repeats)
    chance = _no_information(part, kind)
    apparent = {name: v for name, v in _apparent(part, kind).items() if name in chance}
    test = _measure(part, once, kind)
    return _Compared(PLUS, ".632+", apparent, test, test, chance)


def _combined(part: Slice, found: _Compared) -> Iterator[Corrected]:
    """Yield the corrected value of each metric."""
    for name, value in found.apparent.items():
        known = None if found.chance is None else {name: found.chance[name]}
        both = found.training[name], found.test[name]
        of = combine({name: value}, *both, found.scheme, part.n, known)
        one = of.of(name)
        note = join_notes(NO_INTERVAL, of.note)
        estimate = Estimate(one.corrected, NAN, NAN, of.method, part.n, note=note)
        yield Corrected(part, found.split, name, estimate, one.resamples)


def _apparent(part: Slice, kind: str) -> dict[str, float]:
    """Return the indexes of the final model on its own training cases."""
    risk = part.risk.get(None, np.full(part.score.shape, np.nan))
    fits = _Fits(part.score, risk, np.ones(part.score.shape), np.zeros(1))
    return {name: float(values[0]) for name, values in _measure(part, fits, kind).items()}


def _measure(part: Slice, fits: _Fits, kind: str) -> Indexes:
    """Return the indexes of each fit, its cases counted as often as ``draws`` says."""
    weights = np.where(np.isfinite(fits.score), fits.draws, 0.0)
    if kind == "survival":
        return {"c_index": _concordance(part, fits.score, weights)}
    assert part.y is not None
    if kind == "continuous":
        return _errors(part.y, fits.score, weights)
    found = {"auc": _areas(part.y == 1, fits.score, weights)}
    if kind in ("multiclass", "ordinal") or not np.isfinite(fits.risk).any():
        return found
    weights = np.where(np.isfinite(fits.risk), weights, 0.0)
    risk = np.where(weights > 0, fits.risk, 0.5)
    of = performance(part.y, np.clip(risk, 0, 1), weights)
    return found | {
        "brier": of.brier,
        "calibration_intercept": of.intercept,
        "calibration_slope": of.slope,
    }


def _areas(event: NDArray[np.bool_], score: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the area under the ROC curve of each fit."""
    columns = zip(score.T, weights.T, strict=True)
    return np.array([float(counted_auc(w[None, :], event, s)[0]) for s, w in columns])


def _concordance(part: Slice, score: FloatArray, weights: FloatArray) -> FloatArray:
    """Return Harrell's C of each fit; the copies of a case are tied with each other."""
    assert part.event is not None
    time, found = outliving(part), []
    for s, w in zip(score.T, weights.T, strict=True):
        rows = np.repeat(np.arange(part.n), w.astype(np.int64))
        found.append(harrell(time[rows], part.event[rows], s[rows]).estimate)
    return np.array(found)


def _errors(y: FloatArray, score: FloatArray, weights: FloatArray) -> Indexes:
    """Return R², root mean squared and mean absolute error of each fit."""
    total = weights.sum(axis=0)
    some = total > 0
    size = np.where(some, total, np.nan)
    values = np.where(weights > 0, score, 0.0)
    error = np.where(weights > 0, values - y[:, None], 0.0)
    square = (weights * error**2).sum(axis=0)
    mean = (weights * y[:, None]).sum(axis=0) / size
    spread = (weights * (y[:, None] - mean) ** 2).sum(axis=0)
    return {
        "r2": 1 - square / np.where(spread > 0, spread, np.nan),
        "rmse": np.sqrt(square / size),
        "mae": (weights * np.abs(error)).sum(axis=0) / size,
    }


def _no_information(part: Slice, kind: str) -> dict[str, float]:
    """Return the indexes' values where predictions and outcome are independent."""
    if kind == "survival":
        return {"c_index": 0.5}
    if kind == "continuous":
        return _without_relation(part)
    chance = {"auc": 0.5}
    risk = part.risk.get(None)
    if risk is not None and kind in ("binary", "multilabel"):
        assert part.y is not None
        known = np.isfinite(risk[:, 0])
        p, share = risk[known, 0], float(part.y[known].mean())
        # Every outcome with every risk.
        chance["brier"] = share * float(((1 - p) ** 2).mean()) + (1 - share) * float((p**2).mean())
    return chance


def _without_relation(part: Slice) -> dict[str, float]:
    """Return the errors of every predicted value with every measured one."""
    assert part.y is not None
    known = np.isfinite(part.score[:, 0])
    if not known.any():
        return {"r2": NAN, "rmse": NAN, "mae": NAN}
    y = part.y[known]
    error = np.subtract.outer(part.score[known, 0], y)
    square, spread = float((error**2).mean()), float(y.var())
    return {
        "r2": 1 - square / spread if spread > 0 else NAN,
        "rmse": float(np.sqrt(square)),
        "mae": float(np.abs(error).mean()),
    }
