"""Principal components in place of the columns."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radpipe.core.estimator import Estimator
from radpipe.core.spec import only_one
from radpipe.selection.base import ANY, SelectorSpec
from radpipe.selection.projection import Projection


class PcaSpec(SelectorSpec):
    """Replace the columns by their first principal components.

    Columns are put on z scores first. A component's sign is that with which its largest loading
    is positive. The endpoint plays no part.

    Parameters
    ----------
    n : int, optional
        How many components; fewer where the columns or rows have no more. Give it or `variance`.
    variance : float, optional
        Share of the total variance that the components must reach together; give it or `n`.
    """

    endpoints: ClassVar[frozenset[str]] = ANY
    makes_columns: ClassVar[bool] = True

    kind: Literal["pca"] = "pca"
    n: int | None = Field(None, ge=1)
    variance: float | None = Field(None, gt=0, le=1)

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        only_one(self, n="how many", variance="a share to reach")
        return self

    def build(self, seed: int) -> Any:
        """Return the unfitted extractor."""
        return PcaExtractor(self.n, self.variance)


class PcaExtractor(Estimator):
    """Principal components of z scores (divisor n - 1), by the singular value decomposition.

    Constant columns are left out.

    Attributes
    ----------
    projection_ : Projection
        The columns that enter, in order of their names, and their weights.
    explained_ : array, shape (k,)
        Share of the total variance of each component.
    """

    def __init__(self, n: int | None = None, variance: float | None = None) -> None:
        self.n = n
        self.variance = variance

    def fit(self, X: pd.DataFrame, y: Any = None, groups: Any = None) -> PcaExtractor:
        """Learn the components of training rows; parameters as of a selector's ``fit``."""
        names = np.array(sorted(str(c) for c in X.columns), dtype=object)
        values = X[names.tolist()].to_numpy(dtype=float)
        varies = np.ptp(values, axis=0) > 0
        names, values = names[varies], values[:, varies]
        centre, scale = values.mean(axis=0), values.std(axis=0, ddof=1)
        _, d, loadings = np.linalg.svd((values - centre) / scale, full_matrices=False)
        real = d > 1e-10 * d.max(initial=0.0)
        share, loadings = d[real] ** 2 / (d**2).sum(), loadings[real]
        k = min(len(share), self.n or len(share))
        if self.variance is not None:
            # a hair less, so that rounding does not ask for one more
            k = min(len(share), int(np.searchsorted(share.cumsum(), self.variance - 1e-12)) + 1)
        loadings = _signed(loadings[:k])
        digits = len(str(k))
        self.explained_ = share[:k]
        self.projection_ = Projection(
            names.tolist(),
            centre.tolist(),
            scale.tolist(),
            [f"pca__component{i:0{digits}d}" for i in range(1, k + 1)],
            loadings.T.tolist(),
        )
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the components of each row."""
        return self.projection_.transform(X)

    def fit_transform(self, X: pd.DataFrame, y: Any = None, groups: Any = None) -> pd.DataFrame:
        """Learn the components, and return them."""
        return self.fit(X, y, groups).transform(X)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Return the names of the components."""
        return np.array(self.projection_.names, dtype=object)

    def projection(self) -> dict[str, Any]:
        """Return the components as plain numbers."""
        from dataclasses import asdict

        return asdict(self.projection_)

    def log(self) -> dict[str, Any]:
        """Return the share of variance that the components have."""
        return {"variance": round(float(self.explained_.sum()), 6)}


def _signed(loadings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return loadings (k, p) whose largest, the first by name on a tie, is positive."""
    size = np.abs(loadings).round(9)
    leading = loadings[np.arange(len(loadings)), size.argmax(axis=1)]
    return loadings * np.where(leading < 0, -1.0, 1.0)[:, None]
