"""The cut-off that keeps a sensitivity."""

from __future__ import annotations

from typing import Literal

from radpipe.models.cutoffs.rate import RateSpec


class SensitivitySpec(RateSpec):
    """The highest score with at least this sensitivity, which has the best specificity.

    Parameters
    ----------
    at : float
        The sensitivity on inner out-of-fold scores, above 0 and at most 1.
    """

    kind: Literal["sensitivity"] = "sensitivity"
