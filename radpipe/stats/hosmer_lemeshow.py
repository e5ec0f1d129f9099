"""The Hosmer-Lemeshow test, as ResourceSelection::hoslem.test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from radpipe.stats.calibration_measures import known_cases
from radpipe.stats.calibration_surv import quantile_groups
from radpipe.stats.results import NAN, FloatArray, IntArray, floats, join_notes

Grouping = Literal["quantiles", "ranks", "cut2"]


@dataclass(frozen=True)
class HosmerLemeshow:
    """Chi-square over risk groups, with the degrees of freedom in use.

    ``p`` has groups formed - 2 (the model was fitted on these cases), ``p_external`` has groups
    formed (it was not), ``p_asked`` has groups asked for - 2, whatever ties left of them (older
    programs). ``observed`` and ``expected`` are events by group.
    """

    __test__: ClassVar[bool] = False

    statistic: float
    df: int
    p: float
    df_external: int
    p_external: float
    df_asked: int
    p_asked: float
    observed: FloatArray
    expected: FloatArray
    method: str
    n: int
    note: str = ""


def hosmer_lemeshow(
    y: Any, risk: Any, groups: int = 10, by: Grouping = "quantiles", rounded: bool = False
) -> HosmerLemeshow:
    """Test calibration in groups of rising risk.

    Parameters
    ----------
    y, risk : array (n,)
        Outcomes 0/1 and predicted probabilities in [0, 1]; cases with NaN are left out.
    groups : int
        Groups asked for, at least 3. Ties can leave fewer.
    by : "quantiles", "ranks" or "cut2"
        Cut at type-7 quantiles of the risk (right-closed); by rank, which parts equal risks in
        the order of the input; or as Hmisc::cut2, at observed risks.
    rounded : bool
        Take mean risks to 3 and expected events to 2 decimals, as PredictABEL.

    Raises
    ------
    ValueError
        If a risk lies outside [0, 1], or groups or grouping are not allowed.

    Notes
    -----
    Hosmer and Lemeshow, Commun Stat Theory Methods 1980;9:1043.
    """
    from scipy.stats import chi2

    if groups < 3:
        raise ValueError(f"{groups} groups: at least 3")
    event, p, note = known_cases(y, risk)
    _, label, size = np.unique(_labels(p, groups, by), return_inverse=True, return_counts=True)
    observed = floats(np.bincount(label, weights=event))
    expected = floats(np.bincount(label, weights=p))
    k = int(size.size)
    method = f"Hosmer-Lemeshow test, {k} groups"
    mean = np.divide(expected, size)
    if rounded:
        expected, mean, method = np.round(expected, 2), np.round(mean, 3), f"{method}, rounded"
    variance = size * mean * (1 - mean)
    if k < 3 or not (variance > 0).all():
        statistic = NAN
        note = join_notes(note, "fewer than three groups, or one of certain outcome: no test")
    else:
        statistic = float(np.sum((observed - expected) ** 2 / variance))
    p_value = {
        df: float(chi2.sf(statistic, df)) if df > 0 else NAN for df in (k - 2, k, groups - 2)
    }
    return HosmerLemeshow(
        statistic=statistic,
        df=k - 2,
        p=p_value[k - 2],
        df_external=k,
        p_external=p_value[k],
        df_asked=groups - 2,
        p_asked=p_value[groups - 2],
        observed=observed,
        expected=expected,
        method=method,
        n=int(p.size),
        note=note,
    )


def _labels(p: FloatArray, groups: int, by: Grouping) -> IntArray:
    if not p.size:
        return np.zeros(0, dtype=np.int64)
    if by == "ranks":
        rank = np.empty(p.size, dtype=np.int64)
        rank[np.argsort(p, kind="stable")] = np.arange(1, p.size + 1)
        return -(-rank * groups // p.size)
    if by == "cut2":
        return quantile_groups(p, groups)
    if by != "quantiles":
        raise ValueError(f"no grouping {by!r}: quantiles, ranks, cut2")
    cuts = np.unique(np.quantile(p, np.linspace(0, 1, groups + 1)))
    return np.clip(np.searchsorted(cuts, p, side="left") - 1, 0, None).astype(np.int64)
