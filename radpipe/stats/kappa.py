"""Chance-corrected agreement of two raters: Cohen's kappa, plain or weighted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from radpipe.stats.results import (
    NAN,
    BoolArray,
    FloatArray,
    IntArray,
    floats,
    join_notes,
    normal_p,
    z_value,
)

Weights = Literal["unweighted", "linear", "quadratic"]


@dataclass(frozen=True)
class Kappa:
    """A kappa with its interval, and the test of no agreement beyond chance.

    ``se`` belongs to the interval, ``se0`` (the standard error where kappa is zero) to ``z`` and
    ``p``. ``observed`` and ``expected`` are the (weighted) shares of agreement, found and by
    chance; ``pabak`` is what kappa would be if every category were equally likely. NaN where
    undefined; ``note`` then says why.
    """

    estimate: float
    method: str
    n: int
    raters: int = 2
    lower: float = NAN
    upper: float = NAN
    se: float = NAN
    z: float = NAN
    p: float = NAN
    se0: float = NAN
    observed: float = NAN
    expected: float = NAN
    pabak: float = NAN
    level: float = 0.95
    note: str = ""


def agreement_table(a: Any, b: Any, levels: Sequence[Any] | None = None) -> IntArray:
    """Return the counts (levels, levels) of two raters' categories, rater ``a`` in the rows.

    Parameters
    ----------
    a, b : array (n,)
        Categories; a pair with a missing one (None, NaN) is left out.
    levels : sequence, optional
        The whole scale in its order, also what nobody used; None: the sorted categories found.

    Raises
    ------
    ValueError
        If the arrays differ in length, or hold what is no level.
    """
    first, second = np.asarray(a, dtype=object), np.asarray(b, dtype=object)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"ratings of shapes {first.shape} and {second.shape} are not paired")
    coded, names = coded_levels(np.column_stack([first, second]), levels)
    kept = coded[(coded >= 0).all(axis=1)]
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(counts, (kept[:, 0], kept[:, 1]), 1)
    return counts


def cohen_kappa(
    a: Any,
    b: Any,
    levels: Sequence[Any] | None = None,
    weights: Weights = "unweighted",
    level: float = 0.95,
) -> Kappa:
    """Return Cohen's kappa of two raters; parameters as :func:`agreement_table`.

    Weights depend on the whole scale: name ``levels`` where a category may go unused.
    """
    counts = agreement_table(a, b, levels)
    missing = np.asarray(a, dtype=object).size - int(counts.sum())
    note = f"{missing} incomplete pairs left out" if missing else ""
    return kappa_of_table(counts, weights, level, note)


def kappa_of_table(
    counts: Any, weights: Weights = "unweighted", level: float = 0.95, note: str = ""
) -> Kappa:
    """Return Cohen's kappa of a table of counts.

    Parameters
    ----------
    counts : array (levels, levels)
        Rater one in the rows, rater two in the columns, the same levels in both.
    weights : str
        Credit for a disagreement of d steps on a scale of m levels: none, 1 - d / (m - 1)
        (linear) or 1 - (d / (m - 1))^2 (quadratic).
    level : float
        Confidence level, in (0, 1).

    Raises
    ------
    ValueError
        If the table is not square, holds a negative number, or the weights are not known.

    Notes
    -----
    Cohen, Psychol Bull 1968;70:213; large-sample standard errors of Fleiss, Cohen and Everitt,
    Psychol Bull 1969;72:323 (Wald interval as vcd::Kappa, test as irr::kappa2).
    """
    table = floats(counts)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not (table >= 0).all():
        raise ValueError(f"agreement needs a square table of counts, not shape {table.shape}")
    credit = _credit(weights, table.shape[0])
    n = float(table.sum())
    nothing = Kappa(NAN, f"Cohen's kappa, {weights}; Wald interval", round(n), level=level)
    if n == 0:
        return replace(nothing, note=join_notes(note, "no pairs: no kappa"))
    share = table / n
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    by_chance = np.outer(rows, columns)
    observed, expected = float(np.sum(credit * share)), float(np.sum(credit * by_chance))
    m, exact = table.shape[0], float(np.trace(share))
    known = replace(
        nothing,
        observed=observed,
        expected=expected,
        pabak=(m * exact - 1) / (m - 1) if m > 1 else NAN,
        note=note,
    )
    if expected >= 1 - 1e-12:
        reason = "both raters used one and the same category: no kappa"
        return replace(known, note=join_notes(note, reason))
    kappa = (observed - expected) / (1 - expected)
    margin = (credit @ columns)[:, None] + (rows @ credit)[None, :]
    scale = float(np.sqrt(n)) * (1 - expected)
    spread = np.sum(share * (credit - margin * (1 - kappa)) ** 2)
    spread0 = np.sum(by_chance * (credit - margin) ** 2)
    se = _root(float(spread) - (kappa - expected * (1 - kappa)) ** 2) / scale
    se0 = _root(float(spread0) - expected**2) / scale
    return with_errors(replace(known, estimate=kappa), se, se0)


def with_errors(kappa: Kappa, se: float, se0: float) -> Kappa:
    """Return a kappa with Wald's interval and, where ``se0`` is above 0, its z test."""
    half = z_value(kappa.level) * se
    z = kappa.estimate / se0 if se0 > 0 else NAN
    return replace(
        kappa,
        lower=kappa.estimate - half,
        upper=kappa.estimate + half,
        se=se,
        z=z,
        p=normal_p(z),
        se0=se0,
        note=kappa.note if se0 > 0 else join_notes(kappa.note, "no variance by chance: no test"),
    )


def coded_levels(
    ratings: Any, levels: Sequence[Any] | None = None
) -> tuple[IntArray, tuple[Any, ...]]:
    """Return ratings as level numbers (-1 where missing), in their shape, and the levels."""
    values = np.asarray(ratings, dtype=object)
    known = _known(values)
    found = set(values[known].tolist())
    names = tuple(sorted(found)) if levels is None else tuple(levels)
    if len(set(names)) < len(names):
        raise ValueError("a level is named twice")
    strange = sorted(found - set(names), key=str)
    if strange:
        raise ValueError(
            f"ratings hold {', '.join(map(repr, strange[:5]))}; "
            f"the levels are {', '.join(map(repr, names))}"
        )
    number = {name: i for i, name in enumerate(names)}
    coded = np.full(values.shape, -1, dtype=np.int64)
    coded[known] = [number[value] for value in values[known]]
    return coded, names


def _known(values: Any) -> BoolArray:
    # NaN alone differs from itself.
    flags = [value is not None and value == value for value in values.ravel()]
    return np.array(flags, dtype=np.bool_).reshape(values.shape)


def _credit(weights: str, m: int) -> FloatArray:
    if weights not in ("unweighted", "linear", "quadratic"):
        raise ValueError(f"weights are unweighted, linear or quadratic, not {weights!r}")
    if weights == "unweighted" or m < 2:
        return np.eye(m)
    steps = np.abs(np.subtract.outer(np.arange(m), np.arange(m))) / (m - 1)
    return floats(1 - steps ** (1 if weights == "linear" else 2))


def _root(variance: float) -> float:
    """Return the root of a variance that is zero where rounding leaves less than 1e-15."""
    return float(np.sqrt(variance)) if variance > 1e-15 else 0.0
