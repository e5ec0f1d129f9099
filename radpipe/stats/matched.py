"""Proportions on the same cases: McNemar's test for two, Cochran's Q for more."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

from radpipe.stats.proportions import clopper_pearson
from radpipe.stats.results import NAN, TestResult, floats, join_notes
from radpipe.stats.samples import check_level

McNemarKind = Literal["auto", "exact", "mid-p", "chi-square", "corrected"]
_EXACT_BELOW = 25
_NAMES = {
    "exact": "McNemar's test, exact",
    "mid-p": "McNemar's test, mid-p",
    "chi-square": "McNemar's test",
    "corrected": "McNemar's test with continuity correction",
}


def mcnemar(b: int, c: int, kind: McNemarKind = "auto", level: float = 0.95) -> TestResult:
    """Compare paired proportions from the two discordant counts.

    Parameters
    ----------
    b, c : int
        Pairs positive on the first side only, and on the second only.
    kind : str
        ``corrected`` and ``chi-square``: mcnemar.test with and without continuity correction;
        ``exact``: binomial; ``mid-p``: the exact p less half the chance of what was observed on
        either side (Fagerland, Lydersen and Laake, BMC Med Res Methodol 2013;13:91);
        ``auto``: exact below 25 discordant pairs, else corrected.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    TestResult
        ``estimate`` is the conditional odds ratio b / c with its exact interval; ``statistic`` is
        NaN for the exact kinds; ``n`` counts the discordant pairs.
    """
    from scipy.stats import binom, binomtest, chi2

    check_level(level)
    if kind not in get_args(McNemarKind):
        raise ValueError(f"the kind is one of {get_args(McNemarKind)}, not {kind!r}")
    if min(b, c) < 0 or b != int(b) or c != int(c):
        raise ValueError(f"discordant counts are whole numbers from 0 on: {b}, {c}")
    b, c = int(b), int(c)
    n = b + c
    if kind == "auto":
        kind = "exact" if n < _EXACT_BELOW else "corrected"
    if n == 0:
        return TestResult(NAN, NAN, _NAMES[kind], 0, note="no discordant pairs: no test")
    statistic = df = NAN
    if kind in ("exact", "mid-p"):
        p = float(binomtest(b, n, 0.5).pvalue)
        if kind == "mid-p":
            p -= float(binom.pmf(b, n, 0.5)) * (0.5 if b == c else 1.0)
    else:
        off = max(0.0, abs(b - c) - 1) if kind == "corrected" else abs(b - c)
        statistic, df = off**2 / n, 1.0
        p = float(chi2.sf(statistic, df))
    share = clopper_pearson(b, n, level)
    return TestResult(
        statistic,
        p,
        _NAMES[kind],
        n,
        df,
        estimate=_odds(b / n),
        lower=_odds(share.lower),
        upper=_odds(share.upper),
        level=level,
    )


def cochran_q(outcomes: Any) -> TestResult:
    """Compare the proportions of k conditions on the same cases (Cochran, Biometrika 1950;37:256).

    Parameters
    ----------
    outcomes : array (n, k)
        0 and 1, one row a case; a case with a missing value (NaN) is left out.

    Raises
    ------
    ValueError
        If there is another value than 0 and 1, or fewer than two conditions.
    """
    from scipy.stats import chi2

    values = floats(outcomes)
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError(f"cases and at least two conditions are needed, not {values.shape}")
    known = ~np.isnan(values).any(axis=1)
    table = values[known]
    if not np.isin(table, (0.0, 1.0)).all():
        raise ValueError("the outcomes are 0 and 1 only")
    missing = int((~known).sum())
    note = f"{missing} incomplete cases left out" if missing else ""
    method = "Cochran's Q test"
    n, k = table.shape
    per_case, per_condition = table.sum(axis=1), table.sum(axis=0)
    bottom = float(np.sum(per_case * (k - per_case)))
    if bottom == 0:
        note = join_notes(note, "no case differs between conditions: no test")
        return TestResult(NAN, NAN, method, n, k - 1, note=note)
    between = float(np.sum((per_condition - per_condition.mean()) ** 2))
    statistic = k * (k - 1) * between / bottom
    return TestResult(statistic, float(chi2.sf(statistic, k - 1)), method, n, k - 1, note=note)


def _odds(p: float) -> float:
    return float("inf") if p >= 1 else p / (1 - p)
