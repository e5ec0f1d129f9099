"""Cox proportional hazards regression, with inference."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpipe.core.target import EndpointKind
from radpipe.models.base import FloatArray, Model, ScoreScale
from radpipe.models.coefficients import coefficient_table
from radpipe.models.hazard import baseline_hazard, risk_at
from radpipe.models.spec import SURVIVAL, FittedSpec, Scaling


class CoxSpec(FittedSpec):
    """Cox regression (Efron's method for ties, Efron baseline)."""

    endpoints: ClassVar[frozenset[str]] = SURVIVAL
    scaling: ClassVar[Scaling] = "features"

    kind: Literal["cox"] = "cox"

    def build(self, endpoint: EndpointKind, seed: int) -> Any:
        """Return the unfitted estimator."""
        return Cox()


class Cox(Model):
    """Cox regression; the score is the log hazard relative to the training rows' mean."""

    score_scale: ClassVar[ScoreScale] = "log_hazard"

    def fit(self, X: pd.DataFrame, y: NDArray[Any], groups: Any = None) -> Cox:
        """Fit; a column that earlier columns span gets no coefficient."""
        from radpipe.stats.cox import fit_cox, linear_predictor

        self.names_ = [str(c) for c in X.columns]
        values = X.to_numpy(dtype=float)
        self.fit_ = fit_cox(values, y["time"], y["event"].astype(float))
        self.baseline_ = baseline_hazard(linear_predictor(self.fit_, values), y)
        return self

    def predict_score(self, X: pd.DataFrame) -> FloatArray:
        """Return the linear predictor minus its mean over the training rows."""
        from radpipe.stats.cox import linear_predictor

        return linear_predictor(self.fit_, X.to_numpy(dtype=float))

    def predict_risk(self, X: pd.DataFrame, horizons: tuple[float, ...] = ()) -> FloatArray:
        """Return P(event by each horizon), shape (n, len(horizons))."""
        return risk_at(self.baseline_, self.predict_score(X), horizons)

    def summary(self) -> dict[str, Any]:
        """Return coefficients with Wald intervals, and what was odd."""
        fit = self.fit_
        notes = []
        if fit.monotone:
            runaway = ", ".join(self.names_[j] for j in fit.monotone)
            notes.append(
                f"the likelihood rises without end in {runaway}: its coefficient and interval "
                "mean nothing, though the ranking stands"
            )
        aliased = [n for n, b in zip(self.names_, fit.coef, strict=True) if np.isnan(b)]
        if aliased:
            notes.append(f"no coefficient, since other columns determine it: {', '.join(aliased)}")
        return {
            "coefficients": coefficient_table(
                self.names_, fit.coef, fit.se, fit.lower, fit.upper, fit.p, "hr"
            ),
            "intercept": None,
            "centre": dict(zip(self.names_, fit.means.tolist(), strict=True)),
            "params": {"ties": fit.ties, "interval": "Wald, 95%", "n": fit.n,
                       "events": fit.events},
            "notes": notes,
        }
