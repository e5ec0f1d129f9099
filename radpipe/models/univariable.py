"""Each variable alone in a model's regression: what stands beside the final one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from radpipe.core.columns import is_factor_like, variable

INFERENCE = frozenset(
    {"logistic", "nomogram", "multinomial", "ordinal", "linear", "cox", "fine_gray"}
)
"""Families whose coefficients have intervals and p values."""
MOST = 60
"""How many variables are fitted alone, the first."""


def alone(
    build: Callable[[], Any],
    prepare: Any,
    table: pd.DataFrame,
    y: NDArray[Any],
    groups: NDArray[Any],
    names: Sequence[str],
) -> dict[str, Any]:
    """Return the coefficients of each variable in a model of it alone, ready for JSON.

    Parameters
    ----------
    build : callable
        Makes the unfitted model, that of the final fit.
    prepare : Prepare
        Unfitted preparation, that of the final fit too.
    table : DataFrame, shape (n, p)
        The training rows as they are measured.
    y, groups : arrays, shape (n,)
    names : sequence of str
        The variables; the first `MOST` of them are fitted.

    Returns
    -------
    dict
        ``coefficients``, a list by the variable's name, as in a summary; ``reference_levels`` and
        ``z_scores`` of the preparation.
    """
    from sklearn.base import clone

    prepare = clone(prepare)
    prepare.keep = list(names[:MOST])
    prepared = prepare.fit_transform(table, groups)
    found = {}
    for name in prepare.keep:
        columns = [c for c in prepared.columns if judged_as(str(c)) == name]
        if columns:
            summary = build().fit(prepared[columns], y, groups).summary()
            found[name] = summary["coefficients"]
    told = prepare.report()
    return {
        "coefficients": found,
        "reference_levels": told["reference_levels"],
        "z_scores": sorted(told["z_scores"]),
    }


def judged_as(column: str) -> str:
    """Return the variable of a prepared column; a feature's indicator is one of its own."""
    return variable(column) if is_factor_like(column) else column
