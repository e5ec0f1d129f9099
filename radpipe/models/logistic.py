"""Logistic regression by maximum likelihood, with inference."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.coefficients import coefficient_table, determined
from radpipe.models.intervals import logistic_spread
from radpipe.models.line import LogOdds
from radpipe.models.spec import BINARY, FittedSpec, Scaling


class LogisticSpec(FittedSpec):
    """Maximum-likelihood logistic regression; Firth's penalty where the data are separated."""

    endpoints: ClassVar[frozenset[str]] = BINARY
    takes_weights: ClassVar[bool] = True
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["logistic"] = "logistic"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Logistic()


class Logistic(LogOdds):
    """Maximum likelihood, or Firth's penalised likelihood where the classes are separated."""

    def fit(
        self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None, sample_weight: Any = None
    ) -> Logistic:
        """Fit; a column that earlier columns span gets no coefficient."""
        from radpipe.stats.logistic import fit_firth, fit_logistic

        self.names_ = [str(c) for c in X.columns]
        values = X.to_numpy(dtype=float)
        fit = fit_logistic(values, y, sample_weight)
        notes = []
        if fit.separated:
            notes.append(
                "a combination of the variables separates the outcome: Firth's penalised "
                "likelihood is used, since maximum likelihood has no finite estimate; its Wald "
                "intervals are rough"
            )
        if fit.separated or not fit.converged:
            fit = fit_firth(values, y, sample_weight)
        self.intercept_ = float(fit.coef[0])
        self.coef_ = np.nan_to_num(fit.coef[1:])
        self.spread_ = logistic_spread(self.names_, fit)
        self.summary_ = {
            "coefficients": coefficient_table(
                self.names_,
                fit.coef[1:],
                fit.se[1:],
                fit.lower[1:],
                fit.upper[1:],
                fit.p[1:],
                "or",
            ),
            "intercept": self.intercept_,
            "params": {"method": fit.method, "interval": "Wald, 95%", "n": fit.n},
            "notes": notes + determined(self.names_, fit.coef[1:]),
        }
        return self
