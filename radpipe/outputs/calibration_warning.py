"""How many events and non-events stand behind a calibration curve, and when they are too few."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.evaluation.table import Slice, slices
from radpipe.outputs.base import OutputData
from radpipe.outputs.words import split_title

LEAST = 100
"""Events, and non-events, below which a calibration curve is not to be trusted."""
SHOWN = 6


def few_events(
    rows: pd.DataFrame,
    data: OutputData,
    splits: Sequence[str],
    classes: Sequence[str],
    wanted: Sequence[float | None],
) -> str:
    """Return a warning of splits with fewer than 100 events or non-events; empty where none is.

    By a horizon the event has occurred, or has not: those censored before are neither.
    """
    found: dict[str, None] = {}
    parts = slices(rows, data.outcomes, data.endpoint)
    for split in splits:
        for part in parts:
            if part.split != split or (classes and part.label not in classes):
                continue
            for horizon in wanted:
                if horizon not in part.risk:
                    continue
                known = np.isfinite(part.risk[horizon]).any(axis=1)
                events, others = _counts(part, known, horizon)
                if min(events, others) >= LEAST:
                    continue
                unit = data.endpoint.get("time_unit") or ""
                at = "" if horizon is None else f", {horizon:g} {unit}"
                of = f", {part.label}" if part.label else ""
                found[f"{split_title(split)}{of}{at.rstrip()}: {events} and {others}"] = None
    if not found:
        return ""
    shown = "; ".join(list(found)[:SHOWN])
    more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return (
        f"Fewer than {LEAST} events or non-events ({shown}{more}): calibration curves, "
        "slopes, intercepts and O/E are too uncertain to be relied on."
    )


def _counts(part: Slice, known: NDArray[np.bool_], horizon: float | None) -> tuple[int, int]:
    """Return the events and non-events among the cases that are known."""
    if part.y is not None:
        events = int(part.y[known].sum())
        return events, int(known.sum()) - events
    assert part.time is not None
    assert part.event is not None
    by = part.time[known] <= horizon
    event = part.event[known] == 1
    rival = np.zeros(event.size, bool) if part.competing is None else part.competing[known] == 1
    return int((by & event).sum()), int((~by | rival).sum())
