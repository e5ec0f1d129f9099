"""The Hosmer-Lemeshow test, as ResourceSelection::hoslem.test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from radpipe.stats.results import NAN, FloatArray, floats, labels01


@dataclass(frozen=True)
class HosmerLemeshow:
    """Chi-square over risk groups, with both degrees of freedom.

    ``p`` has groups formed - 2 (the model was fitted on these cases), ``p_external`` has groups
    formed (it was not). ``observed`` and ``expected`` are events by group.
    """

    __test__: ClassVar[bool] = False

    statistic: float
    df: int
    p: float
    df_external: int
    p_external: float
    observed: FloatArray
    expected: FloatArray
    method: str
    n: int
    note: str = ""


def hosmer_lemeshow(y: Any, risk: Any, groups: int = 10) -> HosmerLemeshow:
    """Test calibration in groups cut at type-7 quantiles of the risk (right-closed).

    Parameters
    ----------
    y, risk : array (n,)
        Outcomes 0/1 and predicted probabilities in (0, 1). Ties can leave fewer groups.
    """
    from scipy.stats import chi2

    event, p = labels01(y).astype(float), floats(risk)
    cuts = np.unique(np.quantile(p, np.linspace(0, 1, groups + 1)))
    label = np.clip(np.searchsorted(cuts, p, side="left") - 1, 0, None)
    _, label, size = np.unique(label, return_inverse=True, return_counts=True)
    observed = np.bincount(label, weights=event)
    expected = np.bincount(label, weights=p)
    k = size.size
    method = f"Hosmer-Lemeshow test, {k} groups"
    if k < 3 or (expected == 0).any() or (expected == size).any():
        note = "fewer than three groups, or a group of certain outcome: no test"
        return HosmerLemeshow(
            NAN, k - 2, NAN, k, NAN, floats(observed), floats(expected), method, p.size, note
        )
    variance = expected * (1 - expected / size)
    statistic = float(np.sum((observed - expected) ** 2 / variance))
    return HosmerLemeshow(
        statistic=statistic,
        df=k - 2,
        p=float(chi2.sf(statistic, k - 2)),
        df_external=k,
        p_external=float(chi2.sf(statistic, k)),
        observed=floats(observed),
        expected=floats(expected),
        method=method,
        n=p.size,
    )
