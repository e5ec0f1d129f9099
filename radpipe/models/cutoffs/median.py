"""The median as the cut-off."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.models.base import FloatArray
from radpipe.models.cutoffs.base import NAN, CutoffSpec, Pair, ScoreAt


class MedianSpec(CutoffSpec):
    """The median score."""

    kind: Literal["median"] = "median"

    def learn(self, y: NDArray[Any], score: FloatArray, score_at: ScoreAt | None = None) -> Pair:
        """Return the cut-off."""
        return float(np.median(score)), NAN
