"""DeLong's interval of the AUC, its clustered form, and tests of one or two AUCs.

Sources: DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837 (variance, paired test);
Obuchowski, Biometrics 1997;53:567 (several cases of one patient); Hanley and
McNeil, Radiology 1982;143:29; pROC (Satterthwaite degrees of freedom for unpaired curves).
:mod:`radpipe.stats.auc_variance` says how repeats of cross-validation enter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np

from radpipe.stats.auc_variance import (
    auc_influence,
    auc_variance,
    delong_method,
    score_matrix,
    shared_influences,
)
from radpipe.stats.clusters import clustered, codes
from radpipe.stats.results import (
    NAN,
    Estimate,
    TestResult,
    floats,
    join_notes,
    labels01,
    normal_p,
    z_value,
)
from radpipe.stats.summaries import auc_hanley_mcneil

_POINT = "the variance is zero: the interval is a point"


def delong(
    y: Any,
    score: Any,
    level: float = 0.95,
    groups: Any = None,
    scale: Literal["plain", "logit"] = "plain",
) -> Estimate:
    """Return the AUC with DeLong's standard error and a Wald interval clipped to [0, 1].

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    score : array (n,)
        A higher score speaks for the event; cases with NaN are left out and counted in the note.
    level : float
        Confidence level, in (0, 1).
    groups : array (n,), optional
        Patient of each case; where a patient has several, Obuchowski's clustered variance.
    scale : {"plain", "logit"}
        Where the Wald interval is made; on the logit scale by the delta method.
    """
    return delong_repeats(y, floats(score)[:, None], level, groups, scale)


def delong_repeats(
    y: Any,
    scores: Any,
    level: float = 0.95,
    groups: Any = None,
    scale: Literal["plain", "logit"] = "plain",
) -> Estimate:
    """Return the mean AUC over repeats, with the variance of averaged placement values.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    scores : array (n, repeats)
        Out-of-fold scores; NaN where a case was not predicted in a repeat.
    level : float
        Confidence level, in (0, 1).
    groups : array (n,), optional
        Patient of each case.
    scale : {"plain", "logit"}
        Where the Wald interval is made.

    Returns
    -------
    Estimate
        The interval is conditional on the fitted models. NaN with a note for one class.
    """
    positive = labels01(y)
    inf = auc_influence(positive, score_matrix(scores, positive))
    used = np.isfinite(inf.values)
    variance, note = auc_variance(inf.values, positive, groups)
    se = float(np.sqrt(variance))
    z = z_value(level)
    if scale == "logit":
        lower, upper, reason = _logit_interval(inf.auc, se, z)
    else:
        lower, upper = _clipped(inf.auc, z * se, 0.0)
        reason = _POINT if se == 0 else ""
    return Estimate(
        estimate=inf.auc,
        lower=lower,
        upper=upper,
        se=se,
        method=delong_method(inf.repeats, groups) + (", logit scale" if scale == "logit" else ""),
        n=int(used.sum()),
        events=int((used & positive).sum()),
        level=level,
        note=join_notes(inf.note, note, reason),
    )


def hanley_mcneil(y: Any, score: Any, level: float = 0.95) -> Estimate:
    """Return the AUC with the standard error of Hanley and McNeil (negative-exponential form).

    It rests on the AUC and the two counts alone; DeLong's is preferred where the scores are known.
    """
    plain = delong(y, score, level)
    a, events, free = plain.estimate, plain.events, plain.n - plain.events
    method = "Hanley-McNeil"
    if np.isnan(a):
        return Estimate(NAN, NAN, NAN, method, plain.n, NAN, level, plain.events, plain.note)
    se = auc_hanley_mcneil(a, events, free, level).se
    lower, upper = _clipped(a, z_value(level) * se, 0.0)
    missing = auc_influence(labels01(y), floats(score)[:, None]).note
    note = join_notes(missing, _POINT if se == 0 else "")
    return Estimate(a, lower, upper, method, plain.n, se, level, events, note)


def delong_against(
    y: Any, score: Any, null: float = 0.5, level: float = 0.95, groups: Any = None
) -> TestResult:
    """Test an AUC against a fixed value by DeLong's standard error; ``estimate`` is the AUC.

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    score : array (n,) or (n, repeats)
        A higher score speaks for the event. With several repeats p is conditional on the fitted
        models.
    null : float
        The AUC under the null hypothesis, in (0, 1).
    level, groups
        As for :func:`delong`.
    """
    if not 0 < null < 1:
        raise ValueError(f"an AUC of {null:g} under the null hypothesis is not between 0 and 1")
    e = delong_repeats(y, score_matrix(score, labels01(y)), level, groups)
    test = _wald(e.estimate - null, e.se, f"{e.method}, AUC against {null:g}", e.n, level, e.note)
    return replace(test, estimate=e.estimate, lower=e.lower, upper=e.upper)


def delong_paired(y: Any, a: Any, b: Any, level: float = 0.95, groups: Any = None) -> TestResult:
    """Compare two AUCs on the same cases; ``estimate`` is AUC(a) - AUC(b).

    Parameters
    ----------
    y : array (n,)
        1 where the event is present, else 0.
    a, b : array (n,) or (n, repeats)
        Scores of the two models. A cell that is NaN in one of them is used in neither. With
        several repeats, the p value is conditional on the fitted models and does not account
        for training: report the difference and its interval, and take p from permutation.
    """
    positive = labels01(y)
    first, second = score_matrix(a, positive), score_matrix(b, positive)
    if first.shape != second.shape:
        raise ValueError(f"scores of shapes {first.shape} and {second.shape} are not paired")
    one, two = shared_influences(positive, np.stack([first, second], axis=2))
    variance, note = auc_variance(one.values - two.values, positive, groups)
    return _wald(
        one.auc - two.auc,
        float(np.sqrt(variance)),
        "paired " + delong_method(one.repeats, groups),
        int(np.isfinite(one.values).sum()),
        level,
        join_notes(one.note, note),
    )


def delong_unpaired(
    y1: Any,
    score1: Any,
    y2: Any,
    score2: Any,
    level: float = 0.95,
    reference: Literal["t", "normal"] = "t",
    groups1: Any = None,
    groups2: Any = None,
) -> TestResult:
    """Compare two AUCs of different cases; ``estimate`` is the first minus the second.

    Parameters
    ----------
    y1, score1, y2, score2 : array (n1,), (n1,), (n2,), (n2,)
        Outcomes and scores of the two sets; scores may have a column per repeat.
    level : float
        Confidence level, in (0, 1).
    reference : {"t", "normal"}
        Student's t with Satterthwaite's df, as pROC, or the normal distribution.
    groups1, groups2 : array (n1,), (n2,), optional
        Patient of each case; df then counts patients.
    """
    from scipy.stats import t

    parts, aucs, sizes, units, notes = [], [], [], [], []
    for y, score, groups in ((y1, score1, groups1), (y2, score2, groups2)):
        positive = labels01(y)
        inf = auc_influence(positive, score_matrix(score, positive))
        used = np.isfinite(inf.values)
        variance, note = auc_variance(inf.values, positive, groups)
        aucs.append(inf.auc)
        parts.append(variance)
        sizes.append(int(used.sum()))
        units.append(np.unique(codes(groups, used.size)[used]).size)
        notes += [inf.note, note]
    name = "DeLong" if not (clustered(groups1) or clustered(groups2)) else "Obuchowski"
    how = "t, Satterthwaite df" if reference == "t" else "normal"
    method = f"unpaired {name} test ({how})"
    note, total, difference = join_notes(*notes), parts[0] + parts[1], aucs[0] - aucs[1]
    if reference == "normal":
        return _wald(difference, float(np.sqrt(total)), method, sum(sizes), level, note)
    if not total > 0 or min(units) < 2:
        note = join_notes(note, "the variance of the difference is zero or undefined: no test")
        return TestResult(NAN, NAN, method, sum(sizes), estimate=difference, note=note)
    se = float(np.sqrt(total))
    df = total**2 / sum(v**2 / (n - 1) for v, n in zip(parts, units, strict=True))
    lower, upper = _clipped(difference, float(t.ppf(0.5 + level / 2, df)) * se, -1.0)
    return TestResult(
        statistic=difference / se,
        p=float(2 * t.sf(abs(difference / se), df)),
        method=method,
        n=sum(sizes),
        df=float(df),
        estimate=difference,
        lower=lower,
        upper=upper,
        se=se,
        level=level,
        note=note,
    )


def _wald(difference: float, se: float, method: str, n: int, level: float, note: str) -> TestResult:
    z = difference / se if se > 0 else NAN
    if se == 0 and np.isfinite(difference):
        note = join_notes(note, "the variance of the difference is zero: no test")
    lower, upper = _clipped(difference, z_value(level) * se, -1.0)
    p = normal_p(z) if np.isfinite(z) else NAN
    return TestResult(z, p, method, n, NAN, difference, lower, upper, se, level, note)


def _clipped(centre: float, half: float, least: float) -> tuple[float, float]:
    if not np.isfinite(half):
        return NAN, NAN
    return max(least, centre - half), min(1.0, centre + half)


def _logit_interval(a: float, se: float, z: float) -> tuple[float, float, str]:
    from scipy.special import expit, logit

    if not np.isfinite(se):
        return NAN, NAN, ""
    if not 0 < a < 1:
        return NAN, NAN, f"an AUC of {a:g} has no logit"
    half = z * se / (a * (1 - a))
    lower, upper = (float(expit(logit(a) + side * half)) for side in (-1, 1))
    return lower, upper, _POINT if se == 0 else ""
