"""The final model's coefficients, and how often each feature was chosen over the resamples."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from radpipe.outputs.base import ModelOutputSpec


class SelectedFeaturesSpec(ModelOutputSpec):
    """Coefficients beside frequencies of selection.

    Parameters
    ----------
    top : int
        How many features a model's panel shows at most.
    """

    kind: Literal["selected_features"] = "selected_features"
    top: Annotated[int, Field(ge=1, le=60)] = 15

    heading: ClassVar[str] = "Selected features"
    section: ClassVar[str] = "models"
