"""Variance inflation, from the covariance of a model's coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from radpipe.stats.design import Array
from radpipe.stats.results import NAN, floats


@dataclass(frozen=True)
class Vif:
    """A term's (generalised) variance inflation factor.

    ``gvif`` is the VIF for a term of one column; ``scaled`` is ``gvif ** (1 / (2 df))``,
    comparable between terms (its square is to be held against the usual limits of a VIF).
    """

    gvif: float
    df: int
    scaled: float
    note: str = ""


def vif(vcov: Any, terms: Mapping[str, Any]) -> dict[str, Vif]:
    """Return the generalised VIF of each term, as R's ``car::vif``.

    ``det(R_term) det(R_others) / det(R)`` with R the correlations of the coefficients (Fox and
    Monette, JASA 1992;87:178). In a linear model this is 1 / (1 - R2) of a column on the others.

    Parameters
    ----------
    vcov : array of shape (k, k)
        Covariance of the coefficients of any regression.
    terms : mapping of name to sequence of int
        Each term's rows of ``vcov``, from 0; the intercept is in none.
    """
    correlation, place = _correlation(vcov, [i for w in terms.values() for i in w])
    if correlation is None:
        note = "a coefficient was not estimated: no VIF"
        return {name: Vif(NAN, len(w), NAN, note) for name, w in terms.items()}
    whole = np.linalg.slogdet(correlation)[1]
    out = {}
    for name, which in terms.items():
        own = np.isin(place, which)
        parts = sum(np.linalg.slogdet(correlation[np.ix_(m, m)])[1] for m in (own, ~own))
        gvif, df = float(np.exp(parts - whole)), len(which)
        out[name] = Vif(gvif, df, float(gvif ** (0.5 / df)))
    return out


def column_vif(vcov: Any, intercept: bool = True) -> Array:
    """Return the VIF of every coefficient but the intercept, as R's ``rms::vif``.

    The diagonal of the inverse of the coefficients' correlations, so each level of a factor has
    its own.

    Parameters
    ----------
    vcov : array of shape (k, k)
    intercept : bool
        Whether the first coefficient is an intercept (left out).
    """
    k = floats(vcov).shape[0] - int(intercept)
    correlation, _ = _correlation(vcov, range(int(intercept), k + int(intercept)))
    if correlation is None:
        return np.full(k, np.nan)
    out: Array = np.diag(np.linalg.inv(correlation)).copy()
    return out


def _correlation(vcov: Any, which: Any) -> tuple[Array | None, Array]:
    place = np.asarray(list(which), dtype=np.int64)
    own = floats(vcov)[np.ix_(place, place)]
    spread = np.diag(own)
    if not np.isfinite(own).all() or not (spread > 0).all():
        return None, floats(place)
    return own / np.sqrt(np.outer(spread, spread)), floats(place)
