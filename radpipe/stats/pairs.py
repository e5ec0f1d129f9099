"""Pairs of cases of which it is known who had the event first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from radpipe.stats.clusters import codes
from radpipe.stats.results import BoolArray, FloatArray, IntArray, floats, labels01, same_length

_ROWS = 512  # events a block: bounds the memory of the pairwise comparison


@dataclass(frozen=True)
class Pairs:
    """Which pairs of cases are compared, and how much each counts.

    Parameters
    ----------
    time, event : array (n,)
        Follow-up and whether it ended with the event.
    weight : array (n,)
        Of the pairs that the case's event starts; 0 where it starts none.
    stratum : array (n,)
        Only cases of one stratum are compared.
    same_time : bool
        Whether a case censored at the time of an event has outlived it.
    """

    time: FloatArray
    event: BoolArray
    weight: FloatArray
    stratum: IntArray
    same_time: bool = True

    @classmethod
    def of(
        cls, time: FloatArray, event: BoolArray, strata: Any = None, tau: float | None = None
    ) -> Pairs:
        """Return the pairs of Harrell's C; events after ``tau`` start none."""
        if time.shape != event.shape:
            raise ValueError(f"{event.shape} events for {time.shape} times")
        weight = event * (1.0 if tau is None else (time <= tau))
        group = np.zeros(time.size, np.int64) if strata is None else codes(strata, time.size)
        return cls(time, event, floats(weight), group)

    def of_cases(self, present: BoolArray) -> Pairs:
        """Return the pairs among some of the cases."""
        return replace(
            self,
            time=self.time[present],
            event=self.event[present],
            weight=self.weight[present],
            stratum=self.stratum[present],
        )

    def blocks(self) -> list[IntArray]:
        """Return the cases that start pairs, a few at a time."""
        rows = np.flatnonzero(self.weight > 0)
        return [rows[i : i + _ROWS] for i in range(0, rows.size, _ROWS)]

    def comparable(self, rows: IntArray) -> BoolArray:
        """Return which cases outlived those of ``rows``, shape (len(rows), n)."""
        t = self.time
        later = t > t[rows, None]
        if self.same_time:
            later |= (t == t[rows, None]) & ~self.event
        return np.asarray(later & (self.stratum[rows, None] == self.stratum), dtype=np.bool_)


@dataclass(frozen=True)
class PairCounts:
    """Pairs by kind, as survival::concordance counts them.

    ``tied_x``: comparable, equal scores; ``tied_y``: two events at one time, other scores;
    ``tied_xy``: two events at one time, equal scores.
    """

    concordant: float
    discordant: float
    tied_x: float
    tied_y: float
    tied_xy: float


def pair_counts(time: Any, event: Any, score: Any) -> PairCounts:
    """Return the pairs by kind. All arrays (n,), without NaN."""
    t, d, s = floats(time), labels01(event), floats(score)
    same_length(time=t, event=d, score=s)
    pairs = Pairs.of(t, d)
    net, compared = pair_sums(pairs, s)
    comparable, difference = float(compared.sum()) / 2, float(net.sum()) / 2
    tied = same_time = same_both = 0.0
    for rows in pairs.blocks():
        equal = s[rows, None] == s
        tied += float(np.sum(pairs.comparable(rows) & equal))
        both = (t[rows, None] == t) & d
        same_both += float(np.sum(both & equal)) - rows.size
        same_time += float(np.sum(both & ~equal))
    untied = comparable - tied
    return PairCounts(
        concordant=(untied + difference) / 2,
        discordant=(untied - difference) / 2,
        tied_x=tied,
        tied_y=same_time / 2,
        tied_xy=same_both / 2,
    )


def pair_sums(pairs: Pairs, s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return, for each case, concordant minus discordant pairs and comparable pairs it is in."""
    net, compared = np.zeros(s.size), np.zeros(s.size)
    for rows in pairs.blocks():
        counts = pairs.comparable(rows) * pairs.weight[rows, None]
        sign = counts * np.sign(s[rows, None] - s)
        net[rows] += sign.sum(axis=1)
        net += sign.sum(axis=0)
        compared[rows] += counts.sum(axis=1)
        compared += counts.sum(axis=0)
    return net, compared
