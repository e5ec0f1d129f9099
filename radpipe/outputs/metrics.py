"""The metrics of every model with 95% intervals."""

from __future__ import annotations

from typing import ClassVar, Literal

from radpipe.outputs.base import ModelOutputSpec


class MetricsSpec(ModelOutputSpec):
    """The metrics table.

    Parameters
    ----------
    apparent : bool
        Whether the final models' values on their own training rows are listed too, as such.
    """

    kind: Literal["metrics"] = "metrics"
    apparent: bool = True

    heading: ClassVar[str] = "Performance of the models"
