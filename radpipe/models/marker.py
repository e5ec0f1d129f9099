"""A measured value taken as it is: no fit."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import pandas as pd
from numpy.typing import NDArray

from radpipe.core.errors import RadpipeError
from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.spec import ModelSpec


class MarkerSpec(ModelSpec):
    """One column and the direction in which the event becomes more likely.

    Parameters
    ----------
    input : str
        One feature (`suv__original_firstorder_Maximum`) or clinical variable
        (`clinical.age`).
    direction : {'higher', 'lower'}
        Whether higher or lower values go with the event; never turned by the data.
    """

    has_risk: ClassVar[bool] = False
    imputes: ClassVar[bool] = False

    kind: Literal["marker"] = "marker"
    input: str
    direction: Literal["higher", "lower"]

    @property
    def inputs(self) -> list[str]:
        """The one column, under the name that other models use."""
        return [self.input]

    @property
    def learns(self) -> bool:
        """A marker learns nothing."""
        return False

    @property
    def selection(self) -> None:
        """A marker selects nothing."""
        return None

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Marker(self.direction)


class Marker(Model):
    """The value itself, or its negative where lower values go with the event."""

    score_scale: ClassVar[ScoreScale] = "value"
    comparable: ClassVar[bool] = True

    def __init__(self, direction: str = "higher") -> None:
        self.direction = direction

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Marker:
        """Learn nothing.

        Raises
        ------
        RadpipeError
            The input is not one column.
        """
        if X.shape[1] != 1:
            raise RadpipeError(
                f"marker: its input gives {X.shape[1]} columns ({', '.join(map(str, X.columns))}) "
                "and a marker is one; name a variable with an order that varies"
            )
        self.names_ = [str(X.columns[0])]
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the value with the sign of the direction; a missing value stays missing."""
        values = X[self.names_[0]].to_numpy(dtype=float)
        return values if self.direction == "higher" else -values

    def summary(self) -> dict[str, Any]:
        """Return the column and the direction."""
        return {
            "coefficients": [],
            "params": {"input": self.names_[0], "direction": self.direction},
            "notes": ["a measured value without a fit: it has a ranking, but no risk"],
        }
