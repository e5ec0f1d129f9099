"""One Cox model refitted on many resamples at once, each resample a count for every case.

The estimates are those of survival::coxph (Efron's ties) on the copied rows: a case that was drawn
twice is two tied cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.design import Array, DegenerateDataError, matrix, vector
from radpipe.stats.results import FloatArray, IntArray, floats, labels01

_STEPS = 30
_CELLS = 400_000  # numbers held at a time: what still fits a processor's cache


@dataclass(frozen=True)
class CoxRefits:
    """A Cox model on R resamples; rows of NaN where a resample does not determine it.

    Attributes
    ----------
    coef : array (R, p)
    loglik, loglik_start, loglik_null : array (R,)
        Log partial likelihood at ``coef``, with all coefficients 1, and with all 0.
    times : array (m,)
        The distinct event times of all cases, ascending.
    cumhaz : array (R, m)
        Efron's cumulative hazard at linear predictor 0 (``X @ coef``, not centred).
    """

    coef: FloatArray
    loglik: FloatArray
    loglik_start: FloatArray
    loglik_null: FloatArray
    times: FloatArray
    cumhaz: FloatArray

    def cumhaz_at(self, time: float) -> FloatArray:
        """Return each resample's cumulative hazard by ``time``, shape (R,)."""
        steps = int(np.searchsorted(self.times, time, side="right"))
        return self.cumhaz[:, steps - 1] if steps else np.zeros(self.coef.shape[0])


