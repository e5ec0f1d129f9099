"""Whether classes are separated, so that a maximum likelihood estimate does not exist."""

from __future__ import annotations

from typing import Literal

import numpy as np

from radpipe.stats.design import Array

Separation = Literal["none", "quasi-complete", "complete"]


def separation(rows: Array) -> Separation:
    """Return whether some direction b has ``rows @ b >= 0`` throughout and > 0 somewhere.

    The likelihood then rises for ever along b (Albert and Anderson, Biometrika 1984;71:1), found
    by linear programming (Konis, DPhil thesis, Oxford 2007). Complete: > 0 in every row.

    Parameters
    ----------
    rows : array of shape (m, k)
        How each case's likelihood answers to the coefficients: in binary logistic regression the
        case's design row, with the sign turned where the outcome is 0.
    """
    from scipy.optimize import linprog

    m, k = rows.shape
    if k == 0:
        return "none"
    scale = np.abs(rows).max(axis=0)
    scaled = rows / np.where(scale > 0.0, scale, 1.0)
    box = (-1.0, 1.0)
    found = linprog(-scaled.sum(axis=0), -scaled, np.zeros(m), bounds=box, method="highs")
    if found.status != 0 or -found.fun <= 1e-6:
        return "none"
    # the same direction with a margin: maximise t where every row is at least t
    margin = np.column_stack([-scaled, np.ones(m)])
    found = linprog(np.r_[np.zeros(k), -1.0], margin, np.zeros(m), bounds=box, method="highs")
    return "complete" if found.status == 0 and -found.fun > 1e-9 else "quasi-complete"


def separation_note(kind: Separation, remedy: str = "") -> str:
    """Return what to say about a fit to separated classes; empty where they are not."""
    if kind == "none":
        return ""
    note = f"{kind} separation: the maximum likelihood estimate is infinite"
    return f"{note}; {remedy}" if remedy else note
