"""The net reclassification improvement with percentile bootstrap intervals, as nricens.

Cases, or whole patients, are drawn with replacement; the risks are taken as given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from radpipe.stats.clusters import clustered, codes
from radpipe.stats.reclassification_parts import (
    Reclassification,
    complete,
    moves,
    nri_name,
    table,
)
from radpipe.stats.results import (
    NAN,
    Estimate,
    FloatArray,
    IntArray,
    TestResult,
    floats,
    join_notes,
)

# How the seven parts of a Reclassification, in its order, come from P(up), P(down) of events and
# P(up), P(down) of non-events.
_PARTS = np.array(
    [
        [1, -1, -1, 1],
        [1, -1, 0, 0],
        [0, 0, -1, 1],
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
    ]
)


def nri_bootstrap(
    y: Any,
    old: Any,
    new: Any,
    seed: int | np.random.Generator,
    cuts: Any = None,
    margin: float = 0.0,
    repeats: int = 1000,
    level: float = 0.95,
    groups: Any = None,
) -> Reclassification:
    """Return the net reclassification improvement with percentile intervals, as nricens::nribin.

    Cases (whole patients where ``groups`` are given) are drawn with replacement; the risks are
    taken as given. ``seed``: same seed, same intervals. The rest as in :func:`nri`.
    """
    event, p, q, part_of, note = complete(y, old, new, groups)
    up, down = moves(p, q, cuts, margin)

    def shares(rows: IntArray) -> FloatArray:
        e, u, d = event[rows], up[rows], down[rows]
        size = floats([e.sum(), e.sum(), (~e).sum(), (~e).sum()])
        top = floats([(u & e).sum(), (d & e).sum(), (u & ~e).sum(), (d & ~e).sum()])
        return floats(np.divide(top, size, out=np.full(4, NAN), where=size > 0))

    draws = bootstrap(shares, event.size, seed, repeats, part_of)
    tables = (table(p[event], q[event], cuts), table(p[~event], q[~event], cuts))
    kind = "bootstrap of patients" if clustered(part_of) else "bootstrap"
    method = f"{nri_name(cuts, margin)}, percentile {kind}, {repeats} samples"
    everyone = shares(np.arange(event.size, dtype=np.int64))
    if np.isnan(everyone).any():
        note = join_notes("one class only", note)
    return from_shares(everyone, draws, method, event.size, int(event.sum()), level, note, *tables)


def bootstrap(
    statistic: Callable[[IntArray], FloatArray],
    n: int,
    seed: int | np.random.Generator,
    repeats: int,
    groups: Any = None,
) -> FloatArray:
    """Return a statistic (k,) of ``repeats`` samples of n cases, or of all patients' cases."""
    if repeats < 2:
        raise ValueError(f"{repeats} bootstrap samples: at least 2 are needed")
    if n == 0:
        return floats([statistic(np.zeros(0, dtype=np.int64))] * repeats)
    rng = np.random.default_rng(seed)
    if not clustered(groups):
        return floats([statistic(rng.integers(n, size=n)) for _ in range(repeats)])
    member = codes(groups, n)
    patients = [np.flatnonzero(member == g) for g in range(int(member.max()) + 1)]
    size = len(patients)
    return floats(
        [
            statistic(np.concatenate([patients[g] for g in rng.integers(size, size=size)]))
            for _ in range(repeats)
        ]
    )


def from_shares(
    shares: FloatArray,
    draws: FloatArray,
    method: str,
    n: int,
    events: int,
    level: float,
    note: str,
    event_table: IntArray | None = None,
    nonevent_table: IntArray | None = None,
) -> Reclassification:
    """Return the NRI from P(up), P(down) of events and of non-events, with percentile intervals.

    ``draws`` is (samples, 4); those in which a share is undefined are left out.
    """
    sound = np.isfinite(draws).all(axis=1)
    lost = int((~sound).sum())
    values = _PARTS @ shares
    limits, spread = np.full((2, 7), NAN), np.full(7, NAN)
    if np.isfinite(shares).all() and sound.sum() > 1:
        drawn = draws[sound] @ _PARTS.T
        limits = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
        spread = drawn.std(axis=0, ddof=1)
        if lost:
            note = join_notes(note, f"{lost} samples in which it is undefined left out")
    parts = [
        Estimate(float(v), float(a), float(b), method, n, float(s), level, events, note)
        for v, a, b, s in zip(values, *limits, spread, strict=True)
    ]
    empty = np.zeros((0, 0), dtype=np.int64)
    none = TestResult(NAN, NAN, method, n, level=level, note="the bootstrap gives no test")
    return Reclassification(
        nri=parts[0],
        nri_event=parts[1],
        nri_nonevent=parts[2],
        up_event=parts[3],
        down_event=parts[4],
        up_nonevent=parts[5],
        down_nonevent=parts[6],
        events=empty if event_table is None else event_table,
        nonevents=empty if nonevent_table is None else nonevent_table,
        test=none,
    )
