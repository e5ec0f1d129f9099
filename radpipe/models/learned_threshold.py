"""What a report says of the cut-off of a single variable: its rule, its spread, its honest p."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.numbers import number
from radpipe.models.cutoffs.base import CutoffSpec
from radpipe.models.cutoffs.registry import CUTOFFS
from radpipe.models.cutoffs.report import bootstrap, p_values
from radpipe.models.cutoffs.report import spread as spread_of
from radpipe.models.threshold import Threshold
from radpipe.resampling.streams import integer, stream

RULES = {"log_rank": "max_logrank"}
"""Cut-offs of a variable that the registry of cut-offs calls otherwise."""
METHOD = "central 95% over bootstrap draws of the training cases"
SEARCHED = "corrected for the search of the cut-off"


def rule_of(model: Threshold) -> CutoffSpec:
    """Return the rule by which a cut-off is learned from values that rise with the event."""
    share = {"at": model.share} if model.at in ("sensitivity", "specificity") else {}
    rule: CutoffSpec = CUTOFFS[RULES.get(str(model.at), str(model.at))](**share)
    return rule


def threshold_report(
    model: Threshold,
    X: pd.DataFrame,
    y: NDArray[Any],
    groups: NDArray[Any],
    seed: int,
    resampled: Sequence[float] = (),
) -> dict[str, Any]:
    """Return ``threshold``, and ``cutoff_p`` where p has to be corrected.

    The first holds value, rule and, where it is learned, bootstrap and the resamples' cut-offs.

    Parameters
    ----------
    model : Threshold
        Fitted.
    X, y, groups : table (n, 1), arrays (n,)
        Its training rows, each case once.
    seed : int
        Of draws and permutations.
    resampled : sequence of float
        The cut-offs of the resamples' fits.
    """
    value = number(model.cutoff_)
    if not isinstance(model.at, str):
        given = {"kind": "fixed", "on": "value", "at": model.cutoff_}
        return {"threshold": {"value": value, "rule": given}}
    rule = rule_of(model)
    sign = -1.0 if model.direction == "lower" else 1.0
    score = sign * X[model.names_[0]].to_numpy(dtype=float)
    draws = bootstrap(rule, y, score[:, None], groups, stream(seed, "threshold"))
    spread = spread_of(sign * draws, several=False) | {"method": METHOD}
    found: dict[str, Any] = {
        "threshold": {
            "value": value,
            "rule": rule.model_dump(mode="json"),
            "bootstrap": spread,
            "cutoffs": [number(v) for v in resampled],
        }
    }
    if rule.optimised and np.isfinite(model.cutoff_):
        p = p_values(rule, y, score, groups, integer(seed, "threshold_p"))
        found["cutoff_p"] = p | ({"note": SEARCHED} if p["corrected"] is not None else {})
    return found
