"""Small frozen results: a number is never handed on without its method and the n behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NAN = float("nan")


@dataclass(frozen=True)
class Estimate:
    """A number with its interval.

    Parameters
    ----------
    estimate, lower, upper : float
        NaN where undefined; ``note`` then says why.
    method : str
        How the interval was made.
    n : int
        Cases used.
    se : float
        Standard error on the scale of the estimate; NaN where the method has none.
    level : float
        Confidence level, in (0, 1).
    events : int
        Cases with the event among ``n``; -1 where that has no meaning.
    note : str
        Why something is undefined, or what was left out; empty where there is nothing to say.
    """

    estimate: float
    lower: float
    upper: float
    method: str
    n: int
    se: float = NAN
    level: float = 0.95
    events: int = -1
    note: str = ""


@dataclass(frozen=True)
class TestResult:
    """A test's statistic and p value, with the effect it speaks of where there is one.

    Parameters
    ----------
    statistic, p : float
        NaN where undefined; ``note`` then says why.
    method : str
        Name of the test, with the variant that was used.
    n : int
        Cases used.
    df : float
        Degrees of freedom; NaN where the test has none.
    estimate, lower, upper, se : float
        The effect (a difference, an odds ratio, a correlation) with interval and standard error.
    level : float
        Confidence level of the interval, in (0, 1).
    note : str
        Why something is undefined, or what was left out.
    """

    __test__: ClassVar[bool] = False

    statistic: float
    p: float
    method: str
    n: int
    df: float = NAN
    estimate: float = NAN
    lower: float = NAN
    upper: float = NAN
    se: float = NAN
    level: float = 0.95
    note: str = ""


def floats(x: Any) -> FloatArray:
    """Return ``x`` as a float array (None and NaN become NaN)."""
    return np.asarray(x, dtype=np.float64)


def labels01(y: Any) -> BoolArray:
    """Return a 0/1 outcome as booleans, shape (n,).

    Raises
    ------
    ValueError
        If there is another value than 0 and 1.
    """
    values = floats(y)
    if not np.isin(values, (0.0, 1.0)).all():
        raise ValueError("a binary outcome holds 0 and 1 only")
    return values.astype(np.bool_)


def same_length(**parts: Any) -> None:
    """Check that arrays hold one value for each case.

    Raises
    ------
    ValueError
        If one of them has another number of rows than the first.
    """
    rows = {name: np.shape(part)[0] if np.ndim(part) else 0 for name, part in parts.items()}
    if len(set(rows.values())) > 1:
        said = ", ".join(f"{name} {n}" for name, n in rows.items())
        raise ValueError(f"one value for each case is needed, found: {said}")


def z_value(level: float) -> float:
    """Return the two-sided normal quantile of a confidence level.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.
    """
    from scipy.stats import norm

    if not 0 < level < 1:
        raise ValueError(f"a confidence level of {level:g} is not between 0 and 1")
    return float(norm.ppf(0.5 + level / 2))


def normal_p(z: float) -> float:
    """Return the two-sided p value of a standard normal statistic."""
    from scipy.stats import norm

    return float(2 * norm.sf(abs(z)))


def counted(n: int, noun: str) -> str:
    """Return ``1 case`` or ``2 cases``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def join_notes(*notes: str) -> str:
    """Return the notes that say something, separated by semicolons, none twice."""
    return "; ".join(dict.fromkeys(n for n in notes if n))
