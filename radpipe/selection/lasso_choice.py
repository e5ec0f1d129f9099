"""How the penalty of a LASSO is chosen, for the selector and the models alike."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from radpipe.core.spec import Spec


class LassoChoice(Spec):
    """The settings that a LASSO selector and the penalised models share.

    Parameters
    ----------
    choose : {'min', '1se'}
        Penalty: `min` has the lowest cross-validated deviance; `1se` is the largest within
        one standard error of it, and keeps fewer columns.
    folds : int
        Folds of the cross-validation that chooses the penalty, inside the training rows.
    """

    choose: Literal["min", "1se"] = "min"
    folds: int = Field(10, ge=3)
