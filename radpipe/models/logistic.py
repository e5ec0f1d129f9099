"""Logistic regression by maximum likelihood, with inference."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.coefficients import coefficient_table
from radpipe.models.spec import BINARY, FittedSpec, Scaling


class LogisticSpec(FittedSpec):
    """Maximum-likelihood logistic regression; Firth's penalty where the data are separated."""

    endpoints: ClassVar[frozenset[str]] = BINARY
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["logistic"] = "logistic"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Logistic()


class Logistic(Model):
    """Maximum likelihood, or Firth's penalised likelihood where the classes are separated."""

    score_scale: ClassVar[ScoreScale] = "log_odds"

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Logistic:
        """Fit; a column that earlier columns span gets no coefficient."""
        from radpipe.stats.logistic import fit_firth, fit_logistic

        self.names_ = [str(c) for c in X.columns]
        values = X.to_numpy(dtype=float)
        fit = fit_logistic(values, y)
        self.separated_ = fit.separated
        if fit.separated or not fit.converged:
            fit = fit_firth(values, y)
        self.fit_ = fit
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the log odds."""
        from radpipe.stats.logistic import linear_predictor

        return linear_predictor(self.fit_, X.to_numpy(dtype=float))

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return the probability of the event."""
        from scipy.special import expit

        return np.asarray(expit(self.predict_score(X)))

    def summary(self) -> dict[str, Any]:
        """Return coefficients with Wald intervals, and what was odd."""
        fit = self.fit_
        notes = []
        if self.separated_:
            notes.append(
                "a combination of the variables separates the outcome: Firth's penalised "
                "likelihood is used, since maximum likelihood has no finite estimate; its Wald "
                "intervals are rough"
            )
        aliased = [n for n, b in zip(self.names_, fit.coef[1:], strict=True) if np.isnan(b)]
        if aliased:
            notes.append(f"no coefficient, since other columns determine it: {', '.join(aliased)}")
        return {
            "coefficients": coefficient_table(
                self.names_, fit.coef[1:], fit.se[1:], fit.lower[1:], fit.upper[1:], fit.p[1:],
                "or",
            ),
            "intercept": float(fit.coef[0]),
            "params": {"method": fit.method, "interval": "Wald, 95%", "n": fit.n},
            "notes": notes,
        }
