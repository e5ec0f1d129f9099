"""Net reclassification improvement and integrated discrimination improvement, binary outcome.

Pencina et al., Stat Med 2008;27:157 and 2011;30:11. A case moves up when the new model puts it into
a higher category (a risk equal to a cut belongs to the higher one), or raises its risk by more than
a margin; the NRI is P(up) - P(down) among events plus P(down) - P(up) among non-events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats.clusters import clustered, influence_variance
from radpipe.stats.reclassification_parts import (
    Reclassification,
    complete,
    moves,
    nri_name,
    table,
    wald_test,
)
from radpipe.stats.results import NAN, Estimate, TestResult, join_notes, z_value

Variance = Literal["multinomial", "null"]


@dataclass(frozen=True)
class Discrimination:
    """The integrated discrimination improvement.

    ``idi`` is the rise of the mean risk of events (``event``) plus the fall of that of non-events
    (``nonevent``); ``relative`` is the new discrimination slope over the old one, minus 1.
    """

    idi: Estimate
    event: float
    nonevent: float
    relative: float
    test: TestResult


def nri(
    y: Any,
    old: Any,
    new: Any,
    cuts: Any = None,
    margin: float = 0.0,
    variance: Variance = "multinomial",
    level: float = 0.95,
    groups: Any = None,
) -> Reclassification:
    """Return the net reclassification improvement with asymptotic intervals.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    old, new : array (n,)
        Risks by the two models, in [0, 1]; cases with NaN in either are left out.
    cuts : array (k - 1,), optional
        Ascending, in (0, 1): the categorical NRI. Without them every change by more than
        ``margin`` counts: the continuous NRI.
    margin : float
        In [0, 1), without ``cuts`` only.
    variance : str
        "multinomial" (as Hmisc::improveProb's for the continuous NRI, and PredictABEL), or
        "null": under NRI = 0 (Pencina 2008).
    level : float
        Of the Wald intervals, in (0, 1).
    groups : array (n,), optional
        Patient of each case, for "multinomial": influences of one patient's cases are added up.
    """
    if variance not in ("multinomial", "null"):
        raise ValueError(f"the variance is multinomial or null, not {variance!r}")
    if variance == "null" and clustered(groups):
        raise ValueError("the null variance has no form for several cases of one patient")
    event, p, q, part_of, note = complete(y, old, new, groups)
    up, down = moves(p, q, cuts, margin)
    change = up.astype(float) - down
    method = nri_name(cuts, margin) + f", {variance} variance"
    method += " clustered by patient" if clustered(part_of) else ""
    n, count = event.size, int(event.sum())
    if not 0 < count < n:
        note = join_notes("one class only", note)

    def estimate(event_part: Any, nonevent_part: Any) -> Estimate:
        """Return the mean of a value among events plus that of another among non-events."""
        total, influence, spread = 0.0, np.zeros(n), 0.0
        for rows, values in ((event, event_part), (~event, nonevent_part)):
            if values is None:
                continue
            size = int(rows.sum())
            if size == 0:
                return Estimate(NAN, NAN, NAN, method, n, level=level, events=count, note=note)
            mean = float(values[rows].mean())
            total += mean
            influence[rows] = (values[rows] - mean) / size
            spread += float(np.mean(values[rows] ** 2)) / size
        value = influence_variance(influence, part_of) if variance == "multinomial" else spread
        se = float(np.sqrt(value))
        half = z_value(level) * se
        return Estimate(total, total - half, total + half, method, n, se, level, count, note)

    found = estimate(change, -change)
    tables = [table(p[rows], q[rows], cuts) for rows in (event, ~event)]
    return Reclassification(
        nri=found,
        nri_event=estimate(change, None),
        nri_nonevent=estimate(None, -change),
        up_event=estimate(up.astype(float), None),
        down_event=estimate(down.astype(float), None),
        up_nonevent=estimate(None, up.astype(float)),
        down_nonevent=estimate(None, down.astype(float)),
        events=tables[0],
        nonevents=tables[1],
        test=wald_test(found),
    )


def idi(y: Any, old: Any, new: Any, level: float = 0.95, groups: Any = None) -> Discrimination:
    """Return the integrated discrimination improvement, with the variance of paired differences.

    Parameters are those of :func:`nri`. The standard error is that of Hmisc::improveProb:
    sqrt(var(d | event) / n1 + var(d | no event) / n0), d the change of the risk.
    """
    event, p, q, part_of, note = complete(y, old, new, groups)
    change, n, count = q - p, event.size, int(event.sum())
    method = "integrated discrimination improvement, paired variance"
    method += " clustered by patient" if clustered(part_of) else ""
    if min(count, n - count) < 2:
        note = join_notes("fewer than two cases with, or without, the event", note)
        none = Estimate(NAN, NAN, NAN, method, n, level=level, events=count, note=note)
        return Discrimination(none, NAN, NAN, NAN, wald_test(none))
    rise, fall = float(change[event].mean()), -float(change[~event].mean())
    influence = np.zeros(n)
    for rows, sign in ((event, 1), (~event, -1)):
        size = int(rows.sum())
        spread = change[rows] - change[rows].mean()
        influence[rows] = sign * spread / np.sqrt(size * (size - 1))
    se = float(np.sqrt(influence_variance(influence, part_of)))
    value, half = rise + fall, z_value(level) * se
    slope = float(p[event].mean() - p[~event].mean())
    found = Estimate(value, value - half, value + half, method, n, se, level, count, note)
    return Discrimination(found, rise, fall, value / slope if slope else NAN, wald_test(found))
