"""Two cut-offs that make three groups of equal size."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from radpipe.models.base import FloatArray
from radpipe.models.cutoffs.base import NAN, CutoffSpec, Pair, ScoreAt


class TertilesSpec(CutoffSpec):
    """The scores below which a third and two thirds of the training rows lie: three groups."""

    kind: Literal["tertiles"] = "tertiles"

    def learn(self, y: NDArray[Any], score: FloatArray, score_at: ScoreAt | None = None) -> Pair:
        """Return the cut-offs."""
        low, high = (float(v) for v in np.quantile(score, [1 / 3, 2 / 3]))
        return low, high if high > low else NAN
