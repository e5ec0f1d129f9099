"""The indexes of a logistic model's risks that rms prints (lrm, val.prob, validate).

Many sets of risks are measured at once, each with its own case weights, so that resamples of a
cohort are counts of its cases.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from scipy.special import expit, xlog1py, xlogy

from radpipe.stats.calibration_measures import known_cases, logit
from radpipe.stats.recalibration import recalibrate
from radpipe.stats.results import NAN, FloatArray, TestResult, floats, join_notes, labels01


@dataclass(frozen=True)
class Performance:
    """Indexes of R sets of risks, each array (R,); NaN where undefined.

    Attributes
    ----------
    c, dxy : array
        Area under the ROC curve and Somers' Dxy = 2 c - 1.
    r2 : array
        Nagelkerke's R2 of the recalibrated risks.
    intercept, slope : array
        Of the logistic recalibration ``y ~ logit(risk)``.
    d, u, q : array
        Harrell's discrimination (of the recalibrated risks), unreliability and quality index.
    brier : array
        Mean squared error of the risks.
    g, gp : array
        Gini's mean difference of the recalibrated logits and risks.
    """

    c: FloatArray
    dxy: FloatArray
    r2: FloatArray
    intercept: FloatArray
    slope: FloatArray
    d: FloatArray
    u: FloatArray
    q: FloatArray
    brier: FloatArray
    g: FloatArray
    gp: FloatArray

    def table(self) -> dict[str, FloatArray]:
        """Return the indexes by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Reliability:
    """One set of risks measured as ``rms::val.prob`` does.

    ``r2`` and ``d`` are those of the risks as they are, not recalibrated. ``discrimination`` tests
    them against the prevalence, ``unreliability`` the recalibration line against intercept 0 and
    slope 1 (2 df). ``brier_null`` is the Brier score of the prevalence.
    """

    c: float
    dxy: float
    r2: float
    d: float
    discrimination: TestResult
    u: float
    unreliability: TestResult
    q: float
    intercept: float
    slope: float
    brier: float
    brier_null: float
    n: int
    events: int
    note: str = ""


def performance(y: Any, risk: Any, weights: Any = None) -> Performance:
    """Measure sets of risks against one outcome.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    risk : array (n,) or (n, R)
        Probabilities of the event, in [0, 1].
    weights : array (n,) or (n, R), optional
        Case weights or counts >= 0; a case of weight 0 takes no part.

    Raises
    ------
    ValueError
        If shapes disagree, a risk lies outside [0, 1] or a weight is negative.
    """
    event, p, w = _checked(y, risk, weights)
    lp = logit(p)
    total, events = w.sum(axis=0), (w * event[:, None]).sum(axis=0)
    fits = recalibrate(event, lp, w)
    fitted = np.where(np.isfinite(fits.slope), fits.intercept + fits.slope * lp, 0.0)
    best = _deviance(event, fitted, w)
    null = _null_deviance(events, total)
    defined = np.isfinite(fits.slope) & (null > 0)
    size = np.where(defined, total, NAN)
    d = (null - best - 1) / size
    u = (_deviance(event, lp, w) - best - 2) / size
    c = _concordance(event, lp, w)
    return Performance(
        c=c,
        dxy=2 * c - 1,
        r2=_nagelkerke(null - best, null, size),
        intercept=fits.intercept,
        slope=fits.slope,
        d=d,
        u=u,
        q=d - u,
        brier=_ratio((w * (event[:, None] - p) ** 2).sum(axis=0), total),
        g=np.where(defined, gini(fitted, w), NAN),
        gp=np.where(defined, gini(expit(fitted), w), NAN),
    )


def val_prob(y: Any, risk: Any, bin_width: float | None = None) -> Reliability:
    """Measure one set of risks, as ``rms::val.prob``.

    Parameters
    ----------
    y, risk : array (n,)
        Outcome 0/1 and probability of the event, in [0, 1]; cases with NaN are left out.
    bin_width : float, optional
        Take concordance between risks rounded down to its multiples; rms takes 0.002. Exact by
        default.

    Raises
    ------
    ValueError
        If a risk lies outside [0, 1], or the width is not in (0, 1).
    """
    if bin_width is not None and not 0 < bin_width < 1:
        raise ValueError(f"a bin width of {bin_width} is not in (0, 1)")
    event, values, left_out = known_cases(y, risk)
    event, p, w = _checked(event, values, None)
    found = performance(event, p)
    binned = p if bin_width is None else np.floor(p / bin_width + 1e-9)
    c = float(_concordance(event, binned, w)[0])
    n, events = event.size, int(event.sum())
    lp = logit(p)
    null = float(_null_deviance(floats([events]), floats([n]))[0])
    own = float(_deviance(event, lp, w)[0])
    gain, loss = (null - own, float(found.u[0]) * n + 2) if null > 0 else (NAN, NAN)
    note = "" if null > 0 else "all cases belong to one class"
    d = (gain - 1) / n if n else NAN
    return Reliability(
        c=c,
        dxy=2 * c - 1,
        r2=float(_nagelkerke(floats([gain]), floats([null]), floats([n]))[0]),
        d=d,
        discrimination=_chi_squared(gain, 1, "likelihood ratio against the prevalence", n, note),
        u=float(found.u[0]),
        unreliability=_chi_squared(loss, 2, "likelihood ratio against the line 0, 1", n, note),
        q=d - float(found.u[0]),
        intercept=float(found.intercept[0]),
        slope=float(found.slope[0]),
        brier=float(found.brier[0]),
        brier_null=events / n * (1 - events / n) if n else NAN,
        n=n,
        events=events,
        note=join_notes(note, left_out),
    )


