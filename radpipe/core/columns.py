"""What the name of a column of the inputs table tells."""

from __future__ import annotations

CLINICAL = "clinical."
BATCH = "batch."
COVARIATE = "covariate."
ABOUT = (BATCH, COVARIATE)
"""What tells of a case what no model may use: it is for harmonisation only."""
FEATURE = "__"
MISSING = "=missing"
"""How the 0/1 column that tells where a variable had no value ends."""


def is_factor_like(column: str) -> bool:
    """Return whether a column is described by the clinical dictionary."""
    return column.startswith((CLINICAL, COVARIATE))


def is_feature(column: str) -> bool:
    """Return whether a prepared column holds a radiomic feature, and not where it is missing."""
    return FEATURE in column and not is_factor_like(column) and not column.endswith(MISSING)


def variable(column: str) -> str:
    """Return the input that a prepared column comes from.

    ``clinical.sex`` for ``clinical.sex=Male``; ``t1__a`` for ``t1__a=missing``.
    """
    if is_factor_like(column):
        return column.split("=", 1)[0]
    return column.removesuffix(MISSING)
