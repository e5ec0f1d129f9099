"""Intraclass correlation tested against any value (McGraw and Wong), as irr::icc."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from radpipe.stats.icc import icc_features
from radpipe.stats.icc_forms import agreement_df, agreement_limits
from radpipe.stats.results import NAN, floats


@dataclass(frozen=True)
class ICCTest:
    """One coefficient with its interval, and the F test of the null value ``r0``."""

    name: str
    estimate: float
    lower: float
    upper: float
    statistic: float
    df1: float
    df2: float
    p: float
    r0: float
    n: int
    k: int
    method: str
    level: float = 0.95
    note: str = ""


def icc_test(
    ratings: Any,
    model: Literal["oneway", "twoway"] = "twoway",
    kind: Literal["consistency", "agreement"] = "agreement",
    unit: Literal["single", "average"] = "single",
    r0: float = 0.0,
    level: float = 0.95,
    as_irr: bool = False,
) -> ICCTest:
    """Test that an intraclass correlation is at most ``r0``.

    Parameters
    ----------
    ratings : array (subjects, raters)
        A subject with a missing rating (NaN) is left out and counted.
    model, kind, unit : str
        ``oneway`` (ICC(1), whatever ``kind`` says), ``twoway`` consistency (ICC(C), that is
        ICC(3)) or agreement (ICC(A), that is ICC(2)); of one rater or of the average of all.
    r0 : float
        The null value, in [0, 1).
    level : float
        Confidence level, in (0, 1).
    as_irr : bool
        irr puts the coefficient of the average into the degrees of freedom of a single rater when
        agreement of the average is asked for; this does so too.

    Raises
    ------
    ValueError
        If the ratings are not a table, or a choice or number is out of range.

    Notes
    -----
    McGraw and Wong, Psychol Methods 1996;1:30 and its correction, tables 4, 7 and 8.
    """
    from scipy.special import fdtrc

    _check(model, kind, unit, r0)
    values = floats(ratings)
    if values.ndim != 2:
        raise ValueError(f"ratings have subjects and raters, not shape {values.shape}")
    found = icc_features(values[None], level)
    ms, n, k = found.mean_squares, found.n[0], found.k
    agreement = model == "twoway" and kind == "agreement"
    single = unit == "single"
    number = "1" if model == "oneway" else "2" if agreement else "3"
    form = found.one(0).forms[f"ICC({number},{'1' if single else 'k'})"]
    raters = "1" if single else str(k)
    name = f"ICC({raters})" if model == "oneway" else f"ICC({'A' if agreement else 'C'},{raters})"
    lower, upper, df2 = form.lower, form.upper, form.df2
    # What r0 means for a single rater.
    null = r0 if single or k < 1 else r0 / (k - (k - 1) * r0)
    with np.errstate(all="ignore"):
        statistic = form.statistic * (1 - null) / (1 + (k - 1) * null)
        if agreement:
            # Mean square of subjects over what it is expected to be where the coefficient is r0.
            of_raters = k * null / (n * (1 - null))
            noise = of_raters * ms.raters + (1 + of_raters * (n - 1)) * ms.error
            statistic = float((ms.subjects / noise)[0])
            slip = as_irr and not single
            used = floats([form.estimate]) if slip else found.estimate[:, 1]
            df = agreement_df(ms, used)
            df2 = float(df[0])
            if slip:
                limits = agreement_limits(ms, df, 0.5 + level / 2)[:, 0]
                lower, upper = (float(v) for v in k * limits / (1 + (k - 1) * limits))
        p = 0.0 if np.isinf(statistic) else float(fdtrc(form.df1, df2, statistic))
    undefined = np.isnan(form.estimate)
    return ICCTest(
        name=name,
        estimate=form.estimate,
        lower=NAN if undefined else lower,
        upper=NAN if undefined else upper,
        statistic=NAN if undefined else statistic,
        df1=form.df1,
        df2=df2,
        p=NAN if undefined else p,
        r0=r0,
        n=int(n),
        k=k,
        method=f"{model} {kind} {unit}; F test (McGraw and Wong)",
        level=level,
        note=found.notes[0],
    )


def _check(model: str, kind: str, unit: str, r0: float) -> None:
    allowed = {
        "model": (model, ("oneway", "twoway")),
        "kind": (kind, ("consistency", "agreement")),
        "unit": (unit, ("single", "average")),
    }
    for name, (found, choices) in allowed.items():
        if found not in choices:
            raise ValueError(f"{name} is {' or '.join(choices)}, not {found!r}")
    if not 0 <= r0 < 1:
        raise ValueError(f"the null value is in [0, 1), not {r0:g}")
