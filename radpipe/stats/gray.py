"""Gray's test that groups have the same cumulative incidence of a cause, as cmprsk::cuminc."""

from __future__ import annotations

from typing import Any

import numpy as np

from radpipe.stats.cumulative_incidence import Counts, binomial_variance, count, times_and_causes
from radpipe.stats.results import NAN, FloatArray, IntArray, TestResult, floats


def gray_test(
    time: Any, event: Any, group: Any, cause: int = 1, rho: float = 0.0, strata: Any = None
) -> TestResult:
    """Test whether the cumulative incidence of a cause is the same in two or more groups.

    Parameters
    ----------
    time, event, group : array (n,)
        Time, 0 (censored) or the number of the cause, and group labels.
    cause : int
        The cause of interest, >= 1.
    rho : float
        Power of the weight (1 - pooled incidence)^rho.
    strata : array (n,), optional
        Scores and variances are added up over strata.

    Raises
    ------
    ValueError
        If there are no cases, times or events are none, or lengths differ.

    References
    ----------
    Gray, Ann Stat 1988;16:1141, with the variance for ties of a hypergeometric number of events.
    """
    from scipy.stats import chi2

    t, code = times_and_causes(time, event, cause)
    labels = np.asarray(group)
    layer = np.zeros(t.size) if strata is None else np.asarray(strata)
    if labels.shape != t.shape or layer.shape != t.shape:
        raise ValueError(f"{labels.size} groups and {layer.size} strata for {t.size} times")
    names, place = np.unique(labels, return_inverse=True)
    g = names.size
    score, variance = np.zeros(g), np.zeros((g, g))
    for value in np.unique(layer):
        own = layer == value
        s, v = _score(t[own], code[own], place[own], g, rho)
        score, variance = score + s, variance + v
    method = f"Gray's test for cause {cause}" + (f" (rho = {rho:g})" if rho else "")
    method += "" if strata is None else ", stratified"
    middle = variance[:-1, :-1]
    if g < 2 or np.linalg.matrix_rank(middle) < g - 1:
        why = "one group only" if g < 2 else "no events while several groups were at risk"
        return TestResult(NAN, NAN, method, t.size, g - 1, note=f"{why}: no test")
    statistic = float(score[:-1] @ np.linalg.solve(middle, score[:-1]))
    return TestResult(statistic, float(chi2.sf(statistic, g - 1)), method, t.size, g - 1)


def _score(
    t: FloatArray, code: IntArray, place: IntArray, g: int, rho: float
) -> tuple[FloatArray, FloatArray]:
    """Return the scores (g,) and their variance (g, g).

    R_k = r_k G_k(u-) / S_k(u-) counts a group's cases that have had no event of the cause, those
    with another event included as far as they would still be followed (Gray, section 2). Arrays
    are (times, groups).
    """
    times = np.unique(t[code > 0])
    groups = [count(t[place == k], code[place == k], times) for k in range(g)]
    r, d1, d2 = (
        np.column_stack([getattr(c, name) for c in groups])
        for name in ("at_risk", "events", "competing")
    )
    before, after, f_before = _curves(groups)
    present = r > 0
    size = np.divide(r, before, out=np.zeros(r.shape), where=present)
    pooled = size.sum(axis=1)
    dead = d1.sum(axis=1)
    f = np.cumsum(dead / pooled)
    f_left = np.append(0.0, f)[:-1]
    weight = np.maximum(1 - f_left, 0.0) ** rho
    still = size * (1 - f_before)
    expected = dead[:, None] * still / still.sum(axis=1, keepdims=True)
    score = (weight[:, None] * (d1 - expected)).sum(axis=0)

    # a[u, i, k]: how an event of the cause in group k moves score i; c sums what it moves through
    # the pooled hazard up to u.
    share = size / pooled[:, None]
    a = weight[:, None, None] * (
        size[:, :, None] * np.eye(g) - size[:, :, None] * share[:, None, :]
    )
    hazard = np.divide(dead, pooled * (1 - f_left), out=np.zeros(dead.size), where=f_left != 1)
    c = np.cumsum(a * hazard[:, None, None], axis=0)
    later = c[-1] - c if times.size else c
    left = np.divide((1 - f)[:, None], after, out=np.zeros(r.shape), where=after > 0)
    own = np.where(after > 0, 1 - left, 1.0)
    # Events of the cause follow the pooled hazard; those of other causes each group's own.
    risk = pooled[:, None] * before
    tied = 1 - np.divide(
        dead[:, None] - 1, risk - 1, out=np.zeros(r.shape), where=(dead[:, None] > 1) & (risk > 1)
    )
    spread1 = np.divide(
        tied * before * dead[:, None], pooled[:, None] * r, out=np.zeros(r.shape), where=present
    )
    spread2 = before**2 * binomial_variance(d2, r) * (after > 0)
    first = a + own[:, None, :] * later
    second = left[:, None, :] * later
    variance = np.einsum("uik,ujk,uk->ij", first, first, spread1)
    variance += np.einsum("uik,ujk,uk->ij", second, second, spread2)
    return floats(score), floats(variance)


def _curves(groups: list[Counts]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return each group's event-free curve before and after each time, and its incidence before.

    A group of which nobody is at risk any more stays where it is.
    """
    before, after, f_before = [], [], []
    for c in groups:
        r = np.maximum(c.at_risk, 1.0)
        s = np.cumprod(1 - (c.events + c.competing) / r)
        left = np.append(1.0, s)[: s.size]
        f = np.cumsum(left * c.events / r)
        before.append(left)
        after.append(s)
        f_before.append(np.append(0.0, f)[: f.size])
    return (
        floats(np.column_stack(before)),
        floats(np.column_stack(after)),
        floats(np.column_stack(f_before)),
    )
