"""How much the coefficients of a new prediction model will have to be shrunk (Riley).

Riley and others, Stat Med 2019;38:1276 (binary and survival) and 2019;38:1262 (continuous).
"""

from __future__ import annotations

import math


def expected_shrinkage(r2: float, parameters: int, n: int) -> float:
    """Return the uniform shrinkage to be expected of a logistic or Cox model of ``n`` cases.

    What Riley's first criterion asks ``n`` for, the other way round.

    Parameters
    ----------
    r2 : float
        Cox-Snell's R2 anticipated in new cases, in (0, 1).
    parameters, n : int
        Candidate predictor parameters and cases, 1 or more.

    Raises
    ------
    ValueError
        If a value is out of range.
    """
    from scipy.optimize import brentq

    check_share("R2", r2)
    if min(parameters, n) < 1:
        raise ValueError(f"{parameters} parameters and {n} cases: at least 1 of each")
    # The cases asked for rise with the shrinkage, from none at r2 to any number at 1.
    low, high = r2 * (1 + 1e-9), 1 - 1e-9
    if cases_for(low, r2, parameters) >= n:
        return low
    return float(brentq(lambda s: cases_for(s, r2, parameters) - n, low, high))


def expected_shrinkage_continuous(r2: float, parameters: int, n: int) -> float:
    """Return the uniform shrinkage to be expected of a linear model of ``n`` cases.

    Parameters
    ----------
    r2 : float
        Adjusted R2 anticipated, in (0, 1).
    parameters, n : int
        Candidate predictor parameters, at least 3, and cases, at least two more.

    Raises
    ------
    ValueError
        If a value is out of range.
    """
    check_share("R2", r2)
    if parameters < 3 or n < parameters + 2:
        raise ValueError(
            f"{parameters} parameters and {n} cases: at least 3, and two cases more than those"
        )
    apparent = (r2 * (n - parameters - 1) + parameters) / (n - 1)
    return 1 + (parameters - 2) / (n * math.log(1 - apparent))


def events_per_parameter(events: int, parameters: int) -> float:
    """Return events for each candidate parameter (for a binary outcome: of the rarer class).

    Raises
    ------
    ValueError
        If events are negative, or there is no parameter.
    """
    if events < 0 or parameters < 1:
        raise ValueError(f"{events} events, {parameters} parameters: at least 0 and 1")
    return events / parameters


def cases_for(shrinkage: float, r2: float, parameters: int) -> float:
    """Return the cases for which this shrinkage is expected."""
    return parameters / ((shrinkage - 1) * math.log(1 - r2 / shrinkage))


def check_share(name: str, value: float) -> None:
    """Refuse a value outside (0, 1)."""
    if not 0 < value < 1:
        raise ValueError(f"a {name} of {value} is not in (0, 1)")
