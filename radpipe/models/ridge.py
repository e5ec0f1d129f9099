"""Ridge regression of a continuous endpoint, as glmnet fits it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from radpipe.core.target import EndpointKind
from radpipe.models.penalised_linear import PenalisedLinear
from radpipe.models.spec import CONTINUOUS, FittedSpec, Scaling
from radpipe.selection.lasso_choice import LassoChoice


class RidgeSpec(LassoChoice, FittedSpec):
    """Ridge regression at lambda.min or lambda.1se (glmnet's ``alpha = 0``); keeps every column.

    Of other endpoints it is `penalised_logistic` and `penalised_cox` with `alpha: 0`.

    Parameters
    ----------
    folds : int
        As for `penalised_linear`: behind a selection the inner folds take their place.
    """

    endpoints: ClassVar[frozenset[str]] = CONTINUOUS
    has_risk: ClassVar[bool] = False
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["ridge"] = "ridge"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Ridge(self.choose, self.folds, seed, 0.0, bool(self.selection))


class Ridge(PenalisedLinear):
    """A linear model whose coefficients are shrunk, none of them to 0."""

    sparse: ClassVar[bool] = False

    def summary(self) -> dict[str, Any]:
        """Return the formula and the cross-validation.

        Not the path of every column: of thousands it would dwarf all else.
        """
        found = super().summary()
        if "path" in found:
            found["path"] = {key: v for key, v in found["path"].items() if key != "coefs"}
        return found
