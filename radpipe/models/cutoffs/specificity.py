"""The cut-off that keeps a specificity."""

from __future__ import annotations

from typing import Literal

from radpipe.models.cutoffs.rate import RateSpec


class SpecificitySpec(RateSpec):
    """The lowest score with at least this specificity, which has the best sensitivity.

    Parameters
    ----------
    at : float
        The specificity on inner out-of-fold scores, above 0 and at most 1.
    """

    kind: Literal["specificity"] = "specificity"
