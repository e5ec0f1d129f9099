"""Recalibration of a model's risks in new cases: its intercept alone, or intercept and slope.

Steyerberg and others, Stat Med 2004;23:2567.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import expit

from radpipe.stats.calibration_measures import known_cases, logit
from radpipe.stats.design import DegenerateDataError
from radpipe.stats.recalibration import recalibrate
from radpipe.stats.results import FloatArray, floats


@dataclass(frozen=True)
class RiskUpdate:
    """The line from a model's logits to recalibrated ones, with its standard errors."""

    intercept: float
    slope: float
    intercept_se: float
    slope_se: float
    method: str
    n: int

    def apply(self, risk: Any) -> FloatArray:
        """Return recalibrated risks; NaN stays NaN.

        Raises
        ------
        ValueError
            If a risk lies outside [0, 1].
        """
        p = floats(risk)
        if not (np.isnan(p) | ((p >= 0) & (p <= 1))).all():
            raise ValueError("a risk lies outside [0, 1]")
        return floats(expit(self.intercept + self.slope * logit(p)))


def update_risks(
    y: Any, risk: Any, method: Literal["intercept", "logistic"] = "logistic"
) -> RiskUpdate:
    """Fit a recalibration; use it on other cases than those it was fitted on.

    Parameters
    ----------
    y, risk : array (n,)
        Outcomes 0/1 and the model's probabilities in [0, 1]; cases with NaN are left out.
    method : "intercept" or "logistic"
        Shift the logits so that the mean risk is right, or fit intercept and slope.

    Raises
    ------
    DegenerateDataError
        If the cases do not determine the line: one class, equal risks, separated classes.
    ValueError
        If a risk lies outside [0, 1], or there is no such method.
    """
    if method not in ("intercept", "logistic"):
        raise ValueError(f"no recalibration {method!r}: intercept, logistic")
    event, p, _ = known_cases(y, risk)
    line = recalibrate(event, logit(p)[:, None], np.ones((p.size, 1)))
    alone = method == "intercept"
    found = line.shift if alone else line.intercept
    if np.isnan(found).any():
        raise DegenerateDataError(f"no recalibration: {line.reason[0]}")
    return RiskUpdate(
        intercept=float(found[0]),
        slope=1.0 if alone else float(line.slope[0]),
        intercept_se=float((line.shift_se if alone else line.intercept_se)[0]),
        slope_se=0.0 if alone else float(line.slope_se[0]),
        method="intercept" if alone else "intercept and slope",
        n=int(p.size),
    )
