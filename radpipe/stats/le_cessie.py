"""The le Cessie-van Houwelingen test of a logistic model: its unweighted sum of squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from radpipe.stats.calibration_measures import logit
from radpipe.stats.design import matrix
from radpipe.stats.results import NAN, floats, labels01, normal_p


@dataclass(frozen=True)
class LeCessie:
    """Sum of squared errors with its mean and standard deviation under the model, z and p."""

    __test__: ClassVar[bool] = False

    sum_of_squares: float
    expected: float
    sd: float
    z: float
    p: float
    method: str
    n: int
    note: str = ""


def le_cessie(y: Any, risk: Any, X: Any = None) -> LeCessie:
    """Test the fit of a logistic model on the cases it was fitted on, as rms::residuals "gof".

    Parameters
    ----------
    y, risk : array (n,)
        Outcomes 0/1 and fitted probabilities in [0, 1].
    X : array (n, p), optional
        The model's predictors, without the intercept. Left out, the logit of the risk is the only
        one, which is right for risks recalibrated by a line.

    Raises
    ------
    ValueError
        If shapes disagree, a value is missing or a risk lies outside [0, 1].

    Notes
    -----
    le Cessie and van Houwelingen, Biometrics 1991;47:1267, with the standard deviation of Hosmer,
    Hosmer, le Cessie and Lemeshow, Stat Med 1997;16:965: the residual sum of squares of ``1 - 2p``
    on the predictors, weighted by ``p (1 - p)``.
    """
    p = floats(risk)
    event = labels01(y).astype(float)
    if p.shape != event.shape or p.ndim != 1:
        raise ValueError(f"risks of shape {p.shape} for an outcome of shape {event.shape}")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a risk is missing or lies outside [0, 1]")
    method = "le Cessie-van Houwelingen test"
    if np.unique(event).size < 2:
        return LeCessie(NAN, NAN, NAN, NAN, NAN, method, p.size, "fewer than two classes: no test")
    plain = matrix(logit(p) if X is None else X)
    if plain.shape[0] != p.size:
        raise ValueError(f"predictors of {plain.shape[0]} cases, risks of {p.size}")
    design = np.column_stack([np.ones(p.size), plain])
    variance = p * (1 - p)
    root = np.sqrt(variance)
    skew = (1 - 2 * p) * root
    weighted = design * root[:, None]
    rest = skew - weighted @ np.linalg.lstsq(weighted, skew, rcond=None)[0]
    squares, expected = float(np.sum((event - p) ** 2)), float(variance.sum())
    sd = float(np.sqrt(rest @ rest))
    if not sd > 1e-8 * max(float(np.sqrt(skew @ skew)), 1e-300):
        note = "the predictors leave no variance: no test"
        return LeCessie(squares, expected, sd, NAN, NAN, method, p.size, note)
    z = (squares - expected) / sd
    return LeCessie(squares, expected, sd, z, normal_p(z), method, p.size)