def refit_cox(X: Any, time: Any, event: Any, counts: Any) -> CoxRefits:
    """Fit a Cox model to each resample by Newton's method, ties by Efron's.

    Parameters
    ----------
    X : array (n, p) or (R, n, p)
        Predictors, finite; the same for all resamples or each resample's own.
    time, event : array (n,)
        Time of event or censoring, any unit; 1 where the event was observed.
    counts : array (R, n)
        How often each resample holds each case.

    Returns
    -------
    CoxRefits

    Raises
    ------
    DegenerateDataError
        If a value is missing or infinite.
    """
    own = np.ndim(X) == 3
    plain = floats(X) if own else matrix(X)[None]
    if not np.isfinite(plain).all():
        raise DegenerateDataError("the design holds missing or infinite values")
    n, p = plain.shape[1:]
    t, d, c = vector(time, n, "time"), labels01(event), floats(counts)
    if d.shape != (n,) or c.ndim != 2 or c.shape[1] != n:
        raise ValueError(f"events {d.shape} and counts {c.shape} for {n} cases")
    if own and plain.shape[0] != c.shape[0]:
        raise ValueError(f"designs of {plain.shape[0]} resamples, counts of {c.shape[0]}")
    layout = _layout(t, d)
    rows = max(1, _CELLS // (4 * n * (1 + p)))
    blocks = range(0, c.shape[0], rows)
    parts = [
        _newton(plain[a : a + rows] if own else plain, c[a : a + rows], layout) for a in blocks
    ]
    if not parts:
        none = np.zeros(0)
        return CoxRefits(np.zeros((0, p)), none, none, none, layout.times[::-1], np.zeros((0, 0)))
    coef, loglik, start, null, cumhaz = (
        np.concatenate([part[i] for part in parts]) for i in range(5)
    )
    return CoxRefits(coef, loglik, start, null, layout.times[::-1], cumhaz)


@dataclass(frozen=True)
class _Layout:
    """Cases by falling time.

    ``last`` is the last case of each event time's risk set, ``first`` the number of the first
    event time whose risk set holds each case. ``events`` are the places of the cases with the
    event; each event time has ``sizes`` of them, from ``starts`` on. ``times`` fall.
    """

    order: IntArray
    last: IntArray
    first: IntArray
    events: IntArray
    starts: IntArray
    sizes: IntArray
    times: FloatArray


def _layout(time: FloatArray, event: Any) -> _Layout:
    order = np.lexsort((event, -time))
    t = time[order]
    events = np.flatnonzero(event[order])
    times, starts, sizes = np.unique(-t[events], return_index=True, return_counts=True)
    last = np.searchsorted(-t, times, side="right") - 1
    first = np.searchsorted(last, np.arange(t.size), side="left")
    return _Layout(order, last, first, events, starts, sizes, -times)


def _newton(X: Array, counts: Array, lay: _Layout) -> tuple[Array, ...]:
    """Return coefficients, three log-likelihoods and cumulative hazards of one block."""
    blocks, p = counts.shape[0], X.shape[2]
    X, c = X[:, lay.order], counts[:, lay.order]
    total = np.maximum(c.sum(axis=1, keepdims=True), 1)
    centre = (X * c[:, :, None]).sum(axis=1, keepdims=True) / total[:, :, None]
    spread = np.sqrt((c[:, :, None] * (X - centre) ** 2).sum(axis=1, keepdims=True))
    scale = spread / np.sqrt(total)[:, :, None]
    usable = (scale > 1e-12 * np.abs(X).max(axis=1, keepdims=True)).all(axis=(1, 2))
    Z = (X - centre) / np.where(scale > 0, scale, 1.0)
    scale, centre = scale[:, 0], centre[:, 0]
    beta, best = np.zeros((blocks, p)), np.full(blocks, -np.inf)
    null, unit = np.full(blocks, np.nan), np.full(blocks, np.nan)
    hazards = np.full((blocks, lay.times.size), np.nan)
    fitted = np.zeros(blocks, dtype=np.bool_)
    if lay.times.size:
        deaths = np.add.reduceat(c[:, lay.events], lay.starts, axis=1)
        everyone = np.arange(blocks)
        null = _Pass(Z, c, deaths, lay, everyone, beta).loglik
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            unit = _Pass(Z, c, deaths, lay, everyone, scale).loglik
        active = np.flatnonzero(usable & (deaths.sum(axis=1) > 0))
        best, step = null.copy(), np.zeros((blocks, p))
        halvings = np.zeros(blocks, dtype=np.int64)
        for _ in range(_STEPS):
            if not active.size:
                break
            # A step too long for numbers to hold has no likelihood, and is halved.
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                now = _Pass(Z, c, deaths, lay, active, beta[active] + step[active])
            better = now.loglik >= best[active] - 1e-11 * np.abs(best[active])
            better &= np.isfinite(now.information).all(axis=(1, 2))
            worse = active[~better]
            step[worse] /= 2
            halvings[worse] += 1
            good = active[better]
            beta[good] += step[good]
            best[good] = now.loglik[better]
            hazards[good] = now.hazard[better]
            information, score = now.information[better], now.score[better]
            sound = np.linalg.eigvalsh(information)[:, 0] > 1e-9 * deaths[good].sum(axis=1)
            new = np.linalg.solve(information[sound], score[sound][:, :, None])[:, :, 0]
            step[good[sound]] = new
            done = np.abs(new).max(axis=1, initial=0.0) < 1e-8
            fitted[good[sound][done]] = True
            going = np.concatenate([good[sound][~done], worse[halvings[worse] < 20]])
            active = np.sort(going)
    coef = np.where(fitted[:, None], beta / np.where(scale > 0, scale, 1.0), np.nan)
    base = hazards[:, ::-1].cumsum(axis=1)
    shift = (np.nan_to_num(coef) * centre).sum(axis=1, keepdims=True)
    return (
        coef,
        np.where(fitted, best, np.nan),
        unit,
        null,
        np.where(fitted[:, None], base * np.exp(-shift), np.nan),
    )


class _Pass:
    """Log partial likelihood of some resamples, its derivatives, and the baseline's jumps."""

    def __init__(
        self, Z: Array, c: Array, deaths: Array, lay: _Layout, active: IntArray, beta: Array
    ) -> None:
        x = Z[active] if Z.shape[0] > 1 else Z
        b, p = beta.shape
        eta = (x @ beta[:, :, None])[:, :, 0]
        shift = eta.max(axis=1, keepdims=True)
        w = c[active] * np.exp(eta - shift)
        weighted = w[:, :, None] * np.concatenate([np.ones((*x.shape[:2], 1)), x], axis=2)
        at_risk = weighted.cumsum(axis=1)[:, lay.last].reshape(-1, p + 1)
        tied = np.add.reduceat(weighted[:, lay.events], lay.starts, axis=1).reshape(-1, p + 1)
        # One slot for each event drawn; the j-th of d tied ones leaves out j / d of their weight.
        d = deaths[active].astype(np.int64)
        number = d.ravel()
        place = np.repeat(np.arange(number.size), number)
        j = np.arange(place.size) - np.repeat(np.cumsum(number) - number, number)
        share = j / number[place]
        sums = at_risk[place] - share[:, None] * tied[place]
        inverse = 1 / sums[:, 0]
        mean = sums[:, 1:] * inverse[:, None]
        jumps, early = (
            np.bincount(place, weights=v, minlength=number.size).reshape(d.shape)
            for v in (inverse, share * inverse)
        )
        # Each case's exposure: the jumps of the times whose risk set holds it, a tied event's own
        # time only in part. Exposure times weight is its expected number of events.
        later = np.zeros((b, d.shape[1] + 1))
        later[:, :-1] = jumps[:, ::-1].cumsum(axis=1)[:, ::-1]
        exposure = later[:, lay.first]
        exposure[:, lay.events] -= np.repeat(early, lay.sizes, axis=1)
        expected = w * exposure
        happened = np.zeros(w.shape)
        happened[:, lay.events] = c[active][:, lay.events]
        logs = np.bincount(place // d.shape[1], weights=np.log(sums[:, 0]), minlength=b)
        self.loglik = (happened * (eta - shift)).sum(axis=1) - logs
        self.score = ((happened - expected)[:, None, :] @ x)[:, 0]
        ends = np.cumsum(d.sum(axis=1))[:-1]
        squares = np.stack([part.T @ part for part in np.split(mean, ends)])
        self.information = np.swapaxes(x, 1, 2) @ (expected[:, :, None] * x) - squares
        self.hazard = jumps * np.exp(-shift)
