"""Coefficients with their intervals, as rows of a summary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from radpipe.core.numbers import number
from radpipe.models.base import FloatArray
from radpipe.stats.clusters import with_vcov

WALD = "Wald, 95%"
BY_PATIENT = ", clustered by patient"
FEW = (
    "several rows a patient, and too few patients for errors by patient: no standard errors, "
    "intervals or p values"
)
ENOUGH_PATIENTS = 40
ROUGH = (
    "errors by patient rest on {} patients: below about {} they come out too small, and intervals "
    "too narrow"
)
NO_FORM = (
    "several rows a patient, for which {} has no errors: no standard errors, intervals or p values"
)

Fit = TypeVar("Fit")


def ratio(coef: float) -> float | None:
    """Return exp(coef), or None where it is undefined or beyond a float."""
    return math.exp(coef) if math.isfinite(coef) and coef < 700 else None


def coefficient_table(
    names: Sequence[str],
    coef: FloatArray,
    se: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    p: FloatArray,
    effect: str,
) -> list[dict[str, Any]]:
    """Return one dict a coefficient.

    ``effect`` ("or", "hr", "shr") names the exponentiated one; where it is empty there is none.
    """
    return [
        {
            "name": name,
            "coef": number(b),
            "se": number(s),
            "lower": number(lo),
            "upper": number(up),
            "p": number(pv),
            **(
                {effect: ratio(b), f"{effect}_lower": ratio(lo), f"{effect}_upper": ratio(up)}
                if effect
                else {}
            ),
        }
        for name, b, s, lo, up, pv in zip(names, coef, se, lower, upper, p, strict=True)
    ]


def determined(names: Sequence[str], coef: FloatArray) -> list[str]:
    """Return a note on the columns without a coefficient, or nothing."""
    aliased = [n for n, b in zip(names, coef, strict=True) if math.isnan(b)]
    if not aliased:
        return []
    return [f"no coefficient, since other columns determine it: {', '.join(aliased)}"]


def by_patient(fit: Fit, vcov: FloatArray, groups: Any) -> tuple[Fit, str, list[str]]:
    """Return a fit with a covariance clustered by patient, what its intervals are, and notes."""
    return with_vcov(fit, vcov), *patient_words(WALD, vcov, groups)


def patient_words(interval: str, errors: FloatArray, groups: Any) -> tuple[str, list[str]]:
    """Return what intervals clustered by patient are, and what is to be noted of them.

    No word of intervals, and a note, where there are too few patients for any; a note too where
    there are so few that errors come out small (Cameron and Miller, Journal of Human Resources
    2015: 20 to 50).
    """
    if not np.isfinite(errors).any():
        return "", [FEW]
    n = len(np.unique(groups))
    return interval + BY_PATIENT, [] if n >= ENOUGH_PATIENTS else [ROUGH.format(n, ENOUGH_PATIENTS)]


def without_errors(fit: Fit, method: str) -> tuple[Fit, str, list[str]]:
    """Return a fit without standard errors, intervals and p values, and the note that says why."""
    unknown = np.full(np.shape(fit.vcov), np.nan)  # type: ignore[attr-defined]
    return with_vcov(fit, unknown), "", [NO_FORM.format(method)]


def interval_words(interval: str) -> dict[str, str]:
    """Return what the intervals are, for a summary's ``params``; nothing where there is none."""
    return {"interval": interval} if interval else {}
