"""Metrics of a time to an event, with other events that preclude it or without.

Where events compete, a case with a competing event is a control of the AUC at a horizon and an
error of its risk in the Brier score; in the C-index it never has the event, so that it outlives
all (Wolbers et al., Epidemiology 2009;20:555).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from radpipe.evaluation.table import FloatArray, Slice
from radpipe.stats.calibration_competing import oe_competing
from radpipe.stats.calibration_surv import oe_at
from radpipe.stats.competing_scores import auc_competing, brier_competing
from radpipe.stats.concordance import harrell_repeats
from radpipe.stats.ipcw import auc_at, brier_at
from radpipe.stats.results import Estimate, IntArray


def survival_metrics(
    part: Slice, horizons: tuple[float, ...], level: float
) -> Iterator[tuple[str, float, Estimate]]:
    """Yield the metrics of one model in one split: name, horizon (NaN where none), estimate."""
    t, group = part.time, part.group
    competing = part.competing is not None
    d = event_codes(part) if competing else part.event
    c = harrell_repeats(outliving(part), part.event, part.score, level, group)
    if competing:
        c = replace(c, method=f"{c.method}; competing events outlive all")
    yield "c_index", np.nan, c
    for horizon in horizons:
        name = f"{horizon:g}"
        yield f"auc_at_{name}", horizon, auc_by(part, part.ranking_at(horizon), horizon, level)
        if horizon not in part.risk:
            continue
        risk = part.risk[horizon]
        if competing:
            brier = brier_competing(t, d, risk, horizon, level=level, groups=group)
            ratio = oe_competing(t, d, risk, horizon, level, group)
        else:
            brier = brier_at(t, d, risk, horizon, level, group)
            ratio = oe_at(t, d, risk, horizon, level, group)
        yield f"brier_at_{name}", horizon, _over(brier, part)
        yield f"oe_at_{name}", horizon, ratio


def auc_by(part: Slice, ranks: FloatArray, time: float, level: float) -> Estimate:
    """Return the cumulative/dynamic AUC of ``ranks`` (n, repeats) at a time."""
    d = event_codes(part)
    if part.competing is None:
        area = auc_at(part.time, d, ranks, time, level, part.group)
    else:
        area = auc_competing(part.time, d, ranks, time, level=level, groups=part.group)
    return _over(area, part)


def event_codes(part: Slice) -> IntArray:
    """Return 0 for censored, 1 for the event, 2 for a competing one, shape (n,)."""
    assert part.event is not None
    event: IntArray = part.event
    return event if part.competing is None else np.where(part.competing == 1, 2, event)


def outliving(part: Slice) -> FloatArray:
    """Return times in which a case with a competing event is followed beyond all others."""
    assert part.time is not None
    if part.competing is None:
        return part.time
    return np.where(part.competing == 1, part.time.max() + 1, part.time)


def _over(e: Estimate, part: Slice) -> Estimate:
    if part.repeats == 1:
        return e
    return replace(e, method=f"{e.method}, influences averaged over {part.repeats} repeats")