def emax(intercept: float, slope: float) -> float:
    """Return the largest distance of a recalibration line from the diagonal, over risks 0 to 1."""
    p = np.linspace(0, 1, 2001)[1:-1]
    return float(np.abs(expit(intercept + slope * logit(p)) - p).max())


def _checked(y: Any, risk: Any, weights: Any) -> tuple[FloatArray, FloatArray, FloatArray]:
    event, p = labels01(y).astype(float), floats(risk)
    p = p[:, None] if p.ndim == 1 else p
    if p.ndim != 2 or event.shape != (p.shape[0],):
        raise ValueError(f"risks of shape {p.shape} for an outcome of shape {event.shape}")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a risk lies outside [0, 1]")
    w = np.ones(p.shape) if weights is None else floats(weights)
    w = w[:, None] if w.ndim == 1 else w
    if w.shape[0] != event.size or w.shape[1] not in (1, p.shape[1]):
        raise ValueError(f"weights of shape {w.shape} for risks of shape {p.shape}")
    if not (w >= 0).all():
        raise ValueError("weights must not be negative or missing")
    return event, p, floats(np.broadcast_to(w, p.shape))


def _ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    return floats(np.divide(top, bottom, out=np.full(bottom.shape, NAN), where=bottom > 0))


def _deviance(event: FloatArray, lp: FloatArray, w: FloatArray) -> FloatArray:
    return floats(-2 * (w * (event[:, None] * lp - np.logaddexp(0, lp))).sum(axis=0))


def _null_deviance(events: FloatArray, total: FloatArray) -> FloatArray:
    share = np.divide(events, total, out=np.zeros(total.shape), where=total > 0)
    return floats(-2 * (xlogy(events, share) + xlog1py(total - events, -share)))


def _nagelkerke(gain: FloatArray, null: FloatArray, n: FloatArray) -> FloatArray:
    """Return R2 (Nagelkerke, Biometrika 1991;78:691) from the fall of the deviance."""
    size = np.where(null > 0, n, NAN)
    return floats(-np.expm1(-gain / size) / -np.expm1(-np.where(null > 0, null, 1.0) / size))


def _chi_squared(statistic: float, df: int, method: str, n: int, note: str) -> TestResult:
    from scipy.stats import chi2

    p = float(chi2.sf(max(statistic, 0.0), df)) if np.isfinite(statistic) else NAN
    return TestResult(statistic, p, method, n, df, note=note)


def _concordance(event: FloatArray, x: FloatArray, w: FloatArray) -> FloatArray:
    """Return the weighted AUC of each column; NaN where a class has no weight."""
    order = np.argsort(x, axis=0)
    xs, ws = np.take_along_axis(x, order, axis=0), np.take_along_axis(w, order, axis=0)
    with_event = ws * event[order]
    free = ws - with_event
    below = np.cumsum(free, axis=0) - free
    # Ties count one half: half of the event-free weight between a tie's first and last place.
    n = x.shape[0]
    place = np.broadcast_to(np.arange(n)[:, None], x.shape)
    new = np.r_["0", np.ones((1, x.shape[1]), bool), xs[1:] > xs[:-1]]
    first = np.maximum.accumulate(np.where(new, place, 0), axis=0)
    ends = np.r_["0", new[1:], np.ones((1, x.shape[1]), bool)]
    last = np.minimum.accumulate(np.where(ends, place, n - 1)[::-1], axis=0)[::-1]
    low = np.take_along_axis(below, first, axis=0)
    high = np.take_along_axis(below + free, last, axis=0)
    pairs = with_event.sum(axis=0) * free.sum(axis=0)
    return _ratio((with_event * (low + high) / 2).sum(axis=0), pairs)


def gini(x: FloatArray, w: FloatArray) -> FloatArray:
    """Return the mean absolute difference between two cases of each column (n, R), w counts."""
    order = np.argsort(x, axis=0)
    xs, ws = np.take_along_axis(x, order, axis=0), np.take_along_axis(w, order, axis=0)
    total = ws.sum(axis=0)
    balance = 2 * np.cumsum(ws, axis=0) - ws - total
    return _ratio((ws * xs * balance).sum(axis=0), total * (total - 1) / 2)
